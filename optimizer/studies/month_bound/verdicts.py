"""What bounds of whole months say of a ranking: how far plans may be from the best, and whose rank is proven."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

from models.tolerances import money_tolerance
from optimizer.studies.month_bound.kept_bounds import ChainBound
from optimizer.studies.tables import AtStation, RankedTariff, StationTariff

PROVEN, UNDECIDED = "proven", "undecided"
Row = TypeVar("Row", RankedTariff, StationTariff)


def ranking_with_bounds(
    ranked: Mapping[str, Sequence[RankedTariff]], at_stations: Sequence[StationTariff]
) -> dict[str, list[RankedTariff]]:
    """By variant the tariffs with the bounds of all stations together; none where a station has none."""
    bounds: dict[tuple[str, str], list[float | None]] = {}
    for row in at_stations:
        bounds.setdefault((row.variant, row.tariff), []).append(row.month_bound)
    found = {}
    for variant, order in ranked.items():
        rows = [_bounded(row, _sum(bounds.get((variant, row.tariff), [None]))) for row in order]
        found[variant] = _told(rows)
    return found


def stations_with_bounds(rows: Sequence[StationTariff], bounds: Mapping[AtStation, ChainBound]) -> list[StationTariff]:
    """The tariffs of each station with their bounds; `rows` have each station's tariffs together, cheapest first."""
    groups: dict[tuple[str, str], list[StationTariff]] = {}
    for row in rows:
        kept = bounds.get((row.variant, row.station, row.tariff))
        bounded = _bounded(row, None if kept is None else kept.bound)
        groups.setdefault((row.variant, row.station), []).append(bounded)
    return [row for group in groups.values() for row in _told(group)]


def _sum(bounds: Sequence[float | None]) -> float | None:
    known = [bound for bound in bounds if bound is not None]
    return sum(known) if len(known) == len(bounds) else None


def _bounded(row: Row, bound: float | None) -> Row:
    """The row with its bound, if that is one: what lies above plans that were found is none."""
    if bound is None or bound > row.total_cost + money_tolerance(row.total_cost):
        return row
    more = max(0.0, row.total_cost - bound)
    return replace(row, month_bound=bound, month_gap=more / abs(row.total_cost) if row.total_cost else None)


def _told(order: Sequence[Row]) -> list[Row]:
    """With what is known of each and the next; nothing where no tariff has a bound."""
    if all(row.month_bound is None for row in order):
        return list(order)
    rows = list(order)
    for index, after in enumerate(order[1:]):
        rows[index] = replace(rows[index], cheaper_than_next=_verdict(rows[index], after))
    return rows


def _verdict(row: RankedTariff, after: RankedTariff) -> str:
    is_proven = after.month_bound is not None and row.total_cost <= after.month_bound
    return PROVEN if is_proven else UNDECIDED


def month_answers(ranked: Mapping[str, Sequence[RankedTariff]]) -> Iterator[str]:
    """Sentences on how far the plans may be from the best for all nights at once, and on what is proven of ranks."""
    for variant, order in ranked.items():
        gaps = [row.month_gap for row in order if row.month_gap is not None]
        if not gaps:
            continue
        least, most = f"{100 * min(gaps):.2f}", f"{100 * max(gaps):.2f}"
        span = most if least == most else f"{least} to {most}"
        text = f"{variant}: planned all at once, the nights cost at most {span} % less than planned one after the other"
        yield f"{text}{_order_in_words(order)}."


def _order_in_words(order: Sequence[RankedTariff]) -> str:
    """Which neighbours of the ranking cannot change places however well all nights are planned."""
    pairs = [(row, after) for row, after in pairwise(order) if row.cheaper_than_next]
    if not pairs:
        return ""
    open_ones = [f"{row.tariff} before {after.tariff}" for row, after in pairs if row.cheaper_than_next == UNDECIDED]
    if not open_ones:
        return "; the ranking is proven"
    if len(open_ones) == len(pairs):
        return f"; that decides nothing of the ranking ({', '.join(open_ones)})"
    return f"; the ranking is proven but for {', '.join(open_ones)}, which is undecided"
