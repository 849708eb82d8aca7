"""The cells of one column as what they are: numbers in our units, words, hours, curves, months."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.errors import Problem
from optimizer.files.limits import MOST_CHARACTERS
from optimizer.imports.columns.column import CURVE, FLAG, HOUR, LIST, NUMBERS, OWN_UNIT, SHARE, UNITS, WHOLE, OwnColumn
from optimizer.imports.reading.units import factor_of, factor_of_cell, guessed_unit, number_and_unit, unit_of_name
from optimizer.tables.cell_numbers import NO_VALUES, NumberStyle, bare_number, style_of

Cell = str | float | bool | datetime | tuple[tuple[float, float], ...] | tuple[int, ...] | None
"""What a cell holds; None: nothing."""

YES = frozenset({"1", "true", "yes", "y", "ja", "j", "wahr", "x", "是"})
NO = frozenset({"0", "false", "no", "n", "nein", "falsch", "否"})
ONE_HOUR = re.compile(r"(\d{1,2})(?:[:.]00)?(?: ?(?:h|Uhr))?(?: ?[-–] ?\d{1,2}(?:[:.]00)?(?: ?(?:h|Uhr))?)?")
POINT = re.compile(r"(\d+(?:[.,]\d+)?) ?%?:(\d+(?:[.,]\d+)?)")
MONTHS = re.compile(r"\d{1,2}(?:-\d{1,2})?(?:[ ,;]+\d{1,2}(?:-\d{1,2})?)*")
DIGITS = 10  # decimals of what is converted: without the noise of floating point
FROM_MAPPING, FROM_NAME, FROM_CELLS, GUESSED, BY_DEFAULT = "mapping", "name", "cells", "guess", "default"


@dataclass(frozen=True)
class ColumnCells:
    """Values in the order of the rows. `unit`: theirs in the file, "" where there is none to choose, and how it was
    found. `wrong`: the places in the list of cells that are nothing of the kind, with value, rule and remedy.
    `written`: the texts of cells that are times."""

    values: list[Cell]
    wrong: Mapping[int, Problem]
    unit: str = ""
    unit_from: str = BY_DEFAULT
    notes: tuple[str, ...] = ()
    written: Sequence[str] = ()


class WrongCell(ValueError):
    """Raised by the parsers of cells: the rule that is broken, and what to do."""

    def __init__(self, rule: str, remedy: str) -> None:
        super().__init__(rule)
        self.rule, self.remedy = rule, remedy


def column_cells(column: OwnColumn, texts: Sequence[str], name: str, unit: str | None, delimiter: str) -> ColumnCells:
    """The cells of a column. `name`: as the file has it; `unit`: as the mapping says it; `delimiter`: between cells."""
    if column.kind in NUMBERS:
        return _numbers(column, texts, name, unit, delimiter)
    if column.kind == CURVE:
        said = unit or unit_of_name(CURVE, name)
        factor = factor_of(CURVE, said)
        found = _each(texts, lambda text: curve(text, factor))
        source = FROM_MAPPING if unit else FROM_NAME if said else BY_DEFAULT
        return ColumnCells(found.values, found.wrong, said or OWN_UNIT[CURVE], source)
    return _each(texts, PARSERS.get(column.kind, plain_text))


def _each(texts: Sequence[str], parse: Callable[[str], Cell]) -> ColumnCells:
    values, wrong = list[Cell](), dict[int, Problem]()
    for index, text in enumerate(texts):
        try:
            values.append(parse(text) if text else None)
        except WrongCell as error:
            values.append(None)
            wrong[index] = Problem("", text, error.rule, error.remedy)
    return ColumnCells(values, wrong)


def _numbers(column: OwnColumn, texts: Sequence[str], name: str, unit: str | None, delimiter: str) -> ColumnCells:
    parts = [number_and_unit(text) for text in texts]
    bare = [bare_number(number) for number, _ in parts]
    style = style_of([one for one in bare if one not in NO_VALUES], delimiter)
    plain = [
        style.number(one) for one, (_, of_cell) in zip(bare, parts, strict=True) if one not in NO_VALUES and not of_cell
    ]
    said, source = _unit(column, name, unit, [one for one in plain if not math.isnan(one)])
    scale = _CellScale(column, style, said, name)
    values, wrong = list[Cell](), dict[int, Problem]()
    for index, (text, number, (_, of_cell)) in enumerate(zip(texts, bare, parts, strict=True)):
        try:
            values.append(None if number in NO_VALUES else scale.value(number, of_cell))
        except WrongCell as error:
            values.append(None)
            wrong[index] = Problem("", text, error.rule, error.remedy)
    in_cells = sorted({of_cell for _, of_cell in parts if of_cell})
    if in_cells and unit is None:
        said, source = "/".join(in_cells), FROM_CELLS
    notes = (f"{name}: {style.words}",) if style.words else ()
    return ColumnCells(values, wrong, said or OWN_UNIT.get(column.kind, ""), source, notes)


def _unit(column: OwnColumn, name: str, unit: str | None, numbers: Sequence[float]) -> tuple[str | None, str]:
    """The unit, None for our own, and where it is said."""
    if unit is not None:
        return unit, FROM_MAPPING
    if (of_name := unit_of_name(column.kind, name)) is not None:
        return of_name, FROM_NAME
    guess = guessed_unit(column.kind, numbers)
    return guess, GUESSED if guess else BY_DEFAULT


@dataclass(frozen=True)
class _CellScale:
    """How the numbers of a column become ours."""

    column: OwnColumn
    style: NumberStyle
    unit: str | None
    name: str

    def value(self, number: str, of_cell: str) -> Cell:
        """Raises WrongCell."""
        kind, found = self.column.kind, self.style.number(number)
        if math.isnan(found):
            told = f", as the column has {self.style.words}" if self.style.words else ""
            mark = "comma" if self.style.decimal == "," else "point"
            raise WrongCell(f"must be a finite number{told}", f"write digits with a decimal {mark}")
        scaled = round(found * self._factor(of_cell), DIGITS)
        if kind == WHOLE and not scaled.is_integer():
            raise WrongCell("must be a whole number", "correct it")
        if kind == SHARE and not 0 <= scaled <= 1:
            self._refuse_share(found)
        return int(scaled) if kind == WHOLE else scaled

    def _factor(self, of_cell: str) -> float:
        kind = self.column.kind
        if of_cell:
            factor = factor_of_cell(kind, of_cell)
            if factor is None:
                known = ", ".join(UNITS.get(kind, {})) or "none"
                raise WrongCell(f"is in {of_cell}, which is no unit of {self.column.name}", f"its units: {known}")
            return factor
        if self.unit is not None and self.unit not in UNITS.get(kind, {}):
            rule = f"is in {self.unit} by the name of its column, which is no unit of {self.column.name}"
            raise WrongCell(rule, f"name another column in the mapping, or its unit: {', '.join(UNITS[kind])}")
        return factor_of(kind, self.unit)

    def _refuse_share(self, found: float) -> None:
        if self.unit == "percent":
            raise WrongCell("must be from 0 to 100, as the column is in per cent", "correct it")
        remedy = 'is the column in per cent? Say so in the mapping (units, "percent")' if found > 1 else "correct it"
        raise WrongCell("must be from 0 to 1, as the column is in shares", remedy)


def plain_text(text: str) -> str:
    """A text that is short enough for a name. Raises WrongCell."""
    if len(text) > MOST_CHARACTERS:
        raise WrongCell(f"must have at most {MOST_CHARACTERS} characters", "shorten it")
    return text


def flag(text: str) -> bool:
    """Yes or no. Raises WrongCell."""
    word = text.lower()
    if word not in YES | NO:
        raise WrongCell("must be yes or no", "write yes or no, or say what it means in the mapping (values)")
    return word in YES


def hour(text: str) -> int:
    """An hour of the day. Raises WrongCell."""
    match = ONE_HOUR.fullmatch(text)
    if match is None or int(match[1]) > 23:
        raise WrongCell("must be an hour of the day, from 0 to 23", "write the hour that begins, such as 8 or 08:00")
    return int(match[1])


def curve(text: str, factor: float) -> tuple[tuple[float, float], ...]:
    """Points of a curve, states of charge times `factor`. Raises WrongCell."""
    points = text.replace(";", " ").replace("|", " ").split()
    found = [POINT.fullmatch(point) for point in points]
    if not points or not all(found):
        rule = "must be points share:kW, parted by blanks"
        raise WrongCell(rule, "write them like 0:50 0.1:90 0.8:60 1:15")
    numbers = [(float(one[1].replace(",", ".")), float(one[2].replace(",", "."))) for one in found if one]
    return tuple((round(share * factor, DIGITS), kw) for share, kw in numbers)


def months(text: str) -> tuple[int, ...]:
    """Months of the year, in the order of the text. Raises WrongCell."""
    numbers = list[int]()
    if MONTHS.fullmatch(text):
        for part in re.split(r"[ ,;]+", text):
            first, _, last = part.partition("-")
            numbers += _months_from(int(first), int(last or first))
    if not numbers or not all(1 <= one <= 12 for one in numbers):
        raise WrongCell("must be months from 1 to 12, parted by blanks", "write them like 6 7 8 or 11-2")
    return tuple(dict.fromkeys(numbers))


def _months_from(first: int, last: int) -> list[int]:
    if not (1 <= first <= 12 and 1 <= last <= 12):
        return [0]
    return [(first - 1 + n) % 12 + 1 for n in range((last - first) % 12 + 1)]


PARSERS: Mapping[str, Callable[[str], Cell]] = {FLAG: flag, HOUR: hour, LIST: months}
