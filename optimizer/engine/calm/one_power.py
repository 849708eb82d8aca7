"""Blocks of several powers moved to where there is room for one."""

from __future__ import annotations

import math

import numpy as np

from models.formulations.matrix import Array
from models.tolerances import EQUAL, IDLE_KW
from optimizer.engine.calm.blocks import SMALLEST_KW, edges
from optimizer.engine.calm.levels import stepped_kw
from optimizer.engine.calm.stay_powers import StayPowers

LONGER = 2  # slots by which a block may grow for the sake of one power
SAME_POWER_DIGITS = 3


def even_out_blocks(powers: StayPowers, step_kw: float) -> None:
    """Charge each stay that has several powers at one price in one block at one power, the last slot with what is left,
    if the others leave room for that: in the first such place, in as few slots as can be."""
    station = powers.night.station
    if station.switches_count or station.chargers.min_kw > 0 or any(station.ready_reserve):
        return
    for s in powers.by_time:
        stay = powers.stays[s]
        own_kw = powers.power_kw[s, stay.charge_from : stay.leave]
        if _is_uneven(own_kw) and not powers.night.pack_types[stay.type].has_curve:
            found = _at_one_power(powers, s, own_kw, step_kw)
            if found is not None and powers.more(s, found) <= EQUAL * max(1.0, float(found.sum())):
                powers.put(s, found)


def _is_uneven(own_kw: Array) -> bool:
    used = np.round(own_kw[own_kw > IDLE_KW], SAME_POWER_DIGITS)
    return len(used) > 1 and bool((used[:-1] != used[0]).any() or used[-1] > used[0])


def _at_one_power(powers: StayPowers, s: int, own_kw: Array, step_kw: float) -> Array | None:
    stay = powers.stays[s]
    price = powers.room.price_per_kwh[stay.charge_from : stay.leave]
    used = price[own_kw > IDLE_KW]
    room_kw = np.where(np.abs(price - used[0]) <= EQUAL, powers.room_kw(s), 0.0)
    wanted_kw, most_kw = float(own_kw.sum()), float(room_kw.max())
    if used.max() - used.min() > EQUAL or most_kw <= SMALLEST_KW:
        return None
    fewest = math.ceil(wanted_kw / most_kw - EQUAL)
    for count in range(fewest, fewest + LONGER + 1):
        level_kw = min(stepped_kw(wanted_kw / count, step_kw), most_kw)
        rest_kw = wanted_kw - level_kw * (count - 1)
        runs = [first for first, end in edges(room_kw >= level_kw - EQUAL) if end - first >= count]
        if runs and 0 < rest_kw <= level_kw + EQUAL:
            found = np.zeros_like(own_kw)
            found[runs[0] : runs[0] + count] = level_kw
            found[runs[0] + count - 1] = rest_kw
            return found
    return None
