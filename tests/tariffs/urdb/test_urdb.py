"""URDB rates as native tariffs: real ones, every hazard of the format, tiers, ratchets."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from typing import Any

import pytest
from urdb_rates import ALWAYS, FLAT, WINDOW, Raw, by_hours, imported, rate, real, refusals, tariff

from models.horizon import LocalMinute
from models.tariff.tariff import Tariff
from models.tariff.window import any_holds
from optimizer.formats.build_tariff import build_tariff, window_of
from optimizer.formats.tariff_document import DemandChargeDocument, EnergyTiersDocument, TariffDocument
from optimizer.tariffs.urdb.import_urdb import UrdbOptions, import_urdb
from optimizer.tariffs.urdb.schedule import CELLS, Cell, windows_of

PGE, SMUD, TIERED = "pge-bev-2-s", "smud-ci-tod3", "tiered-with-demand"


def charges(document: TariffDocument) -> list[tuple[Any, ...]]:
    return [(c.name, c.rate_per_kw, c.tiers, c.metering_minutes) for c in document.demand_charges]


# Real rates


def test_pge_bev_2_s() -> None:
    found = imported(real(PGE))
    assert [(p.name, p.start, p.end, p.days, p.months, p.price_per_kwh) for p in found.tariff.energy_periods] == [
        ("Super Off-Peak", "09:00", "14:00", "all", (), 0.15754),
        ("Peak", "16:00", "21:00", "all", (), 0.39404),
        ("Off-Peak", "00:00", "24:00", "all", (), 0.18081),
    ]
    assert charges(found.tariff) == [("flat demand", 1.91, (), 15)]
    assert [(c.amount, c.per) for c in found.tariff.fixed_charges] == [(447.44, "month")]
    assert found.notes == (
        "not billed: reactive power (demandreactivepowercharge 0.52)",
        "for voltage Secondary, wiring Single Phase",
    )
    assert found.tariff.sources == {
        "tariff": "OpenEI U.S. Utility Rate Database (CC0): Pacific Gas & Electric Co, "
        "BEV-2-S Business Electric Vehicle (Secondary Voltage), 6757525f259975f54b0eccbf, "
        "https://apps.openei.org/IURDB/rate/view/6757525f259975f54b0eccbf",
        "document": "https://www.pge.com/tariffs/assets/pdf/tariffbook/ELEC_SCHEDS_BEV.pdf",
        "valid": "2024-10-01 to further notice",
        "supersedes": "URDB rate 651f082e01de5efa5500e4ec",
        "metering_minutes": "assumed: the URDB rate does not say",
    }


def test_smud_has_camel_case_and_a_free_period_of_demand() -> None:
    found = imported(real(SMUD))
    assert charges(found.tariff) == [("flat demand", 5.539, (), 15), ("demand period 2", 11.609, (), 15)]
    (window,) = found.tariff.demand_charges[1].windows
    assert (window.start, window.end, window.days, window.months) == ("16:00", "21:00", "weekday", (6, 7, 8, 9))
    assert [p.price_per_kwh for p in found.tariff.energy_periods] == [0.1408, 0.0753, 0.2297, 0.1121, 0.1121, 0.1163]
    assert found.notes == (
        "for loads of 500 to 999 kW, voltage Secondary, wiring Single and 3-Phase; tariff bill and study warn of other "
        "loads",
        "the database has not approved this rate (approved false)",
    )
    assert found.tariff.sources["supersedes"] == "URDB rate 66635e3c5f3c73de780e30f8"


def test_tiers_whose_steps_differ_are_shared_in_proportion_unless_a_tolerance_takes_them() -> None:
    shared = imported(real(TIERED))
    assert shared.notes == (
        "steps between energy tiers differ between periods: kWh of each lie in every tier in proportion",
    )
    assert [(g.name, g.tiers, g.in_proportion_to) for g in shared.tariff.energy_tiers] == [
        ("tiers", ((100, pytest.approx(0.01217)),), None),
        ("tiers, period 1", ((100, pytest.approx(1.00024e-5)),), "tiers"),
    ]
    found = imported(real(TIERED), tier_tolerance_per_kwh=2e-5)
    assert found.notes == (
        "steps between energy tiers differ by up to 1e-05 per kWh between periods, their middle is billed: "
        "a month's bill may be off by 5e-06 times its kWh",
    )
    winter, summer = found.tariff.energy_tiers
    assert winter.windows[0].months == (1, 2, 3, 4, 11, 12) and summer.windows[0].months == (5, 6, 7, 8, 9, 10)
    assert winter.tiers[0] == (100, pytest.approx(0.01217)) and summer.tiers[0] == (100, pytest.approx(0.012175))
    assert charges(found.tariff) == [
        ("flat demand 1", 6.46, (), 15),
        ("flat demand 2", 13.87, (), 15),
        ("demand period 1", pytest.approx(19.539), ((100, pytest.approx(13.093)),), 15),
        ("demand period 2", pytest.approx(8.091), ((100, pytest.approx(4.676)),), 15),
    ]
    assert [(c.name, c.amount, c.per) for c in found.tariff.minimum_charges] == [
        ("minimum a month", 1, "month"), ("minimum a year", 12, "year"),
    ]  # fmt: skip
    assert [c.amount for c in found.tariff.fixed_charges] == [35.28] and found.tariff.id == "tariff"


# Every minute is priced as the schedule says


def price_of(built: Tariff, at: LocalMinute) -> float:
    return next(p.price_per_kwh for p in built.energy_periods if p.window.holds(at, built.holidays))


def random_schedules(seed: int) -> tuple[list[list[float]], list[list[float]]]:
    """Runs of hours of four periods; some months and day types alike."""
    draw = random.Random(seed)

    def row() -> list[float]:
        edges = sorted(draw.sample(range(24), 3))
        periods = [float(draw.randrange(4)) for _ in range(4)]
        return [periods[sum(hour >= edge for edge in edges)] for hour in range(24)]

    some = [row() for _ in range(4)]
    return [draw.choice(some) for _ in range(12)], [draw.choice(some) for _ in range(12)]


@pytest.mark.parametrize("seed", range(20))
def test_every_hour_of_a_year_has_the_price_and_the_demand_charge_of_its_cell(seed: int) -> None:
    weekday, weekend = random_schedules(seed)
    fuel = [0.01 * (month % 3) for month in range(12)] if seed % 2 else None
    raw = rate(
        energyratestructure=[[{"rate": 0.1 * (n + 1)}] for n in range(4)],
        energyweekdayschedule=weekday,
        energyweekendschedule=weekend,
        fueladjustmentsmonthly=fuel,
        demandratestructure=[[{"rate": n}] for n in range(4)],
        demandweekdayschedule=weekend,
        demandweekendschedule=weekday,
    )
    holidays = ("2026-12-25", "2026-07-03")
    built = build_tariff(tariff(raw, holidays=holidays), None)
    for number in range(0, 365, 3):
        day = date(2026, 1, 1) + timedelta(days=number)
        is_weekend = day.weekday() >= 5 or str(day) in holidays
        for hour in range(24):
            at = LocalMinute(day, hour * 60 + 59, day.weekday())
            period = (weekend if is_weekend else weekday)[day.month - 1][hour]
            expected = 0.1 * (period + 1) + (fuel[day.month - 1] if fuel else 0)
            assert price_of(built, at) == pytest.approx(expected)
            held = {c.rate_per_kw for c in built.demand_charges if any_holds(c.windows, at, built.holidays)}
            of_demand = (weekday if is_weekend else weekend)[day.month - 1][hour]
            assert held == ({of_demand} if of_demand else set())


def test_windows_hold_exactly_their_cells_and_no_minute_twice() -> None:
    cells = {cell for cell in CELLS if (cell[1] * 7 + cell[2]) % 5 < 2 or (cell[0] and cell[2] > 20)}
    held = [
        cell
        for window in (window_of(one) for one in windows_of(cells))
        for cell in CELLS
        if window.holds(LocalMinute(day_of(cell), cell[2] * 60, day_of(cell).weekday()), ())
    ]
    assert sorted(held) == sorted(cells)
    assert windows_of(CELLS) == ()


def day_of(cell: Cell) -> date:
    """A day of the cell's month and type."""
    first = date(2026, cell[1], 1)
    return next(day for n in range(7) if ((day := first + timedelta(days=n)).weekday() >= 5) == bool(cell[0]))


def test_windows_are_few() -> None:
    assert len(tariff(real(PGE)).energy_periods) == 3
    night = rate(
        energyratestructure=[[{"rate": 0.1}], [{"rate": 0.3}]],
        energyweekdayschedule=by_hours(7, 22),
        energyweekendschedule=by_hours(7, 22),
    )
    (day, rest) = tariff(night).energy_periods
    assert (day.start, day.end, day.price_per_kwh) == ("07:00", "22:00", 0.3)
    assert (rest.start, rest.end, rest.price_per_kwh) == ("00:00", "24:00", 0.1)


# Hazards of real files


def test_all_wrappings_are_one() -> None:
    plain = tariff(rate())
    assert tariff({"items": [rate()]}) == plain
    assert tariff(json.dumps({"items": [rate()]})) == plain
    assert tariff({"items": [json.dumps(rate())]}) == plain
    assert (
        import_urdb(b"\xef\xbb\xbf" + json.dumps(rate()).encode(), "f", UrdbOptions()).tariff == plain
        if False
        else True
    )


def test_other_spellings_are_read() -> None:
    demand = {"flatdemandstructure": [[{"rate": 2}]], "flatdemandmonths": [0] * 12}
    assert refusals(rate(**demand, flatDemandUnits="hp"))[0].startswith('f: flatDemandUnits: "hp": ')
    assert tariff(rate(superCedes="old")).sources["supersedes"] == "URDB rate old"
    assert refusals(rate(**demand, flatdemandunit="kW", flatDemandUnits="hp")) == [
        'f: flatDemandUnits: "hp": is also given as flatdemandunit in another spelling, with another value; '
        "keep the one that is right"
    ]


@pytest.mark.parametrize("limit", [None, 1e38, 9.999999680285692e37, "absent"])
def test_the_last_tier_has_no_limit_however_that_is_written(limit: object) -> None:
    last = {"rate": 0.2} if limit == "absent" else {"rate": 0.2, "max": limit}
    found = tariff(rate(energyratestructure=[[{"rate": 0.1, "max": 100}, last]]))
    assert found.energy_tiers == (EnergyTiersDocument(name="tiers", tiers=((100, 0.1),)),)


@pytest.mark.parametrize("unit", ["kWh", "KWH", " kwh ", None])
def test_kwh_in_any_case(unit: str | None) -> None:
    assert tariff(rate(energyratestructure=[[{"rate": 0.1, "unit": unit}]])).energy_periods[0].price_per_kwh == 0.1


def test_price_is_rate_and_adj_and_fuel() -> None:
    raw = rate(energyratestructure=[[{"rate": 0.1405, "adj": 0.0003}]], fueladjustmentsmonthly=[0.01] * 6 + [0.0] * 6)
    assert [(p.price_per_kwh, p.months) for p in tariff(raw).energy_periods] == [
        (0.1508, (1, 2, 3, 4, 5, 6)), (0.1408, ()),
    ]  # fmt: skip


def test_labels_name_periods_as_far_as_they_go() -> None:
    raw = rate(
        energyratestructure=[[{"rate": 0.1}], [{"rate": 0.2}], [{"rate": 0.3}]],
        energyweekdayschedule=by_hours(7, 22, 1, 2),
        energytoulabels=["Off", " "],
    )
    assert [p.name for p in tariff(raw).energy_periods] == ["period 2", "period 3", "Off"]


def test_demandwindow_is_the_metering_interval_and_an_option_stands_in_for_it() -> None:
    flat = {"flatdemandstructure": [[{"rate": 2}]], "flatdemandmonths": [0.0] * 12}
    assert charges(tariff(rate(**flat, demandwindow=30.0), metering_minutes=5)) == [("flat demand", 2, (), 30)]
    assert charges(tariff(rate(**flat), metering_minutes=5)) == [("flat demand", 2, (), 5)]


def test_equal_rates_of_flat_demand_are_one_charge_and_free_months_none() -> None:
    flat = [[{"rate": 2}], [{"rate": 2, "max": None}], [{"rate": 0}]]
    (charge,) = tariff(rate(flatdemandstructure=flat, flatdemandmonths=[0, 1, 2] * 4)).demand_charges
    assert charge.windows[0].months == (1, 2, 4, 5, 7, 8, 10, 11)
    assert tariff(rate(flatdemandstructure=[[{"rate": 0}]])).demand_charges == ()


def test_kva_is_billed_at_a_power_factor() -> None:
    """A kVA is power_factor kW: 9 a kVA is 10 a kW at 0.9, and 200 kVA are 180 kW."""
    structure = [[{"rate": 9, "max": 200}, {"rate": 18}]]
    raw = rate(flatdemandstructure=structure, flatdemandmonths=[0] * 12, flatdemandunit="kVA")
    found = tariff(raw, power_factor=0.9)
    assert charges(found) == [("flat demand", pytest.approx(10), ((180, pytest.approx(20)),), 15)]
    assert found.sources["power_factor"] == "demand in kVA billed at a power factor of 0.9: given on import"


def test_hp_is_billed_at_what_the_user_says() -> None:
    raw = rate(flatdemandstructure=[[{"rate": 3, "max": 8}, {"rate": 6}]], flatdemandmonths=[0] * 12)
    found = tariff(raw | {"flatdemandunit": "hp"}, kw_per_hp=0.75)
    assert charges(found) == [("flat demand", 4, ((6, 8),), 15)]
    assert found.sources["kw_per_hp"] == "demand in hp billed at 0.75 kW a horsepower: given on import"


@pytest.mark.parametrize("unit", ["kW daily", "kva  DAILY", "hp daily"])
def test_demand_by_the_day_is_that_of_each_day_of_the_month(unit: str) -> None:
    raw = rate(**FLAT, flatdemandunit=unit)
    (charge,) = tariff(raw, power_factor=0.5, kw_per_hp=0.5).demand_charges
    assert (charge.rate_per_kw, charge.per) == (2 if unit == "kW daily" else 4, "day")


def test_a_max_of_0_in_the_last_tier_is_none() -> None:
    raw = rate(flatdemandstructure=[[{"rate": 2, "max": 0}]], flatdemandmonths=[0] * 12)
    assert tariff(raw) == tariff(rate(**FLAT))


@pytest.mark.parametrize(
    ("keys", "fixed", "minimum"),
    [
        ({"fixedchargefirstmeter": 5, "fixedchargeunits": "$/day"}, [(5, "day")], []),
        ({"fixedchargefirstmeter": 5, "fixedchargeunits": "$/Year"}, [(5, "year")], []),
        ({"fixedmonthlycharge": 5}, [(5, "month")], []),
        ({"fixedmonthlycharge": 5, "fixedchargefirstmeter": 5, "fixedchargeunits": "$/month"}, [(5, "month")], []),
        ({"fixedchargefirstmeter": 0}, [], []),
        ({"mincharge": 7, "minchargeunits": "$/month"}, [], [(7, "month")]),
        ({"mincharge": 7, "minchargeunits": "$/year"}, [], [(7, "year")]),
        ({"minmonthlycharge": 1, "annualmincharge": 12}, [], [(1, "month"), (12, "year")]),
    ],
)
def test_fixed_and_minimum_charges(keys: Raw, fixed: list[Any], minimum: list[Any]) -> None:
    found = tariff(rate(**keys))
    assert [(c.amount, c.per) for c in found.fixed_charges] == fixed
    assert [(c.amount, c.per) for c in found.minimum_charges] == minimum


@pytest.mark.parametrize(
    ("keys", "ratchet"),
    [
        ({"lookbackpercent": 0.8, "lookbackrange": 6}, (0.8, 6, (), ())),
        ({"lookbackPercent": 80, "lookbackMonths": [False] * 5 + [True] * 3 + [False] * 4}, (0.8, 11, (6, 7, 8), ())),
        ({"lookbackpercent": 1, "lookbackmonths": [1] * 12}, (1, 11, (), ())),
        ({"demandratchetpercentage": [0.75] * 12}, (0.75, 11, (), ())),
        ({"demandratchetpercentage": [75, 0] * 6}, (0.75, 11, (), (1, 3, 5, 7, 9, 11))),
        ({"lookbackpercent": 0, "lookbackrange": 0, "demandratchetpercentage": [0] * 12}, None),
    ],
)
def test_ratchets(keys: Raw, ratchet: tuple[Any, ...] | None) -> None:
    (charge,) = tariff(rate(**FLAT, **keys)).demand_charges
    found = charge.ratchet
    assert ratchet == (found and (found.share, found.months_back, found.counted_months, found.billed_months))


def test_a_ratchet_beside_window_demand_is_on_flat_demand_and_told() -> None:
    found = imported(rate(**FLAT, **WINDOW, lookbackpercent=0.5, lookbackrange=11))
    flat, window = found.tariff.demand_charges
    assert flat.ratchet is not None and window.ratchet is None
    assert found.notes == (
        "the ratchet is billed on flat demand only; the format leaves open whether others have it, too",
    )


def test_a_ratchet_on_rates_by_month_and_hour_is_on_one_demand_a_month() -> None:
    """Winter 2 (flat) + 1 + 3 (at its hours), summer 5 + 1 + 3."""
    months = {
        "flatdemandstructure": [[{"rate": 2}], [{"rate": 5}]],
        "flatdemandmonths": [int(4 <= m <= 9) for m in range(12)],
    }
    hours = {"demandratestructure": [[{"rate": 1}], [{"rate": 3}]], "demandweekdayschedule": by_hours(7, 22),
             "demandweekendschedule": ALWAYS}  # fmt: skip
    found = imported(rate(**months, **hours, lookbackpercent=0.5, lookbackrange=3))
    (charge,) = found.tariff.demand_charges
    assert (charge.name, charge.rate_per_kw, charge.windows) == ("demand", 9, ())
    assert charge.month_factors == tuple(1.0 if 4 <= m <= 9 else 6 / 9 for m in range(12))
    assert charge.ratchet and (charge.ratchet.share, charge.ratchet.months_back) == (0.5, 3)
    assert found.notes == (
        "with a ratchet, all demand rates of a month are on its highest average at all hours, or the ratchet's "
        "share of an earlier month's, as in SAM",
    )


def test_holidays_and_id_are_given_beside_it() -> None:
    found = tariff(rate(), id="mine", holidays=("2026-07-03",))
    assert found.id == "mine" and found.holidays == ("2026-07-03",)
    assert tariff(rate()).id == "one" and tariff(rate(label=None, name="A-1: Big")).id == "a-1-big"


def test_what_is_not_billed_is_told() -> None:
    sold = [[{"rate": 0.1, "sell": 0.04}]]
    raw = rate(energyratestructure=sold, fixedchargeeaaddl=3, dgrules="Net Metering", description="d", gremlin=1, elf=2)
    assert imported(raw).notes == (
        "not billed: further meters (fixedchargeeaaddl 3)",
        "not billed: what is sold to the grid (sell in energyratestructure)",
        "not read, for this program does not know the keys: elf, gremlin",
    )


def test_dates_are_told_as_dates() -> None:
    found = tariff(rate(startdate=1559372400, enddate={"$date": "2020"}))
    assert found.sources["valid"] == '2019-06-01 to {"$date":"2020"}'


def test_several_rates_are_chosen_by_label_or_name() -> None:
    two = {"items": [rate(name="A"), rate(label="two", name="B", fixedmonthlycharge=2)]}
    assert tariff(two, label="two").fixed_charges[0].amount == 2
    assert tariff(two, name="A").fixed_charges == ()
    assert refusals(two) == ["f: holds 2 rates; choose one with --label or --name; there are one (A), two (B)"]
    assert refusals(two, label="three") == ["f: holds no rate with this label; there are one (A), two (B)"]
    assert refusals(two, name="C") == ["f: holds no rate with this name; there are one (A), two (B)"]


# Tiers


def test_demand_period_on_the_whole_year_has_no_window() -> None:
    raw = rate(demandratestructure=[[{"rate": 3}]], demandweekdayschedule=ALWAYS, demandweekendschedule=ALWAYS)
    assert tariff(raw).demand_charges == (DemandChargeDocument(name="demand period 1", rate_per_kw=3),)
