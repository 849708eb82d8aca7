"""What it costs at given slot prices to charge each pack for each swap (section 6 of models/README.md)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.formulations.assignment.problem import AssignmentProblem
from models.formulations.matrix import Array, Index
from models.tolerances import EQUAL


@dataclass(frozen=True)
class Charges:
    """Energy charged on chosen edges: `kwh[i]` in `slot[i]` on edge number `edge[i]`."""

    edge: Index
    slot: Index
    kwh: Array


class ChargingCosts:
    """Prices every (pack, swap) pair of one type, again and again at other prices.

    A window is what a pair has to charge in: from the pack's first slot to the swap's, or to the end for staying.
    Pairs share windows: `window[r, j]` is the number of a pair's, and window 0 is empty.
    """

    def __init__(self, problem: AssignmentProblem, slots: int) -> None:
        self.problem = problem
        releases, row = np.unique(problem.charge_from, return_inverse=True)
        dues, column = np.unique(np.append(problem.due, slots), return_inverse=True)
        open_ = releases[:, None] < dues[None, :]
        self.window = np.where(open_, np.cumsum(open_.ravel()).reshape(open_.shape), 0)[row][:, column]
        first, last = (
            np.append(0, side[which]) for side, which in zip((releases, dues), np.nonzero(open_), strict=True)
        )
        at = np.arange(slots)
        self.inside = (first[:, None] <= at) & (at < last[:, None])
        self.least_kwh = np.concatenate([problem.missing_kwh, np.zeros((len(problem.packs), 1))], axis=1)
        most = np.where(problem.most_kwh > EQUAL, np.ceil(problem.room_kwh / np.maximum(problem.most_kwh, EQUAL)), 0.0)
        self.depth = min(slots, int(most.max(initial=0.0)) + 1)

    def at(self, price_per_kwh: Array) -> Array:
        """(6.1) cost of every pair, shape (m, n + 1), inf where it cannot be; prices of a kWh into a pack by slot."""
        problem, costs = self.problem, price_per_kwh + self.problem.wear_per_kwh
        self._look(costs)
        kwh = self._energy_kwh(costs)
        cost = self._cheapest(kwh)
        cost[:, -1] -= problem.stay_value + problem.end_value_per_kwh * kwh[:, -1]
        cost[problem.lost] = problem.lost_cost
        return np.where(problem.allowed, cost, np.inf)

    def charges(self, rows: Index, columns: Index) -> Charges:
        """How the given pairs charge at the prices looked at last; a lost swap's pack does not."""
        window, most = self.window[rows, columns], self.problem.most_kwh[rows]
        lost = (rows == self.problem.initial + columns) & (columns < len(self.problem.swaps))
        kwh = np.where(lost, 0.0, self.kwh[rows, columns])
        amounts = np.clip(kwh[:, None] - most[:, None] * np.arange(self.depth), 0.0, most[:, None])
        edge, k = np.nonzero(amounts > EQUAL)
        slot = self.slot[window[edge], k]
        in_time = np.lexsort((slot, edge))  # the same charges look the same whatever the prices that led to them
        return Charges(edge, slot[in_time], amounts[edge, k][in_time])

    def _look(self, costs: Array) -> None:
        """The cheapest slots of every window, cheapest first: their cost and number, shape (windows, depth)."""
        by_cost = np.argsort(costs, kind="stable")
        inside = self.inside.take(by_cost, axis=1)
        rank = np.cumsum(inside, axis=1, dtype=np.int16)
        window, place = np.nonzero(inside & (rank <= self.depth))
        where = (window, rank[window, place] - 1)
        self.cost, self.slot = np.zeros((len(inside), self.depth)), np.zeros((len(inside), self.depth), dtype=np.int64)
        self.cost[where], self.slot[where] = costs[by_cost[place]], by_cost[place]
        self.total = np.zeros((len(inside), self.depth + 1))
        np.cumsum(self.cost, axis=1, out=self.total[:, 1:])

    def _energy_kwh(self, costs: Array) -> Array:
        """What each pair charges: what is missing, and what pays for itself as far as there is room."""
        problem, stays = self.problem, self.window[:, -1]
        paying = np.zeros(self.window.shape)
        if costs.min() < 0:
            paying = (self.inside & (costs < 0)).sum(axis=1)[self.window]
        paying[:, -1] = (self.inside & (costs < problem.end_value_per_kwh)).sum(axis=1)[stays]
        extra = np.minimum(problem.room_kwh[:, None], problem.most_kwh[:, None] * paying)
        self.kwh: Array = np.maximum(self.least_kwh, extra)
        return np.asarray(self.kwh)

    def _cheapest(self, kwh: Array) -> Array:
        """Cost of that energy in the cheapest slots of each pair's window."""
        most = np.maximum(self.problem.most_kwh, EQUAL)[:, None]
        full = np.minimum((kwh / most).astype(np.int64), self.depth - 1)
        before, last = self.total[self.window, full], self.cost[self.window, full]
        return np.asarray(most * before + (kwh - most * full) * last)
