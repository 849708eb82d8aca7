"""What pairs cost where ready packs are worth something: each against linear programmes of its own, slot by slot."""

from __future__ import annotations

from dataclasses import replace

import builders as make
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_nights import random_night
from scipy.optimize import linprog

from models.formulations.assignment.problem import AssignmentProblem, assignment_problems
from models.formulations.assignment.ready_costs import ReadyCosts, ReadyRange, any_time
from models.formulations.matrix import Array
from models.station.instance import Night


def cheapest(problem: AssignmentProblem, prices: Array, worth: Array, r: int, j: int, allowed: ReadyRange) -> float:
    """Least over all slots from which the pack may count as ready of a programme with a variable by slot and step."""
    swaps, slots = len(problem.swaps), len(prices)
    due = slots if j == swaps else int(problem.due[j])
    if j < swaps and r == problem.initial + j:
        return float(problem.lost_cost[j])
    if np.isinf(problem.unready_kwh[r]):
        return charging(problem, prices, r, j, due, 0, 0.0)
    if problem.unready_kwh[r] == 0:
        return charging(problem, prices, r, j, due, 0, 0.0) - worth[problem.arrive[r] : due].sum()
    found = [charging(problem, prices, r, j, due, 0, 0.0)] if allowed.last[r] == slots else []
    for ready in range(int(allowed.first[r, j]), min(due, int(allowed.last[r]) + 1)):
        made = charging(problem, prices, r, j, due, ready, problem.unready_kwh[r])
        found.append(made - worth[ready:due].sum())
    return min(found)


def charging(
    problem: AssignmentProblem, prices: Array, r: int, j: int, due: int, ready: int, ready_kwh: float
) -> float:
    """Cheapest charging that has gained `ready_kwh` by the start of slot `ready`."""
    stays = j == len(problem.swaps)
    value, held = (problem.end_value_per_kwh, problem.stay_value[r]) if stays else (0.0, 0.0)
    least = 0.0 if stays else problem.missing_kwh[r, j]
    window = range(problem.charge_from[r], due)
    ends = [*problem.step_from_kwh[1:], np.inf]
    items = [
        (t, prices[t] + cost - value, np.clip(min(problem.most_kwh[r], end) - start, 0, None))
        for t in window
        for start, end, cost in zip(problem.step_from_kwh, ends, problem.step_cost, strict=True)
    ]
    if not items:
        return -float(held) if max(least, ready_kwh) <= 0 else np.inf
    found = linprog(
        [cost for _, cost, _ in items],
        A_ub=[[1.0] * len(items), [-1.0] * len(items), [-float(t < ready) for t, _, _ in items]],
        b_ub=[problem.room_kwh[r], -least, -ready_kwh],
        bounds=[(0, width) for _, _, width in items],
    )
    return float(found.fun) - float(held) if found.status == 0 else np.inf


def assert_cheapest(night: Night, prices: Array, worth: Array, seed: int | None = None) -> None:
    """Every allowed pair costs the least; its charges make it ready when they say. `seed`: of ranges for readiness."""
    slots = night.horizon.slots
    for problem in assignment_problems(night):
        allowed = any_time(problem, slots) if seed is None else some_range(problem, slots, seed)
        costs = ReadyCosts(problem, slots)
        cost = costs.with_reserve(prices, worth, allowed)
        rows, columns = np.nonzero(problem.allowed)
        for r, j in zip(rows.tolist(), columns.tolist(), strict=True):
            if seed is not None and np.append(problem.due, slots)[j] <= allowed.last[r] < slots:
                continue  # a pack that must be ready later does not leave by then
            best = cheapest(problem, prices, worth, r, j, allowed)
            assert cost[r, j] == pytest.approx(best, abs=2e-6 * max(1.0, abs(best))), (problem.type, r, j)
        assert_charges(costs, cost, prices, worth)


def some_range(problem: AssignmentProblem, slots: int, seed: int) -> ReadyRange:
    r, free = np.random.default_rng(seed), any_time(problem, slots)
    becoming = (problem.unready_kwh > 0) & np.isfinite(problem.unready_kwh)
    last = np.where(becoming & (r.random(len(free.last)) < 0.3), r.integers(1, slots + 1, len(free.last)), slots)
    first = np.where(becoming[:, None] & (r.random(free.first.shape) < 0.5), 2, 0)
    return ReadyRange(np.minimum(first, last[:, None]), last)


def assert_charges(costs: ReadyCosts, cost: Array, prices: Array, worth: Array) -> None:
    """What pairs charge costs what they were said to cost, and holds S by the slot from which it counts."""
    problem, slots = costs.problem, len(prices)
    rows, columns = np.nonzero(np.isfinite(cost))
    charges = costs.charges(rows, columns)
    assert charges.ready is not None
    kwh = np.zeros((len(rows), slots))
    np.add.at(kwh, (charges.edge, charges.slot), charges.kwh)
    assert np.all(kwh <= problem.most_kwh[rows, None] + 2e-6)  # needs are eased by 1e-6, and rounded
    assert np.all(kwh.sum(axis=1) <= problem.room_kwh[rows] + 1e-6)
    due = np.append(problem.due, slots)[columns]
    for i, (r, ready) in enumerate(zip(rows.tolist(), charges.ready.tolist(), strict=True)):
        if ready < due[i]:
            assert ready >= problem.arrive[r]
            assert kwh[i, :ready].sum() >= problem.unready_kwh[r] - 1e-6
    worn = problem.wear(kwh).sum(axis=1)
    paid = problem.cost(rows, columns, kwh.sum(axis=1), worn) + kwh @ prices
    paid -= [worth[ready:end].sum() for ready, end in zip(charges.ready.tolist(), due.tolist(), strict=True)]
    assert paid == pytest.approx(cost[rows, columns], abs=2e-6 * max(1.0, float(np.abs(paid).max(initial=0.0))))


@settings(deadline=None, max_examples=150)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.05, 1.0, 50.0]), st.booleans(), st.booleans())
def test_any_night_at_any_worth(seed: int, scale: float, is_sparse: bool, is_ranged: bool) -> None:
    night, r = random_night(seed), np.random.default_rng(seed)
    prices = np.round(r.uniform(-0.5 if seed % 2 else 0.0, 1.0, night.horizon.slots), 3)
    worth = np.round(scale * r.random(night.horizon.slots), 3) * (r.random(night.horizon.slots) < 0.5 + is_sparse)
    without_curves = {k: replace(kind, acceptance=()) for k, kind in night.pack_types.items()}
    assert_cheapest(replace(night, pack_types=without_curves), prices, worth, seed if is_ranged else None)


def test_ready_by_hand() -> None:
    """P1 needs 30 kWh in one slot: the last is cheapest by 3, but two slots of being ready are worth 4."""
    night = make.night(
        packs=[make.pack("P1", 0.5)],
        swaps=[make.swap("W1", 3)],
        types=[make.pack_type(swap_soc=0.8, target_soc=0.8)],
    )
    (problem,) = assignment_problems(night)
    costs = ReadyCosts(problem, 4)
    prices = np.array([0.2, 0.3, 0.1, 0.1])
    cost = costs.with_reserve(prices, np.array([0.0, 2.0, 2.0, 2.0]), any_time(problem, 4))
    assert cost[0, 0] == pytest.approx(30 * 0.2 - 4, abs=1e-5)
    assert costs.ready[0, 0] == 1
    cost = costs.with_reserve(prices, np.array([0.0, 1.0, 1.0, 2.0]), any_time(problem, 4))
    assert cost[0, 0] == pytest.approx(30 * 0.1, abs=1e-5)
    assert costs.ready[0, 0] == 3


def test_a_pack_that_holds_enough_counts_from_the_start_and_one_that_never_comes_never() -> None:
    night = make.night(packs=[make.pack("P1", 0.9)], swaps=[make.swap("W1", 2, None)])
    (problem,) = assignment_problems(night)
    costs = ReadyCosts(problem, 4)
    worth = np.array([1.0, 2.0, 4.0, 8.0])
    plain = costs.at(np.full(4, 9.0))
    cost = costs.with_reserve(np.full(4, 9.0), worth, any_time(problem, 4))
    assert plain[0] - cost[0] == pytest.approx([3.0, 15.0])
    assert cost[1].tolist() == plain[1].tolist()
