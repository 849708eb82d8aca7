"""Our own tables: CSV text in which no cell can run as a formula or break its line, and typed rows read from it again.

Every broken cell is named with its place; the guard against formulas is taken off texts again.
"""

from __future__ import annotations

import csv
import io
import math
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import date, time
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar, get_type_hints

from models.errors import InvalidData, Problem, refuse
from optimizer.files.csv_text import NUMBER
from optimizer.files.errors import ABSENT, InputErrors, first_of_each_kind, printable
from optimizer.files.limits import MOST_NETWORK_BYTES
from optimizer.files.locked_folder import FolderKind
from optimizer.files.read_write import read_bytes

FORMULA = ("=", "+", "-", "@", "|", "%", "\N{MINUS SIGN}")  # what a spreadsheet would run begins like this
GUARD = "'"
MOST_COUNT = 2**53  # no count comes near; floats and databases hold it
MOST_NUMBER = 2.0**53  # in size; no sum comes near, and charts can be drawn of it

T = TypeVar("T")
Known = Mapping[str, Collection[str]]
Column = tuple[str, int, Callable[[str], object], str]  # name, place, reader of its cells, what they must be


def table_text(columns: Sequence[str], texts: Collection[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    """The rows under their header. `texts`: columns whose cells come from files."""
    text = io.StringIO()
    table = csv.DictWriter(text, columns, lineterminator="\n")
    table.writeheader()
    for row in rows:
        table.writerow({name: guarded(row[name]) if name in texts else row[name] for name in columns})
    return text.getvalue().encode()


def rows_text(kind: type[T], rows: Iterable[T]) -> bytes:
    """Dataclasses as a table: their fields are its columns, and cells of type str count as coming from files."""
    types = get_type_hints(kind)
    texts = [name for name, type_ in types.items() if type_ is str]
    return table_text(tuple(types), texts, ({name: getattr(row, name) for name in types} for row in rows))


def guarded(value: object) -> object:
    """A text that a spreadsheet shows and does not run.

    The wide signs of East Asia, small and raised ones count as what they mean: some programs run those, too.
    """
    if not value:
        return value
    shown = printable(str(value))
    begins = unicodedata.normalize("NFKC", shown.lstrip()[:1])
    return f"{GUARD}{shown}" if begins.startswith((*FORMULA, GUARD)) else shown


def _number(cell: str) -> float:
    value = float(cell) if NUMBER.fullmatch(cell) else math.nan
    if not abs(value) <= MOST_NUMBER:
        raise ValueError(cell)
    return value


def _count(cell: str) -> int:
    value = _number(cell)
    if not value.is_integer():
        raise ValueError(cell)
    return int(value)


def _unguarded(cell: str) -> str:
    return cell.removeprefix(GUARD)


READERS: Mapping[object, tuple[Callable[[str], object], str]] = {
    str: (_unguarded, "must be text"),
    int: (_count, "must be a whole number"),
    int | None: (lambda cell: _count(cell) if cell else None, "must be a whole number, or empty"),
    float: (_number, "must be a number"),
    float | None: (lambda cell: _number(cell) if cell else None, "must be a number, or empty"),
    date: (date.fromisoformat, "must be a date such as 2026-07-01"),
    time: (time.fromisoformat, "must be a time such as 18:15"),
}


def read_table(path: Path, kind: type[T], folder: FolderKind, known: Known = MappingProxyType({})) -> list[T]:
    """The rows of a table as dataclasses; columns that `kind` has no field for are passed over. Those of fields with a
    default may be missing: tables of earlier versions have none.

    `folder`: whose table it is. `known` names by column the values that may stand there.
    Raises InvalidData with the problems of the table.
    """
    return list(_rows(path.name, _lines(path, folder), kind, folder, known))


def _lines(path: Path, folder: FolderKind) -> list[list[str]]:
    """The cells of every line, the header first."""
    remedy = folder.again
    try:
        if not path.exists():
            rule = f"must be in the folder of a {folder.what}"
        else:
            text = read_bytes(path, MOST_NETWORK_BYTES).decode()
            if lines := list(csv.reader(io.StringIO(text, newline=""), strict=True)):
                return lines
            rule = "must have a line of column names"
    except InputErrors as error:
        rule, remedy = error.problems[0].rule, error.problems[0].remedy
    except (UnicodeDecodeError, csv.Error) as error:
        rule = f"is no CSV table ({error})"
    raise InvalidData([Problem(path.name, ABSENT, rule, remedy)])


def _rows(table: str, lines: Sequence[Sequence[str]], kind: type[T], folder: FolderKind, known: Known) -> Iterator[T]:
    header, types = list(lines[0]), get_type_hints(kind)
    optional = {one.name for one in fields(kind) if one.default is not MISSING}  # type: ignore[arg-type]
    missing = [name for name in types if name not in header and name not in optional]
    refuse([Problem(f"{table}, line 1", name, "must be a column of the table", folder.again) for name in missing])
    columns = [(name, header.index(name), *READERS[type_]) for name, type_ in types.items() if name in header]
    names = [name for name, *_ in columns]
    problems: list[Problem] = []
    for number, cells in enumerate(lines[1:], start=2):
        row, found = _row(f"{table}, line {number}", cells, columns, folder, known)
        problems += found
        if not found:
            yield kind(**dict(zip(names, row, strict=True)))
    refuse(first_of_each_kind(problems))


def _row(
    place: str, cells: Sequence[str], columns: Sequence[Column], folder: FolderKind, known: Known
) -> tuple[list[object], list[Problem]]:
    if len(cells) <= max(index for _, index, _, _ in columns):
        return [], [Problem(place, ",".join(cells), "must have a cell for every column", folder.again)]
    values: list[object] = []
    problems: list[Problem] = []
    for name, index, read, rule in columns:
        try:
            values.append(read(cells[index]))
        except ValueError:
            problems.append(Problem(f"{place}, {name}", cells[index], rule, folder.again))
            continue
        if name in known and values[-1] not in known[name]:
            rule = f"must be one that {folder.summary} names"
            remedy = f"keep the files of one {folder.what} together"
            problems.append(Problem(f"{place}, {name}", cells[index], rule, remedy))
    return values, problems
