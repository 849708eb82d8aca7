"""Tasks that know nothing of each other on a pool: begun in order, until all are done or the time is up."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from optimizer.workers.local_pool import Finished, Pool

LOOK_SECONDS = 0.2  # between looks at the clock
GRACE_SECONDS = 30.0  # beyond a task's own limit, before it counts as hanging


@dataclass(frozen=True)
class Task:
    """`function(*arguments)`, which keeps `seconds` of wall time by itself."""

    function: Callable[..., object]
    arguments: tuple[Any, ...]
    seconds: float


def ended_tasks(pool: Pool, tasks: Iterable[Task], until: float = math.inf) -> Iterator[Finished]:
    """The tasks as they end, numbered from 0 (`ticket`) as they come; one is asked for when there is room for it.

    `until` (monotonic): then what runs is dropped, and nothing more comes. Raises PoolBrokenError.
    """
    coming, running = enumerate(tasks), 0
    while (left := until - time.monotonic()) > 0:
        while running < pool.size and (following := next(coming, None)) is not None:
            ticket, task = following
            pool.start(ticket, task.function, task.arguments, task.seconds + GRACE_SECONDS)
            running += 1
        if not running:
            return
        for ended in pool.wait(min(LOOK_SECONDS, left)):
            running -= 1
            yield ended
    pool.drop()
