"""What a record says of the machine's load, and when a run is marked."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import bench_records as records
import bench_runs as make
import pytest

from optimizer.bench.contest.benchmark_summary import bench_screen, bench_summary
from optimizer.bench.contest.child_process import RunEnd
from optimizer.bench.contest.child_run import ChildAnswer
from optimizer.bench.contest.judge_run import judged_run
from optimizer.bench.records import machine
from optimizer.bench.records.contender import Outcome
from optimizer.bench.records.metrics import counted_cpu_seconds
from optimizer.bench.records.run_record import RunRecord


@pytest.fixture(autouse=True)
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.mark.parametrize(
    ("loads", "waited", "wall", "loaded"),
    [
        ((1.0, 2.5), 0.0, 10.0, False),  # as many as there are processors, and a half
        ((2.51, 1.0), 0.0, 10.0, True),
        ((0.0, 2.51), None, 10.0, True),
        ((None, None), None, 10.0, False),  # nothing is known
        ((1.0, 1.0), 0.5, 10.0, False),  # one in twenty of its seconds
        ((1.0, 1.0), 0.51, 10.0, True),
        ((1.0, 1.0), 0.009, 0.02, False),  # a blink is nothing
        ((1.0, 1.0), 0.011, 0.02, True),
    ],
)
def test_a_loaded_machine_by_hand(
    loads: tuple[float | None, ...], waited: float | None, wall: float, loaded: bool
) -> None:
    assert machine.is_loaded(loads, waited, wall) is loaded


def test_the_load_is_that_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (1.234, 9.0, 9.0))
    assert machine.load_average() == 1.23
    monkeypatch.delattr(os, "getloadavg")
    assert machine.load_average() is None


def test_waiting_is_summed_over_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "THREADS", tmp_path)
    for thread, waited in (("1", 1_500_000_000), ("2", 250_000_000)):
        (tmp_path / thread).mkdir()
        (tmp_path / thread / "schedstat").write_text(f"77 {waited} 3\n")
    assert machine.waited_seconds() == 1.75
    (tmp_path / "2" / "schedstat").write_text("")
    assert machine.waited_seconds() is None
    monkeypatch.setattr(machine, "THREADS", tmp_path / "none")
    assert machine.waited_seconds() is None


def judged(answer: ChildAnswer, load: float) -> RunRecord:
    blank = records.ended("a", "tiny", "NA", load_at_start=load, load_at_end=1.0, wall_seconds=0.0)
    ended = RunEnd("answered", answer=answer, wall_seconds=answer.wall_seconds)
    return judged_run(blank, make.NIGHT, ended).record


def test_a_run_is_marked_by_its_load_or_by_its_waiting() -> None:
    answer = ChildAnswer("answered", outcome=Outcome(None), wall_seconds=10.0, waited_seconds=0.25)
    assert not judged(answer, 1.0).is_machine_loaded and judged(answer, 1.0).waited_seconds == 0.25
    assert judged(answer, 9.0).is_machine_loaded
    assert judged(replace(answer, waited_seconds=3.0), 1.0).is_machine_loaded
    assert not judged(ChildAnswer("missing", "no"), 9.0).is_machine_loaded, "it has no times that could be too long"


def test_what_is_not_solved_counts_twice_its_limit_of_processor_time() -> None:
    assert counted_cpu_seconds(records.solved(cpu_seconds=3.0)) == 3.0
    assert counted_cpu_seconds(records.open_at("a", "one", 100.0, 90.0, cpu_seconds=50.0)) == 200.0
    assert counted_cpu_seconds(records.solved(status="WRONG", cpu_seconds=3.0)) == 200.0


def test_summary_and_screen_have_processor_seconds_and_marked_runs(tmp_path: Path) -> None:
    bench = make.bench_of(tmp_path / "r", make.fakes("OK"))
    bench.folder.close()
    name = bench.entrants[0].contender.name
    runs = [
        records.solved(name, "one", 8.0, cpu_seconds=1.0, is_machine_loaded=True),
        records.solved(name, "two", 8.0, cpu_seconds=7.0),
    ]
    summary = bench_summary(bench, runs)
    (told,) = summary["contenders"]
    assert (told["mean_seconds"], told["mean_cpu_seconds"], told["loaded"]) == (8.0, 3.0, 1)  # √(2 · 8) − 1
    line = next(line for line in bench_screen(summary, runs, "r").splitlines() if line.startswith(name))
    assert line.split() == [name, "2", "2", "2", "8.00", "3.00", "1"]
