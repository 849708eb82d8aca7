"""Stepped rates where a night can reach them: what (1.3) and (1.4) of models/README.md are made of."""

from __future__ import annotations

from models.station.instance import Night
from models.tariff.rate_steps import Segment, segments
from models.tariff.series import MeteredDemand, TariffSeries, TieredEnergy
from models.tariff.tier_use import highest_average_kw


def highest_kw(night: Night, demand: MeteredDemand) -> float:
    """The highest peak that tonight can be billed; of a charge with a credit, as near as chargers say it."""
    if not has_credit(demand):
        return max(night.demand_floor_kw(demand), *night.station.grid_limit_kw)
    station = night.station
    full_kw = night.reach_full_kwh / (station.chargers.efficiency * night.horizon.slot_hours)
    charging_kw = station.chargers.count * full_kw
    loads = zip(station.grid_limit_kw, station.base_load_kw, strict=True)
    most_kw = [min(limit, base + charging_kw) for limit, base in loads]
    return max(night.demand_floor_kw(demand), highest_average_kw(demand, most_kw))


def has_credit(demand: MeteredDemand) -> bool:
    """Is any rate below 0, so that a higher peak may cost less?"""
    return any(rate < 0 for _, rate in demand.steps)


def peaks_above(night: Night) -> list[tuple[int, int, float]]:
    """(1.9) Charges with a credit, others that meter all that these do, and by how much these may lie above, in kW."""
    demands = night.tariff_series.demands
    return [
        (d, other, max(0.0, night.demand_floor_kw(one) - night.demand_floor_kw(above)))
        for d, one in enumerate(demands)
        if has_credit(one)
        for other, above in enumerate(demands)
        if above.month == one.month and not has_credit(above) and set(one.intervals) <= set(above.intervals)
    ]


def demand_segments(night: Night, demand: MeteredDemand) -> list[Segment]:
    """Currency per kW between what is billed anyway and the highest peak that tonight can be billed."""
    return segments(demand.steps, night.demand_floor_kw(demand), highest_kw(night, demand))


def energy_segments(night: Night, tiers: TieredEnergy) -> list[Segment]:
    """Surcharge per kWh between the month's kWh so far and the most that tonight can add to them."""
    before_kwh = night.energy_so_far_kwh(tiers)
    return segments(tiers.steps, before_kwh, before_kwh + most_kwh(night, tiers))


def is_polyline(tiers: TieredEnergy) -> bool:
    """Is their cost a polyline of tonight's kWh alone?"""
    return tiers.peak is None and tiers.counted is None


def most_kwh(night: Night, tiers: TieredEnergy) -> float:
    """The most that tonight can add to the month's kWh of a group."""
    station, hours = night.station, night.horizon.slot_hours
    limit_kwh = sum(share * station.grid_limit_kw[slot] * hours for slot, share in tiers.slots)
    base_kwh = sum(share * station.base_load_kw[slot] * hours for slot, share in tiers.slots)
    return min(limit_kwh, base_kwh + _room_kwh(night) / station.chargers.efficiency)


def _room_kwh(night: Night) -> float:
    """What all packs together can take: those of the start, and those that drivers bring."""
    kinds = night.pack_types
    starts = [(kinds[pack.type], pack.soc) for pack in night.station.packs]
    brought = [
        (kinds[swap.type], swap.returned_soc) for swap in night.by_pack.station.swaps if swap.returned_soc is not None
    ]
    return sum(max(0.0, kind.target_kwh - soc * kind.capacity_kwh) for kind, soc in (*starts, *brought))


def dearest_per_kwh(series: TariffSeries) -> float:
    """No kWh costs or earns more, demand charges apart."""
    tiers = sum(group.dearest_per_kwh for group in series.tiers)
    return max(map(abs, series.price_per_kwh)) + tiers


def dearest_per_kw(series: TariffSeries) -> float:
    """No kW of any peak costs more, all demand charges and thresholds for each kW together."""
    return sum(max(abs(rate) for _, rate in demand.steps) for demand in series.demands) + sum(
        group.dearest_per_kw for group in series.tiers
    )
