"""What contenders have in common that keep the best plan and bound in a search of the engine's."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from models.station.cost import Cost
from models.station.instance import Night
from optimizer.bench.records.contender import Limits, OnProgress, Outcome
from optimizer.engine.baselines import CHEAPEST_SLOTS_FIRST, cheapest_slots_first
from optimizer.engine.heuristics.serve_from_stock import serve_from_stock
from optimizer.engine.options import RunOptions
from optimizer.engine.search import Search

NO_PLAN = "it found no plan"
TOO_MUCH_LOAD = "the base load fits the grid limit in no slot: there is nothing to plan"


def by_search(work: Callable[[Search], bool | None]) -> Callable[[Night, Limits, OnProgress], Outcome]:
    """A contender's function: `work` offers plans and bounds to a search, which bills the plans and checks the best. It
    returns False where it gave up for want of time.

    Where swaps must be served, what a bound proves depends on which of them a plan loses: there cheapest slots first
    is offered before all else.
    """

    def compete(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
        options = RunOptions(gap=limits.gap, seed=limits.seed, time_limit_seconds=limits.time_limit_seconds)
        search = Search(night, replace(options, effort="deep"), on_progress=on_progress)
        if any(swap.must_serve for swap in night.station.swaps):
            search.offer(cheapest_slots_first(search.night), CHEAPEST_SLOTS_FIRST)
        is_cut_short = work(search) is False
        serve_from_stock(search)
        outcome = outcome_of(search)
        return replace(outcome, stopped="time_limit") if is_cut_short else outcome

    return compete


def outcome_of(search: Search) -> Outcome:
    """What the search holds at its end. Raises InternalError where its plan breaks a rule."""
    solver_seconds, is_late = search.watch.seconds["solver"], search.seconds_left <= 0 and not search.gap_reached
    outcome = Outcome(
        None,
        bound=search.bound,
        stopped="time_limit" if is_late else "finished",
        detail=NO_PLAN,
        build_seconds=search.watch.seconds["model"],
        solver_seconds=solver_seconds,
        is_bound_recomputed=search.safe_bound >= search.claimed_bound,
    )
    if search.schedule is None:
        return outcome
    result = search.result(Cost())
    bound = -math.inf if result.bound is None else result.bound
    return replace(
        outcome, schedule=search.schedule, objective=result.objective, bound=bound, detail=f"best by {result.method}"
    )


def refusal(night: Night) -> str | None:
    """Why no search can be of the night."""
    return None if night.can_be_planned() else TOO_MUCH_LOAD
