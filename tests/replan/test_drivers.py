"""Drivers who came: whom they stand for, and what they leave in the bays."""

from __future__ import annotations

from dataclasses import replace

import builders as make
import pytest

from models.station.instance import Night
from models.station.schedule import HandOver, PackRow, Schedule
from optimizer.carry.standing import PlannedBays
from optimizer.replan.drivers import LoggedDriver, came_until, played_until

SLOTS = 8  # of an hour


def night() -> Night:
    """P1 is full, P2 is not; drivers at 2, 4 and 6 o'clock, the last of a forecast."""
    packs = [make.pack("P1", soc=0.9), make.pack("P2", soc=0.5)]
    swaps = [make.swap("W2", 2), make.swap("W4", 4), replace(make.swap("F-1", 6), forecast="F")]
    return make.night(SLOTS, packs=packs, swaps=swaps)


def driver(line: int, minute: int, swap: str = "", returned_soc: float | None = None) -> LoggedDriver:
    return LoggedDriver(line, "S", minute, "A", returned_soc, swap)


def planned(given: Night) -> PlannedBays:
    rows = (PackRow("P1", 0, (0.0,) * SLOTS), PackRow("P2", 1, (10.0,) * 4 + (0.0,) * 4))
    schedule = Schedule("S", (*rows, PackRow("return:W2", 0, (0.0,) * SLOTS)), (HandOver("W2", "P1"),))
    return PlannedBays.of(given, schedule)


def test_drivers_stand_for_the_id_then_the_nearest_within_an_hour() -> None:
    came = came_until(night(), [driver(2, 230, "W2"), driver(3, 250), driver(4, 251)], 300, 5)
    assert {line: swap.id for line, swap in came.stands_for.items()} == {2: "W2", 3: "W4"}
    assert came.unexpected == 1


def test_known_drivers_are_waited_for_half_an_hour() -> None:
    assert [swap.id for swap in came_until(night(), [], 150, 3).late] == ["W2"]
    came = came_until(night(), [], 151, 3)
    assert ([swap.id for swap in came.late], [swap.id for swap in came.missed]) == ([], ["W2"])


def test_whom_only_a_forecast_expects_is_not_waited_for() -> None:
    came = came_until(night(), [], 361, 7)
    assert "F-1" not in [swap.id for swap in (*came.late, *came.missed)]


def test_a_driver_takes_the_planned_pack_and_leaves_another() -> None:
    given = night()
    came = came_until(given, [driver(2, 125, "W2", 0.12)], 180, 3)
    packs = played_until(planned(given), came, 3)
    assert [(pack.id, pack.bay) for pack in packs] == [("r-W2", 0), ("P2", 1)]
    capacity_kwh = given.pack_types["A"].capacity_kwh
    assert packs[0].energy_kwh == pytest.approx(0.12 * capacity_kwh)
    assert packs[1].energy_kwh == pytest.approx(0.5 * capacity_kwh + 30.0)


def test_nobody_gets_a_pack_that_is_not_ready() -> None:
    given = night()
    came = came_until(given, [driver(2, 5), driver(3, 6)], 60, 1)
    packs = played_until(planned(given), came, 1)
    assert [pack.id for pack in packs if pack.bay == 1] == ["P2"]


def test_what_stands_there_at_a_slot() -> None:
    packs = planned(night()).standing(4)
    assert [(pack.id, pack.bay) for pack in packs] == [("r-W2", 0), ("P2", 1)]
    assert [pack.id for pack in planned(night()).standing(2)] == ["P1", "P2"]  # before the slot's driver comes


def test_frozen_hand_overs_are_carried_out() -> None:
    """P1 goes at 2 o'clock and what W2 brings takes its bay; a pack that is not the planned one stays."""
    bays = planned(night())
    stood = bays.standing(1)
    after = bays.carried_on(stood, 60, 3)
    assert [(pack.id, pack.bay) for pack in after] == [("r-W2", 0), ("P2", 1)]
    other = [replace(pack, id="P9") if pack.id == "P1" else pack for pack in stood]
    assert [pack.id for pack in bays.carried_on(other, 60, 3)] == ["P9", "P2"]
    half_an_hour = bays.carried_on(stood, 90, 2)
    assert half_an_hour[1].energy_kwh == pytest.approx(stood[1].energy_kwh + 5.0)


def test_a_driver_who_brings_nothing_leaves_the_bay_empty() -> None:
    given = make.night(SLOTS, packs=[make.pack("P1", soc=0.9)], swaps=[make.swap("W2", 2, returned_soc=None)])
    schedule = Schedule("S", (PackRow("P1", 0, (0.0,) * SLOTS),), (HandOver("W2", "P1"),))
    bays = PlannedBays.of(given, schedule)
    assert bays.carried_on(bays.standing(1), 60, 3) == []
    assert bays.standing(3) == []


def test_a_pack_in_quarantine_stays_as_it_is() -> None:
    packs = [replace(make.pack("P1", soc=0.4), usable=False), make.pack("P2", soc=0.5)]
    bays = PlannedBays.of(make.night(SLOTS, packs=packs), Schedule("S", (PackRow("P2", 1, (10.0,) * SLOTS),), ()))
    first, second = bays.standing(2)
    assert (first.id, first.usable, first.energy_kwh) == ("P1", False, 40.0)
    assert second.energy_kwh == pytest.approx(70.0)
    assert bays.carried_on([first], 120, 4) == [first]
