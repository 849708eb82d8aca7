"""The process by which `multiprocessing` cleans up after killed workers, started so that it does not speak of it."""

from __future__ import annotations

import os

QUIET = "ignore:resource_tracker"
VARIABLE = "PYTHONWARNINGS"


def start_quiet_tracker() -> None:
    """Start it before the first worker, if it does not run yet; it keeps the filters of the environment it starts in.

    A worker that loads Pyomo makes a lock. If it is then killed, as idle workers are at the end of a run, the lock is
    cleaned up by the tracker, which warns of it on standard error: behind the one line that cron is to send.
    """
    if os.name != "posix":
        return  # where locks are no names of the system, there is no tracker
    from multiprocessing.resource_tracker import ensure_running

    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = QUIET if not before else f"{before},{QUIET}"
    try:
        ensure_running()
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before
