"""HiGHS, the engine's solver, with its defaults and with other sets of options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from importlib.metadata import version
from typing import Any

from models.formulations.matrix import Matrix
from optimizer.bench.records.contender import OnProgress
from optimizer.bench.solvers.solver import Solver
from optimizer.engine.highs import SolverResult, refused_options, solve


def _solve(
    matrix: Matrix, *, money_gap: float, seconds: float, seed: int, on_progress: OnProgress, options: Mapping[str, Any]
) -> SolverResult:
    return solve(matrix, money_gap=money_gap, seconds=seconds, seed=seed, options=options, on_progress=on_progress)


def _missing(options: Mapping[str, Any]) -> str | None:
    """HiGHS always is there; an option may have come with a later version."""
    return later_version(version("highspy"), options, refused_options(options))


def later_version(installed: str, options: Mapping[str, Any], refused: Sequence[str]) -> str | None:
    """What is missing where the installed version refuses some of the options; None where it refuses none."""
    lacking = ", ".join(f"{name} = {options[name]}" for name in refused)
    return f"a later version of highspy: {installed} has no {lacking}" if refused else None


def _variant(name: str, what: str, takes_integers: bool = True, **options: Any) -> Solver:
    return Solver(
        name,
        what,
        partial(_solve, options=options),
        partial(_missing, options),
        lambda: {"highspy": version("highspy")},
        options,
        takes_integers,
    )


HIGHS_VARIANTS = (
    _variant("highs", "HiGHS as it comes, on one thread"),
    _variant("highs-ipm", "HiGHS, LPs by the interior-point method", solver="ipm", mip_lp_solver="ipm"),
    _variant("highs-primal", "HiGHS, LPs by the primal simplex method", simplex_strategy=4),
    _variant(
        "highs-pdlp",
        "HiGHS, LPs by the first-order method hiPDLP (from 1.15); no MIPs",
        takes_integers=False,
        solver="hipdlp",
    ),
    _variant(
        "highs-cupdlp", "HiGHS, LPs by the first-order method cuPDLP-C; no MIPs", takes_integers=False, solver="pdlp"
    ),
    _variant("highs-no-presolve", "HiGHS without presolve", presolve="off"),
    _variant("highs-no-heuristics", "HiGHS without heuristics", mip_heuristic_effort=0.0),
    _variant("highs-more-heuristics", "HiGHS with six times the heuristics", mip_heuristic_effort=0.3),
    _variant(
        "highs-no-node-cuts", "HiGHS without cuts below the root (from 1.13)", mip_allow_cut_separation_at_nodes=False
    ),
    _variant("highs-no-symmetry", "HiGHS without detection of symmetry", mip_detect_symmetry=False),
)
