"""Bounds and plans of tiny nights against the true optimum: the reference model, and a list of every plan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from every_plan import cheapest_objective
from patience import PATIENCE
from random_nights import FEATURES, bent_night, on_off_night, on_off_truck_night, random_night
from solved import optimum, solved

from models.formulations.dispatch.pyomo_model import build_dispatch
from models.formulations.levels.arrays import level_arrays
from models.formulations.levels.data import level_data
from models.formulations.matrix import relaxed
from models.formulations.reference import build_reference
from models.station.cost import cost_of
from models.station.instance import Night
from models.station.stays import stays_of
from optimizer.check.rules import check
from optimizer.engine.highs import solve
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station

RAREST = "no plug change at all"
SEEDS = [*range(120), *(seed for seed in range(120, 200) if FEATURES[RAREST](random_night(seed)))]
CHUNKS = [SEEDS[first : first + 20] for first in range(0, len(SEEDS), 20)]
in_chunks = pytest.mark.parametrize("seeds", CHUNKS, ids=lambda seeds: f"seeds {seeds[0]}-{seeds[-1]}")


@pytest.mark.parametrize("feature", FEATURES)
def test_random_nights_have_every_feature(feature: str) -> None:
    assert sum(FEATURES[feature](random_night(seed)) for seed in SEEDS) >= 5


@cache
def reference(seed: int) -> tuple[float, dict[str, str]]:
    """The proven optimum of a random night, and the hand-overs of an optimal plan."""
    model = build_reference(random_night(seed))
    answer = solved(model.model)
    assert answer.stopped == "optimal", f"seed {seed}: {answer.detail}"
    assert answer.objective - answer.bound <= margin(answer.objective), f"seed {seed}"
    return answer.objective, model.hand_overs()


def margin(money: float) -> float:
    """A millionth of `money`: what two computations of one cost may differ by."""
    return 1e-6 * max(1.0, abs(money))


def trickle(night: Night) -> float:
    """Where plug changes count, a plan may keep packs plugged in at a little more than the least that counts."""
    return 5e-4 if night.station.counts_plug_changes else 0.0


@in_chunks
@pytest.mark.parametrize("resolution", [1, 2])
def test_levels_bound_the_optimum(seeds: list[int], resolution: int) -> None:
    """With integer swaps, and without. (Pyomo builds the same: see test_arrays.py.)"""
    for seed in seeds:
        best, _ = reference(seed)
        levels = level_arrays(level_data(random_night(seed), resolution))
        for matrix in (relaxed(levels.matrix), levels.matrix):
            answer = solve(matrix)
            assert answer.stopped == "optimal", f"seed {seed}: {answer.detail}"
            assert answer.bound <= best + margin(best), f"seed {seed}"


@in_chunks
def test_dispatch_of_an_optimal_order_is_optimal(seeds: list[int]) -> None:
    for seed in seeds:
        night, (best, by_swap) = random_night(seed), reference(seed)
        allowed = margin(best) + trickle(night)
        dispatch = build_dispatch(night, stays_of(night, by_swap), missing_cost_per_kwh=1e4)
        assert optimum(dispatch.model) == pytest.approx(best, abs=allowed), f"seed {seed}"


@in_chunks
def test_plans_are_valid_billed_and_optimal(seeds: list[int]) -> None:
    for seed in seeds:
        night, (best, _) = random_night(seed), reference(seed)
        plan = plan_station(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE))
        assert check(night, plan.schedule) == [], f"seed {seed}"
        objective, bound = plan.result.cost.objective, plan.result.bound
        assert cost_of(night, plan.schedule) == plan.result.cost, f"seed {seed}"
        assert plan.result.objective == pytest.approx(objective, abs=margin(objective)), f"seed {seed}"
        assert bound <= min(best, objective) + margin(best), f"seed {seed}"
        assert objective >= best - margin(best), f"seed {seed}"
        assert objective <= best + margin(best) + trickle(night), f"seed {seed}"
        if not night.station.counts_plug_changes:
            assert objective - bound < 1e-5 * max(1.0, abs(objective)), f"seed {seed}"  # what the checker forgives


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("draw", [on_off_night, on_off_truck_night])
def test_listing_every_plan_finds_the_same_optimum(draw: Callable[[int], Night], seed: int) -> None:
    night = draw(seed)
    best = cheapest_objective(night)
    assert optimum(build_reference(night).model) == pytest.approx(best, abs=margin(best))
    planned = plan_station(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE)).result.objective
    assert planned == pytest.approx(best, abs=margin(best) + trickle(night))


# Acceptance curves of any shape, at several temperatures

BENT = [range(first, first + 10) for first in range(0, 60, 10)]
in_bent_chunks = pytest.mark.parametrize("seeds", BENT, ids=lambda seeds: f"seeds {seeds[0]}-{seeds[-1]}")


@in_bent_chunks
def test_on_off_plans_along_any_curve_are_optimal(seeds: range) -> None:
    for seed in seeds:
        night = bent_night(seed, on_off_night(seed))
        best = cheapest_objective(night)
        planned = plan_station(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE)).result
        assert planned.bound <= best + margin(best), f"seed {seed}"
        assert planned.objective == pytest.approx(best, abs=margin(best) + trickle(night)), f"seed {seed}"


@in_bent_chunks
def test_bounds_hold_and_plans_are_good_along_any_curve(seeds: range) -> None:
    """No listed plan is cheaper than a bound, nor than the plan found but by what the gap owns up to."""
    for seed in seeds:
        drawn = on_off_night(seed)
        chargers = replace(drawn.station.chargers, mode="continuous")
        night = bent_night(seed, replace(drawn, station=replace(drawn.station, chargers=chargers)))
        listed = cheapest_objective(night, shares=(0.0, 0.5, 1.0))
        for resolution in (1, 2):
            levels = level_arrays(level_data(night, resolution))
            assert solve(levels.matrix).bound <= listed + margin(listed), f"seed {seed}"
        planned = plan_station(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE)).result
        assert planned.bound <= min(listed, planned.objective) + margin(listed), f"seed {seed}"
        assert planned.objective <= listed + margin(listed) + trickle(night), f"seed {seed}"


@in_bent_chunks
def test_plans_of_random_nights_with_any_curve_pass_the_check(seeds: range) -> None:
    for seed in seeds:
        night = bent_night(seed, random_night(seed))
        plan = plan_station(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE))
        assert check(night, plan.schedule) == [], f"seed {seed}"
        assert plan.result.bound <= plan.result.objective, f"seed {seed}"
