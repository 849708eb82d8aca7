"""What the engine holds while it plans a station: the best checked plan, the best bound, the clock."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from models.formulations.dispatch.arrays import DispatchArrays
from models.formulations.matrix import Array, Matrix
from models.formulations.stepped_bill import dearest_per_kw, dearest_per_kwh
from models.formulations.tier_bounds import is_bill_exact
from models.station.at_once import keeps_limit_at_once
from models.station.cost import Cost, cost_of, gap_between
from models.station.forgiving import forgiving_night, worth_above_target
from models.station.instance import Night
from models.station.must_serve import FEWEST, is_proven_fewest, surcharge_of, told_unserved
from models.station.parts import torn_swaps, whole_schedule
from models.station.result import PlanStatus, StationResult
from models.station.schedule import Schedule
from models.station.stays import Stay
from models.tolerances import MONEY_RELATIVE, SOLVER_KW, is_refuted, is_same_money
from optimizer.check.rules import check
from optimizer.engine.highs import SolverResult, solve
from optimizer.engine.options import RunOptions
from optimizer.engine.stopwatch import Stopwatch

OnIncumbent = Callable[[Schedule, str, float], None]


class InternalError(Exception):
    """A plan failed its own check, or a bound lies above a plan: our fault, and nothing is written."""


@dataclass(frozen=True)
class SolvedDispatch:
    """The LP of the best powers of some stays, where it is one, with its optimum and duals."""

    stays: Sequence[Stay]
    arrays: DispatchArrays
    point: Array
    row_dual: Array


@dataclass
class Search:
    """One station's search. Offers are billed before they count, and the best is checked before it leaves.

    `asked` is the night to be planned; what is searched, and what offers are of, is `night`: the same pack by pack.

    Progress goes to `on_message` in words, to `on_progress` in numbers: the best objective and the best bound, None
    before any; `on_incumbent` is given each better plan and bound as they come: schedule, method, bound.
    `solved_dispatch`: of the last dispatch that was no dearer than the best plan.
    """

    asked: Night
    options: RunOptions
    began: float = field(default_factory=time.perf_counter)
    safe_bound: float = -math.inf
    claimed_bound: float = -math.inf
    schedule: Schedule | None = None
    cost: Cost = field(default_factory=Cost)
    method: str = ""
    watch: Stopwatch = field(default_factory=Stopwatch)
    log: list[str] = field(default_factory=list)
    on_message: Callable[[str], None] = lambda news: None
    on_progress: Callable[[float | None, float | None], None] = lambda objective, bound: None
    on_incumbent: OnIncumbent = lambda schedule, method, bound: None
    solved_dispatch: SolvedDispatch | None = None
    _checked: Schedule | None = None
    _surcharge: float = 0.0

    @property
    def night(self) -> Night:
        """The night with one pack a swap (`Night.by_pack`)."""
        return self.asked.by_pack

    @property
    def runtime_seconds(self) -> float:
        """Wall seconds so far."""
        return time.perf_counter() - self.began

    @property
    def seconds_left(self) -> float:
        """Wall seconds until the limit, never negative."""
        return max(0.0, self.options.time_limit_seconds - self.runtime_seconds)

    @property
    def objective(self) -> float:
        """Objective of the best plan on `night`, +inf before there is one: what bounds are compared with."""
        return math.inf if self.schedule is None else self.cost.objective + self._surcharge

    @property
    def gap(self) -> float | None:
        """Certified gap of the best plan."""
        if self.schedule is None or not math.isfinite(self.bound):
            return None
        return gap_between(self.objective, self.bound, self.cost.gross_cost)

    @property
    def money_gap(self) -> float:
        """The gap asked for in currency, as a share of the best plan's gross cost."""
        return self.options.gap * abs(self.cost.gross_cost)

    @property
    def is_done(self) -> bool:
        """Is the gap asked for proven, or the time up?"""
        return self.gap_reached or self.seconds_left <= 0

    @property
    def gap_reached(self) -> bool:
        """Is the gap asked for proven?"""
        return (gap := self.gap) is not None and gap <= self.options.gap

    def solve(self, matrix: Matrix, **how: Any) -> SolverResult:
        """`highs.solve` with the search's seed, its time booked."""
        with self.watch.stage("solver"):
            return solve(matrix, seed=self.options.seed, **how)

    @property
    def bound(self) -> float:
        """The best lower bound in hand."""
        return max(self.safe_bound, self.claimed_bound)

    @cached_property
    def forgiving(self) -> Night:
        """The night with every limit moved by what the checker forgives: bounds are computed on it."""
        return forgiving_night(self.night)

    @cached_property
    def _worth_above_target(self) -> float:
        return worth_above_target(self.night)

    def raise_bound(self, bound: float, method: str) -> None:
        """Take a lower bound proven on `forgiving`; the higher one stays. Raises InternalError if it is above a
        checked plan."""
        bound -= self._worth_above_target
        is_news = bound > self.bound
        self.safe_bound = max(self.safe_bound, bound)
        if is_news:
            self._note(f"bound {bound:.6f} by {method}")
        self._refute_bounds()

    def claim_bound(self, bound: float, method: str) -> None:
        """Take a bound that rests on the solver's word alone: a MIP's. A checked plan below it refutes it."""
        bound -= self._worth_above_target
        if bound > self.bound:
            self.claimed_bound = bound
            self._note(f"bound {bound:.6f} by {method}")
        self._refute_bounds()

    def offer(self, schedule: Schedule, method: str, model_objective: float | None = None) -> Cost:
        """Bill a plan of `night` and keep it if it is the best; the best one is checked at last. Returns its cost.

        One that serves swaps in part is no plan of the night that was asked for: it is not kept, nor is one whose
        partial slots draw more than the grid limit at once.
        Raises InternalError where `model_objective` is not what it costs.
        """
        is_torn = bool(torn_swaps(self.night, schedule.packs_by_swap))
        with self.watch.stage("check"):
            whole = whole_schedule(self.asked, schedule)
            cost = cost_of(self.night, schedule) if is_torn else cost_of(self.asked, whole)
            surcharge = 0.0 if is_torn else surcharge_of(self.asked, whole)
        objective = cost.objective + surcharge
        if model_objective is not None and self._contradicts(model_objective, objective):
            raise InternalError(
                f"station {self.night.station.id}: the plan by {method} costs {objective!r}, "
                f"its model says {model_objective!r}"
            )
        if objective < self.objective and not is_torn and keeps_limit_at_once(self.night, schedule):
            self.schedule, self.cost, self.method, self._surcharge = whole, cost, method, surcharge
            self._note(f"plan {cost.objective:.6f} by {method}")
        self._refute_bounds()
        return cost

    @property
    def highest_as_good(self) -> float:
        """The most that a plan as good as the one in hand costs: MONEY_RELATIVE of the gross cost (or of 1) more."""
        return self.objective + MONEY_RELATIVE * max(1.0, abs(self.cost.gross_cost))

    def take_calm(self, schedule: Schedule, most: float | None = None) -> bool:
        """Exchange the plan in hand for `schedule`, of `night`. Was it exchanged?

        Only if it costs `most` at most, by default what is as good (`highest_as_good`), and keeps every rule.

        The bound is not touched, nor is what was proven.
        """
        most = self.highest_as_good if most is None else most
        with self.watch.stage("check"):
            whole = whole_schedule(self.asked, schedule)
            cost = cost_of(self.asked, whole)
            surcharge = surcharge_of(self.asked, whole)
            if cost.objective + surcharge > most or check(self.asked, whole):
                return False
        self.schedule, self.cost, self._checked, self._surcharge = whole, cost, whole, surcharge
        self._refute_bounds()
        return True

    @property
    def is_calm(self) -> bool:
        """Is the plan in hand one that `take_calm` took?"""
        return self.schedule is not None and self.schedule is self._checked

    def result(self, baseline: Cost) -> StationResult:
        """Check the best plan and say what is proven of it. Raises InternalError where it breaks a rule.

        `baseline`: the bill of charging on arrival.
        """
        if self.schedule is None:
            raise InternalError(f"station {self.night.station.id}: no plan in hand")
        self._tell_unserved()
        with self.watch.stage("check"):
            violations = [] if self.is_calm else check(self.asked, self.schedule)
        if violations:
            v = violations[0]
            raise InternalError(
                f"station {self.night.station.id}: the plan by {self.method} breaks {len(violations)} rules, "
                f"first {v.rule} at {v.where}: found {v.found}, limit {v.limit}"
            )
        told_bound = self.bound - self._surcharge
        bound = min(told_bound, self.cost.objective) if math.isfinite(told_bound) else None
        return StationResult.of(
            self.asked,
            self.schedule,
            status=self._status(),
            method=self.method,
            cost=self.cost,
            bound=bound,
            baseline=baseline,
        )

    def _tell_unserved(self) -> None:
        """Say of lost swaps that must be served what is proven by now."""
        if self.schedule is not None and self.schedule.unserved:
            proven = FEWEST if is_proven_fewest(self.asked, self.schedule, self.objective - self.bound) else ""
            self.schedule = told_unserved(self.asked, self.schedule, proven)

    def _status(self) -> PlanStatus:
        return "gap_reached" if self.gap_reached else "time_limit" if self.seconds_left <= 0 else "gap_not_reached"

    def _refute_bounds(self) -> None:
        if is_refuted(self.claimed_bound, self.objective):
            self.claimed_bound = -math.inf
            self._note("the solver's bound is refuted by a checked plan and dropped")
        if not is_refuted(self.safe_bound, self.objective):
            return
        if not self._differ(self.safe_bound, self.objective):
            self.safe_bound = self.objective - self._noise
        else:
            raise InternalError(
                f"station {self.night.station.id}: bound {self.bound!r} lies above a checked plan of {self.objective!r}"
            )

    def _contradicts(self, model_objective: float, objective: float) -> bool:
        """Is a model's objective not what its plan costs? Of some energy tiers a model has only a lower bound."""
        return self._differ(objective, model_objective) and (model_objective > objective or is_bill_exact(self.night))

    def _differ(self, one: float, other: float) -> bool:
        return not is_same_money(one, other) and abs(one - other) > self._noise

    @cached_property
    def _noise(self) -> float:
        """Money that the solver's own tolerance is worth at the night's prices: next to nothing under any tariff."""
        series, horizon = self.night.tariff_series, self.night.horizon
        hours = horizon.slots * horizon.slot_hours
        return SOLVER_KW * (dearest_per_kwh(series) * hours + dearest_per_kw(series))

    def _note(self, text: str) -> None:
        self.log.append(f"{self.runtime_seconds:.3f} s: {text}")
        told = (self.objective - self._surcharge, self.bound - self._surcharge)
        self.on_progress(*(value if math.isfinite(value) else None for value in told))
        if self.schedule is not None:
            self.on_incumbent(self.schedule, self.method, self.bound - self._surcharge)
        gap = "" if self.gap is None else f", gap {100 * self.gap:.2f} %"
        self.on_message(f"{self.runtime_seconds:.1f} s, best {self.cost.objective:,.2f}{gap}")
