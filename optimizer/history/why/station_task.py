"""One station's difference told apart by re-planning: a plain function of things that can be pickled."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from models.station.instance import Night
from optimizer.engine.options import RunOptions
from optimizer.history.why.attribution import PlanValue, Share, TimeIsUpError, shares_of
from optimizer.history.why.input_groups import NightPair, Part, finest_grouping


@dataclass(frozen=True)
class ToldApart:
    """A task's outcome: what each part costs more, and what the two nights cost re-planned, in currency; of how many
    plans and orders that is the mean."""

    shares: dict[Part, Share]
    old: PlanValue
    new: PlanValue
    plans: int
    orders: int


@dataclass(frozen=True)
class NotInTime:
    """A task's outcome where the time was up before the difference was told apart."""


def warm_up() -> None:
    """Load what a task needs."""
    import optimizer.engine.hedge.plan_hedged  # noqa: F401


def explain_station(pair: NightPair, options: RunOptions, seconds: float) -> ToldApart | NotInTime:
    """Re-plan the station's nights and mixtures of them, within `seconds` of wall time."""
    until = time.perf_counter() + seconds
    try:
        parts = finest_grouping(pair)
        replanner = _MixtureReplanner(pair, options, until)
        old, new = replanner.value(frozenset()), replanner.value(frozenset(parts))
        shares, orders = shares_of(parts, replanner.value)
    except TimeIsUpError:
        return NotInTime()
    return ToldApart(shares, old, new, len(replanner.known), orders)


class _MixtureReplanner:
    """Plans of mixtures of two nights, each made once."""

    def __init__(self, pair: NightPair, options: RunOptions, until: float) -> None:
        self.pair, self.options, self.until = pair, options, until
        self.known: dict[frozenset[Part], PlanValue] = {}

    def value(self, made: frozenset[Part]) -> PlanValue:
        """What the old night with these parts of the new one costs."""
        if made not in self.known:
            self.known[made] = self._planned(self.pair.mixed([group for part in made for group in part]))
        return self.known[made]

    def _planned(self, night: Night) -> PlanValue:
        from optimizer.engine.hedge.plan_hedged import plan_hedged

        left, limit = self.until - time.perf_counter(), self.options.time_limit_seconds
        if left <= 0:
            raise TimeIsUpError
        result = plan_hedged(night, replace(self.options, time_limit_seconds=min(left, limit))).result
        if result.status == "time_limit" and left < limit:  # its plan would say more of the time than of the night
            raise TimeIsUpError
        return PlanValue(result.objective, result.gap_money)
