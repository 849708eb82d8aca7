"""The drawings of a study: costs by tariff, kWh by period, the mean day, nights as shades."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from optimizer.graphics import svg
from optimizer.graphics.charts import Part, Stack, clipped, heat_map, stacked_bars
from optimizer.graphics.html_page import money
from optimizer.graphics.markup import Markup
from optimizer.graphics.svg import Plot, Point, Scale, number_text
from optimizer.reports.study_totals import MeanDay, NightSum, PeriodSum
from optimizer.studies.tables import RankedTariff

COST_PARTS = (
    ("energy", "energy", "cost-energy"),
    ("energy_tiers", "energy tiers", "cost-tiers"),
    ("demand", "demand charges", "cost-demand"),
    ("fixed", "fixed charges", "cost-fixed"),
    ("minimum", "minimum charges", "cost-minimum"),
    ("lost_swaps", "lost swaps", "cost-lost-swaps"),
    ("other_costs", "wear, plug changes, reserve", "cost-other"),
)
OTHER_DAYS = "charged by the month for days without a night"
HALF = 480.0
HOURS_TICKED = 6
MOST_TICKS = 12  # above a heat map


def ranking_chart(ranking: Sequence[RankedTariff], currency: str) -> Markup:
    """A bar for each tariff that ends at its total; what charging on arrival costs is marked on it."""
    said = "; ".join(f"{one.tariff} {money(one.total_cost)} {currency}" for one in ranking)
    return stacked_bars([_stack(one) for one in ranking], None, f"Total costs, cheapest first: {said}")


def _stack(one: RankedTariff) -> Stack:
    parts = [Part(words, getattr(one, field), css) for field, words, css in COST_PARTS]
    parts.append(Part("worth of energy left in the packs", -one.stock_value, "credit"))
    if one.other_days:
        parts.append(Part(OTHER_DAYS, -one.other_days, "credit"))
    on_arrival = f"{one.tariff}: charging on arrival {money(one.baseline_total_cost)}"
    return Stack(one.tariff, parts, money(one.total_cost), (one.baseline_total_cost, on_arrival))


def periods_chart(periods: Sequence[PeriodSum], most_kwh: float, currency: str, tariff: str) -> Markup:
    """For each price period two bars: kWh charging on arrival above kWh as planned. `most_kwh`: the longest bar."""
    pitch, top = 58.0, 4.0
    x = Scale(0, max(most_kwh, 1.0), 2, HALF - 84)
    marks = []
    for row, one in enumerate(periods):
        at = top + row * pitch
        marks.append(svg.label(2, at + 14, clipped(one.name), "name"))
        price = f"{number_text(round(one.price_per_kwh, 4))} {currency}/kWh"
        marks.append(svg.label(HALF - 2, at + 14, price, "tick", "end"))
        for side, (kwh, css) in enumerate(((one.baseline_kwh, "against"), (one.kwh, "c1"))):
            y = at + 20 + 15 * side
            hint = f"{one.name}: {kwh:,.0f} kWh {'as planned' if side else 'charging on arrival'}"
            marks.append(svg.block(x.start, y, x.at(kwh), y + 13, css, hint))
            marks.append(svg.label(x.at(kwh) + 6, y + 11, f"{kwh:,.0f}", "tick"))
    said = "; ".join(f"{one.name} {one.baseline_kwh:,.0f} and {one.kwh:,.0f}" for one in periods)
    name = f"kWh by price period under {tariff}, charging on arrival and as planned: {said}"
    return svg.drawing(HALF, top + pitch * len(periods), name, *marks)


@dataclass(frozen=True)
class DayScales:
    """What the mean days of several tariffs share, so that they can be compared."""

    most_kw: float
    prices: tuple[float, float]


def day_chart(day: MeanDay, scales: DayScales, currency: str, tariff: str) -> Markup:
    """Load as planned against charging on arrival over the clock, the price in a strip above."""
    slots = len(day.times)
    x = Scale(0, slots, 56, HALF - 12)
    price = Plot(x, svg.scale_for(scales.prices, 62, 24))
    load = Plot(x, svg.scale_for([scales.most_kw], 232, 102))
    ticks = [(float(slot), time) for slot, time in enumerate(day.times) if _is_ticked(time)]
    marks = [price.columns(ticks, named=False), load.columns(ticks)]
    marks += [price.rows(price.y.ticks(2), ""), load.rows(load.y.ticks(4), "")]
    marks += [svg.label(2, 12, f"price, {currency}/kWh", "unit"), svg.label(2, 90, "load, kW", "unit")]
    marks += [price.steps(day.price_per_kwh, "price"), svg.line(_area(load, day.kw), "area c1")]
    marks += [load.steps(day.kw, "c1"), load.steps(day.baseline_kw, "against"), *_touched(day, load, price, currency)]
    peaks = f"{max(day.kw):,.0f} kW as planned, {max(day.baseline_kw):,.0f} kW charging on arrival"
    return svg.drawing(HALF, 258, f"The mean day under {tariff}: at most {peaks}", *marks)


def _is_ticked(time: str) -> bool:
    return time.endswith(":00") and int(time[:2]) % HOURS_TICKED == 0


def _area(plot: Plot, values: Sequence[float]) -> list[Point]:
    edges = [(plot.x.at(slot + end), plot.y.at(value)) for slot, value in enumerate(values) for end in (0, 1)]
    return [(edges[0][0], plot.y.at(0)), *edges, (edges[-1][0], plot.y.at(0))]


def _touched(day: MeanDay, load: Plot, price: Plot, currency: str) -> Iterator[Markup]:
    """Hints hour by hour, for a pointer that rests there."""
    for _, of_hour in groupby(range(len(day.times)), key=lambda slot: day.times[slot][:2]):
        slots = list(of_hour)
        means = [sum(values[slot] for slot in slots) / len(slots) for values in (day.price_per_kwh, day.kw)]
        on_arrival = sum(day.baseline_kw[slot] for slot in slots) / len(slots)
        price_text = f"{number_text(round(means[0], 4))} {currency}/kWh"
        hint = f"from {day.times[slots[0]]}: {price_text}, {means[1]:,.0f} kW as planned"
        left, right = load.x.at(slots[0]), load.x.at(slots[-1] + 1)
        hint += f", {on_arrival:,.0f} kW on arrival"
        yield svg.block(left, price.y.end, right, load.y.start, "touch", hint)


def nights_chart(
    nights: Mapping[str, Mapping[date, NightSum]], field: str, first: date, count: int, unit: str, name: str
) -> Markup:
    """A row for each tariff, a shade for each night's `field`; nothing where it is 0 or no night was planned."""
    dates = [first + timedelta(days=day) for day in range(count)]
    values = [[_value(of_tariff, day, field) for day in dates] for of_tariff in nights.values()]
    every = max(1, -(-count // MOST_TICKS))
    shown = [f"{day.day} {day:%b}" if index % every == 0 else "" for index, day in enumerate(dates)]
    css = "lost-night" if field == "swaps_lost" else "c1"
    columns = [day.isoformat() for day in dates]
    return heat_map(list(nights), columns, values, name, shown=shown, css=css, unit=unit)


def _value(nights: Mapping[date, NightSum], day: date, field: str) -> float | None:
    found = nights.get(day)
    value = 0.0 if found is None else round(float(getattr(found, field)), 2)
    return value or None
