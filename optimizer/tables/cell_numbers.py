"""Numbers as tables write them: decimal point or comma, marks between thousands, signs of currencies."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.errors import InvalidData
from optimizer.files.csv_text import NUMBER
from optimizer.tables.reading import Place, wrong_cell

RULE = "must be a finite number"
MARKED = re.compile(r"[-+]?\d[\d.,' ]*(?:[eE][-+]?\d+)?", re.ASCII)
GROUPED = re.compile(r"[-+]?[1-9]\d{0,2}(?:[.,' ]\d{3})+", re.ASCII)  # reads as thousands, too
CURRENCY_SIGNS = "$€£¥"
MINUS = "\N{MINUS SIGN}"
NO_VALUES = frozenset(
    {"", "-", "--", "n/e", "N/E", "n/a", "N/A", "NA", "null", "NULL", "None", "NaN", "nan", "#N/A", "."}
)
"""What stands for a value that is not known."""


@dataclass(frozen=True)
class NumberStyle:
    """How the numbers of a column are written: the decimal mark, and the marks between thousands."""

    decimal: str = "."
    thousands: str = ""

    @property
    def words(self) -> str:
        """What a user should know of it; "" for plain numbers."""
        parts = ["decimal comma"] if self.decimal == "," else []
        if self.thousands:
            parts.append(
                {",": "comma", ".": "point", "'": "apostrophe", " ": "space"}[self.thousands] + " at thousands"
            )
        return ", ".join(parts)

    def number(self, cell: str) -> float:
        """The number in a cell; NaN where it is none."""
        if self.thousands:
            cell = self._without_thousands(cell)
        if self.decimal == ",":
            cell = "" if "." in cell else cell.replace(",", ".")
        value = float(cell) if NUMBER.fullmatch(cell) else math.nan
        return value if math.isfinite(value) else math.nan

    def _without_thousands(self, cell: str) -> str:
        whole, mark, rest = cell.partition(self.decimal)
        if self.thousands not in whole:
            return cell
        return whole.replace(self.thousands, "") + mark + rest if GROUPED.fullmatch(whole) else ""


PLAIN = NumberStyle()


def is_number(cell: str) -> bool:
    """Could it be a number in any style?"""
    bare = bare_number(cell)
    return bool(NUMBER.fullmatch(bare)) or (
        bool(MARKED.fullmatch(bare)) and not math.isnan(style_of([bare], "").number(bare))
    )


def bare_number(cell: str) -> str:
    """Without blanks, a sign of a currency around it, and with an ASCII minus."""
    bare = cell.strip()
    if NUMBER.fullmatch(bare):
        return bare
    if bare and not (bare[0].isdigit() and bare[-1].isdigit()):
        bare = bare.replace(MINUS, "-")
        sign = "-" if bare.startswith("-") else ""
        if len(unsigned := bare.removeprefix("-").strip()) > 1:
            bare = sign + unsigned.strip(CURRENCY_SIGNS).strip()
    return bare


def numbers_of(cells: Sequence[tuple[int, str]], delimiter: str, place: Place) -> tuple[list[float], NumberStyle]:
    """The numbers of a column in the style in which all of it is written. `cells`: with the numbers of their lines.

    Raises InvalidData at the first cell that is none.
    """
    bare = [bare_number(cell) for _, cell in cells]
    style = style_of(bare, delimiter)
    values = [style.number(cell) for cell in bare]
    for value, (line, cell) in zip(values, cells, strict=True):
        if value != value:
            raise not_a_number(place(line), cell, style)
    return values, style


def not_a_number(place: str, cell: str, style: NumberStyle = PLAIN) -> InvalidData:
    """The refusal of a cell, to be raised."""
    told = f", as the column has {style.words}" if style.words else ""
    mark = "comma" if style.decimal == "," else "point"
    return wrong_cell(place, cell, RULE + told, f"write digits with a decimal {mark}")


def style_of(cells: Sequence[str], delimiter: str) -> NumberStyle:
    """The style of a column.

    Of two different marks in a cell the last is the decimal one. A mark that is there twice parts thousands. A comma
    alone is a decimal one, but where commas part the cells and three digits follow each, the first before it no zero:
    that is how English tables write thousands.
    """
    marked = [cell for cell in cells if not NUMBER.fullmatch(cell) and MARKED.fullmatch(cell)]
    if not marked:
        return PLAIN
    both = next((cell for cell in marked if "," in cell and "." in cell), None)
    if both is not None:
        decimal = max(",.", key=both.rfind)
        return NumberStyle(decimal, _other(decimal))
    blanks = next((mark for mark in "' " if any(mark in cell for cell in marked)), "")
    commas = [cell for cell in marked if "," in cell]
    if not commas:
        return (
            NumberStyle(",", ".")
            if any(cell.count(".") > 1 and GROUPED.fullmatch(cell) for cell in marked)
            else NumberStyle(".", blanks)
        )
    if _are_thousands(commas, delimiter) and not blanks:
        return NumberStyle(".", ",")
    points = [cell for cell in cells if "." in cell]
    if len(points) > len(commas) and not all(GROUPED.fullmatch(cell) for cell in points):
        return PLAIN  # the cells with a comma are the odd ones
    return NumberStyle(",", blanks or ("." if points else ""))


def _are_thousands(commas: Sequence[str], delimiter: str) -> bool:
    twice = any(cell.count(",") > 1 for cell in commas)
    return (delimiter == "," or twice) and all(GROUPED.fullmatch(cell) for cell in commas)


def _other(decimal: str) -> str:
    return "." if decimal == "," else ","
