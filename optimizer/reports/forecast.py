"""A forecast as an HTML page: hours and days as they came, against what the other days said of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from optimizer.forecast.counting import quantile
from optimizer.forecast.file_document import ForecastFileDocument
from optimizer.forecast.quality import SHARES
from optimizer.forecast.station_days import SLOTS, Reals
from optimizer.forecast.station_forecast import StationForecast, is_free
from optimizer.forecast.words import spread_words
from optimizer.graphics import svg
from optimizer.graphics.charts import LEFT, RIGHT, WIDTH
from optimizer.graphics.html_page import (
    Cell,
    Head,
    figure,
    heading,
    legend,
    listed,
    number_cell,
    page,
    paragraph,
    section,
    table,
    tiles,
)
from optimizer.graphics.markup import Markup
from optimizer.graphics.svg import Plot, Scale

HOURS = 24
TOP, HEIGHT = 34.0, 250.0
MOST_DATES = 14  # named below a drawing
MOST_STATIONS = 50
BAND = "the middle 80 % of days, told from the others"


def forecast_page(forecasts: Sequence[StationForecast], document: ForecastFileDocument) -> bytes:
    """The page; of very many stations the first ones are drawn."""
    horizon = document.horizon
    top = heading(
        "forecast of swaps", f"From {horizon.start}", f"{horizon.slots} slots of {horizon.slot_minutes} minutes"
    )
    parts = [_station(one) for one in forecasts[:MOST_STATIONS]]
    notes = [section("Notes", listed(document.notes))] if document.notes else []
    return page("Forecast of swaps", top, _table(forecasts), *parts, *notes)


def _table(forecasts: Sequence[StationForecast]) -> Markup:
    heads = [Head("station"), *(Head(name, is_number=True) for name in (
        "days", "swaps a day", "hourly error", "floor of chance", "day ±", "dispersion",
        "days below 10 %", "50 %", "90 %", "hours below 10 %", "50 %", "90 %", "CRPS of a day",
    ))]  # fmt: skip
    rows = [_row(one) for one in forecasts]
    return section("How good it is", paragraph("Each day told from the others, and compared with what came."),
                   table("Stations", heads, rows, sortable=True, counted=True))  # fmt: skip


def _row(one: StationForecast) -> list[Cell]:
    quality = one.quality
    shares = [Cell(f"{share:.0%}", share) for share in (*quality.days_below, *quality.hours_below)]
    return [
        Cell(one.station), number_cell(quality.days), number_cell(float(one.days.counts.sum()) / quality.days, 1),
        number_cell(quality.hourly_error, 2), number_cell(quality.hourly_floor, 2),
        Cell(f"{one.spread.day_sd:.0%}", one.spread.day_sd),
        number_cell(one.spread.dispersion, 2), *shares, number_cell(quality.crps_day, 2),
    ]  # fmt: skip


def _station(one: StationForecast) -> Markup:
    keys = legend([("against", BAND), ("total", "expected"), ("c1", "what came")])
    left_out = [f"{day}: {why}" for day, why in one.days.left_out]
    below = [paragraph("Left out:"), listed(left_out)] if left_out else []
    facts = [
        ("swaps a day", f"{float(one.days.counts.sum()) / len(one.days.dates):.1f}", f"{len(one.days.dates)} days"),
        ("hourly error", f"{one.quality.hourly_error:.2f}", f"floor of chance {one.quality.hourly_floor:.2f}"),
        ("day's spread", f"{one.spread.day_sd:.0%}", "beyond chance"),
    ]
    return section(
        f"Station {one.station}", tiles(facts), paragraph(spread_words(one)),
        figure("Days", _days(one), keys), figure("Hours", _hours(one), keys), *below,
    )  # fmt: skip


def _days(one: StationForecast) -> Markup:
    """A bar of quantiles for each day, what was expected, what came."""
    came = one.days.counts.sum(axis=(0, 2))
    means = np.sum([fit.level.left_out for fit in one.fits], axis=0)
    low, _, high = (quantile(share, means, one.spread.dispersion, one.spread.day_sd) for share in SHARES)
    plot = _plot(len(came), [*came, *high])
    marks = []
    for i, day in enumerate(one.days.dates):
        hint = f"{day}: {came[i]:.0f} came, {means[i]:.1f} expected, {low[i]:.0f} to {high[i]:.0f} likely"
        marks.append(plot.bar(i + 0.2, i + 0.8, low[i], high[i], "against", hint))
        marks.append(plot.polyline([(i + 0.2, means[i]), (i + 0.8, means[i])], "line total"))
        marks.append(svg.dot(plot.x.at(i + 0.5), plot.y.at(came[i]), 4, "c1 spot", hint))
    every = -(-len(came) // MOST_DATES)
    ticks = [(i + 0.5, f"{day:%d %b}") for i, day in enumerate(one.days.dates) if i % every == 0]
    return _drawing(plot, ticks, "swaps", f"Swaps of each day of {one.station}, and what the others said", marks)


def _hours(one: StationForecast) -> Markup:
    """Quantiles and mean of each hour of a weekday, and the mean of what came."""
    weekdays = [i for i, day in enumerate(one.days.dates) if not is_free(day, one.fits[0].level.holidays)]
    used = weekdays or list(range(len(one.days.dates)))
    kind = 0 if weekdays else 1
    level = [float(np.mean(fit.level.left_out[used])) for fit in one.fits]
    means = _by_hour(np.sum([a * fit.profile.shares[kind] for a, fit in zip(level, one.fits, strict=True)], axis=0))
    came = _by_hour(one.days.counts[:, used].sum(axis=0).mean(axis=0))
    low, _, high = (quantile(share, means, one.spread.dispersion, one.spread.day_sd) for share in SHARES)
    plot = _plot(HOURS, [*came, *high])
    marks = []
    for h in range(HOURS):
        hint = (
            f"{h:02d}:00: {came[h]:.2f} came on average, {means[h]:.2f} expected, {low[h]:.0f} to {high[h]:.0f} likely"
        )
        marks.append(plot.bar(h + 0.2, h + 0.8, low[h], high[h], "against", hint))
        marks.append(svg.dot(plot.x.at(h + 0.5), plot.y.at(came[h]), 4, "c1 spot", hint))
    marks.append(plot.steps(means.tolist(), "total"))
    ticks = [(float(h), f"{h:02d}:00") for h in range(0, HOURS + 1, 3)]
    name = "weekdays" if weekdays else "days"
    return _drawing(plot, ticks, "swaps", f"Swaps by hour on {name} of {one.station}", marks)


def _by_hour(quarters: Reals) -> Reals:
    return np.asarray(quarters.reshape(HOURS, SLOTS // HOURS).sum(axis=1))


def _plot(columns: int, values: Sequence[float]) -> Plot:
    return Plot(Scale(0, columns, LEFT, WIDTH - RIGHT), svg.scale_for(values, HEIGHT, TOP))


def _drawing(plot: Plot, ticks: Sequence[tuple[float, str]], unit: str, name: str, marks: Sequence[Markup]) -> Markup:
    return svg.drawing(WIDTH, HEIGHT + 34, name, plot.rows(plot.y.ticks(), unit), plot.columns(ticks), *marks)
