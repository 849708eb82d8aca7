"""How far long work is where standard error is no terminal: a line of a log now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from optimizer.cli.output import progress_line, say, shows_progress

LEAST_SECONDS = 60.0  # between lines, and before the first
SHARE = 0.05  # of the time so far, where that is more: a day's work fills no log


def _log(text: str) -> None:
    """Where nobody reads the log any more, or its disk is full, the work goes on."""
    with suppress(OSError):
        say(text, to_stderr=True)


@dataclass
class ProgressLog:
    """Passes on to `write` what it is told, as seldom as a log wants it. `clock`: seconds."""

    write: Callable[[str], None] = _log
    clock: Callable[[], float] = time.monotonic
    _began: float = field(init=False)
    _told: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self._told = self.clock()

    def __call__(self, text: str) -> None:
        """Write it, if it is time to, and if there is anything to say."""
        now = self.clock()
        if text and now - self._told >= max(LEAST_SECONDS, SHARE * (now - self._began)):
            self._told = now
            self.write(text)


def progress_or_log() -> Callable[[str], None]:
    """What shows how far the work is: a line rewritten in place on a terminal, else lines of a log."""
    return progress_line() if shows_progress() else ProgressLog()
