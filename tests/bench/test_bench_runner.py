"""Benchmark runs with real processes: every way in which a contender can end, limits, resuming, Ctrl-C, kills."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import bench_fakes
import bench_runs as make
import cli
import psutil
import pytest
from patience import PATIENCE

from models.station.cost import cost_of
from optimizer.bench.contest import child_process
from optimizer.bench.contest.child_process import Process, RunEnd, cpu_limit_seconds, grace_seconds
from optimizer.bench.contest.child_run import RunTask
from optimizer.bench.contest.runner import FILES
from optimizer.bench.contest.trajectory_file import read_trajectory
from optimizer.bench.contest.trial import Entry, Protocol
from optimizer.bench.records.contender import Limits
from optimizer.bench.records.results_folder import read_results
from optimizer.bench.records.run_record import RunRecord
from optimizer.check.plan_check import check_plan
from optimizer.check.rules import check
from optimizer.files.errors import InputErrors
from optimizer.formats.content_hash import instance_hash
from optimizer.formats.plan_file import read_plan

FAKES = os.environ | {"PYTHONPATH": str(Path(bench_fakes.__file__).parent)}
OBJECTIVE = 35.0  # of charging on arrival on the tiny night
ENDS_BY_ITSELF = (
    "OK", "TIME_LIMIT", "SOLVER_WITHOUT_MEMORY", "RAISE", "EXIT", "CRASH", "VANISH", "NOTHING", "RULE_BROKEN",
    "TOO_BROKEN", "OTHER_STATION", "FALSE_CLAIM", "BOUND_ABOVE", "BOUND_ONLY", "MISSING", "REFUSES", "BROKEN_REFUSAL",
    "BE_KILLED", "TALK", "WORDLESS", "EXIT_REFUSAL",
)  # fmt: skip
EXPECTED = {
    "ok": ("OK", ""),
    "time-limit": ("TO", ""),
    "solver-without-memory": ("OOM", "no plan: solver: out of memory"),
    "raise": ("ER", "ValueError: no such basis\nsecond line"),
    "talk": ("ER", "ValueError: \x1b[2Jno such basis"),
    "exit": ("ER", "SystemExit: 3"),
    "wordless": ("ER", "WordlessError"),
    "exit-refusal": ("ER", "before the clock began: SystemExit: 4"),
    "crash": ("ER", "its process was killed by SIGSEGV; its last words: assertion failed: basis != nullptr"),
    "vanish": ("ER", "its process ended with exit code 4"),
    "nothing": ("ER", "it gave no outcome"),
    "rule-broken": (
        "WRONG",
        "its plan breaks rules (10 violations), first balance: pack a, slot 3: found 1000.0, limit 0",
    ),
    "too-broken": (
        "WRONG",
        "its plan is too broken to be billed (ValueError: zip() argument 2 is longer than argument 1)",
    ),
    "other-station": ("WRONG", "its plan is for station 'elsewhere', not for 'station'"),
    "false-claim": ("WRONG", "its plan costs 35.0, and it says 33.0"),
    "bound-above": ("WRONG", "its bound 36.0 lies above its own plan of 35.0"),
    "bound-only": ("OK", "no plan: a bound only"),
    "missing": ("NA", "install it: pip install missing"),
    "refuses": ("NA", "it takes no such night"),
    "broken-refusal": ("ER", "before the clock began: ZeroDivisionError: division by zero"),
    "be-killed": ("ER", "its process was killed by SIGKILL"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench") / "results"
    make.ran(folder, make.fakes(*ENDS_BY_ITSELF))
    return folder


@pytest.fixture(scope="module")
def records(folder: Path) -> dict[str, RunRecord]:
    return {record.contender: record for record in read_results(folder)}


@pytest.mark.parametrize("name", EXPECTED)
def test_every_end_has_its_status_and_reason(records: dict[str, RunRecord], name: str) -> None:
    assert (records[name].status, records[name].reason) == EXPECTED[name]
    assert records[name].is_solved == (name == "ok")


def test_a_run_that_went_well(records: dict[str, RunRecord], folder: Path) -> None:
    run = records["ok"]
    assert (run.claimed_objective, run.objective, run.bound, run.gap, run.gross_cost) == (35, 35, 35, 0, 35)
    assert (run.instance, run.packs, run.slots, run.swaps, run.swaps_served, run.swaps_lost) == ("tiny", 1, 4, 1, 1, 0)
    assert (run.starts, run.stays_charged) == (2, 2)
    assert (run.rows, run.columns, run.build_seconds, run.seed) == (3, 4, 0.5, 0)
    assert [point[1:] for point in run.trajectory] == [(36, None), (36, 30), (35, 35)]
    assert run.solved_seconds == run.trajectory[-1][0] <= run.wall_seconds
    assert run.cpu_seconds >= 0 and run.load_at_start is not None and run.load_at_end is not None
    assert run.peak_memory_mb > 10 and run.machine["cores"] and run.versions["bench_fakes"].startswith("sha256:")
    verdict = check_plan(make.TINY, read_plan(folder / run.plan), "plan")
    assert verdict.ok and verdict.cost is not None and verdict.cost.objective == run.objective


def test_what_was_told_before_a_crash_is_kept(records: dict[str, RunRecord]) -> None:
    assert [point[1:] for point in records["crash"].trajectory] == [(7, None)]
    assert records["crash"].bound is None and records["crash"].objective is None


def test_what_a_failed_run_wrote_is_kept_without_what_steers_terminals(records: dict[str, RunRecord]) -> None:
    run = records["talk"]
    assert run.stdout == "from 0 %\nto 100 %        of <b>\na line that is not ended"
    assert run.stderr.startswith("\ufffdlibrary: \\x07 xxx") and run.stderr.endswith("xxx last word")
    assert "bytes or more left out ...]" in run.stderr and len(run.stderr) < 8100
    where = re.fullmatch(
        r'Traceback \(most recent call last\):\n  File "[^"]+bench_fakes.py", line \d+, in _talk\n'
        r'    raise ValueError\("\\x1b\[2Jno such basis"\)\nValueError: no such basis',
        run.traceback,
    )
    assert where, run.traceback
    assert records["raise"].traceback.endswith("ValueError: no such basis\nsecond line")
    assert "ZeroDivisionError: division by zero" in records["broken-refusal"].traceback
    assert [records[name].stdout + records[name].stderr for name in ("ok", "raise")] == ["", ""]


def test_a_crash_says_where_it_was(records: dict[str, RunRecord]) -> None:
    run = records["crash"]
    assert run.traceback.startswith("Fatal Python error: Segmentation fault")
    assert re.search(r"bench_fakes.py\", line \d+ in _crash$", run.traceback, re.MULTILINE)
    assert run.stderr == "assertion failed: basis != nullptr"
    assert records["vanish"].traceback == records["be-killed"].traceback == ""


def test_a_refuted_plan_or_bound_counts_for_nothing(records: dict[str, RunRecord], folder: Path) -> None:
    for name in ("rule-broken", "too-broken", "other-station"):
        assert records[name].objective is None and records[name].gap is None, name
    assert records["bound-above"].bound is None and records["bound-above"].objective == OBJECTIVE
    evidence = read_plan(folder / records["rule-broken"].plan)
    assert not check_plan(make.TINY, evidence, "plan").ok
    assert records["too-broken"].plan == ""


def test_a_bound_alone_is_kept(records: dict[str, RunRecord]) -> None:
    assert (records["bound-only"].bound, records["bound-only"].objective) == (OBJECTIVE - 3, None)


def test_nothing_is_left_of_a_run_but_its_record_and_plan(folder: Path) -> None:
    assert not [path for path in (folder / "runs").iterdir() if path.suffix != ".json"]
    assert {path.name for path in folder.iterdir()} == {".lock", "runs", "plans"}


def late_once_it_told(monkeypatch: pytest.MonkeyPatch, folder: Path, points: int) -> None:
    """The clock of those who watch a run: once it has told so many points, each look is far later than the last."""
    looks = count()

    def now() -> float:
        told = sum(len(read_trajectory(file)) for file in (folder / "runs").glob(".*.trajectory.tmp"))
        return time.monotonic() + (3 * PATIENCE * next(looks) if told >= points else 0.0)

    monkeypatch.setattr(child_process, "time", SimpleNamespace(monotonic=now))


def test_killed_beyond_the_time_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late_once_it_told(monkeypatch, tmp_path / "r", 2)
    (sleep,) = make.ran(tmp_path / "r", make.fakes("SLEEP"), time_limit_seconds=PATIENCE, grace_seconds=0.3)
    assert (sleep.status, sleep.reason) == ("TO", "it did not end: killed 0.3 s after its time limit")
    assert [point[1:] for point in sleep.trajectory] == [(1000, -1000), (900, -900)]
    assert (sleep.objective, sleep.bound, sleep.is_solved, sleep.plan) == (None, -900, False, "")
    assert sleep.wall_seconds > PATIENCE


def test_a_solver_of_its_own_process_is_killed_with_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late_once_it_told(monkeypatch, tmp_path / "r", 1)
    (run,) = make.ran(tmp_path / "r", make.fakes("CHILD_SLEEPS"), time_limit_seconds=PATIENCE)
    ((_, pid, _),) = run.trajectory
    assert run.status == "TO" and pid is not None
    until = time.monotonic() + PATIENCE
    while psutil.pid_exists(int(pid)) and psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until, "it lives on"
        time.sleep(0.05)


def test_late_is_not_in_time(tmp_path: Path) -> None:
    (late,) = make.ran(tmp_path / "r", make.fakes("LATE"), time_limit_seconds=0.2)
    assert (late.status, late.reason) == ("TO", "it ended after its time limit")
    assert (late.objective, late.gap, late.is_solved, late.solved_seconds) == (OBJECTIVE, 0, False, None)


def test_out_of_memory(tmp_path: Path) -> None:
    (run,) = make.ran(tmp_path / "r", make.fakes("TAKE_MEMORY"), memory_mb=70)
    assert run.status == "OOM" and run.reason.endswith("MemoryError")
    assert run.memory_limit_mb == 70


def test_killed_near_its_memory_limit_is_out_of_memory(tmp_path: Path) -> None:
    """As by a system without memory: once it has been seen how much the run holds."""
    bench = make.bench_of(tmp_path / "r", make.fakes("HOLD"), memory_mb=70)
    looks: list[float] = []

    def kill(one: object) -> None:
        for file in (tmp_path / "r" / "runs").glob(".*.trajectory.tmp"):
            looks.extend(pid for _, pid, _ in read_trajectory(file) if pid is not None)
            if len(looks) == 3:
                os.kill(int(looks[0]), signal.SIGKILL)

    bench.report = kill
    (run,) = bench.run()
    bench.folder.close()
    assert run.status == "OOM" and run.reason.endswith("SIGKILL")


def process_of(tmp_path: Path, name: str, cpu_seconds: float) -> Process:
    files = {use: tmp_path / f".{use}.tmp" for use in FILES}
    limits = Limits(1e-4, PATIENCE)
    paths = (str(files["trajectory"]), str(files["answer"]))
    task = RunTask(*make.fakes(name), make.NIGHT, limits, None, cpu_seconds, *paths, os.getpid(), tuple(sys.path))
    return Process(task, files, PATIENCE)


def end_of(process: Process) -> RunEnd:
    while (ended := process.look()) is None:
        time.sleep(0.02)
    return ended


def test_the_processor_is_limited_too(tmp_path: Path) -> None:
    ended = end_of(process_of(tmp_path, "SPIN", 0.1))
    assert (ended.kind, ended.reason) == ("killed", "it used more than 0.1 s of the processor: killed")
    assert ended.cpu_seconds > 0
    assert list(tmp_path.iterdir()) == []


def test_limits_grow_with_the_time() -> None:
    assert [grace_seconds(limit) for limit in (1, 50, 300)] == [10, 10, 60]
    assert cpu_limit_seconds(300, 60) == 360
    assert Protocol("s", time_limit_seconds=300).grace == 60


def test_seeds_are_for_those_that_have_a_solver(tmp_path: Path) -> None:
    runs = make.ran(tmp_path / "r", make.fakes("SEEDED", "BOUND_ONLY"), seeds=2)
    assert [(run.contender, run.seed, run.bound) for run in runs] == [
        ("seeded", 0, 35),
        ("seeded", 1, 34),
        ("bound-only", 0, 32),
    ]
    assert runs[0].options == {"eyes": "blue", "faces": "6"} and runs[0].versions["dice"] == "1.2"


def test_the_ledger_is_held_against_runs(tmp_path: Path) -> None:
    digest = instance_hash(make.TINY)
    wrong = make.known(40.0, 36.0)
    (beats,) = make.ran(tmp_path / "a", make.fakes("SEEDED"), known={digest: wrong})
    assert beats.status == "WRONG" and beats.objective == OBJECTIVE
    assert beats.reason == (
        "its plan keeps every rule and costs 35.0, less than the bound 36.0 that the ledger has as proven: the "
        "ledger's bound is refuted, or the checker misses a rule; prove the bound anew with swapcharge bench ledger "
        "verify tiny --bounds, and correct whichever is wrong"
    )
    (above,) = make.ran(tmp_path / "b", make.fakes("SEEDED"), known={digest: make.known(31.0)})
    assert above.status == "WRONG" and above.bound is None
    assert above.reason == (
        "its bound 35.0 lies above the checked plan of 31.0 in the ledger: the bound is refuted (make sure with "
        "swapcharge bench ledger verify tiny), so look for the fault in the formulation or in the solver's tolerances"
    )


def test_a_verdict_that_the_ledger_of_today_overturns_is_not_kept(tmp_path: Path) -> None:
    digest, who = instance_hash(make.TINY), make.fakes("SEEDED")
    wrong, right = {digest: make.known(40.0, 36.0)}, {digest: make.known(35.0, 35.0)}
    assert [run.status for run in make.ran(tmp_path / "r", who, known=wrong)] == ["WRONG"]
    assert [run.status for run in make.ran(tmp_path / "r", who, known=right)] == ["OK"]
    assert [run.status for run in make.ran(tmp_path / "r", who, known=wrong)] == ["WRONG"]


def test_two_instances_of_one_name(tmp_path: Path) -> None:
    bench = make.bench_of(tmp_path / "r", make.fakes("OK"))
    bench.entries = [*bench.entries, Entry("tiny", make.TINY)]
    with pytest.raises(InputErrors) as caught:
        bench.run()
    bench.folder.close()
    assert str(caught.value) == (
        'SUITE: name: "tiny": is the name of several instances of this run; give each instance a name of its own'
    )


def test_what_is_done_is_not_run_again(tmp_path: Path) -> None:
    first = make.ran(tmp_path / "r", make.fakes("OK", "RAISE", "MISSING"))
    before = {path.name: path.read_bytes() for path in (tmp_path / "r" / "runs").iterdir()}
    bench = make.bench_of(tmp_path / "r", make.fakes("OK", "RAISE", "MISSING", "SEEDED"))
    again = bench.run()
    bench.folder.close()
    assert bench.resumed == 2 and [run.contender for run in again] == ["ok", "raise", "missing", "seeded"]
    assert again[:2] == first[:2]
    after = {path.name: path.read_bytes() for path in (tmp_path / "r" / "runs").iterdir()}
    na = [name for name in before if "missing" in name]  # it may have been installed since
    assert {name: data for name, data in after.items() if name in before and name not in na} == {
        name: data for name, data in before.items() if name not in na
    }


@pytest.mark.parametrize("change", ["record", "plan", "versions", "limit"])
def test_what_is_not_whole_or_was_otherwise_is_run_again(tmp_path: Path, change: str) -> None:
    (run,) = make.ran(tmp_path / "r", make.fakes("OK"))
    (record,) = (tmp_path / "r" / "runs").iterdir()
    limit = {"time_limit_seconds": 20.0} if change == "limit" else {}
    match change:
        case "record":
            record.write_bytes(record.read_bytes()[:-20])
        case "plan":
            (tmp_path / "r" / run.plan).unlink()
        case "versions":
            record.write_bytes(record.read_bytes().replace(run.key.encode(), b"sha256:of another version"))
    bench = make.bench_of(tmp_path / "r", make.fakes("OK"), **limit)
    (again,) = bench.run()
    bench.folder.close()
    assert bench.resumed == 0 and (again.status, again.plan != "") == ("OK", True)
    assert len(list((tmp_path / "r" / "runs").iterdir())) == (2 if change == "limit" else 1)


def test_ctrl_c_keeps_what_is_done_and_kills_what_runs(tmp_path: Path) -> None:
    before = psutil.Process().children()
    bench = make.bench_of(tmp_path / "r", make.fakes("OK", "SLEEP", "RAISE"), jobs=1)

    def stop(one: object) -> None:
        if len(bench.records) == 1 and bench.now:
            bench.stop.is_asked = True

    bench.report = stop
    (done,) = bench.run()
    bench.folder.close()
    assert done.contender == "ok" and not bench.is_complete
    assert len(list((tmp_path / "r" / "runs").iterdir())) == 1
    assert psutil.Process().children() == before


def killed_when(command: list[str], folder: Path, records: int) -> None:
    """Kill the coordinator as soon as so many runs are done; its run under way must end with it."""
    environment = FAKES
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as one:
        until = time.monotonic() + PATIENCE
        children: list[psutil.Process] = []
        while not children or len(list((folder / "runs").glob("[!.]*.json"))) < records:
            assert one.poll() is None and time.monotonic() < until
            time.sleep(0.02)
            children = psutil.Process(one.pid).children()
        one.send_signal(signal.SIGKILL)
    gone, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert gone and not alive


def test_a_killed_benchmark_goes_on(tmp_path: Path) -> None:
    folder, who = tmp_path / "r", ",".join(make.fakes("OK", "SLEEP", "SEEDED"))
    command = [str(cli.COMMAND), "bench", "run", str(cli.TINY), "--contenders", who, "-o", str(folder)]
    killed_when(command, folder, 1)
    whole = [path for path in (folder / "runs").glob("[!.]*") if json.loads(path.read_bytes())["format"]]
    assert len(whole) == 1
    bench = make.bench_of(folder, make.fakes("OK"), time_limit_seconds=60.0)  # opening it clears what was left
    bench.folder.close()
    assert [path.name for path in (folder / "runs").iterdir()] == [path.name for path in whole]
    others = ",".join(make.fakes("OK", "SEEDED"))
    command[command.index(who)] = others
    done = subprocess.run(
        [*command, "--json"],
        env=FAKES,
        capture_output=True,
        check=True,
    )
    told = json.loads(done.stdout)
    assert (told["status"], told["resumed"], told["runs"]) == ("done", 1, {"all": 2, "done": 2})


def test_the_fakes_are_what_they_say() -> None:
    schedule, objective = bench_fakes.plan_and_cost(make.NIGHT)
    assert objective == OBJECTIVE == cost_of(make.NIGHT, schedule).objective
    assert not check(make.NIGHT, schedule)
