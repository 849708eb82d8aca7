"""What pairs cost along an acceptance curve, where a slot's reach R is concave: exact, by convex dynamic programming.

The least cost of going from energy e at the start of slot t to what a swap needs is convex in e. It is kept as its
values and slopes at some energies, the *nodes*: the greatest of these tangents is never above it, whatever the nodes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from models.formulations.assignment.charging_costs import Charges, ChargingCosts
from models.formulations.assignment.problem import AssignmentProblem
from models.formulations.matrix import Array, Index
from models.station.acceptance import Reach, reach_of_kind
from models.station.instance import Night
from models.tolerances import EQUAL

MOST_NODES = 150
FEW_NODES = 60  # as many may be added for steps of wear
SPARE_KWH = 1.0  # lines begin so much below the emptiest pack, far from rounding
SHORTEST_STEP = 100  # where a slot gives very little, nodes are this part of a slot at full power apart
MISSING_PRICE = 1000  # of a missing kWh, in dearest kWh of the night: any price gives a bound


def only_reach(night: Night, kind: str) -> Reach | None:
    """R of a type whose packs all have one curve that lets them charge up to E."""
    kinds = night.types_by_pack.all_of(kind)
    if len(kinds) > 1:
        return None
    reach = reach_of_kind(kinds[0], night.station.chargers.max_kw, night.horizon.slot_hours)
    ends_kwh = 0.0, reach.kind.target_kwh
    return reach if all(line.at(kwh) >= 0 for line in reach.lines for kwh in ends_kwh) else None


def is_priced_exactly(night: Night, kind: str) -> bool:
    """Is R of the type the least of a few rising lines? Then costs are convex."""
    reach = only_reach(night, kind)
    return reach is not None and reach.is_concave


class ConcaveCosts(ChargingCosts):
    """As ChargingCosts, (6.11) in place of (6.1); where R is not concave, of the least concave function above.

    A *goal* is a slot and an energy needed by then; the first is staying. Arrays have shape (goals, nodes).
    """

    def __init__(self, problem: AssignmentProblem, slots: int, reach: Reach) -> None:
        self.problem, self.slots = problem, slots
        self.target_kwh = top = reach.kind.target_kwh
        self.start_kwh = top - np.where(np.isinf(problem.unready_kwh), 0.0, problem.room_kwh)
        hours, pieces = reach.slot_hours, [(1.0, reach.full_kwh), (0.0, top)]
        lines = reach.lines_from(max(0.0, float(self.start_kwh.min(initial=top)) - SPARE_KWH))
        pieces += [(1 / (1 - hours * n.slope), hours * n.intercept / (1 - hours * n.slope)) for n in lines]
        self.rise, self.base_kwh = (np.array(part) for part in zip(*pieces, strict=True))
        self._set_goals()
        self._set_nodes(reach)
        self.step_end_kwh = np.append(problem.step_from_kwh[1:], np.inf)
        self.wear_before = np.append(0.0, np.cumsum(problem.step_cost[:-1] * np.diff(problem.step_from_kwh)))

    def _set_goals(self) -> None:
        """Later ones first, so that those of swaps after a slot are the first few."""
        problem = self.problem
        need = problem.need_kwh
        goals, of_swap = np.unique(np.stack([-problem.due, need], axis=1), axis=0, return_inverse=True)
        self.due = np.append(self.slots, -goals[:, 0]).astype(np.int64)
        self.need_kwh = np.append(0.0, goals[:, 1])
        self.goal = np.append(of_swap.reshape(-1) + 1, 0)

    def _set_nodes(self, reach: Reach) -> None:
        """Where packs come, what swaps need, where R bends, and what leads there at full power: on these nothing is
        lost. With steps of wear also what leads to nodes by whole steps, as far as nodes are few."""
        top = reach.kind.target_kwh
        floor_kwh = float(self.start_kwh.min(initial=top))
        nodes = {
            top,
            top - reach.full_kwh,
            *self.start_kwh.tolist(),
            *self.need_kwh[self.need_kwh > floor_kwh].tolist(),
        }
        for kwh in sorted({top, *self.need_kwh.tolist(), *self._bends_kwh()}, reverse=True):
            while kwh > floor_kwh and len(nodes) < MOST_NODES:
                nodes.add(kwh)
                kwh = min(reach.before_kwh(kwh), kwh - reach.full_kwh / SHORTEST_STEP)
        waiting = sorted(nodes, reverse=True)
        for kwh in waiting:  # it grows
            if len(nodes) < FEW_NODES:
                leading = (kwh - self.problem.step_from_kwh[1:]).tolist()
                leading += [reach.before_kwh(kwh)] if leading else []
                new = {before for before in leading if before > floor_kwh and self._is_new(before, nodes)}
                nodes |= new
                waiting += sorted(new)
        kept = np.array(sorted(nodes | {floor_kwh}))
        self.nodes = kept[np.diff(kept, prepend=-np.inf) > EQUAL]
        self.top_kwh, self.top_rise = self._reach(self.nodes)
        self.node = np.clip(np.searchsorted(self.nodes, self.start_kwh - EQUAL), 0, len(self.nodes) - 1)

    def _is_new(self, kwh: float, nodes: set[float]) -> bool:
        return min(abs(kwh - node) for node in nodes) > EQUAL

    def _bends_kwh(self) -> list[float]:
        """Energies between 0 and E from which on another line of R is the least."""
        lines = sorted(zip(self.rise.tolist(), self.base_kwh.tolist(), strict=True))
        meet = [(b - d) / (c - a) for a, b in lines for c, d in lines if c > a]
        return [kwh for kwh in meet if 0 < kwh < lines[0][1] and self._is_bend(kwh)]

    def _is_bend(self, kwh: float) -> bool:
        ends = self.rise * kwh + self.base_kwh
        return int((ends <= ends.min() + EQUAL).sum()) > 1

    def _reach(self, energy_kwh: Array) -> tuple[Array, Array]:
        """R and its slope, that to the right where it bends: so are all slopes."""
        ends = self.rise[:, None] * energy_kwh + self.base_kwh[:, None]
        least = ends.min(axis=0)
        rise = np.where(ends <= least + EQUAL, self.rise[:, None], np.inf).min(axis=0)
        return np.maximum(least, energy_kwh), rise

    def at(self, price_per_kwh: Array) -> Array:
        """(6.11) cost of every pair, shape (m, n + 1), inf where it cannot be; prices of a kWh into a pack by slot."""
        problem = self.problem
        self.costs = price_per_kwh[:, None] + problem.step_cost
        cost = self._go_back()[:, self.goal]
        cost[np.isinf(problem.unready_kwh), -1] = 0.0
        cost[problem.lost] = problem.lost_cost
        return np.where(problem.allowed, cost, np.inf)

    def _go_back(self) -> Array:
        """Cost of every pack and goal, shape (m, goals)."""
        self.best_kwh = np.zeros((self.slots, len(self.due), self.costs.shape[1]))
        value, slope = self._when_due(MISSING_PRICE * (1 + float(np.abs(self.costs).max(initial=0.0))))
        cost = np.zeros((len(self.start_kwh), len(self.due)))
        self._read(cost, value, self.slots)
        for t in range(self.slots - 1, -1, -1):
            active = slice(0, int((self.due > t).sum()))
            value[active], slope[active] = self._slot_before(t, value[active], slope[active])
            self._read(cost, value, t)
        return cost

    def _when_due(self, price: float) -> tuple[Array, Array]:
        """Values and slopes of goals when they are due; `price` of a kWh that is missing."""
        below = self.nodes < self.need_kwh[:, None] - EQUAL
        value = np.where(below, price * (self.need_kwh[:, None] - self.nodes), 0.0)
        slope = np.where(below, -price, 0.0)
        value[0], slope[0] = -self.problem.end_value_per_kwh * self.nodes, -self.problem.end_value_per_kwh
        return value, slope

    def _read(self, cost: Array, value: Array, slot: int) -> None:
        """Note what goals cost from the start of `slot` on."""
        rows = np.flatnonzero(self.problem.charge_from == slot)
        cost[rows] = value[:, self.node[rows]].T

    def _slot_before(self, t: int, value: Array, slope: Array) -> tuple[Array, Array]:
        """Values and slopes at the start of slot `t` from those at its end."""
        nodes, costs = self.nodes, self.costs[t]
        best = np.stack([_least_at(nodes, value, slope, cost) for cost in costs], axis=1)
        self.best_kwh[t, : len(best)] = best
        wanted = self._wanted(nodes, best[:, None, :])
        end = np.clip(wanted, nodes, self.top_kwh)
        step = self._step_of(end - nodes)
        here, slope_here = _tangents(nodes, value, slope, end)
        cost, dearer = costs[step], np.append(costs[1:], np.inf)[step]
        at_top = -cost + self.top_rise * np.minimum(cost + slope_here, 0.0)
        at_step_end = np.clip(slope_here, -dearer, -cost)
        ends_step = wanted - nodes >= self.step_end_kwh[step] - EQUAL
        moved = np.where(wanted >= self.top_kwh, at_top, np.where(ends_step, at_step_end, -cost))
        stayed = np.maximum(slope_here, -costs[0])
        return here + self._paid(t, end - nodes, step), np.where(wanted <= nodes, stayed, moved)

    def _wanted(self, start_kwh: Array, best_kwh: Array) -> Array:
        """Cheapest energy at a slot's end if the pack took any power: by steps of wear, each as far as it pays."""
        return np.asarray(np.minimum(best_kwh, start_kwh[..., None] + self.step_end_kwh).max(axis=-1))

    def _step_of(self, gain_kwh: Array) -> Index:
        return np.asarray(np.minimum(np.searchsorted(self.step_end_kwh + EQUAL, gain_kwh), len(self.step_end_kwh) - 1))

    def _paid(self, t: int, gain_kwh: Array, step: Index) -> Array:
        """Price and wear of a gain in slot `t`."""
        wear = self.wear_before[step] + self.problem.step_cost[step] * (gain_kwh - self.problem.step_from_kwh[step])
        return np.asarray((self.costs[t, 0] - self.problem.step_cost[0]) * gain_kwh + wear)

    def charges(self, rows: Index, columns: Index) -> Charges:
        """How the given pairs charge at the prices looked at last; a lost swap's pack does not."""
        amounts = self._amounts(rows, columns)
        edge, slot = np.nonzero(amounts > EQUAL)
        return Charges(edge, slot, amounts[edge, slot])

    def _amounts(self, rows: Index, columns: Index) -> Array:
        first = np.where(self._is_lost(rows, columns), self.slots, self.problem.charge_from[rows])
        goal = self.goal[columns]
        return self.charged(self.start_kwh[rows], first, lambda t: goal)

    def charged(self, start_kwh: Array, first: Index, goal_in: Callable[[int], Index]) -> Array:
        """Energy by slot of packs that charge from slot `first` on for what is their goal in each slot."""
        energy_kwh, amounts = start_kwh.copy(), np.zeros((len(start_kwh), self.slots))
        for t in range(self.slots):
            goal = goal_in(t)
            going = np.flatnonzero((first <= t) & (t < self.due[goal]))
            if len(going):
                start = energy_kwh[going]
                wanted = self._wanted(start, self.best_kwh[t, goal[going]])
                energy_kwh[going] = np.clip(wanted, start, self._reach(start)[0])
                amounts[going, t] = energy_kwh[going] - start
        return amounts


def _least_at(nodes: Array, value: Array, slope: Array, cost: float) -> Array:
    """By goal: where cost · e + the greatest tangent at e is least."""
    falling = np.minimum((slope + cost < 0).sum(axis=1), len(nodes) - 1)
    right, left, row = np.maximum(falling, 1), np.maximum(falling, 1) - 1, np.arange(len(value))
    x, s0, s1 = nodes[left], slope[row, left], slope[row, right]
    rise = value[row, right] - s1 * (nodes[right] - x) - value[row, left]
    bend = np.where(s1 - s0 > EQUAL, s1 - s0, 1.0)
    meet = np.where(s1 - s0 > EQUAL, x - rise / bend, nodes[right])
    inside = np.clip(meet, x, nodes[right])
    lowest, highest = slope[:, 0] + cost >= 0, slope[:, -1] + cost < 0
    return np.asarray(np.where(lowest, nodes[0], np.where(highest, nodes[-1], inside)))


def _tangents(nodes: Array, value: Array, slope: Array, at_kwh: Array) -> tuple[Array, Array]:
    """The greater of the tangents of both neighbours, and its slope, at energies of shape (goals, nodes)."""
    left = np.clip(np.searchsorted(nodes, at_kwh, side="right") - 1, 0, len(nodes) - 2)
    row = np.arange(len(value))[:, None]
    one = value[row, left] + slope[row, left] * (at_kwh - nodes[left])
    other = value[row, left + 1] - slope[row, left + 1] * (nodes[left + 1] - at_kwh)
    is_one = one >= other
    return np.where(is_one, one, other), np.where(is_one, slope[row, left], slope[row, left + 1])
