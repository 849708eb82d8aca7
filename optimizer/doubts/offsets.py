"""Doubts about instants: an offset from UTC that the file's own time zone does not have on that day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from models.errors import Problem
from optimizer.files import timestamps as clock

UTC_OFFSET = timedelta(0)


def offset_doubt(place: str, written: str, zone: ZoneInfo) -> Iterator[Problem]:
    """A stamp that is neither in UTC nor in the zone's time of that day. On a day of change, both offsets are right."""
    at = clock.stamp(written)
    offset = at.utcoffset()
    if offset is None or written.endswith("Z") or offset in _offsets(at, zone):
        return
    if offset == UTC_OFFSET and not _ever_has_utc(at.year, zone):
        return  # UTC, written as +00:00; where the zone has it in winter, it may be meant as winter's
    right = _formatted(at.replace(tzinfo=zone).utcoffset() or UTC_OFFSET)
    local = f"{at.astimezone(zone):%Y-%m-%dT%H:%M}{right}"
    rule = f"has an offset from UTC that {zone.key} does not have that day: there it is {right}"
    yield Problem(place, written, rule, f"write {right} if that is local time; as it stands it means {local}")


def _offsets(at: datetime, zone: ZoneInfo) -> set[timedelta | None]:
    """The zone's offsets at the beginning and at the end of the stamp's local day."""
    first = datetime(at.year, at.month, at.day, tzinfo=zone)
    return {first.utcoffset(), (first + timedelta(days=1)).utcoffset()}


def _ever_has_utc(year: int, zone: ZoneInfo) -> bool:
    return UTC_OFFSET in {datetime(year, month, 1, tzinfo=zone).utcoffset() for month in (1, 7)}


def _formatted(offset: timedelta) -> str:
    """As stamps have it, such as +01:00."""
    hours, minutes = divmod(round(abs(offset).total_seconds() / 60), 60)
    return f"{'-' if offset < UTC_OFFSET else '+'}{hours:02d}:{minutes:02d}"
