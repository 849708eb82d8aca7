"""Policies: what is planned before the days come, and how it is carried out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np

from models.station.demand.rule import ControlRule
from models.station.drawn_days import DrawnDays
from models.station.hedging.hedge import Hedge
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
    """A plan of the expected day and what hedges it; on arrival has neither, others may do without one of them."""

    name: PolicyName
    schedule: Schedule | None = None
    hedge: Hedge | None = None

    @property
    def rule(self) -> ControlRule | None:
        """What a controller goes by beside the plan."""
        return None if self.hedge is None else self.hedge.rule

    @property
    def ready_targets(self) -> tuple[int, ...]:
        """Packs that the plan keeps ready, one value a slot; () for none."""
        return () if self.hedge is None else self.hedge.ready_targets


def planned_policy(name: PolicyName, night: Night, options: RunOptions, known: Hedge | None = None) -> Policy:
    """The policy, its plan made for the expected day; `known`: hedged like this. Raises as `plan_station` does."""
    if name == "on-arrival":
        return Policy(name)
    if name == "cheapest-first":
        return Policy(name, cheapest_slots_first(night))
    plan = plan_hedged(night, replace(options, hedge="auto" if name == "hedged" else "none"), known=known)
    return Policy(name, plan.schedule, plan.hedge)


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
