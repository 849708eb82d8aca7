"""What a previous plan means for another night: packs, drivers and slots found again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import builders as make
import numpy as np
import pytest

from models.horizon import Horizon
from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.engine.near.matching import committed
from optimizer.engine.near.previous_plan import PreviousPlan

START = datetime(2025, 1, 15, 18, tzinfo=UTC)


def at(minutes: int, slots: int, slot_minutes: int = 60) -> Horizon:
    return Horizon(START + timedelta(minutes=minutes), "UTC", slot_minutes, slots)


def previous(night: Night, schedule: Schedule) -> PreviousPlan:
    slots = {swap.id: swap.slot for swap in night.station.swaps}
    served = {handed.swap: slots[handed.swap] for handed in schedule.hand_overs}
    return PreviousPlan(night.horizon, schedule, served, tuple(set(slots) - set(served)))


def old_plan(*swap_ids: str) -> tuple[Night, PreviousPlan]:
    """Six hours; P1 leaves in slot 1, P2 in slot 4; P2 takes 10 kW in slot 2, what the first driver brings 20 in 3."""
    first, second = swap_ids or ("W1", "W2")
    night = make.night(on=at(0, 6), swaps=[make.swap(first, 1), make.swap(second, 4)])
    powers = {"P2": [0, 0, 10, 0, 0, 0], f"return:{first}": [0, 0, 0, 20, 0, 0]}
    return night, previous(night, make.schedule(night, powers, {first: "P1", second: "P2"}))


def test_the_same_night_is_all_known() -> None:
    night, plan = old_plan()
    kept = committed(plan, night)
    assert kept.by_swap == {"W1": "P1", "W2": "P2"}
    assert kept.known == {"W1", "W2"}
    assert kept.power_kw["P2"].tolist() == [0, 0, 10, 0, 0, 0]
    assert kept.power_kw["return:W1"].tolist() == [0, 0, 0, 20, 0, 0]


@pytest.mark.parametrize("name", ["r-W1", "W1", "back/W1"])
def test_two_hours_later_slots_are_matched_by_instant_and_packs_by_name(name: str) -> None:
    _, plan = old_plan()
    packs = [make.pack(name), make.pack("P2")]
    later = make.night(on=at(120, 6), packs=packs, swaps=[make.swap("W2", 2)])
    kept = committed(plan, later)
    assert kept.by_swap == {"W2": "P2"}
    np.testing.assert_equal(kept.power_kw["P2"], [10, 0, 0, 0, np.nan, np.nan])
    np.testing.assert_equal(kept.power_kw[name], [0, 20, 0, 0, np.nan, np.nan])


def test_a_pack_of_another_name_is_known_by_its_bay() -> None:
    _, plan = old_plan()
    later = make.night(on=at(120, 4), packs=[make.pack("X"), make.pack("P2")], swaps=[])
    assert committed(plan, later).power_kw["X"].tolist() == [0, 20, 0, 0]


def test_ids_that_count_anew_in_another_horizon_are_no_names() -> None:
    """swap-1 of the later night is the driver who was swap-2."""
    _, plan = old_plan("swap-1", "swap-2")
    packs = [make.pack("r-swap-1"), make.pack("P2")]
    later = make.night(on=at(120, 4), packs=packs, swaps=[make.swap("swap-1", 2)])
    assert committed(plan, later).by_swap == {"swap-1": "P2"}


def test_a_late_driver_is_known_by_id_and_what_he_brings_follows() -> None:
    night, plan = old_plan()
    swaps = (replace(night.station.swaps[0], slot=4), replace(night.station.swaps[1], slot=1))
    crossed = replace(night, station=replace(night.station, swaps=swaps))
    kept = committed(plan, crossed)
    assert kept.by_swap == {"W1": "P2", "W2": "P1"}, "whoever comes at the same instant is the same driver first"
    late = replace(night, station=replace(night.station, swaps=(swaps[0], night.station.swaps[1])))
    assert committed(plan, late).by_swap == {"W1": "P1", "W2": "P2"}


def test_without_ids_the_nearest_driver_of_the_type_within_two_hours_is_the_same() -> None:
    _, plan = old_plan("swap-1", "swap-2")
    packs = [make.pack("r-swap-1"), make.pack("P2")]
    for slot, expected in ((3, {"swap-7": "P2"}), (5, {})):
        later = make.night(on=at(120, 6), packs=packs, swaps=[make.swap("swap-7", slot)])
        assert committed(plan, later).by_swap == expected
    kinds = [make.pack_type(), make.pack_type(id="B")]
    other = make.night(on=at(120, 6), packs=packs, swaps=[make.swap("swap-7", 3, type="B")], types=kinds)
    assert committed(plan, other).by_swap == {}


def test_slots_of_another_length_get_the_average() -> None:
    night, plan = old_plan()
    halves = make.night(on=at(0, 12, 30), swaps=[make.swap("W1", 2), make.swap("W2", 8)])
    assert committed(plan, halves).power_kw["P2"].tolist() == [0, 0, 0, 0, 10, 10, 0, 0, 0, 0, 0, 0]
    doubles = make.night(on=at(60, 3, 120), packs=[make.pack("r-W1"), make.pack("P2")], swaps=[])
    np.testing.assert_equal(committed(plan, doubles).power_kw["P2"], [5, 0, np.nan])
    assert night.horizon.slots == 6


def test_a_lost_driver_is_known() -> None:
    night = make.night(on=at(0, 6), swaps=[make.swap("W1", 1), make.swap("W2", 4)])
    kept = committed(previous(night, make.schedule(night, {}, {"W1": "P1"})), night)
    assert (dict(kept.by_swap), kept.known) == ({"W1": "P1"}, {"W1", "W2"})
