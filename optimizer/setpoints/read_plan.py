"""The plan that set-points carry out, as a plan file: read back, it is checked and billed like any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from models.errors import InvalidData
from models.station.cost import Cost, cost_of
from models.station.instance import Instance
from models.station.result import StationPlan
from models.station.starts import charging_figures
from optimizer.files.errors import InputErrors
from optimizer.files.versions import versions
from optimizer.formats.plan_document import PlanFile
from optimizer.formats.plan_file import plan_file
from optimizer.setpoints.fit.limits import limits_of
from optimizer.setpoints.fit.station_limits import StationLimits
from optimizer.setpoints.read_back import SetPointsRead
from optimizer.setpoints.station_set_points import StationSetPoints, VersionedPlan

METHOD = "read from set-points"


@dataclass(frozen=True)
class PlanRead:
    """What was read: the plan file, and the set-points of each station with what they come to."""

    file: PlanFile
    stations: Sequence[StationSetPoints]


def plan_read(
    read: SetPointsRead, plans: Sequence[VersionedPlan], instance: Instance, source: str, instance_file: str | None
) -> PlanRead:
    """The plans that the set-points carry out; who gets which pack is as in `plans`. `source`: the export, for
    messages; `instance_file`: as the plan file names it. Raises InputErrors where they are of other plans."""
    stations = [_set_points(read, plan, source) for plan in plans]
    wanted = {plan.planned.station for plan in plans}
    part = replace(instance, nights=tuple(one for one in instance.nights if one.station.id in wanted))
    file = plan_file(part, [_plan(one) for one in stations], versions(), instance_file=instance_file)
    since = min(plans, key=lambda plan: plan.valid_from)
    file = structs.replace(file, plan_version=since.version)
    if since.version > 1:
        file = structs.replace(file, valid_from=since.night.horizon.local_slot_start(0).isoformat())
    return PlanRead(file, stations)


def _set_points(read: SetPointsRead, plan: VersionedPlan, source: str) -> StationSetPoints:
    try:
        periods = read.periods(plan)
    except InvalidData as error:
        problems = [replace(one, place=f"station {plan.planned.station}: {one.place}") for one in error.problems]
        raise InputErrors(source, problems) from None
    fit = StationLimits(plan.night, plan.schedule, read.unit, {})
    slots, station = plan.night.horizon.slots, plan.night.station
    fit.by_bay = {
        bay: list(limits_of(periods.get(bay, ()), slots, fit.slot_seconds))
        for bay in range(station.bays)
        if station.has_charger(bay)
    }
    return StationSetPoints(plan, fit)


def _plan(station: StationSetPoints) -> StationPlan:
    plan, schedule = station.plan, station.carried.schedule
    known = plan.planned.result
    result = replace(
        known, method=METHOD, cost=cost_of(plan.night, schedule), far=None, savings=None,
        charging=charging_figures(schedule),
    )  # fmt: skip
    return StationPlan(plan.night, schedule, result, Cost(), hedge=plan.planned.as_hedge)
