"""What befalls `solve` while it plans: Ctrl-C, which ends it at once, and the death of its planning process."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cli
import psutil
import pytest
from patience import PATIENCE

HARD = cli.INSTANCES / "bench" / "few-chargers-m-1.json"  # with gap 0, planning takes far longer than the test waits
PLANNED_SECONDS = 2.0  # of processor time: the first plans are there within a tenth of it


@contextmanager
def planning(*options: object) -> Iterator[tuple[subprocess.Popen[str], psutil.Process]]:
    """`solve` of a hard night whose planning process, told too, has worked for a while."""
    command = [cli.COMMAND, "solve", HARD, "--gap", "0", "--time-limit", PATIENCE, *options]
    with subprocess.Popen(
        list(map(str, command)),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        children = psutil.Process(process.pid).children
        while not (found := children()) or found[0].cpu_times().user < PLANNED_SECONDS:
            assert process.poll() is None
            time.sleep(0.01)
        yield process, found[0]


def interrupted(*options: object) -> tuple[int, str, psutil.Process]:
    """Exit code, stderr and planning process of a `solve` that is interrupted."""
    with planning(*options) as (process, child):
        process.send_signal(signal.SIGINT)
        return_code, err = _ended(process)
    return return_code, err, child


def _ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    err = process.communicate(timeout=PATIENCE)[1]
    return process.returncode, err


def test_the_best_plan_so_far_is_kept_if_asked_for(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    code, err, child = interrupted("-o", plan, "--keep-on-interrupt")
    assert (code, err) == (130, f"interrupted: the best plan so far is in {plan}, for 1 of 1 stations\n")
    assert cli.run("check", HARD, plan).returncode == 0
    assert not child.is_running()


def test_else_nothing_is_written(tmp_path: Path) -> None:
    code, err, child = interrupted("-o", tmp_path / "plan.json")
    assert (code, err) == (130, "interrupted: nothing was written\n")
    assert list(tmp_path.iterdir()) == [] and not child.is_running()


def test_a_planning_process_that_is_killed_leaves_its_best_plan(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    with planning("-o", plan) as (process, child):
        child.kill()
        code, err = _ended(process)
    assert (code, err) == (
        0,
        "note: the planning process was killed by SIGKILL (out of memory?): "
        "this is the best plan found until then, or a baseline\n",
    )
    assert cli.run("check", HARD, plan).returncode == 0
    found = json.loads(plan.read_text())
    assert found["status"] == "time_limit" and found["bound"] is not None, "more than a baseline"


def test_where_no_process_can_be_started_there_is_a_baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("multiprocessing.process.BaseProcess.start", refuse)
    plan = tmp_path / "plan.json"
    done = cli.run("solve", cli.TINY, "-o", plan, "--json")
    why = "the planning process could not be started (Resource temporarily unavailable)"
    assert (done.returncode, done.stderr) == (
        0,
        f"note: {why}: this is the best plan found until then, or a baseline\n",
    )
    assert json.loads(done.stdout)["broken_off"] == why and json.loads(plan.read_text())["status"] == "fallback"
    assert cli.run("check", cli.TINY, plan).returncode == 0
    shown = cli.run("solve", cli.TINY)
    assert shown.returncode == 0 and "nothing proven of how much better a plan could be\n" in shown.stdout


@pytest.mark.parametrize(
    "error", [MemoryError(), ImportError("x.so: failed to map segment from shared object")], ids=["Python", "library"]
)
def test_without_memory_there_is_nothing_to_show(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: object) -> None:
        raise error

    monkeypatch.setattr("optimizer.engine.plan_instance.InstancePlanning.run", no_room)
    done = cli.run("solve", cli.TINY)
    assert (done.returncode, done.stderr) == (
        3,
        "out of memory: nothing was written; give it more, or let it do less at once\n",
    )


def test_there_must_be_a_file_to_keep_it_in() -> None:
    done = cli.run("solve", cli.TINY, "--keep-on-interrupt")
    assert done.returncode == 2
    assert "--keep-on-interrupt needs -o FILE: there is nowhere to write the plan" in done.stderr


def test_interrupted_before_there_is_a_plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("optimizer.engine.plan_instance.InstancePlanning.run", interrupt)
    done = cli.run("solve", cli.TINY, "-o", tmp_path / "p.json", "--keep-on-interrupt")
    assert (done.returncode, done.stderr) == (130, "interrupted: no plan was found yet, nothing was written\n")
