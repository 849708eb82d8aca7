"""What a study says where a variant costs less than another one that can do all that it does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import structs

from optimizer.files.plain_text import counted, some_of
from optimizer.studies.answers.differences import PARTS, because, difference
from optimizer.studies.study import Study
from optimizer.studies.summary import CostDifference, PlansTaken
from optimizer.studies.tables import StationTariff, TakenPlans
from optimizer.studies.variants.taken_plans import cheaper_though_restricted

Pair = tuple[StationTariff, StationTariff]  # what costs more, and what costs less


def told_of_taken(one: TakenPlans) -> PlansTaken:
    """As study.json has it."""
    return PlansTaken(
        variant=one.own.variant,
        station=one.own.station,
        tariff=one.own.tariff,
        plans_of=one.plans_of,
        total_cost=one.taken.total_cost,
        own_total_cost=one.own.total_cost,
    )


def restricted_answers(study: Study, rows: Sequence[StationTariff], taken: Sequence[TakenPlans] = ()) -> Iterator[str]:
    """A sentence for each variant and tariff with plans of a more restricted variant, and for each two variants of
    which the more restricted one still costs less. `rows`: of stations, plans that are taken included."""
    ahead = _looked_ahead(study)
    for (variant, tariff, of), pairs in _grouped((one.own, one.taken) for one in taken).items():
        yield (
            f"{variant}, {tariff}: {_where(study, pairs)}has the plans of {of}, which it can carry out, too. "
            f"With its own, each night {ahead}, it would cost {_more(pairs)}."
        )
    cheaper = ((one.own, one.row) for one in cheaper_though_restricted(study, rows))
    for (variant, tariff, of), pairs in _grouped(cheaper).items():
        yield (
            f"{variant}, {tariff}: {_where(study, pairs)}costs {_more(pairs)} than {of}, a more restricted variant. "
            f"The gaps of its nights do not explain it: each is {ahead}."
        )


def _looked_ahead(study: Study) -> str:
    hours = study.look_ahead_slots * study.day.slot_hours
    if not hours:
        return "planned for itself alone"
    return f"planned for itself and {hours:g} hour{'' if hours == 1 else 's'} ahead"


def _grouped(pairs: Iterable[Pair]) -> dict[tuple[str, str, str], list[Pair]]:
    """Pairs of all stations by variant, tariff and the variant that costs less."""
    found: dict[tuple[str, str, str], list[Pair]] = {}
    for more, less in pairs:
        found.setdefault((more.variant, more.tariff, less.variant), []).append((more, less))
    return found


def _where(study: Study, pairs: Sequence[Pair]) -> str:
    if len(study.stations) == len(pairs):
        return ""
    names = [more.station for more, _ in pairs]
    return f"at {counted(len(names), 'station')} ({some_of(names)}) "


def _more(pairs: Sequence[Pair]) -> str:
    """How much more, its share of what the cheaper plans cost, and why; with the kWh that are drawn more or less."""
    each = [difference(more, less) for more, less in pairs]
    parts = {name: sum(getattr(one, name) for one in each) for name in ("total_cost", *(part for part, _ in PARTS))}
    whole: CostDifference = structs.replace(each[0], **parts)
    cost = sum(less.total_cost for _, less in pairs)
    share = f"{100 * whole.total_cost / abs(cost):.1f} %" if cost else "of nothing"
    kwh = sum(more.kwh - less.kwh for more, less in pairs)
    drawn = f"; draws {abs(kwh):,.0f} kWh {'more' if kwh > 0 else 'less'}" if abs(kwh) >= 1 else ""
    return f"{whole.total_cost:,.2f} more ({share}{because(whole)}{drawn})"
