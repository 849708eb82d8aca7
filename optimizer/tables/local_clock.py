"""Local times without an offset as instants: the hour that autumn has twice, and the one that spring leaves out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

NO_TIME = timedelta(0)


@dataclass(frozen=True)
class LocalTimes:
    """Instants in the order of the local times they are of; `skipped`: places of those that the clock never shows,
    read as if it had not been put forward."""

    at: Sequence[datetime]
    skipped: Sequence[int]


def on_clock(local: Sequence[datetime], zone: ZoneInfo) -> LocalTimes:
    """The instants of local times.

    A time that autumn has twice is the second one where time does not rise otherwise: rows are in order, or newest
    first. Where they are in neither, the first row with such a time is the first one.
    """
    falls = sum(later < earlier for earlier, later in pairwise(local))
    is_reversed = falls * 2 > len(local)
    ordered = list(reversed(local)) if is_reversed else local
    at = _in_order(ordered, zone)
    if at is None:
        at = _by_occurrence(ordered, zone)
    if is_reversed:
        at.reverse()
    changing = {day for day in {when.date() for when in local} if _of_whole_day(day, zone) is None}
    skipped = [n for n, when in enumerate(local) if when.date() in changing and _is_skipped(when, zone)]
    return LocalTimes(at, skipped if changing else ())


def _in_order(local: Sequence[datetime], zone: ZoneInfo) -> list[datetime] | None:
    """None where rows fall back in time other than with the clock."""
    at: list[datetime] = []
    before: datetime | None = None
    for when in local:
        first, second = _offsets(when, zone)
        instant = when.replace(tzinfo=_fixed(first))
        if before is not None and instant <= before and first > second:
            instant = when.replace(tzinfo=_fixed(second))
        if before is not None and instant < before:
            return None
        before = instant
        at.append(instant)
    return at


def _by_occurrence(local: Sequence[datetime], zone: ZoneInfo) -> list[datetime]:
    seen: set[datetime] = set()
    at = []
    for when in local:
        first, second = _offsets(when, zone)
        is_second = first > second and when in seen
        at.append(when.replace(tzinfo=_fixed(second if is_second else first)))
        if first > second:
            seen.add(when)
    return at


def _is_skipped(when: datetime, zone: ZoneInfo) -> bool:
    first, second = _offsets(when, zone)
    return first < second


def _offsets(when: datetime, zone: ZoneInfo) -> tuple[timedelta, timedelta]:
    """Offsets if the time is the first and the second one of its name: the later is less in autumn, more in spring,
    where both are those before and after the change."""
    whole = _of_whole_day(when.date(), zone)
    if whole is not None:
        return whole, whole
    first = when.replace(tzinfo=zone, fold=0).utcoffset() or NO_TIME
    return first, when.replace(tzinfo=zone, fold=1).utcoffset() or NO_TIME


@lru_cache(maxsize=16384)  # of 45 years
def _of_whole_day(day: date, zone: ZoneInfo) -> timedelta | None:
    """The offset of a day on which the clock does not change; None of others."""
    offsets = (datetime.combine(day, clock, zone).utcoffset() for clock in (time.min, time(12), time.max))
    around = {*offsets, datetime.combine(day, time.min, zone).replace(fold=1).utcoffset()}
    around.add(datetime.combine(day, time.max, zone).replace(fold=1).utcoffset())
    return around.pop() if len(around) == 1 else None


@lru_cache(maxsize=512)
def _fixed(offset: timedelta) -> timezone:
    return timezone(offset)


def fixed_offset(at: datetime) -> datetime:
    """The instant with its offset alone: two of one zone would be compared by what the clock shows."""
    return at.replace(tzinfo=_fixed(at.utcoffset() or NO_TIME), fold=0)
