"""Branch and bound: what its tree proves is true, and all there is to prove where pricing leaves no rule out."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import builders as make
import numpy as np
import pytest
from paths import DATA
from patience import PATIENCE
from random_nights import random_night
from solved import optimum

from models.formulations.reference import build_reference
from models.station.instance import Night
from optimizer.check.rules import check
from optimizer.engine import column_generation
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.engine.branch_and_bound import PACE, BranchAndBound, _branches, keeps_pace
from optimizer.engine.column_generation import ColumnGeneration, SolvedNode
from optimizer.engine.column_pool import Node
from optimizer.engine.dispatch import dispatch
from optimizer.engine.options import Effort, RunOptions
from optimizer.engine.plan_station import BRANCHINGS, plan_station
from optimizer.engine.search import Search
from optimizer.formats.read_instance import read_instance

PLENTY = 400  # branchings
FREE = make.pack_type(end_value_per_kwh=0.0)


def search_of(night: Night, effort: Effort = "full") -> Search:
    """A search with a first plan, as the engine begins."""
    search = Search(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE, effort=effort))
    search.offer(uncontrolled_charging(night), "charge on arrival")
    return search


def searched(night: Night, branchings: int = PLENTY) -> Search:
    search = search_of(night)
    BranchAndBound(search).run(branchings)
    assert search.schedule is not None
    assert check(night, search.schedule) == []
    return search


def margin(money: float) -> float:
    return 1e-6 * max(1.0, abs(money))


def assert_settled(night: Night, best: float, message: str = "") -> None:
    """The plan found is the best there is, and proven to be."""
    search = searched(night)
    assert search.objective == pytest.approx(best, abs=margin(best)), message
    assert search.bound == pytest.approx(best, abs=5 * margin(best)), message


# Nights whose root has a gap: packs would be handed over by halves


def peak_night(**changes: Any) -> Night:
    """P1 lacks 40 kWh for W1, 50 kW from the grid; a peak so far of 25 kW pays for half of it, more costs 9 a kW."""
    settings: dict[str, Any] = {
        "slots": 2,
        "types": [FREE],
        "packs": [make.pack("P1", 0.4)],
        "swaps": [make.swap("W1", 1, None)],
        "tariff": make.tariff(0.0, demand_charges=(make.demand(rate_per_kw=9.0, metering_minutes=60),)),
        "peak_so_far_kw": {"peak": 25.0},
    }
    return make.night(**(settings | changes))


HALF_A_PEAK = peak_night()

# 75 kW in slot 0 are 60 kWh: for one pack and a half. No third pack comes in time.
HALF_THE_GRID = make.night(
    slots=2,
    types=[FREE],
    packs=[make.pack("P1", 0.4), make.pack("P2", 0.4)],
    swaps=[make.swap("W1", 1, lost_cost=20), make.swap("W2", 1, lost_cost=30)],
    grid_limit_kw=75,
)

# P1 lacks 20 kWh for W1 and nothing for W2; the grid gives 12 an hour: 0.6 of W1, 0.4 of W2. W1 would bring a full
# pack. But W1 is out of reach; to serve W2 costs 20 and leaves no pack, to lose both 40 − 0.3 · 80 + 20 / 0.8 · 0.1.
HALF_A_RETURN = make.night(
    slots=2,
    types=[make.pack_type(target_soc=0.8, end_value_per_kwh=0.3)],
    packs=[make.pack("P1", 0.6)],
    swaps=[make.swap("W1", 1, 0.8, lost_cost=20), make.swap("W2", 1, None, lost_cost=20, swap_soc=0.6)],
    grid_limit_kw=15,
)

# 32 kWh an hour for six drivers who leave with 80 each.
OVERLOADED = make.night(
    slots=6,
    types=[FREE],
    packs=[make.pack("P1", 0.4), make.pack("P2", 0.2)],
    swaps=[make.swap(f"W{n}", slot, 0.1 * n, lost_cost=20 + n) for n, slot in enumerate((1, 2, 3, 4, 5, 5), start=1)],
    grid_limit_kw=40,
    tariff=make.tariff(0.0),
)

GAPS = {
    "half a peak": (HALF_A_PEAK, 100.0),
    "half the grid": (HALF_THE_GRID, 20 + 40 / 0.8 * 0.1),
    "half a return": (HALF_A_RETURN, 18.5),
    "overloaded": (OVERLOADED, None),
}


@pytest.mark.parametrize("name", GAPS)
def test_gap_at_the_root_is_closed_by_branching(name: str) -> None:
    night, by_hand = GAPS[name]
    best = optimum(build_reference(night).model)
    if by_hand is not None:
        assert best == pytest.approx(by_hand)
    assert searched(night, branchings=0).bound < best - 0.1
    assert_settled(night, best)


@pytest.mark.parametrize("peak_kw", [0.0, 10.0, 25.0, 49.0, 50.0, 60.0])
def test_serving_pays_from_some_peak_so_far(peak_kw: float) -> None:
    """Serving costs 9 a kW above the peak so far, losing the swap 100."""
    assert_settled(peak_night(peak_so_far_kw={"peak": peak_kw}), min(100.0, 9 * max(0.0, 50 - peak_kw)))


# Random nights


def plain_night(seed: int) -> Night:
    """A random night without what pricing leaves out."""
    night = random_night(seed)
    station, kinds = night.station, night.pack_types.values()
    return replace(
        night,
        pack_types={kind.id: replace(kind, acceptance=()) for kind in kinds},
        station=replace(
            station,
            chargers=replace(station.chargers, count=station.bays, min_kw=0.0, mode="continuous"),
            ready_reserve=(0,) * night.horizon.slots,
            plug_changes_max=None,
            plug_change_cost=0.0,
        ),
    )


def tight_night(seed: int) -> Night:
    """Up to 4 packs and 6 swaps, many in one slot, with needs of their own, on little power or beside a dear peak."""
    r = random.Random(seed)
    slots, bays, max_kw = r.randint(2, 6), r.randint(1, 4), r.choice([20.0, 40.0, 50.0])
    kinds = [
        make.pack_type(
            id=name, target_soc=r.choice([0.8, 1.0]), swap_soc=0.7, end_value_per_kwh=r.choice([0.0, 0.3, -0.1])
        )
        for name in r.choice(["A", "A", "AB"])
    ]
    packs = [make.pack(f"P{n}", r.choice([0.1, 0.3, 0.5, 0.6, 0.75]), r.choice(kinds).id) for n in range(bays)]
    swaps = [
        make.swap(
            f"W{n}",
            r.choice([r.randrange(slots), slots - 1, 1]),
            r.choice([None, 0.1, 0.1, 0.3, 0.5, 0.8]),
            type=r.choice(kinds).id,
            lost_cost=r.choice([0.0, 5.0, 20.0, 100.0]),
            swap_soc=r.choice([None, None, 0.4, 0.6, 0.8]),
        )
        for n in range(r.randint(1, 6))
    ]
    demands = (make.demand(rate_per_kw=r.choice([0.5, 2.0, 10.0]), metering_minutes=60),)
    return make.night(
        slots,
        types=kinds,
        bays=bays,
        packs=packs,
        swaps=swaps,
        chargers=make.chargers(count=bays, max_kw=max_kw),
        grid_limit_kw=r.choice([200.0, 0.7 * max_kw, 1.3 * max_kw, 0.5 * bays * max_kw]),
        tariff=make.tariff([r.choice([0.1, 0.2, 0.3, -0.05]) for _ in range(slots)], demand_charges=demands),
        peak_so_far_kw={"peak": r.choice([0.0, 10.0, 25.0])},
        turnaround_slots=r.choice([0, 0, 1]),
    )


def test_bound_and_plan_are_on_their_sides_of_the_optimum() -> None:
    """On nights of all features: what pricing leaves out only lowers the bound.

    tests/proofs holds the same of whole searches on many more nights, with fewer branchings.
    """
    for seed in range(12):
        night = random_night(seed)
        best, search = optimum(build_reference(night).model), searched(night, branchings=30)
        assert search.bound <= best + margin(best), f"seed {seed}"
        assert search.objective >= best - margin(best), f"seed {seed}"


@pytest.mark.parametrize("make_night", [plain_night, tight_night])
@pytest.mark.parametrize("seeds", [range(first, first + 20) for first in range(0, 60, 20)], ids=str)
def test_nights_without_what_orders_leave_out_are_settled(make_night: Any, seeds: range) -> None:
    for seed in seeds:
        night = make_night(seed)
        assert_settled(night, optimum(build_reference(night).model), f"seed {seed}")


# In each a branch kept its whole solution, so that its tree never ended, or a solution fractional by 1 % was
# taken for integer.
@pytest.mark.parametrize("seed", [1392, 1460, 1664, 3614])
def test_nights_that_once_stayed_open(seed: int) -> None:
    night = plain_night(seed)
    assert_settled(night, optimum(build_reference(night).model))


# How a node is branched on


@pytest.mark.parametrize("seed", range(30))
def test_branches_cover_the_node_and_are_disjoint(seed: int) -> None:
    """Each pair of a node is in one of its two branches, every fractional solution is cut off from both."""
    search = search_of(tight_night(seed))
    generation = ColumnGeneration(search)
    solved = generation.solve_node(generation.root(), first=True)
    for _ in range(10):
        if solved.solution is None or not (branches := list(_branches(generation, solved))):
            break
        one, other = branches
        assert_branched(generation, solved, one, other)
        below = [generation.solve_node(branch) for branch in branches]
        solved = below[0] if below[0].solution is not None else below[1]


def assert_branched(generation: ColumnGeneration, solved: SolvedNode, one: Node, other: Node) -> None:
    node, solution = solved.node, solved.solution
    assert solution is not None
    assert one.bound == other.bound == node.bound
    if one.lost == node.lost:
        differ = [np.flatnonzero((a != b).any(axis=1)) for a, b in zip(one.allowed, other.allowed, strict=True)]
        ((k, rows),) = [(k, rows) for k, rows in enumerate(differ) if len(rows)]
        (r,) = rows.tolist()
        assert not (one.allowed[k][r] & other.allowed[k][r]).any()
        assert np.array_equal(one.allowed[k] | other.allowed[k], node.allowed[k])
        for part in (one, other):
            assert solution.shares[k][r] @ part.allowed[k][r] < 1 - 1e-6
    else:
        ((slot, (low, high)),) = one.lost.items() - node.lost.items()
        more, most = other.lost[slot]
        shares = zip(solution.shares, generation.problems, strict=True)
        count = sum(float(share[problem.lost][problem.due <= slot].sum()) for share, problem in shares)
        assert (low, most) == node.lost.get(slot, (-np.inf, np.inf))
        assert more == high + 1
        assert high < count < more


# Limits

DEEP_SEED = 112  # of a tight night that takes a dozen branchings


def counted_work(monkeypatch: pytest.MonkeyPatch) -> list[Node]:
    """The nodes that are solved from now on."""
    nodes, work = [], ColumnGeneration.solve_node

    def counting(generation: ColumnGeneration, node: Node, **how: bool) -> SolvedNode:
        nodes.append(node)
        return work(generation, node, **how)

    monkeypatch.setattr(ColumnGeneration, "solve_node", counting)
    return nodes


@pytest.mark.parametrize("branchings", [0, 1, 5])
def test_no_more_branchings_than_asked_for(branchings: int, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = counted_work(monkeypatch)
    tree = BranchAndBound(search_of(tight_night(DEEP_SEED)))
    tree.run(branchings)
    assert len(nodes) == 1 + 2 * branchings
    assert tree.open
    tree.run(1)  # goes on where it stood
    assert len(nodes) == 3 + 2 * branchings


def test_bound_rises_with_branching() -> None:
    bounds = [searched(tight_night(DEEP_SEED), branchings).bound for branchings in (0, 2, PLENTY)]
    assert bounds == sorted(bounds)
    assert bounds[0] < bounds[-1]


def test_no_branching_once_the_gap_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = counted_work(monkeypatch)
    search = Search(OVERLOADED, RunOptions(gap=9.0))
    search.offer(uncontrolled_charging(OVERLOADED), "charge on arrival")
    BranchAndBound(search).run(PLENTY)
    assert len(nodes) == 1


@pytest.mark.parametrize(("effort", "branchings", "most"), [("deep", 20, 13), ("deep", 200, 51), ("full", 200, PACE)])
def test_what_stalls_is_given_up(effort: Any, branchings: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree whose branches are no better than their parent: a quarter of all branchings, or a dozen, and no more. In
    a network's second pass a dozen."""
    search, tried = search_of(HALF_A_PEAK, effort), []

    def branch(tree: BranchAndBound, solved: SolvedNode) -> None:
        tried.append(solved)
        tree._push(solved)

    monkeypatch.setattr(BranchAndBound, "_branch", branch)
    BranchAndBound(search).run(branchings)
    assert len(tried) == most


def test_a_pace_is_kept_that_closes_the_gap_with_the_branchings_left() -> None:
    steady = [10.0 - 0.1 * n for n in range(PACE + 3)]  # now at 8.6, and 0.1 a branching
    assert keeps_pace(steady, 86, 0.0) and not keeps_pace(steady, 80, 0.0)
    assert keeps_pace(steady, 80, 1.0)  # some gap is allowed
    assert keeps_pace(steady[:PACE], 1, 0.0)  # too early to tell
    stalled = [20.0, *steady, *[8.6] * PACE]  # what was closed before the last dozen does not count
    assert not keeps_pace(stalled, 1000, 0.0)


def test_no_time_proves_nothing_and_breaks_nothing() -> None:
    search = Search(OVERLOADED, RunOptions(time_limit_seconds=0.0))
    cost = search.offer(uncontrolled_charging(OVERLOADED), "charge on arrival")
    tree = BranchAndBound(search)
    tree.run(PLENTY)
    assert search.cost == cost
    assert search.bound <= optimum(build_reference(OVERLOADED).model)


@pytest.mark.parametrize("effort", ["quick", "full"])
def test_effort_says_how_many_branchings(effort: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(BranchAndBound, "run", lambda tree, branchings: asked.append(branchings))
    plan_station(OVERLOADED, RunOptions(gap=0.0, effort=effort))
    assert asked == [BRANCHINGS[effort]]
    assert BRANCHINGS["quick"] < BRANCHINGS["full"]


def test_what_bounds_give_away_is_not_searched_for() -> None:
    """Power is free and scarce, the gross cost 0: bounds lie below the best plan by the energy that plans may miss."""
    swaps = [make.swap(f"W{n}", n, 0.1 * n) for n in (1, 2, 3)]
    kind = make.pack_type(end_value_per_kwh=0.3)
    search = search_of(make.night(types=[kind], swaps=swaps, tariff=make.tariff(0.0), grid_limit_kw=60))
    tree = BranchAndBound(search)
    tree.run(4)
    assert (search.cost.gross_cost, tree.open) == (0.0, [])
    assert 0 < search.objective - search.bound < 1e-5


@pytest.mark.parametrize(
    ("changes", "at_once"),
    [({}, True), ({"plug_changes_max": 2}, False)],
    ids=["plain", "plug changes"],
)
def test_plans_that_take_binaries_wait_for_the_bound(
    changes: dict[str, Any], at_once: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere assignments are tried as plans on the way; here the first one could take all the time there is."""
    bounds: list[float] = []

    def noted(search: Search, *of_what: Any) -> Any:
        bounds.append(search.bound)
        return dispatch(search, *of_what)

    monkeypatch.setattr(column_generation, "dispatch", noted)
    search = searched(replace(OVERLOADED, station=replace(OVERLOADED.station, **changes)), branchings=0)
    assert bounds and (min(bounds) < search.bound) == at_once


@pytest.mark.parametrize("packs", [[], [make.pack("P1", 0.5)]])
def test_nights_with_next_to_nothing(packs: list[Any]) -> None:
    night = make.night(types=[FREE], packs=packs, base_load_kw=10)
    assert_settled(night, 4.0)
    assert_settled(make.night(types=[FREE], packs=packs, swaps=[make.swap("W1", 0)]), 100.0)


def test_a_flat_low_load_is_priced_until_it_is_settled() -> None:
    """Peaks of a few kW need many patterns: forty rounds left a gap of 60 % with nothing to part."""
    (night,) = read_instance(DATA / "flat-low-load.json").nights
    plan = plan_station(night, RunOptions(gap=1e-4, time_limit_seconds=PATIENCE))
    assert plan.result.status == "gap_reached" and plan.result.gap is not None
    assert plan.result.cost.objective == pytest.approx(33.03617, abs=1e-3)
