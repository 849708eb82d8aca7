"""Work of single days spread over processes: bounds now, re-plans alike; the first days first, until the time is up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from optimizer.workers.ended_tasks import Task, ended_tasks
from optimizer.workers.local_pool import Fault, Pool


class DayFailedError(Exception):
    """A day's task raised, died or hung: an error of ours."""


def in_order(
    days: int, task_of: Callable[[int], Task], pool: Pool, until: float, on_done: Callable[[int, int], None]
) -> list[Any]:
    """The results of as many of the first days' tasks as are done by `until` (monotonic): none is left out in between.

    So what is averaged never depends on which days happen to be fast. Raises DayFailedError.
    """
    results: dict[int, Any] = {}
    for done in ended_tasks(pool, map(task_of, range(days)), until):
        if isinstance(done.result, Fault):
            raise DayFailedError(f"day {done.ticket + 1}: {done.result.kind}: {done.result.reason}")
        results[done.ticket] = done.result
        on_done(len(results), days)
    whole = next((n for n in range(days) if n not in results), days)
    return [results[n] for n in range(whole)]
