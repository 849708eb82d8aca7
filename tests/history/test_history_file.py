"""The file of a history: readers beside a writer, writers beside each other, files that are not ours."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cli
import pytest
from patience import PATIENCE
from run_folders import write_run

from optimizer.files.errors import InputErrors, OutputErrors
from optimizer.history import file as history_file
from optimizer.history.runs import read_runs, record_run

STATIONS = {"S1": 100.0, "S2": 200.0}
NOBODY = 65534
WRITER = """
import sys
from pathlib import Path
from optimizer.history.file import writing
with writing(Path(sys.argv[1])) as connection:
    connection.execute("UPDATE runs SET status = 'changed'")
    print("begun", flush=True)
    sys.stdin.readline()
"""
RECORDER = """
import sys
from pathlib import Path
from optimizer.history.runs import record_run
record_run(Path(sys.argv[1]), Path(sys.argv[2]))
"""


@pytest.fixture
def index(tmp_path: Path) -> Path:
    record_run(tmp_path / "history.sqlite", write_run(tmp_path / "mon", STATIONS))
    return tmp_path / "history.sqlite"


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=cli.ROOT / "tests",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@contextmanager
def writer_in_transaction(index: Path) -> Iterator[subprocess.Popen[str]]:
    with python(WRITER, index) as writer:
        assert writer.stdout is not None and writer.stdout.readline() == "begun\n"
        yield writer


@contextmanager
def somebody_else() -> Iterator[None]:
    """As a user who owns nothing: permissions do not bind root."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(was)


@pytest.fixture
def read_only(index: Path) -> Iterator[Path]:
    """A copy of the index, in a folder that may be entered and not written."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copy(index, folder / "history.sqlite")
        (folder / "history.sqlite").chmod(0o644)
        folder.chmod(0o555)
        yield folder / "history.sqlite"
        folder.chmod(0o755)


def beside(index: Path) -> list[str]:
    return sorted(path.name for path in index.parent.iterdir() if path.name.startswith(index.name))


def statuses(index: Path) -> list[str]:
    return [run.status for run in read_runs(index)]


def test_readers_see_the_last_whole_state_while_a_writer_is_at_work(index: Path) -> None:
    with writer_in_transaction(index) as writer:
        assert cli.run("history", index).stdout.endswith("done\n")
        writer.communicate("\n")
    assert cli.run("history", index).stdout.endswith("changed\n")
    assert beside(index) == ["history.sqlite"]  # nothing is left lying about


def test_a_writer_goes_on_while_a_reader_is_at_work(index: Path, tmp_path: Path) -> None:
    with history_file.reading(index) as connection:
        before = connection.execute("SELECT count(*) FROM runs").fetchone()
        with python(RECORDER, index, write_run(tmp_path / "tue", STATIONS)) as recorder:
            assert recorder.wait(timeout=PATIENCE) == 0
        assert connection.execute("SELECT count(*) FROM runs").fetchone() == before == (1,)
    assert len(read_runs(index)) == 2


def test_a_reader_changes_nothing(index: Path) -> None:
    with pytest.raises(InputErrors), history_file.reading(index) as connection:
        connection.execute("DELETE FROM runs")
    assert len(read_runs(index)) == 1


def test_a_killed_writer_leaves_no_trace(index: Path, tmp_path: Path) -> None:
    with writer_in_transaction(index) as writer:
        writer.send_signal(signal.SIGKILL)
    assert statuses(index) == ["done"]
    record_run(index, write_run(tmp_path / "tue", STATIONS))
    assert statuses(index) == ["done", "done"]


def test_writers_that_begin_a_history_at_once_wait_for_each_other(tmp_path: Path) -> None:
    index = tmp_path / "new.sqlite"
    recorders = [python(RECORDER, index, write_run(tmp_path / f"run {n}", STATIONS)) for n in range(4)]
    for recorder in recorders:
        with recorder:
            assert recorder.wait(timeout=PATIENCE) == 0
    assert sorted(run.number for run in read_runs(index)) == [1, 2, 3, 4]


def test_a_writer_that_waits_too_long_says_so(index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_file, "BUSY_SECONDS", 0.1)
    with writer_in_transaction(index) as writer:
        with pytest.raises(OutputErrors) as caught:
            record_run(index, tmp_path / "mon")
        writer.communicate("\n")
    assert str(caught.value) == f"{index}: is kept busy by another program; try again when that one is done"


def test_a_failed_record_leaves_the_history_as_it_was(index: Path) -> None:
    with pytest.raises(ZeroDivisionError), history_file.writing(index) as connection:
        connection.execute("DELETE FROM runs")
        raise ZeroDivisionError
    assert len(read_runs(index)) == 1


def test_a_read_only_folder_can_be_read(read_only: Path) -> None:
    with somebody_else():
        assert statuses(read_only) == ["done"]


def test_a_read_only_folder_cannot_be_written(read_only: Path, tmp_path: Path) -> None:
    summary = history_file.writing(read_only)
    with somebody_else(), pytest.raises(OutputErrors) as caught, summary:
        pass
    assert str(caught.value) == f"{read_only}: may not be written by this user; change its permissions or its folder's"


def test_changes_left_behind_in_a_read_only_folder_are_told(read_only: Path) -> None:
    """A log of changes without the file that readers share: what a killed writer on another machine leaves."""
    read_only.with_name("history.sqlite-wal").write_bytes(b"changes")
    with somebody_else(), pytest.raises(InputErrors) as caught:
        read_runs(read_only)
    assert str(caught.value) == (
        f"{read_only}: has changes that a writer left behind, and this user may not bring them in; "
        "let its owner run swapcharge history on it once"
    )


def test_a_file_that_may_not_be_read(read_only: Path) -> None:
    read_only.chmod(0)
    with somebody_else(), pytest.raises(InputErrors) as caught:
        read_runs(read_only)
    assert str(caught.value) == f"{read_only}: cannot be opened; check its folder, and the permissions of both"


def text_file(path: Path) -> None:
    path.write_text("dear diary, " * 100)


def other_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE runs (number)")
    connection.commit()
    connection.close()


def marked_database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA application_id = 7")
    connection.commit()
    connection.close()


@pytest.mark.parametrize("make", [text_file, other_database, marked_database])
def test_foreign_files_are_refused_and_left_alone(tmp_path: Path, make: object) -> None:
    index = tmp_path / "diary"
    make(index)  # type: ignore[operator]
    before = index.read_bytes()
    message = f"{index}: is not a history of swapcharge; name the folder or file that nightly writes it to"
    with pytest.raises(InputErrors) as caught:
        read_runs(index)
    assert str(caught.value) == message
    with pytest.raises(OutputErrors) as refused:
        record_run(index, write_run(tmp_path / "mon", STATIONS))
    assert str(refused.value) == message
    assert index.read_bytes() == before and beside(index) == ["diary"]


def test_an_empty_file_is_no_history_yet_and_may_become_one(tmp_path: Path) -> None:
    index = tmp_path / "empty"
    index.touch()
    with pytest.raises(InputErrors, match="is not a history of swapcharge"):
        read_runs(index)
    record_run(index, write_run(tmp_path / "mon", STATIONS))
    assert len(read_runs(index)) == 1


def test_a_newer_format_is_refused(index: Path, tmp_path: Path) -> None:
    with sqlite3.connect(index) as connection:
        connection.execute("PRAGMA user_version = 2")
    connection.close()
    message = (
        f"{index}: is a history of format 2; this program knows format 1; use the swapcharge that wrote it, "
        "or a newer one"
    )
    with pytest.raises(InputErrors) as caught:
        read_runs(index)
    assert str(caught.value) == message
    with pytest.raises(OutputErrors) as refused:
        record_run(index, tmp_path / "mon")
    assert str(refused.value) == message


def test_a_damaged_history_is_told(index: Path) -> None:
    data = bytearray(index.read_bytes())
    data[4096:] = b"\x55" * (len(data) - 4096)
    index.write_bytes(data)
    done = cli.run("history", index)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{index}: is damaged; move it away: nightly begins a new one\n"


def test_a_folder_is_no_history(tmp_path: Path) -> None:
    with pytest.raises(OutputErrors) as caught:
        record_run(tmp_path, write_run(tmp_path / "mon", STATIONS))
    assert str(caught.value) == f"{tmp_path}: cannot be opened; check its folder, and the permissions of both"
