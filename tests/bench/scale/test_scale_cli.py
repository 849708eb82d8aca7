"""`swapcharge bench scale` end to end."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from cli import INSTANCES, run

NETWORKS = json.loads((INSTANCES / "bench" / "scale.json").read_text())["networks"]


def test_the_list_has_every_network(tmp_path: Path) -> None:
    done = run("bench", "scale", cwd=tmp_path)
    assert done.returncode == 0
    assert [line.split()[0] for line in done.stdout.splitlines()[1:]] == [one["name"] for one in NETWORKS]
    assert json.loads(run("bench", "scale", "--json").stdout) == {"networks": NETWORKS}
    assert [one["stations"] for one in NETWORKS] == [10, 100, 1000, 3700]


def test_a_network_is_planned_and_judged() -> None:
    done = run("bench", "scale", "network-10-1", "--contenders", "engine,cheapest-first", "--json")
    assert done.returncode == 0, done.stderr
    engine, greedy = json.loads(done.stdout)["scores"]
    assert (engine["planned"], engine["solved"], engine["failed"], engine["lost"]) == (10, 10, 0, 1)
    assert engine["gap"] < 0.005 and greedy["gap"] is None
    assert engine["objective"] < greedy["objective"]
    words = run("bench", "scale", "network-10-1", "--contenders", "cheapest-first").stdout.splitlines()
    assert words[0].split()[:2] == ["network", "contender"]
    assert words[1].startswith("network-10-1  cheapest-first  10 of 10       0  0 of 375  7,806.22    -")


def test_a_network_is_written_as_it_is_drawn(tmp_path: Path) -> None:
    out = tmp_path / "net.json"
    assert run("bench", "scale", "network-10-1", "-o", out).returncode == 0
    assert f"sha256:{hashlib.sha256(out.read_bytes()).hexdigest()}" == NETWORKS[0]["hash"]
    same = run("generate", "network", "--stations", 10, "--seed", 1, "-o", tmp_path / "same.json")
    assert same.returncode == 0 and (tmp_path / "same.json").read_bytes() == out.read_bytes()
    out.write_text("mine")
    done = run("bench", "scale", "network-10-1", "-o", out)
    assert done.returncode == 2 and out.read_text() == "mine"
    assert "is there, and is no instance file" in done.stderr


HEAD = """import os, sys, time
from optimizer.bench.contender_api import Contender, Outcome

def compete(night, limits, on_progress):
    first = night.station.id == "S00001"
"""


def test_a_contender_that_ends_its_process_fails_on_that_station_alone(tmp_path: Path) -> None:
    text = f"{HEAD}    os._exit(0) if first else print('loud')\n    return Outcome(None, detail='no luck')\n"
    (tmp_path / "quitting_one.py").write_text(text + "MINE = Contender('mine', 'ends', compete)\n")
    done = run("bench", "scale", "network-10-1", "--contenders", "quitting_one:MINE", "--json", cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    (score,) = json.loads(done.stdout)["scores"]
    assert score["failed"] == 10
    assert score["failures"][:2] == ["S00001: its worker ended with exit code 0", "S00002: no plan: no luck"]


def test_a_contender_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.bench.scale.contest.grace_seconds", lambda seconds: 0.5)
    text = f"{HEAD}    time.sleep(1000 if first else 0)\n    return Outcome(None)\n"
    (tmp_path / "endless_one.py").write_text(text + "MINE = Contender('mine', 'sleeps', compete)\n")
    asked = ("--contenders", "endless_one:MINE", "--time-limit", 1)
    done = run("bench", "scale", "network-10-1", *asked, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    assert "10 failed: S00001: no answer within 1.5 s: its worker was killed; S00002: " in done.stdout


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("-o", "x.json"), "Error: -o takes one NETWORK, which is written"),
        (
            ("network-10-1", "-o", "x.json", "--json"),
            "Error: -o writes the NETWORK and prints nothing: leave out --json",
        ),
        (("network-9-1",), "is not one of the networks of this track; did you mean 'network-"),
        (("network-10-1", "--gap", "nan"), "Error: --gap and --time-limit take finite numbers"),
        (("network-10-1", "--contenders", "engin"), "did you mean 'engine'?"),
        (("network-10-1", "--contenders", ","), "--contenders takes one name or more"),
    ],
)
def test_what_is_refused(asked: tuple[str, ...], said: str) -> None:
    done = run("bench", "scale", *asked)
    assert done.returncode == 2 and said in done.stderr
