"""A study's folder belongs to one study, as `study` tells it; and records that were changed since do not count."""

from __future__ import annotations

import json
from pathlib import Path

import cli
import pytest
import tiny_study as tiny

from optimizer.workers import local_pool

STUDY = {"nights": 2, "tariffs": [{"id": "flat"}]}


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_pool, "LocalPool", lambda workers, *_: tiny.StudyPool(size=workers))


def study(folder: Path, *options: object, **changes: object) -> tuple[int, str, str]:
    tiny.write(folder, **(STUDY | changes))
    done = cli.run("study", "study.toml", "-o", "out", "--workers", 1, *options, cwd=folder)
    return done.returncode, done.stdout, done.stderr


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("change", [{"name": "other"}, {"first_night": "2026-03-01"}], ids=str)
def test_another_study_is_refused_or_replaces_it(tmp_path: Path, change: dict[str, object]) -> None:
    assert study(tmp_path)[0] == 0
    before = files(tmp_path / "out")
    assert study(tmp_path, **change) == (
        2,
        "",
        "out: holds another study, tiny study from 2026-01-30; "
        "name another folder, or give --replace, which removes that study\n",
    )
    assert files(tmp_path / "out") == before
    (tmp_path / "out" / "nights" / "notes.txt").write_text("mine")
    assert study(tmp_path, "--replace", **change)[0] == 0
    left = files(tmp_path / "out")
    assert left.pop("nights/notes.txt") == b"mine"
    (tmp_path / "alone").mkdir()
    study(tmp_path / "alone", **change)
    assert left == files(tmp_path / "alone" / "out")


def test_replaced_before_anything_is_planned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replacement that is stopped at once leaves nothing of the study before it."""
    study(tmp_path)
    monkeypatch.setattr("optimizer.studies.study_run.StudyRun.work", lambda run: exec("raise KeyboardInterrupt"))
    assert study(tmp_path, "--replace", name="other")[0] == 130
    assert set(files(tmp_path / "out")) == {".lock"}


def test_the_same_study_goes_on_with_more_nights_and_other_tariffs(tmp_path: Path) -> None:
    study(tmp_path)
    code, screen, err = study(tmp_path, nights=3)
    assert (code, err) == (0, "") and "3 of 3 station-nights planned\n" in screen
    assert json.loads((tmp_path / "out" / "study.json").read_text())["nights"] == 3
    assert study(tmp_path, tariffs=[{"id": "demand"}])[0] == 0


def test_a_folder_whose_summary_is_lost_goes_on(tmp_path: Path) -> None:
    study(tmp_path)
    before = files(tmp_path / "out")
    (tmp_path / "out" / "study.json").unlink()
    assert study(tmp_path)[0] == 0 and files(tmp_path / "out") == before


def test_a_record_without_a_digest_is_planned_again_and_that_is_said(tmp_path: Path) -> None:
    study(tmp_path)
    before = files(tmp_path / "out")
    (record,) = (tmp_path / "out" / "nights").glob("as-it-is-S1-2026-01-30-*.json")
    whole = json.loads(record.read_text())
    del whole["digest"]
    record.write_text(json.dumps(whole))
    code, _, err = study(tmp_path)
    assert (code, err) == (
        0,
        "note: as it is, S1, 2026-01-30: its record was changed since it was written and is planned again\n",
    )
    assert files(tmp_path / "out") == before
