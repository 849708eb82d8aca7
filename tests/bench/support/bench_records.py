"""Runs of the benchmark as tests of its report need them, and folders that hold them. Use as `import bench_records`.

Whatever is not said: an instance of 10 packs and 96 slots, asked for a gap of 1 % within 100 s, done in 4 s and
half of that of a processor, plan and bound at 100, gross cost 100.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from optimizer.bench.records.results_folder import record_text
from optimizer.bench.records.run_record import FORMAT, RunRecord

DEFAULTS: dict[str, Any] = {
    "format": FORMAT,
    "version": 1,
    "key": "",
    "suite": "library",
    "instance": "one",
    "family": "ordinary",
    "size": "s",
    "packs": 10,
    "slots": 96,
    "swaps": 40,
    "contender": "engine",
    "solver": "highs",
    "seed": 0,
    "gap_asked": 0.01,
    "time_limit_seconds": 100.0,
    "memory_limit_mb": None,
    "status": "OK",
    "versions": {"swapcharge": "0.1.0"},
    "machine": {"processor": "one", "cores": "2"},
    "began": "2026-01-01T00:00:00Z",
}
SOLVED: dict[str, Any] = {
    "is_solved": True,
    "objective": 100.0,
    "claimed_objective": 100.0,
    "bound": 100.0,
    "gap": 0.0,
    "gross_cost": 100.0,
    "wall_seconds": 4.0,
    "solved_seconds": 4.0,
    "trajectory": ((1.0, 150.0, None), (2.0, 110.0, 60.0), (4.0, 100.0, 100.0)),
}


def solved(contender: str = "engine", instance: str = "one", seconds: float = 4.0, **changes: Any) -> RunRecord:
    """A run that proves its plan after so many seconds."""
    told = {"wall_seconds": seconds, "solved_seconds": seconds, "trajectory": ((seconds, 100.0, 100.0),)}
    told["cpu_seconds"] = seconds / 2
    return _record(SOLVED | told | changes, contender, instance)


def open_at(contender: str, instance: str, objective: float | None, bound: float | None, **changes: Any) -> RunRecord:
    """A run that the time limit ended with this plan and bound, both found after 10 s."""
    gap = None if objective is None or bound is None else (objective - bound) / 100
    told = {"status": "TO", "objective": objective, "bound": bound, "gap": gap, "wall_seconds": 100.0}
    told |= {"gross_cost": None if objective is None else 100.0, "trajectory": ((10.0, objective, bound),)}
    return _record(told | changes, contender, instance)


def ended(contender: str, instance: str, status: str, reason: str = "", **changes: Any) -> RunRecord:
    """A run with nothing to show."""
    return _record({"status": status, "reason": reason, "wall_seconds": 1.0} | changes, contender, instance)


def _record(told: dict[str, Any], contender: str, instance: str) -> RunRecord:
    return RunRecord(**(DEFAULTS | {"contender": contender, "instance": instance, "instance_hash": instance} | told))


def written(folder: Path, runs: Iterable[RunRecord]) -> Path:
    """A folder as `bench run` leaves it, as far as a report reads it."""
    (folder / "runs").mkdir(parents=True)
    (folder / "summary.json").write_text(json.dumps({"format": "swapcharge-bench"}))
    for number, run in enumerate(runs):
        (folder / "runs" / f"{number}.json").write_bytes(record_text(run))
    return folder


def library() -> list[RunRecord]:
    """Three contenders on four instances of two families: solved, open, failed, refuted, not for it."""
    return [
        solved("engine", "one", 1.0),
        solved("engine", "two", 3.0),
        open_at("engine", "three", 100.0, 95.0, family="peaky"),
        solved("engine", "four", 7.0, family="peaky"),
        solved("reference", "one", 10.0, objective=100.5, bound=99.9),
        open_at("reference", "two", 120.0, 70.0),
        ended("reference", "three", "OOM", "out of memory", family="peaky"),
        ended("reference", "four", "NA", "not for on/off chargers", family="peaky"),
        ended("arc-flow", "one", "WRONG", "its plan breaks a rule"),
        ended("arc-flow", "two", "ER", "it crashed"),
        open_at("arc-flow", "three", None, 90.0, family="peaky"),
        solved("arc-flow", "four", 2.0, family="peaky"),
    ]
