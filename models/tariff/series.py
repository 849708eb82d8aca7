"""What a tariff says of one horizon: prices by slot, what demand charges meter, which kWh count for tiers."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem, refuse
from models.horizon import Horizon, local_minutes
from models.rules import series
from models.tariff.billing_year import Month, Span
from models.tariff.rate_steps import (
    Steps,
    cost_in_proportion,
    product,
    rate_at,
    scaled,
    stepped_cost,
    stretched,
)
from models.tariff.tariff import DemandCharge, EnergyPeriod, EnergyTiers, FixedCharge, Tariff
from models.tariff.window import LocalGrid, any_holds, interval_start, local_grid


@dataclass(frozen=True)
class MeteredDemand:
    """One demand charge in one billing month or year: metering intervals as ((slot, share of the interval), …).

    `steps`: currency per kW, times the night's weight. `ratchet_share` is 0 where no floor holds. `is_first`: of the
    month (or year) in which the horizon begins, so that what is known of it so far counts. `looks_at_first`: a later
    month whose ratchet looks back at that month. `month`: the first one of it that the horizon touches. `last_month`:
    the last one of its billing year; None where it is a month.
    """

    name: str
    steps: Steps
    intervals: tuple[tuple[tuple[int, float], ...], ...]
    month: Month
    is_first: bool = True
    ratchet_share: float = 0.0
    looks_at_first: bool = False
    last_month: Month | None = None

    def holds(self, month: Month) -> bool:
        """Is the month, which the horizon touches, billed by it?"""
        return self.month <= month <= (self.last_month or self.month)


@dataclass(frozen=True)
class TieredEnergy:
    """One group of energy tiers in one billing month: (slot, share of its energy that counts), …

    `steps`: thresholds in kWh of the month, or for each kW of its highest average as `peak` meters it. `counted`: the
    group whose kWh reach the thresholds, where these kWh are in proportion to that one's.
    """

    name: str
    steps: Steps
    slots: tuple[tuple[int, float], ...]
    month: Month
    is_first: bool = True
    peak: MeteredDemand | None = None
    counted: TieredEnergy | None = None

    @property
    def reaching(self) -> TieredEnergy:
        """The group whose kWh reach the thresholds."""
        return self.counted or self

    def cost(self, own_kwh: float, counted_kwh: float, peak_kw: float) -> float:
        """What the month's kWh cost on top of their prices. `counted_kwh`: of the group that reaches the thresholds."""
        steps = self.steps if self.peak is None else stretched(self.steps, peak_kw)
        if self.counted is None:
            return stepped_cost(steps, own_kwh)
        return cost_in_proportion(steps, own_kwh, counted_kwh)

    def rate_at(self, counted_kwh: float, peak_kw: float) -> float:
        """What the next kWh costs on top of its price; of kWh in proportion, what they cost on average."""
        steps = self.steps if self.peak is None else stretched(self.steps, peak_kw)
        if counted_kwh <= 0:
            return steps[0][1]
        return rate_at(steps, counted_kwh) if self.counted is None else stepped_cost(steps, counted_kwh) / counted_kwh

    @property
    def dearest_per_kwh(self) -> float:
        """No kWh costs or earns more: in proportion, it also moves what all others pay by twice that at most."""
        return max(abs(rate) for _, rate in self.steps) * (1 if self.counted is None else 3)

    @property
    def dearest_per_kw(self) -> float:
        """No kW of the month's highest average costs or earns more."""
        if self.peak is None:
            return 0.0
        rates = [rate for _, rate in self.steps]
        thresholds = [above for above, _ in self.steps]
        changes = [abs(after - before) for before, after in pairwise(rates)]
        return sum(change * hours for change, hours in zip(changes, thresholds[1:], strict=True))


@dataclass(frozen=True)
class TariffSeries:
    """A tariff on a horizon: currency per kWh and the name of the price period a slot, metered demand, tiers.

    `months`: the billing months that the horizon touches, in order. A charge has an entry for each of them, a yearly
    one for each billing year.
    """

    price_per_kwh: tuple[float, ...]
    period_names: tuple[str, ...]
    demands: tuple[MeteredDemand, ...]
    fixed_charge: float
    tiers: tuple[TieredEnergy, ...] = ()
    months: tuple[Month, ...] = ()


@lru_cache(maxsize=512)
def tariff_on(tariff: Tariff, horizon: Horizon) -> TariffSeries:
    """The tariff on a horizon's slots. Raises InvalidData where the two do not fit."""
    metering = [charge.metering_minutes for charge in tariff.demand_charges]
    grid = local_grid(horizon.start, horizon.zone, horizon.slot_minutes, horizon.slots, tariff.windows, metering)
    problems: list[Problem] = []
    prices, names = _prices(tariff, horizon, grid, problems)
    if more := surcharge_per_kwh(tariff):
        prices = tuple(price + more for price in prices)
    months = tuple(dict.fromkeys(grid.months))
    demands = []
    for index, charge in enumerate(tariff.demand_charges):
        if misfit := _metering_misfit(charge, horizon, grid):
            problems.append(misfit.inside(f"demand_charges[{index}]"))
        else:
            demands += _metered(charge, tariff, horizon, grid, months)
    refuse(problems)
    tiers = _all_tiered(tariff, grid, months, demands)
    fixed = sum(_fixed(charge, grid, horizon.zone) for charge in tariff.all_fixed_charges)
    return TariffSeries(prices, names, tuple(demands), fixed, tuple(tiers), months)


def surcharge_per_kwh(tariff: Tariff) -> float:
    """What the classes that are expected of yearly charges add to each kWh."""
    expected = [charge.expected_class for charge in tariff.demand_charges]
    return sum((one.surcharge_per_kwh for one in expected if one is not None), 0.0)


def slot_prices(series: TariffSeries, rate_so_far: Callable[[TieredEnergy], float]) -> list[float]:
    """Currency per kWh by slot, with what tiers add to it (`rate_so_far`: at the month's kWh so far)."""
    prices = list(series.price_per_kwh)
    for tiers in series.tiers:
        more = rate_so_far(tiers)
        for slot, share in tiers.slots:
            prices[slot] += share * more
    return prices


def _prices(
    tariff: Tariff, horizon: Horizon, grid: LocalGrid, problems: list[Problem]
) -> tuple[tuple[float, ...], tuple[str, ...]]:
    if tariff.energy_periods:
        return _prices_by_period(tariff, grid, problems)
    names = ("",) * horizon.slots
    if tariff.price_series is None:
        problems += series("energy_price_per_kwh", tariff.energy_price_per_kwh, horizon.slots)
        return tariff.energy_price_per_kwh, names
    market = tariff.price_series
    if market.start > horizon.start or market.end < horizon.end:
        problems.append(
            Problem(
                "price_series", f"{market.start:%Y-%m-%dT%H:%MZ} to {market.end:%Y-%m-%dT%H:%MZ}",
                f"must cover the horizon, {horizon.start:%Y-%m-%dT%H:%MZ} to {horizon.end:%Y-%m-%dT%H:%MZ}",
                "import more prices, or plan nights inside them",
            )
        )  # fmt: skip
        return (), names
    slots = range(horizon.slots)
    return tuple(market.mean_per_kwh(horizon.slot_start(t), horizon.slot_minutes) for t in slots), names


def _prices_by_period(
    tariff: Tariff, grid: LocalGrid, problems: list[Problem]
) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Mean price of each slot, and the name of the period its first minute lies in."""
    try:
        periods = periods_of(tariff, grid)
    except InvalidData as error:
        problems += error.problems
        return (), ()
    chunks = [periods[i : i + grid.each] for i in range(0, len(periods), grid.each)]
    return tuple(_mean_price(chunk) for chunk in chunks), tuple(chunk[0].name for chunk in chunks)


def periods_of(tariff: Tariff, grid: LocalGrid) -> list[EnergyPeriod]:
    """The price period of every grain. Raises InvalidData where none holds."""
    found = []
    for at in grid.grains:
        period = next((p for p in tariff.energy_periods if p.window.holds(at, tariff.holidays)), None)
        if period is None:
            when = f"{at.day} {at.minute // 60:02d}:{at.minute % 60:02d}"
            rule, remedy = "must price every minute of the horizon", (
                "end the list with a period that has a name and a price only: it holds whatever the others leave"
            )  # fmt: skip
            raise InvalidData([Problem("energy_periods", f"nothing at {when} local time", rule, remedy)])
        found.append(period)
    return found


def _mean_price(grains: Sequence[EnergyPeriod]) -> float:
    if all(period is grains[0] for period in grains):
        return grains[0].price_per_kwh  # exactly, where a mean would leave a rounding error
    return sum(period.price_per_kwh for period in grains) / len(grains)


def _metering_misfit(charge: DemandCharge, horizon: Horizon, grid: LocalGrid) -> Problem | None:
    """Slots and metering intervals must nest. Of intervals longer than a slot, the horizon must hold whole ones; of
    others no slot mixes two powers, so each slot counts by itself, wherever the horizon starts.
    """
    metering, slot = charge.metering_minutes, horizon.slot_minutes
    place = "metering_minutes"
    if metering % slot and slot % metering:
        return Problem(
            place, metering, f"must be a multiple or a divisor of the slot ({slot} minutes)", "change one of the two"
        )
    is_cut = grid.grains[0].minute % metering or (horizon.slots * slot) % metering
    if metering > slot and is_cut:
        return Problem(
            place, metering, "the horizon must start on a metering interval and hold a whole number of them",
            f"start it at a local time that is a multiple of {metering} minutes",
        )  # fmt: skip
    return None


def _metered(
    charge: DemandCharge, tariff: Tariff, horizon: Horizon, grid: LocalGrid, months: Sequence[Month]
) -> list[MeteredDemand]:
    """The charge in each month, or billing year. An interval counts in the month and window of its first minute; a
    slot that is no shorter than the interval where any interval does that it is part of.
    """
    slots_each = max(1, charge.metering_minutes // horizon.slot_minutes)
    grains_each = 1 if slots_each > 1 else grid.each
    intervals: dict[Month, list[tuple[tuple[int, float], ...]]] = {month: [] for month in months}
    for first in range(0, horizon.slots, slots_each):
        grains = grid.grains[first * grid.each : first * grid.each + grains_each]
        starts = {interval_start(at, charge.metering_minutes) for at in grains}
        held = {(at.day.year, at.day.month) for at in starts if any_holds(charge.windows, at, tariff.holidays)}
        interval = tuple((first + k, 1 / slots_each) for k in range(slots_each))
        for month in sorted(held):  # two where a slot longer than the interval begins in one and ends in the other
            intervals[month].append(interval)
    spans = list(dict.fromkeys(charge.span(month) for month in months))
    return [_in_span(charge, span, index == 0, intervals, grid) for index, span in enumerate(spans)]


def _in_span(
    charge: DemandCharge,
    span: Span,
    is_first: bool,
    intervals: Mapping[Month, Sequence[tuple[tuple[int, float], ...]]],
    grid: LocalGrid,
) -> MeteredDemand:
    """One month or billing year of the charge. `intervals`: of the charge, by month of the horizon."""
    months, ratchet = [month for month in intervals if span.holds(month)], charge.ratchet
    return MeteredDemand(
        charge.name,
        _at_stake(charge, months[0], is_first, grid),
        tuple(dict.fromkeys(interval for month in months for interval in intervals[month])),
        months[0],
        is_first,
        ratchet.share if ratchet and ratchet.bills(months[0][1]) else 0.0,
        not is_first and ratchet is not None and ratchet.counts(next(iter(intervals))[1]),
        span.last if charge.period == "year" else None,
    )


def _at_stake(charge: DemandCharge, month: Month, is_first: bool, grid: LocalGrid) -> Steps:
    """What the plan is charged for the peak. Shares by peak are of the month, or year, in which the horizon begins."""
    if isinstance(charge.weight, tuple) and is_first:
        return product(month_rates(charge, month), charge.weight)
    return scaled(month_rates(charge, month), _weight(charge, month, grid))


def month_rates(charge: DemandCharge, month: Month) -> Steps:
    """Currency per kW of the billed demand of a month, or of the year that it lies in."""
    steps = scaled(charge.steps, charge.month_factors[month[1] - 1]) if charge.month_factors else charge.steps
    return scaled(steps, calendar.monthrange(*month)[1]) if charge.per == "day" else steps


def _weight(charge: DemandCharge, month: Month, grid: LocalGrid) -> float:
    """The share of the month's rate, or the year's, that is at stake."""
    if isinstance(charge.weight, (int, float)):
        return charge.weight
    if charge.weight == "daily":
        return 1 / charge.span(month).days
    first = next(at.day for at in grid.grains if (at.day.year, at.day.month) == month)
    return 1 / charge.days_from(first)


def _all_tiered(
    tariff: Tariff, grid: LocalGrid, months: Sequence[Month], demands: Sequence[MeteredDemand]
) -> list[TieredEnergy]:
    """Every group in each month, with the demand charge and the group that its thresholds go by."""
    peaks = {(one.name, one.month): one for one in demands}
    made = {group.name: _tiered(group, tariff, grid, months) for group in tariff.energy_tiers}
    by_month = {(one.name, one.month): one for many in made.values() for one in many}
    return [
        replace(
            one,
            peak=None if group.per_kw_of is None else peaks[group.per_kw_of, one.month],
            counted=None if group.in_proportion_to is None else by_month[group.in_proportion_to, one.month],
        )
        for group in tariff.energy_tiers
        for one in made[group.name]
    ]


def month_steps(group: EnergyTiers, month: Month) -> Steps:
    """The group's steps with thresholds for the whole of a month (or for each kW of its highest average)."""
    return stretched(group.steps, calendar.monthrange(*month)[1]) if group.per == "day" else group.steps


def _tiered(group: EnergyTiers, tariff: Tariff, grid: LocalGrid, months: Sequence[Month]) -> list[TieredEnergy]:
    """The group in each month. A slot counts in the month in which it begins, with the share inside the windows."""
    slots: dict[Month, list[tuple[int, float]]] = {month: [] for month in months}
    for slot in range(grid.steps):
        grains = grid.of_step(slot)
        held = sum(any_holds(group.windows, at, tariff.holidays) for at in grains)
        if held:
            slots[grains[0].day.year, grains[0].day.month].append((slot, held / grid.each))
    return [
        TieredEnergy(group.name, month_steps(group, month), tuple(slots[month]), month, index == 0)
        for index, month in enumerate(months)
    ]


def _fixed(charge: FixedCharge, grid: LocalGrid, zone: ZoneInfo) -> float:
    """The horizon's share of a fixed charge, by minutes of the local day, month or year: clocks change."""
    spans = Counter(_span(at.day, charge.per) for at in grid.grains if charge.is_billed_in(at.day.month))
    return sum(charge.amount * count * grid.grain_minutes / local_minutes(*span, zone) for span, count in spans.items())


def _span(day: date, per: str) -> tuple[date, date]:
    """First day of the day, month or year that `day` lies in, and of the one after it."""
    if per == "day":
        return day, day + timedelta(days=1)
    if per == "year":
        return date(day.year, 1, 1), date(day.year + 1, 1, 1)
    return day.replace(day=1), date(day.year + day.month // 12, day.month % 12 + 1, 1)
