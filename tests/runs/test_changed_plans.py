"""Plan files that somebody wrote in between two runs: they do not count, and that is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cli
import pytest
import tiny_network as tiny
from here_pool import HerePool
from patience import PATIENCE

from optimizer.runs.folder import plan_name
from optimizer.workers import local_pool

SAID = "S3: its plan file was changed since it was written and is planned again"


@pytest.fixture
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_pool, "LocalPool", lambda workers, *_: HerePool(size=workers))


def change_power(plan: dict[str, Any]) -> None:
    plan["stations"][0]["packs"][0]["power_kw"][0] = 9999.0


def change_objective(plan: dict[str, Any]) -> None:
    plan["objective"] -= 1.0
    plan["stations"][0]["objective"] -= 1.0


def change_bound(plan: dict[str, Any]) -> None:
    plan["bound"] = plan["stations"][0]["bound"] = -5.0


def change_hand_overs(plan: dict[str, Any]) -> None:
    plan["stations"][0]["hand_overs"] = (
        [] if plan["stations"][0]["hand_overs"] else [{"swap": "x", "slot": 0, "pack": "y"}]
    )


def change_key(plan: dict[str, Any]) -> None:
    plan["key"] = "sha256:0"


def drop_key(plan: dict[str, Any]) -> None:
    del plan["key"]


def drop_digest(plan: dict[str, Any]) -> None:
    del plan["digest"]


CHANGES = [change_power, change_objective, change_bound, change_hand_overs, change_key, drop_key, drop_digest]


def nightly(tmp_path: Path, *options: object) -> dict[str, Any]:
    done = cli.run("nightly", tmp_path / "network.json", "--out", tmp_path / "run", "--workers", 1, "--json", *options)
    assert (done.returncode, done.stderr) == (0, "")
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


@pytest.mark.usefixtures("_here")
def test_a_changed_plan_file_is_planned_again_and_that_is_said(tmp_path: Path) -> None:
    tiny.write(tmp_path / "network.json")
    assert nightly(tmp_path)["problems"] == []
    undisturbed, path = tiny.plans(tmp_path / "run"), tmp_path / "run" / "plans" / plan_name("S3")
    for change in CHANGES:
        _write_changed(path, change)
        summary = nightly(tmp_path)
        assert (change.__name__, summary["problems"], summary["resumed"]) == (change.__name__, [SAID], 5)
        assert tiny.plans(tmp_path / "run") == undisturbed
    assert nightly(tmp_path)["problems"] == []


@pytest.mark.usefixtures("_here")
def test_the_screen_says_it_and_check_warns(tmp_path: Path) -> None:
    network = tiny.write(tmp_path / "network.json")
    nightly(tmp_path)
    path = tmp_path / "run" / "plans" / plan_name("S3")
    _write_changed(path, change_bound)
    checked = cli.run("check", network, path, "--json")
    assert checked.returncode == 0
    assert json.loads(checked.stdout)["warnings"][0] == (
        "the plan file was changed since it was written (its digest differs)"
    )
    done = cli.run("nightly", network, "--out", tmp_path / "run", "--workers", 1)
    assert done.returncode == 0 and f"\n{SAID}\n" in done.stdout


@pytest.mark.usefixtures("_here")
def test_baselines_have_no_digest_and_are_tried_again_silently(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.runs.network_run.OVERTIME_SECONDS", PATIENCE)
    tiny.write(tmp_path / "network.json")
    nightly(tmp_path, "--time-limit", 0)
    assert all("digest" not in json.loads(text) for text in tiny.plans(tmp_path / "run").values())
    summary = nightly(tmp_path)
    assert (summary["problems"], summary["planned"], summary["resumed"]) == ([], 6, 0)


def _write_changed(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    plan = json.loads(path.read_text())
    change(plan)
    path.write_text(json.dumps(plan))
