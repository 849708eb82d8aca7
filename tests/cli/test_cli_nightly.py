"""`nightly` as scripts and schedulers see it: exit codes, files, and what becomes of it when things are killed."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import cli
import kill_campaign
import psutil
import pytest
import tiny_network as tiny
from frozen_run import frozen, go_on
from here_pool import HerePool
from patience import PATIENCE

from optimizer.cli.workers import stopping
from optimizer.runs import network_run
from optimizer.runs import nightly as progress_of_runs
from optimizer.runs.folder import open_run, plan_name, read_station_rows
from optimizer.runs.network_run import Stop
from optimizer.workers import local_pool

CONTRACT = {
    "stations", "planned", "fallback", "failed", "swaps_served", "swaps_lost", "objective", "bound", "gap",
    "gap_median", "gap_p99", "gap_max", "wall_seconds", "cpu_seconds", "solver_seconds", "peak_memory_mb", "versions",
}  # fmt: skip
MANY = tuple(f"S{number}" for number in range(60))


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return tiny.write(tmp_path / "network.json")


def nightly(network: object, out: Path, *options: object, **how: Any) -> subprocess.CompletedProcess[str]:
    """A nightly without worker processes: those are for the tests that do something to them."""
    with patch.object(local_pool, "LocalPool", lambda workers, *_: HerePool(size=workers)):
        return cli.run("nightly", network, "--out", out, "--workers", 1, *options, **how)


@pytest.fixture
def no_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine, the time for baselines is enough."""
    monkeypatch.setattr(network_run, "OVERTIME_SECONDS", PATIENCE)


def frozen_nightly(network: Path, out: Path, plans: int) -> AbstractContextManager[subprocess.Popen[str]]:
    """A nightly with workers that has written so many plans and more to write."""
    command = [cli.COMMAND, "nightly", network, "--out", out, "--workers", 2]
    return frozen(command, out, lambda: len(tiny.plans(out)), plans, len(MANY) // 2)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """A network of many stations, and the plans of a run that nothing happens to."""
    folder = tmp_path_factory.mktemp("undisturbed")
    network = tiny.write(folder / "many.json", *MANY)
    assert nightly(network, folder / "run").returncode == 0
    return network, tiny.plans(folder / "run")


def test_a_run_leaves_plans_summary_and_rows(network: Path, tmp_path: Path) -> None:
    done = cli.run("nightly", network, "--out", tmp_path / "run", "--workers", 2, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    summary = json.loads(done.stdout)
    assert summary == tiny.summary(tmp_path / "run") and summary.keys() >= CONTRACT
    assert [summary[key] for key in ("status", "stations", "planned", "failed", "resumed")] == ["done", 6, 6, 0, 0]
    rows = read_station_rows(tmp_path / "run")
    assert [(row.station, row.file) for row in rows] == [(s, f"plans/{plan_name(s)}") for s in tiny.IDS]
    checked = cli.run("check", network, tmp_path / "run", "--json")
    assert checked.returncode == 0 and json.loads(checked.stdout)["stations_checked"] == 6
    alone = cli.run("check", network, tmp_path / "run" / "plans" / plan_name("S1"), "--json")
    assert json.loads(alone.stdout)["warnings"] == []
    network.unlink()
    kept = cli.run("check", tmp_path / "run", "--json")
    assert (kept.returncode, kept.stdout) == (0, checked.stdout)


def test_the_same_command_goes_on(network: Path, tmp_path: Path) -> None:
    nightly(network, tmp_path / "run")
    before = tiny.plans(tmp_path / "run")
    done = nightly(network, tmp_path / "run")
    assert done.returncode == 0 and "  stations    6: 6 planned (6 of them found finished)\n" in done.stdout
    assert tiny.plans(tmp_path / "run") == before


def test_a_killed_worker_costs_nothing(undisturbed: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    network, plans = undisturbed
    with frozen_nightly(network, tmp_path / "run", 3) as process:
        worker = tiny.workers_of(process.pid)[0]
        worker.kill()
        out, err = go_on(process)
    assert (process.returncode, err) == (0, "") and "60 planned\n" in out
    assert tiny.plans(tmp_path / "run") == plans


def test_a_killed_coordinator_takes_its_workers_along_and_loses_no_plan(
    undisturbed: tuple[Path, dict[str, bytes]], tmp_path: Path
) -> None:
    network, plans = undisturbed
    with frozen_nightly(network, tmp_path / "run", 5) as process:
        workers = tiny.workers_of(process.pid)
        process.kill()
    psutil.wait_procs(workers, PATIENCE)
    assert not any(worker.is_running() for worker in workers)
    left = tiny.plans(tmp_path / "run")
    assert len(left) >= 5 and left.items() <= plans.items()
    assert tiny.summary(tmp_path / "run")["status"] == "running"
    done = nightly(network, tmp_path / "run", "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["resumed"] == len(left)
    assert tiny.plans(tmp_path / "run") == plans


def test_killed_at_instants_all_over_the_run(undisturbed: tuple[Path, dict[str, bytes]], tmp_path: Path) -> None:
    kind = kill_campaign.nightly(undisturbed[0], ["--workers", "2"])
    found = kill_campaign.campaign(kind, kills=3, seed=1, folder=tmp_path)
    assert len(found.files_at_kill) == 3 and found.runs >= 1 and found.differences == []
    assert kill_campaign.told(kind, found).split()[:2] == ["nightly", "3"]


def test_a_night_that_goes_on_from_another_is_the_same_however_often_it_is_killed(
    undisturbed: tuple[Path, dict[str, bytes]], tmp_path: Path
) -> None:
    horizon = json.loads(undisturbed[0].read_text())["horizon"] | {"start": "2026-01-04T20:00:00Z"}
    nightly(tiny.write(tmp_path / "before.json", *MANY, horizon=horizon), tmp_path / "before")
    kind = kill_campaign.nightly(undisturbed[0], ["--workers", "2", "--carry-from", str(tmp_path / "before")])
    found = kill_campaign.campaign(kind, kills=3, seed=2, folder=tmp_path)
    assert len(found.files_at_kill) == 3 and found.differences == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_in_good_order(
    undisturbed: tuple[Path, dict[str, bytes]], tmp_path: Path, number: signal.Signals
) -> None:
    network, plans = undisturbed
    with frozen_nightly(network, tmp_path / "run", 3) as process:
        workers = tiny.workers_of(process.pid)
        os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
        out, err = go_on(process)
    summary = tiny.summary(tmp_path / "run")
    assert (process.returncode, err, summary["status"]) == (130, "", "interrupted")
    assert "Interrupted: what is finished stays, and the same command goes on from there\n" in out
    assert not any(worker.is_running() for worker in workers)
    left = tiny.plans(tmp_path / "run")
    assert summary["planned"] == len(left) < 60 == len(left) + summary["open"]
    assert left.items() <= plans.items()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_ask_to_stop_but_for_those_that_are_ignored(number: signal.Signals) -> None:
    """As SIGHUP is under nohup, and SIGINT in the background."""
    before = signal.getsignal(number)
    try:
        for handler, is_asked in ((signal.default_int_handler, True), (signal.SIG_IGN, False)):
            signal.signal(number, handler)
            stop = Stop()
            with stopping(stop, lambda: False):
                signal.raise_signal(number)
            assert stop.is_asked == is_asked and signal.getsignal(number) == handler
    finally:
        signal.signal(number, before)


def test_interrupted_while_it_reads(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "network.json")
    command = [cli.COMMAND, "nightly", tmp_path / "network.json", "--out", tmp_path / "run"]
    with (
        subprocess.Popen(command, text=True, stderr=subprocess.PIPE) as process,
        (tmp_path / "network.json").open("w"),  # it waits for the rest
    ):
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=PATIENCE)[1] == "interrupted: nothing was written\n"
    assert process.returncode == 130 and not (tmp_path / "run").exists()


def test_two_on_one_folder(network: Path, tmp_path: Path) -> None:
    first = open_run(tmp_path / "run")
    done = nightly(network, tmp_path / "run")
    first.close()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"{tmp_path}/run: is in use: another nightly is writing to it; wait for it or stop it, or name another folder\n"
    )


def test_a_bad_station_and_a_bad_tariff_stop_no_other(tmp_path: Path) -> None:
    whole = tiny.content("S1", {"id": "S2", "bays": -1}, {"id": "S3", "tariff": "broken"}, "S4")
    whole["tariffs"].append({"id": "broken", "energy_price_per_kwh": "free"})
    (tmp_path / "n.json").write_text(json.dumps(whole))
    done = nightly("n.json", tmp_path / "run", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert "  stations    4: 2 planned, 2 FAILED\n" in done.stdout
    summary = tiny.summary(tmp_path / "run")
    assert summary["failed_stations"] == [
        {
            "station": "S2",
            "place": "stations[1]",
            "reason": "n.json: stations[1].bays: -1: must be at least 1; correct the value",
        },
        {
            "station": "S3",
            "place": "stations[2]",
            "reason": 'n.json: stations[2].tariff: "broken": is a broken tariff; '
            "correct the tariff: its errors are told with the file's",
        },
    ]
    (problem,) = summary["problems"]
    assert problem.startswith('n.json: tariffs[1].energy_price_per_kwh: "free": must be') and problem in done.stdout
    assert set(tiny.plans(tmp_path / "run")) == {plan_name("S1"), plan_name("S4")}


def test_a_broken_horizon_stops_all(tmp_path: Path) -> None:
    network = tiny.write(tmp_path / "n.json", horizon={"start": "2026-01-05T00:00:00Z", "time_zone": "Mars"})
    done = nightly(network, tmp_path / "run")
    assert done.returncode == 2 and not (tmp_path / "run").exists()
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == ["horizon.slot_minutes", "horizon.slots"]


def test_no_room_for_a_plan(tmp_path: Path) -> None:
    """No file may be larger than 8,000 bytes: a day's plan and the history are, the summary is not."""

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8000, 8000))

    command = [cli.COMMAND, "nightly", cli.NIGHT, "--out", tmp_path / "run"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, preexec_fn=no_room)
    note, error = done.stderr.splitlines()
    path = tmp_path / "run" / "plans" / plan_name("nl-13-packs")
    assert (done.returncode, done.stdout) == (2, "")
    assert note.startswith("note: this run is not in the history: ")
    assert error == (
        f"{path}: cannot be read or written (File too large); "
        "what is finished stays; put that right and run the same command again"
    )
    assert list((tmp_path / "run" / "plans").iterdir()) == []
    assert tiny.summary(tmp_path / "run")["status"] == "interrupted"
    assert nightly(cli.NIGHT, tmp_path / "run").returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere memory cannot be limited so")
def test_a_worker_that_finds_no_memory_to_start_in_is_given_up(network: Path, tmp_path: Path) -> None:
    """As under `ulimit -v`: some libraries spin then; every station has a plan all the same."""

    def little_memory() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (300 * 2**20, 300 * 2**20))

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [cli.COMMAND, "nightly", network, "--out", tmp_path / "run", "--workers", "1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, preexec_fn=little_memory)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    summary = tiny.summary(tmp_path / "run")
    assert (done.returncode, summary["planned"] + summary["fallback"], summary["status"]) == (0, 6, "done")
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 6 * local_pool.START_CPU_SECONDS


@pytest.mark.usefixtures("no_hurry")
def test_no_time_gives_baselines_and_says_so_loudly(network: Path, tmp_path: Path) -> None:
    done = nightly(network, tmp_path / "run", "--time-limit", 0)
    assert done.returncode == 0
    assert "  stations    6: 0 planned, 6 WITH A BASELINE ONLY\n" in done.stdout
    assert "6 stations have a baseline only, nothing proven:\n  S1: time limit\n" in done.stdout
    assert "The time was up: the same command goes on from there\n" in done.stdout
    assert tiny.summary(tmp_path / "run")["bound"] is None


def test_the_history_knows_the_run(network: Path, tmp_path: Path) -> None:
    nightly(network, tmp_path / "run")
    (run,) = json.loads(cli.run("history", tmp_path, "--json").stdout)["runs"]
    assert (run["status"], run["stations"], run["planned"]) == ("done", 6, 6)
    nightly(network, tmp_path / "run", "--history", tmp_path / "mine.sqlite")
    assert len(json.loads(cli.run("history", tmp_path / "mine.sqlite", "--json").stdout)["runs"]) == 1


def test_a_history_that_is_none_is_a_note(network: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("my notes\n" * 100)
    done = nightly(network, tmp_path / "run", "--history", tmp_path / "notes.txt")
    assert done.returncode == 0 and "6: 6 planned\n" in done.stdout
    assert done.stderr.startswith(f"note: this run is not in the history: {tmp_path}/notes.txt: ")
    assert (tmp_path / "notes.txt").read_text() == "my notes\n" * 100


def test_a_network_from_standard_input(network: Path, tmp_path: Path) -> None:
    done = nightly("-", tmp_path / "run", stdin=network.read_bytes())
    assert done.returncode == 0 and len(tiny.plans(tmp_path / "run")) == 6


@pytest.mark.usefixtures("no_hurry")
def test_ids_of_ill_will_stay_texts(tmp_path: Path) -> None:
    ids = ["../../evil", "=cmd()", "\x1b[31mred", "a\nb"]
    done = nightly(tiny.write(tmp_path / "n.json", *ids), tmp_path / "run", "--time-limit", 0)
    assert done.returncode == 0 and "\x1b" not in done.stdout and "  a\\nb: time limit\n" in done.stdout
    assert len(list((tmp_path / "run" / "plans").iterdir())) == 4
    assert [row.station for row in read_station_rows(tmp_path / "run")] == [
        "../../evil",
        "=cmd()",
        "\\x1b[31mred",
        "a\\nb",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--gap", "nan"], "--gap, --time-limit and --station-time-limit take finite numbers"),
        (["--time-limit", "inf"], "--gap, --time-limit and --station-time-limit take finite numbers"),
        (["--worker-memory", "0"], "Invalid value for '--worker-memory': 0 is not in the range x>=1."),
        (
            ["--dask", "127.0.0.1:8786"],
            "--workers and --worker-memory are for this machine: whoever starts a Dask worker sets its own",
        ),
    ],
)
def test_usage_errors(network: Path, tmp_path: Path, options: list[object], message: str) -> None:
    done = nightly(network, tmp_path / "run", *options)
    assert (done.returncode, done.stdout) == (2, "") and message in done.stderr
    assert not (tmp_path / "run").exists()


def test_progress_is_worked_out_for_a_terminal_only(
    network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes a look at every station each time, which thousands of them in a cron job would pay for."""
    shown: list[object] = []
    monkeypatch.setattr(progress_of_runs, "progress", lambda run: shown.append(run) or "how far it is")
    assert nightly(network, tmp_path / "quiet").returncode == 0
    assert not shown
    monkeypatch.setattr("optimizer.cli.nightly.shows_progress", lambda: True)
    assert nightly(network, tmp_path / "shown").returncode == 0
    assert shown
