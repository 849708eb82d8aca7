"""Stations, packs, swaps and nights: what they work out, and every defect they refuse, word for word."""

from __future__ import annotations

import math
import pickle
from typing import Any

import builders as make
import pytest

from models.errors import InvalidData, Problem, refuse
from models.rules import number_in
from models.station.instance import Chargers, Instance, Pack, Swap, returned_pack_id

Refusal = tuple[str, object, str, str]


def test_default_night_is_accepted() -> None:
    assert make.night().station.packs[0] == make.pack("P1", 0.9)


def test_returned_pack_id() -> None:
    assert returned_pack_id("W1") == "return:W1"


def test_needed_energy_is_the_swaps_own_or_the_types() -> None:
    night = make.night(types=[make.pack_type(capacity_kwh=50)])
    assert night.needed_kwh(make.swap()) == 40
    assert night.needed_kwh(make.swap(swap_soc=0.5)) == 25
    assert night.needed_kwh(make.swap(swap_soc=0.0)) == 0


def test_energy_of_a_slot_at_full_power() -> None:
    assert make.night(on=make.horizon(4, 15)).reach_full_kwh == 10


def test_end_value_of_the_type_itself_or_the_cheapest_price() -> None:
    night = make.night(tariff=make.tariff([0.4, 0.2, 0.3, 0.4]))
    assert night.end_value_per_kwh(make.pack_type()) == 0.25
    assert night.end_value_per_kwh(make.pack_type(end_value_per_kwh=0.0)) == 0


def test_default_end_value_is_never_below_0_but_one_that_is_given_may_be() -> None:
    night = make.night(tariff=make.tariff([0.4, -0.3, 0.3, 0.4]))
    assert night.end_value_per_kwh(make.pack_type()) == 0
    assert night.end_value_per_kwh(make.pack_type(end_value_per_kwh=-0.1)) == -0.1


def test_base_load_fits_with_all_the_sun() -> None:
    night = make.night(base_load_kw=(9, 12, 13, 9), solar_kw=(0, 2, 2, 0), grid_limit_kw=10)
    assert night.overloaded_slots() == [2]
    assert not night.base_load_fits()
    assert night.can_be_planned()
    assert make.night().base_load_fits()
    assert not make.night(base_load_kw=12, solar_kw=1, grid_limit_kw=10).can_be_planned()


def test_instance_holds_its_nights() -> None:
    assert make.instance().nights == (make.night(),)


# Parts that check themselves

NAN = ("must be a finite number", "write a number; NaN and infinity cannot be planned")
SHARE = ("must be between 0 and 1", "a state of charge is a share of the capacity, from 0 (empty) to 1 (full)")
PERCENT = ("must be between 0 and 1", "a state of charge is a share of the capacity: write 0.8 for 80 %")
CORRECT = "correct the value"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"count": 0}, ("count", 0, "must be at least 1", CORRECT)),
        ({"max_kw": 0}, ("max_kw", 0, "must be greater than 0", CORRECT)),
        ({"max_kw": math.inf}, ("max_kw", math.inf, *NAN)),
        ({"min_kw": -1}, ("min_kw", -1, "must be at least 0", CORRECT)),
        ({"min_kw": 41}, ("min_kw", 41, "must not be above max_kw (40)", "lower one of the two")),
        ({"efficiency": 0}, ("efficiency", 0, "must be greater than 0 and at most 1", CORRECT)),
        ({"efficiency": 93}, ("efficiency", 93, "must be greater than 0 and at most 1", "write 0.93 for 93 %")),
        ({"efficiency": 101}, ("efficiency", 101, "must be greater than 0 and at most 1", CORRECT)),
        ({"efficiency": math.nan}, ("efficiency", math.nan, *NAN)),
        ({"mode": "pulse"}, ("mode", "pulse", "must be one of continuous, on_off", "continuous is the default")),
    ],
)
def test_chargers_refused(change: dict[str, Any], problem: Refusal) -> None:
    assert make.problems(make.chargers, **change) == [problem]


def test_all_defects_of_chargers_are_told_at_once() -> None:
    places = [place for place, *_ in make.problems(Chargers, 0, -1, 2, -3, "off")]
    assert places == ["count", "max_kw", "min_kw", "efficiency", "mode"]


@pytest.mark.parametrize(("soc", "words"), [(80, PERCENT), (-0.1, SHARE), (101, SHARE), (math.nan, NAN)])
def test_pack_refused(soc: float, words: tuple[str, str]) -> None:
    assert make.problems(Pack, "P1", "A", soc) == [("soc", soc, *words)]


@pytest.mark.parametrize("soc", [0, 1])
def test_empty_and_full_packs_are_accepted(soc: float) -> None:
    assert make.problems(Pack, "P1", "A", soc) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"returned_soc": 80}, ("returned_soc", 80, *PERCENT)),
        ({"swap_soc": -1}, ("swap_soc", -1, *SHARE)),
        ({"lost_cost": -5}, ("lost_cost", -5, "must be at least 0", CORRECT)),
        ({"lost_cost": math.inf}, ("lost_cost", math.inf, *NAN)),
    ],
)
def test_swap_refused(change: dict[str, Any], problem: Refusal) -> None:
    assert make.problems(make.swap, **change) == [problem]


# A night as a whole

NO_TYPE = ("is not a pack type of this file", "its pack types: A")
LENGTH = (
    "must have one value for each of the 4 slots",
    "give one number for all slots, or as many values as slots",
)
IN_4_SLOTS = ("must be between 0 and 3", "slots count from 0")
BLANK = "write a text that is not blank"
TAKEN = "give every one its own id"
TYPES_A_B = [make.pack_type(), make.pack_type(id="B", target_soc=0.8, swap_soc=0.5)]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"bays": 0}, ("bays", 0, "must be at least 1", CORRECT)),
        ({"reserve_cost": -1}, ("reserve_cost", -1, "must be at least 0", CORRECT)),
        ({"turnaround_slots": -1}, ("turnaround_slots", -1, "must be at least 0", CORRECT)),
        ({"plug_change_cost": math.nan}, ("plug_change_cost", math.nan, *NAN)),
        ({"plug_changes_max": -1}, ("plug_changes_max", -1, "must be at least 0", CORRECT)),
        ({"plug_changes_max": (0, 1, -1, 0)}, ("plug_changes_max[2]", -1, "must be at least 0", CORRECT)),
        ({"plug_change_cost": (0.0, math.nan, 0.0, 0.0)}, ("plug_change_cost[1]", math.nan, *NAN)),
        (
            {"plug_changes_max": (1, 1)},
            (
                "plug_changes_max",
                "2 values",
                "must have one value for each of the 4 slots",
                "give one number for all slots, or as many values as slots",
            ),
        ),
        (
            {"chargers": make.chargers(count=4)},
            ("chargers.count", 4, "must not be above bays (3)", "a charger serves a pack in a bay"),
        ),
        (
            {"ready_reserve": (0, 1, 0, 0)},
            (
                "reserve_cost",
                0,
                "must be above 0 where ready_reserve asks for packs",
                "say what a missing ready pack costs for a slot",
            ),
        ),
        *(
            ({name: (1, 1), "reserve_cost": 1}, (name, "2 values", *LENGTH))
            for name in ("grid_limit_kw", "base_load_kw", "solar_kw", "ready_reserve")
        ),
        *(
            (
                {name: (0, 0, -1, -2), "reserve_cost": 1},
                (f"{name}[2]", -1, "must be at least 0", CORRECT),
            )
            for name in ("grid_limit_kw", "base_load_kw", "solar_kw", "ready_reserve")
        ),
        ({"solar_kw": (0, 0, 0, math.nan)}, ("solar_kw[3]", math.nan, *NAN)),
        (
            {"peak_so_far_kw": {"peak": -1}, "tariff": make.tariff(demand_charges=(make.demand(),))},
            ("peak_so_far_kw.peak", -1, "must be at least 0", CORRECT),
        ),
        (
            {"peak_so_far_kw": {"pek": 1}, "tariff": make.tariff(demand_charges=(make.demand(),))},
            ("peak_so_far_kw.pek", 1, "names no demand charge of tariff 'T'", "its demand charges: peak"),
        ),
        (
            {"peak_so_far_kw": {"peak": 1}},
            ("peak_so_far_kw.peak", 1, "names no demand charge of tariff 'T'", "its demand charges: none"),
        ),
        (
            {"packs": [make.pack(name) for name in "abcd"]},
            ("packs", "4 packs", "must fit the 3 bays", "add bays or remove packs"),
        ),
        (
            {"packs": [make.pack("P1"), make.pack("P2"), make.pack("P1")]},
            ("packs[2].id", "P1", "this pack id is taken by an earlier one", TAKEN),
        ),
        ({"packs": [make.pack("")]}, ("packs[0].id", "", "a pack needs an id", BLANK)),
        ({"packs": [make.pack("P1", kind="C")]}, ("packs[0].type", "C", *NO_TYPE)),
        (
            {"packs": [make.pack("return:P1")]},
            (
                "packs[0].id",
                "return:P1",
                "must not start with 'return:'",
                "plans name the packs that drivers bring this way",
            ),
        ),
        (
            {"swaps": [make.swap("W1"), make.swap("W1")]},
            ("swaps[1].id", "W1", "this swap id is taken by an earlier one", TAKEN),
        ),
        ({"swaps": [make.swap("W1"), make.swap(" ")]}, ("swaps[1].id", " ", "a swap needs an id", BLANK)),
        ({"swaps": [make.swap("W1", 4)]}, ("swaps[0].slot", 4, *IN_4_SLOTS)),
        ({"swaps": [make.swap("W1", -1)]}, ("swaps[0].slot", -1, *IN_4_SLOTS)),
        ({"swaps": [make.swap(type="C")]}, ("swaps[0].type", "C", *NO_TYPE)),
        (
            {"swaps": [make.swap(type="C")], "types": [], "packs": []},
            ("swaps[0].type", "C", NO_TYPE[0], "its pack types: none"),
        ),
        (
            {"swaps": [make.swap(type="B", swap_soc=0.85)], "types": TYPES_A_B},
            (
                "swaps[0].swap_soc",
                0.85,
                "must not be above the type's target_soc (0.8)",
                "no pack is charged further than its target",
            ),
        ),
        (
            {"swaps": [make.swap(pack="P9")]},
            ("swaps[0].pack", "P9", "is not a pack of this station", "name one of its packs, or leave it out"),
        ),
        (
            {"swaps": [make.swap(type="B", pack="P1")], "types": TYPES_A_B},
            ("swaps[0].pack", "P1", "is of type 'A', the swap asks for 'B'", "correct one of the two"),
        ),
    ],
)
def test_night_refused(change: dict[str, Any], problem: Refusal) -> None:
    assert make.problems(make.night, **change) == [problem]


def test_all_defects_of_a_night_are_told_at_once() -> None:
    found = make.problems(
        make.night,
        turnaround_slots=-1,
        solar_kw=(1,),
        packs=[make.pack("", kind="C")],
        swaps=[make.swap("", 9, pack="X")],
    )
    assert [place for place, *_ in found] == [
        "turnaround_slots",
        "solar_kw",
        "packs[0].id",
        "packs[0].type",
        "swaps[0].id",
        "swaps[0].slot",
        "swaps[0].pack",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"packs": [], "bays": 2},
        {"grid_limit_kw": 0},
        {"plug_changes_max": 0},
        {"plug_changes_max": (0, 1, 2, 0), "plug_change_cost": (0.0, 0.5, 0.0, 0.0)},
        {"swaps": [make.swap(swap_soc=0.9)]},
        {"ready_reserve": 9, "reserve_cost": 0.01},
    ],
)
def test_night_accepted(change: dict[str, Any]) -> None:
    assert make.problems(make.night, **change) == []


def test_instance_needs_a_station() -> None:
    words: Refusal = ("stations", [], "must name at least one station", "add a station")
    assert make.problems(Instance, "n", "EUR", ()) == [words]


def test_instance_needs_distinct_stations() -> None:
    words = ("stations[1].id", "S", "this station id is taken by an earlier one", TAKEN)
    assert make.problems(make.instance, make.night(), make.night()) == [words]


# Errors


def test_number_in_a_range_open_above_or_below() -> None:
    assert [p.rule for p in number_in("x", 5, high=4)] == ["must be at most 4"]
    assert [p.rule for p in number_in("x", 3, low=4)] == ["must be at least 4"]
    assert [p.rule for p in number_in("x", 4, low=4, above_low=True)] == ["must be greater than 4"]
    assert [p.rule for p in number_in("x", 5, 0, 4)] == ["must be between 0 and 4"]
    assert list(number_in("x", -1e9)) == []


@pytest.mark.parametrize(("place", "whole"), [("soc", "packs[0].soc"), ("[2]", "packs[0][2]"), ("", "packs[0]")])
def test_problem_seen_from_outside(place: str, whole: str) -> None:
    assert Problem(place, 1, "rule", "remedy").inside("packs[0]") == Problem(whole, 1, "rule", "remedy")


def test_invalid_data_reads_as_a_sentence_and_travels_between_processes() -> None:
    with pytest.raises(InvalidData) as caught:
        refuse([Problem("a", 1, "must not", "do"), Problem("b", "x", "should", "be")])
    assert str(caught.value) == "a: 1: must not; b: 'x': should"
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems


def test_nothing_wrong_raises_nothing() -> None:
    refuse(iter(()))


def test_swap_that_returns_nothing_is_accepted() -> None:
    assert Swap("W1", 0, "A", None, 0).returned_soc is None


def test_numbers_beyond_any_station_are_told() -> None:
    remedy = "look for a wrong unit or a slip of the pen"
    assert make.problems(make.swap, lost_cost=1e300) == [("lost_cost", 1e300, "must be at most 1e+09 in size", remedy)]
    assert make.problems(make.night, base_load_kw=1e12) == [
        ("base_load_kw[0]", 1e12, "must be at most 1e+09 in size", remedy)
    ]
