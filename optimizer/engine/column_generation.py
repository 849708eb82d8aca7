"""Orders by column generation (section 6 of models/README.md): prices, the cheapest order at them, better prices.

Each round prices every pair of pack and swap at the multipliers of the shared rows, takes the cheapest
assignment (a bound, and an order to dispatch), and lets the master mix all patterns seen so far for new multipliers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.formulations.assignment.charging_costs import ChargingCosts
from models.formulations.assignment.problem import Jobs, jobs_of
from models.formulations.matrix import Array
from models.formulations.stepped_bill import dearest_per_kwh
from models.station.instance import Night
from models.tolerances import MISSING_KWH
from optimizer.engine.column_pool import Duals, Mixture, Node, OrderPool
from optimizer.engine.dispatch import Dispatched, dispatch, plan_order
from optimizer.engine.pricing import Priced, cheapest, priced
from optimizer.engine.search import Search

ROUNDS = 40  # most rounds at one node
MANY_ROUNDS = 1000  # the same where nothing is left to part: flat loads need many patterns
DISPATCH_EVERY = 6  # rounds: orders on the way are tried as plans, too
CLOSE = 0.1  # share of the gap asked for at which the master and the bound are as good as equal


@dataclass(frozen=True)
class Worked:
    """A node with its bound proven, and the mixture it ended with (None: it cannot hold a better plan)."""

    node: Node
    mixture: Mixture | None


class Orders:
    """One station's orders: what its nodes share."""

    def __init__(self, search: Search) -> None:
        night = search.night
        self.search = search
        self.types = jobs_of(night)
        self.costs = [ChargingCosts(jobs, night.horizon.slots) for jobs in self.types]
        self.pool = OrderPool(night, self.types, search.options.seed, search.watch)
        self._given_away = _given_away(night, self.types)
        has_binaries = night.station.needs_switches or any(night.station.ready_reserve) or len(self.pool.master.begun)
        self._tries_on_the_way = not has_binaries
        self._tried: set[tuple[tuple[str, str], ...]] = set()

    def root(self) -> Node:
        """All orders, at the prices of the tariff."""
        master = self.pool.master
        bill = np.zeros(master.bill.shape[0])
        bill[master.balance] = master.bill.cost[master.drawn]
        return Node(tuple(jobs.allowed for jobs in self.types), {}, -math.inf, Duals(bill))

    def work(self, node: Node, *, first: bool = False, rounds: int = ROUNDS) -> Worked:
        """Raise the node's bound as far as it goes, or as far as anyone needs it; try orders as plans."""
        self.pool.enter(node)
        duals, mixture = node.duals, None
        for n in range(rounds):
            if self.search.seconds_left <= 0:
                return Worked(node, None)
            found = priced(self.costs, self.pool.master, node, duals)
            if found.bound > node.bound:
                node = replace(node, bound=found.bound, duals=duals)
            if first:
                self.search.raise_bound(node.bound, "orders")
            dispatched = None
            if self._is_tried(n, first) and not self.search.is_done:
                dispatched = self._try(found)
            if self.is_hopeless(node) or self.search.is_done:
                return Worked(node, None)
            self._keep(found)
            if n == 0 and (multipliers := self._multipliers(dispatched)) is not None:
                duals = multipliers
                continue
            mixture = self.pool.mix(self.search.seconds_left)
            if mixture is None or mixture.objective - node.bound <= CLOSE * self.search.money_gap:
                break
            duals = mixture.duals
        if mixture is not None:
            self._try(found)
            self._try_mixture(mixture, node, repair=first)
        return Worked(node, None if self.is_hopeless(node) else mixture)

    def _is_tried(self, n: int, first: bool) -> bool:
        """Is the order of round `n` tried as a plan?"""
        return self._tries_on_the_way and ((first and n == 0) or n % DISPATCH_EVERY == DISPATCH_EVERY - 1)

    def is_hopeless(self, node: Node) -> bool:
        """Can the node hold no plan that is better by more than the gap asked for, or than bounds give away?"""
        return node.bound >= self.search.objective - max(self.search.money_gap, self._given_away)

    def _keep(self, found: Priced) -> None:
        """Put the patterns of an assignment into the pool."""
        for k, (rows, columns) in enumerate(found.pairs):
            columns = np.minimum(columns, len(self.types[k].swaps))
            self.pool.add(k, rows, columns, self.costs[k].charges(rows, columns))

    def _multipliers(self, dispatched: Dispatched | None) -> Duals | None:
        """Those of a plan's best powers: near those of the best plan. None without a plan, or where chargers count."""
        if dispatched is None or not dispatched.is_plan or dispatched.bill_dual is None:
            return None
        rows = self.pool.master.bill.shape[0]
        return Duals(dispatched.bill_dual) if len(dispatched.bill_dual) == rows else None

    def _try(self, found: Priced) -> Dispatched | None:
        order: dict[str, str] = {}
        for jobs, (rows, columns) in zip(self.types, found.pairs, strict=False):
            order |= jobs.order_of(rows, columns)
        return self._dispatch(order, repair=False) if found.pairs else None

    def _try_mixture(self, mixture: Mixture, node: Node, *, repair: bool) -> None:
        """The order that has most of the mixture."""
        order: dict[str, str] = {}
        for jobs, shares, allowed in zip(self.types, mixture.shares, node.allowed, strict=True):
            cost: Array = np.where(allowed, -shares, np.inf)
            if (found := cheapest(cost, jobs)) is None:
                return
            order |= jobs.order_of(*found)
        self._dispatch(order, repair=repair)

    def _dispatch(self, order: dict[str, str], *, repair: bool) -> Dispatched | None:
        key = tuple(sorted(order.items()))
        if key in self._tried or self.search.seconds_left <= 0:
            return None
        self._tried.add(key)
        found: Dispatched | None = (plan_order if repair else dispatch)(self.search, order, "orders")
        if found is not None and found.is_plan and not self.search.is_done:
            powers = [row.power_kw for row in found.schedule.rows]
            self.pool.add_plan(found.stays, powers, self.search.night.horizon.slot_hours)
        return found


def _given_away(night: Night, types: Sequence[Jobs]) -> float:
    """By what bounds lie below plans that miss no need: the energy that plans may miss, at the dearest it is worth."""
    bought_kwh = dearest_per_kwh(night.tariff_series) / night.station.chargers.efficiency
    kept_kwh = max((abs(jobs.end_value_per_kwh) for jobs in types), default=0.0)
    return MISSING_KWH * len(night.station.swaps) * max(bought_kwh, kept_kwh)
