"""A tariff for a part of a month that stands for a whole one: that share of all that is charged by the month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from models.tariff.billing_year import MONTHS_A_YEAR, Month
from models.tariff.rate_steps import scaled, stretched
from models.tariff.tariff import DemandCharge, EnergyTiers, FixedCharge, MinimumCharge, Tariff

MINUTE = timedelta(minutes=1)


def month_share(start: datetime, end: datetime, zone: ZoneInfo, month: Month) -> float:
    """The share of a local month that lies between two instants; 1 where all of it does, 0 where none."""
    first, after = (datetime(*one, 1, tzinfo=zone).astimezone(UTC) for one in (month, next_month(month)))
    return max(0, (min(end, after) - max(start, first)) // MINUTE) / ((after - first) // MINUTE)


def next_month(month: Month) -> Month:
    """The month after."""
    year, of_year = month
    return year + of_year // MONTHS_A_YEAR, of_year % MONTHS_A_YEAR + 1


def share_of(shares: Mapping[Month, float], months: Iterable[Month]) -> float:
    """How many whole months some months count for; those that are not named are whole."""
    return sum(shares.get(month, 1.0) for month in months)


def of_share(tariff: Tariff, share: float) -> Tariff:
    """The tariff with a share of the month's rates for demand, of its fixed and minimum charges, and of the kWh up to
    the thresholds of energy tiers. What is charged by the day, and by the year on demand, stays."""
    if share == 1:
        return tariff
    return replace(
        tariff,
        demand_charges=tuple(_demand(charge, share) for charge in tariff.demand_charges),
        energy_tiers=tuple(tiers_of_share(group, share) for group in tariff.energy_tiers),
        fixed_charges=tuple(_fixed(charge, share) for charge in tariff.fixed_charges),
        minimum_charges=tuple(_minimum(charge, share) for charge in tariff.minimum_charges),
    )


def _demand(charge: DemandCharge, share: float) -> DemandCharge:
    if charge.period == "year":
        return charge
    return replace(charge, rate_per_kw=share * charge.rate_per_kw, tiers=scaled(charge.tiers, share))


def tiers_of_share(group: EnergyTiers, share: float) -> EnergyTiers:
    """Tiers with a share of their thresholds."""
    most_kwh = None if group.most_kwh is None else share * group.most_kwh
    return replace(group, tiers=stretched(group.tiers, share), most_kwh=most_kwh)


def _fixed(charge: FixedCharge, share: float) -> FixedCharge:
    return charge if charge.per == "day" else replace(charge, amount=share * charge.amount)


def _minimum(charge: MinimumCharge, share: float) -> MinimumCharge:
    return replace(charge, amount=share * charge.amount) if charge.per == "month" else charge


def year_of_shares(tariff: Tariff, year: int, shares: Mapping[Month, float]) -> Tariff:
    """The tariff with the minimum of a calendar year for the parts of its months that count."""
    part = share_of(shares, ((year, month + 1) for month in range(MONTHS_A_YEAR))) / MONTHS_A_YEAR
    minimums = tuple(
        replace(one, amount=part * one.amount) if one.per == "year" else one for one in tariff.minimum_charges
    )
    return replace(tariff, minimum_charges=minimums)
