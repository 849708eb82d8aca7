"""What a run of `nightly` comes to: summary.json, and the screen for people."""

from __future__ import annotations

import math
import resource
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from models.station.cost import Cost, gap_between
from models.station.result import StationResult
from optimizer.files.errors import printable
from optimizer.runs.folder import FORMAT
from optimizer.runs.network_run import Run
from optimizer.runs.station_rows import Row
from optimizer.runs.station_task import digest
from optimizer.summaries.plan_text import gap_in_words
from optimizer.workers.worker import peak_memory_mb

SHOWN = 10  # stations that the screen names of each kind
STAGES = ("solver", "model", "rounding", "check")
STATES = ("planned", "fallback", "failed", "open")


@dataclass(frozen=True)
class Circumstances:
    """What the command was given and when it began. Seconds of `time.monotonic`; None: no limit, or none of it."""

    network: str
    started: datetime
    began_seconds: float
    options: Mapping[str, Any]


def night_summary(run: Run, given: Circumstances) -> dict[str, Any]:
    """The object of summary.json and of `nightly --json`."""
    rows = run.rows
    results = [row.result for row in rows if row.result is not None]
    objective, baseline = sum(one.objective for one in results), sum(one.baseline_objective for one in results)
    return {
        "format": FORMAT,
        "version": 1,
        "id": digest([sorted(row.keys.items()) or row.place for row in rows]),
        "status": run.status,
        "name": run.network.name,
        "currency": run.network.currency,
        "network": given.network,
        "horizon": _horizon(run),
        "started": _stamp(given.started),
        "finished": None if run.status == "running" else _stamp(datetime.now(UTC)),
        "options": dict(given.options),
        "stations": len(rows),
        **{state: sum(row.state == state for row in rows) for state in STATES},
        "resumed": sum(row.is_resumed for row in rows),
        "swaps_served": sum(one.swaps_served for one in results),
        "swaps_lost": sum(one.swaps_lost for one in results),
        "objective": objective,
        "gross_cost": _cost(results).gross_cost,
        "baseline_objective": baseline,
        "saving": baseline - objective,
        **_proof(results),
        "cost": asdict(_cost(results)),
        **_resources(run, given),
        "versions": dict(run.context.versions),
        **_failures(rows),
        "problems": list(run.network.problems),
    }


def _horizon(run: Run) -> dict[str, Any]:
    horizon = run.network.horizon
    first, end = horizon.local_slot_start(0), horizon.local_slot_start(horizon.slots)
    return {
        "start": first.isoformat(),
        "end": end.isoformat(),
        "time_zone": horizon.time_zone,
        "slot_minutes": horizon.slot_minutes,
        "slots": horizon.slots,
    }


def _stamp(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _cost(results: Sequence[StationResult]) -> Cost:
    return sum((one.cost for one in results), Cost())


def _proof(results: Sequence[StationResult]) -> dict[str, Any]:
    """Bound and gap of the network, how the stations' gaps lie, and what is proven of those with a bound."""
    proven = [one for one in results if one.bound is not None]
    objective, bound = sum(one.objective for one in proven), sum(one.bound or 0.0 for one in proven)
    gap = gap_between(objective, bound, _cost(proven).gross_cost) if proven else None
    is_whole = bool(proven) and len(proven) == len(results)
    gaps = sorted(one.gap for one in results if one.gap is not None)
    return {
        "bound": bound if is_whole else None,
        "gap": gap if is_whole else None,
        "gap_median": statistics.median(gaps) if gaps else None,
        "gap_p99": gaps[math.ceil(0.99 * len(gaps)) - 1] if gaps else None,
        "gap_max": gaps[-1] if gaps else None,
        "proven": {"stations": len(proven), "objective": objective, "bound": bound, "gap": gap},
    }


def _resources(run: Run, given: Circumstances) -> dict[str, Any]:
    """Seconds and memory of this invocation, workers included."""
    if given.options["engine"] == "processes":
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        of_workers = max(children.ru_utime + children.ru_stime, run.task_cpu_seconds)  # living ones are not counted yet
    else:
        of_workers = run.task_cpu_seconds
    cpu = time.process_time() + of_workers
    split = {stage: run.stage_seconds.get(stage, 0.0) for stage in STAGES} | {"files": run.file_cpu_seconds}
    split["rest"] = max(0.0, cpu - sum(split.values()))
    return {
        "wall_seconds": round(time.monotonic() - given.began_seconds, 3),
        "cpu_seconds": round(cpu, 3),
        "solver_seconds": round(sum(row.solver_seconds for row in run.rows), 3),
        "peak_memory_mb": round(peak_memory_mb() + sum(run.peaks_mb.values()), 1),
        "cpu_split": {name: round(seconds, 3) for name, seconds in split.items()},
    }


def _failures(rows: Sequence[Row]) -> dict[str, Any]:
    return {
        "fallback_stations": [
            {"station": row.station, "reason": row.reason} for row in rows if row.state == "fallback"
        ],
        "failed_stations": [
            {"station": row.station, "place": row.place, "reason": row.reason} for row in rows if row.state == "failed"
        ],
    }


def night_screen(summary: Mapping[str, Any], run_folder: str) -> str:
    """The same for people, on one screen."""
    return "\n".join([*_head(summary), *_money(summary), *_warnings(summary), "", *_where(summary, run_folder)])


def _head(s: Mapping[str, Any]) -> Iterator[str]:
    start, end = (datetime.fromisoformat(s["horizon"][key]) for key in ("start", "end"))
    zone = s["horizon"]["time_zone"]
    yield printable(f"Network {s['name']}, {start:%Y-%m-%d %H:%M} to {end:%Y-%m-%d %H:%M} {zone}")
    yield ""
    finished = f" ({s['resumed']:,} of them found finished)" if s["resumed"] else ""
    others = "".join(f", {s[state]:,} {word}" for state, word in _OTHERS.items() if s[state])
    yield f"  stations    {s['stations']:,}: {s['planned']:,} planned{finished}{others}"


_OTHERS = {"fallback": "WITH A BASELINE ONLY", "failed": "FAILED", "open": "still open"}


def _money(s: Mapping[str, Any]) -> Iterator[str]:
    currency = printable(s["currency"])
    yield f"  charging    {s['gross_cost']:,.2f} {currency}"
    yield f"  objective   {s['objective']:,.2f} {currency}"
    yield f"  saving      {s['saving']:,.2f} {currency} against charging on arrival"
    yield f"  swaps       {s['swaps_served']:,} served, {s['swaps_lost']:,} lost"
    yield f"  proof       {_proof_in_words(s)}"
    if s["gap_max"] is not None:
        half, most, worst = (f"{100 * s[name]:.2f} %" for name in ("gap_median", "gap_p99", "gap_max"))
        yield f"  stations'   gaps: half of them up to {half}, 99 of 100 up to {most}, the largest {worst}"
    cpu, solver = s["cpu_seconds"], s["solver_seconds"]
    yield f"  time        {s['wall_seconds']:,.1f} s; CPU {cpu:,.1f} s, of which HiGHS {solver:,.1f} s"
    yield f"  memory      {s['peak_memory_mb']:,.0f} MB at most, all workers together"


def _proof_in_words(s: Mapping[str, Any]) -> str:
    proven = s["proven"]
    if not proven["stations"]:
        return gap_in_words(None, "gap_reached")
    rest = s["planned"] + s["fallback"] - proven["stations"]
    others = f"; nothing proven for {rest:,} others" if rest else ""
    return gap_in_words(proven["gap"], "gap_reached") + others


def _warnings(s: Mapping[str, Any]) -> Iterator[str]:
    only = "a baseline only, nothing proven"
    yield from _listed(f"has {only}", f"have {only}", s["fallback_stations"])
    yield from _listed("failed and has no plan", "failed and have no plan", s["failed_stations"])
    if s["problems"]:
        yield ""
        yield from s["problems"][:SHOWN]
        yield from _more(len(s["problems"]))


def _listed(one: str, several: str, stations: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if stations:
        yield ""
        yield f"1 station {one}:" if len(stations) == 1 else f"{len(stations):,} stations {several}:"
    for station in stations[:SHOWN]:
        first, *more = str(station["reason"]).splitlines() or [""]
        name = station["station"] if station["station"] is not None else station["place"]
        yield printable(f"  {name}: {first}") + (f" (and {len(more)} more)" if more else "")
    yield from _more(len(stations))


def _more(count: int) -> Iterator[str]:
    if count > SHOWN:
        yield f"  ... and {count - SHOWN:,} more: see summary.json"


def _where(s: Mapping[str, Any], run_folder: str) -> Iterator[str]:
    if s["status"] == "interrupted":
        yield "Interrupted: what is finished stays, and the same command goes on from there"
    if s["status"] == "time_limit":
        yield "The time was up: the same command goes on from there"
    yield f"Plans in {printable(run_folder)}/plans, beside them stations.csv and summary.json"
