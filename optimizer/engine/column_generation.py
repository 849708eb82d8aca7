"""Column generation over assignments of packs to swaps (section 6 of models/README.md).

Each round prices every pair of pack and swap at the duals of the shared rows, takes the cheapest assignment (it gives
a lower bound, and an assignment to dispatch), and solves the restricted master problem over all charging patterns
found so far for new duals.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.formulations.assignment.charging_costs import ChargingCosts
from models.formulations.assignment.concave_costs import ConcaveCosts, only_reach
from models.formulations.assignment.curve_costs import BentCosts, CurveCosts
from models.formulations.assignment.problem import AssignmentProblem, assignment_problems
from models.formulations.assignment.ready_costs import ReadyCosts, any_time
from models.formulations.assignment.ready_curve_costs import ReadyCurveCosts
from models.formulations.matrix import Array, Index
from models.formulations.stepped_bill import dearest_per_kwh
from models.station.instance import Night
from models.tolerances import ENERGY_KWH, INTEGRALITY, POWER_KW
from optimizer.engine.column_pool import ColumnPool, Duals, MasterSolution, Node
from optimizer.engine.dispatch import Dispatched, completed, dispatch, plan_assignment
from optimizer.engine.heuristics.follow_master import follow_master
from optimizer.engine.pricing import PricingSolution, cheapest_assignment, price_assignments
from optimizer.engine.search import Search

ROUNDS = 40  # most rounds at one node
MANY_ROUNDS = 1000  # the same where there is nothing to branch on: flat loads need many patterns
DISPATCH_EVERY = 6  # rounds: the assignment of every such round is dispatched, too
NEAR_SLOTS = 4  # two leave twice as much above the bound, eight no less, and take longer
CLOSE = 0.1  # share of the gap asked for at which a bound and the master, or the best plan, are as good as equal

Pairs = Sequence[tuple[Index, Index]]
"""Rows and columns of an assignment, by type."""


@dataclass(frozen=True)
class SolvedNode:
    """A node with its bound proven, and its last master solution (None: it is fathomed, or the time is up)."""

    node: Node
    solution: MasterSolution | None


class ColumnGeneration:
    """Column generation for one station: what the nodes of its branch-and-bound tree share."""

    def __init__(self, search: Search) -> None:
        night = search.forgiving
        self.search = search
        self.problems = assignment_problems(night)
        self.packs_in_common = math.gcd(*(swap.packs for swap in search.asked.station.swaps)) or 1
        self._has_reserve = any(night.station.ready_reserve)
        self.costs = [self._costs_of(problem, night.horizon.slots) for problem in self.problems]
        self.pool = ColumnPool(night, self.problems, search.options.seed, search.watch)
        self._bound_slack = _bound_slack(night, self.problems)
        self._dispatches_on_the_way = not (night.station.switches_count or len(self.pool.master.begun))
        self._by_relaxation: list[tuple[float, int, dict[str, str], dict[str, tuple[int, ...]]]] = []
        self._tried: set[tuple[tuple[tuple[str, str], ...], tuple[tuple[str, tuple[int, ...]], ...]]] = set()

    def _costs_of(self, problem: AssignmentProblem, slots: int) -> ChargingCosts:
        if problem.gains_kwh is None:
            return ReadyCosts(problem, slots) if self._has_reserve else ChargingCosts(problem, slots)
        if self._has_reserve:
            ready_reach = only_reach(self.search.forgiving, problem.type)
            return ReadyCosts(problem, slots) if ready_reach is None else ReadyCurveCosts(problem, slots, ready_reach)
        reach, has_steps = only_reach(self.search.forgiving, problem.type), len(problem.step_cost) > 1
        if reach is None:
            return ChargingCosts(problem, slots) if has_steps else CurveCosts(problem, slots)
        is_exact = reach.is_concave or has_steps
        return ConcaveCosts(problem, slots, reach) if is_exact else BentCosts(problem, slots, reach)

    def root(self) -> Node:
        """The root node: all assignments, at the prices of the tariff."""
        master = self.pool.master
        bill = np.zeros(master.bill.shape[0])
        bill[master.balance] = master.bill.cost[master.drawn]
        slots = self.search.night.horizon.slots
        ready = tuple(any_time(problem, slots) for problem in self.problems) if self._has_reserve else ()
        return Node(tuple(problem.allowed for problem in self.problems), {}, -math.inf, Duals(bill), ready=ready)

    def solve_node(self, node: Node, *, first: bool = False, rounds: int = ROUNDS) -> SolvedNode:
        """Raise the node's bound as far as it goes or is needed; dispatch assignments found on the way."""
        self.pool.enter(node)
        duals, solution, patterns = node.duals, None, -1
        for n in range(rounds):
            if self.search.seconds_left <= 0:
                return SolvedNode(node, None)
            found = price_assignments(self.costs, self.pool.master, node, duals)
            if found.bound > node.bound:
                node = replace(node, bound=found.bound, duals=duals)
            if first:
                self.search.raise_bound(node.bound, "orders")
            dispatched = None
            if self._is_dispatched_on_the_way(n, first) and not self.search.is_done:
                dispatched = self._dispatch_found(found)
            if self.is_fathomed(node) or self.search.is_done:
                return SolvedNode(node, None)
            self._add_columns(found)
            if n == 0 and (plan_duals := self._duals_of(dispatched)) is not None:
                duals = plan_duals
                continue
            is_new, patterns = len(self.pool) > patterns, len(self.pool)
            solution = self.pool.solve(self.search.seconds_left) if is_new else solution
            is_close = solution is None or solution.objective - node.bound <= CLOSE * self.search.money_gap
            if solution is None or is_close or not is_new:
                break  # without a new pattern, duals and assignment would be these again
            duals = solution.duals
        if solution is not None:
            self._dispatch_at_last(found, solution, node, repair=first)
        return SolvedNode(node, None if self.is_fathomed(node) else solution)

    def _is_dispatched_on_the_way(self, n: int, first: bool) -> bool:
        """Is the assignment of round `n` dispatched? At first that at the tariff's prices, and that at a plan's duals:
        where a peak is paid for already, they are mostly those of the best plan. Beside a reserve, where powers are
        dear to find, only the first."""
        at_first = first and n <= (0 if self._has_reserve else 1)
        return self._dispatches_on_the_way and (at_first or n % DISPATCH_EVERY == DISPATCH_EVERY - 1)

    def is_fathomed(self, node: Node) -> bool:
        """Can the node hold no plan that is better by more than the gap asked for, or than the slack of bounds?"""
        return node.bound >= self.search.objective - max(self.search.money_gap, self._bound_slack)

    def _add_columns(self, found: PricingSolution) -> None:
        """Put the charging patterns of an assignment into the pool."""
        for k, (rows, columns) in enumerate(found.pairs):
            columns = np.minimum(columns, len(self.problems[k].swaps))
            self.pool.add_later(k, rows, columns, self.costs[k].charges(rows, columns))

    def _duals_of(self, dispatched: Dispatched | None) -> Duals | None:
        """Duals of a plan's best powers, near those of the best plan. None without a plan, or where chargers count."""
        if dispatched is None or not dispatched.is_plan or dispatched.bill_dual is None:
            return None
        rows = self.pool.master.bill.shape[0]
        return Duals(dispatched.bill_dual) if len(dispatched.bill_dual) == rows else None

    def _dispatch_found(self, found: PricingSolution) -> Dispatched | None:
        return self._dispatch(found.pairs, None, repair=False) if found.pairs else None

    def _dispatch_at_last(self, found: PricingSolution, solution: MasterSolution, node: Node, *, repair: bool) -> None:
        """The last assignment; where it is not as good as the bound, the master solution rounded."""
        self._dispatch_found(found)
        if self.search.objective - node.bound > CLOSE * self.search.money_gap:
            self._round(solution, node, repair=repair)

    def _round(self, solution: MasterSolution, node: Node, *, repair: bool) -> None:
        """Round the master solution: dispatch the assignment that agrees with most of it."""
        pairs = []
        for problem, shares, allowed in zip(self.problems, solution.shares, node.allowed, strict=True):
            cost: Array = np.where(allowed, -shares, np.inf)
            if (found := cheapest_assignment(cost, problem)) is None:
                return
            pairs.append(found)
        self._dispatch(pairs, solution, repair=repair)
        if not self.search.is_done:
            followed = follow_master(self.search.night, self.problems, solution)
            deadlines = self._deadlines([one.pairs(followed) for one in self.problems], solution)
            self._dispatch_assignment(followed, deadlines, repair=repair)

    def _deadlines(self, pairs: Pairs, solution: MasterSolution | None) -> dict[str, tuple[int, ...]]:
        """Slots from which packs are ready when pairs are priced, and in part of the master solution."""
        deadlines: dict[str, tuple[int, ...]] = {}
        for k, (costs, (rows, columns)) in enumerate(zip(self.costs, pairs, strict=True)):
            if not isinstance(costs, ReadyCosts):
                continue
            priced = costs.ready[rows, np.minimum(columns, len(costs.problem.swaps))].tolist()
            rises = None if solution is None else np.diff(solution.ready[k], axis=1, prepend=0.0) > INTEGRALITY
            for r, slot in zip(rows.tolist(), priced, strict=True):
                mastered = [] if rises is None else np.flatnonzero(rises[r]).tolist()
                deadlines[costs.problem.packs[r]] = tuple(sorted({slot, *mastered}))
        return deadlines

    def _dispatch(self, pairs: Pairs, solution: MasterSolution | None, *, repair: bool) -> Dispatched | None:
        assignment: dict[str, str] = {}
        for problem, (rows, columns) in zip(self.problems, pairs, strict=True):
            assignment |= problem.hand_overs(rows, columns)
        return self._dispatch_assignment(assignment, self._deadlines(pairs, solution), repair=repair)

    def _dispatch_assignment(
        self, assignment: dict[str, str], deadlines: dict[str, tuple[int, ...]], *, repair: bool
    ) -> Dispatched | None:
        assignment = completed(self.search.night, assignment)
        key = tuple(sorted(assignment.items())), tuple(sorted(deadlines.items()))
        if key in self._tried or self.search.seconds_left <= 0:
            return None
        self._tried.add(key)
        found: Dispatched | None = (plan_assignment if repair else dispatch)(
            self.search, assignment, "orders", deadlines
        )
        if found is not None and self._has_reserve:
            self._by_relaxation.append((found.relaxed, len(self._by_relaxation), assignment, deadlines))
        if found is not None and found.is_plan and not self.search.is_done:
            self.pool.add_plan(found.stays, found.power_kw, self.search.night.horizon.slot_hours)
        return found

    def dispatch_best_exactly(self, count: int) -> None:
        """Of the assignments dispatched beside a reserve since the last such call, those that may lead furthest once
        more, by a MIP each: packs may be ready up to NEAR_SLOTS sooner or later, too."""
        best, self._by_relaxation = sorted(self._by_relaxation)[:count], []
        for relaxed, _, assignment, deadlines in best:
            if self.search.is_done or relaxed >= self.search.objective - self.search.money_gap:
                break
            near = {pack: sorted({t for slot in slots for t in _near(slot)}) for pack, slots in deadlines.items()}
            dispatch(self.search, assignment, "orders", near, exactly=True)


def _near(slot: int) -> range:
    return range(max(1, slot - NEAR_SLOTS), slot + NEAR_SLOTS + 1)


def _bound_slack(night: Night, problems: Sequence[AssignmentProblem]) -> float:
    """By how much bounds lie below plans that use no tolerance: what they may miss, and draw from the grid, at most its
    worth. (Not where power is so scarce that swaps are lost for it: there it is worth more.) Pricing lowers the needs
    of the forgiving night once more."""
    bought_kwh = dearest_per_kwh(night.tariff_series) / night.station.chargers.efficiency
    kept_kwh = max((abs(problem.end_value_per_kwh) for problem in problems), default=0.0)
    needs = len(night.station.swaps)
    if any(night.station.ready_reserve):
        needs += len(night.station.packs) + len(night.station.swaps)
    drawn_kwh = POWER_KW * night.horizon.slots * night.horizon.slot_hours
    return (2 * ENERGY_KWH * needs + drawn_kwh) * max(bought_kwh, kept_kwh)
