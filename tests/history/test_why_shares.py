"""Shares of a difference: they add up, whatever order changes are thought of in, and say what gaps leave open."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tolerances import MONEY_RELATIVE
from optimizer.history.why.attribution import PlanValue, TimeIsUpError, shares_of

PARTS = ("a", "b", "c", "d")
SETS = [frozenset(some) for size in range(5) for some in combinations(PARTS, size)]
COSTS = st.lists(st.floats(-1e4, 1e4), min_size=len(SETS), max_size=len(SETS))
GAPS = st.lists(st.floats(0, 50), min_size=len(SETS), max_size=len(SETS))


@given(COSTS, GAPS, st.integers(0, 4))
def test_parts_add_up_to_the_difference(costs: list[float], gaps: list[float], count: int) -> None:
    values = {made: PlanValue(cost, gap) for made, cost, gap in zip(SETS, costs, gaps, strict=True)}
    parts = PARTS[:count]
    shares, _ = shares_of(parts, values.__getitem__)
    difference = values[frozenset(parts)].cost - values[frozenset()].cost
    assert sum(one.amount for one in shares.values()) == pytest.approx(difference, abs=MONEY_RELATIVE * 1e4)


@given(COSTS)
def test_what_costs_nothing_beside_any_others_has_no_share(costs: list[float]) -> None:
    known = dict(zip(SETS, costs, strict=True))
    shares, orders = shares_of(PARTS, lambda made: PlanValue(known[made - {"d"}], 0.0))
    assert (shares["d"].amount, orders) == (0.0, 24)


@given(COSTS, GAPS)
def test_best_plans_have_their_shares_within_what_gaps_leave_open(costs: list[float], gaps: list[float]) -> None:
    """A plan costs its optimum and at most its gap more: the optima's shares are no further off than told."""
    best = dict(zip(SETS, costs, strict=True))
    dear = {made: PlanValue(best[made] + gap, gap) for made, gap in zip(SETS, gaps, strict=True)}
    shares, _ = shares_of(PARTS, dear.__getitem__)
    optimal, _ = shares_of(PARTS, lambda made: PlanValue(best[made], 0.0))
    for part in PARTS:
        told = shares[part]
        assert told.open_money is not None
        assert abs(told.amount - optimal[part].amount) <= told.open_money + MONEY_RELATIVE * 1e4


def test_shares_are_means_over_orders() -> None:
    """Two drivers more at a price one higher: 2 × 1 → 3 × 2; the extra unit of both together is halved."""
    costs = {(): 2.0, ("drivers",): 3.0, ("price",): 4.0, ("drivers", "price"): 6.0}
    shares, orders = shares_of(("price", "drivers"), lambda made: PlanValue(costs[tuple(sorted(made))], 0.25))
    assert {name: (one.amount, one.open_money) for name, one in shares.items()} == {
        "price": (2.5, 0.25),
        "drivers": (1.5, 0.25),
    }
    assert orders == 2


def test_one_unproven_plan_leaves_open_how_far_its_parts_may_be_off() -> None:
    def value(made: frozenset[str]) -> PlanValue:
        return PlanValue(float(len(made)), None if made == {"a"} else 0.1)

    shares, _ = shares_of(("a", "b"), value)
    assert [one.open_money for one in shares.values()] == [None, None]


def test_where_the_time_is_up_forward_and_backward_are_averaged() -> None:
    asked: list[frozenset[str]] = []

    def value(made: frozenset[str]) -> PlanValue:
        if len(asked) == 8:  # none, all, and three on each way
            raise TimeIsUpError
        asked.append(made)
        return PlanValue(float(len(made) ** 2), 0.0)

    shares, orders = shares_of(PARTS, value)
    assert orders == 2 and sum(one.amount for one in shares.values()) == 16.0
    assert shares["a"].amount == (1 + 7) / 2


def test_without_both_ways_there_are_no_shares() -> None:
    def value(made: frozenset[str]) -> PlanValue:
        if made:
            raise TimeIsUpError
        return PlanValue(0.0, 0.0)

    with pytest.raises(TimeIsUpError):
        shares_of(PARTS, value)
