"""CSV text of stamped values: a header, then a row for each stamp, which carries its offset.

Every function raises InvalidData. The place of a line is what the caller's `place` makes of its number.
"""

from __future__ import annotations

import itertools
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.errors import InvalidData
from models.horizon import MINUTES_PER_DAY
from optimizer.files import timestamps as clock
from optimizer.files.csv_text import Place, column_at, header_of, named_cells, number_of, wrong_line
from optimizer.files.errors import ABSENT

MINUTE = timedelta(minutes=1)


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


def stamped_rows(text: str, file: str, columns: Columns, place: Place) -> Iterator[StampedRow]:
    """Every row, in the order of the file."""
    header = header_of(text, place)
    at = {
        "time": column_at(header, file, "time_column", columns.time),
        "value": column_at(header, file, "value_column", columns.value),
    }
    for line, cells in named_cells(text, at, place):
        instant = _instant(place(line), cells["time"])
        yield StampedRow(line, cells["time"], instant, number_of(place(line), cells["value"]))


def _instant(place: str, stamp: str) -> datetime:
    try:
        return clock.instant(stamp)
    except InvalidData as error:
        raise InvalidData(problem.inside(place) for problem in error.problems) from None


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
