"""Loads and days that a tariff is not for, known by month: limits of kW and kWh, months looked back at, dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tariff.bill import Load
from models.tariff.tariff import DemandCharge, EnergyPeriod, Tariff
from optimizer.formats.tariff_document import EligibilityDocument, TariffDocument, ValidityDocument
from optimizer.formats.tariff_parts.rate_terms import RateTerms, Validity, day_problems, terms_of
from optimizer.tariffs.outside import load_months, load_problems, outside_problems

PHOENIX, UTC_ZONE = ZoneInfo("America/Phoenix"), ZoneInfo("UTC")
PLAIN = Tariff("t", energy_periods=(EnergyPeriod("always", 0.1),))


def months_load(*kw: float, start: date = date(2024, 5, 1), peak_kw: float | None = None) -> Load:
    """Whole months of hours in UTC at one power each, in the last of which one hour is at `peak_kw`."""
    powers: list[float] = []
    at = datetime(start.year, start.month, start.day, tzinfo=UTC)
    for value in kw:
        after = datetime(at.year + at.month // 12, at.month % 12 + 1, 1, tzinfo=UTC)
        powers += [value] * int((after - at) / timedelta(hours=1))
        at = after
    if peak_kw is not None:
        powers[-30] = peak_kw
    return Load(datetime(start.year, start.month, start.day, tzinfo=UTC), 60, tuple(powers))


def rules(load: Load, tariff: Tariff = PLAIN, **limits: Any) -> list[str]:
    terms = RateTerms(EligibilityDocument(**limits))
    return [f"{p.place}: {p.value}: {p.rule}" for p in outside_problems(terms, tariff, load, load, UTC_ZONE)]


def test_a_month_above_the_limit_of_demand() -> None:
    assert rules(months_load(100, 100, 100, peak_kw=412), most_kw=200) == [
        "eligibility.most_kw: 200: 2024-07: 412 kW, the rate is for up to 200 kW"
    ]
    assert rules(months_load(100, 200), most_kw=200) == []


@pytest.mark.parametrize(("kw", "limit", "shown"), [(20.04, 20, "20.04"), (20.14, 20.12, "20.14"), (20.16, 20, "20.2")])
def test_what_is_beyond_a_limit_is_not_shown_as_within_it(kw: float, limit: float, shown: str) -> None:
    assert rules(months_load(kw), most_kw=limit) == [
        f"eligibility.most_kw: {limit}: 2024-05: {shown} kW, the rate is for up to {limit} kW"
    ]


def test_a_month_below_the_least_demand() -> None:
    assert rules(months_load(60, 49.5), least_kw=50) == [
        "eligibility.least_kw: 50: 2024-06: 49.5 kW, the rate is for at least 50 kW"
    ]
    assert rules(months_load(50), least_kw=50) == []


def test_energy_of_months() -> None:
    load = months_load(100, 1)
    assert rules(load, most_kwh=3000, least_kwh=1000) == [
        "eligibility.most_kwh: 3000: 2024-05: 74,400 kWh, the rate is for up to 3,000 kWh a month",
        "eligibility.least_kwh: 1000: 2024-06: 720 kWh, the rate is for at least 1,000 kWh a month",
    ]


def test_the_highest_of_several_months_counts() -> None:
    load = months_load(30, 10, 10, 10)
    assert rules(load, most_kw=20, kw_months=3) == [
        "eligibility.most_kw: 20: 2024-05: 30 kW, the rate is for up to 20 kW in the highest of 3 months",
        "eligibility.most_kw: 20: 2024-06: 30 kW in 2024-05, the rate is for up to 20 kW in the highest of 3 months",
        "eligibility.most_kw: 20: 2024-07: 30 kW in 2024-05, the rate is for up to 20 kW in the highest of 3 months",
    ]
    assert rules(load, least_kw=20, kw_months=3) == [
        "eligibility.least_kw: 20: 2024-08: 10 kW, the rate is for at least 20 kW in the highest of 3 months"
    ]
    assert [text[:43] for text in rules(load, least_kwh=9000, kwh_months=2)] == [
        "eligibility.least_kwh: 9000: 2024-07: 7,440",
        "eligibility.least_kwh: 9000: 2024-08: 7,440",
    ]


def test_a_month_in_part_is_never_known_to_be_too_small() -> None:
    load = months_load(10, start=date(2024, 5, 2))
    assert rules(load, least_kw=50, least_kwh=1e6) == []
    assert rules(load, most_kw=5) == ["eligibility.most_kw: 5: 2024-05: 10 kW, the rate is for up to 5 kW"]


@pytest.mark.parametrize(("metering", "peak_kw"), [(15, 80), (60, 35)])
def test_power_is_averaged_as_the_tariffs_meter_does(metering: int, peak_kw: int) -> None:
    quarters = (80.0, 20.0, 20.0, 20.0) * 24
    load = Load(datetime(2024, 5, 1, tzinfo=UTC), 15, quarters)
    charge = DemandCharge("peak", 5, metering)
    tariff = Tariff("t", energy_periods=PLAIN.energy_periods, demand_charges=(charge,))
    assert rules(load, tariff, most_kw=10) == [
        f"eligibility.most_kw: 10: 2024-05: {peak_kw} kW, the rate is for up to 10 kW"
    ]


def test_steps_that_make_no_metering_interval_count_by_themselves() -> None:
    load = Load(datetime(2024, 5, 1, 0, 5, tzinfo=UTC), 10, (30.0,) * 20)
    assert rules(load, most_kw=10) == ["eligibility.most_kw: 10: 2024-05: 30 kW, the rate is for up to 10 kW"]


def test_nothing_is_looked_at_without_a_limit() -> None:
    voltage = RateTerms(EligibilityDocument(voltage="Primary", least_volts=4000))
    assert load_months(voltage, PLAIN, months_load(100), UTC_ZONE) == {}
    assert list(load_problems(voltage, {}, [(2024, 5)])) == []


@given(
    kw=st.lists(st.floats(0, 1000), min_size=1, max_size=14),
    back=st.integers(1, 14),
    limit=st.floats(0, 1000),
)
def test_a_month_is_outside_as_its_window_says(kw: list[float], back: int, limit: float) -> None:
    """Of whole months, each is above the limit, below it, or at it, and only as the highest of its window is."""
    load = months_load(*kw)
    both = rules(load, most_kw=limit, kw_months=back), rules(load, least_kw=limit, kw_months=back)
    above, below = ([text.split(": ")[2] for text in found] for found in both)
    for index in range(len(kw)):
        month = f"{2024 + (4 + index) // 12}-{(4 + index) % 12 + 1:02d}"
        highest = max(kw[max(0, index - back + 1) : index + 1])
        near = abs(highest - limit) <= 1e-9 * max(1.0, limit)
        assert near or ((month in above) == (highest > limit) and (month in below) == (highest < limit))


def test_months_before_those_that_are_asked_for_are_looked_back_at() -> None:
    load = months_load(30, 10, 10, 10)
    june = Load(datetime(2024, 6, 1, tzinfo=UTC), 60, load.kw[31 * 24 : 61 * 24])
    terms = RateTerms(EligibilityDocument(most_kw=20, kw_months=12), Validity(last_day=date(2024, 6, 30)))
    (found,) = outside_problems(terms, PLAIN, load, june, UTC_ZONE)
    assert found.rule == "2024-06: 30 kW in 2024-05, the rate is for up to 20 kW in the highest of 12 months"


# Days


def days(first: date, last: date, **valid: Any) -> list[str]:
    return [f"{p.place}: {p.rule}; {p.remedy}" for p in day_problems(Validity(**valid), first, last)]


APRIL = date(2018, 4, 1), date(2018, 4, 30)


def test_days_after_the_last_and_before_the_first() -> None:
    assert days(*APRIL, last_day=date(2010, 12, 31)) == [
        "valid.last_day: 2018-04-01 to 2018-04-30 are after its last day; take the rate that followed it"
    ]
    assert days(*APRIL, first_day=date(2018, 4, 2), last_day=date(2018, 4, 29)) == [
        "valid.first_day: 2018-04-01 is before it is in force; take the rate that was in force then",
        "valid.last_day: 2018-04-30 is after its last day; take the rate that followed it",
    ]
    assert days(*APRIL, first_day=APRIL[0], last_day=APRIL[1]) == []


def test_a_superseded_rate() -> None:
    told = (
        "valid.superseded_by: another rate took its place, from a day that is not said; take that rate for later days"
    )
    assert days(*APRIL, superseded_by="new") == [told]
    assert days(*APRIL, superseded_by="new", last_day=date(2018, 4, 30)) == []
    assert days(*APRIL, superseded_by="new", last_day=date(2018, 4, 29)) == [
        "valid.last_day: 2018-04-30 is after its last day; take the rate that followed it",
        "valid.superseded_by: another rate took its place; take that rate for later days",
    ]


def test_no_rate_takes_the_place_where_none_is_named() -> None:
    document = TariffDocument(id="t", valid=ValidityDocument(superseded_by=""))
    assert terms_of(document).valid == Validity()


def test_days_are_those_of_the_local_clock() -> None:
    load = Load(datetime(2018, 4, 1, 7, tzinfo=UTC), 60, (1.0,) * 24)
    terms = RateTerms(valid=Validity(date(2018, 4, 1), date(2018, 4, 1)))
    assert list(outside_problems(terms, PLAIN, load, load, PHOENIX)) == []
    assert len(list(outside_problems(terms, PLAIN, load, load, UTC_ZONE))) == 1
