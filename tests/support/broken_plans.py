"""One good plan, and plans that each break one rule in one way: the table behind test_checker.

Every broken plan is a night, a schedule and the whole list of violations that the checker must tell of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import builders as make

from models.station.instance import Night
from models.station.schedule import HandOver, PackRow, Schedule
from optimizer.check.rules import Violation

TYPE_A = make.pack_type(acceptance=((0.7, 40), (0.9, 20)))  # 40 kW up to 70 kWh, then 1 kW less for each kWh
TYPE_B = make.pack_type(id="B", capacity_kwh=50)  # E = 45 kWh, S = 40 kWh


def good_night(**changes: Any) -> Night:
    """Six hours, three swaps: W1 takes any A, W2 an A and brings nothing, W3 this very P3, filled to 45 kWh."""
    settings: dict[str, Any] = {
        "types": (TYPE_A, TYPE_B),
        "packs": (make.pack("P1", 0.9), make.pack("P2", 0.4), make.pack("P3", 0.6, "B")),
        "swaps": (
            make.swap("W1", 1),
            make.swap("W2", 4, None),
            make.swap("W3", 4, 0.2, type="B", swap_soc=0.9, pack="P3"),
        ),
        "chargers": make.chargers(min_kw=10),
        "grid_limit_kw": 70,
        "base_load_kw": 20,
        "solar_kw": 10,
        "ready_reserve": 1,
        "reserve_cost": 5,
        "turnaround_slots": 1,
        "plug_changes_max": 2,
    }
    return make.night(6, **{**settings, **changes})


GOOD_HAND_OVERS = {"W1": "P1", "W2": "P2", "W3": "P3"}
GOOD_POWERS = {
    "P1": (0, 0, 0, 0, 0, 0),
    "P2": (30, 10, 0, 0, 0, 0),  # 40 → 70 → 80 kWh = S when W2 comes
    "P3": (10, 5, 0, 0, 0, 0),  # 30 → 40 → 45 kWh = E: the last 5 kW may be less than min_kw
    "return:W1": (0, 0, 40, 20, 10, 10),  # comes with 10 kWh in slot 1, may charge from slot 2
    "return:W3": (0, 0, 0, 0, 0, 20),
}


def good_plan(**changes: Any) -> Schedule:
    """The good plan of the good night: the grid limit binds in slot 2, one ready pack is missing in slot 4."""
    plan = make.schedule(good_night(), GOOD_POWERS, GOOD_HAND_OVERS, (10, 0, 0, 0, 0, 5), (0, 0, 0, 0, 1, 0))
    return replace(plan, **changes)


@dataclass(frozen=True)
class Broken:
    """A plan that breaks a rule."""

    name: str
    night: Night
    plan: Schedule
    violations: list[Violation]


TABLE: list[Broken] = []


def broken(name: str, night: Night, plan: Schedule, *told: tuple[str, str, Any, Any]) -> None:
    """Enter a broken plan into the table."""
    TABLE.append(Broken(name, night, plan, [Violation(*words) for words in told]))


def broken_good(name: str, plan: Schedule, *told: tuple[str, str, Any, Any]) -> None:
    """Enter a plan for the good night."""
    broken(name, good_night(), plan, *told)


def broken_power(name: str, powers: dict[str, Sequence[float]], *told: tuple[str, str, Any, Any], **at: Any) -> None:
    """Enter a plan without swaps on the default night: P1 90 = E, P2 50, P3 10 kWh, two chargers of 40 kW."""
    night = make.night(**at)
    broken(name, night, make.schedule(night, powers), *told)


def powered(pack: str, *power_kw: float) -> Schedule:
    """The good plan with other powers for one pack."""
    return make.with_row(good_plan(), pack, power_kw=power_kw)


def serving(*hand_overs: tuple[str, str]) -> Schedule:
    """The good plan's rows with other hand-overs."""
    return good_plan(hand_overs=tuple(HandOver(*pair) for pair in hand_overs))


def extra_row(pack: str, bay: int = 0) -> Schedule:
    """The good plan with one more row of zeros."""
    return good_plan(rows=(*good_plan().rows, PackRow(pack, bay, (0,) * 6)))


# balance
broken_power(
    "charged_above_target_by_the_quarter_hour",
    {"P1": (16, 8, 0, 0)},
    ("balance", "pack P1, slot 1", 91.0, 90.0),
    on=make.horizon(4, 15),
    packs=[make.pack("P1", 0.85)],
)
broken_good("charged_above_target", powered("P3", 10, 5, 0, 10, 0, 0), ("balance", "pack P3, slot 3", 55.0, 45.0))
broken_power(
    "charged_above_target_on_arrival_above_it",
    {"P1": (0, 5, 0, 0)},
    ("balance", "pack P1, slot 1", 100.0, 90.0),
    packs=[make.pack("P1", 0.95)],
)
broken_power("drained_by_a_hair", {"P1": (-2e-9, 0, 0, 0)}, ("power", "pack P1, slot 0", -2e-9, 0))
broken_good("charged_after_it_left", powered("P1", 0, 0, 10, 0, 0, 0), ("balance", "pack P1, slot 2", 10, 0))
broken_good(
    "charged_before_it_came", powered("return:W3", 0, 0, 0, -10, 0, 20), ("balance", "pack return:W3, slot 3", -10, 0)
)
broken_good("nan_where_no_pack_is", powered("P1", 0, 0, math.nan, 0, 0, 0), ("balance", "pack P1, slot 2", "nan", 0))
NEVER = "no such pack is ever in the station"
broken_good("row_of_unknown_pack", extra_row("P9"), ("balance", "pack P9", "a row", NEVER))
broken_good("row_of_pack_nobody_brings", extra_row("return:W2"), ("balance", "pack return:W2", "a row", NEVER))
broken_good(
    "row_of_pack_from_lost_swap",
    good_plan(hand_overs=good_plan().hand_overs[:2]),
    ("balance", "pack return:W3", "a row", NEVER),
)

# power
broken_power("more_than_charger", {"P3": (45, 0, 0, 0)}, ("power", "pack P3, slot 0", 45.0, 40))
broken_good(
    "more_than_acceptance_at_slot_end", powered("P2", 36, 10, 0, 0, 0, 0), ("power", "pack P2, slot 0", 36, 34.0)
)
broken_power("negative", {"P1": (0, -5, 0, 0)}, ("power", "pack P1, slot 1", -5, 0))
broken_power("nan", {"P1": (math.nan, 0, 0, 0)}, ("power", "pack P1, slot 0", "nan", "a finite number"))
broken_power("infinite", {"P2": (0, math.inf, 0, 0)}, ("power", "pack P2, slot 1", "inf", "a finite number"))
broken_power("beyond_floats", {"P2": (10**400, 0, 0, 0)}, ("power", "pack P2, slot 0", "too large", "a finite number"))
broken_power("row_too_short", {"P1": (0, 0)}, ("power", "pack P1", "2 values", "4 values"))
broken_power("row_too_long", {"P2": (10, 10, 0, 0, 0)}, ("power", "pack P2", "5 values", "4 values"))
RETURNING: dict[str, Any] = {"swaps": [make.swap("W1", 1)], "turnaround_slots": 2}
broken(
    "charged_during_turnaround",
    make.night(**RETURNING),
    make.schedule(make.night(**RETURNING), {"return:W1": (0, 0, 10, 10)}, {"W1": "P1"}),
    ("power", "pack return:W1, slot 2", 10, 0.0),
)

# min_power
MIN_10 = make.chargers(min_kw=10)
ON_OFF = make.chargers(mode="on_off", min_kw=10)
broken_power("less_than_min_kw", {"P2": (0, 9, 0, 0)}, ("min_power", "pack P2, slot 1", 9, 10), chargers=MIN_10)
broken_power(
    "less_than_min_kw_just_short_of_target",
    {"P2": (0, 30, 9.9, 0)},
    ("min_power", "pack P2, slot 2", 9.9, 10),
    chargers=MIN_10,
)
broken_power("on_off_at_part_load", {"P3": (0, 39, 0, 0)}, ("min_power", "pack P3, slot 1", 39, 40.0), chargers=ON_OFF)
broken_power(
    "on_off_below_acceptance",  # from 60 kWh the most is 25: it ends at 85, where the curve reads 25
    {"P2": (24, 0, 0, 0)},
    ("min_power", "pack P2, slot 0", 24, 25.0),
    chargers=ON_OFF,
    types=[TYPE_A],
    packs=[make.pack("P1", 0.9), make.pack("P2", 0.6)],
)
broken_power(
    "on_off_stops_short_of_target",
    {"P2": (40, 0, 0, 0), "P1": (0, 9, 0, 0)},
    ("min_power", "pack P1, slot 1", 9, 10.0),
    chargers=ON_OFF,
    packs=[make.pack("P1", 0.8), make.pack("P2", 0.5)],
)
broken_power(
    "on_off_by_the_quarter_hour",  # P1 needs 20 kW to reach E in the slot
    {"P1": (20, 0, 0, 0), "P2": (36, 0, 0, 0)},
    ("min_power", "pack P2, slot 0", 36, 40.0),
    on=make.horizon(4, 15),
    chargers=ON_OFF,
    packs=[make.pack("P1", 0.85), make.pack("P2", 0.5)],
)

# chargers
broken_power(
    "one_pack_more_than_chargers",
    {"P1": (0, 5, 0, 0), "P2": (0, 5, 0, 0), "P3": (0, 5, 0, 0)},
    ("chargers", "slot 1", 3, 2),
    packs=[make.pack("P1", 0.8), make.pack("P2", 0.5), make.pack("P3", 0.1)],
)
broken_power(
    "two_packs_on_one_charger_in_two_slots",
    {"P2": (5, 0, 5, 0), "P3": (5, 0, 5, 0)},
    ("chargers", "slot 0", 2, 1),
    ("chargers", "slot 2", 2, 1),
    chargers=make.chargers(count=1),
)
broken_power(
    "trickle_counts_as_charging",
    {"P2": (2e-4, 0, 0, 0), "P3": (40, 0, 0, 0)},
    ("chargers", "slot 0", 2, 1),
    chargers=make.chargers(count=1),
)

# plug_changes
broken_power(
    "two_start", {"P2": (0, 5, 5, 5), "P3": (0, 5, 5, 5)}, ("plug_changes", "slot 1", 2, 1), plug_changes_max=1
)
broken_power("two_stop", {"P2": (5, 5, 0, 0), "P3": (5, 5, 0, 0)}, ("plug_changes", "slot 2", 2, 1), plug_changes_max=1)
broken_power(
    "one_charger_changes_pack",
    {"P2": (5, 5, 5, 0), "P3": (0, 0, 0, 5)},
    ("plug_changes", "slot 3", 1, 0),
    plug_changes_max=0,
)
broken_power(
    "cap_of_this_boundary",
    {"P2": (0, 5, 0, 0), "P3": (0, 5, 0, 0)},
    ("plug_changes", "slot 2", 2, 1),
    plug_changes_max=(0, 2, 1, 0),
)
broken(
    "returned_pack_takes_the_plug",
    make.night(swaps=[make.swap("W1", 1)], plug_changes_max=0, packs=[make.pack("P1", 0.8)]),
    make.schedule(
        make.night(swaps=[make.swap("W1", 1)], packs=[make.pack("P1", 0.8)]),
        {"P1": (5, 0, 0, 0), "return:W1": (0, 5, 5, 5)},
        {"W1": "P1"},
    ),
    ("plug_changes", "slot 1", 1, 0),
)

# grid
broken_power(
    "more_than_grid_limit", {"P2": (0, 40, 0, 0)}, ("grid", "slot 1", 70.0, 60), grid_limit_kw=60, base_load_kw=20
)
broken_power(
    "charging_where_the_base_load_is_above_the_limit", {"P2": (0, 0, 4, 0)}, ("grid", "slot 2", 14.0, 9.0),
    grid_limit_kw=(9, 9, 8, 9), base_load_kw=9,
)  # fmt: skip
broken_good(
    "more_solar_than_there_is", good_plan(solar_used_kw=(11, 0, 0, 0, 0, 0)), ("grid", "solar used, slot 0", 11, 10)
)
broken_good("negative_solar", good_plan(solar_used_kw=(0, -1, 0, 0, 0, 0)), ("grid", "solar used, slot 1", -1, 0))
broken_good("solar_too_short", good_plan(solar_used_kw=(0, 5)), ("grid", "solar used", "2 values", "6 values"))
SUNNY = make.night(solar_kw=10, base_load_kw=2)
broken("solar_fed_into_the_grid", SUNNY, make.schedule(SUNNY, solar_used_kw=(0, 10, 0, 0)), ("grid", "slot 1", -8.0, 0))
DARK = make.night(solar_kw=10)  # no load that could use the sun
broken(
    "nan_solar", DARK, make.schedule(DARK, solar_used_kw=(0, math.nan, 0, 0)), ("grid", "solar used, slot 1", "nan", 10)
)

# hand_over
SWAPS = [make.swap("W1", 1), make.swap("W2", 2)]
THERE = "a pack in the station at the slot's start"


def broken_hand_over(
    name: str, hand_overs: Sequence[tuple[str, str]], *told: tuple[str, str, Any, Any], **at: Any
) -> None:
    """Enter a plan that charges nothing: P1 holds 90, P2 50, P3 10 kWh; W1 comes in slot 1, W2 in slot 2."""
    night = make.night(**{"swaps": SWAPS, **at})
    plan = Schedule("S", (), tuple(HandOver(*pair) for pair in hand_overs))
    broken(name, night, plan, *told)


broken_hand_over("not_ready", [("W1", "P2")], ("hand_over", "swap W1, slot 1", 50.0, 80.0))
broken_hand_over(
    "not_ready_in_slot_0", [("W0", "P2")], ("hand_over", "swap W0, slot 0", 50.0, 80.0), swaps=[make.swap("W0", 0)]
)
broken_hand_over(
    "less_than_the_swap_itself_asks",
    [("W1", "P1")],
    ("hand_over", "swap W1, slot 1", 80.0, 85.0),
    swaps=[make.swap("W1", 1, swap_soc=0.85)],
    packs=[make.pack("P1", 0.8)],
)
broken_good(
    "ready_one_slot_too_late",
    powered("P2", 30, 0, 0, 0, 0, 0),
    ("hand_over", "swap W2, slot 4", 70.0, 80.0),
)
broken_hand_over(
    "wrong_type",
    [("W1", "P1")],
    ("hand_over", "swap W1, slot 1", "type B", "type A"),
    types=[TYPE_A, TYPE_B],
    packs=[make.pack("P1", 0.9, "B")],
)
broken_hand_over(
    "not_the_very_pack",
    [("W1", "P1")],
    ("hand_over", "swap W1, slot 1", "P1", "P2"),
    swaps=[make.swap("W1", 1, pack="P2")],
)
broken_hand_over("unknown_pack", [("W1", "P9")], ("hand_over", "swap W1, slot 1", "P9", THERE))
broken_hand_over("unknown_swap", [("W9", "P1")], ("hand_over", "swap W9", "P1", "a swap of this station"))
broken_hand_over(
    "pack_gone_to_an_earlier_driver",
    [("W2", "P1"), ("W1", "P1")],
    ("hand_over", "swap W2, slot 2", "P1", "a pack not handed over before"),
)
broken_hand_over(
    "pack_given_twice_in_one_slot",
    [("W1", "P1"), ("W2", "P1")],
    ("hand_over", "swap W2, slot 1", "P1", "a pack not handed over before"),
    swaps=[make.swap("W1", 1), make.swap("W2", 1)],
)
broken_hand_over(
    "two_packs_for_a_swap", [("W1", "P1"), ("W1", "P2")], ("hand_over", "swap W1, slot 1", "P2", "one pack a swap")
)
broken_hand_over(
    "same_hand_over_twice", [("W1", "P1"), ("W1", "P1")], ("hand_over", "swap W1, slot 1", "P1", "one pack a swap")
)
FULL_RETURNS = [make.swap("W1", 1, 0.9), make.swap("W2", 1)]
broken_hand_over(
    "pack_that_comes_in_the_same_slot",
    [("W1", "P1"), ("W2", "return:W1")],
    ("hand_over", "swap W2, slot 1", "return:W1", THERE),
    swaps=FULL_RETURNS,
)
broken_hand_over("pack_the_driver_brings", [("W1", "return:W1")], ("hand_over", "swap W1, slot 1", "return:W1", THERE))
broken_hand_over(
    "pack_that_comes_later", [("W1", "return:W2"), ("W2", "P1")], ("hand_over", "swap W1, slot 1", "return:W2", THERE)
)
broken_hand_over("pack_of_a_lost_swap", [("W2", "return:W1")], ("hand_over", "swap W2, slot 2", "return:W1", THERE))
TRUCK = {"swaps": [make.swap("W1", 1, packs=2)], "packs": [make.pack(f"P{n}", 0.9) for n in (1, 2, 3)]}
broken_hand_over(
    "part_of_a_truck", [("W1", "P1")], ("hand_over", "swap W1, slot 1", "1 pack", "all 2 packs, or none"), **TRUCK
)
broken_hand_over(
    "more_packs_than_a_truck_takes",
    [("W1", "P1"), ("W1", "P2"), ("W1", "P3")],
    ("hand_over", "swap W1, slot 1", "P3", "2 packs"),
    **TRUCK,
)
broken_hand_over(
    "one_pack_twice_for_a_truck",
    [("W1", "P1"), ("W1", "P1")],
    ("hand_over", "swap W1, slot 1", "P1", "a pack not handed over before"),
    **TRUCK,
)
broken_hand_over(
    "second_pack_of_a_truck_not_ready",
    [("W1", "P1"), ("W1", "P2")],
    ("hand_over", "swap W1, slot 1", 50.0, 80.0),
    swaps=TRUCK["swaps"],
)

# bays
broken_good("another_bay", make.with_row(good_plan(), "P2", bay=2), ("bays", "pack P2", 2, 1))
broken_good("two_packs_in_one_bay", make.with_row(good_plan(), "return:W1", bay=1), ("bays", "pack return:W1", 1, 0))
broken_good("negative_bay", make.with_row(good_plan(), "P3", bay=-1), ("bays", "pack P3", -1, 2))
broken_good("bay_that_does_not_exist", make.with_row(good_plan(), "P1", bay=3), ("bays", "pack P1", 3, 0))
broken_good("second_row", extra_row("P1"), ("bays", "pack P1", "a second row", "one row a pack"))

# reserve
COUNT = "a whole number from 0 up"
broken_good("shortfall_not_declared", good_plan(reserve_shortfall=()), ("reserve", "slot 4", 0, 1))
RESERVE_3 = make.night(ready_reserve=(1, 3, 1, 1), reserve_cost=1)  # only P1 is ready, all night long
broken(
    "shortfall_too_small", RESERVE_3, make.schedule(RESERVE_3, {}, {}, (), (0, 1, 0, 0)), ("reserve", "slot 1", 1, 2)
)
broken_good(
    "shortfall_in_halves",
    good_plan(reserve_shortfall=(0.5, 0, 0, 0, 1, 0)),
    ("reserve", "reserve shortfall, slot 0", 0.5, COUNT),
)
broken_good(
    "shortfall_negative",
    good_plan(reserve_shortfall=(0, -1, 0, 0, 1, 0)),
    ("reserve", "reserve shortfall, slot 1", -1, COUNT),
)
broken_good(
    "shortfall_nan_counts_as_none",
    good_plan(reserve_shortfall=(0, 0, 0, 0, math.nan, 0)),
    ("reserve", "reserve shortfall, slot 4", "nan", COUNT),
    ("reserve", "slot 4", 0, 1),
)
broken_good(
    "shortfall_too_short",
    good_plan(reserve_shortfall=(0, 0, 0, 0, 1)),
    ("reserve", "reserve shortfall", "5 values", "6 values"),
)

import more_broken.bays  # noqa: E402 (they enter their own plans into the table)
import more_broken.must_serve  # noqa: E402, F401
