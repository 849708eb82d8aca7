"""Branch and bound over assignments: where the master solution is fractional, two branches are bounded apart.

Best bound first. Branching is on what is integer in every plan and fractional in the master solution: a step of a
falling rate, how many swaps are lost up to some slot, whether all packs of a swap are lost or none, by how much a
slot's reserve falls short, whether a pack stays, by when it leaves, which swap it serves, whether it is ready in some
slot.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from models.formulations.assignment.problem import Allowed, AssignmentProblem
from models.formulations.matrix import Array, Index
from models.tolerances import INTEGRALITY
from optimizer.engine.column_generation import MANY_ROUNDS, ColumnGeneration, SolvedNode
from optimizer.engine.column_pool import MasterSolution, Node
from optimizer.engine.search import Search

FRACTIONAL = (0.02, INTEGRALITY)  # further from an integer than this; the second where none is by the first
# Counts of lost swaps by the second at once: a solution that loses 5.002 swaps may stand for no plan that loses 5.
STALLED, FEWEST_STALLED, IMPROVED = 0.25, 12, 0.02
PACE = 12  # branchings: what they closed of the gap says what those left will close
TRIED = 8  # choices of packs, of each kind, whose branches are tried before one is branched on
EXACTLY = 4  # assignments beside a reserve whose powers a MIP chooses; one in a network's first pass
NO_RISE = 0.001  # share of what fathoms a branch: less of a rise counts as so much, lest one branch alone decides

Choice = tuple[int, int, Allowed]
"""Type, row and columns: what a pack may do."""


class BranchAndBound:
    """The open nodes of a branch-and-bound tree, by their bound. Made with the root node solved.

    `closed_bound` is the least bound of the nodes that are closed.
    """

    def __init__(self, search: Search) -> None:
        self.search = search
        self.closed_bound = math.inf
        self.number = itertools.count()
        self.tried = 1 if search.options.effort == "quick" or any(search.night.station.ready_reserve) else TRIED
        self.open: list[tuple[float, int, SolvedNode]] = []
        with search.watch.stage("model"):
            self.generation = ColumnGeneration(search)
        with search.watch.stage("rounding"):
            self._push(self.generation.solve_node(self.generation.root(), first=True))

    @property
    def bound(self) -> float:
        """No plan is cheaper, but those in hand."""
        return min(self.closed_bound, self.open[0][0] if self.open else math.inf)

    def run(self, branchings: int) -> None:
        """Branch on the open node of least bound until the gap asked for is proven, at most `branchings` times.

        Given up once a STALLED share of them in a row, and no fewer than FEWEST_STALLED, has not closed the gap by an
        IMPROVED share of itself; in a network's second pass also where the gap would stay open at the pace of the last
        branchings. Before and at last the assignments that may lead furthest are dispatched exactly.
        """
        with self.search.watch.stage("rounding"):
            self.generation.dispatch_best_exactly(1)
        self._branch_until_proven(branchings)
        with self.search.watch.stage("rounding"):
            self.generation.dispatch_best_exactly(1 if self.search.options.effort == "quick" else EXACTLY)

    def _branch_until_proven(self, branchings: int) -> None:
        search, most, last = self.search, math.inf, 0
        patience = max(FEWEST_STALLED, STALLED * branchings)
        gaps = [search.objective - search.bound]
        with search.watch.stage("rounding"):
            for number in range(branchings):
                if not self.open or search.is_done or number - last > patience:
                    break
                if search.options.effort == "full" and not keeps_pace(gaps, branchings - number, search.money_gap):
                    break
                self._branch(heapq.heappop(self.open)[2])
                search.raise_bound(min(self.bound, search.objective), "parts of all orders")
                gaps.append(search.objective - search.bound)
                if gaps[-1] < most:
                    most, last = (1 - IMPROVED) * gaps[-1], number

    def _branch(self, solved: SolvedNode) -> None:
        branches = list(_branches(self.generation, solved, self.tried))
        if not branches:  # perhaps only because few columns are known
            solved = self.generation.solve_node(solved.node, rounds=MANY_ROUNDS)
            branches = [] if solved.solution is None else list(_branches(self.generation, solved, self.tried))
        if not branches:
            self.closed_bound = min(self.closed_bound, solved.node.bound)
        for branch in branches:
            self._push(self.generation.solve_node(branch))

    def _push(self, solved: SolvedNode) -> None:
        if solved.solution is None:
            self.closed_bound = min(self.closed_bound, solved.node.bound)
        else:
            heapq.heappush(self.open, (solved.node.bound, next(self.number), solved))


def keeps_pace(gaps: Sequence[float], branchings: int, asked: float) -> bool:
    """Would `branchings` more close the gap to `asked`, each as much of it as one of the last PACE did?

    `gaps`: before the first branching and after each, in money.
    """
    if len(gaps) <= PACE:
        return True
    return branchings * (gaps[-1 - PACE] - gaps[-1]) / PACE >= gaps[-1] - asked


def _branches(generation: ColumnGeneration, solved: SolvedNode, tried: int = 1) -> Iterator[Node]:
    """The branches of a node, none where nothing is fractional; `tried`: as of `_fractional_choices`."""
    node, solution = solved.node, solved.solution
    assert solution is not None
    for least in FRACTIONAL:
        if (column := _fractional_column(generation.pool.master.begun, solution, least)) is not None:
            yield from _branches_on_column(generation, node, column, solution.integer[column])
            return
        if (lost := _fractional_count(generation, solution)) is not None:
            yield from _branches_on_count(generation, node, *lost)
            return
        if (swap := _torn_swap(generation, solution, least)) is not None:
            yield from _branches_on_swap(generation, node, *swap)
            return
        if (column := _fractional_column(generation.pool.master.short, solution, least)) is not None:
            yield from _branches_on_column(generation, node, column, solution.integer[column])
            return
        if choices := _fractional_choices(generation, solution, least, tried):
            yield from _strongest_branches(generation, node, choices)
            return
        if (unready := _fractional_readiness(solution, least)) is not None:
            yield from _branches_on_readiness(generation, node, *unready)
            return


def _fractional_column(columns: Index, solution: MasterSolution, least: float) -> int | None:
    """The most fractional of some integer columns of the bill."""
    values = np.array([solution.integer[column] for column in columns.tolist()])
    fractional = np.abs(values - np.rint(values))
    return int(columns[fractional.argmax()]) if fractional.max(initial=0.0) > least else None


def _branches_on_column(generation: ColumnGeneration, node: Node, column: int, value: float) -> Iterator[Node]:
    """Branch on a column of (1.6) or (6.8): at most its value rounded down, or at least one more."""
    bill = generation.pool.master.bill_within(node.limits)
    low, high = float(bill.low[column]), float(bill.high[column])
    for limits in ((low, math.floor(value)), (math.floor(value) + 1, high)):
        yield replace(node, limits={**node.limits, column: limits})


def _fractional_count(generation: ColumnGeneration, solution: MasterSolution) -> tuple[int, float] | None:
    """Slot and count of lost swaps up to it that is fractional: of all swaps, else the most fractional one.

    Swaps of several packs count by pack, in steps of what all swaps have in common: three where all take three or six.
    """
    lost = np.zeros(generation.search.night.horizon.slots)
    for problem, shares in zip(generation.problems, solution.shares, strict=True):
        np.add.at(lost, problem.due, shares[problem.lost])
    total = np.cumsum(lost) / generation.packs_in_common
    fractional = np.abs(total - np.rint(total))
    slot = len(total) - 1 if fractional[-1] > INTEGRALITY else int(fractional.argmax())
    return (slot, float(total[slot])) if fractional[slot] > INTEGRALITY else None


def _branches_on_count(generation: ColumnGeneration, node: Node, slot: int, count: float) -> Iterator[Node]:
    """Branch on (6.5): no more swaps lost up to `slot` than `count` rounded down, or at least one more."""
    generation.pool.count_lost(slot)
    low, high = node.lost.get(slot, (-math.inf, math.inf))
    step = generation.packs_in_common
    yield replace(node, lost={**node.lost, slot: (low, step * math.floor(count))})
    yield replace(node, lost={**node.lost, slot: (step * (math.floor(count) + 1), high)})


def _torn_swap(
    generation: ColumnGeneration, solution: MasterSolution, least: float
) -> tuple[int, tuple[int, ...]] | None:
    """Type and columns of the swap of several packs whose share of lost packs is most fractional."""
    best, found = least, None
    for k, (problem, shares) in enumerate(zip(generation.problems, solution.shares, strict=True)):
        lost = shares[problem.lost]
        for columns in problem.parts:
            share = float(lost[list(columns)].mean())
            if min(share, 1 - share) > best:
                best, found = min(share, 1 - share), (k, columns)
    return found


def _branches_on_swap(generation: ColumnGeneration, node: Node, k: int, columns: tuple[int, ...]) -> Iterator[Node]:
    """Branch on (6.9): all packs of a swap are lost, or none."""
    problem, parts = generation.problems[k], np.array(columns)
    for is_lost in (True, False):
        allowed = node.allowed[k].copy()
        if is_lost:
            allowed[:, parts] = False
        allowed[problem.initial + parts, parts] = is_lost
        yield replace(node, allowed=(*node.allowed[:k], allowed, *node.allowed[k + 1 :]))


def _fractional_choices(
    generation: ColumnGeneration, solution: MasterSolution, least: float, tried: int
) -> list[Choice]:
    """Type, row and columns of choices of packs that are fractional: staying, else leaving by a slot, else one swap.

    The most fractional one; where branches are `tried`, so many of each kind, one a pack, the most fractional first.
    Where drivers are lost only one: what branches cost in the master says nothing of their bounds there.
    """
    shares_of = list(zip(generation.problems, solution.shares, strict=True))
    most = 1 if any(shares[problem.lost].any() for problem, shares in shares_of) else tried
    found: list[Choice] = []
    for choice in range(3):
        of_choice: list[tuple[float, Choice]] = []
        for k, (problem, shares) in enumerate(shares_of):
            columns = _choices(problem)[choice]
            doing = _serving(problem, shares) @ columns.T
            fractional = np.minimum(doing, 1 - doing)
            for r in np.flatnonzero(fractional.max(axis=1, initial=0.0) > least).tolist():
                c = int(fractional[r].argmax())
                of_choice.append((float(fractional[r, c]), (k, r, columns[c])))
        of_choice.sort(key=lambda scored: -scored[0])  # of equals the first one stays first
        found += [one for _, one in of_choice[:most]]
        if found and most == 1:
            break
    return found


def _strongest_branches(generation: ColumnGeneration, node: Node, choices: list[Choice]) -> list[Node]:
    """Strong branching: the branches whose master objectives, patterns found so far alone, rise most, by the product of
    both rises (T. Achterberg, T. Koch and A. Martin, Branching rules revisited, Operations Research Letters 33 (2005)).
    """
    search, best, strongest = generation.search, -math.inf, list(_branches_on_choice(generation, node, *choices[0]))
    most = search.objective - node.bound  # a branch that rises so far is fathomed
    for choice in choices if len(choices) > 1 else ():
        branches, product = list(_branches_on_choice(generation, node, *choice)), 1.0
        for branch in branches:
            generation.pool.enter(branch)
            if (tried := generation.pool.solve(search.seconds_left)) is None:
                return strongest
            product *= min(max(tried.objective - node.bound, NO_RISE * most), most)
        if product > best:
            best, strongest = product, branches
    return strongest


def _choices(problem: AssignmentProblem) -> tuple[Allowed, Allowed, Allowed]:
    """Columns of staying; of leaving by each slot; of each swap."""
    each = np.eye(len(problem.swaps) + 1, dtype=bool)
    by_slot = problem.due <= np.unique(problem.due)[:, None]
    return each[-1:], np.concatenate([by_slot, np.zeros((len(by_slot), 1), dtype=bool)], axis=1), each[:-1]


def _serving(problem: AssignmentProblem, shares: Array) -> Array:
    """The shares without those of lost swaps: a pack assigned to its own swap never comes, and serves nobody."""
    serving = shares.copy()
    serving[problem.lost] = 0.0
    return serving


def _branches_on_choice(generation: ColumnGeneration, node: Node, k: int, r: int, columns: Allowed) -> Iterator[Node]:
    """Branch on a pack: it is assigned to one of `columns` (the loss of its own swap is none of them), or to no one."""
    problem, row = generation.problems[k], node.allowed[k][r]
    chosen = columns.copy()
    if r >= problem.initial:
        chosen[r - problem.initial] = False
    for kept in (row & chosen, row & ~chosen):
        allowed = node.allowed[k].copy()
        allowed[r] = kept
        yield replace(node, allowed=(*node.allowed[:k], allowed, *node.allowed[k + 1 :]))


def _fractional_readiness(solution: MasterSolution, least: float) -> tuple[int, int, int] | None:
    """Type, row and slot of the pack of which it is most open whether it is there and ready."""
    best, found = least, None
    for k, ready in enumerate(solution.ready):
        fractional = np.minimum(ready, 1 - ready)
        if fractional.max(initial=0.0) > best:
            r, t = np.unravel_index(int(fractional.argmax()), fractional.shape)
            best, found = float(fractional[r, t]), (k, int(r), int(t))
    return found


def _branches_on_readiness(generation: ColumnGeneration, node: Node, k: int, r: int, slot: int) -> Iterator[Node]:
    """Branch on a pack and slot: it is there and ready then; or it has left, or becomes ready later."""
    due = generation.pool.master.due[k]
    allowed, ready = node.allowed[k].copy(), node.ready[k]
    allowed[r, due <= slot] = False
    last, first = ready.last.copy(), ready.first.copy()
    last[r] = min(last[r], slot)
    first[r, due > slot] = np.maximum(first[r, due > slot], slot + 1)
    yield replace(
        node,
        allowed=(*node.allowed[:k], allowed, *node.allowed[k + 1 :]),
        ready=(*node.ready[:k], replace(ready, last=last), *node.ready[k + 1 :]),
    )
    yield replace(node, ready=(*node.ready[:k], replace(ready, first=first), *node.ready[k + 1 :]))
