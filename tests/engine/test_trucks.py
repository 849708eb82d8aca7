"""Swaps of several packs, all or none: plans and bounds of tiny nights against the true optimum."""

from __future__ import annotations

from typing import Any

import builders as make
import numpy as np
import pytest
from patience import PATIENCE
from random_nights import truck_depot_night, truck_night
from solved import optimum

from models.formulations.levels.data import level_data
from models.formulations.reference import build_reference
from models.formulations.stepped_bill import energy_segments
from models.station.instance import Night
from models.tariff.tariff import EnergyTiers
from optimizer.check.rules import check
from optimizer.engine.baselines import cheapest_slots_first, uncontrolled_charging
from optimizer.engine.branch_and_bound import BranchAndBound
from optimizer.engine.dispatch import completed, dispatch
from optimizer.engine.level_rounding import LevelSolution, round_assignment
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.engine.search import Search

SEEDS = range(120)
in_chunks = pytest.mark.parametrize("seeds", [SEEDS[n : n + 20] for n in range(0, len(SEEDS), 20)])


def trucks(night: Night) -> set[str]:
    return {swap.id for swap in night.station.swaps if swap.packs > 1}


def margin(night: Night, money: float) -> float:
    """What two computations may differ by; where plug changes count, packs may be kept plugged by a trickle."""
    return 1e-6 * max(1.0, abs(money)) + (5e-4 if night.station.counts_plug_changes else 0.0)


def test_trucks_are_served_and_lost() -> None:
    plans = [(night, plan_station(night).schedule.packs_by_swap) for night in map(truck_night, SEEDS)]
    served = sum(len(trucks(night) & set(packs)) for night, packs in plans)
    assert served >= 20
    assert sum(len(trucks(night)) for night, _ in plans) - served >= 20


@in_chunks
def test_branching_alone_proves_the_optimum(seeds: range) -> None:
    for seed in seeds:
        night = truck_depot_night(seed)
        search = Search(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE))
        BranchAndBound(search).run(2000)
        assert search.schedule is not None and check(night, search.schedule) == [], f"seed {seed}"
        best = optimum(build_reference(night).model)
        assert search.objective == pytest.approx(best, abs=margin(night, best)), f"seed {seed}"
        forgiven = 5e-5 * max(1.0, abs(best))  # by the checker, and so by bounds
        assert best - forgiven <= search.bound <= best + margin(night, best), f"seed {seed}"


def two_packs(**changes: Any) -> Night:
    """P1 is full, P2 needs 40 kWh by slot 1; a truck asks for two packs."""
    settings: dict[str, Any] = {
        "slots": 3,
        "types": [make.pack_type(end_value_per_kwh=0.0)],
        "packs": [make.pack("P1", 0.9), make.pack("P2", 0.4)],
        "swaps": [make.swap("T", 1, 0.1, packs=2, lost_cost=30), make.swap("W", 2)],
    }
    return make.night(**(settings | changes))


def test_every_pack_that_is_brought_is_room_for_energy() -> None:
    """W brings one pack, the truck two, each of which takes 80 kWh; P2 takes 50. At 0.8: 362.5 kWh from the grid."""
    night = two_packs(tariff=make.tariff(energy_tiers=(EnergyTiers("all", ((10.0, 0.1),)),)))
    (tiers,) = night.tariff_series.tiers
    assert sum(part.width for part in energy_segments(night, tiers)) == pytest.approx(290 / 0.8)
    assert energy_segments(night, tiers) == energy_segments(night.by_pack, tiers)


def test_packs_that_stay_complete_a_swap() -> None:
    assert completed(two_packs().by_pack, {"T#2": "P1"}) == {"T#2": "P1", "T#1": "P2"}
    assert completed(two_packs().by_pack, {"T#2": "P1", "W": "P2"}) == {"T#2": "P1", "W": "P2"}
    never_ready = two_packs(packs=[make.pack("P1", 0.9), make.pack("P2", 0.1)])
    assert completed(never_ready.by_pack, {"T#2": "P1"}) == {"T#2": "P1"}


def test_what_a_dispatch_serves_in_part_is_given_up() -> None:
    """A pack for the truck alone helps nobody: it waits for the car in the next slot."""
    search = Search(two_packs(), RunOptions(gap=0.0))
    found = dispatch(search, {"T#1": "P1", "W": "return:T#1"}, "a test")
    assert found is not None and found.by_swap == {"W": "P1"}
    assert search.schedule is not None and search.schedule.packs_by_swap == {"W": ("P1",)}
    assert search.cost.lost_swaps == 30


def test_a_plan_that_serves_in_part_is_not_kept() -> None:
    night = two_packs()
    search = Search(night, RunOptions())
    cost = search.offer(make.schedule(night.by_pack, {}, {"T#1": "P1"}), "a test")
    assert cost.lost_swaps == 15 + 100 and search.schedule is None
    search.offer(make.schedule(night.by_pack, {"P2": (40, 0, 0)}, {"T#1": "P1", "T#2": "P2"}), "a test")
    assert search.schedule is not None and search.schedule.packs_by_swap == {"T": ("P1", "P2")}
    assert search.cost.lost_swaps == 100


@pytest.mark.parametrize(("count", "packs"), [(0.9, {}), (1.0, {"T": ("P1", "P2")}), (1.4, {"T": ("P1", "P2")})])
def test_a_fraction_of_a_truck_is_rounded_to_all_or_none(count: float, packs: dict[str, tuple[str, ...]]) -> None:
    night = two_packs(swaps=[make.swap("T", 1, 0.1, packs=2)], packs=[make.pack("P1", 0.9), make.pack("P2", 0.9)])
    data = level_data(night, 1)
    bands = data.types["A"].bands.count
    solution = LevelSolution(data, {"A": np.full((3, bands), 2.0)}, np.array([count]))
    assert {name[0]: tuple(round_assignment(solution).values()) for name in round_assignment(solution)} == packs


@pytest.mark.parametrize("baseline", [uncontrolled_charging, cheapest_slots_first])
def test_plans_without_a_solver_serve_trucks_fully_or_not_at_all(baseline: object) -> None:
    served = 0
    for seed in SEEDS:
        night = truck_night(seed)
        plan = baseline(night)  # type: ignore[operator]
        assert check(night, plan) == [], f"seed {seed}"
        served += len(trucks(night) & set(plan.packs_by_swap))
    assert served >= 10
