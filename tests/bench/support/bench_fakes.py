"""Contenders for tests of the benchmark, named `bench_fakes:NAME`: each ends otherwise. Not a test file itself."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from models.station.cost import cost_of
from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.bench.records.contender import Contender, Limits, OnProgress, Outcome
from optimizer.engine.baselines import uncontrolled_charging

HOURS = 3600.0


def _fake(name: str, compete: Callable[[Night, Limits, OnProgress], Outcome], **fields: Any) -> Contender:
    return Contender(name, f"ends as {name}", compete, **fields)


def plan_and_cost(night: Night) -> tuple[Schedule, float]:
    schedule = uncontrolled_charging(night)
    return schedule, cost_of(night, schedule).objective


def _ok(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    print("noise on standard output")
    schedule, objective = plan_and_cost(night)
    on_progress(objective + 1, None)
    on_progress(objective + 2, objective - 5)  # no better plan: only the bound is news
    on_progress(None, math.inf)
    on_progress(objective, objective)
    return Outcome(schedule, objective, objective, rows=3, columns=4, build_seconds=0.5)


def _seeded(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    schedule, objective = plan_and_cost(night)
    return Outcome(schedule, objective, objective - limits.seed)


def _time_limit(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    schedule, objective = plan_and_cost(night)
    return Outcome(schedule, objective, objective - 1, "time_limit")


def _sleep(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    on_progress(1000.0, -1000.0)
    on_progress(900.0, -900.0)
    time.sleep(HOURS)
    raise AssertionError


def _spin(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    """Two processes at once would use more than one core; here one uses the processor until it is stopped."""
    while True:
        math.sqrt(2.0)


def _child_sleeps(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    """As a solver that is a programme of its own: it must not outlive the run."""
    child = subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({HOURS})"])
    on_progress(float(child.pid), None)
    child.wait()
    raise AssertionError


def _take_memory(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    on_progress(5.0, None)
    blocks = []
    while len(blocks) < 4000:  # 40 GB, were there no limit
        blocks.append(bytearray(10 * 2**20))
    raise AssertionError


def _solver_without_memory(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    return Outcome(None, detail="solver: out of memory")


def _raise(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    raise ValueError("no such basis\nsecond line")


def _talk(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    print("\x1b]0;title\x07\x1b[1;31mfrom 0 %\x1b[0m\rto 100 %\tof <b>")
    os.write(2, b"\xff\x1b[2Jlibrary: \x07 " + b"x" * 100_000 + b" last word\n")
    sys.stdout.write("a line that is not ended")
    raise ValueError("\x1b[2Jno such basis")


def _wordless(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    class WordlessError(Exception):
        def __str__(self) -> str:
            raise RuntimeError("no words")

    raise WordlessError


def _unwritable(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    raise ValueError("no file \udcff" + "x" * 100_000)


def _exit(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    sys.exit(3)


def _crash(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    on_progress(7.0, None)
    print("assertion failed: basis != nullptr", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGSEGV)
    raise AssertionError


def _vanish(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    os._exit(4)


def _nothing(night: Night, limits: Limits, on_progress: OnProgress) -> Any:
    return None


def _rule_broken(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    schedule, _ = plan_and_cost(night)
    first, *others = schedule.rows
    stronger = replace(first, power_kw=tuple(kw + 1000 for kw in first.power_kw))
    return Outcome(replace(schedule, rows=(stronger, *others)), None)


def _too_broken(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    schedule, objective = plan_and_cost(night)
    first, *others = schedule.rows
    return Outcome(replace(schedule, rows=(replace(first, power_kw=(1.0,)), *others)), objective)


def _other_station(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    schedule, objective = plan_and_cost(night)
    return Outcome(replace(schedule, station="elsewhere"), objective)


def _false_claim(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    schedule, objective = plan_and_cost(night)
    return Outcome(schedule, objective - 2)


def _bound_above(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    schedule, objective = plan_and_cost(night)
    return Outcome(schedule, objective, objective + 1)


def _bound_only(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    _, objective = plan_and_cost(night)
    return Outcome(None, bound=objective - 3, detail="a bound only")


def _hold(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    """60 of the 70 MB that it may take."""
    block = b"x" * (60 * 2**20)
    on_progress(float(os.getpid()), None)
    time.sleep(HOURS)
    return Outcome(None, detail=str(len(block)))


def _be_killed(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def _late(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    time.sleep(limits.time_limit_seconds * 1.05)
    return _ok(night, limits, on_progress)


OK = _fake("ok", _ok)
HOLD = _fake("hold", _hold)
BE_KILLED = _fake("be-killed", _be_killed)
LATE = _fake("late", _late)
SEEDED = _fake("seeded", _seeded, solver="dice", options={"faces": 6, "eyes": "blue"}, versions=lambda: {"dice": "1.2"})
TIME_LIMIT = _fake("time-limit", _time_limit)
SLEEP = _fake("sleep", _sleep)
SPIN = _fake("spin", _spin)
CHILD_SLEEPS = _fake("child-sleeps", _child_sleeps)
TAKE_MEMORY = _fake("take-memory", _take_memory)
SOLVER_WITHOUT_MEMORY = _fake("solver-without-memory", _solver_without_memory)
RAISE = _fake("raise", _raise)
TALK = _fake("talk", _talk)
WORDLESS = _fake("wordless", _wordless)
UNWRITABLE = _fake("unwritable", _unwritable)
NO_VERSIONS = _fake("no-versions", _ok, versions=lambda: 1 / 0)  # type: ignore[arg-type,return-value]
EXIT = _fake("exit", _exit)
CRASH = _fake("crash", _crash)
VANISH = _fake("vanish", _vanish)
NOTHING = _fake("nothing", _nothing)
RULE_BROKEN = _fake("rule-broken", _rule_broken)
TOO_BROKEN = _fake("too-broken", _too_broken)
OTHER_STATION = _fake("other-station", _other_station)
FALSE_CLAIM = _fake("false-claim", _false_claim)
BOUND_ABOVE = _fake("bound-above", _bound_above)
BOUND_ONLY = _fake("bound-only", _bound_only)
MISSING = _fake("missing", _ok, missing=lambda: "install it: pip install missing")
REFUSES = _fake("refuses", _ok, refusal=lambda night: "it takes no such night")
EXIT_REFUSAL = _fake("exit-refusal", _ok, refusal=lambda night: sys.exit(4))
BROKEN_REFUSAL = _fake("broken-refusal", _ok, refusal=lambda night: 1 / 0)  # type: ignore[arg-type,return-value]
SAME_NAME = replace(OK, what="another of the same name")
NO_CONTENDER = "a text"
