"""What a solver of the benchmark is: a program that takes any LP or MIP as arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from models.formulations.matrix import Matrix
from optimizer.bench.records.contender import OnProgress
from optimizer.engine.highs import SolverResult


class Solve(Protocol):
    """Solve `matrix` on one thread within `seconds`, a MIP to `money_gap` in currency; `on_progress` hears of it."""

    def __call__(
        self, matrix: Matrix, *, money_gap: float, seconds: float, seed: int, on_progress: OnProgress
    ) -> SolverResult:
        """The answer; its bound is −inf where nothing is proven."""


@dataclass(frozen=True)
class Solver:
    """One solver with one set of options. `missing`: what must be installed first, None where it can run here.

    `takes_integers`: can it solve programmes with integer columns? `options`: those that differ from its defaults,
    except threads, seed, gap and time limit, which all solvers are given.
    """

    name: str
    what: str
    solve: Solve
    missing: Callable[[], str | None] = lambda: None
    versions: Callable[[], Mapping[str, str]] = dict
    options: Mapping[str, object] = field(default_factory=dict)
    takes_integers: bool = True
