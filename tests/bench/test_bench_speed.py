"""`bench speed`: ratios to the calibration, what counts as a loss, the baseline. No test looks at a real clock."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cli
import pytest

from optimizer.bench.speed import calibration, measure, workloads
from optimizer.bench.speed.baseline import read_baseline, write_baseline
from optimizer.bench.speed.measure import MORE_ROUNDS, SpeedMeter, measured
from optimizer.bench.speed.workloads import INSTANCES, NAMES, Workload
from optimizer.files.errors import InputErrors

FOLDER = cli.INSTANCES / "bench"


class SteppedClock:
    """Processor seconds that go on only when work says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def work(self, *seconds: float) -> Callable[[], float]:
        """Work that takes these seconds, one after the other, then the last for ever."""
        left = list(seconds)

        def run() -> float:
            self.now += left.pop(0) if len(left) > 1 else left[0]
            return 0.0

        return run


def meter_of(clock: SteppedClock, *unit: float) -> SpeedMeter:
    return SpeedMeter(clock.work(*unit), clock)


def test_a_ratio_is_to_the_calibrations_before_and_after() -> None:
    clock = SteppedClock()
    meter = meter_of(clock, 0.1, 0.3)
    assert measured(meter, [Workload("one", clock.work(0.6))], 1, {}) == pytest.approx({"one": 3.0})
    assert meter.unit_seconds == pytest.approx(0.1)


def test_a_machine_that_is_slow_for_a_while_is_not_a_loss() -> None:
    clock = SteppedClock()
    meter = meter_of(clock, 0.1, 0.1, 0.2, 0.2, 0.1)
    work = [Workload("one", clock.work(0.5)), Workload("two", clock.work(1.0))]
    meter.round(work)
    assert meter.ratios == pytest.approx({"one": 5.0, "two": 1.0 / 0.15})


def test_the_least_of_all_runs_counts() -> None:
    clock = SteppedClock()
    work = [Workload("one", clock.work(0.9, 0.5, 0.7))]
    assert measured(meter_of(clock, 0.1), work, 3, {}) == pytest.approx({"one": 5.0})


def test_seconds_of_other_processes_count() -> None:
    clock = SteppedClock()
    assert measured(meter_of(clock, 0.1), [Workload("start", lambda: 0.4)], 1, {}) == pytest.approx({"start": 4.0})


def test_only_what_seems_slow_is_run_again() -> None:
    clock, runs = SteppedClock(), []
    slow = [0.9, 0.9, 0.4]

    def now_and_then() -> float:
        runs.append("slow")
        clock.now += slow.pop(0)
        return 0.0

    work = [Workload("slow", now_and_then), Workload("quick", clock.work(0.1))]
    meter = meter_of(clock, 0.1)
    assert measured(meter, work, 1, {"slow": 5.0, "quick": 2.0})["slow"] == pytest.approx(4.0)
    assert runs == ["slow"] * 3


def test_what_stays_slow_is_given_up() -> None:
    clock, runs = SteppedClock(), []
    work = [Workload("slow", lambda: runs.append("slow") or clock.work(0.9)())]  # type: ignore[func-returns-value]
    assert measured(meter_of(clock, 0.1), work, 2, {"slow": 5.0}) == pytest.approx({"slow": 9.0})
    assert len(runs) == 2 + MORE_ROUNDS


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A baseline of 4 and 2; a clock by which both workloads take what `SECONDS` says, and the calibration 0.1 s."""
    clock = SteppedClock()
    fakes = {"plain": clock.work(0.5), "demand": clock.work(0.2)}

    def fake(folder: Path, names: Sequence[str]) -> list[Workload]:
        return [Workload(name, run) for name, run in fakes.items() if name in names]

    monkeypatch.setattr(time, "process_time", clock)
    monkeypatch.setattr(calibration, "calibration", lambda: clock.work(0.1))
    monkeypatch.setattr(workloads, "workloads", fake)
    assert measure.time is time
    write_baseline(tmp_path, {"plain": 4.0, "demand": 2.0})
    yield tmp_path
    monkeypatch.undo()


def test_as_fast_as_the_baseline_allows(folder: Path) -> None:
    """5 is 25 % above 4: no loss yet."""
    done = cli.run("bench", "speed", "--library", folder)
    assert done.stdout.splitlines() == [
        "workload  baseline    now  change",
        "plain        4.000  5.000   +25 %",
        "demand       2.000  2.000    +0 %",
        "Speed: 2 workloads in units of a calibration of 0.100 s; none is too slow.",
    ]
    assert (done.returncode, done.stderr) == (0, "")


def test_a_loss(folder: Path) -> None:
    write_baseline(folder, {"plain": 3.8, "demand": 2.0})
    assert cli.run("bench", "speed", "--library", folder).returncode == 0  # noise: 3.8 · 1.35 = 5.13
    done = cli.run("bench", "speed", "--library", folder, "--noise", 0)
    assert done.stdout.splitlines()[-1].endswith(" of 0.100 s; too slow: plain.")
    assert done.returncode == 1
    plain = json.loads(cli.run("bench", "speed", "--library", folder, "--noise", 0, "--json").stdout)
    assert (plain["ok"], plain["calibration_seconds"]) == (False, pytest.approx(0.1))
    assert [(one["name"], one["is_loss"], one["most"]) for one in plain["workloads"]] == [
        ("plain", True, pytest.approx(4.75)),
        ("demand", False, pytest.approx(2.5)),
    ]


def test_a_workload_without_a_baseline(folder: Path) -> None:
    write_baseline(folder, {"plain": 5.0})
    done = cli.run("bench", "speed", "--library", folder)
    assert done.returncode == 1 and "too slow: demand (no baseline)" in done.stdout
    assert cli.run("bench", "speed", "--library", folder, "--workloads", "plain").returncode == 0


def test_update(folder: Path) -> None:
    done = cli.run("bench", "speed", "--library", folder, "--update", "--workloads", "plain")
    assert done.returncode == 0 and done.stdout.endswith("; written as the baseline.\n")
    assert read_baseline(folder) == {"plain": 5.0, "demand": 2.0}
    (folder / "speed.json").unlink()
    assert cli.run("bench", "speed", "--library", folder, "--update").returncode == 0
    assert read_baseline(folder) == {"plain": 5.0, "demand": 2.0}


def test_wrong_names(folder: Path) -> None:
    done = cli.run("bench", "speed", "--workloads", "plane")
    assert done.returncode == 2 and '"plane" is no workload; they are: plain, demand, ' in done.stderr
    done = cli.run("bench", "speed", "--workloads", ",")
    assert done.returncode == 2 and "--workloads takes one name or more" in done.stderr


def test_no_baseline(folder: Path) -> None:
    (folder / "speed.json").unlink()
    done = cli.run("bench", "speed", "--library", folder)
    assert done.returncode == 2
    assert done.stderr == f"{folder}/speed.json: there is no such file; check the name and the folder\n"


@pytest.mark.parametrize("ratio", ["0", '"1"', "1e999"])
def test_a_broken_baseline(tmp_path: Path, ratio: str) -> None:
    text = f'{{"format": "swapcharge-bench-speed", "version": 1, "ratios": {{"plain": {ratio}}}}}'
    (tmp_path / "speed.json").write_text(text)
    with pytest.raises(InputErrors) as caught:
        read_baseline(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}/speed.json: ")


def test_the_committed_baseline_has_every_workload() -> None:
    assert tuple(read_baseline(FOLDER)) == NAMES
    assert [one.name for one in workloads.workloads(FOLDER)] == list(NAMES)


@pytest.mark.parametrize("name", ["reserve", "network", "start"])
def test_the_work_is_done(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real work: stations are planned, in both passes where needed, and a process is started."""
    planned: list[str] = []
    plan_station, plan_task = workloads.plan_station, workloads.plan_task
    monkeypatch.setattr(workloads, "plan_station", lambda *given: planned.append("one") or plan_station(*given))
    monkeypatch.setattr(workloads, "plan_task", lambda task: planned.append(task.options.effort) or plan_task(task))
    (work,) = workloads.workloads(FOLDER, [name])
    seconds = work.run()
    assert planned.count("one") == len(INSTANCES.get(name, ()))
    assert planned.count("quick") == (workloads.NETWORK_STATIONS if name == "network" else 0)
    assert (seconds > 0) == (name == "start")


def test_the_calibration_is_always_the_same() -> None:
    first, again = calibration.calibration()(), calibration.calibration()()
    assert first == again
    lps, arrays, characters = first  # type: ignore[misc]
    assert lps > 0 and arrays > 0 and characters > calibration.RECORDS
