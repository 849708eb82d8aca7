"""Hours without a price: `tariff show` tells all of them and no other, and does not pass the tariff."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import cli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.horizon import LocalMinute
from models.tariff.tariff import EnergyPeriod, PriceSeries, Tariff
from models.tariff.window import Window, any_holds
from optimizer.tariffs.tariff_in_words import window_words
from optimizer.tariffs.unpriced_hours import priced_days, unpriced_windows

YEAR = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
SUMMER, WINTER = (date(2026, 6, 1), date(2026, 8, 31)), (date(2026, 11, 1), date(2026, 12, 31))


def tariff(*windows: Window, holidays: tuple[date, ...] = ()) -> Tariff:
    periods = tuple(EnergyPeriod(f"p{n}", 0.1, window) for n, window in enumerate(windows))
    return Tariff("t", energy_periods=periods, holidays=holidays)


def words(*windows: Window) -> list[str]:
    return [window_words(window) for window in unpriced_windows(tariff(*windows))]


@pytest.mark.parametrize(
    ("windows", "told"),
    [
        ([Window()], []),
        ([Window(360, 1350), Window(1350, 360)], []),
        ([Window(360, 1350)], ["00:00 to 06:00", "22:30 to 24:00"]),
        ([Window(days="weekday")], ["weekends and holidays"]),
        ([Window(months=(4, 5, 6))], ["Jan to Mar, Jul to Dec"]),
        ([Window(days="weekday"), Window(600, 0, "weekend")], ["00:00 to 10:00, weekends and holidays"]),
        ([Window(dates=(SUMMER,))], []),
        ([Window(dates=(SUMMER,)), Window(dates=(WINTER,))], ["2026-09-01 to 2026-10-31"]),
        ([Window(0, 720, dates=(SUMMER,))], ["12:00 to 24:00, 2026-06-01 to 2026-08-31"]),
        ([Window(0, 720), Window(720, 0, dates=(SUMMER,))], ["12:00 to 24:00"]),
        ([Window(dates=((date(1, 1, 1), date.max),))], []),
        ([Window(), Window(dates=((date.max, date.max),))], []),
    ],
)
def test_hours_without_a_price_in_words(windows: list[Window], told: list[str]) -> None:
    assert words(*windows) == told


def test_market_prices_have_no_hours_without_one() -> None:
    series = PriceSeries(datetime(2026, 1, 1, tzinfo=UTC), 60, (0.1,))
    assert unpriced_windows(Tariff("t", price_series=series)) == [] and priced_days(tariff(Window())) is None


def test_the_days_of_a_tariff_of_dates() -> None:
    assert priced_days(tariff(Window(dates=(SUMMER,)), Window(dates=(WINTER,)))) == (SUMMER[0], WINTER[1])
    assert priced_days(tariff(Window(dates=(SUMMER,)), Window())) is None


WINDOWS = st.builds(
    Window,
    st.integers(0, 23).map(lambda hour: 60 * hour),
    st.integers(0, 24).map(lambda hour: 60 * hour),
    st.sampled_from(["all", "weekday", "weekend"]),
    st.sets(st.integers(1, 12), max_size=9).map(lambda months: tuple(sorted(months))),
    st.lists(st.sampled_from([SUMMER, WINTER, (YEAR[40], YEAR[44])]), max_size=2, unique=True).map(tuple),
)


@given(windows=st.lists(WINDOWS, min_size=1, max_size=4), holidays=st.sets(st.sampled_from(YEAR), max_size=3))
def test_an_hour_is_told_exactly_where_no_period_holds(windows: list[Window], holidays: set[date]) -> None:
    """Of a tariff with an undated period: within its dates and, beyond them, wherever nothing is dated."""
    one = tariff(*windows, Window(0, 60), holidays=tuple(sorted(holidays)))
    told = unpriced_windows(one)
    dated = [day for window in windows for first, last in window.dates for day in (first, last)]
    for day in YEAR if not dated else [day for day in YEAR if min(dated) <= day <= max(dated)]:
        for minute in range(0, 1440, 60):
            at = LocalMinute(day, minute, day.weekday())
            is_priced = any(period.window.holds(at, one.holidays) for period in one.energy_periods)
            within = [window for window in told if window.dates or not dated]
            assert is_priced != (bool(within) and any_holds(within, at, one.holidays)), (day, minute)


# The command


def shown(folder: Path, *options: str, **period: Any) -> Any:
    head = {"format": "swapcharge-tariff", "version": 1, "currency": "EUR", "time_zone": "Europe/Berlin"}
    periods = [{"name": "day", "price_per_kwh": 0.2, **period}]
    terms = {
        "eligibility": {"most_kw": 200, "voltage": "Primary"},
        "valid": {"last_day": "2026-12-31", "superseded_by": "next"},
        "not_billed": ["meter charge"],
    }
    path = folder / "t.json"
    path.write_text(json.dumps(head | {"tariff": {"id": "t", "energy_periods": periods, **terms}}))
    return cli.run("tariff", "show", path, *options)


def test_show_does_not_pass_a_tariff_with_hours_that_have_no_price(tmp_path: Path) -> None:
    done = shown(tmp_path, start="06:00", end="22:00")
    assert done.returncode == 1 and done.stderr == ""
    assert done.stdout.endswith(
        "  .  no price\n\n"
        "Hours without a price; a bill or a plan that has one is refused. A last period with a name and a price\n"
        "only would hold whatever the others leave:\n"
        "  00:00 to 06:00\n"
        "  22:00 to 24:00\n"
    )
    facts = json.loads(shown(tmp_path, "--json", start="06:00", end="22:00").stdout)
    assert facts["hours_without_price"] == ["00:00 to 06:00", "22:00 to 24:00"]


def test_show_counts_what_is_more_than_a_screen_should_have(tmp_path: Path) -> None:
    done = shown(tmp_path, end="12:00", dates=[[f"2026-01-{day:02d}", f"2026-01-{day:02d}"] for day in range(1, 31, 2)])
    assert done.returncode == 1 and "\n  ... and 17 more: see --json\n" in done.stdout


def test_show_tells_for_whom_and_until_when_a_tariff_is(tmp_path: Path) -> None:
    done = shown(tmp_path)
    assert done.returncode == 0
    assert done.stdout.splitlines()[2:5] == [
        "  for      loads of up to 200 kW, voltage Primary",
        "  valid    in force until 2026-12-31, superseded by next",
        "  unbilled meter charge",
    ]
    assert json.loads(shown(tmp_path, "--json").stdout)["hours_without_price"] == []


def test_show_tells_the_dates_of_a_tariff_that_has_no_others(tmp_path: Path) -> None:
    done = shown(tmp_path, dates=[["2026-01-01", "2026-06-30"]])
    assert done.returncode == 0 and done.stdout.endswith("\nPrices from 2026-01-01 to 2026-06-30 only\n")


@pytest.mark.parametrize("path", sorted((cli.INSTANCES / "tariffs").glob("*.json")), ids=lambda path: path.stem)
def test_the_tariffs_that_come_with_the_program_have_all_prices(path: Path) -> None:
    assert cli.run("tariff", "show", path).returncode == 0
