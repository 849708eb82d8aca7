"""The knee of a curve of costs: on curves made by hand, and what holds for all of them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimizer.studies.answers.knee import Bend, bend_of, steps

EXACT = [0.0] * 20


def bend(*costs: float, unproven: float | None = 0.0, rising: bool = False) -> Bend:
    points = [(float(value), cost) for value, cost in enumerate(costs, start=4)]
    return bend_of(points, [unproven] * len(points), rising=rising)


@pytest.mark.parametrize(
    ("costs", "shape", "knee"),
    [
        ((100, 60, 30, 28, 27, 26), "knee", 2),
        ((100, 50, 50), "knee", 1),
        ((100, 0, 60), "knee", 1),  # rises again: the plans' gaps, or more to keep charged
        ((100, 40, 20, 0), "knee", 1),  # 60 and then 20 each
        ((100, 55, 30, 0), "straight", None),  # 45 and then 27.5 each
        ((100, 70, 50, 0), "late", None),  # 25 and then 50
        ((100, 90, 10), "late", None),
        ((100, 75, 50, 25, 0), "straight", None),
        ((50, 50, 50), "flat", None),
        ((50, 60, 70), "against", None),
        ((50, 20, 50), "knee", 1),
        ((50, 60, 55), "against", None),
        ((100, 50), "few", None),
        ((100,), "few", None),
    ],
)
def test_costs_that_should_fall(costs: tuple[float, ...], shape: str, knee: int | None) -> None:
    found = bend(*costs)
    assert (found.shape, found.knee) == (shape, knee)


@pytest.mark.parametrize(
    ("costs", "shape", "knee"),
    [
        ((10, 20, 30, 80, 130), "knee", 2),
        ((10, 20, 29), "straight", None),
        ((10, 80, 90), "late", None),
        ((90, 40, 10), "against", None),
        ((10, 10, 10), "flat", None),
    ],
)
def test_costs_that_should_rise(costs: tuple[float, ...], shape: str, knee: int | None) -> None:
    found = bend(*costs, rising=True)
    assert (found.shape, found.knee) == (shape, knee)


def test_values_need_not_stand_at_equal_steps() -> None:
    assert bend_of([(2, 100), (4, 60), (6, 20), (20, 10)], EXACT[:4]).knee == 2
    assert bend_of([(2, 100), (3, 90), (20, 0)], EXACT[:3]).shape == "straight"


def test_a_bend_that_may_be_what_is_not_proven_is_no_knee() -> None:
    """100, 50, 45 lies 22.5 below its chord at 50; were the ends truly 22.5 cheaper, it would lie on it."""
    assert bend(100, 50, 45, unproven=22).shape == "knee"
    assert bend(100, 50, 45, unproven=22.5).shape == "unproven"
    assert bend(100, 50, 45, unproven=55).shape == "flat"
    assert bend(100, 50, 45, unproven=None).shape == "unproven"
    points = [(0.0, 100.0), (1.0, 50.0), (2.0, 45.0)]
    assert bend_of(points, [0.0, 30.0, 0.0]).shape == "knee"  # a knee that is truly cheaper lies lower still


COSTS = st.lists(st.integers(0, 10_000).map(float), min_size=3, max_size=9)


@given(COSTS, st.floats(0.01, 100), st.integers(-1000, 1000))
def test_units_do_not_matter(costs: list[float], factor: float, more: int) -> None:
    """Neither those of the values nor where they begin."""
    plain = bend_of(list(zip(map(float, range(len(costs))), costs, strict=True)), EXACT[: len(costs)])
    moved = bend_of([(factor * n + more, cost) for n, cost in enumerate(costs)], EXACT[: len(costs)])
    assert plain.shape == moved.shape or "knee" not in (plain.shape, moved.shape) or _is_close(costs)
    if plain.shape == moved.shape == "knee" and not _is_close(costs):
        assert plain.knee == moved.knee


def _is_close(costs: list[float]) -> bool:
    """Two points as far below the chord as each other, or steps of just a half: rounding decides."""
    points = list(zip(map(float, range(len(costs))), costs, strict=True))
    mean = steps([points[0], points[-1]])[0]
    depths = sorted(costs[0] - mean * n - cost for n, cost in enumerate(costs[1:-1], start=1))
    halves = (steps([points[0], point, points[-1]]) for point in points[1:-1])
    return any(abs(one - other) < 0.001 for one, other in pairwise(depths)) or any(
        abs(after - before / 2) < 0.001 for before, after in halves
    )


@given(COSTS)
def test_a_knee_lies_below_the_chord_and_saves_most_of_it_before(costs: list[float]) -> None:
    points = list(zip(map(float, range(len(costs))), costs, strict=True))
    found = bend_of(points, EXACT[: len(costs)])
    if found.knee is not None:
        assert 0 < found.knee < len(costs) - 1
        before, after = steps([points[0], points[found.knee], points[-1]])
        assert after <= before / 2 and costs[found.knee] < costs[0]
