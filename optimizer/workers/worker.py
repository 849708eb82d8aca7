"""A worker process of `nightly`: it does one task after the other and ends when its coordinator does."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from optimizer.workers.usage import MB, limit_pages, own_peak_mb

READY = "ready"
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
DIE_WITH_PARENT, KILL = 1, 9  # PR_SET_PDEATHSIG and SIGKILL of Linux
STATUS, STATM = Path("/proc/self/status"), Path("/proc/self/statm")


@dataclass(frozen=True)
class Raised:
    """What a task returns that raised: its words, and whether memory ran out."""

    reason: str
    out_of_memory: bool


def attempt(function: Callable[..., object], arguments: tuple[Any, ...]) -> object:
    """What the function returns, or what it raised in words: nothing a task does ends its worker."""
    try:
        return function(*arguments)
    except BaseException as error:
        return Raised(f"{type(error).__name__}: {error}".removesuffix(": "), isinstance(error, MemoryError))


def death_in_words(code: int | None) -> str:
    """How a process ended, by its exit code: "was killed by SIGSEGV", "ended with exit code 3"."""
    if code is None or code >= 0:
        return f"ended with exit code {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    return f"was killed by {name}" + (" (out of memory?)" if name == "SIGKILL" else "")


def serve(connection: Connection, warm_up: Callable[[], object], memory_mb: int | None) -> None:
    """The worker's life: get ready, then answer each (function, arguments) until the coordinator is gone.

    `memory_mb`: what a task may take beyond what the worker has once it is ready.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the coordinator's to answer
    end_with_parent()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    os.environ |= dict.fromkeys(ONE_THREAD, "1")
    attempt(warm_up, ())
    if memory_mb is not None:
        limit_memory(memory_mb)
    try:
        connection.send(READY)
        while True:
            _send(connection, attempt(*connection.recv()))
    except (EOFError, OSError):
        return  # the coordinator is gone


def _send(connection: Connection, answer: object) -> None:
    try:
        connection.send(answer)
    except (MemoryError, TypeError, ValueError, AttributeError) as error:  # it could not be pickled: nothing was sent
        connection.send(Raised(f"{type(error).__name__}: {error}", isinstance(error, MemoryError)))


def end_with_parent() -> None:
    """Whatever kills the coordinator: by Linux itself, and by a thread that watches where there is no Linux."""
    parent = parent_process()
    assert parent is not None  # this is a child process
    threading.Thread(target=lambda: os._exit(1) if wait([parent.sentinel]) else None, daemon=True).start()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, KILL)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu_seconds_of(pid: int | None) -> float:
    """CPU seconds that another process has taken so far; 0 where the system does not say."""
    try:
        times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, AttributeError):
        return 0.0


def limit_memory(mb: int) -> None:
    """Refuse this process more than `mb` megabytes beyond what it has; no limit where the system does not say that."""
    if STATM.exists():
        limit_pages(int(STATM.read_text().split()[0]), mb * MB)


def peak_memory_mb() -> float:
    """The most memory this process ever held; 0 where the system does not say. (`getrusage` counts what
    its parent held when it began.)"""
    try:
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    except (OSError, StopIteration):
        return own_peak_mb()
