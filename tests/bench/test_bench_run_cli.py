"""`swapcharge bench run` as people run it: screen, JSON, exit codes, what it writes, what it refuses."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import bench_fakes
import bench_runs as make
import cli
import psutil
import pytest
from patience import PATIENCE

FAKES = os.environ | {"PYTHONPATH": str(Path(bench_fakes.__file__).parent)}
FILES = {
    ".lock", "columns.csv", "plans", "results.csv", "results.parquet", "runs", "summary.json", "trajectories.csv",
    "trajectories.parquet",
}  # fmt: skip


def bench_run(folder: Path, names: list[str], *options: str, cwd: Path = cli.ROOT) -> subprocess.CompletedProcess[str]:
    command = [cli.COMMAND, "bench", "run", str(cli.TINY), "--contenders", ",".join(names), "-o", str(folder), *options]
    return subprocess.run(command, env=FAKES, cwd=cwd, capture_output=True, text=True, timeout=PATIENCE)


def test_a_benchmark_from_end_to_end(tmp_path: Path) -> None:
    done = bench_run(tmp_path / "r", [*make.fakes("OK", "RAISE", "MISSING"), "cheapest-first"])
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"Benchmark {cli.TINY}: 1 instance, 4 contenders, 1 seed; 4 of 4 runs done")
    assert [line.split()[:2] for line in lines[3:8]] == [
        ["contender", "runs"],
        ["ok", "1"],
        ["raise", "1"],
        ["missing", "1"],
        ["cheapest-first", "1"],
    ]
    assert "ER: raise on one-pack-cheap-slot, seed 0: ValueError: no such basis" in lines
    assert "NA: missing: install it: pip install missing" in lines
    assert lines[-1] == (
        f"Runs in {tmp_path}/r/results.csv; a page to read: swapcharge bench report {tmp_path}/r -o FILE.html"
    )
    assert {path.name for path in (tmp_path / "r").iterdir()} == FILES
    with (tmp_path / "r" / "results.csv").open(newline="") as file:
        assert [row["status"] for row in csv.DictReader(file)] == ["OK", "NA", "OK", "ER"]  # by contender's name
    summary = json.loads((tmp_path / "r" / "summary.json").read_text())
    assert (summary["format"], summary["status"], summary["runs"]) == (
        "swapcharge-bench",
        "done",
        {"all": 4, "done": 4},
    )
    assert summary["contenders"][0]["solved"] == 1 and summary["contenders"][2]["mean_seconds"] is None


def test_wrong_is_loud_and_the_same_command_goes_on(tmp_path: Path) -> None:
    names = ",".join(make.fakes("OK", "FALSE_CLAIM"))
    command = ("bench", "run", cli.TINY, "--contenders", names, "-o", tmp_path / "r", "--json")
    first = cli.run(*command)
    told = json.loads(first.stdout)
    assert first.returncode == 1
    assert first.stderr == "WRONG: false-claim on one-pack-cheap-slot, seed 0: its plan costs 35.0, and it says 33.0\n"
    assert [one["contender"] for one in told["wrong"]] == ["false-claim"] and told["resumed"] == 0
    before = {path.name: path.read_bytes() for path in (tmp_path / "r").glob("*.*")}
    again = cli.run(*command)
    assert again.returncode == 1 and json.loads(again.stdout) == told | {"resumed": 2}
    assert {path.name: path.read_bytes() for path in (tmp_path / "r").glob("*.*")} == before


def test_a_contender_in_the_current_folder(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from optimizer.bench.records.contender import Contender, Outcome\n"
        "from optimizer.engine.baselines import uncontrolled_charging\n"
        "BEST = Contender('best', 'mine', lambda night, limits, on_progress: Outcome(uncontrolled_charging(night)))\n"
    )
    (tmp_path / "models.py").write_text("raise SystemExit('this is no module of the project')")
    done = bench_run(tmp_path / "r", ["mine:BEST"], "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["contenders"][0]["OK"] == 1 and told["versions"]["mine"].startswith("sha256:")


def test_a_module_that_prints_leaves_the_json_alone(tmp_path: Path) -> None:
    """In Python, by a program it starts, and when it is asked for versions."""
    (tmp_path / "loud.py").write_text(
        "import os\n"
        "from optimizer.bench.records.contender import Contender, Outcome\n"
        "print('hello')\n"
        "os.system('echo from a shell')\n"
        "def versions():\n"
        "    print('versions')\n"
        "    return {}\n"
        "MINE = Contender('mine', 'mine', lambda night, limits, on_progress: Outcome(None), versions=versions)\n"
    )
    done = bench_run(tmp_path / "r", ["loud:MINE"], "--json", cwd=tmp_path)
    assert done.returncode == 0 and json.loads(done.stdout)["contenders"][0]["runs"] == 1
    assert done.stderr.splitlines() == ["hello", "from a shell", "versions"]


def test_ctrl_c_keeps_what_is_done(tmp_path: Path) -> None:
    command = [cli.COMMAND, "bench", "run", str(cli.TINY), "-o", str(tmp_path / "r")]
    names = ["--contenders", ",".join(make.fakes("OK", "SLEEP"))]
    with subprocess.Popen([*command, *names], env=FAKES, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as one:
        while not list((tmp_path / "r" / "runs").glob("[!.]*.json")):
            assert one.poll() is None
            time.sleep(0.05)
        children = psutil.Process(one.pid).children()
        one.send_signal(signal.SIGINT)
        out, _ = one.communicate(timeout=PATIENCE)
    assert one.returncode == 130
    assert "Interrupted: what is finished stays, and the same command goes on from there" in out.decode()
    assert json.loads((tmp_path / "r" / "summary.json").read_text())["runs"] == {"all": 2, "done": 1}
    assert not psutil.wait_procs(children, timeout=PATIENCE)[1]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-o", "-"], "-o names a folder: results are many files, which standard output cannot be"),
        (["-o", "r", "--gap", "nan"], "--gap and --time-limit take finite numbers"),
        (["-o", "r", "--time-limit", "inf"], "--gap and --time-limit take finite numbers"),
        (["-o", "r", "--contenders", " ,"], "--contenders takes one name or more: swapcharge bench contenders"),
        (["-o", "r", "--contenders", "no_fakes:GONE"], '--contenders: "no_fakes:GONE": cannot be imported'),
        (["-o", "."], "is a folder that holds other things than a benchmark; name a new or an empty folder"),
    ],
)
def test_what_is_refused(tmp_path: Path, options: list[str], message: str) -> None:
    (tmp_path / "notes.txt").write_text("")
    done = cli.run("bench", "run", cli.TINY, *options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_an_instance_that_is_not_there(tmp_path: Path) -> None:
    done = cli.run("bench", "run", tmp_path / "none.json", "-o", tmp_path / "r")
    assert done.returncode == 2 and "there is no such file" in done.stderr
    assert not (tmp_path / "r").exists()
