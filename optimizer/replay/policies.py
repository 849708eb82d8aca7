"""Policies: what is planned before the days come, and how it is carried out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from models.station.demand.rule import ControlRule
from models.station.drawn_days import DrawnDays
from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.engine.baselines import cheapest_slots_first
from optimizer.engine.hedge.plan_hedged import plan_hedged
from optimizer.engine.options import RunOptions
from optimizer.replay.card import DayFigures
from optimizer.simulate.play import PlayedDays, play

PolicyName = Literal["hedged", "mean", "on-arrival", "cheapest-first"]
POLICIES: tuple[PolicyName, ...] = get_args(PolicyName)
WITH_PLANS = ("hedged", "mean")
"""Those that plan, and can plan again in the course of the day."""


@dataclass(frozen=True)
class Policy:
    """A plan of the expected day and a rule; on arrival has neither, and a policy may do without one of them."""

    name: PolicyName
    schedule: Schedule | None = None
    rule: ControlRule | None = None
    ready_targets: tuple[int, ...] = ()


def planned_policy(name: PolicyName, night: Night, options: RunOptions) -> Policy:
    """The policy, its plan made for the expected day. Raises as `plan_station` does."""
    if name == "on-arrival":
        return Policy(name)
    if name == "cheapest-first":
        return Policy(name, cheapest_slots_first(night))
    plan = plan_hedged(night, replace(options, hedge="auto" if name == "hedged" else "none"))
    if plan.hedge is None:
        return Policy(name, plan.schedule)
    return Policy(name, plan.schedule, plan.hedge.rule, plan.hedge.ready_targets)


def played(policy: Policy, night: Night, days: DrawnDays) -> PlayedDays:
    """The days under the policy, without re-plans."""
    if policy.name == "on-arrival":
        return play(night, None, None, days, "on-arrival")
    return play(night, policy.schedule, policy.rule, days)


def figures_of(days: PlayedDays) -> DayFigures:
    """What the card is made of."""
    lost_at, went_without = np.zeros_like(days.ready), days.columns[:, 0] < 0
    np.add.at(lost_at, (days.drivers.day[went_without], days.drivers.slot[went_without]), 1)
    return DayFigures(days.costs, days.served, days.lost, days.load_kw, days.ready, lost_at, days.energy_kwh)
