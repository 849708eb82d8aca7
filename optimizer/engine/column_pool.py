"""The column pool: charging patterns found by pricing and in plans, and the restricted master problem over them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import pairwise

import numpy as np

from models.formulations.assignment.charging_costs import Charges
from models.formulations.assignment.master import (
    RestrictedMaster,
    left_out_cost,
    restricted_master,
    restricted_master_matrix,
)
from models.formulations.assignment.problem import Allowed, AssignmentProblem
from models.formulations.assignment.ready_costs import ReadyRange, ready_slots
from models.formulations.matrix import Array, Index
from models.station.instance import Night
from models.station.stays import Stay
from models.tolerances import EQUAL, MASTER_WEIGHT
from optimizer.engine.highs import GrowingLp
from optimizer.engine.stopwatch import Stopwatch

DIGITS = 6  # charging patterns whose kWh agree to this many decimals are the same


@dataclass(frozen=True)
class Duals:
    """Dual values: of the rows of the bill, and of the counts of lost swaps by slot."""

    bill: Array
    counts: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Node:
    """A branch-and-bound node: which pairs are allowed, by type, and how many swaps up to a slot are lost at least and
    at most.

    `limits`: least and most of integer columns of the bill: runs that are begun (1.6), shortfall (6.8). `ready`: when
    packs may become ready, by type; empty without a reserve. `bound`: no plan of this node is cheaper; `duals`: the
    best known for it.
    """

    allowed: tuple[Allowed, ...]
    lost: Mapping[int, tuple[float, float]]
    bound: float
    duals: Duals
    limits: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    ready: tuple[ReadyRange, ...] = ()


@dataclass(frozen=True)
class WeightedPattern:
    """A charging pattern of a master solution: type, row and column of its pair, weight, kWh charged by slot."""

    k: int
    row: int
    column: int
    weight: float
    slot: Index
    kwh: Array


@dataclass(frozen=True)
class MasterSolution:
    """A solution of the restricted master problem: objective, duals, and weights of pairs by type, shape (m, n + 1).

    `integer`: values of the bill's integer columns; `ready`: shares in which packs are there and ready, by type, shape
    (m, slots), empty without a reserve. `patterns`: those with a weight.
    """

    objective: float
    duals: Duals
    shares: tuple[Array, ...]
    integer: Mapping[int, float] = field(default_factory=dict)
    ready: tuple[Array, ...] = ()
    patterns: tuple[WeightedPattern, ...] = ()


class ColumnPool:
    """Charging patterns by type, pack and swap, and the LP over them: the restricted master problem.

    What is added `later`, and what plans do, waits until somebody asks for it: the search of many nights ends before.
    """

    def __init__(self, night: Night, problems: Sequence[AssignmentProblem], seed: int, watch: Stopwatch) -> None:
        self.problems = problems
        self.master: RestrictedMaster = restricted_master(night, problems)
        self._night, self._seed, self._watch = night, seed, watch
        self._pairs: list[tuple[int, int, int]] = []
        self._columns: Index = np.array([], dtype=np.int64)  # of the LP, one a pattern
        self._ready: list[int] = []
        self._charged: list[tuple[Index, Array]] = []
        self._known: set[tuple[int, int, int, int, bytes, bytes]] = set()
        self._count_rows: dict[int, int] = {}
        self._node: Node | None = None
        self._waiting: list[Callable[[], object]] = []

    def __len__(self) -> int:
        """How many patterns."""
        self._add_waiting()
        return len(self._pairs)

    @cached_property
    def _lp(self) -> GrowingLp:
        """Built when first asked for: the nights of many stations are settled without it."""
        return GrowingLp(restricted_master_matrix(self._night, self.problems), self._seed)

    def add(self, k: int, rows: Index, columns: Index, charges: Charges) -> int:
        """Add charging patterns of type `k`: what the pairs charge. Returns how many were new."""
        self._add_waiting()
        return self._add(k, rows, columns, charges)

    def add_later(self, k: int, rows: Index, columns: Index, charges: Charges) -> None:
        """`add` once the patterns are asked for."""
        self._waiting.append(partial(self._add, k, rows, columns, charges))

    def add_plan(self, stays: Sequence[Stay], power_kw: Array, slot_hours: float) -> None:
        """Add, once it is asked for, what a plan does with every pack, and the swaps that it loses; `power_kw`: shape
        (stays, slots)."""
        self._waiting.append(partial(self._add_plan, stays, power_kw, slot_hours))

    def _add_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for add in waiting:
            add()

    def _add(self, k: int, rows: Index, columns: Index, charges: Charges) -> int:
        columns = np.minimum(columns, len(self.problems[k].swaps))
        new = self._new(k, rows, columns, charges)
        if len(new):
            place = np.full(len(rows), -1)
            place[new] = np.arange(len(new))
            kept = place[charges.edge] >= 0
            ready = None if charges.ready is None else charges.ready[new]
            some = Charges(place[charges.edge[kept]], charges.slot[kept], charges.kwh[kept], ready)
            self._append(k, rows[new], columns[new], some)
        return len(new)

    def _add_plan(self, stays: Sequence[Stay], power_kw: Array, slot_hours: float) -> None:
        if not stays:
            return
        kwh = power_kw * slot_hours
        stay_of, done = {stay.pack: s for s, stay in enumerate(stays)}, {stay.swap for stay in stays}
        for k, problem in enumerate(self.problems):
            column = {swap: j for j, swap in enumerate(problem.swaps)}
            served = [stay_of.get(pack) for pack in problem.packs]
            columns = [
                _never_comes(problem, r, done) if s is None else column.get(stays[s].swap or "", len(problem.swaps))
                for r, s in enumerate(served)
            ]
            energy = np.array([np.zeros(kwh.shape[1]) if s is None else kwh[s] for s in served])
            edge, slot = np.nonzero(energy > EQUAL)
            rows, ready = np.arange(len(served)), None
            if self.master.has_reserve:
                last = self.master.due[k][columns]
                comes = np.array([s is not None for s in served])
                ready = np.where(comes, ready_slots(problem, rows, last, energy), last)
            charges = Charges(edge, slot, energy[edge, slot], ready)
            self._add(k, rows, np.array(columns, dtype=np.int64), charges)

    def count_lost(self, slot: int) -> None:
        """Give the master the row (6.5) that counts the swaps lost up to `slot`."""
        self._add_waiting()
        if slot not in self._count_rows:
            counted = [i for i, pair in enumerate(self._pairs) if self._is_counted(*pair, slot)]
            row = self._count_rows[slot] = self._lp.add_row(self._columns[counted])
            dear = np.full(2, left_out_cost(self._night, self.problems))  # where the patterns lose too few, or too many
            self._lp.add_columns(dear, np.full(2, np.inf), np.arange(2), np.full(2, row), np.array([1.0, -1.0]))

    def enter(self, node: Node) -> None:
        """Set the bounds of rows and columns to those of `node`."""
        self._add_waiting()
        self._node = node
        for slot, row in self._count_rows.items():
            self._lp.bound_row(row, *node.lost.get(slot, (-np.inf, np.inf)))
        if len(integer := self.master.integer):
            bill = self.master.bill_within(node.limits)
            self._lp.bound_columns(integer, bill.high[integer], bill.low[integer])
        if self._pairs:
            highest = self._highest(self._pairs, self._ready)
            self._lp.bound_columns(self._columns, highest)

    def solve(self, seconds: float) -> MasterSolution | None:
        """The optimum of the restricted master problem; None where the time is up."""
        self._add_waiting()
        with self._watch.stage("solver"):
            found = self._lp.solve(seconds)
        if found is None:
            return None
        bill_rows = self.master.bill.shape[0]
        counts = {slot: float(found.row_dual[row]) for slot, row in self._count_rows.items()}
        duals = Duals(found.row_dual[:bill_rows], counts)
        integer = {int(column): float(found.point[column]) for column in self.master.integer}
        weights = found.point[self._columns]
        ready, patterns = self._ready_shares(weights), self._weighted(weights)
        return MasterSolution(found.objective, duals, self._shares(weights), integer, ready, patterns)

    def _new(self, k: int, rows: Index, columns: Index, charges: Charges) -> Index:
        ends = np.searchsorted(charges.edge, np.arange(len(rows) + 1))
        slots, kwh = charges.slot.astype(np.int16), np.round(charges.kwh, DIGITS)
        new = []
        for i, (r, j) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
            part = slice(ends[i], ends[i + 1])
            ready = -1 if charges.ready is None else int(charges.ready[i])
            key = (k, r, j, ready, slots[part].tobytes(), kwh[part].tobytes())
            if key not in self._known:
                self._known.add(key)
                new.append(i)
        return np.array(new, dtype=np.int64)

    def _append(self, k: int, rows: Index, columns: Index, charges: Charges) -> None:
        pairs = [(k, r, j) for r, j in zip(rows.tolist(), columns.tolist(), strict=True)]
        ready = [-1] * len(rows) if charges.ready is None else charges.ready.tolist()
        worn = self.problems[k].wear(charges.kwh)
        kwh, wear = (
            np.bincount(charges.edge, amounts, minlength=len(rows)).astype(float) for amounts in (charges.kwh, worn)
        )
        pattern, row, value = self.master.pattern_entries(k, rows, columns, charges)
        if counted := [
            (i, count_row) for slot, count_row in self._count_rows.items()
            for i, pair in enumerate(pairs) if self._is_counted(*pair, slot)
        ]:  # fmt: skip
            owners, count_rows = (np.array(part) for part in zip(*counted, strict=True))
            parts = (pattern, owners), (row, count_rows), (value, np.ones(len(owners)))
            pattern, row, value = (np.concatenate(part) for part in parts)
            by_pattern = np.argsort(pattern, kind="stable")
            pattern, row, value = pattern[by_pattern], row[by_pattern], value[by_pattern]
        cost = self.problems[k].cost(rows, columns, kwh, wear)
        self._columns = np.append(self._columns, self._lp.columns + np.arange(len(pairs)))
        self._lp.add_columns(cost, self._highest(pairs, ready), pattern, row, value)
        self._pairs += pairs
        self._ready += ready
        ends = np.searchsorted(charges.edge, np.arange(len(rows) + 1)).tolist()
        self._charged += [(charges.slot[a:b], charges.kwh[a:b]) for a, b in pairwise(ends)]

    def _is_counted(self, k: int, r: int, j: int, slot: int) -> bool:
        problem = self.problems[k]
        return j < len(problem.swaps) and r == problem.initial + j and bool(problem.due[j] <= slot)

    def _highest(self, pairs: Sequence[tuple[int, int, int]], ready: Sequence[int]) -> Array:
        if self._node is None:
            return np.full(len(pairs), np.inf)
        allowed, ranges = self._node.allowed, self._node.ready
        if not ranges:
            return np.array([np.inf if allowed[k][r, j] else 0.0 for k, r, j in pairs])
        return np.array(
            [
                np.inf if allowed[k][r, j] and ranges[k].first[r, j] <= slot <= ranges[k].last[r] else 0.0
                for (k, r, j), slot in zip(pairs, ready, strict=True)
            ]
        )

    def _shares(self, point: Array) -> tuple[Array, ...]:
        shares = tuple(np.zeros(problem.allowed.shape) for problem in self.problems)
        for i in np.flatnonzero(point > MASTER_WEIGHT).tolist():
            k, r, j = self._pairs[i]
            shares[k][r, j] += point[i]
        return shares

    def _weighted(self, point: Array) -> tuple[WeightedPattern, ...]:
        weighty = np.flatnonzero(point > MASTER_WEIGHT).tolist()
        return tuple(WeightedPattern(*self._pairs[i], float(point[i]), *self._charged[i]) for i in weighty)

    def _ready_shares(self, point: Array) -> tuple[Array, ...]:
        if not self.master.has_reserve:
            return ()
        slots = len(self.master.reserve)
        shares = tuple(np.zeros((len(problem.packs), slots)) for problem in self.problems)
        for i in np.flatnonzero(point > MASTER_WEIGHT).tolist():
            k, r, j = self._pairs[i]
            shares[k][r, self._ready[i] : self.master.due[k][j]] += point[i]
        return shares


def _never_comes(problem: AssignmentProblem, r: int, done: Collection[str | None]) -> int:
    """Column of a pack that never comes: its swap is lost, or is done and returns nothing."""
    j = r - problem.initial
    return len(problem.swaps) if problem.swaps[j] in done else j
