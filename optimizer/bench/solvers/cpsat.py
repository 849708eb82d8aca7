"""CP-SAT of OR-Tools (extra `cpsat`): a second opinion that does not think in LPs. It knows whole numbers only.

It solves the programme in whole numbers, which no solution is lost by: its bound, less what rounding may cost, holds.
A solution of it may break rows by a hair; so its whole columns are kept and HiGHS finds the others, for the last
solution from which that is possible.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from models.formulations.matrix import Array, Matrix, fixed
from models.tolerances import SMALLEST_MONEY_GAP
from optimizer.bench.records.contender import OnProgress
from optimizer.bench.solvers.solver import Solver
from optimizer.bench.solvers.whole_numbers import EndlessColumn, WholeProgramme, whole_programme
from optimizer.engine.highs import SolverResult, solve

SHARE_OF_TIME = 0.1
"""Of the time, what is kept for the columns that are not whole."""

KEPT = 20  # solutions, the last ones
LARGEST_SIDE = 2**62
STOPPED = {"OPTIMAL": "optimal", "INFEASIBLE": "infeasible", "FEASIBLE": "time_limit", "UNKNOWN": "time_limit"}


def missing_ortools() -> str | None:
    """What to install for OR-Tools; None where it is here."""
    try:
        import ortools.sat.python.cp_model  # noqa: F401
    except ImportError:
        return "OR-Tools: pip install 'swapcharge[cpsat]'"
    return None


def versions_of_ortools() -> Mapping[str, str]:
    """The installed one; nothing where there is none."""
    try:
        return {"ortools": version("ortools")}
    except PackageNotFoundError:
        return {}


def _solve(matrix: Matrix, *, money_gap: float, seconds: float, seed: int, on_progress: OnProgress) -> SolverResult:
    began = time.perf_counter()
    try:
        whole = whole_programme(matrix)
    except EndlessColumn as why:
        return SolverResult("other", str(why), None, math.inf, -math.inf, time.perf_counter() - began)
    model, columns = _model(whole)
    left = (1 - SHARE_OF_TIME) * seconds - (time.perf_counter() - began)
    solver = _solver(max(money_gap, SMALLEST_MONEY_GAP) / whole.money, max(0.0, left), seed)
    heard: list[float] = []

    def hear(bound: float) -> None:
        heard.append(bound)
        on_progress(None, whole.bound(bound))

    solver.best_bound_callback = hear
    found = _last_solutions(columns)
    status = solver.status_name(solver.solve(model, found))
    if status == "OPTIMAL":
        heard.append(solver.best_objective_bound)
    # Without a proof its own word for the bound may be 0, which is none: only what it told on the way counts.
    bound = whole.bound(max(heard)) if heard and status != "INFEASIBLE" else -math.inf
    left = seconds - (time.perf_counter() - began)
    point, objective = _point(matrix, [whole.step * one for one in reversed(found.kept)], max(0.0, left))
    used = time.perf_counter() - began
    return SolverResult(STOPPED.get(status, "other"), _words(status, found.kept, point), point, objective, bound, used)


def _words(status: str, kept: list[Array], point: Array | None) -> str:
    without = "; none of its solutions holds in numbers that are not whole" if kept and point is None else ""
    return f"{status.lower()}{without}"


def _model(whole: WholeProgramme) -> tuple[Any, list[Any]]:
    """The programme for CP-SAT, and its variables in the order of the columns."""
    from ortools.sat.python.cp_model import CpModel, LinearExpr

    model = CpModel()
    ends = zip(whole.low.tolist(), whole.high.tolist(), strict=True)
    columns = [model.new_int_var(low, high, "") for low, high in ends]
    of_rows, values, starts = whole.columns.tolist(), whole.values.tolist(), whole.starts.tolist()
    for row, (low, high) in enumerate(zip(_sides(whole.row_low), _sides(whole.row_high), strict=True)):
        part = slice(starts[row], starts[row + 1])
        terms = [columns[j] for j in of_rows[part]]
        model.add_linear_constraint(LinearExpr.weighted_sum(terms, values[part]), low, high)
    model.minimize(LinearExpr.weighted_sum(columns, whole.cost.tolist()))
    return model, columns


def _sides(values: Array) -> list[int]:
    return [int(value) for value in np.clip(values, -LARGEST_SIDE, LARGEST_SIDE)]


def _solver(whole_gap: float, seconds: float, seed: int) -> Any:
    """CP-SAT on one thread, otherwise as it comes. `whole_gap`: in units of the whole cost."""
    from ortools.sat.python.cp_model import CpSolver

    solver = CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.absolute_gap_limit = whole_gap
    solver.parameters.relative_gap_limit = 0.0
    return solver


def _last_solutions(columns: list[Any]) -> Any:
    """What CP-SAT tells of its solutions: `kept` has the last ones, whole numbers by column."""
    from ortools.sat.python.cp_model import CpSolverSolutionCallback

    class Listener(CpSolverSolutionCallback):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.kept: list[Array] = []

        def on_solution_callback(self) -> None:
            solution = self.response_proto.solution
            self.kept = [*self.kept, np.array([solution[column.index] for column in columns], dtype=float)][-KEPT:]

    return Listener()


def _point(matrix: Matrix, points: list[Array], seconds: float) -> tuple[Array | None, float]:
    """The first of these whose whole columns leave a solution, all others optimal for them; and what it costs."""
    began = time.perf_counter()
    for point in points:
        left = seconds - (time.perf_counter() - began)
        answer = solve(fixed(matrix, point), seconds=max(0.0, left))
        if answer.point is not None:
            return answer.point, answer.objective
    return None, math.inf


CPSAT = Solver(
    "cpsat",
    "CP-SAT of OR-Tools in steps of 0.0001 kW and kWh, powers by HiGHS",
    _solve,
    missing_ortools,
    versions_of_ortools,
)
