"""What pairs of pack and swap cost along an acceptance curve where packs are paid for being ready: (6.12).

As in (6.7) a pack becomes ready by the charging that is cheapest anyway, or holds just S at the start of some slot.
Both halves of the latter come from the dynamic programme of (6.11): S in that slot is one more goal, and what every
goal costs from S on is read off on the way.
"""

from __future__ import annotations

import numpy as np

from models.formulations.assignment.concave_costs import MISSING_PRICE, ConcaveCosts
from models.formulations.assignment.problem import Allowed, AssignmentProblem
from models.formulations.assignment.ready_costs import ReadyCosts, ReadyRange
from models.formulations.matrix import Array, Index
from models.station.acceptance import Reach
from models.tolerances import EQUAL


class ReadyCurveCosts(ReadyCosts):
    """As ReadyCosts, of charging along the least concave function above R: exact where that is R."""

    def __init__(self, problem: AssignmentProblem, slots: int, reach: Reach) -> None:
        super().__init__(problem, slots)
        self.concave = _ReadyGoals(problem, slots, reach)
        self._can_hold = self._slots_that_can_hold()

    def with_reserve(self, price_per_kwh: Array, worth: Array, allowed: ReadyRange) -> Array:
        """(6.12) cost of every pair, shape (m, n + 1); `worth` of a ready pack by slot.

        Slots that are worth nothing and by which no pack must be ready are left out: later is cheaper, and earns as
        much.
        """
        pays = worth > 0
        pays[allowed.last[allowed.last < self.slots]] = True
        self.concave.look_for(np.flatnonzero(pays[1:]) + 1)
        return super().with_reserve(price_per_kwh, worth, allowed)

    def at(self, price_per_kwh: Array) -> Array:
        """Cost of every pair, shape (m, n + 1), inf where it cannot be; prices of a kWh into a pack by slot."""
        cost: Array = self.concave.at(price_per_kwh)
        return cost

    def _slots_that_can_hold(self) -> Allowed:
        """May the packs that become ready hold S at the start of each slot?"""
        rows, ladder = self.becoming, self.problem.ladder_kwh
        assert ladder is not None
        charged = np.maximum(np.arange(self.slots + 1) - self.problem.charge_from[rows, None], 0)
        most = np.take_along_axis(ladder[rows], np.minimum(charged, ladder.shape[1] - 1), axis=1)
        return np.asarray(self.problem.unready_kwh[rows, None] <= most + EQUAL)

    def _amounts(self, rows: Index, columns: Index) -> Array:
        first = np.where(self._is_lost(rows, columns), self.slots, self.problem.charge_from[rows])
        until = np.where(self.by_deadline[rows, columns], self.ready[rows, columns], 0)
        of_column, to_ready = self.concave.goal[columns], self.concave.ready_goal[until]
        start_kwh = self.concave.start_kwh[rows]
        return self.concave.charged(start_kwh, first, lambda t: np.where(t < until, to_ready, of_column))

    def _cost_by_ready_slot(self, last: Index) -> Array:
        cost = self.concave.cost[self.becoming][:, self.concave.ready_goal] + self.worth_before
        can_be = self._can_hold & (np.arange(self.slots + 1) <= last[:, None]) & (self.concave.ready_goal > 0)
        return np.asarray(np.where(can_be, cost, np.inf))

    def _cost_beyond_ready(self) -> Array:
        return np.asarray(self.concave.cost_from_ready[:, self.concave.goal].T)

    def _ready_anyway(self, allowed: ReadyRange) -> Index:
        rows, columns = self.becoming, np.arange(len(self.due))
        is_lost = self._is_lost(rows[:, None], columns)
        ready, error = self.concave.follow(rows)
        self._errors = np.where(is_lost | ~self.problem.allowed[rows], 0.0, error[:, self.concave.own_goal])
        ready = np.where(is_lost, self.due, ready[:, self.concave.own_goal])
        return np.asarray(np.minimum(np.maximum(ready, allowed.first[rows]), self.due))

    def _error(self, j: int) -> Array | None:
        error: Array = self._errors[:, j]
        return error if error.max() > EQUAL else None


class _ReadyGoals(ConcaveCosts):
    """With S in some slots as one more goal each: `ready_goal[t]`, 0 where slot t is none of them.

    At the prices looked at last: `cost`, shape (m, goals); `cost_from_ready[t]`: of goals, of a pack that holds S at
    the start of slot t.
    """

    def _set_goals(self) -> None:
        super()._set_goals()
        self.own_due, self.own_need_kwh, self.own_goal = self.due, self.need_kwh, self.goal
        self.ready_kwh = self.target_kwh - self.problem.spare_kwh
        self.look_for(np.arange(1, self.slots))

    def look_for(self, slots: Index) -> None:
        """Let S in each of `slots`, of 1 … T − 1, be a goal, and in no others."""
        own, due = len(self.own_due), np.append(self.own_due, slots)
        order = np.argsort(-due, kind="stable")
        place = np.argsort(order)
        self.due, self.goal, self.own_goals = due[order], place[self.own_goal], place[:own]
        self.need_kwh = np.append(self.own_need_kwh, np.full(len(slots), self.ready_kwh))[order]
        self.exact = place[own:]
        self.ready_goal = np.zeros(self.slots + 1, dtype=np.int64)
        self.ready_goal[slots] = self.exact

    def _when_due(self, price: float) -> tuple[Array, Array]:
        """A pack holds just S then: what it holds above counts as missing."""
        value, slope = super()._when_due(price)
        above = self.nodes - self.ready_kwh
        value[self.exact] += np.where(above > EQUAL, price * above, 0.0)
        slope[self.exact] = np.where(above > -EQUAL, price, slope[self.exact])
        return value, slope

    def _go_back(self) -> Array:
        self.cost_from_ready = np.zeros((self.slots + 1, len(self.due)))
        self.cost = super()._go_back()
        return self.cost

    def _read(self, cost: Array, value: Array, slot: int) -> None:
        super()._read(cost, value, slot)
        self.cost_from_ready[slot] = value[:, np.searchsorted(self.nodes, self.ready_kwh - EQUAL)]

    def follow(self, rows: Index) -> tuple[Index, Array]:
        """Of the cheapest charging of rows for all goals but those of readiness, shape (rows, goals): the slot from
        which it holds S, that in which the pack leaves if never; and by how much it costs more than was said."""
        goals, first = self.own_goals, self.problem.charge_from[rows, None]
        start = self.start_kwh[rows]
        energy_kwh = np.repeat(start[:, None], len(goals), axis=1)
        ready, cost = np.repeat(self.due[None, goals], len(rows), axis=0), np.zeros(energy_kwh.shape)
        for t in range(self.slots):
            r, g = np.nonzero((first <= t) & (t < self.due[goals]))
            if len(r):
                now = energy_kwh[r, g]
                end = np.clip(self._wanted(now, self.best_kwh[t, goals[g]]), now, self._reach(now)[0])
                cost[r, g] += self._paid(t, end - now, self._step_of(end - now))
                energy_kwh[r, g] = end
                becomes = (now < self.ready_kwh - EQUAL) & (end >= self.ready_kwh - EQUAL)
                ready[r[becomes], g[becomes]] = t + 1
        price = MISSING_PRICE * (1 + float(np.abs(self.costs).max(initial=0.0)))
        cost += np.where(goals == 0, -self.problem.end_value_per_kwh * energy_kwh, 0.0)
        cost += np.where(goals > 0, price * np.maximum(self.need_kwh[goals] - energy_kwh, 0.0), 0.0)
        return ready, cost - self.cost[rows][:, goals]
