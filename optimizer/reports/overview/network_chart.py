"""The night of the whole network in one small drawing: what is drawn from the grid under what it costs."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.graphics import svg
from optimizer.graphics.html_page import figure, legend
from optimizer.graphics.markup import NOTHING, Markup, short, tag
from optimizer.graphics.svg import Plot, Scale, number_text
from optimizer.reports.overview.network_facts import NetworkFacts
from optimizer.reports.station_view import DrawnColumns, clock_ticks

WIDTH, LEFT, RIGHT, BELOW = 480.0, 60.0, 26.0, 40.0
PRICE_TOP, PRICE_BOTTOM, LOAD_TOP, LOAD_BOTTOM = 24.0, 66.0, 98.0, 232.0
MOST_TICKS = 7


def network_load(facts: NetworkFacts, currency: str) -> Markup:
    """The drawing with its legend; nothing where no night is known."""
    if facts.horizon is None:
        return NOTHING
    has_band = facts.least_price != facts.most_price
    keys = [("c1", "charging"), ("base", "base load")] if any(facts.base_kw) else [("c1", "charging")]
    keys += [("line price", "price, mean of the stations" if has_band else "price")]
    keys += [("price pale", "from the cheapest to the dearest tariff")] if has_band else []
    note = "" if facts.nights == facts.planned else f"Of {facts.nights:,} of {facts.planned:,} planned stations."
    return figure("Load and prices, all stations together", _drawing(facts, currency), legend(keys), note, css="small")


def _drawing(facts: NetworkFacts, currency: str) -> Markup:
    assert facts.horizon is not None
    columns = DrawnColumns(facts.horizon.slots)
    drawn, base = columns.means(facts.drawn_kw), columns.means(facts.base_kw)
    x = Scale(0, facts.horizon.slots, LEFT, WIDTH - RIGHT)
    plot = Plot(x, svg.scale_for([*drawn, 1.0], LOAD_BOTTOM, LOAD_TOP))
    ticks = clock_ticks(facts.horizon)
    ticks = ticks[:: max(1, -(-len(ticks) // MOST_TICKS))]
    each, peak_kw = columns.each, facts.peak[0]
    marks = [
        plot.columns(ticks),
        plot.rows(plot.y.ticks(4), "kW"),
        _area(plot, [0.0] * len(drawn), drawn, each, "c1 full"),
        _area(plot, [0.0] * len(base), base, each, "base full") if any(base) else NOTHING,
        _prices(facts, columns, currency, x),
    ]
    name = f"Power drawn from the grid by all stations, up to {number_text(round(peak_kw))} kW, and the price of energy"
    return svg.drawing(WIDTH, LOAD_BOTTOM + BELOW, name, *marks)


def _prices(facts: NetworkFacts, columns: DrawnColumns, currency: str, x: Scale) -> Markup:
    least, most = columns.means(facts.least_price), columns.means(facts.most_price)
    plot = Plot(x, svg.scale_for([*least, *most], PRICE_BOTTOM, PRICE_TOP))
    band = _area(plot, least, most, columns.each, "price area") if least != most else NOTHING
    ends = " to ".join(number_text(round(price, 4)) for price in sorted({min(least), max(most)}))
    return svg.group(
        [
            plot.rows(plot.y.ticks(2), ""),
            band,
            plot.steps(columns.means(facts.mean_price), "price", width=columns.each),
            svg.label(8, PRICE_TOP - 10, f"price, {currency}/kWh", "unit"),
            svg.label(x.end, PRICE_TOP - 10, ends, "unit", "end"),
        ]
    )


def _area(plot: Plot, low: Sequence[float], high: Sequence[float], each: int, css: str) -> Markup:
    """What lies between two lines of steps."""
    spans = [(plot.x.at(n * each), plot.x.at((n + 1) * each)) for n in range(len(high))]
    above = [(x, plot.y.at(value)) for span, value in zip(spans, high, strict=True) for x in span]
    below = [(x, plot.y.at(value)) for span, value in zip(spans, low, strict=True) for x in span]
    path = "".join(f"L{short(x)} {short(y)}" for x, y in (*above, *reversed(below)))
    return tag("path", d=f"M{path[1:]}z", class_=css)
