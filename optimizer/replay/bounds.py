"""Proven bounds of single days: no policy can cost less on the day, whatever it knows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.station.instance import Night
from models.tolerances import is_refuted
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.replay.card import DayFigures
from optimizer.replay.statistics import Floats


class RefutedBoundError(Exception):
    """A policy cost less on a day than what is proven of it: an error of ours."""


@dataclass(frozen=True)
class DayBound:
    """Of one day, in currency: `bound` is None where nothing was proven; `objective` of the best plan found."""

    bound: float | None
    objective: float


def bound_of_day(night: Night, options: RunOptions) -> DayBound:
    """The engine's bound of a night whose drivers are known. Raises as `plan_station` does.

    It is one for all plans, those that lose a driver who must be served among them: a policy may have to.
    """
    swaps = tuple(replace(swap, must_serve=False) for swap in night.station.swaps)
    result = plan_station(replace(night, station=replace(night.station, swaps=swaps)), options, purpose="bound").result
    return DayBound(result.bound, result.objective)


def warm_up() -> None:
    """Load what a task needs: importing this module does."""


def refuse_refuted(name: str, figures: DayFigures, bounds: Floats) -> None:
    """Raises RefutedBoundError where a policy costs less on a day than the day's bound."""
    for day, (bound, cost) in enumerate(zip(bounds.tolist(), figures.objective.tolist(), strict=False), start=1):
        if is_refuted(bound, cost):
            raise RefutedBoundError(f"policy {name} costs {cost!r} on day {day}, its bound is {bound!r}")
