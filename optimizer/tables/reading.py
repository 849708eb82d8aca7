"""What a user may say of a table, the rows that are read from it, and how they are told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem

MINUTE = timedelta(minutes=1)
DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
STAMP_START, STAMP_END = "start", "end"

Place = Callable[[int], str]
"""The place of a line in messages, made of its number."""


@dataclass(frozen=True)
class Reading:
    """How a table is to be read, as far as its user says so; what is None is found in the file.

    `zone`: the clock of stamps without an offset. `start` and `minutes`: for values without stamps, when the first
    begins and how long each holds. `where`: columns and the text that their cells must have. `dates`: DAY_FIRST or
    MONTH_FIRST. `stamps`: STAMP_START or STAMP_END of their intervals. `is_zone_said`: `zone` is the user's word, and
    outdoes what the name of a column says.
    """

    zone: ZoneInfo | None = None
    time_column: str | None = None
    value_column: str | None = None
    start: datetime | None = None
    minutes: int | None = None
    where: Sequence[tuple[str, str]] = ()
    dates: str | None = None
    stamps: str | None = None
    is_zone_said: bool = False


AS_FOUND = Reading()


class StampedRow(NamedTuple):
    """One value of the file: its line, its stamp as written, the instant at which it begins, the value in its unit."""

    line: int
    stamp: str
    at: datetime
    value: float


def wrong_cell(place: str, value: object, rule: str, remedy: str) -> InvalidData:
    """One problem, to be raised."""
    return InvalidData([Problem(place, value, rule, remedy)])


def with_column(place: Place, column: str) -> Place:
    """Places that name the column, too, where it has a name."""
    if not column:
        return place
    if place(0).endswith("]"):
        return lambda line: f"{place(line)[:-1]}, {column}]"
    return lambda line: f"{place(line)}, {column}"


def understood(notes: Sequence[str]) -> tuple[str, ...]:
    """What is told of how a file was read: a line, or none where it is plain."""
    return (f"understood: {'; '.join(notes)}",) if notes else ()


def described_rows(rows: Sequence[StampedRow], minutes: int, count: int, zone: ZoneInfo | None = None) -> str:
    """The first and the last interval of `count`, their length, the least value and the most; stamps on `zone`'s clock,
    by default as written."""
    least, most = min(rows, key=lambda row: row.value), max(rows, key=lambda row: row.value)
    first, last, at_least, at_most = (
        row.at.astimezone(zone) if zone else row.at for row in (rows[0], rows[-1], least, most)
    )
    step = timedelta(minutes=minutes)
    return (
        f"first {interval_text(first, first + step)}, last {interval_text(last, last + step)}: "
        f"{count:,} intervals of {minutes} minutes, values {_short(rows[0].value)} … {_short(rows[-1].value)}, "
        f"least {_short(least.value)} at {_minute(at_least)}, most {_short(most.value)} at {_minute(at_most)}"
    )


def interval_text(begin: datetime, end: datetime) -> str:
    """An interval for people."""
    return f"{_minute(begin)}/{end:%H:%M}"


def _minute(at: datetime) -> str:
    return at.isoformat(timespec="minutes")


def _short(value: float) -> str:
    return f"{value:.6g}"
