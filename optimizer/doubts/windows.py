"""Doubts about windows that never come: a charge or a price that nobody will ever pay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from models.errors import Problem
from models.horizon import Horizon, LocalMinute
from models.tariff.tariff import Tariff
from models.tariff.window import Window
from optimizer.formats.tariff_document import TariffDocument

YEAR_DAYS = 366


def window_doubts(document: TariffDocument, tariff: Tariff, horizon: Horizon | None) -> Iterator[Problem]:
    """Windows that no day has or no meter sees, and demand charges whose dates are not those of the horizon's years.

    A charge of other months, days or hours than the horizon's is none: that is what seasons are for. Places are
    inside the tariff.
    """
    for place, windows in _window_lists(tariff):
        if place.startswith("demand_charges[") and int(place[15:].partition("]")[0]) >= len(document.demand_charges):
            continue  # made of two_part, which has no windows
        for inner, window in zip(_places(place, len(windows)), windows, strict=True):
            if not _has_a_day(window, tariff.holidays):
                rule = "a window that never comes: no day has its dates, its months and its kind of day"
                yield Problem(inner, _shown(window), rule, "correct months, dates or days, or leave it out")
    for index, charge in enumerate(tariff.demand_charges[: len(document.demand_charges)]):
        place = f"demand_charges[{index}].windows"
        for inner, window in zip(_places(place, len(charge.windows)), charge.windows, strict=True):
            if not _is_metered(window, charge.metering_minutes):
                rule = (
                    f"a window in which no interval of {charge.metering_minutes} minutes begins: nothing counts in it"
                )
                yield Problem(inner, _shown(window), rule, "widen it, or correct metering_minutes")
        if horizon is not None and _is_out_of_date(charge.windows, horizon):
            rule = f"none of its windows has a date in the horizon's year: the charge {charge.name!r} never counts"
            yield Problem(place, [_shown(window) for window in charge.windows], rule, "give this year's dates")


def _window_lists(tariff: Tariff) -> Iterator[tuple[str, Sequence[Window]]]:
    for index, period in enumerate(tariff.energy_periods):
        yield f"energy_periods[{index}]", (period.window,)
    for index, group in enumerate(tariff.energy_tiers):
        yield f"energy_tiers[{index}].windows", group.windows
    for index, charge in enumerate(tariff.demand_charges):
        yield f"demand_charges[{index}].windows", charge.windows


def _places(place: str, count: int) -> list[str]:
    return [f"{place}[{index}]" if place.endswith(".windows") else place for index in range(count)]


def _has_a_day(window: Window, holidays: Sequence[date]) -> bool:
    if not window.dates:
        return True  # every month has weekdays and weekends
    at_once = (last - first >= timedelta(days=YEAR_DAYS) for first, last in window.dates)
    return any(at_once) or any(
        window.holds(LocalMinute(day, window.start_minute, day.weekday()), holidays) for day in _days(window)
    )


def _days(window: Window) -> Iterator[date]:
    for first, last in window.dates:
        for ordinal in range(first.toordinal(), min(last.toordinal(), first.toordinal() + YEAR_DAYS) + 1):
            yield date.fromordinal(ordinal)


def _is_metered(window: Window, metering_minutes: int) -> bool:
    """Does an interval of the meter begin between the window's two clock times?"""
    start, end = window.start_minute, window.end_minute
    first = -(-start // metering_minutes) * metering_minutes
    return start >= end or first < end


def _is_out_of_date(windows: Sequence[Window], horizon: Horizon) -> bool:
    """Has every window dates, and none of them in a calendar year of the horizon?"""
    first_day, last_day = horizon.local_days
    first, last = date(first_day.year, 1, 1), date(last_day.year, 12, 31)
    return bool(windows) and all(
        window.dates and not any(begin <= last and end >= first for begin, end in window.dates) for window in windows
    )


def _shown(window: Window) -> str:
    """The window in a few words, as the file has it."""
    clock = "-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in (window.start_minute, window.end_minute))
    months = f", months {', '.join(map(str, window.months))}" if window.months else ""
    dates = "".join(f", {first} to {last}" for first, last in window.dates[:2])
    return f"{clock}{'' if window.days == 'all' else f', {window.days}'}{months}{dates}"
