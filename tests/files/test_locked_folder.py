"""Folders of studies beside those of runs: neither takes the other's, and what is left over goes."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_study as tiny

from optimizer.files.errors import OutputErrors
from optimizer.runs.folder import open_run
from optimizer.studies.folder import open_study


def refused(path: Path) -> str:
    with pytest.raises(OutputErrors) as caught:
        open_study(path)
    return str(caught.value).removeprefix(f"{path}: ")


def test_a_study_takes_no_folder_of_a_run_and_a_run_none_of_a_study(tmp_path: Path) -> None:
    open_run(tmp_path / "run").close()
    open_study(tmp_path / "study").close()
    assert (
        refused(tmp_path / "run") == "is a folder that holds other things than a study; name a new or an empty folder"
    )
    with pytest.raises(OutputErrors, match="is a folder that holds other things than a run"):
        open_run(tmp_path / "study")
    open_study(tmp_path / "study").close()


def test_a_study_is_known_by_its_summary_too(tmp_path: Path) -> None:
    (tmp_path / "study.json").write_text('{"format": "swapcharge-study-run"}')
    (tmp_path / "notes.txt").write_text("")
    open_study(tmp_path).close()


def test_one_study_at_a_time(tmp_path: Path) -> None:
    first = open_study(tmp_path)
    told = "is in use: another study is writing to it; wait for it or stop it, or name another folder"
    assert refused(tmp_path) == told
    first.close()
    open_study(tmp_path).close()


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    assert refused(tmp_path / "out") == "is not a folder; name a folder: the study's results go there"


def test_what_a_killed_study_left_half_written_goes(tmp_path: Path) -> None:
    open_study(tmp_path).close()
    left = [tmp_path / ".nights.csv.1234abcd.tmp", tmp_path / "nights" / ".S1.json.1234abcd.tmp"]
    for path in left:
        path.write_text("{")
    kept = tmp_path / "nights" / "S1.json"
    kept.write_text("{")
    open_study(tmp_path).close()
    assert kept.exists() and not any(path.exists() for path in left)


def test_no_parquet_of_an_earlier_run_stands_beside_other_tables(tmp_path: Path) -> None:
    folder = open_study(tmp_path)
    folder.write_results({"a.csv": b"1", "a.parquet": b"1", "b.parquet": b"1"}, {})
    folder.write_results({"a.csv": b"2", "b.parquet": b"2"}, {})
    folder.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".lock", "a.csv", "b.parquet", "nights", "study.json"]


def test_a_record_that_is_none_is_not_there(tmp_path: Path) -> None:
    folder = open_study(tmp_path)
    assert folder.read_record("S1", "v", "2026-01-01") is None
    folder.record_path("S1", "v", "2026-01-01").write_bytes(b"{}")
    assert folder.read_record("S1", "v", "2026-01-01") is None
    folder.close()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("S", "v"), ("v", "S")),
        (("a b", "c"), ("b", "c a")),
        (('a", "b', "c"), ("b", 'c", "a')),
        (("s", "v"), ("S", "v")),
        (("a\0b", "c"), ("b", "c\0a")),
    ],
)
def test_no_two_nights_share_a_file(tmp_path: Path, one: tuple[str, str], other: tuple[str, str]) -> None:
    folder = open_study(tmp_path)
    paths = [folder.record_path(station, variant, "2026-01-01") for station, variant in (one, other)]
    folder.close()
    assert paths[0].name.casefold() != paths[1].name.casefold()
    assert {path.parent for path in paths} == {tmp_path / "nights"}


def test_the_folder_of_a_study_is_free_again_after_it(tmp_path: Path) -> None:
    study = tiny.read(tmp_path, nights=1, tariffs=[{"id": "flat"}])
    tiny.run_of(study, tmp_path / "out")
    open_study(tmp_path / "out").close()
