"""What a report shows of a plan: as its file says, or recomputed and checked where the instance is at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.station.cost import Cost, cost_of
from models.station.instance import Instance, Night
from models.station.result import StationResult
from models.tolerances import money_tolerance
from optimizer.check.plan_check import can_be_billed, check_plan, planned_night
from optimizer.check.rules import Violation
from optimizer.engine.heuristics.capped_arrival import arrival_plans
from optimizer.formats.plan_document import PlanFile, PlannedStation
from optimizer.summaries.plan_text import gap_in_words

BROKEN = "nothing is proven of a plan that breaks rules"


@dataclass(frozen=True)
class ReportedStation:
    """One station's plan.

    `result`: the file's without the night, else recomputed, the method, status and bound aside; None where the plan
    is too broken to be billed. `baseline`: None without the night. `violations` are empty without it, too: then
    nobody has looked.
    """

    planned: PlannedStation
    night: Night | None
    result: StationResult | None
    baseline: Cost | None
    violations: tuple[Violation, ...] = ()

    @property
    def swaps(self) -> tuple[int, int]:
        """Served and lost."""
        if self.night is None:
            return self.planned.swaps_served, self.planned.swaps_lost
        served = self.planned.schedule.packs_by_swap
        count = sum(swap.id in served for swap in self.night.station.swaps)
        return count, len(self.night.station.swaps) - count

    @property
    def gap(self) -> float | None:
        """How far from the best possible, at most; None: not proven."""
        return None if self.result is None else self.result.gap

    @property
    def gap_money(self) -> float | None:
        """The same in currency."""
        return None if self.result is None else self.result.gap_money

    def proof(self) -> str:
        """What is proven, as a person would say it."""
        if self.violations:
            return BROKEN
        if self.planned.status == "fallback":
            return f"{gap_in_words(self.gap, 'gap_reached')} (a baseline, without optimisation)"
        return gap_in_words(self.gap, self.planned.status)


@dataclass(frozen=True)
class ReportedPlan:
    """All stations of a plan, in its order; what the check has to say of the file; stations it says nothing of."""

    stations: tuple[ReportedStation, ...]
    warnings: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def violations(self) -> int:
        """Of all stations."""
        return sum(len(station.violations) for station in self.stations)

    @property
    def is_checked(self) -> bool:
        """Was there an instance to check the plan against?"""
        return any(station.night is not None for station in self.stations)

    def worst_first(self) -> list[ReportedStation]:
        """Stations that break rules, then those that lose most swaps, then the largest gaps in money."""
        return sorted(self.stations, key=_badness)


def _badness(station: ReportedStation) -> tuple[int, int, float]:
    gap_money = float("inf") if station.gap_money is None else station.gap_money
    return -len(station.violations), -station.swaps[1], -gap_money


def plan_as_filed(plan: PlanFile) -> ReportedPlan:
    """What the plan's file says of itself."""
    stations = (ReportedStation(one, None, _credible(one.result), None) for one in plan.stations)
    return ReportedPlan(tuple(stations))


def _credible(result: StationResult) -> StationResult:
    """Without a bound that cannot be one, for it lies above the objective."""
    limit = result.objective + money_tolerance(result.objective)
    return result if result.bound is None or result.bound <= limit else replace(result, bound=None)


def plan_as_checked(plan: PlanFile, name: str, instance: Instance) -> ReportedPlan:
    """The plan checked and billed anew, whoever made it; `name` is that of its file.

    Raises InputErrors where it is for another instance.
    """
    verdict = check_plan(instance, plan, name)
    nights = {night.station.id: night for night in instance.nights}
    broken: dict[str, list[Violation]] = {}
    for station, violation in verdict.violations:
        broken.setdefault(station, []).append(violation)
    stations = [
        _checked(one, planned_night(nights[one.station], one), broken.get(one.station, ())) for one in plan.stations
    ]
    return ReportedPlan(tuple(stations), verdict.warnings, verdict.stations_not_in_plan)


def _checked(planned: PlannedStation, night: Night, violations: Sequence[Violation]) -> ReportedStation:
    arrivals, schedule = arrival_plans(night), planned.schedule
    baseline = arrivals.on_arrival.cost
    if not can_be_billed(night, schedule):
        return ReportedStation(planned, night, None, baseline, tuple(violations))
    result = StationResult.of(
        night,
        schedule,
        status=planned.status,
        method=planned.method,
        cost=cost_of(night, schedule),
        bound=None if violations else planned.bound,  # nothing is proven of a plan that breaks rules
        baseline=baseline,
    )
    result = arrivals.of_result(night, schedule, result)
    return ReportedStation(planned, night, _credible(result), baseline, tuple(violations))
