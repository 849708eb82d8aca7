"""Stays: who stands in which bay from when to when, by hand; and infeasible assignments."""

from __future__ import annotations

import builders as make
import pytest

from models.station.instance import Night
from models.station.stays import highest_energy_kwh, most_charge_kw, stays_of


def brief(night: Night, by_swap: dict[str, str]) -> list[tuple[str, int, int, int, int]]:
    """(pack, bay, arrive, charge from, leave) of every stay."""
    return [(s.pack, s.bay, s.arrive, s.charge_from, s.leave) for s in stays_of(night, by_swap)]


def test_packs_that_nobody_takes_stay_all_night() -> None:
    night = make.night(slots=4, swaps=[make.swap("W1", 1)])
    assert brief(night, {}) == [("P1", 0, 0, 0, 4), ("P2", 1, 0, 0, 4), ("P3", 2, 0, 0, 4)]


def test_returned_pack_takes_the_bay_of_the_pack_handed_over() -> None:
    swaps = [make.swap("W1", 1), make.swap("W2", 3)]
    night = make.night(slots=4, swaps=swaps, turnaround_slots=1)
    assert brief(night, {"W1": "P2", "W2": "return:W1"}) == [
        ("P1", 0, 0, 0, 4),
        ("P2", 1, 0, 0, 1),
        ("return:W1", 1, 1, 2, 3),
        ("return:W2", 1, 3, 4, 4),
        ("P3", 2, 0, 0, 4),
    ]


def test_bay_is_empty_where_nothing_comes_back() -> None:
    night = make.night(slots=4, packs=[make.pack("P1", 0.9)], swaps=[make.swap("W1", 2, None)])
    assert brief(night, {"W1": "P1"}) == [("P1", 0, 0, 0, 2)]


def test_pack_may_leave_in_slot_0() -> None:
    night = make.night(packs=[make.pack("P1", 0.9)], swaps=[make.swap("W1", 0)])
    assert brief(night, {"W1": "P1"}) == [("P1", 0, 0, 0, 0), ("return:W1", 0, 0, 0, 4)]


def test_turnaround_ends_with_the_horizon() -> None:
    night = make.night(slots=4, packs=[make.pack("P1", 0.9)], swaps=[make.swap("W1", 2)], turnaround_slots=9)
    last = stays_of(night, {"W1": "P1"})[-1]
    assert (last.charge_from, list(last.window)) == (4, [])


def test_energies_on_arrival_and_needs() -> None:
    swaps = [make.swap("W1", 1, 0.95), make.swap("W2", 2, 0.2, swap_soc=0.6)]
    night = make.night(packs=[make.pack("P1", 1.0)], swaps=swaps)
    stays = stays_of(night, {"W1": "P1", "W2": "return:W1"})
    assert [stay.start_kwh for stay in stays] == [90, 90, 20]  # above E counts as E
    assert [stay.need_kwh for stay in stays] == [80, 60, 0]
    assert [stay.swap for stay in stays] == ["W1", "W2", None]


NIGHT = make.night(slots=4, swaps=[make.swap("W1", 1), make.swap("W2", 3), make.swap("W3", 3, None)])


@pytest.mark.parametrize(
    ("by_swap", "message"),
    [
        ({"W1": "P1", "W2": "P1"}, "a pack is handed over twice"),
        ({"W1": "P9"}, "a pack is handed over that never came"),
        ({"W2": "return:W1"}, "a pack is handed over that never came"),
        ({"W3": "P1", "W2": "return:W3"}, "a pack is handed over that never came"),
        ({"W2": "P1", "W1": "return:W2"}, "return:W2 would leave before it comes"),
        ({"W2": "P1", "W3": "return:W2"}, "return:W2 would leave before it comes"),
    ],
)
def test_infeasible_assignments(by_swap: dict[str, str], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        stays_of(NIGHT, by_swap)


def test_most_power_of_a_stay_falls_with_its_first_energy() -> None:
    kind = make.pack_type(acceptance=((0.5, 40), (0.9, 10)))
    packs = [make.pack("P1", 0.1), make.pack("P2", 0.7), make.pack("P3", 0.9)]
    night = make.night(types=[kind], packs=packs)
    assert [most_charge_kw(night, stay) for stay in stays_of(night, {})] == pytest.approx([40, 20, 0])  # 90 − 70 = 20


def test_most_energy_slot_by_slot() -> None:
    night = make.night(slots=3, packs=[make.pack("P1", 0.1)])
    assert highest_energy_kwh(night, stays_of(night, {})) == {(0, 0): 50, (0, 1): 90, (0, 2): 90}
