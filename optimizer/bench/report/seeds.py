"""Repeated seeds: how far the runs of one contender on the same instances lie apart by chance alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from optimizer.bench.records.metrics import counted_seconds, is_solved, shifted_geometric_mean
from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.contents import Table, heads, ratio_cell, seconds_cell
from optimizer.graphics.html_page import Cell, count_cell

HEADS = (
    "contender", "seeds", "instances with all seeds", "solved by the worst seed", "by the best seed",
    "by some seeds only", "mean time of the fastest seed, s", "of the slowest seed, s",
    "slowest over fastest run of an instance",
)  # fmt: skip


def seed_table(of: ComparedRuns) -> Iterator[Table]:
    """A row for each contender with several seeds; no table where there is none."""
    rows = [row for name in of.tried for row in _row(of, name)]
    if rows:
        yield Table("Repeated seeds: the spread by chance", heads(*HEADS), rows)


def _row(of: ComparedRuns, name: str) -> Iterator[list[Cell]]:
    by_instance = runs_by_seed(of, name)
    seeds = len(next(iter(by_instance.values()), ()))
    if seeds < 2:
        return
    of_seed = list(zip(*by_instance.values(), strict=True))
    solved = [sum(map(is_solved, runs)) for runs in of_seed]
    means = [shifted_geometric_mean(map(counted_seconds, runs), of.shift_seconds) for runs in of_seed]
    some = sum(len(set(map(is_solved, runs))) > 1 for runs in by_instance.values())
    counts = (seeds, len(by_instance), min(solved), max(solved), some)
    spread = ratio_cell(seed_spread(of, name, counted_seconds))
    yield [Cell(name), *map(count_cell, counts), seconds_cell(min(means)), seconds_cell(max(means)), spread]


def runs_by_seed(of: ComparedRuns, name: str) -> dict[str, list[RunRecord]]:
    """By instance the runs of a contender in the order of their seeds, where every seed that it ran with has one."""
    own = [run for run in of.of(name) if run.status != "NA"]
    seeds = {run.seed for run in own}
    found: dict[str, list[RunRecord]] = {}
    for run in sorted(own, key=lambda run: run.seed):
        found.setdefault(run.instance, []).append(run)
    return {instance: runs for instance, runs in found.items() if len(runs) == len(seeds)}


def seed_spread(of: ComparedRuns, name: str, counted: Callable[[RunRecord], float]) -> float | None:
    """Geometric mean over instances of the longest counted time of a seed over the shortest one, both shifted; None
    where there are no several seeds."""
    logs = []
    for runs in runs_by_seed(of, name).values():
        times = [counted(run) + of.shift_seconds for run in runs]
        logs += [math.log(max(times) / min(times))] if len(times) > 1 else []
    return math.exp(math.fsum(logs) / len(logs)) if logs else None
