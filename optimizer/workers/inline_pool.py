"""A pool without processes, for what is to be measured or looked at in the process that asks for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from optimizer.workers.local_pool import Finished


@dataclass
class InlinePool:
    """Tasks are done in turn once they are waited for, whatever the seconds they are given."""

    size: int = field(default=1, kw_only=True)
    _waiting: list[tuple[int, Callable[..., object], tuple[Any, ...]]] = field(default_factory=list, init=False)

    def start(self, ticket: int, function: Callable[..., object], arguments: tuple[Any, ...], seconds: float) -> None:
        """Take a task under a number of the caller's."""
        self._waiting.append((ticket, function, arguments))

    def wait(self, seconds: float) -> list[Finished]:
        """Do all that were taken. Raises what they raise."""
        waiting, self._waiting = self._waiting, []
        return [Finished(ticket, self.result(function, arguments), "here") for ticket, function, arguments in waiting]

    def result(self, function: Callable[..., object], arguments: tuple[Any, ...]) -> object:
        """What a task comes to."""
        return function(*arguments)

    def drop(self) -> None:
        """Forget what was taken."""
        self._waiting = []

    def close(self) -> None:
        """There is nothing to close."""
