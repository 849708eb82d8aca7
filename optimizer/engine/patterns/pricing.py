"""Pricing of charging patterns, (9.7) and (9.8) of models/README.md: a lower bound, and patterns worth adding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.formulations.matrix import Array, Matrix
from models.formulations.patterns.lattices import Mask
from models.formulations.patterns.master import PatternMaster, Patterns
from models.formulations.patterns.packs import PatternPacks
from models.tolerances import EQUAL, MASTER_WEIGHT
from optimizer.engine.highs import dual_bound
from optimizer.engine.patterns.type_pricing import TypePricing


@dataclass(frozen=True)
class PatternPricing:
    """The bound at some duals, and by pool the patterns of negative reduced cost."""

    bound: float
    patterns: tuple[Patterns, ...]


def price_patterns(
    master: PatternMaster, pricings: Sequence[TypePricing], row_dual: Array, wanted: Sequence[Mask] | None = None
) -> PatternPricing:
    """The least cost of any plan when the shared rows are priced at `row_dual`, of all rows of the programme.

    `wanted`: by pool, the packs whose patterns are of use; None: all.
    """
    dual = _usable(master.matrix, row_dual)
    shared = dual[: master.bill.shape[0]]
    prices = master.prices(shared)
    total, found = dual_bound(master.bill, shared), []
    earned_from = _from_slot_on(prices.ready)
    best = {one.type: np.full(len(one.packs), np.inf) for one in master.packs if one.is_first}
    pooled = [
        _pooled(packs, dual[rows], earned_from) for packs, rows in zip(master.packs, master.pool_rows, strict=True)
    ]
    for k, (packs, pricing) in enumerate(zip(master.packs, pricings, strict=True)):
        least = np.minimum(_unplugged(packs, pooled[k], earned_from), pricing.at(prices, pooled[k]))
        best[packs.type][packs.of_type] = np.minimum(best[packs.type][packs.of_type], least)
        row_duals = dual[master.pack_rows[k]] - MASTER_WEIGHT
        if wanted is not None:
            row_duals = np.where(wanted[k], row_duals, -np.inf)
        patterns = pricing.patterns(row_duals)
        found.append(patterns if packs.is_first else patterns.some(patterns.ready_from >= 0))
    for packs, earned in zip(master.packs, pooled, strict=True):
        total += _swap_costs(packs, best[packs.type], earned)
        total += float(best[packs.type][: packs.initial].sum()) if packs.is_first else 0.0
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


def idle_patterns(packs: PatternPacks, slots: int) -> Patterns:
    """Of every pack: it stays and never charges, in the first pool of its type; or it is handed over as it came."""
    ready = np.flatnonzero(packs.is_ready & (packs.available <= packs.dues.max(initial=-1)))
    staying = np.arange(len(packs.packs) if packs.is_first else 0)
    rows = np.concatenate([staying, ready])
    ready_from = np.concatenate([np.full(len(staying), -1), packs.available[ready]])
    nothing = np.zeros((len(rows), slots))
    return Patterns(rows, ready_from, nothing > 0, nothing)
