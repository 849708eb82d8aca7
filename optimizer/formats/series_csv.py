"""Series from a table beside the instance file, brought onto the slots of a horizon.

Stamps without an offset are on the horizon's local clock; a value holds until the next row's stamp, the last one as
long as the step before it. Every function raises InvalidData whose places begin with `[FILE, line N]` or `.key`.
"""

from __future__ import annotations

import itertools
import math
import statistics
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache, partial
from pathlib import Path, PureWindowsPath
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem
from models.horizon import Horizon
from optimizer.files import timestamps as clock
from optimizer.files.errors import InputErrors
from optimizer.files.read_write import read_bytes
from optimizer.formats.document_types import CsvSeries
from optimizer.tables.reading import STAMP_START, Reading, StampedRow
from optimizer.tables.steps import must_rise, turn_to_shorter

DIVISORS = {"per_kWh": 1.0, "per_MWh": 1000.0, "kW": 1.0, "MW": 0.001, "1": 1.0}
"""A value in this unit, divided by this, is in the unit of the domain: per kWh, kW, 1."""
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class CsvValues:
    """One value a slot, and the line of the file from which each comes (the first, of several); the stamp, as written,
    of slot 0's.
    """

    values: tuple[float, ...]
    lines: tuple[int, ...]
    first_stamp: str


def read_csv_series(series: CsvSeries, folder: Path, horizon: Horizon, units: Sequence[str]) -> CsvValues:
    """The series on the horizon's slots, in the domain's unit; `units` are those that fit its quantity.

    Raises InvalidData.
    """
    if series.unit not in units:
        remedy = "name a file of such values, or correct the unit if that is what they are"
        raise InvalidData([Problem("unit", series.unit, f"must be {' or '.join(units)} here", remedy)])
    data = _bytes_of(series.csv, folder)
    return _on_slots(_held(series, _stamped(series, data, horizon.zone), horizon), horizon)


def _bytes_of(name: str, folder: Path) -> bytes:
    path = inside(folder, name)
    try:
        if not path.is_file():
            raise _wrong_name(name, "there is no such file in the instance's folder", "check the name")
        return read_bytes(path)
    except OSError as error:
        rule = f"cannot be read ({error.strerror})"
        raise _wrong_name(name, rule, "check the name and its permissions") from None
    except InputErrors as error:
        raise _wrong_name(name, error.problems[0].rule, error.problems[0].remedy) from None


def inside(folder: Path, name: str) -> Path:
    """The file's path. An instance from elsewhere must not reach the reader's other files."""
    windows = PureWindowsPath(name)
    if windows.is_absolute() or windows.root or windows.drive or ".." in windows.parts or "\\" in name:
        rule = "must be a plain relative path in the instance's folder"
        raise _wrong_name(name, rule, "put the file beside the instance and give its name only")
    try:
        path, home = (folder / name).resolve(), folder.resolve()
    except (OSError, ValueError, RuntimeError) as error:
        raise _wrong_name(name, f"is not the name of a file ({error})", "check the name") from None
    if not path.is_relative_to(home):
        rule = "must not lead out of the instance's folder by a link"
        raise _wrong_name(name, rule, "put the file itself beside the instance")
    return path


def _wrong_name(name: str, rule: str, remedy: str) -> InvalidData:
    return InvalidData([Problem("csv", name, rule, remedy)])


@lru_cache(maxsize=8)
def _stamped(series: CsvSeries, data: bytes, zone: ZoneInfo) -> tuple[StampedRow, ...]:
    """Read once: a study asks for the same file on the horizon of each of its nights."""
    from optimizer.tables.read_series import read_series  # an instance without tables loads no reader of them
    from optimizer.tables.unit_words import LOAD, PRICE

    how = Reading(zone, series.time_column, series.value_column, stamps=STAMP_START)
    what = PRICE if series.unit.startswith("per_") else LOAD
    try:
        found = read_series(data, series.csv, what, how, partial(_place, series))
        found.refuse_missing()
    except InvalidData as error:
        raise InvalidData(_of_the_file(series, problem) for problem in error.problems) from None
    return tuple(found.rows)


def _of_the_file(series: CsvSeries, problem: Problem) -> Problem:
    """A problem with the file as a whole is one with its name."""
    return problem if problem.place else replace(problem, place="csv", value=series.csv)


def _place(series: CsvSeries, line: int) -> str:
    return f"[{series.csv}, line {line}]"


def _wrong_line(series: CsvSeries, line: int, value: object, rule: str, remedy: str) -> InvalidData:
    return InvalidData([Problem(_place(series, line), value, rule, remedy)])


@dataclass(frozen=True)
class _Held:
    """Rows that rise in time, their values in the domain's unit, from when until when each holds.

    Times are microseconds from the horizon's start.
    """

    rows: Sequence[StampedRow]
    values: Sequence[float]
    starts: Sequence[int]
    ends: Sequence[int]


def _held(series: CsvSeries, rows: Sequence[StampedRow], horizon: Horizon) -> _Held:
    if len(rows) < 2:
        rule = "must have at least two rows, for the step between them says how long the last one holds"
        raise _wrong_name(series.csv, rule, "add rows")
    for earlier, later in itertools.pairwise(rows):
        must_rise(earlier, later, partial(_place, series))
    starts = [(row.at - horizon.start) // MICROSECOND for row in rows]
    steps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    turn = turn_to_shorter([later.at - earlier.at for earlier, later in itertools.pairwise(rows)])
    usual = statistics.median_low(steps[turn:])
    usuals = [steps[0]] * turn + [usual] * (len(steps) - turn)
    values = [row.value / DIVISORS[series.unit] for row in rows]
    held = _Held(rows, values, starts, [*starts[1:], starts[-1] + min(usual, steps[-1])])
    _check_gaps(series, held, usuals, horizon)
    _check_cover(series, held, horizon)
    return held


def _check_gaps(series: CsvSeries, held: _Held, usuals: Sequence[int], horizon: Horizon) -> None:
    length = _length(horizon)
    for following, start, end, usual in zip(held.rows[1:], held.starts, held.ends, usuals, strict=False):
        if end - start > usual and end > 0 and start < length:
            missing = clock.formatted(horizon.start + (start + usual) * MICROSECOND, horizon)
            rule = f"must follow {usual / 60e6:g} minutes after the row before it: {missing} is missing"
            raise _wrong_line(series, following.line, following.stamp, rule, "add the missing rows")


def _check_cover(series: CsvSeries, held: _Held, horizon: Horizon) -> None:
    first, last = held.rows[0], held.rows[-1]
    if held.starts[0] > 0:
        rule = f"must not be later than the horizon's start, {clock.formatted(horizon.start, horizon)}"
        raise _wrong_line(series, first.line, first.stamp, rule, "add rows before it")
    if held.ends[-1] < _length(horizon):
        end = horizon.start + held.ends[-1] * MICROSECOND
        rule = f"holds until {clock.formatted(end, horizon)}, must hold until {clock.formatted(horizon.end, horizon)}"
        raise _wrong_line(series, last.line, last.stamp, rule, "add rows after it")


def _length(horizon: Horizon) -> int:
    return (horizon.end - horizon.start) // MICROSECOND


def _on_slots(held: _Held, horizon: Horizon) -> CsvValues:
    slot = timedelta(minutes=horizon.slot_minutes) // MICROSECOND
    values, lines = [], []
    for begin in range(0, horizon.slots * slot, slot):
        first = bisect_right(held.starts, begin) - 1
        values.append(_mean(held, first, begin, begin + slot))
        lines.append(held.rows[first].line)
    first_stamp = held.rows[bisect_right(held.starts, 0) - 1].stamp
    return CsvValues(tuple(values), tuple(lines), first_stamp)


def _mean(held: _Held, first: int, begin: int, end: int) -> float:
    """Time-weighted mean between two instants, exactly the row's value where one row holds throughout."""
    if held.ends[first] >= end:
        return held.values[first]
    shown = slice(first, bisect_right(held.starts, end - 1))
    parts = (
        value * (min(row_end, end) - max(row_start, begin))
        for value, row_start, row_end in zip(held.values[shown], held.starts[shown], held.ends[shown], strict=True)
    )
    return math.fsum(parts) / (end - begin)
