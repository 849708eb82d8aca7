"""The tables of a station's drivers: who got which pack, when it was ready, and what lost swaps lacked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from models.station.instance import Night
from optimizer.graphics.html_page import UNKNOWN, Cell, Head, count_cell, money_cell, table
from optimizer.graphics.markup import NOTHING, Markup, tag
from optimizer.reports.station_charts import lost_swaps
from optimizer.reports.station_view import DrawnStay, StationView
from optimizer.summaries.lost_text import words_of
from optimizer.summaries.waits import Wait, hours_and_minutes, lack_of, tightest, waits_of

Visited = tuple[int, str]
"""A hand-over by its slot and pack."""


def sheet(content: Markup) -> Markup:
    """A table on paper of its own."""
    return tag("div", content, class_="sheet")


def slack_tile(view: StationView) -> Iterator[tuple[str, str, str]]:
    """The key figure of hand-overs: how long before its driver the latest pack was ready; none without hand-overs."""
    if view.night is None:
        return
    wait = tightest(waits_of(view.night, view.visits))
    if wait is not None and wait.slack is not None:
        below = f"{wait.swap} gets {wait.pack} at {view.time(wait.slot)}"
        yield "Least slack, h", hours_and_minutes(view.night, wait.slack), below


def hand_over_table(view: StationView) -> Markup:
    """Every hand-over in the order of time; with the night, since when the pack was ready."""
    given = sorted((stay for stay in view.stays if stay.swap is not None), key=lambda stay: (stay.leaves, stay.bay))
    if not given:
        return NOTHING
    heads = [Head("time" if view.night else "slot", view.night is None), Head("swap"), Head("pack"), Head("bay", True)]
    waits: dict[Visited, Wait] = {}
    if view.night is not None:
        heads += [Head("type"), Head("ready", True), Head("slack, h", True)]
        heads += [Head("holds, kWh", True), Head("asked, kWh", True), Head("brings back, kWh", True)]
        waits = {(wait.slot, wait.pack): wait for wait in waits_of(view.night, view.visits)}
    rows = [_hand_over(view, stay, waits) for stay in given]
    return sheet(table("Hand-overs", heads, rows, sortable=True, counted=True))


def _bay_cell(stay: DrawnStay) -> Cell:
    return Cell(stay.bay_name, stay.bay) if isinstance(stay.bay_name, str) else count_cell(stay.bay_name)


def _hand_over(view: StationView, stay: DrawnStay, waits: dict[Visited, Wait]) -> list[Cell]:
    night = view.night
    when = Cell(str(stay.leaves) if night is None else _stamp(night, stay.leaves), stay.leaves)
    row = [when, Cell(stay.swap or ""), Cell(stay.pack), _bay_cell(stay)]
    if night is None:
        return row
    swap = next(one for one in night.station.swaps if one.id == stay.swap)
    soc = swap.returned_soc
    back_kwh = None if soc is None else soc * night.pack_types[swap.type].capacity_kwh
    energies = (stay.held_kwh[stay.leaves], night.needed_kwh(swap), back_kwh)
    return [*row, Cell(stay.kind), *_ready(night, waits[stay.leaves, stay.pack]), *map(_energy, energies)]


def _ready(night: Night, wait: Wait) -> tuple[Cell, Cell]:
    """When the pack was ready, and for how long."""
    if wait.ready is None or wait.slack is None:
        return Cell("never"), Cell(UNKNOWN)
    at = "at start" if wait.ready == 0 else _stamp(night, wait.ready)
    return Cell(at, wait.ready), Cell(hours_and_minutes(night, wait.slack), wait.slack)


def _energy(kwh: float | None) -> Cell:
    return Cell("nothing" if kwh is None else f"{kwh:,.1f}", kwh)


def _stamp(night: Night, slot: int) -> str:
    """The clock, and the day too where the night has more than one date."""
    at, first = night.horizon.local_slot_start(slot), night.horizon.local_slot_start(0)
    return f"{at:%H:%M}" if at.date() == first.date() else f"{at:%m-%d %H:%M}"


def lost_table(view: StationView) -> Markup:
    """Every lost swap; with the night, when it was, what it costs and why it is lost. Where swaps are lost that must
    be served, the plan's reasons, too."""
    reasons = {one.swap: one.reason for one in view.planned.unserved or ()}
    why = {one.swap: words_of(one.as_reason) for one in view.planned.lost_reasons or ()}
    told = [Head("must be served", is_sentence=True)] if reasons else []
    night, cause = view.night, Head("why it is lost", is_sentence=True)
    if night is None:
        ids, heads = view.planned.lost, [Head("swap"), *([cause] if why else []), *told]
        alone = [[Cell(swap), *_reason(why, swap), *_reason(reasons, swap)] for swap in ids]
        return sheet(table("Lost swaps", heads, alone, counted=True)) if ids else NOTHING
    heads = [Head("time"), Head("swap"), cause, Head("type"), Head("costs", True)]
    rows = [
        [
            Cell(_stamp(night, swap.slot), swap.slot),
            Cell(swap.id),
            Cell(why.get(swap.id) or lack_of(night, view.visits, swap).words),
            Cell(swap.type),
            money_cell(swap.lost_cost),
            *_reason(reasons, swap.id),
        ]
        for swap in sorted(lost_swaps(view), key=lambda swap: swap.slot)
    ]
    return sheet(table("Lost swaps", [*heads, *told], rows, sortable=True, counted=True)) if rows else NOTHING


def _reason(reasons: Mapping[str, str], swap: str) -> list[Cell]:
    """The cell of a lost swap in a column of reasons, which is there if any swap has one."""
    return [Cell(reasons.get(swap, ""))] if reasons else []
