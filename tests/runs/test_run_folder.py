"""The folder of a run: names that are safe, one nightly at a time, nothing half-written, cells that cannot run."""

from __future__ import annotations

import csv
import errno
import json
import os
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from run_summaries import SUMMARY

from optimizer.files.csv_table import rows_text
from optimizer.files.errors import InputErrors, OutputErrors
from optimizer.runs.folder import RunFolder, open_run, plan_name, read_station_rows
from optimizer.runs.station_table import StationRow

COLUMNS = tuple(field.name for field in fields(StationRow))
EMPTY = StationRow("", "", "", "", "", "", None, None, None, None, None, None, None, 0, 0.0, 0.0, "")
REMEDY = "what is finished stays; put that right and run the same command again"


def refused(path: Path) -> str:
    with pytest.raises(OutputErrors) as caught:
        open_run(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("station", "slug"),
    [
        ("S1", "S1"),
        ("Noord 7/2", "Noord-7-2"),
        ("../../etc/passwd", "etc-passwd"),
        ("-rf", "rf"),
        ("充电站", "station"),
        ("a" * 60, "a" * 40),
        ("con\n\x1b[31m", "con-31m"),
    ],
)
def test_names_are_readable_and_stay_in_their_folder(station: str, slug: str) -> None:
    name = plan_name(station)
    assert name.startswith(f"{slug}-") and name.endswith(".json") and len(name) == len(slug) + 22


@given(st.text(min_size=1), st.text(min_size=1))
def test_two_ids_never_share_a_name(one: str, other: str) -> None:
    assert (plan_name(one).casefold() == plan_name(other).casefold()) == (one == other)


def test_names_differ_beyond_the_case_of_letters() -> None:
    assert plan_name("s1").casefold() != plan_name("S1").casefold()


def test_a_new_folder_is_made_and_an_old_run_gone_on_with(tmp_path: Path) -> None:
    folder = open_run(tmp_path / "run")
    folder.write_plan("S1", b"plan")
    folder.close()
    again = open_run(tmp_path / "run")
    assert again.plan_bytes("S1") == b"plan" and again.plan_bytes("S2") is None
    assert again.read_plan("S1") is None and again.read_plan("S2") is None  # no plan file, no file
    again.close()


def test_a_run_is_known_by_its_summary_too(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text('{"format": "swapcharge-run"}')
    (tmp_path / "notes.txt").write_text("")
    open_run(tmp_path).close()


@pytest.mark.parametrize("summary", ["", "[]", "{}", '{"format": "other"}'])
def test_a_folder_of_other_things_is_refused(tmp_path: Path, summary: str) -> None:
    (tmp_path / "summary.json").write_text(summary)
    assert refused(tmp_path) == (
        f"{tmp_path}: is a folder that holds other things than a run; name a new or an empty folder"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["summary.json"]


def test_one_nightly_at_a_time(tmp_path: Path) -> None:
    first = open_run(tmp_path)
    assert refused(tmp_path) == (
        f"{tmp_path}: is in use: another nightly is writing to it; wait for it or stop it, or name another folder"
    )
    first.close()
    open_run(tmp_path).close()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("")
    assert refused(tmp_path / "run") == f"{tmp_path}/run: is not a folder; name a folder: the run's plans go there"
    assert refused(tmp_path / "run" / "x").endswith("is not a folder; name a folder: the run's plans go there")


def test_missing_folders_are_made(tmp_path: Path) -> None:
    open_run(tmp_path / "runs" / "tonight").close()
    assert (tmp_path / "runs" / "tonight" / "plans").is_dir()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (errno.EACCES, "may not be written by this user; change its permissions or choose another folder"),
        (errno.EROFS, "cannot be written (Read-only file system); put that right or choose another folder"),
    ],
)
def test_a_folder_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: int, words: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert refused(tmp_path) == f"{tmp_path}: {words}"


def test_what_a_killed_run_left_half_written_goes(tmp_path: Path) -> None:
    (tmp_path / "plans").mkdir()
    (tmp_path / ".lock").write_bytes(b"swapcharge run\n")
    left = [tmp_path / ".summary.json.1234abcd.tmp", tmp_path / "plans" / ".S1-0.json.1234abcd.tmp"]
    for path in left:
        path.write_text("{")
    open_run(tmp_path).close()
    assert not any(path.exists() for path in left)


def test_a_full_disk_is_told_with_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = open_run(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OutputErrors) as caught:
        folder.write_plan("S1", b"plan")
    path = folder.plan_path("S1")
    assert str(caught.value) == f"{path}: cannot be read or written (No space left on device); {REMEDY}"
    assert list((tmp_path / "plans").iterdir()) == []
    folder.close()


def written(folder: RunFolder, **cells: Any) -> StationRow:
    folder.write_results(SUMMARY, [replace(EMPTY, **cells)])
    (row,) = read_station_rows(folder.path)
    return row


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "'quoted", "a,b", 'a"b', "plain", "充电站", "a=b"])
def test_texts_come_back_and_run_nowhere(tmp_path: Path, text: str) -> None:
    folder = open_run(tmp_path)
    assert written(folder, station=text, reason=text).station == text
    with (tmp_path / "stations.csv").open(newline="") as file:
        cell = next(csv.DictReader(file))["reason"]
    assert cell == text or (cell == f"'{text}" and text[0] in "=+-@'")
    assert cell[0] not in "=+-@"
    folder.close()


def test_a_row_is_a_line_whatever_its_texts_hold() -> None:
    text = rows_text(StationRow, [replace(EMPTY, station="a\nb\r\x1b[31m", objective=-1.5)])
    assert text.decode().splitlines()[1:] == [
        ",a\\nb\\r\\x1b[31m" + "," * 5 + "-1.5" + "," * 7 + "0,0.0,0.0," + "," * 13
    ]


def test_a_table_of_something_else_is_no_table_of_a_run(tmp_path: Path) -> None:
    (tmp_path / "stations.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputErrors, match="must be a column of the table"):
        read_station_rows(tmp_path)
    (tmp_path / "stations.csv").write_text(",".join(COLUMNS) + "\nstations[0],S1\n")
    with pytest.raises(InputErrors, match="must have a cell for every column"):
        read_station_rows(tmp_path)


def test_the_summary_is_json_with_its_own_signs(tmp_path: Path) -> None:
    folder = open_run(tmp_path)
    folder.write_results(structs.replace(SUMMARY, name="充电站"), [])
    text = (tmp_path / "summary.json").read_text(encoding="utf-8")
    assert json.loads(text)["name"] == "充电站" and "充电站" in text
    folder.close()
