"""When packs are ready, how long before their drivers, and what lost swaps lacked: small nights worked out by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import builders as make
import pytest

from models.station.acceptance import reach_of_kind
from models.station.instance import Night
from optimizer.summaries.waits import (
    Lack,
    Visit,
    hours_and_minutes,
    lack_of,
    readied_by_slot,
    ready_by_slot,
    tightest,
    visits_of,
    waits_of,
)

Powers = Mapping[str, Sequence[float]]


def lack(night: Night, power_kw: Powers, hand_overs: Mapping[str, str], swap: str = "LOST") -> Lack:
    visits = visits_of(night, make.schedule(night, power_kw, hand_overs))
    return lack_of(night, visits, next(one for one in night.station.swaps if one.id == swap))


def with_lost(slot: int, *others: Any, **changes: Any) -> Night:
    return make.night(swaps=[*others, make.swap("LOST", slot)], **changes)


def test_waits_are_told_from_when_the_pack_holds_what_its_driver_needs() -> None:
    """P2 begins with 50 kWh and needs 80, or 60 for the driver who is content with that."""
    for own, ready, slack in ((None, 2, 1), (0.6, 1, 2)):
        night = make.night(swaps=[make.swap("W1", 1), make.swap("W2", 3, swap_soc=own)])
        visits = visits_of(night, make.schedule(night, {"P2": (20, 15, 0, 0)}, {"W1": "P1", "W2": "P2"}))
        first, second = waits_of(night, visits)
        assert (first.swap, first.pack, first.ready, first.slack) == ("W1", "P1", 0, 1)
        assert (second.swap, second.ready, second.slack) == ("W2", ready, slack)
        assert tightest([first, second]) is first  # of two alike the first
        assert readied_by_slot(night, visits) == [0, *(int(slot == ready) for slot in (1, 2, 3))]


def test_ready_packs_by_slot_are_those_that_hold_enough_once_swaps_are_done() -> None:
    night = make.night(swaps=[make.swap("W1", 1)])
    visits = visits_of(night, make.schedule(night, {"P2": (20, 10, 0, 0)}, {"W1": "P1"}))
    assert ready_by_slot(night, visits) == [1, 0, 1, 1]


def test_there_is_no_tightest_hand_over_where_there_is_none() -> None:
    assert tightest([]) is None


def test_lengths_are_hours_and_minutes() -> None:
    assert hours_and_minutes(make.night(), 13) == "13:00"
    assert hours_and_minutes(make.night(on=make.horizon(4, 15)), 5) == "1:15"


def test_a_pack_that_a_driver_brings_may_leave_one_slot_later() -> None:
    back, first = Visit("return:W1", "A", 1, 4, (0.0,) * 5), Visit("P1", "A", 0, 4, (0.0,) * 5)
    assert [back.is_here(slot) for slot in range(5)] == [False, False, True, True, True]
    assert first.is_here(0)


def test_no_pack_is_there() -> None:
    gone = with_lost(2, make.swap("W1", 1, None), packs=[make.pack("P1", 0.9)])
    assert lack(gone, {}, {"W1": "P1"}) == Lack("no pack there", "no pack of type A in the station")
    wanted = make.night(swaps=[make.swap("W1", 1), make.swap("LOST", 2, pack="P1")])
    assert lack(wanted, {}, {"W1": "P1"}) == Lack("no pack there", "pack P1 not in the station")
    others = with_lost(1, make.swap("W1", 1), packs=[make.pack("P1", 0.9)])
    assert lack(others, {}, {"W1": "P1"}).words == "all 1 pack of the type go to other drivers then"


def test_a_charged_pack_is_kept() -> None:
    night = with_lost(1, make.swap("W1", 3), packs=[make.pack("P1", 0.9), make.pack("P2", 0.9)])
    found = lack(night, {}, {"W1": "P1"})
    assert found == Lack("charged packs kept for others", "2 packs charged, but kept: for W1 at 03:00, 1 to the end")


def test_there_was_too_little_time() -> None:
    """At 40 kW P3 gains 40 of the 70 kWh that it lacks in an hour, P2 40 of 30."""
    night = with_lost(1, packs=[make.pack("P3", 0.1)])
    assert lack(night, {"P3": (40, 0, 0, 0)}, {}) == Lack(
        "too little time to charge", "P3 holds 50.0 of 80.0 kWh: too little time, even at full power"
    )
    slow = with_lost(2, make.swap("W1", 1), packs=[make.pack("P1", 0.9)], turnaround_slots=1)
    assert lack(slow, {}, {"W1": "P1"}).cause == "too little time to charge"
    kind = slow.pack_types["A"]
    assert reach_of_kind(kind, 40, 1).after_kwh(10.0) == 50.0


@pytest.mark.parametrize(
    ("changes", "cause"),
    [
        ({}, "power was left to charge it"),
        ({"chargers": make.chargers(count=1)}, "all chargers in use"),
        ({"grid_limit_kw": 50}, "the grid limit is reached"),
        ({"grid_limit_kw": 70, "base_load_kw": 20}, "the grid limit is reached"),
        ({"grid_limit_kw": 60, "base_load_kw": 20, "solar_kw": 10}, "the grid limit is reached"),
        ({"grid_limit_kw": 60}, "power was left to charge it"),
        ({"grid_limit_kw": 60, "chargers": make.chargers(min_kw=10)}, "the grid limit is reached"),
        ({"grid_limit_kw": (50, 200, 200, 200)}, "power was left to charge it"),
    ],
)
def test_what_hinders_a_pack_that_could_have_been_charged(changes: Mapping[str, Any], cause: str) -> None:
    """Q, of another type, takes 40 kW, that is 50 from the grid, in both hours before P2 is asked for."""
    types = (make.pack_type(), make.pack_type(id="B"))
    night = with_lost(2, packs=[make.pack("P2", 0.5), make.pack("Q", 0.0, "B")], types=types, **changes)
    assert lack(night, {"Q": (40, 40, 0, 0)}, {}) == Lack(cause, f"P2 holds 50.0 of 80.0 kWh: {cause}")


def test_chargers_and_grid_may_hinder_it_in_turn() -> None:
    types = (make.pack_type(), make.pack_type(id="B"))
    night = with_lost(
        2, packs=[make.pack("P2", 0.5), make.pack("Q", 0.0, "B")], types=types,
        chargers=make.chargers(count=1), grid_limit_kw=(200, 20, 200, 200), base_load_kw=20,
    )  # fmt: skip
    assert lack(night, {"Q": (40, 0, 0, 0)}, {}).cause == "chargers or the grid limit in full use"


def test_a_pack_that_charges_all_the_time_has_no_hindrance() -> None:
    night = with_lost(2, packs=[make.pack("P2", 0.5)])
    assert lack(night, {"P2": (10, 10, 0, 0)}, {}).cause == "it charges all the time, not at full power"
