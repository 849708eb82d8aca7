"""Dives: on-slots of a few packs fixed at a time, powers left open, with new patterns priced after each step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from models.formulations.matrix import Array, Index
from models.formulations.patterns.lattices import Mask
from models.formulations.patterns.master import Patterns
from models.tolerances import EQUAL, INTEGRALITY, MASTER_WEIGHT
from optimizer.engine.highs import LpPoint
from optimizer.engine.patterns.generation import PatternGeneration
from optimizer.engine.patterns.pool import Signature
from optimizer.engine.patterns.powers import Chosen
from optimizer.engine.patterns.pricing import price_patterns

ROUNDS = 3  # of pricing after each step
MOST_FAILURES = 60
Pack = tuple[int, int]  # type and row; (type, −1 − j): swap j that brings nothing


class Dives:
    """Dives in the restricted master problem of a generation, one after another; columns found stay in the pool."""

    def __init__(self, generation: PatternGeneration) -> None:
        self.generation, self.pool, self.master = generation, generation.pool, generation.master
        self.search = generation.search
        self._slack = self._add_slack()
        self._fixed: dict[Pack, Signature | bool] = {}
        self._banned: set[Signature] = set()

    def dive(self, share: float) -> Chosen | None:
        """Fix about half of `share` of the fractional packs a step. None where it leads nowhere or the time is up."""
        self._fixed, self._banned = {}, set()
        try:
            return self._run(share)
        finally:
            self._fixed, self._banned = {}, set()
            self._enter()

    def _run(self, share: float) -> Chosen | None:
        last: dict[Pack, Signature | bool] = {}
        failures = 0
        while self.search.seconds_left > 0:
            self._enter()
            found = self._solve()
            if found is None:
                return None
            if found.point[self._slack].sum() > MASTER_WEIGHT * 10 and last:
                failures += 1
                if failures > MOST_FAILURES:
                    return None
                last = self._undo(last)
                continue
            candidates = self._candidates(found.point)
            if not candidates:
                return self._chosen(found.point)
            count = max(1, int(share * len(candidates) / 2))
            last = {}
            for _, pack, choice in candidates:
                if len(last) < count:
                    last.setdefault(pack, choice)
            self._fixed |= last
        return None

    def _undo(self, last: Mapping[Pack, Signature | bool]) -> dict[Pack, Signature | bool]:
        """Take the last step back but for its first pack; where that was all, it is done otherwise."""
        for pack in last:
            del self._fixed[pack]
        first, choice = next(iter(last.items()))
        if len(last) > 1:
            self._fixed[first] = choice
            return {first: choice}
        if isinstance(choice, Signature):
            self._banned.add(choice)
        else:
            self._fixed[first] = not choice
        return {}

    def _solve(self) -> LpPoint | None:
        """The restricted master problem, its pool grown by what pricing finds."""
        found = self.pool.solve(self.search.seconds_left)
        for _ in range(ROUNDS):
            if found is None or self.search.seconds_left <= 0:
                break
            wanted = [self._is_open(k, len(packs.packs)) for k, packs in enumerate(self.master.packs)]
            priced = price_patterns(self.master, self.generation.paths, found.row_dual, wanted)
            added = sum(self.pool.add(k, self._allowed(k, some)) for k, some in enumerate(priced.patterns))
            added += self._refill(found.row_dual)
            if not added:
                break
            self._enter()
            found = self.pool.solve(self.search.seconds_left)
        return found

    def _is_open(self, k: int, rows: int) -> Mask:
        return np.array([(k, r) not in self._fixed for r in range(rows)], dtype=bool)

    def _allowed(self, k: int, patterns: Patterns) -> Patterns:
        if not self._banned:
            return patterns
        signatures = self.pool.signatures_of(k, patterns)
        return patterns.some(np.array([one not in self._banned for one in signatures], dtype=bool))

    def _refill(self, row_dual: Array) -> int:
        """Cheapest powers of the packs whose on-slots are fixed."""
        price = row_dual[self.master.shared.grid.balance] * self.master.kwh_to_grid_kw
        by_type: dict[int, list[tuple[Signature, Array]]] = defaultdict(list)
        for signature in self._fixed.values():
            if isinstance(signature, Signature) and any(signature.on):
                kwh = self._cheapest_kwh(signature, price)
                if kwh is not None:
                    by_type[signature.type].append((signature, kwh))
        added = 0
        for k, made in by_type.items():
            rows, ready = (np.array([getattr(one, name) for one, _ in made]) for name in ("row", "ready_from"))
            on = np.zeros((len(made), len(price)), dtype=bool)
            for n, (one, _) in enumerate(made):
                on[n, one.slots(len(price))] = True
            added += self.pool.add(k, Patterns(rows, ready, on, np.array([kwh for _, kwh in made])))
        return added

    def _cheapest_kwh(self, signature: Signature, price: Array) -> Array | None:
        """The least in every slot, more in the cheapest as is needed or pays."""
        packs = self.master.packs[signature.type]
        slots, r = signature.slots(len(price)), signature.row
        cost = price[slots] + packs.wear_per_kwh
        room = packs.target_kwh - packs.energy_kwh[r]
        kwh = np.full(len(slots), packs.lo_kwh[r])
        needed = max(0.0, packs.need_kwh - packs.energy_kwh[r]) if signature.ready_from >= 0 else 0.0
        if signature.is_short:
            kwh[-1], needed = 0.0, room
        worth = packs.end_value_per_kwh if signature.ready_from < 0 else 0.0
        for n in np.argsort(cost, kind="stable").tolist():
            limit = (room if cost[n] < worth else needed) - kwh.sum()
            kwh[n] += min(max(limit, 0.0), packs.hi_kwh[r] - kwh[n])
        if not needed - EQUAL <= kwh.sum() <= room + EQUAL:
            return None
        whole = np.zeros(len(price))
        whole[slots] = kwh
        return whole

    def _candidates(self, point: Array) -> list[tuple[float, Pack, Signature | bool]]:
        """What is fractional, largest shares first."""
        shares: dict[Signature, float] = defaultdict(float)
        weights = point[self.pool.column]
        for n in np.flatnonzero(weights > MASTER_WEIGHT).tolist():
            shares[self.pool.signatures[n]] += weights[n]
        found: list[tuple[float, Pack, Signature | bool]] = [
            (share, (one.type, one.row), one)
            for one, share in shares.items()
            if (one.type, one.row) not in self._fixed and share < 1 - INTEGRALITY / 10
        ]
        for k, packs in enumerate(self.master.packs):
            for j in np.flatnonzero(packs.brings < 0).tolist():
                share = float(point[self.master.served[k][j]])
                if INTEGRALITY < share < 1 - INTEGRALITY and (k, -1 - j) not in self._fixed:
                    found.append((max(share, 1 - share), (k, -1 - j), share > 0.5))
        return sorted(found, key=lambda one: (-one[0], one[1]))

    def _chosen(self, point: Array) -> Chosen:
        served = [np.flatnonzero(point[columns] > 0.5) for columns in self.master.served]
        return Chosen(self.pool.mean_kwh(point[self.pool.column]), served)

    def _enter(self) -> None:
        """Set the bounds of patterns and swaps to what is fixed and banned."""
        high = np.full(len(self.pool), np.inf)
        if self._fixed or self._banned:
            fixed, banned = self._fixed, self._banned
            for n, one in enumerate(self.pool.signatures):
                kept = fixed.get((one.type, one.row), one)
                if kept != one or (kept is one and one in banned):
                    high[n] = 0.0
        self.pool.lp.bound_columns(self.pool.column, high)
        for k, packs in enumerate(self.master.packs):
            low, most = np.zeros(len(packs.swaps)), np.ones(len(packs.swaps))
            for j, row in enumerate(packs.brings.tolist()):
                choice = self._fixed.get((k, row if row >= 0 else -1 - j))
                if choice is not None:
                    low[j] = 0.0 if choice is False else 1.0
                    most[j] = low[j]
            if len(low):
                self.pool.lp.bound_columns(self.master.served[k], most, low)

    def _add_slack(self) -> Index:
        """Columns that let the shared rows be missed at a price, so that every step has a solution."""
        shared, pool = self.master.shared, self.pool
        dear = 2 * max((swap.lost_cost for swap in self.search.night.station.swaps), default=0.0) + 10.0
        signs = [(shared.chargers, -1.0), (shared.starts, 1.0), (shared.stops, 1.0), (shared.whole_power, -1.0)]
        signs += [(shared.grid.balance, 1.0), *((rows, 1.0) for rows in self.master.pool_rows)]
        signs += [(rows[-1:], -1.0) for rows in self.master.pool_rows]
        rows = np.concatenate([part for part, _ in signs])
        values = np.concatenate([np.full(len(part), sign) for part, sign in signs])
        columns = np.arange(pool.lp.columns, pool.lp.columns + len(rows))
        cost, high = np.full(len(rows), dear), np.full(len(rows), np.inf)
        pool.lp.add_columns(cost, high, np.arange(len(rows)), rows, values)
        return columns
