"""Where the library is looked for, and copies of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cli import INSTANCES, ROOT, TINY, run

from optimizer.bench.library.library import read_library
from optimizer.bench.library.place import CHECKOUT, HERE, library_folder, writable_folder
from optimizer.files.errors import InputErrors

BENCH = INSTANCES / "bench"
NOT_CHANGED = (
    "instances/bench: has no library.json, and the library that came with the program is not changed; name a library: "
    "--library FOLDER; swapcharge bench library --copy FOLDER makes one\n"
)


def test_the_folder_asked_for_comes_first_then_the_one_here_then_the_program_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert library_folder("mine") == Path("mine")
    assert library_folder() == CHECKOUT == BENCH
    with pytest.raises(InputErrors, match="the library that came with the program is not changed"):
        writable_folder()
    HERE.mkdir(parents=True)
    assert library_folder() == BENCH
    (HERE / "library.json").write_text("{}")
    assert library_folder() == writable_folder() == HERE
    assert writable_folder("mine") == Path("mine")


def test_commands_find_the_library_from_anywhere(tmp_path: Path) -> None:
    there = run("bench", "library", "--json", cwd=tmp_path)
    assert (there.returncode, there.stdout) == (0, run("bench", "library", "--json", cwd=ROOT).stdout)
    done = run("bench", "ledger", "verify", "lost-swap-cheaper", cwd=tmp_path)
    assert done.returncode == 0 and done.stdout.startswith("The ledger holds: 1 entry checked")
    done = run("bench", "run", "lost-swap-cheaper", "--contenders", "cheapest-first", "-o", "results", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    done = run("bench", "days", "--days", 2, "--bound-days", 0, "--policies", "on-arrival", cwd=tmp_path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "asked", [("ledger", "update", "results"), ("ledger", "submit", TINY, "--solver", "s"), ("speed", "--update")]
)
def test_the_program_s_own_library_is_not_changed(tmp_path: Path, asked: tuple[object, ...]) -> None:
    done = run("bench", *asked, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", NOT_CHANGED)
    assert not list(tmp_path.iterdir())


def test_a_copy_is_a_whole_library(tmp_path: Path) -> None:
    done = run("bench", "library", "--copy", "mine", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (
        0, "The library and its ledger in mine/bench: name it with --library mine/bench\n",
    )  # fmt: skip
    assert sorted(path.name for path in (tmp_path / "mine").iterdir()) == ["bench", "real", "tiny"]
    for name in ("bench/ledger.json", "bench/library.json", "real/LICENSE-highway-swaps.txt", "tiny/README.md"):
        assert (tmp_path / "mine" / name).read_bytes() == (INSTANCES / name).read_bytes()
    copied = read_library(tmp_path / "mine" / "bench")
    for entry in copied.document.instances:
        if entry.file is not None:
            copied.load(entry)


def test_of_a_folder_beside_other_things_only_named_files_are_copied(tmp_path: Path) -> None:
    home = tmp_path / "own" / "library"
    home.mkdir(parents=True)
    shutil.copy(TINY, home.parent / "night.json")
    (home.parent / "secret.txt").write_text("secret")
    entry = {"name": "night", "family": "f", "size": "s", "hash": "sha256:0", "packs": 1, "slots": 4, "swaps": 1}
    whole = {
        "format": "swapcharge-bench-library", "version": 1, "suites": [],
        "families": [{"id": "f", "purpose": "p", "hard": "h", "provenance": "q", "licence": "MIT"}],
        "instances": [entry | {"file": "../night.json"}],
    }  # fmt: skip
    (home / "library.json").write_text(json.dumps(whole))
    assert run("bench", "library", "--library", home, "--copy", tmp_path / "copy").returncode == 0
    found = sorted(path.relative_to(tmp_path / "copy").as_posix() for path in (tmp_path / "copy").rglob("*"))
    assert found == ["library", "library/library.json", "night.json"]


def test_what_a_copy_refuses(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes").write_text("keep")
    done = run("bench", "library", "--copy", "mine", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (2, "mine: is there already; choose another folder\n")
    done = run("bench", "library", "--copy", BENCH / "copy")
    assert (done.returncode, done.stderr) == (
        2, f"{BENCH}/copy: is in the library that is copied; choose another folder\n",
    )  # fmt: skip
    done = run("bench", "library", "smoke", "--copy", "other", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.endswith("Error: --copy takes the whole library: no SUITE, no -o, no --json\n")
    (tmp_path / "file").write_text("")
    done = run("bench", "library", "--copy", "file/mine", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        2, "file/mine: cannot be written (Not a directory); choose another folder\n",
    )  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "mine"]
