"""What pairs cost along acceptance curves where ready packs are worth something: each against linear programmes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.optimize import linprog
from test_curve_costs import charging_pairs, concave_night, prices_of
from test_ready_costs import some_range

from models.formulations.assignment.concave_costs import only_reach
from models.formulations.assignment.problem import AssignmentProblem, assignment_problems
from models.formulations.assignment.ready_costs import ReadyRange, any_time
from models.formulations.assignment.ready_curve_costs import ReadyCurveCosts
from models.formulations.matrix import Array
from models.station.instance import Night

CLOSE = 1e-5


def priced(night: Night, problem: AssignmentProblem) -> ReadyCurveCosts:
    reach = only_reach(night, problem.type)
    assert reach is not None
    return ReadyCurveCosts(problem, night.horizon.slots, reach)


def charging(costs: ReadyCurveCosts, price: Array, r: int, j: int, window: range, ready: int) -> float:
    """Cheapest charging that holds S by the start of slot `ready` (0: need not), by a solver; inf if there is none."""
    problem, n, steps = costs.problem, len(window), len(costs.problem.step_cost)
    stays, start = j == len(problem.swaps), float(costs.concave.start_kwh[r])
    worth, held = (problem.end_value_per_kwh, float(problem.stay_value[r])) if stays else (0.0, 0.0)
    least = np.array([0.0 if stays else max(0.0, float(problem.need_kwh[j]) - start)])
    least = np.append(least, problem.unready_kwh[r] if ready else 0.0)
    if not n:
        return -held if least.max() <= 0 else np.inf
    gained = np.repeat(np.tril(np.ones((n, n))), steps, axis=1)
    before = np.vstack([np.zeros(n * steps), gained[:-1]])
    lines = list(zip(costs.concave.rise, costs.concave.base_kwh, strict=True))
    by_ready = np.repeat([float(t < ready) for t in window], steps)
    found = linprog(
        (price[list(window)][:, None] + problem.step_cost - worth).ravel(),
        A_ub=np.vstack([*(gained - rise * before for rise, _ in lines), -np.ones(n * steps), -by_ready]),
        b_ub=np.concatenate([*(np.full(n, base + (rise - 1) * start) for rise, base in lines), -least]),
        bounds=list(zip([0.0] * steps, costs.concave.step_end_kwh - problem.step_from_kwh, strict=True)) * n,
    )
    return float(found.fun) - held if found.status == 0 else np.inf


def cheapest(
    costs: ReadyCurveCosts, price: Array, worth: Array, pair: tuple[int, int, range], allowed: ReadyRange
) -> float:
    """Least over all slots from which the pack may count as ready."""
    (r, j, window), problem, slots = pair, costs.problem, len(price)
    due = int(np.append(problem.due, slots)[j])
    anyway = charging(costs, price, r, j, window, 0)
    if problem.unready_kwh[r] <= 0:
        return anyway - float(worth[problem.arrive[r] : due].sum())
    found = [anyway] if allowed.last[r] == slots else []
    for ready in range(max(1, int(allowed.first[r, j])), min(due, int(allowed.last[r]) + 1)):
        found.append(charging(costs, price, r, j, window, ready) - float(worth[ready:due].sum()))
    return min(found, default=np.inf)


def worth_of(night: Night, seed: int) -> Array:
    """By seed next to nothing or more than any charging, in all slots or in some."""
    r, slots = np.random.default_rng(seed), night.horizon.slots
    return np.round(r.choice([0.05, 1.0, 50.0]) * r.random(slots), 3) * (r.random(slots) < r.choice([0.5, 1.0]))


@pytest.mark.parametrize("lowest", [0.0, -0.3])
@pytest.mark.parametrize("is_ranged", [False, True])
def test_no_charging_is_cheaper_and_most_pairs_cost_what_the_best_does(lowest: float, is_ranged: bool) -> None:
    """Steps of wear and prices below 0 included."""
    seen, exact, becoming = 0, 0, 0
    for seed in range(90):
        night = concave_night(seed)
        slots, price, worth = night.horizon.slots, prices_of(night, seed, lowest), worth_of(night, seed)
        for problem in assignment_problems(night):
            allowed = some_range(problem, slots, seed) if is_ranged else any_time(problem, slots)
            costs = priced(night, problem)
            cost = costs.with_reserve(price, worth, allowed)
            for r, j, window in charging_pairs(night, problem):
                if np.append(problem.due, slots)[j] <= allowed.last[r] < slots:
                    continue  # a pack that must be ready later does not leave by then
                best = cheapest(costs, price, worth, (r, j, window), allowed)
                seen, exact = seen + 1, exact + (cost[r, j] >= best - CLOSE)
                becoming += bool(costs.by_deadline[r, j])
                assert cost[r, j] <= best + CLOSE, f"seed {seed}, pair {r}, {j}"
    assert exact > 0.98 * seen > 250
    assert becoming > 20


def test_patterns_are_those_of_real_packs_and_ready_when_they_say() -> None:
    for seed in range(90):
        night = concave_night(seed)
        slots, price, worth = night.horizon.slots, prices_of(night, seed, 0.0), worth_of(night, seed)
        for problem in assignment_problems(night):
            costs = priced(night, problem)
            cost = costs.with_reserve(price, worth, any_time(problem, slots))
            rows, columns = np.nonzero(problem.allowed)
            charges = costs.charges(rows, columns)
            assert charges.ready is not None
            kwh = np.zeros((len(rows), slots))
            np.add.at(kwh, (charges.edge, charges.slot), charges.kwh)
            due = np.append(problem.due, slots)[columns]
            for i, (r, ready) in enumerate(zip(rows.tolist(), charges.ready.tolist(), strict=True)):
                energy = float(costs.concave.start_kwh[r]) + np.append(0.0, np.cumsum(kwh[i]))
                reach = only_reach(night, problem.type)
                assert reach is not None
                assert all(b <= reach.after_kwh(a) + CLOSE for a, b in pairwise(energy))
                if ready < due[i]:
                    assert energy[ready] - energy[0] >= problem.unready_kwh[r] - CLOSE
            paid = problem.cost(rows, columns, kwh.sum(axis=1), problem.wear(kwh).sum(axis=1)) + kwh @ price
            paid -= [worth[t:end].sum() for t, end in zip(charges.ready.tolist(), due.tolist(), strict=True)]
            close = np.inf if len(problem.step_cost) > 1 else CLOSE
            assert np.all(paid >= cost[rows, columns] - CLOSE)
            assert np.all(paid <= cost[rows, columns] + close)
