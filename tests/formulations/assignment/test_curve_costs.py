"""What pairs cost along acceptance curves: never more than any real charging, and exact where R is concave."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from random_nights import bent_night, random_night
from scipy.optimize import linprog

from models.formulations.assignment.charging_costs import ChargingCosts
from models.formulations.assignment.concave_costs import ConcaveCosts, is_priced_exactly, only_reach
from models.formulations.assignment.curve_costs import BentCosts, CurveCosts
from models.formulations.assignment.problem import AssignmentProblem, assignment_problems
from models.formulations.matrix import Array
from models.station.acceptance import Reach, reach_of_kind
from models.station.instance import Night

SEEDS = range(150)
CONCAVE = (
    ((0.4, 0.9), (0.8, 0.5), (1.0, 0.1)),  # falling ever faster
    ((0.0, 0.3), (0.3, 1.2), (0.7, 0.9), (1.0, 0.2)),  # rising first
    ((0.0, 0.2), (1.0, 0.8)),  # rising only
)


def concave_night(seed: int) -> Night:
    """A random night whose types have a concave curve, over the charger's power in part."""
    night, r = random_night(seed), random.Random(seed)
    most = night.station.chargers.max_kw
    points = tuple((soc, kw * most) for soc, kw in r.choice(CONCAVE))
    return replace(night, pack_types={k: replace(kind, acceptance=points) for k, kind in night.pack_types.items()})


def prices_of(night: Night, seed: int, lowest: float) -> Array:
    return np.random.default_rng(seed).uniform(lowest, 1.0, night.horizon.slots).round(2)


def reaches_of(night: Night, problem: AssignmentProblem) -> list[Reach]:
    max_kw, hours = night.station.chargers.max_kw, night.horizon.slot_hours
    return [reach_of_kind(night.kind_of(pack, problem.type), max_kw, hours) for pack in problem.packs]


def charging_pairs(night: Night, problem: AssignmentProblem) -> Iterator[tuple[int, int, range]]:
    """Row, column and window of every allowed pair that is no lost swap, and whose pack comes."""
    slots = night.horizon.slots
    for r, j in zip(*np.nonzero(problem.allowed), strict=True):
        if r != problem.initial + j and np.isfinite(problem.unready_kwh[r]):
            yield int(r), int(j), range(problem.charge_from[r], np.append(problem.due, slots)[j])


def held_kwh(night: Night, problem: AssignmentProblem, r: int) -> float:
    return night.pack_types[problem.type].target_kwh - float(problem.room_kwh[r])


def paid(problem: AssignmentProblem, price_per_kwh: Array, slots: range, kwh: Array, j: int, r: int) -> float:
    wear = float(problem.wear(kwh).sum())
    worth = problem.stay_value[r] + problem.end_value_per_kwh * kwh.sum() if j == len(problem.swaps) else 0.0
    return float(price_per_kwh[list(slots)] @ kwh) + wear - float(worth)


def assert_no_charging_is_cheaper(night: Night, costs: ChargingCosts, seed: int) -> int:
    """Real ways to charge, drawn at random, cost no less than the pair is said to. Returns how many were seen."""
    problem, r_, seen = costs.problem, random.Random(seed), 0
    price = prices_of(night, seed, -0.2 if seed % 3 == 0 else 0.0)
    cost, reaches = costs.at(price), reaches_of(night, problem)
    for r, j, window in charging_pairs(night, problem):
        for _ in range(8):
            energy, kwh = held_kwh(night, problem, r), np.zeros(len(window))
            for n in range(len(window)):
                kwh[n] = r_.choice([0.0, 0.3, 1.0, 1.0]) * (reaches[r].after_kwh(energy) - energy)
                energy += kwh[n]
            if j < len(problem.swaps) and energy < problem.need_kwh[j]:
                continue
            seen += 1
            assert paid(problem, price, window, kwh, j, r) >= cost[r, j] - 1e-6, f"seed {seed}, pair {r}, {j}"
    return seen


def test_no_charging_along_any_curve_is_cheaper() -> None:
    seen = 0
    for seed in SEEDS:
        night = bent_night(seed, random_night(seed))
        for problem in assignment_problems(night):
            if len(problem.step_cost) == 1:
                seen += assert_no_charging_is_cheaper(night, CurveCosts(problem, night.horizon.slots), seed)
    assert seen > 1000


def test_no_charging_is_cheaper_than_the_dearer_of_both_bounds() -> None:
    seen, helped = 0, 0
    for seed in SEEDS:
        night = bent_night(seed, random_night(seed))
        for problem in assignment_problems(night):
            reach = only_reach(night, problem.type)
            if reach is not None and len(problem.step_cost) == 1:
                costs = BentCosts(problem, night.horizon.slots, reach)
                seen += assert_no_charging_is_cheaper(night, costs, seed)
                helped += bool((costs.is_concave_dearer & problem.allowed).any())
            elif reach is not None:
                seen += assert_no_charging_is_cheaper(night, ConcaveCosts(problem, night.horizon.slots, reach), seed)
    assert seen > 1000
    assert helped > 10


def test_no_charging_along_a_concave_curve_is_cheaper() -> None:
    seen = 0
    for seed in SEEDS:
        night = concave_night(seed)
        for problem in assignment_problems(night):
            if reach := only_reach(night, problem.type):
                assert is_priced_exactly(night, problem.type)
                seen += assert_no_charging_is_cheaper(night, ConcaveCosts(problem, night.horizon.slots, reach), seed)
    assert seen > 1000


def cheapest_by_lp(
    problem: AssignmentProblem, costs: ConcaveCosts, price: Array, r: int, j: int, window: range
) -> float:
    """(6.11) by a solver: the charge of every slot, by steps of wear."""
    n, steps = len(window), len(problem.step_cost)
    worth = problem.end_value_per_kwh if j == len(problem.swaps) else 0.0
    start = float(costs.start_kwh[r])
    gained = np.repeat(np.tril(np.ones((n, n))), steps, axis=1)
    before = np.vstack([np.zeros(n * steps), gained[:-1]])
    rows = [gained - rise * before for rise in costs.rise]
    sides = [np.full(n, base + (rise - 1) * start) for rise, base in zip(costs.rise, costs.base_kwh, strict=True)]
    need = max(0.0, float(problem.need_kwh[j]) - start) if j < len(problem.swaps) else 0.0
    found = linprog(
        (price[list(window)][:, None] + problem.step_cost - worth).ravel(),
        A_ub=np.vstack([*rows, -np.ones((1, n * steps))]),
        b_ub=np.concatenate([*sides, [-need]]),
        bounds=list(zip([0.0] * steps, costs.step_end_kwh - problem.step_from_kwh, strict=True)) * n,
    )
    assert found.status == 0, found.message
    return float(found.fun) - (float(problem.stay_value[r]) if j == len(problem.swaps) else 0.0)


@pytest.mark.parametrize("lowest", [0.0, -0.3])
def test_concave_costs_are_those_of_the_linear_programme(lowest: float) -> None:
    """Exact above a price of 0 and without steps of wear; elsewhere never above, and close."""
    seen, exact = 0, 0
    for seed in SEEDS:
        night = concave_night(seed)
        for problem in assignment_problems(night):
            reach = only_reach(night, problem.type)
            assert reach is not None
            costs, price = ConcaveCosts(problem, night.horizon.slots, reach), prices_of(night, seed, lowest)
            cost = costs.at(price)
            for r, j, window in charging_pairs(night, problem):
                if window:
                    best = cheapest_by_lp(problem, costs, price, r, j, window)
                    seen, exact = seen + 1, exact + (cost[r, j] >= best - 1e-6)
                    assert cost[r, j] <= best + 1e-6, f"seed {seed}, pair {r}, {j}"
                    assert lowest < 0 or len(problem.step_cost) > 1 or cost[r, j] >= best - 1e-6
    assert exact > 0.9 * seen > 500


def test_patterns_along_a_concave_curve_are_those_of_real_packs() -> None:
    for seed in SEEDS:
        night = concave_night(seed)
        for problem in assignment_problems(night):
            reach = only_reach(night, problem.type)
            assert reach is not None
            costs, price = ConcaveCosts(problem, night.horizon.slots, reach), prices_of(night, seed, 0.0)
            cost = costs.at(price)
            for r, j, window in charging_pairs(night, problem):
                charges = costs.charges(np.array([r]), np.array([j]))
                kwh = np.zeros(night.horizon.slots)
                kwh[charges.slot] = charges.kwh
                energy = held_kwh(night, problem, r)
                for t in window:
                    assert energy + kwh[t] <= reach.after_kwh(energy) + 1e-6
                    energy += kwh[t]
                assert kwh.sum() == pytest.approx(kwh[list(window)].sum())
                assert j == len(problem.swaps) or energy >= problem.need_kwh[j] - 1e-4
                if len(problem.step_cost) == 1:
                    assert paid(problem, price, window, kwh[list(window)], j, r) == pytest.approx(cost[r, j], abs=1e-6)


def test_lost_swaps_and_packs_that_never_come_cost_what_they_cost_without_a_curve() -> None:
    for seed in SEEDS:
        night = concave_night(seed)
        for problem in assignment_problems(night):
            reach = only_reach(night, problem.type)
            assert reach is not None
            slots, price = night.horizon.slots, prices_of(night, seed, 0.0)
            plain = ChargingCosts(problem, slots).at(price)
            curved = ConcaveCosts(problem, slots, reach).at(price)
            assert np.array_equal(curved[problem.lost], plain[problem.lost])
            never = np.isinf(problem.unready_kwh)
            assert np.array_equal(curved[never, -1], plain[never, -1])
