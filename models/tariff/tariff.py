"""Tariffs as they are billed: what a kWh, the month's kWh, its highest averages and its days cost.

What a tariff says of one night is `tariff_series`, what it asks for a month's load is `bill`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from models.errors import Problem, refuse
from models.horizon import MINUTES_PER_DAY
from models.rules import number_in, unique
from models.tariff.billing_year import (
    MONTHS_A_YEAR,
    PERIODS,
    Month,
    Period,
    Span,
    UseClass,
    class_at,
    class_problems,
    span_of,
)
from models.tariff.rate_steps import Steps, steps_problems
from models.tariff.window import Window

Weight = float | Literal["daily", "remaining_days", "month"] | Steps
WEIGHTS = ("daily", "remaining_days", "month")
SPANS = ("day", "month", "year")


@dataclass(frozen=True)
class EnergyPeriod:
    """A price per kWh that holds inside `window`; the first period that holds a minute prices it."""

    name: str
    price_per_kwh: float
    window: Window = field(default_factory=Window)

    def __post_init__(self) -> None:
        refuse(number_in("price_per_kwh", self.price_per_kwh))


@dataclass(frozen=True)
class PriceSeries:
    """Market prices per kWh: value i holds for `minutes` minutes from `start` (UTC) + i·`minutes`."""

    start: datetime
    minutes: int
    per_kwh: tuple[float, ...]

    def __post_init__(self) -> None:
        refuse(self._problems())
        object.__setattr__(self, "start", self.start.astimezone(UTC))

    def _problems(self) -> Iterator[Problem]:
        if self.start.tzinfo is None:
            yield Problem("start", self.start.isoformat(), "must say its offset from UTC", "end it with Z or +01:00")
        if not 1 <= self.minutes <= MINUTES_PER_DAY:
            yield Problem("minutes", self.minutes, f"must be between 1 and {MINUTES_PER_DAY}", "60 or 15 is usual")
        if not self.per_kwh:
            yield Problem("per_kwh", [], "must hold at least one price", "add prices")
        for index, price in enumerate(self.per_kwh):
            if found := list(number_in(f"per_kwh[{index}]", price)):
                yield found[0]
                break

    @property
    def end(self) -> datetime:
        """The instant at which the last price stops holding (UTC)."""
        return self.start + timedelta(minutes=self.minutes * len(self.per_kwh))

    def mean_per_kwh(self, begin: datetime, minutes: int) -> float:
        """Time-weighted mean price of the `minutes` from `begin`, which must lie inside the series."""
        first = (begin - self.start) // timedelta(minutes=1)
        cells = range(first // self.minutes, (first + minutes - 1) // self.minutes + 1)
        if len(cells) == 1:
            return self.per_kwh[cells[0]]  # exactly, where a mean would leave a rounding error
        shares = [min(first + minutes, (cell + 1) * self.minutes) - max(first, cell * self.minutes) for cell in cells]
        return sum(share * self.per_kwh[cell] for share, cell in zip(shares, cells, strict=True)) / minutes


@dataclass(frozen=True)
class EnergyTiers:
    """A surcharge (or a discount) per kWh on what a month's kWh inside `windows` are above each threshold.

    `tiers`: (above_kwh, surcharge_per_kwh), …, on top of the price; nothing below the first threshold. No window
    means all of the month's kWh. `per`: thresholds are of the month, or of each of its days. `per_kw_of`: they are for
    each kW of the month's highest average of the demand charge of that name (hours of use). `in_proportion_to`: they
    are reached by the month's kWh of the group of that name, and the kWh inside `windows` lie in each tier in
    proportion to theirs. `most_kwh`: beyond it, in the unit of thresholds, the tariff has no price.
    """

    name: str
    tiers: Steps
    windows: tuple[Window, ...] = ()
    per: Literal["month", "day"] = "month"
    per_kw_of: str | None = None
    in_proportion_to: str | None = None
    most_kwh: float | None = None

    def __post_init__(self) -> None:
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        if not self.tiers:
            yield Problem("tiers", [], "must have at least one threshold", "write [[above_kwh, surcharge_per_kwh]]")
        yield from steps_problems("tiers", self.tiers, -float("inf"))
        if self.per not in SPANS[:2]:
            yield Problem("per", self.per, f"must be one of {', '.join(SPANS[:2])}", "month is the default")
        yield from _most_problems("most_kwh", self.most_kwh, self.tiers)

    @property
    def steps(self) -> Steps:
        """Currency per kWh on top of the price; thresholds for each day and kW where they are for those."""
        return ((0.0, 0.0), *self.tiers)


@dataclass(frozen=True)
class Ratchet:
    """A floor under the billed demand: `share` of the highest of the `months_back` months before.

    Only months of the year in `counted_months` are looked back at, and only those in `billed_months` are billed so
    (none named: all).
    """

    share: float
    months_back: int = 11
    counted_months: tuple[int, ...] = ()
    billed_months: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from number_in("share", self.share, 0, 1, "write 0.8 for 80 %", above_low=True)
        yield from number_in("months_back", self.months_back, 1, 36)
        for name in ("counted_months", "billed_months"):
            for index, month in enumerate(getattr(self, name)):
                yield from number_in(f"{name}[{index}]", month, 1, 12, "January is 1, December is 12")

    def bills(self, month: int) -> bool:
        """Does the floor hold in this month of the year?"""
        return not self.billed_months or month in self.billed_months

    def counts(self, month: int) -> bool:
        """Is this month of the year looked back at?"""
        return not self.counted_months or month in self.counted_months


@dataclass(frozen=True)
class DemandCharge:
    """A rate on the month's highest average over `metering_minutes` inside any of `windows`.

    `rate_per_kw` up to the first of `tiers` ((above_kw, rate_per_kw), …), then theirs. No window means always. A
    metering interval counts where its first minute lies in a window. `weight` scales the month's rate to one night:
    a number (1: all of it is at stake tonight), "daily" (one day's share of the month), "remaining_days" (one in
    the days that are left, tonight included), shares by peak as steps ((above_kw, share), …) from 0 kW on, or "month":
    such steps are still to be found from the month's remaining days; until then it is "remaining_days". `per`: rates
    are of the month, or for each of its days. A rate below 0 is a credit. `most_kw`: beyond it there is no price.
    `month_factors`: by what rates are multiplied in January to December (none: 1).

    `period`: of a yearly charge all rates are of a year and its highest average; it begins with the month
    `year_begins`. `use_classes`: other rates from so many hours of use a year on; nights are planned in the class of
    `expected_hours`. `last_day`: the last one of the part of a year that is looked at; None: all of it.
    """

    name: str
    rate_per_kw: float
    metering_minutes: int = 15
    weight: Weight = 1.0
    windows: tuple[Window, ...] = ()
    tiers: Steps = ()
    ratchet: Ratchet | None = None
    per: Literal["month", "day"] = "month"
    most_kw: float | None = None
    month_factors: tuple[float, ...] = ()
    period: Period = "month"
    year_begins: int = 1
    use_classes: tuple[UseClass, ...] = ()
    expected_hours: float | None = None
    last_day: date | None = None

    def __post_init__(self) -> None:
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from number_in("rate_per_kw", self.rate_per_kw)
        if isinstance(self.weight, str):
            if self.weight not in WEIGHTS:
                yield Problem("weight", self.weight, f"must be a number, {' or '.join(WEIGHTS)}", "1 is the default")
        elif isinstance(self.weight, tuple):
            yield from share_problems("weight", self.weight)
        else:
            yield from number_in("weight", self.weight, 0)
        if not 1 <= self.metering_minutes <= MINUTES_PER_DAY:
            yield Problem(
                "metering_minutes", self.metering_minutes, f"must be between 1 and {MINUTES_PER_DAY}",
                "meters average over 15, 30 or 60 minutes",
            )  # fmt: skip
        yield from steps_problems("tiers", self.tiers, -float("inf"))
        if self.per not in SPANS[:2]:
            yield Problem("per", self.per, f"must be one of {', '.join(SPANS[:2])}", "month is the default")
        yield from _most_problems("most_kw", self.most_kw, self.tiers)
        if self.month_factors and len(self.month_factors) != MONTHS_A_YEAR:
            rule, remedy = "must have a factor for each of the 12 months", "give 12, or none"
            yield Problem("month_factors", list(self.month_factors), rule, remedy)
        for index, factor in enumerate(self.month_factors):
            yield from number_in(f"month_factors[{index}]", factor)
        yield from self._period_problems()

    def _period_problems(self) -> Iterator[Problem]:
        """What only a year has, and what only a month has."""
        if self.period not in PERIODS:
            yield Problem("period", self.period, f"must be one of {', '.join(PERIODS)}", "month is the default")
        yield from number_in("year_begins", self.year_begins, 1, MONTHS_A_YEAR, "January is 1, December is 12")
        of_year = {"year_begins": self.year_begins != 1, "use_classes": bool(self.use_classes)}
        of_month = {
            "ratchet": self.ratchet is not None,
            "per": self.per != "month",
            "month_factors": bool(self.month_factors),
        }
        for key, is_given in (of_year if self.period == "month" else of_month).items():
            if is_given:
                other = "year" if self.period == "month" else "month"
                remedy = f"leave it out, or write the period {other!r}"
                yield Problem(key, self.name, f"means nothing where the period is {self.period!r}", remedy)
        if self.use_classes and self.tiers:
            yield Problem("tiers", self.name, "cannot stand beside use_classes", "leave one of the two out")
        yield from class_problems(self.use_classes, self.expected_hours)

    @property
    def expected_class(self) -> UseClass | None:
        """The class that nights are planned in; None: the charge's own rate."""
        return class_at(self.use_classes, self.expected_hours or 0.0)

    @property
    def steps(self) -> Steps:
        """Currency per kW and month, day of it, or year, in the class that is expected."""
        expected = self.expected_class
        return ((0.0, self.rate_per_kw if expected is None else expected.rate_per_kw), *self.tiers)

    def span(self, month: Month) -> Span:
        """The months that share a highest average with `month`."""
        return span_of(self.period, self.year_begins, month)

    def days_from(self, day: date) -> int:
        """Days of the month or year from `day` on, that one included; `last_day` ends them, too."""
        days = self.span((day.year, day.month)).days_from(day)
        return days if self.last_day is None or self.last_day < day else min(days, (self.last_day - day).days + 1)


def _most_problems(place: str, most: float | None, tiers: Steps) -> Iterator[Problem]:
    """What a tariff has prices for goes on to its last threshold at least."""
    if most is not None:
        yield from number_in(place, most, tiers[-1][0] if tiers else 0.0, above_low=not tiers)


def share_problems(place: str, shares: Steps) -> Iterator[Problem]:
    """Shares of a rate by peak begin at 0 kW; none is below 0."""
    if not shares or shares[0][0] != 0:
        yield Problem(place, [list(one) for one in shares], "must begin at 0 kW", "write [[0, share], ...]")
        return
    yield from number_in(f"{place}[0][1]", shares[0][1], 0)
    yield from steps_problems(place, shares[1:], 0)


@dataclass(frozen=True)
class FixedCharge:
    """Currency for each day, month or year, whatever is drawn; only in `months` of the year (none named: all)."""

    name: str
    amount: float
    per: Literal["day", "month", "year"] = "month"
    months: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from number_in("amount", self.amount)
        if self.per not in SPANS:
            yield Problem("per", self.per, f"must be one of {', '.join(SPANS)}", "month is the default")
        for index, month in enumerate(self.months):
            yield from number_in(f"months[{index}]", month, 1, 12, "January is 1, December is 12")

    def is_billed_in(self, month: int) -> bool:
        """Is it billed in this month of the year?"""
        return not self.months or month in self.months


@dataclass(frozen=True)
class MinimumCharge:
    """The least that a month or a year costs in all: what is billed below it is topped up."""

    name: str
    amount: float
    per: Literal["month", "year"] = "month"

    def __post_init__(self) -> None:
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from number_in("amount", self.amount, 0)
        if self.per not in SPANS[1:]:
            yield Problem("per", self.per, f"must be one of {', '.join(SPANS[1:])}", "month is the default")


@dataclass(frozen=True)
class Tariff:
    """Energy prices (by period, of the market, or one value a slot), tiers, demand charges, fixed and minimum charges.

    Fixed and minimum charges are billed by the month and reported beside a night's bill: no plan changes the ones,
    and whether the others bind is known when the month is over. So neither is in a night's objective.
    """

    id: str
    energy_periods: tuple[EnergyPeriod, ...] = ()
    energy_price_per_kwh: tuple[float, ...] = ()
    demand_charges: tuple[DemandCharge, ...] = ()
    fixed_charge_per_day: float = 0.0
    holidays: tuple[date, ...] = ()
    price_series: PriceSeries | None = None
    energy_tiers: tuple[EnergyTiers, ...] = ()
    fixed_charges: tuple[FixedCharge, ...] = ()
    minimum_charges: tuple[MinimumCharge, ...] = ()

    def __post_init__(self) -> None:
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        prices = (bool(self.energy_periods), bool(self.energy_price_per_kwh), self.price_series is not None)
        if sum(prices) != 1:
            yield Problem(
                "", self.id, "needs exactly one of energy_periods, energy_price_per_kwh and price_series",
                "give the one that fits and leave the others out",
            )  # fmt: skip
        yield from number_in("fixed_charge_per_day", self.fixed_charge_per_day)
        yield from _reference_problems(self.energy_tiers, self.demand_charges)
        for name, what in NAMED.items():
            for problem in unique(name, [part.name for part in getattr(self, name)], what):
                yield Problem(problem.place.replace(".id", ".name"), problem.value, problem.rule, problem.remedy)

    @property
    def windows(self) -> tuple[Window, ...]:
        """Every window of the tariff."""
        periods = (period.window for period in self.energy_periods)
        charges = itertools.chain.from_iterable(charge.windows for charge in self.demand_charges)
        tiers = itertools.chain.from_iterable(group.windows for group in self.energy_tiers)
        return (*periods, *charges, *tiers)

    @property
    def all_fixed_charges(self) -> tuple[FixedCharge, ...]:
        """With the charge a day as one of them."""
        daily = FixedCharge("fixed", self.fixed_charge_per_day, "day")
        return (daily, *self.fixed_charges) if self.fixed_charge_per_day else self.fixed_charges


def _reference_problems(groups: Sequence[EnergyTiers], charges: Sequence[DemandCharge]) -> Iterator[Problem]:
    """Charges and groups that energy tiers refer to by name are there, and are such as can be referred to."""
    metered = [charge.name for charge in charges if charge.ratchet is None and charge.period == "month"]
    plain = [group.name for group in groups if group.in_proportion_to is None]
    for index, group in enumerate(groups):
        for key, known, what in (
            ("per_kw_of", metered, "demand charge of the month without a ratchet"),
            ("in_proportion_to", plain, "group of energy tiers that is in proportion to none"),
        ):
            name = getattr(group, key)
            if name is not None and name not in known:
                place, listed = f"energy_tiers[{index}].{key}", ", ".join(known) or "none"
                yield Problem(place, name, f"must name a {what}", f"such are: {listed}")


def weighted(tariff: Tariff, weights: Mapping[str, Weight]) -> Tariff:
    """The tariff with other weights of the demand charges that are named."""
    charges = tuple(replace(one, weight=weights.get(one.name, one.weight)) for one in tariff.demand_charges)
    return replace(tariff, demand_charges=charges) if weights else tariff


def classes_settled(tariff: Tariff) -> Tariff:
    """The tariff of a horizon whose slot prices have the surcharges of expected classes in them already."""
    charges = tuple(
        replace(one, rate_per_kw=one.steps[0][1], use_classes=(), expected_hours=None) if one.use_classes else one
        for one in tariff.demand_charges
    )
    return replace(tariff, demand_charges=charges)


NAMED = {
    "demand_charges": "demand charge",
    "energy_tiers": "group of tiers",
    "fixed_charges": "fixed charge",
    "minimum_charges": "minimum charge",
}
