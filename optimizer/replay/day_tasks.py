"""Work of single days spread over processes: bounds now, re-plans alike; the first days first, until the time is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from optimizer.workers.local_pool import Fault, Pool

LOOK_SECONDS = 0.2
GRACE_SECONDS = 30.0  # beyond a task's own limit, before it counts as hanging


@dataclass(frozen=True)
class DayTask:
    """`function(*arguments)` of one day, which keeps `seconds` of wall time by itself."""

    function: Callable[..., object]
    arguments: tuple[Any, ...]
    seconds: float


class DayFailedError(Exception):
    """A day's task raised, died or hung: an error of ours."""


def in_order(
    days: int, task_of: Callable[[int], DayTask], pool: Pool, until: float, on_done: Callable[[int, int], None]
) -> list[Any]:  # fmt: skip
    """The results of as many of the first days' tasks as are done by `until` (monotonic): none is left out in between.

    So what is averaged never depends on which days happen to be fast. Raises DayFailedError.
    """
    results: dict[int, Any] = {}
    following, running = 0, 0
    while following < days or running:
        if time.monotonic() >= until:
            pool.drop()
            break
        while running < pool.size and following < days:
            task = task_of(following)
            pool.start(following, task.function, task.arguments, task.seconds + GRACE_SECONDS)
            following, running = following + 1, running + 1
        for done in pool.wait(min(LOOK_SECONDS, max(0.0, until - time.monotonic()))):
            if isinstance(done.result, Fault):
                raise DayFailedError(f"day {done.ticket + 1}: {done.result.kind}: {done.result.reason}")
            results[done.ticket], running = done.result, running - 1
            on_done(len(results), days)
    whole = next((n for n in range(days) if n not in results), days)
    return [results[n] for n in range(whole)]
