"""What charging a pack for a swap costs at slot prices: each pair against a linear programme of its own."""

from __future__ import annotations

from typing import Any

import builders as make
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_nights import random_night
from scipy.optimize import linprog

from models.formulations.assignment import cheapest_items
from models.formulations.assignment.charging_costs import ChargingCosts
from models.formulations.assignment.problem import AssignmentProblem, assignment_problems
from models.formulations.matrix import Array
from models.station.instance import Night


def costs_of(**changes: Any) -> ChargingCosts:
    night = make.night(**changes)
    (problem,) = assignment_problems(night)
    return ChargingCosts(problem, night.horizon.slots)


def cheapest_assignment(problem: AssignmentProblem, slots: int, price_per_kwh: Array, r: int, j: int) -> float:
    """(6.1) by a solver: energies by slot, then their wear."""
    swaps = len(problem.swaps)
    if j < swaps and r == problem.initial + j:
        return float(problem.lost_cost[j])
    window = range(problem.charge_from[r], slots if j == swaps else problem.due[j])
    value, held = (problem.end_value_per_kwh, problem.stay_value[r]) if j == swaps else (0.0, 0.0)
    least = 0.0 if j == swaps else problem.missing_kwh[r, j]
    if not window:
        return -float(held)
    n = len(window)
    totals = [[1.0] * n + [0.0] * n, [-1.0] * n + [0.0] * n]
    wear_rows, wear_sides = above_every_line(problem, n)
    found = linprog(
        [price_per_kwh[t] - value for t in window] + [1.0] * n,
        A_ub=totals + wear_rows,
        b_ub=[problem.room_kwh[r], -least, *wear_sides],
        bounds=[(0, problem.most_kwh[r])] * n + [(0, None)] * n,
    )
    assert found.status == 0, found.message
    return float(found.fun) - float(held)


def above_every_line(problem: AssignmentProblem, n: int) -> tuple[list[list[float]], list[float]]:
    """Rows in which the wear of each of `n` slots is no less than any straight piece of its curve."""
    rows, sides, at, before = [], [], 0.0, 0.0
    for from_kwh, cost in zip(problem.step_from_kwh.tolist(), problem.step_cost.tolist(), strict=True):
        at, before = at + before * (from_kwh - (sides[-1][1] if sides else 0.0)), cost
        for t in range(n):
            row = [0.0] * (2 * n)
            row[t], row[n + t] = cost, -1.0
            rows.append(row)
        sides.append((cost * from_kwh - at, from_kwh))
    return rows, [side for side, _ in sides for _ in range(n)]


def assert_cheapest(night: Night, price_per_kwh: Array) -> None:
    """Every allowed pair costs what the solver says, and its charges make that cost within their limits."""
    slots = night.horizon.slots
    for problem in assignment_problems(night):
        costs = ChargingCosts(problem, slots)
        cost = costs.at(price_per_kwh)
        assert np.array_equal(np.isfinite(cost), problem.allowed)
        rows, columns = np.nonzero(problem.allowed)
        for r, j in zip(rows.tolist(), columns.tolist(), strict=True):
            best = cheapest_assignment(problem, slots, price_per_kwh, r, j)
            assert cost[r, j] == pytest.approx(best, abs=1e-6 * max(1.0, abs(best))), (problem.type, r, j)
        assert_charges(costs, cost, price_per_kwh)


def assert_charges(costs: ChargingCosts, cost: Array, price_per_kwh: Array) -> None:
    problem, slots = costs.problem, len(price_per_kwh)
    rows, columns = np.nonzero(problem.allowed)
    charges = costs.charges(rows, columns)
    kwh = np.zeros((len(rows), slots))
    np.add.at(kwh, (charges.edge, charges.slot), charges.kwh)
    assert np.count_nonzero(kwh) == len(charges.kwh)  # no slot twice
    assert np.all(kwh <= problem.most_kwh[rows, None] + 1e-9)
    assert np.all(kwh.sum(axis=1) <= problem.room_kwh[rows] + 1e-9)
    ends = np.append(problem.due, slots)[columns]
    at = np.arange(slots)
    assert not kwh[(at < problem.charge_from[rows, None]) | (at >= ends[:, None])].any()
    serves = columns < len(problem.swaps)
    lost = serves & (rows == problem.initial + columns)
    assert not kwh[lost].any()
    missing = problem.missing_kwh[rows[serves & ~lost], columns[serves & ~lost]]
    assert np.all(kwh.sum(axis=1)[serves & ~lost] >= missing - 1e-6)
    reported = problem.cost(rows, columns, kwh.sum(axis=1), problem.wear(kwh).sum(axis=1)) + kwh @ price_per_kwh
    assert reported == pytest.approx(cost[rows, columns], abs=1e-6 * max(1.0, float(np.abs(cost[rows, columns]).max())))


@pytest.mark.parametrize("seed", range(40))
def test_random_nights(seed: int) -> None:
    night, r = random_night(seed), np.random.default_rng(seed)
    assert_cheapest(night, np.round(r.uniform(-0.5, 1.0, night.horizon.slots), 3))


@st.composite
def nights(draw: st.DrawFn) -> Night:
    """Packs and swaps of one type, slots that charge much or little, end values above and below prices."""
    slots = draw(st.integers(1, 6))
    soc = st.floats(0, 1).map(lambda share: round(share, 3))
    swaps = [
        make.swap(f"W{n}", draw(st.integers(0, slots - 1)), draw(st.none() | soc), swap_soc=draw(st.none() | soc))
        for n in range(draw(st.integers(0, 3)))
    ]
    kind = make.pack_type(
        target_soc=1.0,
        end_value_per_kwh=draw(st.sampled_from([None, -0.3, 0.0, 0.4, 2.0])),
        wear=draw(st.sampled_from([(), ((0, 0), (10, 1), (40, 9)), ((0, 0), (1, 0), (3, 0.3), (30, 9))])),
    )
    return make.night(
        slots,
        types=[kind],
        packs=[make.pack(f"P{n}", draw(soc)) for n in range(draw(st.integers(0, 2)))],
        swaps=swaps,
        chargers=make.chargers(max_kw=draw(st.sampled_from([0.5, 7.0, 33.0, 100.0, 400.0]))),
        turnaround_slots=draw(st.integers(0, 2)),
    )


@settings(deadline=None, max_examples=150)
@given(nights(), st.lists(st.sampled_from([-1.0, -0.2, 0.0, 0.1, 0.1, 0.4, 1.0, 50.0]), min_size=6, max_size=6))
def test_any_night_at_any_prices(night: Night, prices: list[float]) -> None:
    assert_cheapest(night, np.array(prices[: night.horizon.slots]))


def test_by_hand() -> None:
    """P1 needs 30 of at most 40 a slot: 30 · 0.2 for slot 2; before slot 1 only 0.5 is to be had. Nothing pays."""
    costs = costs_of(
        packs=[make.pack("P1", 0.5)],
        swaps=[make.swap("W1", 1, None), make.swap("W2", 2, None)],
        types=[make.pack_type(end_value_per_kwh=0.1)],
    )
    cost = costs.at(np.array([0.5, 0.2, 0.3, 0.4]))
    assert cost[0] == pytest.approx([15, 6, -5], abs=1e-6)
    assert cost[1:].tolist() == [[100, np.inf, 0], [np.inf, 100, 0]]


def test_room_smaller_than_a_slot_and_end_value_above_some_prices() -> None:
    """P1 at 80 takes 10 more; P2 at 10 takes 40 + 40 in the two slots below 0.35, of which the dearer is the second."""
    costs = costs_of(packs=[make.pack("P1", 0.8), make.pack("P2", 0.1)], types=[make.pack_type(end_value_per_kwh=0.35)])
    cost = costs.at(np.array([0.5, 0.3, 0.36, 0.1]))
    assert cost[:, 0] == pytest.approx([10 * 0.1 - 0.35 * 90, 40 * 0.4 - 0.35 * 90])
    charges = costs.charges(np.array([0, 1]), np.array([0, 0]))
    reported = zip(charges.edge.tolist(), charges.slot.tolist(), charges.kwh.tolist(), strict=True)
    assert [(edge, slot, pytest.approx(kwh)) for edge, slot, kwh in reported] == [(0, 3, 10), (1, 1, 40), (1, 3, 40)]


def test_negative_prices_pay_for_more_than_is_missing() -> None:
    """30 kWh are missing, 40 fit in: all of them at −0.1, and none of it at a price of nothing."""
    costs = costs_of(packs=[make.pack("P1", 0.5)], swaps=[make.swap("W1", 3, None)])
    assert costs.at(np.array([0.2, -0.1, 0.0, -9.0]))[0, 0] == pytest.approx(-4)


def test_charges_are_in_order_of_time_whatever_the_prices() -> None:
    costs = costs_of(packs=[make.pack("P1", 0.1)], swaps=[make.swap("W1", 3, None, swap_soc=0.9)])
    found = []
    for prices in ([0.1, 0.2, 0.9, 0], [0.2, 0.1, 0.9, 0]):
        costs.at(np.array(prices))
        found.append(costs.charges(np.array([0]), np.array([0])).slot.tolist())
    assert found == [[0, 1], [0, 1]]


@pytest.mark.parametrize("seed", range(40))
def test_a_sweep_over_the_items_prices_alike(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a long night takes instead of one look gives the very same costs and charges."""
    night = random_night(seed)
    prices = np.random.default_rng(seed).normal(0.1, 0.2, night.horizon.slots)
    for problem in assignment_problems(night):
        at_once, swept = (ChargingCosts(problem, night.horizon.slots) for _ in range(2))
        expected = at_once.at(prices)
        monkeypatch.setattr(cheapest_items, "FEW", 0)
        assert np.array_equal(swept.at(prices), expected)
        monkeypatch.undo()
