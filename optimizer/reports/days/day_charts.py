"""A station's day in two small drawings that fit a phone: load under prices, ready packs over what stands in the bays.

Each kind of mark is one path, so that thousands of days fit in a page; the station's own page has hints for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from models.station.instance import Night
from models.station.overload import stated_kw
from models.tolerances import CHARGING_KW
from optimizer.graphics import svg
from optimizer.graphics.markup import NOTHING, Markup, tag
from optimizer.graphics.svg import Plot, Scale, Tick, number_text
from optimizer.reports.load_chart import Peak, load_of, shows_limit
from optimizer.reports.station_charts import demand_by_hour, demand_word, lost_swaps, most_kw_of
from optimizer.reports.station_view import DrawnStay, StationView
from optimizer.summaries.waits import ready_by_slot

WIDTH, LEFT, RIGHT, BELOW = 480.0, 46.0, 24.0, 40.0
PRICE_TOP, PRICE_BOTTOM, PANEL_GAP = 24.0, 62.0, 34.0
LOAD_PX, READY_PX, BAYS_PX = 120.0, 62.0, 190.0
LOWEST_ROW_PX, HIGHEST_ROW_PX, NAMED_EVERY_PX = 4.0, 13.0, 12.0
MOST_TICKS = 6
SHADES = 3  # of charging, by power: weak, middling, full
DOT_PX = 5.5


def day_load_chart(view: StationView, currency: str, peaks: Sequence[Peak]) -> Markup:
    """What is drawn from the grid over the day; with the night, prices above it, base load, limit, billed peak."""
    x = Scale(0, view.slots, LEFT, WIDTH - RIGHT)
    top = 24.0 if view.night is None else PRICE_BOTTOM + PANEL_GAP
    load = load_of(view)
    drawn, base = load.drawn_kw(), load.base_kw
    levels: list[tuple[str, list[float | None]]] = []
    levels += [("limit", list(stated_kw(view.night.station)))] if view.night and shows_limit(view, peaks) else []
    levels += [("peak", [None if kw is None else peak.billed_kw for kw in peak.averages_kw]) for peak in peaks]
    heights = [kw for _, by_slot in levels for kw in by_slot if kw is not None]
    plot = Plot(x, svg.scale_for([*drawn, *base, *heights, 1.0], top + LOAD_PX, top))
    each = view.columns.each
    marks = [plot.columns(_thinned(view.ticks)), plot.rows(plot.y.ticks(4), "kW")]
    marks += [_area(plot, drawn, each, "c1 area"), plot.steps(list(drawn), "c1", width=each)]
    marks += [_area(plot, base, each, "base full")] if any(base) else []
    marks += [plot.steps(by_slot, css) for css, by_slot in levels]
    marks += [] if view.night is None else [_prices(view, view.night, currency, x)]
    kind = "Power drawn from the grid" if view.night else "Power into packs"
    return svg.drawing(WIDTH, top + LOAD_PX + BELOW, f"{kind}, up to {number_text(round(max(drawn), 1))} kW", *marks)


def _prices(view: StationView, night: Night, currency: str, x: Scale) -> Markup:
    prices = view.columns.means(night.tariff_series.price_per_kwh)
    plot = Plot(x, svg.scale_for(prices, PRICE_BOTTOM, PRICE_TOP))
    ends = " to ".join(number_text(round(price, 5)) for price in sorted({min(prices), max(prices)}))
    unit = svg.label(8, PRICE_TOP - 10, f"price, {currency}/kWh", "unit")
    most = svg.label(x.end, PRICE_TOP - 10, ends, "unit", "end")
    line = plot.steps(list(prices), "price", width=view.columns.each)
    return svg.group([plot.rows(plot.y.ticks(2), ""), line, unit, most])


def _area(plot: Plot, values: Sequence[float], each: int, css: str) -> Markup:
    """What lies under a line of steps, down to zero."""
    spans = [(plot.x.at(c * each), plot.x.at((c + 1) * each), plot.y.at(value)) for c, value in enumerate(values)]
    edge = [(x, y) for left, right, y in spans for x in (left, right)]
    floor = plot.y.at(0)
    return svg.line([(edge[0][0], floor), *_turns(edge), (edge[-1][0], floor)], css)


def _turns(points: Sequence[svg.Point]) -> Iterator[svg.Point]:
    """The points without those between two as high as themselves."""
    for index, (x, y) in enumerate(points):
        inner = 0 < index < len(points) - 1
        if not (inner and points[index - 1][1] == y == points[index + 1][1]):
            yield x, y


def _thinned(ticks: Sequence[Tick]) -> Sequence[Tick]:
    """Few enough to be read in half the width."""
    step = -(-len(ticks) // MOST_TICKS)
    return ticks[::step] if step else ticks


def day_bays_chart(view: StationView) -> Markup:
    """A row for each bay: what stands there and when it charges, a dot where a driver takes it; above, ready packs."""
    x = Scale(0, view.slots, LEFT, WIDTH - RIGHT)
    top = 24.0 if view.night is None else 24.0 + READY_PX + PANEL_GAP
    names = {stay.bay: str(stay.bay_name) for stay in sorted(view.stays, key=lambda stay: stay.bay)}
    rows, lost = {bay: row for row, bay in enumerate(names)}, lost_swaps(view)
    count = len(rows) + bool(lost)
    pitch = min(HIGHEST_ROW_PX, max(LOWEST_ROW_PX, BAYS_PX / max(1, count)))
    middle = [top + pitch * (row + 0.5) for row in range(count)]
    bottom = top + pitch * count
    marks = [Plot(x, Scale(0, 1, bottom, top)).columns(_thinned(view.ticks))]
    marks += [*_row_names([*names.values()], middle, pitch), svg.label(8, top - 10, "bays", "unit")]
    marks += _bay_marks(view, x, {bay: middle[row] for bay, row in rows.items()}, pitch)
    marks += [svg.label(LEFT - 6, middle[-1] + 4, "lost", "tick", "end")] if lost else []
    marks += [svg.cross(x.at(swap.slot), middle[-1], 4, "lost", f"{swap.id}, {view.time(swap.slot)}") for swap in lost]
    marks += [] if view.night is None else [_ready(view, view.night, x)]
    served = sum(stay.swap is not None for stay in view.stays)
    said = f"What stands in {len(rows)} bays and when it charges; {served} hand-overs, {len(lost)} swaps lost"
    return svg.drawing(WIDTH, bottom + BELOW, said, *marks)


def _row_names(names: Sequence[str], middle: Sequence[float], pitch: float) -> Iterator[Markup]:
    """As many as have room one under the other."""
    step = max(1, -(-int(NAMED_EVERY_PX) // int(pitch)))
    for row in range(0, len(names), step):
        shown = names[row] if len(names[row]) <= 5 else f"{names[row][:4]}…"
        yield svg.label(LEFT - 6, middle[row] + 4, shown, "tick", "end")


def _bay_marks(view: StationView, x: Scale, middle: dict[int, float], pitch: float) -> Iterator[Markup]:
    """All stays as one path, all charging of about one power as another, all hand-overs as a third."""
    thick = max(1.0, pitch - 2)
    yield _strokes(((x.at(s.came), x.at(s.leaves), middle[s.bay]) for s in view.stays), "c6 stays", thick)
    runs: dict[int, list[tuple[float, float, float]]] = {shade: [] for shade in range(1, SHADES + 1)}
    most_kw = most_kw_of(view)
    for stay in view.stays:
        for shade, first, end in _charging(view, stay, most_kw):
            runs[shade].append((x.at(first), x.at(end), middle[stay.bay]))
    for shade, found in runs.items():
        yield _strokes(found, f"c1 charges-{shade}", thick)
    given = ((x.at(s.leaves), x.at(s.leaves), middle[s.bay]) for s in view.stays if s.swap is not None)
    yield _strokes(given, "gives", min(DOT_PX, pitch))


def _charging(view: StationView, stay: DrawnStay, most_kw: float) -> Iterator[tuple[int, int, int]]:
    """Stretches of about the same power: how strong, 1 to SHADES, first slot and end."""
    powers = view.columns.means(stay.power_kw)
    strong = [min(SHADES, 1 + int(SHADES * kw / most_kw)) if kw > CHARGING_KW else 0 for kw in powers]
    for shade, run in groupby(range(len(powers)), key=lambda column: strong[column]):
        columns = list(run)
        if shade:
            yield shade, view.columns.span(columns[0])[0], view.columns.span(columns[-1])[1]


def _strokes(lines: Iterable[tuple[float, float, float]], css: str, thick: float) -> Markup:
    """Level lines from left to right, all in one path."""
    path = "".join(f"M{left:.1f} {y:.1f}h{right - left:.1f}" for left, right, y in lines)
    return tag("path", d=path, class_=css, stroke_width=thick) if path else NOTHING


def _ready(view: StationView, night: Night, x: Scale) -> Markup:
    """Ready packs as a line, the reserve under it, swaps of the hour as bars, lost ones on top of them."""
    ready, hours = ready_by_slot(night, view.visits), list(demand_by_hour(view, night))
    reserve = list(map(float, night.station.ready_reserve))
    most = [*ready, *reserve, *(served + lost for *_, served, lost in hours)]
    plot = Plot(x, svg.scale_for(most, 24.0 + READY_PX, 24.0))
    marks = [plot.rows(plot.y.ticks(3, whole=True), ""), svg.label(8, 14, f"ready packs; {demand_word(night)}", "unit")]
    marks.append(_bars(plot, [(first, end, 0, served) for first, end, served, _ in hours], "demand"))
    marks.append(_bars(plot, [(a, b, served, served + lost) for a, b, served, lost in hours if lost], "demand missed"))
    marks.append(plot.steps(list(reserve), "reserve") if any(reserve) else NOTHING)
    return svg.group([*marks, plot.steps(list(map(float, ready)), "ready")])


def _bars(plot: Plot, bars: Sequence[tuple[int, int, int, int]], css: str) -> Markup:
    """Standing bars, from one height to another, all in one path."""
    path = ""
    for first, end, low, high in bars:
        left, right, floor = plot.x.at(first), plot.x.at(end), plot.y.at(low)
        path += f"M{left + 1:.1f} {floor:.1f}V{plot.y.at(high):.1f}H{right - 1:.1f}V{floor:.1f}z"
    return tag("path", d=path, class_=f"bars {css}") if path else NOTHING
