"""Where the time of a search goes: each second counts for the innermost stage that runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

Stage = Literal["solver", "model", "rounding", "check"]
STAGES: tuple[Stage, ...] = ("solver", "model", "rounding", "check")


@dataclass
class Stopwatch:
    """Wall seconds by stage: HiGHS; models built; assignments priced and rounded; plans billed and checked."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))
    _running: list[Stage] = field(default_factory=list)
    _since: float = 0.0

    @contextmanager
    def stage(self, name: Stage) -> Iterator[None]:
        """Count what runs inside as `name`; a stage inside stops the clock of the one outside."""
        self._turn()
        self._running.append(name)
        try:
            yield
        finally:
            self._turn()
            self._running.pop()

    def _turn(self) -> None:
        now = time.perf_counter()
        if self._running:
            self.seconds[self._running[-1]] += now - self._since
        self._since = now
