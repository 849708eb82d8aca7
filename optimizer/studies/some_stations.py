"""The results of a study for some of its stations: what all tables, ranks and answers are of these alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from msgspec import structs

from models.errors import Problem
from optimizer.files.errors import InputErrors, did_you_mean
from optimizer.files.plain_text import some_of
from optimizer.studies.answers.curves import cost_curves
from optimizer.studies.answers.differences import differences
from optimizer.studies.answers.sums import ranked_alone
from optimizer.studies.folder import StudyResults
from optimizer.studies.month_bound.verdicts import ranking_with_bounds
from optimizer.studies.ranking import cheapest_changes
from optimizer.studies.sentences import Findings, sentences
from optimizer.studies.summary import PlansTaken, StationNights, StudySummary
from optimizer.studies.tables import RankedTariff, StationTariff, StudyTables

SAVINGS = "savings_"
Ranked = dict[str, list[RankedTariff]]


def only_stations(results: StudyResults, names: Sequence[str], folder: str) -> StudyResults:
    """The results as if no other stations had been studied. `folder`: that of the study, for messages.

    Stations have been planned by themselves, so nothing of them changes. Raises InputErrors for names that are no
    station of the study.
    """
    known = results.summary.stations
    if wrong := [name for name in names if name not in known]:
        rule = "is no station of the study"
        remedies = [did_you_mean(name, known, f"its stations: {some_of(known)}") for name in wrong]
        found = zip(wrong, remedies, strict=True)
        raise InputErrors(folder, [Problem("--station", name, rule, remedy) for name, remedy in found])
    kept = tuple(name for name in known if name in names)
    if len(kept) == len(known):
        return results
    tables = _tables(results.tables, kept)
    return replace(
        results, summary=_summary(results.summary, tables, kept), tables=tables, left_out=len(known) - len(kept)
    )


def _tables(tables: StudyTables, kept: Sequence[str]) -> StudyTables:
    return StudyTables(
        [row for row in tables.nights if row.station in kept],
        [row for row in tables.periods if row.station in kept],
        [row for row in tables.bills if row.station in kept],
        [row for row in tables.profiles if row.station in kept],
        stations=[row for row in tables.stations if row.station in kept],
    )


def _summary(summary: StudySummary, tables: StudyTables, kept: Sequence[str]) -> StudySummary:
    asked = structs.replace(
        summary,
        stations=tuple(kept),
        station_nights=StationNights(
            len(kept) * len(summary.variants) * summary.nights,
            len({(row.variant, row.station, row.night) for row in tables.nights}),
        ),
        fallbacks=tuple(one for one in summary.fallbacks if one.station in kept),
        failed=tuple(one for one in summary.failed if one.station in kept),
        not_for=tuple(one for one in summary.not_for if not one.station or one.station in kept),
        month_bounds=tuple(one for one in summary.month_bounds if one.station in kept),
        plans_taken=tuple(one for one in summary.plans_taken if one.station in kept),
    )
    ranked = ranking_with_bounds(_ranked(asked, tables), tables.stations)
    rows = tuple(row for order in ranked.values() for row in order)
    restricted = [_taken_in_words(one) for one in asked.plans_taken]
    curves = tuple(cost_curves(asked.variants, asked.station_values, asked.tariffs, rows))
    found = Findings(ranked, tables.stations, asked.same_energy_prices, restricted, curves, asked.not_for)
    return structs.replace(
        asked,
        ranking=rows,
        answers=tuple(sentences(asked, asked.nights, len(kept), found)),
        flips=tuple(cheapest_changes(asked, ranked)),
        differences=tuple(differences(ranked)),
        curves=curves,
    )


def _taken_in_words(one: PlansTaken) -> str:
    more = one.own_total_cost - one.total_cost
    return (
        f"{one.variant}, {one.tariff}: {one.station} has the plans of {one.plans_of}, which it can carry out, too. "
        f"With its own it would cost {more:,.2f} more."
    )


def _ranked(asked: StudySummary, tables: StudyTables) -> Ranked:
    """By variant the tariffs, cheapest first; none where a station's nights are not complete."""
    found: Ranked = {}
    for variant in asked.variants:
        rows = list(_unranked(asked, tables, variant.id))
        rows = sorted(rows, key=lambda row: row.total_cost) if len(rows) == len(asked.tariffs) else []
        found[variant.id] = [replace(row, rank=rank) for rank, row in enumerate(rows, start=1)]
    return found


def _unranked(asked: StudySummary, tables: StudyTables, variant: str) -> Iterator[RankedTariff]:
    """The sums of those tariffs under which all stations are complete."""
    for tariff in asked.tariffs:
        at = [row for row in tables.stations if (row.variant, row.tariff) == (variant, tariff)]
        nights = tables.nights_of.get((variant, tariff), [])
        if len(at) == len(asked.stations) and len(nights) == len(at) * asked.nights:
            other_days = [(row.other_days, row.baseline_other_days) for row in at]
            alone = ranked_alone(nights, tables.bills_of.get((variant, tariff), []), [], other_days)
            yield replace(alone, **_savings(at))


def _savings(at: Sequence[StationTariff]) -> dict[str, Any]:
    """The stations' savings together; none where one has none, or where they are against unlike baselines: then only
    the sums of both savings, which no table has, tell which is the smaller."""
    if len({row.savings_against for row in at}) > 1 or any(row.savings_amount is None for row in at):
        return {}
    names = [name for name in RankedTariff.__slots__ if name.startswith(SAVINGS)]
    amounts = [name for name in names if name not in (f"{SAVINGS}share", f"{SAVINGS}against")]
    found: dict[str, Any] = {name: sum(getattr(row, name) or 0.0 for row in at) for name in amounts}
    return found | {f"{SAVINGS}share": _share(at), f"{SAVINGS}against": at[0].savings_against}


def _share(at: Sequence[StationTariff]) -> float | None:
    """Of all baselines together; None where one of them is not known, as of a saving of nothing."""
    if len(at) == 1 or not any(row.savings_amount for row in at):
        return at[0].savings_share
    if not all(row.savings_share for row in at):
        return None
    baselines = sum((row.savings_amount or 0.0) / row.savings_share for row in at if row.savings_share)
    return sum(row.savings_amount or 0.0 for row in at) / abs(baselines) if baselines else None
