"""Swaps of several packs, all or none: what they are called, what they cost, and the night pack by pack."""

from __future__ import annotations

import builders as make
import pytest

from models.station.carry_over.carried_out import plan_until
from models.station.carry_over.end_stock import stock_at_end
from models.station.cost import cost_of, packs_at_end, type_of_pack
from models.station.instance import Night
from models.station.parts import torn_swaps, whole_schedule, without_swaps, without_torn_swaps
from models.station.schedule import HandOver, PackRow, Schedule
from models.station.stays import stays_of

TRUCK = make.swap("T", 1, 0.1, packs=2, lost_cost=90)
CAR = make.swap("W", 2, 0.2)


def night(**changes: object) -> Night:
    packs = [make.pack(f"P{n}", 0.9) for n in (1, 2, 3)]
    return make.night(**{"packs": packs, "swaps": [CAR, TRUCK], **changes})


def served(*pairs: tuple[str, str]) -> Schedule:
    rows = [("P1", 0), ("P2", 1), ("P3", 2), ("return:T#1", 2), ("return:T#2", 0)]
    still = tuple(PackRow(pack, bay, (0.0,) * 4) for pack, bay in rows)
    return Schedule("S", still, tuple(HandOver(*pair) for pair in pairs))


def test_one_pack_is_called_as_the_swap_several_by_number() -> None:
    assert (CAR.part_ids, CAR.returned_packs) == (("W",), ("return:W",))
    assert (TRUCK.part_ids, TRUCK.returned_packs) == (("T#1", "T#2"), ("return:T#1", "return:T#2"))
    assert make.swap("T", 1, None, packs=2).returned_packs == ()


def test_night_by_pack_has_a_swap_for_each_pack() -> None:
    by_pack = night().by_pack
    assert by_pack.station.swaps == (
        CAR,
        make.swap("T#1", 1, 0.1, lost_cost=45, part_of="T"),
        make.swap("T#2", 1, 0.1, lost_cost=45, part_of="T"),
    )
    assert by_pack.by_pack is by_pack
    assert by_pack.parts_by_swap == night().parts_by_swap == {"T": ("T#1", "T#2")}


def test_night_of_single_packs_is_its_own_night_by_pack() -> None:
    plain = night(swaps=[CAR])
    assert plain.by_pack is plain and plain.parts_by_swap == {}


@pytest.mark.parametrize(
    ("hand_overs", "lost"),
    [
        ([], 190),
        ([("T", "P3"), ("T", "P1")], 100),
        ([("T", "P3")], 190),  # served in part is not served
        ([("W", "P2"), ("T", "P3"), ("T", "P1")], 0),
    ],
)
def test_a_swap_is_lost_as_a_whole(hand_overs: list[tuple[str, str]], lost: float) -> None:
    assert cost_of(night(), served(*hand_overs)).lost_swaps == lost


def test_every_pack_that_is_brought_is_there_at_the_end() -> None:
    plan = served(("T", "P3"), ("T", "P1"))
    assert packs_at_end(night(), plan) == {"P2": 90, "return:T#1": 10, "return:T#2": 10}
    assert {(one.bay, one.energy_kwh) for one in stock_at_end(night(), plan)} == {(0, 10), (1, 90), (2, 10)}
    assert type_of_pack(night())["return:T#2"] == "A"
    assert plan.swaps_served == 1
    assert plan.by_swap() == {"T#1": "P3", "T#2": "P1"}


def test_the_beginning_of_a_plan_keeps_what_trucks_brought() -> None:
    plan = served(("T", "P3"), ("T", "P1"), ("W", "P2"))
    first = plan_until(night(), plan, 2)
    assert [row.pack for row in first.rows] == ["P1", "P2", "P3", "return:T#1", "return:T#2"]
    assert first.hand_overs == (HandOver("T", "P3"), HandOver("T", "P1"))


def test_stays_are_told_by_part() -> None:
    stays = stays_of(night(), {"T#1": "P3", "T#2": "P1", "W": "P2"})
    assert [(stay.pack, stay.bay, stay.arrive, stay.leave, stay.swap) for stay in stays] == [
        ("P1", 0, 0, 1, "T#2"),
        ("return:T#2", 0, 1, 4, None),
        ("P2", 1, 0, 2, "W"),
        ("return:W", 1, 2, 4, None),
        ("P3", 2, 0, 1, "T#1"),
        ("return:T#1", 2, 1, 4, None),
    ]


def test_torn_swaps_are_served_in_part() -> None:
    assert torn_swaps(night(), {"T#2": "P1", "W": "P2"}) == ["T"]
    assert torn_swaps(night(), {"T#2": "P1", "T#1": "P2"}) == torn_swaps(night(), {"W": "P1"}) == []


def test_a_pack_that_is_not_brought_is_replaced_by_the_one_that_stays() -> None:
    later = night(swaps=[TRUCK, make.swap("W", 3, 0.2)])
    assert without_torn_swaps(later, {"T#1": "P1", "W": "return:T#1"}) == {"W": "P1"}
    assert without_torn_swaps(later, {"T#1": "P1", "T#2": "P2", "W": "P3"}) == {"T#1": "P1", "T#2": "P2", "W": "P3"}
    assert without_swaps({"T#1": "P1", "T#2": "return:T#1", "W": "return:T#2"}, ["T#1", "T#2"]) == {"W": "P1"}


def test_hand_overs_of_parts_are_those_of_the_swap_in_their_order() -> None:
    by_pack = served(("T#2", "P1"), ("W", "P2"), ("T#1", "P3"))
    assert whole_schedule(night(), by_pack).hand_overs == (
        HandOver("W", "P2"),
        HandOver("T", "P3"),
        HandOver("T", "P1"),
    )
    assert whole_schedule(night().by_pack, by_pack) is by_pack


CORRECT = "correct the value"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"packs": 0}, ("packs", 0, "must be between 1 and 100", CORRECT)),
        ({"packs": 101}, ("packs", 101, "must be between 1 and 100", CORRECT)),
        (
            {"packs": 2, "pack": "P1"},
            ("packs", 2, "must be 1 where the swap asks for a pack by name", "leave out one of the two"),
        ),
    ],
)
def test_numbers_of_packs_that_cannot_be(changes: dict[str, object], problem: tuple[object, ...]) -> None:
    assert make.problems(make.swap, **changes) == [problem]


def test_ids_of_parts_are_taken() -> None:
    rule = "is how plans name one of the packs of swap 'T'"
    assert make.problems(night, swaps=[make.swap("T#2", 3), TRUCK]) == [
        ("swaps[0].id", "T#2", rule, "give it another id")
    ]
    assert make.problems(night, swaps=[make.swap("T#3", 3), TRUCK]) == []
