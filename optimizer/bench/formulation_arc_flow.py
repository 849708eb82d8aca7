"""Arc flow: exact where chargers are on/off; elsewhere a plan with chargers that are either on or off, and no bound."""

from __future__ import annotations

from models.instance import Night
from models.matrix import Array
from models.schedule import Schedule
from optimizer.assemble import schedule_of
from optimizer.bench.programme import Formulation, Programme


def _build(night: Night) -> Programme:
    from models.arc_flow import build_arc_flow
    from models.arc_plan import arc_plan

    flow = build_arc_flow(night)

    def schedule(point: Array) -> Schedule:
        plan = arc_plan(flow, point)
        solar, short = plan.solar_used_kw or None, plan.shortfall or None
        return schedule_of(night, plan.by_swap, plan.power_kw, solar, short)

    columns = flow.matrix.shape[1]
    return Programme(
        flow.matrix,
        schedule,
        lambda: [f"c{n}" for n in range(columns)],
        is_relaxation=night.station.chargers.mode == "on_off",
    )


ARC_FLOW = Formulation(
    "arc-flow", "whole flow through the states of on/off packs; exact there, elsewhere a plan without a bound", _build
)
