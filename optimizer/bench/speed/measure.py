"""Processor seconds of workloads in units of a calibration that is run between them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from optimizer.bench.speed.workloads import Workload

Clock = Callable[[], float]
OnRun = Callable[[str], None]
MORE_ROUNDS = 6  # of what seems too slow: a machine may be disturbed for some seconds


@dataclass
class SpeedMeter:
    """Runs workloads, each between two runs of the calibration, and keeps the least ratio of each.

    The least of several runs is what the work takes where nothing disturbs it; a machine that is slow for a while is
    slow for the calibrations beside it, too. `clock` gives processor seconds of this process.
    """

    calibrate: Callable[[], object]
    clock: Clock = field(default_factory=lambda: time.process_time)
    on_run: OnRun = lambda name: None
    ratios: dict[str, float] = field(default_factory=dict)
    unit_seconds: float = 0.0
    _last: float | None = None

    def round(self, work: Sequence[Workload]) -> None:
        """Run each of them once."""
        for one in work:
            self.on_run(one.name)
            before = self._calibrated() if self._last is None else self._last
            seconds = self._seconds(one.run)
            self._last = after = self._calibrated()
            ratio = seconds / ((before + after) / 2)
            self.ratios[one.name] = min(ratio, self.ratios.get(one.name, ratio))

    def _calibrated(self) -> float:
        seconds = self._seconds(self.calibrate)
        self.unit_seconds = min(seconds, self.unit_seconds or seconds)
        return seconds

    def _seconds(self, run: Callable[[], object]) -> float:
        began = self.clock()
        elsewhere = run()
        return self.clock() - began + (elsewhere if isinstance(elsewhere, float) else 0.0)


def measured(meter: SpeedMeter, work: Sequence[Workload], rounds: int, most: Mapping[str, float]) -> dict[str, float]:
    """Ratios by name after `rounds` of all, then up to MORE_ROUNDS of those that still lie above `most`."""
    for _ in range(rounds):
        meter.round(work)
    for _ in range(MORE_ROUNDS):
        slow = [one for one in work if meter.ratios[one.name] > most.get(one.name, meter.ratios[one.name])]
        if not slow:
            break
        meter.round(slow)
    return meter.ratios
