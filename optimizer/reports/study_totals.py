"""What a report adds up from the rows of a study: bills line by line, kWh by price period, mean days, nights."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from optimizer.studies.tables import PLAN, BillRow, NightRow, PeriodRow, ProfileRow

LEAST_SHIFT = 0.0005  # share of what a tariff draws in all: less is left out
MINUTES_PER_DAY = 24 * 60


@dataclass
class BillSum:
    """One line of the bills of all stations together, on both sides. `rate`: None where stations differ."""

    month: str
    kind: str
    name: str
    unit: str
    rate: float | None
    quantity: float = 0.0
    amount: float = 0.0
    baseline_quantity: float = 0.0
    baseline_amount: float = 0.0


def bill_sums(rows: Iterable[BillRow]) -> list[BillSum]:
    """The lines of one tariff by month, in the order of its bills."""
    found: dict[tuple[str, str, str, str], BillSum] = {}
    for row in rows:
        key = (row.month, row.kind, row.name, row.unit)
        line = found.setdefault(key, BillSum(*key, rate=row.rate))
        if line.rate != row.rate:
            line.rate = None
        if row.side == PLAN:
            line.quantity += row.quantity
            line.amount += row.amount
        else:
            line.baseline_quantity += row.quantity
            line.baseline_amount += row.amount
    return sorted(found.values(), key=lambda line: (line.month + "~")[:8])  # a year's lines stand after its December


@dataclass(frozen=True)
class MonthCoverage:
    """How much of a month the nights cover."""

    month: str
    covered_days: float
    days: int

    @property
    def is_whole(self) -> bool:
        """Does it cover all of it?"""
        return self.covered_days >= self.days


def coverage(begin: datetime, end: datetime) -> Iterator[MonthCoverage]:
    """The months between two instants of the local clock."""
    first = datetime(begin.year, begin.month, 1)
    while first < end:
        days = calendar.monthrange(first.year, first.month)[1]
        following = first + timedelta(days=days)
        covered = min(end, following) - max(begin, first)
        yield MonthCoverage(f"{first:%Y-%m}", covered / timedelta(days=1), days)
        first = following


@dataclass
class PeriodSum:
    """kWh of all stations and nights in one price period; its price is the mean of the nights' means."""

    name: str
    price_per_kwh: float
    kwh: float = 0.0
    baseline_kwh: float = 0.0

    @property
    def more_kwh(self) -> float:
        """How much more the plans draw there than charging on arrival."""
        return self.kwh - self.baseline_kwh


def period_sums(rows: Iterable[PeriodRow]) -> list[PeriodSum]:
    """The periods of one tariff, the dearest first."""
    found: dict[str, PeriodSum] = {}
    prices: dict[str, list[float]] = {}
    for row in rows:
        one = found.setdefault(row.period, PeriodSum(row.period, 0.0))
        one.kwh += row.kwh
        one.baseline_kwh += row.baseline_kwh
        prices.setdefault(row.period, []).append(row.mean_price_per_kwh)
    for name, one in found.items():
        one.price_per_kwh = sum(prices[name]) / len(prices[name])
    return sorted(found.values(), key=lambda one: (-one.price_per_kwh, one.name))


@dataclass(frozen=True)
class EnergyShift:
    """kWh that left one period and came to another. None: drawn there in addition, or not drawn at all any more."""

    source: PeriodSum | None
    target: PeriodSum | None
    kwh: float


def energy_shifts(periods: Sequence[PeriodSum]) -> list[EnergyShift]:
    """What left the dearest periods is matched with what came to the cheapest; `periods`: the dearest first.

    Only the sums by period are known; this is one way to match them.
    """
    least_kwh = LEAST_SHIFT * max(sum(one.baseline_kwh for one in periods), sum(one.kwh for one in periods))
    left = [(one, -one.more_kwh) for one in periods if one.more_kwh < 0]
    came = [(one, one.more_kwh) for one in reversed(periods) if one.more_kwh > 0]
    found: list[EnergyShift] = []
    while left and came:
        (source, gone), (target, room) = left[0], came[0]
        kwh = min(gone, room)
        found.append(EnergyShift(source, target, kwh))
        left[:1] = [(source, gone - kwh)] if gone > kwh else []
        came[:1] = [(target, room - kwh)] if room > kwh else []
    found += [EnergyShift(source, None, kwh) for source, kwh in left]
    found += [EnergyShift(None, target, kwh) for target, kwh in came]
    return [shift for shift in found if shift.kwh > least_kwh]


@dataclass(frozen=True)
class MeanDay:
    """The mean day of all stations together, slot by slot from the clock time at which nights begin."""

    times: Sequence[str]
    price_per_kwh: Sequence[float]
    kw: Sequence[float]
    baseline_kw: Sequence[float]


def mean_day(rows: Sequence[ProfileRow], begin: datetime) -> MeanDay:
    """The stations' mean days added up, their price averaged."""
    first = begin.hour * 60 + begin.minute
    by_minute: dict[int, list[ProfileRow]] = {}
    for row in rows:
        minute = row.local_time.hour * 60 + row.local_time.minute
        by_minute.setdefault((minute - first) % MINUTES_PER_DAY, []).append(row)
    slots = [of_slot for _, of_slot in sorted(by_minute.items())]
    return MeanDay(
        [f"{of_slot[0].local_time:%H:%M}" for of_slot in slots],
        [sum(row.mean_price_per_kwh for row in of_slot) / len(of_slot) for of_slot in slots],
        [sum(row.mean_kw for row in of_slot) for of_slot in slots],
        [sum(row.baseline_mean_kw for row in of_slot) for of_slot in slots],
    )


@dataclass
class NightSum:
    """A night of all stations under one tariff."""

    gross_cost: float = 0.0
    swaps_lost: int = 0


def night_sums(rows: Iterable[NightRow]) -> Mapping[date, NightSum]:
    """The nights of one tariff by date."""
    found: dict[date, NightSum] = {}
    for row in rows:
        one = found.setdefault(row.night, NightSum())
        one.gross_cost += row.gross_cost
        one.swaps_lost += row.swaps_lost
    return found
