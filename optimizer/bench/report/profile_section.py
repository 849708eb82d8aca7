"""Performance profiles with intervals of confidence, by wall time and by processor time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from optimizer.bench.records.bootstrap import LEAST_INSTANCES, RESAMPLES, Interval, share_interval
from optimizer.bench.records.metrics import (
    Steps,
    counted_cpu_seconds,
    counted_seconds,
    is_solved,
    performance_profiles,
    time_ratios,
    value_at,
)
from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.report.charts import Band, profile_chart
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.contents import Figure, Part, Section, Table, heads
from optimizer.bench.report.drawn_lines import drawn_lines
from optimizer.graphics.html_page import Cell, percent

RATIOS = (1.0, 2.0, 5.0, 10.0)
MOST_BANDS = 4  # beyond which they hide each other
MEASURES: Mapping[str, Callable[[RunRecord], float]] = {"wall": counted_seconds, "processor": counted_cpu_seconds}
NOTE = (
    "How many of the common runs (up) a contender solved in at most so many times the time of the fastest "
    "(across). At the left end: how often it was the fastest; at the right end: how many it solved at all."
)

TOO_FEW = f" There are no intervals of confidence: they need {LEAST_INSTANCES} instances."


def profile_section(of: ComparedRuns) -> Iterator[Section]:
    """Nothing where there are not two contenders, or no common runs."""
    if len(of.contenders) > 1 and of.common:
        parts = [part for measure in MEASURES for part in _parts(of, measure)]
        yield Section("Performance profile", parts)


def _parts(of: ComparedRuns, measure: str) -> Iterator[Part]:
    seconds = {name: _seconds(of, name, MEASURES[measure]) for name in of.contenders}
    profiles, intervals = performance_profiles(seconds), _intervals(of, seconds)
    drawn = drawn_lines(profiles, lambda steps: steps[-1][1] == 0, "solve nothing")
    has_bands = bool(intervals) and len(drawn.lines) <= MOST_BANDS
    bands = {name: _band(profiles[name], intervals[name]) for name in drawn.lines} if has_bands else {}
    note = NOTE + (_of_intervals(has_bands) if intervals else TOO_FEW) + drawn.note
    chart = profile_chart(drawn.lines, bands, measure)
    yield Figure(f"Share of runs solved, by {measure} time", chart, note)
    yield _table(profiles, intervals, measure)


def _seconds(of: ComparedRuns, name: str, counted: Callable[[RunRecord], float]) -> list[float]:
    """On the common runs, infinity where it was not solved: for one that could try nothing, everywhere."""
    if name not in of.tried:
        return [math.inf] * len(of.common)
    return [counted(run) if is_solved(run) else math.inf for run in of.runs_on(name, of.common)]


Share = Callable[[float], Interval | None]
"""The interval of the share that is solved within a ratio."""


def _intervals(of: ComparedRuns, seconds: Mapping[str, Sequence[float]]) -> dict[str, Share]:
    """None of them where there are too few instances."""
    instances = list(dict.fromkeys(instance for instance, _ in of.common))
    if len(instances) < LEAST_INSTANCES:
        return {}

    def share_of(ratios: Sequence[float]) -> Share:
        by_instance: dict[str, list[float]] = {}
        for (instance, _), ratio in zip(of.common, ratios, strict=True):
            by_instance.setdefault(instance, []).append(ratio)
        return lambda most: share_interval([[float(one <= most) for one in own] for own in by_instance.values()])

    return {name: share_of(ratios) for name, ratios in time_ratios(seconds).items()}


def _band(steps: Steps, share: Share) -> Band:
    found = ((ratio, share(ratio)) for ratio, _ in steps)
    return [(ratio, *interval) for ratio, interval in found if interval is not None]


def _of_intervals(has_bands: bool) -> str:
    where = "Bands, and brackets in the table" if has_bands else "Brackets in the table"
    return f" {where}: intervals of 95 %, for which instances were drawn again {RESAMPLES:,} times (bootstrap)."


def _table(profiles: Mapping[str, Steps], intervals: Mapping[str, Share], measure: str) -> Table:
    """Of each profile, the share of runs at some ratios, and solved at all."""
    names = [*(f"within {ratio:g} × the fastest" for ratio in RATIOS[1:]), "solved at all"]
    rows = []
    for name, steps in profiles.items():
        shares = [(ratio, value_at(steps, ratio)) for ratio in RATIOS]
        ends = [*shares, (steps[-1][0], steps[-1][1])]
        rows.append([Cell(name), *(_share_cell(share, ratio, intervals.get(name)) for ratio, share in ends)])
    title = "Share of runs solved in time" if measure == "wall" else f"Share of runs solved in {measure} time"
    return Table(title, heads("contender", "fastest", *names), rows)


def _share_cell(share: float, ratio: float, interval_at: Share | None) -> Cell:
    interval = None if interval_at is None else interval_at(ratio)
    if interval is None:
        return Cell(percent(share), share)
    return Cell(f"{percent(share)} ({100 * interval[0]:.0f}–{100 * interval[1]:.0f})", share)
