"""Rows of named columns, read from any table: swap histories, packs, stations.

found = read_table(data, "log.csv", [Column("time", STAMP), Column("soc", NUMBER, needed=False)], Reading(zone))
for row in found.rows: row.line, row.cells["time"]
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from models.errors import InvalidData, Problem
from optimizer.files.csv_text import column_at, line_place
from optimizer.files.errors import ABSENT
from optimizer.files.plain_text import some_of
from optimizer.tables.body import OpenTable, table_notes
from optimizer.tables.cell_numbers import bare_number, not_a_number, style_of
from optimizer.tables.header import header_of
from optimizer.tables.instants import instants_of
from optimizer.tables.reading import Place, Reading
from optimizer.tables.roles import date_and_clock
from optimizer.tables.sources.sheet import sheet_of

TEXT, NUMBER, SHARE, STAMP = "text", "number", "share", "stamp"
PER_CENT = re.compile(r"[\s_]*[\[(]?\s*(?:%|per ?cent(?:age)?|prozent|(?<![a-z])pct(?![a-z]))\s*[\])]?", re.IGNORECASE)
HUNDRED = 100


@dataclass(frozen=True)
class Column:
    """A column that is looked for: its name, or another that it may have, in any case; what its cells are.

    Cells of a STAMP are never empty; an empty NUMBER is None, an empty TEXT "". A SHARE is a number whose column may
    say that it is in per cent, "SoC (%)": such cells are read as shares.
    """

    name: str
    kind: str = TEXT
    needed: bool = True
    also: tuple[str, ...] = ()


class TableRow(NamedTuple):
    """A row: its line, and its cells by the names of the columns looked for. Cells are str, datetime with an offset,
    float, or None."""

    line: int
    cells: Mapping[str, str | datetime | float | None]


@dataclass(frozen=True)
class ReadTable:
    """Rows in the order of the file; `columns`: those that are there, by the names looked for; `notes`: for users;
    `place`: of a line in messages."""

    rows: Sequence[TableRow]
    columns: tuple[str, ...]
    notes: tuple[str, ...]
    place: Place


def read_table(data: bytes, file: str, wanted: Sequence[Column], how: Reading, place: Place = line_place) -> ReadTable:
    """The wanted columns of a table of any layout, with a line of names. Raises InvalidData.

    A column that is not there and not needed is left out of `columns` and of every row.
    """
    sheet = sheet_of(data, place)
    sample = sheet.sample()
    header = header_of(sample, [column.name for column in wanted if column.needed])
    if not any(header.names):
        names = ",".join(column.name for column in wanted if column.needed)
        rule, remedy = "has no line with the names of its columns", f"begin it with a line such as {names}"
        raise InvalidData([Problem("", ABSENT, rule, remedy)])
    table = OpenTable(sheet, header, how, file)
    at = {column.name: index for column in wanted if (index := _index(header.names, column, file)) is not None}
    clocks = _clocks(wanted, at, header.names, [cells for line, cells in sample if line >= header.first])
    lines, texts = _texts(table, at, clocks)
    notes: list[str] = []
    values = {
        column.name: _cells(column, list(zip(lines, texts[column.name], strict=True)), table, at[column.name], notes)
        for column in wanted
        if column.name in at
    }
    rows = [
        TableRow(line, dict(zip(values, cells, strict=True)))
        for line, *cells in zip(lines, *values.values(), strict=True)
    ]
    return ReadTable(rows, tuple(at), (*table_notes(table), *notes), sheet.place)


def _clocks(
    wanted: Sequence[Column], at: dict[str, int], names: Sequence[str], rows: Sequence[Sequence[str]]
) -> Mapping[str, int]:
    """The columns with the time of day of stamps that have none; `at` then has that of the date."""
    clocks = {}
    for column in wanted:
        if column.kind == STAMP and column.name in at:
            at[column.name], clock = date_and_clock(names, rows, at[column.name])
            if clock is not None and clock not in at.values():
                clocks[column.name] = clock
    return clocks


def _texts(
    table: OpenTable, at: Mapping[str, int], clocks: Mapping[str, int]
) -> tuple[list[int], Mapping[str, list[str]]]:
    """The numbers of the rows, and their cells by the names looked for."""
    lines: list[int] = []
    texts: dict[str, list[str]] = {name: [] for name in at}
    for line, cells in table.rows([*at.values(), *clocks.values()]):
        lines.append(line)
        for name, index in at.items():
            clock = f" {cells[clocks[name]].strip()}" if name in clocks else ""
            texts[name].append(cells[index].strip() + clock)
    return lines, texts


def _index(names: Sequence[str], column: Column, file: str) -> int | None:
    """Where a column stands; None where it is not there and need not be. Raises InvalidData."""
    if column.name in names:
        return column_at(names, file, "column", column.name)
    known = {_plain(name) for name in (column.name, *column.also)}
    plain = [_plain(PER_CENT.sub("", name) if column.kind == SHARE else name) for name in names]
    found = [index for index, name in enumerate(plain) if name in known]
    if len(found) == 1:
        return found[0]
    if len(found) > 1:
        several = ", ".join(names[index] for index in found)
        rule = f"may be several columns of {file}: {several}"
        raise InvalidData([Problem("column", column.name, rule, "give one of them this name")])
    return column_at(names, file, "column", column.name) if column.needed else None


def _plain(name: str) -> str:
    """A name without its case, blanks and marks between words."""
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _cells(
    column: Column, cells: Sequence[tuple[int, str]], table: OpenTable, index: int, notes: list[str]
) -> Sequence[str | datetime | float | None]:
    """The cells of a column as what they are."""
    place = table.place(index)
    if column.kind == STAMP:
        found = instants_of(cells, table.how, place)
        notes += found.notes
        skipped = [cells[number][1] for number in found.skipped]
        notes += [f"the clock leaves out {some_of(skipped)} in spring: read as the hour after"] if skipped else []
        return found.at
    if column.kind == TEXT:
        return [cell for _, cell in cells]
    bare = [bare_number(cell) for _, cell in cells]
    style = style_of(bare, table.sheet.delimiter)
    numbers = [style.number(cell) if cell else None for cell in bare]
    for number, (line, cell) in zip(numbers, cells, strict=True):
        if number is not None and math.isnan(number):
            raise not_a_number(place(line), cell, style)
    notes += [f"{table.name(index)}: {style.words}"] if style.words else []
    if column.kind == SHARE and PER_CENT.search(table.name(index)):
        notes.append(f"{table.name(index)}: in per cent")
        return [None if number is None else number / HUNDRED for number in numbers]
    return numbers


def no_rows(remedy: str) -> InvalidData:
    """The refusal of a table without rows, to be raised."""
    return InvalidData([Problem("", ABSENT, "has no rows", remedy)])
