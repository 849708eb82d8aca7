"""CSV text of stamped values: a header, then a row for each stamp, which carries its offset.

Every function raises InvalidData. The place of a line is what the caller's `place` makes of its number.
"""

from __future__ import annotations

import csv
import difflib
import io
import itertools
import math
import re
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.errors import InvalidData, Problem
from models.horizon import MINUTES_PER_DAY
from optimizer.files import timestamps as clock
from optimizer.files.errors import ABSENT

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
MINUTE = timedelta(minutes=1)

Place = Callable[[int], str]


@dataclass(frozen=True)
class StampedRow:
    """One line of the file: its number, its stamp as written, the instant, the value as written in its unit."""

    line: int
    stamp: str
    at: datetime
    value: float


@dataclass(frozen=True)
class Columns:
    """Names of the columns of stamps and of values."""

    time: str
    value: str


@dataclass(frozen=True)
class EqualSteps:
    """Values that each hold for `minutes` minutes, one after the other from `start` (UTC)."""

    start: datetime
    minutes: int
    values: tuple[float, ...]

    @property
    def end(self) -> datetime:
        """The instant at which the last value stops holding."""
        return self.start + self.minutes * len(self.values) * MINUTE


def line_place(line: int) -> str:
    """The place of a line in a file that is told anyway."""
    return f"line {line}"


def text_of(data: bytes) -> str:
    """The text of a CSV file."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidData([Problem("", ABSENT, "is not UTF-8 text", "save the file as UTF-8")]) from None


def header_of(text: str, place: Place) -> list[str]:
    """The cells of the first line."""
    try:
        return next(csv.reader(io.StringIO(text, newline=""), strict=True), [])
    except csv.Error as error:
        raise wrong_line(place(1), "", f"is not CSV: {error}", "correct the line") from None


def lines_of(text: str, place: Place) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of every line after the first that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        next(reader, [])
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise wrong_line(place(reader.line_num), "", f"is not CSV: {error}", "correct the line") from None


def stamped_rows(text: str, file: str, columns: Columns, place: Place) -> Iterator[StampedRow]:
    """Every row, in the order of the file."""
    header = header_of(text, place)
    time_at = column_at(header, file, "time_column", columns.time)
    value_at = column_at(header, file, "value_column", columns.value)
    for line, cells in lines_of(text, place):
        if len(cells) <= max(time_at, value_at):
            raise wrong_line(place(line), ",".join(cells), "has too few cells for its columns", "complete the line")
        stamp, number = cells[time_at].strip(), cells[value_at].strip()
        yield StampedRow(line, stamp, _instant(place(line), stamp), number_of(place(line), number))


def column_at(header: Sequence[str], file: str, key: str, name: str) -> int:
    """Where the column `name` stands. `key`: the setting that names it."""
    if list(header).count(name) == 1:
        return list(header).index(name)
    if name in header:
        rule, remedy = f"names several columns of {file}", "give every column its own name"
    else:
        rule, remedy = f"is not a column of {file}", _column_remedy(header, name)
    raise InvalidData([Problem(key, name, rule, remedy)])


def _column_remedy(header: Sequence[str], name: str) -> str:
    if len(header) == 1 and any(mark in header[0] for mark in ";\t"):
        return "part the cells of each line by commas"
    close = difflib.get_close_matches(name, header, n=1)
    return f"did you mean {close[0]!r}?" if close else f"its columns: {', '.join(header) or 'none'}"


def _instant(place: str, stamp: str) -> datetime:
    try:
        return clock.instant(stamp)
    except InvalidData as error:
        raise InvalidData(problem.inside(place) for problem in error.problems) from None


def number_of(place: str, number: str) -> float:
    """A cell as a finite number."""
    value = float(number) if NUMBER.fullmatch(number) else math.nan
    if not math.isfinite(value):
        raise wrong_line(place, number, "must be a finite number", "write digits with a decimal point")
    return value


def wrong_line(place: str, value: object, rule: str, remedy: str) -> InvalidData:
    """One problem, to be raised."""
    return InvalidData([Problem(place, value, rule, remedy)])


def must_rise(earlier: StampedRow, later: StampedRow, place: Place) -> None:
    """Refuses rows out of order and stamps that are there twice."""
    if later.at <= earlier.at:
        rule = f"must be later than the stamp before it, {earlier.stamp}"
        raise wrong_line(place(later.line), later.stamp, rule, "sort the rows and keep one of each stamp")


def equal_steps(rows: Sequence[StampedRow], place: Place) -> EqualSteps:
    """The rows as values of one step, which is a whole number of minutes; nothing may be missing or there twice."""
    if len(rows) < 2:
        rule = "must have at least two rows, for the step between them says how long each holds"
        raise wrong_line("", ABSENT, rule, "add rows")
    for earlier, later in itertools.pairwise(rows):
        must_rise(earlier, later, place)
    usual = statistics.median_low([later.at - earlier.at for earlier, later in itertools.pairwise(rows)])
    if usual % MINUTE or not MINUTE <= usual <= MINUTES_PER_DAY * MINUTE:
        rule = f"must follow a whole number of minutes after the row before it, at most {MINUTES_PER_DAY}"
        raise wrong_line(place(rows[1].line), rows[1].stamp, rule, "resample the file")
    for earlier, later in itertools.pairwise(rows):
        if later.at - earlier.at != usual:
            raise _uneven(earlier, later, usual, place)
    return EqualSteps(rows[0].at.astimezone(UTC), usual // MINUTE, tuple(row.value for row in rows))


def _uneven(earlier: StampedRow, later: StampedRow, usual: timedelta, place: Place) -> InvalidData:
    rule = f"must follow {usual / MINUTE:g} minutes after the row before it"
    if later.at - earlier.at < usual:
        return wrong_line(place(later.line), later.stamp, f"{rule}, as most rows do", "resample the file")
    missing = (earlier.at + usual).astimezone(later.at.tzinfo).isoformat(timespec="minutes")
    return wrong_line(place(later.line), later.stamp, f"{rule}: {missing} is missing", "add the missing rows")
