"""Stepped rates where a night can reach them: what (1.3) and (1.4) of models/README.md are made of."""

from __future__ import annotations

from models.instance import Night
from models.steps import Segment, segments
from models.tariff_series import MeteredDemand, TariffSeries, TieredEnergy


def highest_kw(night: Night, demand: MeteredDemand) -> float:
    """The highest peak that tonight can be billed."""
    return max(night.demand_floor_kw(demand), *night.station.grid_limit_kw)


def demand_segments(night: Night, demand: MeteredDemand) -> list[Segment]:
    """Currency per kW between what is billed anyway and the highest peak that tonight can be billed."""
    return segments(demand.steps, night.demand_floor_kw(demand), highest_kw(night, demand))


def energy_segments(night: Night, tiers: TieredEnergy) -> list[Segment]:
    """Surcharge per kWh between the month's kWh so far and the most that tonight can add to them."""
    before_kwh = night.energy_so_far_kwh(tiers)
    limits = night.station.grid_limit_kw
    most_kwh = sum(share * limits[slot] * night.horizon.slot_hours for slot, share in tiers.slots)
    return segments(tiers.steps, before_kwh, before_kwh + most_kwh)


def dearest_per_kwh(series: TariffSeries) -> float:
    """No kWh costs or earns more, demand charges apart."""
    tiers = sum(max(abs(rate) for _, rate in group.steps) for group in series.tiers)
    return max(map(abs, series.price_per_kwh)) + tiers


def dearest_per_kw(series: TariffSeries) -> float:
    """No kW of any peak costs more, all demand charges together."""
    return sum(max(rate for _, rate in demand.steps) for demand in series.demands)
