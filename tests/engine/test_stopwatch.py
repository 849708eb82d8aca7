"""Where the seconds of a search go: each to the innermost stage that runs."""

from __future__ import annotations

import time

import pytest

from optimizer.engine.stopwatch import STAGES, Stage, Stopwatch


class Clock:
    """A clock that only moves when asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)

    def tick(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def spent(watch: Stopwatch) -> dict[str, float]:
    """The stages that took any time."""
    return {stage: seconds for stage, seconds in watch.seconds.items() if seconds}


def test_every_stage_starts_at_nothing() -> None:
    assert Stopwatch().seconds == dict.fromkeys(STAGES, 0.0)
    assert STAGES == ("solver", "model", "rounding", "check")


@pytest.mark.parametrize("stage", STAGES)
def test_one_stage(stage: Stage, clock: Clock) -> None:
    watch = Stopwatch()
    clock.tick(1)
    with watch.stage(stage):
        clock.tick(2)
    clock.tick(4)
    assert spent(watch) == {stage: 2}
    with watch.stage(stage):
        clock.tick(8)
    assert spent(watch) == {stage: 10}


def test_stage_inside_stops_the_clock_of_the_one_outside(clock: Clock) -> None:
    watch = Stopwatch()
    with watch.stage("rounding"):
        clock.tick(1)
        with watch.stage("model"):
            clock.tick(2)
            with watch.stage("solver"):
                clock.tick(4)
            clock.tick(8)
        clock.tick(16)
        with watch.stage("check"):
            clock.tick(32)
    assert spent(watch) == {"rounding": 17, "model": 10, "solver": 4, "check": 32}


def test_stage_inside_itself_counts_once(clock: Clock) -> None:
    watch = Stopwatch()
    with watch.stage("check"):
        clock.tick(1)
        with watch.stage("check"):
            clock.tick(2)
        clock.tick(4)
    assert spent(watch) == {"check": 7}


def test_stage_that_fails_is_counted_and_left(clock: Clock) -> None:
    watch = Stopwatch()
    with watch.stage("rounding"):
        with pytest.raises(ValueError, match="no"), watch.stage("solver"):
            clock.tick(1)
            raise ValueError("no")
        clock.tick(2)
    clock.tick(4)
    assert spent(watch) == {"solver": 1, "rounding": 2}


def test_two_watches_are_two() -> None:
    one, other = Stopwatch(), Stopwatch()
    one.seconds["solver"] = 5.0
    assert other.seconds["solver"] == 0.0
