"""Two contenders on the same runs: by how much one is faster, and whether that is more than noise."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from optimizer.bench.records.bootstrap import Interval, mean_interval
from optimizer.bench.records.metrics import counted_cpu_seconds, counted_seconds, is_solved
from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.report.compared_runs import ComparedRuns
from optimizer.bench.report.seeds import seed_spread

Pair = tuple[RunRecord, RunRecord]
"""A run of the first contender and the same one of the second."""
Measure = Literal["wall", "processor"]
COUNTED: Mapping[Measure, Callable[[RunRecord], float]] = {"wall": counted_seconds, "processor": counted_cpu_seconds}
NOISE = 1.1  # the same work takes so many times as long by chance, or more where repeated seeds say so


@dataclass(frozen=True)
class Advantage:
    """How many times as long the second takes as the first, both times shifted, on the geometric mean.

    `interval`: where that lies at 95 %, None with fewer than five instances. `sign`: 1 where the first is faster by
    more than noise, -1 where the second is, 0 within noise: a factor up to 1.1, an interval that holds 1, or, with
    fewer than five instances, runs that contradict each other.
    """

    factor: float
    interval: Interval | None
    sign: int


@dataclass(frozen=True)
class HeadToHead:
    """Two contenders on what both could try. `noise`: two times of one run nearer than this factor are the same."""

    first: str
    second: str
    pairs: Sequence[Pair]
    shift_seconds: float
    noise: Mapping[Measure, float]

    @property
    def names(self) -> tuple[str, str]:
        """The two."""
        return self.first, self.second

    @property
    def is_loaded(self) -> bool:
        """Was any of these runs on a loaded machine? Then processor time says more than wall time."""
        return any(run.is_machine_loaded for pair in self.pairs for run in pair)

    def solved_by(self, of_first: bool, of_second: bool) -> int:
        """Runs that the first solved, or did not, and that the second solved, or did not."""
        return sum((is_solved(a), is_solved(b)) == (of_first, of_second) for a, b in self.pairs)

    def of(self, pairs: Sequence[Pair]) -> HeadToHead:
        """The same on a part of the runs."""
        return HeadToHead(self.first, self.second, pairs, self.shift_seconds, self.noise)

    def advantage(self, measure: Measure) -> Advantage:
        """By how much the first is faster. What is not solved counts as PAR2. Raises ValueError without runs."""
        counted, shift = COUNTED[measure], self.shift_seconds
        groups = _by_instance(
            (a.instance, math.log((counted(b) + shift) / (counted(a) + shift))) for a, b in self.pairs
        )
        return _advantage(groups, math.log(self.noise[measure]))

    def solves_more(self) -> int:
        """1 where the first solves more by more than noise, -1 where the second does, 0 within noise."""
        groups = _by_instance((a.instance, float(is_solved(a) - is_solved(b))) for a, b in self.pairs)
        return _sign(groups, 0.0)


def head_to_head(of: ComparedRuns, first: str, second: str) -> HeadToHead:
    """The two on all that both could try; perhaps nothing."""
    cells = of.shared((first, second))
    pairs = list(zip(of.runs_on(first, cells), of.runs_on(second, cells), strict=True))
    noise = {measure: _noise(of, (first, second), counted) for measure, counted in COUNTED.items()}
    return HeadToHead(first, second, pairs, of.shift_seconds, noise)


def _noise(of: ComparedRuns, names: Iterable[str], counted: Callable[[RunRecord], float]) -> float:
    spreads = (seed_spread(of, name, counted) for name in names)
    return max(NOISE, *(spread or NOISE for spread in spreads))


def _by_instance(values: Iterable[tuple[str, float]]) -> list[list[float]]:
    found: dict[str, list[float]] = {}
    for instance, value in values:
        found.setdefault(instance, []).append(value)
    return list(found.values())


def _advantage(groups: Sequence[Sequence[float]], noise: float) -> Advantage:
    """Of logarithms of factors by instance; `noise`: of those that are it, the largest one."""
    values = [value for group in groups for value in group]
    if not values:
        raise ValueError("there are no runs to compare")
    mean, interval = math.fsum(values) / len(values), mean_interval(groups)
    factors = None if interval is None else (math.exp(interval[0]), math.exp(interval[1]))
    return Advantage(math.exp(mean), factors, 0 if abs(mean) <= math.log(NOISE) else _sign(groups, noise))


def _sign(groups: Sequence[Sequence[float]], noise: float) -> int:
    """Of the mean, 0 where its interval holds 0. With fewer than five instances: of the values that are more than
    noise, 0 where there are none or where they contradict each other."""
    interval = mean_interval(groups)
    if interval is not None:
        return int(interval[0] > 0) - int(interval[1] < 0)
    signs = {int(value > 0) - int(value < 0) for group in groups for value in group if abs(value) > noise}
    return signs.pop() if len(signs) == 1 else 0


def by_family(duel: HeadToHead) -> dict[str, HeadToHead]:
    """The same by family of the instance, in the order of the runs."""
    found: dict[str, list[Pair]] = {}
    for a, b in duel.pairs:
        found.setdefault(a.family or "no family", []).append((a, b))
    return {family: duel.of(pairs) for family, pairs in found.items()}
