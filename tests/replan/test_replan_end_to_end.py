"""`swapcharge replan` through the command line: from the planned state, from real ones, and what it refuses."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cli import INSTANCES, NIGHT, run

from optimizer.formats.read_instance import read_instance

NOON = "2022-12-20T12:00+01:00"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("replan") / "night.plan.json"
    assert run("solve", NIGHT, "-o", path, "--calm-limit", 0).returncode == 0
    return path


def again(plan: Path, folder: Path, *more: object, at: str = NOON) -> dict[str, Any]:
    """What `replan --json` says; its plan keeps the rules of the rest of the night."""
    rest, new = folder / "rest.json", folder / "new.plan.json"
    done = run("replan", plan, "--at", at, "-o", new, "--write-instance", rest, "--json", *more)
    assert done.returncode == 0, done.stderr
    assert run("check", rest, new).returncode == 0
    return dict(json.loads(done.stdout))


def state(plan: Path, folder: Path) -> list[list[str]]:
    """Rows bay, pack, soc of what the plan has in the bays at noon."""
    again(plan, folder)
    station = json.loads((folder / "rest.json").read_text())["stations"][0]
    return [[str(pack["bay"]), pack["id"], str(pack["soc"])] for pack in station["packs"]]


def written(folder: Path, rows: list[list[str]], header: str = "bay,pack,soc") -> Path:
    path = folder / "state.csv"
    path.write_text("\n".join([header, *(",".join(row) for row in rows)]) + "\n")
    return path


@pytest.mark.parametrize("at", ["2022-12-20T00:00+01:00", NOON, "2022-12-20T12:07+01:00", "2022-12-20T21:00Z"])
def test_no_news_no_change(plan: Path, tmp_path: Path, at: str) -> None:
    said = again(plan, tmp_path, at=at)
    assert said["changes"]["slots"] == said["changes"]["hand_overs"] == 0
    assert said["plan_version"] == 2
    assert said["valid_from"] == said["replanned"]["from"]


def test_state_as_planned_is_no_news(plan: Path, tmp_path: Path) -> None:
    said = again(plan, tmp_path, "--packs", written(tmp_path, state(plan, tmp_path)))
    assert said["changes"]["slots"] == 0


def test_emptier_packs_are_charged_more(plan: Path, tmp_path: Path) -> None:
    rows = state(plan, tmp_path)
    before = json.loads((tmp_path / "new.plan.json").read_text())
    emptier = [[bay, pack, "0.3"] for bay, pack, _ in rows]
    said = again(plan, tmp_path, "--packs", written(tmp_path, emptier))
    assert said["changes"]["slots"] > 0
    after = json.loads((tmp_path / "new.plan.json").read_text())

    def charged(file: dict[str, Any]) -> float:
        return sum(sum(pack["power_kw"]) for pack in file["stations"][0]["packs"])

    assert charged(after) > charged(before)


def test_a_pack_that_is_not_there_is_not_planned(plan: Path, tmp_path: Path) -> None:
    rows = state(plan, tmp_path)
    said = again(plan, tmp_path, "--packs", written(tmp_path, rows[1:]))
    assert said["replanned"]["packs"] == {"nl-13-packs": len(rows) - 1}
    new = json.loads((tmp_path / "new.plan.json").read_text())
    assert rows[0][1] not in [pack["pack"] for pack in new["stations"][0]["packs"]]


def test_drivers_who_came_leave_their_packs(plan: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_text("time,returned_soc\n" + "".join(f"2022-12-20T09:{m:02d}:00+01:00,0.11\n" for m in range(0, 60, 20)))
    said = again(plan, tmp_path, "--swaps", log)
    assert said["replanned"]["drivers"]["nl-13-packs"]["came"] == 3
    packs = json.loads((tmp_path / "rest.json").read_text())["stations"][0]["packs"]
    assert len(packs) == 13
    assert sum(pack["id"].startswith("r-") for pack in packs) == 3


def test_frozen_set_points_begin_the_rest_later(plan: Path, tmp_path: Path) -> None:
    said = again(plan, tmp_path, "--freeze", 60)
    assert said["replanned"]["from"] == "2022-12-20T13:00:00+01:00"
    assert said["changes"]["slots"] == 0


def test_a_plan_that_was_planned_again_is_planned_again(plan: Path, tmp_path: Path) -> None:
    again(plan, tmp_path)
    later = tmp_path / "later"
    later.mkdir()
    said = again(tmp_path / "new.plan.json", later, at="2022-12-20T18:00+01:00")
    assert (said["plan_version"], said["changes"]["slots"]) == (3, 0)


def test_same_bytes(plan: Path, tmp_path: Path) -> None:
    again(plan, tmp_path)
    first = (tmp_path / "new.plan.json").read_bytes()
    again(plan, tmp_path)
    assert (tmp_path / "new.plan.json").read_bytes() == first


@pytest.mark.parametrize(
    ("header", "row", "said"),
    [
        ("bay,soc", "99,0.5", "state.csv: line 2, bay: \"99\": is no bay of station 'nl-13-packs'; did you mean"),
        ("pack,soc", "p1,0.5", 'state.csv: line 2, pack: "p1": does not stand in the station by the plan; did you'),
        ("bay,soc", "0,55", "state.csv: line 2, soc: 55: must be between 0 and 1; a state of charge is a share"),
        ("bay,soc", "0,x", 'state.csv: line 2, soc: "x": must be a finite number; write digits with a decimal point'),
        ("bay,soc", "0,0.5\n0,0.6", "state.csv: line 3, bay: 0: is that of line 2, too; give every pack its own row"),
        ("bay,soc,usable", "0,0.5,maybe", 'state.csv: line 2, usable: "maybe": must be true or false; write true or'),
        ("bay,type,soc", "0,nio,0.5", 'state.csv: line 2, type: "nio": is not a pack type of this file; its pack'),
        ("bay,soc", "", "state.csv: has no rows; add a row for each pack"),
        ("station,bay,soc", "S9,0,0.5", 'state.csv: line 2, station: "S9": is no station of the plan; its stations:'),
        ("bay,soc", "0,", 'state.csv: line 2, soc: "": must be a finite number'),
        ("soc", "0.5", 'state.csv: column: "bay": is not a column of state.csv; its columns: soc'),
    ],
)
def test_state_files_that_are_refused(plan: Path, tmp_path: Path, header: str, row: str, said: str) -> None:
    path = tmp_path / "state.csv"
    path.write_text(f"{header}\n{row}\n")
    done = run("replan", plan, "--at", NOON, "--packs", "state.csv", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(said)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2022-12-20T13:00+01:00", "must lie between the plan's start, 2022-12-20T00:00:00+01:00, and --at"),
        ("2022-12-20 13:00", '"2022-12-20T13:00:00+01:00": must lie between the plan\'s start'),
        ("noon", "must be a date and a time of day"),
    ],
)
def test_logs_that_are_refused(plan: Path, tmp_path: Path, row: str, said: str) -> None:
    (tmp_path / "log.csv").write_text(f"time\n{row}\n")
    done = run("replan", plan, "--at", NOON, "--swaps", "log.csv", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("log.csv: line 2, time: ")
    assert said in done.stderr


@pytest.mark.parametrize(
    ("header", "cell", "said"),
    [
        ("station", "S9", 'log.csv: line 2, station: "S9": is no station of the plan; its stations: nl-13-packs'),
        ("type", "nio-75", 'log.csv: line 2, type: "nio-75": is not a pack type of this file; its pack types: nio-100'),
        ("returned_soc", "20", "log.csv: line 2, returned_soc: 20: must be between 0 and 1; a state of charge is a"),
    ],
)
def test_cells_of_logs_that_are_refused(plan: Path, tmp_path: Path, header: str, cell: str, said: str) -> None:
    (tmp_path / "log.csv").write_text(f"time,{header}\n2022-12-20T11:00+01:00,{cell}\n")
    done = run("replan", plan, "--at", NOON, "--swaps", "log.csv", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(said)


def test_what_replan_says_in_words(plan: Path, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("time\n2022-12-20T11:00+01:00\n")
    done = run("replan", plan, "--at", NOON, "--swaps", tmp_path / "log.csv")
    first, second = done.stdout.splitlines()[:2]
    assert first == "Plan version 2, planned again from 2022-12-20T12:00:00+01:00"
    assert second.startswith("nl-13-packs: 1 drivers came, ")
    refused = run("replan", plan, "--at", NOON, "-o", "-", "--json")
    assert (refused.returncode, "both want standard output" in refused.stderr) == (2, True)
    streamed = tmp_path / "streamed.plan.json"
    streamed.write_bytes(run("solve", NIGHT, "-o", "-", "--calm-limit", 0).stdout.encode())
    assert (
        "instance.file: absent: is missing; name the instance of the plan with --instance"
        in run("replan", streamed, "--at", NOON).stderr
    )


def test_runs_without_their_network_or_plans(tmp_path: Path) -> None:
    network, night = tmp_path / "network.json", tmp_path / "night"
    assert run("generate", "network", "--stations", 2, "--seed", 1, "-o", network).returncode == 0
    assert run("nightly", network, "--out", night, "--workers", 1).returncode == 0
    at = json.loads((night / "summary.json").read_text())["horizon"]["start"].replace("T00:00", "T13:00")
    asked = ["replan", night, "--at", at, "-o", tmp_path / "noon", "--write-instance", tmp_path / "rest.json"]
    (first, second) = sorted((night / "plans").iterdir())
    first.unlink()
    done = run(*asked)
    assert done.returncode == 0 and "1: 1 planned" in done.stdout
    assert "planned again from " in done.stderr
    assert "note: 1 station without a plan, left out" in done.stderr
    second.unlink()
    assert "plans: absent: has no plan of a station of the network" in run(*asked).stderr
    (tmp_path / "night" / "network.json.gz").unlink()  # as in runs of earlier versions
    network.rename(tmp_path / "moved.json")
    assert "is no file that is there; name the instance of the plan with --instance" in run(*asked).stderr


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2022-12-21T12:00+01:00", "lies outside of the plan's horizon, 2022-12-20T00:00:00+01:00 to 2022-12-21T00:00"),
        ("2022-12-20T23:59+01:00", "leaves nothing of the horizon to plan"),
        ("noon", "--at noon: "),
    ],
)
def test_times_that_are_refused(plan: Path, at: str, said: str) -> None:
    done = run("replan", plan, "--at", at)
    assert done.returncode == 2
    assert said in done.stderr


def test_another_instance_is_refused(plan: Path, tmp_path: Path) -> None:
    other = NIGHT.with_name("zhejiang-21-packs.json")
    done = run("replan", plan, "--at", NOON, "--instance", other)
    assert done.returncode == 2
    assert "is of another instance than" in done.stderr
    moved = tmp_path / "alone.plan.json"
    moved.write_text(plan.read_text().replace('"file": "', '"file": "nowhere-'))
    assert run("replan", moved, "--at", NOON).returncode == 2
    assert run("replan", moved, "--at", NOON, "--instance", NIGHT).returncode == 0


def test_a_network_is_planned_again_near_its_run(tmp_path: Path) -> None:
    network, rest = tmp_path / "network.json", tmp_path / "rest.json"
    assert run("generate", "network", "--stations", 3, "--seed", 1, "-o", network).returncode == 0
    assert run("nightly", network, "--out", tmp_path / "night", "--workers", 1).returncode == 0
    begins = json.loads((tmp_path / "night/summary.json").read_text())["horizon"]["start"]
    asked = ["replan", tmp_path / "night", "--at", begins.replace("T00:00", "T13:00"), "-o", tmp_path / "noon"]
    assert "a run needs -o RUN" in run(*asked).stderr
    done = run(*asked, "--write-instance", rest, "--json")
    assert done.returncode == 0, done.stderr
    changes = json.loads(done.stdout)["near"]
    assert (changes["stations"], changes["slots"], changes["hand_overs"]) == (3, 0, 0)
    assert run("check", rest, tmp_path / "noon").returncode == 0
    whole = read_instance(network).nights
    for at_night, at_noon in zip(whole, read_instance(rest).nights, strict=True):
        for name in {pack.type for pack in at_night.station.packs}:
            values = [one.end_value_per_kwh(one.pack_types[name]) for one in (at_night, at_noon)]
            assert values[0] == values[1]
    document = json.loads(network.read_text())
    document["stations"][0]["packs"][0]["soc"] = 0.123
    network.write_text(json.dumps(document))
    again = [*asked[:4], "-o", tmp_path / "again", "--write-instance", rest, "--json"]
    assert run(*again).returncode == 0  # from the network that the run keeps
    refused = run(*again, "--instance", network)
    assert refused.returncode == 2
    assert "is of another station than" in refused.stderr


@pytest.mark.parametrize("hedge", ["auto", "none"])
def test_a_plan_is_hedged_again_only_if_it_was(tmp_path: Path, hedge: str) -> None:
    night, first = INSTANCES / "bench" / "days" / "days-nl-winter-day.json", tmp_path / "first.plan.json"
    assert run("solve", night, "-o", first, "--calm-limit", 0, "--hedge", hedge).returncode == 0
    again(first, tmp_path)
    station = json.loads((tmp_path / "new.plan.json").read_text())["stations"][0]
    assert ("hedge" in station) == ("rule" in station) == (hedge == "auto")


@pytest.mark.parametrize("name", ["days-two-types-acceptance", "days-zhejiang-21-packs"])
def test_no_news_no_change_of_a_hedged_plan(tmp_path: Path, name: str) -> None:
    """Targets and rule are those of the plan, from the first slot of the rest on."""
    night, first = INSTANCES / "bench" / "days" / f"{name}.json", tmp_path / "first.plan.json"
    assert run("solve", night, "-o", first, "--calm-limit", 0, "--time-limit", 20).returncode == 0
    before = json.loads(first.read_text())
    begins = datetime.fromisoformat(before["horizon"]["start"])
    said = again(first, tmp_path, at=(begins + timedelta(hours=12)).isoformat())
    assert said["changes"]["slots"] == said["changes"]["hand_overs"] == 0
    old, new = before["stations"][0], json.loads((tmp_path / "new.plan.json").read_text())["stations"][0]
    assert new["hedge"]["ready_targets"] == old["hedge"]["ready_targets"][48:]
    assert [one["least"] for one in new["rule"]["levels"]] == [one["least"][48:] for one in old["rule"]["levels"]]


def test_a_hedged_network_is_hedged_alike(tmp_path: Path) -> None:
    network, rest = tmp_path / "network.json", tmp_path / "rest.json"
    asked = ["generate", "network", "--stations", 3, "--seed", 2, "--day-sd", 0.15, "-o", network]
    assert run(*asked).returncode == 0
    assert run("nightly", network, "--out", tmp_path / "night", "--workers", 1).returncode == 0
    at = json.loads((tmp_path / "night/summary.json").read_text())["horizon"]["start"].replace("T00:00", "T13:00")
    done = run("replan", tmp_path / "night", "--at", at, "-o", tmp_path / "noon", "--write-instance", rest, "--json")
    assert done.returncode == 0, done.stderr
    assert (json.loads(done.stdout)["near"]["slots"], json.loads(done.stdout)["near"]["hand_overs"]) == (0, 0)
    for old in sorted((tmp_path / "night/plans").iterdir()):
        was, now = (json.loads(path.read_text())["stations"][0] for path in (old, tmp_path / "noon/plans" / old.name))
        assert now["hedge"]["ready_targets"] == was["hedge"]["ready_targets"][52:]
    assert run("check", rest, tmp_path / "noon").returncode == 0
