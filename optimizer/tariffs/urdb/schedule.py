"""URDB schedules, 12 months by 24 hours for weekdays and for weekends, as few windows as easily found."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal, TypeVar

from optimizer.formats.tariff_document import WindowDocument

MONTHS, HOURS = range(1, 13), range(24)
WEEKDAY, WEEKEND = 0, 1

Cell = tuple[int, int, int]
"""Day type (WEEKDAY or WEEKEND), month from 1 to 12, hour from 0 to 23."""

Run = tuple[int, int]
"""First hour and hour after the last; 24 after midnight's end, less than the first where it runs over midnight."""

Days = Literal["all", "weekday", "weekend"]
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class PeriodSchedule:
    """Period numbers by month and hour."""

    weekday: tuple[tuple[int, ...], ...]
    weekend: tuple[tuple[int, ...], ...]

    def period(self, cell: Cell) -> int:
        """The period of a cell."""
        days, month, hour = cell
        return (self.weekday, self.weekend)[days][month - 1][hour]

    def of_month(self, month: int) -> list[int]:
        """The periods that occur in a month."""
        return sorted({*self.weekday[month - 1], *self.weekend[month - 1]})


CELLS: tuple[Cell, ...] = tuple(product((WEEKDAY, WEEKEND), MONTHS, HOURS))


def cells_by(key: Callable[[Cell], Key]) -> dict[Key, set[Cell]]:
    """The cells that share a key, keys in the order in which they first occur."""
    found: dict[Key, set[Cell]] = {}
    for cell in CELLS:
        found.setdefault(key(cell), set()).add(cell)
    return found


def windows_of(cells: Iterable[Cell]) -> tuple[WindowDocument, ...]:
    """Windows that hold exactly these cells and do not overlap; none for all cells there are."""
    held = set(cells)
    if len(held) == len(CELLS):
        return ()
    months: dict[tuple[Run, Days], list[int]] = {}
    for month in MONTHS:
        weekday, weekend = (_runs([h for h in HOURS if (days, month, h) in held]) for days in (WEEKDAY, WEEKEND))
        parted: tuple[tuple[set[Run], Days], ...] = (
            (weekday & weekend, "all"),
            (weekday - weekend, "weekday"),
            (weekend - weekday, "weekend"),
        )
        for runs, days in parted:
            for run in sorted(runs):
                months.setdefault((run, days), []).append(month)
    return tuple(_window(run, days, of) for (run, days), of in months.items())


def months_window(months: Sequence[int]) -> tuple[WindowDocument, ...]:
    """The window of whole months; none for the whole year."""
    return () if len(months) == len(MONTHS) else (WindowDocument(months=tuple(months)),)


def _runs(hours: Sequence[int]) -> set[Run]:
    """Runs of hours that follow one another, midnight no limit."""
    held = set(hours)
    if len(held) == len(HOURS):
        return {(0, 24)}
    starts = [hour for hour in held if (hour - 1) % 24 not in held]
    ends = {start: next(n for n in range(start + 1, start + 25) if n % 24 not in held) for start in starts}
    return {(start, end if end <= 24 else end - 24) for start, end in ends.items()}


def _window(run: Run, days: Days, months: Sequence[int]) -> WindowDocument:
    start, end = run
    return WindowDocument(
        start=f"{start:02d}:00",
        end=f"{end:02d}:00",
        days=days,
        months=() if len(months) == len(MONTHS) else tuple(months),
    )
