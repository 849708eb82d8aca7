"""The machine on which a benchmark runs, as its records describe it."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from pathlib import Path

from optimizer.workers.usage import MB
from optimizer.workers.worker import cores

CPUINFO = Path("/proc/cpuinfo")
THREADS = Path("/proc/self/task")
NANOSECONDS = 1_000_000_000
SLACK_PROCESSES = 0.5  # beyond the processors: the load of a run that has the machine for itself is about 1
MOST_WAITED_SHARE, BLINK_SECONDS = 0.05, 0.01  # of its wall seconds, for which a run with a processor of its own waits


def machine() -> dict[str, str]:
    """Processor, cores that this process may use, memory in megabytes, operating system."""
    return {
        "processor": _processor(),
        "cores": str(cores()),
        "memory_mb": str(memory_mb() or "unknown"),
        "system": platform.platform(),
    }


def load_average() -> float | None:
    """Processes that ran or wanted to, on the mean of the last minute; None where the system does not say."""
    try:
        return round(os.getloadavg()[0], 2)
    except (AttributeError, OSError):  # as Windows, which counts none
        return None


def waited_seconds() -> float | None:
    """Seconds for which threads of this process were ready to run and the system let others run; None as above."""
    try:
        waits = [int((thread / "schedstat").read_text().split()[1]) for thread in THREADS.iterdir()]
    except (OSError, ValueError, IndexError):
        return None
    return sum(waits) / NANOSECONDS


def is_loaded(loads: Iterable[float | None], waited_seconds: float | None, wall_seconds: float) -> bool:
    """Did others want the processors, too, that a run of so many wall seconds needed? Then its wall times are too long.

    `loads`: load averages as it began and as it ended. `waited_seconds`: how long it waited itself. None: unknown.
    """
    most = (os.cpu_count() or 1) + SLACK_PROCESSES  # of the machine: its load counts all of them
    if any(load is not None and load > most for load in loads):
        return True
    return waited_seconds is not None and waited_seconds > max(BLINK_SECONDS, MOST_WAITED_SHARE * wall_seconds)


def _processor() -> str:
    try:
        lines = CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def memory_mb() -> int | None:
    """Megabytes of memory that the machine has; None where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MB
    except (AttributeError, ValueError, OSError):  # as Windows, which has no `sysconf`
        return None
