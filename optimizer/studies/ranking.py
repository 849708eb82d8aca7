"""What a study answers: which tariff is cheapest, in which variant, on which basis, and where the cheapest changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from models.station.saving import Savings
from models.tariff.tariff import Tariff
from optimizer.formats.study_document import VariantDocument
from optimizer.studies.study import Study, energy_part
from optimizer.studies.summary import CheapestChange, groups_by_growth
from optimizer.studies.tables import (
    BASELINE,
    BILL_KINDS,
    PLAN,
    BillRow,
    NightRow,
    RankedTariff,
    StudyTables,
    VariantTariff,
)
from optimizer.summaries.saving_text import savings_columns

BEYOND_BILL = ("wear", "plug_changes", "reserve")  # costs other than the utility's and lost swaps
SUMMED = ("kwh", "swaps_served", "swaps_lost", "baseline_swaps_lost")


def ranking(study: Study, tables: StudyTables) -> dict[str, list[RankedTariff]]:
    """By variant the tariffs, cheapest first; none where a station's nights are not complete."""
    found: dict[str, list[RankedTariff]] = {}
    nights = len(study.stations) * study.nights
    for variant in study.variants:
        keys = [(variant.id, one.id) for one in study.tariffs]
        is_complete = all(len(tables.nights_of.get(key, ())) == nights for key in keys)
        ranked = [_ranked(tables, key) for key in keys] if is_complete else []
        ranked.sort(key=lambda one: one.total_cost)
        found[variant.id] = [replace(one, rank=rank) for rank, one in enumerate(ranked, start=1)]
    return found


def _ranked(tables: StudyTables, key: VariantTariff) -> RankedTariff:
    """The sums of one tariff in one variant, with what its plans save."""
    one, found = _summed(tables.nights_of[key], tables.bills_of.get(key, [])), tables.savings.get(key, [])
    known = [savings for savings in found if savings is not None]
    if not known or len(known) < len(found):
        return one
    savings = sum(known, Savings())
    return replace(one, savings_share=savings.headline.share, **savings_columns(savings))


def _summed(nights: Sequence[NightRow], bills: Sequence[BillRow]) -> RankedTariff:
    """The sums of one tariff in one variant; its rank is not known yet."""
    by_kind: dict[str, Any] = {
        kind: sum(row.amount for row in bills if row.side == PLAN and row.kind == kind) for kind in BILL_KINDS
    }
    last_nights = {row.station: row for row in nights}.values()
    objective, gross = _sum(nights, "objective"), _sum(nights, "planned_gross_cost")
    bound = None if any(row.bound is None for row in nights) else _sum(nights, "bound")
    bill, lost_swaps = sum(by_kind.values()), _sum(nights, "lost_swaps")
    other_costs, stock_value = sum(_sum(nights, name) for name in BEYOND_BILL), _sum(last_nights, "end_value")
    baseline_rest = _sum(nights, "baseline_other") - _sum(last_nights, "baseline_end_value")
    baseline_total_cost = sum(row.amount for row in bills if row.side == BASELINE) + baseline_rest
    total_cost = bill + lost_swaps + other_costs - stock_value
    summed: dict[str, Any] = {name: _sum(nights, name) for name in SUMMED}
    return RankedTariff(
        variant=nights[0].variant,
        rank=0,
        tariff=nights[0].tariff,
        total_cost=total_cost,
        bill=bill,
        **by_kind,
        lost_swaps=lost_swaps,
        other_costs=other_costs,
        stock_value=stock_value,
        baseline_total_cost=baseline_total_cost,
        saving=baseline_total_cost - total_cost,
        peak_kw=max(row.peak_kw for row in nights),
        baseline_peak_kw=max(row.baseline_peak_kw for row in nights),
        **summed,
        objective=objective,
        bound=bound,
        gap=None if bound is None or not gross else (objective - bound) / abs(gross),
    )


def _sum(rows: Iterable[NightRow], name: str) -> float:
    return sum(float(getattr(row, name)) for row in rows)


def cheapest_changes(study: Study, ranked: Mapping[str, Sequence[RankedTariff]]) -> list[CheapestChange]:
    """Where growth of demand alone changes the cheapest tariff."""
    return [
        change
        for group in groups_by_growth([variant for variant in study.variants if ranked[variant.id]])
        for one, other in pairwise(group)
        for change in _changes_between(ranked, one, other)
    ]


def _changes_between(
    ranked: Mapping[str, Sequence[RankedTariff]], one: VariantDocument, other: VariantDocument
) -> Iterator[CheapestChange]:
    """Along the lowest of the lines between two variants, on which a third tariff may lie."""
    begin, end = ({r.tariff: r.total_cost for r in ranked[variant.id]} for variant in (one, other))
    best, last = ranked[one.id][0].tariff, ranked[other.id][0].tariff
    while end[best] > end[last]:
        share, after = min(
            (max(0.0, begin[name] - begin[best]) / (begin[name] - begin[best] + end[best] - end[name]), name)
            for name in begin
            if end[name] < end[best]
        )
        growth = one.demand_growth + share * (other.demand_growth - one.demand_growth)
        yield CheapestChange(growth, best, after, one.id, other.id)
        best = after


def same_energy(study: Study) -> list[list[str]]:
    """Groups of tariffs that differ in demand and fixed charges only: one tariff on several bases."""
    groups: dict[Tariff, list[str]] = {}
    for one in study.tariffs:
        groups.setdefault(energy_part(one.tariff), []).append(one.id)
    return [group for group in groups.values() if len(group) > 1]


def answers(study: Study, ranked: Mapping[str, Sequence[RankedTariff]]) -> list[str]:
    """The answer in sentences."""
    return [*_cheapest(study, ranked), *_bases(study, ranked), *_changes(study, ranked)]


def _cheapest(study: Study, ranked: Mapping[str, Sequence[RankedTariff]]) -> Iterator[str]:
    for variant, order in ranked.items():
        if not order:
            yield f"{variant}: no answer, for not every night is planned."
            continue
        best = order[0]
        text = f"{variant}: {best.tariff} is the cheapest, {best.total_cost:,.2f} {study.currency}"
        if len(order) > 1:
            more = order[1].total_cost - best.total_cost
            text += f"; the next, {order[1].tariff}, costs {more:,.2f} more ({_percent(more, best.total_cost)})"
        yield text + "."


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / abs(whole):.1f} %" if whole else "of nothing"


def _bases(study: Study, ranked: Mapping[str, Sequence[RankedTariff]]) -> Iterator[str]:
    for group in same_energy(study):
        for variant, order in ranked.items():
            among = [one for one in order if one.tariff in group]
            if among:
                totals = ", ".join(f"{one.tariff} {one.total_cost:,.2f}" for one in among)
                yield f"{variant}: of the bases with the same energy prices, cheapest first: {totals}."


def _changes(study: Study, ranked: Mapping[str, Sequence[RankedTariff]]) -> Iterator[str]:
    changes = cheapest_changes(study, ranked)
    for change in changes:
        yield (
            f"At about {_growth(change.growth)} drivers the answer flips from {change.before} to {change.after} "
            f"(straight lines between {change.first} and {change.second})."
        )
    changing = {change.first for change in changes}
    for group in groups_by_growth([variant for variant in study.variants if ranked[variant.id]]):
        least, most = group[0], group[-1]
        if least.demand_growth < most.demand_growth and not changing & {variant.id for variant in group}:
            between = f"Between {_growth(least.demand_growth)} and {_growth(most.demand_growth)} drivers"
            yield f"{between} ({least.id} to {most.id}) the answer does not flip."


def _growth(share: float) -> str:
    return f"{100 * share:+.0f} %"
