"""What the commands that plan many nights share: their worker processes, and what Ctrl-C does."""

from __future__ import annotations

import math
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from optimizer.engine.options import RunOptions
    from optimizer.runs.network_run import Stop
    from optimizer.workers.local_pool import Pool

SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")


def check_pool_usage(asked: dict[str, Any]) -> None:
    """Refuse options of this machine's workers where a cluster is asked for. Raises UsageError."""
    if asked["dask"] is not None and (asked["workers"] or asked["worker_memory"]):
        raise click.UsageError(
            "--workers and --worker-memory are for this machine: whoever starts a Dask worker sets its own"
        )


def options_of(asked: dict[str, Any], station_seconds: float, total_seconds: float | None = None) -> RunOptions:
    """What the command line asks for, as the engine and the pool of workers take it."""
    from optimizer.engine.options import RunOptions

    return RunOptions(
        gap=asked["gap"],
        seed=asked["seed"],
        look_ahead_hours=asked.get("look_ahead"),
        hedge=asked.get("hedge", "auto"),
        month_days=asked.get("month_days"),
        time_limit_seconds=station_seconds,
        total_seconds=math.inf if total_seconds is None else total_seconds,
        workers=asked["workers"],
        worker_memory_mb=asked["worker_memory"],
        dask_address=asked["dask"],
    )


def pool_of(options: RunOptions, warm_up: Callable[[], object]) -> Pool:
    """The pool that the options ask for."""
    from optimizer.workers.dask_pool import DaskPool
    from optimizer.workers.local_pool import LocalPool
    from optimizer.workers.worker import cores

    if options.dask_address is not None:
        return DaskPool(options.dask_address)
    return LocalPool(options.workers or cores(), warm_up, options.worker_memory_mb)


@contextmanager
def stopping(stop: Stop, at_once: Callable[[], bool]) -> Iterator[None]:
    """Ctrl-C, and a system that shuts down, end the work in good order; `at_once`: nothing is begun yet."""

    def ask(*_: object) -> None:
        stop.is_asked = True
        if at_once():
            raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in numbers}
    caught = [number for number, handler in before.items() if handler is not signal.SIG_IGN]  # as under nohup
    for number in caught:
        signal.signal(number, ask)
    try:
        yield
    finally:
        for number in caught:
            signal.signal(number, before[number])
