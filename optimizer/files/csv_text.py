"""CSV text as numbered lines of cells: every broken line, column or number is named with its place.

Every function raises InvalidData. The place of a line is what the caller's `place` makes of its number.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from models.errors import InvalidData, Problem
from optimizer.files.errors import ABSENT, did_you_mean

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)

Place = Callable[[int], str]


def line_place(line: int) -> str:
    """The place of a line, where messages name the file anyway."""
    return f"line {line}"


def text_of(data: bytes) -> str:
    """The text of a CSV file. Raises InvalidData where it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InvalidData([Problem("", ABSENT, "is not UTF-8 text", "save the file as UTF-8")]) from None


def header_of(text: str, place: Place) -> list[str]:
    """The cells of the first line."""
    try:
        return next(csv.reader(io.StringIO(text, newline=""), strict=True), [])
    except csv.Error as error:
        raise wrong_line(place(1), "", f"is not CSV: {error}", "correct the line") from None


def lines_of(text: str, place: Place) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of every line after the first that is not blank."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        next(reader, [])
        for cells in reader:
            if cells:
                yield reader.line_num, cells
    except csv.Error as error:
        raise wrong_line(place(reader.line_num), "", f"is not CSV: {error}", "correct the line") from None


def named_cells(text: str, at: Mapping[str, int], place: Place) -> Iterator[tuple[int, dict[str, str]]]:
    """Number and cells of every line after the first: the cell in column `at[name]` of it, for every name."""
    for line, cells in lines_of(text, place):
        if len(cells) <= max(at.values()):
            raise wrong_line(place(line), ",".join(cells), "has too few cells for its columns", "complete the line")
        yield line, {name: cells[column].strip() for name, column in at.items()}


def column_at(header: Sequence[str], file: str, key: str, name: str) -> int:
    """Where the column `name` stands. `key`: the setting that names it. Raises InvalidData."""
    if list(header).count(name) == 1:
        return list(header).index(name)
    if name in header:
        rule, remedy = f"names several columns of {file}", "give every column its own name"
    else:
        rule = f"is not a column of {file}"
        remedy = did_you_mean(name, header, f"its columns: {', '.join(header) or 'none'}")
    raise InvalidData([Problem(key, name, rule, remedy)])


def number_of(place: str, number: str) -> float:
    """A cell as a finite number."""
    value = float(number) if NUMBER.fullmatch(number) else math.nan
    if not math.isfinite(value):
        raise wrong_line(place, number, "must be a finite number", "write digits with a decimal point")
    return value


def wrong_line(place: str, value: object, rule: str, remedy: str) -> InvalidData:
    """One problem, to be raised."""
    return InvalidData([Problem(place, value, rule, remedy)])
