"""A played day is a plan of its own night: the checker accepts it, and its cost is the bill's."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import builders as make
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from month_tiers import DRAWS, Draw, with_month_tiers
from uncertain.nights import uncertain_night
from uncertain.plans import some_plan, some_rule

from models.errors import InvalidData
from models.station.cost import cost_of
from models.station.demand.expected import ExpectedSwaps
from models.station.demand.pack_levels import PackLevels
from models.station.demand.rule import ControlRule
from models.station.drawn_days import draw_days
from models.station.instance import Night
from models.tolerances import is_same_money
from optimizer.check.rules import check
from optimizer.engine.baselines import baseline_cost, cheapest_slots_first, uncontrolled_charging
from optimizer.simulate.play import play
from optimizer.simulate.played_schedule import played_schedule

DAYS = 4


@given(seed=st.integers(0, 10**6), on_arrival=st.booleans())
@settings(max_examples=150)
def test_played_day_keeps_every_rule_and_is_billed_as_played(seed: int, on_arrival: bool) -> None:
    night = uncertain_night(seed)
    days = draw_days(night, DAYS, seed)
    if on_arrival:
        played = play(night, None, None, days, "on-arrival", keep_powers=True)
    else:
        played = play(night, some_plan(night, seed), some_rule(night, seed), days, keep_powers=True)
    for day in range(DAYS):
        own, schedule = played_schedule(played, days, day)
        assert check(own, schedule) == []
        cost = cost_of(own, schedule)
        for name, amount in asdict(played.costs.of_day(day)).items():
            assert is_same_money(amount, asdict(cost)[name]), name
        assert played.served[day] == schedule.swaps_served
        assert played.lost[day] == len(own.station.swaps) - schedule.swaps_served
        assert is_same_money(float(played.objective[day]), cost.objective)


def _as_expected(night: Night) -> Night:
    """Without forecasts: every day is the expected one."""
    swaps = tuple(replace(swap, forecast=None) for swap in night.station.swaps)
    return replace(night, station=replace(night.station, swaps=swaps, expected=()))


@given(seed=st.integers(0, 10**6))
@settings(max_examples=80)
def test_day_that_follows_the_plan_is_the_plan(seed: int) -> None:
    night = _as_expected(uncertain_night(seed))
    for plan in (uncontrolled_charging(night), cheapest_slots_first(night)):
        played = play(night, plan, None, draw_days(night, 2), keep_powers=True)
        cost = cost_of(night, plan)
        assert is_same_money(float(played.objective[0]), cost.objective)
        assert is_same_money(float(played.objective[1]), cost.objective)
        _, schedule = played_schedule(played, draw_days(night, 2), 1)
        planned = {row.pack: row.power_kw for row in plan.rows if any(row.power_kw)}
        assert {row.pack: row.power_kw for row in schedule.rows if any(row.power_kw)} == planned
        assert schedule.by_swap() == plan.by_swap()


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("draw", DRAWS)
def test_played_days_are_billed_by_hours_of_use_and_in_proportion(draw: Draw, seed: int) -> None:
    night = with_month_tiers(_as_expected(uncertain_night(seed)), draw, seed)
    plan = uncontrolled_charging(night)
    played = play(night, plan, None, draw_days(night, 2))
    assert is_same_money(float(played.costs.energy[1]), cost_of(night, plan).energy)


def test_day_whose_drivers_come_as_expected_is_the_plan_too() -> None:
    night = _night(scenarios=((0, 1, 0, 1),))
    plan = cheapest_slots_first(night)
    played = play(night, plan, None, draw_days(night, 3))
    assert played.objective == pytest.approx(cost_of(night, plan).objective)
    assert played.served.tolist() == [2, 2, 2]


def _night(scenarios: tuple[tuple[int, ...], ...], **changes: Any) -> Night:
    """Four hours; P1 full to 90, P2 at 50, P3 at 10 kWh; those who come bring 10 kWh, and two are planned for."""
    mean = tuple(sum(day[slot] for day in scenarios) / len(scenarios) for slot in range(4))
    expected = ExpectedSwaps("F", "A", mean, (0.1,), 100.0, scenarios=scenarios)
    swaps = [make.swap("F1", 1, forecast="F"), make.swap("F2", 3, forecast="F")]
    return make.night(4, swaps=swaps, expected=(expected,), **changes)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=60)
def test_on_arrival_is_the_baseline_where_no_limit_cuts_it(seed: int) -> None:
    """Nor a driver who must be served, or asks for a pack by name, which is free again here once the driver is gone."""
    night = _as_expected(uncertain_night(seed))
    chargers = replace(night.station.chargers, count=night.station.bays)
    wide = replace(night.station, grid_limit_kw=(10_000.0,) * night.horizon.slots, chargers=chargers)
    night = replace(
        night, station=replace(wide, swaps=tuple(replace(s, must_serve=False, pack=None) for s in wide.swaps))
    )
    played = play(night, None, None, draw_days(night, 1), "on-arrival")
    assert is_same_money(float(played.objective[0]), baseline_cost(night).objective)


def test_same_days_for_every_policy_and_the_same_result_twice() -> None:
    night = uncertain_night(3)
    few, many = (play(night, None, None, draw_days(night, n, 7), "on-arrival") for n in (3, 9))
    assert np.array_equal(few.objective, many.objective[:3])
    again = play(night, None, None, draw_days(night, 3, 7), "on-arrival")
    assert np.array_equal(few.load_kw, again.load_kw)


def test_emptiest_ready_pack_goes_first_and_levels_order_up() -> None:
    """P1 (90 kWh) is the only ready pack. One level of two packs: P2, nearest to ready, charges 30 kWh in slot 0 and is
    handed over in slot 1 before P1; what comes back is started then, for one ready pack is too few."""
    night = _night(scenarios=((0, 1, 0, 0),))
    rule = ControlRule((PackLevels("A", (2, 2, 2, 2), (2, 2, 2, 2)),))
    days = draw_days(night, 1)
    played = play(night, None, rule, days, keep_powers=True)
    _, schedule = played_schedule(played, days, 0)
    powers = {row.pack: row.power_kw for row in schedule.rows}
    assert schedule.by_swap() == {"F-1": "P2"}
    assert powers["P2"] == (30.0, 0.0, 0.0, 0.0)
    assert powers["return:F-1"] == (0.0, 40.0, 30.0, 0.0)
    assert powers["P3"] == (0.0, 0.0, 0.0, 0.0)


def test_a_level_counts_packs_at_full_power_only() -> None:
    """The plan has P2 (50 kWh) charge at 5 kW, as one of two ready or charging packs. A least of two asks for more."""
    night = _night(scenarios=((0, 0, 0, 0),))
    plan = make.planned(night, {}, {"P2": {0: 5.0, 1: 5.0}})
    days = draw_days(night, 1)

    def power_of_p2(least: int) -> float:
        rule = ControlRule((PackLevels("A", (least,) * 4, (3,) * 4),))
        played = play(night, plan, rule, days, keep_powers=True)
        _, schedule = played_schedule(played, days, 0)
        return next(row.power_kw[0] for row in schedule.rows if row.pack == "P2")

    assert (power_of_p2(1), power_of_p2(2)) == (5.0, 30.0)


def test_more_than_the_most_stops_the_emptiest() -> None:
    night = _night(scenarios=((0, 0, 0, 0),))
    plan = uncontrolled_charging(night)  # charges P2 and P3 in slot 0
    rule = ControlRule((PackLevels("A", (0, 0, 0, 0), (2, 2, 2, 2)),))
    played = play(night, plan, rule, draw_days(night, 1), keep_powers=True)
    assert played.power_kw is not None
    assert played.power_kw[0, 0].tolist() == [0.0, 40.0, 0.0]


def test_limit_cuts_the_emptiest_unless_few_are_ready() -> None:
    """40 kW from the grid are 32 kW into packs."""
    night = _night(scenarios=((0, 0, 0, 0),))
    calm, urgent = ControlRule(limit_kw=(40.0,) * 4), ControlRule(limit_kw=(40.0,) * 4, urgent_ready=(2, 0, 0, 0))
    plan = uncontrolled_charging(night)
    first = [play(night, plan, rule, draw_days(night, 1)).load_kw[0, 0] for rule in (calm, urgent)]
    assert first == pytest.approx([40.0, 100.0])


def test_reservation_keeps_its_pack() -> None:
    """The only ready pack is wanted by a driver in slot 2: the one in slot 1 goes without."""
    scenarios = ((0, 1, 0, 0),)
    expected = ExpectedSwaps("F", "A", (0.0, 1.0, 0.0, 0.0), (0.1,), 100.0, scenarios=scenarios)
    swaps = [make.swap("W", 2, pack="P1"), make.swap("F1", 1, forecast="F")]
    night = make.night(4, swaps=swaps, expected=(expected,))
    days = draw_days(night, 1)
    played = play(night, None, None, days, keep_powers=True)
    assert played_schedule(played, days, 0)[1].by_swap() == {"W": "P1"}


def test_plug_change_caps_are_refused() -> None:
    night = make.night(4, plug_changes_max=2)
    with pytest.raises(InvalidData, match="days cannot be played where plug changes are limited"):
        play(night, None, None, draw_days(night, 1))


def test_rule_of_another_night_is_refused() -> None:
    with pytest.raises(InvalidData, match="must have one value for each of the 4 slots"):
        play(make.night(4), None, ControlRule(limit_kw=(1.0,)), draw_days(make.night(4), 1))
