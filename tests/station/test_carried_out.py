"""The beginning of a night: a plan that looks ahead, cut off, is a plan of the night itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import builders as make
import pytest
from random_nights import random_night

from models.station.carry_over.carried_out import beginning, continued, plan_until, slots_ahead
from models.station.cost import cost_of, drawn_power_kw
from models.station.instance import Night
from models.tariff.tariff import PriceSeries
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


# The night that goes on


def day(**changes: object) -> Night:
    """24 hours from midnight, a driver at 1 and one at 20 o'clock."""
    swaps = [make.swap("W1", 1), make.swap("W2", 20, pack="P1")]
    return make.night(24, **{"swaps": swaps, "base_load_kw": tuple(range(24)), **changes})


def test_a_day_that_goes_on_repeats_by_the_clock() -> None:
    longer = continued(day(tariff=make.tariff([float(hour) for hour in range(24)])), 3)
    assert longer.horizon.slots == 27
    assert longer.station.base_load_kw[24:] == (0, 1, 2)
    assert longer.tariff_series.price_per_kwh[22:] == (22, 23, 0, 1, 2)
    assert [(swap.id, swap.slot) for swap in longer.station.swaps] == [("W1", 1), ("W2", 20), ("W1, next day", 25)]


def test_its_beginning_is_the_day_itself() -> None:
    given = day(plug_changes_max=tuple(range(1, 25)), plug_change_cost=0.5)
    assert continued(given, 0) is given
    assert beginning(continued(given, 12), 24) == given


def test_who_comes_again_asks_for_no_pack_by_name() -> None:
    again = continued(day(), 24).station.swaps[-1]
    assert (again.id, again.slot, again.pack) == ("W2, next day", 44, None)


def test_tariff_windows_go_on() -> None:
    periods = (make.period("night", 0.1, "00:00", "02:00"), make.period("day", 0.3))
    longer = continued(day(tariff=make.tariff(energy_periods=periods)), 3)
    assert longer.tariff_series.price_per_kwh[23:] == (0.3, 0.1, 0.1, 0.3)


def test_market_prices_are_taken_as_far_as_they_are_known() -> None:
    known = PriceSeries(datetime.fromisoformat(make.MIDNIGHT), 60, tuple(float(hour) for hour in range(26)))
    longer = continued(day(tariff=replace(make.tariff(), energy_periods=(), price_series=known)), 3)
    assert longer.tariff_series.price_per_kwh[23:] == (23, 24, 25, 2)


@pytest.mark.parametrize(("start", "slots"), [("2026-10-24T12:00+02:00", 25), ("2026-03-28T12:00+01:00", 24)])
def test_where_the_clock_changes_the_day_repeats_by_the_local_clock(start: str, slots: int) -> None:
    """The hour that comes twice has its drivers once; one that is left out has none."""
    swaps = [make.swap(f"W{hour}", hour) for hour in range(slots)]
    before = make.night(on=make.horizon(slots, start=start), swaps=swaps)
    again = continued(before, 23).station.swaps[slots:]
    local = {swap.id: before.horizon.slot_start(swap.slot).astimezone(before.horizon.zone).hour for swap in swaps}
    assert len({swap.id for swap in again}) == len(again)
    for swap in again:
        at = before.horizon.slot_start(swap.slot).astimezone(before.horizon.zone).hour
        assert at == local[swap.id.removesuffix(", next day")]


def test_hours_ahead_are_whole_slots_and_metering_intervals() -> None:
    assert slots_ahead(day(), 12.5) == 12
    assert slots_ahead(make.night(23), 12) == 0
    metered = day(tariff=make.tariff(demand_charges=(make.demand(metering_minutes=120),)))
    assert slots_ahead(metered, 5) == 4


def test_no_horizon_is_longer_than_a_month() -> None:
    month = make.night(on=make.horizon(31 * 24 - 2))
    assert slots_ahead(month, 12) == 2
