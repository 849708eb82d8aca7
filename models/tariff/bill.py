"""The bill of any load over any months, line by line, in plain arithmetic: what a utility would write.

It shares no code with the models of a night. A night's cost is what it adds to this bill (a test holds the two
together); fixed and minimum charges stand here only.
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from models.errors import Problem, refuse
from models.horizon import local_minutes
from models.tariff.billing_year import Month
from models.tariff.part_of_month import month_share, of_share, year_of_shares
from models.tariff.rate_steps import Steps, cost_in_proportion, scaled, stepped_cost, stretched
from models.tariff.series import periods_of
from models.tariff.tariff import DemandCharge, EnergyTiers, FixedCharge, Tariff
from models.tariff.window import LocalGrid, any_holds, interval_start, local_grid
from models.tariff.yearly_bill import MonthUse, YearOfUse, highest_of, parts_of_month, years_of_use

NOISE_DIGITS = 8  # decimals of an amount beyond which floating point, not the tariff, decides


@dataclass(frozen=True)
class Load:
    """Average power in kW of `step_minutes` minutes each, one after the other from `start` (UTC)."""

    start: datetime
    step_minutes: int
    kw: tuple[float, ...]

    @property
    def end(self) -> datetime:
        """The instant at which the last step ends."""
        return self.start + timedelta(minutes=self.step_minutes * len(self.kw))


@dataclass(frozen=True)
class BillLine:
    """One line: `quantity` in `unit` (kWh, kW, days, …) at `rate` a unit, None where the rate is stepped; `amount`.

    `kind`: energy | energy_tiers | demand | fixed | minimum. `month` is 0 in lines for a whole year.
    """

    month: Month
    kind: str
    name: str
    quantity: float
    unit: str
    rate: float | None
    amount: float


@dataclass(frozen=True)
class History:
    """Highest averages in kW of months before the load, by demand charge and month: what ratchets look back at, and
    yearly charges. `uses`: kWh of those months, as far as they are known: what classes by hours of use go by."""

    peaks_kw: Mapping[str, Mapping[Month, float]] = field(default_factory=dict)
    uses: Mapping[Month, MonthUse] = field(default_factory=dict)


def bill(
    tariff: Tariff, load: Load, zone: ZoneInfo, history: History | None = None, *, to_cents: bool = False
) -> list[BillLine]:
    """Every line of every month that the load touches, month by month; after December, the year's.

    A month that the load covers in part is billed for that part, its charges a day by the days, all other fixed and
    minimum charges whole, and so is its twelfth of yearly demand charges (see `yearly_bill`). A year's minimum is
    billed where all its months are. `to_cents`: lines are rounded half up, once; minimum charges top up what they come
    to. Raises InvalidData where load and metering intervals do not nest, or a minute has no price.
    """
    return bill_and_years(tariff, load, zone, history, to_cents=to_cents)[0]


def bill_and_years(
    tariff: Tariff,
    load: Load,
    zone: ZoneInfo,
    history: History | None = None,
    *,
    to_cents: bool = False,
    shares: Mapping[Month, float] | None = None,
) -> tuple[list[BillLine], tuple[YearOfUse, ...]]:
    """The lines of `bill`, and the billing years that the load touches, charge by charge.

    `shares`: months that count in part only: so much of all that is charged by the month (see `part_of_month`).
    """
    metered, before, shares = _checked(tariff, load, zone), history or History(), shares or {}
    rounded = _to_cents if to_cents else list[BillLine]
    lines: list[BillLine] = []
    years, known = _years(metered, before)
    peaks = {charge.name: dict(before.peaks_kw.get(charge.name, {})) for charge in tariff.demand_charges}
    for month in metered.months:
        part = metered if month not in shares else replace(metered, tariff=of_share(tariff, shares[month]))
        of_month = [*_energy(metered, month), *_energy_tiers(part, month), *_demand(part, month, peaks)]
        of_month += _yearly(metered, month, years, known, shares)
        of_month = rounded([*of_month, *_fixed(part.tariff, metered, month)])
        lines += [*of_month, *rounded(_minimum(part.tariff, month, of_month, "month"))]
        if month[1] == 12 and (month[0], 1) in metered.months:
            of_year = [line for line in lines if line.month[0] == month[0]]
            lines += rounded(_minimum(year_of_shares(tariff, month[0], shares), (month[0], 0), of_year, "year"))
    return lines, years


def _to_cents(lines: Iterable[BillLine]) -> list[BillLine]:
    return [replace(line, amount=cents(line.amount)) for line in lines]


def cents(amount: float) -> float:
    """An amount to the cent, half a cent away from zero; what floating point makes of half a cent counts as that."""
    return float(Decimal(f"{amount:.{NOISE_DIGITS}f}").quantize(Decimal("0.01"), ROUND_HALF_UP))


def peaks_of(tariff: Tariff, load: Load, zone: ZoneInfo) -> History:
    """The highest averages of a load's months: the history of a load that follows it. Raises InvalidData."""
    return _known(_checked(tariff, load, zone), tariff.demand_charges)


def _known(metered: _Metered, charges: Iterable[DemandCharge]) -> History:
    """The highest averages of some charges and the kWh of a load's months."""
    found: dict[str, dict[Month, float]] = {}
    for charge in charges:
        of_months = {month: highest_kw(metered, charge, month) for month in metered.months}
        found[charge.name] = {month: kw for month, kw in of_months.items() if kw is not None}
    uses = {month: MonthUse(_all_kwh(metered, month), _days(metered, month)) for month in metered.months}
    return History(found, uses)


def _years(metered: _Metered, before: History) -> tuple[tuple[YearOfUse, ...], History]:
    """The billing years that a load touches, and what is known of their months."""
    yearly = [charge for charge in metered.tariff.demand_charges if charge.period == "year"]
    if not yearly:
        return (), History()
    own = _known(metered, yearly)
    peaks = {name: highest_of(before.peaks_kw.get(name, {}), kw) for name, kw in own.peaks_kw.items()}
    known = History(peaks, {**before.uses, **own.uses})
    return tuple(years_of_use(yearly, metered.months, peaks, known.uses)), known


def _yearly(
    metered: _Metered, month: Month, years: Iterable[YearOfUse], known: History, shares: Mapping[Month, float]
) -> Iterator[BillLine]:
    """The month's part of each yearly charge that has a highest average by then, and its class's surcharge."""
    for year in years:
        if not year.span.holds(month):
            continue
        name = year.charge.name
        for part in parts_of_month(year, month, known.peaks_kw[name], known.uses, shares):
            if part.kw:
                yield BillLine(month, "demand", part.name, part.kw, "kW", part.rate, part.amount)
        if year.use_class is not None and year.use_class.surcharge_per_kwh:
            kwh, rate = _all_kwh(metered, month), year.use_class.surcharge_per_kwh
            yield BillLine(month, "energy_tiers", name, kwh, "kWh", rate, kwh * rate)


def _grid_of(tariff: Tariff, start: datetime, zone: ZoneInfo, step_minutes: int, steps: int) -> LocalGrid:
    metering = [charge.metering_minutes for charge in tariff.demand_charges]
    market = [tariff.price_series.minutes] if tariff.price_series else []
    return local_grid(start, zone, step_minutes, steps, tariff.windows, [*metering, *market])


@dataclass(frozen=True)
class _Metered:
    """A load on the local clock of a tariff."""

    tariff: Tariff
    load: Load
    zone: ZoneInfo

    @cached_property
    def grid(self) -> LocalGrid:
        """Grains: the load is constant in each, and no window begins or ends inside one."""
        return _grid_of(self.tariff, self.load.start, self.zone, self.load.step_minutes, len(self.load.kw))

    @cached_property
    def grain_months(self) -> list[Month]:
        """The billing month of each grain."""
        return self.grid.months

    @cached_property
    def months(self) -> list[Month]:
        """The billing months that the load touches, in order."""
        return list(dict.fromkeys(self.grain_months))

    @cached_property
    def grain_kwh(self) -> list[float]:
        """Energy of each grain."""
        hours = self.grid.grain_minutes / 60
        return [kw * hours for kw in self.load.kw for _ in range(self.grid.each)]

    @cached_property
    def _grains(self) -> dict[Month, range]:
        firsts = {month: self.grain_months.index(month) for month in self.months}
        ends = [*list(firsts.values())[1:], len(self.grain_months)]
        return {month: range(first, end) for (month, first), end in zip(firsts.items(), ends, strict=True)}

    def grains(self, month: Month) -> range:
        """The grains of a month, which follow one another."""
        return self._grains[month]

    def problems(self) -> Iterator[Problem]:
        """Where the load cannot be billed."""
        step = self.load.step_minutes
        for index, charge in enumerate(self.tariff.demand_charges):
            place, metering = f"demand_charges[{index}].metering_minutes", charge.metering_minutes
            if metering % step and step % metering:
                rule = f"must be a multiple or a divisor of the load's step ({step} minutes)"
                yield Problem(place, metering, rule, "resample the load")
            elif metering > step and self._is_cut(metering):
                rule = f"the load must start on a metering interval of {metering} minutes and hold whole ones"
                yield Problem(place, metering, rule, f"cut it at local times that are multiples of {metering} minutes")
        if self.tariff.energy_price_per_kwh:
            rule = "one price for each slot of a horizon prices no other load"
            yield Problem("energy_price_per_kwh", self.tariff.id, rule, "use energy_periods or a price_series")
        market = self.tariff.price_series
        if market and (market.start > self.load.start or market.end < self.load.end):
            rule = f"must cover the load, {self.load.start:%Y-%m-%dT%H:%MZ} to {self.load.end:%Y-%m-%dT%H:%MZ}"
            span = f"{market.start:%Y-%m-%dT%H:%MZ} to {market.end:%Y-%m-%dT%H:%MZ}"
            yield Problem("price_series", span, rule, "import more prices, or cut the load")

    def _is_cut(self, metering: int) -> bool:
        return bool(self.grid.grains[0].minute % metering or len(self.load.kw) * self.load.step_minutes % metering)


def _checked(tariff: Tariff, load: Load, zone: ZoneInfo) -> _Metered:
    metered = _Metered(tariff, load, zone)
    refuse(metered.problems())
    return metered


def _energy(metered: _Metered, month: Month) -> Iterator[BillLine]:
    """A line a price period; one for all market prices."""
    kwh, prices = metered.grain_kwh, _grain_prices(metered, metered.grains(month))
    by_period: dict[tuple[str, float | None], list[tuple[float, float]]] = {}
    for grain, (name, price, is_market) in zip(metered.grains(month), prices, strict=True):
        key = (name, None if is_market else price)
        by_period.setdefault(key, []).append((kwh[grain], price))
    for (name, rate), parts in sorted(by_period.items(), key=lambda item: (item[0][0], item[0][1] or 0.0)):
        quantity = math.fsum(part for part, _ in parts)
        amount = math.fsum(part * price for part, price in parts) if rate is None else quantity * rate
        yield BillLine(month, "energy", name, quantity, "kWh", rate, amount)


def _grain_prices(metered: _Metered, grains: range) -> Iterator[tuple[str, float, bool]]:
    """Period, price per kWh, and whether it is the market's, of each grain."""
    market, grid, load = metered.tariff.price_series, metered.grid, metered.load
    if market is None:
        clock = load.start, metered.zone, load.step_minutes, len(load.kw)
        yield from _period_prices(metered.tariff, clock, grains.start, grains.stop)
        return
    for grain in grains:
        begin = metered.load.start + timedelta(minutes=grain * grid.grain_minutes)
        yield "market", market.mean_per_kwh(begin, grid.grain_minutes), True


@lru_cache(maxsize=64)
def _period_prices(
    tariff: Tariff, clock: tuple[datetime, ZoneInfo, int, int], first: int, end: int
) -> list[tuple[str, float, bool]]:
    """Those of some grains of a clock: start, zone, minutes a step, steps. The bills of a study ask for the same ones
    again and again."""
    grid = _grid_of(tariff, *clock)
    part = LocalGrid(grid.grain_minutes, 1, grid.grains[first:end])
    named = {id(period): (period.name, period.price_per_kwh, False) for period in tariff.energy_periods}
    return [named[id(period)] for period in periods_of(tariff, part)]


def _energy_tiers(metered: _Metered, month: Month) -> Iterator[BillLine]:
    """A line a group of which the month has any kWh; those in proportion to it are in its line: they are its tiers."""
    groups = metered.tariff.energy_tiers
    kwh = {group.name: _kwh_of(metered, group, month) for group in groups}
    amounts = {group.name: 0.0 for group in groups if group.in_proportion_to is None}
    for group in groups:
        name, steps = group.in_proportion_to or group.name, _whole_steps(metered, group, month)
        own_kwh, is_plain = kwh[group.name], group.in_proportion_to is None
        amounts[name] += stepped_cost(steps, own_kwh) if is_plain else cost_in_proportion(steps, own_kwh, kwh[name])
    for name, amount in amounts.items():
        if kwh[name]:
            yield BillLine(month, "energy_tiers", name, kwh[name], "kWh", None, amount)


def _all_kwh(metered: _Metered, month: Month) -> float:
    return math.fsum(metered.grain_kwh[grain] for grain in metered.grains(month))


def _kwh_of(metered: _Metered, group: EnergyTiers, month: Month) -> float:
    return math.fsum(metered.grain_kwh[grain] for grain in metered.grains(month) if _counts(metered, group, grain))


def _whole_steps(metered: _Metered, group: EnergyTiers, month: Month) -> Steps:
    """Thresholds in kWh of the month: times its days, and the kW of its highest average, where they are for those."""
    steps = stretched(group.steps, monthrange(*month)[1]) if group.per == "day" else group.steps
    if group.per_kw_of is None:
        return steps
    charge = next(charge for charge in metered.tariff.demand_charges if charge.name == group.per_kw_of)
    return stretched(steps, highest_kw(metered, charge, month) or 0.0)


def _counts(metered: _Metered, part: EnergyTiers, grain: int) -> bool:
    return not part.windows or any_holds(part.windows, metered.grid.grains[grain], metered.tariff.holidays)


def _demand(metered: _Metered, month: Month, peaks: dict[str, dict[Month, float]]) -> Iterator[BillLine]:
    """A line a charge of the month; `peaks` gains the month's own highest averages where they are higher than known."""
    for charge in metered.tariff.demand_charges:
        own_kw = None if charge.period == "year" else highest_kw(metered, charge, month)
        if own_kw is None:
            continue  # no interval of the month lies in a window of the charge
        peaks[charge.name][month] = max(own_kw, peaks[charge.name].get(month, 0.0))  # a load may have a part of it
        billed_kw = max(own_kw, _ratchet_kw(charge, month, peaks[charge.name]))
        times = charge.month_factors[month[1] - 1] if charge.month_factors else 1.0
        steps = scaled(charge.steps, times * (monthrange(*month)[1] if charge.per == "day" else 1))
        rate = steps[0][1] if not charge.tiers else None
        yield BillLine(month, "demand", charge.name, billed_kw, "kW", rate, stepped_cost(steps, billed_kw))


def highest_kw(metered: _Metered, charge: DemandCharge, month: Month) -> float | None:
    """The month's highest average over the metering interval, of those whose first minute counts; None without any.

    Of a load with steps no shorter than the interval, each step is an average, if any of its intervals counts.
    """
    grid = metered.grid
    each = max(charge.metering_minutes, metered.load.step_minutes) // grid.grain_minutes
    looked_at = each if charge.metering_minutes <= metered.load.step_minutes else 1
    first = metered.grains(month).start
    found = None
    for begin in range(first - first % each, metered.grains(month).stop, each):
        grains = range(begin, begin + looked_at)
        if any(metered.grain_months[g] == month and _is_metered(metered, charge, g) for g in grains):
            average = sum(metered.grain_kwh[begin : begin + each]) * 60 / (each * grid.grain_minutes)
            found = max(average, found or 0.0)
    return found


def _is_metered(metered: _Metered, charge: DemandCharge, grain: int) -> bool:
    begins = interval_start(metered.grid.grains[grain], charge.metering_minutes)
    return not charge.windows or any_holds(charge.windows, begins, metered.tariff.holidays)


def _ratchet_kw(charge: DemandCharge, month: Month, peaks: Mapping[Month, float]) -> float:
    return 0.0 if charge.ratchet is None else charge.ratchet.share * lookback_kw(charge, month, peaks)


def lookback_kw(charge: DemandCharge, month: Month, peaks: Mapping[Month, float]) -> float:
    """Highest of the months that the charge's ratchet looks back at, 0 where it does not or none is known."""
    ratchet, number = charge.ratchet, month[0] * 12 + month[1]
    if ratchet is None or not ratchet.bills(month[1]):
        return 0.0
    looked_at = (
        kw
        for (year, of_year), kw in peaks.items()
        if 1 <= number - (year * 12 + of_year) <= ratchet.months_back and ratchet.counts(of_year)
    )
    return max(looked_at, default=0.0)


def _fixed(tariff: Tariff, metered: _Metered, month: Month) -> Iterator[BillLine]:
    for charge in tariff.all_fixed_charges:
        if not charge.is_billed_in(month[1]):
            continue
        quantity, unit = _times(charge, metered, month)
        yield BillLine(month, "fixed", charge.name, quantity, unit, charge.amount, quantity * charge.amount)


def _times(charge: FixedCharge, metered: _Metered, month: Month) -> tuple[float, str]:
    """How often a month pays the charge: for each day of the load, once, or a twelfth."""
    if charge.per == "day":
        return _days(metered, month), "days"
    return (1.0, "months") if charge.per == "month" else (1 / 12, "years")


def _days(metered: _Metered, month: Month) -> float:
    """Local days of a month that the load covers, parts of days as parts."""
    grains = Counter(metered.grid.grains[grain].day for grain in metered.grains(month))
    return sum(
        count * metered.grid.grain_minutes / local_minutes(day, day + timedelta(days=1), metered.zone)
        for day, count in grains.items()
    )


def _minimum(tariff: Tariff, month: Month, billed: Sequence[BillLine], per: str) -> Iterator[BillLine]:
    total = sum(line.amount for line in billed)
    for charge in tariff.minimum_charges:
        if charge.per == per and total < charge.amount:
            yield BillLine(month, "minimum", charge.name, 1.0, f"{per}s", charge.amount, charge.amount - total)
            total = charge.amount


def is_whole(load: Load, zone: ZoneInfo, month: Month) -> bool:
    """Does the load cover the whole of a local month?"""
    return month_share(load.start, load.end, zone, month) == 1
