"""One night planned, something happens, the night is planned again near its plan."""

from __future__ import annotations

from models.station.instance import Instance, Night
from models.station.result import StationPlan
from optimizer.engine.near.previous_plan import PreviousPlan, previous_plans
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.formats.plan_file import plan_file

OPTIONS = RunOptions(time_limit_seconds=20)


def as_previous(plan: StationPlan) -> PreviousPlan:
    """The plan as `--near` reads it from its file."""
    file = plan_file(Instance("night", "EUR", (plan.night,)), [plan], {})
    return previous_plans(file, "file", {plan.night.station.id: plan.night})[plan.night.station.id]


def planned_again(plan: StationPlan, night: Night, options: RunOptions = OPTIONS) -> StationPlan:
    """`night` planned near `plan`."""
    return plan_station(night, options, previous=as_previous(plan))
