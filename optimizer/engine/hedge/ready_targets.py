"""Ready targets: packs wanted ready after the swaps of each slot, as a reserve that the plan of the expected day keeps.

Base stock, type by type: the quantile of the drivers who may come while a pack charges, less those expected, whom the
plan serves anyway; no more than stock levels keep ready on a middling day, for the rest would only be missing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from models.horizon import Horizon
from optimizer.engine.hedge.stage_levels import StageLevels
from optimizer.engine.hedge.type_stock import FloatArray, IntArray, TypeStock, panjer

QUANTILE = 0.99
TAIL = 8.0  # standard deviations above the mean up to which quantiles are looked for


def ready_targets(horizon: Horizon, levels: Sequence[tuple[TypeStock, StageLevels | None]]) -> tuple[int, ...]:
    """Of all types together, one value a slot; the same throughout an hour, so that people can say it."""
    wanted = np.zeros(horizon.slots, np.int64)
    for stock, found in levels:
        most = np.full(horizon.slots, stock.packs) if found is None else _median(found.ready)
        wanted += _by_hour(horizon, np.minimum(base_stock(stock), stock.packs), most)
    return tuple(wanted.tolist())


def base_stock(stock: TypeStock, quantile: float = QUANTILE) -> IntArray:
    """Packs wanted ready after each slot, for the drivers of the slots in which a pack charges, (T,)."""
    slots, lead = len(stock.mean), math.ceil(stock.slots_to_ready)
    total = np.concatenate([[0.0], np.cumsum(stock.mean)])
    ends = np.minimum(np.arange(slots) + 1 + lead, slots)
    mean = total[ends] - total[1:]
    ratio = np.maximum(1.0, stock.dispersion + mean * stock.day_sd**2)
    most = math.ceil(float((mean + TAIL * np.sqrt(mean * ratio)).max()) + TAIL)
    reached = np.cumsum(panjer(mean, ratio, most), axis=1) >= quantile
    more = reached.argmax(axis=1) - mean
    return np.asarray(np.maximum(0, np.ceil(more * stock.packs_a_driver)), np.int64)


def _median(chances: FloatArray) -> IntArray:
    """The median of ready packs in each slot."""
    return np.asarray((np.cumsum(chances, axis=1) >= 0.5).argmax(axis=1), np.int64)


def _by_hour(horizon: Horizon, wanted: IntArray, most: IntArray) -> IntArray:
    """What an hour wants at most, as far as all of it can have it."""
    each = max(1, 60 // horizon.slot_minutes)
    result = np.empty_like(wanted)
    for first in range(0, horizon.slots, each):
        hour = slice(first, first + each)
        result[hour] = min(int(wanted[hour].max()), int(most[hour].min()))
    return result
