"""Values of URDB objects. Every function raises InvalidData with the place that it is given."""

from __future__ import annotations

import math
from typing import Any

from models.errors import InvalidData, Problem
from optimizer.tariffs.urdb.find_rates import Raw


def wrong(place: str, value: object, rule: str, remedy: str = "correct the value") -> InvalidData:
    """One problem, to be raised."""
    return InvalidData([Problem(place, value, rule, remedy)])


def number(place: str, value: object) -> float:
    """A finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise wrong(place, value, "must be a number")
    return float(value)


def items(place: str, value: object) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise wrong(place, value, "must be a list")
    return value


def index(place: str, value: object, periods: int) -> int:
    """A period number, which real files often write as a float; no structure (reported already) has no limit."""
    read = number(place, value)
    if not read.is_integer() or not 0 <= read < (periods or math.inf):
        raise wrong(place, value, f"must be the number of a period, from 0 to {periods - 1}")
    return int(read)


def twelve(raw: Raw, key: str) -> tuple[float, ...]:
    """A number for each month; none where the key is not there."""
    if key not in raw:
        return ()
    values = items(key, raw[key])
    if len(values) != 12:
        raise wrong(key, f"{len(values)} values", "must have a value for each of the 12 months")
    return tuple(number(f"{key}[{month}]", value) for month, value in enumerate(values))
