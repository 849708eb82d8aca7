"""Nights with measured curves of cold packs, from file to checked plan through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import cli
import pytest
from paths import INSTANCES

REAL = INSTANCES / "real"


@pytest.mark.parametrize("name", ["nl-winter-day-0c", "nl-winter-day-minus-10c"])
def test_a_cold_night_is_planned_proven_and_checked(name: str, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    solved = cli.run("solve", REAL / f"{name}.json", "-o", plan, "--gap", "0.003", "--json")
    assert solved.returncode == 0, solved.stderr
    result = json.loads(plan.read_text())
    assert result["gap"] <= 0.003 and result["swaps_lost"] == 0
    assert cli.run("check", REAL / f"{name}.json", plan).returncode == 0


def test_a_plan_for_warmer_packs_breaks_the_power_of_cold_ones(tmp_path: Path) -> None:
    night = json.loads((REAL / "nl-winter-day-0c.json").read_text())
    price = {"energy_price_per_kwh": 0.2}
    night["tariffs"] = [{"id": "nl-day-ahead", **price}]
    warm, cold = tmp_path / "warm.json", tmp_path / "cold.json"
    for path, temperature_c in ((warm, 10), (cold, -10)):
        night["stations"][0]["temperature_c"] = temperature_c
        path.write_text(json.dumps(night))
    plan = tmp_path / "plan.json"
    assert cli.run("solve", warm, "-o", plan, "--gap", "0.05").returncode == 0
    assert cli.run("check", warm, plan).returncode == 0
    told = json.loads(cli.run("check", cold, plan, "--json").stdout)
    assert "power" in {one["rule"] for one in told["violations"]}
