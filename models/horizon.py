"""The time grid: slots counted in UTC, and the local clock that tariffs go by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from models.errors import Problem, refuse

MINUTES_PER_DAY = 1440
MAX_SLOTS = 20_160  # two weeks of minutes: beyond this a file is more likely wrong than ambitious
MOST_AHEAD_HOURS = 24
MAX_MINUTES = 31 * MINUTES_PER_DAY  # a billing month; every minute is looked at to read a tariff


@dataclass(frozen=True)
class LocalMinute:
    """What a tariff asks about one minute: local date, minute of the day, weekday (Monday = 0)."""

    day: date
    minute: int
    weekday: int


@dataclass(frozen=True)
class Horizon:
    """`slots` slots of `slot_minutes` minutes from `start` (an instant with offset).

    The grid is equidistant in UTC, so a local day has 92, 96 or 100 quarter-hours where clocks change;
    `time_zone` (IANA) only decides which local minute a tariff sees. `look_ahead_hours`: what plans look at beyond the
    end, where the day repeats. Raises InvalidData.
    """

    start: datetime
    time_zone: str
    slot_minutes: int
    slots: int
    look_ahead_hours: float = 0.0

    def __post_init__(self) -> None:
        refuse(self._problems())
        object.__setattr__(self, "start", self.start.astimezone(UTC))

    def _problems(self) -> Iterator[Problem]:
        if self.start.tzinfo is None:
            yield Problem(
                "start", self.start.isoformat(), "must say its offset from UTC",
                f"write {self.start.isoformat()}Z for UTC, or end it with an offset such as +01:00",
            )  # fmt: skip
        elif self.start.second or self.start.microsecond:
            yield Problem("start", self.start.isoformat(), "must be a whole minute", "leave the seconds out")
        if not 1 <= self.slot_minutes <= MINUTES_PER_DAY:
            yield Problem("slot_minutes", self.slot_minutes, f"must be between 1 and {MINUTES_PER_DAY}", "15 is usual")
        if not 1 <= self.slots <= MAX_SLOTS:
            yield Problem(
                "slots", self.slots, f"must be between 1 and {MAX_SLOTS}", "96 quarter-hours make a day of 24 hours"
            )
        elif self.slots * self.slot_minutes > MAX_MINUTES and 1 <= self.slot_minutes <= MINUTES_PER_DAY:
            yield Problem(
                "slots", self.slots, f"must not make more than 31 days with slots of {self.slot_minutes} minutes",
                "plan fewer days at a time",
            )  # fmt: skip
        if not 0 <= self.look_ahead_hours <= MOST_AHEAD_HOURS:
            rule, remedy = f"must be between 0 and {MOST_AHEAD_HOURS}", "12 is usual; 0: plans end with the horizon"
            yield Problem("look_ahead_hours", self.look_ahead_hours, rule, remedy)
        elif self.look_ahead_hours > 0 and self.slots * self.slot_minutes < MINUTES_PER_DAY:
            rule = "needs a horizon of at least 24 hours, the last of which repeat"
            yield Problem("look_ahead_hours", self.look_ahead_hours, rule, "leave it out, or plan a whole day")
        if not _zone_exists(self.time_zone):
            yield Problem(
                "time_zone", self.time_zone, "is not a known IANA time zone",
                "write a name such as Europe/Amsterdam or Asia/Shanghai",
            )  # fmt: skip

    @property
    def slot_hours(self) -> float:
        """Δ in models/README.md: the length of a slot in hours."""
        return self.slot_minutes / 60

    @cached_property
    def zone(self) -> ZoneInfo:
        """The local clock."""
        return ZoneInfo(self.time_zone)

    @property
    def end(self) -> datetime:
        """The instant at which the last slot ends (UTC)."""
        return self.slot_start(self.slots)

    def slot_start(self, slot: int) -> datetime:
        """The instant at which `slot` begins (UTC)."""
        return self.start + timedelta(minutes=slot * self.slot_minutes)

    def local_slot_start(self, slot: int) -> datetime:
        """The same instant on the local clock."""
        return self.slot_start(slot).astimezone(self.zone)

    @property
    def local_days(self) -> tuple[date, date]:
        """The first and the last local day."""
        return self.local_slot_start(0).date(), self.local_slot_start(self.slots - 1).date()

    def slot_at(self, instant: datetime) -> int | None:
        """The slot that holds `instant`; None outside the horizon."""
        slot = (instant - self.start) // timedelta(minutes=self.slot_minutes)
        return slot if 0 <= slot < self.slots else None


def local_minute(instant: datetime, zone: ZoneInfo) -> LocalMinute:
    """An instant on the local clock of `zone`."""
    local = instant.astimezone(zone)
    return LocalMinute(local.date(), local.hour * 60 + local.minute, local.weekday())


def _zone_exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def local_minutes(first: date, after: date, zone: ZoneInfo) -> int:
    """Minutes from local midnight of `first` to that of `after`: a day has 23, 24 or 25 hours."""
    begin, end = (datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC) for day in (first, after))
    return int((end - begin).total_seconds() // 60)
