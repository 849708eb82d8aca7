"""Tariffs: what a kWh costs at which local minute, and what the highest metered average costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from models.errors import Problem, refuse
from models.horizon import MINUTES_PER_DAY, Horizon, LocalMinute
from models.rules import number_in, series, unique

DAY_TYPES = ("all", "weekday", "weekend")


@dataclass(frozen=True)
class Window:
    """A set of local minutes: clock times, day type, months and date ranges, all of which must hold.

    `start_minute` ≥ `end_minute` runs over midnight. Dates are those of the minute itself, so a
    night window that starts on Friday evening ends, for day types, on Saturday morning.
    """

    start_minute: int = 0
    end_minute: int = MINUTES_PER_DAY
    days: str = "all"
    months: tuple[int, ...] = ()
    dates: tuple[tuple[date, date], ...] = ()

    def __post_init__(self) -> None:
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from number_in("start", self.start_minute, 0, MINUTES_PER_DAY - 1, "write a time from 00:00 to 23:59")
        yield from number_in("end", self.end_minute, 0, MINUTES_PER_DAY, "write a time from 00:00 to 24:00")
        if self.days not in DAY_TYPES:
            yield Problem("days", self.days, f"must be one of {', '.join(DAY_TYPES)}", "holidays count as weekend")
        for index, month in enumerate(self.months):
            yield from number_in(f"months[{index}]", month, 1, 12, "January is 1, December is 12")
        for index, (first, last) in enumerate(self.dates):
            if last < first:
                yield Problem(
                    f"dates[{index}]", f"{first} to {last}", "must not end before it starts", "swap the two dates"
                )

    def holds(self, at: LocalMinute, holidays: Sequence[date]) -> bool:
        """Does the window contain this local minute?"""
        if self.months and at.day.month not in self.months:
            return False
        if self.dates and not any(first <= at.day <= last for first, last in self.dates):
            return False
        return self._clock_holds(at.minute) and self._day_holds(at, holidays)

    def _clock_holds(self, minute: int) -> bool:
        if self.start_minute < self.end_minute:
            return self.start_minute <= minute < self.end_minute
        return minute >= self.start_minute or minute < self.end_minute

    def _day_holds(self, at: LocalMinute, holidays: Sequence[date]) -> bool:
        if self.days == "all":
            return True
        is_weekend = at.weekday >= 5 or at.day in holidays
        return is_weekend == (self.days == "weekend")


@dataclass(frozen=True)
class EnergyPeriod:
    """A price per kWh that holds inside `window`; the first period that holds a minute prices it."""

    name: str
    price_per_kwh: float
    window: Window = field(default_factory=Window)

    def __post_init__(self) -> None:
        refuse(number_in("price_per_kwh", self.price_per_kwh))


@dataclass(frozen=True)
class DemandCharge:
    """`rate_per_kw` · `weight` on the highest average over `metering_minutes` inside any of `windows`.

    No window means always. A metering interval counts where its first minute lies in a window.
    `weight` scales a monthly rate to one night (1: the month's whole charge is at stake tonight).
    """

    name: str
    rate_per_kw: float
    metering_minutes: int = 15
    weight: float = 1.0
    windows: tuple[Window, ...] = ()

    def __post_init__(self) -> None:
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from number_in("rate_per_kw", self.rate_per_kw, 0)
        yield from number_in("weight", self.weight, 0)
        if not 1 <= self.metering_minutes <= MINUTES_PER_DAY:
            yield Problem(
                "metering_minutes", self.metering_minutes, f"must be between 1 and {MINUTES_PER_DAY}",
                "meters average over 15, 30 or 60 minutes",
            )  # fmt: skip


@dataclass(frozen=True)
class Tariff:
    """Energy prices (by period, or one value a slot), demand charges, a fixed charge a day.

    The fixed charge is reported beside the bill: no plan changes it, so it is not in the objective.
    """

    id: str
    energy_periods: tuple[EnergyPeriod, ...] = ()
    energy_price_per_kwh: tuple[float, ...] = ()
    demand_charges: tuple[DemandCharge, ...] = ()
    fixed_charge_per_day: float = 0.0
    holidays: tuple[date, ...] = ()

    def __post_init__(self) -> None:
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        if bool(self.energy_periods) == bool(self.energy_price_per_kwh):
            yield Problem(
                "", self.id, "needs either energy_periods or energy_price_per_kwh",
                "give the one that fits and leave the other out",
            )  # fmt: skip
        yield from number_in("fixed_charge_per_day", self.fixed_charge_per_day)
        names = [charge.name for charge in self.demand_charges]
        for problem in unique("demand_charges", names, "demand charge"):
            yield Problem(problem.place.replace(".id", ".name"), problem.value, problem.rule, problem.remedy)

    def on(self, horizon: Horizon) -> TariffSeries:
        """The tariff on a horizon's slots. Raises InvalidData where the two do not fit."""
        return _tariff_on(self, horizon)


@dataclass(frozen=True)
class MeteredDemand:
    """One demand charge on the slots: each metering interval as ((slot, share of the interval), …)."""

    name: str
    rate_per_kw: float
    intervals: tuple[tuple[tuple[int, float], ...], ...]


@dataclass(frozen=True)
class TariffSeries:
    """A tariff on a horizon: currency per kWh and the name of the price period a slot, metered demand."""

    price_per_kwh: tuple[float, ...]
    period_names: tuple[str, ...]
    demands: tuple[MeteredDemand, ...]
    fixed_charge: float


@lru_cache(maxsize=256)
def _tariff_on(tariff: Tariff, horizon: Horizon) -> TariffSeries:
    problems: list[Problem] = []
    if tariff.energy_periods:
        prices, names = _prices_by_period(tariff, horizon, problems)
    else:
        prices, names = tariff.energy_price_per_kwh, ("",) * horizon.slots
        problems += series("energy_price_per_kwh", prices, horizon.slots)
    demands = []
    for index, charge in enumerate(tariff.demand_charges):
        if misfit := _metering_misfit(charge, horizon):
            problems.append(misfit.inside(f"demand_charges[{index}]"))
        else:
            demands.append(_metered(charge, tariff.holidays, horizon))
    refuse(problems)
    days = horizon.slots * horizon.slot_minutes / MINUTES_PER_DAY
    return TariffSeries(tuple(prices), names, tuple(demands), tariff.fixed_charge_per_day * days)


def _prices_by_period(
    tariff: Tariff, horizon: Horizon, problems: list[Problem]
) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Mean price of each slot's minutes, and the name of the period its first minute lies in."""
    per_minute: list[EnergyPeriod] = []
    for minute in horizon.local_minutes:
        period = next((p for p in tariff.energy_periods if p.window.holds(minute, tariff.holidays)), None)
        if period is None:
            problems.append(_uncovered(minute))
            return (), ()
        per_minute.append(period)
    step = horizon.slot_minutes
    chunks = [per_minute[i : i + step] for i in range(0, len(per_minute), step)]
    return tuple(_mean_price(chunk) for chunk in chunks), tuple(chunk[0].name for chunk in chunks)


def _mean_price(minutes: list[EnergyPeriod]) -> float:
    if all(period is minutes[0] for period in minutes):
        return minutes[0].price_per_kwh  # exactly, where a mean would leave a rounding error
    return sum(period.price_per_kwh for period in minutes) / len(minutes)


def _uncovered(minute: LocalMinute) -> Problem:
    when = f"{minute.day} {minute.minute // 60:02d}:{minute.minute % 60:02d}"
    return Problem(
        "energy_periods", f"nothing at {when} local time", "must price every minute of the horizon",
        "end the list with a period that has a name and a price only: it holds whatever the others leave",
    )  # fmt: skip


def _metering_misfit(charge: DemandCharge, horizon: Horizon) -> Problem | None:
    """Slots and metering intervals must nest, and the horizon begin and end with an interval."""
    metering, slot = charge.metering_minutes, horizon.slot_minutes
    place = "metering_minutes"
    if metering % slot and slot % metering:
        return Problem(
            place, metering, f"must be a multiple or a divisor of the slot ({slot} minutes)", "change one of the two"
        )
    first = horizon.local_minutes[0].minute
    if first % metering or (horizon.slots * slot) % metering:  # where slots are longer, power is constant in a slot
        return Problem(
            place, metering, "the horizon must start on a metering interval and hold a whole number of them",
            f"start it at a local time that is a multiple of {metering} minutes",
        )  # fmt: skip
    return None


def _metered(charge: DemandCharge, holidays: tuple[date, ...], horizon: Horizon) -> MeteredDemand:
    slots_each = max(1, charge.metering_minutes // horizon.slot_minutes)
    windows = charge.windows or (Window(),)
    intervals = []
    for first in range(0, horizon.slots, slots_each):
        span = range(first * horizon.slot_minutes, (first + slots_each) * horizon.slot_minutes)
        starts = [horizon.local_minutes[m] for m in span[:: charge.metering_minutes]]
        if any(window.holds(minute, holidays) for window in windows for minute in starts):
            intervals.append(tuple((first + k, 1 / slots_each) for k in range(slots_each)))
    return MeteredDemand(charge.name, charge.rate_per_kw * charge.weight, tuple(intervals))
