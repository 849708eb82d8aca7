"""HiGHS: models become arrays, arrays become answers, and the bound of an LP holds whatever the duals."""

from __future__ import annotations

import math
import subprocess
import sys
from dataclasses import replace

import highspy
import numpy as np
import pyomo.environ as pyo
import pytest
import scipy.sparse
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from patience import PATIENCE
from random_nights import random_night

from models.formulations.levels.arrays import level_arrays
from models.formulations.levels.data import level_data
from models.formulations.matrix import Matrix, fixed, relaxed
from optimizer.engine.highs import INTERIOR, GrowingLp, SolverError, compile_model, dual_bound, solve


def small_model() -> pyo.ConcreteModel:
    """min 3x + 2y − z + 7: rows of every sense, bounds of every kind, one variable integer."""
    m = pyo.ConcreteModel()
    m.x = pyo.Var(bounds=(0, None))
    m.y = pyo.Var(within=pyo.NonNegativeIntegers, bounds=(0, 5))
    m.z = pyo.Var(bounds=(None, 4))
    m.at_least = pyo.Constraint(expr=m.x + m.y >= 2.5)
    m.at_most = pyo.Constraint(expr=m.z - m.x <= 1)
    m.equal = pyo.Constraint(expr=m.y + 2 * m.z == 4)
    m.cost = pyo.Objective(expr=3 * m.x + 2 * m.y - m.z + 7)
    return m


def test_what_lacked_memory_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    matrix = compile_model(small_model()).matrix
    growing = GrowingLp(matrix)
    monkeypatch.setattr(highspy.Highs, "getModelStatus", lambda _: highspy.HighsModelStatus.kMemoryLimit)
    for attempt in (lambda: solve(matrix), lambda: growing.solve(PATIENCE)):
        with pytest.raises(MemoryError, match=r"^HiGHS ran out of memory$"):
            attempt()


def test_compiled_arrays() -> None:
    compiled = compile_model(small_model())
    matrix, names = compiled.matrix, [variable.name for variable in compiled.columns]
    columns = {name: (matrix.cost[j], matrix.low[j], matrix.high[j], matrix.integer[j]) for j, name in enumerate(names)}
    assert columns == {"x": (3, 0, math.inf, False), "y": (2, 0, 5, True), "z": (-1, -math.inf, 4, False)}
    assert (matrix.offset, matrix.shape, matrix.is_mip) == (7, (3, 3), True)
    assert list(zip(matrix.row_low, matrix.row_high, strict=True)) == [(2.5, math.inf), (-math.inf, 1), (4, 4)]


def test_compiled_coefficients() -> None:
    compiled = compile_model(small_model())
    matrix, order = compiled.matrix, {variable.name: j for j, variable in enumerate(compiled.columns)}
    a = scipy.sparse.csc_array((matrix.values, matrix.rows, matrix.starts), shape=matrix.shape).toarray()
    assert a[:, [order[name] for name in "xyz"]].tolist() == [[1, 1, 0], [-1, 0, 1], [0, 1, 2]]


def test_fixed_variable_is_folded_into_the_right_hand_sides() -> None:
    m = small_model()
    m.x.fix(2)
    matrix = compile_model(m).matrix
    assert matrix.shape[1] == 2
    assert matrix.offset == 13
    assert list(zip(matrix.row_low, matrix.row_high, strict=True)) == [(0.5, math.inf), (-math.inf, 3), (4, 4)]


def test_optimal_answer_and_point() -> None:
    """z = (4 − y) / 2 ≤ 1 + x. y = 2: x ≥ 0.5, z = 1, costs 11.5. y = 3: x ≥ 0, z = 0.5: 12.5. y = 1: x ≥ 1.5: 12."""
    m = small_model()
    compiled = compile_model(m)
    answer = solve(compiled.matrix)
    assert answer.stopped == "optimal"
    assert answer.objective == pytest.approx(11.5)
    assert answer.bound == pytest.approx(11.5)
    assert answer.seconds > 0
    assert answer.point is not None
    compiled.load(answer.point)
    assert [m.x.value, m.y.value, m.z.value] == pytest.approx([0.5, 2, 1])


def test_infeasible_answer() -> None:
    m = small_model()
    m.no = pyo.Constraint(expr=m.x + m.y <= 2)
    answer = solve(compile_model(m).matrix)
    assert (answer.stopped, answer.point, answer.objective) == ("infeasible", None, math.inf)


def hard_matrix() -> Matrix:
    """A knapsack of 60 kinds that no solver finishes in no time."""
    r = np.random.default_rng(0)
    m = pyo.ConcreteModel()
    m.x = pyo.Var(range(60), within=pyo.Integers, bounds=(0, 9))
    weights = [[int(w) for w in r.integers(10_000, 90_000, 60)] for _ in range(8)]
    m.fits = pyo.Constraint(range(8), rule=lambda m, k: sum(w * m.x[i] for i, w in enumerate(weights[k])) <= 3_000_000)
    m.cost = pyo.Objective(expr=-sum((w + i) * m.x[i] for i, w in enumerate(weights[0])))
    return compile_model(m).matrix


def test_no_time_proves_nothing_false() -> None:
    matrix = hard_matrix()
    answer = solve(matrix, seconds=0.0)
    assert answer.stopped == "time_limit"
    assert answer.bound <= solve(matrix, seconds=0.3).objective


def test_start_is_taken() -> None:
    matrix = hard_matrix()
    start = np.zeros(60)
    start[0] = 1
    answer = solve(matrix, seconds=0.0, start=start)
    assert answer.point is not None
    assert answer.objective <= matrix.cost[0]


@pytest.mark.parametrize("option", [{"no_such_option": 1}, {"threads": "two"}, {"solver": "abacus"}])
def test_refused_option_is_told(option: dict[str, object]) -> None:
    (name, value), *_ = option.items()
    with pytest.raises(SolverError, match=f"HiGHS refused option {name} = {value!r}"):
        solve(compile_model(small_model()).matrix, options=option)


def test_money_gap_stops_early() -> None:
    matrix = level_arrays(level_data(random_night(0), 1)).matrix
    exact, rough = solve(matrix), solve(matrix, money_gap=1e6)
    assert rough.stopped == "optimal"
    assert rough.bound <= exact.objective + 1e-6 <= rough.objective + 2e-6


def test_fixed_turns_a_mip_into_the_lp_at_its_point() -> None:
    matrix = compile_model(small_model()).matrix
    answer = solve(matrix)
    assert answer.point is not None
    lp = fixed(matrix, answer.point + np.where(matrix.integer, 1e-7, 0))
    assert not lp.is_mip
    assert solve(lp).objective == pytest.approx(answer.objective, abs=1e-9)


# The bound from duals

LPS = [relaxed(level_arrays(level_data(random_night(seed), 1)).matrix) for seed in range(6)]
OPTIMA = [solve(lp).objective for lp in LPS]


@settings(deadline=None)
@given(st.integers(0, len(LPS) - 1), st.integers(0, 2**32 - 1), st.sampled_from([1e-3, 1.0, 100.0]))
def test_any_duals_give_a_bound(which: int, seed: int, scale: float) -> None:
    duals = scale * np.random.default_rng(seed).standard_normal(LPS[which].shape[0])
    assert dual_bound(LPS[which], duals) <= OPTIMA[which] + 1e-6


@pytest.mark.parametrize("which", range(len(LPS)))
@pytest.mark.parametrize("options", [{}, {"presolve": "off"}, INTERIOR], ids=["simplex", "no presolve", "interior"])
def test_bound_of_an_lp_is_its_optimum(which: int, options: dict[str, object]) -> None:
    answer = solve(LPS[which], options=options)
    margin = 1e-4 * max(1.0, abs(OPTIMA[which])) if options is INTERIOR else 1e-7 * max(1.0, abs(OPTIMA[which]))
    assert answer.bound == pytest.approx(OPTIMA[which], abs=margin)
    assert answer.bound <= OPTIMA[which] + 1e-7 * max(1.0, abs(OPTIMA[which]))


@given(st.lists(st.floats(-10, 10), min_size=3, max_size=3))
def test_duals_of_the_wrong_sign_count_for_nothing(duals: list[float]) -> None:
    """min x, x ≥ 1 by a row, 0 ≤ x ≤ 5; a row that holds nothing and one with no upper limit."""
    matrix = Matrix(
        cost=np.array([1.0]),
        offset=0.5,
        low=np.array([0.0]),
        high=np.array([5.0]),
        integer=np.array([False]),
        row_low=np.array([1.0, -math.inf, -math.inf]),
        row_high=np.array([math.inf, 3.0, math.inf]),
        starts=np.array([0, 3], dtype=np.int32),
        rows=np.array([0, 1, 2], dtype=np.int32),
        values=np.array([1.0, 1.0, 1.0]),
    )
    assume(any(duals))
    assert dual_bound(matrix, np.array(duals)) <= 1.5 + 1e-9
    assert dual_bound(matrix, np.array([1.0, 0.0, 0.0])) == 1.5
    assert dual_bound(matrix, np.array([-1.0, 0.0, duals[2]])) == 0.5


def test_bound_with_columns_in_no_row() -> None:
    """min x − 2y + z with y in no row and x + z ≥ 3: columns at the front, inside and at the end may be empty."""
    matrix = Matrix(
        cost=np.array([-1.0, 1.0, -2.0, 1.0, -3.0]),
        offset=0.0,
        low=np.zeros(5),
        high=np.array([1.0, 9.0, 1.0, 9.0, 1.0]),
        integer=np.zeros(5, dtype=bool),
        row_low=np.array([3.0]),
        row_high=np.array([math.inf]),
        starts=np.array([0, 0, 1, 1, 2, 2], dtype=np.int32),
        rows=np.array([0, 0], dtype=np.int32),
        values=np.array([1.0, 1.0]),
    )
    assert dual_bound(matrix, np.array([1.0])) == -3
    assert dual_bound(matrix, np.array([0.0])) == -6
    assert solve(matrix).bound == pytest.approx(-3)


def test_nothing_is_proven_where_a_column_without_end_pays() -> None:
    """At dual −1 of y + 2z = 4, z costs −1 + 2 = 1 and has no lower bound."""
    assert dual_bound(relaxed(compile_model(small_model()).matrix), np.array([0.0, 0.0, -1.0])) == -math.inf


# An LP that grows


def need_matrix() -> Matrix:
    """min 9a + 9b, a ≥ 1 and b ≥ 2 by rows: what nobody does costs 9."""
    return Matrix(
        cost=np.array([9.0, 9.0]),
        offset=0.5,
        low=np.zeros(2),
        high=np.full(2, math.inf),
        integer=np.zeros(2, dtype=bool),
        row_low=np.array([1.0, 2.0]),
        row_high=np.full(2, math.inf),
        starts=np.array([0, 1, 2], dtype=np.int32),
        rows=np.array([0, 1], dtype=np.int32),
        values=np.ones(2),
    )


def grow(lp: GrowingLp, cost: float, high: float, *entries: tuple[int, float]) -> None:
    """One more column, its coefficients as (row, value)."""
    rows, values = (np.array(part) for part in zip(*entries, strict=True)) if entries else (np.array([]), np.array([]))
    owner = np.zeros(len(entries), dtype=np.int64)
    lp.add_columns(np.array([cost]), np.array([high]), owner, rows.astype(np.int64), values.astype(float))


def optimum(lp: GrowingLp) -> tuple[float, list[float], list[float]]:
    """Objective, point, row duals."""
    found = lp.solve(60.0)
    assert found is not None
    return found.objective, found.point.tolist(), found.row_dual.tolist()


def test_lp_grows_by_columns() -> None:
    lp = GrowingLp(need_matrix())
    assert (lp.rows, lp.columns) == (2, 2)
    assert optimum(lp) == (pytest.approx(27.5), pytest.approx([1, 2]), pytest.approx([9, 9]))
    grow(lp, 5.0, math.inf, (0, 1.0), (1, 1.0))
    assert optimum(lp) == (pytest.approx(10.5), pytest.approx([0, 0, 2]), pytest.approx([0, 5]))
    grow(lp, 1.0, 0.5, (1, 1.0))
    grow(lp, 0.0, math.inf)
    assert (lp.rows, lp.columns) == (2, 5)
    assert optimum(lp)[:2] == (pytest.approx(8.5), pytest.approx([0, 0, 1.5, 0.5, 0]))


def test_columns_grow_many_at_once() -> None:
    """Three: the first in both rows, the second in none, the third in row 1."""
    lp = GrowingLp(need_matrix())
    cost, high = np.array([5.0, -1.0, 2.0]), np.array([1.0, 3.0, math.inf])
    lp.add_columns(cost, high, np.array([0, 0, 2]), np.array([0, 1, 1]), np.array([1.0, 1.0, 0.5]))
    assert optimum(lp)[:2] == (pytest.approx(0.5 + 5 - 3 + 4), pytest.approx([0, 0, 1, 3, 2]))


def test_lp_grows_by_rows_that_bind_once_bounded() -> None:
    lp = GrowingLp(need_matrix())
    grow(lp, 5.0, math.inf, (0, 1.0), (1, 1.0))
    row = lp.add_row(np.array([0, 2]))
    assert (row, lp.rows) == (2, 3)
    assert optimum(lp)[0] == pytest.approx(10.5)
    lp.bound_row(row, -math.inf, 1.0)
    objective, point, duals = optimum(lp)
    assert (objective, point) == (pytest.approx(14.5), pytest.approx([0, 1, 1]))
    assert duals[row] == pytest.approx(-4)
    lp.bound_row(row, -math.inf, math.inf)
    assert optimum(lp)[0] == pytest.approx(10.5)


def test_row_of_no_columns() -> None:
    lp = GrowingLp(need_matrix())
    row = lp.add_row(np.array([], dtype=np.int64))
    assert optimum(lp)[0] == pytest.approx(27.5)
    grow(lp, 1.0, math.inf, (row, 1.0))
    lp.bound_row(row, 3.0, math.inf)
    assert optimum(lp)[0] == pytest.approx(30.5)


def test_columns_are_closed_and_opened() -> None:
    lp = GrowingLp(need_matrix())
    grow(lp, 5.0, math.inf, (0, 1.0), (1, 1.0))
    lp.bound_columns(np.array([2]), np.array([0.0]))
    assert optimum(lp)[0] == pytest.approx(27.5)
    lp.bound_columns(np.array([1, 2]), np.array([0.5, math.inf]))
    assert optimum(lp)[:2] == (pytest.approx(10.5), pytest.approx([0, 0, 2]))


def test_nothing_where_no_point_is_feasible_and_again_where_one_is() -> None:
    lp = GrowingLp(need_matrix())
    lp.bound_columns(np.array([1]), np.array([1.0]))
    assert lp.solve(60.0) is None
    grow(lp, 1.0, 1.0, (1, 1.0))
    assert optimum(lp)[:2] == (pytest.approx(9 + 9 + 1 + 0.5), pytest.approx([1, 1, 1]))


def test_nothing_where_the_optimum_is_without_end() -> None:
    lp = GrowingLp(need_matrix())
    grow(lp, -1.0, math.inf, (0, 1.0))
    assert lp.solve(60.0) is None


def test_nothing_once_the_time_is_up_and_something_with_more() -> None:
    lp = GrowingLp(LPS[0])
    assert lp.solve(0.0) is None
    assert lp.solve(-5.0) is None
    assert optimum(lp)[0] == pytest.approx(OPTIMA[0], abs=1e-6 * max(1.0, abs(OPTIMA[0])))


def test_time_is_that_of_each_solve() -> None:
    """The limit of one solve is not used up by those before it."""
    lp = GrowingLp(need_matrix())
    for _ in range(50):
        assert lp.solve(1.0) is not None
        grow(lp, 8.0, 0.001, (0, 1.0))


def test_refused_columns_rows_and_bounds_are_told() -> None:
    lp = GrowingLp(need_matrix())
    with pytest.raises(SolverError, match=r"^HiGHS refused addCols$"):
        grow(lp, 1.0, 1.0, (7, 1.0))
    with pytest.raises(SolverError, match=r"^HiGHS refused addRow$"):
        lp.add_row(np.array([7]))
    with pytest.raises(SolverError, match=r"^HiGHS refused changeRowBounds$"):
        lp.bound_row(7, 0.0, 1.0)
    with pytest.raises(SolverError, match=r"^HiGHS refused changeColsBounds$"):
        lp.bound_columns(np.array([7]), np.array([1.0]))
    assert (lp.rows, lp.columns) == (2, 2)
    assert optimum(lp)[0] == pytest.approx(27.5)


def test_refused_matrix_is_told() -> None:
    bad = replace(need_matrix(), rows=np.array([0, 5], dtype=np.int32))
    with pytest.raises(SolverError, match=r"^HiGHS refused passModel$"):
        GrowingLp(bad)


# Standard output


@pytest.mark.parametrize("use", ["solve(matrix)", "GrowingLp(matrix).solve(9.0)"])
def test_nothing_of_the_solver_is_on_standard_output(use: str) -> None:
    """HiGHS 1.16 greets on file descriptor 1 when it is first used in a process, past Python's own sys.stdout."""
    code = (
        "import numpy as np\n"
        "from models.formulations.matrix import MatrixBuilder\n"
        "from optimizer.engine.highs import GrowingLp, solve\n"
        "b = MatrixBuilder()\n"
        "b.put(b.rows(1, 1.0), b.columns((1,), cost=2.0), 1.0)\n"
        "matrix = b.matrix()\n"
        f"print('before', flush=False)\nprint({use}.objective)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE)
    assert (done.stdout, done.stderr) == ("before\n2.0\n", "")
