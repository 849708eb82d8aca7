"""On/off chargers, all on-slots together: plans that keep every rule, most of them optimal."""

from __future__ import annotations

import json
import math
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from patience import PATIENCE
from random_nights import random_night

from models.formulations.arc_flow.flow import build_arc_flow
from models.formulations.matrix import column_sums
from models.formulations.patterns.packs import pattern_packs
from models.formulations.patterns.slot_choice import ChargingWindow, slot_choice
from models.station.instance import Night
from models.tolerances import is_refuted
from optimizer.bench.library.families import family_instance
from optimizer.check.rules import check
from optimizer.engine import arc_flow
from optimizer.engine.baselines import cheapest_slots_first, uncontrolled_charging
from optimizer.engine.highs import solve
from optimizer.engine.options import RunOptions
from optimizer.engine.patterns.plan_whole_slots import METHOD, can_plan_whole_slots, plan_whole_slots
from optimizer.engine.patterns.whole_slots import whole_slots_night
from optimizer.engine.plan_station import plan_station
from optimizer.engine.search import Search
from optimizer.formats.read_instance import parse_instance

SEEDS = range(150)


def switched_night(seed: int) -> Night:
    """A tiny random night with on/off chargers, needs alike, and nothing else that plans in whole slots leave out."""
    night, r = random_night(seed), random.Random(f"whole slots of {seed}")
    kinds = {name: replace(kind, acceptance=(), acceptance_at_c=()) for name, kind in night.pack_types.items()}
    chargers = replace(night.station.chargers, mode="on_off", count=r.randint(1, night.station.bays))
    station = replace(
        night.station,
        chargers=chargers,
        plug_changes_max=None,
        plug_change_cost=0.0,
        ready_reserve=(0,) * night.horizon.slots,
        swaps=tuple(replace(swap, swap_soc=None, pack=None) for swap in night.station.swaps),
    )
    return replace(night, station=station, pack_types=kinds)


def drawn(family: str, size: str) -> Night:
    (night,) = parse_instance(json.dumps(family_instance(family, size, 1)).encode(), "drawn", Path()).nights
    return night


@pytest.fixture(scope="module")
def planned() -> dict[int, tuple[Search, float]]:
    """By seed: a search that holds a plan in whole slots or charging on arrival, and the optimum by arc flow."""
    found = {}
    for seed in SEEDS:
        night = switched_night(seed)
        if not can_plan_whole_slots(night):
            continue
        search = Search(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE))
        search.offer(uncontrolled_charging(night), "charge on arrival")
        plan_whole_slots(search)  # raises where model and bill differ
        found[seed] = search, solve(build_arc_flow(search.night).matrix).objective
    return found


def test_plans_keep_every_rule_and_are_none_too_cheap(planned: dict[int, tuple[Search, float]]) -> None:
    assert len(planned) > len(SEEDS) / 2
    for seed, (search, best) in planned.items():
        assert search.schedule is not None
        assert check(search.asked, search.schedule) == [], seed
        assert not is_refuted(best, search.objective), seed


def test_most_plans_are_the_best_there_are(planned: dict[int, tuple[Search, float]]) -> None:
    close = [search.objective - best <= 0.01 * abs(search.cost.gross_cost) for search, best in planned.values()]
    assert np.mean(close) >= 0.75


def test_every_pack_waits_for_what_is_left_of_the_grid() -> None:
    night = drawn("on-off", "m")
    plain = whole_slots_night(night, night.station.chargers.max_kw)
    each_kw = night.station.chargers.max_kw / night.station.chargers.efficiency
    room_kw = np.array(plain.station.grid_limit_kw) - np.array(plain.station.base_load_kw)
    assert np.allclose(room_kw / each_kw, np.rint(room_kw / each_kw))
    assert plain.station.chargers.mode == "continuous"
    assert not plain.station.needs_switches


def test_a_night_of_many_packs_is_planned_nearly_as_well_as_can_be() -> None:
    """Cheapest slots first, moved, is 9 % above the optimum; dives in charging patterns find nothing at all."""
    night = drawn("on-off", "m")
    search = Search(night, RunOptions(gap=0.005, time_limit_seconds=PATIENCE))
    simple = search.offer(cheapest_slots_first(night), "cheapest slots first")
    plan_whole_slots(search)
    assert search.method == METHOD
    assert search.objective < 0.85 * simple.objective
    assert search.objective <= 1037.0  # the optimum is 1026.4
    assert search.schedule is not None
    assert check(night, search.schedule) == []


@pytest.mark.parametrize("is_small", [True, False])
def test_the_engine_uses_them_where_arc_flow_is_not_soon_exact(is_small: bool, monkeypatch: Any) -> None:
    monkeypatch.setattr(arc_flow, "SOON_EXACT_COLUMNS", math.inf if is_small else 0)
    plan = plan_station(drawn("on-off", "s"), RunOptions(gap=0.005, time_limit_seconds=PATIENCE))
    assert any(line.endswith(f"by {METHOD}") for line in plan.log) != is_small
    assert plan.result.proves(0.005)


@pytest.mark.parametrize("leaves", [True, False])
def test_last_slots_come_last(leaves: bool) -> None:
    """Cheap slots first, then dear ones: the partial slot still is the last, though it would save more elsewhere."""
    night = switched_night(next(seed for seed in SEEDS if can_plan_whole_slots(switched_night(seed))))
    packs = pattern_packs(night)
    windows = [[ChargingWindow(night.horizon.slots, 2, 0.25, True, leaves)] * len(one.packs) for one in packs]
    most = np.full(night.horizon.slots, night.station.chargers.count)
    choice = slot_choice(night, packs, night.station.chargers.max_kw, windows, most)
    row_low = choice.matrix.row_low.copy()
    row_low[choice.leaving] = 0.0
    answer = solve(replace(choice.matrix, row_low=row_low))
    assert (len(choice.leaving) > 0) == leaves
    if answer.point is None:
        return
    on = answer.point[choice.on] > 0.5
    for k, r in {*zip(choice.type.tolist(), choice.row.tolist(), strict=True)}:
        mine = on & (choice.type == k) & (choice.row == r)
        whole, last = choice.slot[mine & ~choice.is_last], choice.slot[mine & choice.is_last]
        assert len(last) <= 1
        assert not len(last) or (len(whole) == 1 and whole[0] < last[0])


def test_column_sums() -> None:
    matrix = build_arc_flow(switched_night(1)).matrix
    dual = np.arange(float(len(matrix.row_low)))
    dense = np.zeros(matrix.shape)
    owner = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.starts))
    dense[matrix.rows, owner] = matrix.values
    assert np.allclose(column_sums(matrix, dual), dual @ dense)
