"""Weights of tonight's demand charge: what they are made from, and what plans make of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import builders as make
import numpy as np
import pytest

from models.station.cost import cost_of, drawn_power_kw
from models.station.demand.expected import Spread
from models.station.instance import Night
from models.tariff.rate_steps import Steps, rate_at
from models.tariff.tariff import Weight, weighted
from models.tariff.tier_use import highest_average_kw
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.engine.month.month_days import days_after, drawn_nights, first_slot, series_of_days
from optimizer.engine.month.month_weights import month_weights
from optimizer.engine.month.store_days import store_days
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.formats.read_instance import read_instance

ZHEJIANG = "instances/real/zhejiang-21-packs.json"


def zhejiang(weight: Weight = "month", day_sd: float | None = 0.15) -> Night:
    """15 July: 16 days of the month are left after it."""
    (night,) = read_instance(ZHEJIANG).nights
    spread = None if day_sd is None else Spread(day_sd=day_sd)
    expected = tuple(replace(one, spread=spread) for one in night.station.expected)
    tariff = weighted(night.station.tariff, {"month": weight})
    return replace(night, station=replace(night.station, expected=expected, tariff=tariff))


def at_kw(steps: Steps) -> list[float]:
    """Shares at some peaks."""
    return [rate_at(steps, kw) for kw in range(0, 620, 20)]


def test_the_later_in_the_month_the_more_of_the_rate_is_at_stake() -> None:
    """At every peak, and all of it on the last night; the higher the peak, the more, too."""
    night = zhejiang()
    found = {left: at_kw(month_weights(night, left)["month"]) for left in (31, 17, 5, 2, 1)}
    assert set(found[1]) == {1.0}
    for more, fewer in ((31, 17), (17, 5), (5, 2), (2, 1)):
        assert all(one <= other for one, other in zip(found[more], found[fewer], strict=True))
        assert sum(found[more]) < sum(found[fewer])
    assert all(one == sorted(one) for one in found.values())
    assert month_weights(night) == month_weights(night, 17)
    assert days_after(night) == 16


def test_whose_weights_are_found() -> None:
    """Those that ask for it, and a weight of 1 where the forecast has a spread; never one that is given."""
    assert month_weights(zhejiang(1.0)) == month_weights(zhejiang())
    assert month_weights(zhejiang(1.0, day_sd=None)) == {}
    assert set(month_weights(zhejiang("month", day_sd=None))) == {"month"}
    for given in (0.5, "daily", "remaining_days", ((0.0, 0.3),)):
        assert month_weights(zhejiang(given)) == {}


def test_a_part_of_a_day_has_the_even_share_of_a_day() -> None:
    """Of more than a day the first 24 hours count."""
    demand = make.demand(rate_per_kw=10.0, metering_minutes=60, weight="month")
    tariff = make.tariff(0.2, demand_charges=(demand,))
    swaps = [make.swap("W1", 8), make.swap("W2", 18)]
    night = make.night(slots=23, tariff=tariff, swaps=swaps)
    assert month_weights(night) == {"peak": ((0.0, 1 / 17),)}
    assert month_weights(night, 4) == {"peak": ((0.0, 0.25),)}
    assert month_weights(night, 1) == {"peak": ((0.0, 1.0),)}
    day, longer = (make.night(slots=slots, tariff=tariff, swaps=swaps) for slots in (24, 36))
    assert month_weights(day) == month_weights(longer) != {}


def test_later_days_have_the_prices_of_their_date() -> None:
    """From a Thursday, 15 January: two weekend days, then five at the price of weekdays."""
    cheap = make.period("weekend", 0.1, days="weekend")
    tariff = replace(make.tariff(0.0), energy_price_per_kwh=(), energy_periods=(cheap, make.period("else", 0.3)))
    later = series_of_days(make.night(slots=24, tariff=tariff), 8)
    assert [one.price_per_kwh[0] for one in later] == [0.3, 0.1, 0.1, 0.3, 0.3, 0.3, 0.3, 0.3]


def test_a_day_begins_where_cheap_hours_end() -> None:
    """Cheap until 8 and from 22 on."""
    prices = np.array([0.1] * 8 + [0.3] * 14 + [0.1] * 2)
    assert first_slot(prices, 1.0) == 8


def test_what_drivers_need_and_bring() -> None:
    """One pack of two stands ready: the second driver waits for what the first one brought, which takes two hours."""
    swaps = [make.swap("W1", 1, returned_soc=0.1), make.swap("W2", 2, returned_soc=0.2), make.swap("W3", 4, None)]
    night = make.night(slots=6, packs=[make.pack("P1", 0.9), make.pack("P2", 0.9)], bays=2, swaps=swaps)
    days = store_days([night], 0)
    assert days.brought_kwh.tolist() == [[0, 70, 130, 130, 130, 130]]  # S is 80 kWh; a kept pack comes back ready
    assert days.need_kwh.tolist() == [[0, 0, 0, 70, 70, 70]]
    turned = store_days([night], 2)
    assert turned.brought_kwh.tolist() == [[60, 60, 60, 60, 60, 130]]


def test_drawn_days_leave_reservations_out() -> None:
    """They are of tonight; without a forecast its drivers stand for all days."""
    night = zhejiang()
    reserved = replace(night.station.swaps[0], id="reserved", forecast=None)
    with_one = replace(night, station=replace(night.station, swaps=(*night.station.swaps, reserved)))
    assert not any(swap.id == "reserved" for one in drawn_nights(with_one, 0) for swap in one.station.swaps)
    alone = make.night(slots=24, swaps=[make.swap("W1", 8)])
    assert drawn_nights(alone, 0) == [alone]


@pytest.mark.parametrize(
    "shares", [((0.0, 0.0), (150.0, 0.4), (200.0, 0.8)), ((0.0, 0.01), (100.0, 0.05), (130.0, 0.9))]
)
def test_plans_go_by_the_shares(shares: Steps) -> None:
    """Bound and bill know them: what a plan pays for its peak is the shares' sum, proven near the optimum."""
    night = zhejiang(shares)
    night = replace(night, station=replace(night.station, peak_so_far_kw={}))
    plan = plan_station(night, RunOptions(gap=0.01, effort="quick"))
    assert plan.result.gap is not None and plan.result.gap <= 0.01
    arrival = uncontrolled_charging(night)
    assert plan.result.objective < cost_of(night, arrival).objective
    (demand,) = night.tariff_series.demands
    peak_kw = highest_average_kw(demand, drawn_power_kw(night, plan.schedule))
    assert peak_kw > shares[1][0] - 0.1  # as far as the first share is cheap
    ends = [*(above for above, _ in shares[1:]), peak_kw]
    owed = sum(share * max(0.0, min(peak_kw, end) - above) for (above, share), end in zip(shares, ends, strict=True))
    assert plan.result.cost.demand == pytest.approx(38 * owed)


def test_several_charges_each_under_what_the_others_are_likely_to_come_to() -> None:
    """One all day, one in the dear hours: where the first keeps the peak low anyway, less of the second is at stake."""
    night = zhejiang()
    tariff = night.station.tariff
    (month,) = tariff.demand_charges
    evening = replace(month, name="evening", windows=(make.window("16:00", "22:00"),), rate_per_kw=5.0)
    both = replace(night, station=replace(night.station, tariff=replace(tariff, demand_charges=(month, evening))))
    found = month_weights(both)
    assert set(found) == {"month", "evening"}
    alone = replace(
        night, station=replace(night.station, tariff=replace(tariff, demand_charges=(evening,)), peak_so_far_kw={})
    )
    assert sum(at_kw(found["evening"])) != sum(at_kw(month_weights(alone)["evening"]))
    assert all(share <= 1 for steps in found.values() for _, share in steps)


def test_prices_of_days_that_the_tariff_does_not_reach_are_tonights() -> None:
    (night,) = read_instance("instances/real/nl-winter-day.json").nights
    assert [one.price_per_kwh for one in series_of_days(night, 2)] == [night.tariff_series.price_per_kwh] * 2


def test_where_nothing_more_can_be_drawn_all_is_at_stake() -> None:
    night = zhejiang()
    full = replace(night, station=replace(night.station, peak_so_far_kw={"month": 5000.0}))
    assert month_weights(full) == {"month": ((0.0, 1.0),)}


def yearly(begins: int = 1) -> Night:
    """The same day under a charge of a year that begins in a month; 12 times a month's rate."""
    night = zhejiang()
    (month,) = night.station.tariff.demand_charges
    year = replace(month, name="year", rate_per_kw=12 * month.rate_per_kw, period="year", year_begins=begins)
    tariff = replace(night.station.tariff, demand_charges=(year,))
    return replace(night, station=replace(night.station, tariff=tariff, peak_so_far_kw={"year": 220.0}))


def test_a_yearly_charge_looks_at_the_days_that_its_year_has_left() -> None:
    """On 15 July 17 days are left of a year from August on, 48 from September, 170 of a calendar one, 351 from July."""
    found = {begins: at_kw(month_weights(yearly(begins))["year"]) for begins in (8, 9, 1, 7)}
    for fewer, more in ((8, 9), (9, 1), (1, 7)):
        assert all(one >= other for one, other in zip(found[fewer], found[more], strict=True))
        assert sum(found[fewer]) > sum(found[more])
    assert month_weights(yearly(8), 1) == month_weights(yearly(8))  # a month's days are none of a year's
    (charge,) = yearly().station.tariff.demand_charges
    assert days_after(yearly(), charge=charge) == 169
    short = make.night(slots=12, tariff=make.tariff(demand_charges=(charge,)))  # 15 January: 351 days are left
    assert month_weights(short) == {"year": ((0.0, pytest.approx(1 / 351)),)}


def test_charges_of_month_and_year_have_their_own_days() -> None:
    """Seen on the last night of a month, where all of that charge is at stake."""
    night = replace(yearly(), horizon=replace(yearly().horizon, start=datetime.fromisoformat("2026-07-31T00:00+08:00")))
    (year,) = night.station.tariff.demand_charges
    month = replace(year, name="month", period="month")
    both = replace(night.station.tariff, demand_charges=(year, month))
    found = month_weights(replace(night, station=replace(night.station, tariff=both)))
    assert found["month"] == ((0.0, 1.0),)
    assert found["year"] == month_weights(night)["year"] != ((0.0, 1.0),)


def test_far_days_stand_for_those_after_them() -> None:
    """The days of the next month are looked at one by one, of 90 days after it each third, on every day of the week."""
    weekend = make.period("weekend", 0.1, days="weekend")
    tariff = replace(make.tariff(0.0), energy_price_per_kwh=(), energy_periods=(weekend, make.period("else", 0.3)))
    prices = [one.price_per_kwh[0] for one in series_of_days(make.night(slots=24, tariff=tariff), 121)]
    days = [day if day <= 31 else 32 + (day - 32) // 3 * 3 for day in range(1, 122)]
    assert prices == [0.1 if (3 + day) % 7 >= 5 else 0.3 for day in days]
    later = series_of_days(make.night(slots=24, tariff=tariff), 364)
    assert len(later) == 364 and sum(one.price_per_kwh[0] == 0.1 for one in later) == pytest.approx(364 * 2 / 7, abs=16)
