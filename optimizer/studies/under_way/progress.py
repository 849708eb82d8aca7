"""How far a study is, in a line."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ProgressWords:
    """What is done, and with what."""

    doing: str
    what: str


PLANNING = ProgressWords("planning", "station-nights")
BOUNDING = ProgressWords("bounding all nights at once", "stations under a tariff")


@dataclass
class StudyProgress:
    """Tells `show` how far a study is, each time it is asked.

    `clock`: seconds. What is left is reckoned by what this run has planned since it was first asked: nights that it
    found done do not count.
    """

    show: Callable[[str], None]
    clock: Callable[[], float] = field(default=time.monotonic)
    words: ProgressWords = PLANNING
    _began: float | None = None
    _found_done: int = 0

    def __call__(self, done: int, in_all: int) -> None:
        """Tell it: nights done, and nights of all chains."""
        now = self.clock()
        if self._began is None:
            self._began, self._found_done = now, done
        self.show(progress(done, in_all, self._found_done, now - self._began, self.words))


def progress(done: int, in_all: int, found_done: int, seconds: float, words: ProgressWords = PLANNING) -> str:
    """Nights done, and how long the rest will take if it goes on like this."""
    planned = done - found_done
    left = f", about {duration(seconds / planned * (in_all - done))} left" if planned and done < in_all else ""
    share = f" ({100 * done // in_all} %)" if in_all else ""
    return f"{words.doing}: {done:,} of {in_all:,} {words.what}{share}{left}"


def duration(seconds: float) -> str:
    """ "40 s", "12 min", "3 h 05 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"
