"""Tariffs on the slots: which price each minute has, which slots a demand charge meters, what is refused."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import builders as make
import pytest

from models.tariff.series import TariffSeries, tariff_on
from models.tariff.tariff import DemandCharge, EnergyPeriod, Tariff
from models.tariff.window import Window

THURSDAY, SATURDAY = "2026-01-15", "2026-01-17"


def periods(*of: EnergyPeriod, **changes: Any) -> Tariff:
    """A tariff by periods, `rest` at 0.1 last."""
    return make.tariff(energy_periods=(*of, make.period("rest", 0.1)), **changes)


def prices(tariff: Tariff, slots: int = 24, slot_minutes: int = 60, start: str = make.MIDNIGHT) -> tuple[float, ...]:
    """Prices on a Thursday from midnight, unless told otherwise."""
    return tariff_on(tariff, make.horizon(slots, slot_minutes, start)).price_per_kwh


# Energy periods


def test_first_match_wins() -> None:
    tariff = periods(make.period("peak", 0.3, "07:00", "09:00"), make.period("day", 0.2, "06:00", "22:00"))
    assert prices(tariff, 10) == (0.1,) * 6 + (0.2, 0.3, 0.3, 0.2)
    assert tariff_on(tariff, make.horizon(8)).period_names == ("rest",) * 6 + ("day", "peak")


def test_order_decides_between_overlapping_periods() -> None:
    tariff = periods(make.period("day", 0.2, "06:00", "22:00"), make.period("peak", 0.3, "07:00", "09:00"))
    assert prices(tariff, 10) == (0.1,) * 6 + (0.2,) * 4


def test_window_over_midnight() -> None:
    night = make.period("night", 0.05, "22:00", "06:00")
    assert prices(periods(night)) == (0.05,) * 6 + (0.1,) * 16 + (0.05,) * 2


def test_half_hour_edge_inside_an_hour_gives_the_mean() -> None:
    tariff = periods(make.period("peak", 0.3, "01:30", "02:15"))
    assert prices(tariff, 4) == pytest.approx((0.1, 0.2, 0.15, 0.1))
    assert tariff_on(tariff, make.horizon(4)).period_names == ("rest", "rest", "peak", "rest")  # after the first minute


def test_slot_is_named_after_its_first_minute_only() -> None:
    tariff = periods(make.period("first", 0.3, "00:00", "00:01"))
    assert tariff_on(tariff, make.horizon(2)).period_names == ("first", "rest")
    assert prices(tariff, 2) == pytest.approx((0.1 + 0.2 / 60, 0.1))


def test_half_hour_edges_at_half_hour_slots_are_exact() -> None:
    assert prices(periods(make.period("peak", 0.3, "01:30", "02:00")), 5, 30) == (0.1, 0.1, 0.1, 0.3, 0.1)


def test_one_price_is_exact_and_not_a_mean() -> None:
    assert prices(make.tariff(0.1), 1, 7) == (0.1,)  # the mean of seven times 0.1 is not 0.1 in floating point


def test_price_by_slot() -> None:
    series = tariff_on(make.tariff([0.3, -0.1]), make.horizon(2))
    assert series == TariffSeries((0.3, -0.1), ("", ""), (), 0.0, months=((2026, 1),))


# Windows


@pytest.mark.parametrize(
    ("window", "day", "time", "held"),
    [
        (make.window("07:00", "09:30"), THURSDAY, "06:59", False),
        (make.window("07:00", "09:30"), THURSDAY, "07:00", True),
        (make.window("07:00", "09:30"), THURSDAY, "09:29", True),
        (make.window("07:00", "09:30"), THURSDAY, "09:30", False),
        (make.window("22:00", "06:00"), THURSDAY, "22:00", True),
        (make.window("22:00", "06:00"), THURSDAY, "00:00", True),
        (make.window("22:00", "06:00"), THURSDAY, "06:00", False),
        (make.window("22:00", "00:00"), THURSDAY, "23:59", True),
        (make.window("22:00", "00:00"), THURSDAY, "00:00", False),
        (make.window("08:00", "08:00"), THURSDAY, "12:34", True),  # the same edge twice: the whole day
        (make.window(days="weekday"), THURSDAY, "12:00", True),
        (make.window(days="weekday"), SATURDAY, "12:00", False),
        (make.window(days="weekend"), THURSDAY, "12:00", False),
        (make.window(days="weekend"), SATURDAY, "12:00", True),
        (make.window(days="weekend"), "2026-01-18", "23:59", True),
        (make.window(days="weekend"), "2026-01-19", "00:00", False),
        (make.window(days="all"), SATURDAY, "12:00", True),
        (make.window(days="weekday"), "2026-01-01", "12:00", False),  # a holiday on a Thursday
        (make.window(days="weekend"), "2026-01-01", "12:00", True),
        (make.window(days="all"), "2026-01-01", "12:00", True),
        (make.window(months=(1, 12)), THURSDAY, "12:00", True),
        (make.window(months=(6, 7, 8)), THURSDAY, "12:00", False),
        (make.window(dates=((date(2026, 1, 1), date(2026, 1, 15)),)), THURSDAY, "23:59", True),
        (make.window(dates=((date(2026, 1, 1), date(2026, 1, 14)),)), THURSDAY, "00:00", False),
        (make.window(dates=((date(2026, 1, 16),) * 2, (date(2026, 1, 15),) * 2)), THURSDAY, "00:00", True),
        (make.window("07:00", "09:00", days="weekday", months=(1,)), THURSDAY, "08:00", True),
        (make.window("07:00", "09:00", days="weekday", months=(2,)), THURSDAY, "08:00", False),
        (make.window("07:00", "09:00", days="weekend", months=(1,)), THURSDAY, "08:00", False),
        (make.window("07:00", "09:00", days="weekday", months=(1,)), THURSDAY, "09:00", False),
    ],
)
def test_window_membership(window: Window, day: str, time: str, held: bool) -> None:
    assert window.holds(make.minute(day, time), [date(2026, 1, 1)]) is held


def test_weekday_window_over_midnight_goes_by_the_date_of_the_minute() -> None:
    night = make.window("22:00", "06:00", days="weekday")
    assert night.holds(make.minute("2026-01-16", "23:00"), [])  # Friday evening
    assert not night.holds(make.minute(SATURDAY, "01:00"), [])  # the same night, on Saturday
    assert night.holds(make.minute("2026-01-19", "01:00"), [])  # Monday before dawn


def test_holiday_is_priced_as_weekend() -> None:
    weekend = make.period("weekend", 0.05, days="weekend")
    assert prices(periods(weekend), 1) == (0.1,)
    assert prices(periods(weekend, holidays=(date.fromisoformat(THURSDAY),)), 1) == (0.05,)


def test_windows_go_by_the_local_clock() -> None:
    tariff = periods(make.period("peak", 0.3, "05:30", "06:30"))
    horizon = make.horizon(2, 60, "2026-01-15T00:00Z", "Asia/Kolkata")
    assert tariff_on(tariff, horizon).price_per_kwh == (0.3, 0.1)


@pytest.mark.parametrize(
    ("start", "cheap_hours"),
    [("2026-03-29T00:00+01:00", 2), ("2026-01-15T00:00+01:00", 3), ("2026-10-25T00:00+02:00", 4)],
    ids=["23-hour day", "24-hour day", "25-hour day"],
)
def test_window_holds_shorter_or_longer_where_clocks_change(start: str, cheap_hours: int) -> None:
    tariff = periods(make.period("cheap", 0.05, "01:00", "04:00"))
    assert prices(tariff, 12, start=start).count(0.05) == cheap_hours


# Demand charges


def intervals(
    charge: DemandCharge, slots: int, slot_minutes: int, start: str = make.MIDNIGHT, **tariff: Any
) -> list[tuple[tuple[int, float], ...]]:
    """Metering intervals of a charge as ((slot, share), …)."""
    series = tariff_on(make.tariff(demand_charges=(charge,), **tariff), make.horizon(slots, slot_minutes, start))
    return list(series.demands[0].intervals)


@pytest.mark.parametrize(
    ("metering", "slot", "slots_each"),
    [(15, 5, 3), (15, 15, 1), (15, 60, 1), (30, 5, 6), (30, 15, 2), (30, 60, 1), (60, 5, 12), (60, 15, 4), (60, 60, 1)],
)
def test_metering_against_slots(metering: int, slot: int, slots_each: int) -> None:
    slots = 120 // slot
    found = intervals(make.demand(metering_minutes=metering), slots, slot)
    assert [[s for s, _ in interval] for interval in found] == [
        list(range(first, first + slots_each)) for first in range(0, slots, slots_each)
    ]
    assert all(sum(share for _, share in interval) == pytest.approx(1) for interval in found)


def test_interval_counts_where_its_first_minute_lies_in_the_window() -> None:
    charge = make.demand(metering_minutes=30, windows=(make.window("00:45", "02:15"),))
    slots = [[slot for slot, _ in interval] for interval in intervals(charge, 12, 15)]
    assert slots == [[4, 5], [6, 7], [8, 9]]  # from 01:00, 01:30 and 02:00; not from 00:30


def test_slot_counts_if_any_interval_in_it_starts_in_the_window() -> None:
    charge = make.demand(metering_minutes=15, windows=(make.window("00:45", "01:00"), make.window("02:50", "03:00")))
    assert intervals(charge, 4, 60) == [((0, 1.0),)]


def test_several_windows_add_up() -> None:
    charge = make.demand(windows=(make.window("00:00", "00:30"), make.window("00:15", "00:45")))
    assert [interval[0][0] for interval in intervals(charge, 4, 15)] == [0, 1, 2]


def test_window_outside_the_horizon_meters_nothing() -> None:
    assert intervals(make.demand(windows=(make.window("20:00", "22:00"),)), 4, 15) == []


def test_holidays_count_for_demand_windows_too() -> None:
    charge = make.demand(windows=(make.window(days="weekday"),))
    assert len(intervals(charge, 4, 15)) == 4
    assert intervals(charge, 4, 15, holidays=(date.fromisoformat(THURSDAY),)) == []


def test_metering_hours_survive_a_change_of_clocks() -> None:
    charge = make.demand(metering_minutes=60, windows=(make.window("02:00", "03:00"),))
    autumn = intervals(charge, 20, 15, "2026-10-25T00:00+02:00")
    assert [interval[0][0] for interval in autumn] == [8, 12]
    assert intervals(charge, 20, 15, "2026-03-29T00:00+01:00") == []


def test_rate_carries_the_weight() -> None:
    tariff = make.tariff(demand_charges=(make.demand(rate_per_kw=6, weight=0.25),))
    assert tariff_on(tariff, make.horizon(1)).demands[0].steps == ((0.0, 1.5),)


def test_fixed_charge_by_the_share_of_a_day() -> None:
    assert tariff_on(make.tariff(fixed_charge_per_day=12), make.horizon(12)).fixed_charge == 6


# Refused

CLOCK = "write a time from 00:00 to 23:59"
EITHER = (
    "needs exactly one of energy_periods, energy_price_per_kwh and price_series",
    "give the one that fits and leave the others out",
)
NAN = ("must be a finite number", "write a number; NaN and infinity cannot be planned")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"start_minute": 1440}, ("start", 1440, "must be between 0 and 1439", CLOCK)),
        ({"end_minute": 1441}, ("end", 1441, "must be between 0 and 1440", "write a time from 00:00 to 24:00")),
        ({"days": "sunday"}, ("days", "sunday", "must be one of all, weekday, weekend", "holidays count as weekend")),
        ({"months": (1, 13)}, ("months[1]", 13, "must be between 1 and 12", "January is 1, December is 12")),
        (
            {"dates": ((date(2026, 1, 2), date(2026, 1, 1)),)},
            ("dates[0]", "2026-01-02 to 2026-01-01", "must not end before it starts", "swap the two dates"),
        ),
    ],
)
def test_window_refused(change: dict[str, Any], problem: tuple[str, object, str, str]) -> None:
    assert make.problems(Window, **change) == [problem]


def test_energy_period_refused() -> None:
    assert make.problems(EnergyPeriod, "a", math.nan) == [("price_per_kwh", math.nan, *NAN)]
    assert make.problems(EnergyPeriod, "a", -0.5) == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"per": "year"}, ("per", "year", "must be one of day, month", "month is the default")),
        (
            {"month_factors": (1.0,)},
            ("month_factors", [1.0], "must have a factor for each of the 12 months", "give 12, or none"),
        ),
        ({"weight": -1}, ("weight", -1, "must be at least 0", "correct the value")),
        (
            {"metering_minutes": 0},
            ("metering_minutes", 0, "must be between 1 and 1440", "meters average over 15, 30 or 60 minutes"),
        ),
    ],
)
def test_demand_charge_refused(change: dict[str, Any], problem: tuple[str, object, str, str]) -> None:
    assert make.problems(make.demand, **change) == [problem]


@pytest.mark.parametrize("minutes", [1, 1440])
def test_metering_intervals_from_a_minute_to_a_day(minutes: int) -> None:
    assert make.problems(make.demand, metering_minutes=minutes) == []


PEAK = make.demand("peak")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({}, ("", "T", *EITHER)),
        ({"energy_periods": (make.period("a", 1),), "energy_price_per_kwh": (1.0,)}, ("", "T", *EITHER)),
        (
            {"energy_price_per_kwh": (1.0,), "fixed_charge_per_day": math.inf},
            ("fixed_charge_per_day", math.inf, *NAN),
        ),
        (
            {"energy_price_per_kwh": (1.0,), "demand_charges": (PEAK, PEAK)},
            (
                "demand_charges[1].name",
                "peak",
                "this demand charge id is taken by an earlier one",
                "give every one its own id",
            ),
        ),
        (
            {"energy_price_per_kwh": (1.0,), "demand_charges": (make.demand(" "),)},
            ("demand_charges[0].name", " ", "a demand charge needs an id", "write a text that is not blank"),
        ),
    ],
)
def test_tariff_refused(settings: dict[str, Any], problem: tuple[str, object, str, str]) -> None:
    assert make.problems(Tariff, "T", **settings) == [problem]


START_ON = "the horizon must start on a metering interval and hold a whole number of them"


@pytest.mark.parametrize(
    ("tariff", "horizon", "problem"),
    [
        (
            make.tariff(energy_periods=(make.period("day", 0.2, "00:00", "21:05"),)),
            make.horizon(24),
            (
                "energy_periods",
                "nothing at 2026-01-15 21:05 local time",
                "must price every minute of the horizon",
                "end the list with a period that has a name and a price only: it holds whatever the others leave",
            ),
        ),
        (
            make.tariff([0.1, 0.2]),
            make.horizon(3),
            (
                "energy_price_per_kwh",
                "2 values",
                "must have one value for each of the 3 slots",
                "give one number for all slots, or as many values as slots",
            ),
        ),
        (
            make.tariff(demand_charges=(make.demand("a"), make.demand("b", metering_minutes=20))),
            make.horizon(4, 15),
            (
                "demand_charges[1].metering_minutes",
                20,
                "must be a multiple or a divisor of the slot (15 minutes)",
                "change one of the two",
            ),
        ),
        *(
            (
                make.tariff(demand_charges=(make.demand(metering_minutes=60),)),
                make.horizon(slots, 15, start),
                (
                    "demand_charges[0].metering_minutes",
                    60,
                    START_ON,
                    "start it at a local time that is a multiple of 60 minutes",
                ),
            )
            for slots, start in [(6, make.MIDNIGHT), (4, "2026-01-15T00:15+01:00")]
        ),
    ],
)
def test_refused_on_a_horizon(tariff: Tariff, horizon: Any, problem: tuple[str, object, str, str]) -> None:
    assert make.problems(tariff_on, tariff, horizon) == [problem]


def test_all_misfits_are_told_at_once() -> None:
    tariff = make.tariff([0.1], demand_charges=(make.demand(metering_minutes=20),))
    places = [place for place, *_ in make.problems(tariff_on, tariff, make.horizon(3, 15))]
    assert places == ["energy_price_per_kwh", "demand_charges[0].metering_minutes"]


def test_slot_over_the_end_of_a_month_counts_in_both() -> None:
    """Slots of an hour from 00:30, metered by quarter-hours: two of the first slot's lie in March, two in April."""
    tariff = make.tariff(demand_charges=(make.demand(metering_minutes=15),))
    series = tariff_on(tariff, make.horizon(2, 60, "2026-03-31T23:30+02:00"))
    march, april = series.demands
    assert (march.month, march.intervals) == ((2026, 3), (((0, 1.0),),))
    assert (april.month, april.intervals) == ((2026, 4), (((0, 1.0),), ((1, 1.0),)))
