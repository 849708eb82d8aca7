"""The whole road, as an operator goes it with commands alone: German exports, a night, the next one, noon, pages."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path

import cli
import german_exports as german
import pytest

from optimizer.formats.plan_file import read_plan

OPERATION = """\
format = "swapcharge-operation"
version = 1
time_zone = "Europe/Berlin"

[import]
stations = "stationen.csv"
packs = "akkus.csv"
swaps = "wechsel.csv"
tariff = ["tarife.csv"]
mapping = "mapping.toml"

[nightly]
gap = 0.05
fail_if = "lost>1000"

[setpoints]
to = "ocpp2.0.1"
"""
STATIONS = 3


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the exports and an operation file, after two nights."""
    folder = tmp_path_factory.mktemp("operator")
    german.write(folder, STATIONS)
    (folder / "operation.toml").write_text(OPERATION)
    for date in ("2025-11-24", "2025-11-25"):
        done = cli.run("tonight", "operation.toml", "--date", date, "--json", cwd=folder)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        (folder / f"{date}.json").write_text(done.stdout)
    return folder


def test_two_nights_of_which_the_second_goes_on_where_the_first_ends(operator: Path) -> None:
    first, second = (json.loads((operator / f"2025-11-{day}.json").read_text()) for day in (24, 25))
    assert first["carried_from"] is None and second["carried_from"] == "nights/2025-11-24/run"
    assert [one["command"] for one in second["commands"]] == [
        "import network", "nightly", "export setpoints", "report", "report --overview",
    ]  # fmt: skip
    assert second["run"]["planned"] == STATIONS and second["run"]["carried"]["stations"] == STATIONS
    ends = {
        (station.station, pack.bay): pack.soc
        for path in (operator / "nights" / "2025-11-24" / "run" / "plans").glob("*.json")
        for station in read_plan(path).stations
        for pack in station.end.packs
    }
    kept = operator / "nights" / "2025-11-25" / "run" / "network.json.gz"
    told = json.loads(cli.run("info", kept, "--json").stdout)
    assert len(ends) == sum(station["packs"] for station in told["stations"]) == STATIONS * german.PACKS


def test_each_night_is_checked_exported_and_drawn(operator: Path) -> None:
    for date in ("2025-11-24", "2025-11-25"):
        night = operator / "nights" / date
        assert cli.run("check", night / "run").returncode == 0
        assert len(list((night / "setpoints" / "profiles").glob("*.json"))) == STATIONS
        assert "Köln 1" in (night / "stations.html").read_text(encoding="utf-8")
        assert f"network {date}" in (night / "overview.html").read_text(encoding="utf-8")
        assert (night / "logs" / "import.txt").read_text().startswith(f"network {date}")
    back = cli.run("export", "setpoints", night / "run", "--read", night / "setpoints", "-o", operator / "back.json")
    assert back.returncode == 0, back.stderr
    assert cli.run("check", night / "run" / "network.json.gz", operator / "back.json").returncode == 0


def test_both_nights_are_in_one_history(operator: Path) -> None:
    compared = cli.run("history", operator / "nights", "--compare", "1", "2", "--time-limit", "0")
    assert compared.returncode == 0, compared.stderr
    assert "network 2025-11-24" in compared.stdout and "network 2025-11-25" in compared.stdout


def test_noon_is_planned_again(operator: Path) -> None:
    run, noon = operator / "nights" / "2025-11-25" / "run", operator / "noon"
    done = cli.run(
        "replan", run, "--at", "2025-11-25T12:00+01:00", "--gap", "0.05", "-o", noon,
        "--write-instance", operator / "noon.json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert cli.run("check", operator / "noon.json", noon).returncode == 0


def test_a_table_that_is_wrong_ends_the_night_with_its_place(operator: Path, tmp_path: Path) -> None:
    german.write(tmp_path, 1)
    (tmp_path / "operation.toml").write_text(OPERATION)
    packs = (tmp_path / "akkus.csv").read_bytes()
    (tmp_path / "akkus.csv").write_bytes(packs.replace(b";in Betrieb\r", b";kaputt\r", 1))
    done = cli.run("tonight", "operation.toml", "--date", "2025-11-24", cwd=tmp_path)
    assert done.returncode == 2
    assert (
        '2025-11-24: import network: exit code 2: akkus.csv: line 2, Status: "kaputt": must be yes or no' in done.stderr
    )
    assert not (tmp_path / "nights" / "2025-11-24" / "run").exists()


def test_an_alarm_is_one_line_and_the_rest_is_done(operator: Path, tmp_path: Path) -> None:
    german.write(tmp_path, 1)
    (tmp_path / "operation.toml").write_text(OPERATION.replace("lost>1000", "lost>=0"))
    done = cli.run("tonight", "operation.toml", "--date", "2025-11-24", cwd=tmp_path)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("2025-11-24: nightly: exit code 1: ")
    assert (tmp_path / "nights" / "2025-11-24" / "overview.html").exists()


def test_a_request_to_stop_reaches_the_command_that_runs(tmp_path: Path) -> None:
    german.write(tmp_path, 30)
    (tmp_path / "operation.toml").write_text(OPERATION)
    with subprocess.Popen(
        [cli.COMMAND, "tonight", "operation.toml", "--date", "2025-11-24"], cwd=tmp_path, stderr=subprocess.PIPE
    ) as child:
        plans = tmp_path / "nights" / "2025-11-24" / "run" / "plans"
        while child.poll() is None and not any(plans.glob("*.json")):
            pass
        child.send_signal(signal.SIGTERM)
        _, said = child.communicate()
    assert child.returncode == 130, said
    assert json.loads((plans.parent / "summary.json").read_text())["status"] == "interrupted"
