"""An instance, station after station, within one time limit."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from models.station.instance import Instance
from models.station.result import StationPlan
from optimizer.engine.feasibility import refuse_infeasible
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station

OnMessage = Callable[[str], None]


def solve_instance(instance: Instance, options: RunOptions, on_message: OnMessage) -> list[StationPlan]:
    """Plan every station within `options.total_seconds`; what one leaves over is for the next.

    Progress goes to `on_message` in words. Raises as `plan_station` does.
    """
    refuse_infeasible(instance.nights)
    began, plans = time.perf_counter(), []
    for index, night in enumerate(instance.nights):
        place = f"station {night.station.id} ({index + 1} of {len(instance.nights)})"
        on_message(f"{place}: planning")
        left = max(0.0, options.total_seconds - (time.perf_counter() - began))
        share = replace(options, time_limit_seconds=left / (len(instance.nights) - index))
        plans.append(plan_station(night, share, lambda news, place=place: on_message(f"{place}: {news}")))  # type: ignore[misc]
    return plans
