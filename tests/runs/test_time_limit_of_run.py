"""A limit on the whole run: plans, then baselines, then nothing, by a clock that goes as the test says."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import cli
import pytest
import tiny_network as tiny
from here_pool import HerePool, planned, run_of
from test_network_run import reasons, states, weak_at_first

from optimizer.cli.nightly import _exit_code
from optimizer.runs import network_run
from optimizer.runs.folder import read_station_rows, read_summary
from optimizer.runs.network_run import NetworkRun, has_time_to_plan
from optimizer.runs.nightly import run_night
from optimizer.runs.station_progress import StationProgress, read_station
from optimizer.workers import local_pool
from optimizer.workers.local_pool import PoolBrokenError

LIMIT = 1000.0
LAST = LIMIT * (1 + network_run.OVERTIME_SHARE) + network_run.OVERTIME_SECONDS


class Clock:
    """Stands still but for what is done to `now`."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def process_time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(network_run, "time", made)
    return made


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return tiny.write(tmp_path / "network.json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run"


def limited(network: Path, folder: Path, pool: HerePool, total: float = LIMIT, **settings: Any) -> NetworkRun:
    run = run_of(network, folder, pool, {"total_seconds": total}, **settings)
    run.began = 0.0
    return run


def carried_out(run: NetworkRun) -> NetworkRun:
    try:
        run_night(run)
    finally:
        run.folder.close()
    return run


def advance(clock: Clock, to: float) -> Callable[[], None]:
    return lambda: setattr(clock, "now", max(clock.now, to))


def of_workers(pool: HerePool, kind: str) -> list[str]:
    return [station for station, what in pool.tasks if what == kind]


def test_no_time_at_all_still_gives_every_station_a_plan(clock: Clock, network: Path, folder: Path) -> None:
    pool = HerePool()
    run = carried_out(limited(network, folder, pool, total=0.0))
    assert of_workers(pool, "quick") == [] and 0 < len(of_workers(pool, "baseline")) < 6, "the others were made here"
    assert (run.status, set(states(run).values()), set(reasons(run).values())) == (
        "time_limit", {"fallback"}, {"time limit"},
    )  # fmt: skip
    run = planned(network, folder)
    assert (run.status, set(states(run).values()), reasons(run)) == ("done", {"planned"}, {})


def test_large_nights_are_left_to_workers_that_can_be_ended(
    clock: Clock, network: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_run, "SMALL_NIGHT", 0)
    pool = HerePool()
    carried_out(limited(network, folder, pool, total=0.0))
    assert of_workers(pool, "baseline") == list(tiny.IDS)


def test_time_that_ends_in_the_first_pass(clock: Clock, network: Path, folder: Path) -> None:
    pool = HerePool(on_wait=lambda: setattr(clock, "now", min(1020.0, clock.now + 600)))
    run = limited(network, folder, pool)
    carried_out(run)
    planned_ones = of_workers(pool, "quick")
    assert planned_ones == list(tiny.IDS[:4])
    assert reasons(run) == dict.fromkeys(tiny.IDS[4:], "time limit") and run.status == "time_limit"
    assert [states(run)[name] for name in tiny.IDS] == ["planned"] * 4 + ["fallback"] * 2


def test_time_that_ends_in_the_second_pass(clock: Clock, network: Path, folder: Path) -> None:
    pool = HerePool(size=1)
    run = limited(network, folder, pool, plan=partial(weak_at_first, {"S2": 1.0, "S3": 5.0}))
    pool.on_wait = lambda: advance(clock, 1010.0 if run.stage == "improving" else 0.0)()
    carried_out(run)
    assert pool.tasks[6:] == [("S3", "full")]
    assert (run.status, set(states(run).values())) == ("time_limit", {"planned"})


@pytest.mark.parametrize(("now", "state"), [(1030.0, "fallback"), (LAST, "open")])
def test_a_task_in_hand_beyond_the_limit_is_dropped(
    clock: Clock, network: Path, folder: Path, now: float, state: str
) -> None:
    """For a baseline while there is overtime; after that it has no plan, and that is said."""
    pool = HerePool(size=1)
    run = limited(network, folder, pool)

    def stuck(seconds: float) -> list[Any]:
        clock.now = now
        pool.wait = really  # type: ignore[method-assign]
        return []

    really, pool.wait = pool.wait, stuck  # type: ignore[method-assign]
    carried_out(run)
    assert of_workers(pool, "quick") == ["S1"]
    assert (set(states(run).values()), set(reasons(run).values())) == ({state}, {"time limit"})
    summary = read_summary(folder)
    assert (summary.status, summary.open) == ("time_limit", 6 if state == "open" else 0)
    rows = read_station_rows(folder)
    assert [(row.status, bool(row.file), row.reason) for row in rows] == [(state, state != "open", "time limit")] * 6
    assert len(tiny.plans(folder)) == (0 if state == "open" else 6)


def test_a_station_is_given_no_time_that_baselines_of_others_need(clock: Clock, network: Path, folder: Path) -> None:
    pool = HerePool(size=1)
    clock.now = LIMIT - 10.0
    run = limited(network, folder, pool)
    run.read = lambda: (setattr(clock, "now", 0.0), NetworkRun.read(run), setattr(clock, "now", 990.0))  # type: ignore[method-assign]
    carried_out(run)
    given = [ask.options.time_limit_seconds for ask in pool.asked]
    assert given == pytest.approx([10.0 - n * network_run.EACH_FALLBACK_SECONDS for n in range(5, -1, -1)])


def test_on_a_busy_machine_more_time_is_kept_for_baselines(
    clock: Clock, network: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it shows while the stations are read: here a second of CPU took four, and the next six baselines will, too."""
    monkeypatch.setattr(clock, "process_time", lambda: clock.now / 4)

    def slowly(*which: Any) -> StationProgress:
        clock.now += 1.0
        return read_station(*which)

    monkeypatch.setattr(network_run, "read_station", slowly)
    pool = HerePool(size=1)
    monkeypatch.setattr(network_run, "EACH_FALLBACK_SECONDS", LIMIT / 10)
    carried_out(limited(network, folder, pool))
    assert of_workers(pool, "baseline")[0] == "S1", "6 x 4 x 100 s are more than there are"


def test_baselines_are_hasty_where_there_is_no_time_for_the_better_ones(
    clock: Clock, network: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_run, "SMALL_NIGHT", 0)
    pool = HerePool(size=1, on_wait=lambda: advance(clock, 0.96)())
    monkeypatch.setattr(network_run, "EACH_FALLBACK_SECONDS", 0.2)
    carried_out(limited(network, folder, pool, total=1.0))
    assert [ask.options.effort for ask in pool.asked] == ["full"] + ["quick"] * 4 + ["full"]


def test_where_there_is_no_time_to_read_a_station_it_stays_open(clock: Clock, network: Path, folder: Path) -> None:
    planned(network, folder)
    before = tiny.plans(folder)
    clock.now = LAST + 1
    pool = HerePool()
    run = carried_out(limited(network, folder, pool))
    assert pool.tasks == [] and tiny.plans(folder) == before, "an earlier run's plans stay where they are"
    assert (set(states(run).values()), set(reasons(run).values())) == ({"open"}, {"time limit"})
    assert run.status == "time_limit"
    again = HerePool()
    run = planned(network, folder, again)
    assert again.tasks == [] and set(states(run).values()) == {"planned"}


def test_reading_takes_half_of_the_time_and_goes_on_if_there_is_more(
    clock: Clock, network: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(*which: Any) -> StationProgress:
        clock.now += 0.3 * LIMIT if pool.tasks == [] else 0.0
        return read_station(*which)

    monkeypatch.setattr(network_run, "read_station", slowly)
    pool = HerePool(size=1)
    run = carried_out(limited(network, folder, pool))
    assert pool.tasks[:2] == [("S1", "quick"), ("S2", "quick")] and clock.now == 600.0
    assert (run.status, set(states(run).values())) == ("done", {"planned"})


def test_without_workers_the_limit_holds_too(clock: Clock, network: Path, folder: Path) -> None:
    pool = HerePool({"S1": [PoolBrokenError("no worker can be started: why")]}, size=1)
    run = limited(network, folder, pool)
    run.report = lambda _: advance(clock, LAST if len(tiny.plans(folder)) == 2 else 0.0)()
    carried_out(run)
    assert list(states(run).values()) == ["fallback"] * 2 + ["open"] * 4 and run.status == "time_limit"


def test_no_solver_is_loaded_where_there_is_time_for_baselines_only(network: Path, folder: Path) -> None:
    run = run_of(network, folder, HerePool(), {"total_seconds": 10.0})
    run.folder.close()
    assert has_time_to_plan(run.options, 300, workers=2) and not has_time_to_plan(run.options, 3_700, workers=2)


def test_exit_codes(network: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """3 where not one station has a plan, 1 where some have none."""
    monkeypatch.setattr(local_pool, "LocalPool", lambda workers, *_: HerePool(size=workers))
    monkeypatch.setattr(network_run, "OVERTIME_SECONDS", 0.0)
    done = cli.run("nightly", network, "--out", tmp_path / "run", "--workers", 1, "--time-limit", 0)
    assert (done.returncode, done.stderr) == (3, "")
    assert "  stations    6: 0 planned, 6 still open\n" in done.stdout
    assert "The time was up: the same command goes on from there\n" in done.stdout
    summary = read_summary(tmp_path / "run")
    assert summary.open == 6 and json.loads(cli.run("history", tmp_path, "--json").stdout)["runs"][0]["planned"] == 0
    for changes, code in (({"open": 5}, 1), ({"open": 0}, 0), ({"open": 0, "failed": 1}, 1), ({"status": "done"}, 3)):
        assert _exit_code(json_changed(summary, changes)) == code
    assert _exit_code(json_changed(summary, {"status": "interrupted"})) == 130


def json_changed(summary: Any, changes: dict[str, Any]) -> Any:
    from msgspec import structs

    return structs.replace(summary, **changes)
