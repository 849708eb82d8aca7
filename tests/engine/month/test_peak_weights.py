"""The price of a higher peak against dynamic programming over whole peaks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from optimizer.engine.month.peak_weights import marginal_savings, price_of_peak, rates_between, shares

CAPS = np.arange(6.0) * 10
SAVED = st.lists(st.floats(0, 8), min_size=5, max_size=5).map(lambda values: sorted(values, reverse=True))


def costs_to_go(rates: list[float], days: list[list[list[float]]]) -> np.ndarray:
    """G at each cap, by the definition: each day chooses the best cap from the present one up. `days`: savings."""
    value = np.concatenate([[0.0], np.cumsum(rates)]) * 10
    for drawn in reversed(days):
        cost = [np.concatenate([[0.0], -np.cumsum(one)]) * 10 for one in drawn]
        value = np.mean([[min((one + value)[at:]) for at in range(len(CAPS))] for one in cost], axis=0)
    return value


@given(st.lists(st.lists(SAVED, min_size=1, max_size=3), max_size=4), st.floats(0.5, 6), st.floats(0, 3))
@settings(max_examples=100, deadline=None)
def test_each_kw_decides_for_itself(days: list[list[list[float]]], rate: float, more: float) -> None:
    """The slopes of the cost to go, where rates rise and savings fall."""
    rates = [rate, rate, rate + more, rate + more, rate + more]
    price = price_of_peak(np.array(rates), [np.array(drawn) for drawn in days])
    assert np.allclose(price, np.diff(costs_to_go(rates, days)) / 10)


def test_no_day_left_puts_all_of_the_rate_at_stake() -> None:
    """And one that saves more than the rate leaves nothing of it."""
    rates = np.full(5, 3.0)
    assert shares(price_of_peak(rates, []), rates, CAPS) == ((0.0, 1.0),)
    later = [np.array([[4.0, 4.0, 1.5, 0.0, 0.0]])]
    assert shares(price_of_peak(rates, later), rates, CAPS) == ((0.0, 0.0), (20.0, 0.5), (30.0, 1.0))


def test_shares_never_fall_and_stay_where_nothing_is_billed() -> None:
    """Rates that fall beyond a threshold, and none at all below a declared demand."""
    assert shares(np.array([0.0, 2.0, 1.0]), np.array([0.0, 2.0, 2.0]), CAPS[:4]) == ((0.0, 1.0),)
    assert rates_between(((0.0, 5.0), (20.0, 3.0)), CAPS).tolist() == [5.0, 5.0, 3.0, 3.0, 3.0]


def test_savings_are_slopes() -> None:
    """Currency per kW between neighbouring caps; rounding makes none negative."""
    assert marginal_savings(np.array([[30.0, 10.0, 10.0]]), CAPS[:3]) == pytest.approx(np.array([[2.0, 0.0]]))
