"""Bills of yearly demand charges by hand: twelfths, months billed again, hours of use, parts of years."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yearly
from hypothesis import given, settings
from hypothesis import strategies as st
from yearly import BERLIN, charge, operator, steady

from models.errors import InvalidData
from models.tariff.bill import History, Load, bill, bill_and_years, peaks_of
from models.tariff.billing_year import Span, UseClass, span_of
from models.tariff.limits import beyond_prices
from models.tariff.rate_steps import stepped_cost
from models.tariff.tariff import EnergyPeriod, EnergyTiers, Ratchet, Tariff
from models.tariff.window import Window
from models.tariff.yearly_bill import YearOfUse

JULY = "2025-07-10T12:00"
FREE = (EnergyPeriod("all", 0.0),)


def free(**changes: Any) -> Tariff:
    return Tariff("free", FREE, demand_charges=(charge(**changes),))


def years_of(tariff: Tariff, load: Load, history: History | None = None) -> tuple[YearOfUse, ...]:
    return bill_and_years(tariff, load, BERLIN, history)[1]


def demand_of(tariff: Tariff, load: Any, history: History | None = None) -> list[tuple[Any, ...]]:
    """(month of the year, name, kW, rate, amount) of each line of demand."""
    found = bill(tariff, load, BERLIN, history, to_cents=True)
    return [(one.month[1], one.name, one.quantity, one.rate, one.amount) for one in found if one.kind == "demand"]


def test_a_year_pays_twelfths_and_earlier_months_again_where_the_peak_rises() -> None:
    """100 kW all year, 200 kW for an hour in July: EUR 1,000 a month until June, 2,000 from July on, and 6 times 1,000
    more in July. In all 120 · 200."""
    found = demand_of(free(), steady("2025-01-01", "2026-01-01", peaks={JULY: 200}))
    assert found[:6] == [(month, "year", 100, 10, 1000) for month in range(1, 7)]
    assert found[6:8] == [(7, "year", 200, 10, 2000), (7, "year: 6 earlier months", 100, 60, 6000)]
    assert found[8:] == [(month, "year", 200, 10, 2000) for month in range(8, 13)]
    assert sum(line[-1] for line in found) == 120 * 200


def test_a_part_of_a_year_pays_its_months_share() -> None:
    assert (
        sum(line[-1] for line in demand_of(free(), steady("2025-05-01", "2025-09-01", peaks={JULY: 200}))) == 4 * 2000
    )
    assert demand_of(free(), steady("2025-05-10", "2025-05-11")) == [(5, "year", 100, 10, 1000)]


def test_a_billing_year_may_begin_in_any_month() -> None:
    """200 kW in September: the year from October on knows nothing of it."""
    found = demand_of(free(year_begins=10), steady("2025-08-01", "2025-12-01", peaks={"2025-09-30T23:00": 200}))
    assert found == [
        (8, "year", 100, 10, 1000),
        (9, "year", 200, 10, 2000),
        (9, "year: 1 earlier month", 100, 10, 1000),
        (10, "year", 100, 10, 1000),
        (11, "year", 100, 10, 1000),
    ]


def test_months_before_the_load_count_as_billed() -> None:
    before = History({"year": {(2025, 4): 150.0, (2024, 12): 900.0}})
    found = demand_of(free(), steady("2025-05-01", "2025-06-01", peaks={"2025-05-07T08:00": 200}), before)
    assert found == [(5, "year", 200, 10, 2000), (5, "year: 1 earlier month", 50, 10, 500)]


def test_of_a_month_in_part_the_days_before_the_load_count_too() -> None:
    """300 kW in the first days of July, of which the load has the rest, at 100 kW."""
    before = History({"year": {(2025, 4): 150.0, (2025, 7): 300.0}})
    assert demand_of(free(), steady("2025-07-10", "2025-09-01"), before) == [
        (7, "year", 300, 10, 3000),
        (7, "year: 1 earlier month", 150, 10, 1500),
        (8, "year", 300, 10, 3000),
    ]


def test_windows_of_winter_bill_all_months_on_the_peak_in_them() -> None:
    """A network operator's peak hours: what is drawn in summer does not count, and January's peak is paid all year."""
    tariff = free(windows=(Window(17 * 60, 20 * 60, months=(1, 2, 12)),))
    load = steady("2025-01-01", "2026-01-01", 50, peaks={JULY: 400, "2025-12-02T18:00": 80})
    found = demand_of(tariff, load)
    assert found[:11] == [(month, "year", 50, 10, 500) for month in range(1, 12)]
    assert found[11:] == [(12, "year", 80, 10, 800), (12, "year: 11 earlier months", 30, 110, 3300)]


def test_a_year_of_many_hours_of_use_is_billed_in_its_class() -> None:
    """100 kW in 8,760 hours and 100 kW more in one: 876,100 kWh at 200 kW are 4,380.5 hours of use.

    Leistungspreis 132.68 · 200 = 26,536.00; Arbeitspreis (0.2538 − 0.0469) · 876,100 = 181,265.09.
    """
    load = steady("2025-01-01", "2026-01-01", peaks={JULY: 200})
    (year,) = years_of(operator(), load)
    assert (year.hours, year.months) == (4380.5, 12)
    found = bill(operator(), load, BERLIN)
    assert sum(one.amount for one in found if one.kind == "demand") == pytest.approx(26_536.00)
    assert sum(one.amount for one in found if one.kind != "demand") == pytest.approx(181_265.09)
    july = [one for one in found if one.month == (2025, 7) and one.kind == "energy_tiers"]
    assert [(one.name, one.quantity, one.unit, one.rate) for one in july] == [("year", 74_500, "kWh", -0.0469)]


def test_a_year_of_few_hours_of_use_is_billed_at_the_charges_own_rate() -> None:
    """876,300 kWh at 400 kW are 2,190.75 hours: 15.43 · 400 = 6,172.00, and 0.2538 a kWh: 222,404.94."""
    found = bill(operator(), steady("2025-01-01", "2026-01-01", peaks={JULY: 400}), BERLIN)
    assert sum(one.amount for one in found if one.kind == "demand") == pytest.approx(6_172.00)
    assert sum(one.amount for one in found if one.kind == "energy") == pytest.approx(222_404.94)
    assert {one.kind for one in found} == {"energy", "demand"}


def test_the_class_begins_with_its_hours() -> None:
    """8,760 hours of 100 kW at a peak of 350.4 kW: with 250.4 kWh of the peak itself a little more than 2,500."""
    for peak_kw, rate in ((350.4, 132.68), (350.6, 15.43)):
        load = steady("2025-01-01", "2026-01-01", peaks={JULY: peak_kw})
        (year,) = years_of(operator(), load)
        assert year.steps == ((0.0, rate),)
    exactly = steady("2025-01-01", "2026-01-01", kw=2500 / 8760, peaks={})
    tariff = operator(use_classes=(UseClass(8760.0, 1.0),))
    (year,) = years_of(tariff, exactly)
    assert (year.hours, year.steps) == (8760.0, ((0.0, 1.0),))


def test_a_part_of_a_year_is_stretched_to_find_its_class() -> None:
    """31 of 365 days, 74,400 kWh at 200 kW: 372.5 hours are 4,385.9 a year."""
    load = steady("2025-07-01", "2025-08-01", peaks={JULY: 200})
    (year,) = years_of(operator(), load)
    assert year.hours == pytest.approx(74_500 / 200 * 365 / 31)
    assert (year.months, year.steps) == (1, ((0.0, 132.68),))


def test_the_class_goes_by_the_months_before_too() -> None:
    """July alone would be of few hours; the half year before it is not."""
    whole = steady("2025-01-01", "2025-08-01", peaks={JULY: 350})
    july = steady("2025-07-01", "2025-08-01", peaks={JULY: 350})
    assert years_of(operator(), july)[0].steps == ((0.0, 132.68),)
    low = steady("2025-01-01", "2025-07-01", kw=10)
    (year,) = years_of(operator(), july, peaks_of(operator(), low, BERLIN))
    assert year.use.kwh == 744 * 100 + 250 + 10 * (181 * 24 - 1)
    assert (year.months, year.steps) == (7, ((0.0, 15.43),))
    assert years_of(operator(), whole)[0].months == 7


def test_a_surcharge_is_no_kwh_of_tiers_of_the_same_name() -> None:
    """Of 2,400 kWh, 100 are from 12:00 on, which the tiers have a price for."""
    noon = (Window(12 * 60, 13 * 60),)
    tiers = EnergyTiers("year", ((50.0, 0.01),), windows=noon, most_kwh=99.0)
    load = steady("2025-07-01", "2025-07-02")
    for most, is_beyond in ((99.0, True), (100.0, False)):
        tariff = replace(operator(), energy_tiers=(replace(tiers, most_kwh=most),))
        lines = bill(tariff, load, BERLIN)
        assert [one.quantity for one in lines if one.kind == "energy_tiers"] == [100, 2400]
        assert bool(list(beyond_prices(tariff, lines))) == is_beyond


LEVELS = st.lists(st.integers(0, 40), min_size=14, max_size=14)


@settings(max_examples=25, deadline=None)
@given(LEVELS, st.integers(1, 12), st.integers(1, 13), st.sampled_from([(), ((15.0, 60.0), (25.0, 150.0))]))
def test_whole_years_cost_their_rates_and_parts_add_up(
    levels: list[int], begins: int, cut: int, tiers: tuple[tuple[float, float], ...]
) -> None:
    """Fourteen months: what a billing year's months pay is their share of its rates on their highest average, and
    billing them in two parts, the first a history of the second, makes no difference."""
    tariff = free(year_begins=begins, tiers=tiers)
    firsts = [f"{2025 + n // 12}-{n % 12 + 1:02d}-01" for n in range(15)]
    kw = [k for n, k in enumerate(levels) for k in steady(firsts[n], firsts[n + 1], float(k)).kw]
    load = yearly.Load(yearly.at(firsts[0]), 60, tuple(kw))
    found = [one for one in bill(tariff, load, BERLIN) if one.kind == "demand"]
    months = [(2025 + n // 12, n % 12 + 1) for n in range(14)]
    for span in {span_of("year", begins, month) for month in months}:
        of_year = [level for level, month in zip(levels, months, strict=True) if span.holds(month)]
        (only,) = tariff.demand_charges
        known = stepped_cost(only.steps, max(of_year)) * len(of_year) / 12
        assert sum(one.amount for one in found if span.holds(one.month)) == pytest.approx(known)
    first, second = steady(firsts[0], firsts[cut]), steady(firsts[cut], firsts[14])
    parts = kw[: len(first.kw)], kw[len(first.kw) :]
    early = yearly.Load(first.start, 60, tuple(parts[0]))
    late = yearly.Load(second.start, 60, tuple(parts[1]))
    joined = bill(tariff, early, BERLIN) + bill(tariff, late, BERLIN, peaks_of(tariff, early, BERLIN))
    assert [one for one in joined if one.kind == "demand"] == found


def test_spans() -> None:
    assert span_of("month", 1, (2025, 7)) == Span((2025, 7), (2025, 7))
    assert span_of("year", 1, (2025, 7)) == Span((2025, 1), (2025, 12))
    assert span_of("year", 10, (2025, 9)) == Span((2024, 10), (2025, 9))
    assert span_of("year", 10, (2025, 10)) == Span((2025, 10), (2026, 9))
    assert (span_of("year", 3, (2024, 1)).days, span_of("month", 1, (2024, 2)).days) == (366, 29)


NO_MONTH, NO_YEAR = "means nothing where the period is 'year'", "means nothing where the period is 'month'"
UNSAID = "needs the hours of use that the year is expected to have: nights are planned in their class"
CLASSED: dict[str, Any] = {"use_classes": yearly.CLASSES, "expected_hours": 4000.0}
TWICE = (UseClass(9.0, 1.0), UseClass(9.0, 2.0))


@pytest.mark.parametrize(
    ("changes", "place", "rule"),
    [
        ({"period": "week"}, "period", "must be one of month, year"),
        ({"period": "month", "year_begins": 10}, "year_begins", NO_YEAR),
        ({"year_begins": 13}, "year_begins", "must be between 1 and 12"),
        ({"ratchet": Ratchet(0.8)}, "ratchet", NO_MONTH),
        ({"per": "day"}, "per", NO_MONTH),
        ({"month_factors": (1.0,) * 12}, "month_factors", NO_MONTH),
        (CLASSED | {"tiers": ((9.0, 1.0),)}, "tiers", "cannot stand beside use_classes"),
        (CLASSED | {"expected_hours": None}, "use_classes", UNSAID),
        ({"expected_hours": 3000.0}, "expected_hours", "means nothing without use_classes"),
        (
            CLASSED | {"use_classes": TWICE},
            "use_classes[1].least_hours",
            "must be above that of the class before it (9)",
        ),
        (CLASSED | {"expected_hours": -1.0}, "expected_hours", "must be at least 0"),
    ],
)
def test_what_no_yearly_charge_is(changes: dict[str, Any], place: str, rule: str) -> None:
    with pytest.raises(InvalidData) as error:
        charge(**changes)
    assert [(one.place, one.rule) for one in error.value.problems] == [(place, rule)]


def test_hours_of_use_of_a_month_go_by_a_charge_of_the_month() -> None:
    tiers = EnergyTiers("hours", ((200.0, -0.01),), per_kw_of="year")
    with pytest.raises(InvalidData, match="must name a demand charge of the month without a ratchet"):
        Tariff("both", FREE, demand_charges=(charge(),), energy_tiers=(tiers,))
