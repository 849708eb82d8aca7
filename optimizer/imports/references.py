"""Names of stations and pack types, by which tables refer to each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.errors import Problem
from optimizer.files.errors import ABSENT, did_you_mean
from optimizer.files.plain_text import counted, some_of
from optimizer.imports.reading.own_rows import OwnRow, OwnRows


class References:
    """The names that a column of other tables may have. `what`: what they are of, `file`: where they stand."""

    def __init__(self, column: str, what: str, names: Sequence[str], file: str) -> None:
        self.column, self.what, self.names, self.file = column, what, list(dict.fromkeys(names)), file

    def of(self, rows: OwnRows, row: OwnRow) -> str | None:
        """The name that a row has: the only one there is, where it says nothing. None where it is wrong."""
        name = row.text(self.column)
        if name is None:
            return self.names[0] if len(self.names) == 1 and self.column not in row.wrong else None
        return name if name in self.names else None

    def problems(self, rows: OwnRows) -> Iterator[Problem]:
        """Rows that say no name, or one that is unknown."""
        if not rows.has(self.column):
            if len(self.names) > 1 and self.column not in rows.misnamed:
                rule = f"is in no column, and there are {counted(len(self.names), self.what)}"
                yield Problem(self.column, ABSENT, rule, f"{_name_it(rows, self.column)}; {_unread(rows)}")
            return
        for row in rows.rows:
            name = row.text(self.column)
            if name is None and len(self.names) > 1 and self.column not in row.wrong:
                rule = f"must not be empty: there are {counted(len(self.names), self.what)}"
                yield Problem(rows.place(row, self.column), "", rule, "fill the cell")
            elif name is not None and name not in self.names:
                known = f"its names: {some_of(self.names) or 'none'}"
                remedy = did_you_mean(name, self.names, f"{known}; or translate it in the mapping (values)")
                yield Problem(rows.place(row, self.column), name, f"is no {self.what} of {self.file}", remedy)


def _name_it(rows: OwnRows, column: str) -> str:
    return f"name its column in the mapping, under [{rows.table.name}.columns]"


def _unread(rows: OwnRows) -> str:
    return f"columns not read: {', '.join(rows.unread) or 'none'}"


Keys = Sequence[tuple[str | None, str | None]]
"""A key for each row, such as its station and its bay. A key with None is none."""


def repeated(rows: OwnRows, keys: Keys) -> Iterator[tuple[OwnRow, OwnRow]]:
    """Rows whose key is that of a row before, each with the first that has it."""
    first: dict[tuple[str | None, str | None], OwnRow] = {}
    for row, key in zip(rows.rows, keys, strict=True):
        if None in key:
            continue
        if key in first:
            yield row, first[key]
        else:
            first[key] = row


def twice(rows: OwnRows, column: str, keys: Keys) -> Iterator[Problem]:
    """Rows whose key, a name, is that of a row before."""
    for row, before in repeated(rows, keys):
        rule = f"is that of line {before.line}, too"
        yield Problem(rows.place(row, column), row.text(column), rule, "give each its own row and name")
