"""What pairs cost where an acceptance curve lets each slot of charging give less than the one before (section 6)."""

from __future__ import annotations

import numpy as np

from models.formulations.assignment.charging_costs import Charges, ChargingCosts
from models.formulations.assignment.cheapest_items import cheapest_items
from models.formulations.assignment.concave_costs import ConcaveCosts
from models.formulations.assignment.problem import Allowed, AssignmentProblem
from models.formulations.matrix import Array, Index
from models.station.acceptance import Reach
from models.tolerances import EQUAL


class CurveCosts(ChargingCosts):
    """As ChargingCosts, where of a pair's cheapest slots the k-th gives `problem.gains_kwh[:, k]`: see (6.10).

    For types without steps of wear.
    """

    def __init__(self, problem: AssignmentProblem, slots: int) -> None:
        super().__init__(problem, slots)
        assert problem.gains_kwh is not None and self.steps == 1
        self.gains_kwh: Array = problem.gains_kwh
        self.depth = min(slots, self.gains_kwh.shape[1])
        self.reached_kwh = np.cumsum(self.gains_kwh, axis=1)

    def _amounts(self, rows: Index, columns: Index) -> Array:
        kwh = np.where(self._is_lost(rows, columns), 0.0, self.kwh[rows, columns])
        amounts, window = np.zeros((len(rows), self.slots)), self.window[rows, columns]
        row = np.arange(len(rows))
        for k in range(self.depth):
            taken = np.clip(kwh, 0.0, self.gains_kwh[rows, k])
            amounts[row, self.slot[window, k]] += taken
            kwh = kwh - taken
        return amounts

    def _look(self, costs: Array) -> None:
        """The cheapest slots of every window, cheapest first: their cost and number, shape (windows, depth)."""
        by_cost = np.argsort(costs, kind="stable")
        rank = np.empty(len(costs), dtype=np.int64)
        rank[by_cost] = np.arange(len(costs))
        place = cheapest_items(rank, self.first, self.last, self.depth)
        self.cost, self.slot = np.append(costs[by_cost], 0.0)[place], np.append(by_cost, 0)[place]

    def _paying_kwh(self, pays: Allowed, window: Index) -> Array:
        until = np.append(0, np.cumsum(pays))
        count = np.minimum((until[self.last] - until[self.first])[window], self.depth)
        reached = np.concatenate([np.zeros((len(self.reached_kwh), 1)), self.reached_kwh], axis=1)
        return np.asarray(np.take_along_axis(reached, count, axis=1))

    def _cheapest(self, kwh: Array) -> Array:
        left, cost = kwh.copy(), np.zeros(kwh.shape)
        for k in range(self.depth):
            if left.max(initial=0.0) <= EQUAL:
                break
            taken = np.minimum(left, self.gains_kwh[:, k, None])
            cost += taken * self.cost[self.window, k]
            left -= taken
        return cost


class BentCosts(CurveCosts):
    """The dearer of (6.10) and (6.11), pair by pair: both are bounds where R is not concave."""

    def __init__(self, problem: AssignmentProblem, slots: int, reach: Reach) -> None:
        super().__init__(problem, slots)
        self.concave = ConcaveCosts(problem, slots, reach)

    def at(self, price_per_kwh: Array) -> Array:
        """Cost of every pair, shape (m, n + 1), inf where it cannot be; prices of a kWh into a pack by slot."""
        cost, other = super().at(price_per_kwh), self.concave.at(price_per_kwh)
        self.is_concave_dearer = other > cost
        return np.maximum(cost, other)

    def charges(self, rows: Index, columns: Index) -> Charges:
        """How the given pairs charge by the dearer of both, at the prices looked at last."""
        dearer = self.is_concave_dearer[rows, columns]
        one, other = np.flatnonzero(~dearer), np.flatnonzero(dearer)
        found = super().charges(rows[one], columns[one]), self.concave.charges(rows[other], columns[other])
        parts = [
            (pairs[charges.edge], charges.slot, charges.kwh) for pairs, charges in zip((one, other), found, strict=True)
        ]
        edge, slot, kwh = (np.concatenate(part) for part in zip(*parts, strict=True))
        by_edge = np.lexsort((slot, edge))
        return Charges(edge[by_edge], slot[by_edge], kwh[by_edge])
