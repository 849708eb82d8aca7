"""An operator's table as rows of our columns, with what was understood of it, and every problem that it has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem
from optimizer.files.errors import ABSENT
from optimizer.imports.columns.column import OWN_UNIT, STAMP, OwnColumn, OwnTable
from optimizer.imports.mapping_document import Constant, TableMappingDocument
from optimizer.imports.reading.cells import BY_DEFAULT, Cell, ColumnCells, column_cells
from optimizer.imports.reading.find_columns import ColumnFound, find_columns
from optimizer.tables.instants import Instants, instants_of, year_day_month_problem
from optimizer.tables.reading import Reading
from optimizer.tables.roles import own_zone
from optimizer.tables.sources.sheet import Line
from optimizer.tables.stamps import is_year_day_month, stamp_of, year_day_month
from optimizer.tables.text_table import TextTable, text_table

DATES_OPTION = re.compile(r"--dates (\S+-first)")
DROPPED = ""  # what a text becomes whose rows are left out


@dataclass(frozen=True)
class ColumnRead:
    """How a column was understood. `theirs`: its name in the file, "" where only the mapping gives it; `how`: it was
    found; `unit` and `unit_from`: of its cells; `defaulted`: rows that have the mapping's constant."""

    name: str
    theirs: str
    how: str
    unit: str
    unit_from: str
    defaulted: int


@dataclass(frozen=True)
class OwnRow:
    """A row: its line, its cells by our names, and which of them are wrong. None: the cell is empty. `written`: times
    as the file has them, by our names."""

    line: int
    cells: Mapping[str, Cell]
    wrong: frozenset[str]
    written: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """The cell as a text."""
        cell = self.cells.get(name)
        return cell if isinstance(cell, str) else None

    def instant(self, name: str) -> datetime | None:
        """The cell as an instant."""
        cell = self.cells.get(name)
        return cell if isinstance(cell, datetime) else None

    def number(self, name: str) -> float | None:
        """The cell as a number."""
        cell = self.cells.get(name)
        return cell if isinstance(cell, int | float) and not isinstance(cell, bool) else None


@dataclass(frozen=True)
class OwnRows:
    """A table that was read. `unread`: columns of the file that are none of ours; `left_out`: rows that the mapping
    leaves out; `misnamed`: columns that the mapping names wrongly, or that are in doubt, which is told."""

    table: OwnTable
    file: str
    rows: Sequence[OwnRow]
    columns: Sequence[ColumnRead]
    unread: Sequence[str]
    left_out: int
    notes: Sequence[str]
    problems: Sequence[Problem]
    misnamed: frozenset[str] = frozenset()

    def has(self, name: str) -> bool:
        """Does the file, or the mapping, have the column?"""
        return any(one.name == name for one in self.columns)

    def place(self, row: OwnRow, name: str) -> str:
        """The place of a cell in messages, by the file's name of its column."""
        theirs = next((one.theirs for one in self.columns if one.name == name), "")
        return f"line {row.line}, {theirs or name}"


def read_own(
    table: OwnTable, data: bytes, file: str, said: TableMappingDocument, zone: ZoneInfo | None = None
) -> OwnRows:
    """The rows of an operator's table. `zone`: the clock of its stamps. What is wrong with cells and columns is in
    `problems`; raises InvalidData where it is no table of the kind at all."""
    text = text_table(data, file)
    found, misnamed = find_columns(table, text.names, said)
    reader = _Reader(table, text, said, found, zone)
    missing = reader.missing()
    unsaid = [column for column in missing if column.name not in misnamed]
    problems = [*misnamed.values(), *reader.missing_problems(unsaid)]
    try:
        lines, left_out = reader.lines()
        read = {column.name: reader.read(column, lines) for column in table.columns if reader.has(column)}
    except InvalidData as error:
        raise InvalidData([*problems, *error.problems]) from None
    if not lines and not problems:
        problems.append(Problem("", ABSENT, "has no rows", f"give a row for each: {table.row}"))
    taken = {one.index for one in found.values()} | reader.clocks
    return OwnRows(
        table,
        file,
        _rows(lines, {name: one.cells for name, one in read.items()}, {one.name for one in missing} | misnamed.keys()),
        tuple(one.column for one in read.values()),
        tuple(name for index, name in enumerate(text.names) if name and index not in taken),
        left_out,
        (*text.notes(), *(note for one in read.values() for note in one.cells.notes)),
        (*problems, *(problem for one in read.values() for problem in one.problems)),
        frozenset(misnamed),
    )


def _rows(lines: Sequence[Line], read: Mapping[str, ColumnCells], missing: Set[str]) -> list[OwnRow]:
    return [
        OwnRow(
            line,
            {name: cells.values[index] for name, cells in read.items()},
            frozenset(missing | {name for name, cells in read.items() if index in cells.wrong}),
            {name: cells.written[index] for name, cells in read.items() if cells.written},
        )
        for index, (line, _) in enumerate(lines)
    ]


@dataclass(frozen=True)
class _Read:
    cells: ColumnCells
    column: ColumnRead
    problems: tuple[Problem, ...]


class _Reader:
    """Reads the columns of one table; `clocks`: columns of times of day that belong to one of dates."""

    def __init__(
        self,
        table: OwnTable,
        text: TextTable,
        said: TableMappingDocument,
        found: Mapping[str, ColumnFound],
        zone: ZoneInfo | None,
    ) -> None:
        self.table, self.text, self.said, self.found, self.zone = table, text, said, found, zone
        self.clocks = set[int]()

    def has(self, column: OwnColumn) -> bool:
        """Does the file, or the mapping, say something of the column?"""
        return column.name in self.found or column.name in self.said.defaults

    def missing(self) -> list[OwnColumn]:
        """Columns that are needed and nowhere."""
        return [column for column in self.table.columns if column.needed and not self.has(column)]

    def missing_problems(self, missing: Sequence[OwnColumn]) -> Iterator[Problem]:
        """A problem for each of these columns."""
        taken = {one.index for one in self.found.values()}
        unread = [name for index, name in enumerate(self.text.names) if name and index not in taken]
        for column in missing:
            unit = f", {column.unit}" if column.unit else ""
            rule = f"is in no column ({column.meaning}{unit})"
            remedy = (
                f"name its column in the mapping, under [{self.table.name}.columns], or give {column.name} under "
                f"[{self.table.name}.defaults]; columns not read: {', '.join(unread) or 'none'}"
            )
            yield Problem(column.name, ABSENT, rule, remedy)

    def lines(self) -> tuple[list[Line], int]:
        """The rows, with texts as the mapping translates them, and how many it leaves out. Raises InvalidData."""
        needed = [
            self.found[column.name].index
            for column in self.table.columns
            if column.needed and column.name in self.found and column.name not in self.said.defaults
        ]
        kept, count = list[Line](), 0
        for line, cells in self.text.rows(needed, tuple(self.said.where.items())):
            count += 1
            for name, texts in self.said.values.items():
                if name in self.found and (own := texts.get(cells[self.found[name].index])) is not None:
                    cells[self.found[name].index] = own
                    if own == DROPPED:
                        break
            else:
                kept.append((line, cells))
        return kept, count - len(kept)

    def read(self, column: OwnColumn, lines: Sequence[Line]) -> _Read:
        """One column, its empty cells filled with the mapping's constant."""
        where = self.found.get(column.name)
        if where is None:
            nothing = ColumnCells([None] * len(lines), {})
            return self._with_default(column, lines, nothing, ColumnRead(column.name, "", BY_DEFAULT, "", "", 0))
        cells = self._stamps(where.index, lines) if column.kind == STAMP else self._cells(column, where.index, lines)
        read = ColumnRead(column.name, self.text.names[where.index], where.how, cells.unit, cells.unit_from, 0)
        return self._with_default(column, lines, cells, read)

    def _cells(self, column: OwnColumn, index: int, lines: Sequence[Line]) -> ColumnCells:
        texts = [cells[index] for _, cells in lines]
        unit = self.said.units.get(column.name)
        return column_cells(column, texts, self.text.names[index], unit, self.text.delimiter)

    def _stamps(self, index: int, lines: Sequence[Line]) -> ColumnCells:
        """Instants, with the time of day of a column of its own where there is one."""
        date, clock = self.text.clock_of(index)
        clock = None if clock is not None and any(one.index == clock != index for one in self.found.values()) else clock
        self.clocks |= {date} | ({clock} if clock is not None else set())
        texts = [f"{cells[date]} {cells[clock]}".strip() if clock is not None else cells[date] for _, cells in lines]
        good = [n for n, text in enumerate(texts) if text]
        if (n := year_day_month(texts, self.said.dates)) is not None:
            raise InvalidData([_another_order(self.text.place(index, lines[n][0]), texts[n])])
        how = Reading(zone=own_zone(self.text.names[index]) or self.zone, dates=self.said.dates)
        wrong: dict[int, Problem] = {}
        try:
            found = self._instants(index, lines, texts, good, how)
        except InvalidData:
            rule, remedy = "must be a date and a time of day", "write it like 2026-11-30 08:00"
            wrong = {n: Problem("", texts[n], rule, remedy) for n in good if stamp_of(texts[n]) is None}
            good = [n for n in good if n not in wrong]
            try:
                found = self._instants(index, lines, texts, good, how)
            except InvalidData as error:
                placed = self._placed(index, lines, wrong)
                name = self.text.names[index]
                raise InvalidData([*placed, *(_in_mapping(one, name) for one in error.problems)]) from None
        values: list[Cell] = [None] * len(lines)
        for n, at in zip(good, found.at, strict=True):
            values[n] = at
        return ColumnCells(values, wrong, notes=found.notes, written=texts)

    def _instants(
        self, index: int, lines: Sequence[Line], texts: Sequence[str], good: Sequence[int], how: Reading
    ) -> Instants:
        """Those of the rows `good`. Raises InvalidData at the first that is none."""
        return instants_of([(lines[n][0], texts[n]) for n in good], how, lambda line: self.text.place(index, line))

    def _placed(self, index: int, lines: Sequence[Line], wrong: Mapping[int, Problem]) -> Iterator[Problem]:
        for n, problem in wrong.items():
            yield replace(problem, place=self.text.place(index, lines[n][0]))

    def _with_default(self, column: OwnColumn, lines: Sequence[Line], cells: ColumnCells, read: ColumnRead) -> _Read:
        where = self.found.get(column.name)
        problems = [*self._placed(where.index, lines, cells.wrong)] if where else []
        empty = [n for n, value in enumerate(cells.values) if value is None and n not in cells.wrong]
        if column.name in self.said.defaults:
            constant, wrong = _constant(self.table, column, self.said.defaults[column.name])
            values = list(cells.values)
            for n in empty:
                values[n] = constant
            bad = dict.fromkeys(empty, wrong) if wrong else {}
            cells = replace(cells, values=values, wrong={**cells.wrong, **bad})
            return _Read(cells, replace(read, defaulted=len(empty)), (*problems, *([wrong] if wrong else ())))
        if column.needed:
            rule = "must not be empty"
            remedy = f"fill the cell, or give {column.name} under [{self.table.name}.defaults] in the mapping"
            bad = {n: Problem("", "", rule, remedy) for n in empty}
            problems += self._placed(where.index, lines, bad) if where else ()
            cells = replace(cells, wrong={**cells.wrong, **bad})
        return _Read(cells, read, tuple(problems))


def constant_rows(table: OwnTable, file: str, said: TableMappingDocument, key: str, values: Sequence[str]) -> OwnRows:
    """Rows of the mapping's constants alone, one for each of the `values` of the column `key`."""
    constants = {name: _constant(table, table.column(name), value) for name, value in said.defaults.items()}
    own = {name: cell for name, (cell, _) in constants.items()}
    missing = [one for one in table.columns if one.needed and one.name != key and one.name not in own]
    problems = [wrong for _, wrong in constants.values() if wrong is not None]
    problems += [
        Problem(one.name, ABSENT, f"is said nowhere ({one.meaning})", f"give it under [{table.name}.defaults]")
        for one in missing
    ]
    columns = [ColumnRead(key, "", BY_DEFAULT, "", "", int(list(values) == [own.get(key)]))]
    columns += [ColumnRead(name, "", BY_DEFAULT, "", "", len(values)) for name in own if name != key]
    rows = [OwnRow(0, {**own, key: value}, frozenset(one.name for one in missing)) for value in values]
    return OwnRows(table, file, rows, columns, (), 0, (), problems)


def _constant(table: OwnTable, column: OwnColumn, value: Constant) -> tuple[Cell, Problem | None]:
    """A constant of the mapping, which is in our unit, and what is wrong with it."""
    text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
    cells = column_cells(column, [text], column.name, OWN_UNIT.get(column.kind), "")
    wrong = cells.wrong.get(0)
    place = f"mapping, [{table.name}.defaults] {column.name}"
    return cells.values[0], None if wrong is None else replace(wrong, place=place, value=value)


def _another_order(place: str, text: str) -> Problem:
    """A column of dates as year, day, month; where none tells, the mapping may say that they are not."""
    problem = year_day_month_problem(place, text)
    if is_year_day_month(text):
        return problem
    return replace(problem, remedy=f'{problem.remedy}; if they are year, month, day, say dates = "month-first"')


def _in_mapping(problem: Problem, name: str) -> Problem:
    """A problem of a column of stamps of this name with its remedy in the mapping, where there are no options of
    tables."""
    rule, remedy = (DATES_OPTION.sub(r'dates = "\1"', text) for text in (problem.rule, problem.remedy))
    if "offset" in problem.rule:
        remedy += "; or name the clock of the stations with --zone, or zone in the mapping"
    return replace(problem, place=problem.place or name, rule=rule, remedy=remedy)
