"""Hours of a tariff's year for which it has no price: whoever draws power then cannot be billed, and plans are refused.

A tariff all of whose periods have dates is one for these dates: hours before the first and after the last are not
missing, those of a gap between them are.
"""

from __future__ import annotations

from collections import Counter, defaultdict
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
    cuts = sorted(edges | outer)
    return [
        _Stretch(first, end, active, first in outer or end in outer)
        for (first, end), active in zip(pairwise(cuts), _in_force(periods, cuts), strict=True)
    ]


def _in_force(periods: Sequence[EnergyPeriod], cuts: Sequence[int]) -> Iterator[tuple[EnergyPeriod, ...]]:
    """The periods that may hold, by their dates, from each of the `cuts` but the last up to the next."""
    begin, end = defaultdict[int, list[int]](list), defaultdict[int, list[int]](list)
    for index, period in enumerate(periods):
        for first, last in period.window.dates:
            begin[first.toordinal()].append(index)
            end[last.toordinal() + 1].append(index)
    active = Counter(index for index, period in enumerate(periods) if not period.window.dates)
    for cut in cuts[:-1]:
        active.update(begin[cut])
        active.subtract(end[cut])
        active = +active
        yield tuple(periods[index] for index in active)


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
    """What the periods leave of a day."""
    end = 0
    for first, after in sorted(run for period in periods for run in _clock_runs(period.window, day, holidays)):
        if first > end:
            yield end, first
        end = max(end, after)
    if end < MINUTES_PER_DAY:
        yield end, MINUTES_PER_DAY


def _clock_runs(window: Window, day: date, holidays: Sequence[date]) -> Iterator[Run]:
    """The minutes of a day in a window: one that holds at its first minute holds at all of them on that day."""
    start, end = window.start_minute, window.end_minute
    if window.holds(LocalMinute(day, start, day.weekday()), holidays):
        yield from ((start, end),) if start < end else ((start, MINUTES_PER_DAY), (0, end))


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
