"""What a study answers: which tariff is cheapest, in which variant, on which basis, and where the cheapest changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Protocol

from models.tariff.tariff import Tariff
from optimizer.formats.study_document import VariantDocument
from optimizer.studies.answers.differences import because, difference
from optimizer.studies.answers.flip_interval import flip_interval
from optimizer.studies.answers.sums import ranked_alone
from optimizer.studies.study import Study, energy_part
from optimizer.studies.summary import CheapestChange, groups_by_growth
from optimizer.studies.tables import RankedTariff, StudyTables, VariantTariff


class StudyQuestion(Protocol):
    """What answers go by: a study, or what is read again of one."""

    @property
    def currency(self) -> str:
        """Of all amounts."""

    @property
    def variants(self) -> tuple[VariantDocument, ...]:
        """All of them."""


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
    """The sums of one tariff in one variant, all stations together."""
    variant, tariff = key
    saved = [savings for (of, _, name), savings in tables.savings.items() if (of, name) == (variant, tariff)]
    other_days = [amounts for (of, _, name), amounts in tables.other_days.items() if (of, name) == (variant, tariff)]
    return ranked_alone(tables.nights_of[key], tables.bills_of.get(key, []), saved, other_days)


def cheapest_changes(study: StudyQuestion, ranked: Mapping[str, Sequence[RankedTariff]]) -> list[CheapestChange]:
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
        shares = flip_interval(*(_at_ends(ranked, name, one, other) for name in (best, after)))
        low, high = (one.demand_growth + at * (other.demand_growth - one.demand_growth) for at in shares)
        yield CheapestChange(growth, best, after, one.id, other.id, min(low, growth), max(high, growth))
        best = after


def _at_ends(
    ranked: Mapping[str, Sequence[RankedTariff]], name: str, one: VariantDocument, other: VariantDocument
) -> tuple[RankedTariff, RankedTariff]:
    begin, end = (next(row for row in ranked[variant.id] if row.tariff == name) for variant in (one, other))
    return begin, end


def same_energy(study: Study) -> list[list[str]]:
    """Groups of tariffs that differ in demand and fixed charges only: one tariff on several bases."""
    groups: dict[tuple[Tariff, float], list[str]] = {}
    for one in study.tariffs:
        groups.setdefault(energy_part(one.tariff), []).append(one.id)
    return [group for group in groups.values() if len(group) > 1]


def answers(
    study: StudyQuestion, same_energy_prices: Sequence[Sequence[str]], ranked: Mapping[str, Sequence[RankedTariff]]
) -> list[str]:
    """The answer in sentences."""
    return [*_cheapest(study, ranked), *_bases(same_energy_prices, ranked), *_changes(study, ranked)]


def _cheapest(study: StudyQuestion, ranked: Mapping[str, Sequence[RankedTariff]]) -> Iterator[str]:
    for variant, order in ranked.items():
        if not order:
            yield f"{variant}: no answer, for not every night is planned."
            continue
        best = order[0]
        text = f"{variant}: {best.tariff} is the cheapest, {best.total_cost:,.2f} {study.currency}"
        if len(order) > 1:
            more = order[1].total_cost - best.total_cost
            text += f"; the next, {order[1].tariff}, costs {more:,.2f} more ({_percent(more, best.total_cost)})"
            text += because(difference(order[1], best))
        yield text + "."


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / abs(whole):.1f} %" if whole else "of nothing"


def _bases(groups: Sequence[Sequence[str]], ranked: Mapping[str, Sequence[RankedTariff]]) -> Iterator[str]:
    for group in groups:
        for variant, order in ranked.items():
            among = [one for one in order if one.tariff in group]
            if among:
                totals = ", ".join(f"{one.tariff} {one.total_cost:,.2f}" for one in among)
                yield f"{variant}: of the bases with the same energy prices, cheapest first: {totals}."


def _changes(study: StudyQuestion, ranked: Mapping[str, Sequence[RankedTariff]]) -> Iterator[str]:
    changes = cheapest_changes(study, ranked)
    for change in changes:
        yield (
            f"At about {_growth(change.growth)} drivers the answer flips from {change.before} to {change.after} "
            f"(straight lines between {change.first} and {change.second}{_interval(change)})."
        )
    changing = {change.first for change in changes}
    for group in groups_by_growth([variant for variant in study.variants if ranked[variant.id]]):
        least, most = group[0], group[-1]
        if least.demand_growth < most.demand_growth and not changing & {variant.id for variant in group}:
            between = f"Between {_growth(least.demand_growth)} and {_growth(most.demand_growth)} drivers"
            yield f"{between} ({least.id} to {most.id}) the answer does not flip."


def _interval(change: CheapestChange) -> str:
    """From where to where it may flip; "" where that rounds to one share."""
    if change.low is None or change.high is None or _growth(change.low) == _growth(change.high):
        return ""
    return f"; anywhere from {_growth(change.low)} to {_growth(change.high)} within the gaps of the nights"


def _growth(share: float) -> str:
    return f"{100 * share:+.0f} %"
