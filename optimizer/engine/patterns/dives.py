"""Dives: on-slots of a few packs fixed at a time, powers left open, with new patterns priced after each step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from models.formulations.matrix import Array, Index
from models.formulations.patterns.master import Patterns
from models.tolerances import INTEGRALITY, MASTER_WEIGHT
from optimizer.engine.highs import LpPoint
from optimizer.engine.patterns.generation import PatternGeneration
from optimizer.engine.patterns.pool import Signature
from optimizer.engine.patterns.powers import Chosen
from optimizer.engine.patterns.pricing import price_patterns

ROUNDS = 3  # of pricing after each step
MOST_FAILURES = 25
Pack = tuple[int, int]  # first pool of the type, number of the pack; (pool, −1 − j): swap j that brings nothing


class _Furthest(NamedTuple):
    """How many packs were fixed when all shared rows were kept, that solution, and the columns of its patterns."""

    depth: int = 0
    point: Array = np.zeros(0)
    column: Index = np.zeros(0, dtype=np.int64)


class Dives:
    """Dives in the restricted master problem of a generation, one after another; columns found stay in the pool."""

    def __init__(self, generation: PatternGeneration) -> None:
        self.generation, self.pool, self.master = generation, generation.pool, generation.master
        self.search = generation.search
        self._slack = self._add_slack()
        first = {packs.type: k for k, packs in reversed([*enumerate(self.master.packs)])}
        self._packs = [[(first[packs.type], r) for r in packs.of_type.tolist()] for packs in self.master.packs]
        self._brought = [
            [(first[packs.type], r) if r >= 0 else (k, -1 - j) for j, r in enumerate(packs.brings.tolist())]
            for k, packs in enumerate(self.master.packs)
        ]
        self._fixed: dict[Pack, Signature | bool] = {}
        self._banned: set[Signature] = set()

    def dive(self, share: float, most_failures: int = MOST_FAILURES) -> Chosen | None:
        """Fix about half of `share` of the fractional packs a step. A part of the packs where it leads no further or
        the time is up; None where it leads nowhere."""
        self._fixed, self._banned = {}, set()
        try:
            return self._run(share, most_failures)
        finally:
            self._fixed, self._banned = {}, set()
            self._enter()

    def _run(self, share: float, most_failures: int) -> Chosen | None:
        """Steps that miss a shared row are taken back. After too many of them: what was fixed at best."""
        last: dict[Pack, Signature | bool] = {}
        failures, stuck, pace, furthest = 0, 0, 1.0, _Furthest()
        while self.search.seconds_left > 0 and failures <= most_failures:
            self._enter()
            found = self._solve()
            if found is None:
                break
            if found.point[self._slack].sum() > MASTER_WEIGHT * 10 and last:
                failures, pace = failures + 1, pace / 4
                stuck += len(last) == 1
                self._undo(last, stuck)
                last = {}
                continue
            candidates = self._candidates(found.point)
            if not candidates:
                return self._chosen(found.point)
            if len(self._fixed) > furthest.depth:
                furthest, stuck = _Furthest(len(self._fixed), found.point, self.pool.column), 0
            last = self._first(candidates, max(1, int(share * pace * len(candidates) / 2)))
            pace = min(1.0, 2 * pace)
            self._fixed |= last
        return self._chosen_in_part(furthest)

    @staticmethod
    def _first(candidates: Sequence[tuple[float, Pack, Signature | bool]], count: int) -> dict[Pack, Signature | bool]:
        chosen: dict[Pack, Signature | bool] = {}
        for _, pack, choice in candidates:
            if len(chosen) < count:
                chosen.setdefault(pack, choice)
        return chosen

    def _undo(self, last: Mapping[Pack, Signature | bool], stuck: int) -> None:
        """Take the last step back. A step of one pack is done otherwise, and after the n-th such step without headway
        more is taken back."""
        for pack in last:
            del self._fixed[pack]
        if len(last) > 1:
            return
        for _ in range(min(len(self._fixed), 2 ** (stuck - 1) - 1)):
            self._fixed.popitem()
        ((first, choice),) = last.items()
        if isinstance(choice, Signature):
            self._banned.add(choice)
        else:
            self._fixed[first] = not choice

    def _solve(self) -> LpPoint | None:
        """The restricted master problem, its pool grown by what pricing finds."""
        found = self.pool.solve(self.search.seconds_left)
        for _ in range(ROUNDS):
            if found is None or self.search.seconds_left <= 0:
                break
            wanted = [np.array([pack not in self._fixed for pack in packs], dtype=bool) for packs in self._packs]
            priced = price_patterns(self.master, self.generation.pricings, found.row_dual, wanted)
            added = sum(self.pool.add(k, self._allowed(k, some)) for k, some in enumerate(priced.patterns))
            added += self._refill(found.row_dual)
            if not added:
                break
            self._enter()
            found = self.pool.solve(self.search.seconds_left)
        return found

    def _allowed(self, k: int, patterns: Patterns) -> Patterns:
        if not self._banned:
            return patterns
        signatures = self.pool.signatures_of(k, patterns)
        return patterns.some(np.array([one not in self._banned for one in signatures], dtype=bool))

    def _refill(self, row_dual: Array) -> int:
        """Cheapest powers of the packs whose on-slots are fixed."""
        price = row_dual[self.master.shared.grid.balance] * self.master.kwh_to_grid_kw
        by_pool: dict[int, list[Signature]] = defaultdict(list)
        for signature in self._fixed.values():
            if isinstance(signature, Signature) and any(signature.on):
                by_pool[signature.pool].append(signature)
        return sum(self.pool.add(k, self._repowered(k, made, price)) for k, made in by_pool.items())

    def _repowered(self, k: int, signatures: Sequence[Signature], price: Array) -> Patterns:
        rows, ready_from, short = (
            np.array([getattr(one, name) for one in signatures]) for name in ("row", "ready_from", "is_short")
        )
        on = np.zeros((len(signatures), len(price)), dtype=bool)
        for n, one in enumerate(signatures):
            on[n, one.slots(len(price))] = True
        return self.generation.pricings[k].repowered(Patterns(rows, ready_from, on, np.zeros(on.shape)), short, price)

    def _candidates(self, point: Array) -> list[tuple[float, Pack, Signature | bool]]:
        """What is fractional, largest shares first."""
        shares: dict[Signature, float] = defaultdict(float)
        weights = point[self.pool.column]
        for n in np.flatnonzero(weights > MASTER_WEIGHT).tolist():
            shares[self.pool.signatures[n]] += weights[n]
        found: list[tuple[float, Pack, Signature | bool]] = [
            (share, self._packs[one.pool][one.row], one)
            for one, share in shares.items()
            if self._packs[one.pool][one.row] not in self._fixed and share < 1 - INTEGRALITY / 10
        ]
        for k, packs in enumerate(self.master.packs):
            for j in np.flatnonzero(packs.brings < 0).tolist():
                share = float(point[self.master.served[k][j]])
                if INTEGRALITY < share < 1 - INTEGRALITY and (k, -1 - j) not in self._fixed:
                    found.append((max(share, 1 - share), (k, -1 - j), share > 0.5))
        return sorted(found, key=lambda one: (-one[0], one[1]))

    def _chosen_in_part(self, furthest: _Furthest) -> Chosen | None:
        """What is whole where a dive came furthest; packs that are not do not charge."""
        if not furthest.depth:
            return None
        served = [np.flatnonzero(furthest.point[columns] > INTEGRALITY) for columns in self.master.served]
        return Chosen(self.pool.mean_kwh(furthest.point[furthest.column], 1 - INTEGRALITY), served)

    def _chosen(self, point: Array) -> Chosen:
        served = [np.flatnonzero(point[columns] > 0.5) for columns in self.master.served]
        return Chosen(self.pool.mean_kwh(point[self.pool.column]), served)

    def _enter(self) -> None:
        """Set the bounds of patterns and swaps to what is fixed and banned."""
        high = np.full(len(self.pool), np.inf)
        if self._fixed or self._banned:
            fixed, banned = self._fixed, self._banned
            for n, one in enumerate(self.pool.signatures):
                kept = fixed.get(self._packs[one.pool][one.row], one)
                if kept != one or (kept is one and one in banned):
                    high[n] = 0.0
        self.pool.lp.bound_columns(self.pool.column, high)
        for k, packs in enumerate(self.master.packs):
            low, most = np.zeros(len(packs.swaps)), np.ones(len(packs.swaps))
            for j, pack in enumerate(self._brought[k]):
                choice = self._fixed.get(pack)
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
