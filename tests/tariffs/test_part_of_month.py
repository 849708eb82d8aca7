"""Bills of months that count in part, by hand: that share of all that is charged by the month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import builders as make
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_tariffs import ZONE

from models.tariff.bill import BillLine, Load, bill, bill_and_years
from models.tariff.part_of_month import month_share, of_share
from models.tariff.tariff import DemandCharge, EnergyTiers, FixedCharge, MinimumCharge, Ratchet, Tariff

UTC = ZoneInfo("UTC")
Month = tuple[int, int]
PEAK = DemandCharge("peak", 12.0, 60)


def days(first: str, *peaks_kw: float) -> Load:
    """Days from a midnight in Amsterdam, each at 10 kW but for an hour at noon; none on which the clock changes."""
    start = datetime.fromisoformat(first).replace(tzinfo=ZONE).astimezone(UTC)
    return Load(start, 60, tuple(kw for peak in peaks_kw for kw in (*[10.0] * 12, peak, *[10.0] * 11)))


def counted(tariff: Tariff, load: Load, shares: Mapping[Month, float]) -> list[BillLine]:
    return bill_and_years(tariff, load, ZONE, shares=shares)[0]


def amounts(lines: Sequence[BillLine], kind: str) -> list[float]:
    return [line.amount for line in lines if line.kind == kind]


def test_a_third_of_a_month_pays_a_third_of_what_the_month_charges() -> None:
    tariff = replace(
        make.tariff(0.5),
        demand_charges=(PEAK, DemandCharge("by day", 0.1, 60, per="day", tiers=((40.0, 0.2),))),
        fixed_charges=(
            FixedCharge("meter", 30.0),
            FixedCharge("grid", 360.0, "year"),
            FixedCharge("daily", 2.0, "day"),
        ),
    )
    lines = counted(tariff, days("2026-06-01", *[50.0] * 10), {(2026, 6): 1 / 3})
    assert amounts(lines, "energy") == [pytest.approx(10 * (23 * 10 + 50) * 0.5)]
    assert amounts(lines, "demand") == pytest.approx([50 * 12 / 3, 10 * (40 * 0.1 + 10 * 0.2)])
    assert amounts(lines, "fixed") == pytest.approx([30 / 3, 30 / 3, 10 * 2.0])


def test_a_third_of_a_minimum_is_topped_up() -> None:
    tariff = replace(make.tariff(0.1), minimum_charges=(MinimumCharge("least", 900.0),))
    lines = counted(tariff, days("2026-06-01", *[10.0] * 10), {(2026, 6): 1 / 3})
    assert amounts(lines, "energy") == [pytest.approx(240.0)] and amounts(lines, "minimum") == [pytest.approx(60.0)]


def test_thresholds_are_a_third_whatever_they_are_for() -> None:
    """2,400 kWh in ten days: of the month 600 of 1,800 kWh, 10 of 30 days of 60 kWh, 20 of 60 hours at 10 kW."""
    of_month = EnergyTiers("month", ((1800.0, 1.0),))
    of_days, of_hours = (
        EnergyTiers("days", ((60.0, 1.0),), per="day"),
        EnergyTiers("h", ((60.0, 1.0),), per_kw_of="peak"),
    )
    tariff = replace(make.tariff(0.0), demand_charges=(PEAK,), energy_tiers=(of_month, of_days, of_hours))
    lines = counted(tariff, days("2026-06-01", *[10.0] * 10), {(2026, 6): 1 / 3})
    assert amounts(lines, "energy_tiers") == pytest.approx([2400 - 600, 2400 - 600, 2400 - 200])


def test_a_ratchet_is_of_the_months_peak_and_the_floor_of_a_part_costs_a_part() -> None:
    """January at 100 kW, then seven days of February at 40 kW, of which 80 are billed, for a quarter of the month."""
    tariff = replace(make.tariff(0.0), demand_charges=(replace(PEAK, ratchet=Ratchet(0.8)),))
    load = days("2026-01-01", *[100.0] * 31, *[40.0] * 7)
    assert amounts(counted(tariff, load, {(2026, 2): 0.25}), "demand") == pytest.approx([1200.0, 80 * 12 / 4])


def test_a_part_of_a_month_pays_a_part_of_its_twelfth_and_so_it_does_when_it_is_billed_again() -> None:
    """Half of June at 50 kW, July at 80, ten of August's 31 days at 90: one and a half months billed again."""
    tariff = replace(make.tariff(0.0), demand_charges=(DemandCharge("year", 120.0, 60, period="year"),))
    load = days("2026-06-16", *[50.0] * 15, *[80.0] * 31, *[90.0] * 10)
    lines = counted(tariff, load, {(2026, 6): 0.5, (2026, 8): 10 / 31})
    assert [line.name for line in lines if line.kind == "demand"] == [
        "year", "year", "year: 1 earlier month", "year", "year: 2 earlier months",
    ]  # fmt: skip
    assert amounts(lines, "demand") == pytest.approx([250, 800, 0.5 * 300, 900 * 10 / 31, 1.5 * 100])
    assert sum(amounts(lines, "demand")) == pytest.approx(90 * 10 * (0.5 + 1 + 10 / 31))


def test_a_years_minimum_is_for_the_parts_of_its_months() -> None:
    tariff = replace(make.tariff(0.0), minimum_charges=(MinimumCharge("least", 1200.0, "year"),))
    load = days("2026-01-01", *[10.0] * 365)
    assert amounts(counted(tariff, load, {}), "minimum") == [pytest.approx(1200.0)]
    assert amounts(counted(tariff, load, {(2026, 1): 0.5}), "minimum") == [pytest.approx(1150.0)]


def test_without_parts_it_is_the_bill() -> None:
    tariff = replace(make.tariff(0.5), demand_charges=(PEAK,), fixed_charges=(FixedCharge("meter", 30.0),))
    load = days("2026-06-16", *[50.0] * 20)
    assert counted(tariff, load, {}) == counted(tariff, load, {(2026, 6): 1.0}) == bill(tariff, load, ZONE)
    assert of_share(tariff, 1.0) is tariff


@given(st.integers(1, 29), st.floats(0.1, 500.0), st.floats(0.0, 2000.0), st.floats(0.0, 5000.0))
def test_days_of_a_month_of_equal_days_pay_their_share_of_it(
    part: int, peak_kw: float, threshold_kwh: float, least: float
) -> None:
    tariff = replace(
        make.tariff(0.1),
        demand_charges=(PEAK,),
        energy_tiers=(EnergyTiers("more", ((1.0 + threshold_kwh, 0.3),)),),
        fixed_charges=(FixedCharge("meter", 30.0),),
        minimum_charges=(MinimumCharge("least", least),),
    )
    share = month_share(*_span(part), ZONE, (2026, 6))
    assert share == pytest.approx(part / 30)
    whole = bill(tariff, days("2026-06-01", *[peak_kw] * 30), ZONE)
    lines = counted(tariff, days("2026-06-01", *[peak_kw] * part), {(2026, 6): share})
    assert sum(line.amount for line in lines) == pytest.approx(share * sum(line.amount for line in whole))


def _span(part: int) -> tuple[datetime, datetime]:
    start = datetime(2026, 6, 1, tzinfo=ZONE).astimezone(UTC)
    return start, start + timedelta(days=part)


def test_the_share_of_a_month_goes_by_its_minutes() -> None:
    """March has an hour less; what lies outside of the month does not count."""
    first, second = (datetime(2026, 3, day, tzinfo=ZONE).astimezone(UTC) for day in (29, 30))
    assert month_share(first, second, ZONE, (2026, 3)) == 23 / (31 * 24 - 1)
    assert month_share(first, second, ZONE, (2026, 4)) == 0 and month_share(first, second, ZONE, (2025, 12)) == 0
