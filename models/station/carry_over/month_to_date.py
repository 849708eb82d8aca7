"""What a billing month has come to when a night is over: the next night's input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from models.station.instance import Night
from models.tariff.billing_year import Month
from models.tariff.series import TieredEnergy
from models.tariff.tier_use import highest_average_kw


@dataclass(frozen=True)
class MonthToDate:
    """A billing month when the night is over: what the next night of that month begins with.

    Highest metered average by demand charge (of a yearly one that of the billing year which the month lies in) and kWh
    by group of energy tiers, those before tonight included.
    """

    month: Month
    peak_kw: dict[str, float]
    energy_kwh: dict[str, float]


def month_to_date(night: Night, drawn_kw: Sequence[float], month: Month | None = None) -> MonthToDate:
    """The state of one of the horizon's months, by default of the last one, after `drawn_kw` (kW by slot)."""
    series, hours = night.tariff_series, night.horizon.slot_hours
    month = month or series.months[-1]
    so_far_kw = night.station.peak_so_far_kw
    peaks = {
        demand.name: max(
            so_far_kw.get(demand.name, 0.0) if demand.is_first else 0.0, highest_average_kw(demand, drawn_kw)
        )
        for demand in series.demands
        if demand.holds(month)
    }
    energy = {
        tiers.name: max(0.0, night.energy_so_far_kwh(tiers) + _kwh(tiers, drawn_kw, hours))
        for tiers in series.tiers
        if tiers.month == month
    }
    return MonthToDate(month, peaks, energy)


def lookback_at(night: Night, drawn_kw: Sequence[float], month: Month) -> dict[str, float]:
    """Highest metered average in kW of the months before `month`, one of the horizon's, by demand charge with a ratchet
    that looks back at them: what the night begins with, and those of its months that are over by then."""
    lookback_kw = dict(night.station.lookback_peak_kw)
    for over in takewhile(lambda one: one != month, night.tariff_series.months):
        peaks = month_to_date(night, drawn_kw, over).peak_kw
        for charge in night.station.tariff.demand_charges:
            if charge.ratchet is not None and charge.ratchet.counts(over[1]) and peaks.get(charge.name):
                lookback_kw[charge.name] = max(lookback_kw.get(charge.name, 0.0), peaks[charge.name])
    return lookback_kw


def _kwh(tiers: TieredEnergy, drawn_kw: Sequence[float], hours: float) -> float:
    return sum(share * drawn_kw[slot] * hours for slot, share in tiers.slots)
