"""SCIP through PySCIPOpt (extra `scip`), fed with arrays: a second opinion that shares no code with HiGHS."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from models.formulations.matrix import Matrix
from models.tolerances import SMALLEST_MONEY_GAP
from optimizer.bench.records.contender import OnProgress
from optimizer.bench.solvers.solver import Solver
from optimizer.engine.highs import SolverResult

ENDLESS = 1e20
"""What SCIP takes for infinite."""

STOPPED = {
    "optimal": "optimal",
    "infeasible": "infeasible",
    "inforunbd": "infeasible",
    "gaplimit": "optimal",
    "timelimit": "time_limit",
    "userinterrupt": "interrupted",
}


def _missing() -> str | None:
    try:
        import pyscipopt  # noqa: F401
    except ImportError:
        return "PySCIPOpt: pip install 'swapcharge[scip]'"
    return None


def _versions() -> Mapping[str, str]:
    try:
        package = version("pyscipopt")
    except PackageNotFoundError:
        return {}
    from pyscipopt import Model

    model = Model()
    scip = f"{model.getMajorVersion()}.{model.getMinorVersion()}.{model.getTechVersion()}"
    return {"pyscipopt": package, "scip": scip}


def _solve(matrix: Matrix, *, money_gap: float, seconds: float, seed: int, on_progress: OnProgress) -> SolverResult:
    began = time.perf_counter()
    model, columns = _model(matrix)
    _listen(model, on_progress)
    for name, value in {
        "limits/gap": 0.0,  # an objective may be near zero or below: gaps are given in money
        "limits/absgap": max(money_gap, SMALLEST_MONEY_GAP),
        "limits/time": max(0.0, seconds - (time.perf_counter() - began)),
        "randomization/randomseedshift": seed,
        "parallel/maxnthreads": 1,
        "lp/threads": 1,
    }.items():
        model.setParam(name, value)
    model.optimize()
    return _answer(model, columns, time.perf_counter() - began)


def _model(matrix: Matrix) -> tuple[Any, list[Any]]:
    """The programme, and SCIP's variables in the order of the columns."""
    from pyscipopt import Model

    model = Model()
    model.hideOutput()
    kinds = np.where(matrix.integer, "I", "C").tolist()
    spans = zip(_ends(matrix.low), _ends(matrix.high), matrix.cost.tolist(), kinds, strict=True)
    columns = [
        model.addVar(f"x{j}", vtype=kind, lb=low, ub=high, obj=cost) for j, (low, high, cost, kind) in enumerate(spans)
    ]
    model.addObjoffset(matrix.offset)
    _add_rows(model, matrix, columns)
    return model, columns


def _ends(bounds: Any) -> list[float | None]:
    return [value if math.isfinite(value) else None for value in bounds.tolist()]


def _add_rows(model: Any, matrix: Matrix, columns: list[Any]) -> None:
    """Rows as sums of terms; through SCIP's operators each would be copied term by term."""
    from pyscipopt.scip import Expr, ExprCons, Term

    terms = [Term(column) for column in columns]
    rows: list[dict[Any, float]] = [{} for _ in range(matrix.shape[0])]
    owner = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.starts)).tolist()
    for row, j, value in zip(matrix.rows.tolist(), owner, matrix.values.tolist(), strict=True):
        rows[row][terms[j]] = value
    sides = zip(rows, _ends(matrix.row_low), _ends(matrix.row_high), strict=True)
    for number, (row_terms, low, high) in enumerate(sides):
        if low is not None or high is not None:
            empty = {terms[0]: 0.0} if terms else {}
            model.addCons(ExprCons(Expr(row_terms or empty), lhs=low, rhs=high), name=f"r{number}")


def _listen(model: Any, on_progress: OnProgress) -> None:
    """Versions before 10 have no event of a better bound: there every node solved is one."""
    from pyscipopt import SCIP_EVENTTYPE, Eventhdlr

    better_bound = getattr(SCIP_EVENTTYPE, "DUALBOUNDIMPROVED", SCIP_EVENTTYPE.NODESOLVED)
    events = (SCIP_EVENTTYPE.BESTSOLFOUND, better_bound)

    class Listener(Eventhdlr):  # type: ignore[misc]
        def eventinit(self) -> None:
            for event in events:
                self.model.catchEvent(event, self)

        def eventexit(self) -> None:
            for event in events:
                self.model.dropEvent(event, self)

        def eventexec(self, event: Any) -> None:
            on_progress(_known(self.model.getPrimalbound()), _known(self.model.getDualbound()))

    model.includeEventhdlr(Listener(), "progress", "reports better points and bounds")


def _known(value: float) -> float | None:
    return value if abs(value) < ENDLESS else None


def _answer(model: Any, columns: list[Any], seconds: float) -> SolverResult:
    status = model.getStatus()
    stopped = STOPPED.get(status, "other")
    bound = model.getDualbound() if stopped != "infeasible" else -math.inf
    point, objective = None, math.inf
    if model.getNSols() > 0:
        best = model.getBestSol()
        point = np.array([model.getSolVal(best, column) for column in columns], dtype=float)
        objective = float(model.getSolObjVal(best))
    return SolverResult(stopped, status, point, objective, bound if abs(bound) < ENDLESS else -math.inf, seconds)


SCIP = Solver("scip", "SCIP as it comes, through PySCIPOpt", _solve, _missing, _versions)
