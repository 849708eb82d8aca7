"""One station's day, folded: key figures, two drawings, lost swaps, every hour, every hand-over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.station.instance import Night
from models.station.overload import stated_kw
from optimizer.check.plan_check import planned_night
from optimizer.formats.plan_document import PlannedStation
from optimizer.graphics.charts import hue
from optimizer.graphics.html_page import (
    Cell,
    Head,
    count_cell,
    figure,
    legend,
    money,
    number_cell,
    paragraph,
    percent,
    table,
    tiles,
)
from optimizer.graphics.markup import NOTHING, Markup, tag, text
from optimizer.reports.days.day_charts import day_bays_chart, day_load_chart
from optimizer.reports.load_chart import Peak, peaks_of, shows_limit
from optimizer.reports.station_charts import demand_by_hour, demand_word, hours_of, lost_swaps
from optimizer.reports.station_tables import hand_over_table, lost_table, sheet
from optimizer.reports.station_view import StationView, view_of
from optimizer.runs.folder import NETWORK
from optimizer.runs.station_table import StationRow
from optimizer.summaries.lost_text import clock_at
from optimizer.summaries.waits import ready_by_slot

REPAIRS = "What would serve them, as the least repair of each kind: swapcharge explain"
NO_PLAN = "There is no plan of this station."


@dataclass(frozen=True)
class Day:
    """What is known of a station's day. `planned`, `night`: None where there is none, or it cannot be read.

    `number`: its place among all stations, from 1; `concerns`: what there is to look at, in words.
    """

    number: int
    row: StationRow
    concerns: str
    planned: PlannedStation | None = None
    night: Night | None = None
    note: str = ""


def day_id(number: int) -> str:
    """The place in the page at which the day of a station is unfolded."""
    return f"day-{number}"


def day_part(day: Day, currency: str) -> Markup:
    """The folded part: its name and what there is to look at, then all the rest."""
    about = [tag("strong", text(day.row.name))]
    about += [tag("span", text(day.concerns), class_="concern")] if day.concerns else []
    inside = tag("div", *_content(day, currency), id=day_id(day.number), class_="of-day", tabindex="-1")
    return tag("details", tag("summary", *about), inside, class_="sheet day")


def _content(day: Day, currency: str) -> Iterator[Markup]:
    if day.note:
        yield paragraph(day.note, "hint")
    if day.planned is None:
        yield paragraph(day.row.reason or NO_PLAN)
        return
    night = None if day.night is None else planned_night(day.night, day.planned)
    view = view_of(day.planned, night)
    peaks = peaks_of(view)
    yield tiles(_tiles(day.row, view, currency))
    if day.row.status == "fallback" and day.row.reason:
        yield paragraph(f"A baseline only: {day.row.reason.splitlines()[0]}", "note")
    yield lost_table(view)
    if day.row.swaps_lost and day.night is not None:
        yield paragraph(f"{REPAIRS} RUN/{NETWORK} RUN/{day.row.file}", "note")
    yield tag("div", _load(view, currency, peaks), _bays(view), class_="side")
    yield from _tables(view, currency)


def _tiles(row: StationRow, view: StationView, currency: str) -> Iterator[tuple[str, str, str]]:
    served, lost = row.swaps_served or 0, row.swaps_lost or 0
    yield "Swaps", f"{served:,} served", f"{lost:,} lost"
    yield "Peak", f"{max(view.drawn_kw):,.1f} kW", _limit(view.night)
    yield f"Charging, {currency}", money(row.gross_cost), f"saves {money(row.saving)}"
    yield "Proven gap", percent(row.gap), f"{money(row.gap_money)} {currency} at most"


def _limit(night: Night | None) -> str:
    if night is None:
        return "into packs, losses left out"
    limit = stated_kw(night.station)
    return f"limit {max(limit):,.0f} kW" + ("" if min(limit) == max(limit) else " at most")


def _load(view: StationView, currency: str, peaks: Sequence[Peak]) -> Markup:
    keys = [("line c1", "drawn from the grid" if view.night else "into packs")]
    if view.night is not None:
        keys += [("base", "base load")] if any(view.night.station.base_load_kw) else []
        keys += [("line limit", "grid limit")] if shows_limit(view, list(peaks)) else []
        keys += [("line price", "price")]
    keys += [("line peak", "billed peak")] if peaks else []
    return figure(
        "Load and prices" if view.night else "Load", day_load_chart(view, currency, peaks), legend(keys), css="small"
    )


def _bays(view: StationView) -> Markup:
    keys = [("stays", "pack in its bay"), (hue(0), "charging"), ("handed", "taken by a driver")]
    if view.night is not None:
        keys += [("line ready", "ready packs"), ("demand", f"{demand_word(view.night)} in the hour")]
        keys += [("line reserve", "reserve asked for")] if any(view.night.station.ready_reserve) else []
    keys += [("lost", "swap lost")] if lost_swaps(view) else []
    return figure("Ready packs and bays" if view.night else "Bays", day_bays_chart(view), legend(keys), css="small")


def _tables(view: StationView, currency: str) -> Iterator[Markup]:
    """Every hour and every hand-over, folded: they are long."""
    if view.night is not None:
        yield _folded("Hour by hour", _hours(view, view.night, currency))
    given = hand_over_table(view)
    if given:
        yield _folded("Hand-overs", given)


def _folded(name: str, content: Markup) -> Markup:
    return tag("details", tag("summary", text(name)), content) if content else NOTHING


def _hours(view: StationView, night: Night, currency: str) -> Markup:
    heads = [
        Head("from"),
        Head("mean kW", True),
        Head(f"price, {currency}/kWh", True),
        Head("ready packs, least", True),
    ]
    heads += [Head("served", True), Head("lost", True)]
    ready, prices = ready_by_slot(night, view.visits), night.tariff_series.price_per_kwh
    demand = {first: (served, lost) for first, _, served, lost in demand_by_hour(view, night)}
    rows = []
    for first, end in hours_of(view, night):
        served, lost = demand.get(first, (0, 0))
        mean_kw, price = (sum(values[first:end]) / (end - first) for values in (view.drawn_kw, prices))
        cells = [Cell(clock_at(night, first), first), number_cell(mean_kw, 1), number_cell(price, 4)]
        rows.append([*cells, count_cell(min(ready[first:end])), count_cell(served), count_cell(lost)])
    return sheet(table("Hour by hour", heads, rows))
