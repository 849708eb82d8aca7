"""A function in a process of its own that reports as it goes and can be ended at any moment, whatever it does.

Ctrl-C stays with the process that waits: the child leaves it alone and is ended by `close`.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from optimizer.workers.usage import is_out_of_memory
from optimizer.workers.worker import death_in_words, end_with_parent

CAN_FORK = sys.platform == "linux" and hasattr(os, "fork")
START_METHOD = "fork" if CAN_FORK else "spawn"  # a fork costs nothing; it is safe before any solve
LONGEST_WAIT_SECONDS = 3600.0  # systems refuse to wait for days at once
Report = Callable[[object], None]


class ProcessDiedError(RuntimeError):
    """The process could not be started, ended without a word, or its memory ran out: in words what became of it."""


@dataclass(frozen=True)
class _Done:
    """The function returned."""


@dataclass(frozen=True)
class _Failed:
    """The function raised; `details` is the traceback of its process."""

    error: Exception
    details: str


class SupervisedProcess:
    """`function(report, *arguments)` in its own process; what it gives to `report` comes out of `reports`.

    Function, arguments and reports are pickled where processes are spawned, reports everywhere.
    Raises ProcessDiedError where the system starts no process.
    """

    def __init__(self, function: Callable[..., None], *arguments: Any, start_method: str = START_METHOD) -> None:
        context: Any = multiprocessing.get_context(start_method)
        try:
            self._connection, theirs = context.Pipe(duplex=False)
            self._process = context.Process(target=_serve, args=(theirs, function, arguments), daemon=True)
            self._process.start()
        except (OSError, MemoryError) as error:
            why = getattr(error, "strerror", None) or error or "out of memory"
            raise ProcessDiedError(f"could not be started ({why})") from None
        theirs.close()

    def reports(self, until: float) -> Iterator[object]:
        """What the function reports, until it returns or `time.monotonic()` has reached `until`.

        Raises what the function raised, or ProcessDiedError.
        """
        while (left := until - time.monotonic()) > 0:
            if not self._connection.poll(min(left, LONGEST_WAIT_SECONDS)):
                continue
            report = self._receive()
            if isinstance(report, _Done):
                return
            if isinstance(report, _Failed) and is_out_of_memory(report.error):
                raise ProcessDiedError("ran out of memory")
            if isinstance(report, _Failed):
                report.error.add_note(report.details)
                raise report.error
            yield report

    def close(self) -> None:
        """End the process at once if it still runs, and forget it."""
        self._process.kill()
        self._process.join()
        self._connection.close()

    def _receive(self) -> object:
        try:
            return self._connection.recv()
        except (EOFError, OSError):
            self._process.join()
            raise ProcessDiedError(death_in_words(self._process.exitcode)) from None


def _serve(connection: Connection, function: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """The life of the child process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with_parent()
    with suppress(BrokenPipeError):
        try:
            function(connection.send, *arguments)
            connection.send(_Done())
        except BrokenPipeError:
            raise
        except Exception as error:
            connection.send(_Failed(error, traceback.format_exc()))
