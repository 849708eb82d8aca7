"""Arc flow: exact where chargers are on/off; elsewhere a plan with chargers that are either on or off, and no bound."""

from __future__ import annotations

from models.station.instance import Night
from optimizer.programmes.names import numbered
from optimizer.programmes.programme import Formulation, Programme


def _build(night: Night) -> Programme:
    from models.formulations.arc_flow.flow import build_arc_flow
    from optimizer.engine.arc_flow import flow_schedule

    flow = build_arc_flow(night)

    return Programme(
        flow.matrix,
        lambda point: flow_schedule(flow, point),
        flow.matrix.row_names,
        flow.matrix.column_names,
        lambda: numbered(flow.matrix),
        is_relaxation=night.station.chargers.mode == "on_off",
    )


def _refusal(night: Night) -> str | None:
    return "packs stand in bays without charger" if night.station.has_packs_without_charger else None


ARC_FLOW = Formulation(
    "arc-flow",
    "integer flow through the states of on/off packs; exact there, elsewhere a plan without a bound",
    _build,
    _refusal,
)
