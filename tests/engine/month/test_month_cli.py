"""Demand charges weighed by the month, as users get them: words, plan file, check."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cli
import pytest
from paths import INSTANCES

ALL = [[0.0, 1.0]]


def instance(folder: Path, spread: bool = True, **charge: Any) -> Path:
    """Zhejiang in mid July, no peak so far; the spread is one of 15 % a day."""
    document = json.loads((INSTANCES / "real" / "zhejiang-21-packs.json").read_text())
    (station,), (tariff,) = document["stations"], document["tariffs"]
    if spread:
        station["forecast"][0]["spread"] = {"day_sd": 0.15}
    station.pop("peak_so_far_kw")
    tariff["demand_charges"][0] |= charge
    path = folder / "night.json"
    path.write_text(json.dumps(document))
    return path


def solved(path: Path, *options: object) -> dict[str, Any]:
    plan = path.parent / "plan.json"
    done = cli.run("solve", path, "-o", plan, "--gap", 0.02, *options)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(plan.read_text())
    return found | {"text": done.stdout, "path": plan, "hedge": found["stations"][0].get("hedge", {})}


def test_a_spread_weighs_the_charge_by_the_month_and_check_agrees(tmp_path: Path) -> None:
    night = instance(tmp_path)
    plan = solved(night)
    shares = plan["hedge"]["demand_weights"]["month"]
    assert shares[0] == [0.0, 0.0] and len(shares) > 3
    assert "demand charge month: the month's other days leave of its rate 0 %, 10 % from " in plan["text"]
    verdict = json.loads(cli.run("check", night, plan["path"], "--json").stdout)
    assert (verdict["violations"], verdict["warnings"]) == ([], [])
    assert verdict["cost"]["demand"] == pytest.approx(plan["cost"]["demand"])


def test_the_days_that_are_left_may_be_told(tmp_path: Path) -> None:
    """On the last night all of the rate is at stake: that plan keeps a lower peak."""
    night = instance(tmp_path)
    plan, last = solved(night), solved(night, "--month-days", 1)
    assert last["hedge"]["demand_weights"] == {"month": ALL}
    assert "demand charge month: all of its rate is at stake" in last["text"]
    assert last["stations"][0]["peak_kw"]["month"] < plan["stations"][0]["peak_kw"]["month"]
    assert solved(night, "--month-days", 17)["hedge"] == plan["hedge"]


def test_without_a_spread_it_is_asked_for_by_name(tmp_path: Path) -> None:
    """Files of before mean what they meant."""
    assert solved(instance(tmp_path, spread=False))["hedge"] == {}
    plan = solved(instance(tmp_path, spread=False, weight="month"))
    assert plan["hedge"]["demand_weights"]["month"][0] == [0.0, 0.0]
    assert not any(plan["hedge"]["ready_targets"])


def test_a_weight_of_its_own_stays(tmp_path: Path) -> None:
    plan = solved(instance(tmp_path, weight="daily"))
    assert plan["hedge"]["demand_weights"] == {} and "demand charge month" not in plan["text"]
    text = json.loads(plan["path"].read_text())
    text["stations"][0]["hedge"]["demand_weights"] = {"month": [[0, 0]]}
    plan["path"].write_text(json.dumps(text))
    verdict = json.loads(cli.run("check", tmp_path / "night.json", plan["path"], "--json").stdout)
    assert verdict["cost"]["demand"] == pytest.approx(plan["cost"]["demand"]) and plan["cost"]["demand"] > 0


def test_shares_that_are_none_are_refused(tmp_path: Path) -> None:
    night = instance(tmp_path)
    plan = solved(night)
    text = json.loads(plan["path"].read_text())
    text["stations"][0]["hedge"]["demand_weights"] = {"month": [[10, 0.5]]}
    plan["path"].write_text(json.dumps(text))
    done = cli.run("check", night, plan["path"])
    assert done.returncode == 2
    assert "stations[0].hedge.demand_weights.month: [[10,0.5]]: must begin at 0 kW" in done.stderr
