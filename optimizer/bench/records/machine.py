"""The machine on which a benchmark runs, as its records describe it."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from optimizer.workers.usage import MB
from optimizer.workers.worker import cores

CPUINFO = Path("/proc/cpuinfo")


def machine() -> dict[str, str]:
    """Processor, cores that this process may use, memory in megabytes, operating system."""
    return {
        "processor": _processor(),
        "cores": str(cores()),
        "memory_mb": str(memory_mb() or "unknown"),
        "system": platform.platform(),
    }


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
