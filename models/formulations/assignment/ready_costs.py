"""What pairs of pack and swap cost where packs are paid for being ready: (6.7) of models/README.md.

A pack is ready from the slot by whose start it holds S. Either the charging that is cheapest anyway gets it there, or
it is made to hold S by some slot c: the cheapest energy up to S before c, then what pays from S on. By convexity one
of these is best for every c: were more than S charged before c at the optimum, c would cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.formulations.assignment.charging_costs import Charges, ChargingCosts
from models.formulations.assignment.cheapest_energy import Knapsacks, cheapest_by_deadline, fill, step_widths
from models.formulations.assignment.problem import Allowed, AssignmentProblem
from models.formulations.matrix import Array, Index
from models.tolerances import EQUAL


@dataclass(frozen=True)
class ReadyRange:
    """Slots in which packs of one type may become ready: pair (r, j) not before `first[r, j]`, row r by `last[r]`."""

    first: Index
    last: Index


def any_time(problem: AssignmentProblem, slots: int) -> ReadyRange:
    """No restriction."""
    return ReadyRange(np.zeros(problem.allowed.shape, dtype=np.int64), np.full(len(problem.packs), slots))


def ready_slots(problem: AssignmentProblem, rows: Index, last: Index, kwh: Array) -> Index:
    """The slot from which each of `rows` is ready when it charges `kwh` (by slot); `last`, when it leaves, if never."""
    needs, slots = problem.unready_kwh[rows], kwh.shape[1]
    holds = np.cumsum(kwh, axis=1) >= needs[:, None] - EQUAL
    ready = np.where(holds.any(axis=1), holds.argmax(axis=1) + 1, slots)
    return np.minimum(np.where(needs <= EQUAL, problem.arrive[rows], ready), last)


class ReadyCosts(ChargingCosts):
    """Charging costs of one type less what being ready is worth.

    `ready[r, j]`: the slot from which the pack counts as ready, that in which it leaves if never; `by_deadline[r, j]`:
    is it made to hold S by then?
    """

    def __init__(self, problem: AssignmentProblem, slots: int) -> None:
        super().__init__(problem, slots)
        self.due = np.append(problem.due, slots)
        comes, ready = np.isfinite(problem.unready_kwh), problem.unready_kwh <= EQUAL
        self.at_once, self.becoming = np.flatnonzero(comes & ready), np.flatnonzero(comes & ~ready)
        needs = problem.unready_kwh[self.becoming]
        self._to_ready = Knapsacks(self.width_kwh[self.becoming], needs, needs)
        keys = np.column_stack(
            [np.append(problem.beyond_kwh, 0.0), self.due, np.arange(len(self.due)) == len(problem.due)]
        )
        goals, self._goal = np.unique(keys, axis=0, return_inverse=True)
        self._beyond, self._goal_due, self._stays = goals[:, 0], goals[:, 1].astype(np.int64), goals[:, 2] > 0

    def with_reserve(self, price_per_kwh: Array, worth: Array, allowed: ReadyRange) -> Array:
        """(6.7) cost of every pair, shape (m, n + 1); `worth` of a ready pack by slot."""
        cost = self.at(price_per_kwh)
        self.worth_before = np.append(0.0, np.cumsum(worth))
        self.ready = np.broadcast_to(self.due, cost.shape).copy()
        self.by_deadline = np.zeros(cost.shape, dtype=bool)
        arrive = self.problem.arrive[self.at_once]
        self.ready[self.at_once] = arrive[:, None]
        cost[self.at_once] -= self.worth_before[self.due] - self.worth_before[arrive][:, None]
        if len(self.becoming):
            self._make_ready(cost, allowed)
        cost[self.problem.lost] = self.problem.lost_cost
        self.ready[self.problem.lost] = self.problem.due
        return np.where(self.problem.allowed, cost, np.inf)

    def charges(self, rows: Index, columns: Index) -> Charges:
        """How the given pairs charge, and from when on they are ready."""
        found = super().charges(rows, columns)
        return Charges(found.edge, found.slot, found.kwh, self.ready[rows, columns])

    def _amounts(self, rows: Index, columns: Index) -> Array:
        amounts = super()._amounts(rows, columns)
        made = np.flatnonzero(self.by_deadline[rows, columns])
        if len(made):
            r, j = rows[made], columns[made]
            ready, needs = self.ready[r, j], self.problem.unready_kwh[r]
            to_ready = Knapsacks(self.width_kwh[r], needs, needs)
            amounts[made] = fill(self.costs[None], self.problem.charge_from[r], ready, to_ready)
            goal = self._goal[j]
            amounts[made] += fill(self._goal_costs(goal), ready, self.due[j], self._beyond_ready(goal))
        return amounts

    def _make_ready(self, cost: Array, allowed: ReadyRange) -> None:
        """Cost, ready slot and kind of the cheapest way of each pair of packs that come below S."""
        rows, last = self.becoming, allowed.last[self.becoming]
        soonest = _Soonest(self._cost_by_ready_slot(last), self._cost_beyond_ready(), allowed.first[rows])
        anyway = self._ready_anyway(allowed)
        for j, due in enumerate(self.due.tolist()):
            worth, least = self.worth_before[due], cost[rows, j]
            best = least + self.worth_before[anyway[:, j]] - worth
            best[anyway[:, j] > last] = np.inf
            self.ready[rows, j], cost[rows, j] = anyway[:, j], best
            if due == 0:
                continue
            error = self._error(j)
            if error is None:
                made, c = soonest(j, due)
            else:
                made, c = soonest.at_least(j, due, error, least[:, None] + self.worth_before[:due])
            value = made - worth
            better = value < best - EQUAL
            chosen = rows[better]
            cost[chosen, j], self.ready[chosen, j], self.by_deadline[chosen, j] = value[better], c[better], True

    def _cost_by_ready_slot(self, last: Index) -> Array:
        """Of holding S by the start of every slot, and what is worth being ready before it; inf beyond `last`."""
        costs = np.broadcast_to(self.costs, (len(self.becoming), *self.costs.shape))
        by_slot = cheapest_by_deadline(costs, self.problem.charge_from[self.becoming], self._to_ready)
        by_slot[np.arange(self.slots + 1) > last[:, None]] = np.inf
        return np.asarray(by_slot + self.worth_before)

    def _cost_beyond_ready(self) -> Array:
        """From every slot on, of what a column asks for above S and of what pays, less the worth of what then stays,
        shape (n + 1, slots + 1)."""
        least = np.where(self._stays, self.costs.min() - self.problem.end_value_per_kwh, self.costs.min())
        asking = np.flatnonzero((self._beyond > 0) | (least < 0))
        cost = np.zeros((len(self._beyond), self.slots + 1))
        if len(asking):
            backwards = self._goal_costs(asking)[:, ::-1]
            found = cheapest_by_deadline(backwards, self.slots - self._goal_due[asking], self._beyond_ready(asking))
            cost[asking] = found[:, ::-1]
        by_column: Array = cost[self._goal]
        row = self.becoming[0]  # what packs hold that have just become ready is the same for all
        by_column[-1] -= self.problem.stay_value[row] + self.problem.end_value_per_kwh * self.problem.unready_kwh[row]
        return by_column

    def _error(self, j: int) -> Array | None:
        """By how much the charging that (6.1) was said to cost costs more, by row that becomes ready; None: nothing.

        Then (6.7) may be too high by so much: that charging was not quite the cheapest.
        """
        return None

    def _goal_costs(self, goals: Index) -> Array:
        value = np.where(self._stays[goals], self.problem.end_value_per_kwh, 0.0)
        return np.asarray(self.costs[None] - value[:, None, None])

    def _beyond_ready(self, goals: Index) -> Knapsacks:
        """What goals may or must charge from S on."""
        most = np.full(len(goals), self.problem.spare_most_kwh)
        width = step_widths(most, self.problem.step_from_kwh)
        return Knapsacks(width, self._beyond[goals], np.full(len(goals), self.problem.spare_kwh))

    def _ready_anyway(self, allowed: ReadyRange) -> Index:
        """The slot from which packs are ready by what they charge anyway, not before they may; when they leave if
        never. Shape (rows that become ready, n + 1)."""
        rows, needs = self.becoming, self.problem.unready_kwh[self.becoming]
        ready = np.broadcast_to(self.due, (len(rows), len(self.due))).copy()
        charges_more: Allowed = self.kwh[rows] > needs[:, None] + EQUAL
        charges_more &= self.problem.allowed[rows] & ~self._is_lost(rows[:, None], np.arange(len(self.due)))
        for j in np.flatnonzero(charges_more.any(axis=0)).tolist():
            which = np.flatnonzero(charges_more[:, j])
            last = np.full(len(which), self.due[j])
            amounts = super()._amounts(rows[which], np.full(len(which), j))
            c = ready_slots(self.problem, rows[which], last, amounts)
            ready[which, j] = np.minimum(np.maximum(c, allowed.first[rows[which], j]), last)
        return ready


class _Soonest:
    """Of columns the cheapest slots to be ready by: in one sweep for all columns that ask for no more than S."""

    def __init__(self, by_slot: Array, beyond: Array, first: Index) -> None:
        self.by_slot, self.beyond, self.first = by_slot, beyond, first
        self.is_plain: Allowed = (beyond == 0).all(axis=1) & (first == 0).all(axis=0)
        before = np.concatenate([np.full((len(by_slot), 1), np.inf), np.minimum.accumulate(by_slot, axis=1)], axis=1)
        is_new = by_slot < before[:, :-1]
        self.least = before
        self.slot = np.maximum.accumulate(np.where(is_new, np.arange(by_slot.shape[1]), 0), axis=1)

    def __call__(self, j: int, due: int) -> tuple[Array, Index]:
        """Cost and slot for every row, before slot `due`."""
        if self.is_plain[j]:
            return self.least[:, due], self.slot[:, due - 1]
        made = self.by_slot[:, :due] + self.beyond[j, :due]
        made[np.arange(due) < self.first[:, j][:, None]] = np.inf
        return _least(made)

    def at_least(self, j: int, due: int, error: Array, floor: Array) -> tuple[Array, Index]:
        """The same less `error` by row, but no less than `floor`, shape (rows, due)."""
        made = self.by_slot[:, :due] + self.beyond[j, :due]
        made = np.where(np.isfinite(made), np.maximum(made - error[:, None], floor), np.inf)
        made[np.arange(due) < self.first[:, j][:, None]] = np.inf
        return _least(made)


def _least(made: Array) -> tuple[Array, Index]:
    slot = made.argmin(axis=1)
    return made[np.arange(len(made)), slot], slot
