"""A ready reserve and rising wear in column generation: bounds below the optimum, tiny nights settled."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import builders as make
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import PATIENCE
from random_nights import random_night
from solved import optimum

from models.formulations.reference import build_reference
from models.station.instance import Night
from models.tolerances import money_tolerance
from optimizer.check.rules import check
from optimizer.engine import dispatch_powers
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.engine.branch_and_bound import BranchAndBound, _branches_on_column, _branches_on_readiness
from optimizer.engine.column_generation import ColumnGeneration
from optimizer.engine.column_pool import Duals
from optimizer.engine.dispatch import dispatch
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.engine.pricing import price_assignments
from optimizer.engine.search import Search

PLENTY = 400  # branchings
CONCAVE = (
    ((0.4, 0.9), (0.8, 0.5), (1.0, 0.1)),
    ((0.0, 0.3), (0.3, 1.2), (0.7, 0.9), (1.0, 0.2)),
)
WEAR = ((0.0, 0.0), (12.0, 0.4), (25.0, 2.5), (40.0, 9.0))


def reserve_night(seed: int) -> Night:
    """A random night with a reserve: types, own needs, wanted packs, no return, sun, peaks, wear, falling rates."""
    night, r = random_night(seed), random.Random(seed)
    station = night.station
    return replace(
        night,
        pack_types={k: replace(kind, acceptance=()) for k, kind in night.pack_types.items()},
        station=replace(
            station,
            chargers=replace(station.chargers, count=station.bays, min_kw=0.0, mode="continuous"),
            ready_reserve=(*(r.choice([0, 1, 1, 2]) for _ in range(night.horizon.slots - 1)), 1),
            reserve_cost=r.choice([0.5, 1.0, 5.0]),
            plug_changes_max=None,
            plug_change_cost=0.0,
        ),
    )


def worn_night(seed: int) -> Night:
    """The same at negative prices, with wear of several slopes and more worth of what stays."""
    night, r = reserve_night(seed), random.Random(seed)
    kinds = {
        k: replace(kind, wear=WEAR, end_value_per_kwh=r.choice([0.0, 0.4])) for k, kind in night.pack_types.items()
    }
    prices = tuple(r.choice([-0.5, -0.1, 0.1, 0.3]) for _ in range(night.horizon.slots))
    tariff = replace(night.station.tariff, energy_price_per_kwh=prices)
    return replace(night, pack_types=kinds, station=replace(night.station, tariff=tariff))


def curved_night(seed: int) -> Night:
    """A reserve night whose types have a concave curve each, rising first or not."""
    night, r = reserve_night(seed), random.Random(seed)
    most = night.station.chargers.max_kw
    kinds = {
        k: replace(kind, acceptance=tuple((soc, kw * most) for soc, kw in r.choice(CONCAVE)))
        for k, kind in night.pack_types.items()
    }
    return replace(night, pack_types=kinds)


def search_of(night: Night) -> Search:
    search = Search(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE))
    search.offer(uncontrolled_charging(night), "charge on arrival")
    return search


def margin(money: float) -> float:
    return 1e-6 * max(1.0, abs(money))


@pytest.mark.parametrize("make_night", [reserve_night, worn_night, curved_night])
@pytest.mark.parametrize("seeds", [range(first, first + 25) for first in range(0, 150, 25)], ids=str)
def test_tiny_nights_are_settled(make_night: Any, seeds: range) -> None:
    """Plan and bound are the reference model's optimum, without levels or that model."""
    for seed in seeds:
        night = make_night(seed)
        best, search = optimum(build_reference(night).model), search_of(night)
        BranchAndBound(search).run(PLENTY)
        assert search.schedule is not None
        assert check(night, search.schedule) == []
        assert search.objective == pytest.approx(best, abs=margin(best)), seed
        assert search.bound == pytest.approx(best, abs=5 * margin(best)), seed


NIGHTS = [(curved_night if seed % 4 == 0 else reserve_night)(seed) for seed in range(56)]
GENERATIONS = [ColumnGeneration(search_of(night)) for night in NIGHTS]
BEST = [optimum(build_reference(night).model) for night in NIGHTS]


def bound(which: int, node: Any, duals: Duals) -> float:
    generation = GENERATIONS[which]
    return price_assignments(generation.costs, generation.pool.master, node, duals).bound


@settings(deadline=None, max_examples=200)
@given(
    st.integers(0, len(NIGHTS) - 1), st.integers(0, 2**32 - 1), st.sampled_from([1e-3, 0.3, 10.0, 1e4]), st.booleans()
)
def test_any_duals_give_a_bound(which: int, seed: int, scale: float, around_tariff: bool) -> None:
    root, r = GENERATIONS[which].root(), np.random.default_rng(seed)
    duals = Duals(scale * r.standard_normal(len(root.duals.bill)) + root.duals.bill * around_tariff)
    assert bound(which, root, duals) <= BEST[which] + margin(BEST[which])


@settings(deadline=None, max_examples=200)
@given(st.integers(0, len(NIGHTS) - 1), st.integers(0, 2**32 - 1), st.booleans())
def test_two_branches_bound_the_night(which: int, seed: int, on_shortfall: bool) -> None:
    """Every plan is in one of them: a pack is ready in a slot or not; so many packs are short in a slot, or more."""
    generation, r = GENERATIONS[which], np.random.default_rng(seed)
    root, short = generation.root(), generation.pool.master.short
    if on_shortfall and len(short):
        branches = list(_branches_on_column(generation, root, int(r.choice(short)), 0.5))
    else:
        k = int(r.integers(len(generation.problems)))
        becoming = np.flatnonzero(np.nan_to_num(generation.problems[k].unready_kwh, posinf=0.0) > 0)
        if not len(becoming):
            return
        slot = int(r.integers(NIGHTS[which].horizon.slots))
        branches = list(_branches_on_readiness(generation, root, k, int(r.choice(becoming)), slot))
    duals = Duals(root.duals.bill + r.standard_normal(len(root.duals.bill)))
    assert len(branches) == 2
    assert min(bound(which, branch, duals) for branch in branches) <= BEST[which] + margin(BEST[which])


# By hand


def ready_night(**changes: Any) -> Night:
    """P1 lacks 30 of 80 kWh: 37.5 kWh from the grid in slot 1 at 0.1, or before at 0.3."""
    given = {
        "slots": 3,
        "types": [make.pack_type(end_value_per_kwh=0.0)],
        "packs": [make.pack("P1", 0.5)],
        "swaps": [make.swap("W1", 2, None)],
        "tariff": make.tariff([0.3, 0.1, 0.1]),
        "ready_reserve": (0, 1, 0),
        "reserve_cost": 6.0,
    }
    return make.night(**(given | changes))


def test_ready_in_time_where_the_reserve_is_worth_it() -> None:
    """Ready by slot 1 costs 37.5 · 0.3 instead of 37.5 · 0.1, a shortfall 6 or 8."""
    for reserve_cost, cost in ((6.0, 3.75 + 6), (8.0, 11.25)):
        plan = plan_station(ready_night(reserve_cost=reserve_cost), RunOptions(gap=0.0))
        assert plan.result.cost.objective == pytest.approx(cost, abs=1e-5)
        assert plan.result.bound == pytest.approx(cost, abs=1e-5)
        assert plan.result.method == "orders"


def test_a_reserve_counts_packs_of_all_types_each_by_its_own_need() -> None:
    """B is ready at 30 kWh, A at 80: of two packs that stay at 50 only B's is, and A's costs too much in slot 0."""
    kinds = [make.pack_type(end_value_per_kwh=0.0), make.pack_type(id="B", swap_soc=0.3, end_value_per_kwh=0.0)]
    night = ready_night(
        types=kinds, packs=[make.pack("P1", 0.5), make.pack("P2", 0.5, "B")], swaps=[], ready_reserve=(0, 2, 2)
    )
    plan = plan_station(night, RunOptions(gap=0.0))
    assert plan.result.cost.reserve == pytest.approx(6.0)  # in slot 1; ready by slot 2 costs 3.75
    assert plan.result.bound == pytest.approx(9.75, abs=1e-5)


def test_dispatch_keeps_the_deadlines_that_pay() -> None:
    night = ready_night(reserve_cost=8.0)
    search = search_of(night)
    found = dispatch(search, {"W1": "P1"}, "test", {"P1": (1,)})
    assert found is not None
    assert found.objective == pytest.approx(11.25, abs=1e-5)
    assert found.schedule.reserve_shortfall == ()
    none = dispatch(search, {"W1": "P1"}, "test", {})
    assert none is not None
    assert none.objective == pytest.approx(3.75 + 8, abs=1e-5)


def test_readiness_that_nobody_asked_for_counts() -> None:
    """Slot 0 is the cheapest anyway; what then is ready is not declared short."""
    night = ready_night(tariff=make.tariff([0.1, 0.3, 0.3]))
    found = dispatch(search_of(night), {"W1": "P1"}, "test", {})
    assert found is not None
    assert found.schedule.reserve_shortfall == ()
    assert found.objective == pytest.approx(3.75, abs=1e-5)


def test_exact_powers_beside_a_reserve_are_no_dearer_than_those_of_a_dive() -> None:
    """Nor cheaper than the relaxation, in which packs are ready in part; some are cheaper than the dive's."""
    cheaper = 0
    for seed in range(60):
        night = reserve_night(seed).by_pack
        search = Search(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE))
        slots = range(night.horizon.slots)
        deadlines = {pack.id: tuple(slots) for pack in night.station.packs}
        dived, exact = (dispatch(search, {}, "orders", deadlines, exactly=way) for way in (False, True))
        assert dived is not None and exact is not None
        tolerance = money_tolerance(dived.objective)
        assert exact.relaxed - tolerance <= exact.objective <= dived.objective + tolerance, seed
        cheaper += exact.objective < dived.objective - tolerance
    assert cheaper


def test_without_time_for_a_mip_exact_powers_are_those_of_the_dive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatch_powers, "EXACT_SECONDS", 0.0)
    for seed in range(20):
        night = reserve_night(seed).by_pack
        search = Search(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE))
        deadlines = {pack.id: tuple(range(night.horizon.slots)) for pack in night.station.packs}
        dived, exact = (dispatch(search, {}, "orders", deadlines, exactly=way) for way in (False, True))
        assert dived is not None and exact is not None
        assert exact.objective == pytest.approx(dived.objective), seed
