"""The plan of a station for which no solver is asked: what it gets when nothing better is at hand."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from models.station.instance import Night
from models.station.result import PlanStatus, StationPlan, StationResult
from optimizer.check.rules import check
from optimizer.engine.baselines import UNCONTROLLED_CHARGING
from optimizer.engine.heuristics.capped_arrival import arrival_plans_at_once
from optimizer.engine.heuristics.load_caps import SimplePlan, baseline_plans, best_simple_plan, simple_plan

LADDER_SECONDS = 0.3  # most that load caps may take for all stations of a call; the baselines alone always come


def fallback_plan(
    night: Night,
    status: PlanStatus,
    deadline: float | None = None,
    *,
    bound: float | None = None,
    is_hasty: bool = False,
) -> StationPlan:
    """The cheapest simple plan that keeps every rule: no solver is asked.

    `deadline`: of `time.perf_counter`, after which no more load caps are tried; by default in LADDER_SECONDS.
    `bound`: what was proven before; None: nothing. `is_hasty`: charging on arrival will do.
    """
    until = time.perf_counter() + LADDER_SECONDS if deadline is None else deadline
    plans = _plans(night, lambda: time.perf_counter() > until, is_hasty)
    found = next(plan for plan in plans if not check(night, plan.schedule))
    arrivals = arrival_plans_at_once(night)
    baseline = arrivals.on_arrival.cost
    result = StationResult.of(
        night, found.schedule, status=status, method=found.method, cost=found.cost, bound=bound, baseline=baseline
    )
    return StationPlan(night, found.schedule, arrivals.of_result(night, found.schedule, result), baseline)


def _plans(night: Night, is_time_up: Callable[[], bool], is_hasty: bool) -> Iterator[SimplePlan]:
    if is_hasty:
        yield simple_plan(night, UNCONTROLLED_CHARGING)
    yield best_simple_plan(night, is_time_up, is_coarse=True)
    yield from baseline_plans(night)
