"""What planning a station yields: the plan, and what is known of it: its cost, what is proven, how it was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from models.station.cost import Cost, gap_between
from models.station.hedging.hedge import Hedge
from models.station.instance import Night
from models.station.lost_reason import LostReason
from models.station.saving import Savings
from models.station.schedule import Schedule
from models.station.starts import ChargingFigures, charging_figures

PlanStatus = Literal["gap_reached", "gap_not_reached", "time_limit", "fallback"]


@dataclass(frozen=True)
class FarResult:
    """What is known of a plan for the horizon and `hours` beyond it, of which the horizon's part is carried out.

    In currency, of the longer night; `bound`: no plan of it can cost less; None where nothing is proven.
    """

    hours: float
    objective: float
    gross_cost: float
    bound: float | None
    swaps_served: int
    swaps_lost: int

    @property
    def gap(self) -> float | None:
        """As StationResult has it."""
        return None if self.bound is None else gap_between(self.objective, self.bound, self.gross_cost)


@dataclass(frozen=True)
class NextDay:
    """What a plan leaves for a day like this one: packs that are ready of those that are there, and how many more
    drivers than from full packs that day would lose, and than this one does, charging on arrival."""

    ready: int
    packs: int
    more_lost: int


@dataclass(frozen=True)
class StationResult:
    """What is known of one station's plan, in currency. The plan itself is a `Schedule`.

    `status`: why the search stopped, or "fallback" where a baseline is all there is. `method`: what found the plan.
    `bound`: no plan can cost less; None where nothing is proven. `baseline_objective`: that of charging on arrival.
    `far`: of the plan that looks ahead, if this is the beginning of one; `status` and `method` are that one's then.
    `savings`: what the plan saves, like with like; None where nobody worked it out.
    `must_serve_lost`: of the swaps lost, those that must be served. `charging`: how calm the plan is.
    """

    status: PlanStatus
    method: str
    cost: Cost
    bound: float | None
    baseline_objective: float
    swaps_served: int
    swaps_lost: int
    far: FarResult | None = None
    savings: Savings | None = None
    must_serve_lost: int = 0
    charging: ChargingFigures = field(default_factory=ChargingFigures)

    @classmethod
    def of(
        cls,
        night: Night,
        schedule: Schedule,
        *,
        status: PlanStatus,
        method: str,
        cost: Cost,
        bound: float | None,
        baseline: Cost,
    ) -> StationResult:
        """The result of a schedule whose cost is known, its swaps counted."""
        served = schedule.swaps_served
        lost = len(night.station.swaps) - served
        told, figures = len(schedule.unserved), charging_figures(schedule)
        return cls(
            status, method, cost, bound, baseline.objective, served, lost, must_serve_lost=told, charging=figures
        )

    @property
    def objective(self) -> float:
        """What the plan minimises."""
        return self.cost.objective

    @property
    def gross_cost(self) -> float:
        """What charging costs."""
        return self.cost.gross_cost

    @property
    def gap(self) -> float | None:
        """(objective − bound) / |gross cost|; None where nothing is proven, or they differ and nothing is paid."""
        return None if self.bound is None else gap_between(self.objective, self.bound, self.gross_cost)

    @property
    def gap_money(self) -> float | None:
        """objective − bound, never negative; None where nothing is proven."""
        return None if self.bound is None else max(0.0, self.objective - self.bound)

    @property
    def saving(self) -> float:
        """What charging on arrival costs more, the worth of the energy left in the packs counted for both, but not that
        of the energy that drivers get: `savings` tells that, too."""
        return self.baseline_objective - self.objective

    def proves(self, gap: float) -> bool:
        """Is this gap proven of what was planned, look-ahead included?"""
        proven = self.gap if self.far is None else self.far.gap
        return proven is not None and proven <= gap


@dataclass(frozen=True)
class PlanChanges:
    """What a plan changes of an earlier one, as far as that went: hand-overs of drivers that both know; slots in which
    some pack charges at another power; packs with either; kWh charged in other slots, or more, or less. `extra_cost`:
    currency that it costs more than the cheapest plan found."""

    hand_overs: int = 0
    slots: int = 0
    packs: int = 0
    moved_kwh: float = 0.0
    extra_cost: float = 0.0

    def __add__(self, other: PlanChanges) -> PlanChanges:
        return PlanChanges(
            self.hand_overs + other.hand_overs,
            self.slots + other.slots,
            self.packs + other.packs,
            self.moved_kwh + other.moved_kwh,
            self.extra_cost + other.extra_cost,
        )


@dataclass(frozen=True)
class StationPlan:
    """One station's plan, checked and billed.

    `baseline`: the bill of charging on arrival. Seconds are wall time of this process; `stage_seconds` splits them:
    solver | model | rounding | check. `is_bound_recomputed`: does the bound come from duals by weak duality, worked
    out here, and not from a solver's word? `changes`: of the earlier plan that it was to be near, None for none.
    `next_day`: None where it was not looked at. `hedge`: what it does for days that do not follow the forecast, with
    whose targets `night` is the one that was planned; None for a plan of the mean. `lost_reasons`: why swaps are lost,
    of those for which it was worked out.
    """

    night: Night
    schedule: Schedule
    result: StationResult
    baseline: Cost
    runtime_seconds: float = 0.0
    solver_seconds: float = 0.0
    stage_seconds: Mapping[str, float] = field(default_factory=dict)
    log: tuple[str, ...] = field(default=())
    is_bound_recomputed: bool = False
    changes: PlanChanges | None = None
    next_day: NextDay | None = None
    hedge: Hedge | None = None
    lost_reasons: tuple[LostReason, ...] = ()


def total_changes(plans: Iterable[StationPlan]) -> PlanChanges | None:
    """Changes of several stations' previous plans, added up; None where there were none."""
    found = [plan.changes for plan in plans if plan.changes is not None]
    return sum(found, PlanChanges()) if found else None
