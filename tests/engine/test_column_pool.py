"""The column pool: each pattern is in it once, nodes and counts hold for all, a plan in it costs what it costs."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import builders as make
import numpy as np
import pytest
from random_nights import random_night

from models.formulations.assignment.charging_costs import Charges
from models.station.cost import cost_of
from models.station.instance import Night
from models.station.schedule import Schedule
from models.station.stays import Stay, stays_of
from optimizer.check.rules import check
from optimizer.engine.baselines import cheapest_slots_first, uncontrolled_charging
from optimizer.engine.column_generation import ColumnGeneration
from optimizer.engine.column_pool import ColumnPool, Duals, MasterSolution, Node
from optimizer.engine.options import RunOptions
from optimizer.engine.search import Search

FREE = make.pack_type(end_value_per_kwh=0.0)
NOTHING = Charges(np.array([], dtype=np.int64), np.array([], dtype=np.int64), np.array([]))


def one_pack_night(**changes: Any) -> Night:
    """P1 at 80 serves W1 or W2, or stays; losing W1 costs 20, W2 30. What they bring is too empty to serve."""
    settings: dict[str, Any] = {
        "slots": 3,
        "types": [FREE],
        "packs": [make.pack("P1", 0.8)],
        "swaps": [make.swap("W1", 1, lost_cost=20), make.swap("W2", 2, lost_cost=30)],
    }
    return make.night(**(settings | changes))


P1, R1, R2 = range(3)  # rows
W1, W2, STAYS = range(3)  # columns


def pool_of(night: Night) -> tuple[ColumnPool, Node]:
    """An empty pool and the root node."""
    generation = ColumnGeneration(Search(night, RunOptions()))
    return generation.pool, generation.root()


def add(pool: ColumnPool, *pairs: tuple[int, int], charges: Charges = NOTHING) -> int:
    """Add patterns of the first type. Returns how many were new."""
    rows, columns = np.array(pairs, dtype=np.int64).T
    return pool.add(0, rows, columns, charges)


def charges(*some: tuple[int, int, float]) -> Charges:
    """From (edge, slot, kWh)."""
    edge, slot, kwh = (np.array(part) for part in zip(*some, strict=True))
    return Charges(edge, slot, kwh)


def master_solution(pool: ColumnPool) -> MasterSolution:
    solution = pool.solve(60.0)
    assert solution is not None
    return solution


def everything(pool: ColumnPool) -> None:
    """All pairs of the one-pack night, none of which charges."""
    add(pool, (P1, W1), (P1, W2), (P1, STAYS), (R1, W1), (R1, STAYS), (R2, W2), (R2, STAYS))


# Patterns


def test_same_pattern_is_added_once() -> None:
    pool, _ = pool_of(one_pack_night())
    assert add(pool, (P1, W1), (R1, W1)) == 2
    assert add(pool, (P1, W2), (P1, W1), (R1, W1)) == 1
    assert add(pool, (P1, W2)) == 0
    assert add(pool, (P1, W2), (P1, W2), charges=charges((0, 0, 5.0), (1, 1, 5.0))) == 2  # other slots
    assert add(pool, (P1, W2), charges=charges((0, 0, 5.0 + 1e-8))) == 0  # the same but for rounding
    assert add(pool, (P1, W2), charges=charges((0, 0, 5.1))) == 1
    assert add(pool, (P1, W1), charges=charges((0, 0, 5.0))) == 1  # another swap


def test_staying_is_one_column_whatever_its_number() -> None:
    pool, _ = pool_of(one_pack_night())
    assert add(pool, (P1, STAYS)) == 1
    assert add(pool, (P1, STAYS + 1), (P1, STAYS + 2)) == 0


def test_charges_go_to_the_pattern_that_is_new() -> None:
    """Of three patterns the middle one is known; 8 kWh of the last cost 8 / 0.8 · 0.1, 4 of the first half of that."""
    pool, _ = pool_of(one_pack_night())
    add(pool, (R1, STAYS), (R2, W2))
    add(pool, (P1, W1), (R2, W2), (R1, STAYS), charges=charges((0, 0, 4.0), (2, 2, 8.0)))
    assert master_solution(pool).objective == pytest.approx(30 + 0.5)
    pool, _ = pool_of(one_pack_night())
    add(pool, (R2, W2))
    add(pool, (P1, W1), (R2, W2), (R1, STAYS), charges=charges((0, 0, 4.0), (2, 2, 8.0)))
    assert master_solution(pool).objective == pytest.approx(30 + 0.5 + 1.0)


# Mixtures


def test_mixture_takes_the_cheapest_order() -> None:
    pool, _ = pool_of(one_pack_night())
    everything(pool)
    solution = master_solution(pool)
    assert solution.objective == pytest.approx(20)
    assert solution.shares[0] == pytest.approx(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 1]]))


def test_what_no_pattern_does_is_left_out_at_a_price() -> None:
    """R2 has no pattern: it stands in for the row, but not for less than any night could cost."""
    pool, _ = pool_of(one_pack_night())
    add(pool, (P1, W2), (R1, W1))
    solution = master_solution(pool)
    assert solution.objective > 10 * 30
    assert solution.shares[0].sum() == pytest.approx(2)
    add(pool, (R2, STAYS))
    assert master_solution(pool).objective == pytest.approx(20)


def test_mixture_by_halves() -> None:
    """A peak so far of 25 kW lets 20 kWh an hour in for nothing; P1 could serve W1 with 40 of them: half of it does."""
    night = one_pack_night(
        packs=[make.pack("P1", 0.4)],
        swaps=[make.swap("W1", 1, lost_cost=20)],
        tariff=make.tariff(0.0, demand_charges=(make.demand(rate_per_kw=9.0, metering_minutes=60),)),
        peak_so_far_kw={"peak": 25.0},
    )
    pool, _ = pool_of(night)
    add(pool, (0, 0), (0, 1), (1, 0), (1, 1), charges=charges((0, 0, 40.0)))
    solution = master_solution(pool)
    assert solution.objective == pytest.approx(10)
    assert solution.shares[0] == pytest.approx(np.full((2, 2), 0.5))


def test_no_time_no_mixture() -> None:
    pool, _ = pool_of(one_pack_night())
    everything(pool)
    assert pool.solve(0.0) is None


# Parts


def part(node: Node, *forbidden: tuple[int, int], lost: dict[int, tuple[float, float]] | None = None) -> Node:
    allowed = node.allowed[0].copy()
    for pair in forbidden:
        allowed[pair] = False
    return replace(node, allowed=(allowed,), lost=lost or {})


def test_part_keeps_to_its_pairs_also_of_patterns_added_later() -> None:
    pool, root = pool_of(one_pack_night())
    everything(pool)
    pool.enter(part(root, (P1, W2)))
    assert master_solution(pool).objective == pytest.approx(30)
    add(pool, (P1, W2), charges=charges((0, 0, 1.0)))
    assert master_solution(pool).objective == pytest.approx(30)
    pool.enter(root)
    assert master_solution(pool).objective == pytest.approx(20)


def test_counts_hold_also_for_patterns_added_later() -> None:
    pool, root = pool_of(one_pack_night())
    add(pool, (P1, W1), (P1, W2), (P1, STAYS), (R1, W1), (R1, STAYS))
    pool.count_lost(2)
    pool.enter(part(root, lost={2: (2, math.inf)}))
    assert master_solution(pool).objective > 800  # W2 cannot be lost yet: dearer than any plan
    add(pool, (R2, W2), (R2, STAYS))
    solution = master_solution(pool)
    assert solution.objective == pytest.approx(50)
    assert solution.duals.counts[2] >= 30


def test_counts_are_of_swaps_up_to_their_slot() -> None:
    pool, root = pool_of(one_pack_night())
    everything(pool)
    pool.count_lost(1)
    pool.enter(part(root, lost={1: (-math.inf, 0)}))
    solution = master_solution(pool)
    assert solution.objective == pytest.approx(30)
    assert solution.duals.counts[1] <= -10


def test_counts_of_one_part_are_free_in_the_next() -> None:
    pool, root = pool_of(one_pack_night())
    everything(pool)
    pool.count_lost(2)
    pool.count_lost(2)
    pool.enter(part(root, lost={2: (2, math.inf)}))
    assert master_solution(pool).objective == pytest.approx(50)
    pool.enter(root)
    solution = master_solution(pool)
    assert (solution.objective, solution.duals.counts) == (pytest.approx(20), {2: 0.0})


def test_duals_of_are_those_of_the_bill() -> None:
    night = one_pack_night(base_load_kw=10, tariff=make.tariff([0.1, 0.3, 0.2]))
    pool, _ = pool_of(night)
    everything(pool)
    duals = master_solution(pool).duals
    assert isinstance(duals, Duals)
    assert duals.bill == pytest.approx([0.1, 0.3, 0.2])


# Plans


def offered(pool: ColumnPool, night: Night, plan: Schedule) -> list[Stay]:
    """Put a plan into the pool."""
    by_swap = {handed.swap: handed.pack for handed in plan.hand_overs}
    stays = stays_of(night, by_swap)
    power = {row.pack: row.power_kw for row in plan.rows}
    pool.add_plan(stays, np.array([power[stay.pack] for stay in stays]), night.horizon.slot_hours)
    return stays


def test_pool_with_one_plan_costs_what_the_plan_costs() -> None:
    """Two types, a swap that returns nothing, one that is lost, one that a returned pack serves; sun, peak, wear."""
    kinds = [
        make.pack_type(wear=((0, 0), (40, 2)), end_value_per_kwh=0.2),
        make.pack_type(id="B", capacity_kwh=50, swap_soc=0.5),
    ]
    packs = [make.pack("P1", 0.9), make.pack("P2", 0.5), make.pack("P3", 0.8, "B")]
    swaps = [
        make.swap("W1", 1, 0.7),
        make.swap("W2", 2, None, type="B"),
        make.swap("W3", 3),
        make.swap("W4", 3, swap_soc=0.9),
        make.swap("W5", 3, type="B"),
    ]
    night = make.night(
        types=kinds,
        packs=packs,
        swaps=swaps,
        chargers=make.chargers(count=3),
        tariff=make.tariff([0.1, 0.3, -0.1, 0.2], demand_charges=(make.demand(metering_minutes=60),)),
        peak_so_far_kw={"peak": 15.0},
        base_load_kw=5,
        solar_kw=(0, 20, 0, 40),
    )
    powers = {"P2": (20, 15, 0, 5), "return:W1": (0, 0, 20, 0), "return:W3": (0, 0, 0, 40), "P3": (4, 0, 0, 0)}
    solar = (0, 20, 0, 40)
    plan = make.schedule(night, powers, {"W1": "P1", "W2": "P3", "W3": "return:W1"}, solar)
    assert check(night, plan) == []
    pool, root = pool_of(night)
    offered(pool, night, plan)
    solution = master_solution(pool)
    assert solution.objective == pytest.approx(cost_of(night, plan).objective, abs=1e-6)
    pool.enter(root)
    assert master_solution(pool).objective == pytest.approx(solution.objective)
    for shares, problem in zip(solution.shares, pool.problems, strict=True):
        assert shares.sum(axis=1) == pytest.approx(np.ones(len(problem.packs)))  # nothing is left out
        assert set(np.unique(shares.round(9))) <= {0.0, 1.0}
    assert pool.problems[0].hand_overs(*np.nonzero(solution.shares[0])) == {"W1": "P1", "W3": "return:W1"}
    assert pool.problems[1].hand_overs(*np.nonzero(solution.shares[1])) == {"W2": "P3"}


@pytest.mark.parametrize("seed", [seed for seed in range(120) if not any(random_night(seed).station.solar_kw)][:60])
def test_pool_with_a_plan_never_costs_more_than_it(seed: int) -> None:
    """It costs less by what the pool leaves out: plug changes, where rates fall."""
    night = random_night(seed)
    for plan in (uncontrolled_charging(night), cheapest_slots_first(night)):
        pool, root = pool_of(night)
        offered(pool, night, plan)
        pool.enter(root)
        solution, cost = master_solution(pool), cost_of(night, plan)
        assert solution.objective <= cost.objective + 1e-5
        is_hull = len(pool.master.begun) > 0  # of a rate that falls
        if not is_hull:
            assert solution.objective == pytest.approx(cost.objective - cost.plug_changes, abs=1e-5)


def test_plan_of_nobody_adds_nothing() -> None:
    night = make.night(packs=[], swaps=[make.swap("W1", 1)])
    pool, _ = pool_of(night)
    pool.add_plan([], np.zeros((0, night.horizon.slots)), 1.0)
    assert master_solution(pool).objective > 1000


def test_dear_wear_and_a_negative_end_value_do_not_make_leaving_out_cheaper() -> None:
    """Losing W1 costs 1; 80 kWh at 900 of wear cost more than anything else, and must still be served in the pool."""
    kind = make.pack_type(wear=((0, 0), (40, 36_000)), end_value_per_kwh=-500.0)
    night = one_pack_night(types=[kind], swaps=[make.swap("W1", 2, None, lost_cost=1.0)], packs=[make.pack("P1", 0.1)])
    pool, _ = pool_of(night)
    plan = make.schedule(night, {"P1": (40, 40, 0)}, {"W1": "P1"})
    offered(pool, night, plan)
    assert master_solution(pool).objective == pytest.approx(cost_of(night, plan).objective)


# What waits


def test_what_is_added_later_waits_until_it_is_asked_for() -> None:
    """The linear programme is not even built before; then it is that of patterns added at once."""
    pool, root = pool_of(one_pack_night())
    pairs = np.array([(P1, W1), (R1, STAYS), (R2, W2)], dtype=np.int64)
    pool.add_later(0, pairs[:, 0], pairs[:, 1], NOTHING)
    stays = stays_of(one_pack_night(), {"W2": "P1"})
    pool.add_plan(stays, np.zeros((len(stays), 3)), 1.0)
    assert "_lp" not in vars(pool)
    pool.enter(root)
    at_once, other_root = pool_of(one_pack_night())
    add(at_once, *((int(row), int(column)) for row, column in pairs))
    at_once.add_plan(stays, np.zeros((len(stays), 3)), 1.0)
    at_once.enter(other_root)
    assert len(pool) == len(at_once) > len(pairs)
    assert pool._pairs == at_once._pairs
    assert master_solution(pool).objective == master_solution(at_once).objective == pytest.approx(20.0)


@pytest.mark.parametrize("ask", ["len", "add", "count_lost", "solve"])
def test_whoever_asks_finds_what_waited(ask: str) -> None:
    pool, root = pool_of(one_pack_night())
    pool.enter(root)
    pool.add_later(0, np.array([P1]), np.array([W1]), NOTHING)
    if ask == "len":
        assert len(pool) == 1
    elif ask == "add":
        assert add(pool, (P1, W1)) == 0  # it is known by then
    elif ask == "count_lost":
        pool.count_lost(2)
    else:
        pool.solve(60.0)
    assert pool._pairs == [(0, P1, W1)]
