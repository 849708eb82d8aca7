"""Swaps of several packs, all or none: plans and bounds of tiny nights against the true optimum."""

from __future__ import annotations

import pytest
from patience import PATIENCE
from random_nights import truck_night
from solved import optimum

from models.formulations.reference import build_reference
from models.station.cost import cost_of
from models.station.instance import Night
from optimizer.check.rules import check
from optimizer.engine.baselines import cheapest_slots_first, uncontrolled_charging
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station

SEEDS = range(120)
in_chunks = pytest.mark.parametrize("seeds", [SEEDS[n : n + 20] for n in range(0, len(SEEDS), 20)])


def trucks(night: Night) -> set[str]:
    return {swap.id for swap in night.station.swaps if swap.packs > 1}


def margin(night: Night, money: float) -> float:
    """What two computations may differ by; where plug changes count, packs may be kept plugged by a trickle."""
    return 1e-6 * max(1.0, abs(money)) + (5e-4 if night.station.counts_plug_changes else 0.0)


@in_chunks
def test_plans_are_valid_billed_and_optimal(seeds: range) -> None:
    for seed in seeds:
        night = truck_night(seed)
        best = optimum(build_reference(night).model)
        plan = plan_station(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE))
        result, bound = plan.result, plan.result.bound
        assert check(night, plan.schedule) == [], f"seed {seed}"
        assert cost_of(night, plan.schedule) == result.cost, f"seed {seed}"
        assert result.swaps_served + result.swaps_lost == len(night.station.swaps), f"seed {seed}"
        assert result.objective == pytest.approx(best, abs=margin(night, best)), f"seed {seed}"
        assert bound is not None and bound <= best + margin(night, best), f"seed {seed}"


def test_trucks_are_served_and_lost() -> None:
    plans = [(night, plan_station(night).schedule.packs_by_swap) for night in map(truck_night, SEEDS)]
    served = sum(len(trucks(night) & set(packs)) for night, packs in plans)
    assert served >= 20
    assert sum(len(trucks(night)) for night, _ in plans) - served >= 20


@pytest.mark.parametrize("baseline", [uncontrolled_charging, cheapest_slots_first])
def test_plans_without_a_solver_serve_trucks_fully_or_not_at_all(baseline: object) -> None:
    served = 0
    for seed in SEEDS:
        night = truck_night(seed)
        plan = baseline(night)  # type: ignore[operator]
        assert check(night, plan) == [], f"seed {seed}"
        served += len(trucks(night) & set(plan.packs_by_swap))
    assert served >= 10
