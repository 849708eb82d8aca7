"""The cheapest patterns of one type's packs: over lattices, (9.7), or along acceptance curves, (9.14)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from models.formulations.matrix import Array, Index
from models.formulations.patterns.curve_paths import POOL, STAY, CurvePaths
from models.formulations.patterns.lattices import Mask
from models.formulations.patterns.master import Patterns
from models.formulations.patterns.packs import PatternPacks
from models.formulations.patterns.shortest_paths import ShortestPaths, SlotPrices
from models.station.acceptance import reach_of_kind
from models.station.instance import Night
from models.tolerances import EQUAL

READY_SLOTS = 3  # patterns of one pack and round that are ready from different slots
APART = 3  # slots between those


class TypePricing(Protocol):
    """Prices the patterns of one type, again and again."""

    def at(self, prices: SlotPrices, pooled: Array) -> Array:
        """Least cost of each pack's patterns that charge; `pooled[f]`: what being ready from slot f on earns. Inf where
        there is none."""
        ...

    def patterns(self, row_duals: Array) -> Patterns:
        """Patterns that cost less than their pack's dual, at the prices looked at last."""
        ...

    def repowered(self, patterns: Patterns, is_short: Mask, per_kwh: Array) -> Patterns:
        """The patterns with the powers that cost least at these prices of a kWh by slot, where there are any;
        `is_short`: the last of its slots fills the pack and may be below the least power."""
        ...


def type_pricing(night: Night, packs: PatternPacks, *, ready_on_the_way: bool) -> TypePricing:
    """Lattices where a pack on a charger draws at least some power, whatever it holds; else along curves."""
    if packs.follows_curve:
        return CurvePricing(night, packs)
    return LatticePricing(packs, night.horizon.slots, ready_on_the_way=ready_on_the_way)


class LatticePricing:
    """Packs without acceptance curves."""

    def __init__(self, packs: PatternPacks, slots: int, *, ready_on_the_way: bool) -> None:
        self.packs = packs
        self.paths = ShortestPaths(packs, slots, ready_on_the_way=ready_on_the_way)

    def at(self, prices: SlotPrices, pooled: Array) -> Array:
        """As of TypePricing."""
        costs = self.paths.at(prices)
        self.stay_cost, self.ready_cost = costs.stay_cost, costs.ready_cost - pooled - self.packs.worth
        self.ready_cost[:, self.packs.dues.max(initial=-1) + 1 :] = np.inf
        return np.asarray(np.minimum(self.ready_cost.min(axis=1), self.stay_cost))

    def patterns(self, row_duals: Array) -> Patterns:
        """Of every pack the best pattern that stays and a few that are ready, if their reduced cost is negative."""
        rows, ready_from = [np.flatnonzero(self.stay_cost < row_duals)], []
        ready_from.append(np.full(len(rows[0]), -1))
        left = np.where(self.ready_cost < row_duals[:, None], self.ready_cost, np.inf)
        for _ in range(READY_SLOTS):
            best = left.argmin(axis=1) if left.size else np.zeros(0, dtype=np.int64)
            some = np.flatnonzero(np.isfinite(left[np.arange(len(left)), best]))
            rows.append(some)
            ready_from.append(best[some])
            near = np.abs(np.arange(left.shape[1]) - best[:, None]) < APART
            left[near] = np.inf
        row, slot = np.concatenate(rows), np.concatenate(ready_from)
        on, kwh = self.paths.trace(row, slot)
        return Patterns(row, slot, on, kwh)

    def repowered(self, patterns: Patterns, is_short: Mask, per_kwh: Array) -> Patterns:
        """As of TypePricing."""
        kwh = patterns.kwh.copy()
        found = [self._fill(patterns, n, bool(is_short[n]), per_kwh, kwh[n]) for n in range(len(kwh))]
        return Patterns(patterns.rows, patterns.ready_from, patterns.on, kwh).some(np.array(found, dtype=bool))

    def _fill(self, patterns: Patterns, n: int, is_short: bool, per_kwh: Array, whole: Array) -> bool:
        """The least in every slot, more in the cheapest as is needed or pays. Is that a pattern?"""
        packs, r, stays = self.packs, patterns.rows[n], patterns.ready_from[n] < 0
        slots = np.flatnonzero(patterns.on[n])
        cost = per_kwh[slots] + packs.wear_per_kwh
        room = packs.target_kwh - packs.energy_kwh[r]
        kwh = np.full(len(slots), packs.lo_kwh[r])
        needed = 0.0 if stays else max(0.0, packs.need_kwh - packs.energy_kwh[r])
        if is_short:
            kwh[-1], needed = 0.0, room
        worth = packs.end_value_per_kwh if stays else 0.0
        for place in np.argsort(cost, kind="stable").tolist():
            limit = (room if cost[place] < worth else needed) - kwh.sum()
            kwh[place] += min(max(limit, 0.0), packs.hi_kwh[r] - kwh[place])
        whole[slots] = kwh
        return bool(needed - EQUAL <= kwh.sum() <= room + EQUAL)


class CurvePricing:
    """Packs along their acceptance curves, those of one curve together."""

    def __init__(self, night: Night, packs: PatternPacks) -> None:
        self.packs = packs
        by_kind = defaultdict(list)
        for row, pack in enumerate(packs.packs):
            by_kind[night.kind_of(pack, packs.type)].append(row)
        station, horizon = night.station, night.horizon
        self.paths: Sequence[CurvePaths] = [
            CurvePaths(
                packs, np.array(rows), reach_of_kind(kind, station.chargers.max_kw, horizon.slot_hours), horizon.slots
            )
            for kind, rows in by_kind.items()
        ]
        self.slots = horizon.slots

    def at(self, prices: SlotPrices, pooled: Array) -> Array:
        """As of TypePricing."""
        earned = pooled.copy()
        earned[self.packs.dues.max(initial=-1) + 1 :] = -np.inf
        least = np.full(len(self.packs.packs), np.inf)
        for one in self.paths:
            least[one.rows] = np.minimum(*one.at(prices, earned))
        return least

    def patterns(self, row_duals: Array) -> Patterns:
        """Of every pack the best pattern that stays, and the best that is ready, if their reduced cost is negative."""
        parts = [self._of_kind(one, row_duals, kind) for one in self.paths for kind in (STAY, POOL)]
        if not parts:
            nothing: Index = np.zeros(0, dtype=np.int64)
            return Patterns(nothing, nothing, np.zeros((0, self.slots), dtype=bool), np.zeros((0, self.slots)))
        return Patterns(
            np.concatenate([part.rows for part in parts]),
            np.concatenate([part.ready_from for part in parts]),
            np.concatenate([part.on for part in parts]),
            np.concatenate([part.kwh for part in parts]),
        )

    def _of_kind(self, paths: CurvePaths, row_duals: Array, kind: int) -> Patterns:
        cost = paths.stay_cost if kind == STAY else paths.ready_cost
        some = np.flatnonzero(cost < row_duals[paths.rows])
        traced = paths.trace(some, kind)
        found = Patterns(paths.rows[some], traced.ready_from, traced.on, traced.kwh)
        return found.some(traced.is_kept)

    def repowered(self, patterns: Patterns, is_short: Mask, per_kwh: Array) -> Patterns:
        """As of TypePricing."""
        kwh, is_found = patterns.kwh.copy(), np.zeros(len(patterns), dtype=bool)
        for one in self.paths:
            mine = np.flatnonzero(np.isin(patterns.rows, one.rows))
            rows = np.searchsorted(one.rows, patterns.rows[mine])
            ready = patterns.ready_from[mine] >= 0
            kwh[mine], is_found[mine] = one.cheapest_powers(rows, patterns.on[mine], ready, per_kwh)
        return Patterns(patterns.rows, patterns.ready_from, patterns.on, kwh).some(is_found)
