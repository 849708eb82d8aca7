"""Pricing: a bound below the optimum of every night at whatever duals, and the hand-overs of its assignment."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace
from functools import cache
from typing import Any

import builders as make
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_nights import random_night
from scipy import optimize
from solved import optimum

from models.formulations.matrix import Array
from models.formulations.reference import build_reference
from models.station.instance import Night
from optimizer.engine import pricing
from optimizer.engine.column_generation import ColumnGeneration
from optimizer.engine.column_pool import Duals, Node
from optimizer.engine.highs import dual_bound
from optimizer.engine.options import RunOptions
from optimizer.engine.pricing import (
    PricingSolution,
    cheapest_assignment,
    linear_sum_assignment,
    price_assignments,
)
from optimizer.engine.search import Search

FREE = make.pack_type(end_value_per_kwh=0.0)
SEEDS = range(60)


def generation_of(night: Night) -> ColumnGeneration:
    return ColumnGeneration(Search(night, RunOptions()))


def bound(generation: ColumnGeneration, node: Node, duals: Duals | None = None) -> PricingSolution:
    return price_assignments(generation.costs, generation.pool.master, node, duals or node.duals)


NIGHTS = [random_night(seed) for seed in SEEDS]
GENERATIONS = [generation_of(night) for night in NIGHTS]


@cache
def best(which: int) -> float:
    return optimum(build_reference(NIGHTS[which]).model)


def assert_below(bound: float, best: float) -> None:
    assert bound <= best + 1e-6 * max(1.0, abs(best))


# Any duals


@pytest.mark.parametrize("which", SEEDS)
def test_tariff_prices_give_a_finite_bound(which: int) -> None:
    found = bound(GENERATIONS[which], GENERATIONS[which].root())
    assert math.isfinite(found.bound)
    assert_below(found.bound, best(which))


@settings(deadline=None, max_examples=300)
@given(
    st.integers(0, len(SEEDS) - 1),
    st.integers(0, 2**32 - 1),
    st.sampled_from([1e-3, 0.3, 10.0, 1e4, 1e9]),
    st.booleans(),
)
def test_any_duals_of_give_a_bound(which: int, seed: int, scale: float, around_tariff: bool) -> None:
    root, r = GENERATIONS[which].root(), np.random.default_rng(seed)
    noise = scale * r.standard_normal(len(root.duals.bill))
    found = bound(GENERATIONS[which], root, Duals(noise + root.duals.bill * around_tariff))
    assert found.bound < math.inf
    assert_below(found.bound, best(which))


@pytest.mark.parametrize("absurd", [math.nan, math.inf, -math.inf])
def test_duals_of_that_are_no_numbers_prove_nothing(absurd: float) -> None:
    """Were the assignment's refusal taken for "no assignment", they would prove anything."""
    root = GENERATIONS[0].root()
    duals = root.duals.bill.copy()
    duals[GENERATIONS[0].pool.master.balance[0]] = absurd
    assert bound(GENERATIONS[0], root, Duals(duals)) == PricingSolution(-math.inf)
    assert bound(GENERATIONS[0], root, Duals(root.duals.bill, {0: absurd})) == PricingSolution(-math.inf)


def test_bound_by_hand_where_nothing_is_shared() -> None:
    """30 of P1's 40 kWh in slot 1 cost 30 / 0.8 · 0.1; 1e-6 of the bound is what plans may miss."""
    night = make.night(
        types=[FREE],
        packs=[make.pack("P1", 0.5)],
        swaps=[make.swap("W1", 2)],
        tariff=make.tariff([0.3, 0.1, 0.2, 0.2]),
        base_load_kw=10,
    )
    generation = generation_of(night)
    found = bound(generation, generation.root())
    assert found.bound == pytest.approx(3.75 + 10 * 0.8, abs=1e-6)
    assert [generation.problems[0].hand_overs(*pair) for pair in found.pairs] == [{"W1": "P1"}]


def test_multiplier_of_a_grid_limit_is_paid_for() -> None:
    """Only 25 kW of the 37.5 wanted in slot 1: at 0.3 there, the price of slot 0, both slots are equally good."""
    night = make.night(
        slots=3,
        types=[FREE],
        packs=[make.pack("P1", 0.5)],
        swaps=[make.swap("W1", 2)],
        tariff=make.tariff([0.3, 0.1, 0.2]),
        grid_limit_kw=25,
    )
    generation = generation_of(night)
    found = bound(generation, generation.root(), Duals(np.array([0.3, 0.3, 0.2])))
    assert found.bound == pytest.approx(25 * 0.1 + 12.5 * 0.3, abs=1e-6)
    assert bound(generation, generation.root()).bound == pytest.approx(3.75, abs=1e-6)


def test_multiplier_of_the_charger_count_is_paid_for() -> None:
    """One charger for two packs that need 40 kWh each by slot 2, of which one slot is dearer by 0.2 / 0.8 a kWh."""
    night = make.night(
        slots=3,
        types=[FREE],
        chargers=make.chargers(count=1),
        packs=[make.pack("P1", 0.4), make.pack("P2", 0.4)],
        swaps=[make.swap("W1", 2), make.swap("W2", 2)],
        tariff=make.tariff([0.3, 0.1, 0.1]),
    )
    generation = generation_of(night)
    duals = generation.root().duals.bill.copy()
    duals[generation.pool.master.chargers[1]] = -0.25
    assert bound(generation, generation.root(), Duals(duals)).bound == pytest.approx(20, abs=1e-5)
    duals[generation.pool.master.chargers[1]] = 0.25  # of the wrong sign: it must not help
    assert bound(generation, generation.root(), Duals(duals)).bound <= 10


# Counts of lost swaps


def lossy_night(**changes: Any) -> Night:
    """One full pack for two swaps; losing W1 costs 20, W2 30."""
    settings: dict[str, Any] = {
        "slots": 3,
        "types": [FREE],
        "packs": [make.pack("P1", 0.9)],
        "swaps": [make.swap("W1", 1, lost_cost=20), make.swap("W2", 2, lost_cost=30)],
    }
    return make.night(**(settings | changes))


def with_counts(
    generation: ColumnGeneration, lost: dict[int, tuple[float, float]], counts: dict[int, float]
) -> PricingSolution:
    root = generation.root()
    return bound(generation, replace(root, lost=lost), Duals(root.duals.bill, counts))


@pytest.mark.parametrize(
    ("lost", "counts", "cost"),
    [
        ({}, {}, 20),  # the cheaper one is lost
        ({2: (2, math.inf)}, {2: 40.0}, 2 * 40 + 20 + 30 - 2 * 40),  # both
        ({2: (2, math.inf)}, {2: 10.0}, 2 * 10 + 20 - 10),  # at that dual only one
        ({1: (-math.inf, 0)}, {1: -15.0}, 30),  # W1 must be served, so W2 is lost
        ({1: (-math.inf, 0)}, {1: -5.0}, 25),
        ({1: (-math.inf, 0), 2: (1, math.inf)}, {1: -15.0, 2: 7.0}, 30),
    ],
)
def test_counts(lost: dict[int, tuple[float, float]], counts: dict[int, float], cost: float) -> None:
    assert with_counts(generation_of(lossy_night()), lost, counts).bound == pytest.approx(cost)


@pytest.mark.parametrize(
    ("side", "noise"), [((1.0, math.inf), -1e-13), ((-math.inf, 1.0), 1e-13), ((-math.inf, math.inf), 7)]
)
def test_multiplier_without_a_side_counts_for_nothing(side: tuple[float, float], noise: float) -> None:
    """A solver's −1e-13 for a zero does not throw a bound away."""
    assert with_counts(generation_of(lossy_night()), {2: side}, {2: noise}).bound == 20


@settings(deadline=None, max_examples=150)
@given(st.integers(0, len(SEEDS) - 1), st.integers(0, 2**32 - 1), st.sampled_from([0.1, 10.0, 1000.0]))
def test_two_parts_by_count_bound_the_night(which: int, seed: int, scale: float) -> None:
    """Every plan loses at most one swap up to the slot, or two and more."""
    generation, r = GENERATIONS[which], np.random.default_rng(seed)
    root, slot = generation.root(), int(r.integers(0, NIGHTS[which].horizon.slots))
    duals = Duals(root.duals.bill, {slot: float(scale * r.standard_normal())})
    few, many = (replace(root, lost={slot: side}) for side in ((-math.inf, 1.0), (2.0, math.inf)))
    assert_below(min(bound(generation, few, duals).bound, bound(generation, many, duals).bound), best(which))


# Parts


def test_part_without_any_order() -> None:
    """P1 may do nothing at all."""
    generation = generation_of(lossy_night())
    allowed = generation.problems[0].allowed.copy()
    allowed[0] = False
    assert bound(generation, replace(generation.root(), allowed=(allowed,))) == PricingSolution(math.inf)


def test_part_keeps_to_its_pairs() -> None:
    generation = generation_of(lossy_night())
    allowed = generation.problems[0].allowed.copy()
    allowed[0, :2] = False  # P1 stays
    assert bound(generation, replace(generation.root(), allowed=(allowed,))).bound == 50


def test_no_packs_and_no_swaps() -> None:
    generation = generation_of(make.night(packs=[], base_load_kw=10))
    found = bound(generation, generation.root())
    assert (found.bound, found.pairs) == (pytest.approx(4.0), ())


def test_bill_alone_is_a_part_of_the_bound() -> None:
    night = make.night(
        packs=[], base_load_kw=10, tariff=make.tariff(0.1, demand_charges=(make.demand(metering_minutes=60),))
    )
    generation = generation_of(night)
    bill: Array = generation.root().duals.bill + 0.01
    assert bound(generation, generation.root(), Duals(bill)).bound == dual_bound(generation.pool.master.bill, bill)


# The assignment


def test_cheapest_assignment_by_hand() -> None:
    """P1 may serve W1 for 1 or W2 for 5; what W1 brings may serve W2 for 2 where W1 is served."""
    (problem,) = generation_of(lossy_night(swaps=[make.swap("W1", 1, 0.8), make.swap("W2", 2)])).problems
    inf = math.inf
    cost = np.array([[1.0, 5, 0], [20, 2, 0], [inf, 30, 0]])
    found = cheapest_assignment(cost, problem)
    assert found is not None
    assert problem.hand_overs(*found) == {"W1": "P1", "W2": "return:W1"}
    cost[1, 1] = inf
    found = cheapest_assignment(cost, problem)
    assert found is not None
    assert problem.hand_overs(*found) == {"W2": "P1"}
    assert cheapest_assignment(np.where(np.arange(3) == 1, inf, cost), problem) is None


def test_assignments_are_those_of_scipy_without_importing_the_rest_of_it() -> None:
    cost = np.random.default_rng(1).integers(0, 5, (30, 40)).astype(float)  # small numbers: with many ties
    for found, asked in zip(linear_sum_assignment()(cost), optimize.linear_sum_assignment(cost), strict=True):
        assert found.tolist() == asked.tolist()
    says = "import sys, optimizer.engine.plan_station as it; from optimizer.engine.pricing import linear_sum_assignment"
    says += "; linear_sum_assignment(); print([name for name in sys.modules if name.startswith('scipy')])"
    ran = subprocess.run([sys.executable, "-c", says], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_assignments_come_from_the_whole_package_where_its_file_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pricing, "find_spec", lambda name: None)
    linear_sum_assignment.cache_clear()
    assert linear_sum_assignment() is optimize.linear_sum_assignment
    linear_sum_assignment.cache_clear()
