"""The checker: a good plan passes, each way of breaking a rule is reported word for word, garbage never raises."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Any

import broken_plans
import builders as make
import pytest
from broken_plans import Broken, good_night, good_plan, powered
from hypothesis import given
from hypothesis import strategies as st

from models.station.instance import Night
from models.station.schedule import HandOver, PackRow, Schedule
from models.tolerances import ENERGY_KWH, IDLE_KW, POWER_KW, TRICKLE_KWH
from optimizer.check.presence import is_number
from optimizer.check.rules import RULES, Violation, check


def test_good_plan_breaks_no_rule() -> None:
    assert check(good_night(), good_plan()) == []


@pytest.mark.parametrize("case", broken_plans.TABLE, ids=lambda case: case.name)
def test_broken_plan_is_told_word_for_word(case: Broken) -> None:
    assert check(case.night, case.plan) == case.violations


@pytest.mark.parametrize("case", broken_plans.TABLE, ids=lambda case: case.name)
def test_broken_plan_breaks_one_rule_only(case: Broken) -> None:
    assert len({violation.rule for violation in check(case.night, case.plan)}) == 1


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_broken_in_several_ways(rule: str) -> None:
    ways = {case.name for case in broken_plans.TABLE if case.violations[0].rule == rule}
    assert len(ways) >= 3


def test_names_of_broken_plans_are_unique() -> None:
    names = [case.name for case in broken_plans.TABLE]
    assert len(names) == len(set(names))


def test_no_other_rules_are_told() -> None:
    reported = {violation.rule for case in broken_plans.TABLE for violation in check(case.night, case.plan)}
    assert reported == set(RULES)


def test_two_defects_are_told_in_the_order_of_the_rules() -> None:
    plan = make.with_row(powered("P1", 0, 10, 0, 0, 0, 0), "P3", bay=0)
    assert check(good_night(), plan) == [
        Violation("balance", "pack P1, slot 1", 10, 0),
        Violation("bays", "pack P3", 0, 2),
    ]


# What is allowed, though it looks odd


def test_pack_without_a_row_stays_in_its_bay() -> None:
    night = make.night(swaps=[make.swap("W1", 2)], ready_reserve=(1, 1, 0, 0), reserve_cost=1)
    assert check(night, Schedule("S", (), (HandOver("W1", "P1"),))) == []


def test_doing_nothing_is_a_plan() -> None:
    assert check(make.night(swaps=[make.swap()]), Schedule("S", (), ())) == []


def test_pack_that_arrives_above_target_may_keep_its_energy() -> None:
    night = make.night(packs=[make.pack("P1", 0.95)], swaps=[make.swap("W1", 3)])
    assert check(night, make.schedule(night, {}, {"W1": "P1"})) == []


def test_returned_pack_may_be_handed_over_one_slot_later_and_go_on_so() -> None:
    swaps = [make.swap("W1", 0, 0.9), make.swap("W2", 1, 0.9), make.swap("W3", 2, 0.9)]
    night = make.night(swaps=swaps)
    served = {"W1": "P1", "W2": "return:W1", "W3": "return:W2"}
    plan = make.schedule(night, {}, served)
    assert [row.bay for row in plan.rows if row.pack.startswith("return")] == [0, 0, 0]
    assert check(night, plan) == []


def test_order_of_hand_overs_does_not_matter() -> None:
    assert check(good_night(), good_plan(hand_overs=good_plan().hand_overs[::-1])) == []


def test_returned_pack_may_charge_at_once_without_turnaround() -> None:
    night = make.night(swaps=[make.swap("W1", 1)])
    assert check(night, make.schedule(night, {"return:W1": (0, 40, 40, 0)}, {"W1": "P1"})) == []


def test_reserve_counts_packs_just_returned_and_in_turnaround() -> None:
    night = make.night(swaps=[make.swap("W1", 1, 0.8)], ready_reserve=1, reserve_cost=1, turnaround_slots=3)
    assert check(night, make.schedule(night, {}, {"W1": "P1"})) == []


def test_reserve_counts_all_types_each_by_its_own_energy() -> None:
    small = make.pack_type(id="B", capacity_kwh=50)
    packs = [make.pack("P1", 0.8), make.pack("P2", 0.8, "B"), make.pack("P3", 0.79)]
    night = make.night(types=[make.pack_type(), small], packs=packs, ready_reserve=2, reserve_cost=1)
    assert check(night, make.schedule(night)) == []


def test_more_shortfall_than_needed_may_be_declared() -> None:
    assert check(good_night(), good_plan(reserve_shortfall=(0, 9, 0, 0, 1, 0))) == []


def test_on_off_asks_for_the_most_and_not_for_min_kw() -> None:
    chargers = make.chargers(mode="on_off", min_kw=30)
    night = make.night(chargers=chargers, types=[broken_plans.TYPE_A], packs=[make.pack("P1", 0.6)])
    assert check(night, make.schedule(night, {"P1": (0, 25, 5, 0)})) == []  # 60 → 85, where 25 kW is the most, → 90


def test_on_off_may_stop_at_target() -> None:
    night = make.night(chargers=make.chargers(mode="on_off"))
    assert check(night, make.schedule(night, {"P2": (0, 40, 0, 0), "P3": (40, 40, 0, 0)})) == []


def test_sun_may_be_left_unused() -> None:
    assert check(make.night(solar_kw=50), make.schedule(make.night())) == []


# Tolerances: a hair within passes, a hair beyond is reported


@pytest.mark.parametrize(("beyond", "reported"), [(0.9, []), (1.1, ["power"])])
def test_power_tolerance(beyond: float, reported: list[str]) -> None:
    night = make.night()
    assert _rules(night, make.schedule(night, {"P3": (40 + beyond * POWER_KW, 0, 0, 0)})) == reported


@pytest.mark.parametrize(("beyond", "reported"), [(0.9, []), (1.1, ["balance"])])
def test_target_tolerance(beyond: float, reported: list[str]) -> None:
    night = make.night()
    assert _rules(night, make.schedule(night, {"P2": (20, 20 + beyond * ENERGY_KWH, 0, 0)})) == reported


@pytest.mark.parametrize(("short", "reported"), [(0.9, []), (1.1, ["hand_over"])])
def test_hand_over_tolerance(short: float, reported: list[str]) -> None:
    night = make.night(swaps=[make.swap("W1", 2)])
    powers = {"P2": (20, 10 - short * ENERGY_KWH, 0, 0)}
    assert _rules(night, make.schedule(night, powers, {"W1": "P2"})) == reported


@pytest.mark.parametrize(("beyond", "reported"), [(0.9, []), (1.1, ["grid"])])
def test_grid_tolerance(beyond: float, reported: list[str]) -> None:
    night = make.night(chargers=make.chargers(efficiency=1), grid_limit_kw=10)
    assert _rules(night, make.schedule(night, {"P2": (10 + beyond * POWER_KW, 0, 0, 0)})) == reported


def _rules(night: Night, plan: Schedule) -> list[str]:
    return [violation.rule for violation in check(night, plan)]


# Exactly at the tolerance is within it

CANNOT_HOLD = make.pack_type(target_soc=0, swap_soc=0)  # what such a pack gains is by how much it passes its target
JUST_SHORT_OF_TARGET_KW = 90 - ENERGY_KWH - 80
JUST_SHORT_OF_READY_KW = 80 - ENERGY_KWH - 50
MIN_30 = make.chargers(min_kw=30)
ONE = make.chargers(count=1)


@pytest.mark.parametrize(
    ("powers", "changes"),
    [
        pytest.param({"P3": (40 + POWER_KW, 0, 0, 0)}, {}, id="charger"),
        pytest.param({"P2": (-IDLE_KW, 0, 0, 0)}, {"base_load_kw": 1}, id="negative"),
        pytest.param({"P1": (ENERGY_KWH, 0, 0, 0)}, {"types": [CANNOT_HOLD], "packs": [make.pack(soc=0)]}, id="target"),
        pytest.param(
            {"P1": (JUST_SHORT_OF_TARGET_KW, 0, 0, 0)}, {"packs": [make.pack(soc=0.8)], "chargers": MIN_30}, id="full"
        ),
        pytest.param({"P2": (30 - POWER_KW, 0, 0, 0)}, {"chargers": MIN_30}, id="min_kw"),
        pytest.param({"P2": (IDLE_KW, 0, 0, 0)}, {"chargers": MIN_30}, id="rounding below min_kw"),
        pytest.param({"P2": (IDLE_KW, 0, 0, 0), "P3": (40, 0, 0, 0)}, {"chargers": ONE}, id="rounding on no charger"),
        pytest.param({"P2": (0, IDLE_KW, 0, 0)}, {"plug_changes_max": 0}, id="rounding is no plug change"),
        pytest.param(
            {"P2": (10 + POWER_KW, 0, 0, 0)}, {"chargers": make.chargers(efficiency=1), "grid_limit_kw": 10}, id="grid"
        ),
        pytest.param(
            {"P2": (JUST_SHORT_OF_READY_KW, 0, 0, 0)},
            {"packs": [make.pack("P2", 0.5)], "ready_reserve": (0, 1, 1, 1), "reserve_cost": 1},
            id="reserve",
        ),
    ],
)
def test_exactly_at_the_tolerance(powers: dict[str, tuple[float, ...]], changes: dict[str, Any]) -> None:
    night = make.night(**changes)
    assert check(night, make.schedule(night, powers)) == []


def test_hand_over_exactly_at_the_tolerance() -> None:
    night = make.night(swaps=[make.swap("W1", 2)])
    assert check(night, make.schedule(night, {"P2": (JUST_SHORT_OF_READY_KW, 0, 0, 0)}, {"W1": "P2"})) == []


@pytest.mark.parametrize("power_kw", [-IDLE_KW, IDLE_KW / 2, IDLE_KW])
def test_power_within_the_tolerance_where_no_pack_is(power_kw: float) -> None:
    assert check(good_night(), powered("P1", 0, 0, power_kw, 0, 0, 0)) == []


@pytest.mark.parametrize(("there_kw", "used_kw"), [(10, -POWER_KW), (10, 10 + POWER_KW), (POWER_KW, POWER_KW)])
def test_solar_exactly_at_the_tolerance(there_kw: float, used_kw: float) -> None:
    night = make.night(solar_kw=there_kw, base_load_kw=10 if there_kw == 10 else 0)
    assert check(night, make.schedule(night, solar_used_kw=(used_kw, 0, 0, 0))) == []


def test_more_solar_than_a_weak_sun_gives() -> None:
    night = make.night(solar_kw=0.25, base_load_kw=10)
    found = check(night, make.schedule(night, solar_used_kw=(0.5, 0, 0, 0)))
    assert found == [Violation("grid", "solar used, slot 0", 0.5, 0.25)]


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({}, []),
        ({"chargers": MIN_30}, ["min_power"]),
        ({"chargers": make.chargers(mode="on_off")}, ["min_power"]),
        ({"chargers": ONE}, ["chargers"]),
        ({"plug_change_cost": 1.0}, ["min_power"]),
        ({"plug_change_cost": 1.0, "chargers": MIN_30}, ["min_power"]),
    ],
)
def test_a_trickle_evades_no_charger_rule(changes: dict[str, Any], rules: list[str]) -> None:
    """Were it no charging, packs on no charger could all take it, slot after slot."""
    night = make.night(**changes)
    assert _rules(night, make.schedule(night, {"P2": (2 * IDLE_KW, 0, 0, 0), "P3": (40, 0, 0, 0)})) == rules


@pytest.mark.parametrize(("share", "rules"), [(1.0, ["min_power"]), (1.001, [])])
def test_least_power_where_plug_changes_count(share: float, rules: list[str]) -> None:
    night = make.night(plug_changes_max=1)
    assert _rules(night, make.schedule(night, {"P3": (40, share * TRICKLE_KWH, 0, 0)})) == rules


@pytest.mark.parametrize("grid_limit_kw", [10, 9])
def test_station_without_packs_draws_its_base_load(grid_limit_kw: float) -> None:
    """Above the limit, too: it is there whatever a plan says."""
    night = make.night(packs=[], base_load_kw=10, grid_limit_kw=grid_limit_kw)
    assert check(night, make.schedule(night)) == []


LARGEST = sys.float_info.max


@pytest.mark.parametrize("value", [LARGEST, -LARGEST, 0, 10**300])
def test_is_a_number(value: float) -> None:
    assert is_number(value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 10**400, -(10**400)])
def test_is_not_a_number(value: float) -> None:
    assert not is_number(value)


# Garbage

IDS = st.sampled_from(["P1", "P2", "P3", "P9", "W1", "W2", "W3", "return:W1", "return:W2", "return:W3", "return:", ""])
NUMBERS: st.SearchStrategy[Any] = st.one_of(
    st.floats(), st.integers(), st.sampled_from([0, 10, 40, 1e308, -1e308, 10**400, -(10**400), 10**5000])
)
SERIES = st.one_of(st.just(()), st.lists(NUMBERS, max_size=9), st.lists(NUMBERS, min_size=6, max_size=6)).map(tuple)
ROWS = st.builds(PackRow, IDS, st.one_of(st.integers(-2, 5), NUMBERS), SERIES)
PLANS = st.builds(
    Schedule,
    st.sampled_from(["S", "X"]),
    st.lists(ROWS, max_size=8).map(tuple),
    st.lists(st.builds(HandOver, IDS, IDS), max_size=8).map(tuple),
    SERIES,
    SERIES,
)
NIGHTS = st.sampled_from(
    [
        good_night(),
        good_night(plug_changes_max=None, turnaround_slots=9),
        good_night(chargers=make.chargers(mode="on_off"), plug_changes_max=0),
        make.night(1, swaps=[make.swap("W1", 0), make.swap("W2", 0)]),
    ]
)


@given(NIGHTS, PLANS)
def test_garbage_never_raises_and_is_told_in_json(night: Night, plan: Schedule) -> None:
    _sound(check(night, plan))


@given(st.data())
def test_good_plan_with_some_garbage_never_raises(data: st.DataObject) -> None:
    garbage = data.draw(PLANS)
    names = data.draw(st.sets(st.sampled_from([field.name for field in dataclasses.fields(Schedule)])))
    mixed = dataclasses.replace(good_plan(), **{name: getattr(garbage, name) for name in names})
    _sound(check(data.draw(NIGHTS), mixed))


def _sound(violations: list[Violation]) -> None:
    for violation in violations:
        assert violation.rule in RULES
        json.dumps(dataclasses.asdict(violation), allow_nan=False)
