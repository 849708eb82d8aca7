"""What a tiny night's truth says of all bounds that the engine has in use, and of its plan. Not a test file itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from covering import Levels
from every_plan import cheapest_objective
from exact_reference import build_exact_reference
from features import feature_night, is_listed, levels_seen
from patience import PATIENCE

from models.formulations.levels.arrays import level_arrays
from models.formulations.levels.data import level_data
from models.formulations.matrix import fixed
from models.formulations.patterns.packs import patterns_are_plans
from models.station.cost import cost_of
from models.station.instance import Night
from models.station.must_serve import surcharge_of
from models.tolerances import CLAIM_RELATIVE, MONEY_RELATIVE
from optimizer.check.rules import check
from optimizer.engine.arc_flow import plan_by_arc_flow
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.engine.branch_and_bound import BranchAndBound
from optimizer.engine.highs import compile_model, solve
from optimizer.engine.options import RunOptions
from optimizer.engine.patterns.generation import PatternGeneration
from optimizer.engine.plan_station import plan_station
from optimizer.engine.search import Search

RESOLUTIONS = (1, 4)  # steps of wear are seen from 4 on only
BRANCHINGS = 3
FORGIVEN = 5 * CLAIM_RELATIVE  # relative: what the checker forgives is worth less, on/off stations' drift included
DRIFT = 1e-4  # money: the same where on/off nights, whose cost is near 0, may miss many energies by a hair
TRICKLE = 5e-4  # money: where plug changes count, plans keep packs plugged in at a little more than what counts


@dataclass(frozen=True)
class Verdict:
    """A night, its truth, and what was made of it; `faults`: a line for each bound or plan that the truth refutes.

    Swaps that must be served are lost at their surcharge, in all of `optimum`, `objective` and `bound`.
    """

    number: int
    levels: Levels
    optimum: float
    objective: float
    bound: float
    faults: tuple[str, ...]
    must_serve: bool = False

    @property
    def is_proven(self) -> bool:
        """Is the plan proven optimal, but for what the checker forgives?"""
        forgiven = FORGIVEN * max(1.0, abs(self.objective)) + _plugged(self.levels)
        return self.objective - self.bound <= forgiven + (DRIFT if self.levels["chargers"] == "on/off" else 0.0)

    @property
    def is_optimal(self) -> bool:
        """Is the plan as cheap as the truth, proven or not?"""
        return self.objective <= self.optimum + margin(self.optimum) + _plugged(self.levels)


def margin(money: float) -> float:
    """What two computations of one cost may differ by."""
    return MONEY_RELATIVE * max(1.0, abs(money))


def _plugged(levels: Levels) -> float:
    return TRICKLE if levels["plug changes"] == "capped" or levels["plug change"] == "costs" else 0.0


def verdict(levels: Levels, number: int, seed: int) -> Verdict:
    """Night `number` of a seed, with features `levels`, held against its truth."""
    night = feature_night(levels, number, seed)
    seen, best, must = levels_seen(night), true_optimum(night), any(swap.must_serve for swap in night.station.swaps)
    faults = [f"{what}: bound {bound!r} above {best!r}" for what, bound in bounds(night) if bound > best + margin(best)]
    try:
        plan = plan_station(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE))
    except Exception as error:  # a fault of the engine's, told like the others
        return Verdict(
            number, seen, best, math.inf, -math.inf, (*faults, f"plan: {type(error).__name__}: {error}"), must
        )
    surcharge = surcharge_of(night, plan.schedule)
    objective = plan.result.cost.objective + surcharge
    bound = None if plan.result.bound is None else plan.result.bound + surcharge
    faults += [line for line in plan.log if "refuted" in line]
    if violations := check(night, plan.schedule):
        faults.append(f"plan: breaks {violations[0].rule}")
    if cost_of(night, plan.schedule) != plan.result.cost:
        faults.append("plan: is not what it costs")
    if objective < best - margin(best):
        faults.append(f"plan: {objective!r} below {best!r} by {plan.result.method}")
    if bound is None or bound > min(best, objective) + margin(best):
        faults.append(f"final bound: {bound!r} above {best!r}")
    return Verdict(number, seen, best, objective, -math.inf if bound is None else bound, tuple(faults), must)


def true_optimum(night: Night) -> float:
    """The least cost of all plans: the reference model's to gap 0, or that of a list of all plans."""
    if is_listed(levels_seen(night)):
        return cheapest_objective(night)
    compiled = compile_model(build_exact_reference(night).model)
    answers = [solve(compiled.matrix, options={"presolve": presolve}) for presolve in ("on", "off")]
    answer = min(answers, key=lambda one: one.objective)  # presolve has been seen to cut off optima
    assert answer.stopped == "optimal" and answer.point is not None, answer.detail
    assert answer.objective - answer.bound <= margin(answer.objective)
    exact = solve(fixed(compiled.matrix, answer.point))  # integers as they are: no hair of theirs earns money
    return exact.objective if exact.stopped == "optimal" else answer.objective


def bounds(night: Night) -> Iterator[tuple[str, float]]:
    """Every bound of every formulation that can bound the night, by its name: those of the night as it is, too, which
    are higher than those of what the checker forgives."""
    for resolution in RESOLUTIONS:
        matrix = level_arrays(level_data(night.by_pack, resolution)).matrix
        yield f"levels at 1/{resolution}, whole swaps", solve(matrix).bound
    has_curve = any(kind.has_curve for kind in night.pack_types.values())
    yield from _searched(night, lambda search: BranchAndBound(search).run(BRANCHINGS))
    if night.station.needs_switches and (patterns_are_plans(night) or not has_curve):
        yield from _searched(night, lambda search: PatternGeneration(search).solve())
    if night.station.chargers.mode == "on_off":
        yield from _searched(night, plan_by_arc_flow)


@dataclass
class _Heard(Search):
    """A search that keeps every bound it is told of."""

    heard: list[tuple[str, float]] = field(default_factory=list)

    def raise_bound(self, bound: float, method: str) -> None:
        self.heard.append((method, bound - self._worth_above_target))
        super().raise_bound(bound, method)

    def claim_bound(self, bound: float, method: str) -> None:
        self.heard.append((method, bound - self._worth_above_target))
        super().claim_bound(bound, method)


def _searched(night: Night, plan: Callable[[Search], None]) -> Iterator[tuple[str, float]]:
    search = _Heard(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE))
    search.offer(uncontrolled_charging(night.by_pack), "charging on arrival")
    try:
        plan(search)
    except Exception as error:
        yield f"{type(error).__name__}: {error}", math.inf
    yield from search.heard
