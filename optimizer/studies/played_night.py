"""A night that is planned from the forecast and played: what really came of plan and rule."""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.station.carry_over.carried_out import beginning, plan_until
from models.station.demand.rule import ControlRule
from models.station.drawn_days import DrawnDays
from models.station.instance import Night
from models.station.result import StationPlan
from models.station.schedule import Schedule
from models.tariff.tariff import weighted
from optimizer.engine.options import RunOptions
from optimizer.studies.real_days import Policy

ALL = ((0.0, 1.0),)  # of the rate at every peak


@dataclass(frozen=True)
class RealDay:
    """Who really comes in a night, and what it is planned for."""

    drivers: DrawnDays
    policy: Policy


def plan_before(night: Night, policy: Policy, options: RunOptions) -> tuple[StationPlan, ControlRule | None]:
    """The plan of a night of which the forecast alone is known, and its rule. Raises as `plan_station` does.

    A study says itself what nights look ahead at, and how charges are weighed.
    """
    from optimizer.engine.hedge.plan_hedged import plan_hedged

    plan = plan_hedged(
        _with_all_at_stake(night), replace(options, look_ahead_hours=0.0, hedge="none" if policy == "mean" else "auto")
    )
    return plan, None if plan.hedge is None else plan.hedge.rule


def _with_all_at_stake(night: Night) -> Night:
    """A weight of 1 that the study states is no default."""
    tariff = night.station.tariff
    stated = {one.name: ALL for one in tariff.demand_charges if one.weight == 1}
    return replace(night, station=replace(night.station, tariff=weighted(tariff, stated)))


def played(
    night: Night, schedule: Schedule, rule: ControlRule | None, slots: int, real: DrawnDays
) -> tuple[Night, Schedule]:
    """The night's first `slots` slots as they really were, and what plan and rule did in them. Raises InvalidData
    where such a night cannot be played."""
    from optimizer.simulate.play import play
    from optimizer.simulate.played_schedule import played_schedule

    own, plan = beginning(night, slots), plan_until(night, schedule, slots)
    days = play(own, plan, None if rule is None else _until(rule, slots), real, keep_powers=True)
    return played_schedule(days, real, 0)


def _until(rule: ControlRule, slots: int) -> ControlRule:
    return ControlRule(
        tuple(replace(one, least=one.least[:slots], most=one.most[:slots]) for one in rule.levels),
        rule.limit_kw[:slots],
        rule.urgent_ready[:slots],
    )
