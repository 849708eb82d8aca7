"""What processes use and may use, as far as the system says: zero where it does not count, no limit where it has none.

Python has the module `resource` on Linux and macOS only.
"""

from __future__ import annotations

import os
import sys

try:
    import resource
except ImportError:  # as on Windows
    resource = None  # type: ignore[assignment]

MB = 2**20
UNKNOWN_MB = 0.0
OUT_OF_MEMORY = (
    "out of memory", "bad_alloc", "insufficient memory", "cannot allocate memory", "memory limit",
    "failed to map segment",  # of a library
    "can't start new thread",  # there was no memory for its stack
)  # fmt: skip


def says_out_of_memory(words: str) -> bool:
    """Does this text of a solver, a library or the system say that memory ran out?"""
    return any(sign in words.lower() for sign in OUT_OF_MEMORY)


def is_out_of_memory(error: BaseException) -> bool:
    """Is it for want of memory? A library that finds no room to be loaded into says so as ImportError or OSError."""
    return isinstance(error, MemoryError) or says_out_of_memory(str(error))


def children_cpu_seconds() -> float:
    """Processor seconds of the processes that this one started and that have ended; Windows counts none."""
    if resource is None:
        spent = os.times()
        return spent.children_user + spent.children_system
    return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def own_peak_mb() -> float:
    """The most megabytes that this process held, or its parent when it began; 0 where that is unknown."""
    return UNKNOWN_MB if resource is None else _in_mb(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def children_peak_mb() -> float:
    """The same of the processes that it started and that have ended."""
    return UNKNOWN_MB if resource is None else _in_mb(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def _in_mb(most: int) -> float:
    return most / MB if sys.platform == "darwin" else most / 1024


def allowed_cpu_seconds(wanted: float) -> float:
    """`wanted`, or what the system lets a process have where that is less."""
    if resource is None:
        return wanted
    most = resource.getrlimit(resource.RLIMIT_CPU)[1]
    return wanted if most == resource.RLIM_INFINITY else min(wanted, most)


def limit_cpu(until_seconds: int) -> None:
    """Have the system end this process once it has used so many processor seconds in all."""
    if resource is not None:
        most = resource.getrlimit(resource.RLIMIT_CPU)[1]
        until = until_seconds if most == resource.RLIM_INFINITY else min(until_seconds, most)
        resource.setrlimit(resource.RLIMIT_CPU, (until, most))


def limit_pages(now_pages: int, more_bytes: int) -> None:
    """Refuse this process more memory than `now_pages` and `more_bytes`."""
    if resource is not None:
        most = now_pages * resource.getpagesize() + more_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, resource.RLIM_INFINITY))


def lift_limits() -> None:
    """Back to what the system lets a process have, of processor and of memory."""
    if resource is not None:
        for kind in (resource.RLIMIT_CPU, resource.RLIMIT_AS):
            most = resource.getrlimit(kind)[1]
            resource.setrlimit(kind, (most, most))
