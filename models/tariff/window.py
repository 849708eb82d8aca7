"""Windows: sets of local minutes by clock time, day type, month and date, and the local clock they are read on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from models.errors import Problem, refuse
from models.horizon import MINUTES_PER_DAY, LocalMinute, local_minute
from models.rules import number_in

DAY_TYPES = ("all", "weekday", "weekend")


@dataclass(frozen=True)
class Window:
    """A set of local minutes: clock times, day type, months and date ranges, all of which must hold.

    `start_minute` ≥ `end_minute` runs over midnight. Dates are those of the minute itself, so a
    night window that starts on Friday evening ends, for day types, on Saturday morning.
    """

    start_minute: int = 0
    end_minute: int = MINUTES_PER_DAY
    days: str = "all"
    months: tuple[int, ...] = ()
    dates: tuple[tuple[date, date], ...] = ()

    def __post_init__(self) -> None:
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from number_in("start", self.start_minute, 0, MINUTES_PER_DAY - 1, "write a time from 00:00 to 23:59")
        yield from number_in("end", self.end_minute, 0, MINUTES_PER_DAY, "write a time from 00:00 to 24:00")
        if self.days not in DAY_TYPES:
            yield Problem("days", self.days, f"must be one of {', '.join(DAY_TYPES)}", "holidays count as weekend")
        for index, month in enumerate(self.months):
            yield from number_in(f"months[{index}]", month, 1, 12, "January is 1, December is 12")
        for index, (first, last) in enumerate(self.dates):
            if last < first:
                yield Problem(
                    f"dates[{index}]", f"{first} to {last}", "must not end before it starts", "swap the two dates"
                )

    def holds(self, at: LocalMinute, holidays: Sequence[date]) -> bool:
        """Does the window contain this local minute?"""
        if self.months and at.day.month not in self.months:
            return False
        if self.dates and not any(first <= at.day <= last for first, last in self.dates):
            return False
        return self._clock_holds(at.minute) and self._day_holds(at, holidays)

    def _clock_holds(self, minute: int) -> bool:
        if self.start_minute < self.end_minute:
            return self.start_minute <= minute < self.end_minute
        return minute >= self.start_minute or minute < self.end_minute

    def _day_holds(self, at: LocalMinute, holidays: Sequence[date]) -> bool:
        if self.days == "all":
            return True
        is_weekend = at.weekday >= 5 or at.day in holidays
        return is_weekend == (self.days == "weekend")


ALWAYS = (Window(),)


def any_holds(windows: Sequence[Window], at: LocalMinute, holidays: Sequence[date]) -> bool:
    """Does any of the windows contain this local minute? No window means always."""
    return any(window.holds(at, holidays) for window in windows or ALWAYS)


def interval_start(at: LocalMinute, minutes: int) -> LocalMinute:
    """The local minute at which the metering interval of `minutes` minutes that holds `at` begins."""
    return LocalMinute(at.day, at.minute - at.minute % minutes, at.weekday)


@dataclass(frozen=True)
class LocalGrid:
    """Equal steps in time cut into grains within which no window begins or ends.

    `grains[i]` is the local minute at which grain i begins; step s has grains s·`each` … (s + 1)·`each` − 1.
    """

    step_minutes: int
    each: int
    grains: tuple[LocalMinute, ...]

    @cached_property
    def months(self) -> list[tuple[int, int]]:
        """Year and month of each grain."""
        return [(at.day.year, at.day.month) for at in self.grains]

    @property
    def steps(self) -> int:
        """Number of steps."""
        return len(self.grains) // self.each

    @property
    def grain_minutes(self) -> int:
        """Length of a grain."""
        return self.step_minutes // self.each

    def of_step(self, step: int) -> tuple[LocalMinute, ...]:
        """The local minutes at which the step's grains begin."""
        return self.grains[step * self.each : (step + 1) * self.each]


def local_grid(
    start: datetime,
    zone: ZoneInfo,
    step_minutes: int,
    steps: int,
    windows: Iterable[Window],
    divisors: Iterable[int] = (),
) -> LocalGrid:
    """The grid of `steps` steps from `start` (UTC), as fine as windows and clock changes ask for.

    Grains also divide each of the `divisors` (minutes).
    """
    edges = {edge for window in windows for edge in (window.start_minute, window.end_minute)}
    return _local_grid(start, zone, step_minutes, steps, math.gcd(step_minutes, *edges, *divisors))


@lru_cache(maxsize=16)  # a year's bills are of the same minutes under many tariffs and for many stations
def _local_grid(start: datetime, zone: ZoneInfo, step_minutes: int, steps: int, divisor: int) -> LocalGrid:
    at = [local_minute(start + timedelta(minutes=s * step_minutes), zone) for s in range(steps + 1)]
    grain = math.gcd(divisor, *{minute.minute for minute in at})
    if grain == step_minutes:
        return LocalGrid(step_minutes, 1, tuple(at[:-1]))
    count = steps * (step_minutes // grain)
    grains = tuple(local_minute(start + timedelta(minutes=g * grain), zone) for g in range(count))
    return LocalGrid(step_minutes, step_minutes // grain, grains)
