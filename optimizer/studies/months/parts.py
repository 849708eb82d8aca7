"""The part of each billing month that a study's nights are, and what a kW costs in a night of such a part.

A part of a month stands for a whole one of such nights: it pays that share of what is charged by the month, and of
that each night that is left has its even share.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace

from models.tariff.part_of_month import tiers_of_share
from models.tariff.rate_steps import Steps, scaled
from models.tariff.tariff import Tariff, Weight, weighted
from optimizer.studies.study import Study, StudyTariff


@dataclass(frozen=True)
class NightOfPart:
    """A night in a month of which the study has a part. `share`: of the month; `nights_left`: tonight included."""

    share: float
    nights_left: int

    @property
    def weight(self) -> Steps:
        """The share of the month's rate that is at stake tonight, at any peak."""
        return ((0.0, self.share / self.nights_left),)

    def of_share(self, tariff: Tariff, names: Collection[str]) -> Tariff:
        """The tariff with shares of a whole month's rate by peak as those of the part's, for the charges `names`."""
        found: dict[str, Weight] = {
            charge.name: scaled(charge.weight, self.share)
            for charge in tariff.demand_charges
            if charge.name in names and isinstance(charge.weight, tuple)
        }
        return weighted(tariff, found)


def nights_of_parts(study: Study) -> list[NightOfPart | None]:
    """Of each night what is known of the month in which it begins; None where the study has all of that."""
    shares = study.month_shares
    begins = (study.horizon(number).local_slot_start(0) for number in range(study.nights))
    months = [(at.year, at.month) for at in begins]
    left, found = Counter(months), list[NightOfPart | None]()
    for month in months:
        found.append(None if shares[month] == 1 else NightOfPart(shares[month], left[month]))
        left[month] -= 1
    return found


def asks_for_the_month(tariff: Tariff) -> bool:
    """Whatever a forecast's spread says: a study's weight is what it states."""
    return any(charge.weight == "month" for charge in tariff.demand_charges)


def tariffs_of_part(tariffs: tuple[StudyTariff, ...], part: NightOfPart | None) -> tuple[StudyTariff, ...]:
    """The tariffs of a night in a part of a month: charges by the month that go by the days that are left go by its
    nights, and thresholds of the month's kWh are that share of them. Else as they are."""
    if part is None:
        return tariffs
    return tuple(replace(one, tariff=_in_part(one.tariff, part)) for one in tariffs)


def _in_part(tariff: Tariff, part: NightOfPart) -> Tariff:
    left: dict[str, Weight] = {
        charge.name: part.weight
        for charge in tariff.demand_charges
        if charge.weight == "remaining_days" and charge.period == "month"
    }
    tiers = tuple(tiers_of_share(group, part.share) for group in tariff.energy_tiers)
    return replace(weighted(tariff, left), energy_tiers=tiers)
