"""Who can compete: formulations, solvers, their pairs, and contenders that are neither, by name."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from models.errors import Problem
from optimizer.bench.contest.engine_contenders import WHOLE
from optimizer.bench.contest.pairing import pairing
from optimizer.bench.records.contender import Contender
from optimizer.bench.solvers.solver import Solver, all_solvers
from optimizer.files.errors import InputErrors
from optimizer.programmes.names import unknown
from optimizer.programmes.programme import Formulation

DEFAULT_CONTENDERS = ("engine", "reference:highs", "on-arrival", "cheapest-first")
DEFAULT_SOLVER = "highs"
REMEDY = "swapcharge bench contenders lists them all"


def all_formulations() -> tuple[Formulation, ...]:
    """Every formulation. A new one is one file and one line here."""
    from optimizer.programmes.arc_flow import ARC_FLOW
    from optimizer.programmes.levels import LEVELS, LEVELS_LINEAR, LEVELS_WHOLE
    from optimizer.programmes.port_indexed import PORT_INDEXED
    from optimizer.programmes.reference import REFERENCE

    return (REFERENCE, ARC_FLOW, PORT_INDEXED, LEVELS, LEVELS_WHOLE, LEVELS_LINEAR)


@cache
def formulations() -> dict[str, Formulation]:
    """Formulations by name."""
    return {one.name: one for one in all_formulations()}


@cache
def solvers() -> dict[str, Solver]:
    """Solvers by name."""
    return {one.name: one for one in all_solvers()}


@cache
def whole() -> dict[str, Contender]:
    """Contenders without a formulation, by name."""
    return {one.name: one for one in WHOLE}


def formulation(name: str, option: str = "--formulation") -> Formulation:
    """The formulation of this name. Raises InputErrors."""
    if name not in formulations():
        told = f"they are {', '.join(formulations())}"
        raise InputErrors(option, [unknown("", name, "formulation", list(formulations()), told)])
    return formulations()[name]


def contenders(names: Sequence[str], option: str = "--contenders") -> list[Contender]:
    """Contenders by name, each once: "engine", "reference:scip", or "levels", which is "levels:highs".

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
        known = [*whole(), *formulations()]
        return None if name in known else unknown("", name, "contender", [*known, *pair_names()], REMEDY)
    if head not in formulations() or tail not in solvers():
        return unknown("", name, "contender", pair_names(), REMEDY)
    return None


def _contender(name: str) -> Contender:
    if name in whole():
        return whole()[name]
    head, _, tail = name.partition(":")
    return pairing(formulations()[head], solvers()[tail or DEFAULT_SOLVER])


def pair_names() -> list[str]:
    """Every formulation with every solver that can take it."""
    return [
        f"{one.name}:{solver.name}"
        for one in formulations().values()
        for solver in solvers().values()
        if solver.takes_whole or one.is_linear
    ]
