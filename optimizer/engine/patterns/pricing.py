"""Pricing of charging patterns, (9.7) and (9.8) of models/README.md: a lower bound, and patterns worth adding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.formulations.matrix import Array, Index, Matrix
from models.formulations.patterns.lattices import Mask
from models.formulations.patterns.master import PatternMaster, Patterns
from models.formulations.patterns.packs import PatternPacks
from models.formulations.patterns.shortest_paths import Paths, ShortestPaths
from models.tolerances import EQUAL, MASTER_WEIGHT
from optimizer.engine.highs import dual_bound

READY_SLOTS = 3  # patterns of one pack and round that are ready from different slots
APART = 3  # slots between those


@dataclass(frozen=True)
class PatternPricing:
    """The bound at some duals, and by type the patterns of negative reduced cost."""

    bound: float
    patterns: tuple[Patterns, ...]


def price_patterns(
    master: PatternMaster, paths: Sequence[ShortestPaths], row_dual: Array, wanted: Sequence[Mask] | None = None
) -> PatternPricing:
    """The least cost of any plan when the shared rows are priced at `row_dual`, of all rows of the programme.

    `wanted`: by type, the packs whose patterns are of use; None: all.
    """
    dual = _usable(master.matrix, row_dual)
    shared = dual[: master.bill.shape[0]]
    prices = master.prices(shared)
    total, found = dual_bound(master.bill, shared), []
    earned_from = _from_slot_on(prices.ready)
    for k, priced in enumerate(paths):
        packs = master.packs[k]
        pooled = _pooled(packs, dual[master.pool_rows[k]], earned_from)
        costs = priced.at(prices)
        ready = costs.ready_cost - pooled - packs.worth
        ready[:, packs.dues.max(initial=-1) + 1 :] = np.inf
        least = np.minimum(_unplugged(packs, pooled, earned_from), np.minimum(ready.min(axis=1), costs.stay_cost))
        total += float(least[: packs.initial].sum()) + _swap_costs(packs, least, pooled)
        row_duals = dual[master.pack_rows[k]] - MASTER_WEIGHT
        if wanted is not None:
            row_duals = np.where(wanted[k], row_duals, -np.inf)
        found.append(_traced(priced, Paths(ready, costs.stay_cost), row_duals))
    return PatternPricing(total, tuple(found))


def _usable(matrix: Matrix, row_dual: Array) -> Array:
    """The duals, 0 where their sign has no finite side: rounding noise of a zero."""
    side = np.where(row_dual > 0, matrix.row_low, matrix.row_high)
    return np.where(np.isfinite(side), row_dual, 0.0)


def _from_slot_on(values: Array) -> Array:
    """Sums from each slot to the end, shape (slots + 1)."""
    return np.concatenate([np.cumsum(values[::-1])[::-1], [0.0]])


def _pooled(packs: PatternPacks, dual: Array, earned_from: Array) -> Array:
    """What a pack earns that is ready from each slot on: duals of (9.4) of later slots, and of the reserve."""
    at = np.zeros(len(earned_from) - 1)
    at[packs.dues] = dual
    return _from_slot_on(at) + earned_from


def _unplugged(packs: PatternPacks, pooled: Array, earned_from: Array) -> Array:
    """Least cost of a pack that never charges: it stays, or is handed over as it came."""
    counts = packs.energy_kwh >= packs.ready_kwh - EQUAL
    there = np.where(counts, earned_from[packs.arrive], 0.0)
    stays = -packs.end_value_per_kwh * packs.energy_kwh - there
    available = np.minimum(packs.available, len(pooled) - 1)
    waiting = np.where(counts, earned_from[packs.arrive] - earned_from[available], 0.0)
    leaves = -pooled[available] - waiting - packs.worth
    can_leave = packs.is_ready & (packs.available <= packs.dues.max(initial=-1))
    return np.asarray(np.minimum(stays, np.where(can_leave, leaves, np.inf)))


def _swap_costs(packs: PatternPacks, least: Array, pooled: Array) -> float:
    """Every swap is lost, or served with what it brings: the cheaper of the two."""
    lost = np.array([swap.lost_cost for swap in packs.swaps])
    brought = np.where(packs.brings >= 0, least[packs.brings], 0.0) if len(least) else np.zeros(len(lost))
    return float(np.minimum(lost, packs.worth + brought + pooled[packs.due]).sum())


def _traced(priced: ShortestPaths, costs: Paths, row_duals: Array) -> Patterns:
    """Of every pack the best pattern that stays and a few that are ready, if their reduced cost is negative."""
    rows, ready_from = [np.flatnonzero(costs.stay_cost < row_duals)], []
    ready_from.append(np.full(len(rows[0]), -1))
    left = np.where(costs.ready_cost < row_duals[:, None], costs.ready_cost, np.inf)
    for _ in range(READY_SLOTS):
        best = left.argmin(axis=1) if left.size else np.zeros(0, dtype=np.int64)
        some = np.flatnonzero(np.isfinite(left[np.arange(len(left)), best]))
        rows.append(some)
        ready_from.append(best[some])
        near = np.abs(np.arange(left.shape[1]) - best[:, None]) < APART
        left[near] = np.inf
    row, slot = np.concatenate(rows), np.concatenate(ready_from)
    return _patterns(priced, row, slot)


def _patterns(priced: ShortestPaths, rows: Index, ready_from: Index) -> Patterns:
    on, kwh = priced.trace(rows, ready_from)
    return Patterns(rows, ready_from, on, kwh)


def idle_patterns(packs: PatternPacks, slots: int) -> Patterns:
    """Of every pack: it stays and never charges; or it is handed over as it came."""
    ready = np.flatnonzero(packs.is_ready & (packs.available <= packs.dues.max(initial=-1)))
    rows = np.concatenate([np.arange(len(packs.packs)), ready])
    ready_from = np.concatenate([np.full(len(packs.packs), -1), packs.available[ready]])
    nothing = np.zeros((len(rows), slots))
    return Patterns(rows, ready_from, nothing > 0, nothing)
