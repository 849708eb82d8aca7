"""What a station expects is carried along where nights are cut or go on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import builders as make

from models.horizon import Horizon
from models.station.carry_over.carried_out import beginning, continued
from models.station.demand.expected import ExpectedSwaps
from models.station.instance import Night


def night_of(mean: tuple[float, ...], scenarios: tuple[tuple[int, ...], ...] = ()) -> Night:
    night = make.night(len(mean))
    one = ExpectedSwaps("f", "A", mean, (0.1, 0.2), 100.0, scenarios=scenarios)
    return replace(night, station=replace(night.station, expected=(one,)))


def test_the_beginning_of_a_night_expects_its_own_slots() -> None:
    (first,) = beginning(night_of((0.5, 1, 0, 2), ((1, 2, 3, 4), (5, 6, 7, 8))), 2).station.expected
    assert (first.mean_per_slot, first.scenarios) == ((0.5, 1), ((1, 2), (5, 6)))


def test_a_night_that_goes_on_expects_the_same_hours_again() -> None:
    mean = tuple(float(n) for n in range(24))
    (longer,) = continued(night_of(mean, (tuple(range(24)),)), 3).station.expected
    assert longer.mean_per_slot == (*mean, 0, 1, 2)
    assert longer.scenarios == ((*range(24), 0, 1, 2),)


def test_nobody_is_expected_twice_in_an_hour_that_the_clock_repeats() -> None:
    start = datetime.fromisoformat("2026-10-24T00:00+02:00")  # the next night has the hour from 2 to 3 twice
    night = night_of((1.0,) * 24)
    night = replace(night, horizon=Horizon(start, "Europe/Amsterdam", 60, 24))
    (longer,) = continued(night, 5).station.expected
    assert longer.mean_per_slot[24:] == (1, 1, 1, 0, 1)
