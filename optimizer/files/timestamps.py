"""Instants, dates and times of day as files write them. Places in InvalidData are empty."""

from __future__ import annotations

import re
from datetime import date, datetime

from models.errors import InvalidData, Problem
from models.horizon import MINUTES_PER_DAY, Horizon

STAMP = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{3}|\.\d{6})?)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
TIME_OF_DAY = re.compile(r"\d{2}:\d{2}", re.ASCII)
FIRST_YEAR, LAST_YEAR = 1900, 2200  # far from the years at which changing the offset leaves the calendar


def stamp(text: str) -> datetime:
    """A date and a time of day, with or without an offset. Raises InvalidData."""
    try:
        read = datetime.fromisoformat(text) if STAMP.fullmatch(text) else None
    except ValueError:
        read = None
    if read is None or not FIRST_YEAR <= read.year <= LAST_YEAR:
        rule = "must be a date and a time of day, YYYY-MM-DDTHH:MM with an offset"
        raise InvalidData([Problem("", text, rule, "write it like 2025-01-15T18:00+01:00")])
    return read


def instant(text: str) -> datetime:
    """A date and a time of day with an offset. Raises InvalidData."""
    read = stamp(text)
    if read.tzinfo is None:
        remedy = f"write {text}Z for UTC, or end it with an offset such as +01:00"
        raise InvalidData([Problem("", text, "must say its offset from UTC", remedy)])
    return read


def formatted(at: datetime, horizon: Horizon) -> str:
    """An instant for messages, on the horizon's local clock, without seconds that say nothing."""
    return at.astimezone(horizon.zone).isoformat(timespec="minutes" if at.second == at.microsecond == 0 else "auto")


def day(text: str) -> date:
    """A date YYYY-MM-DD. Raises InvalidData."""
    try:
        if DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise InvalidData([Problem("", text, "must be a date YYYY-MM-DD", "write it like 2025-01-15")])


def minute_of_day(text: str, latest: int = MINUTES_PER_DAY) -> int:
    """Minutes since midnight of a local time HH:MM from 00:00 to `latest`, in minutes. Raises InvalidData."""
    if TIME_OF_DAY.fullmatch(text):
        hours, minutes = int(text[:2]), int(text[3:])
        if minutes < 60 and hours * 60 + minutes <= latest:
            return hours * 60 + minutes
    rule = f"must be a time of day HH:MM from 00:00 to {latest // 60:02d}:{latest % 60:02d}"
    raise InvalidData([Problem("", text, rule, "write it like 22:30")])
