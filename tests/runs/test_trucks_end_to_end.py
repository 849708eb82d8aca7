"""Swaps of several packs through the real command line: solve, check, info, report, nightly, export."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cli
import pytest
from random_nights import switched_truck_night
from tiny_optima import TINY

from models.station.cost import cost_of
from optimizer.check.rules import check
from optimizer.engine.highs import solve
from optimizer.programmes.formulations import formulation_of

WHAT = "packs taken and packs returned at once, all or none"
TRUCK = TINY / "truck.json"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("truck") / "plan.json"
    assert cli.run("solve", TRUCK, "--gap", 0, "-o", path).returncode == 0
    return path


def station_of(plan: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(plan.read_text())["stations"][0]
    return found


def test_hand_overs_name_the_truck_once_a_pack(plan: Path) -> None:
    station = station_of(plan)
    assert station["hand_overs"] == [
        {"swap": "truck", "slot": 1, "pack": "a"},
        {"swap": "truck", "slot": 1, "pack": "b"},
    ]
    assert (station["swaps_served"], station["swaps_lost"], station["lost"]) == (1, 1, ["car"])
    assert {row["pack"]: row["bay"] for row in station["packs"]} == {
        "a": 0,
        "return:truck#1": 0,
        "b": 1,
        "return:truck#2": 1,
    }
    assert (station["objective"], station["gap"]) == (pytest.approx(70), 0)


def test_check_accepts_the_plan_and_refuses_a_part_of_it(plan: Path, tmp_path: Path) -> None:
    assert cli.run("check", TRUCK, plan).returncode == 0
    content = json.loads(plan.read_text())
    del content["stations"][0]["hand_overs"][1]
    broken = tmp_path / "broken.json"
    broken.write_text(json.dumps(content))
    done = cli.run("check", TRUCK, broken)
    assert done.returncode == 1
    assert "hand_over: swap truck, slot 1: found 1 pack, limit all 2 packs, or none" in done.stdout


def test_info_says_how_many_packs_are_asked_for() -> None:
    done = cli.run("info", TRUCK)
    assert "2 swaps of 3 packs" in done.stdout and "features several_packs" in done.stdout
    facts = json.loads(cli.run("info", TRUCK, "--json").stdout)["stations"][0]
    assert (facts["swaps"], facts["packs_asked"], facts["returned_kwh_to_refill"]) == (2, 3, 300)
    assert "2 swaps of" not in cli.run("info", cli.TINY).stdout


def test_whole_numbers_may_be_written_with_a_point(tmp_path: Path) -> None:
    written = tmp_path / "truck.json"
    written.write_text(TRUCK.read_text().replace('"packs": 2}', '"packs": 2.0}'))
    told, same = (json.loads(cli.run("info", path, "--json").stdout)["hash"] for path in (written, TRUCK))
    assert told == same
    written.write_text(TRUCK.read_text().replace('"packs": 2}', '"packs": 1}'))
    assert json.loads(cli.run("info", written, "--json").stdout)["hash"] != same


def test_errors_word_for_word(tmp_path: Path) -> None:
    for wrong, told in (
        (
            '"packs": 2.5}',
            f"packs: 2.5: must be a whole number; what belongs here: {WHAT}",
        ),
        ('"packs": 0}', "packs: 0: must be between 1 and 100; correct the value"),
        ('"pakcs": 2}', "pakcs: 2: is not a key of this object; did you mean 'packs'?"),
    ):
        broken = tmp_path / "broken.json"
        broken.write_text(TRUCK.read_text().replace('"packs": 2}', wrong))
        done = cli.run("info", broken)
        assert (done.returncode, done.stderr) == (2, f"{broken}: stations[0].swaps[0].{told}\n")


@pytest.mark.parametrize("options", [(), ("--instance", TRUCK)])
def test_report_shows_every_pack_of_the_truck(plan: Path, tmp_path: Path, options: tuple[object, ...]) -> None:
    page = tmp_path / "page.html"
    assert cli.run("report", plan, *options, "-o", page).returncode == 0
    text = page.read_text()
    assert "Hand-overs (2)" in text and "return:truck#1" in text and "return:truck#2" in text
    assert "1 served" in text and "1 lost" in text
    if options:  # the demand that packs are to meet is told in packs
        assert "packs handed over: 2, lost: 1" in text and "packs asked for in the hour" in text


def test_nightly_counts_swaps_not_packs(tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert cli.run("nightly", TRUCK, "--out", run, "--workers", 1, "--gap", 0).returncode == 0
    summary = json.loads((run / "summary.json").read_text())
    assert (summary["swaps_served"], summary["swaps_lost"], summary["objective"]) == (1, 1, pytest.approx(70))
    assert cli.run("check", TRUCK, run).returncode == 0


def test_a_forecast_of_trucks(tmp_path: Path) -> None:
    """Two trucks are expected; one pack of three is not enough for the second."""
    content = json.loads(TRUCK.read_text())
    station = content["stations"][0]
    station["packs"].append({"id": "c", "type": "block", "soc": 1.0})
    station["bays"] = 3
    del station["swaps"]
    station["forecast"] = [
        {
            "id": "line",
            "type": "block",
            "expected_per_slot": [0, 2],
            "returned_soc": 0.0,
            "lost_cost": 90.0,
            "packs": 2,
        }
    ]
    instance, plan = tmp_path / "instance.json", tmp_path / "plan.json"
    instance.write_text(json.dumps(content))
    assert cli.run("solve", instance, "--gap", 0, "-o", plan).returncode == 0
    found = station_of(plan)
    assert [one["swap"] for one in found["hand_overs"]] in (["line-1"] * 2, ["line-2"] * 2)
    assert found["objective"] == pytest.approx(90)


@pytest.mark.parametrize("name", ["reference", "levels", "arc-flow"])
@pytest.mark.parametrize("seed", range(8))
def test_points_of_programmes_are_plans_of_whole_swaps(name: str, seed: int) -> None:
    night = switched_truck_night(seed)
    programme = formulation_of(name).programme(night)
    answer = solve(programme.matrix)
    assert answer.point is not None
    plan = programme.schedule(answer.point)
    assert plan is not None and check(night, plan) == []
    if programme.is_exact:
        assert cost_of(night, plan).objective == pytest.approx(answer.objective, abs=1e-3)
