"""The results folder: records that are whole, tables that are tidy and explained, and what is refused."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import bench_records as make
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from optimizer.bench.contest.results_tables import POINT_COLUMNS, results_tables, run_columns
from optimizer.bench.contest.trial import KEY_FIELDS, run_key
from optimizer.bench.records import results_folder as results
from optimizer.bench.records.machine import machine
from optimizer.bench.records.results_folder import all_records, open_results, read_results, record_name, record_text
from optimizer.bench.records.run_record import RunRecord
from optimizer.files.errors import InputErrors, OutputErrors
from optimizer.files.json_text import decode

REDO = "or remove the file and run the same command again"


def rows_of(table: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.decode())))


def folder_of(path: Path, *records: RunRecord) -> Path:
    folder = open_results(path)
    for record in records:
        folder.write_record(record, None)
    folder.close()
    return path


def refused(path: Path) -> list[str]:
    with pytest.raises(InputErrors) as caught:
        read_results(path)
    return str(caught.value).splitlines()


def test_records_come_back_in_order(tmp_path: Path) -> None:
    runs = [make.solved("engine", "two"), make.solved("reference:scip", "one"), make.solved("engine", "one", seed=1)]
    runs.append(make.solved("engine", "one", time_limit_seconds=300.0))
    folder = folder_of(tmp_path / "r", *runs)
    assert read_results(folder) == [runs[3], runs[2], runs[1], runs[0]]
    assert read_results(str(folder)) == all_records(folder)


def test_a_plan_is_written_before_its_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, order = open_results(tmp_path / "r"), list[str]()
    write = results.ResultsFolder.write
    monkeypatch.setattr(
        results.ResultsFolder,
        "write",
        lambda self, path, *a, **k: (order.append(path.parent.name), write(self, path, *a, **k)),
    )
    kept = folder.write_record(make.solved(), b"{}")
    assert order == ["plans", "runs"] and (tmp_path / "r" / kept.plan).is_file()
    assert folder.read_record(make.solved()) == kept
    (tmp_path / "r" / kept.plan).unlink()
    assert folder.read_record(make.solved()) is None
    folder.close()


def test_a_folder_is_known_without_its_lock(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "r", make.solved())
    (folder / ".lock").unlink()
    assert refused(folder) == [
        f"{folder}: is no folder of benchmark results; name a folder that swapcharge bench run -o wrote"
    ]
    (folder / "summary.json").write_text('{"format": "swapcharge-bench"}')
    assert read_results(folder) == [make.solved()]


def test_what_is_no_results_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "none", tmp_path / "file"):
        assert refused(path) == [
            f"{path}: is no folder of benchmark results; name a folder that swapcharge bench run -o wrote"
        ]


def test_a_folder_without_runs(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "r")
    assert all_records(folder) == []
    assert refused(folder) == [f"{folder}: holds no run yet; run swapcharge bench run into it first"]


def test_every_broken_record_is_told(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "r", make.solved())
    (folder / "runs" / "a.json").write_bytes(record_text(make.solved())[:-3])
    (folder / "runs" / "b.json").write_bytes(record_text(make.solved()).replace(b'"status":"OK"', b'"status":"FINE"'))
    (folder / "runs" / ".c.json.tmp").write_bytes(b"{")  # of a run under way
    first, second = refused(folder)
    assert first.startswith(f"{folder}: runs/a.json: line 1, column ") and first.endswith(REDO)
    assert second.startswith(f'{folder}: runs/b.json: status: "FINE": must be "ER", "NA"') and second.endswith(REDO)


def test_yes_is_not_true(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "r")
    text = record_text(make.solved()).replace(b'"is_solved":true', b'"is_solved":"yes"')
    (folder / "runs" / "a.json").write_bytes(text)
    assert refused(folder) == [
        f'{folder}: runs/a.json: is_solved: "yes": must be true or false; what belongs here: is the gap asked for '
        f"proven, with status OK or TO?; {REDO}"
    ]


def test_other_folders_are_not_written_in(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("")
    with pytest.raises(OutputErrors) as caught:
        open_results(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: is a folder that holds other things than a benchmark; name a new or an empty folder"
    )
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputErrors) as caught:
        open_results(tmp_path / "file")
    assert str(caught.value) == f"{tmp_path}/file: is not a folder; name a folder: the benchmark's results go there"


def test_one_benchmark_at_a_time(tmp_path: Path) -> None:
    folder = open_results(tmp_path / "r")
    with pytest.raises(OutputErrors) as caught:
        open_results(tmp_path / "r")
    assert "is in use: another bench run is writing to it" in str(caught.value)
    folder.close()


NAMES = st.text(min_size=1, max_size=20)


@given(NAMES, NAMES, NAMES, NAMES)
def test_two_runs_never_share_a_file(instance: str, contender: str, other_instance: str, other: str) -> None:
    one, two = make.solved(contender, instance), make.solved(other, other_instance)
    assert (record_name(one) == record_name(two)) == ((contender, instance) == (other, other_instance))
    assert "/" not in record_name(one) and not record_name(one).startswith(".")


@given(st.sampled_from([name for name in KEY_FIELDS if name not in ("options", "versions")]), st.integers(5, 9))
def test_the_key_is_of_all_that_a_run_depends_on(name: str, value: int) -> None:
    run = make.solved()
    told = str(value) if isinstance(getattr(run, name), str) else value
    assert run_key(structs.replace(run, **{name: told})) != run_key(run)


def test_the_key_is_of_options_and_versions_but_not_of_the_outcome() -> None:
    run = make.solved()
    assert run_key(structs.replace(run, options={"presolve": "off"})) != run_key(run)
    assert run_key(structs.replace(run, versions={"swapcharge": "0.2"})) != run_key(run)
    outcome = structs.replace(run, objective=1.0, status="TO", began="", machine={}, suite="other", family="other")
    assert run_key(outcome) == run_key(run)


def test_a_row_a_run_and_a_row_a_point() -> None:
    runs = [
        make.solved("engine", options={"b": "2", "a": "1"}),
        make.solved("x", versions={"scip": "9", "python": "3"}),
    ]
    tables = results_tables(runs)
    first, second = rows_of(tables["results.csv"])
    assert tuple(first) == run_columns(runs)
    assert (first["contender"], first["options"], first["objective"], first["is_solved"]) == (
        "engine",
        "a=1; b=2",
        "100.0",
        "True",
    )
    assert (first["version_swapcharge"], first["version_scip"], first["machine_cores"]) == ("0.1.0", "", "2")
    assert (second["version_swapcharge"], second["version_scip"]) == ("", "9")
    points = rows_of(tables["trajectories.csv"])
    assert tuple(points[0]) == POINT_COLUMNS
    assert [(float(p["seconds"]), p["objective"], p["bound"]) for p in points] == [(4, "100.0", "100.0")] * 2


def test_every_column_has_a_meaning() -> None:
    runs = [make.solved(versions={"scip": "9"})]
    told = rows_of(results_tables(runs)["columns.csv"])
    assert all(row["meaning"] for row in told)
    assert [row["column"] for row in told] == [*run_columns(runs), *POINT_COLUMNS]
    meanings = {row["column"]: row["meaning"] for row in told if row["table"] == "results"}
    assert meanings["packs"] == "packs in the station" and meanings["gap"].startswith("(objective - bound)")
    assert meanings["version_scip"] == "version of scip; empty: not involved"


def test_every_key_of_a_record_is_a_column_or_flattened() -> None:
    flattened = {"format", "version", "trajectory", "versions", "machine", "traceback", "stdout", "stderr"}
    assert set(structs.asdict(make.solved())) - flattened <= set(run_columns([]))


@pytest.mark.parametrize("name", ["=1+1", "-x", "a,b", 'a"b', "two\nlines", "\x1b[31m"])
def test_names_run_nowhere_and_break_no_line(name: str) -> None:
    (row,) = rows_of(results_tables([make.solved(name, name, reason=name)])["results.csv"])
    for column in ("contender", "instance", "reason"):
        assert row[column][0] not in "=+-@" and row[column].isprintable()


def test_parquet_says_the_same(tmp_path: Path) -> None:
    runs = [make.solved("engine"), make.solved("-x", "two", objective=None, solved_seconds=None, is_solved=False)]
    tables = results_tables(runs)
    frame = pd.read_parquet(io.BytesIO(tables["results.parquet"]))
    assert list(frame.columns) == list(run_columns(runs)) and list(frame["contender"]) == ["engine", "-x"]
    assert frame["objective"][0] == 100 and math.isnan(frame["objective"][1])
    assert list(pd.read_parquet(io.BytesIO(tables["trajectories.parquet"])).columns) == list(POINT_COLUMNS)


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    runs = [make.solved("engine"), make.solved("other", "two")]
    assert results_tables(runs) == results_tables(list(runs))
    assert decode(record_text(runs[0]), RunRecord) == runs[0]


def test_parquet_of_an_earlier_run_goes(tmp_path: Path) -> None:
    folder = open_results(tmp_path / "r")
    (tmp_path / "r" / "results.parquet").write_bytes(b"old")
    folder.write_results({"results.csv": b"key\n"}, {"format": "swapcharge-bench"})
    folder.close()
    assert sorted(path.name for path in (tmp_path / "r").iterdir()) == [
        ".lock", "plans", "results.csv", "runs", "summary.json"
    ]  # fmt: skip


def test_the_machine_is_told_in_texts() -> None:
    told = machine()
    assert list(told) == ["processor", "cores", "memory_mb", "system"]
    assert all(isinstance(value, str) and value for value in told.values()) and int(told["cores"]) >= 1
