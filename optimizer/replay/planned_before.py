"""The plan of a file as a policy: with its rule and targets where it has them."""

from __future__ import annotations

from models.errors import Problem
from models.station.instance import Instance, Night
from optimizer.check.plan_check import planned_night
from optimizer.check.rules import check
from optimizer.files.errors import InputErrors
from optimizer.formats.plan_document import PlanFile, PlannedStation
from optimizer.replay.policies import Policy


def policies_of_plan(instance: Instance, plan: PlanFile, file: str) -> dict[str, Policy]:
    """By station: the plan's policy, "hedged" where it has ready targets, else "mean".

    Raises InputErrors where a station of the instance has no plan, or one that breaks a rule.
    """
    by_name = {station.station: station for station in plan.stations}
    problems = [
        Problem("stations", night.station.id, "has no plan in this file", "leave the plan out, or name --station")
        for night in instance.nights
        if night.station.id not in by_name
    ]
    if problems:
        raise InputErrors(file, problems)
    return {night.station.id: _policy(night, by_name[night.station.id], file) for night in instance.nights}


def _policy(night: Night, planned: PlannedStation, file: str) -> Policy:
    broken = check(planned_night(night, planned), planned.schedule)
    if broken:
        place = f"station {planned.station}"
        rule = f"breaks {len(broken)} rules of this instance, the first: {broken[0].rule}, {broken[0].where}"
        raise InputErrors(file, [Problem(place, "the plan", rule, "replay it with the instance it was made for")])
    hedge = planned.as_hedge
    return Policy("mean" if hedge is None else "hedged", planned.schedule, hedge)
