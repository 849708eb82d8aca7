"""Ctrl-C while `solve` plans: it ends at once, and keeps the best plan where that was asked for."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import cli
import psutil
import pytest
from patience import PATIENCE

HARD = cli.INSTANCES / "bench" / "few-chargers-m-1.json"  # with gap 0, planning takes far longer than the test waits
PLANNED_SECONDS = 2.0  # of processor time: the first plans are there within a tenth of it


def interrupted(*options: object) -> tuple[subprocess.Popen[str], str, list[psutil.Process]]:
    """`solve` of a hard night, interrupted once its planning process has worked for a while; its stderr."""
    command = [cli.COMMAND, "solve", HARD, "--gap", "0", "--time-limit", PATIENCE, *options]
    with subprocess.Popen(
        list(map(str, command)),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        children = psutil.Process(process.pid).children
        while not (planning := children()) or planning[0].cpu_times().user < PLANNED_SECONDS:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        return process, process.communicate(timeout=PATIENCE)[1], planning


def test_the_best_plan_so_far_is_kept_if_asked_for(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    process, err, planning = interrupted("-o", plan, "--keep-on-interrupt")
    assert (process.returncode, err) == (
        130,
        f"interrupted: the best plan so far is in {plan}, for 1 of 1 stations\n",
    )
    assert cli.run("check", HARD, plan).returncode == 0
    assert not planning[0].is_running()


def test_else_nothing_is_written(tmp_path: Path) -> None:
    process, err, planning = interrupted("-o", tmp_path / "plan.json")
    assert (process.returncode, err) == (130, "interrupted: nothing was written\n")
    assert list(tmp_path.iterdir()) == [] and not planning[0].is_running()


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
