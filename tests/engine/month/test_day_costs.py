"""Costs of a day under caps against a linear programme of the same store."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from optimizer.engine.month.day_costs import StoreDays, costs_under_caps

AMOUNTS = st.floats(0, 20).map(lambda value: round(value, 2))


@st.composite
def stores(draw: st.DrawFn) -> tuple[StoreDays, np.ndarray, np.ndarray, float]:
    """Two days of a few slots, prices of few levels, below 0 too, and three caps."""
    slots = draw(st.integers(1, 6))
    brought = np.cumsum([draw(st.lists(AMOUNTS, min_size=slots, max_size=slots)) for _ in range(2)], axis=1)
    asked = np.array([draw(st.lists(st.floats(0, 1), min_size=slots, max_size=slots)) for _ in range(2)])
    need = np.minimum(np.maximum.accumulate(asked * brought, axis=1), brought)
    prices = np.array(draw(st.lists(st.sampled_from([-0.1, 0.1, 0.2, 0.5]), min_size=slots, max_size=slots)))
    room = np.array([draw(st.lists(AMOUNTS, min_size=slots, max_size=slots)) for _ in range(3)])
    return StoreDays(need, brought, draw(st.sampled_from([0.6, 3.0]))), prices, room, draw(st.sampled_from([0.0, 0.3]))


def by_programme(days: StoreDays, day: int, prices: np.ndarray, room: np.ndarray, end: float) -> float:
    """The same cost: charge u and, for `lost_per_kwh`, what is missing v; need ≤ Σ u + v ≤ brought."""
    slots = len(prices)
    lower = np.tril(np.ones((slots, slots)))
    both = np.hstack([lower, lower])
    answer = linprog(
        np.concatenate([prices, np.full(slots, days.lost_per_kwh)]) - end,
        A_ub=np.vstack([-both, both]),
        b_ub=np.concatenate([-days.need_kwh[day], days.brought_kwh[day]]),
        bounds=[*((0, most) for most in room), *((0, None) for _ in prices)],
    )
    assert answer.status == 0
    return float(answer.fun)


@given(stores())
@settings(max_examples=60, deadline=None)
def test_costs_are_those_of_the_linear_programme(given_store: tuple[StoreDays, np.ndarray, np.ndarray, float]) -> None:
    """For every day and every cap."""
    days, prices, room, end = given_store
    costs = costs_under_caps(days, prices, room, end)
    for day in range(2):
        for cap in range(3):
            assert abs(costs[day, cap] - by_programme(days, day, prices, room[cap], end)) < 1e-6


def test_a_lower_cap_costs_more_and_ever_more() -> None:
    """10 kWh by the end of the second slot, the second one dearer: convex in what a slot can charge."""
    days = StoreDays(np.array([[0.0, 10.0]]), np.array([[10.0, 10.0]]), 2.0)
    room = np.array([[kwh, kwh] for kwh in (10.0, 8.0, 5.0, 4.0)])
    costs = costs_under_caps(days, np.array([0.1, 0.3]), room, 0.0)
    assert np.allclose(costs, [[1.0, 8 * 0.1 + 2 * 0.3, 5 * 0.1 + 5 * 0.3, 4 * 0.1 + 4 * 0.3 + 2 * 2.0]])
