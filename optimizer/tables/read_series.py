"""Values in time, read from any table: an export of a meter, of a market, of a spreadsheet.

`read_series` is the whole story; its parts say what each of them refuses. All raise InvalidData.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice, pairwise

from models.errors import InvalidData, Problem
from models.horizon import MINUTES_PER_DAY
from optimizer.files.csv_text import line_place
from optimizer.files.errors import ABSENT
from optimizer.files.plain_text import some_of
from optimizer.tables.body import OpenTable, counted_cells, stamped_cells, table_notes, wide_cells
from optimizer.tables.cell_numbers import NO_VALUES, not_a_number, numbers_of
from optimizer.tables.date_parts import with_whole_dates
from optimizer.tables.days import placed_instants
from optimizer.tables.header import Header, header_of
from optimizer.tables.instants import ON_CLOCK, instants_of, local_start
from optimizer.tables.reading import MINUTE, Place, Reading, StampedRow, with_column, wrong_cell
from optimizer.tables.roles import Roles, ends_of, own_zone, roles_of
from optimizer.tables.sources.sheet import SAMPLE_LINES, sheet_of
from optimizer.tables.steps import ADD_ROWS
from optimizer.tables.unit_words import Unit, unit_in

LEAST_OF_A_DAY = 24  # rows: of hours
NO_STEP = timedelta(0)
MOST_GROUPS = 60  # different texts of a column that tell apart rows of the same time, such as areas


@dataclass(frozen=True)
class TimeSeries:
    """Rows in order of time, by the beginnings of their intervals, and what was understood of the file.

    A value that the file does not have is NaN; `missing` has what stands there by the number of the line, `place` the
    place of a line. `unit`: as the file says it. `column`: that of the values, "" without a name. `notes`: for the
    user. `is_local`: its stamps have no offset.
    """

    rows: Sequence[StampedRow]
    unit: Unit | None
    column: str
    notes: tuple[str, ...]
    missing: Mapping[int, str]
    place: Place
    is_local: bool = False

    def value_place(self, line: int) -> str:
        """The place of the value in a line."""
        return with_column(self.place, self.column)(line)

    @property
    def gap_remedy(self) -> str:
        """What to do about rows that are missing."""
        return f"{ADD_ROWS}, or name the clock of the file with --zone" if self.is_local else ADD_ROWS

    def refuse_missing(self) -> None:
        """Refuses a value that is not there."""
        for row in self.rows:
            if row.value != row.value:
                raise not_a_number(self.value_place(row.line), self.missing[row.line])


@dataclass(frozen=True)
class _Values:
    """Numbers, NaN where the file has none, what stands there, and how they are written."""

    numbers: Sequence[float]
    missing: Mapping[int, str]
    notes: tuple[str, ...]


def read_series(data: bytes, file: str, what: str, how: Reading, place: Place = line_place) -> TimeSeries:
    """The series of what is looked for, LOAD or PRICE, in a file of any kind: text, workbook, XML or JSON.

    Stamps are made those of the beginnings of intervals, whatever the file has. Raises InvalidData.
    """
    sheet = sheet_of(data, place)
    sample = sheet.sample()
    header = header_of(sample, [name for name in (how.time_column, how.value_column) if name])
    sheet, header = with_whole_dates(sheet, header, sample)
    sample = sheet.sample()
    roles = roles_of(sample, header, how, what, file)
    table = OpenTable(sheet, header, _on_own_clock(how, header, roles), file)
    if roles.is_wide or roles.count is not None:
        found = _by_day(table, roles)
    elif roles.time is None:
        found = _without_stamps(table, roles)
    else:
        found = _stamped(table, roles)
    ordered, notes = _in_order(found.rows)
    _refuse_doubles(table, roles, ordered)
    unit = _unit(table, roles, what)
    return replace(
        found, rows=ordered, unit=unit, notes=(*table_notes(table, _columns_read(table, roles)), *found.notes, *notes)
    )


def _on_own_clock(how: Reading, header: Header, roles: Roles) -> Reading:
    """On the clock that the name of the column of stamps states, such as UTC, if it does."""
    column = roles.time if roles.clock is None else roles.clock
    name = header.names[column] if column is not None and column < len(header.names) else ""
    return how if how.is_zone_said else replace(how, zone=own_zone(name) or how.zone)


def _stamped(table: OpenTable, roles: Roles) -> TimeSeries:
    """A table with a row for each interval."""
    assert roles.time is not None
    cells = stamped_cells(table, roles)
    stamp_place = table.place(roles.time if roles.clock is None else roles.clock)
    instants = instants_of(list(zip(cells.lines, cells.stamps, strict=True)), table.how, stamp_place)
    values = _values(cells.lines, cells.values, table, table.place(roles.value))
    rows = [StampedRow(*row) for row in zip(cells.lines, cells.stamps, instants.at, values.numbers, strict=True)]
    notes = [*values.notes, *instants.notes]
    is_local = any(note.startswith(ON_CLOCK) for note in instants.notes)
    if instants.skipped:
        rows, told = _without_spring(rows, instants.skipped)
        notes += told
    if instants.lasts is None:
        rows, told = _from_ends(rows, table.how, roles.ends, is_local)
        notes += told
    return TimeSeries(rows, None, table.name(roles.value), tuple(notes), values.missing, table.sheet.place, is_local)


def _without_spring(rows: Sequence[StampedRow], skipped: Collection[int]) -> tuple[list[StampedRow], list[str]]:
    """The rows without those of the hour that spring leaves out, but where they have values: clocks that are put
    forward late have them."""
    empty = {index for index in skipped if rows[index].value != rows[index].value}
    valued = [rows[index].stamp for index in skipped if index not in empty]
    told = [f"the clock leaves out {some_of(valued)} in spring: read as the hour after"] if valued else []
    return [row for index, row in enumerate(rows) if index not in empty], told


def _from_ends(
    rows: list[StampedRow], how: Reading, are_named: bool, is_local: bool
) -> tuple[list[StampedRow], list[str]]:
    """Rows by the beginning of their interval where stamps are the ends: as the user or the column's name says, or
    where stamps without an offset cover whole days so. What has offsets was always read as it stands."""
    if how.stamps is not None or are_named:
        if not ends_of(how, are_named):
            return rows, []
        return _moved_to_begin(rows), ["stamps are the ends of intervals"]
    in_order = rows if not rows or rows[0].at <= rows[-1].at else rows[::-1]
    if not _cover_days_as_ends(in_order):
        return rows, []
    span = f"from {in_order[0].stamp} to {in_order[-1].stamp}"
    if is_local:
        return _moved_to_begin(rows), [
            f"stamps are the ends of intervals, of whole days {span} (--stamps start: not so)"
        ]
    return rows, [f"stamps {span} would be whole days as the ends of intervals: --stamps end reads them so"]


def _cover_days_as_ends(rows: Sequence[StampedRow]) -> bool:
    """Is the first stamp a step after midnight, and the last at midnight, a day later or more?"""
    if len(rows) < LEAST_OF_A_DAY:
        return False
    first, step, last = rows[0].at, rows[1].at - rows[0].at, rows[-1].at
    midnight = first.replace(hour=0, minute=0, second=0, microsecond=0)
    return first - midnight == step > NO_STEP and last.hour == last.minute == last.second == 0


def _moved_to_begin(rows: Sequence[StampedRow]) -> list[StampedRow]:
    """Rows in order of time, each as long before its stamp as most follow the one before them."""
    if len(rows) < 2:
        rule = "must have at least two rows, for the step between them says how long each holds"
        raise InvalidData([Problem("", ABSENT, rule, "add rows")])
    ordered = sorted(rows, key=lambda row: row.at)
    steps = [later.at - earlier.at for earlier, later in pairwise(ordered)]
    usual = sorted(steps)[len(steps) // 2]
    return [row._replace(at=row.at - min(step, usual)) for row, step in zip(ordered, [steps[0], *steps], strict=True)]


def _by_day(table: OpenTable, roles: Roles) -> TimeSeries:
    """A table with a row a day, or one that counts the hours or periods of a day."""
    sheet, how = table.sheet, table.how
    if roles.is_wide:
        assert roles.time is not None
        cells, minutes = wide_cells(table, roles.time)
        column, note = "", f"a row a day, columns of {minutes} minutes"
    else:
        cells, minutes = counted_cells(table, roles)
        column, note = table.name(roles.value), f"counted intervals of {minutes} minutes a day"
    known = [cell for cell in cells if cell.text not in NO_VALUES]
    at = placed_instants(known, minutes, how.zone)
    values = _values(
        [cell.line for cell in known], [cell.text for cell in known], table, with_column(sheet.place, column)
    )
    rows = [
        StampedRow(cell.line, cell.stamp, instant, value)
        for cell, instant, value in zip(known, at, values.numbers, strict=True)
    ]
    zone = f"days are on the clock of {how.zone.key}" if how.zone else ""
    return TimeSeries(rows, None, column, (note, *values.notes, zone), {}, sheet.place, True)


def _without_stamps(table: OpenTable, roles: Roles) -> TimeSeries:
    """A table of values alone, which begin when the user says."""
    how, place = table.how, table.place(roles.value)
    if how.start is None or how.minutes is None:
        missing = " and ".join(n for n, v in (("--start", how.start), ("--minutes", how.minutes)) if v is None)
        rule = "has no column of time stamps: when its first value begins and how long each holds must be said"
        raise InvalidData([Problem("", ABSENT, rule, f"give {missing}")])
    if not 1 <= how.minutes <= MINUTES_PER_DAY:
        raise InvalidData([Problem("--minutes", how.minutes, f"must be from 1 to {MINUTES_PER_DAY}", "correct it")])
    begin = local_start(how.start, how.zone)
    lines = list(table.rows([roles.value]))
    values = _values([line for line, _ in lines], [cells[roles.value].strip() for _, cells in lines], table, place)
    rows = [
        StampedRow(line, "", begin + index * how.minutes * MINUTE, value)
        for index, ((line, _), value) in enumerate(zip(lines, values.numbers, strict=True))
    ]
    note = f"values without stamps, {how.minutes} minutes each from {begin.isoformat(timespec='minutes')}"
    return TimeSeries(rows, None, table.name(roles.value), (note, *values.notes), values.missing, table.sheet.place)


def _values(lines: Sequence[int], cells: Sequence[str], table: OpenTable, place: Place) -> _Values:
    if not any(cell in NO_VALUES for cell in cells):
        numbers, style = numbers_of(list(zip(lines, cells, strict=True)), table.sheet.delimiter, place)
        return _Values(numbers, {}, (style.words,) if style.words else ())
    known = [(line, cell) for line, cell in zip(lines, cells, strict=True) if cell not in NO_VALUES]
    numbers, style = numbers_of(known, table.sheet.delimiter, place)
    given = iter(numbers)
    missing = {line: cell for line, cell in zip(lines, cells, strict=True) if cell in NO_VALUES}
    values = [math.nan if cell in NO_VALUES else next(given) for cell in cells]
    return _Values(values, missing, (style.words,) if style.words else ())


def _in_order(rows: Sequence[StampedRow]) -> tuple[Sequence[StampedRow], tuple[str, ...]]:
    if all(later.at >= earlier.at for earlier, later in pairwise(rows)):
        return rows, ()
    return sorted(rows, key=lambda row: row.at), ("rows were not in order of time, and are sorted",)


def _refuse_doubles(table: OpenTable, roles: Roles, rows: Sequence[StampedRow]) -> None:
    """Refuses several rows for a time where it is known why: a column tells them apart, such as areas, or the file's
    clock has an hour that the one named leaves out. What else there may be twice is left to `equal_steps`."""
    twice = next(((one, other) for one, other in pairwise(rows) if one.at == other.at), None)
    if twice is None or roles.time is None:
        return
    place = table.place(roles.time)(twice[1].line)
    for name, found in _texts(table, roles).items():
        if 1 < len(found) <= MOST_GROUPS and not _are_numbers(found):
            rule = f"is the time of several rows, which {name} tells apart: {some_of(list(found))}"
            raise wrong_cell(place, twice[1].stamp, rule, f'choose one with --where "{name}={next(iter(found))}"')
    if twice[0].stamp != twice[1].stamp and table.how.zone is not None:
        zone = table.how.zone.key
        rule = f"is the same time as {twice[0].stamp} on the clock of {zone}, which leaves one of them out"
        remedy = "name the clock of the file with --zone, such as Etc/GMT-1 for UTC+1"
        raise wrong_cell(place, twice[1].stamp, rule, "export it in UTC" if table.how.is_zone_said else remedy)


def _texts(table: OpenTable, roles: Roles) -> dict[str, dict[str, None]]:
    """The different texts of each column that is not read, by its name, in the first rows."""
    used = {roles.value, roles.time, roles.clock, roles.count}
    texts: dict[str, dict[str, None]] = {}
    for _, cells in islice(table.all_lines(), SAMPLE_LINES):
        for column, cell in enumerate(cells):
            if column not in used and table.name(column):
                texts.setdefault(table.name(column), {})[cell.strip()] = None
    return texts


def _are_numbers(texts: Collection[str]) -> bool:
    return all(text.replace(".", "").replace(",", "").replace("-", "").isdigit() for text in texts if text)


def _unit(table: OpenTable, roles: Roles, what: str) -> Unit | None:
    """The unit that the column's name states, or a column of units, or a cell above the names."""
    if not roles.is_wide and (unit := unit_in(table.name(roles.value), what)) is not None:
        return unit
    if roles.unit is None:
        return _unit_above(table, what)
    cells = {row[roles.unit].strip() for _, row in table.all_lines() if len(row) > roles.unit}
    units = {unit_in(cell, what) for cell in cells if cell}
    if len(units) > 1:
        rule = "must be the same unit in all rows"
        raise wrong_cell(table.name(roles.unit), some_of(sorted(cells)), rule, "choose rows with --where")
    return next(iter(units), None)


def _unit_above(table: OpenTable, what: str) -> Unit | None:
    """The unit that is all of a cell above the names, if no other is."""
    above = [cells for line, cells in table.sheet.sample() if line < max(table.header.line, table.header.first)]
    cells = [cell.strip() for row in above for cell in row]
    units = {unit.name: unit for cell in cells if (unit := unit_in(cell, what)) and unit.words == cell}
    return next(iter(units.values())) if len(units) == 1 else None


def _columns_read(table: OpenTable, roles: Roles) -> list[str]:
    """The names of the columns that are read, where there are others."""
    if len(table.header.names) <= 2 or roles.is_wide or not any(table.header.names):
        return []
    return [table.name(c) for c in (roles.time, roles.clock, roles.count, roles.value) if c is not None]
