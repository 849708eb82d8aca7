"""How far a study is, in words, and in the log of one without a terminal."""

from __future__ import annotations

from pathlib import Path

import cli
import pytest
import tiny_study as tiny

from optimizer.cli import progress_log
from optimizer.studies.under_way.progress import StudyProgress, duration, progress


def told(minutes: list[float], found_done: int = 0) -> list[tuple[float, str]]:
    """What is told of a study of 1,000 nights that plans one a minute, asked at these minutes; and when."""
    now, found = 0.0, list[tuple[float, str]]()
    show = StudyProgress(lambda text: found.append((now / 60, text)), lambda: now)
    for minute in (0.0, *minutes):
        now = 60 * minute
        show(found_done + int(minute), 1000)
    return found


def test_it_is_told_each_time() -> None:
    assert told([0.1, 2]) == [
        (0, "planning: 0 of 1,000 station-nights (0 %)"),
        (0.1, "planning: 0 of 1,000 station-nights (0 %)"),
        (2, "planning: 2 of 1,000 station-nights (0 %), about 16 h 38 min left"),
    ]


def test_what_was_found_done_does_not_make_the_rest_look_short() -> None:
    assert told([1], found_done=499)[-1] == (
        1, "planning: 500 of 1,000 station-nights (50 %), about 8 h 20 min left"
    )  # fmt: skip


def test_nothing_is_said_of_the_rest_before_a_night_is_planned_or_after_the_last() -> None:
    assert progress(7, 10, 7, 90.0) == "planning: 7 of 10 station-nights (70 %)"
    assert progress(10, 10, 7, 90.0) == "planning: 10 of 10 station-nights (100 %)"


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (59, "59 s"), (61, "1 min"), (3599, "1 h 00 min"), (11_100, "3 h 05 min")]
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_study_without_a_terminal_has_lines_in_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress_log, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(progress_log, "SHARE", 0.0)
    done = cli.run("study", tiny.write(tmp_path), "-o", tmp_path / "out", "--workers", 1)
    lines = done.stderr.splitlines()
    assert done.returncode == 0 and lines[-1] == "planning: 3 of 3 station-nights (100 %)"
    assert all(line.startswith("planning: ") for line in lines) and "planning: " not in done.stdout


def test_a_log_that_nobody_reads_any_more_stops_no_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(text: str, *, to_stderr: bool) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(progress_log, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(progress_log, "say", gone)
    done = cli.run("study", tiny.write(tmp_path), "-o", tmp_path / "out", "--workers", 1)
    assert done.returncode == 0 and len(tiny.records(tmp_path / "out")) == 3
