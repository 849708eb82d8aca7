"""The drawing of a station's load: prices above, below them every pack's share of the power, and what limits it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.station.instance import Night
from models.station.overload import stated_kw
from models.tolerances import CHARGING_KW, POWER_KW
from optimizer.graphics import svg
from optimizer.graphics.charts import LEFT, RIGHT, WIDTH, hue
from optimizer.graphics.markup import Markup, joined
from optimizer.graphics.svg import Plot, Scale, number_text
from optimizer.reports.station_view import MONTHS, DrawnStay, StationView

PRICE_TOP, PRICE_BOTTOM = 30.0, 96.0
LOAD_HEIGHT = 236.0
WORTH_SHOWING = 2.5  # a limit further above the load than this would squeeze it flat
NOTE_PX = 14.0


@dataclass(frozen=True)
class Peak:
    """One demand charge tonight, in one billing month.

    `floor_kw` is billed already, whatever is drawn. `averages_kw`: by slot, that of its metering interval, None where
    it is not metered. `each`: slots of an interval.
    """

    name: str
    floor_kw: float
    averages_kw: tuple[float | None, ...]
    each: int

    @property
    def highest_kw(self) -> float:
        """The highest average tonight."""
        return max((kw for kw in self.averages_kw if kw is not None), default=0.0)

    @property
    def billed_kw(self) -> float:
        """What is billed after tonight."""
        return max(self.floor_kw, self.highest_kw)

    @property
    def is_raised(self) -> bool:
        """Does tonight pass what is billed already?"""
        return 0 < self.floor_kw < self.highest_kw - POWER_KW


def peaks_of(view: StationView) -> list[Peak]:
    """Every demand charge of the night's tariff; none where the night is not known."""
    if view.night is None:
        return []
    found = []
    for demand in view.night.tariff_series.demands:
        averages: list[float | None] = [None] * view.slots
        for interval in demand.intervals:
            average_kw = sum(share * view.drawn_kw[slot] for slot, share in interval)
            for slot, _ in interval:
                averages[slot] = average_kw
        floor_kw = view.night.demand_floor_kw(demand)
        name = demand.name if demand.is_first else f"{demand.name}, {MONTHS[demand.month[1] - 1]}"
        each = max((len(interval) for interval in demand.intervals), default=1)
        found.append(Peak(name, floor_kw, tuple(averages), each))
    return found


@dataclass(frozen=True)
class ColumnLoad:
    """Powers by column in kW: what a stay draws from the grid, base load, solar power used."""

    view: StationView
    efficiency: float
    base_kw: list[float]
    solar_kw: list[float]

    def of(self, stay: DrawnStay) -> list[float]:
        """What charging the stay draws."""
        return [kw / self.efficiency for kw in self.view.columns.means(stay.power_kw)]

    def drawn_kw(self) -> list[float]:
        """From the grid, all together."""
        return self.view.columns.means(self.view.drawn_kw)


def load_of(view: StationView) -> ColumnLoad:
    """The load by column; without the night, power into packs only."""
    nothing = (0.0,) * view.slots
    means = view.columns.means
    if view.night is None:
        return ColumnLoad(view, 1.0, means(nothing), means(nothing))
    station = view.night.station
    return ColumnLoad(view, station.chargers.efficiency, means(station.base_load_kw), means(view.solar_kw))


def load_chart(view: StationView, currency: str, peaks: Sequence[Peak]) -> Markup:
    """The whole drawing."""
    load, x = load_of(view), Scale(0, view.slots, LEFT, WIDTH - RIGHT)
    top = PRICE_BOTTOM + 36 if view.night else 30.0
    y = _power_scale(load, peaks, top)
    plot = Plot(x, y)
    levels = _limit_level(view, peaks, plot) + [level for peak in peaks for level in _peak_levels(peak)]
    notes = list(_notes(levels, plot))
    clear = [plot.note_box(*note) for note in notes]
    marks = [plot.columns(view.ticks, clear=clear), plot.rows(y.ticks(), "kW", clear=clear)]
    marks += [_base(load, plot), *_stack(load, plot)]
    if view.night is not None:
        marks += [plot.steps(load.drawn_kw(), "total", width=view.columns.each)] if any(load.solar_kw) else []
        marks += [plot.steps(peak.averages_kw, "average") for peak in peaks if peak.each > 1]
        marks += [plot.steps(level.by_slot_kw, level.css) for level in levels]
        marks += [*(plot.note(*note) for note in notes), _prices(view, view.night, currency, x)]
    kind = "Power drawn from the grid" if view.night else "Power into packs"
    name = f"{kind} by pack over the night, up to {number_text(round(max(load.drawn_kw()), 1))} kW"
    return svg.drawing(WIDTH, y.start + 42, name, *marks)


def shows_limit(view: StationView, peaks: Sequence[Peak]) -> bool:
    """Is the grid limit near enough to be drawn?"""
    scale = _power_scale(load_of(view), peaks, 0.0)
    return view.night is not None and min(stated_kw(view.night.station)) <= scale.high


def _power_scale(load: ColumnLoad, peaks: Sequence[Peak], top: float) -> Scale:
    drawn = load.drawn_kw()
    highest = max(*drawn, 1.0)
    values = [*drawn, *(-kw for kw in load.solar_kw), *(peak.billed_kw for peak in peaks)]
    if load.view.night is not None:
        values += [kw for kw in stated_kw(load.view.night.station) if kw <= WORTH_SHOWING * highest]
    return svg.scale_for([kw for kw in values if kw <= WORTH_SHOWING * highest], top + LOAD_HEIGHT, top)


def _base(load: ColumnLoad, plot: Plot) -> Markup:
    """The base load at the bottom; where the sun helps, the whole stack stands that much lower."""
    marks = []
    for column, (base, sun) in enumerate(zip(load.base_kw, load.solar_kw, strict=True)):
        first, end = load.view.columns.span(column)
        when = load.view.span(first, end)
        if base > 0:
            marks.append(plot.bar(first, end, -sun, base - sun, "base", f"base load {base:,.1f} kW, {when}"))
        if sun > 0:
            marks.append(plot.bar(first, end, -sun, 0, "sun", f"solar power used {sun:,.1f} kW, {when}"))
    return svg.group(marks)


def _stack(load: ColumnLoad, plot: Plot) -> Iterator[Markup]:
    """Packs on top of each other, those of the lowest bay at the bottom."""
    floor = [base - sun for base, sun in zip(load.base_kw, load.solar_kw, strict=True)]
    for stay in sorted(load.view.stays, key=lambda stay: (stay.bay, stay.came)):
        if not stay.is_busy:
            continue
        marks = []
        for column, kw in enumerate(load.of(stay)):
            if kw > CHARGING_KW:
                first, end = load.view.columns.span(column)
                hint = f"{stay.pack}, bay {stay.bay_name}: {kw:,.1f} kW, {load.view.span(first, end)}"
                marks.append(plot.bar(first, end, floor[column], floor[column] + kw, "", hint))
                floor[column] += kw
        css = hue(load.view.hue(stay)) + (" alt" if stay.bay % 2 else "")
        yield svg.group(marks, f"pack {css}", data_row=stay.bay)


@dataclass(frozen=True)
class _Level:
    """A height in kW with its class and name, drawn in the slots that have it; its name stands where `anchor` says."""

    by_slot_kw: tuple[float | None, ...]
    css: str
    words: str
    anchor: str = "start"


Note = tuple[float, float, str, str]
"""Words above a point: where, in slots and kW, what, and their anchor."""


def _limit_level(view: StationView, peaks: Sequence[Peak], plot: Plot) -> list[_Level]:
    if view.night is None or not shows_limit(view, peaks):
        return []
    limit = stated_kw(view.night.station)
    shown = tuple(kw if kw <= plot.y.high else None for kw in limit)
    words = f"grid limit {number_text(limit[-1])} kW" if min(limit) == max(limit) else "grid limit"
    return [_Level(shown, "limit", words, "end")]


def _peak_levels(peak: Peak) -> list[_Level]:
    """The month's peak of a demand charge where it is metered, before and after tonight."""
    metered = [average is not None for average in peak.averages_kw]
    return [_Level(tuple(kw if on else None for on in metered), css, words) for kw, css, words in _levels(peak)]


def _notes(levels: Sequence[_Level], plot: Plot) -> Iterator[Note]:
    """Names of levels where there is room for them: far enough above and below other names and their lines."""
    taken: list[float] = []
    for level in levels:
        known = [(slot, kw) for slot, kw in enumerate(level.by_slot_kw) if kw is not None]
        if known or level.anchor == "end":
            slot, kw = known[0] if level.anchor == "start" else (plot.x.high, level.by_slot_kw[-1] or plot.y.high)
            y = plot.y.at(kw)
            if all(abs(y - other) >= NOTE_PX for other in taken):
                taken.append(y)
                yield slot, kw, level.words, level.anchor


def _levels(peak: Peak) -> list[tuple[float, str, str]]:
    """Heights of a demand charge, their classes and names."""
    already = f"{peak.name}: {peak.floor_kw:,.0f} kW billed already"
    if peak.highest_kw <= peak.floor_kw + POWER_KW:
        return [(peak.floor_kw, "peak", f"{already}, not raised")]
    billed = [(peak.highest_kw, "peak", f"{peak.name}: {peak.highest_kw:,.0f} kW billed")]
    return [*billed, (peak.floor_kw, "peak already", already)] if peak.is_raised else billed


def _prices(view: StationView, night: Night, currency: str, x: Scale) -> Markup:
    prices = night.tariff_series.price_per_kwh
    plot = Plot(x, svg.scale_for(prices, PRICE_BOTTOM, PRICE_TOP))
    unit = svg.label(8, PRICE_TOP - 14, f"price, {currency}/kWh", "unit")
    ends = sorted({min(prices), max(prices)})
    extremes = svg.label(
        x.end, PRICE_TOP - 14, " to ".join(number_text(round(price, 5)) for price in ends), "unit", "end"
    )
    hints = [
        plot.bar(begin, end, plot.y.low, plot.y.high, "touch", f"{number_text(round(price, 5))} {currency}/kWh, {when}")
        for begin, end, price, when in _runs(view, prices)
    ]
    grid = plot.columns(view.ticks, named=False)
    axis = plot.rows(plot.y.ticks(2), "")
    return joined([grid, axis, plot.steps(prices, "price"), unit, extremes, *hints])


def _runs(view: StationView, values: Sequence[float]) -> Iterator[tuple[int, int, float, str]]:
    """Stretches of one value, as far as columns show them apart."""
    begin = 0
    for slot in range(1, len(values) + 1):
        if slot == len(values) or (values[slot] != values[begin] and slot - begin >= view.columns.each):
            yield begin, slot, values[begin], view.span(begin, slot)
            begin = slot
