"""The set-points of one station's plan: limits of its bays, whose plan it is and when it holds, what they come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from models.errors import InvalidData
from models.station.cost import cost_of
from models.station.demand.rule_words import RULE_IN_WORDS
from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.check.plan_check import planned_night
from optimizer.files import timestamps as clock
from optimizer.files.errors import InputErrors
from optimizer.formats.hedge.rule_document import RuleDocument
from optimizer.formats.plan_document import PlannedStation
from optimizer.setpoints.fit.carried_out import CarriedOut
from optimizer.setpoints.fit.fewer import make_fewer
from optimizer.setpoints.fit.fitted import fitted_limits
from optimizer.setpoints.fit.limits import LimitUnit, Period, periods_of
from optimizer.setpoints.fit.station_limits import StationLimits

NOTHING_AFTER = "0 kW"
RULE_AFTER = f"the rule {min(RULE_IN_WORDS)} to {max(RULE_IN_WORDS)} of the manual, planned powers 0 kW"


@dataclass(frozen=True)
class VersionedPlan:
    """A station's plan as its file has it. `version`: of the plan, from 1 on. `source`: the file, for messages;
    `instance_hash`: what the plan names."""

    night: Night
    planned: PlannedStation
    version: int
    valid_from: datetime
    source: str
    instance_hash: str

    @classmethod
    def of(
        cls, night: Night, planned: PlannedStation, version: int, valid_from: str | None, source: str, hash_: str
    ) -> VersionedPlan:
        """`night`: without the targets of a hedge. `valid_from`: None for the start of the horizon."""
        since = night.horizon.start if valid_from is None else clock.instant(valid_from).astimezone(UTC)
        return cls(planned_night(night, planned), planned, version, since, source, hash_)

    @property
    def schedule(self) -> Schedule:
        """The plan."""
        return self.planned.schedule

    @property
    def when_it_ends(self) -> str:
        """What a controller does when the plan has ended, in words."""
        return RULE_AFTER if isinstance(self.planned.rule, RuleDocument) else NOTHING_AFTER


@dataclass(frozen=True)
class StationSetPoints:
    """Limits of a station's bays. `fit`: the limits, slot by slot."""

    plan: VersionedPlan
    fit: StationLimits

    @cached_property
    def carried(self) -> CarriedOut:
        """The night of these limits."""
        return self.fit.carried_out()

    @cached_property
    def periods(self) -> Mapping[int, tuple[Period, ...]]:
        """By the number of each bay with a charger: its whole night, without gaps."""
        return {bay: periods_of(limits) for bay, limits in self.fit.by_bay.items()}

    @property
    def extra_cost(self) -> float:
        """Currency that the night of these limits costs more than the plan."""
        night = self.plan.night
        return cost_of(night, self.carried.schedule).objective - cost_of(night, self.plan.schedule).objective

    @property
    def energy_off(self) -> float:
        """The largest difference of a bay's energy from the plan, as a share of it."""
        planned, now = (_kwh_by_bay(self.plan.night, one) for one in (self.plan.schedule, self.carried.schedule))
        return max((abs(now.get(bay, 0.0) - kwh) / kwh for bay, kwh in planned.items() if kwh > 0), default=0.0)


def _kwh_by_bay(night: Night, schedule: Schedule) -> dict[int | str, float]:
    found: dict[int | str, float] = {}
    for row in schedule.rows:
        found[row.bay] = found.get(row.bay, 0.0) + sum(row.power_kw) * night.horizon.slot_hours
    return found


def set_points_of(plan: VersionedPlan, unit: LimitUnit, most_periods: int | None = None) -> StationSetPoints:
    """The set-points of a plan, with at most so many periods a bay. Raises InputErrors where the plan breaks a rule, or
    no such limits keep them all."""
    try:
        fit = fitted_limits(plan.night, plan.schedule, unit)
        if most_periods is not None:
            make_fewer(fit, most_periods)
        return StationSetPoints(plan, fit)
    except InvalidData as error:
        problems = [replace(one, place=f"station {plan.planned.station}: {one.place}") for one in error.problems]
        raise InputErrors(plan.source, problems) from None


def worst_off(stations: Iterable[StationSetPoints]) -> float:
    """The largest difference of any bay's energy from its plan, as a share of it."""
    return max((one.energy_off for one in stations), default=0.0)
