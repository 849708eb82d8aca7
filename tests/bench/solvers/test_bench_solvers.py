"""Solvers: all of them agree, keep their limits, and what they print is read rightly."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from random_nights import random_night

from models.formulations.levels.arrays import level_arrays
from models.formulations.levels.data import level_data
from models.formulations.matrix import Matrix, relaxed
from models.formulations.reference import build_reference
from optimizer.bench.solvers.all_solvers import ALL_SOLVERS
from optimizer.bench.solvers.cbc import answer_of as answer_of_cbc
from optimizer.bench.solvers.external_program import ProgramOutput
from optimizer.bench.solvers.glpk import answer_of as answer_of_glpk
from optimizer.bench.solvers.solver import Solver
from optimizer.engine.highs import SolverResult, compile_model, refused_options, solve

SOLVERS = {solver.name: solver for solver in ALL_SOLVERS}
HERE = [name for name, solver in SOLVERS.items() if solver.missing() is None]
FOR_MIPS = [name for name in HERE if SOLVERS[name].takes_integers]
STEPS = {"cpsat": 2e-3}
"""By how much the bound of a solver in whole numbers may be lower: what steps of 0.0001 may cost."""


def small(whole: bool = True) -> Matrix:
    """min 3a + 2b + y/2 + 10; 2a + 1.5b + 0.3y ≥ 7.1, a + y ≤ 4, all ≤ 10; a and b whole: 19.8333; 19.4667 if not.

    The numbers are those of the recorded texts below, which know nothing of the 10.
    """
    return Matrix(
        cost=np.array([3.0, 2.0, 0.5]),
        offset=10.0,
        low=np.zeros(3),
        high=np.full(3, 10.0),
        integer=np.array([whole, whole, False]),
        row_low=np.array([7.1, -math.inf]),
        row_high=np.array([math.inf, 4.0]),
        starts=np.array([0, 2, 3, 5], dtype=np.int32),
        rows=np.array([0, 1, 0, 0, 1], dtype=np.int32),
        values=np.array([2.0, 1.0, 1.5, 0.3, 1.0]),
    )


@cache
def reference_matrix(seed: int) -> Matrix:
    return compile_model(build_reference(random_night(seed)).model).matrix


def solved(
    solver: Solver, matrix: Matrix, seconds: float = 20.0, money_gap: float = 0.0
) -> tuple[SolverResult, list[object]]:
    news: list[object] = []
    told = {"money_gap": money_gap, "seconds": seconds, "seed": 3}
    return solver.solve(matrix, **told, on_progress=lambda objective, bound: news.append((objective, bound))), news  # type: ignore[arg-type]


def test_names_differ_and_say_what_they_are() -> None:
    assert len(SOLVERS) == len(ALL_SOLVERS)
    assert all(solver.what and ":" not in solver.name for solver in SOLVERS.values())


def test_scip_is_here_and_tells_its_versions() -> None:
    assert SOLVERS["scip"].missing() is None, "the extra scip is part of dev"
    assert set(SOLVERS["scip"].versions()) == {"pyscipopt", "scip"}


@pytest.mark.parametrize("name", HERE)
def test_all_find_the_optimum_of_a_small_lp(name: str) -> None:
    answer, _ = solved(SOLVERS[name], small(whole=False))
    close = 1e-3 if name.endswith("pdlp") else 1e-6
    assert answer.stopped == "optimal"
    assert answer.objective == pytest.approx(19 + 7 / 15, abs=close)
    assert answer.bound == pytest.approx(19 + 7 / 15, abs=STEPS.get(name, close))
    assert answer.bound <= 19 + 7 / 15 + 1e-9
    assert answer.point == pytest.approx([0, 71 / 15, 0], abs=close)


@pytest.mark.parametrize("name", FOR_MIPS)
def test_all_find_the_optimum_of_a_small_mip(name: str) -> None:
    answer, _ = solved(SOLVERS[name], small())
    assert answer.stopped == "optimal"
    assert answer.objective == pytest.approx(19 + 5 / 6, abs=1e-6)
    assert 19 + 5 / 6 - STEPS.get(name, 2e-6) <= answer.bound <= 19 + 5 / 6 + 1e-6
    assert answer.point == pytest.approx([0, 4, 11 / 3], abs=1e-6)


@pytest.mark.parametrize("name", FOR_MIPS)
@pytest.mark.parametrize("seed", [1, 5, 8])
def test_all_agree_on_the_reference_model(name: str, seed: int) -> None:
    matrix = reference_matrix(seed)
    best = solve(matrix).objective
    answer, news = solved(SOLVERS[name], matrix)
    assert answer.stopped == "optimal"
    assert answer.objective == pytest.approx(best, abs=1e-5)
    assert answer.bound == pytest.approx(best, abs=STEPS.get(name, 1e-5))
    for objective, bound in news:  # type: ignore[misc]
        assert objective is None or objective >= best - 1e-5
        assert bound is None or bound <= best + 1e-5


@pytest.mark.parametrize("name", FOR_MIPS)
def test_infeasible_is_told(name: str) -> None:
    matrix = small()
    matrix.row_low[0] = 1000.0
    answer, _ = solved(SOLVERS[name], matrix)
    assert (answer.stopped, answer.point, answer.objective, answer.bound) == ("infeasible", None, math.inf, -math.inf)


@pytest.mark.parametrize("name", ["highs", "scip"])
def test_news_end_with_the_optimum(name: str) -> None:
    matrix = reference_matrix(5)
    answer, news = solved(SOLVERS[name], matrix)
    assert len(news) > 1
    assert news[-1] == (pytest.approx(answer.objective, abs=1e-6), pytest.approx(answer.bound, abs=1e-6))


def test_highs_hears_nothing_of_an_lp_and_nothing_twice() -> None:
    assert solved(SOLVERS["highs"], relaxed(reference_matrix(5)))[1] == []
    news = solved(SOLVERS["highs"], reference_matrix(5))[1]
    assert all(one != other for one, other in pairwise(news))


@pytest.mark.parametrize("name", ["highs", "scip", "cpsat"])
def test_money_gap_stops_early(name: str) -> None:
    rough, _ = solved(SOLVERS[name], reference_matrix(5), money_gap=1e6)
    assert rough.stopped == "optimal"
    assert rough.bound <= solve(reference_matrix(5)).objective + 1e-6 <= rough.objective + 2e-6


def test_cpsat_is_here_and_tells_its_version() -> None:
    assert SOLVERS["cpsat"].missing() is None, "the extra cpsat is part of dev"
    assert set(SOLVERS["cpsat"].versions()) == {"ortools"}


def test_pdlp_without_time_proves_nothing_false() -> None:
    """Its duals are of a problem hardly begun: by weak duality they bound all the same."""
    matrix = relaxed(level_arrays(level_data(random_night(0), 4)).matrix)
    best = solve(matrix).objective
    for seconds in (0.0, 20.0):
        answer, news = solved(SOLVERS["pdlp"], matrix, seconds=seconds)
        assert answer.bound <= best + 1e-6
        assert news == []
    assert answer.stopped == "optimal"
    assert answer.bound == pytest.approx(best, abs=1e-2 * max(1.0, abs(best)))
    assert SOLVERS["pdlp"].missing() is None, "the extra cpsat is part of dev"
    assert set(SOLVERS["pdlp"].versions()) == {"ortools"}


def test_cpsat_tells_its_bounds_on_the_way_but_no_costs_that_no_plan_has() -> None:
    matrix = reference_matrix(5)
    answer, news = solved(SOLVERS["cpsat"], matrix)
    assert len(news) > 1
    assert all(objective is None for objective, _ in news)  # type: ignore[misc]
    assert max(bound for _, bound in news) <= answer.bound + 1e-9  # type: ignore[misc]


def test_cpsat_without_time_has_no_bound_where_costs_are_below_zero() -> None:
    """It then says 0, which is above the optimum of −22."""
    matrix = replace(small(), cost=-small().cost)
    answer, news = solved(SOLVERS["cpsat"], matrix, seconds=0.0)
    assert (answer.point, answer.bound, news) == (None, -math.inf, [])
    assert solved(SOLVERS["cpsat"], matrix)[0].bound == pytest.approx(-22, abs=1e-3)


def test_cpsat_refuses_a_column_without_an_end() -> None:
    matrix = small()
    matrix.row_high[1], matrix.high[2], matrix.cost[2] = math.inf, math.inf, -1.0
    answer, _ = solved(SOLVERS["cpsat"], matrix)
    assert (answer.stopped, answer.point, answer.bound) == ("other", None, -math.inf)
    assert answer.detail == "column 2 has no end, so it is no number of steps (1 such)"


@pytest.mark.parametrize("name", [name for name in FOR_MIPS if name != "glpk"])
def test_no_time_proves_nothing_false(name: str) -> None:
    matrix = level_arrays(level_data(random_night(0), 4)).matrix
    answer, _ = solved(SOLVERS[name], matrix, seconds=0.0)
    best = solve(matrix).objective
    assert answer.bound <= best + 1e-6
    assert answer.objective >= best - 1e-6


@pytest.mark.parametrize("name", [name for name in SOLVERS if name.startswith("highs")])
def test_options_of_highs_are_accepted(name: str) -> None:
    assert refused_options(SOLVERS[name].options) == []
    assert SOLVERS[name].missing() is None


def test_option_that_highs_lacks_is_told() -> None:
    from optimizer.bench.solvers.highs import _missing

    missing = _missing({"presolve": "off", "mip_of_tomorrow": True})
    assert missing is not None
    assert missing.startswith("a later version of highspy: ")
    assert missing.endswith(" has no mip_of_tomorrow = True")


def test_programs_that_are_not_installed_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert SOLVERS["cbc"].missing() == "the program cbc: apt install coinor-cbc"
    assert SOLVERS["glpk"].missing() == "the program glpsol: apt install glpk-utils"


# What CBC 2.10.8 and GLPK 5.0 wrote, so that reading it is tested where they are not installed

CBC_MIP = """Optimal - objective value 19.83333333
      0 r0                   7.1               1.6666667
      1 r1             3.6666667                       0
      0 c0                     0             -0.33333333
      1 c1                     4                    -0.5
      2 c2             3.6666667                       0
      3 constant               1                      10
"""
CBC_LP = """Optimal - objective value 19.46666667
      0 r0                   7.1               1.3333333
      1 r1                     0                       0
      0 c0                     0              0.33333333
      1 c1             4.7333333                       0
      2 c2                     0                     0.1
      3 constant               1                      10
"""
GLPK_MIP = """c Problem:    night
c Status:     INTEGER OPTIMAL
c Objective:  cost = 19.83333333 (MINimum)
c
s mip 2 4 o 19.8333333333333
i 1 7.1
i 2 3.66666666666667
j 1 0
j 2 4
j 3 3.66666666666667
j 4 1
e o f
"""
GLPK_LP = """c Status:     OPTIMAL
s bas 2 4 f f 19.4666666666667
i 1 l 7.1 1.33333333333333
i 2 b 0 0
j 1 l 0 0.333333333333333
j 2 b 4.73333333333333 0
j 3 l 0 0.1
j 4 f 1 10
e o f
"""


def heard(solution: str | None, *log: str) -> ProgramOutput:
    return ProgramOutput(log, solution, 0.5)


def test_cbc_optimum() -> None:
    answer = answer_of_cbc(small(), heard(CBC_MIP), 1e-3)
    assert (answer.stopped, answer.detail) == ("optimal", "Optimal")
    assert answer.objective == pytest.approx(19.8333333, abs=1e-6)
    assert answer.bound == pytest.approx(answer.objective - 1e-3, abs=1e-6)
    assert answer.bound < answer.objective - 1e-3


def test_cbc_within_its_gap_tells_its_bound() -> None:
    text = CBC_MIP.replace("Optimal -", "Optimal (within gap tolerance) -")
    answer = answer_of_cbc(small(), heard(text, "Lower bound:                    17.5"), 5.0)
    assert answer.bound == pytest.approx(17.5, abs=1e-6)


def test_cbc_lp_has_its_bound_from_duals() -> None:
    answer = answer_of_cbc(small(whole=False), heard(CBC_LP), 0.0)
    assert answer.row_dual == pytest.approx([4 / 3, 0], abs=1e-7)
    assert answer.bound == pytest.approx(19 + 7 / 15, abs=1e-6)


def test_cbc_out_of_time() -> None:
    text = CBC_MIP.replace("Optimal -", "Stopped on time -")
    answer = answer_of_cbc(small(), heard(text, "Lower bound:                    -3.250"), 0.0)
    assert (answer.stopped, answer.bound) == ("time_limit", pytest.approx(-3.25, abs=1e-6))
    assert answer.point is not None


def test_cbc_without_a_whole_point() -> None:
    text = CBC_MIP.replace("Optimal -", "Stopped on time (no integer solution - continuous used) -")
    answer = answer_of_cbc(small(), heard(text, "Lower bound:                    1e+50"), 0.0)
    assert (answer.stopped, answer.point, answer.objective, answer.bound) == ("time_limit", None, math.inf, -math.inf)


@pytest.mark.parametrize("words", ["Infeasible", "Integer infeasible"])
def test_cbc_infeasible(words: str) -> None:
    answer = answer_of_cbc(small(), heard(CBC_MIP.replace("Optimal -", f"{words} -")), 0.0)
    assert (answer.stopped, answer.point) == ("infeasible", None)


@pytest.mark.parametrize("read", [answer_of_glpk, lambda matrix, what: answer_of_cbc(matrix, what, 0.0)])
def test_program_that_wrote_nothing_is_told_in_its_last_words(read: object) -> None:
    answer = read(small(), heard(None, "There were 2 errors on input", ""))  # type: ignore[operator]
    assert (answer.stopped, answer.detail) == ("other", "There were 2 errors on input")
    assert (answer.point, answer.bound) == (None, -math.inf)


def test_glpk_optimum() -> None:
    answer = answer_of_glpk(small(), heard(GLPK_MIP))
    assert answer.stopped == "optimal"
    assert answer.objective == pytest.approx(19 + 5 / 6, abs=1e-9)
    assert answer.objective - 1e-6 < answer.bound < answer.objective


def test_glpk_lp_has_its_bound_from_duals() -> None:
    answer = answer_of_glpk(small(whole=False), heard(GLPK_LP))
    assert answer.row_dual == pytest.approx([4 / 3, 0])
    assert answer.bound == pytest.approx(19 + 7 / 15, abs=1e-9)


def test_glpk_dual_of_a_row_with_two_sides_is_the_sum_of_both() -> None:
    matrix = small(whole=False)
    matrix.row_high[0] = 50.0
    text = GLPK_LP.replace("i 2 b 0 0", "i 2 b 7.1 0.25\ni 3 b 0 0.5")
    dual = answer_of_glpk(matrix, heard(text)).row_dual
    assert dual == pytest.approx([4 / 3 + 0.25, 0.5])


def test_glpk_out_of_time() -> None:
    text = GLPK_MIP.replace("s mip 2 4 o", "s mip 2 4 f")
    log = [
        "+   154: mip =     not found yet >=   1.510000000e+01        (1; 0)",
        "+   160: >>>>>   1.983333333e+01 >=   1.660000000e+01   3.1% (3; 0)",
        "TIME LIMIT EXCEEDED; SEARCH TERMINATED",
    ]
    answer = answer_of_glpk(small(), heard(text, *log))
    assert (answer.stopped, answer.bound) == ("time_limit", pytest.approx(16.6, abs=1e-6))
    assert answer.point is not None
    text = GLPK_MIP.replace("s mip 2 4 o", "s mip 2 4 u")
    assert answer_of_glpk(small(), heard(text, *log)).point is None


def test_glpk_infeasible() -> None:
    text = GLPK_MIP.replace("s mip 2 4 o", "s mip 2 4 n")
    answer = answer_of_glpk(small(), heard(text, "PROBLEM HAS NO PRIMAL FEASIBLE SOLUTION"))
    assert (answer.stopped, answer.point, answer.bound) == ("infeasible", None, -math.inf)


def test_news_of_cbc_and_glpk() -> None:
    from optimizer.bench.solvers import cbc as solver_cbc
    from optimizer.bench.solvers import glpk as solver_glpk

    news: list[tuple[float | None, float | None]] = []
    for line in (
        "Cbc0012I Integer solution of 9.8333333 found by DiveCoefficient after 1 iterations and 0 nodes (0.00 seconds)",
        "Cbc0010I After 100 nodes, 50 on tree, 9.8 best solution, best possible 9.5 (0.53 seconds)",
        "Cbc0010I After 0 nodes, 1 on tree, 1e+50 best solution, best possible 9.5 (0.53 seconds)",
        "Cuts at root node changed objective from 9.46667 to 9.83333",
    ):
        solver_cbc._pass_on(line, lambda objective, bound: news.append((objective, bound)))
    for line in (
        "+     2: mip =     not found yet >=              -inf        (1; 0)",
        "+     3: >>>>>   9.833333333e+00 >=   9.800000000e+00   0.3% (3; 0)",
        "+     3: mip =   9.833333333e+00 >=     tree is empty   0.0% (0; 5)",
        "*     2: obj =   9.466666667e+00 inf =   0.000e+00 (0)",
    ):
        solver_glpk._pass_on(line, lambda objective, bound: news.append((objective, bound)))
    close = pytest.approx
    assert news == [
        (9.8333333, None),
        (9.8, close(9.5, abs=1e-6)),
        (None, close(9.5, abs=1e-6)),
        (None, None),
        (9.833333333, close(9.8, abs=1e-6)),
        (9.833333333, None),
    ]
