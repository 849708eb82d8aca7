"""A station planned over its horizon and some hours beyond, where the day repeats; the horizon is carried out.

What is proven is told of both. Of the longer night: the search's own bound. Of the horizon alone: a search without
look-ahead bounds every plan of it, the one that is carried out among them. What lies between objective and that bound
is, beyond what is left unproven, the price of what the horizon leaves for the hours that follow it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from models.station.carry_over.carried_out import continued, plan_until, slots_ahead
from models.station.cost import cost_of
from models.station.instance import Night
from models.station.result import FarResult, StationPlan, StationResult
from models.station.schedule import Schedule
from models.tolerances import is_refuted
from optimizer.check.rules import check
from optimizer.engine.ahead.next_day import next_day
from optimizer.engine.heuristics.capped_arrival import arrival_plans
from optimizer.engine.near.previous_plan import PreviousPlan
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.engine.search import InternalError, OnIncumbent

GIVEN_UP = "the look-ahead is given up: for its sake a driver who must be served would be lost"
OWN_SHARE = 0.3  # of the time limit at most, for the bound of the horizon alone


def plan_ahead(
    night: Night,
    options: RunOptions,
    on_message: Callable[[str], None] = lambda news: None,
    on_incumbent: OnIncumbent = lambda schedule, method, bound: None,
    previous: PreviousPlan | None = None,
) -> StationPlan:
    """`plan_station` with the look-ahead that the options or else the night's file ask for, and what the plan leaves.

    A night of less than 24 hours is planned as it is. Raises as `plan_station` does.
    """
    slots = slots_ahead(night, options.look_ahead_of(night.horizon))
    if slots:
        plan = _with_look_ahead(night, slots, options, on_message, on_incumbent, previous)
    else:
        plan = plan_station(night, options, on_message, on_incumbent=on_incumbent, previous=previous)
    return replace(plan, next_day=next_day(plan))


def _with_look_ahead(
    night: Night,
    slots: int,
    options: RunOptions,
    on_message: Callable[[str], None],
    on_incumbent: OnIncumbent,
    previous: PreviousPlan | None,
) -> StationPlan:
    began, limit = time.perf_counter(), options.time_limit_seconds
    ahead = continued(night, slots)
    quick = replace(options, effort="quick", time_limit_seconds=OWN_SHARE * limit, calm_seconds=0.0)
    own = plan_station(night, quick, on_message, on_incumbent=on_incumbent, purpose="bound")
    bound = own.result.bound

    def cut(schedule: Schedule, method: str, far_bound: float) -> None:
        known = -float("inf") if bound is None else bound
        on_incumbent(plan_until(ahead, schedule, night.horizon.slots), method, known)

    left = max(0.0, limit - (time.perf_counter() - began))
    options = replace(options, time_limit_seconds=left)
    far = plan_station(ahead, options, on_message, on_incumbent=cut, previous=previous, purpose="ahead")
    schedule = plan_until(ahead, far.schedule, night.horizon.slots)
    if not _loses_more_who_must_be_served(night, schedule, own.schedule):
        return _carried_out(night, schedule, own, far)
    on_message(GIVEN_UP)
    options = replace(options, time_limit_seconds=max(0.0, limit - (time.perf_counter() - began)))
    again = plan_station(night, options, on_message, on_incumbent=on_incumbent, previous=previous)
    is_late = again.result.status == "time_limit" and again.result.objective > own.result.objective
    is_worse = is_late or _loses_more_who_must_be_served(night, again.schedule, own.schedule)
    plan = _with_savings(own) if is_worse else again
    return replace(plan, log=(*plan.log, GIVEN_UP))


def _with_savings(plan: StationPlan) -> StationPlan:
    return replace(plan, result=arrival_plans(plan.night).of_result(plan.night, plan.schedule, plan.result))


def _carried_out(night: Night, schedule: Schedule, own: StationPlan, far: StationPlan) -> StationPlan:
    """`schedule`, the horizon's part of `far`, as a plan. Raises InternalError where it breaks a rule or a bound."""
    cost, bound = cost_of(night, schedule), own.result.bound
    if violations := check(night, schedule):
        raise InternalError(f"station {night.station.id}: the plan without its look-ahead breaks {violations[0].rule}")
    if bound is not None and is_refuted(bound, cost.objective):
        raise InternalError(
            f"station {night.station.id}: bound {bound!r} lies above a checked plan, {cost.objective!r}"
        )
    result = StationResult.of(
        night,
        schedule,
        status=far.result.status,
        method=far.result.method,
        cost=cost,
        bound=None if bound is None else min(bound, cost.objective),
        baseline=own.baseline,
    )
    plan = replace(
        own,
        schedule=schedule,
        result=replace(result, far=_far_result(night, far)),
        runtime_seconds=own.runtime_seconds + far.runtime_seconds,
        solver_seconds=own.solver_seconds + far.solver_seconds,
        stage_seconds={
            stage: own.stage_seconds.get(stage, 0.0) + seconds for stage, seconds in far.stage_seconds.items()
        },
        log=(*own.log, *far.log),
        changes=far.changes,
    )
    return _with_savings(plan)


def _loses_more_who_must_be_served(night: Night, schedule: Schedule, own: Schedule) -> bool:
    """Does the far plan lose one of the horizon, for one of the days after, whom the plan of the horizon serves?"""
    lost = schedule.unserved
    return len(lost) > len(own.unserved) or bool(lost and check(night, schedule))


def _far_result(night: Night, far: StationPlan) -> FarResult:
    result, more = far.result, far.night.horizon.slots - night.horizon.slots
    return FarResult(
        hours=more * night.horizon.slot_hours,
        objective=result.objective,
        gross_cost=result.gross_cost,
        bound=result.bound,
        swaps_served=result.swaps_served,
        swaps_lost=result.swaps_lost,
    )
