"""The file of a run's trajectory: written point by point in the run's process, read by the process that started it."""

from __future__ import annotations

import json
import math
import os
import time
from pathlib import Path

from optimizer.bench.records.run_record import Point
from optimizer.workers.usage import children_cpu_seconds
from optimizer.workers.worker import peak_memory_mb

STARTED = "started"


class TrajectoryFile:
    """Written by a run as it goes: a line for each point at which the best objective or the best bound improved."""

    def __init__(self, path: str | Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._objective, self._bound = math.inf, -math.inf
        self.began = time.perf_counter()

    def start(self) -> None:
        """Begin the clock, and note what the process holds and has used."""
        os.write(self._file, f"{STARTED} {peak_memory_mb():.3f} {used_cpu_seconds():.6f}\n".encode())
        self.began = time.perf_counter()

    def add(self, objective: float | None, bound: float | None) -> None:
        """Add a point if one of the two improves on all before; None and what is not finite do not."""
        seconds = time.perf_counter() - self.began
        is_better = False
        if objective is not None and math.isfinite(objective) and objective < self._objective:
            self._objective, is_better = float(objective), True
        if bound is not None and math.isfinite(bound) and bound > self._bound:
            self._bound, is_better = float(bound), True
        if is_better:
            point = (round(seconds, 6), _finite(self._objective), _finite(self._bound))
            os.write(self._file, json.dumps(point).encode() + b"\n")


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def read_trajectory(path: Path) -> list[Point]:
    """The points in the file; a last line that was cut off is left out."""
    try:
        lines = path.read_bytes().split(b"\n")[:-1]
    except OSError:
        return []
    points = (json.loads(line) for line in lines if line.startswith(b"["))
    return [(seconds, objective, bound) for seconds, objective, bound in points]


def read_start(path: Path) -> tuple[float, float] | None:
    """Peak megabytes and processor seconds of a process when its clock began; None before that."""
    try:
        with path.open("rb") as file:
            line = file.readline().decode()
    except OSError:
        return None
    if not line.endswith("\n"):
        return None
    _, mb, cpu_seconds = line.split()
    return float(mb), float(cpu_seconds)


def used_cpu_seconds() -> float:
    """Processor seconds of this process and of the solvers that it started and that have ended."""
    return time.process_time() + children_cpu_seconds()
