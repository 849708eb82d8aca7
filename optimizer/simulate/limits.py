"""Powers cut to what grid and chargers allow, first come in a given order; on many days at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.station.demand.rule import ControlRule
from models.tolerances import IDLE_KW
from optimizer.simulate.charging import FORGIVEN_KW, SlotPacks
from optimizer.simulate.station_arrays import Floats, StationArrays


@dataclass(frozen=True)
class SlotRoom:
    """kW into packs that fit, by day; `above_kw`: what partial slots may take above their average."""

    kw: Floats
    above_kw: float


def room_in_slot(arrays: StationArrays, packs: SlotPacks, slot: int, planned_slot: int, rule: ControlRule) -> SlotRoom:
    """(13.7) the rule's limit where it is less than the grid's; only the grid's while too few packs are ready."""
    station = arrays.station
    grid_kw = station.grid_limit_kw[slot]
    limit_kw = np.full(len(packs.energy_kwh), grid_kw)
    if rule.limit_kw:
        urgent = rule.urgent_ready[planned_slot] if rule.urgent_ready else 0
        calm = packs.ready.sum(axis=1) >= urgent
        limit_kw[calm] = min(grid_kw, rule.limit_kw[planned_slot])
    eta = station.chargers.efficiency
    into_packs_kw = eta * (limit_kw + FORGIVEN_KW - station.base_load_kw[slot] + station.solar_kw[slot])
    return SlotRoom(np.maximum(0.0, into_packs_kw), eta * grid_kw)


def within_limits(arrays: StationArrays, packs: SlotPacks, kw: Floats, first: Floats, room: SlotRoom) -> Floats:
    """(13.8) as much of `kw` as fits into room and chargers, packs in the order of `first`, smallest first."""
    at_once_kw = arrays.at_once_kw(packs.energy_kwh, packs.at_start, kw)
    is_too_much = (at_once_kw.sum(axis=1) > room.kw) | ((kw > 0).sum(axis=1) > arrays.chargers.count)
    if arrays.is_at_once:
        is_too_much |= (at_once_kw - kw).sum(axis=1) > room.above_kw
    days = np.flatnonzero(is_too_much)
    if not len(days):
        return kw
    cut = kw.copy()
    order = np.argsort(np.where(kw[days] > 0, first[days], np.inf), axis=1, kind="stable")
    wanted = np.take_along_axis(kw[days], order, axis=1)
    more = np.take_along_axis(at_once_kw[days] - kw[days], order, axis=1)
    taken = _greedy(arrays, wanted, more, room.kw[days], room.above_kw)
    unsorted = np.empty_like(taken)
    np.put_along_axis(unsorted, order, taken, axis=1)
    cut[days] = unsorted
    return cut


def _greedy(arrays: StationArrays, wanted: Floats, more: Floats, left_kw: Floats, above_kw: float) -> Floats:
    """Column by column. A charger that can be set takes what is left, no less than its least power; one that is on or
    off, or fills a pack in part of the slot, all of it or nothing."""
    taken = np.zeros_like(wanted)
    left_kw, left_above = left_kw.copy(), np.full(len(left_kw), above_kw)
    chargers = np.full(len(left_kw), arrays.chargers.count)
    is_whole = arrays.chargers.mode == "on_off"
    least_kw = max(arrays.chargers.min_kw, arrays.night.charging_kw if arrays.station.counts_plug_changes else IDLE_KW)
    for column in range(wanted.shape[1]):
        kw, above = wanted[:, column], more[:, column]
        fits = (kw + above <= left_kw) & (above <= left_above)
        part_kw = np.where((left_kw > least_kw) & (left_kw < kw) & (not is_whole), left_kw, 0.0)
        kw = np.where(chargers > 0, np.where(fits, kw, part_kw), 0.0)
        above = np.where(fits & (kw > 0), above, 0.0)
        taken[:, column] = kw
        left_kw -= kw + above
        left_above -= above
        chargers -= kw > 0
    return taken
