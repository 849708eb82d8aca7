"""What tasks of a pool come to, in order. Not a test file itself."""

from __future__ import annotations

import multiprocessing
import time
from typing import Any

from patience import PATIENCE

from optimizer.workers.local_pool import Pool


def results(of: Pool, tasks: list[tuple[Any, ...]], seconds: float = PATIENCE) -> list[Any]:
    """Result of each task (function, arguments...), in order."""
    waiting, found = list(enumerate(tasks)), {}
    running = 0
    until = time.monotonic() + PATIENCE
    while len(found) < len(tasks) and time.monotonic() < until:
        while waiting and running < of.size:
            ticket, (function, *arguments) = waiting.pop(0)
            of.start(ticket, function, tuple(arguments), seconds)
            running += 1
        for finished in of.wait(0.2):
            assert finished.ticket not in found
            found[finished.ticket] = finished.result
            running -= 1
    return [found[ticket] for ticket in range(len(tasks))]


def keep_a_lock() -> None:
    """As Pyomo does when it is loaded: a lock that nobody gives back if this process is killed."""
    globals()["lock"] = multiprocessing.Lock()
