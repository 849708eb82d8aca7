"""`--look-ahead` of `solve` and `nightly`, `look_ahead_hours` of a file, and the hint where it is missing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cli import run
from paths import DATA

ALMOST_FLAT = DATA / "nights" / "almost-flat.json"


def asking(folder: Path, **horizon: Any) -> Path:
    """The night, with more said of its horizon."""
    document = json.loads(ALMOST_FLAT.read_text())
    document["horizon"] |= horizon
    for tariff in document["tariffs"]:
        tariff["energy_price_per_kwh"] = tariff["energy_price_per_kwh"][: document["horizon"]["slots"]]
    file = folder / "asking.json"
    file.write_text(json.dumps(document))
    return file


def test_solve_hints_at_what_the_next_day_would_lose() -> None:
    done = run("solve", ALMOST_FLAT)
    assert done.returncode == 0
    hint = "note: ends with 0 of 6 packs ready; the same day again would lose 3 drivers for it: --look-ahead 12"
    assert hint in done.stdout
    [station] = json.loads(run("solve", ALMOST_FLAT, "--json").stdout)["stations"]
    assert station["next_day"] == {"ready": 0, "packs": 6, "more_lost": 3}
    assert "look_ahead" not in station


def test_solve_with_look_ahead_leaves_packs_and_tells_both_proofs(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    done = run("solve", ALMOST_FLAT, "--look-ahead", "12", "-o", plan)
    assert done.returncode == 0
    assert "note: ends" not in done.stdout
    assert "proof    with 12 h of look-ahead: proven" in done.stdout
    assert "the horizon by itself: proven within" in done.stdout
    assert run("check", ALMOST_FLAT, plan).returncode == 0
    [station] = json.loads(plan.read_text())["stations"]
    ahead = station["look_ahead"]
    assert (ahead["hours"], ahead["swaps_served"], ahead["swaps_lost"]) == (12, 15, 0)
    assert ahead["gap"] < 0.005 < station["gap"]
    assert station["bound"] <= station["objective"]
    assert station["gap"] == (station["objective"] - station["bound"]) / station["gross_cost"]


def test_a_file_may_ask_for_look_ahead(tmp_path: Path) -> None:
    [by_file] = json.loads(run("solve", asking(tmp_path, look_ahead_hours=12), "--json").stdout)["stations"]
    [by_option] = json.loads(run("solve", ALMOST_FLAT, "--look-ahead", "12", "--json").stdout)["stations"]
    assert by_file["look_ahead"] == by_option["look_ahead"]
    [off] = json.loads(run("solve", asking(tmp_path, look_ahead_hours=12), "--look-ahead", "0", "--json").stdout)[
        "stations"
    ]
    assert "look_ahead" not in off


def test_a_horizon_of_less_than_a_day_says_nothing_of_what_comes(tmp_path: Path) -> None:
    short = asking(tmp_path, slots=95)
    done = run("solve", short, "--look-ahead", "12")
    assert (done.returncode, "needs a horizon of at least 24 hours" in done.stderr) == (2, True)
    endless = run("solve", ALMOST_FLAT, "--look-ahead", "nan")
    assert (endless.returncode, "--look-ahead takes a finite number" in endless.stderr) == (2, True)
    done = run("info", asking(tmp_path, slots=95, look_ahead_hours=12))
    assert (done.returncode, "horizon.look_ahead_hours: 12: needs a horizon" in done.stderr) == (2, True)
    done = run("info", asking(tmp_path, look_ahead_hours=25))
    assert (done.returncode, "must be between 0 and 24" in done.stderr) == (2, True)


def test_nightly_hints_and_looks_ahead(tmp_path: Path) -> None:
    plain = run("nightly", ALMOST_FLAT, "--out", tmp_path / "plain")
    assert plain.returncode == 0
    assert "note: 1 station ends with so few packs ready" in plain.stderr
    assert "would lose 3 more drivers: --look-ahead 12" in plain.stderr
    done = run("nightly", ALMOST_FLAT, "--out", tmp_path / "ahead", "--look-ahead", "12")
    assert (done.returncode, "note:" in done.stderr) == (0, False)
    assert "each horizon by itself, without its look-ahead: proven" in done.stdout
    [plan] = (tmp_path / "ahead" / "plans").glob("*.json")
    assert json.loads(plan.read_text())["stations"][0]["look_ahead"]["hours"] == 12
    assert json.loads((tmp_path / "ahead" / "summary.json").read_text())["options"]["look_ahead_hours"] == 12
    again = run("nightly", ALMOST_FLAT, "--out", tmp_path / "ahead", "--look-ahead", "12")
    assert "1 planned (1 of them found finished)" in again.stdout
    other = run("nightly", ALMOST_FLAT, "--out", tmp_path / "ahead", "--look-ahead", "6")
    assert "found finished" not in other.stdout
