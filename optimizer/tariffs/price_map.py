"""What a kWh costs by month and hour: the numbers of the heat maps, means over the days of a year."""

from __future__ import annotations

import calendar
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from models.horizon import LocalMinute, local_minute
from models.tariff.tariff import PriceSeries, Tariff

HOURS = range(24)
DEFAULT_YEAR = 2026
LEVELS = 10

WEEKDAY, WEEKEND = "weekday", "weekend"


@dataclass(frozen=True)
class PriceCell:
    """Mean price of an hour in a month; None where none holds. `changes`: it is not one price all hour."""

    per_kwh: float | None
    changes: bool = False


@dataclass(frozen=True)
class HeatMap:
    """A row of 24 cells for each month."""

    name: str
    rows: tuple[str, ...]
    cells: tuple[tuple[PriceCell, ...], ...]


@dataclass(frozen=True)
class PriceLevels:
    """Up to ten levels of price: each price its own, or ten equal bands from the lowest to the highest."""

    prices: tuple[float, ...]

    @property
    def is_exact(self) -> bool:
        """Does each price have a level of its own?"""
        return len(self.prices) <= LEVELS

    def level(self, per_kwh: float) -> int:
        """The level of a price, 0 the cheapest."""
        if self.is_exact:
            return self.prices.index(per_kwh)
        low, high = self.prices[0], self.prices[-1]
        return min(LEVELS - 1, int((per_kwh - low) / (high - low) * LEVELS))

    def share(self, level: int) -> float:
        """How far a level is from the cheapest (0) to the dearest (1)."""
        return level / max(1, (len(self.prices) if self.is_exact else LEVELS) - 1)

    def legend(self) -> list[tuple[int, str]]:
        """Every level in words."""
        if self.is_exact:
            return [(level, f"{price:.6g}") for level, price in enumerate(self.prices)]
        low, step = self.prices[0], (self.prices[-1] - self.prices[0]) / LEVELS
        edges = [low + step * level for level in range(LEVELS + 1)]
        return [(level, f"{edges[level]:.4g} to {edges[level + 1]:.4g}") for level in range(LEVELS)]


def scale_of(maps: Sequence[HeatMap]) -> PriceLevels:
    """The levels that maps share."""
    cells = (cell.per_kwh for one in maps for row in one.cells for cell in row)
    return PriceLevels(tuple(sorted({price for price in cells if price is not None})))


def heat_maps(tariff: Tariff, zone: ZoneInfo) -> list[HeatMap]:
    """A map for weekdays and one for weekends, or one of both where they are the same; one of market prices."""
    if tariff.price_series is not None:
        return [_market_map(tariff.price_series, zone)]
    year = map_year(tariff)
    weekday, weekend = (_period_map(tariff, year, kind) for kind in (WEEKDAY, WEEKEND))
    if weekday.cells == weekend.cells:
        return [HeatMap("every day", weekday.rows, weekday.cells)]
    return [weekday, weekend]


def map_year(tariff: Tariff) -> int:
    """The year over whose days means are taken: of the first date that the tariff names, for others do not matter."""
    named = [first for window in tariff.windows for first, _ in window.dates] + list(tariff.holidays)
    return min(named).year if named else DEFAULT_YEAR


def _period_map(tariff: Tariff, year: int, kind: str) -> HeatMap:
    grain = math.gcd(
        60, *(edge for p in tariff.energy_periods for edge in (p.window.start_minute, p.window.end_minute))
    )
    days: dict[int, list[list[float | None]]] = {month: [] for month in range(1, 13)}
    seen: dict[tuple[object, ...], list[float | None]] = {}
    for day in _days_of(year):
        is_weekend = day.weekday() >= 5 or day in tariff.holidays
        if is_weekend == (kind == WEEKEND):
            key = _alike(tariff, day)
            if key not in seen:
                seen[key] = list(_prices_of_day(tariff, day, grain))
            days[day.month].append(seen[key])
    cells = tuple(tuple(_cell(days[month], hour, 60 // grain) for hour in HOURS) for month in days)
    return HeatMap(kind, tuple(calendar.month_abbr[month] for month in days), cells)


def _days_of(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def _alike(tariff: Tariff, day: date) -> tuple[object, ...]:
    """What makes a day's prices differ from another's, of one day type."""
    dates = (period.window.dates for period in tariff.energy_periods)
    return (day.month, *(any(first <= day <= last for first, last in ranges) for ranges in dates if ranges))


def _prices_of_day(tariff: Tariff, day: date, grain: int) -> Iterator[float | None]:
    for minute in range(0, 1440, grain):
        at = LocalMinute(day, minute, day.weekday())
        held = (period for period in tariff.energy_periods if period.window.holds(at, tariff.holidays))
        period = next(held, None)
        yield None if period is None else period.price_per_kwh


def _cell(days: Sequence[Sequence[float | None]], hour: int, each: int) -> PriceCell:
    prices = [price for day in days for price in day[hour * each : (hour + 1) * each]]
    known = [price for price in prices if price is not None]
    changes = any(len(set(day[hour * each : (hour + 1) * each])) > 1 for day in days)
    if not known:
        return PriceCell(None)
    if len(set(known)) == 1:
        return PriceCell(known[0], changes)
    return PriceCell(round(math.fsum(known) / len(known), 10), changes)


def _market_map(series: PriceSeries, zone: ZoneInfo) -> HeatMap:
    """Means over the days of each month that the series has."""
    found: dict[tuple[int, int], dict[int, list[float]]] = {}
    step = math.gcd(60, series.minutes)
    for count, price in enumerate(series.per_kwh):
        for minute in range(0, series.minutes, step):
            at = local_minute(series.start + timedelta(minutes=count * series.minutes + minute), zone)
            by_hour = found.setdefault((at.day.year, at.day.month), {})
            by_hour.setdefault(at.minute // 60, []).append(price)
    cells = tuple(tuple(_mean(by_hour.get(hour, [])) for hour in HOURS) for by_hour in found.values())
    return HeatMap("every day, mean", tuple(f"{year}-{month:02d}" for year, month in found), cells)


def _mean(prices: Sequence[float]) -> PriceCell:
    return PriceCell(round(math.fsum(prices) / len(prices), 10)) if prices else PriceCell(None)
