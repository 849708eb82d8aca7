"""The part of a study's page that tells which tariff is the cheapest at each station, as a table and in shades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from optimizer.graphics import svg
from optimizer.graphics.charts import RIGHT, WIDTH, clipped, shaded_rows
from optimizer.graphics.html_page import Cell, Head, figure, legend, money, money_cell, percent_cell, section, table
from optimizer.graphics.markup import NOTHING, Markup
from optimizer.graphics.svg import Scale
from optimizer.reports.station_tables import sheet
from optimizer.reports.study_energy import MOST_TARIFFS, left_out
from optimizer.studies.answers.by_station import by_station
from optimizer.studies.answers.differences import because, difference
from optimizer.studies.folder import StudyResults
from optimizer.studies.tables import StationTariff

MOST_ROWS = 40  # stations drawn: those with most at stake
ROW_PX, LETTER_PX, TOP_PX = 24.0, 7.0, 24.0
Stations = Mapping[str, Sequence[StationTariff]]


def best_at_stations(results: StudyResults, variant: str, tariffs: Sequence[str]) -> Markup:
    """For studies of several stations and tariffs; `tariffs`: the cheapest of all stations together first."""
    stations = by_station(results.tables.stations, variant)
    if len(results.summary.stations) < 2 or len(tariffs) < 2 or not stations:
        return NOTHING
    ordered = dict(sorted(stations.items(), key=lambda one: -_at_stake(one[1])))
    return section(
        "Best tariff by station",
        _shades(ordered, tariffs, results.summary.currency),
        sheet(_table(ordered, results.summary.currency)),
    )


def _at_stake(order: Sequence[StationTariff]) -> float:
    """From the cheapest tariff of a station to its dearest."""
    return order[-1].total_cost - order[0].total_cost


def _shades(stations: Stations, tariffs: Sequence[str], currency: str) -> Markup:
    drawn = dict(list(stations.items())[:MOST_ROWS])
    left = len(stations) - len(drawn)
    most = max(_at_stake(order) for order in drawn.values())
    note = (
        f"From pale, the cheapest of the station, to strong, {money(most)} {currency} more. A dot marks the cheapest."
    )
    note += left_out(len(tariffs))
    note += f" Drawn are the {MOST_ROWS} stations with most at stake, {left:,} are left out." if left else ""
    return figure(
        "What each tariff costs more than the cheapest of the station",
        stations_chart(drawn, tariffs[:MOST_TARIFFS], currency),
        legend([("c2", "cheapest at the station")]),
        note,
        alone=f"What each tariff costs more than the cheapest of the station, {currency}",
    )


def stations_chart(stations: Stations, tariffs: Sequence[str], currency: str) -> Markup:
    """A row for each station, a column for each tariff: the darker, the more it costs than the station's cheapest."""
    left = 24 + LETTER_PX * max(len(clipped(name)) for name in stations)
    x = Scale(0, len(tariffs), left, WIDTH - RIGHT)
    letters = max(4, int((x.end - x.start) / len(tariffs) / LETTER_PX) - 1)
    most = max(_at_stake(order) for order in stations.values())
    rows, marks = [], []
    for row, (station, order) in enumerate(stations.items()):
        cost = {one.tariff: one.total_cost for one in order}
        more = [cost[tariff] - order[0].total_cost for tariff in tariffs]
        hints = [f"{station}, {name}: {money(cost[name])} {currency}" for name in tariffs]
        rows.append([(value / most if most else 0.0, hint) for value, hint in zip(more, hints, strict=True)])
        best = order[0].tariff
        if best in tariffs:
            hint = f"{station}: {best} is the cheapest, {money(order[0].total_cost)} {currency}"
            marks.append(svg.dot(x.at(tariffs.index(best) + 0.5), TOP_PX + (row + 0.5) * ROW_PX, 5, "c2 spot", hint))
    heads = [clipped(name, letters) for name in tariffs]
    cells = shaded_rows(list(stations), heads, rows, x, TOP_PX, ROW_PX, "c1 cell")
    said = "; ".join(f"{station} {order[0].tariff}" for station, order in stations.items())
    height = TOP_PX + len(stations) * ROW_PX + 8
    return svg.drawing(WIDTH, height, f"The cheapest tariff by station: {said}", *cells, *marks)


def _table(stations: Stations, currency: str) -> Markup:
    heads = [Head("station"), Head("cheapest"), Head("total", True), Head("next"), Head("more", True), Head("", True)]
    heads.append(Head("why the next costs more"))
    rows = [_row(station, order) for station, order in stations.items()]
    name = f"The cheapest tariff of each station and the next, {currency}; most at stake first"
    return table(name, heads, rows, sortable=True)


def _row(station: str, order: Sequence[StationTariff]) -> list[Cell]:
    best, following = order[0], order[1]
    more = difference(following, best)
    share = more.total_cost / abs(best.total_cost) if best.total_cost else None
    return [
        Cell(station),
        Cell(best.tariff),
        money_cell(best.total_cost),
        Cell(following.tariff),
        money_cell(more.total_cost),
        percent_cell(share),
        Cell(because(more).removeprefix(": ")),
    ]
