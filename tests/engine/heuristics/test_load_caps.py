"""Load caps: simple plans that know a demand charge. They obey every rule and are never dearer than the baselines."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import builders as make
import pytest
from random_nights import random_night

from models.station.cost import cost_of, drawn_power_kw
from models.station.instance import Night
from optimizer.check.rules import check
from optimizer.engine.baselines import cheapest_slots_first, uncontrolled_charging
from optimizer.engine.heuristics import load_caps
from optimizer.engine.heuristics.load_caps import (
    best_simple_plan,
    capped_limit_kw,
    plans_of_whole_chargers,
    simple_plan,
)

MODES: dict[str, Any] = {
    "on/off": make.chargers(count=8, max_kw=60, mode="on_off", efficiency=0.95),
    "least power": make.chargers(count=8, max_kw=60, min_kw=20, efficiency=0.95),
    "few chargers": make.chargers(count=3, max_kw=60, efficiency=0.95),
}


def charged_night(days: int, chargers: Any, limit_kw: float, rate_per_kw: float = 6) -> Night:
    """Eight packs, a driver every five quarters by day, prices of 0.1 by night and 0.3 by day, a demand charge."""
    slots = range(96 * days)
    return make.night(
        on=make.horizon(len(slots), 15),
        bays=8,
        types=[make.pack_type(target_soc=0.9, swap_soc=0.9)],
        chargers=chargers,
        packs=[make.pack(f"P{n}", 0.5) for n in range(8)],
        swaps=[make.swap(f"W{t}", t, 0.25, lost_cost=50) for t in slots if t % 96 >= 30 and t % 5 == 0],
        grid_limit_kw=limit_kw,
        tariff=make.tariff(
            [0.1 if t % 96 < 28 else 0.3 for t in slots], demand_charges=(make.demand(rate_per_kw=rate_per_kw),)
        ),
    )


def cheaper_baseline(night: Night) -> float:
    return min(cost_of(night, rule(night)).objective for rule in (uncontrolled_charging, cheapest_slots_first))


def metered_night(seed: int) -> Night:
    """A tiny night of any feature, with two demand charges, one of them in a window."""
    night, r = random_night(seed), random.Random(seed)
    demands = (
        make.demand(rate_per_kw=r.choice([0.3, 2.0])),
        make.demand(name="busy hours", rate_per_kw=r.choice([0.5, 3.0]), windows=(make.window("02:00", "04:00"),)),
    )
    station = replace(night.station, tariff=replace(night.station.tariff, demand_charges=demands), peak_so_far_kw={})
    return replace(night, station=replace(station, lookback_peak_kw={}))


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_the_plan_obeys_every_rule_and_is_never_dearer_than_a_baseline(first: int) -> None:
    better = 0
    for seed in range(first, first + 50):
        for night in (random_night(seed), metered_night(seed)):
            found = best_simple_plan(night)
            assert check(night, found.schedule) == [], seed
            assert found.cost == cost_of(night, found.schedule)
            assert found.cost.objective <= cheaper_baseline(night)
            better += found.cost.objective < cheaper_baseline(night) - 1e-3
    assert better >= 10


@pytest.mark.parametrize("days", [1, 3])
@pytest.mark.parametrize("mode", MODES)
def test_a_higher_grid_limit_never_makes_the_plan_dearer(mode: str, days: int) -> None:
    found = {kw: best_simple_plan(charged_night(days, MODES[mode], kw)).cost for kw in (300.0, 190.0, 127.0)}
    assert found[300.0].objective <= found[190.0].objective <= found[127.0].objective
    assert found[300.0].lost_swaps == 0
    blind = cheapest_slots_first(charged_night(days, MODES[mode], 300.0))
    assert found[300.0].objective < 0.8 * cost_of(charged_night(days, MODES[mode], 300.0), blind).objective


def test_where_drivers_are_worth_little_the_cap_is_what_is_billed_anyway() -> None:
    night = charged_night(1, MODES["on/off"], 300.0, rate_per_kw=60)
    night = replace(night, station=replace(night.station, peak_so_far_kw={"peak": 65.0}))
    found = best_simple_plan(night)
    assert found.cost.demand == 0.0 and found.method == "cheapest slots first, load capped"


def test_without_time_a_few_caps_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    night, caps = charged_night(1, MODES["on/off"], 300.0), []
    limit_kw = load_caps.capped_limit_kw
    monkeypatch.setattr(load_caps, "capped_limit_kw", lambda night, cap: caps.append(cap) or limit_kw(night, cap))
    found = best_simple_plan(night, lambda: True)
    assert 1 <= len(caps) <= load_caps.ALWAYS_TRIED and caps[0] == {0: 0.0}  # what is billed anyway comes first
    assert found.cost.objective < 0.6 * cheaper_baseline(night)


def test_a_coarse_ladder_is_between_the_baseline_and_the_whole_ladder() -> None:
    night = charged_night(1, MODES["least power"], 300.0)
    coarse, whole = best_simple_plan(night, is_coarse=True), best_simple_plan(night)
    assert whole.cost.objective <= coarse.cost.objective < 0.5 * cheaper_baseline(night)


def test_a_cap_holds_in_the_window_of_its_charge_and_not_below_the_base_load() -> None:
    night = make.night(
        slots=4,
        base_load_kw=(10, 90, 10, 10),
        solar_kw=(0, 0, 0, 20),
        grid_limit_kw=(100, 100, 30, 100),
        tariff=make.tariff(0.2, demand_charges=(make.demand(windows=(make.window("01:00"),)),)),
    )
    assert capped_limit_kw(night, {0: 50.0}) == [100, 90, 30, 50]
    assert capped_limit_kw(night, {}) == [100, 100, 30, 100]


def test_caps_of_whole_chargers_are_rounded_down_and_up() -> None:
    night = charged_night(1, MODES["least power"], 300.0)
    each_kw = 60 / 0.95
    between = simple_plan(night, "cheapest slots first", [1.4 * each_kw] * 96)
    peaks = [max(drawn_power_kw(night, p.schedule)) for p in plans_of_whole_chargers(night, between)]
    assert peaks == pytest.approx([each_kw, 2 * each_kw])
    free = replace(night, station=replace(night.station, tariff=make.tariff(0.1)))
    assert list(plans_of_whole_chargers(free, between)) == []
