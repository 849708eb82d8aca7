"""The bill of a load by hand, line by line, and what cannot be billed."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import builders as make
import pytest
from random_tariffs import ZONE

from models.tariff.bill import History, Load, bill, cents, is_whole, peaks_of
from models.tariff.tariff import EnergyTiers, FixedCharge, MinimumCharge, PriceSeries, Ratchet, Tariff

UTC = ZoneInfo("UTC")
Month = tuple[int, int]


def load(kw: list[float], start: str = make.MIDNIGHT, step_minutes: int = 60) -> Load:
    """Hours from midnight in Amsterdam on a Thursday in January, unless told otherwise."""
    return Load(datetime.fromisoformat(start).astimezone(UTC), step_minutes, tuple(map(float, kw)))


def lines(tariff: Tariff, of: Load, history: History | None = None, **how: Any) -> list[tuple[Any, ...]]:
    """(month, kind, name, quantity, rate, amount) of each line."""
    found = bill(tariff, of, ZONE, history, **how)
    return [(n.month, n.kind, n.name, n.quantity, n.rate, n.amount) for n in found]


def amounts(tariff: Tariff, of: Load, kind: str, history: History | None = None) -> list[float]:
    return [line.amount for line in bill(tariff, of, ZONE, history) if line.kind == kind]


def peak(rate_per_kw: float = 2.0, **changes: Any) -> Tariff:
    """Free energy and one demand charge on hours."""
    return make.tariff(0.0, demand_charges=(make.demand(rate_per_kw=rate_per_kw, metering_minutes=60, **changes),))


JAN: Month = (2026, 1)
FEB: Month = (2026, 2)


# By hand


def test_energy_has_a_line_for_each_period() -> None:
    tariff = make.tariff(energy_periods=(make.period("night", 0.25, "22:00", "02:00"), make.period("day", 0.5)))
    assert lines(tariff, load([10, 20, 30, 40])) == [
        (JAN, "energy", "day", 70, 0.5, 35),
        (JAN, "energy", "night", 30, 0.25, 7.5),
    ]


def test_a_step_in_which_the_price_changes_is_parted() -> None:
    tariff = make.tariff(energy_periods=(make.period("night", 0.25, "22:00", "00:15"), make.period("day", 0.5)))
    assert lines(tariff, load([40])) == [
        (JAN, "energy", "day", 30, 0.5, 15), (JAN, "energy", "night", 10, 0.25, 2.5),
    ]  # fmt: skip


def test_market_prices_have_one_line() -> None:
    series = PriceSeries(datetime.fromisoformat(make.MIDNIGHT), 30, (0.1, 0.3, -0.1, 0.5))
    tariff = Tariff("market", price_series=series)
    ((month, kind, name, quantity, rate, amount),) = lines(tariff, load([10, 20]))
    assert (month, kind, name, quantity, rate) == (JAN, "energy", "market", 30, None)
    assert amount == pytest.approx(5 * 0.1 + 5 * 0.3 - 10 * 0.1 + 10 * 0.5)


def test_tiers_count_the_months_kwh_inside_their_windows() -> None:
    evening = EnergyTiers("evening", ((10.0, 0.5), (40.0, -0.25)), (make.window("01:00", "24:00"),))
    tariff = make.tariff(0.0, energy_tiers=(evening,))
    assert lines(tariff, load([1000, 30, 30]))[1] == (JAN, "energy_tiers", "evening", 60, None, 30 * 0.5 - 20 * 0.25)
    assert [line[1] for line in lines(tariff, load([1000]))] == ["energy"]  # no kWh, no line


def test_every_month_begins_its_tiers_and_peaks_anew() -> None:
    tariff = make.tariff(
        0.0, energy_tiers=(EnergyTiers("all", ((10.0, 1.0),)),), demand_charges=(make.demand(metering_minutes=60),)
    )
    over_midnight = load([20, 30, 5, 40], "2026-01-31T22:00+01:00")
    assert amounts(tariff, over_midnight, "energy_tiers") == [40, 35]
    assert amounts(tariff, over_midnight, "demand") == [60, 80]


def test_demand_is_the_highest_average_in_a_window() -> None:
    quarter_hours = [10, 50, 30, 30, 90, 0, 0, 0]
    assert amounts(peak(), load(quarter_hours, step_minutes=15), "demand") == [2 * 30]
    assert amounts(peak(windows=(make.window("01:00", "02:00"),)), load(quarter_hours, step_minutes=15), "demand") == [
        2 * 22.5
    ]
    assert amounts(peak(windows=(make.window("03:00", "04:00"),)), load(quarter_hours, step_minutes=15), "demand") == []


def test_demand_in_steps() -> None:
    assert amounts(peak(tiers=((10.0, 1.0), (30.0, 5.0))), load([20, 50]), "demand") == [10 * 2 + 20 * 1 + 20 * 5]


def test_a_metering_interval_shorter_than_the_step_has_the_steps_average() -> None:
    late = make.demand(metering_minutes=15, windows=(make.window("00:45", "01:00"),))
    assert amounts(make.tariff(0.0, demand_charges=(late,)), load([20, 50]), "demand") == [40]


def test_a_ratchet_bills_a_share_of_earlier_months() -> None:
    tariff = peak(ratchet=Ratchet(0.5, months_back=2))
    assert amounts(tariff, load([30]), "demand", History({"peak": {(2025, 11): 100, (2025, 10): 999}})) == [2 * 50]
    assert amounts(tariff, load([80]), "demand", History({"peak": {(2025, 11): 100}})) == [2 * 80]
    assert amounts(tariff, load([30]), "demand") == [2 * 30]
    assert amounts(tariff, load([90, 10], "2026-01-31T23:00+01:00"), "demand") == [2 * 90, 2 * 45]


def test_a_ratchet_may_count_and_bill_some_months_only() -> None:
    history = History({"peak": {(2025, 7): 100, (2025, 12): 300}})
    assert amounts(peak(ratchet=Ratchet(0.5, counted_months=(7, 8))), load([30]), "demand", history) == [2 * 50]
    assert amounts(peak(ratchet=Ratchet(0.5, billed_months=(2, 3))), load([30]), "demand", history) == [2 * 30]


def test_peaks_of_a_load_are_the_history_of_the_next() -> None:
    tariff = peak(ratchet=Ratchet(0.5), windows=(make.window("00:00", "12:00"),))
    before = load([90, 10], "2026-01-31T23:00+01:00")
    assert peaks_of(tariff, before, ZONE).peaks_kw == {"peak": {FEB: 10}}


def test_fixed_charges_by_day_month_and_year() -> None:
    tariff = make.tariff(
        0.0, fixed_charge_per_day=1.5, fixed_charges=(FixedCharge("meter", 30.0), FixedCharge("dues", 120.0, "year"))
    )
    assert lines(tariff, load([0] * 30))[1:] == [
        (JAN, "fixed", "fixed", 1.25, 1.5, 1.875),  # 30 hours of days of 24
        (JAN, "fixed", "meter", 1, 30.0, 30.0),
        (JAN, "fixed", "dues", 1 / 12, 120.0, 10.0),
    ]


def test_fixed_charges_of_some_months_are_billed_in_those() -> None:
    charges = (FixedCharge("winter", 30.0, months=(1, 2)), FixedCharge("summer dues", 120.0, "year", (7,)))
    assert lines(make.tariff(0.0, fixed_charges=charges), load([0]))[1:] == [(JAN, "fixed", "winter", 1, 30.0, 30.0)]


def test_a_minimum_tops_up_the_month_and_the_next_one_tops_up_the_rest() -> None:
    tariff = make.tariff(0.5, minimum_charges=(MinimumCharge("least", 20.0), MinimumCharge("more", 25.0)))
    assert lines(tariff, load([10]))[1:] == [
        (JAN, "minimum", "least", 1, 20.0, 15.0), (JAN, "minimum", "more", 1, 25.0, 5.0),
    ]  # fmt: skip
    assert lines(tariff, load([100]))[1:] == []


def test_a_minimum_a_year_needs_the_whole_year() -> None:
    tariff = make.tariff(0.5, minimum_charges=(MinimumCharge("least", 9000.0, "year"),))
    hours = 8760
    whole = lines(tariff, load([1] * hours, "2026-01-01T00:00+01:00"))
    assert whole[-1] == ((2026, 0), "minimum", "least", 1, 9000.0, pytest.approx(9000 - hours / 2))
    assert lines(tariff, load([1] * (hours - 24), "2026-01-01T00:00+01:00"))[-1][1] == "minimum"  # December is touched
    assert lines(tariff, load([1] * 24, "2026-12-31T00:00+01:00"))[-1][1] == "energy"


def test_a_minimum_a_year_looks_at_its_own_year_only() -> None:
    tariff = make.tariff(0.5, minimum_charges=(MinimumCharge("least", 9000.0, "year"),))
    hours = 744 + 8760
    (topped_up,) = amounts(tariff, load([1] * hours, "2025-12-01T00:00+01:00"), "minimum")
    assert topped_up == pytest.approx(9000 - 8760 / 2)


def test_cents_are_rounded_once_for_each_line_and_minimum_charges_add_up() -> None:
    tariff = make.tariff(
        energy_periods=(make.period("a", 0.005, "00:00", "01:00"), make.period("b", 0.004)),
        minimum_charges=(MinimumCharge("least", 25.0),),
    )
    found = lines(tariff, load([1, 1]), to_cents=True)
    assert [line[5] for line in found] == [0.01, 0.0, 24.99]
    assert sum(line[5] for line in found) == 25


@pytest.mark.parametrize(
    ("amount", "told"),
    [(0.005, 0.01), (0.00499, 0.0), (1.005, 1.01), (2.675, 2.68), (-0.005, -0.01), (1e6 / 3, 333333.33)],
)  # fmt: skip
def test_half_a_cent_is_rounded_up_whatever_floating_point_makes_of_it(amount: float, told: float) -> None:
    assert cents(amount) == told


def test_whole_months() -> None:
    january = load([0] * 744, "2026-01-01T00:00+01:00")
    assert is_whole(january, ZONE, JAN) and not is_whole(january, ZONE, FEB)
    assert not is_whole(load([0] * 743, "2026-01-01T00:00+01:00"), ZONE, JAN)
    assert not is_whole(load([0] * 744, "2026-01-01T01:00+01:00"), ZONE, JAN)
    assert is_whole(load([0] * 743, "2026-03-01T00:00+01:00"), ZONE, (2026, 3))  # an hour is left out


# Refused


def quarter_hourly_charge(metering_minutes: int) -> Tariff:
    return make.tariff(demand_charges=(make.demand(metering_minutes=metering_minutes),))


@pytest.mark.parametrize(
    ("tariff", "of", "problem"),
    [
        (
            quarter_hourly_charge(45), load([1]),
            ("demand_charges[0].metering_minutes", 45,
             "must be a multiple or a divisor of the load's step (60 minutes)", "resample the load"),
        ),
        (
            quarter_hourly_charge(30), load([1, 1, 1], step_minutes=15),
            ("demand_charges[0].metering_minutes", 30,
             "the load must start on a metering interval of 30 minutes and hold whole ones",
             "cut it at local times that are multiples of 30 minutes"),
        ),
        (
            quarter_hourly_charge(30), load([1, 1], "2026-01-15T00:15+01:00", 15),
            ("demand_charges[0].metering_minutes", 30,
             "the load must start on a metering interval of 30 minutes and hold whole ones",
             "cut it at local times that are multiples of 30 minutes"),
        ),
        (
            make.tariff([0.1]), load([1]),
            ("energy_price_per_kwh", "T", "one price for each slot of a horizon prices no other load",
             "use energy_periods or a price_series"),
        ),
        (
            Tariff("market", price_series=PriceSeries(datetime(2026, 1, 15, tzinfo=UTC), 60, (0.1,))), load([1, 1]),
            ("price_series", "2026-01-15T00:00Z to 2026-01-15T01:00Z",
             "must cover the load, 2026-01-14T23:00Z to 2026-01-15T01:00Z", "import more prices, or cut the load"),
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_billed(tariff: Tariff, of: Load, problem: tuple[Any, ...]) -> None:
    assert make.problems(bill, tariff, of, ZONE) == [problem]


@pytest.mark.parametrize("midnight", ["2026-03-29T00:00+01:00", "2026-10-25T00:00+02:00"], ids=["23 hours", "25 hours"])
def test_a_day_on_which_clocks_change_is_one_day(midnight: str) -> None:
    hours = 23 if "03-29" in midnight else 25
    (line,) = lines(make.tariff(0.0, fixed_charge_per_day=2.4), load([0] * hours, midnight))[1:]
    assert line[3:] == (1.0, 2.4, 2.4)


def test_bills_of_other_times_and_zones_in_between_change_nothing() -> None:
    """Minutes and prices that bills share are those of one clock."""
    tariff = make.tariff(energy_periods=(make.period("night", 0.25, "22:00", "02:00"), make.period("day", 0.5)))
    own, later = load([10, 20, 30, 40]), load([10, 20, 30, 40], "2026-01-15T02:00+01:00")
    first = lines(tariff, own)
    assert amounts(tariff, later, "energy") == [50.0]
    assert [(line.name, line.amount) for line in bill(tariff, own, UTC)] == [("day", 20.0), ("night", 15.0)]
    assert lines(tariff, own) == first == [(JAN, "energy", "day", 70, 0.5, 35), (JAN, "energy", "night", 30, 0.25, 7.5)]
