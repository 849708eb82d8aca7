"""Billing years of which a study has a part: what a kW costs in a night that goes by the days left.

A part of a year pays its share of the year's rates, and each night that the part has left has its even share of that;
or, with the weight "month", what those nights are likely to leave of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from models.tariff.billing_year import Span
from models.tariff.rate_steps import scaled
from models.tariff.tariff import DemandCharge, Tariff
from optimizer.studies.study import Study, StudyTariff
from optimizer.tariffs.bill_table import month_text


@dataclass(frozen=True)
class YearInPart:
    """A billing year of a tariff's charge, and how many of its days are nights of the study."""

    tariff: str
    charge: str
    span: Span
    nights: int

    @property
    def words(self) -> str:
        """As a reader of the study needs to know it."""
        span = f"{month_text(self.span.first)} to {month_text(self.span.last)}"
        return f"{self.tariff}, {self.charge}: {self.nights} of {self.span.days} days of {span}"


def tariffs_on(study: Study, number: int) -> tuple[StudyTariff, ...]:
    """The tariffs by which a night is planned: the same but for yearly charges that go by the days left."""
    day = study.date_of(number)
    return tuple(replace(one, tariff=_in_part(study, one.tariff, day)) for one in study.tariffs)


def _in_part(study: Study, tariff: Tariff, day: date) -> Tariff:
    charges = tuple(_charge_in_part(study, charge, day) for charge in tariff.demand_charges)
    return tariff if charges == tariff.demand_charges else replace(tariff, demand_charges=charges)


def _charge_in_part(study: Study, charge: DemandCharge, day: date) -> DemandCharge:
    """The charge with the part's share of its rates, to be shared by the nights that the study has left."""
    if charge.period != "year" or charge.weight not in ("remaining_days", "month"):
        return charge
    span = charge.span((day.year, day.month))
    nights = nights_in(study, span)
    if nights >= span.days:
        return charge
    share = nights / span.days
    return replace(
        charge,
        rate_per_kw=share * charge.rate_per_kw,
        tiers=scaled(charge.tiers, share),
        use_classes=tuple(replace(one, rate_per_kw=share * one.rate_per_kw) for one in charge.use_classes),
        last_day=study.date_of(study.nights - 1),
    )


def nights_in(study: Study, span: Span) -> int:
    """How many nights of the study begin in it."""
    first, end = max(study.first_night, span.begin), min(study.date_of(study.nights), span.end)
    return max(0, (end - first) // timedelta(days=1))


def years_in_part(study: Study) -> Iterator[YearInPart]:
    """Every billing year of every yearly charge that the nights are a part of."""
    last = study.date_of(study.nights - 1)
    for one in study.tariffs:
        for charge in one.tariff.demand_charges:
            day = study.first_night
            while charge.period == "year" and day <= last:
                span = charge.span((day.year, day.month))
                if (nights := nights_in(study, span)) < span.days:
                    yield YearInPart(one.id, charge.name, span, nights)
                day = span.end
