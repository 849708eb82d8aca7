"""Where a bill has more kW or kWh than its tariff has prices for."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Sequence

from models.errors import Problem
from models.tariff.bill import NOISE_DIGITS, BillLine
from models.tariff.billing_year import Month
from models.tariff.tariff import EnergyTiers, Tariff

REMEDY = "bill it under the tariff for larger customers"


def beyond_prices(tariff: Tariff, lines: Sequence[BillLine]) -> Iterator[Problem]:
    """A problem for each month and limit that is exceeded, places inside the tariff. `lines`: of its bill."""
    tiered = [line for line in lines if line.kind != "energy_tiers" or line.rate is None]  # no class's surcharge
    billed = {(line.month, line.kind, line.name): line.quantity for line in tiered}
    for (month, kind, name), quantity in billed.items():
        for index, charge in enumerate(tariff.demand_charges if kind == "demand" else ()):
            if charge.name == name and charge.most_kw is not None:
                yield from _beyond(f"demand_charges[{index}].most_kw", charge.most_kw, month, quantity, "kW")
        for index, group in enumerate(tariff.energy_tiers if kind == "energy_tiers" else ()):
            if group.name == name and group.most_kwh is not None:
                peak_kw = billed.get((month, "demand", group.per_kw_of or ""), 0.0)
                most_kwh = group.most_kwh * _times(group, month, peak_kw)
                yield from _beyond(f"energy_tiers[{index}].most_kwh", most_kwh, month, quantity, "kWh")


def _times(group: EnergyTiers, month: Month, peak_kw: float) -> float:
    """What a threshold of the group is multiplied by in a month."""
    days = calendar.monthrange(*month)[1] if group.per == "day" else 1
    return days * (1.0 if group.per_kw_of is None else peak_kw)


def _beyond(place: str, most: float, month: Month, quantity: float, unit: str) -> Iterator[Problem]:
    if round(quantity, NOISE_DIGITS) > most:
        rule = f"has no price beyond: {month[0]}-{month[1]:02d} has {quantity:,.10g} {unit}"
        yield Problem(place, most, rule, REMEDY)
