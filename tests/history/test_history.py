"""The history of runs: what is recorded comes back, replaced, compared, and safe beside a writer."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import cli
import pytest
from msgspec import structs
from run_folders import write_run
from run_summaries import SUMMARY

from optimizer.files.errors import FileErrors, InputErrors, OutputErrors
from optimizer.history.runs import compare_runs, index_of, read_runs, record_run

MONDAY = {"S1": 100.0, "S2": 200.0, "S3": 300.0, "gone": 50.0, "later": None, "now": 7.0}
TUESDAY = {"S1": 101.5, "S2": 180.0, "S3": 300.0, "new": 60.0, "later": 5.0, "now": None}


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite"


@pytest.fixture
def two_runs(tmp_path: Path, index: Path) -> Path:
    record_run(index, write_run(tmp_path / "mon", MONDAY))
    later = {
        "started": "2026-11-25T21:00:00Z",
        "horizon": structs.replace(SUMMARY.horizon, start="2026-11-26T00:00:00+01:00"),
        "wall_seconds": 600,
    }
    record_run(index, write_run(tmp_path / "tue", TUESDAY, id="sha256:2", gap=0.0055, **later))
    return index


def facts(*arguments: object, cwd: Path) -> dict[str, Any]:
    done = cli.run("history", *arguments, "--json", cwd=cwd)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return json.loads(done.stdout)


def test_runs_are_listed_for_scripts(two_runs: Path, tmp_path: Path) -> None:
    listed = facts(cwd=tmp_path)
    assert listed["index"] == "history.sqlite"
    assert listed["runs"][0] == {
        "number": 1, "folder": str(tmp_path / "mon"), "id": "sha256:1", "name": "city", "currency": "EUR",
        "horizon_start": "2026-11-25T00:00:00+01:00", "started": "2026-11-24T21:00:00Z",
        "finished": "2026-11-24T21:12:00Z", "status": "done", "stations": 6, "planned": 5, "fallback": 0, "failed": 1,
        "swaps_served": 45, "swaps_lost": 5, "objective": 657.0, "bound": 655.75, "gap": 0.004, "gross_cost": 667.0,
        "wall_seconds": 720.5,
    }  # fmt: skip
    assert [run["number"] for run in listed["runs"]] == [1, 2]


def test_runs_are_listed_for_people(two_runs: Path, tmp_path: Path) -> None:
    assert cli.run("history", tmp_path).stdout.splitlines() == [
        "run  started (UTC)     folder  network  stations  plan/fallback/fail  objective        bound     gap  lost"
        "  seconds  status",
        "  1  2026-11-24 21:00  mon     city            6               5/0/1     657.00  EUR  655.75  0.40 %     5"
        "    720.5  done",
        "  2  2026-11-25 21:00  tue     city            6               5/0/1     646.50  EUR  645.25  0.55 %     5"
        "    600.0  done",
    ]


def test_the_newest_runs_are_shown(two_runs: Path, tmp_path: Path) -> None:
    shown = cli.run("history", two_runs, "--limit", 1).stdout.splitlines()
    assert shown[1].startswith("  2  ") and shown[2:] == ["older runs not shown: 1; --limit 2 shows all"]
    assert [run["number"] for run in facts(two_runs, "--limit", 1, cwd=tmp_path)["runs"]] == [2]


def test_the_run_started_last_stands_last(two_runs: Path, tmp_path: Path) -> None:
    record_run(two_runs, write_run(tmp_path / "mon", MONDAY, started="2026-11-26T09:00:00Z"))
    assert [run.number for run in read_runs(two_runs)] == [2, 1]


def test_a_run_under_way_is_listed(index: Path, tmp_path: Path) -> None:
    nothing = {"objective": 0.0, "bound": None, "gap": None, "finished": None, "wall_seconds": 0.1}
    record_run(index, write_run(tmp_path / "mon", {"S1": None}, status="running", failed=0, **nothing))
    last = cli.run("history", tmp_path).stdout.splitlines()[-1]
    assert " ".join(last.split()) == "1 2026-11-24 21:00 mon city 1 0/0/0 0.00 EUR - - 0 0.1 running"


def test_no_runs_yet(index: Path, tmp_path: Path) -> None:
    record_run(index, write_run(tmp_path / "mon", MONDAY))
    with sqlite3.connect(index) as connection:
        connection.execute("DELETE FROM runs")
    assert cli.run("history", cwd=tmp_path).stdout == "history.sqlite has no runs yet.\n"
    assert facts(cwd=tmp_path)["runs"] == []


def test_the_same_run_is_replaced_and_keeps_its_number(two_runs: Path, tmp_path: Path) -> None:
    record_run(two_runs, write_run(tmp_path / "mon", {"S1": 90.0}, status="interrupted"))
    first, second = read_runs(two_runs)
    assert (first.number, first.status, first.stations, first.objective) == (1, "interrupted", 1, 90.0)
    assert (second.number, second.stations) == (2, 6)
    with sqlite3.connect(two_runs) as connection:
        stations = connection.execute("SELECT station, objective, bound, swaps_lost FROM stations WHERE run = 1")
        assert stations.fetchall() == [("S1", 90.0, 89.75, 1)]


def test_another_question_in_the_same_folder_is_another_run(two_runs: Path, tmp_path: Path) -> None:
    record_run(two_runs, write_run(tmp_path / "mon", {"S1": 90.0}, id="sha256:3", started="2026-11-27T21:00:00Z"))
    assert [(run.number, Path(run.folder).name) for run in read_runs(two_runs)] == [(1, "mon"), (2, "tue"), (3, "mon")]
    assert compare_runs(two_runs, "1", str(tmp_path / "mon")).new.number == 3  # a folder means its latest run


def test_runs_may_move_with_their_history(two_runs: Path, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    for name in ("mon", "tue", "history.sqlite"):
        (tmp_path / name).rename(moved / name)
    record_run(moved / "history.sqlite", moved / "mon")
    assert [run.folder for run in read_runs(moved / "history.sqlite")] == [str(moved / "mon"), str(moved / "tue")]


def test_a_run_elsewhere_has_its_whole_path(tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    index = tmp_path / "books" / "all.sqlite"
    record_run(index, write_run(tmp_path / "mon", MONDAY))
    assert read_runs(index)[0].folder == str(tmp_path / "mon")
    assert f"  {tmp_path / 'mon'}  " in cli.run("history", index).stdout


def test_a_run_recorded_again_uses_up_no_number(two_runs: Path, tmp_path: Path) -> None:
    for _ in range(5):
        record_run(two_runs, tmp_path / "tue")
    record_run(two_runs, write_run(tmp_path / "wed", MONDAY))
    assert sorted(run.number for run in read_runs(two_runs)) == [1, 2, 3]


@pytest.mark.parametrize("runs", [("1", "2"), ("mon", "tue"), ("./mon", "2")])
def test_runs_are_compared_by_number_or_folder(two_runs: Path, tmp_path: Path, runs: tuple[str, str]) -> None:
    compared = facts("--compare", *runs, cwd=tmp_path)
    assert (compared["old"]["number"], compared["new"]["number"]) == (1, 2)
    assert facts(tmp_path, "--compare", *runs, cwd=tmp_path) == compared


def test_folders_are_found_as_the_list_shows_them(two_runs: Path, tmp_path: Path) -> None:
    assert facts(tmp_path, "--compare", "mon", "tue", cwd=cli.ROOT)["new"]["number"] == 2


def test_comparison_for_scripts(two_runs: Path, tmp_path: Path) -> None:
    compared = facts("--compare", 1, 2, cwd=tmp_path)
    assert compared["difference"] == {
        "stations": 0, "planned": 0, "fallback": 0, "failed": 0, "objective": -10.5, "bound": -10.5,
        "gap": pytest.approx(0.0015), "gross_cost": -10.5, "swaps_served": 0, "swaps_lost": 0, "wall_seconds": -120.5,
    }  # fmt: skip
    assert (compared["only_in_old"], compared["only_in_new"]) == (["gone"], ["new"])
    assert (compared["no_plan_in_old"], compared["no_plan_in_new"]) == (["later"], ["now"])
    assert (compared["stations_compared"], compared["stations_changed"]) == (3, 2)
    assert compared["changed_most"] == [
        {"station": "S2", "old_objective": 200.0, "new_objective": 180.0, "difference": -20.0, "old_swaps_lost": 1,
         "new_swaps_lost": 1},
        {"station": "S1", "old_objective": 100.0, "new_objective": 101.5, "difference": 1.5, "old_swaps_lost": 1,
         "new_swaps_lost": 1},
    ]  # fmt: skip
    assert [one["station"] for one in facts("--compare", 1, 2, "--limit", 1, cwd=tmp_path)["changed_most"]] == ["S2"]


def test_comparison_for_people(two_runs: Path, tmp_path: Path) -> None:
    assert cli.run("history", tmp_path, "--compare", 1, 2).stdout.splitlines() == [
        "Costs in EUR",
        "",
        "                                run 1             run 2    difference",
        "folder                            mon               tue",
        "network                          city              city",
        "night from           2026-11-25 00:00  2026-11-26 00:00",
        "started (UTC)        2026-11-24 21:00  2026-11-25 21:00",
        "status                           done              done",
        "stations                            6                 6             0",
        "planned                             5                 5             0",
        "fallback plans                      0                 0             0",
        "failed                              1                 1             0",
        "objective                      657.00            646.50        -10.50",
        "bound                          655.75            645.25        -10.50",
        "gap                            0.40 %            0.55 %  +0.15 points",
        "what charging costs            667.00            656.50        -10.50",
        "swaps served                       45                45             0",
        "swaps lost                          5                 5             0",
        "seconds                         720.5             600.0        -120.5",
        "",
        "only in run 1 (1): gone",
        "only in run 2 (1): new",
        "no plan in run 1 (1): later",
        "no plan in run 2 (1): now",
        "2 of 3 stations planned in both have another objective",
        "changed most   run 1   run 2  difference  lost run 1  lost run 2",
        "S2            200.00  180.00      -20.00           1           1",
        "S1            100.00  101.50       +1.50           1           1",
        "",
        "why they changed is not known: run 1 keeps no network.json.gz, as runs of earlier versions;"
        " run 2 keeps no network.json.gz, as runs of earlier versions",
    ]
    why = facts("--compare", 1, 2, cwd=tmp_path)["why"]
    assert (why["missing"][0], why["stations"]) == ("run 1 keeps no network.json.gz, as runs of earlier versions", [])


def test_a_run_compared_with_itself_has_not_changed(two_runs: Path, tmp_path: Path) -> None:
    told = cli.run("history", tmp_path, "--compare", 1, 1).stdout.splitlines()
    assert told[-1] == "0 of 5 stations planned in both have another objective"
    same = facts("--compare", 1, 1, cwd=tmp_path)
    assert (same["changed_most"], same["why"]) == ([], None)


def test_the_first_row_of_an_id_is_the_stations(index: Path, tmp_path: Path) -> None:
    """Later rows with the same id are those that failed for having it."""
    run = write_run(tmp_path / "mon", {"S1": 100.0})
    with (run / "stations.csv").open("a") as file:
        file.write(
            "stations[1],S1,,failed,,,,,,,,,,0,0.0,0.0,taken by an earlier one" + "," * 13 + "\n"
            "stations[2],,,failed,,,,,,,,,,0,0.0,0.0,no id" + "," * 13 + "\n"
        )
    record_run(index, run)
    compared = compare_runs(index, "1", "1")
    assert [change.station for change in compared.changes] == ["S1"] and compared.no_plan_in_old == ()


def test_control_characters_do_not_reach_the_terminal(index: Path, tmp_path: Path) -> None:
    """Escapes of a network's name, a station's id, a folder: spelled out, and in JSON as JSON does."""
    name = "bad\x1b[31m\nid"
    record_run(index, write_run(tmp_path / "m\x1bon", {name: 1.0, "S2": 1.0}, name=name))
    record_run(index, write_run(tmp_path / "tue", {name: 2.0}, name=name, id="2", currency="EUR"))
    for told in (cli.run("history", tmp_path), cli.run("history", tmp_path, "--compare", 1, 2)):
        assert "\x1b" not in told.stdout and "bad\\x1b[31m\\nid" in told.stdout
    assert "m\\x1bon" in cli.run("history", tmp_path).stdout
    assert facts("--compare", 1, 2, cwd=tmp_path)["changed_most"][0]["station"].startswith("bad")


def test_names_are_never_commands(index: Path, tmp_path: Path) -> None:
    name = "x'); DROP TABLE runs; --"
    record_run(index, write_run(tmp_path / name, {name: 1.0}, name=name, id=name))
    assert [(run.name, run.id, run.folder) for run in read_runs(index)] == [(name, name, str(tmp_path / name))]
    assert compare_runs(index, str(tmp_path / name), "1").changes[0].station == name


def test_a_file_called_memory_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    record_run(Path(":memory:"), write_run(tmp_path / "mon", MONDAY))
    assert len(read_runs(Path(":memory:"))) == 1 and (tmp_path / ":memory:").exists()


def said(caught: pytest.ExceptionInfo[FileErrors]) -> str:
    return str(caught.value)


def test_there_is_no_such_history(tmp_path: Path) -> None:
    done = cli.run("history", "all.sqlite", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "all.sqlite: there is no such history; nightly writes it beside its run folders\n"


def test_a_folder_without_a_history(tmp_path: Path) -> None:
    with pytest.raises(InputErrors) as caught:
        index_of(tmp_path)
    assert said(caught) == (
        f"{tmp_path}: has no history.sqlite; "
        "nightly writes it beside its run folders: name the folder that holds them, or the file"
    )


@pytest.mark.parametrize("wanted", ["3", "wed", "01"])
def test_unknown_run(two_runs: Path, wanted: str) -> None:
    with pytest.raises(InputErrors) as caught:
        compare_runs(two_runs, "1", wanted)
    assert said(caught) == (
        f'{two_runs}: runs: "{wanted}": is neither the number nor the folder of a run; '
        "swapcharge history lists the runs"
    )


def test_costs_in_two_currencies_do_not_compare(two_runs: Path, tmp_path: Path) -> None:
    record_run(two_runs, write_run(tmp_path / "wed", MONDAY, id="sha256:3", currency="CNY"))
    done = cli.run("history", "--compare", 2, 3, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        'history.sqlite: runs: "CNY": is the currency of run 3, costs of run 2 are in EUR; '
        "compare runs of one currency\n"
    )


def test_a_run_without_summary(index: Path, tmp_path: Path) -> None:
    with pytest.raises(InputErrors) as caught:
        record_run(index, tmp_path)
    assert said(caught) == (
        f"{tmp_path}: is a folder without summary.json or study.json; "
        "name a plan file, or the folder of a run of nightly or of a study"
    )
    assert not index.exists()


def test_a_summary_that_is_none(index: Path, tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text('{"format": "swapcharge-plan"}')
    with pytest.raises(InputErrors) as caught:
        record_run(index, tmp_path)
    assert said(caught) == (
        f"{tmp_path / 'summary.json'}: is no summary of a run (Invalid enum value 'swapcharge-plan' - at `$.format`); "
        "run the same nightly command again"
    )


def test_a_table_of_stations_that_is_none(index: Path, tmp_path: Path) -> None:
    run = write_run(tmp_path / "mon", MONDAY)
    text = (run / "stations.csv").read_text()
    (run / "stations.csv").write_text(text.replace(",100.0,", ",much,"))
    with pytest.raises(InputErrors) as caught:
        record_run(index, run)
    assert said(caught) == (
        f'{run}: stations.csv, line 2, objective: "much": must be a number, or empty; '
        "run the same nightly command again"
    )
    assert not index.exists()


def test_the_folder_of_a_history_is_made(tmp_path: Path) -> None:
    record_run(tmp_path / "new" / "history.sqlite", write_run(tmp_path / "mon", MONDAY))
    assert len(read_runs(tmp_path / "new" / "history.sqlite")) == 1


def test_a_history_in_what_is_no_folder_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    index = tmp_path / "file" / "history.sqlite"
    with pytest.raises(OutputErrors) as caught:
        record_run(index, write_run(tmp_path / "mon", MONDAY))
    assert said(caught) == f"{index}: cannot be opened; check its folder, and the permissions of both"
