"""What a month pays of a yearly demand charge: a twelfth of the year's rates, on the year's highest average so far.

Where a month raises that average, the months of the year that were billed before are billed again for the difference.
So twelve months pay the year's rates on the year's highest average, and a part of a year pays its months' share.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from models.tariff.billing_year import MONTHS_A_YEAR, Month, Span, UseClass, class_at
from models.tariff.part_of_month import share_of
from models.tariff.rate_steps import Steps, scaled, stepped_cost
from models.tariff.tariff import DemandCharge

HOURS_DIGITS = 8  # decimals of hours of use beyond which floating point, not the load, decides


class MonthUse(NamedTuple):
    """A month's kWh, or those of the part of it that is known, and the days that it, or the part, has."""

    kwh: float
    days: float


class YearlyPart(NamedTuple):
    """A line of a month's bill: `rate` is None where rates are stepped."""

    name: str
    kw: float
    rate: float | None
    amount: float


@dataclass(frozen=True)
class YearOfUse:
    """What is known of a charge's billing year: its months, the kWh of so many days, highest average."""

    charge: DemandCharge
    span: Span
    months: int
    use: MonthUse
    peak_kw: float

    @property
    def hours(self) -> float:
        """Hours of use of the year, that of the part which is known stretched to all of its days."""
        if self.peak_kw <= 0 or self.use.days <= 0:
            return 0.0
        return round(self.use.kwh / self.peak_kw * self.span.days / self.use.days, HOURS_DIGITS)

    @property
    def use_class(self) -> UseClass | None:
        """The class that the year is billed in; None: the charge's own rate."""
        return class_at(self.charge.use_classes, self.hours)

    @property
    def steps(self) -> Steps:
        """Currency per kW and year."""
        found = self.use_class
        return ((0.0, self.charge.rate_per_kw if found is None else found.rate_per_kw), *self.charge.tiers)


def years_of_use(
    charges: Iterable[DemandCharge],
    months: Collection[Month],
    peaks_kw: Mapping[str, Mapping[Month, float]],
    uses: Mapping[Month, MonthUse],
) -> Iterator[YearOfUse]:
    """The billing years in which months lie, charge by charge. `peaks_kw`: by charge and month, `uses` by month."""
    for charge in charges:
        for span in dict.fromkeys(charge.span(month) for month in months):
            yield _year_of_use(charge, span, peaks_kw[charge.name], uses)


def _year_of_use(
    charge: DemandCharge, span: Span, peaks_kw: Mapping[Month, float], uses: Mapping[Month, MonthUse]
) -> YearOfUse:
    """The year, from the highest averages and the kWh of months in and around it."""
    peaks_kw = {month: kw for month, kw in peaks_kw.items() if span.holds(month)}
    uses = {month: use for month, use in uses.items() if span.holds(month)}
    whole = MonthUse(sum(use.kwh for use in uses.values()), sum(use.days for use in uses.values()))
    return YearOfUse(charge, span, len({*peaks_kw, *uses}), whole, max(peaks_kw.values(), default=0.0))


def highest_of(one: Mapping[Month, float], other: Mapping[Month, float]) -> dict[Month, float]:
    """Highest averages of months by two who may each know a part of a month."""
    return {month: max(one.get(month, 0.0), other.get(month, 0.0)) for month in {**one, **other}}


def parts_of_month(
    year: YearOfUse,
    month: Month,
    peaks_kw: Mapping[Month, float],
    billed: Collection[Month],
    shares: Mapping[Month, float],
) -> Iterator[YearlyPart]:
    """The month's twelfth, and what a higher average adds to the months before. `billed`: those, of any year;
    `shares`: of months that count in part."""
    span, name = year.span, year.charge.name
    before = {one for one in {*billed, *peaks_kw} if one < month and span.holds(one)}
    before_kw = max((kw for one, kw in peaks_kw.items() if one in before), default=0.0)
    now_kw = max(before_kw, peaks_kw.get(month, 0.0))
    twelfth, own, earlier = (
        scaled(year.steps, 1 / MONTHS_A_YEAR),
        share_of(shares, [month]),
        share_of(shares, sorted(before)),
    )
    rate = None if len(twelfth) > 1 else twelfth[0][1]
    yield YearlyPart(name, now_kw, None if rate is None else own * rate, own * stepped_cost(twelfth, now_kw))
    if before and now_kw > before_kw:
        more = earlier * (stepped_cost(twelfth, now_kw) - stepped_cost(twelfth, before_kw))
        again = None if rate is None else rate * earlier
        words = f"{len(before)} earlier month{'s' if len(before) > 1 else ''}"
        yield YearlyPart(f"{name}: {words}", now_kw - before_kw, again, more)
