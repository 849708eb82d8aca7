"""What a report knows of a station's plan: the file's word for it, or recomputed where its night is at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from models.station.cost import Cost, cost_of, gap_between
from models.station.instance import Instance, Night
from models.tolerances import money_tolerance
from optimizer.check.plan_check import can_be_billed, check_plan
from optimizer.check.rules import Violation
from optimizer.engine.baselines import baseline_cost
from optimizer.formats.plan_document import PlanFile, PlannedStation
from optimizer.summaries.plan_text import gap_in_words

BROKEN = "nothing is proven of a plan that breaks rules"


@dataclass(frozen=True)
class StationFacts:
    """One station. `cost`: None where the plan is too broken to be billed; `baseline`: None without the night.

    `violations` are empty without the night: then nobody has looked.
    """

    planned: PlannedStation
    night: Night | None
    cost: Cost | None
    baseline: Cost | None
    violations: tuple[Violation, ...] = ()

    @property
    def baseline_objective(self) -> float:
        """What charging on arrival comes to, recomputed where it can be."""
        return self.planned.baseline_objective if self.baseline is None else self.baseline.objective

    @property
    def saving(self) -> float | None:
        """Against charging on arrival, the worth of what is left in the packs counted for both."""
        return None if self.cost is None else self.baseline_objective - self.cost.objective

    @property
    def bound(self) -> float | None:
        """The file's bound, if it can be one: neither of a plan that breaks rules, nor above the objective."""
        if self.cost is None or self.planned.bound is None or self.violations:
            return None
        objective = self.cost.objective
        return self.planned.bound if self.planned.bound <= objective + money_tolerance(objective) else None

    @property
    def gap(self) -> float | None:
        """How far from the best possible, at most; None: not proven."""
        if self.cost is None or self.bound is None:
            return None
        return gap_between(self.cost.objective, self.bound, self.cost.gross_cost)

    @property
    def gap_money(self) -> float | None:
        """The same in currency."""
        return None if self.cost is None or self.bound is None else max(0.0, self.cost.objective - self.bound)

    @property
    def swaps(self) -> tuple[int, int]:
        """Served and lost."""
        if self.night is None:
            return self.planned.swaps_served, self.planned.swaps_lost
        served = self.planned.schedule.by_swap()
        count = sum(swap.id in served for swap in self.night.station.swaps)
        return count, len(self.night.station.swaps) - count

    def proof(self) -> str:
        """The certificate as a person would say it."""
        if self.violations:
            return BROKEN
        if self.planned.status == "fallback":
            return f"{gap_in_words(self.gap, 'gap_reached')} (a baseline, without optimisation)"
        return gap_in_words(self.gap, self.planned.status)


@dataclass(frozen=True)
class PlanFacts:
    """All stations of a plan, in its order; what the check has to say of the file; stations it says nothing of."""

    plan: PlanFile
    name: str
    stations: tuple[StationFacts, ...]
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

    def worst_first(self) -> list[StationFacts]:
        """Stations that break rules, then those that may be furthest from the best possible, in money."""
        return sorted(self.stations, key=_how_bad)


def _how_bad(station: StationFacts) -> tuple[int, float]:
    return -len(station.violations), -(float("inf") if station.gap_money is None else station.gap_money)


def facts_alone(plan: PlanFile, name: str) -> PlanFacts:
    """What the plan says of itself; `name` is that of its file."""
    return PlanFacts(plan, name, tuple(StationFacts(one, None, _told(one), None) for one in plan.stations))


def _told(station: PlannedStation) -> Cost:
    return Cost(**msgspec.structs.asdict(station.cost))


def facts_checked(plan: PlanFile, name: str, instance: Instance) -> PlanFacts:
    """The plan checked and billed anew, whoever made it. Raises InputErrors where it is for another instance."""
    verdict = check_plan(instance, plan, name)
    nights = {night.station.id: night for night in instance.nights}
    broken: dict[str, list[Violation]] = {}
    for station, violation in verdict.violations:
        broken.setdefault(station, []).append(violation)
    stations = [_checked(one, nights[one.station], broken.get(one.station, ())) for one in plan.stations]
    return PlanFacts(plan, name, tuple(stations), verdict.warnings, verdict.stations_not_in_plan)


def _checked(planned: PlannedStation, night: Night, violations: Sequence[Violation]) -> StationFacts:
    cost = cost_of(night, planned.schedule) if can_be_billed(night, planned.schedule) else None
    return StationFacts(planned, night, cost, baseline_cost(night), tuple(violations))
