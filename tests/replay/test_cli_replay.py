"""`swapcharge replay` end to end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli import NIGHT, TINY, run


@pytest.fixture
def spread_night(tmp_path: Path) -> Path:
    """The real winter day with a spread of 15 % a day."""
    document = json.loads(NIGHT.read_text(encoding="utf-8"))
    document["stations"][0]["forecast"][0]["spread"] = {"day_sd": 0.15, "returned_soc_sd": 0.05}
    for name in NIGHT.parent.glob("*.csv"):
        (tmp_path / name.name).write_bytes(name.read_bytes())
    path = tmp_path / "night.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def _replayed(*args: object) -> dict[str, Any]:
    done = run("replay", *args, "--json")
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_card_as_json(spread_night: Path) -> None:
    found = _replayed(spread_night, "--days", 30, "--bound-days", 2, "--policy", "on-arrival,cheapest-first")
    station = found["stations"][0]
    assert (station["days"], station["days_are"], station["bound_days"]) == (30, "spread", 2)
    by_name = {card["policy"]: card for card in station["policies"]}
    assert set(by_name) == {"on-arrival", "cheapest-first"}
    for card in by_name.values():
        assert card["served"] + card["lost"] == card["drivers"]
        assert card["regret"]["regret"]["mean"] == pytest.approx(
            card["regret"]["cost"]["mean"] - sum(station["bounds"]) / 2
        )
    assert by_name["on-arrival"]["served_share"]["mean"] > by_name["cheapest-first"]["served_share"]["mean"]
    again = _replayed(spread_night, "--days", 30, "--bound-days", 2, "--policy", "on-arrival,cheapest-first")
    assert again == found


def test_card_in_words(spread_night: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert run("solve", spread_night, "-o", plan).returncode == 0
    done = run("replay", spread_night, plan, "--days", 20, "--bound-days", 1)
    assert done.returncode == 0, done.stderr
    assert "  hedged  " in done.stdout and "  mean  " not in done.stdout
    assert "20 days drawn from the forecast and its spread, seed 0" in done.stdout
    assert "on-arrival" in done.stdout
    assert "Bounds proven of the first 1 day (asked for: 1)" in done.stdout


def test_hedged_plan_serves_more_and_costs_less_than_the_plan_of_the_mean(spread_night: Path, tmp_path: Path) -> None:
    found = _replayed(spread_night, "--days", 100, "--bound-days", 4, "--policy", "hedged", "--policy", "mean")
    hedged, mean = found["stations"][0]["policies"]
    assert (hedged["policy"], mean["policy"]) == ("hedged", "mean")
    assert hedged["served_share"]["low"] > 0.98 > mean["served_share"]["high"]
    assert hedged["cost"]["high"] < mean["cost"]["low"]
    assert hedged["regret"]["share_of_saving"]["mean"] > 0.5
    plan = tmp_path / "plan.json"
    assert run("solve", spread_night, "-o", plan).returncode == 0
    as_written = _replayed(spread_night, plan, "--days", 100, "--bound-days", 0, "--policy", "hedged")
    assert as_written["stations"][0]["policies"][0]["cost"] == pytest.approx(hedged["cost"], rel=0.02)


def test_days_planned_anew(spread_night: Path) -> None:
    """Every six hours on the first two days: cards of their own, on the same days as the bounds."""
    found = _replayed(spread_night, "--days", 20, "--bound-days", 2, "--policy", "mean", "--replan", 360)
    mean, anew = found["stations"][0]["policies"]
    assert (mean["replanned_every_minutes"], anew["replanned_every_minutes"]) == (None, 360)
    assert (mean["days"], anew["days"], anew["regret"]["days"]) == (20, 2, 2)
    assert anew["regret"]["regret"]["mean"] >= 0
    done = run("replay", spread_night, "--days", 3, "--bound-days", 1, "--policy", "mean", "--replan", 720)
    assert "mean, planned anew every 720 min" in done.stdout


def test_without_time_nothing_is_proven_nor_planned_anew(spread_night: Path) -> None:
    asked = ("--days", 3, "--policy", "mean", "--replan", 720, "--time-limit", 0)
    found = _replayed(spread_night, *asked)["stations"][0]
    assert (found["bounds"], found["not_in_time"]) == ([], ["mean, planned anew every 720 min"])
    assert "mean, planned anew every 720 min: no day was done in time" in run("replay", spread_night, *asked).stdout


def test_replans_need_whole_slots() -> None:
    done = run("replay", NIGHT, "--replan", 20)
    assert done.returncode == 2
    assert "must be a multiple of 15 minutes" in done.stderr


def test_days_of_a_log(spread_night: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text(
        "time\n" + "".join(f"2026-03-0{day}T{hour:02d}:10Z\n" for day in (1, 2, 4) for hour in range(day, 20))
    )
    done = run("replay", spread_night, "--swaps", log, "--policy", "on-arrival", "--bound-days", 1)
    assert done.returncode == 0, done.stderr
    assert "3 days of the log; 17.7 drivers a day" in done.stdout
    assert "note: station nl-13-packs: nobody came on 2026-03-03" in done.stderr


def test_page(spread_night: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    done = run("replay", spread_night, "--days", 5, "--bound-days", 0, "--policy", "on-arrival", "-o", page)
    assert done.returncode == 0, done.stderr
    assert "5 days drawn from the forecast" in page.read_text(encoding="utf-8")
    assert run("replay", spread_night, "-o", "-").returncode == 2


def test_forecast_without_spread_is_said_to_be_poisson() -> None:
    done = run("replay", NIGHT, "--days", 3, "--bound-days", 0, "--policy", "on-arrival")
    assert "states no spread: drivers know nothing of each other (Poisson)" in done.stdout
    assert "no day's bound is proven (none was asked for)" in done.stdout
    assert done.stderr == ""
    done = run("replay", NIGHT, "--days", 3, "--bound-days", 0, "--policy", "hedged")
    assert "nl-13-packs: no forecast states a spread, so hedged is the plan of the mean" in done.stderr
    assert "hedged" not in run("replay", NIGHT, "--days", 3, "--bound-days", 0).stdout


def test_what_cannot_be_asked_for() -> None:
    assert "policies are" in run("replay", NIGHT, "--policy", "best").stderr
    assert "its stations are nl-13-packs" in run("replay", NIGHT, "--station", "x").stderr
    assert run("replay", NIGHT, "--time-limit", "nan").returncode == 2


def test_plan_of_another_night_is_refused(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    assert run("solve", TINY, "-o", plan).returncode == 0
    done = run("replay", NIGHT, plan)
    assert done.returncode == 2
    assert "has no plan in this file" in done.stderr


def test_plug_change_caps_are_refused(tmp_path: Path) -> None:
    document = json.loads(TINY.read_text(encoding="utf-8"))
    document["stations"][0]["plug_changes_max"] = 1
    path = tmp_path / "night.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    done = run("replay", path)
    assert done.returncode == 2
    assert "days cannot be played where plug changes are limited" in done.stderr
