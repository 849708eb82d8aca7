"""A contender on a station, in a worker: its outcome and processor seconds. Nothing is judged here."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from functools import lru_cache

from models.station.instance import Night
from optimizer.bench.contenders.entrants import entrants
from optimizer.bench.contest.trajectory_file import used_cpu_seconds
from optimizer.bench.records.contender import Contender, Limits, Outcome

Find = Callable[[], Contender]


@dataclass(frozen=True)
class StationRun:
    """What came of a station: `outcome`, or `failure` in words; both None where the contender cannot take it.

    `cpu_seconds`: with those of the solvers that it started.
    """

    outcome: Outcome | None = None
    failure: str | None = None
    cpu_seconds: float = 0.0


def warm_up() -> None:
    """Load what a run needs: importing this module does."""


@lru_cache
def contender_of(spec: str) -> Contender:
    """The contender of this name, see `entrants`, with all that it needs loaded."""
    (entrant,) = entrants([spec])
    entrant.contender.missing()
    return entrant.contender


def station_run(find: Find, night: Night, limits: Limits) -> StationRun:
    """The contender on the station's night; what it prints goes to standard error."""
    with redirect_stdout(sys.stderr):
        try:
            contender = find()
            if contender.refusal(night) is not None:
                return StationRun()
        except (Exception, SystemExit) as error:
            return StationRun(failure=f"{type(error).__name__}: {error}")
        began = used_cpu_seconds()
        try:
            outcome, failure = contender.compete(night, limits, lambda objective, bound: None), None
        except (Exception, SystemExit) as error:  # one station's failure does not end the others
            outcome, failure = None, f"{type(error).__name__}: {error}"
        return StationRun(outcome, failure, used_cpu_seconds() - began)
