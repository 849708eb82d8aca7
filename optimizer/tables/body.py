"""The rows of a table below its names: stamps and values as they are written, without what stands below the table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from optimizer.files.csv_text import column_at
from optimizer.files.plain_text import counted
from optimizer.tables.cell_numbers import NO_VALUES
from optimizer.tables.days import PlacedCell, day_of, minutes_of
from optimizer.tables.header import Header
from optimizer.tables.instants import date_order
from optimizer.tables.labels import interval_of_day, labels_of
from optimizer.tables.reading import Place, Reading, with_column, wrong_cell
from optimizer.tables.roles import COUNTED, HOUR_WORDS, Roles
from optimizer.tables.sources.sheet import Line, Sheet

FOOTER_SIGNS = frozenset("tTsSgGaAmMeE*")
FOOTER = re.compile(r"(?:total|sum|summe|gesamt|average|mittel|\*|end\b|eof)", re.IGNORECASE)


@dataclass(frozen=True)
class BodyCells:
    """Lines, stamps and values as written, a row each."""

    lines: list[int]
    stamps: list[str]
    values: list[str]


@dataclass(frozen=True)
class OpenTable:
    """A file that is being read. `below`: lines below the table that were found to be none of it. `remark`: what the
    first cell of a line begins with that is no row; "" where there is no such sign."""

    sheet: Sheet
    header: Header
    how: Reading
    file: str
    below: list[Line] = field(default_factory=list)
    remark: str = ""

    def name(self, column: int) -> str:
        """The name of a column, "" where it has none."""
        return self.header.names[column] if column < len(self.header.names) else ""

    def place(self, column: int) -> Place:
        """Places of the cells of a column."""
        return with_column(self.sheet.place, self.name(column))

    def all_lines(self) -> Iterator[Line]:
        """The lines below the names that are not blank."""
        for line, cells in self.sheet.lines():
            is_below = line >= self.header.first and line > self.header.line
            if is_below and (cells[0] or any(map(str.strip, cells))) and not self._is_remark(cells[0]):
                yield line, cells

    def _is_remark(self, first: str) -> bool:
        return bool(self.remark) and first.lstrip().startswith(self.remark)

    def rows(self, needed: Sequence[int]) -> Iterator[Line]:
        """The rows, which have all the columns `needed`, as far as the user asks for them. Raises InvalidData where
        another line is among them."""
        wanted = [(column_at(self.header.names, self.file, "where", name), text) for name, text in self.how.where]
        most = max([*needed, *(column for column, _ in wanted)], default=0)
        self.below.clear()
        for line, cells in self.all_lines():
            if len(cells) <= most or _is_footer(cells, needed):
                self.below.append((line, cells))
                continue
            _refuse_first(self.below, self.sheet.place)
            if not wanted or all(cells[column].strip() == text for column, text in wanted):
                yield line, cells
        _refuse_first([one for one in self.below if not _is_footer(one[1], needed)], self.sheet.place)


def _is_footer(cells: Sequence[str], needed: Sequence[int]) -> bool:
    """A sum, or a remark: a line with words in its first cell, and nothing else that a row must have."""
    first = next((cell.strip() for cell in cells if cell), "")
    if first[:1] in FOOTER_SIGNS and FOOTER.match(first):
        return True
    if len(needed) < 2 or all(column < len(cells) and cells[column] for column in needed):
        return False
    return sum(bool(cell.strip()) for cell in cells) == 1 and not any(sign.isdigit() for sign in first)


def _refuse_first(lines: Sequence[Line], place: Place) -> None:
    if lines:
        line, cells = lines[0]
        raise wrong_cell(place(line), ",".join(cells), "has too few cells for its columns", "complete the line")


def stamped_cells(table: OpenTable, roles: Roles) -> BodyCells:
    """Stamps and values of every row."""
    found = BodyCells([], [], [])
    for line, cells in table.rows([one for one in (roles.value, roles.time, roles.clock) if one is not None]):
        found.lines.append(line)
        found.stamps.append(_stamp_text(cells, roles))
        found.values.append(cells[roles.value].strip())
    return found


def _stamp_text(cells: Sequence[str], roles: Roles) -> str:
    if roles.time is None:
        return ""
    text = cells[roles.time].strip()
    if roles.clock is None:
        return text
    clock = cells[roles.clock].strip()
    return f"{text} {interval_of_day(clock) or clock}"


def counted_cells(table: OpenTable, roles: Roles) -> tuple[list[PlacedCell], int]:
    """The values of a table that counts hours or periods of a day, and how many minutes each holds."""
    assert roles.time is not None and roles.count is not None
    lines = list(table.rows([roles.value, roles.time, roles.count]))
    order = date_order([cells[roles.time] for _, cells in lines], table.how)
    counts = [_count(cells[roles.count].strip(), line, table.place(roles.count)) for line, cells in lines]
    first = min([*counts, 1])
    found = [
        PlacedCell(
            line,
            f"{cells[roles.time].strip()} {cells[roles.count].strip()}",
            day_of(cells[roles.time], line, order, table.place(roles.time)),
            count - first,
            cells[roles.value].strip(),
        )
        for (line, cells), count in zip(lines, counts, strict=True)
    ]
    is_hours = HOUR_WORDS.search(table.name(roles.count)) is not None
    return found, minutes_of(max(counts, default=0) - first + 1, is_hours)


def _count(cell: str, line: int, place: Place) -> int:
    if not COUNTED.fullmatch(cell):
        raise wrong_cell(place(line), cell, "must be the number of an hour or period of the day", "write it like 1")
    return int(cell)


def wide_cells(table: OpenTable, time: int) -> tuple[list[PlacedCell], int]:
    """The values of a table with a row a day, and how many minutes each holds; empty cells are passed over."""
    names = table.header.names
    labels = labels_of(names, (column for column in range(len(names)) if column != time))
    minutes = minutes_of(max(labels.values(), default=-1) + 1)
    lines = list(table.rows([time]))
    order = date_order([cells[time] for _, cells in lines], table.how)
    found = []
    for line, cells in lines:
        day = day_of(cells[time], line, order, table.place(time))
        for column, index in labels.items():
            text = cells[column].strip() if column < len(cells) else ""
            if text not in NO_VALUES:
                found.append(PlacedCell(line, f"{cells[time].strip()} {names[column]}", day, index, text))
    return found, minutes


def table_notes(table: OpenTable, columns: Sequence[str] = ()) -> tuple[str, ...]:
    """What is not plain about a table that was read: its encoding, lines above and below it, columns of several."""
    notes = list(table.sheet.notes)
    header = table.header
    if header.line == 0 and not any(header.names):
        notes.append("no line of names")
    elif header.skipped:
        notes.append(f"names of the columns in line {header.line}, the lines before it left out")
    if columns:
        notes.append(f"columns read: {', '.join(columns)}")
    if table.below:
        notes.append(f"left out below the table: {counted(len(table.below), 'line')} from line {table.below[0][0]}")
    return tuple(notes)
