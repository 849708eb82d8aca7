"""From a run to its summary."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from msgspec import UNSET, UnsetType

from models.errors import Problem
from models.station.cost import Cost, gap_between
from models.station.result import PlanChanges, StationResult
from models.station.starts import ChargingFigures
from optimizer.doubts.warnings import input_warnings
from optimizer.files.errors import printable
from optimizer.formats.content_hash import digest
from optimizer.formats.network_file import NetworkFile
from optimizer.formats.plan_document import CostDocument, SavingsDocument
from optimizer.runs.network_run import NetworkRun
from optimizer.runs.station_progress import StationProgress
from optimizer.runs.summary import (
    FORMAT,
    NearPrevious,
    ProvenPart,
    RunHorizon,
    RunOptionsUsed,
    RunSummary,
    StationFailure,
)
from optimizer.summaries.saving_text import savings_of
from optimizer.workers.usage import children_cpu_seconds
from optimizer.workers.worker import peak_memory_mb

STAGES = ("solver", "model", "rounding", "check")


def summary_of(run: NetworkRun) -> RunSummary:
    """What the run has come to by now."""
    stations = run.stations
    results = [one.result for one in stations if one.result is not None]
    cost, charging = _cost(results), sum((one.charging for one in results), ChargingFigures())
    return RunSummary(
        format=FORMAT,
        version=1,
        id=digest([sorted(one.keys.items()) or one.place for one in stations]),
        status=run.status,
        name=run.network.name,
        currency=run.network.currency,
        network=run.network_path,
        horizon=horizon_of(run.network),
        started=_stamp(run.started),
        finished=None if run.status == "running" else _stamp(datetime.now(UTC)),
        options=_options(run),
        stations=len(stations),
        planned=run.count("planned"),
        fallback=run.count("fallback"),
        failed=run.count("failed"),
        open=run.count("open"),
        resumed=sum(one.is_resumed for one in stations),
        swaps_served=sum(one.swaps_served for one in results),
        swaps_lost=sum(one.swaps_lost for one in results),
        must_serve_lost=sum(one.must_serve_lost for one in results),
        stays_charged=charging.stays_charged,
        starts=charging.starts,
        **_sums(results),
        gross_cost=cost.gross_cost,
        **_proof(results),
        cost=CostDocument(**asdict(cost)),
        **_resources(run),
        versions=dict(run.context.versions),
        fallback_stations=_failures(stations, "fallback"),
        failed_stations=_failures(stations, "failed"),
        problems=(*run.network.problems, *_changed(stations), *_removed(run)),
        warnings=input_warnings(doubts_of(run)),
        **_earlier_runs(run),
    )


def _sums(results: Sequence[StationResult]) -> dict[str, Any]:
    """Of all plans together: objective, that of charging on arrival, and what is saved."""
    objective, baseline = sum(one.objective for one in results), sum(one.baseline_objective for one in results)
    savings = savings_of(results)
    return {
        "objective": objective,
        "baseline_objective": baseline,
        "saving": baseline - objective,
        "savings": None if savings is None else SavingsDocument.of(savings),
    }


def doubts_of(run: NetworkRun) -> list[Problem]:
    """What is doubtful about the network and those of its stations that were looked at, in the file's order."""
    return [*run.doubts, *(doubt for station in run.stations for doubt in station.doubts)]


def _earlier_runs(run: NetworkRun) -> dict[str, Any]:
    """What it takes from runs before it."""
    return {"near": _near(run), "carried": UNSET if run.carried is None else run.carried}


def _near(run: NetworkRun) -> NearPrevious | UnsetType:
    near, found = run.context.near, [one.changes for one in run.stations if one.changes is not None]
    return UNSET if near is None else NearPrevious(str(near.path), len(found), **asdict(sum(found, PlanChanges())))


def horizon_of(network: NetworkFile) -> RunHorizon:
    """When the network's night is."""
    horizon = network.horizon
    first, end = horizon.local_slot_start(0), horizon.local_slot_start(horizon.slots)
    return RunHorizon(first.isoformat(), end.isoformat(), horizon.time_zone, horizon.slot_minutes, horizon.slots)


def _stamp(instant: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _options(run: NetworkRun) -> RunOptionsUsed:
    options = run.options
    return RunOptionsUsed(
        gap=options.gap,
        time_limit_seconds=options.total_seconds if math.isfinite(options.total_seconds) else None,
        station_time_limit_seconds=options.time_limit_seconds,
        seed=options.seed,
        workers=run.pool.size,
        engine="processes" if options.dask_address is None else "dask",
        worker_memory_mb=options.worker_memory_mb,
        look_ahead_hours=options.look_ahead_of(run.network.horizon),
    )


def _cost(results: Sequence[StationResult]) -> Cost:
    return sum((one.cost for one in results), Cost())


def proven_part(results: Sequence[StationResult]) -> ProvenPart:
    """What is proven of those with a bound, taken together."""
    proven = [one for one in results if one.bound is not None]
    objective, bound = sum(one.objective for one in proven), sum(one.bound or 0.0 for one in proven)
    gap = gap_between(objective, bound, sum(one.gross_cost for one in proven)) if proven else None
    return ProvenPart(len(proven), objective, bound, gap)


def _proof(results: Sequence[StationResult]) -> dict[str, Any]:
    """Bound and gap of the network, how the stations' gaps lie, and what is proven of those with a bound."""
    proven = proven_part(results)
    is_all = bool(proven.stations) and proven.stations == len(results)
    gaps = sorted(one.gap for one in results if one.gap is not None)
    return {
        "bound": proven.bound if is_all else None,
        "gap": proven.gap if is_all else None,
        "gap_median": statistics.median(gaps) if gaps else None,
        "gap_p99": gaps[math.ceil(0.99 * len(gaps)) - 1] if gaps else None,
        "gap_max": gaps[-1] if gaps else None,
        "proven": proven,
    }


def _resources(run: NetworkRun) -> dict[str, Any]:
    """Seconds and memory of this invocation, workers included."""
    of_workers = run.task_cpu_seconds
    if run.options.dask_address is None:
        of_workers = max(children_cpu_seconds(), of_workers)  # living ones are not counted yet
    cpu = time.process_time() + of_workers
    split = {stage: run.stage_seconds.get(stage, 0.0) for stage in STAGES} | {"files": run.file_cpu_seconds}
    split["rest"] = max(0.0, cpu - sum(split.values()))
    return {
        "wall_seconds": round(time.monotonic() - run.began, 3),
        "cpu_seconds": round(cpu, 3),
        "solver_seconds": round(sum(one.solver_seconds for one in run.stations), 3),
        "peak_memory_mb": round(peak_memory_mb() + sum(run.peaks_mb.values()), 1),
        "cpu_split": {name: round(seconds, 3) for name, seconds in split.items()},
    }


def _changed(stations: Sequence[StationProgress]) -> Iterator[str]:
    """What is said of plan files that an earlier run left and somebody wrote in since."""
    for one in stations:
        if one.was_changed:
            yield f"{printable(one.id)}: its plan file was changed since it was written and is planned again"


def _removed(run: NetworkRun) -> Iterator[str]:
    for file in run.removed:
        yield f"{file}: was removed: the network no longer has its station"


def _failures(stations: Sequence[StationProgress], state: str) -> tuple[StationFailure, ...]:
    """Stations in this state; where no plan exists, a station may have no name but its place."""
    return tuple(
        StationFailure(station=one.station, place=one.place if state == "failed" else "", reason=one.reason)
        for one in stations
        if one.state == state
    )
