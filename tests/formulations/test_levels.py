"""The level formulation: exact where packs are alike, below the optimum elsewhere, tighter as bands get finer."""

from __future__ import annotations

import builders as make
import pyomo.environ as pyo
import pytest
from random_nights import random_night
from solved import optimum, solved
from tiny_optima import EXPECTED, TINY

from models.formulations.levels.arrays import level_arrays
from models.formulations.levels.data import level_data
from models.formulations.levels.pyomo_model import Integrality, build_levels
from models.formulations.matrix import relaxed
from models.station.instance import Night
from optimizer.engine.highs import solve
from optimizer.formats.read_instance import read_instance

LOOSE = {
    "wanted-pack": 0.0,  # any full pack will do: nothing need be charged
    "on-off-partial-last-slot": 8.0,  # at free power: 20 · 0.20 + 40 · 0.10
    "min-power": 6.0,  # at free power: 40 · 0.10 + 10 · 0.20
    "fewer-chargers-than-packs": 6.0,  # the one charger seen as 60 kW shared by two packs: 60 · 0.10
    "plug-change-cost": 4.0,  # changes cost nothing: 20 · 0.05 + 20 · 0.10 + …, see plug-change-cost.json
    "truck": 60.0,  # without all or none: 40 · 0.50, the car and half of the truck served, 40 lost
    "bay-without-charger": 20.0,  # every pack may charge: 50 · 0.20 + 50 · 0.20
}


def tiny(stem: str) -> Night:
    (night,) = read_instance(TINY / f"{stem}.json").nights
    return night


def bound(night: Night, resolution: int = 4, integrality: Integrality = Integrality.NONE) -> float:
    return optimum(build_levels(night, resolution, integrality).model)


@pytest.mark.parametrize("stem", sorted(EXPECTED))
def test_bound_of_tiny_instances(stem: str) -> None:
    assert bound(tiny(stem)) == pytest.approx(LOOSE.get(stem, EXPECTED[stem]["objective"]), abs=1e-6)


@pytest.mark.parametrize("stem", sorted(EXPECTED))
@pytest.mark.parametrize("resolution", [1, 2, 8])
def test_no_resolution_bounds_above_the_optimum(stem: str, resolution: int) -> None:
    assert bound(tiny(stem), resolution) <= EXPECTED[stem]["objective"] + 1e-6


def test_whole_swaps_tighten_the_bound() -> None:
    """One full pack for two drivers: half a pack and 100 lost, whichever way; 45 kWh into P2 by slot 1 do not do."""
    night = make.night(slots=2, packs=[make.pack("P1", 0.45), make.pack("P2", 0.9)], grid_limit_kw=20,
                       swaps=[make.swap("W1", 1, lost_cost=100), make.swap("W2", 1, lost_cost=60)])  # fmt: skip
    assert bound(night, 1, Integrality.NONE) <= bound(night, 1, Integrality.SWAPS)


@pytest.mark.parametrize("resolution", [1, 2])
def test_integrality_only_ever_raises_the_bound(resolution: int) -> None:
    higher = 0
    for seed in range(40):
        matrix = level_arrays(level_data(random_night(seed), resolution)).matrix
        free, whole = (solve(one).objective for one in (relaxed(matrix), matrix))
        assert free <= whole + 1e-6, f"seed {seed}"
        higher += free < whole - 1e-4
    assert higher > 0


def test_whole_packs_make_whole_counts() -> None:
    levels = build_levels(random_night(5), 2, Integrality.ALL)
    assert solved(levels.model).stopped == "optimal"
    counts = [pyo.value(levels.model.H[index]) for index in levels.model.H]
    assert counts == pytest.approx([round(count) for count in counts], abs=1e-6)


def test_only_swaps_are_whole_where_only_swaps_are_asked_for() -> None:
    m = build_levels(random_night(5), 1, Integrality.SWAPS).model
    assert all(m.served[j].is_integer() for j in m.served)
    assert not any(m.H[index].is_integer() for index in m.H)
    whole = [v for v in build_levels(random_night(5)).model.component_data_objects(pyo.Var) if v.is_integer()]
    assert {v.parent_component().name for v in whole} <= {"begun"}  # where a rate falls


def test_packs_alike_are_counted_exactly() -> None:
    """Ten packs at 10 kWh and ten drivers: each needs 70 kWh, 87.50 from the grid, in the cheapest of two prices."""
    night = make.night(
        slots=4,
        bays=10,
        types=[make.pack_type(end_value_per_kwh=0.0)],
        packs=[make.pack(f"P{n}", 0.1) for n in range(10)],
        swaps=[make.swap(f"W{n}", 3) for n in range(10)],
        chargers=make.chargers(count=10),
        grid_limit_kw=1000,
        tariff=make.tariff([0.1, 0.3, 0.2, 0.0]),
    )
    for resolution in (1, 2, 3):
        assert bound(night, resolution) == pytest.approx(10 * (40 * 0.1 + 30 * 0.2) / 0.8)


def test_size_does_not_grow_with_packs_alike() -> None:
    def size(packs: int) -> int:
        alike = [make.pack(f"P{n}", 0.1) for n in range(packs)]
        swaps = [make.swap(f"W{n}", 3) for n in range(packs)]
        chargers = make.chargers(count=packs)
        night = make.night(bays=packs, packs=alike, swaps=swaps, chargers=chargers)
        return len(list(build_levels(night).model.component_data_objects(pyo.Var)))

    assert size(30) == size(3)


def test_pack_that_is_ready_may_leave_during_its_turnaround() -> None:
    night = make.night(packs=[make.pack("P1", 0.9)], swaps=[make.swap("W1", 0, 0.9), make.swap("W2", 1)],
                       turnaround_slots=3)  # fmt: skip
    assert bound(night) < 50  # no swap is lost


def test_pack_in_turnaround_is_worth_what_it_holds_at_the_end() -> None:
    night = make.night(slots=2, types=[make.pack_type(end_value_per_kwh=1.0)], packs=[make.pack("P1", 0.9)],
                       swaps=[make.swap("W1", 1, 0.3)], turnaround_slots=5)  # fmt: skip
    assert bound(night) == pytest.approx(-30)


def test_infeasible_for_no_night() -> None:
    for seed in range(200, 240):
        assert solved(build_levels(random_night(seed), 3).model).stopped == "optimal", f"seed {seed}"
