"""What it costs at given slot prices to charge each pack for each swap (section 6 of models/README.md)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.formulations.assignment.cheapest_energy import Knapsacks, fill, most_items, step_widths
from models.formulations.assignment.cheapest_items import cheapest_items
from models.formulations.assignment.problem import Allowed, AssignmentProblem
from models.formulations.matrix import Array, Index
from models.tolerances import EQUAL


@dataclass(frozen=True)
class Charges:
    """Energy charged on chosen edges: `kwh[i]` in `slot[i]` on edge number `edge[i]`.

    `ready`: by edge the slot from which its pack counts as ready, None where no reserve is asked for.
    """

    edge: Index
    slot: Index
    kwh: Array
    ready: Index | None = None


class ChargingCosts:
    """Prices every (pack, swap) pair of one type, again and again at other prices.

    A window is what a pair has to charge in: from the pack's first slot to the swap's, or to the end for staying.
    Pairs share windows: `window[r, j]` is the number of a pair's, and window 0 is empty.
    """

    def __init__(self, problem: AssignmentProblem, slots: int) -> None:
        self.problem, self.slots = problem, slots
        releases, row = np.unique(problem.charge_from, return_inverse=True)
        dues, column = np.unique(np.append(problem.due, slots), return_inverse=True)
        open_ = releases[:, None] < dues[None, :]
        self.window = np.where(open_, np.cumsum(open_.ravel()).reshape(open_.shape), 0)[row][:, column]
        self.first, self.last = (
            np.append(0, side[which]) for side, which in zip((releases, dues), np.nonzero(open_), strict=True)
        )
        self.steps = len(problem.step_cost)
        self.least_kwh = np.concatenate([problem.missing_kwh, np.zeros((len(problem.packs), 1))], axis=1)
        self.width_kwh = step_widths(problem.most_kwh, problem.step_from_kwh)
        self.depth = most_items(Knapsacks(self.width_kwh, problem.room_kwh, problem.room_kwh), slots * self.steps)

    def at(self, price_per_kwh: Array) -> Array:
        """(6.1) cost of every pair, shape (m, n + 1), inf where it cannot be; prices of a kWh into a pack by slot."""
        problem = self.problem
        self.costs = price_per_kwh[:, None] + problem.step_cost
        self._look(self.costs.ravel())
        kwh = self._energy_kwh(self.costs.ravel())
        cost = self._cheapest(kwh)
        cost[:, -1] -= problem.stay_value + problem.end_value_per_kwh * kwh[:, -1]
        cost[problem.lost] = problem.lost_cost
        return np.where(problem.allowed, cost, np.inf)

    def charges(self, rows: Index, columns: Index) -> Charges:
        """How the given pairs charge at the prices looked at last; a lost swap's pack does not."""
        amounts = self._amounts(rows, columns)
        edge, slot = np.nonzero(amounts > EQUAL)
        return Charges(edge, slot, amounts[edge, slot])

    def _amounts(self, rows: Index, columns: Index) -> Array:
        """Energy of pairs by slot."""
        kwh = np.where(self._is_lost(rows, columns), 0.0, self.kwh[rows, columns])
        last = np.append(self.problem.due, self.slots)[columns]
        knapsacks = Knapsacks(self.width_kwh[rows], kwh, kwh)
        return fill(self.costs[None], self.problem.charge_from[rows], last, knapsacks)

    def _is_lost(self, rows: Index, columns: Index) -> Allowed:
        return np.asarray((rows == self.problem.initial + columns) & (columns < len(self.problem.swaps)))

    def _look(self, costs: Array) -> None:
        """The cheapest items of every window, cheapest first: their cost and step, shape (windows, depth)."""
        by_cost = np.argsort(costs, kind="stable")
        rank = np.empty(len(costs), dtype=np.int64)
        rank[by_cost] = np.arange(len(costs))
        place = cheapest_items(rank, self.first * self.steps, self.last * self.steps, self.depth)
        self.cost = np.append(costs[by_cost], 0.0)[place]
        if self.steps > 1:
            self.step = np.append(by_cost % self.steps, 0)[place]
        else:
            self.total = np.zeros((len(place), self.depth + 1))
            np.cumsum(self.cost, axis=1, out=self.total[:, 1:])

    def _energy_kwh(self, costs: Array) -> Array:
        """What each pair charges: what is missing, and what pays for itself as far as there is room."""
        problem = self.problem
        paying = np.zeros(self.window.shape)
        if costs.min() < 0:
            paying = self._paying_kwh(costs < 0, self.window)
        paying[:, -1:] = self._paying_kwh(costs < problem.end_value_per_kwh, self.window[:, -1:])
        self.kwh: Array = np.maximum(self.least_kwh, np.minimum(problem.room_kwh[:, None], paying))
        return np.asarray(self.kwh)

    def _paying_kwh(self, pays: Allowed, window: Index) -> Array:
        """Energy of the items that pay in the windows of pairs."""
        until = np.zeros((self.slots + 1, self.steps), dtype=np.int64)
        np.cumsum(pays.reshape(-1, self.steps), axis=0, out=until[1:])
        count = until[self.last] - until[self.first]
        return np.asarray(sum(self.width_kwh[:, h, None] * count[window, h] for h in range(self.steps)))

    def _cheapest(self, kwh: Array) -> Array:
        """Cost of that energy in the cheapest items of each pair's window."""
        if self.steps > 1:
            return self._cheapest_by_step(kwh)
        most = np.maximum(self.problem.most_kwh, EQUAL)[:, None]
        full = np.minimum((kwh / most).astype(np.int64), self.depth - 1)
        before, last = self.total[self.window, full], self.cost[self.window, full]
        return np.asarray(most * before + (kwh - most * full) * last)

    def _cheapest_by_step(self, kwh: Array) -> Array:
        """The same where items have different widths."""
        left, cost, row = kwh.copy(), np.zeros(kwh.shape), np.arange(len(kwh))[:, None]
        for k in range(self.depth):
            if not left.any():
                break
            taken = np.minimum(left, self.width_kwh[row, self.step[self.window, k]])
            cost += taken * self.cost[self.window, k]
            left -= taken
        return cost
