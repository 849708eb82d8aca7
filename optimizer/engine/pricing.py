"""(6.6) of models/README.md: what every plan costs at least, by one assignment of packs to swaps for each type."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from models.formulations.assignment.charging_costs import ChargingCosts
from models.formulations.assignment.master import OrderMaster
from models.formulations.assignment.problem import Jobs
from models.formulations.matrix import Array, Index
from optimizer.engine.column_pool import Duals, Node
from optimizer.engine.highs import dual_bound


@dataclass(frozen=True)
class Priced:
    """The bound at some multipliers and the assignment that attains it, by type; +inf and nothing where none can be."""

    bound: float
    pairs: tuple[tuple[Index, Index], ...] = ()


def priced(costs: Sequence[ChargingCosts], master: OrderMaster, node: Node, duals: Duals) -> Priced:
    """The least cost of any order of `node` when the rows that packs share are priced at `duals`."""
    price_per_kwh = master.price_per_kwh(duals.bill)
    if not np.isfinite([*duals.bill, *duals.counts.values()]).all():
        return Priced(-math.inf)
    counts = _usable(node, duals)
    total = dual_bound(master.bill_within(node.begun), duals.bill) + sum(dual * side for dual, side in counts.values())
    pairs = []
    for k, one in enumerate(costs):
        cost = np.where(node.allowed[k], one.at(price_per_kwh), np.inf)
        _charge_for_lost(cost, one.jobs, counts)
        found = cheapest(cost, one.jobs)
        if found is None:
            return Priced(math.inf)
        pairs.append(found)
        total += float(_square(cost, one.jobs)[found].sum())
    return Priced(total, tuple(pairs))


def cheapest(cost: Array, jobs: Jobs) -> tuple[Index, Index] | None:
    """Rows and columns of the cheapest assignment, columns from n on standing for staying; None if there is none."""
    try:
        rows, columns = linear_sum_assignment(_square(cost, jobs))
    except ValueError:  # "cost matrix is infeasible"
        return None
    return rows, columns


def _square(cost: Array, jobs: Jobs) -> Array:
    """Staying is as many columns as packs can stay."""
    return np.concatenate([cost[:, :-1], np.repeat(cost[:, -1:], jobs.initial, axis=1)], axis=1)


def _usable(node: Node, duals: Duals) -> dict[int, tuple[float, float]]:
    """Multiplier and side of every count; one without a finite side, rounding noise of a zero, counts for nothing."""
    counts = {}
    for slot, dual in duals.counts.items():
        low, high = node.lost.get(slot, (-math.inf, math.inf))
        side = low if dual > 0 else high
        if math.isfinite(side):
            counts[slot] = (dual, side)
    return counts


def _charge_for_lost(cost: Array, jobs: Jobs, counts: Mapping[int, tuple[float, float]]) -> None:
    rows, columns = jobs.lost
    for slot, (dual, _) in counts.items():
        cost[rows, columns] -= np.where(jobs.due <= slot, dual, 0.0)
