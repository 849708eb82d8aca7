"""What is asked of planning, from the command line to the engine: one type for one station and for a network."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from models.horizon import Horizon

Effort = Literal["quick", "full", "deep"]
Hedging = Literal["auto", "none", "kept"]


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """The options of a plan, a run or a study.

    `gap`: a share of gross cost; planning stops once it is proven. `seed`: the solver's. `time_limit_seconds`: wall
    time for one station. `effort`: "quick" leaves out what costs much time for little, for most nights reach their gap
    without it; "deep" is for one night, where the time limit is the end. `power_step_kw`: set-points are multiples
    of it where that costs nothing; 0: any. `calm_seconds`: most wall time, of what is left, for the fewest starts by a
    MIP; 0: by heuristics only. `enough_starts_per_stay`: where heuristics leave no more, the MIP is spared.
    `look_ahead_hours`: what a plan looks at beyond its horizon, of which only the horizon
    is kept; None: what the instance says. `hedge`: "auto" keeps packs ready for days that do not follow a forecast
    which says how days spread; "none" plans its mean; "kept" keeps what the previous plan of the same night does.
    `month_days`: days that the billing month has left, tonight included; None: by the calendar.

    For a network only: `total_seconds`, wall time for all stations; `workers`, processes, None for one a core;
    `worker_memory_mb`, None for no limit; `dask_address` of a cluster, None for processes of this machine.
    """

    gap: float = 0.005
    seed: int = 0
    time_limit_seconds: float = 60.0
    effort: Effort = "full"
    power_step_kw: float = 0.1
    look_ahead_hours: float | None = None
    hedge: Hedging = "auto"
    month_days: int | None = None
    calm_seconds: float = 0.0
    enough_starts_per_stay: float = 1.1
    total_seconds: float = math.inf
    workers: int | None = None
    worker_memory_mb: int | None = None
    dask_address: str | None = None

    def look_ahead_of(self, horizon: Horizon) -> float:
        """Hours that a plan of this horizon looks ahead: what is asked for, or else what the instance says."""
        return horizon.look_ahead_hours if self.look_ahead_hours is None else self.look_ahead_hours
