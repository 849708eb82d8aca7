"""A table of which it is not known yet what its columns are called: its names first, then its rows as texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.errors import InvalidData, Problem
from optimizer.files.csv_text import line_place
from optimizer.files.errors import ABSENT
from optimizer.tables.body import OpenTable, table_notes
from optimizer.tables.header import header_of
from optimizer.tables.reading import Reading
from optimizer.tables.roles import date_and_clock
from optimizer.tables.sources.sheet import Line, sheet_of

REMARK = "#"
"""What the first cell of a line begins with that is no row."""


@dataclass(frozen=True)
class TextTable:
    """A table with a line of names. `sample`: its first rows."""

    open: OpenTable
    sample: Sequence[Line]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, as they are written."""
        return self.open.header.names

    @property
    def delimiter(self) -> str:
        """What parts the cells, "" where nothing does."""
        return self.open.sheet.delimiter

    def place(self, column: int, line: int) -> str:
        """The place of a cell in messages."""
        return self.open.place(column)(line)

    def clock_of(self, column: int) -> tuple[int, int | None]:
        """The columns of the date and of the time of day of a column of stamps; None: it has both itself."""
        return date_and_clock(self.names, [cells for _, cells in self.sample], column)

    def rows(self, needed: Sequence[int], where: Sequence[tuple[str, str]] = ()) -> list[Line]:
        """The rows, each as wide as the names, without sums and remarks below them. Raises InvalidData where a row
        lacks one of the columns `needed`, or `where` names a column that is not there."""
        table = replace(self.open, how=replace(self.open.how, where=where))
        width = len(self.names)
        return [
            (line, [cell.strip() for cell in [*cells, *[""] * (width - len(cells))]])
            for line, cells in table.rows(needed)
        ]

    def notes(self) -> tuple[str, ...]:
        """What a user must know of how the file was read, once its rows were."""
        return table_notes(self.open)


def text_table(data: bytes, file: str) -> TextTable:
    """The table in a file of any layout. Lines that begin with REMARK are passed over. Raises InvalidData."""
    sheet = sheet_of(data, line_place)
    sample = [(line, cells) for line, cells in sheet.sample() if not cells or not cells[0].lstrip().startswith(REMARK)]
    header = header_of(sample)
    if not any(header.names):
        rule, remedy = "has no line with the names of its columns", "begin it with such a line"
        raise InvalidData([Problem("", ABSENT, rule, remedy)])
    rows = [(line, cells) for line, cells in sample if line >= header.first and line > header.line]
    return TextTable(OpenTable(sheet, header, Reading(), file, remark=REMARK), rows)
