"""Best powers without a solver: every stay in its own cheapest slots (section 3 of models/README.md).

Where nothing but the grid limit and the month's peaks so far tie the stays together, each is a knapsack like (6.1). If
powers can be found that are cheapest for every stay and together stay below those limits, no powers cost less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.formulations.matrix import Array, Index
from models.station.instance import Night
from models.station.stays import Stay
from models.tolerances import EQUAL


@dataclass(frozen=True)
class CheapestPowers:
    """Power in kW, shape (stays, slots), and what it costs, lost swaps and end value included, in currency."""

    objective: float
    power_kw: Array


def cheapest_powers(night: Night, stays: Sequence[Stay]) -> CheapestPowers | None:
    """The cheapest powers at the tariff's prices; None where an LP has to find them, or to say what is missing."""
    if not is_separable(night):
        return None
    free_kwh = _free_kwh(night)
    cost = np.array(night.tariff_series.price_per_kwh) / night.station.chargers.efficiency
    wanted = _wanted_kwh(night, stays, cost)
    if free_kwh is None or wanted is None:
        return None
    kwh = _fitted(_cheapest_fill(wanted, cost), wanted, cost, free_kwh)
    return None if kwh is None else CheapestPowers(_objective(night, stays, kwh, cost), kwh / night.horizon.slot_hours)


def is_separable(night: Night) -> bool:
    """Is a kWh's cost its slot's price, whatever else is charged, below the grid limit and the peaks so far?"""
    station, kinds = night.station, night.pack_types.values()
    is_plain = not any(kind.has_curve or kind.wear for kind in kinds)
    return is_plain and not (night.tariff_series.tiers or any(station.solar_kw) or any(station.ready_reserve))


def _free_kwh(night: Night) -> Array | None:
    """What packs can take in each slot below the grid limit, peaks so far and chargers; None if base load is above."""
    station = night.station
    most_kw = np.array(station.grid_limit_kw)
    for demand in night.tariff_series.demands:
        metered = [slot for interval in demand.intervals for slot, _ in interval]
        most_kw[metered] = np.minimum(most_kw[metered], night.demand_floor_kw(demand))
    free_kw = most_kw - np.array(station.base_load_kw)
    charger_kw = station.chargers.count * station.chargers.max_kw
    if free_kw.min() < 0:
        return None
    return np.asarray(np.minimum(free_kw * station.chargers.efficiency, charger_kw) * night.horizon.slot_hours)


@dataclass(frozen=True)
class _WantedKwh:
    """What each stay is to charge at least cost, by stay: energy, most in one slot, first slot, slot of leaving."""

    total: Array
    most: Array
    first: Index
    leave: Index


def _wanted_kwh(night: Night, stays: Sequence[Stay], cost: Array) -> _WantedKwh | None:
    """What is needed, and what is worth more than it costs, as far as there is room; None where it cannot be had."""
    hours = night.horizon.slot_hours
    worth = np.array([0.0 if one.swap else night.end_value_per_kwh(night.pack_types[one.type]) for one in stays])
    start = np.array([one.start_kwh for one in stays])
    room = np.array([night.pack_types[one.type].target_kwh for one in stays]) - start
    need = np.maximum(np.array([one.need_kwh for one in stays]) - start, 0.0)
    first = np.array([one.charge_from for one in stays], dtype=np.int64)  # a station may have no packs
    leave = np.array([one.leave for one in stays], dtype=np.int64)
    most = hours * np.maximum(np.minimum(room / hours, night.station.chargers.max_kw), 0.0)  # there are no curves
    pays = np.concatenate([np.zeros((len(stays), 1)), np.cumsum(cost < worth[:, None] - EQUAL, axis=1)], axis=1)
    paying = pays[np.arange(len(stays)), np.maximum(leave, first)] - pays[np.arange(len(stays)), first]
    if (need > most * np.maximum(leave - first, 0) + EQUAL).any():
        return None
    return _WantedKwh(np.maximum(need, np.minimum(room, most * paying)), most, first, leave)


def _cheapest_fill(wanted: _WantedKwh, cost: Array) -> Array:
    """Energy by stay and slot: the cheapest slots of each window first, of equal ones the earliest."""
    order = np.argsort(cost, kind="stable")
    inside = (order >= wanted.first[:, None]) & (order < wanted.leave[:, None])
    most = inside * wanted.most[:, None]
    kwh = np.zeros(inside.shape)
    kwh[:, order] = np.clip(wanted.total[:, None] - (np.cumsum(most, axis=1) - most), 0.0, most)
    return kwh


def _fitted(kwh: Array, wanted: _WantedKwh, cost: Array, free_kwh: Array) -> Array | None:
    """The same energy for every stay at the same cost, below `free_kwh` in sum; None where none is found.

    Slots cheaper than the dearest that a stay uses are full in every cheapest choice; those as dear can be exchanged.
    """
    if (kwh.sum(axis=0) <= free_kwh).all():
        return kwh
    dearest = np.where(kwh > 0, cost, -np.inf).max(axis=1, initial=-np.inf)
    slots = np.arange(len(cost))
    inside = (slots >= wanted.first[:, None]) & (slots < wanted.leave[:, None])
    last = inside & (np.abs(cost - dearest[:, None]) <= EQUAL)
    fixed = np.where(last, 0.0, kwh)
    left_kwh = free_kwh - fixed.sum(axis=0)
    amounts = np.where(last, kwh, 0.0).sum(axis=1)
    if left_kwh.min() < 0 or amounts.sum() > left_kwh[last.any(axis=0)].sum() + EQUAL:
        return None
    return _placed(fixed, last, amounts, wanted.most, left_kwh)


def _placed(fixed: Array, last: Array, amounts: Array, most: Array, left_kwh: Array) -> Array | None:
    """`amounts` put into the slots `last` of each stay, the stay whose last slot comes first before the others."""
    end = np.where(last.any(axis=1), last.shape[1] - 1 - last[:, ::-1].argmax(axis=1), -1)
    for s in np.lexsort((last.sum(axis=1), end)).tolist():
        if amounts[s] > 0:
            slots = np.flatnonzero(last[s])
            most_kwh = np.minimum(left_kwh[slots], most[s])
            filled = np.clip(amounts[s] - (np.cumsum(most_kwh) - most_kwh), 0.0, most_kwh)
            if filled.sum() < amounts[s] - EQUAL:
                return None
            fixed[s, slots] = filled
            left_kwh[slots] -= filled
    return fixed


def _objective(night: Night, stays: Sequence[Stay], kwh: Array, cost: Array) -> float:
    """Energy of base load and packs, lost swaps, less the worth of what the packs that stay hold."""
    base_kwh = np.array(night.station.base_load_kw) * night.horizon.slot_hours
    served = {stay.swap for stay in stays}
    lost = sum(swap.lost_cost for swap in night.station.swaps if swap.id not in served) + night.station.fixed_cost
    kept = [night.end_value_per_kwh(night.pack_types[one.type]) if one.swap is None else 0.0 for one in stays]
    held_kwh = np.array([one.start_kwh for one in stays]) + kwh.sum(axis=1)
    return float(
        kwh.sum(axis=0) @ cost + base_kwh @ night.tariff_series.price_per_kwh + lost - np.array(kept) @ held_kwh
    )
