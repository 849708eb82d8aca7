"""What a contender is: it gets a night and limits, and returns a plan, a bound, or both."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from models.station.instance import Night
from models.station.schedule import Schedule

OnProgress = Callable[[float | None, float | None], None]
"""Called with the best objective in hand and the best bound as they improve; None where nothing is known or new."""


@dataclass(frozen=True)
class Limits:
    """What a contender is asked: the gap as a share of gross cost, wall seconds, the solver's seed."""

    gap: float
    time_limit_seconds: float
    seed: int = 0


@dataclass(frozen=True)
class Outcome:
    """What a contender ends with; nothing in it is believed before the checker has seen the schedule.

    `schedule` None: no plan. `objective`: what the contender says the plan costs; None where it does not say.
    `bound` −inf: none proven. `stopped` "time_limit": it had more to do. Sizes are of the programme given to the
    solver, 0 without one. `detail`: the contender's own word for why it stopped. `is_bound_recomputed`: was the bound
    worked out here from duals, by weak duality, so that it does not rest on a solver's word?
    """

    schedule: Schedule | None
    objective: float | None = None
    bound: float = -math.inf
    stopped: Literal["finished", "time_limit"] = "finished"
    detail: str = ""
    build_seconds: float = 0.0
    solver_seconds: float = 0.0
    rows: int = 0
    columns: int = 0
    integer_columns: int = 0
    nonzeros: int = 0
    is_bound_recomputed: bool = False


@dataclass(frozen=True)
class Contender:
    """One competitor. `name` is unique: "engine", or formulation and solver as in "reference:scip".

    `missing`: what must be installed first, None where it can run here; it also loads what the contender needs, so
    that imports are not timed. `refusal`: why it cannot take a night, None where it can. `versions`: of its solver.
    """

    name: str
    what: str
    compete: Callable[[Night, Limits, OnProgress], Outcome]
    formulation: str = ""
    solver: str = ""
    missing: Callable[[], str | None] = lambda: None
    refusal: Callable[[Night], str | None] = lambda night: None
    versions: Callable[[], Mapping[str, str]] = dict
    options: Mapping[str, object] = field(default_factory=dict)
