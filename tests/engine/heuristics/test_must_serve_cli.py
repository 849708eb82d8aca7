"""Bays, quarantine and swaps that must be served as users see them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cli
from paths import INSTANCES


def written(tmp_path: Path, stem: str, **changes: Any) -> Path:
    """A tiny instance with other keys of its station."""
    document = json.loads((INSTANCES / "tiny" / f"{stem}.json").read_text(encoding="utf-8"))
    document["stations"][0] |= changes
    path = tmp_path / "night.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_plans_name_bays_as_the_station_does(tmp_path: Path) -> None:
    night, plan = INSTANCES / "tiny" / "bay-without-charger.json", tmp_path / "plan.json"
    assert cli.run("solve", night, "-o", plan).returncode == 0
    (station,) = json.loads(plan.read_text(encoding="utf-8"))["stations"]
    bays = {row["pack"]: row["bay"] for row in station["packs"]}
    assert bays["a"] == bays["return:swap-1"] == "store" and bays["b"] == bays["return:swap-2"] == "dock"
    assert "unserved" not in station
    assert cli.run("check", night, plan).returncode == 0
    page = tmp_path / "plan.html"
    assert cli.run("report", plan, "--instance", night, "-o", page).returncode == 0
    assert "bay dock" in page.read_text(encoding="utf-8")


def test_two_who_must_be_served_and_one_pack(tmp_path: Path) -> None:
    swap = {"slot": 1, "type": "pack", "returned_soc": 0.0, "lost_cost": 1.0, "must_serve": True}
    night, plan = written(tmp_path, "must-serve", swaps=[swap, swap | {"lost_cost": 3.0}]), tmp_path / "plan.json"
    done = cli.run("solve", night, "-o", plan)
    assert done.returncode == 1
    reason = "no plan serves all swaps that must be served; this one loses the fewest"
    assert f"lost     swap-1, which must be served: {reason}" in done.stdout
    file = json.loads(plan.read_text(encoding="utf-8"))
    assert file["stations"][0]["unserved"] == [{"swap": "swap-1", "reason": reason}]
    assert (file["objective"], file["status"], file["swaps_lost"]) == (1.0, "gap_reached", 1)
    assert cli.run("check", night, plan).returncode == 0
    run = cli.run("nightly", night, "--out", tmp_path / "run", "--workers", 1, "--json")
    assert run.returncode == 1 and json.loads(run.stdout)["must_serve_lost"] == 1


def test_who_asks_for_a_pack_in_quarantine_is_told_so(tmp_path: Path) -> None:
    swap = {
        "id": "W",
        "slot": 1,
        "type": "pack",
        "returned_soc": 0.0,
        "lost_cost": 9.0,
        "must_serve": True,
        "pack": "a",
    }
    done = cli.run("solve", written(tmp_path, "pack-not-usable", swaps=[swap]), "--json")
    facts = json.loads(done.stdout)
    assert done.returncode == 1 and facts["stations"][0]["unserved"] == [
        {"swap": "W", "reason": "pack a is not usable"}
    ]
    assert facts["cost"]["lost_swaps"] == 9.0 and facts["gap"] == 0.0
