"""Damaged folders of runs and histories through the commands: exit 2 with file and place, never a traceback."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copytree

import cli
import pytest
from run_folders import write_run

from optimizer.files.errors import OutputErrors
from optimizer.history import runs
from optimizer.history.runs import record_run


def refusal(*args: object) -> str:
    """What a command says that refuses its input."""
    done = cli.run(*args)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("history") / "run"
    write_run(folder, {"S1": 1.0, "S2": 2.0})
    record_run(folder.parent / "history.sqlite", folder)
    return folder


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("summary.json", "{", '{"x": ' + "[" * 9999 + "]" * 9999 + ",", "it nests lists and objects too deeply"),
        ("summary.json", '"objective":3.0', '"objective":1e300', "it holds a number that nothing adds up to"),
    ],
)
def test_a_damaged_summary_of_a_run(tmp_path: Path, run: Path, file: str, old: str, new: str, said: str) -> None:
    folder = tmp_path / "run"
    copytree(run, folder)
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    line = f"{folder / file}: is no summary of a run ({said}); run the same nightly command again\n"
    assert refusal("report", folder, "-o", tmp_path / "r.html") == line
    assert not (tmp_path / "r.html").exists()


@pytest.mark.parametrize("number", ["9" * 5000, "1e300", "-1e16", "nan"])
def test_damaged_rows_of_a_run(tmp_path: Path, run: Path, number: str) -> None:
    folder = tmp_path / "run"
    copytree(run, folder)
    header, first, *others = (folder / "stations.csv").read_text().splitlines()
    cells = dict(zip(header.split(","), first.split(","), strict=True)) | {"swaps_served": number, "gap": number}
    (folder / "stations.csv").write_text("\n".join([header, ",".join(cells.values()), *others]))
    lines = refusal("report", folder, "-o", tmp_path / "r.html").splitlines()
    assert [line.removeprefix(f"{folder}: stations.csv, line 2, ").partition(":")[0] for line in lines] == [
        "gap", "swaps_served",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE runs SET folder = NULL", "run 1: Expected `str`, got `null` - at `$.folder`"),
        ("UPDATE runs SET stations = 'many'", "run 1: Expected `int`, got `str` - at `$.stations`"),
        ("UPDATE runs SET gap = 9e999", "run 1: gap is no number that a run has"),
        ("UPDATE runs SET name = CAST(x'ff41' AS TEXT)", ""),
    ],
)
def test_a_damaged_history(tmp_path: Path, run: Path, change: str, said: str) -> None:
    index = changed_history(run, tmp_path, change)
    why = f" ({said})" if said else ""
    assert refusal("history", index) == f"{index}: is damaged{why}; move it away: nightly begins a new one\n"


def changed_history(run: Path, folder: Path, *changes: str) -> Path:
    """The run's history after these commands, whatever the rules of its tables are."""
    index = folder / "h.sqlite"
    with closing(sqlite3.connect(run.parent / "history.sqlite")) as good, closing(sqlite3.connect(index)) as bad:
        good.backup(bad)
        bad.execute("PRAGMA writable_schema = 1")
        bad.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '')")
        bad.commit()
    with closing(sqlite3.connect(index)) as bad:
        for change in changes:
            bad.execute(change)
        bad.commit()
    return index


ENDLESS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT 1 AS number, 'x' AS folder FROM n"


@pytest.mark.parametrize(
    "changes",
    [
        ["DROP TABLE runs", f"CREATE VIEW runs AS {ENDLESS}"],
        [f"CREATE TRIGGER t AFTER UPDATE ON runs BEGIN DELETE FROM stations WHERE run IN ({ENDLESS}); END"],
        ["CREATE VIRTUAL TABLE more USING fts5 (x)"],
        ["DROP TABLE stations"],
    ],
    ids=["view", "trigger", "virtual table", "table"],
)
def test_a_history_with_other_tables_is_refused_before_it_is_asked(
    tmp_path: Path, run: Path, changes: list[str]
) -> None:
    """A view or a trigger could run for ever."""
    index = tmp_path / "h.sqlite"
    with closing(sqlite3.connect(run.parent / "history.sqlite")) as good, closing(sqlite3.connect(index)) as bad:
        good.backup(bad)
        for change in changes:
            bad.execute(change)
        bad.commit()
    said = f"{index}: is damaged (it has other tables than a history); move it away: nightly begins a new one"
    assert refusal("history", index) == f"{said}\n"
    with pytest.raises(OutputErrors, match="it has other tables than a history"):
        record_run(index, run)


def test_what_a_history_holds_is_bounded(tmp_path: Path, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = changed_history(run, tmp_path, "UPDATE runs SET name = printf('%.*c', 2000000, 'x')")
    assert refusal("history", index) == f"{index}: is damaged; move it away: nightly begins a new one\n"
    monkeypatch.setattr(runs, "MOST_BYTES", 100)
    assert refusal("history", run.parent).endswith(
        ": is damaged (its rows: they are more than 0 MB); move it away: nightly begins a new one\n"
    )
