"""`nightly --near`: a network planned again near the plans of another run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cli import run

GENERATED = ("generate", "network", "--stations", "6", "--seed", "5", "--day", "2026-07-14", "-o")


def networks(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Six stations, and the same with a driver of the first one a quarter of an hour later."""
    assert run(*GENERATED, "net.json", cwd=folder).returncode == 0
    network = json.loads((folder / "net.json").read_text())
    late = json.loads(json.dumps(network))
    swap = late["stations"][0]["swaps"][4]
    swap["slot"] += 1
    (folder / "late.json").write_text(json.dumps(late))
    return network, late


def nightly(folder: Path, network: str, out: str, *options: object) -> dict[str, Any]:
    done = run("nightly", network, "--out", out, "--workers", 2, "--json", *options, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert run("check", network, out, cwd=folder).returncode == 0
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def stations(folder: Path) -> dict[str, Any]:
    files = [json.loads(path.read_text())["stations"][0] for path in (folder / "plans").glob("*.json")]
    return {one["station"]: one for one in files}


def test_a_run_near_another_changes_what_it_must_and_goes_on_as_any(tmp_path: Path) -> None:
    networks(tmp_path)
    first = nightly(tmp_path, "net.json", "R")
    assert "near" not in first
    same = nightly(tmp_path, "net.json", "S", "--near", "R")
    none = {"hand_overs": 0, "slots": 0, "packs": 0, "moved_kwh": 0.0, "extra_cost": 0.0}
    assert same["near"] == {"run": "R", "stations": 6, **none}
    before, after = stations(tmp_path / "R"), stations(tmp_path / "S")
    assert {name: one["packs"] for name, one in after.items()} == {name: one["packs"] for name, one in before.items()}
    assert [one["changes"] for one in after.values()] == [none] * 6

    late = nightly(tmp_path, "late.json", "L", "--near", "R")
    assert late["near"]["stations"] == 6
    changed = {name for name, one in stations(tmp_path / "L").items() if one["changes"]["slots"]}
    assert changed <= {"S00001"}, "nothing is new at the others"
    again = nightly(tmp_path, "late.json", "L", "--near", "R")
    assert (again["resumed"], again["near"]) == (6, late["near"])
    anew = nightly(tmp_path, "late.json", "L")
    assert anew["resumed"] < 6, "a plan near another is asked for in other words"


def test_a_run_near_another_says_so_on_the_screen(tmp_path: Path) -> None:
    networks(tmp_path)
    nightly(tmp_path, "net.json", "R")
    done = run("nightly", "net.json", "--out", "S", "--near", "R", cwd=tmp_path)
    assert "  changes     none of the previous plan, of 6 stations\n" in done.stdout


@pytest.mark.parametrize(
    ("near", "words"),
    [
        ("R", "let --out name another folder"),
        ("nothing", "nothing: is a folder without summary.json"),
        ("other", 'other: plans: "plans": has no plan of a station of the network; name the folder of a run'),
        ("yesterday", "ends or begins outside of the horizon to be planned, 2026-07-14 00:00 to 2026-07-15 00:00"),
    ],
)
def test_what_is_no_run_to_be_near_is_refused(tmp_path: Path, near: str, words: str) -> None:
    networks(tmp_path)
    (tmp_path / "nothing").mkdir()
    other = json.loads((tmp_path / "net.json").read_text())
    other["stations"] = [other["stations"][0] | {"id": "X"}]
    (tmp_path / "other.json").write_text(json.dumps(other))
    other["horizon"]["start"] = "2026-07-12T00:00:00+08:00"
    (tmp_path / "yesterday.json").write_text(json.dumps(other))
    for name in ("other", "yesterday"):
        nightly(tmp_path, f"{name}.json", name)
    done = run("nightly", "net.json", "--out", "R", "--near", near, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
