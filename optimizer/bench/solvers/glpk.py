"""GLPK, where the program `glpsol` is installed, through an MPS file.

It knows no gap in money, so it is asked for none and solves to the end.
"""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Mapping

import numpy as np

from models.formulations.matrix import Array, Matrix
from models.tolerances import PRINTED_RELATIVE
from optimizer.bench.records.contender import OnProgress
from optimizer.bench.solvers.external_program import ProgramOutput, point_of, printed_by, run
from optimizer.bench.solvers.solver import Solver
from optimizer.engine.highs import SolverResult, dual_bound

_NUMBER = r"([-+]?\d\S*)"
_PROGRESS = re.compile(
    rf"^\+\s*\d+:\s+(?:mip =|>>>>>)\s+(?:{_NUMBER}|not found yet)\s+>=\s+(?:{_NUMBER}|-inf|tree is empty)"
)
_STATUS = re.compile(r"^s (mip|bas) \d+ \d+ (\S)(?: (\S))? ", re.MULTILINE)
_ROW = re.compile(r"^i (\d+) \S \S+ (\S+)$", re.MULTILINE)
_OUT_OF_TIME = "TIME LIMIT EXCEEDED"
_NO_SOLUTION = re.compile(r"HAS NO (PRIMAL |INTEGER )?FEASIBLE SOLUTION")


def _missing() -> str | None:
    return None if shutil.which("glpsol") else "the program glpsol: apt install glpk-utils"


def _versions() -> Mapping[str, str]:
    found = re.search(r"LP/MIP Solver v?(\d\S*)", printed_by("glpsol", "--version"))
    return {"glpk": found[1]} if found else {}


def _solve(matrix: Matrix, *, money_gap: float, seconds: float, seed: int, on_progress: OnProgress) -> SolverResult:
    limit = str(max(1, int(seconds)))  # integer seconds only
    output = run(
        matrix,
        lambda model, out: ["glpsol", "--freemps", model, "--tmlim", limit, "--seed", str(seed), "-w", out],
        seconds,
        lambda line: _pass_on(line, on_progress),
    )
    return answer_of(matrix, output)


def _pass_on(line: str, on_progress: OnProgress) -> None:
    if found := _PROGRESS.match(line):
        on_progress(float(found[1]) if found[1] else None, _rounded_down(float(found[2])) if found[2] else None)


def _rounded_down(bound: float) -> float:
    return bound - PRINTED_RELATIVE * max(1.0, abs(bound))


def answer_of(matrix: Matrix, output: ProgramOutput) -> SolverResult:
    """What GLPK's log and solution file say."""
    log = "\n".join(output.log)
    status = _STATUS.search(output.solution or "")
    stopped, detail = _stopped(log, status)
    if output.solution is None or status is None or status[2] not in "of":
        return SolverResult(stopped, detail, None, math.inf, _printed_bound(output), output.seconds)
    point = point_of(matrix, output.solution)
    objective = float(matrix.cost @ point) + matrix.offset
    if not matrix.is_mip:
        dual = _row_dual(matrix, output.solution)
        bound = dual_bound(matrix, dual) if stopped == "optimal" else -math.inf
        return SolverResult(stopped, detail, point, objective, bound, output.seconds, dual)
    bound = _rounded_down(objective) if stopped == "optimal" else _printed_bound(output)
    return SolverResult(stopped, detail, point, objective, bound, output.seconds)


def _stopped(log: str, status: re.Match[str] | None) -> tuple[str, str]:
    """Why it stopped, in our words and in its own."""
    if _OUT_OF_TIME in log:
        return "time_limit", "time limit exceeded"
    if found := _NO_SOLUTION.search(log):
        return "infeasible", f"problem {found[0].lower()}"
    if status is None:
        return "other", next((line for line in reversed(log.splitlines()) if line.strip()), "glpsol said nothing")
    is_optimal = status[2] == "o" if status[1] == "mip" else (status[2], status[3]) == ("f", "f")
    return ("optimal", "optimal") if is_optimal else ("other", f"status {status[2]}")


def _printed_bound(output: ProgramOutput) -> float:
    bounds = [float(found[2]) for line in output.log if (found := _PROGRESS.match(line)) and found[2]]
    return _rounded_down(max(bounds)) if bounds else -math.inf


def _row_dual(matrix: Matrix, text: str) -> Array:
    """Duals by row of the matrix. Rows come by their number in the file: those with two sides stand there twice."""
    two_sided = np.isfinite(matrix.row_low) & np.isfinite(matrix.row_high) & (matrix.row_low < matrix.row_high)
    owner = np.repeat(np.arange(matrix.shape[0]), np.where(two_sided, 2, 1))
    dual = np.zeros(matrix.shape[0])
    for number, value in _ROW.findall(text):
        dual[owner[int(number) - 1]] += float(value)
    return dual


GLPK = Solver("glpk", "GLPK as it comes, through an MPS file; no gap but zero", _solve, _missing, _versions)
