"""Hours of use, thresholds by the day, kWh in proportion: bills by hand, and what is refused."""

from __future__ import annotations

import calendar
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import builders as make
import pytest
from urdb_rates import by_hours, imported, rate

from models.errors import InvalidData, Problem
from models.station.cost import cost_of
from models.tariff.bill import Load, bill
from models.tariff.limits import beyond_prices
from models.tariff.tariff import DemandCharge, EnergyTiers, Ratchet, Tariff
from optimizer.formats.build_tariff import build_tariff

APRIL, PHOENIX = (2018, 4), ZoneInfo("America/Phoenix")
EVENING = by_hours(16, 21)


def april_bill(raw: dict[str, Any]) -> float:
    """A hundred kilowatts in each of 720 hours, to the cent."""
    start = datetime.fromisoformat("2018-04-01T00:00-07:00")
    tariff = build_tariff(imported(raw).tariff, None)
    lines = bill(tariff, Load(start, 60, (100.0,) * 720), PHOENIX, to_cents=True)
    return round(sum(line.amount for line in lines), 2)


def two_periods(first: list[float], evening: list[float], most: float, unit: str) -> dict[str, Any]:
    structure = [
        [{"rate": low, "max": most, "unit": unit}, {"rate": high, "unit": unit}] for low, high in (first, evening)
    ]
    return rate(energyratestructure=structure, energyweekdayschedule=EVENING, energyweekendschedule=EVENING)


def one_period(first: list[float], most: float, unit: str, **more: Any) -> dict[str, Any]:
    return two_periods(first, first, most, unit) | more


BY_HAND = {
    "hours of use: 20,000 kWh at 0.08, 52,000 at 0.05, 100 kW at 4": (
        one_period([0.08, 0.05], 200, "kWh/kW", flatdemandstructure=[[{"rate": 4}]], flatdemandmonths=[0] * 12),
        4600.00,
    ),
    "hours of use in two periods: 20/72 of each in the first tier": (
        two_periods([0.08, 0.05], [0.12, 0.09], 200, "kWh/kW"), 4800.00,
    ),
    "900 kWh at 0.12, 71,100 at 0.08": (one_period([0.12, 0.08], 30, "kWh daily"), 5796.00),
    "0.25 for each of 30 days and 100 kW": (
        rate(flatdemandstructure=[[{"rate": 0.25}]], flatdemandmonths=[0] * 12, flatdemandunit="kW daily"), 7950.00,
    ),
    "a credit for off-peak demand: 100 × (−0.546 + 11.054) + 7,200": (
        rate(
            demandratestructure=[[{"rate": 0, "adj": -0.546}], [{"rate": 11.6, "adj": -0.546}]],
            demandweekdayschedule=EVENING, demandweekendschedule=[[0] * 24] * 12,
        ),
        8250.80,
    ),
    "a last tier that ends beyond": (
        rate(flatdemandstructure=[[{"max": 1000, "rate": 12.5}]], flatdemandmonths=[0] * 12), 8450.00,
    ),
    "steps that differ by 1e-6": (
        two_periods([0.0833082, 0.0815979], [0.1799482, 0.1782389], 20000, "kWh"), 7358.87,
    ),
    "steps that differ by a cent": (two_periods([0.08, 0.06], [0.18, 0.15], 20000, "kWh"), 6111.67),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "amount"), BY_HAND.values(), ids=BY_HAND)
def test_bills_by_hand(raw: dict[str, Any], amount: float) -> None:
    assert april_bill(raw) == amount


def test_tiers_in_proportion_are_in_the_line_of_those_they_belong_to() -> None:
    groups = (
        EnergyTiers("all", ((10.0, 0.2),)),
        EnergyTiers("late", ((10.0, 0.1),), (make.window("01:00", "02:00"),), in_proportion_to="all"),
    )
    load = Load(datetime.fromisoformat("2026-01-16T00:00+01:00"), 60, (10.0, 30.0))
    (_, line) = bill(make.tariff(0.0, energy_tiers=groups), load, ZoneInfo("Europe/Amsterdam"))
    assert (line.name, line.quantity) == ("all", 40.0)
    assert line.amount == pytest.approx(30 * 0.2 + 30 * 0.1 * 30 / 40)


def test_a_night_pays_for_what_its_peak_does_to_the_month() -> None:
    """400 kWh at 10 kW, 20 hours of use at the dear price: 200 kWh. Another 20 kWh at 20 kW: 400 of 420 kWh."""
    hours = EnergyTiers("hours", ((20.0, -0.5),), per_kw_of="peak")
    tariff = make.tariff(1.0, energy_tiers=(hours,), demand_charges=(DemandCharge("peak", 0.0, 60),))
    night = make.night(
        on=make.horizon(1, 60), tariff=tariff, base_load_kw=(20.0,), packs=(), grid_limit_kw=99.0,
        peak_so_far_kw={"peak": 10.0}, energy_so_far_kwh={"hours": 400.0},
    )  # fmt: skip
    assert cost_of(night, make.schedule(night)).energy == pytest.approx(20 - 0.5 * 20 + 0.5 * 200)


def test_thresholds_by_the_day_go_by_the_days_of_the_month() -> None:
    daily = make.tariff(0.0, energy_tiers=(EnergyTiers("daily", ((1.0, 1.0),), per="day"),))
    for month in (1, 2, 4):
        load = Load(datetime.fromisoformat(f"2026-0{month}-02T00:00+00:00"), 60, (100.0,))
        (_, line) = bill(daily, load, ZoneInfo("UTC"))
        assert line.amount == 100 - calendar.monthrange(2026, month)[1]


NO_CHARGE = "must name a demand charge of the month without a ratchet"


@pytest.mark.parametrize(
    ("more", "place", "rule"),
    [
        ({"per": "week"}, "per", "must be one of day, month"),
        ({"per_kw_of": "pek"}, "energy_tiers[0].per_kw_of", NO_CHARGE),
        ({"per_kw_of": "kept"}, "energy_tiers[0].per_kw_of", NO_CHARGE),
        (
            {"in_proportion_to": "x"},
            "energy_tiers[0].in_proportion_to",
            "must name a group of energy tiers that is in proportion to none",
        ),
    ],
)
def test_what_tiers_refer_to_is_there(more: dict[str, Any], place: str, rule: str) -> None:
    charges = (DemandCharge("peak", 0.0), DemandCharge("kept", 0.0, ratchet=Ratchet(0.5)))
    with pytest.raises(InvalidData) as caught:
        Tariff(
            "T",
            energy_price_per_kwh=(0.1,),
            demand_charges=charges,
            energy_tiers=(EnergyTiers("x", ((1.0, 1.0),), **more),),
        )
    (problem,) = caught.value.problems
    assert (problem.place, problem.rule) == (place, rule)


def test_kwh_so_far_of_hours_of_use_go_with_a_peak() -> None:
    hours = EnergyTiers("hours", ((20.0, -0.5),), per_kw_of="peak")
    tariff = make.tariff(1.0, energy_tiers=(hours,), demand_charges=(DemandCharge("peak", 0.0, 60),))
    with pytest.raises(InvalidData) as caught:
        make.night(on=make.horizon(1, 60), tariff=tariff, packs=(), energy_so_far_kwh={"hours": 400.0})
    (problem,) = caught.value.problems
    assert problem == Problem(
        "energy_so_far_kwh.hours", 400.0,
        "needs the month's peak so far, too: the tiers' thresholds are for each kW of 'peak'",
        "add it to peak_so_far_kw",
    )  # fmt: skip


def test_what_lies_beyond_the_last_price_is_told_by_month() -> None:
    groups = (
        EnergyTiers("hours", ((1.0, -0.1),), per_kw_of="peak", most_kwh=1.5),
        EnergyTiers("daily", ((1.0, 0.1),), per="day", most_kwh=5.0),
    )
    charges = (DemandCharge("peak", 2.0, 60, most_kw=100.0),)
    tariff = make.tariff(0.1, energy_tiers=groups, demand_charges=charges)
    january_ends = Load(datetime.fromisoformat("2026-01-31T22:00+00:00"), 60, (100.0, 60.0, 101.0, 0.0))
    lines = bill(tariff, january_ends, ZoneInfo("UTC"))
    assert [(problem.place, problem.value, problem.rule) for problem in beyond_prices(tariff, lines)] == [
        ("energy_tiers[0].most_kwh", 150.0, "has no price beyond: 2026-01 has 160 kWh"),
        ("energy_tiers[1].most_kwh", 155.0, "has no price beyond: 2026-01 has 160 kWh"),
        ("demand_charges[0].most_kw", 100.0, "has no price beyond: 2026-02 has 101 kW"),
    ]


def test_prices_do_not_end_before_the_last_threshold() -> None:
    with pytest.raises(InvalidData) as caught:
        DemandCharge("peak", 2.0, tiers=((100.0, 3.0),), most_kw=90.0)
    (problem,) = caught.value.problems
    assert (problem.place, problem.rule) == ("most_kw", "must be at least 100")
