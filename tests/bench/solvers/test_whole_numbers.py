"""Programmes in whole numbers lose no solution: every optimum of the programme, rounded, is there and costs as much."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from random_nights import random_night

from models.formulations.matrix import Matrix, MatrixBuilder
from models.formulations.reference import build_reference
from optimizer.bench.solvers.whole_numbers import (
    STEPS_A_UNIT,
    EndlessColumn,
    WholeProgramme,
    whole_programme,
    with_ends,
)
from optimizer.engine.highs import compile_model, solve

STEP = 1 / STEPS_A_UNIT


def as_matrix(whole: WholeProgramme) -> Matrix:
    """The whole programme with costs in currency, for HiGHS."""
    rows = np.repeat(np.arange(len(whole.row_low)), np.diff(whole.starts))
    order = np.lexsort((rows, whole.columns))
    counts = np.bincount(whole.columns, minlength=len(whole.step))
    return Matrix(
        whole.cost * whole.money,
        whole.offset,
        whole.low.astype(float),
        whole.high.astype(float),
        np.full(len(whole.step), True),
        whole.row_low,
        whole.row_high,
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int32),
        rows[order].astype(np.int32),
        whole.values[order].astype(float),
    )


def near(whole: WholeProgramme, point: np.ndarray, steps: float) -> Matrix:
    """The whole programme with every column within so many steps of a point."""
    matrix = as_matrix(whole)
    low = np.maximum(matrix.low, np.ceil(point / whole.step - steps))
    high = np.minimum(matrix.high, np.floor(point / whole.step + steps))
    return replace(matrix, low=low, high=high)


def stock_and_flow(draw: Random, digits: tuple[int, ...] = (1, 3, 9)) -> Matrix:
    """A stock that flows fill and whole decisions empty, slot by slot, and a purchase that loses a part on the way."""
    made, slots = MatrixBuilder(offset=draw.uniform(-5, 5)), 4
    hours, efficiency = draw.choice((1.0, 0.25, 1 / 3, 1 / 12)), draw.choice((0.95, 0.9, 0.873))
    flow = made.columns((slots,), high=draw.uniform(10, 60))
    stock = made.columns((slots,), high=draw.uniform(20, 50))
    taken = made.columns((slots,), high=1.0, cost=[-draw.uniform(1, 20) for _ in range(slots)], integer=True)
    bought = made.columns((slots,), high=200.0, cost=[draw.uniform(0, 1) * hours for _ in range(slots)])
    most = made.columns((1,), cost=draw.choice((0.0, 0.7)))  # without an end
    balance = made.rows(slots, 0.0, 0.0)
    made.put(balance, stock, 1.0)
    made.put(balance[1:], stock[:-1], -1.0)
    made.put(balance, flow, -hours)
    made.put(balance, taken, [round(draw.uniform(2, 20), draw.choice(digits)) for _ in range(slots)])
    loss = made.rows(slots, 0.0, 0.0)
    made.put(loss, bought, efficiency)
    made.put(loss, flow, -1.0)
    peak = made.rows(slots, 0.0)
    made.put(peak, most[0], 1.0)
    made.put(peak, bought, -1.0)
    return made.matrix()


@pytest.mark.parametrize("seed", range(60))
def test_the_optimum_is_there_and_no_bound_lies_above_it(seed: int) -> None:
    matrix = stock_and_flow(Random(seed))
    whole, best = whole_programme(matrix), solve(matrix)
    assert best.point is not None
    found = solve(near(whole, best.point, 20.0))
    assert found.point is not None, "the optimum is lost"
    rounded_cost = found.objective - whole.offset
    assert whole.bound(rounded_cost / whole.money) <= best.objective + 1e-9
    assert whole.bound(rounded_cost / whole.money) >= best.objective - 0.05
    assert whole.money_slack < 0.02


@pytest.mark.parametrize("seed", range(12))
def test_the_optimum_of_a_night_is_there(seed: int) -> None:
    matrix = compile_model(build_reference(random_night(seed)).model).matrix
    whole, best = whole_programme(matrix), solve(matrix)
    assert best.point is not None
    found = solve(near(whole, best.point, 50.0))
    assert found.point is not None, "the optimum is lost"
    assert whole.bound((found.objective - whole.offset) / whole.money) <= best.objective + 1e-6


def test_balances_stay_equations() -> None:
    """As the energy of a slot follows from the slot before and the flow, it is the flow that is not rounded."""
    whole = whole_programme(stock_and_flow(Random(3), (1,)))
    assert (whole.row_low[:4] == whole.row_high[:4]).all()
    assert (whole.row_low[4:8] < whole.row_high[4:8]).all()  # what is bought has an efficiency between


def test_a_row_of_decisions_alone_stays_as_it_is() -> None:
    made = MatrixBuilder()
    columns = made.columns((3,), high=1.0, cost=[1.0, 2.5, 3.0], integer=True)
    made.put(made.rows(1, 2.0, 2.0), columns, 1.0)
    made.put(made.rows(1, -np.inf, 0.9), columns, [0.3, 0.3, 0.6])
    whole = whole_programme(made.matrix())
    assert whole.step.tolist() == [1, 1, 1]
    assert whole.values.tolist() == [1, 1, 1, 1, 1, 2]
    assert (whole.row_low.tolist(), whole.row_high.tolist()) == ([2.0, -math.inf], [2.0, 3.0])
    assert whole.bound(float(whole.cost[0] + whole.cost[1])) == pytest.approx(3.5, abs=1e-9)


def test_rounding_is_given_to_rows_and_taken_off_bounds() -> None:
    """x + 3y ≤ 5, both in steps: half a step of each makes 2 · 0.0001 more."""
    made = MatrixBuilder()
    x = made.columns((2,), high=10.0, cost=[-1.0, -2.0])
    made.put(made.rows(1, -np.inf, 5.0), x, [1.0, 3.0])
    whole = whole_programme(made.matrix())
    assert whole.row_high.tolist() == [5 * STEPS_A_UNIT + 2]
    assert whole.money_slack == pytest.approx(1.5 * STEP)


def test_a_wide_column_has_longer_steps() -> None:
    made = MatrixBuilder()
    made.columns((1,), high=3e9, cost=1.0)
    made.put(made.rows(1, 1.0), [0], 1.0)
    whole = whole_programme(made.matrix())
    assert whole.step[0] == pytest.approx(10.0) and whole.high[0] == 3 * 10**8


def test_ends_from_rows_and_from_what_rows_may_lack() -> None:
    made = MatrixBuilder()
    made.columns((1,), high=4.0)
    made.columns((1,))
    made.columns((1,), cost=1.0)
    made.put(made.rows(1, -np.inf, 10.0), [0, 1], [1.0, 2.0])  # 2y ≤ 10 − x
    made.put(made.rows(1, -3.0), [0, 2], [-2.0, 1.0])  # z ≥ 2x − 3
    ended = with_ends(made.matrix())
    assert ended.high.tolist() == [4.0, 5.0, 5.0]


def test_no_end_where_more_may_be_better() -> None:
    made = MatrixBuilder()
    made.columns((2,), high=[4.0, np.inf], cost=[1.0, -1.0])
    made.put(made.rows(1, 3.0), [0, 1], [1.0, 1.0])
    with pytest.raises(EndlessColumn, match=r"column 1 has no end, so it is no number of steps \(1 such\)"):
        whole_programme(made.matrix())
