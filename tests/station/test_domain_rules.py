"""Rules of the domain types that files cannot break, because the file's shape rules them out first.

All other rules are held word for word in tests/data/messages-of-invalid-instances.txt.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime

import builders as make
import pytest

from models.horizon import Horizon
from models.rules import number_in, series, share_of_capacity
from models.station.instance import Instance
from models.tariff.window import Window

FINITE = ("must be a finite number", "write a number; NaN and infinity cannot be planned")


def test_a_charger_mode() -> None:
    assert make.problems(make.chargers, mode="on-off") == [
        ("mode", "on-off", "must be one of continuous, on_off", "continuous is the default")
    ]


def test_a_day_type() -> None:
    assert make.problems(Window, days="sunday") == [
        ("days", "sunday", "must be one of all, weekday, weekend", "holidays count as weekend")
    ]


def test_minutes_of_a_window() -> None:
    assert make.problems(Window, start_minute=1440, end_minute=1441) == [
        ("start", 1440, "must be between 0 and 1439", "write a time from 00:00 to 23:59"),
        ("end", 1441, "must be between 0 and 1440", "write a time from 00:00 to 24:00"),
    ]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_are_finite(value: float) -> None:
    (problem,) = number_in("x", value)
    assert (problem.rule, problem.remedy) == FINITE
    (problem,) = share_of_capacity("x", value)
    assert (problem.rule, problem.remedy) == FINITE
    (problem,) = series("x", [0, value, math.nan], 3)
    assert (problem.place, problem.rule, problem.remedy) == ("x[1]", *FINITE)


@pytest.mark.parametrize(
    ("low", "high", "above_low", "words"),
    [
        (0, math.inf, False, "must be at least 0"),
        (0, math.inf, True, "must be greater than 0"),
        (-math.inf, 0, False, "must be at most 0"),
        (0, 1, False, "must be between 0 and 1"),
        (0, 1, True, "must be greater than 0 and at most 1"),
    ],
)
def test_ranges_in_words(low: float, high: float, above_low: bool, words: str) -> None:
    outside = -1.0 if math.isfinite(low) else 1.0
    assert [p.rule for p in number_in("x", outside, low, high, above_low=above_low)] == [words]
    assert list(number_in("x", 0.5 if math.isinf(high) or high == 1 else -0.5, low, high, above_low=above_low)) == []


def test_a_start_without_offset() -> None:
    assert make.problems(Horizon, datetime(2025, 1, 15, 18), "UTC", 15, 4) == [
        ("start", "2025-01-15T18:00:00", "must say its offset from UTC",
         "write 2025-01-15T18:00:00Z for UTC, or end it with an offset such as +01:00")
    ]  # fmt: skip


def test_an_instance_without_stations() -> None:
    assert make.problems(Instance, "name", "EUR", ()) == [
        ("stations", [], "must name at least one station", "add a station")
    ]


def test_a_pack_type_where_there_are_none() -> None:
    night = make.night(packs=[], swaps=[])
    assert make.problems(replace, night, pack_types={}) == []
    assert make.problems(make.night, types=[], packs=[make.pack("P1")]) == [
        ("packs[0].type", "A", "is not a pack type of this file", "its pack types: none")
    ]


def test_stations_without_bays_are_told_that_only() -> None:
    assert make.problems(make.night, bays=0) == [("bays", 0, "must be at least 1", "correct the value")]
