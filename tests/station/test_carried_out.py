"""The beginning of a night: a plan that looks ahead, cut off, is a plan of the night itself."""

from __future__ import annotations

from dataclasses import replace

import builders as make
import pytest
from random_nights import random_night

from models.station.carried_out import beginning, plan_until
from models.station.cost import cost_of, drawn_power_kw
from optimizer.check.rules import check
from optimizer.engine.baselines import uncontrolled_charging


def test_beginning_has_the_first_slots_and_their_drivers() -> None:
    night = make.night(4, swaps=[make.swap("W1", 1), make.swap("W2", 3)], base_load_kw=(1, 2, 3, 4))
    first = beginning(night, 2)
    assert (first.horizon.slots, first.horizon.start) == (2, night.horizon.start)
    assert [swap.id for swap in first.station.swaps] == ["W1"]
    assert first.station.base_load_kw == (1, 2) and len(first.station.grid_limit_kw) == 2


def test_plan_until_keeps_what_happens_before() -> None:
    night = make.night(4, swaps=[make.swap("W1", 1), make.swap("W2", 3)])
    plan = make.schedule(night, {"P2": (10, 20, 30, 40)}, {"W1": "P1", "W2": "P2"})
    first = plan_until(night, plan, 2)
    assert first.by_swap() == {"W1": "P1"}
    assert {row.pack: row.power_kw for row in first.rows}["P2"] == (10, 20)
    assert {row.pack for row in first.rows} == {"P1", "P2", "P3", "return:W1"}


def test_the_whole_night_is_left_alone() -> None:
    night = make.night(4, swaps=[make.swap("W1", 1)])
    plan = uncontrolled_charging(night)
    assert beginning(night, 4) is night and plan_until(night, plan, 4) is plan


@pytest.mark.parametrize("seed", range(20))
def test_a_sound_plan_stays_sound(seed: int) -> None:
    night = random_night(seed)
    priced = replace(
        night.station, tariff=make.tariff(0.2), peak_so_far_kw={}, energy_so_far_kwh={}, lookback_peak_kw={}
    )
    even, slots = replace(night, station=priced), night.horizon.slots - 1
    plan = uncontrolled_charging(even)
    first, cut = beginning(even, slots), plan_until(even, plan, slots)
    assert check(first, cut) == []
    drawn_kwh = sum(drawn_power_kw(even, plan)[:slots]) * even.horizon.slot_hours
    assert cost_of(first, cut).energy == pytest.approx(0.2 * drawn_kwh)
