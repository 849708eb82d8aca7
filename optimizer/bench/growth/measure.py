"""Processor seconds of nights that grow, and the exponent with which they do."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import fmean

import numpy as np

from models.station.instance import Night
from models.station.result import StationResult
from models.tolerances import EQUAL, SHORTEST_SECONDS
from optimizer.bench.growth.ladders import LADDERS, Ladder, night_of
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station

Clock = Callable[[], float]


@dataclass(frozen=True)
class Measured:
    """One night planned. `seconds`: of the processor, for planning alone. `gap` None: nothing is proven."""

    value: int
    seed: int
    seconds: float
    gap: float | None
    is_proven: bool


@dataclass(frozen=True)
class Fit:
    """seconds = factor · value^exponent by least squares on logarithms; `error`: standard error of the exponent.

    The error is None of two points or less: they always lie on a line.
    """

    factor: float
    exponent: float
    error: float | None

    def at(self, value: float) -> float:
        """The seconds at this value."""
        return self.factor * math.pow(value, self.exponent)


@dataclass(frozen=True)
class Growth:
    """What was measured along a ladder, in the order of its values; nights that were not proven in time count as what
    they took until then."""

    ladder: Ladder
    runs: Sequence[Measured]

    @cached_property
    def means(self) -> dict[int, float]:
        """Geometric mean of the seconds by value."""
        return {value: _mean([run.seconds for run in runs]) for value, runs in self._by_value()}

    @cached_property
    def fit(self) -> Fit | None:
        """Over all nights; None where they have one value only."""
        return power_law([(run.value, run.seconds) for run in self.runs])

    @property
    def last_exponent(self) -> float | None:
        """Between the last two values: what is to be expected beyond them."""
        last = list(self.means.items())[-2:]
        fit = power_law(last)
        return None if fit is None else fit.exponent

    @property
    def proven(self) -> int:
        """How many nights were proven to the gap asked for."""
        return sum(run.is_proven for run in self.runs)

    @property
    def largest_gap(self) -> float | None:
        """Of all nights; None where nothing is proven of one."""
        gaps = [run.gap for run in self.runs]
        return None if None in gaps else max(gap for gap in gaps if gap is not None)

    def _by_value(self) -> Iterator[tuple[int, list[Measured]]]:
        for value in dict.fromkeys(run.value for run in self.runs):
            yield value, [run for run in self.runs if run.value == value]


def power_law(points: Sequence[tuple[float, float]]) -> Fit | None:
    """The power law through (value, seconds), all above 0; None where all have the same value.

    Ordinary least squares on natural logarithms: b = Σ(x−x̄)(y−ȳ) / Σ(x−x̄)², its standard error
    √(Σr² / (n−2) / Σ(x−x̄)²), r the residuals (Draper and Smith, Applied Regression Analysis, 1.3).
    """
    x = np.log([value for value, _ in points])
    y = np.log([max(seconds, SHORTEST_SECONDS) for _, seconds in points])
    spread = float(((x - x.mean()) ** 2).sum())
    if spread <= EQUAL:
        return None
    exponent = float(((x - x.mean()) * (y - y.mean())).sum()) / spread
    residuals = y - y.mean() - exponent * (x - x.mean())
    left = len(points) - 2
    error = math.sqrt(float((residuals**2).sum()) / left / spread) if left > 0 else None
    return Fit(math.exp(float(y.mean() - exponent * x.mean())), exponent, error)


def _mean(seconds: Sequence[float]) -> float:
    return math.exp(fmean(math.log(max(one, SHORTEST_SECONDS)) for one in seconds))


@dataclass
class GrowthMeter:
    """Plans nights on this processor and measures it. `clock` gives processor seconds of this process."""

    family: str
    options: RunOptions
    seeds: int
    clock: Clock = field(default_factory=lambda: time.process_time)
    plan: Callable[[Night, RunOptions], StationResult] = lambda night, options: plan_station(night, options).result
    on_run: Callable[[str], None] = lambda what: None

    def along(self, names: Sequence[str], steps: int) -> list[Growth]:
        """The growth in each of these ways, over the first `steps` values of its ladder.

        A night is planned beforehand and not counted: it loads what planning needs. Raises InvalidData where there is
        no such family.
        """
        ladders = [LADDERS[name] for name in names]
        for ladder in ladders[:1]:
            self._run(ladder, ladder.values[0], 0)
        return [
            Growth(
                ladder,
                [self._run(ladder, value, seed) for value in ladder.values[:steps] for seed in range(self.seeds)],
            )
            for ladder in ladders
        ]

    def _run(self, ladder: Ladder, value: int, seed: int) -> Measured:
        self.on_run(f"{value:,} {ladder.what}, seed {seed}")
        night = night_of(ladder, value, self.family, seed)
        began = self.clock()
        result = self.plan(night, self.options)
        return Measured(value, seed, self.clock() - began, result.gap, result.proves(self.options.gap))
