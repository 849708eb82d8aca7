"""CBC, where the program `cbc` is installed, through an MPS file."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Mapping
from functools import partial

import numpy as np

from models.formulations.matrix import Matrix
from models.tolerances import PRINTED_RELATIVE, SMALLEST_MONEY_GAP
from optimizer.bench.records.contender import OnProgress
from optimizer.bench.solvers.external_program import ProgramOutput, point_of, printed_by, run
from optimizer.bench.solvers.solver import Solver
from optimizer.engine.highs import SolverResult, dual_bound

_NUMBER = r"([-+\d.eE]+)"
_POINT = re.compile(rf"Integer solution of {_NUMBER} found|best objective {_NUMBER}")
_NODES = re.compile(rf"{_NUMBER} best solution, best possible {_NUMBER}")
_LOWER = re.compile(rf"^Lower bound:\s+{_NUMBER}")
_HEAD = re.compile(rf"^(.*?) - objective value\s+{_NUMBER}", re.IGNORECASE)
_ROW_DUAL = re.compile(r"^(?:\*\*)?\s*\d+\s+r(\d+)(?:_high)?\s+\S+\s+(\S+)\s*$")


def _missing() -> str | None:
    return None if shutil.which("cbc") else "the program cbc: apt install coinor-cbc"


def _versions() -> Mapping[str, str]:
    found = re.search(r"Version:\s*(\S+)", printed_by("cbc", "-stop"))
    return {"cbc": found[1]} if found else {}


def _solve(
    matrix: Matrix, *, money_gap: float, seconds: float, seed: int, on_progress: OnProgress, options: Mapping[str, str]
) -> SolverResult:
    gap = max(money_gap, SMALLEST_MONEY_GAP)
    given = {
        "seconds": f"{max(0.01, seconds)!r}",
        "timeMode": "elapsed",
        "ratioGap": "0",  # an objective may be near zero or below: gaps are given in money
        "allowableGap": repr(gap),
        "increment": "1e-9",  # else it passes over points that are better by less than a millionth
        "randomSeed": str(seed + 1),  # 0 would take the time of day
        "randomCbcSeed": str(seed + 1),
        "printingOptions": "all",
        **options,
    }
    words = [word for name, value in given.items() for word in (f"-{name}", value)]
    output = run(
        matrix,
        lambda model, solution: ["cbc", model, *words, "-solve", "-solution", solution],
        seconds,
        lambda line: _pass_on(line, on_progress),
    )
    return answer_of(matrix, output, gap)


def _pass_on(line: str, on_progress: OnProgress) -> None:
    if found := _NODES.search(line):
        objective, bound = float(found[1]), float(found[2])
        on_progress(objective if abs(objective) < 1e30 else None, _rounded_down(bound))  # 1e50 is none yet
    elif found := _POINT.search(line):
        on_progress(float(found[1] or found[2]), None)


def _rounded_down(bound: float) -> float:
    return bound - PRINTED_RELATIVE * max(1.0, abs(bound))


def answer_of(matrix: Matrix, output: ProgramOutput, gap: float) -> SolverResult:
    """The result in CBC's log and solution file. A point that CBC calls no solution is left out."""
    head = _HEAD.match(output.solution or "")
    if output.solution is None or head is None:
        return SolverResult("other", _last_word(output), None, math.inf, -math.inf, output.seconds)
    status = head[1]
    stopped = _stopped(status)
    if stopped == "infeasible" or "no integer solution" in status:
        return SolverResult(stopped, status, None, math.inf, _printed_bound(output), output.seconds)
    point = point_of(matrix, output.solution)
    objective = float(matrix.cost @ point) + matrix.offset
    if not matrix.is_mip:
        dual = _row_dual(matrix, output.solution)
        bound = dual_bound(matrix, dual) if stopped == "optimal" else -math.inf
        return SolverResult(stopped, status, point, objective, bound, output.seconds, dual)
    # within the gap asked for CBC prints its bound; else its point is optimal up to that gap
    bound = _printed_bound(output)
    if stopped == "optimal" and bound == -math.inf:
        bound = _rounded_down(objective) - gap
    return SolverResult(stopped, status, point, objective, bound, output.seconds)


def _stopped(status: str) -> str:
    words = status.lower()
    if "infeasible" in words:
        return "infeasible"
    return "optimal" if words.startswith("optimal") else "time_limit" if "time" in words else "other"


def _printed_bound(output: ProgramOutput) -> float:
    bounds = [float(found[1]) for line in output.log if (found := _LOWER.match(line))]
    return _rounded_down(bounds[-1]) if bounds and abs(bounds[-1]) < 1e30 else -math.inf


def _row_dual(matrix: Matrix, text: str) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Duals by row of the matrix; a row that stands in the file twice has the sum of both."""
    dual = np.zeros(matrix.shape[0])
    for line in text.splitlines():
        if found := _ROW_DUAL.match(line):
            dual[int(found[1])] += float(found[2])
    return dual


def _last_word(output: ProgramOutput) -> str:
    return next((line for line in reversed(output.log) if line.strip()), "cbc said nothing")


def _variant(name: str, what: str, **options: str) -> Solver:
    return Solver(name, what, partial(_solve, options=options), _missing, _versions, options)


CBC_VARIANTS = (
    _variant("cbc", "CBC as it comes, through an MPS file"),
    # as it comes, CBC 2.10.8 cuts off the optimum of some tiny nights; without preprocessing it has not been seen to
    _variant("cbc-no-preprocess", "CBC without integer preprocessing", preprocess="off"),
)
