"""Where tasks run: worker processes of this machine, behind the few calls that a cluster answers, too.

Each worker has a pipe of its own and shares no lock with others. So whichever instant a worker is killed at,
only its own task is lost: a queue shared by all would stay locked, or hold half a message, for ever.
"""

from __future__ import annotations

import math
import multiprocessing
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Literal, Protocol

from optimizer.workers.quiet_tracker import start_quiet_tracker
from optimizer.workers.worker import READY, Raised, cpu_seconds_of, death_in_words, serve

START_SECONDS = 300.0  # a worker that is not ready by then never will be
START_CPU_SECONDS = 6.0  # nor one that has worked so long at it: a start takes about one, however busy the machine
START_TRIES = 3  # workers on end that may die before they are ready
LOOK_SECONDS = 1.0  # between looks at whether the workers are alive
DYING_SECONDS = 2.0  # between a worker's last word and its exit code


NEVER_READY = (
    f"no worker can be started: one worked for {START_CPU_SECONDS:g} s and was not ready "
    "(is its memory limited, as by ulimit -v?)"
)


@dataclass(frozen=True)
class Fault:
    """Why a task has no result: its worker died, it ran past its limit and was killed, or it raised."""

    kind: Literal["died", "hung", "raised"]
    reason: str


@dataclass(frozen=True)
class Finished:
    """A task's end. `worker` is another number for each worker's place, for adding up their memory."""

    ticket: int
    result: object | Fault
    worker: str


def result_alone(
    pool: Pool, function: Callable[..., object], arguments: tuple[Any, ...], seconds: float
) -> object | Fault:
    """What becomes of one task in an idle pool. Raises PoolBrokenError."""
    pool.start(0, function, arguments, seconds)
    ended = list[Finished]()
    while not ended:
        ended = pool.wait(LOOK_SECONDS)
    return ended[0].result


class PoolBrokenError(Exception):
    """No task can be run any more."""


class Pool(Protocol):
    """At most `size` tasks at once; what `start` takes, `wait` gives back once, whatever happens to the worker."""

    @property
    def size(self) -> int:
        """Tasks that run at the same time."""

    def start(self, ticket: int, function: Callable[..., object], arguments: tuple[Any, ...], seconds: float) -> None:
        """Run a task under a number of the caller's; beyond `seconds` it is killed. Raises PoolBrokenError."""

    def wait(self, seconds: float) -> list[Finished]:
        """The tasks that have ended, after `seconds` perhaps none. Raises PoolBrokenError."""

    def drop(self) -> None:
        """Kill whatever runs; `wait` says no more of it."""

    def close(self) -> None:
        """Kill all workers."""


@dataclass
class _RunningTask:
    ticket: int
    function: Callable[..., object]
    arguments: tuple[Any, ...]
    seconds: float


@dataclass
class _Slot:
    """A worker's place: its process, its end of the pipe, what it does, when that must be done."""

    number: int
    process: BaseProcess | None = None
    connection: Connection | None = None
    is_ready: bool = False
    task: _RunningTask | None = None
    deadline: float = math.inf

    def has_news(self) -> bool:
        """A word of the worker, or its end: a process of its own may hold its pipe, and its sentinel, beyond that."""
        if self.process is None or self.connection is None:
            return False
        return self.connection.poll() or not self.process.is_alive()

    def end(self) -> int | None:
        """Kill the process, if there is one; its exit code."""
        if self.process is None or self.connection is None:
            return None
        self.process.kill()
        self.process.join()
        code = self.process.exitcode
        self.process.close()
        self.connection.close()
        self.process, self.connection, self.is_ready, self.deadline = None, None, False, math.inf
        return code


class LocalPool:
    """Worker processes of this machine; a new one takes the place of each that dies."""

    def __init__(self, workers: int, warm_up: Callable[[], object], memory_mb: int | None = None) -> None:
        start_quiet_tracker()
        self._context = multiprocessing.get_context("spawn")  # a fork would copy the locks of a solver's threads
        self._slots = [_Slot(number) for number in range(workers)]
        self._warm_up, self._memory_mb = warm_up, memory_mb
        self._failed_starts = 0

    @property
    def size(self) -> int:
        """Tasks that run at the same time."""
        return len(self._slots)

    def start(self, ticket: int, function: Callable[..., object], arguments: tuple[Any, ...], seconds: float) -> None:
        """Run a task under a number of the caller's; beyond `seconds` it is killed. Raises PoolBrokenError."""
        slot = next(slot for slot in self._slots if slot.task is None)
        slot.task = _RunningTask(ticket, function, arguments, seconds)
        if slot.process is None:
            self._begin(slot)
        elif slot.is_ready:
            self._hand(slot)

    def wait(self, seconds: float) -> list[Finished]:
        """The tasks that have ended, after `seconds` perhaps none. Raises PoolBrokenError."""
        for slot in self._slots:
            if slot.task is not None and slot.process is None:
                self._begin(slot)
        until = min(time.monotonic() + seconds, *(slot.deadline for slot in self._slots))
        pipes = [slot.connection for slot in self._slots if slot.connection is not None]
        wait(pipes, max(0.0, min(until - time.monotonic(), LOOK_SECONDS)))
        heard = [finished for slot in self._slots if slot.has_news() and (finished := self._hear(slot))]
        return heard + [finished for slot in self._slots if (finished := self._overdue(slot))]

    def drop(self) -> None:
        """Kill whatever runs; `wait` says no more of it."""
        for slot in self._slots:
            if slot.task is not None:
                slot.end()
                slot.task = None

    def close(self) -> None:
        """Kill all workers."""
        for slot in self._slots:
            slot.end()
            slot.task = None

    def _begin(self, slot: _Slot) -> None:
        """Start a process; where the system gives none just now, the next `wait` tries again."""
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=serve, args=(theirs, self._warm_up, self._memory_mb), daemon=True)
        try:
            with _children_ignore_interrupts():
                process.start()
        except OSError as error:
            ours.close()
            self._count_failed_start(f"the system starts no process ({error.strerror or error})")
            return
        finally:
            theirs.close()  # so that the worker's end is the only one: its death is the pipe's end
        slot.process, slot.connection, slot.deadline = process, ours, time.monotonic() + START_SECONDS

    def _count_failed_start(self, why: str) -> None:
        self._failed_starts += 1
        if self._failed_starts >= START_TRIES:
            raise PoolBrokenError(f"no worker can be started: {why}")

    def _hand(self, slot: _Slot) -> None:
        """Send the slot's task; a worker that is gone is found out by `wait`."""
        assert slot.task is not None and slot.connection is not None
        slot.deadline = time.monotonic() + slot.task.seconds
        try:
            slot.connection.send((slot.task.function, slot.task.arguments))
        except OSError:
            return

    def _hear(self, slot: _Slot) -> Finished | None:
        """A worker's message: that it is ready, its task's result, or its death."""
        assert slot.connection is not None
        if not slot.connection.poll():  # the process has ended, and its pipe has not
            return self._bury(slot)
        try:
            message = slot.connection.recv()
        except Exception:  # the pipe ended, perhaps in the middle of a message
            return self._bury(slot)
        if not slot.is_ready:
            slot.is_ready, slot.deadline, self._failed_starts = True, math.inf, 0
            assert message == READY
            if slot.task is not None:
                self._hand(slot)
            return None
        slot.deadline = math.inf
        if isinstance(message, Raised):
            if message.out_of_memory:
                slot.end()  # what it took may not have been given back
            message = Fault("raised", message.reason)
        return self._finished(slot, message)

    def _bury(self, slot: _Slot) -> Finished | None:
        was_ready = slot.is_ready
        assert slot.process is not None
        slot.process.join(DYING_SECONDS)
        why = f"its worker {death_in_words(slot.end())}"
        if not was_ready:
            self._count_failed_start(why)
            return None  # its task, if it has one, waits for the next worker
        return self._finished(slot, Fault("died", why)) if slot.task is not None else None

    def _overdue(self, slot: _Slot) -> Finished | None:
        if not slot.is_ready and slot.process is not None and cpu_seconds_of(slot.process.pid) > START_CPU_SECONDS:
            slot.end()
            raise PoolBrokenError(NEVER_READY)  # the next would do the same: it spins where memory is refused
        if time.monotonic() <= slot.deadline:
            return None
        was_ready = slot.is_ready
        slot.end()
        if not was_ready:
            self._count_failed_start(f"it is not ready after {START_SECONDS:g} s")
            return None
        assert slot.task is not None
        return self._finished(slot, Fault("hung", f"no answer within {slot.task.seconds:g} s: its worker was killed"))

    def _finished(self, slot: _Slot, result: object | Fault) -> Finished:
        assert slot.task is not None
        ticket, slot.task = slot.task.ticket, None
        return Finished(ticket, result, f"worker {slot.number}")


@contextmanager
def _children_ignore_interrupts() -> Iterator[None]:
    """Ctrl-C goes to all processes of a terminal: a child that is still starting has no handler of its own yet."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
