"""Which columns of a table have its stamps and its values, where its user does not name them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem
from optimizer.files.csv_text import column_at
from optimizer.files.errors import ABSENT
from optimizer.tables.cell_numbers import NO_VALUES, is_number
from optimizer.tables.header import TIME_WORDS, Header
from optimizer.tables.labels import interval_of_day, labels_of
from optimizer.tables.reading import STAMP_END, STAMP_START, Reading, wrong_cell
from optimizer.tables.sources.sheet import Line
from optimizer.tables.stamps import COMPACT, EPOCH, date_of, stamp_of
from optimizer.tables.unit_words import likeliest, unit_in

START_WORDS = re.compile(
    r"start|begin|\bvon\b|\bfrom\b|desde|debut|début|\bfra\b|fra_|\bab\b|valid_from|von$", re.IGNORECASE
)
END_WORDS = re.compile(
    r"\bend|ending|\bbis\b|\bto\b|hasta|\bfin\b|\btil\b|til_|settlementdate|horodate|\bhe\b|ablesezeit|_end\b|bis$",
    re.IGNORECASE,
)
UTC_WORDS = re.compile(r"utc|gmt(?![+-])", re.IGNORECASE)
OWN_ZONE = re.compile(r"(?:utc|gmt) ?(?:([+-]) ?0?(\d{1,2})(?::?00)?)?(?!\d)", re.IGNORECASE)
HOUR_WORDS = re.compile(
    r"hour|stunde|hora\b|heure|\bhr\b|_hr\b|\bora\b|godzina|hodina|timme|tunti|\bhe\b|time|zeit", re.IGNORECASE
)
PERIOD_WORDS = re.compile(r"period|interval|intervall", re.IGNORECASE)
COUNTED = re.compile(r"\d{1,3}", re.ASCII)


@dataclass(frozen=True)
class Roles:
    """Places of columns; None: there is no such column.

    `time`: the stamps, or the dates where `clock` has the times of day or `count` the number of the hour or period of
    the day. `ends`: the stamps are the ends of their intervals. `unit`: texts that are all the same unit. `is_wide`: a
    row has a whole day, and `value` means nothing.
    """

    value: int
    time: int | None = None
    clock: int | None = None
    count: int | None = None
    ends: bool = False
    unit: int | None = None
    is_wide: bool = False


def roles_of(sample: Sequence[Line], header: Header, how: Reading, what: str, file: str) -> Roles:
    """The roles of the columns, by the table's first rows.

    Raises InvalidData where columns are not there, or which to read is not clear.
    """
    rows = [cells for line, cells in sample if line >= header.first]
    found = _Columns(header.names, rows)
    time = _named(header, file, "time_column", how.time_column)
    value = _named(header, file, "value_column", how.value_column)
    if (how.start is not None or how.minutes is not None) and found.stamps:
        option = "--start" if how.start is not None else "--minutes"
        rule = "means nothing for a table that has time stamps of its own"
        raise wrong_cell(option, str(how.start or how.minutes), rule, "leave it out")
    if how.start is not None:
        return Roles(found.value(value, what, frozenset()))
    if value is None and (days := found.days(time)) is not None:
        return Roles(-1, days, is_wide=True)
    time, clock, count, ends = found.when(time, value)
    if time is None and len(found.names) == 2 and value is None:
        time, value = 0, 1  # the first and the second, whatever is wrong with what stands there
    if time is None and len(found.names) != 1:
        raise say_which(header.names, how)
    used = frozenset(one for one in (time, clock, count) if one is not None) | found.stamps
    if time is not None and value is None and len(found.names) == 2:
        value = 1 - time
    at = found.value(value, what, used)
    return Roles(at, time, clock, count, ends, found.unit(at, what))


def date_and_clock(names: Sequence[str], rows: Sequence[Sequence[str]], column: int) -> tuple[int, int | None]:
    """The columns of which a stamp is made where `column` is named for it: itself and none, or a date and a time of day
    of which it is one."""
    found = _Columns(names, rows)
    if column in found.dates:
        return column, found.clock(column)
    if column in found.clocks() and column not in found.stamps:
        dates = [date for date in sorted(found.dates) if date != column]
        if dates:
            return dates[0], column
    return column, None


def _named(header: Header, file: str, key: str, name: str | None) -> int | None:
    """Where the column stands that the user names, or numbers from 1 where the table has no names."""
    if name is not None and not any(header.names) and name.isdecimal() and 1 <= int(name) <= len(header.names):
        return int(name) - 1
    return None if name is None else column_at(header.names, file, key, name)


def say_which(names: Sequence[str], how: Reading, numbers: Sequence[int] = ()) -> InvalidData:
    """The refusal of a table of which it is not clear what to read, to be raised. `numbers`: its columns of numbers,
    where the time is clear."""
    given = {"--time-column": how.time_column or numbers, "--value-column": how.value_column}
    missing = [option for option, is_given in given.items() if not is_given]
    titles = [name or str(number) for number, name in enumerate(names, 1)]
    listed = ", ".join(titles[column] for column in numbers or range(len(names))) or "none"
    rule = f"has {len(names)} columns: say which to read"
    which = "its columns of numbers" if numbers else "its columns"
    return InvalidData([Problem("", ABSENT, rule, f"give {' and '.join(missing)}; {which}: {listed}")])


class _Columns:
    """What the cells of the first rows say of their columns."""

    def __init__(self, names: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        width = max([len(names), *(len(cells) for cells in rows)], default=0)
        self.names = [*names, *[""] * (width - len(names))]
        self.cells = [[row[column].strip() for row in rows if column < len(row)] for column in range(width)]
        self.stamps = frozenset(c for c in range(width) if self._mostly(c, lambda cell: stamp_of(cell) is not None))
        self.dates = frozenset(c for c in range(width) if self._mostly(c, lambda cell: date_of(cell) is not None))
        self.numbers = [c for c in range(width) if self._mostly(c, is_number)]

    def _mostly(self, column: int, holds: Callable[[str], bool]) -> bool:
        cells = [cell for cell in self.cells[column] if cell not in NO_VALUES]
        if not cells:
            return False
        if all(is_number(cell) for cell in cells) and holds is not is_number:
            return all(holds(cell) for cell in cells) and self._are_stamps_of_digits(column, cells)
        return sum(map(holds, cells)) * 2 > len(cells)

    def _are_stamps_of_digits(self, column: int, cells: Sequence[str]) -> bool:
        """Digits may be a quantity: as stamps they are many in number, and of a first column or one named so."""
        named = column == 0 or bool(TIME_WORDS.search(self.names[column])) or all(len(cell) == 13 for cell in cells)
        return named and all(len(cell) == 8 or COMPACT.fullmatch(cell) or EPOCH.fullmatch(cell) for cell in cells)

    def when(self, time: int | None, value: int | None) -> tuple[int | None, int | None, int | None, bool]:
        """The columns of stamps, of times of day, of counted hours, and whether they are the ends of intervals."""
        columns = [c for c in sorted(self.stamps) if c != value] if time is None else [time]
        whole = [c for c in columns if not self._are_dates(c)]
        if whole or (time is not None and time not in self.dates):
            best = max(whole or columns, key=self._begins)
            return best, None, None, self._is_end(best) or self._has_midnight_at_24(best)
        if not columns:
            return None, None, None, False
        date = max(columns, key=self._begins)
        clock = self.clock(value)
        if clock is not None:
            return date, clock, None, self._is_end(clock) or self._has_midnight_at_24(clock)
        return date, None, self._count(date, value), False

    def _are_dates(self, column: int) -> bool:
        return column in self.dates

    def _begins(self, column: int) -> tuple[int, int, int]:
        """What speaks for the column of stamps to read: UTC, the beginning, not the end, the first."""
        name = self.names[column]
        return bool(UTC_WORDS.search(name)), bool(START_WORDS.search(name)) - bool(END_WORDS.search(name)), -column

    def _is_end(self, column: int) -> bool:
        name = self.names[column]
        return bool(END_WORDS.search(name)) and not START_WORDS.search(name)

    def _has_midnight_at_24(self, column: int) -> bool:
        return any(re.search(r"(?:^|[ T])24:00", cell) for cell in self.cells[column])

    def clocks(self) -> list[int]:
        """The columns of times of day."""
        return [c for c in range(len(self.cells)) if self._mostly(c, lambda cell: interval_of_day(cell) is not None)]

    def clock(self, value: int | None) -> int | None:
        """The column of times of day to read."""
        return max((column for column in self.clocks() if column != value), key=self._begins, default=None)

    def _count(self, date: int, value: int | None) -> int | None:
        """The column with the number of the hour or of the period within the day: it counts the rows of each day."""
        for column, cells in enumerate(self.cells):
            if column not in (date, value) and cells and all(COUNTED.fullmatch(cell) for cell in cells):
                named = HOUR_WORDS.search(self.names[column]) or PERIOD_WORDS.search(self.names[column])
                if self._counts(self.cells[date], cells, bool(named)):
                    return column
        return None

    def _counts(self, days: Sequence[str], cells: Sequence[str], is_named: bool) -> bool:
        """Do the numbers tell apart the rows of each day, one after the other where the name does not say so?"""
        by_day: dict[str, list[int]] = {}
        for day, cell in zip(days, cells, strict=False):
            by_day.setdefault(day, []).append(int(cell))
        if all(len(counts) == 1 for counts in by_day.values()):
            return is_named and len(set(cells)) > 1
        one_by_one = all(abs(b - a) == 1 for counts in by_day.values() for a, b in pairwise(counts))
        return all(len(set(counts)) == len(counts) for counts in by_day.values()) and (is_named or one_by_one)

    def days(self, time: int | None) -> int | None:
        """The column of dates of a table with a row a day and a column an hour or less; None where it is none."""
        dates = sorted(self.dates) if time is None else [time]
        return next((date for date in dates if self._is_wide(date)), None)

    def _is_wide(self, date: int) -> bool:
        days = self.cells[date]
        return date in self.dates and len(set(days)) == len(days) and len(labels_of(self.names, self.numbers)) >= 23

    def value(self, named: int | None, what: str, used: frozenset[int]) -> int:
        """The column of values. Raises InvalidData."""
        if named is not None:
            return named
        numbers = [c for c in self.numbers if c not in used]
        if len(self.names) == 1:
            return 0
        best = [numbers[i] for i in likeliest([self.names[c] for c in numbers], what)] if numbers else []
        if len(best) != 1:
            raise say_which(self.names, Reading(time_column="given"), best)
        return best[0]

    def unit(self, value: int, what: str) -> int | None:
        """A column that has the same unit in all of its cells."""
        for column, cells in enumerate(self.cells):
            if column != value and cells and len(set(cells)) == 1 and unit_in(cells[0], what) is not None:
                return column
        return None


def own_zone(name: str) -> ZoneInfo | None:
    """The clock that a column's name states: UTC, or so many hours from it; None where it states none."""
    match = OWN_ZONE.search(name)
    if match is None:
        return None
    hours = int(f"{match[1] or '+'}{match[2] or 0}")
    return ZoneInfo(f"Etc/GMT{-hours:+d}" if hours else "UTC") if -12 <= hours <= 14 else None


def ends_of(how: Reading, found: bool) -> bool:
    """Are stamps the ends of intervals, as the user says, or else as found?"""
    return how.stamps == STAMP_END or (found and how.stamps != STAMP_START)
