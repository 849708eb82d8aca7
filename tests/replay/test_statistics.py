"""Means and shares of days with their intervals."""

from __future__ import annotations

import numpy as np
import pytest

from optimizer.replay.statistics import Estimate, mean_of, ratio_of, share_of


def test_mean_of_four_days_by_hand() -> None:
    """Standard deviation √(5/3), Student's quantile with three degrees of freedom 3.1824."""
    found = mean_of(np.array([1.0, 2.0, 3.0, 4.0]))
    half = 3.182446 * (5 / 3) ** 0.5 / 2
    assert found.mean == 2.5
    assert (found.low, found.high) == pytest.approx((2.5 - half, 2.5 + half), rel=1e-6)


def test_single_day_says_nothing_of_others() -> None:
    assert mean_of(np.array([7.0])) == Estimate(7.0, None, None)


def test_interval_of_a_mean_holds_it_as_often_as_it_says() -> None:
    random = np.random.default_rng(1)
    found = [mean_of(random.gamma(4.0, 0.25, 10)) for _ in range(2000)]  # of mean 1
    held = np.mean([one.low is not None and one.high is not None and one.low <= 1 <= one.high for one in found])
    assert 0.92 < held < 0.97


def test_interval_of_a_share_holds_it_as_often_as_it_says() -> None:
    """Days of ten drivers on average, of whom a day's own share is served: 0.9 on average."""
    random = np.random.default_rng(2)
    held = 0
    for _ in range(1000):
        drivers = random.poisson(10, 40)
        served = random.binomial(drivers, random.beta(9, 1, 40))
        found = share_of(served, drivers)
        held += found.low is not None and found.high is not None and found.low <= 0.9 <= found.high
    assert 0.92 < held / 1000 < 0.98


def test_all_served_is_not_certain_to_stay_so() -> None:
    """Wilson's lower limit for 100 of 100: 1 / (1 + 1.96² / 100)."""
    found = share_of(np.array([50, 50]), np.array([50, 50]))
    assert found == Estimate(1.0, pytest.approx(0.963, abs=1e-4), 1.0)


def test_share_of_nobody_is_all() -> None:
    assert share_of(np.array([0]), np.array([0])) == Estimate(1.0, None, None)


def test_ratio_of_means() -> None:
    found = ratio_of(np.array([1.0, 3.0]), np.array([4.0, 4.0]))
    assert found is not None
    assert found.mean == 0.5
    assert found.low is not None and found.low < 0.5
    assert ratio_of(np.array([1.0]), np.array([0.0])) is None
