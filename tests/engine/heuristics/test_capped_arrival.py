"""What savings are told against: caps no higher than the month's peak, or the least ones; flat tariffs save nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import builders as make
import pytest
from random_nights import random_night

from models.station.cost import cost_of, drawn_power_kw
from models.station.instance import Night
from models.station.pack_type import PackType
from models.tariff.tier_use import highest_average_kw
from models.tolerances import money_tolerance
from optimizer.check.rules import check
from optimizer.engine.baselines import UNCONTROLLED_CHARGING, uncontrolled_charging
from optimizer.engine.heuristics.capped_arrival import arrival_plans
from optimizer.engine.heuristics.load_caps import best_simple_plan, simple_plan
from optimizer.engine.plan_station import plan_station

FOUR = make.chargers(count=4, max_kw=50, efficiency=1.0)


def evening(**changes: Any) -> Night:
    """Four packs that need an hour each, a driver for each at the end of eight; plain charging draws 200 kW at once."""
    settings: dict[str, Any] = {
        "slots": 8,
        "bays": 4,
        "types": [make.pack_type(capacity_kwh=100, target_soc=0.9, swap_soc=0.9)],
        "chargers": FOUR,
        "packs": [make.pack(f"P{n}", 0.4) for n in range(4)],
        "swaps": [make.swap(f"W{n}", 7, None, lost_cost=100) for n in range(4)],
        "grid_limit_kw": 500,
        "tariff": make.tariff([0.2] * 8, demand_charges=(make.demand(rate_per_kw=40),)),
    }
    return make.night(**settings | changes)


def peak_kw(night: Night, schedule: Any) -> float:
    return highest_average_kw(night.tariff_series.demands[0], drawn_power_kw(night, schedule))


def test_the_cap_is_the_peak_so_far_where_nobody_is_lost_under_it() -> None:
    night = evening(peak_so_far_kw={"peak": 60.0})
    found = arrival_plans(night)
    assert found.caps_kw == {"peak": 60.0} and peak_kw(night, found.load_cap.schedule) <= 60
    assert found.load_cap.cost.demand == 0 and found.on_arrival.cost.demand == 40 * 140
    assert found.load_cap.cost.lost_swaps == found.on_arrival.cost.lost_swaps == 0
    assert check(night, found.load_cap.schedule) == []


@pytest.mark.parametrize("peak_so_far_kw", [{}, {"peak": 10.0}])
def test_without_peak_or_below_it_the_least_cap_that_loses_nobody_more(peak_so_far_kw: dict[str, float]) -> None:
    night = evening(peak_so_far_kw=peak_so_far_kw)
    found = arrival_plans(night)
    (cap_kw,) = found.caps_kw.values()
    assert 200 / 7 <= cap_kw < 35  # 200 kWh in the seven hours before the drivers come, and a step of the search
    assert found.load_cap.cost.lost_swaps == 0
    below = simple_plan(night, UNCONTROLLED_CHARGING, [200 / 7 - 1] * 8)
    assert below.cost.lost_swaps > 0


def test_no_cap_where_no_charge_is_dearer_for_plain_charging() -> None:
    for night in (evening(tariff=make.tariff([0.2] * 8)), evening(peak_so_far_kw={"peak": 300.0})):
        found = arrival_plans(night)
        assert found.load_cap is found.on_arrival and found.caps_kw == {}
        assert found.on_arrival.schedule == uncontrolled_charging(night)


def test_a_months_charge_is_not_the_saving_of_a_night() -> None:
    """Plain charging on arrival is billed a month's charge that nobody would have paid."""
    night = evening(peak_so_far_kw={"peak": 60.0})
    savings = plan_station(night).result.savings
    assert savings is not None and savings.against == "load_cap"
    assert savings.on_arrival.amount == pytest.approx(5600) and savings.on_arrival.demand == pytest.approx(5600)
    assert savings.headline.amount == pytest.approx(0, abs=0.001) and savings.headline.demand == 0


def test_once_the_time_is_up_one_cap_is_tried() -> None:
    night = evening()
    late = arrival_plans(night, lambda: True)
    assert late.load_cap is late.on_arrival
    at_peak = arrival_plans(evening(peak_so_far_kw={"peak": 60.0}), lambda: True)
    assert at_peak.caps_kw == {"peak": 60.0}


def flat_night(seed: int, end_value_per_kwh: float | None) -> Night:
    """A random night of any feature but those that bill more than kWh: one price, no demand charge, no sun."""

    def plain(kind: PackType) -> PackType:
        return replace(kind, wear=(), end_value_per_kwh=end_value_per_kwh)

    night = random_night(seed)
    tariff = make.tariff([0.25] * night.horizon.slots)
    station = replace(
        night.station,
        tariff=tariff,
        solar_kw=(0.0,) * night.horizon.slots,
        ready_reserve=(0,) * night.horizon.slots,
        plug_change_cost=0.0,
        peak_so_far_kw={},
        lookback_peak_kw={},
        energy_so_far_kwh={},
    )
    kinds = {name: plain(kind) for name, kind in night.pack_types.items()}
    return replace(night, station=station, pack_types=kinds)


@pytest.mark.parametrize("end_value_per_kwh", [None, 0.0, 0.1])
def test_a_flat_tariff_saves_nothing_but_drivers(end_value_per_kwh: float | None) -> None:
    """Whatever energy the plan does not buy: only who is served can differ, and that is a part of its own."""
    had_to_be_mended = 0
    for seed in range(60):
        night = flat_night(seed, end_value_per_kwh)
        plan = best_simple_plan(night)
        savings = arrival_plans(night).savings(night, plan.schedule, plan.cost)
        tolerance = money_tolerance(plan.cost.gross_cost, savings.on_arrival.gross_cost)
        assert abs(savings.headline.amount - savings.headline.lost_swaps) <= tolerance, seed
        assert savings.other is None
        difference = savings.on_arrival.energy
        had_to_be_mended += abs(difference) > tolerance
    assert had_to_be_mended > 10  # the plans buy less: their objectives alone would call that a saving


def test_flat_nights_as_the_engine_plans_them() -> None:
    for seed in range(12):
        night = flat_night(seed, 0.0)
        plan = plan_station(night)
        savings = plan.result.savings
        assert savings is not None
        left = savings.headline.amount - savings.headline.lost_swaps
        assert abs(left) <= money_tolerance(plan.result.gross_cost, savings.headline.gross_cost), seed


def test_parts_are_those_of_the_bill() -> None:
    night = evening(tariff=make.tariff([0.4, 0.3] + [0.1] * 6, demand_charges=(make.demand(rate_per_kw=1),)))
    plan = plan_station(night)
    assert plan.result.savings is not None
    for saving, of in ((plan.result.savings.on_arrival, uncontrolled_charging(night)),):
        cost = cost_of(night, of)
        assert saving.energy == pytest.approx(cost.energy - plan.result.cost.energy)
        assert saving.demand == pytest.approx(cost.demand - plan.result.cost.demand) and saving.demand > 0
        assert saving.gross_cost == cost.gross_cost


def test_savings_are_worked_out_only_where_they_are_told() -> None:
    """What a study or a look-ahead asks for is the same plan without them."""
    night = flat_night(3, 0.0)
    told, ahead = plan_station(night), plan_station(night, purpose="ahead")
    assert told.result.savings is not None
    assert ahead.result.savings is None
    assert (ahead.schedule, ahead.result.bound) == (told.schedule, told.result.bound)
