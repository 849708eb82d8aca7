"""PDLP of OR-Tools (extra `cpsat`): the first-order method for LPs, by those who found it.

Its points keep rows only nearly, and its duals are those of a problem nearly solved: the bound is worked out here from
the duals by weak duality, so it holds however early the method stops.
Source: D. Applegate et al., Practical large-scale linear programming using primal-dual hybrid gradient, NeurIPS 2021.
"""

from __future__ import annotations

import math
import time
from typing import Any

import numpy as np

from models.formulations.matrix import Matrix
from optimizer.bench.records.contender import OnProgress
from optimizer.bench.solvers.cpsat import missing_ortools, versions_of_ortools
from optimizer.bench.solvers.solver import Solver
from optimizer.engine.highs import SolverResult, dual_bound

PREFIX = "TERMINATION_REASON_"
STOPPED = {
    "OPTIMAL": "optimal",
    "PRIMAL_INFEASIBLE": "infeasible",
    "PRIMAL_OR_DUAL_INFEASIBLE": "infeasible",
    "TIME_LIMIT": "time_limit",
}


def _solve(matrix: Matrix, *, money_gap: float, seconds: float, seed: int, on_progress: OnProgress) -> SolverResult:
    """The method draws nothing at random and tells nothing on its way: `seed` and `on_progress` are not used, nor is
    `money_gap`, which is of MIPs."""
    from ortools.pdlp import solve_log_pb2
    from ortools.pdlp.python import pdlp

    began = time.perf_counter()
    programme = _programme(pdlp.QuadraticProgram(), matrix)
    left = seconds - (time.perf_counter() - began)
    answer = pdlp.primal_dual_hybrid_gradient(programme, _parameters(max(0.0, left)))
    reason = solve_log_pb2.TerminationReason.Name(answer.solve_log.termination_reason).removeprefix(PREFIX)
    stopped, used = STOPPED.get(reason, "other"), time.perf_counter() - began
    words = reason.replace("_", " ").lower()
    if stopped == "infeasible" or not len(answer.primal_solution):
        return SolverResult(stopped, words, None, math.inf, -math.inf, used)
    point, dual = np.array(answer.primal_solution), np.array(answer.dual_solution)
    objective = float(matrix.cost @ point) + matrix.offset
    return SolverResult(stopped, words, point, objective, dual_bound(matrix, dual), used, dual)


def _programme(programme: Any, matrix: Matrix) -> Any:
    from scipy.sparse import csc_matrix

    programme.objective_vector = matrix.cost
    programme.objective_offset = matrix.offset
    programme.variable_lower_bounds, programme.variable_upper_bounds = matrix.low, matrix.high
    programme.constraint_lower_bounds, programme.constraint_upper_bounds = matrix.row_low, matrix.row_high
    programme.constraint_matrix = csc_matrix((matrix.values, matrix.rows, matrix.starts), matrix.shape)
    return programme


def _parameters(seconds: float) -> Any:
    """One thread, otherwise as it comes."""
    from ortools.pdlp.solvers_pb2 import PrimalDualHybridGradientParams

    parameters = PrimalDualHybridGradientParams()
    parameters.num_threads = 1
    parameters.termination_criteria.time_sec_limit = seconds
    return parameters


PDLP = Solver(
    "pdlp",
    "PDLP of OR-Tools, the first-order method, LPs only; bounds by its duals, worked out here",
    _solve,
    missing_ortools,
    versions_of_ortools,
    takes_integers=False,
)
