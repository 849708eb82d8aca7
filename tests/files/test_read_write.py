"""Bytes in and out: clear errors, whole files only."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import socket
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir
from pathlib import Path

import pytest

from models.errors import InvalidData, Problem
from optimizer.files import read_write as files
from optimizer.files.errors import ABSENT, InputErrors, OutputErrors
from optimizer.files.locked_folder import is_summary
from optimizer.files.read_write import check_target, read_bytes, write_whole


def message(error: pytest.ExceptionInfo[InputErrors] | pytest.ExceptionInfo[OutputErrors]) -> str:
    return str(error.value)


def test_plain_and_gzipped_whatever_the_name(tmp_path: Path) -> None:
    plain, packed = tmp_path / "a.json.gz", tmp_path / "b.json"
    plain.write_bytes(b"text")
    packed.write_bytes(gzip.compress(b"text", mtime=0))
    assert read_bytes(plain) == read_bytes(str(packed)) == b"text"


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(b"text", mtime=0))))
    assert read_bytes("-") == b"text"


def test_errors_of_standard_input_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\x1f\x8b\x08")))
    with pytest.raises(InputErrors) as caught:
        read_bytes("-")
    assert message(caught) == (
        "standard input: is not a whole gzip file "
        "(Compressed file ended before the end-of-stream marker was reached); copy or pack it again"
    )


@pytest.mark.parametrize(
    "data", [b"\x1f\x8b", gzip.compress(b"text" * 99, mtime=0)[:-9], b"\x1f\x8b\x08\0\0\0\0\0\0\0zz", b"\x1f\x8bno"]
)
def test_broken_gzip(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(InputErrors, match=r"is not a whole gzip file \(.*\); copy or pack it again"):
        read_bytes(path)


def test_missing_file_folder_and_impossible_name(tmp_path: Path) -> None:
    with pytest.raises(InputErrors) as caught:
        read_bytes(tmp_path / "no.json")
    assert message(caught) == f"{tmp_path}/no.json: there is no such file; check the name and the folder"
    with pytest.raises(InputErrors) as caught:
        read_bytes(tmp_path)
    assert message(caught) == f"{tmp_path}: is a folder; name a file"
    with pytest.raises(InputErrors) as caught:
        read_bytes("a\0b")
    assert message(caught) == "a\\x00b: is not the name of a file (embedded null byte); choose another file"
    with pytest.raises(InputErrors) as caught:
        read_bytes("x" * 300)
    assert message(caught) == f"{'x' * 300}: cannot be read or written (File name too long); choose another file"


def test_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")  # chmod does not stop root

    monkeypatch.chdir(tmp_path)
    Path("a.json").write_bytes(b"{}")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InputErrors) as caught:
        read_bytes("a.json")
    assert message(caught) == "a.json: may not be opened by this user; change its permissions or choose another file"


@pytest.mark.parametrize("data", [b"x" * 2_000_001, gzip.compress(b"x" * 2_000_001, mtime=0)])
def test_no_more_is_read_than_the_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    path, verb = tmp_path / "a", "unpacks to what is" if data.startswith(b"\x1f") else "is"
    path.write_bytes(data)
    assert read_bytes(path, 2_000_001) == b"x" * 2_000_001
    with pytest.raises(InputErrors) as caught:
        read_bytes(path, 2_000_000)
    said = f"{verb} larger than 2 MB; no such file is so large: look what it is"
    assert message(caught) == f"{path}: {said}"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    with pytest.raises(InputErrors) as caught:
        read_bytes("-", 2_000_000)
    assert message(caught) == f"standard input: {said}"


def test_what_unpacks_to_too_much_is_never_held(tmp_path: Path) -> None:
    path = tmp_path / "zeros"
    path.write_bytes(gzip.compress(bytes(10_000_000)) * 5)  # five files in one
    tracemalloc.start()
    try:
        with pytest.raises(InputErrors, match="unpacks to what is larger than 40 MB"):
            read_bytes(path, 40_000_000)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
    assert len(read_bytes(path, 50_000_000)) == 50_000_000


def test_only_what_ends_is_opened(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener, chdir(tmp_path):
        listener.bind("socket")
        for path, line in {
            "/dev/zero": "/dev/zero: is a device; name a file, or - for standard input",
            "socket": "socket: is a socket; name a file, or - for standard input",
            ".": ".: is a folder; name a file",
        }.items():
            with pytest.raises(InputErrors) as caught:
                read_bytes(path)
            assert message(caught) == line


def test_pipes_are_read(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        pool.submit(pipe.write_bytes, b"text")
        assert read_bytes(pipe) == b"text"
    reader, writer = os.pipe()
    os.write(writer, gzip.compress(b"text"))
    os.close(writer)
    assert read_bytes(f"/dev/fd/{reader}") == b"text"
    os.close(reader)


def test_writing_replaces_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(b"old and longer")
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]
    umask = os.umask(0)
    os.umask(umask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~umask


def test_writing_through_a_link_keeps_the_link(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "latest.json"
    link.symlink_to(tmp_path / "there" / "plan.json")
    write_whole(link, b"new")
    assert link.is_symlink() and (tmp_path / "there" / "plan.json").read_bytes() == b"new"


def test_a_device_is_written_to_and_not_replaced() -> None:
    write_whole("/dev/null", b"new")
    assert Path("/dev/null").is_char_device()


def test_gzipped_bytes_are_the_same_every_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = tmp_path / "one.json.gz", tmp_path / "two.json.gz"
    write_whole(one, b"text")
    monkeypatch.setattr("time.time", lambda: 4e9)
    write_whole(two, b"text")
    assert one.read_bytes() == two.read_bytes()
    assert read_bytes(one) == b"text"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "plan.json"
    path.write_bytes(b"old")
    monkeypatch.setattr(*((files.os, "fsync", full) if step == "fsync" else (Path, "replace", full)))
    with pytest.raises(OutputErrors) as caught:
        write_whole(path, b"new")
    assert message(caught) == f"{path}: cannot be read or written (No space left on device); choose another file"
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_data_is_on_disk_before_the_name_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (done.append("fsync"), fsync(fd)))
    monkeypatch.setattr(Path, "replace", lambda a, b: (done.append("replace"), replace(a, b)))
    write_whole(tmp_path / "plan.json", b"new")
    assert done == ["fsync", "replace"]


def test_missing_folders_are_made_when_the_file_is_written(tmp_path: Path) -> None:
    path = tmp_path / "runs" / "tonight" / "plan.json"
    check_target(path, [], "plan file", b"mark")
    assert list(tmp_path.iterdir()) == []
    write_whole(path, b"new")
    assert path.read_bytes() == b"new"


def test_a_file_is_no_folder_to_write_in(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    path = tmp_path / "file" / "deeper" / "plan.json"
    with pytest.raises(OutputErrors) as caught:
        check_target(path, [], "plan file", b"mark")
    assert message(caught) == f"{path}: cannot be written: {tmp_path}/file is not a folder; choose another"
    with pytest.raises(OutputErrors) as caught:
        write_whole(path, b"new")
    assert message(caught) == f"{path}: lies in what is not a folder; choose another file"


def test_a_folder_is_no_target(tmp_path: Path) -> None:
    with pytest.raises(OutputErrors) as caught:
        write_whole(tmp_path, b"new")
    assert message(caught) == f"{tmp_path}: is a folder; name a file"


def test_errors_survive_the_way_from_a_worker_process() -> None:
    problems = (Problem("", ABSENT, "rule", "remedy"), Problem("a", 1, "rule", "remedy"))
    for error in (InputErrors("f", problems), InvalidData(problems)):
        again = pickle.loads(pickle.dumps(error))
        assert str(again) == str(error) and len(again.problems) == 2
    assert str(InputErrors("f", problems)) == "f: rule; remedy\nf: a: 1: rule; remedy"


def test_links_in_a_circle_are_refused_before_and_at_writing(tmp_path: Path) -> None:
    loop, other = tmp_path / "loop.json", tmp_path / "other.json"
    loop.symlink_to("other.json")
    other.symlink_to(loop)
    told = f"{loop}: is a link that leads to itself; choose another file"
    for write in (lambda: check_target(loop, [], "plan file", b"x"), lambda: write_whole(loop, b"x")):
        with pytest.raises(OutputErrors) as caught:
            write()
        assert message(caught) == told
    with pytest.raises(InputErrors) as read:
        read_bytes(loop)
    assert message(read) == told


def test_what_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "far").symlink_to(tmp_path / "file" / "plan.json")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for name, told in {
            ".": "cannot be written: it is a folder; name a file",
            "socket": "cannot be written: it is a socket; name a file",
            "far": "lies in what is not a folder; choose another file",
            "x" * 300: "cannot be read or written (File name too long); choose another file",
            "a\0b": "is not the name of a file (embedded null byte); choose another file",
        }.items():
            with pytest.raises(OutputErrors) as caught:
                check_target(tmp_path / name, [], "plan file", b"x")
            assert message(caught).endswith(f": {told}".replace("\0", r"\x00")), name


def test_a_link_to_a_new_file_writes_that_file(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("new/plan.json")
    check_target(tmp_path / "link", [], "plan file", b"x")
    write_whole(tmp_path / "link", b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "new" / "plan.json").read_bytes() == b"x"


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755, 0o444])
def test_a_file_that_is_written_anew_keeps_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(b"old")
    path.chmod(mode)
    for to_disk in (True, False):
        write_whole(path, b"new", to_disk=to_disk)
        assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", mode)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_a_file_that_is_written_anew_keeps_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(b"old")
    path.chmod(0o640)
    os.chown(path, 1234, 2345)
    write_whole(path, b"new")
    found = path.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (1234, 2345, 0o640)


def test_a_new_owner_that_is_refused_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, asked = tmp_path / "plan.json", []

    def refuse(file: Path, owner: int, group: int) -> None:
        asked.append((owner, group))
        raise PermissionError

    path.write_bytes(b"old")
    path.chmod(0o600)
    before = os.stat_result((path.stat().st_mode, 0, 0, 1, 77, 88, 3, 0, 0, 0))
    monkeypatch.setattr(os, "chown", refuse)
    files._take_over(before, path)
    assert asked == [(77, -1), (-1, 88)]
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_longest_name_of_a_file_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("電" * 83 + ".json")  # 254 bytes
    write_whole(path, b"x")
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_summary_that_never_ends_is_none(tmp_path: Path) -> None:
    (tmp_path / "summary.json").symlink_to("/dev/zero")
    assert not is_summary(tmp_path / "summary.json", "swapcharge-run")
