"""The array builders against the Pyomo models they are twins of: the same programme, row by row, column by column."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import random_nights
import scipy.sparse
from month_tiers import DRAWS, Draw, with_credit, with_month_tiers

from models.formulations.dispatch.arrays import dispatch_arrays
from models.formulations.dispatch.pyomo_model import build_dispatch
from models.formulations.levels.arrays import level_arrays
from models.formulations.levels.pyomo_model import Integrality, build_levels
from models.formulations.matrix import Matrix, MatrixBuilder, fixed, relaxed
from models.station.stays import stays_of
from models.tolerances import SMALLEST_COEFFICIENT
from optimizer.engine.baselines import cheapest_slots_first, uncontrolled_charging
from optimizer.engine.highs import compile_model, solve

SEEDS = range(50)
PLAIN_SEEDS = [seed for seed in range(200) if not random_nights.random_night(seed).station.needs_switches][:60]
Signature = Counter[tuple[float, ...]]


def dense(matrix: Matrix) -> np.ndarray:
    rows, columns = matrix.shape
    a = scipy.sparse.csc_array((matrix.values, matrix.rows, matrix.starts), shape=(rows, columns)).toarray()
    return np.where(np.abs(a) < SMALLEST_COEFFICIENT, 0.0, a)  # sums of fills that cancel leave dust


def row_signatures(matrix: Matrix) -> Signature:
    """Bounds and sorted coefficients of every row that has any."""
    a = dense(matrix)
    return Counter(
        (rounded(matrix.row_low[i]), rounded(matrix.row_high[i]), *sorted(map(rounded, a[i][a[i] != 0])))
        for i in range(len(a))
        if np.any(a[i])
    )


def column_signatures(matrix: Matrix) -> Signature:
    """Cost, bounds, integrality and sorted coefficients of every column."""
    a = dense(matrix)
    return Counter(
        (
            *map(rounded, (matrix.cost[j], matrix.low[j], matrix.high[j], float(matrix.integer[j]))),
            *sorted(map(rounded, a[:, j][a[:, j] != 0])),
        )
        for j in range(a.shape[1])
    )


def rounded(value: float) -> float:
    return round(float(value), 7) + 0.0


def assert_same(arrays: Matrix, model: Matrix) -> None:
    assert arrays.offset == pytest.approx(model.offset)
    assert row_signatures(arrays) == row_signatures(model)
    assert column_signatures(arrays) == column_signatures(model)
    one, other = solve(relaxed(arrays)), solve(relaxed(model))
    assert one.objective == pytest.approx(other.objective, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("resolution", [1, 2, 4])
@pytest.mark.parametrize("seed", SEEDS)
def test_levels(seed: int, resolution: int) -> None:
    levels = build_levels(random_nights.random_night(seed), resolution, Integrality.SWAPS)
    assert_same(level_arrays(levels.data).matrix, compile_model(levels.model).matrix)


@pytest.mark.parametrize("seed", SEEDS[:12])
@pytest.mark.parametrize("draw", DRAWS)
def test_levels_under_hours_of_use_and_in_proportion(draw: Draw, seed: int) -> None:
    night = with_month_tiers(random_nights.random_night(seed), draw, seed)
    levels = build_levels(night, 1, Integrality.SWAPS)
    assert_same(level_arrays(levels.data).matrix, compile_model(levels.model).matrix)


@pytest.mark.parametrize("seed", SEEDS[:20])
def test_levels_with_a_credit(seed: int) -> None:
    levels = build_levels(with_credit(random_nights.random_night(seed), seed), 1, Integrality.SWAPS)
    assert_same(level_arrays(levels.data).matrix, compile_model(levels.model).matrix)


@pytest.mark.parametrize("seed", PLAIN_SEEDS)
def test_dispatch(seed: int) -> None:
    """Charger rules go through Pyomo alone."""
    night = random_nights.random_night(seed)
    for baseline in (uncontrolled_charging, cheapest_slots_first):
        stays = stays_of(night, baseline(night).by_swap())
        model = compile_model(build_dispatch(night, stays, 1000.0).model).matrix
        assert_same(dispatch_arrays(night, stays, 1000.0).matrix, model)


def test_enough_nights_are_compared() -> None:
    assert len(PLAIN_SEEDS) == 60
    assert any(any(random_nights.random_night(seed).station.ready_reserve) for seed in PLAIN_SEEDS)


def a_matrix() -> Matrix:
    """min −x − 2y, x + y ≤ 3.5 put together from two entries, 0 ≤ x ≤ 2, y integer."""
    b = MatrixBuilder(offset=1.0)
    x, y = b.columns((1,), 0.0, 2.0, -1.0), b.columns((1,), 0.0, 9.0, integer=True)
    b.add_cost(y, -2.0)
    row = b.rows(1, high=3.5)
    b.put(row, np.concatenate([x, y]), 0.5)
    b.put(row, np.concatenate([x, y]), 0.5)
    return b.matrix()


def test_builder_adds_up_what_is_put_twice() -> None:
    matrix = a_matrix()
    assert matrix.shape == (1, 2) and matrix.is_mip
    assert matrix.values.tolist() == [1.0, 1.0] and matrix.cost.tolist() == [-1.0, -2.0]
    assert solve(matrix).objective == pytest.approx(1.0 - 0.5 - 6.0)


def test_relaxed_and_fixed() -> None:
    matrix = a_matrix()
    assert solve(relaxed(matrix)).objective == pytest.approx(1.0 - 7.0)
    held = fixed(matrix, np.array([0.2, 1.9999999]))
    assert not held.is_mip and held.low[1] == held.high[1] == 2.0
    assert solve(held).objective == pytest.approx(1.0 - 1.5 - 4.0)


def test_coefficients_of_one_place_add_up_and_zeros_are_left_out() -> None:
    generator = np.random.default_rng(3)
    for rows, columns, entries in ((5, 7, 60), (1, 1, 4), (4, 6, 0)):
        builder = MatrixBuilder()
        builder.columns((columns,))
        builder.rows(rows)
        at = generator.integers(0, rows, entries), generator.integers(0, columns, entries)
        values = generator.integers(-2, 3, entries).astype(float)  # some cancel
        builder.put(*at, values)
        expected = np.zeros((rows, columns))
        np.add.at(expected, at, values)
        found = builder.matrix()
        assert dense(found).tolist() == expected.tolist()
        assert len(found.values) == np.count_nonzero(expected)
        assert [int(found.starts[0]), int(found.starts[-1]), len(found.starts)] == [0, len(found.rows), columns + 1]
        for one, other in zip(found.starts[:-1], found.starts[1:], strict=True):
            assert found.rows[one:other].tolist() == sorted(found.rows[one:other].tolist())
