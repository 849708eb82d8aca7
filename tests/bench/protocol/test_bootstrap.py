"""Intervals of confidence: what can be worked out by hand, and what holds of all."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.bench.records import bootstrap
from optimizer.bench.records.bootstrap import RESAMPLES, mean_interval, resamples, share_interval


def test_as_many_instances_are_drawn_as_there_are_and_alike_each_time() -> None:
    counts = resamples(7)
    assert counts.shape == (RESAMPLES, 7) and (counts.sum(axis=1) == 7).all() and (counts >= 0).all()
    resamples.cache_clear()
    assert (resamples(7) == counts).all()
    # each of the seven is drawn once on average, and not at all with probability (6/7)^7 = 34 %
    assert counts.mean() == 1 and (counts == 0).mean() == pytest.approx((6 / 7) ** 7, abs=0.02)


def test_an_interval_by_hand() -> None:
    """Of ten instances five are solved: the resampled number is binomial (10, 1/2). P(≤ 1) = 1.07 %, P(≤ 2) = 5.5 %,
    so the 2.5 % quantile is 2, and by symmetry the other one 8."""
    assert mean_interval([[1.0]] * 5 + [[0.0]] * 5) == (0.2, 0.8)
    assert mean_interval([[1.0]] * 6) == (1.0, 1.0)


def test_all_or_none_of_ten_leave_room_for_what_was_not_seen() -> None:
    """A share p of which ten in ten are seen has 2.5 % chance at p = 0.025^(1/10) = 69.15 %."""
    assert share_interval([[1.0]] * 10) == (pytest.approx(0.6915, abs=1e-4), 1.0)
    assert share_interval([[0.0, 0.0]] * 10) == (0.0, pytest.approx(0.3085, abs=1e-4))
    assert share_interval([[1.0]] * 5 + [[0.0]] * 5) == (0.2, 0.8) and share_interval([[1.0]] * 4) is None


def test_runs_of_one_instance_are_drawn_together() -> None:
    """Ten instances with one run or with eight alike: the interval is the same, for there is no more to be known."""
    one = [[float(index % 2)] for index in range(10)]
    assert mean_interval([values * 8 for values in one]) == mean_interval(one)


def test_an_instance_with_more_runs_weighs_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two instances, three runs solved and one not: drawn alike 3/4, one twice all or nothing."""
    monkeypatch.setattr(bootstrap, "LEAST_INSTANCES", 2)
    monkeypatch.setattr(bootstrap, "LEVEL", 0.0)
    assert mean_interval([[1.0, 1.0, 1.0], [0.0]]) == (0.75, 0.75)


def test_few_instances_say_nothing() -> None:
    assert mean_interval([[1.0]] * 4) is None and mean_interval([]) is None


@given(st.lists(st.lists(st.floats(-100, 100), min_size=1, max_size=3), min_size=5, max_size=20))
def test_an_interval_lies_within_the_values(groups: list[list[float]]) -> None:
    interval = mean_interval(groups)
    assert interval is not None
    values = [value for values in groups for value in values]
    slack = 1e-9 * (1 + max(map(abs, values)))
    assert min(values) - slack <= interval[0] <= interval[1] <= max(values) + slack
    assert all(map(math.isfinite, interval))
