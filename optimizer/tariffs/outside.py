"""Whether a load is one that a tariff is for: month by month against its limits, and its days against its dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem
from models.tariff.bill import Load, bill, is_whole
from models.tariff.billing_year import Month
from models.tariff.tariff import DemandCharge, EnergyPeriod, Tariff
from models.tolerances import ROUNDING
from optimizer.formats.tariff_file import TariffFile
from optimizer.formats.tariff_parts.rate_terms import RateTerms, day_problems, has_load_limits
from optimizer.tariffs.bill_table import month_text

USUAL_METERING_MINUTES = 15
ANOTHER_RATE = "take a rate that is for such a load"


@dataclass(frozen=True)
class LoadMonth:
    """A month of a load: highest average power, energy, and whether the load covers all of it."""

    kw: float
    kwh: float
    is_whole: bool


LoadMonths = Mapping[Month, LoadMonth]


def outside_problems(terms: RateTerms, tariff: Tariff, load: Load, part: Load, zone: ZoneInfo) -> Iterator[Problem]:
    """Where `part` of a load, whole months or all of it, is known to be outside of a tariff's terms.

    Months before it are looked back at as far as `load` has them. Places are inside the tariff.
    """
    first, last = days_of(part, zone)
    months = load_months(terms, tariff, load, zone)
    asked = [month for month in months if (first.year, first.month) <= month <= (last.year, last.month)]
    yield from load_problems(terms, months, asked)
    yield from day_problems(terms.valid, first, last)


def load_months(terms: RateTerms, tariff: Tariff, load: Load, zone: ZoneInfo) -> dict[Month, LoadMonth]:
    """The months of a load as the tariff's limits see them; none where it has no limit."""
    if not has_load_limits(terms.eligibility):
        return {}
    metering = next((one.metering_minutes for one in tariff.demand_charges), USUAL_METERING_MINUTES)
    try:
        lines = bill(_meter(metering), load, zone)
    except InvalidData:  # a load that begins inside a metering interval, or steps that hold no whole number of them
        lines = bill(_meter(load.step_minutes), load, zone)
    kw = {line.month: line.quantity for line in lines if line.kind == "demand"}
    kwh = {line.month: line.quantity for line in lines if line.kind == "energy"}
    return {month: LoadMonth(kw[month], kwh[month], is_whole(load, zone, month)) for month in kw}


def _meter(minutes: int) -> Tariff:
    """A bill under it says what a meter reads."""
    energy, demand = EnergyPeriod("energy", 0.0), DemandCharge("demand", 0.0, minutes)
    return Tariff("meter", energy_periods=(energy,), demand_charges=(demand,))


def load_problems(terms: RateTerms, months: LoadMonths, asked: Iterable[Month]) -> Iterator[Problem]:
    """A problem for each month of `asked` and each limit that it is known to be beyond; none without `months`."""
    limits = terms.eligibility
    for month in asked if months else ():
        for unit, back in (("kw", limits.kw_months), ("kwh", limits.kwh_months)):
            highest = _highest({one: getattr(of, unit) for one, of in months.items()}, month, back)
            value = getattr(months[highest], unit)
            least, most = getattr(limits, f"least_{unit}"), getattr(limits, f"most_{unit}")
            if most is not None and value > most * (1 + ROUNDING):
                yield _problem(f"most_{unit}", most, month, highest, value, back)
            if least is not None and months[month].is_whole and value < least * (1 - ROUNDING):
                yield _problem(f"least_{unit}", least, month, highest, value, back)


def _highest(values: Mapping[Month, float], month: Month, back: int) -> Month:
    """The month of the highest value among the last `back` that are known, the month itself the last."""
    number = month[0] * 12 + month[1]
    known = [one for one in values if 0 <= number - (one[0] * 12 + one[1]) < back]
    return max(known, key=lambda one: (values[one], one))


def _problem(key: str, limit: float, month: Month, highest: Month, value: float, back: int) -> Problem:
    unit, per = ("kWh", " a month") if key.endswith("kwh") else ("kW", "")
    where = f" in {month_text(highest)}" if highest != month else ""
    words = "up to" if key.startswith("most") else "at least"
    of_months = f" in the highest of {back} months" if back > 1 else ""
    rounded = round(value, 1)
    shown = rounded if rounded != limit and (rounded > limit) == (value > limit) else value
    had = f"{month_text(month)}: {shown:,.10g} {unit}{where}"
    rule = f"{had}, the rate is for {words} {limit:,.10g} {unit}{per}{of_months}"
    return Problem(f"eligibility.{key}", limit, rule, ANOTHER_RATE)


def priced_days_problems(file: TariffFile) -> Iterator[Problem]:
    """Where a tariff has market prices for days on which it is not in force. Places are inside the tariff."""
    series = file.tariff.price_series
    if series is not None:
        yield from day_problems(file.terms.valid, *_local_days(series.start, series.end, file.zone))


def days_of(load: Load, zone: ZoneInfo) -> tuple[date, date]:
    """The first and the last local day of a load."""
    return _local_days(load.start, load.end, zone)


def _local_days(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[date, date]:
    return start.astimezone(zone).date(), (end - timedelta(minutes=1)).astimezone(zone).date()
