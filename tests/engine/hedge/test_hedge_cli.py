"""Hedged plans as users get them: words, plan file, check, and nightly runs that know their options."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cli
import pytest
from paths import INSTANCES

REAL = INSTANCES / "real"


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """The Dutch winter day with a spread of 15 % a day."""
    document = json.loads((REAL / "nl-winter-day.json").read_text())
    document["stations"][0]["forecast"][0]["spread"] = {"day_sd": 0.15, "returned_soc_sd": 0.05}
    path = tmp_path / "night.json"
    path.write_text(json.dumps(document))
    (tmp_path / "nl-day-ahead-2022-12-20.csv").write_bytes((REAL / "nl-day-ahead-2022-12-20.csv").read_bytes())
    return path


def solved(instance: Path, *options: object) -> dict[str, Any]:
    plan = instance.parent / "plan.json"
    done = cli.run("solve", instance, "-o", plan, *options)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(plan.read_text())
    return found | {"text": done.stdout, "path": plan}


def test_solve_says_what_it_keeps_ready_and_check_agrees(instance: Path) -> None:
    plan = solved(instance)
    (station,) = plan["stations"]
    assert "  hedge    keep ready " in plan["text"] and "by stock levels by dynamic programming" in plan["text"]
    assert len(station["hedge"]["ready_targets"]) == 96 == len(station["rule"]["levels"][0]["least"])
    checked = cli.run("check", instance, plan["path"], "--json")
    verdict = json.loads(checked.stdout)
    assert (checked.returncode, verdict["violations"], verdict["warnings"]) == (0, [], [])
    assert verdict["cost"]["objective"] == pytest.approx(plan["objective"])


def test_solve_says_what_the_targets_cost_and_save(instance: Path) -> None:
    """On days drawn from the forecast the plan of the mean loses a sixth of its drivers; targets cost something."""
    plan = solved(instance)
    found = plan["stations"][0]["hedge"]
    mean = solved(instance, "--hedge", "none")
    assert found["days"] == 200 and found["served"] > 0.99 > 0.9 > found["served_without"]
    assert found["saves_a_day"] > 100 > found["cost_a_day"] > 0
    assert found["cost_a_day"] == pytest.approx(plan["objective"] - mean["objective"], abs=2.0)
    assert f"costs {found['cost_a_day']:,.2f} EUR on the expected day" in plan["text"]
    assert f"saves {found['saves_a_day']:,.2f} EUR a day on 200 days drawn from the forecast" in plan["text"]
    assert solved(instance)["stations"] == plan["stations"]


def test_none_plans_the_mean(instance: Path) -> None:
    plan = solved(instance, "--hedge", "none")
    assert "hedge" not in plan["stations"][0] and "keep ready" not in plan["text"]
    assert plan["objective"] < solved(instance)["objective"]


def test_check_bills_with_the_targets_of_the_plan(instance: Path) -> None:
    """With targets that no plan can keep, the plan lacks packs that it does not declare."""
    plan = solved(instance)
    text = json.loads(plan["path"].read_text())
    text["stations"][0]["hedge"]["ready_targets"] = [13] * 96
    plan["path"].write_text(json.dumps(text))
    checked = cli.run("check", instance, plan["path"])
    assert checked.returncode == 1 and "reserve" in checked.stdout


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("ready_targets", [1], 'hedge.ready_targets: "1 values": must have one value for each of 96 slots'),
        ("reserve_cost", 0, "hedge.reserve_cost"),
        ("reserve_cost", -1, "hedge.reserve_cost"),
    ],
)
def test_a_plan_file_with_wrong_targets_is_refused(instance: Path, key: str, value: object, told: str) -> None:
    plan = solved(instance)
    text = json.loads(plan["path"].read_text())
    text["stations"][0]["hedge"][key] = value
    plan["path"].write_text(json.dumps(text))
    checked = cli.run("check", instance, plan["path"])
    assert checked.returncode == 2 and told in checked.stderr


def test_a_rule_that_does_not_fit_is_refused(instance: Path) -> None:
    plan = solved(instance)
    text = json.loads(plan["path"].read_text())
    text["stations"][0]["rule"]["levels"][0]["most"][3] = 0
    plan["path"].write_text(json.dumps(text))
    checked = cli.run("check", instance, plan["path"])
    assert checked.returncode == 2
    assert "most[3]" in checked.stderr


def test_nightly_hedges_and_its_plans_depend_on_it(instance: Path) -> None:
    run = instance.parent / "run"

    def night(*options: str) -> dict[str, Any]:
        done = cli.run("nightly", instance, "--out", run, "--workers", 1, "--json", *options)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    first = night()
    (plan,) = (run / "plans").glob("*.json")
    assert "hedge" in json.loads(plan.read_text())["stations"][0]
    assert cli.run("check", instance, run).returncode == 0
    assert night()["resumed"] == 1
    mean = night("--hedge", "none")
    assert mean["resumed"] == 0 and mean["objective"] < first["objective"]


def test_look_ahead_and_near_go_with_it(instance: Path) -> None:
    before = solved(instance)
    before["path"].rename(instance.parent / "before.json")
    plan = solved(instance, "--look-ahead", "6", "--near", instance.parent / "before.json")
    (station,) = plan["stations"]
    assert len(station["hedge"]["ready_targets"]) == 96 and station["look_ahead"]["hours"] == 6
    assert cli.run("check", instance, plan["path"]).returncode == 0
