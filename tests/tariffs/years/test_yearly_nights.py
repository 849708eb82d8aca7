"""What a night says of a yearly demand charge: intervals, the year so far, weights, classes, and what it hands on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import builders as make
import pytest
import yearly
from yearly import BERLIN, charge, operator, steady

from models.horizon import Horizon
from models.station.carry_over.carried_out import continued
from models.station.carry_over.month_to_date import month_to_date
from models.station.carry_over.rest_of_night import rest_of_night
from models.station.cost import cost_of, drawn_power_kw
from models.station.instance import Night
from models.tariff.bill import Load, bill
from models.tariff.series import tariff_on
from models.tariff.tariff import PriceSeries, Tariff


def night_of(load: Load, tariff: Tariff, **changes: Any) -> Night:
    """Nothing but the load, as base load."""
    on = Horizon(load.start, BERLIN.key, load.step_minutes, len(load.kw))
    return make.night(on=on, tariff=tariff, base_load_kw=load.kw, packs=(), grid_limit_kw=9e3, **changes)


def demand_of(night: Night) -> float:
    return cost_of(night, make.schedule(night)).demand


def yearly_tariff(**changes: Any) -> Tariff:
    return make.tariff(0.0, demand_charges=(charge(**changes),))


def test_a_year_s_charge_goes_on_over_the_end_of_a_month_and_ends_with_the_year() -> None:
    """300 kW so far: May and June are one year; of December and January the new one begins at nothing."""
    peaks = {"2025-05-31T23:00": 350, "2025-06-01T01:00": 400}
    spring = night_of(steady("2025-05-31", "2025-06-02", peaks=peaks), yearly_tariff(), peak_so_far_kw={"year": 300.0})
    (only,) = spring.tariff_series.demands
    assert (only.month, only.last_month, len(only.intervals)) == ((2025, 5), (2025, 12), 48)
    assert demand_of(spring) == 120 * 100
    end = night_of(steady("2025-12-31", "2026-01-02"), yearly_tariff(), peak_so_far_kw={"year": 300.0})
    assert demand_of(end) == 120 * 100
    assert [(one.month, one.is_first) for one in end.tariff_series.demands] == [((2025, 12), True), ((2026, 1), False)]
    october = night_of(steady("2025-12-31", "2026-01-02"), yearly_tariff(year_begins=10), peak_so_far_kw={"year": 90.0})
    assert demand_of(october) == 120 * 10


def test_what_a_night_hands_on() -> None:
    peaks = {"2025-05-31T23:00": 350, "2025-06-01T01:00": 200}
    night = night_of(steady("2025-05-31", "2025-06-02", peaks=peaks), yearly_tariff(), peak_so_far_kw={"year": 300.0})
    drawn_kw = drawn_power_kw(night, make.schedule(night))
    assert month_to_date(night, drawn_kw).peak_kw == {"year": 350}
    assert month_to_date(night, drawn_kw).month == (2025, 6)
    new_year = night_of(steady("2025-12-31", "2026-01-02"), yearly_tariff(), peak_so_far_kw={"year": 300.0})
    drawn_kw = drawn_power_kw(new_year, make.schedule(new_year))
    assert month_to_date(new_year, drawn_kw, (2025, 12)).peak_kw == {"year": 300}
    assert month_to_date(new_year, drawn_kw).peak_kw == {"year": 100}


def test_the_rest_of_a_night_begins_with_the_year_so_far() -> None:
    """Also where the month has ended by then."""
    night = night_of(steady("2025-05-31", "2025-06-02", peaks={"2025-05-31T12:00": 350}), yearly_tariff())
    rest = rest_of_night(night, 30, (), drawn_power_kw(night, make.schedule(night)))
    assert rest.station.peak_so_far_kw == {"year": 350}
    assert demand_of(rest) == 0


@pytest.mark.parametrize(
    ("weight", "begins", "share"),
    [("daily", 1, 1 / 365), ("remaining_days", 1, 1 / 46), ("remaining_days", 10, 1 / (365 - 46)), (0.25, 1, 0.25)],
)
def test_weights_are_shares_of_the_year(weight: Any, begins: int, share: float) -> None:
    """16 November: 46 days of the calendar year are left, and 319 of the one from October on."""
    night = night_of(steady("2025-11-16", "2025-11-17"), yearly_tariff(weight=weight, year_begins=begins))
    assert demand_of(night) == pytest.approx(120 * 100 * share)


def test_nights_of_a_year_add_up_to_its_bill() -> None:
    """Each of 365 nights pays what it adds to the year's highest average; in the class that is expected."""
    levels = [50.0 + (37 * day) % 100 for day in range(365)]
    kw = tuple(level for day, level in enumerate(levels) for _ in range(hours_of(day)))
    tariff, total, so_far = operator(), 0.0, {}
    begin = 0
    for day in range(365):
        start = yearly.at("2025-01-01") + timedelta(hours=begin)
        night = night_of(Load(start, 60, kw[begin : begin + hours_of(day)]), tariff, peak_so_far_kw=so_far)
        idle = make.schedule(night)
        cost = cost_of(night, idle)
        total += cost.demand + cost.energy
        so_far = month_to_date(night, drawn_power_kw(night, idle)).peak_kw
        begin += hours_of(day)
    found = bill(tariff, Load(yearly.at("2025-01-01"), 60, kw), BERLIN)
    assert sum(one.amount for one in found) == pytest.approx(total)
    assert sum(one.amount for one in found if one.kind == "demand") == pytest.approx(132.68 * max(levels))


def hours_of(day: int) -> int:
    """23 and 25 on the days on which the clock changes, 30 March and 26 October 2025."""
    return {88: 23, 298: 25}.get(day, 24)


def test_the_expected_class_prices_a_night() -> None:
    load = steady("2025-05-10", "2025-05-11")
    for hours, rate, per_kwh in ((2499.0, 15.43, 0.2538), (2500.0, 132.68, 0.2538 - 0.0469)):
        cost = cost_of(night := night_of(load, operator(expected_hours=hours)), make.schedule(night))
        assert (cost.demand, cost.energy) == (pytest.approx(100 * rate), pytest.approx(2400 * per_kwh))


def test_what_a_night_looks_ahead_at_has_the_surcharge_once() -> None:
    """Prices that go on are settled: market prices with the class's surcharge in them already."""
    hours = make.horizon(24, start="2025-05-10T00:00+02:00", time_zone=BERLIN.key)
    tariff = replace(operator(), energy_periods=(), energy_price_per_kwh=tuple(0.1 + hour / 100 for hour in range(24)))
    night = make.night(on=hours, tariff=tariff, base_load_kw=10.0, packs=())
    prices = tariff_on(tariff, hours).price_per_kwh
    assert prices[0] == pytest.approx(0.1 - 0.0469)
    longer = continued(night, 12).tariff_series
    assert longer.price_per_kwh == pytest.approx((*prices, *prices[:12]))
    assert [one.steps for one in longer.demands] == [((0.0, 132.68),)]


def test_market_prices_that_are_looked_ahead_at_have_the_surcharge_too() -> None:
    """Known for 6 of 12 hours after the night; beyond them the night's own prices come again."""
    hours = make.horizon(24, start="2025-05-10T00:00+02:00", time_zone=BERLIN.key)
    market = tuple(0.1 + hour / 100 for hour in range(30))
    tariff = replace(operator(), energy_periods=(), price_series=PriceSeries(hours.start, 60, market))
    night = make.night(on=hours, tariff=tariff, base_load_kw=10.0, packs=())
    longer = continued(night, 12).tariff_series.price_per_kwh
    assert longer == pytest.approx([price - 0.0469 for price in (*market, *market[6:12])])
