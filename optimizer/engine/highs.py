"""The only contact with HiGHS: a Pyomo model becomes arrays, arrays become an answer.

An answer is four facts: why the solver stopped, the point it holds, its objective, and a bound. For an
LP the bound is recomputed here from the row duals, so it holds whatever the solver says of itself.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import highspy
import numpy as np

from models.formulations.matrix import Array, Index, Matrix, relaxed
from models.tolerances import SMALLEST_MONEY_GAP

INTERIOR: Mapping[str, Any] = {"solver": "ipm", "run_crossover": "off"}
"""Options for a large LP whose bound matters more than a vertex: `dual_bound` makes an interior point's duals safe."""

LARGE_LP_COLUMNS = 3000
"""From here on the interior-point method bounds sooner than the simplex method (README of models)."""


NO_PRESOLVE: Mapping[str, Any] = {"presolve": "off"}
"""Options for an LP of a few thousand columns that is nearly a flow: presolving it takes longer than solving it."""

FEW_ROWS = 1000  # of a dispatch LP: with acceptance curves or wear there are more, and presolving pays
FLOW_COLUMNS = 4  # a row and more: nearly a flow, however many rows

PRIMAL_SIMPLEX: Mapping[str, Any] = {"simplex_strategy": 4}
"""Options for an LP that grows by columns: its last optimum stays feasible, the dual simplex would throw it away."""


OnProgress = Callable[[float | None, float | None], None]
"""News of a MIP: objective of the best point and best bound, None where there is none yet."""


class SolverError(RuntimeError):
    """HiGHS refused a model, an option or a call: our fault, never the user's."""


@dataclass(frozen=True)
class Compiled:
    """A matrix and the Pyomo variables and constraints that its columns and rows stand for."""

    matrix: Matrix
    columns: tuple[Any, ...]
    rows: tuple[Any, ...] = ()

    def load(self, point: Array) -> None:
        """Write a point into the Pyomo model's variables."""
        for variable, value in zip(self.columns, point.tolist(), strict=True):
            variable.set_value(value, skip_validation=True)


@dataclass(frozen=True)
class SolverResult:
    """`stopped`: optimal | infeasible | time_limit | other (HiGHS's own words in `detail`).

    `point` None: nothing in hand, then `objective` is +inf. `bound` −inf: nothing proven. `seconds` in HiGHS.
    `row_dual`: of an LP's optimum, else None.
    """

    stopped: str
    detail: str
    point: Array | None
    objective: float
    bound: float
    seconds: float
    row_dual: Array | None = None


@dataclass(frozen=True)
class LpPoint:
    """An LP's optimum: objective, columns, row duals."""

    objective: float
    point: Array
    row_dual: Array


STOPPED = {
    highspy.HighsModelStatus.kOptimal: "optimal",
    highspy.HighsModelStatus.kInfeasible: "infeasible",
    highspy.HighsModelStatus.kUnboundedOrInfeasible: "infeasible",
    highspy.HighsModelStatus.kTimeLimit: "time_limit",
    highspy.HighsModelStatus.kSolutionLimit: "time_limit",
    highspy.HighsModelStatus.kObjectiveTarget: "target",
    highspy.HighsModelStatus.kInterrupt: "interrupted",
}


def compile_model(model: Any) -> Compiled:
    """Arrays of a linear Pyomo model. Fixed variables are folded into the right-hand sides."""
    from pyomo.repn.plugins.standard_form import LinearStandardFormCompiler

    form = LinearStandardFormCompiler().write(model, mixed_form=True)
    senses = np.array([row.bound_type for row in form.rows])  # −1: ≥, 0: =, 1: ≤
    rhs = np.asarray(form.rhs, dtype=float)
    bounds = [column.bounds for column in form.columns]
    a = form.A.tocsc()
    matrix = Matrix(
        cost=np.asarray(form.c.todense(), dtype=float).ravel(),
        offset=float(form.c_offset[0]),
        low=np.array([-np.inf if low is None else low for low, _ in bounds], dtype=float),
        high=np.array([np.inf if high is None else high for _, high in bounds], dtype=float),
        integer=np.array([not column.is_continuous() for column in form.columns], dtype=bool),
        row_low=np.where(senses <= 0, rhs, -np.inf),
        row_high=np.where(senses >= 0, rhs, np.inf),
        starts=a.indptr.astype(np.int32),
        rows=a.indices.astype(np.int32),
        values=a.data.astype(float),
    )
    return Compiled(matrix, tuple(form.columns), tuple(row.constraint for row in form.rows))


def presolving(matrix: Matrix) -> Mapping[str, Any]:
    """Options for a dispatch LP: is it presolved?"""
    rows, columns = matrix.shape
    return NO_PRESOLVE if rows <= max(FEW_ROWS, columns // FLOW_COLUMNS) else {}


def solve(
    matrix: Matrix,
    *,
    money_gap: float = 0.0,
    seconds: float | None = None,
    seed: int = 0,
    start: Array | None = None,
    options: Mapping[str, Any] | None = None,
    on_progress: OnProgress | None = None,
) -> SolverResult:
    """Solve within `seconds`, a MIP to `money_gap` (in the objective's unit), from `start` if given, on one thread.
    `on_progress` hears of a MIP's better points and higher bounds as they are found. Raises MemoryError.
    """
    began = time.perf_counter()
    highs = _new_highs(money_gap, seconds, seed, options or {})
    _pass_model(highs, matrix)
    if on_progress is not None and matrix.is_mip:
        _listen(highs, on_progress)
    if start is not None:
        guess = highspy.HighsSolution()
        guess.col_value = start.tolist()
        highs.setSolution(guess)
    _run(highs)
    return _result_of(highs, matrix, time.perf_counter() - began)


class GrowingLp:
    """An LP that is solved again and again from where it stood, while columns and rows are added and bounds change.

    Of a matrix with integer columns it is the relaxation.
    """

    def __init__(self, matrix: Matrix, seed: int = 0, options: Mapping[str, Any] = PRIMAL_SIMPLEX) -> None:
        self._highs = _new_highs(0.0, None, seed, options)
        _pass_model(self._highs, relaxed(matrix))
        self.columns = matrix.shape[1]
        self.rows = matrix.shape[0]

    def add_columns(self, cost: Array, high: Array, owner: Index, rows: Index, values: Array) -> None:
        """New columns 0 ≤ x ≤ high; coefficients in order of their `owner`, the number of the new column."""
        count = len(cost)
        starts = np.searchsorted(owner, np.arange(count)).astype(np.int32)
        entries = (len(values), starts, rows.astype(np.int32), values)
        _check_accepted(self._highs.addCols(count, cost, np.zeros(count), high, *entries), "addCols")
        self.columns += count

    def add_row(self, columns: Index) -> int:
        """A new row: the sum of `columns`, not bounded yet. Returns its number."""
        entries = (len(columns), columns.astype(np.int32), np.ones(len(columns)))
        _check_accepted(self._highs.addRow(-np.inf, np.inf, *entries), "addRow")
        self.rows += 1
        return self.rows - 1

    def bound_row(self, row: int, low: float, high: float) -> None:
        """Change a row's bounds."""
        _check_accepted(self._highs.changeRowBounds(row, low, high), "changeRowBounds")

    def bound_columns(self, columns: Index, high: Array, low: Array | None = None) -> None:
        """Change the bounds of columns; the lower ones are 0 by default."""
        low = np.zeros(len(columns)) if low is None else low
        status = self._highs.changeColsBounds(len(columns), columns.astype(np.int32), low, high)
        _check_accepted(status, "changeColsBounds")

    def cost_columns(self, cost: Array) -> None:
        """Change the cost of every column."""
        columns = np.arange(self.columns, dtype=np.int32)
        _check_accepted(self._highs.changeColsCost(self.columns, columns, cost), "changeColsCost")

    def solve(self, seconds: float) -> LpPoint | None:
        """The optimum; None where there is none or the time is up. Raises MemoryError."""
        _check_accepted(
            self._highs.setOptionValue("time_limit", self._highs.getRunTime() + max(0.0, seconds)), "time_limit"
        )
        _run(self._highs)
        if self._highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
            return None
        solution = self._highs.getSolution()
        objective = float(self._highs.getInfo().objective_function_value)
        point, dual = np.array(solution.col_value), np.array(solution.row_dual)
        return LpPoint(objective, point, dual)


def _run(highs: highspy.Highs) -> None:
    """What lacked memory is no answer: with more of it, another plan or bound would come of the same night."""
    highs.run()
    if highs.getModelStatus() == highspy.HighsModelStatus.kMemoryLimit:
        raise MemoryError("HiGHS ran out of memory")


def _new_highs(money_gap: float, seconds: float | None, seed: int, options: Mapping[str, Any]) -> highspy.Highs:
    _discard_banner()
    highs = highspy.Highs()
    settings: dict[str, Any] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": seed,
        "mip_rel_gap": 0.0,  # an objective may be near zero or below: gaps are last in money
        "mip_abs_gap": max(money_gap, SMALLEST_MONEY_GAP),
    }
    if seconds is not None:
        settings["time_limit"] = max(0.0, seconds)
    for name, value in (settings | dict(options)).items():
        _check_accepted(highs.setOptionValue(name, value), f"option {name} = {value!r}")
    return highs


def refused_options(options: Mapping[str, Any]) -> list[str]:
    """Names of those options that the installed HiGHS does not know, or not with this value."""
    _discard_banner()
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    return [name for name, value in options.items() if highs.setOptionValue(name, value) == highspy.HighsStatus.kError]


def _listen(highs: highspy.Highs, on_progress: OnProgress) -> None:
    """The interrupt callback comes at every node and every round of cuts: it says nothing that was said before."""
    last: list[float | None] = [None, None]

    def hear(objective: float, bound: float) -> None:
        news = [value if np.isfinite(value) else None for value in (objective, bound)]
        if news != last:
            last[:] = news
            on_progress(*news)

    def on_the_way(event: Any) -> None:
        hear(event.data_out.mip_primal_bound, event.data_out.mip_dual_bound)

    def on_a_point(event: Any) -> None:
        hear(event.data_out.objective_function_value, event.data_out.mip_dual_bound)

    highs.cbMipInterrupt += on_the_way
    highs.cbMipLogging += on_the_way
    highs.cbMipImprovingSolution += on_a_point


@cache
def _discard_banner() -> None:
    """From 1.16 on the first `Highs` of a process prints a banner to file descriptor 1, whatever is asked."""
    if sys.stdout is not None:  # as it is where the standard output is closed
        sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        highspy.Highs()
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def _check_accepted(status: highspy.HighsStatus, what: str) -> None:
    if status == highspy.HighsStatus.kError:
        raise SolverError(f"HiGHS refused {what}")


def _pass_model(highs: highspy.Highs, matrix: Matrix) -> None:
    """Hand over the arrays as they are: through a HighsLp they would be copied number by number."""
    (rows, columns), no_index = matrix.shape, np.array([], dtype=np.int32)
    layout = int(highspy.MatrixFormat.kColwise), 1, int(highspy.ObjSense.kMinimize)
    bounds = matrix.cost, matrix.low, matrix.high, matrix.row_low, matrix.row_high
    linear, quadratic = (matrix.starts, matrix.rows, matrix.values), (no_index, no_index, np.array([]))
    sizes = columns, rows, len(matrix.values), 0
    integer = matrix.integer.astype(np.int32)
    status = highs.passModel(*sizes, *layout, matrix.offset, *bounds, *linear, *quadratic, integer)
    _check_accepted(status, "passModel")


def _result_of(highs: highspy.Highs, matrix: Matrix, seconds: float) -> SolverResult:
    status, info = highs.getModelStatus(), highs.getInfo()
    stopped = STOPPED.get(status, "other")
    solution = highs.getSolution()
    holds = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible and solution.value_valid
    point = np.array(solution.col_value) if holds else None
    objective = float(info.objective_function_value) if holds else np.inf
    row_dual = None
    if matrix.is_mip:
        bound = float(info.mip_dual_bound) if np.isfinite(info.mip_dual_bound) else -np.inf
    else:
        row_dual = np.array(solution.row_dual) if solution.dual_valid else None
        bound = -np.inf if row_dual is None else dual_bound(matrix, row_dual)
    return SolverResult(stopped, highs.modelStatusToString(status), point, objective, bound, seconds, row_dual)


def dual_bound(matrix: Matrix, row_dual: Array) -> float:
    """A lower bound from any row duals λ: Σ λ·rhs + Σ_j min over [low, high] of (c − Aᵀλ)_j x_j.

    Weak duality (Neumaier and Shcherbina 2004, Safe bounds in linear and mixed-integer linear programming,
    Mathematical Programming 99): true for every λ but for rounding, so neither a solver's tolerance nor its
    mistake can make it too high.
    """
    usable = np.where(row_dual > 0, np.isfinite(matrix.row_low), np.isfinite(matrix.row_high))
    dual = np.where(usable, row_dual, 0.0)
    sides = np.where(dual > 0, matrix.row_low, matrix.row_high)
    from_rows = float(dual @ np.where(dual == 0, 0.0, sides))
    products = matrix.values * dual[matrix.rows]
    sums = np.add.reduceat(np.append(products, 0.0), matrix.starts[:-1]) if len(products) else np.zeros(len(dual))
    used = np.where(np.diff(matrix.starts) > 0, sums[: len(matrix.cost)] if len(products) else 0.0, 0.0)
    reduced = matrix.cost - used
    ends = np.where(reduced > 0, matrix.low, matrix.high)
    return matrix.offset + from_rows + float(reduced @ np.where(reduced == 0, 0.0, ends))
