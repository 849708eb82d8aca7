"""The assignment problem of a night: which pack may serve which swap, what it costs, which hand-overs result."""

from __future__ import annotations

from typing import Any

import builders as make
import numpy as np
import pytest

from models.formulations.assignment.problem import AssignmentProblem, assignment_problems
from models.tolerances import MISSING_KWH

STAYS = "stays"


def problem(**changes: Any) -> AssignmentProblem:
    (one,) = assignment_problems(make.night(**changes))
    return one


def may(one: AssignmentProblem) -> dict[str, list[str]]:
    """What each pack may do: swaps it may serve, the word lost for its own, and staying."""
    names = np.array([*one.swaps, STAYS])
    found = {}
    for r, pack in enumerate(one.packs):
        own = r - one.initial
        found[pack] = ["lost" if j == own else str(names[j]) for j in np.flatnonzero(one.allowed[r])]
    return found


# Rows and columns


def test_rows_are_packs_then_those_that_swaps_bring_by_slot() -> None:
    one = problem(swaps=[make.swap("W1", 3), make.swap("W2", 1), make.swap("W3", 3)])
    assert one.packs == ("P1", "P2", "P3", "return:W2", "return:W1", "return:W3")
    assert (one.swaps, one.due.tolist(), one.initial) == (("W2", "W1", "W3"), [1, 3, 3], 3)
    assert [(one.packs[r], one.swaps[j]) for r, j in zip(*one.lost, strict=True)] == [
        ("return:W2", "W2"),
        ("return:W1", "W1"),
        ("return:W3", "W3"),
    ]


def test_every_type_with_packs_or_swaps_has_jobs() -> None:
    kinds = [make.pack_type(id=name) for name in "DCBA"]
    packs, swaps = [make.pack("P1", kind="B")], [make.swap("W1", 2, type="C"), make.swap("W2", 1, type="B")]
    b, c = assignment_problems(make.night(types=kinds, packs=packs, swaps=swaps))
    assert (b.type, b.packs, b.swaps) == ("B", ("P1", "return:W2"), ("W2",))
    assert (c.type, c.packs, c.swaps, c.initial) == ("C", ("return:W1",), ("W1",), 0)
    assert may(c) == {"return:W1": ["lost", STAYS]}


def test_no_packs_and_no_swaps() -> None:
    assert assignment_problems(make.night(packs=[])) == ()


def test_packs_without_swaps_may_stay() -> None:
    one = problem(packs=[make.pack("P1"), make.pack("P2")])
    assert may(one) == {"P1": [STAYS], "P2": [STAYS]}
    assert one.missing_kwh.shape == (2, 0)


# Energies


def test_energies_of_packs_and_needs_of_swaps() -> None:
    """P1 at 50 and what W1 brings at 10; E = 90, S = 80, W2 needs 60. 40 kW for an hour is 40 kWh."""
    one = problem(packs=[make.pack("P1", 0.5)], swaps=[make.swap("W1", 2), make.swap("W2", 3, 0.7, swap_soc=0.6)])
    assert one.room_kwh == pytest.approx([40, 80, 20])
    assert one.most_kwh == pytest.approx([40, 40, 20])
    wanted = [[30, 10], [70, 50], [10, 0]]
    assert one.missing_kwh == pytest.approx(np.maximum(np.array(wanted) - MISSING_KWH, 0), abs=1e-12)


def test_pack_above_target_counts_as_full() -> None:
    one = problem(
        packs=[make.pack("P1", 1.0)],
        swaps=[make.swap("W1", 0, 0.95, swap_soc=0.9)],
        types=[make.pack_type(end_value_per_kwh=0.2)],
    )
    assert one.room_kwh.tolist() == one.most_kwh.tolist() == [0, 0]
    assert one.missing_kwh.tolist() == [[0], [0]]
    assert one.stay_value == pytest.approx([18, 18])


def test_most_in_a_slot_is_what_the_curve_lets_through_on_arrival() -> None:
    """(e + α) / (1 − β) with the line 40 → 10 kW from 50 to 90 kWh: p = 77.5 − 0.75·e at the end of the slot."""
    kind = make.pack_type(acceptance=((0.5, 40), (0.9, 10)))
    one = problem(types=[kind], packs=[make.pack("P1", 0.1), make.pack("P2", 0.5), make.pack("P3", 0.7)])
    assert one.most_kwh == pytest.approx([40, (50 + 77.5) / 1.75 - 50, (70 + 77.5) / 1.75 - 70])


# When a pack may leave


@pytest.mark.parametrize(
    ("soc", "slot", "serves"),
    [
        (0.8, 0, True),
        (0.79, 0, False),  # a swap in slot 0 takes a pack as it is
        (0.4, 1, True),
        (0.39, 1, False),  # 40 kWh a slot
        (0.0, 2, True),
        (0.0, 1, False),
    ],
)
def test_pack_of_the_start_serves_what_it_can_be_charged_for(soc: float, slot: int, serves: bool) -> None:
    one = problem(packs=[make.pack("P1", soc)], swaps=[make.swap("W1", slot)])
    assert may(one)["P1"] == (["W1", STAYS] if serves else [STAYS])


@pytest.mark.parametrize(
    ("returned", "slot", "turnaround", "serves"),
    [
        (0.8, 1, 0, False),  # it comes in the very slot
        (0.8, 2, 0, True),
        (0.8, 2, 3, True),  # ready on arrival, it leaves during its turnaround
        (0.4, 2, 0, True),
        (0.4, 2, 1, False),
        (0.4, 3, 1, True),
        (0.1, 2, 0, False),
        (0.1, 3, 0, True),
        (0.79, 3, 9, False),  # turnaround to the end
    ],
)
def test_returned_pack_serves_later_swaps(returned: float, slot: int, turnaround: int, serves: bool) -> None:
    swaps = [make.swap("W1", 1, returned), make.swap("W2", slot)]
    one = problem(packs=[make.pack("P1", 0.9)], swaps=swaps, turnaround_slots=turnaround)
    assert may(one)["return:W1"] == (["lost", "W2", STAYS] if serves else ["lost", STAYS])
    assert one.charge_from.tolist() == [0, min(1 + turnaround, 4), min(slot + turnaround, 4)]


def test_need_of_its_own() -> None:
    swaps = [make.swap("W1", 0), make.swap("W2", 0, swap_soc=0.5), make.swap("W3", 0, swap_soc=0.9)]
    one = problem(packs=[make.pack("P1", 0.5), make.pack("P2", 0.85)], swaps=swaps)
    assert (may(one)["P1"], may(one)["P2"]) == (["W2", STAYS], ["W1", "W2", STAYS])


def test_pack_may_miss_what_a_plan_may_miss() -> None:
    near = [make.pack("P1", 0.8 - 9e-7), make.pack("P2", 0.8 - 2e-6)]  # 0.9e-4 and 2e-4 kWh below 80
    one = problem(packs=near, swaps=[make.swap("W1", 0)])
    assert (may(one)["P1"], may(one)["P2"]) == (["W1", STAYS], [STAYS])


def test_nothing_comes_back() -> None:
    """The row stays in its place, for the swap's loss and for a pack that is nowhere."""
    one = problem(packs=[make.pack("P1", 0.9)], swaps=[make.swap("W1", 1, None), make.swap("W2", 3, swap_soc=0.0)])
    assert may(one)["return:W1"] == ["lost", STAYS]
    assert (one.room_kwh[1], one.stay_value[1]) == (0, 0)


def test_wanted_pack_serves_its_driver_alone_or_another() -> None:
    packs = [make.pack("P1", 0.9), make.pack("P2", 0.9)]
    swaps = [make.swap("W1", 1, 0.9), make.swap("W2", 2, pack="P2"), make.swap("W3", 3)]
    assert may(problem(packs=packs, swaps=swaps)) == {
        "P1": ["W1", "W3", STAYS],
        "P2": ["W1", "W2", "W3", STAYS],
        "return:W1": ["lost", "W3", STAYS],
        "return:W2": ["lost", STAYS],
        "return:W3": ["lost", STAYS],
    }


# What it costs, and what it means


def test_cost_of_pairs() -> None:
    """Wear as given; what stays is worth 0.20 a kWh, on arrival and charged; losing W1 costs 100, W2 60."""
    kind = make.pack_type(wear=((0, 0), (20, 1), (40, 8)), end_value_per_kwh=0.2)
    swaps = [make.swap("W1", 1), make.swap("W2", 3, None, lost_cost=60)]
    one = problem(types=[kind], packs=[make.pack("P1", 0.5)], swaps=swaps)
    pairs = [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2)]
    rows, columns = np.array(pairs).T
    kwh = np.array([30.0, 30, 40, 0, 70, 20, 0, 0])
    assert one.cost(rows, columns, kwh, 0.05 * kwh) == pytest.approx(
        [1.5, 1.5, 2 - 0.2 * 90, 100, 3.5, 1 - 0.2 * 30, 60, 0]
    )


def test_wear_of_a_slot_is_the_highest_of_its_lines() -> None:
    """0.05 a kWh up to 20 kWh in the slot, then 0.35, then as the curve's last piece goes on."""
    one = problem(types=[make.pack_type(wear=((0, 0), (20, 1), (30, 4.5)))], packs=[make.pack("P1", 0.5)])
    assert one.wear(np.array([0.0, 10, 20, 25, 40])) == pytest.approx([0, 0.5, 1, 2.75, 8])


def test_readiness() -> None:
    """S is 70 kWh of 100, E 90: P1 lacks 20, P2 nothing, what W1 brings 60, W2 brings nothing. W2 asks for 75."""
    one = problem(
        types=[make.pack_type(swap_soc=0.7)],
        packs=[make.pack("P1", 0.5), make.pack("P2", 0.8)],
        swaps=[make.swap("W1", 1, 0.1), make.swap("W2", 3, None, swap_soc=0.75)],
        turnaround_slots=1,
    )
    assert one.unready_kwh == pytest.approx([20, 0, 60, np.inf])
    assert one.arrive.tolist() == [0, 0, 1, 3]
    assert one.beyond_kwh == pytest.approx([0, 5])
    assert one.spare_kwh == one.spare_most_kwh == pytest.approx(20)


def test_order_of_an_assignment() -> None:
    """P1 serves W2, W1 is lost, W3 gets what W2 brought; columns from 3 on are staying."""
    one = problem(
        packs=[make.pack("P1", 0.9), make.pack("P2", 0.9)],
        swaps=[make.swap("W1", 1), make.swap("W2", 1, 0.8), make.swap("W3", 3)],
    )
    rows, columns = np.arange(5), np.array([1, 3, 0, 2, 4])
    assert one.hand_overs(rows, columns) == {"W2": "P1", "W3": "return:W2"}


def test_pairs_are_the_way_back_from_hand_overs() -> None:
    """W2 is lost; P2 and P3 stay, and so does the pack that W1 brings. That of W2 is the row of losing it."""
    one = problem(swaps=[make.swap("W1", 1), make.swap("W2", 2), make.swap("W3", 3)])
    by_swap = {"W1": "P1", "W3": "return:W1"}
    rows, columns = one.pairs(by_swap)
    assert one.hand_overs(rows, columns) == by_swap
    assert sorted(rows.tolist()) == list(range(len(one.packs)))
    assert columns.tolist() == [0, 1, 2, 3, 3, 3]
    assert {one.packs[r] for r, j in zip(rows, columns, strict=True) if j == 3} == {"P2", "P3", "return:W3"}
