"""A replay under way: plans made, days played, bounds proven, cards drawn up; one station after the other."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from models.station.drawn_days import DrawnDays, draw_days, night_on
from models.station.instance import Night
from optimizer.engine.options import RunOptions
from optimizer.replay.bounds import DayBound, bound_of_day, refuse_refuted
from optimizer.replay.card import DayFigures, PolicyCard, card_of, planned_anew
from optimizer.replay.day_tasks import in_order
from optimizer.replay.policies import WITH_PLANS, Policy, PolicyName, figures_of, planned_policy, played
from optimizer.replay.replanned_day import replanned_day, single_day
from optimizer.replay.result import Source, StationReplay
from optimizer.replay.statistics import Floats
from optimizer.workers.ended_tasks import Task
from optimizer.workers.local_pool import Pool

DAY_SECONDS = 10.0  # of wall time at most for the bound of one day
BOUNDS_SHARE = 0.4  # of what is left of it, for bounds where days are planned anew, too
PLAN_SHARE = 0.5  # of the time limit at most, for plans of the expected day


@dataclass(frozen=True)
class ReplayOptions:
    """`days`, `seed`: of the draw. `bound_days`: days whose bound is proven, and that are planned anew every
    `replan_minutes` (None: never), as far as the time allows. `time_limit_seconds`: wall time for all stations, played
    days not counted. `engine`: how plans are made."""

    policies: tuple[PolicyName, ...]
    days: int = 1000
    seed: int = 0
    bound_days: int = 20
    replan_minutes: int | None = None
    time_limit_seconds: float = 60.0
    engine: RunOptions = field(default_factory=RunOptions)


@dataclass
class ReplayRun:
    """Stations in turn, within one time limit counted from `began` (monotonic). `given`: policies by station and name
    that are known before, as from a plan file; `logged`: real days by station, in place of drawn ones."""

    nights: Sequence[Night]
    options: ReplayOptions
    pool: Pool
    given: Mapping[str, Mapping[str, Policy]] = field(default_factory=dict)
    logged: Mapping[str, DrawnDays] = field(default_factory=dict)
    on_message: Callable[[str], None] = lambda news: None
    began: float = field(default_factory=time.monotonic)

    def run(self) -> list[StationReplay]:
        """The stations' replays. Raises as `plan_station` and `play` do, DayFailedError, RefutedBoundError."""
        return [self._station(index, night) for index, night in enumerate(self.nights)]

    def _until(self, index: int, share: float = 1.0) -> float:
        """When a share of the station's part of the time is over."""
        now = time.monotonic()
        left = max(0.0, self.began + self.options.time_limit_seconds - now)
        return now + share * left / (len(self.nights) - index)

    def _station(self, index: int, night: Night) -> StationReplay:
        place = f"station {night.station.id} ({index + 1} of {len(self.nights)})"
        days = self.logged.get(night.station.id) or draw_days(night, self.options.days, self.options.seed)
        policies = self._policies(index, night, place)
        self.on_message(f"{place}: {days.days:,} days are played")
        on_arrival = figures_of(played(Policy("on-arrival"), night, days))
        figures = {name: figures_of(played(policy, night, days)) for name, policy in policies.items()}
        bounds = self._bounds(index, night, days, place)
        figures |= self._planned_anew(index, night, days, policies, place)
        for name, of_policy in figures.items():
            refuse_refuted(name, of_policy, bounds)
        hours = night.horizon.slot_hours
        cards = tuple(self._card(name, figures[name], hours, on_arrival, bounds) for name in figures)
        asked = min(days.days, self.options.bound_days)
        return StationReplay(
            night=night,
            source="log" if night.station.id in self.logged else source_of(night),
            days=days.days,
            seed=self.options.seed,
            cards=cards,
            figures=figures,
            ready_targets={name: policy.ready_targets for name, policy in policies.items() if policy.ready_targets},
            bounds=bounds,
            bounds_asked=asked,
            not_in_time=tuple(label for label in self._labels_anew(policies) if label not in figures),
        )

    def _card(
        self, label: str, figures: DayFigures, slot_hours: float, on_arrival: DayFigures, bounds: Floats
    ) -> PolicyCard:
        policy, _, anew = label.partition(",")
        return card_of(policy, figures, slot_hours, on_arrival, bounds, self.options.replan_minutes if anew else None)

    def _planned_anew(
        self, index: int, night: Night, days: DrawnDays, policies: Mapping[str, Policy], place: str
    ) -> dict[str, DayFigures]:
        """Policies that plan, on the first days, planned again as often as asked for, as far as the time allows."""
        found, labels = dict[str, DayFigures](), self._labels_anew(policies)
        count = min(days.days, self.options.bound_days)
        for number, (label, name) in enumerate(labels.items()):
            until = self._until(index, 1 / (len(labels) - number))
            task_of = self._day_anew(night, days, policies[name])

            def tell(done: int, of: int, label: str = label) -> None:
                self.on_message(f"{place}: {label}: {done} of {of} days")

            done: list[DayFigures] = in_order(count, task_of, self.pool, until, tell)
            if done:
                found[label] = DayFigures.joined(done)
        return found

    def _labels_anew(self, policies: Mapping[str, Policy]) -> dict[str, str]:
        """Policies that are to plan anew, by what they are called then."""
        minutes = self.options.replan_minutes
        return {} if minutes is None else {planned_anew(name, minutes): name for name in policies if name in WITH_PLANS}

    def _day_anew(self, night: Night, days: DrawnDays, policy: Policy) -> Callable[[int], Task]:
        every = (self.options.replan_minutes or 0) // night.horizon.slot_minutes
        options = replace(self.options.engine, effort="quick", time_limit_seconds=DAY_SECONDS)
        seconds = DAY_SECONDS * math.ceil(night.horizon.slots / every)

        def task_of(day: int) -> Task:
            return Task(replanned_day, (night, single_day(days, day), policy, every, options), seconds)

        return task_of

    def _policies(self, index: int, night: Night, place: str) -> dict[str, Policy]:
        known, found = self.given.get(night.station.id, {}), dict[str, Policy]()
        for name in self.options.policies:
            self.on_message(f"{place}: planning, policy {name}")
            seconds = self._until(index, PLAN_SHARE) - time.monotonic()
            engine = replace(self.options.engine, time_limit_seconds=seconds)
            found[name] = known.get(name) or planned_policy(name, night, engine)
        return found

    def _bounds(self, index: int, night: Night, days: DrawnDays, place: str) -> Floats:
        """Of the first days, as many as are asked for, proven and done in time."""
        count = min(days.days, self.options.bound_days)
        options = replace(self.options.engine, effort="quick", time_limit_seconds=DAY_SECONDS)

        def task_of(day: int) -> Task:
            return Task(bound_of_day, (night_on(night, days, day), options), DAY_SECONDS)

        def tell(done: int, of: int) -> None:
            self.on_message(f"{place}: bounds of {done} of {of} days")

        share = 1.0 if self.options.replan_minutes is None else BOUNDS_SHARE
        found: list[DayBound] = in_order(count, task_of, self.pool, self._until(index, share), tell)
        proven = [math.nan if one.bound is None else one.bound for one in found]
        return np.array(proven[: next((n for n, one in enumerate(proven) if math.isnan(one)), len(proven))])


def source_of(night: Night) -> Source:
    """What the night's forecasts say of its days."""
    expected = night.station.expected
    if not expected:
        return "certain"
    if any(one.scenarios for one in expected):
        return "scenarios"
    return "spread" if any(one.spread is not None for one in expected) else "poisson"
