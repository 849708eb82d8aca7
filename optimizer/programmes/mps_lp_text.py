"""A programme as an MPS or LP file that any solver reads. Numbers have all their digits, so that they come back.

Both are written here, for HiGHS's own writer keeps 15 digits. Rows are named by their equations, c5_4(0,3), or r0, r1,
…; one with two different sides is written as two, r5 and r5_high, since a range as MPS has it would round one of them.
Rows without sides are left out of LP files, which cannot have them, and are free in MPS files. What the goal has beside
its columns is the cost of one more column, the last, which is fixed at 1: readers differ in what a constant in a goal
means. Its name says what the file is of.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from models.formulations.matrix import Matrix
from optimizer.programmes.file_comments import file_comments
from optimizer.programmes.identity import CONSTANT, ProgrammeOf
from optimizer.programmes.programme import Programme

Kind = Literal["mps", "lp"]
MARKS: dict[Kind, bytes] = {"mps": b"* swapcharge mps", "lp": b"\\ swapcharge lp"}
"""What the files begin with: by it one of ours is known, and written over."""

KINDS: dict[str, Kind] = {"mps": "mps", "lp": "lp"}
GOAL = "cost"
LINE = 200  # characters: LP readers take lines of 255
LONGEST_NAME = 255
_NAME = re.compile(r"(?![eE]\d*$)[A-Za-z][A-Za-z0-9_.,()]*")  # LP readers take e1 for a part of a number


def export_text(programme: Programme, kind: Kind, of: ProgrammeOf) -> bytes:
    """The programme as the text of an MPS (free format) or LP (CPLEX's) file, which says what it is `of`.

    Raises ValueError where the programme's names are not such as files can have.
    """
    rows, names = programme.row_names(), programme.column_names()
    comments = file_comments(of, rows, names)
    return _text(programme.matrix, rows, [*names, of.constant], kind, of.title, comments)


def matrix_text(matrix: Matrix, names: Sequence[str], kind: Kind, name: str) -> bytes:
    """The same of a matrix whose columns have these names; `name` is its title, in safe characters."""
    title = re.sub(r"[^A-Za-z0-9_.-]+", "_", name)[:60] or "night"
    rows = [f"r{i}" for i in range(matrix.shape[0])]
    return _text(matrix, rows, [*names, CONSTANT], kind, title, [])


def _text(
    matrix: Matrix, rows: Sequence[str], names: Sequence[str], kind: Kind, title: str, comments: Sequence[str]
) -> bytes:
    matrix = _with_constant(matrix)
    _check_names(matrix.shape[1], names, "column")
    _check_names(matrix.shape[0], rows, "row")
    named = list(_rows(matrix, rows))
    lines = (_mps if kind == "mps" else _lp)(matrix, named, names, title, comments)
    return ("\n".join(lines) + "\n").encode("ascii")


def _with_constant(matrix: Matrix) -> Matrix:
    one, none = np.ones(1), np.zeros(1, dtype=bool)
    return replace(
        matrix,
        cost=np.append(matrix.cost, matrix.offset),
        offset=0.0,
        low=np.append(matrix.low, one),
        high=np.append(matrix.high, one),
        integer=np.append(matrix.integer, none),
        starts=np.append(matrix.starts, matrix.starts[-1:]),
    )


def _check_names(count: int, names: Sequence[str], what: str) -> None:
    """A formulation's mistake, never the user's."""
    if len(names) != count or len(set(names)) < len(names):
        raise ValueError(f"{count} {what}s need as many names, all different")
    if wrong := [one for one in names if len(one) > LONGEST_NAME or not _NAME.fullmatch(one)]:
        raise ValueError(f"{what} {wrong[0]!r} has a name that files cannot have")


@dataclass(frozen=True)
class _FileRow:
    """One row of the file: `of` is its number in the matrix, `sense` E, L, G or N."""

    name: str
    of: int
    sense: str
    side: float


def _rows(matrix: Matrix, names: Sequence[str]) -> Iterator[_FileRow]:
    sides = zip(names, matrix.row_low.tolist(), matrix.row_high.tolist(), strict=True)
    for i, (name, low, high) in enumerate(sides):
        if low == high:
            yield _FileRow(name, i, "E", low)
        elif math.isfinite(low) and math.isfinite(high):
            family, bracket, indices = name.partition("(")
            yield _FileRow(name, i, "G", low)
            yield _FileRow(f"{family}_high{bracket}{indices}", i, "L", high)
        elif math.isfinite(low):
            yield _FileRow(name, i, "G", low)
        elif math.isfinite(high):
            yield _FileRow(name, i, "L", high)
        else:
            yield _FileRow(name, i, "N", 0.0)


def rows_of_file(programme: Programme) -> dict[str, int]:
    """The names of the file's rows, each with its row's number in the matrix."""
    return {row.name: row.of for row in _rows(programme.matrix, programme.row_names())}


def earlier_rows_of_file(programme: Programme) -> dict[str, int]:
    """The same by the names that rows had before 29 November 2026: r0, r1, …."""
    names = [f"r{i}" for i in range(programme.matrix.shape[0])]
    return {row.name: row.of for row in _rows(programme.matrix, names)}


def columns_of_file(programme: Programme, names: Iterable[str]) -> set[str]:
    """Those of `names` that are of the file's columns, by today's names or earlier ones."""
    known = {*programme.column_names(), *programme.earlier_names(), CONSTANT}
    return {name for name in names if name in known or name.startswith(f"{CONSTANT}(")}


@dataclass(frozen=True)
class FileSize:
    """What a solver counts in the file: rows with a side, columns with the one of the constant, nonzeros."""

    constraints: int
    variables: int
    integer_variables: int
    nonzeros: int


def size_of_file(matrix: Matrix) -> FileSize:
    """The size of the file that the programme is written to."""
    sides = np.isfinite(matrix.row_low).astype(int) + (
        np.isfinite(matrix.row_high) & (matrix.row_low != matrix.row_high)
    )
    nonzeros = int(sides[matrix.rows].sum())
    return FileSize(int(sides.sum()), matrix.shape[1] + 1, int(matrix.integer.sum()), nonzeros)


def _number(value: float) -> str:
    """The shortest text that reads back as this very number."""
    return repr(value + 0.0)  # no −0.0


def _mps(
    matrix: Matrix, rows: Sequence[_FileRow], names: Sequence[str], title: str, comments: Sequence[str]
) -> Iterator[str]:
    yield f"{MARKS['mps'].decode()}: free format, minimise"
    yield from (f"* {comment}" for comment in comments)
    yield f"NAME {title} FREE"  # without FREE, CBC guesses the format wrongly
    yield "ROWS"
    yield f" N {GOAL}"
    yield from (f" {row.sense} {row.name}" for row in rows)
    yield "COLUMNS"
    yield from _mps_columns(matrix, names, rows)
    yield "RHS"
    yield from (f" RHS {row.name} {_number(row.side)}" for row in rows if row.side)
    yield "BOUNDS"
    spans = zip(names, matrix.low.tolist(), matrix.high.tolist(), strict=True)
    yield from (line for name, low, high in spans for line in _mps_bounds(name, low, high))
    yield "ENDATA"


def _mps_columns(matrix: Matrix, names: Sequence[str], rows: Iterable[_FileRow]) -> Iterator[str]:
    """Columns in their order, integer ones between markers. Every one is named, even if it stands in no row."""
    in_file: dict[int, list[str]] = {}
    for row in rows:
        in_file.setdefault(row.of, []).append(row.name)
    starts, is_integer, marker = matrix.starts.tolist(), False, 0
    for j, name in enumerate(names):
        if is_integer != bool(matrix.integer[j]):
            is_integer, marker = not is_integer, marker + 1
            yield f" MARKER{marker} 'MARKER' '{'INTORG' if is_integer else 'INTEND'}'"
        yield f" {name} {GOAL} {_number(float(matrix.cost[j]))}"
        of_column = slice(starts[j], starts[j + 1])
        for i, value in zip(matrix.rows[of_column].tolist(), matrix.values[of_column].tolist(), strict=True):
            yield from (f" {name} {row} {_number(value)}" for row in in_file[i])
    if is_integer:
        yield f" MARKER{marker + 1} 'MARKER' 'INTEND'"


def _mps_bounds(name: str, low: float, high: float) -> Iterator[str]:
    """Both bounds, always: readers differ in what they take for granted of integer columns."""
    if low == high:
        yield f" FX BND {name} {_number(low)}"
    elif low == -math.inf and high == math.inf:
        yield f" FR BND {name}"
    else:
        yield f" MI BND {name}" if low == -math.inf else f" LO BND {name} {_number(low)}"
        yield f" PL BND {name}" if high == math.inf else f" UP BND {name} {_number(high)}"


def _lp(
    matrix: Matrix, rows: Sequence[_FileRow], names: Sequence[str], title: str, comments: Sequence[str]
) -> Iterator[str]:
    yield f"{MARKS['lp'].decode()}: {title}"
    yield from (f"\\ {comment}" for comment in comments)
    yield "Minimize"
    goal = [f"{_signed(cost)} {name}" for name, cost in zip(names, matrix.cost.tolist(), strict=True)]
    yield from _wrapped(f" {GOAL}:", goal)
    yield "Subject To"
    terms = _terms_by_row(matrix, names)
    sign = {"E": "=", "L": "<=", "G": ">="}
    for row in rows:
        if row.sense != "N":
            shown = terms[row.of] or [f"+ 0.0 {names[0]}"]
            yield from _wrapped(f" {row.name}:", shown, f"{sign[row.sense]} {_number(row.side)}")
    yield "Bounds"
    spans = zip(names, matrix.low.tolist(), matrix.high.tolist(), strict=True)
    yield from (_lp_bounds(name, low, high) for name, low, high in spans)
    if matrix.is_mip:
        yield "General"
        yield from (f" {names[j]}" for j in np.flatnonzero(matrix.integer).tolist())
    yield "End"


def _terms_by_row(matrix: Matrix, names: Sequence[str]) -> list[list[str]]:
    terms: list[list[str]] = [[] for _ in range(matrix.shape[0])]
    owner = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.starts)).tolist()
    for i, j, value in zip(matrix.rows.tolist(), owner, matrix.values.tolist(), strict=True):
        terms[i].append(f"{_signed(value)} {names[j]}")
    return terms


def _signed(value: float) -> str:
    return f"{'-' if value < 0 else '+'} {_number(abs(value))}"


def _wrapped(head: str, terms: Sequence[str], tail: str = "") -> Iterator[str]:
    line = head
    for term in terms:
        if len(line) + len(term) >= LINE:
            yield line
            line = "  "
        line += f" {term}"
    yield line
    if tail:
        yield f"   {tail}"


def _lp_bounds(name: str, low: float, high: float) -> str:
    if low == high:
        return f" {name} = {_number(low)}"
    if low == -math.inf and high == math.inf:
        return f" {name} free"
    least = "-inf" if low == -math.inf else _number(low)
    return f" {least} <= {name}" + ("" if high == math.inf else f" <= {_number(high)}")
