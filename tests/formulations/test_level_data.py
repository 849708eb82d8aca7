"""A night as the level formulation sees it: classes of swaps, fills, when packs can be ready."""

from __future__ import annotations

from typing import Any

import builders as make
import pytest

from models.formulations.levels.data import LevelData, level_data
from models.station.instance import Night


def data_of(resolution: int = 1, **changes: Any) -> LevelData:
    return level_data(make.night(**changes), resolution)


def members(data: LevelData) -> list[tuple[str, ...]]:
    return [one.swaps for one in data.classes]


def test_swaps_alike_are_one_class() -> None:
    swaps = [make.swap("W1", 2), make.swap("W2", 1), make.swap("W3", 2)]
    data = data_of(swaps=swaps)
    assert members(data) == [("W2",), ("W1", "W3")]
    assert [(one.size, one.slot, one.needed_kwh, one.returned_kwh) for one in data.classes] == [
        (1, 1, 80, 10),
        (2, 2, 80, 10),
    ]


@pytest.mark.parametrize(
    "changes",
    [{"slot": 3}, {"returned_soc": 0.2}, {"returned_soc": None}, {"lost_cost": 99}, {"swap_soc": 0.7}],
    ids=str,
)
def test_swaps_that_differ_are_two_classes(changes: dict[str, Any]) -> None:
    other = {"slot": 2, "returned_soc": 0.1} | changes
    assert len(data_of(swaps=[make.swap("W1", 2), make.swap("W2", **other)]).classes) == 2


def test_the_pack_wanted_makes_no_class_of_its_own() -> None:
    assert members(data_of(swaps=[make.swap("W1", 2), make.swap("W2", 2, pack="P1")])) == [("W1", "W2")]


def test_returned_energy_is_cut_off_at_target() -> None:
    assert data_of(swaps=[make.swap("W1", 2, 1.0)]).classes[0].returned_kwh == 90


@pytest.mark.parametrize(
    ("returned_soc", "turnaround", "enters"),
    [
        (0.1, 0, 2),
        (0.1, 1, 3),
        (0.1, 9, 4),  # never
        (0.8, 2, 2),  # ready: it may leave during its turnaround, so the bound lets it charge at once
        (None, 1, 3),
    ],
)
def test_slot_from_which_a_returned_pack_may_charge(returned_soc: Any, turnaround: int, enters: int) -> None:
    data = data_of(swaps=[make.swap("W1", 2, returned_soc)], turnaround_slots=turnaround)
    assert data.classes[0].enters == enters


def test_least_need_of_a_type_decides_who_is_ready() -> None:
    swaps = [make.swap("W1", 2, 0.5), make.swap("W2", 3, swap_soc=0.5)]
    assert data_of(swaps=swaps, turnaround_slots=1).classes[0].enters == 2


def test_start_fills_are_a_sum_over_packs() -> None:
    """Bands 10–40–50–80–90 (from E = 90 and S = 80 down in steps of 40): P1 at 90, P2 at 50, P3 at 10."""
    one = data_of().types["A"]
    assert one.bands.edges_kwh == (10, 40, 50, 80, 90)
    assert one.start_fills.tolist() == [2, 2, 1, 1]
    assert one.starts_kwh == (90, 50, 10)
    assert one.start_count == 3


def test_energy_of_the_start_is_kept_at_any_resolution() -> None:
    for resolution in (1, 2, 4, 8):
        one = data_of(resolution, packs=[make.pack("P1", 0.37), make.pack("P2", 0.77)]).types["A"]
        energy = one.start_count * one.bands.edges_kwh[0] + one.bands.widths_kwh @ one.start_fills
        assert energy == pytest.approx(37 + 77)


def test_returned_fills() -> None:
    data = data_of(swaps=[make.swap("W1", 2, 0.45)])
    assert data.returned_fills(0).tolist() == [1, 0.5, 0, 0]


def test_entering_and_leaving_by_slot() -> None:
    swaps = [make.swap("W1", 1), make.swap("W2", 1, None), make.swap("W3", 2)]
    one = data_of(swaps=swaps, turnaround_slots=1).types["A"]
    assert one.leaving == {1: [0, 1], 2: [2]}
    assert one.entering == {2: [1], 3: [2]}  # what W1 and W3 return, a slot later


def test_types_that_nobody_has_or_wants_are_left_out() -> None:
    night = make.night(types=[make.pack_type(), make.pack_type(id="B"), make.pack_type(id="C")], swaps=[])
    wanted = make.night(types=night.pack_types.values(), swaps=[make.swap("W1", 1, type="C")])
    assert set(level_data(night, 1).types) == {"A"}
    assert set(level_data(wanted, 1).types) == {"A", "C"}
    assert level_data(wanted, 1).types["C"].start_count == 0


READY: list[tuple[float, int, float, int]] = [
    (90, 0, 90, 0),
    (50, 0, 90, 1),
    (49.999, 0, 90, 2),
    (10, 0, 90, 2),
    (10, 1, 90, 3),
    (50 - 1e-9, 0, 90, 1),  # rounding makes nobody late
]


@pytest.mark.parametrize(("energy_kwh", "charge_from", "needed_kwh", "slot"), READY)
def test_ready_slot(energy_kwh: float, charge_from: int, needed_kwh: float, slot: int) -> None:
    kind = make.pack_type()
    assert data_of().ready_slot(kind, energy_kwh, charge_from, needed_kwh) == slot


def test_who_is_not_ready_by_the_end_never_is() -> None:
    kind = make.pack_type(acceptance=((0.5, 40), (0.9, 0)))  # 90 only in the limit
    night = make.night(slots=4, types=[kind])
    assert level_data(night, 1).ready_slot(kind, 10, 0, 90) > night.horizon.slots


WEAR = ((0, 0), (20, 1), (30, 3), (50, 9))


def test_wear_in_steps_above_its_first_slope() -> None:
    """Slopes 0.05, 0.2, 0.3 a kW and hour; the third begins at 30 kW, below the charger's 40."""
    one = level_data(make.night(types=[make.pack_type(wear=WEAR)]), 4).types["A"]
    assert one.wear_per_kwh == pytest.approx(0.05)
    assert [(step.gain_kwh, step.cost_per_kwh) for step in one.wear] == [
        (20, pytest.approx(0.15)),
        (30, pytest.approx(0.1)),
    ]


def test_no_step_above_what_the_charger_gives() -> None:
    night = make.night(types=[make.pack_type(wear=WEAR)], chargers=make.chargers(max_kw=25))
    assert [step.gain_kwh for step in level_data(night, 4).types["A"].wear] == [20]


def test_floor_is_below_every_pack_of_the_night() -> None:
    for night in (_with(0.6, 0.55), _with(0.04, 0.3), _with(0.7, None)):
        lowest = min([0.5 * 100, *(p.soc * 100 for p in night.station.packs), *_returns(night)])
        assert level_data(night, 1).types["A"].bands.edges_kwh[0] <= lowest


def _with(soc: float, returned_soc: float | None) -> Night:
    return make.night(packs=[make.pack("P1", soc)], swaps=[make.swap("W1", 1, returned_soc)])


def _returns(night: Night) -> list[float]:
    return [swap.returned_soc * 100 for swap in night.station.swaps if swap.returned_soc is not None]
