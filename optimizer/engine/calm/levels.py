"""One power a block where there is room for it, in steps that a charger can be set to."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from models.formulations.matrix import Array, Index
from models.tolerances import EQUAL, IDLE_KW
from optimizer.engine.calm.blocks import Mask
from optimizer.engine.calm.stay_powers import StayPowers

ROUNDS = 8


class _Blocks(NamedTuple):
    """StayPowers at one price without a pause: cells of the powers, flat, and the block that each belongs to."""

    cells: Index
    block: Index
    is_last: Mask
    total_kw: Array
    slots: Index


def level_powers(charging: StayPowers, step_kw: float) -> None:
    """Every block at one power, rounded up to a multiple of `step_kw` (0: none), the last slot with what is then left.

    A block stays as it is where the load limit, the chargers or a curve leave no room for that, and where a reserve
    asks when packs become ready.
    """
    station = charging.night.station
    if station.chargers.mode == "on_off" or any(station.ready_reserve):
        return
    blocks = _blocks_of(charging)
    if not len(blocks.cells):
        return
    old = charging.power_kw.ravel()[blocks.cells]
    new = _one_power_each(blocks, step_kw, station.chargers.max_kw, station.chargers.min_kw, old)
    for _ in range(ROUNDS):
        powers = charging.power_kw.copy()
        powers.reshape(-1)[blocks.cells] = new
        over = powers.sum(axis=0) > charging.room.limit_kw + EQUAL
        if not over.any():
            load_kw = powers.sum(axis=0)
            if charging.room.more(slice(None), charging.load_kw, load_kw) > EQUAL * max(1.0, float(load_kw.sum())):
                return  # less in a slot than the sun gives
            charging.power_kw[:] = powers
            charging.load_kw = load_kw
            charging.busy = (powers > IDLE_KW).sum(axis=0)
            return
        raises = over[blocks.cells % powers.shape[1]] & (new > old)
        undone = np.isin(blocks.block, blocks.block[raises])
        new = np.where(undone, old, new)


def _blocks_of(charging: StayPowers) -> _Blocks:
    """Those of packs without an acceptance curve."""
    kinds, price = charging.night.pack_types, charging.room.price_per_kwh
    plain = np.array([not kinds[stay.type].has_curve for stay in charging.stays], dtype=bool)
    on = (charging.power_kw > IDLE_KW) & plain[:, None]
    goes_on = np.zeros_like(on)
    goes_on[:, 1:] = on[:, :-1] & (np.abs(np.diff(price)) <= EQUAL)
    cells = np.flatnonzero(on)
    begins = (on & ~goes_on).ravel()[cells]
    block = np.cumsum(begins) - 1
    is_last = np.append(begins[1:], True)[: len(cells)]
    total_kw = np.asarray(np.bincount(block, charging.power_kw.ravel()[cells]), dtype=float)
    return _Blocks(cells, block, is_last, total_kw, np.bincount(block).astype(np.int64))


def stepped_kw(power_kw: float, step_kw: float) -> float:
    """Rounded up to a multiple of `step_kw`, 0: not at all."""
    return round(math.ceil(power_kw / step_kw - EQUAL) * step_kw, STEP_DIGITS) if step_kw > 0 else power_kw


def _one_power_each(blocks: _Blocks, step_kw: float, most_kw: float, least_kw: float, old: Array) -> Array:
    mean_kw = blocks.total_kw / blocks.slots
    level_kw = mean_kw.copy()
    if step_kw > 0:
        level_kw = np.asarray([stepped_kw(kw, step_kw) for kw in mean_kw.tolist()])
    rest_kw = blocks.total_kw - level_kw * (blocks.slots - 1)
    is_stepped = (level_kw <= most_kw) & (rest_kw > 0) & (rest_kw >= np.minimum(least_kw, level_kw))
    level_kw, rest_kw = np.where(is_stepped, level_kw, mean_kw), np.where(is_stepped, rest_kw, mean_kw)
    new = np.where(blocks.is_last, rest_kw[blocks.block], level_kw[blocks.block])
    return np.where((mean_kw >= least_kw)[blocks.block], new, old)


STEP_DIGITS = 9  # a multiple of 0.1 kW as it is written
