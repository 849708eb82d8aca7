"""The time grid: equidistant in UTC, read on the local clock, with days of 23, 24 and 25 hours."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import builders as make
import pytest

from models.horizon import Horizon, LocalMinute
from models.tariff.window import local_grid


def local_day(day: str, time_zone: str, slot_minutes: int = 15) -> Horizon:
    """The whole local day, midnight to midnight, however many hours it has."""
    zone = make.horizon(time_zone=time_zone).zone
    midnight = datetime.fromisoformat(day).replace(tzinfo=zone)
    next_midnight = (midnight + timedelta(days=1)).astimezone(UTC)  # clock time of tomorrow, then the instant
    slots = (next_midnight - midnight.astimezone(UTC)) // timedelta(minutes=slot_minutes)
    return Horizon(midnight, time_zone, slot_minutes, slots)


def local_minutes(horizon: Horizon) -> tuple[LocalMinute, ...]:
    """The local clock at every minute."""
    minutes = horizon.slots * horizon.slot_minutes
    return local_grid(horizon.start, horizon.zone, 1, minutes, ()).grains


@pytest.mark.parametrize(
    ("day", "quarter_hours"),
    [("2026-03-29", 92), ("2026-06-01", 96), ("2026-10-25", 100)],
    ids=["spring", "", "autumn"],
)
def test_local_days_of_92_96_and_100_quarter_hours(day: str, quarter_hours: int) -> None:
    horizon = local_day(day, "Europe/Amsterdam")
    assert horizon.slots == quarter_hours
    minutes = local_minutes(horizon)
    assert {minute.day for minute in minutes} == {date.fromisoformat(day)}
    assert (minutes[0].minute, minutes[-1].minute) == (0, 23 * 60 + 59)


def test_clock_skips_an_hour_in_spring() -> None:
    horizon = local_day("2026-03-29", "Europe/Amsterdam")
    hours = [horizon.local_slot_start(slot).hour for slot in range(0, 92, 4)]
    assert hours == [0, 1, *range(3, 24)]


def test_clock_repeats_an_hour_in_autumn() -> None:
    horizon = local_day("2026-10-25", "Europe/Amsterdam")
    hours = [horizon.local_slot_start(slot).hour for slot in range(0, 100, 4)]
    assert hours == [0, 1, 2, *range(2, 24)]


def test_slots_are_equally_long_over_a_clock_change() -> None:
    horizon = local_day("2026-03-29", "Europe/Amsterdam")
    steps = {horizon.slot_start(slot + 1) - horizon.slot_start(slot) for slot in range(horizon.slots)}
    assert steps == {timedelta(minutes=15)}


@pytest.mark.parametrize(
    ("time_zone", "clock"),
    [("Asia/Kolkata", "05:30"), ("Asia/Kathmandu", "05:45"), ("America/St_Johns", "20:30"), ("UTC", "00:00")],
)
def test_zones_off_the_whole_hour(time_zone: str, clock: str) -> None:
    horizon = make.horizon(start="2026-01-15T00:00Z", time_zone=time_zone)
    assert local_minutes(horizon)[0].minute == make.clock(clock)


def test_half_hour_clock_change() -> None:
    assert local_day("2026-10-04", "Australia/Lord_Howe").slots == 94
    assert local_day("2026-04-05", "Australia/Lord_Howe").slots == 98


def test_local_minute_names_local_date_and_weekday() -> None:
    horizon = make.horizon(start="2026-01-16T22:59Z", slots=1, slot_minutes=2)
    friday, saturday = date(2026, 1, 16), date(2026, 1, 17)
    assert local_minutes(horizon) == (LocalMinute(friday, 1439, 4), LocalMinute(saturday, 0, 5))


def test_start_is_an_instant_whatever_offset_it_is_written_with() -> None:
    in_amsterdam = make.horizon(start="2026-01-15T00:00+01:00")
    in_utc = make.horizon(start="2026-01-14T23:00Z")
    assert in_amsterdam == in_utc
    assert in_amsterdam.start.isoformat() == "2026-01-14T23:00:00+00:00"


def test_end_and_slot_hours() -> None:
    horizon = make.horizon(slots=6, slot_minutes=10)
    assert horizon.end - horizon.start == timedelta(hours=1)
    assert horizon.slot_hours == 1 / 6


@pytest.mark.parametrize(
    ("instant", "slot"),
    [
        ("2026-01-14T23:59:59+01:00", None),
        ("2026-01-15T00:00+01:00", 0),
        ("2026-01-15T00:14:59+01:00", 0),
        ("2026-01-15T00:15+01:00", 1),
        ("2026-01-14T23:30Z", 2),
        ("2026-01-15T05:29:59+05:30", 3),
        ("2026-01-15T01:00+01:00", None),
    ],
)
def test_slot_at(instant: str, slot: int | None) -> None:
    horizon = make.horizon(slots=4, slot_minutes=15)
    assert horizon.slot_at(datetime.fromisoformat(instant)) == slot


def test_slot_at_tells_the_repeated_hour_apart() -> None:
    horizon = local_day("2026-10-25", "Europe/Amsterdam")
    assert horizon.slot_at(datetime.fromisoformat("2026-10-25T02:30+02:00")) == 10
    assert horizon.slot_at(datetime.fromisoformat("2026-10-25T02:30+01:00")) == 14


GOOD: dict[str, Any] = {
    "start": datetime(2026, 1, 15, tzinfo=UTC),
    "time_zone": "UTC",
    "slot_minutes": 15,
    "slots": 96,
}
NAIVE = datetime(2026, 1, 15, 22, 30)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (
            {"start": NAIVE},
            (
                "start",
                "2026-01-15T22:30:00",
                "must say its offset from UTC",
                "write 2026-01-15T22:30:00Z for UTC, or end it with an offset such as +01:00",
            ),
        ),
        (
            {"start": datetime(2026, 1, 15, 0, 0, 5, tzinfo=UTC)},
            ("start", "2026-01-15T00:00:05+00:00", "must be a whole minute", "leave the seconds out"),
        ),
        ({"slot_minutes": 0}, ("slot_minutes", 0, "must be between 1 and 1440", "15 is usual")),
        ({"slot_minutes": 1441}, ("slot_minutes", 1441, "must be between 1 and 1440", "15 is usual")),
        (
            {"slots": 0},
            ("slots", 0, "must be between 1 and 20160", "96 quarter-hours make a day of 24 hours"),
        ),
        (
            {"slots": 20161},
            ("slots", 20161, "must be between 1 and 20160", "96 quarter-hours make a day of 24 hours"),
        ),
        (
            {"slots": 2977},
            ("slots", 2977, "must not make more than 31 days with slots of 15 minutes", "plan fewer days at a time"),
        ),
        *(
            (
                {"time_zone": name},
                (
                    "time_zone",
                    name,
                    "is not a known IANA time zone",
                    "write a name such as Europe/Amsterdam or Asia/Shanghai",
                ),
            )
            for name in ("Amsterdam", "", "Europe", "../UTC", "/etc/passwd", "a\0b", "Zürich")
        ),
    ],
)
def test_refused(change: dict[str, Any], problem: tuple[str, object, str, str]) -> None:
    assert make.problems(Horizon, **{**GOOD, **change}) == [problem]


def test_all_defects_are_told_at_once() -> None:
    places = [place for place, *_ in make.problems(Horizon, NAIVE, "nowhere", 0, 0)]
    assert places == ["start", "slot_minutes", "slots", "time_zone"]


@pytest.mark.parametrize(("slots", "slot_minutes"), [(1, 15), (2976, 15), (20160, 1), (31, 1440)])
def test_accepted(slots: int, slot_minutes: int) -> None:
    assert make.problems(Horizon, **{**GOOD, "slots": slots, "slot_minutes": slot_minutes}) == []


@pytest.mark.parametrize(("slots", "slot_minutes"), [(20160, 3), (32, 1440)])
def test_too_long_a_horizon_is_refused(slots: int, slot_minutes: int) -> None:
    words = f"must not make more than 31 days with slots of {slot_minutes} minutes"
    found = make.problems(Horizon, **{**GOOD, "slots": slots, "slot_minutes": slot_minutes})
    assert found == [("slots", slots, words, "plan fewer days at a time")]
