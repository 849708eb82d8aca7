"""A run's folder belongs to one network, as `nightly` tells it."""

from __future__ import annotations

from pathlib import Path

import cli
import pytest
import tiny_network as tiny
from here_pool import HerePool

from optimizer.runs.folder import plan_name
from optimizer.workers import local_pool

HORIZON = tiny.content()["horizon"]


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_pool, "LocalPool", lambda workers, *_: HerePool(size=workers))


def nightly(folder: Path, network: str, *options: object) -> tuple[int, str, str]:
    done = cli.run("nightly", network, "--out", "run", "--workers", 1, *options, cwd=folder)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize("change", [{"name": "other"}, {"horizon": HORIZON | {"start": "2027-03-03T00:00:00Z"}}])
def test_another_network_is_refused_or_replaces_the_run(tmp_path: Path, change: dict[str, object]) -> None:
    tiny.write(tmp_path / "n.json")
    tiny.write(tmp_path / "other.json", "S1", "S9", **change)
    assert nightly(tmp_path, "n.json")[0] == 0
    start, before = tiny.summary(tmp_path / "run")["horizon"]["start"], tiny.plans(tmp_path / "run")
    assert nightly(tmp_path, "other.json") == (
        2,
        "",
        f"run: holds the run of another network, tiny network from {start}; "
        "name another folder, or give --replace, which removes that run\n",
    )
    assert tiny.plans(tmp_path / "run") == before and tiny.summary(tmp_path / "run")["name"] == "tiny network"
    (tmp_path / "run" / "plans" / "notes.txt").write_text("mine")
    assert nightly(tmp_path, "other.json", "--replace")[0] == 0
    assert set(tiny.plans(tmp_path / "run")) == {plan_name("S1"), plan_name("S9")}
    summary = tiny.summary(tmp_path / "run")
    assert (summary["stations"], summary["resumed"], summary["problems"]) == (2, 0, [])
    assert (tmp_path / "run" / "plans" / "notes.txt").read_text() == "mine"
    assert cli.run("check", tmp_path / "other.json", tmp_path / "run").returncode == 0


def test_the_same_network_goes_on_without_the_stations_it_no_longer_has(tmp_path: Path) -> None:
    tiny.write(tmp_path / "n.json")
    nightly(tmp_path, "n.json")
    whole = tiny.content()
    tiny.write(tmp_path / "n.json", *whole["stations"][:4], "S7")
    code, screen, _ = nightly(tmp_path, "n.json", "--replace")
    assert code == 0 and "5: 5 planned (4 of them found finished)\n" in screen
    gone = sorted(f"plans/{plan_name(station)}" for station in ("S5", "S6"))
    said = [f"{file}: was removed: the network no longer has its station" for file in gone]
    assert tiny.summary(tmp_path / "run")["problems"] == said and all(line in screen for line in said)
    assert set(tiny.plans(tmp_path / "run")) == {plan_name(station) for station in ("S1", "S2", "S3", "S4", "S7")}


def test_a_folder_without_a_summary_goes_on(tmp_path: Path) -> None:
    tiny.write(tmp_path / "n.json")
    nightly(tmp_path, "n.json")
    (tmp_path / "run" / "summary.json").unlink()
    code, screen, _ = nightly(tmp_path, "n.json")
    assert code == 0 and "6: 6 planned (6 of them found finished)\n" in screen
