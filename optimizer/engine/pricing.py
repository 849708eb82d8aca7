"""Pricing, (6.6) of models/README.md: a lower bound on every plan, by the cheapest assignment of each type."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, FileFinder
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import Any, cast

import numpy as np

from models.formulations.assignment.charging_costs import ChargingCosts
from models.formulations.assignment.master import RestrictedMaster
from models.formulations.assignment.problem import AssignmentProblem
from models.formulations.assignment.ready_costs import ReadyCosts
from models.formulations.matrix import Array, Index
from optimizer.engine.column_pool import Duals, Node
from optimizer.engine.highs import dual_bound


@dataclass(frozen=True)
class PricingSolution:
    """The bound at some duals and the assignment that attains it, by type; +inf and nothing if infeasible."""

    bound: float
    pairs: tuple[tuple[Index, Index], ...] = ()


@cache
def linear_sum_assignment() -> Callable[[Array], tuple[Index, Index]]:
    """`scipy.optimize.linear_sum_assignment` (Crouse 2016), loaded without the rest of `scipy.optimize`, which takes
    longer to import than most nights to plan. Where it cannot be had so, the whole package is imported."""
    try:
        module = _scipy_extension("optimize", "_lsap")
    except (ImportError, OSError):
        module = import_module("scipy.optimize")
    return cast(Callable[[Array], tuple[Index, Index]], module.linear_sum_assignment)


def _scipy_extension(package: str, name: str) -> Any:
    """A compiled module of SciPy by its file. Raises ImportError where there is none."""
    scipy = find_spec("scipy")
    places = (scipy and scipy.submodule_search_locations) or ()
    for place in places:
        finder = FileFinder(str(Path(place) / package), (ExtensionFileLoader, EXTENSION_SUFFIXES))
        if (spec := finder.find_spec(name)) is not None and spec.loader is not None:
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    raise ImportError(f"SciPy has no compiled module {name} in {package}")


def price_assignments(
    costs: Sequence[ChargingCosts], master: RestrictedMaster, node: Node, duals: Duals
) -> PricingSolution:
    """The least cost of any assignment of `node` when the rows that packs share are priced at `duals`."""
    price_per_kwh = master.price_per_kwh(duals.bill)
    if not np.isfinite([*duals.bill, *duals.counts.values()]).all():
        return PricingSolution(-math.inf)
    counts = _usable(node, duals)
    worth = master.worth_of_ready(duals.bill)
    total = dual_bound(master.bill_within(node.limits), duals.bill) + sum(dual * side for dual, side in counts.values())
    pairs = []
    for k, costs_of_type in enumerate(costs):
        cost = np.where(node.allowed[k], _costs(costs_of_type, price_per_kwh, worth, node, k), np.inf)
        _charge_for_lost(cost, costs_of_type.problem, counts)
        found = cheapest_assignment(cost, costs_of_type.problem)
        if found is None:
            return PricingSolution(math.inf)
        pairs.append(found)
        total += float(_square(cost, costs_of_type.problem)[found].sum())
    return PricingSolution(total, tuple(pairs))


def _costs(costs: ChargingCosts, price_per_kwh: Array, worth: Array, node: Node, k: int) -> Array:
    if isinstance(costs, ReadyCosts):
        return costs.with_reserve(price_per_kwh, worth, node.ready[k])
    return costs.at(price_per_kwh)


def cheapest_assignment(cost: Array, problem: AssignmentProblem) -> tuple[Index, Index] | None:
    """Rows and columns of the cheapest assignment, columns from n on standing for staying; None if infeasible."""
    try:
        rows, columns = linear_sum_assignment()(_square(cost, problem))
    except ValueError:  # "cost matrix is infeasible"
        return None
    return rows, columns


def _square(cost: Array, problem: AssignmentProblem) -> Array:
    """Staying is as many columns as packs can stay."""
    return np.concatenate([cost[:, :-1], np.repeat(cost[:, -1:], problem.initial, axis=1)], axis=1)


def _usable(node: Node, duals: Duals) -> dict[int, tuple[float, float]]:
    """Dual and side of every count; one without a finite side, rounding noise of a zero, counts for nothing."""
    counts = {}
    for slot, dual in duals.counts.items():
        low, high = node.lost.get(slot, (-math.inf, math.inf))
        side = low if dual > 0 else high
        if math.isfinite(side):
            counts[slot] = (dual, side)
    return counts


def _charge_for_lost(cost: Array, problem: AssignmentProblem, counts: Mapping[int, tuple[float, float]]) -> None:
    rows, columns = problem.lost
    for slot, (dual, _) in counts.items():
        cost[rows, columns] -= np.where(problem.due <= slot, dual, 0.0)
