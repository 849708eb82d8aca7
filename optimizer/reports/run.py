"""The report of a run of `nightly`: totals, proof, how gaps and savings lie, what went wrong, every station."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from models.errors import Problem
from models.station.cost import Cost
from models.station.instance import Instance
from models.station.saving import OF_THE_BILL
from models.station.starts import ChargingFigures
from models.tolerances import is_same_money
from optimizer.files.errors import InputErrors
from optimizer.formats.network_file import read_network
from optimizer.formats.plan_file import read_plan
from optimizer.graphics.charts import Bar, bar_chart
from optimizer.graphics.html_page import (
    Cell,
    Head,
    banner,
    figure,
    heading,
    listed,
    money,
    page,
    paragraph,
    percent,
    section,
    table,
    tiles,
)
from optimizer.graphics.markup import NOTHING, Markup, tag
from optimizer.reports.days.run_alarms import alarms_of_folder, alarms_part
from optimizer.reports.days.run_nights import nights_of, recorded_network
from optimizer.reports.days.station_list import stations_part
from optimizer.reports.plan import made_by, plan_report
from optimizer.reports.savings import saving_tile, savings_part
from optimizer.reports.station import cost_part, starts_below
from optimizer.reports.station_tables import sheet
from optimizer.runs.folder import PLANS, plan_name, read_station_rows, read_summary
from optimizer.runs.station_table import StationRow
from optimizer.runs.summary import RunSummary

GAP_EDGES = (0.0, 0.0001, 0.001, 0.005, 0.01, 0.02, 0.05)  # shares: the upper ends of the histogram's classes
MOST_BARS, HALF_WIDTH = 240, 480.0
STATES = {"running": "is still running", "interrupted": "was interrupted", "time_limit": "stopped at its time limit"}


def run_report(run: Path, network: str | None = None) -> bytes:
    """The page of the run in the folder `run`. `network`: its file; None: the one that the run keeps, or
    that its summary names.

    Raises InputErrors where the folder is not one of a run, or a `network` that is named cannot be read.
    """
    summary, rows = read_summary(run), read_station_rows(run)
    nights = nights_of(run, summary, network)
    state = STATES.get(summary.status, "")
    unfinished = f"This run {state}: what follows is what it had so far." if state else ""
    alarms = alarms_of_folder(run)
    stations = stations_part(rows, nights, alarms, summary)
    return page(
        f"Run {summary.name}",
        heading("Run of nightly", summary.name, _horizon(summary), f"{run}, costs in {summary.currency}"),
        paragraph(unfinished, "hint") if unfinished else NOTHING,
        alarms_part(alarms, stations.places),
        tiles(_tiles(summary)),
        _wrong(summary, stations.places),
        section("Stations", stations.content),
        cost_part(summary.cost.as_cost, _on_arrival(summary), summary.bound, summary.currency),
        savings_part(summary.told_savings, summary.currency),
        tag("div", _gaps(rows), _savings(rows, summary.currency), class_="side"),
        made_by(summary.versions),
    )


def _on_arrival(summary: RunSummary) -> Cost | float:
    """What charging on arrival costs, part by part where savings tell it; else its objective alone.

    What its packs hold at the end is worth what its objective lacks; the base load is that of the plans.
    """
    cost, savings = summary.cost.as_cost, summary.told_savings
    if savings is None:
        return summary.baseline_objective
    parts = {name: getattr(cost, name) + getattr(savings.on_arrival, name) for name in OF_THE_BILL}
    end_value = sum(parts.values()) - summary.baseline_objective
    on_arrival = Cost(**parts, end_value=end_value, base_bill=cost.base_bill)
    is_whole = is_same_money(on_arrival.gross_cost, savings.on_arrival.gross_cost)
    return on_arrival if is_whole else summary.baseline_objective


def _horizon(summary: RunSummary) -> str:
    horizon = summary.horizon
    try:
        start, end = (datetime.fromisoformat(stamp) for stamp in (horizon.start, horizon.end))
    except ValueError:
        return f"{horizon.start} to {horizon.end} {horizon.time_zone}"
    return f"{start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} {horizon.time_zone}"


def _tiles(s: RunSummary) -> Iterator[tuple[str, str, str]]:
    others = [f"{count:,} {word}" for count, word in _others(s) if count]
    yield "Stations", f"{s.planned:,} planned", f"of {s.stations:,}" + "".join(f", {other}" for other in others)
    yield f"Objective, {s.currency}", money(s.objective), f"charging costs {money(s.gross_cost)}"
    yield saving_tile(s.told_savings, s.baseline_objective - s.objective, s.currency)
    yield "Proven gap", percent(s.proven.gap if s.proven.stations else None), s.proof_in_words()
    yield "Swaps", f"{s.swaps_served:,} served", f"{s.swaps_lost:,} lost"
    if s.stays_charged:  # a run of an earlier version does not say
        yield "Starts", f"{s.starts:,}", starts_below(ChargingFigures(s.stays_charged, s.starts))
    yield "Time", f"{s.wall_seconds:,.1f} s", "wall time of the last invocation"


def _others(s: RunSummary) -> tuple[tuple[int, str], ...]:
    return (s.fallback, "with a baseline only"), (s.failed, "failed"), (s.open, "still open")


def _wrong(s: RunSummary, places: Mapping[str, str]) -> Markup:
    """Stations without a plan or with a baseline only, and what is wrong with the network's file."""
    if not (s.failed_stations or s.fallback_stations or s.problems):
        return NOTHING
    kinds = (("no plan", s.failed_stations), ("baseline", s.fallback_stations))
    told = [(one.station or one.place, has, _first(one.reason)) for has, stations in kinds for one in stations]
    rows = [[Cell(name, link=places.get(name, "")), Cell(has), Cell(why)] for name, has, why in told]
    heads = [Head("station"), Head("it has"), Head("reason")]
    tables = [sheet(table("Stations without an optimised plan", heads, rows, counted=True))] if rows else []
    problems = banner("The network's file is wrong", listed(s.problems)) if s.problems else NOTHING
    return section("What went wrong", problems, *tables)


def _first(reason: str) -> str:
    first, *more = reason.splitlines() or [""]
    return f"{first} (and {len(more):,} more)" if more else first


def _gaps(rows: Sequence[StationRow]) -> Markup:
    planned = [row for row in rows if row.objective is not None]
    proven = [row.gap for row in planned if row.gap is not None]
    names = ["0 %", *(f"≤ {100 * edge:g}" for edge in GAP_EDGES[1:]), f"> {100 * GAP_EDGES[-1]:g}", "open"]
    counts = [0] * len(names)
    for gap in proven:
        counts[sum(gap > edge for edge in GAP_EDGES)] += 1
    counts[-1] = len(planned) - len(proven)
    bars = [
        Bar(name, count, "c6" if name == "open" else "c1", f"gap {name}: {count:,} stations")
        for name, count in zip(names, counts, strict=True)
    ]
    drawn = bar_chart(bars, "stations", "How many stations have which proven gap", width=HALF_WIDTH, whole=True)
    note = "How far plans can be from the best possible, in % of what charging costs; open: nothing is proven."
    return figure("Stations by proven gap", drawn, note=note, css="small")


def _savings(rows: Sequence[StationRow], currency: str) -> Markup:
    ranked = sorted(((row.saving, row.name) for row in rows if row.saving is not None), key=lambda one: -one[0])
    each = max(1, -(-len(ranked) // MOST_BARS))
    bars = []
    for first in range(0, len(ranked), each):
        group = ranked[first : first + each]
        mean = sum(saving for saving, _ in group) / len(group)
        who = group[0][1] if each == 1 else f"rank {first + 1:,} to {first + len(group):,}, the mean"
        bars.append(Bar("", mean, "c2" if mean >= 0 else "c4", f"{who}: {money(mean)} {currency}"))
    name = f"Saving of {len(ranked)} stations, largest first"
    drawn = bar_chart(bars, currency, name, width=HALF_WIDTH)
    note = "The smaller saving of each station, as in the table of savings, the largest first."
    note += " Point at a bar for the station."
    note += f" Each bar is the mean of {each} stations." if each > 1 else ""
    return figure("Saving by station", drawn, note=note, css="small")


def run_station_report(run: Path, station: str, network: str | None) -> bytes:
    """The page of one station's plan in a run. `network`: its file; None: the one that the run keeps, or that its
    summary names.

    Raises InputErrors where the run has no plan for it, or the network has no such station.
    """
    summary = read_summary(run)
    path = run / PLANS / plan_name(station)
    if not path.is_file():
        rule, remedy = "has no plan in this run", "stations.csv lists the stations that have one"
        raise InputErrors(str(run), [Problem("stations", station, rule, remedy)])
    plan = read_plan(path)
    given = network or recorded_network(run, summary)
    instance = None if given is None else _one_station(given, station)
    source = f"Checked against {given}" if given else f"The network {summary.network} is not there any more"
    return plan_report(plan, str(path), instance, None, f"One station of the run {summary.name}. {source}")


def _one_station(network: str, station: str) -> Instance:
    file = read_network(network)
    index = next((i for i in range(len(file.stations)) if file.station_id(i) == station), None)
    if index is None:
        rule = "is not a station of this network"
        raise InputErrors(file.file, [Problem("stations", station, rule, "name the network that the run planned")])
    return Instance(file.name, file.currency, (file.night(index),))
