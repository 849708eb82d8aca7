"""What charging may move at the cost in hand: load limits by slot, and what a kWh into a pack costs in each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.formulations.matrix import Array
from models.station.instance import Night
from models.station.schedule import Schedule
from models.tariff.tier_use import highest_average_kw, use_after
from models.tolerances import EQUAL


@dataclass(frozen=True)
class Room:
    """`limit_kw`: most power into all packs together, by slot; `price_per_kwh`: of a kWh into a pack, by slot.

    Below the limits no billed peak rises. Where the sun has power to spare, only that much may be used, and it is free.
    `sun_kw`: what it gives packs, `bought_per_kwh`: the price beyond that, by slot.
    """

    limit_kw: Array
    price_per_kwh: Array
    sun_kw: Array
    bought_per_kwh: Array

    def more(self, slots: slice, before_kw: Array, after_kw: Array) -> float:
        """What one load in `slots` costs more than another, in currency per hour."""
        bought = np.maximum(after_kw - self.sun_kw[slots], 0.0) - np.maximum(before_kw - self.sun_kw[slots], 0.0)
        return float(self.bought_per_kwh[slots] @ bought)


def room_of(night: Night, schedule: Schedule, load_kw: Array) -> Room:
    """The room around a load on the packs of `load_kw` by slot, all together, instead of that of `schedule`."""
    station, eta = night.station, night.station.chargers.efficiency
    sun_kw = usable_sun_kw(night, schedule)
    base_kw = np.array(station.base_load_kw)
    drawn_kw = np.maximum(load_kw / eta + base_kw - sun_kw, 0.0)
    limit_kw = eta * (np.array(station.grid_limit_kw) - base_kw + sun_kw)
    for demand in night.tariff_series.demands:
        billed_kw = max(night.demand_floor_kw(demand), highest_average_kw(demand, drawn_kw.tolist()))
        for interval in demand.intervals:
            slots, shares = (np.array(part) for part in zip(*interval, strict=True))
            slack_kw = max(0.0, billed_kw - float(shares @ drawn_kw[slots])) / float(shares.sum())
            limit_kw[slots] = np.minimum(limit_kw[slots], load_kw[slots] + eta * slack_kw)
    price = _prices(night, drawn_kw) / eta
    spare_kw = eta * (sun_kw - base_kw)
    is_free = (spare_kw > EQUAL) & (price > 0) & (load_kw < spare_kw)
    limit_kw = np.where(is_free, np.minimum(limit_kw, spare_kw), limit_kw)
    return Room(np.maximum(limit_kw, load_kw), np.where(is_free, 0.0, price), np.maximum(spare_kw, 0.0), price)


def usable_sun_kw(night: Night, schedule: Schedule) -> Array:
    """All there is; where a kWh bought earns money, what the schedule uses."""
    sun_kw = np.array(night.station.solar_kw)
    if not sun_kw.any():
        return sun_kw
    used_kw = np.array(schedule.solar_used_kw or np.zeros(len(sun_kw)))
    return np.where(np.array(night.tariff_series.price_per_kwh) < 0, np.minimum(used_kw, sun_kw), sun_kw)


def _prices(night: Night, drawn_kw: Array) -> Array:
    """By slot, per kWh drawn, with what tiers add at the month's kWh that the night ends with."""
    series = night.tariff_series
    price = np.array(series.price_per_kwh)
    for tiers in series.tiers:
        _, counted_kwh, peak_kw = use_after(night, tiers, drawn_kw.tolist())
        for slot, share in tiers.slots:
            price[slot] += share * tiers.rate_at(counted_kwh, peak_kw)
    return price
