"""Plans at once as users get them: `solve` without time, on stations whose demand charge the baselines do not know."""

from __future__ import annotations

import json
from pathlib import Path

import cli
from paths import INSTANCES


def test_without_time_the_plan_still_knows_the_demand_charge(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    done = cli.run("solve", INSTANCES / "real" / "zhejiang-21-packs.json", "--time-limit", 0, "--json", "-o", plan)
    facts = json.loads(done.stdout)
    assert done.returncode == 0 and facts["swaps_lost"] == 0
    assert facts["objective"] < 1000 and facts["cost"]["demand"] < 500  # baselines: 14,828 and more, of it 14,440
    assert cli.run("check", INSTANCES / "real" / "zhejiang-21-packs.json", plan).returncode == 0
