"""Lines of a log, where there is no terminal: seldom, and fewer the longer the work takes."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import cli
import pytest
from paths import INSTANCES

from optimizer.cli import progress_log
from optimizer.cli.progress_log import ProgressLog


def written_at(minutes: list[float], text: str = "half done") -> list[float]:
    now, found = 0.0, list[float]()
    log = ProgressLog(lambda text: found.append(now / 60), lambda: now)
    for minute in minutes:
        now = 60 * minute
        log(text)
    return found


def test_a_line_a_minute_and_fewer_the_longer_it_takes() -> None:
    when = written_at([n / 2 for n in range(2 * 200)])
    assert when[:20] == list(range(1, 21))
    later = [round(after - before, 1) for before, after in pairwise(when) if before > 100]
    assert min(later) >= 5 and max(later) <= 11


def test_where_there_is_nothing_to_say_nothing_is_written() -> None:
    assert written_at([1, 2, 3], text="") == []


def test_a_benchmark_without_a_terminal_has_lines_in_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On standard error: standard output has the summary alone."""
    monkeypatch.setattr(progress_log, "LEAST_SECONDS", 0.0)
    monkeypatch.setattr(progress_log, "SHARE", 0.0)
    instance = INSTANCES / "tiny" / "plug-change-cost.json"
    done = cli.run("bench", "run", instance, "--contenders", "on-arrival", "-o", tmp_path / "out", "--json")
    assert done.returncode == 0 and json.loads(done.stdout)
    told = set(done.stderr.splitlines())
    assert {"0 of 1 runs; now on-arrival on plug-change-cost, seed 0", "1 of 1 runs"} <= told
