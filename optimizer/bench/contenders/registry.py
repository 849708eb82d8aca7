"""All contenders by name: those without a formulation, and every formulation paired with every solver."""

from __future__ import annotations

from collections.abc import Sequence

from models.errors import Problem
from optimizer.bench.contenders.aggregate_battery import AGGREGATE_BATTERY
from optimizer.bench.contenders.cp_sat import CP_SAT
from optimizer.bench.contenders.engine_and_baselines import CHEAPEST_FIRST, ENGINE, ON_ARRIVAL
from optimizer.bench.contenders.engine_parts import ENGINE_LEVELS, ENGINE_PATTERNS
from optimizer.bench.contenders.formulation_with_solver import pairing
from optimizer.bench.contenders.rolling_horizon import ROLLING_ENGINE, ROLLING_REFERENCE
from optimizer.bench.records.contender import Contender
from optimizer.bench.solvers.all_solvers import ALL_SOLVERS
from optimizer.bench.solvers.highs_at import highs_at
from optimizer.bench.solvers.solver import Solver
from optimizer.files.errors import InputErrors
from optimizer.programmes.formulations import FORMULATIONS
from optimizer.programmes.names import unknown

DEFAULT_CONTENDERS = ("engine", "reference:highs", "on-arrival", "cheapest-first")
DEFAULT_SOLVER = "highs"
REMEDY = "swapcharge bench contenders lists them all"


SOLVERS = {one.name: one for one in ALL_SOLVERS}
WITHOUT_FORMULATION = (
    ENGINE, ENGINE_LEVELS, ENGINE_PATTERNS, ROLLING_ENGINE, ROLLING_REFERENCE, CP_SAT, AGGREGATE_BATTERY,
    ON_ARRIVAL, CHEAPEST_FIRST,
)  # fmt: skip
STANDALONE = {one.name: one for one in WITHOUT_FORMULATION}


def contenders(names: Sequence[str], option: str = "--contenders") -> list[Contender]:
    """Contenders by name, each once: "engine", "reference:scip", "reference:highs@1.12.0", or "levels", which is
    "levels:highs".

    Raises InputErrors, `option` in the place of the file, with a line for every name that is none.
    """
    problems = [problem for name in names if (problem := _problem(name)) is not None]
    if problems:
        raise InputErrors(option, problems)
    found = {contender.name: contender for contender in map(_contender, names)}
    return list(found.values())


def _problem(name: str) -> Problem | None:
    head, colon, tail = name.partition(":")
    if not colon:
        known = [*STANDALONE, *FORMULATIONS]
        return None if name in known else unknown("", name, "contender", [*known, *pair_names()], REMEDY)
    if head not in FORMULATIONS or _solver(tail) is None:
        return unknown("", name, "contender", pair_names(), REMEDY)
    return None


def _contender(name: str) -> Contender:
    if name in STANDALONE:
        return STANDALONE[name]
    head, _, tail = name.partition(":")
    solver = _solver(tail or DEFAULT_SOLVER)
    assert solver is not None  # as `_problem` has seen
    return pairing(FORMULATIONS[head], solver)


def _solver(name: str) -> Solver | None:
    return SOLVERS.get(name) or highs_at(name)


def pair_names() -> list[str]:
    """Every formulation with every solver that can take it."""
    return [
        f"{one.name}:{solver.name}"
        for one in FORMULATIONS.values()
        for solver in SOLVERS.values()
        if solver.takes_integers or one.is_linear
    ]
