"""Savings, like with like: parts by hand, the sum, and nothing saved where every kWh costs the same."""

from __future__ import annotations

import builders as make
import pytest

from models.station.cost import cost_of
from models.station.instance import Night
from models.station.saving import Saving, Savings, paid_per_kwh, saving_against
from models.station.schedule import Schedule
from optimizer.engine.baselines import uncontrolled_charging


def saved(night: Night, plan: Schedule, baseline: Schedule) -> Saving:
    return saving_against(night, plan, cost_of(night, plan), baseline, cost_of(night, baseline))


def priced_night(prices: list[float], **changes: object) -> Night:
    """A pack of 100 kWh (the target 90 %) at 50 %, η = 0.8, and nobody who comes."""
    return make.night(
        slots=len(prices),
        bays=1,
        packs=[make.pack("P1", 0.5)],
        swaps=[],
        chargers=make.chargers(count=1, max_kw=40, efficiency=0.8),
        grid_limit_kw=100,
        tariff=make.tariff(prices),
        types=[make.pack_type(capacity_kwh=100, target_soc=0.9, swap_soc=0.8, **changes)],
    )


def test_energy_that_packs_hold_less_counts_at_what_the_plan_pays() -> None:
    night = priced_night([0.4, 0.1])
    plan, arrival = make.schedule(night, {"P1": (0, 20)}), make.schedule(night, {"P1": (40, 0)})
    one = saved(night, plan, arrival)
    assert paid_per_kwh(night, plan) == pytest.approx(0.1 / 0.8)
    assert one.energy == pytest.approx(40 / 0.8 * 0.4 - 20 / 0.8 * 0.1)
    assert one.end_value == pytest.approx(-20 * 0.1 / 0.8) and one.drivers_energy == 0
    assert one.amount == pytest.approx(20 - 2.5 - 2.5) and one.share == pytest.approx(15 / 20)


def test_an_end_value_above_that_counts_up_to_the_target() -> None:
    night = priced_night([0.4, 0.1], end_value_per_kwh=0.3)
    plan, arrival = make.schedule(night, {"P1": (0, 20)}), make.schedule(night, {"P1": (40, 0)})
    assert saved(night, plan, arrival).end_value == pytest.approx(-20 * 0.3)


def test_an_end_value_below_that_makes_no_saving_of_empty_packs() -> None:
    night = priced_night([0.2, 0.2], end_value_per_kwh=0.0)
    nothing, arrival = make.schedule(night, {}), make.schedule(night, {"P1": (40, 0)})
    assert cost_of(night, nothing).objective < cost_of(night, arrival).objective
    assert saved(night, nothing, arrival).amount == pytest.approx(0)
    assert saved(night, nothing, arrival).energy == pytest.approx(10)


def test_energy_that_drivers_get_less_is_no_saving() -> None:
    night = make.night(
        slots=2,
        bays=1,
        packs=[make.pack("P1", 0.8)],
        swaps=[make.swap("W1", 1, 0.2)],
        chargers=make.chargers(count=1, max_kw=10, efficiency=1.0),
        tariff=make.tariff([0.5, 0.5]),
        types=[make.pack_type(capacity_kwh=100, target_soc=0.9, swap_soc=0.8)],
    )
    hand_over = {"W1": "P1"}
    less, more = make.schedule(night, {}, hand_over), make.schedule(night, {"P1": (10, 0)}, hand_over)
    one = saved(night, less, more)
    assert (one.energy, one.drivers_energy, one.end_value) == pytest.approx((5, -5, 0))
    assert one.amount == pytest.approx(0)


def test_parts_add_up_and_stations_do() -> None:
    one, other = Saving(1, 2, 3, 4, 5, 6, 7, 8, gross_cost=72, swaps=2), Saving(energy=-1, gross_cost=8, swaps=-3)
    assert one.amount == 36 == sum(one.parts.values()) and one.share == 0.5
    both = one + other
    assert (both.amount, both.gross_cost, both.swaps) == (35, 80, -1)
    assert Saving(energy=1).share is None
    assert Saving(energy=119, gross_cost=53).share is None  # paid for charging: no part of what it cost before


def test_the_smaller_saving_is_the_headline() -> None:
    large, small = Saving(demand=100, energy=5), Saving(energy=5)
    savings = Savings(large, small, {"peak": 40.0})
    assert (savings.against, savings.headline, savings.other) == ("load_cap", small, large)
    turned = Savings(small, large)
    assert (turned.against, turned.headline, turned.other) == ("on_arrival", small, large)
    same = Savings(small, small)
    assert same.against == "on_arrival" and same.other is None
    total = savings + turned
    assert (total.on_arrival.amount, total.load_cap.amount, total.caps_kw) == (110, 110, {})


def test_a_plan_that_is_the_baseline_saves_nothing() -> None:
    night = priced_night([0.4, 0.1])
    arrival = uncontrolled_charging(night)
    assert saved(night, arrival, arrival) == Saving(gross_cost=cost_of(night, arrival).gross_cost)
