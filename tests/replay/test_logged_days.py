"""Days of a swap log."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import builders as make
import numpy as np
import pytest

from models.station.demand.expected import ExpectedSwaps
from models.station.instance import Night
from optimizer.files.errors import InputErrors
from optimizer.replay.logged_days import LoggedDays, logged_days


def _night(start: str = make.MIDNIGHT, slots: int = 24, **changes: Any) -> Night:
    expected = ExpectedSwaps("F", "A", (0.2,) * slots, (0.15,), 100.0)
    return make.night(on=make.horizon(slots, start=start), **({"expected": (expected,)} | changes))


def _read(text: str, night: Night | None = None) -> LoggedDays:
    return logged_days(text.encode(), "log.csv", [night or _night()], seed=0)


def test_a_day_a_date_slots_by_the_clock_of_the_log() -> None:
    """Shanghai's clock counts, though the station is in Amsterdam."""
    found = _read(
        "time,returned_soc\n2022-06-01T07:54:40+08:00,0.3\n2022-06-02T00:00:00+08:00,\n2022-06-01T07:05:00+08:00,0.2\n"
    )
    days = found.by_station["S"]
    assert days.days == 2
    assert (days.day.tolist(), days.slot.tolist()) == ([0, 0, 1], [7, 7, 0])
    assert days.returned_soc.tolist() == [0.3, 0.2, 0.15]
    assert found.dates["S"] == (date(2022, 6, 1), date(2022, 6, 2))
    assert found.notes == ()


def test_horizon_over_midnight_takes_the_morning_after() -> None:
    night = _night(start="2026-01-15T12:00+01:00")
    found = _read("time\n2026-03-01T13:30\n2026-03-02T11:10\n2026-03-02T12:00\n", night)
    days = found.by_station["S"]
    assert (days.days, days.slot.tolist()) == (1, [1, 23])
    assert "station S: 1 swap of the log in no whole day of the horizon" in found.notes


def test_dates_without_a_driver_are_told_and_not_played() -> None:
    found = _read("time\n2026-03-01T13:30Z\n2026-03-04T11:10Z\n")
    assert found.by_station["S"].days == 2
    assert found.notes == ("station S: nobody came on 2026-03-02, 2026-03-03: closed, or missing; not played",)


def test_what_comes_back_is_drawn_alike_for_one_seed() -> None:
    expected = ExpectedSwaps("F", "A", (0.2,) * 24, (0.1, 0.2, 0.3, 0.4), 100.0)
    text = "time\n" + "".join(f"2026-03-01T{hour:02d}:00Z\n" for hour in range(24))
    one, same = (_read(text, _night(expected=(expected,))).by_station["S"].returned_soc for _ in range(2))
    assert np.array_equal(one, same)
    assert len(set(one.tolist())) > 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time\n", "has no rows"),
        ("time,station\n2026-03-01T13:30Z,X\n", "has no rows in this log; its stations: X"),
        ("time,type\n2026-03-01T13:30Z,B\n", "line 2, type: \"B\": is not a pack type of this file"),
        ("time,returned_soc\n2026-03-01T13:30Z,30\n", "line 2, returned_soc: 30: must be between 0 and 1"),
        ("when\n2026-03-01T13:30Z\n", "time"),
    ],
)  # fmt: skip
def test_logs_that_cannot_be_read(text: str, said: str) -> None:
    with pytest.raises(InputErrors) as error:
        _read(text)
    assert said in str(error.value)


def test_station_without_a_forecast_has_no_days() -> None:
    with pytest.raises(InputErrors, match="must have a forecast"):
        _read("time\n2026-03-01T13:30Z\n", _night(expected=()))


def test_a_log_of_no_whole_day_has_none() -> None:
    """From noon on: the morning of the only date belongs to the day before, which began without the log."""
    with pytest.raises(InputErrors, match="hold no whole day of the horizon"):
        _read("time\n2026-03-01T09:30\n", _night(start="2026-01-15T12:00+01:00"))


def test_drivers_outside_of_the_horizons_hours_are_left_out() -> None:
    found = _read("time\n2026-03-01T01:30\n2026-03-01T20:30\n", _night(slots=12))
    assert found.by_station["S"].slot.tolist() == [1]
    assert "station S: 1 swap of the log in no whole day of the horizon" in found.notes


def test_a_type_that_no_forecast_expects() -> None:
    night = make.night(
        on=make.horizon(24),
        types=[make.pack_type(), replace(make.pack_type(), id="B")],
        expected=(ExpectedSwaps("F", "A", (0.2,) * 24, (0.15,), 100.0),),
    )
    with pytest.raises(InputErrors, match='line 2, type: "B": is a type that no forecast of the station expects'):
        _read("time,type\n2026-03-01T13:30,B\n", night)
