"""Durations of ISO 8601 and instants, as OpenADR 3 has them."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.errors import InvalidData, Problem
from optimizer.files import timestamps as clock

DURATION = re.compile(
    r"(?P<sign>-)?P(?=\d|T\d)(?:(?P<y>\d{1,9})Y)?(?:(?P<mo>\d{1,9})M)?(?:(?P<w>\d{1,9})W)?(?:(?P<d>\d{1,9})D)?"
    r"(?:T(?=\d)(?:(?P<h>\d{1,9})H)?(?:(?P<mi>\d{1,9})M)?(?:(?P<s>\d{1,9}(?:\.\d{1,9})?)S)?)?",
    re.ASCII,
)
NOW = re.compile(r"0001-01-01(?:T00:00(?::00(?:\.0+)?)?)?(?:Z|[+-]00:00)?|0", re.ASCII)
ENDLESS_YEARS = 1000  # P9999Y stands for infinity
ENDLESS_DAYS = 366 * ENDLESS_YEARS


@dataclass(frozen=True)
class Duration:
    """Months of the calendar and time besides; `is_endless`: infinity."""

    months: int = 0
    rest: timedelta = timedelta(0)
    is_endless: bool = False

    @property
    def is_nothing(self) -> bool:
        """Is it no time at all?"""
        return not (self.is_endless or self.months or self.rest)

    def after(self, at: datetime) -> datetime | None:
        """The instant so much later; None: never."""
        if self.is_endless:
            return None
        month = at.year * 12 + at.month - 1 + self.months
        year, number = divmod(month, 12)
        day = min(at.day, monthrange(year, number + 1)[1])
        return at.replace(year=year, month=number + 1, day=day) + self.rest


NOTHING = Duration()


def duration_of(text: str) -> Duration:
    """A duration such as PT1H30M, P1D or P9999Y. Raises InvalidData, its place empty."""
    match = DURATION.fullmatch(text.strip())
    if match is None or match["sign"]:
        rule, remedy = "must be a duration of ISO 8601, not below 0", "write it like PT1H or PT15M"
        raise InvalidData([Problem("", text, rule, remedy)])
    years, months, weeks, days, hours, minutes = (int(match[name] or 0) for name in ("y", "mo", "w", "d", "h", "mi"))
    seconds = float(match["s"] or 0)
    total_days = weeks * 7 + days + (hours + (minutes + seconds / 60) / 60) / 24
    if years + months / 12 >= ENDLESS_YEARS or total_days >= ENDLESS_DAYS:
        return Duration(is_endless=True)
    rest = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    return Duration(years * 12 + months, rest)


def start_of(text: str) -> datetime | None:
    """The instant at which something begins; None: now, or at once after what was before. Raises InvalidData."""
    return None if NOW.fullmatch(text.strip()) else clock.instant(text.strip())
