"""The drawings of a station's bays, of its ready packs against demand, and of what its plan costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from models.station.cost import Cost
from models.station.instance import RETURN_PREFIX, Night, Swap
from models.tolerances import CHARGING_KW
from optimizer.graphics import svg
from optimizer.graphics.charts import LEFT, RIGHT, WIDTH, Part, Stack, hue, opacity, stacked_bars
from optimizer.graphics.html_page import money
from optimizer.graphics.markup import Markup
from optimizer.graphics.svg import Plot, Scale
from optimizer.graphics.timeline import Block, Event, Shade, Timeline
from optimizer.reports.station_view import DrawnStay, StationView
from optimizer.summaries.saving_text import COST_LINES
from optimizer.summaries.waits import readied_by_slot, ready_by_slot

READY_TOP, READY_BOTTOM = 30.0, 206.0
LOST_ROW = "lost"


def bays_chart(view: StationView) -> Markup:
    """A row for each bay with every pack's stay; a last row for lost swaps, if there are any."""
    bays = sorted({stay.bay for stay in view.stays})
    rows, lost = {bay: row for row, bay in enumerate(bays)}, lost_swaps(view)
    most_kw = most_kw_of(view)
    blocks = [_block(view, stay, rows[stay.bay], most_kw) for stay in view.stays if stay.leaves > stay.came]
    given = [(stay, stay.swap) for stay in view.stays if stay.swap is not None]
    events = [Event(rows[stay.bay], stay.leaves, _handed(view, stay, swap)) for stay, swap in given]
    events += [Event(len(bays), swap.slot, f"lost: {swap.id}, {view.time(swap.slot)}", True) for swap in lost]
    name_of = {stay.bay: stay.bay_name for stay in view.stays}
    names = [f"bay {name_of[bay]}" for bay in bays] + ([LOST_ROW] if lost else [])
    served = sum(not event.is_cross for event in events)
    said = f"What stands in {len(bays)} bays and when it charges; {served} hand-overs, {len(lost)} swaps lost"
    return Timeline(names, view.slots, view.ticks, blocks, events).drawn(said)


def lost_swaps(view: StationView) -> list[Swap]:
    """The swaps that no pack of the plan serves; none without the night, for then their times are not known."""
    if view.night is None:
        return []
    served = {stay.swap for stay in view.stays}
    return [swap for swap in view.night.station.swaps if swap.id not in served]


def most_kw_of(view: StationView) -> float:
    """The power that is drawn strongest: the chargers' highest, or without the night the plan's own."""
    highest = max((kw for stay in view.stays for kw in stay.power_kw), default=0.0)
    return max(highest, 1.0) if view.night is None else view.night.station.chargers.max_kw


def _block(view: StationView, stay: DrawnStay, row: int, most_kw: float) -> Block:
    first = view.span(stay.came, stay.leaves)
    kind = f", {stay.kind}" if stay.kind else ""
    energy = f", {stay.held_kwh[stay.came]:,.1f} to {stay.held_kwh[stay.leaves]:,.1f} kWh" if stay.held_kwh else ""
    hint, shades = f"{stay.pack}{kind}: {first}{energy}", tuple(_shades(view, stay, most_kw))
    css, level = hue(view.hue(stay)), _level(view, stay)
    return Block(row, stay.came, stay.leaves, _short(stay.pack), hint, css, shades, level, key=stay.bay)


def _short(pack: str) -> str:
    """The name of a pack as a row has room for it."""
    return f"from {pack.removeprefix(RETURN_PREFIX)}" if pack.startswith(RETURN_PREFIX) else pack


def _shades(view: StationView, stay: DrawnStay, most_kw: float) -> Iterator[Shade]:
    """Stretches of about the same power."""
    powers = view.columns.means(stay.power_kw)
    shade = [opacity(kw / most_kw) if kw > CHARGING_KW else 0.0 for kw in powers]
    for level, run in groupby(range(len(powers)), key=lambda column: shade[column]):
        columns = list(run)
        if level:
            first, end = view.columns.span(columns[0])[0], view.columns.span(columns[-1])[1]
            kw = sum(powers[column] for column in columns) / len(columns)
            yield Shade(first, end, level, f"{stay.pack}: charges at {kw:,.1f} kW, {view.span(first, end)}")


def _level(view: StationView, stay: DrawnStay) -> list[svg.Point]:
    """State of charge at the ends of columns, leaving out points between equal ones."""
    if not stay.held_kwh:
        return []
    inside = range(stay.came - stay.came % -view.columns.each, stay.leaves, view.columns.each)
    slots = sorted({stay.came, *inside, stay.leaves})
    points = [(float(slot), min(1.0, stay.held_kwh[slot] / stay.capacity_kwh)) for slot in slots]
    heights = [height for _, height in points]
    turns = [i for i in range(1, len(points) - 1) if not heights[i - 1] == heights[i] == heights[i + 1]]
    return [points[0], *(points[i] for i in turns), points[-1]]


def _handed(view: StationView, stay: DrawnStay, swap: str) -> str:
    energy = f" with {stay.held_kwh[stay.leaves]:,.1f} kWh" if stay.held_kwh else ""
    return f"{swap}, {view.time(stay.leaves)}: takes {stay.pack}{energy}"


def ready_chart(view: StationView, night: Night) -> Markup:
    """Ready packs as a line, the reserve under it; by the hour, packs that become ready beside swaps, lost ones on top.

    Where swaps take several packs, the packs that they take.
    """
    ready, reserve, what = ready_by_slot(night, view.visits), night.station.ready_reserve, demand_word(night)
    readied, hours = list(_readied(view, night)), list(demand_by_hour(view, night))
    most = max([*ready, *reserve, *(served + lost for _, _, served, lost in hours), *(count for *_, count in readied)])
    plot = Plot(Scale(0, view.slots, LEFT, WIDTH - RIGHT), svg.scale_for([most], READY_BOTTOM, READY_TOP))
    marks = [plot.columns(view.ticks), plot.rows(plot.y.ticks(4, whole=True), "")]
    for first, end, count in readied:
        hint = f"{view.span(first, end)}: packs that become ready: {count}"
        marks.append(plot.bar(first + 0.06 * (end - first), (first + end) / 2, 0, count, "readied", hint))
    marks += _demand_bars(view, night, plot, hours)
    marks.append(plot.steps(list(map(float, reserve)), "reserve") if any(reserve) else svg.group([]))
    marks.append(plot.steps(list(map(float, ready)), "ready"))
    marks.append(svg.label(8, READY_TOP - 14, f"ready packs; packs that become ready and {what} an hour", "unit"))
    name = f"Ready packs, from {min(ready)} to {max(ready)}, against {what} in each hour"
    return svg.drawing(WIDTH, READY_BOTTOM + 42, name, *marks)


def _demand_bars(
    view: StationView, night: Night, plot: Plot, hours: Sequence[tuple[int, int, int, int]]
) -> Iterator[Markup]:
    of_served = "swaps served" if not night.parts_by_swap else "packs handed over"
    for first, end, served, lost in hours:
        hint = f"{view.span(first, end)}: {of_served}: {served}, lost: {lost}"
        left, right = (first + end) / 2, end - 0.06 * (end - first)
        yield plot.bar(left, right, 0, served, "demand", hint)
        if lost:
            yield plot.bar(left, right, served, served + lost, "demand missed", hint)


def _readied(view: StationView, night: Night) -> Iterator[tuple[int, int, int]]:
    """First slot and end of each hour in which packs become ready, and how many."""
    readied = readied_by_slot(night, view.visits)
    for first, end in hours_of(view, night):
        if count := sum(readied[first:end]):
            yield first, end, count


def hours_of(view: StationView, night: Night) -> Iterator[tuple[int, int]]:
    """First slot and end of each hour from the start on, or of each slot, if longer."""
    each = max(1, 60 // night.horizon.slot_minutes)
    for first in range(0, view.slots, each):
        yield first, min(view.slots, first + each)


def demand_word(night: Night) -> str:
    """What demand is counted in."""
    return "swaps" if not night.parts_by_swap else "packs asked for"


def demand_by_hour(view: StationView, night: Night) -> Iterator[tuple[int, int, int, int]]:
    """First slot and end of each hour with swaps; packs served and lost."""
    lost = {swap.id for swap in lost_swaps(view)}
    for first, end in hours_of(view, night):
        here = [swap for swap in night.station.swaps if first <= swap.slot < end]
        if here:
            missed = sum(swap.packs for swap in here if swap.id in lost)
            yield first, end, sum(swap.packs for swap in here) - missed, missed


def cost_chart(bars: Sequence[tuple[str, Cost | float]], bound: float | None, currency: str) -> Markup:
    """Costs side by side, each bar ending at its objective, the bound a line through them.

    A cost that is only known as an objective is drawn as one part.
    """
    stacks = [Stack(name, _parts(cost), _objective(cost, currency)) for name, cost in bars]
    mark = None if bound is None else (bound, f"bound: no plan is below {money(bound)}")
    said = "; ".join(f"{stack.name} {stack.total}" for stack in stacks)
    return stacked_bars(stacks, mark, f"Costs: {said}")


def _objective(cost: Cost | float, currency: str) -> str:
    return f"{money(cost.objective if isinstance(cost, Cost) else cost)} {currency}"


def _parts(cost: Cost | float) -> list[Part]:
    if not isinstance(cost, Cost):
        return [Part("objective", cost, "whole")]
    named = [Part(words, getattr(cost, field), f"cost-{field.replace('_', '-')}") for field, words in COST_LINES]
    return [*named, Part("worth of energy left inside", -cost.end_value, "credit")]
