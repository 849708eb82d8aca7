"""The fewest starts that powers of equal cost can have, by a MIP over the optimal face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.formulations.dispatch.starts import start_arrays
from models.formulations.matrix import Array, MatrixBuilder
from models.station.stays import Stay
from models.tolerances import IDLE_KW, MISSING_KWH, ROUNDED_SHARE
from optimizer.engine.calm.equal_cost import EqualCost
from optimizer.engine.search import Search

LEAST_KW = 5.0  # of what is on, but where a pack charges at less already
MOST_CELLS = 6000  # pairs of stay and slot: some ten seconds
NODES = 1  # the root settles nearly all nights, and a limit in nodes, not seconds, gives the same plan again


def with_fewest_starts(
    search: Search, face: EqualCost, stays: Sequence[Stay], power_kw: Array, seconds: float
) -> EqualCost | None:
    """The part of the face with the fewest starts, or with one for each pack that charges.

    Packs that stay are as full as `power_kw`, shape (stays, slots), has them. None where `seconds` or NODES are too few
    to find any, or there are more than MOST_CELLS pairs to look at.
    """
    cells = len(face.arrays.power_kw)
    if not 0 < cells <= MOST_CELLS or seconds <= 0:
        return None
    used_kw = power_kw[face.arrays.owner, face.arrays.slot]
    least_kw = np.where(used_kw > IDLE_KW, np.minimum(used_kw, LEAST_KW), LEAST_KW)
    full = _as_full(search, face, stays, power_kw)
    programme = start_arrays(face.arrays, full.face, least_kw)
    one_each = float((power_kw > IDLE_KW).any(axis=1).sum())
    options = {"mip_max_nodes": NODES, "mip_heuristic_effort": 0.0, "objective_target": one_each}
    answer = search.solve(programme.matrix, money_gap=0.5, seconds=seconds, options=options)
    if answer.point is None:
        return None
    on = answer.point[programme.on] > 0.5
    low, high = full.face.low.copy(), full.face.high.copy()
    columns = face.arrays.power_kw
    high[columns[~on]] = np.minimum(high[columns[~on]], IDLE_KW)
    low[columns[~on]] = np.minimum(low[columns[~on]], high[columns[~on]])
    low[columns[on]] = np.maximum(low[columns[on]], np.minimum(least_kw[on], high[columns[on]]))
    return replace(full, face=replace(full.face, low=low, high=high))


def _as_full(search: Search, face: EqualCost, stays: Sequence[Stay], power_kw: Array) -> EqualCost:
    """With a row for each pack that stays: it holds at the end what it is to hold, to the tolerance."""
    hours = search.night.horizon.slot_hours
    kept = np.flatnonzero([stay.swap is None and bool(stay.window) for stay in stays])
    b = MatrixBuilder.extending(face.face)
    rows = np.full(len(stays), -1)
    rows[kept] = b.rows(len(kept), hours * power_kw[kept].sum(axis=1) - ROUNDED_SHARE * MISSING_KWH)
    asked = rows[face.arrays.owner] >= 0
    b.put(rows[face.arrays.owner[asked]], face.arrays.power_kw[asked], hours)
    return replace(face, face=b.matrix())
