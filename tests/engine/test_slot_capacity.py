"""The capacity of grid power, chargers and plug changes: what is booked is gone, what is given back is there again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import builders as make
import pytest

from models.station.instance import Night
from optimizer.engine.slot_capacity import Session, SlotCapacity

KIND = make.pack_type()


def charged(night: Night, start_kwh: float = 10.0, slots: Any = range(4), goal_kwh: float = 90.0) -> dict[int, float]:
    return SlotCapacity(night).chronological(KIND, start_kwh, slots, goal_kwh).power_kw


def test_most_power_until_the_goal() -> None:
    assert charged(make.night()) == {0: 40, 1: 40}
    assert charged(make.night(), start_kwh=35) == {0: 40, 1: 15}
    assert charged(make.night(), start_kwh=90) == {}


def test_only_the_slots_named() -> None:
    assert charged(make.night(), slots=[1, 3]) == {1: 40, 3: 40}


def test_grid_power_is_less_base_load_and_more_sun_and_times_efficiency() -> None:
    night = make.night(grid_limit_kw=30, base_load_kw=(0, 10, 30, 30), solar_kw=(0, 0, 0, 15))
    assert charged(night) == pytest.approx({0: 24, 1: 16, 3: 12})


def test_acceptance_curve() -> None:
    kind = make.pack_type(acceptance=((0.5, 40), (0.9, 0)))
    session = SlotCapacity(make.night()).chronological(kind, 50, range(2), 90)
    assert session.power_kw == pytest.approx({0: 20, 1: 10})  # from 50: p = 40 − p, then from 70: p = 20 − p


def test_minimum_power() -> None:
    """20 kW reach the packs, 24 are asked for; only a slot that ends at the target may have less, on average."""
    night = make.night(chargers=make.chargers(min_kw=24), grid_limit_kw=25)
    averaged = replace(night, station=replace(night.station, grid_limit_is="average"))
    assert charged(averaged) == charged(night) == {}
    assert charged(averaged, start_kwh=75) == {0: 15}
    assert charged(night, start_kwh=75) == {}  # a part of the slot at 24 kW is beyond the grid limit while it lasts
    assert charged(make.night(chargers=make.chargers(min_kw=24), grid_limit_kw=30), start_kwh=75) == {0: 15}


def test_on_off_takes_the_most_or_nothing() -> None:
    night = make.night(chargers=make.chargers(mode="on_off"), grid_limit_kw=(50, 49, 50, 50))
    assert charged(night) == {0: 40, 2: 40}


def test_booked_power_and_chargers_are_gone_until_given_back() -> None:
    capacity = SlotCapacity(make.night(chargers=make.chargers(count=1), grid_limit_kw=100))
    session = capacity.chronological(KIND, 10, range(4), 90)
    capacity.book(session)
    assert capacity.chronological(KIND, 10, range(4), 90).power_kw == {2: 40, 3: 40}
    capacity.book(session, sign=-1)
    assert capacity.chronological(KIND, 10, range(4), 90).power_kw == {0: 40, 1: 40}


def test_booked_power_lowers_what_the_next_pack_gets() -> None:
    capacity = SlotCapacity(make.night(grid_limit_kw=75))
    capacity.book(Session({0: 40.0, 1: 40.0}))
    assert capacity.chronological(KIND, 10, range(4), 90).power_kw == pytest.approx({0: 20, 1: 20, 2: 40})


def test_energy_at_the_start_of_a_slot() -> None:
    session = Session({0: 40.0, 2: 10.0})
    assert [session.energy_kwh(10, before, 0.5) for before in range(4)] == [10, 30, 30, 35]


# Plug changes


def capped(most: int, **changes: Any) -> SlotCapacity:
    return SlotCapacity(make.night(plug_changes_max=most, **changes))


def test_uninterrupted_session() -> None:
    session = capped(1).uninterrupted(KIND, 10, range(1, 4), 90)
    assert session is not None
    assert session.power_kw == {1: 40, 2: 40}


def test_no_change_allowed_means_charging_all_night_or_not_at_all() -> None:
    capacity = capped(0)
    assert capacity.uninterrupted(KIND, 10, range(1, 4), 90) is None  # would start at a boundary
    assert capacity.uninterrupted(KIND, 10, range(4), 90) is None  # would stop at one
    assert capacity.uninterrupted(KIND, 10, range(2), 90) is None  # must go on to the end of the night


def test_session_that_lasts_until_the_end_needs_no_stop() -> None:
    slow = make.chargers(max_kw=20)
    assert capped(0, chargers=slow).uninterrupted(KIND, 10, range(4), 90) is not None
    assert capped(0, chargers=slow, slots=5).uninterrupted(KIND, 10, range(4), 90) is None


def test_pause_ends_a_session() -> None:
    assert capped(1, grid_limit_kw=(100, 0, 100, 100)).uninterrupted(KIND, 10, range(4), 90) is None


def test_starts_and_stops_are_booked() -> None:
    capacity = capped(1, chargers=make.chargers(count=3))
    capacity.book(Session({1: 40.0}))
    assert capacity.uninterrupted(KIND, 50, range(1, 4), 90) is None  # the start before slot 1 is taken
    assert capacity.uninterrupted(KIND, 50, range(2, 4), 90) is not None
    assert capacity.uninterrupted(KIND, 10, range(4), 90) is None  # and so is the stop before slot 2
    assert capacity.uninterrupted(KIND, 10, range(4), 50) is not None  # but not the one before slot 1


def test_cut_gives_back_what_comes_later() -> None:
    capacity = capped(1, chargers=make.chargers(count=1))
    session = Session({0: 40.0, 1: 40.0})
    capacity.book(session)
    assert capacity.can_cut(session, 1)
    assert capacity.cut(session, 1).power_kw == {0: 40}
    assert not capacity.can_cut(Session({0: 1.0, 1: 1.0}), 1)  # the one stop there is taken
    assert capacity.can_cut(Session({1: 1.0}), 1)  # nothing to stop
    assert capacity.uninterrupted(KIND, 50, range(1, 4), 90) is not None
