"""Hours of a tariff's year for which it has no price: whoever draws power then cannot be billed, and plans are refused.

A tariff all of whose periods have dates is one for these dates: hours before the first and after the last are not
missing, those of a gap between them are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from models.horizon import MINUTES_PER_DAY, LocalMinute
from models.tariff.tariff import EnergyPeriod, Tariff
from models.tariff.window import Window

DAYS_LOOKED_AT = 400  # of a stretch of days that the same periods have: all months with all their kinds of day
DEFAULT_DAY = date(2026, 1, 1).toordinal()
WEEKDAY, WEEKEND = "weekday", "weekend"

Run = tuple[int, int]
"""First minute of the day and the minute after the last."""


@dataclass(frozen=True)
class _Stretch:
    """Days, by number from `first` up to but not including `end`, in which the same periods have their dates.

    `is_open`: all days before the first date of a tariff, or all after the last.
    """

    first: int
    end: int
    periods: tuple[EnergyPeriod, ...]
    is_open: bool


def unpriced_windows(tariff: Tariff) -> list[Window]:
    """Windows that hold all minutes without a price; none where all have one, and for market prices."""
    if not tariff.energy_periods:
        return []
    found: dict[Window, None] = {}
    for stretch in _stretches(tariff.energy_periods):
        dates = () if stretch.is_open else ((_day(stretch.first), _day(stretch.end - 1)),)
        found |= dict.fromkeys(_windows(_gaps(stretch, tariff.holidays), dates))
    return list(found)


def priced_days(tariff: Tariff) -> tuple[date, date] | None:
    """The first and the last day that have a price at all; None where all days may have one."""
    periods = tariff.energy_periods
    if not periods or any(not period.window.dates for period in periods):
        return None
    ranges = [one for period in periods for one in period.window.dates]
    return min(first for first, _ in ranges), max(last for _, last in ranges)


def _stretches(periods: Sequence[EnergyPeriod]) -> list[_Stretch]:
    ranges = [one for period in periods for one in period.window.dates]
    edges = {edge for first, last in ranges for edge in (first.toordinal(), last.toordinal() + 1)}
    outer = set[int]()
    if any(not period.window.dates for period in periods):
        begin, end = min(edges, default=DEFAULT_DAY), max(edges, default=DEFAULT_DAY)
        outer = {max(1, begin - DAYS_LOOKED_AT), min(date.max.toordinal(), end + DAYS_LOOKED_AT)}
    return [
        _Stretch(first, end, _in_force(periods, first), first in outer or end in outer)
        for first, end in pairwise(sorted(edges | outer))
    ]


def _in_force(periods: Sequence[EnergyPeriod], number: int) -> tuple[EnergyPeriod, ...]:
    """The periods that may hold on a day, by their dates."""
    return tuple(
        period
        for period in periods
        if not period.window.dates
        or any(first.toordinal() <= number <= last.toordinal() for first, last in period.window.dates)
    )


def _gaps(stretch: _Stretch, holidays: Sequence[date]) -> dict[tuple[str, int], list[Run]]:
    """Runs of minutes without a price by kind of day and month."""
    found: dict[tuple[str, int], list[Run]] = {}
    for number in range(stretch.first, min(stretch.end, stretch.first + DAYS_LOOKED_AT)):
        day = _day(number)
        kind = WEEKEND if day.weekday() >= 5 or day in holidays else WEEKDAY
        if (kind, day.month) not in found:
            found[kind, day.month] = list(_runs(stretch.periods, day, holidays))
    return found


def _runs(periods: Sequence[EnergyPeriod], day: date, holidays: Sequence[date]) -> Iterator[Run]:
    edges = (edge for period in periods for edge in (period.window.start_minute, period.window.end_minute))
    grain = math.gcd(MINUTES_PER_DAY, *edges)
    begun: int | None = None
    for minute in range(0, MINUTES_PER_DAY, grain):
        at = LocalMinute(day, minute, day.weekday())
        is_priced = any(period.window.holds(at, holidays) for period in periods)
        if is_priced and begun is not None:
            yield begun, minute
            begun = None
        elif not is_priced and begun is None:
            begun = minute
    if begun is not None:
        yield begun, MINUTES_PER_DAY


def _windows(gaps: Mapping[tuple[str, int], Sequence[Run]], dates: tuple[tuple[date, date], ...]) -> Iterator[Window]:
    """A window for each run of minutes and set of kinds of day, with the months that have it."""
    months: dict[tuple[Run, str], list[int]] = {}
    known = {month for _, month in gaps}
    for month in sorted(known):
        weekday, weekend = (set(gaps.get((kind, month), ())) for kind in (WEEKDAY, WEEKEND))
        kinds = [kind for kind in (WEEKDAY, WEEKEND) if (kind, month) in gaps]
        both = weekday & weekend if len(kinds) == 2 else set[Run]()
        for run in sorted(weekday | weekend):
            days = "all" if run in both else WEEKDAY if run in weekday else WEEKEND
            months.setdefault((run, days), []).append(month)
    for ((start, end), days), of in months.items():
        yield Window(start, end, days, () if set(of) == known else tuple(of), dates)


def _day(number: int) -> date:
    return date.fromordinal(number)
