"""Contenders without a formulation and solver of their own: the engine, and the baselines without optimisation."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.metadata import version

from models.station.cost import cost_of
from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.bench.contenders.by_search import refusal
from optimizer.bench.contenders.preload_imports import preload
from optimizer.bench.records.contender import Contender, Limits, OnProgress, Outcome
from optimizer.engine.baselines import cheapest_slots_first, uncontrolled_charging
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station


def _engine(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
    options = RunOptions(gap=limits.gap, seed=limits.seed, time_limit_seconds=limits.time_limit_seconds, effort="deep")
    plan = plan_station(night, options, on_progress=on_progress)
    result = plan.result
    return Outcome(
        plan.schedule,
        result.objective,
        -math.inf if result.bound is None else result.bound,
        "time_limit" if result.status == "time_limit" else "finished",
        f"{result.status.replace('_', ' ')}; {result.method}",
        plan.stage_seconds["model"],
        plan.solver_seconds,
        is_bound_recomputed=plan.is_bound_recomputed,
    )


def _baseline(make: Callable[[Night], Schedule]) -> Callable[[Night, Limits, OnProgress], Outcome]:
    def compete(night: Night, limits: Limits, on_progress: OnProgress) -> Outcome:
        schedule = make(night)
        objective = cost_of(night, schedule).objective
        on_progress(objective, None)
        return Outcome(schedule, objective, detail="a rule without choices")

    return compete


ENGINE = Contender(
    "engine",
    "assignments by column generation, levels, dispatch: what solve runs",
    _engine,
    missing=preload,
    refusal=refusal,
    versions=lambda: {"highspy": version("highspy")},
)
ON_ARRIVAL = Contender("on-arrival", "charge on arrival, at the most power; no bound", _baseline(uncontrolled_charging))
CHEAPEST_FIRST = Contender(
    "cheapest-first", "cheapest slots first, drivers as they come; no bound", _baseline(cheapest_slots_first)
)
