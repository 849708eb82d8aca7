"""The composite schedule of charging profiles: at every moment the valid one with the highest stack level leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class StackedProfile:
    """What says when a profile leads. `periods`: (seconds from `start`, what holds from then on); `seconds`: how long
    the schedule is; None: without end. `valid_from`, `valid_to`: None: always."""

    stack_level: int
    start: datetime
    seconds: int | None
    periods: Sequence[tuple[int, float]]
    valid_from: datetime | None = None
    valid_to: datetime | None = None

    def at(self, moment: datetime) -> float | None:
        """The limit at a moment; None: the profile says nothing of it."""
        if self.valid_from is not None and moment < self.valid_from:
            return None
        if self.valid_to is not None and moment >= self.valid_to:
            return None
        passed = (moment - self.start).total_seconds()
        if passed < 0 or (self.seconds is not None and passed >= self.seconds):
            return None
        return next((limit for begin, limit in reversed(self.periods) if begin <= passed), None)

    def edges(self) -> list[datetime]:
        """The moments at which it may change."""
        edges = [self.start + timedelta(seconds=begin) for begin, _ in self.periods]
        edges += [] if self.seconds is None else [self.start + timedelta(seconds=self.seconds)]
        return edges + [edge for edge in (self.valid_from, self.valid_to) if edge is not None]


def composite(profiles: Sequence[StackedProfile], at: datetime, seconds: int) -> list[tuple[int, float | None]]:
    """(second from `at`, limit) for so many seconds, each other than the one before. None: no profile says anything."""
    end = at + timedelta(seconds=seconds)
    edges = sorted({at, end, *(edge for one in profiles for edge in one.edges() if at < edge < end)})
    stacked = sorted(profiles, key=lambda one: -one.stack_level)
    found = [(int((begin - at).total_seconds()), _leading(stacked, begin)) for begin, _ in pairwise(edges)]
    return [next(same) for _, same in groupby(found, key=lambda one: one[1])]


def _leading(stacked: Sequence[StackedProfile], moment: datetime) -> float | None:
    limits = (one.at(moment) for one in stacked)
    return next((limit for limit in limits if limit is not None), None)
