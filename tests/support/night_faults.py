"""What can happen to a station at night, as tasks that worker processes can load. Not a test file itself.

A task looks at its station's id for what is to go wrong; every other station is planned as usual.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

if TYPE_CHECKING:  # a worker that plans nothing need not load the engine
    from models.station.instance import Night
    from models.station.schedule import Schedule
    from optimizer.check.rules import Violation
    from optimizer.runs.station_task import Infeasible, Planned, StationTask

MB = 2**20


class DiesOnTheWay:
    """A result that kills its worker while it is on its way to the coordinator."""

    def __reduce__(self) -> tuple[type, tuple[()]]:
        die()
        raise AssertionError


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def eat() -> list[bytearray]:
    """Take memory until there is none: 4 GB at most, should nobody stop it."""
    return [bytearray(64 * MB) for _ in range(64)]


def wrong(night: Night, schedule: Schedule) -> list[Violation]:
    """A checker that refuses what the solver gives."""
    from optimizer.check.rules import Violation

    return [Violation("grid", "slot 0", 9.0, 1.0)]


def with_faults(task: StationTask) -> Planned | Infeasible:
    """Plan a station unless its id says what else is to happen."""
    from optimizer.runs.station_task import plan_task

    match task.night.station.id:
        case "dies":
            die()
        case "hangs":
            time.sleep(1000)
        case "eats":
            eat()
        case "solver error":
            from optimizer.engine.highs import SolverError

            raise SolverError("HiGHS refused passModel")
        case "wrong answer":
            with patch("optimizer.engine.search.check", wrong):
                return plan_task(task)
    return plan_task(task)


def dies_once(marks: Path, task: StationTask) -> Planned | Infeasible:
    """Every station's first worker dies; `marks` is a folder that remembers who was there."""
    from optimizer.runs.station_task import plan_task

    mark = marks / task.night.station.id
    if not mark.exists():
        mark.touch()
        die()
    return plan_task(task)


def no_fallback(task: StationTask) -> Planned | Infeasible:
    """Not even a baseline."""
    raise ValueError("no baseline either")


def twice(number: int) -> int:
    return 2 * number


def fail(words: str) -> None:
    raise ValueError(words)


def hang() -> None:
    time.sleep(1000)


def spin() -> None:
    """Hang without ever letting another thread of the worker in for long."""
    while True:
        pass


def process_id() -> int:
    return os.getpid()


def dies_on_the_way() -> DiesOnTheWay:
    return DiesOnTheWay()


def nothing() -> None:
    return None


def unpicklable() -> object:
    return lambda: None


def leaves_its_pipe_open(held: Path) -> None:
    """End this process; a child of its own holds what it had open for as long as the file `held` is there."""
    if os.fork():
        os._exit(3)
    while held.exists():
        time.sleep(0.05)
    os._exit(0)
