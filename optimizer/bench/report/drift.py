"""Changes since older results: the same contender, instance and seed, before and now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.tolerances import is_same_money
from optimizer.bench.records.metrics import counted_seconds, is_solved, shifted_geometric_mean
from optimizer.bench.records.run_record import RunRecord

NOTABLE = 1.5  # a time so many times the other one is listed run by run


@dataclass(frozen=True)
class Moved:
    """A run and the same one before."""

    before: RunRecord
    now: RunRecord

    def ratio(self, shift_seconds: float) -> float:
        """Counted time now over before, both shifted, so that a blink more does not count."""
        return (counted_seconds(self.now) + shift_seconds) / (counted_seconds(self.before) + shift_seconds)

    @property
    def objective_change(self) -> float | None:
        """Objective now less before in currency, 0 where they agree; None where one of them has no plan."""
        a, b = self.before.objective, self.now.objective
        if a is None or b is None:
            return None
        return 0.0 if is_same_money(a, b) else b - a

    def is_notable(self, shift_seconds: float) -> bool:
        """Has its status, its objective or, well beyond noise, its time changed?"""
        ends = [(run.status, is_solved(run), run.objective is None) for run in (self.before, self.now)]
        if ends[0] != ends[1] or self.objective_change:
            return True
        return not 1 / NOTABLE <= self.ratio(shift_seconds) <= NOTABLE


@dataclass(frozen=True)
class Drift:
    """One contender against the reference: runs compared, solved, mean seconds and plans that changed."""

    contender: str
    runs: int
    solved_before: int
    solved_now: int
    seconds_before: float
    seconds_now: float
    cheaper: int
    dearer: int


def moved(now: Iterable[RunRecord], before: Iterable[RunRecord]) -> list[Moved]:
    """Runs of the same contender, instance (by hash) and seed that both could be tried, in the order of `now`."""
    old = {_same(run): run for run in before if run.status != "NA"}
    return [Moved(old[_same(run)], run) for run in now if run.status != "NA" and _same(run) in old]


def _same(run: RunRecord) -> tuple[str, str, int]:
    return run.contender, run.instance_hash, run.seed


def drifts(pairs: Sequence[Moved], contenders: Iterable[str], shift_seconds: float) -> list[Drift]:
    """One for each contender that has pairs, in the order of `contenders`."""
    grouped = [(name, [pair for pair in pairs if pair.now.contender == name]) for name in contenders]
    return [_drift(name, own, shift_seconds) for name, own in grouped if own]


def _drift(name: str, pairs: Sequence[Moved], shift_seconds: float) -> Drift:
    changes = [pair.objective_change or 0.0 for pair in pairs]
    before, now = [pair.before for pair in pairs], [pair.now for pair in pairs]
    return Drift(
        contender=name,
        runs=len(pairs),
        solved_before=sum(map(is_solved, before)),
        solved_now=sum(map(is_solved, now)),
        seconds_before=shifted_geometric_mean(map(counted_seconds, before), shift_seconds),
        seconds_now=shifted_geometric_mean(map(counted_seconds, now), shift_seconds),
        cheaper=sum(change < 0 for change in changes),
        dearer=sum(change > 0 for change in changes),
    )
