"""A base load above the grid limit in single slots, as users see it: a warning and a plan; in all slots exit code 1."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import cli
import pytest
import tiny_network

from optimizer.formats.content_hash import instance_hash
from optimizer.formats.read_instance import read_instance

PLACE = "stations[0].base_load_kw"


def write(folder: Path, base_load_kw: list[float], **changes: Any) -> Path:
    """One pack that needs 40 kWh by slot 3, at 0.30, 0.10, 0.20; the second slot is overloaded, if any is."""
    content: dict[str, Any] = json.loads((cli.TINY.parent / "one-pack-cheap-slot.json").read_text())
    content["stations"][0] |= {"grid_limit_kw": 55, "base_load_kw": base_load_kw} | changes
    (folder / "overloaded.json").write_text(json.dumps(content))
    return folder / "overloaded.json"


def facts(*command: object, code: int = 0) -> dict[str, Any]:
    done = cli.run(*command, "--json")
    assert done.returncode == code, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("mode", ["continuous", "on_off"])
def test_the_rest_is_planned_and_the_warning_tells_slots_and_excess(tmp_path: Path, mode: str) -> None:
    chargers = {"max_kw": 40, "efficiency": 0.8, "mode": mode}
    file = write(tmp_path, [0, 80, 5, 0], solar_kw=[0, 10, 0, 0], chargers=chargers)
    plan = tmp_path / "plan.json"
    done = cli.run("solve", file, "-o", plan)
    assert done.returncode == 0
    assert done.stderr.splitlines()[0] == (
        f"warning: {file}: {PLACE}: 80: kW, less all the solar power, exceeds the grid limit of 55 kW by up to 15 kW "
        "in slot 1 alone: nothing is charged then, and the excess is drawn; raise grid_limit_kw or lower base_load_kw"
    )
    told = facts("solve", file, "-o", plan)
    assert told["objective"] == pytest.approx(0.1 * 70 + 0.2 * (5 + 50))  # slot 2: 40 kWh / 0.8
    assert [one["place"] for one in told["warnings"]] == [PLACE]
    checked = facts("check", file, plan)
    assert checked["violations"] == []
    assert [one["place"] for one in checked["input_warnings"]] == [PLACE]


def test_a_plan_that_charges_then_is_refused(tmp_path: Path) -> None:
    """That of the same station with a smaller base load in slot 1."""
    plan = tmp_path / "plan.json"
    cli.run("solve", write(tmp_path, [0, 5, 5, 0]), "-o", plan)
    overloaded = write(tmp_path, [0, 60, 5, 0])
    made = json.loads(plan.read_text())
    made["instance"]["hash"] = instance_hash(read_instance(overloaded))
    plan.write_text(json.dumps(made))
    found = [one for one in facts("check", overloaded, plan, code=1)["violations"] if one["rule"] == "grid"]
    assert [(one["where"], one["limit"]) for one in found] == [("slot 1", 60)]


def test_info_counts_the_slots(tmp_path: Path) -> None:
    file = write(tmp_path, [0, 60, 70, 0])
    (station,) = facts("info", file)["stations"]
    assert (station["overloaded_slots"], station["base_load_fits"]) == (2, False)
    assert station["grid_limit_kw"] == [55, 55]
    done = cli.run("info", file)
    assert "limit 55 kW; the base load alone exceeds it in 2 slots: nothing is charged then" in done.stdout
    assert "by up to 15 kW in 2 slots, 1 the first: " in done.stderr


def test_strict_refuses(tmp_path: Path) -> None:
    file, plan = write(tmp_path, [0, 60, 5, 0]), tmp_path / "plan.json"
    for command in (("info", file), ("solve", file, "-o", plan), ("nightly", file, "--out", tmp_path / "run")):
        done = cli.run(*command, "--strict")
        assert done.returncode == 2 and f"{file}: {PLACE}: 60: " in done.stderr, command
    assert not plan.exists() and not (tmp_path / "run").exists()


def test_all_slots_overloaded_leave_nothing_to_plan(tmp_path: Path) -> None:
    file, plan = write(tmp_path, [60, 80, 60, 90]), tmp_path / "plan.json"
    done = cli.run("solve", file, "-o", plan)
    assert done.returncode == 1 and done.stdout == "" and not plan.exists()
    assert "exceeds the grid limit of 55 kW in slot 0 and in 3 more; raise" in done.stderr
    assert "warning" not in done.stderr
    assert ": nothing can be planned" in cli.run("info", file).stdout


def test_nightly_plans_such_stations_and_tells_those_with_nothing_to_plan(tmp_path: Path) -> None:
    network = tiny_network.write(tmp_path / "net.json", {"id": "fits"}, {"id": "some"}, {"id": "all"})
    content = json.loads(network.read_text())
    slots, (_, some, every) = content["horizon"]["slots"], content["stations"]
    limit = float(some["grid_limit_kw"])
    some["base_load_kw"] = [limit + 5.0] + [0.0] * (slots - 1)
    every["base_load_kw"] = limit + 5.0
    network.write_text(json.dumps(content))
    run = tmp_path / "run"
    done = cli.run("nightly", network, "--out", run, "--workers", 1, "--json")
    assert done.returncode == 1
    warned = [one["place"] for one in json.loads(done.stdout)["warnings"]]
    assert warned == ["stations[1].base_load_kw"]
    with (run / "stations.csv").open(newline="") as file:
        status = {row["station"]: row["status"] for row in csv.DictReader(file)}
    assert status == {"fits": "gap_reached", "some": "gap_reached", "all": "failed"}
