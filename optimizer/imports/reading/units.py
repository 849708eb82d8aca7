"""In which unit the cells of a column are: as the mapping says, the column's name, the cells, or all cells together."""

from __future__ import annotations

import re
from collections.abc import Sequence

from optimizer.imports.columns.column import (
    CELSIUS,
    CURVE,
    ENERGY,
    NUMBER,
    OWN_UNIT,
    PERCENT,
    POWER,
    PRICE,
    RATE,
    SHARE,
    UNITS,
)
from optimizer.tables.unit_words import load_unit, price_unit, rate_unit

PERCENT_WORDS = re.compile(r"%|percent|prozent|\bpct\b|百分", re.IGNORECASE)
WITH_UNIT = re.compile(r"([-+\N{MINUS SIGN}]?\d[\d.,' ]*?)\s*(%|°C|°|[A-Za-z€][A-Za-z€/]*)")
MONEY = re.compile(r"€|[A-Z]{3}")
LEAST_PERCENT, MOST_PERCENT, MOST_SHARE = 2.0, 100.0, 1.0


def unit_of_name(kind: str, name: str) -> str | None:
    """The unit that the name of a column states, one of UNITS of its kind or another; None where it states none."""
    if kind in (SHARE, CURVE):
        return PERCENT if PERCENT_WORDS.search(name) else None
    readers = {POWER: load_unit, ENERGY: load_unit, PRICE: price_unit, RATE: rate_unit}
    unit = readers[kind](name) if kind in readers else None
    return None if unit is None else unit.name


def number_and_unit(cell: str) -> tuple[str, str]:
    """The parts of a cell such as "60 kW" or "80 %"; no unit for any other."""
    match = WITH_UNIT.fullmatch(cell)
    return (match[1], match[2]) if match else (cell, "")


def factor_of_cell(kind: str, unit: str) -> float | None:
    """What one of the unit that stands in a cell is in ours; None where it is no unit of this kind of column."""
    if unit == "%":
        return 0.01 if kind == SHARE else None
    if kind == CELSIUS:
        return 1.0 if unit.upper() in ("°C", "C", "°") else None
    if kind in (NUMBER, RATE):
        return 1.0 if MONEY.fullmatch(unit) else None
    known = {name.lower(): factor for name, factor in UNITS.get(kind, {}).items()}
    return known.get(unit.lower())


def guessed_unit(kind: str, numbers: Sequence[float]) -> str | None:
    """Per cent, where a column of shares holds what can be nothing else: most are above 2, none below 1 but zeros."""
    if kind != SHARE or not numbers:
        return None
    if max(numbers) > MOST_PERCENT or any(0 < one < MOST_SHARE for one in numbers):
        return None
    return PERCENT if 2 * sum(one >= LEAST_PERCENT for one in numbers) > len(numbers) else None


def factor_of(kind: str, unit: str | None) -> float:
    """What one of a unit is in ours; None: it is ours."""
    own = OWN_UNIT.get(kind)
    return UNITS[kind][unit or own or ""] if own else 1.0
