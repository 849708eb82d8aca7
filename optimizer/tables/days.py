"""Values by their place in a local day: of tables with a row a day, and of those that count hours or periods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem
from models.horizon import MINUTES_PER_DAY
from optimizer.files.errors import ABSENT
from optimizer.tables.instants import year_day_month_problem
from optimizer.tables.local_clock import fixed_offset, on_clock
from optimizer.tables.reading import MINUTE, Place, wrong_cell
from optimizer.tables.stamps import date_of, is_year_day_month

STEPS = (1, 5, 10, 15, 30, 60)  # minutes that a place in a day may have
MOST_LONGER = 100  # minutes that a day may have more than others, with half an hour to spare


@dataclass(frozen=True)
class PlacedCell:
    """A cell of a day: its line, its stamp in words, its day, its place in the day from 0, its text."""

    line: int
    stamp: str
    day: date
    index: int
    text: str


def minutes_of(most: int, is_hours: bool = False) -> int:
    """How long each of so many values of the longest day holds; an hour where the table says so. Raises InvalidData
    where no step fits."""
    for minutes in reversed(STEPS):
        if MINUTES_PER_DAY // minutes <= most <= (MINUTES_PER_DAY + MOST_LONGER) // minutes:
            return minutes
    if is_hours and most < MINUTES_PER_DAY // STEPS[-1]:
        return STEPS[-1]
    rule = f"counts {most} values in a day: neither hours nor 30, 15, 10, 5 minutes or 1"
    raise InvalidData([Problem("", ABSENT, rule, "give a table of whole days, or one with stamps")])


def placed_instants(cells: Sequence[PlacedCell], minutes: int, zone: ZoneInfo | None) -> list[datetime]:
    """When each cell's interval begins. A day that has as many values as it is long has them one after the other,
    whatever their numbers; any other has them by its clock. Raises InvalidData without a clock."""
    if zone is None:
        raise InvalidData([Problem("--zone", ABSENT, "is needed: the table has local days", "name its clock")])
    by_day: dict[date, list[int]] = {}
    for number, cell in enumerate(cells):
        by_day.setdefault(cell.day, []).append(number)
    at = [datetime.min.replace(tzinfo=UTC)] * len(cells)
    for day, numbers in by_day.items():
        ordered = sorted(numbers, key=lambda number: cells[number].index)
        for number, instant in zip(
            ordered, _of_day(day, [cells[n].index for n in ordered], minutes, zone), strict=True
        ):
            at[number] = instant
    return at


def _of_day(day: date, places: Sequence[int], minutes: int, zone: ZoneInfo) -> Sequence[datetime]:
    begin = datetime.combine(day, time(), zone)
    length = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC) - begin.astimezone(UTC)
    if len(places) * minutes * MINUTE == length:
        first = begin.astimezone(UTC)
        return [fixed_offset((first + n * minutes * MINUTE).astimezone(zone)) for n in range(len(places))]
    return on_clock([datetime.combine(day, time()) + n * minutes * MINUTE for n in places], zone).at


def day_of(cell: str, line: int, order: str | None, place: Place) -> date:
    """The date in a cell. Raises InvalidData."""
    day = date_of(cell, order)
    if day is None and is_year_day_month(cell):
        raise InvalidData([year_day_month_problem(place(line), cell)])
    if day is None:
        raise wrong_cell(place(line), cell, "must be a date", "write it like 2025-01-15")
    return day
