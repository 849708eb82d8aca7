"""Names and cells that say a place in the day: 00:15, 00:00 - 00:15, 00 - 01, Hour 3B, H24."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from optimizer.tables.stamps import time_of

LABEL = re.compile(r"[A-Za-z. ]*(\d{1,3})[AB]?", re.ASCII)


@lru_cache(maxsize=4096)
def interval_of_day(cell: str) -> str | None:
    """The time of day at which an interval such as 00:00 - 00:15, or 00 - 01, begins; None where it is none."""
    begin = re.split(r" ?(?:-|–|to) ?", cell, maxsplit=1)[0]
    if time_of(begin) is not None:
        return begin
    is_hours = re.fullmatch(r"\d\d ?[-–] ?\d\d", cell, re.ASCII) is not None
    return f"{begin}:00" if is_hours and time_of(f"{begin}:00") is not None else None


def labels_of(names: Sequence[str], columns: Iterable[int]) -> dict[int, int]:
    """The place in the day, from 0, of each column whose name says it: a time of day, a number, "Hour 3B"."""
    named = [(column, names[column].strip()) for column in columns if column < len(names)]
    times = [column for column, name in named if interval_of_day(name) is not None]
    if len(times) * 2 > len(named):
        return {column: index for index, column in enumerate(times)}
    counted = {column: int(match[1]) for column, name in named if (match := LABEL.fullmatch(name))}
    first = min(counted.values(), default=0)
    return {column: number - first for column, number in counted.items()}
