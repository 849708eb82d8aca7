"""The story of a night: two passes, what is gone on with, and what each fault costs."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import cli
import highspy
import night_faults as faults
import pytest
import tiny_network as tiny
from here_pool import HerePool, planned, run_of
from msgspec import structs

from optimizer.files.errors import OutputErrors
from optimizer.formats.plan_file import parse_plan, plan_text, read_plan, sealed
from optimizer.runs.folder import plan_name
from optimizer.runs.network_run import NetworkRun
from optimizer.runs.station_task import Planned, StationTask, plan_task, warm_up
from optimizer.workers.local_pool import Fault, LocalPool, PoolBrokenError

HARD = cli.INSTANCES / "bench" / "few-chargers-xs-1.json"  # its quick pass asks the solver several times
DIED, HUNG = Fault("died", "its worker was killed"), Fault("hung", "no answer")
RAISED = Fault("raised", "SolverError: HiGHS refused passModel")


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return tiny.write(tmp_path / "network.json")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "run"


def states(run: NetworkRun) -> dict[str, str]:
    return {row.station or row.place: row.state for row in run.stations}


def reasons(run: NetworkRun) -> dict[str, str]:
    return {row.station or row.place: row.reason for row in run.stations if row.reason}


def with_bound(result: Any, bound: float | None, gap: float | None) -> Planned:
    """A task's result as if this were all that it proves."""
    assert isinstance(result, Planned)
    file = parse_plan(result.text, "plan")
    (station,) = file.stations
    weak = structs.replace(station, bound=bound, gap=gap, status="gap_not_reached")
    file = structs.replace(file, bound=bound, gap=gap, status="gap_not_reached", stations=(weak,))
    return replace(result, text=plan_text(sealed(file)), result=weak.result)


def weak_at_first(short: dict[str, float], task: StationTask) -> object:
    """The quick pass proves less than it could: the bound lies so much currency below the plan, by station."""
    result = plan_task(task)
    station = task.night.station.id
    if task.options.effort == "full" or station not in short:
        return result
    assert isinstance(result, Planned)
    return with_bound(result, result.result.objective - short[station], 0.5)


def test_every_station_gets_a_checked_plan_of_its_own(network: Path, folder: Path) -> None:
    pool = HerePool()
    run = planned(network, folder, pool)
    assert pool.tasks == [(station, "quick") for station in tiny.IDS]
    assert set(tiny.plans(folder)) == {plan_name(station) for station in tiny.IDS}
    assert (run.status, set(states(run).values()), reasons(run)) == ("done", {"planned"}, {})
    for row in run.stations:
        file = read_plan(folder / "plans" / plan_name(row.id))
        assert file.key == row.keys["quick"] and row.result == file.stations[0].result


def test_the_second_pass_takes_the_largest_money_gap_first(network: Path, folder: Path) -> None:
    pool = HerePool()
    short = {"S2": 1.0, "S3": 5.0, "S5": 2.0}
    run = planned(network, folder, pool, plan=partial(weak_at_first, short))
    assert pool.tasks[6:] == [("S3", "full"), ("S5", "full"), ("S2", "full")]
    assert [row.effort for row in run.stations] == ["quick", "full", "full", "quick", "full", "quick"]
    assert all(row.result and row.result.proves(0.005) for row in run.stations)
    full = pool.asked[6]
    assert full.key == run.stations[2].keys["full"] and full.before is not None
    assert read_plan(folder / "plans" / plan_name("S3")).key == full.key


def test_a_finished_run_is_not_run_again(network: Path, folder: Path) -> None:
    planned(network, folder)
    before, pool = tiny.plans(folder), HerePool()
    run = planned(network, folder, pool)
    assert (pool.tasks, tiny.plans(folder)) == ([], before)
    assert [row.is_resumed for row in run.stations] == [True] * 6 and run.status == "done"


@pytest.mark.parametrize(
    "options", [{"gap": 0.001}, {"seed": 1}, {"time_limit_seconds": 19.0}, {"versions": {"swapcharge": "1"}}], ids=str
)
def test_what_was_asked_otherwise_is_planned_anew(network: Path, folder: Path, options: dict[str, Any]) -> None:
    planned(network, folder)
    pool = HerePool()
    planned(network, folder, pool, options)
    assert len(pool.tasks) == 6


def test_only_changed_stations_are_planned_anew(network: Path, folder: Path) -> None:
    planned(network, folder)
    content = json.loads(network.read_text())
    content["stations"][2]["grid_limit_kw"] = 60.0
    content["stations"][4]["id"] = "S5 moved"
    content["stations"][0]["sources"] = {"id": "nothing reads this"}
    network.write_text(json.dumps(content))
    pool = HerePool()
    run = planned(network, folder, pool)
    assert pool.tasks == [("S3", "quick"), ("S5 moved", "quick")]
    assert plan_name("S5") not in tiny.plans(folder) and sum(row.is_resumed for row in run.stations) == 4


@pytest.mark.parametrize("damage", ["empty", "half", "of another station", "no key", "gone"])
def test_a_plan_file_that_is_not_right_is_no_plan(network: Path, folder: Path, damage: str) -> None:
    planned(network, folder)
    whole, path = tiny.plans(folder), folder / "plans" / plan_name("S2")
    data = path.read_bytes()
    path.write_bytes(
        {
            "empty": b"",
            "half": data[: len(data) // 2],
            "of another station": whole[plan_name("S3")],
            "no key": plan_text(structs.replace(parse_plan(data, ""), key=None)),
            "gone": b"",
        }[damage]
    )
    if damage == "gone":
        path.unlink()
    pool = HerePool()
    planned(network, folder, pool)
    assert pool.tasks == [("S2", "quick")] and tiny.plans(folder) == whole


def test_a_station_that_is_begun_goes_on_with_the_second_pass(network: Path, folder: Path) -> None:
    plan = partial(weak_at_first, {"S2": 1.0})
    undisturbed = planned(network, folder, plan=plan)
    assert undisturbed.stations[1].effort == "full"
    whole = tiny.plans(folder)
    again = folder.with_name("again")
    stopped = run_of(network, again, HerePool(), plan=plan)
    stopped.read()
    stopped.report = lambda run: setattr(run.stop, "is_asked", run.left_in_pass == 0)
    stopped.plan()
    stopped.folder.close()
    assert stopped.status == "interrupted" and stopped.stations[1].effort == "quick"
    pool = HerePool()
    run = planned(network, again, pool, plan=plan)
    assert pool.tasks == [("S2", "full")] and tiny.plans(again) == whole
    assert [row.is_resumed for row in run.stations] == [True, False, True, True, True, True]


def test_ctrl_c_keeps_what_is_finished(network: Path, folder: Path) -> None:
    run = run_of(network, folder, HerePool(size=1))
    run.read()
    run.report = lambda run: setattr(run.stop, "is_asked", len(tiny.plans(folder)) == 2)
    run.plan()
    run.folder.close()
    assert run.status == "interrupted"
    assert list(states(run).values()) == ["planned", "planned", "open", "open", "open", "open"]
    pool = HerePool()
    planned(network, folder, pool)
    assert pool.tasks == [(station, "quick") for station in tiny.IDS[2:]]
    planned(network, folder.with_name("undisturbed"))
    assert tiny.plans(folder) == tiny.plans(folder.with_name("undisturbed"))


def test_a_station_whose_worker_died_is_tried_once_more_alone(network: Path, folder: Path) -> None:
    pool = HerePool({"S2": [DIED], "S3": [DIED, DIED]})
    run = planned(network, folder, pool)
    assert pool.tasks[6:] == [("S2", "quick"), ("S3", "quick"), ("S3", "baseline")]
    assert pool.most_at_once[:3] == [2, 2, 2] and set(pool.most_at_once[3:]) == {1}
    assert states(run)["S2"] == "planned" and states(run)["S3"] == "fallback"
    assert reasons(run) == {"S3": "its worker was killed"}


@pytest.mark.parametrize("fault", [HUNG, RAISED], ids=lambda fault: fault.kind)
def test_a_station_that_hangs_or_fails_gets_a_baseline_at_once(network: Path, folder: Path, fault: Fault) -> None:
    pool = HerePool({"S2": [fault]})
    run = planned(network, folder, pool)
    assert pool.tasks.index(("S2", "baseline")) < pool.tasks.index(("S5", "quick"))
    assert (states(run)["S2"], reasons(run), run.status) == ("fallback", {"S2": fault.reason}, "done")
    file = read_plan(folder / "plans" / plan_name("S2"))
    assert (file.key, file.status, file.bound) == (None, "fallback", None)
    again = HerePool()
    run = planned(network, folder, again)
    assert again.tasks == [("S2", "quick")] and set(states(run).values()) == {"planned"}


def test_plans_are_those_of_enough_memory_once_there_is_enough(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever a solver runs out of it in the first run: no weaker plan or bound is kept under a plan's key."""
    planned(HARD, folder)
    undisturbed, runs, lacking = tiny.plans(folder), 0, 0
    really_run, really_status = highspy.Highs.run, highspy.Highs.getModelStatus

    def run(highs: highspy.Highs) -> object:
        nonlocal runs
        runs += 1
        return really_run(highs)

    def status(highs: highspy.Highs) -> object:
        return highspy.HighsModelStatus.kMemoryLimit if runs == lacking else really_status(highs)

    monkeypatch.setattr(highspy.Highs, "run", run)
    monkeypatch.setattr(highspy.Highs, "getModelStatus", status)
    for lacking in (1, 2, 4):
        runs, again = 0, tmp_path / f"{lacking}"
        first = planned(HARD, again)
        assert reasons(first) == {"S1": "MemoryError: HiGHS ran out of memory"}
        planned(HARD, again)
        assert tiny.plans(again) == undisturbed


def test_a_fault_in_the_second_pass_costs_no_plan(network: Path, folder: Path) -> None:
    pool = HerePool()
    run = run_of(network, folder, pool, plan=partial(weak_at_first, {"S2": 1.0, "S3": 2.0}))
    run.read()
    pool.on_wait = partial(_fail_in_second_pass, run, pool)
    run.plan()
    run.folder.close()
    assert set(states(run).values()) == {"planned"}
    assert reasons(run) == {"S2": f"not improved: {RAISED.reason}"}
    assert (run.stations[1].effort, run.stations[2].effort) == ("quick", "full")
    assert pool.tasks[-1] == ("S3", "full")


def _fail_in_second_pass(run: NetworkRun, pool: HerePool) -> None:
    if run.stage == "improving" and not pool.faults:
        pool.faults = {"S2": [RAISED], "S3": [DIED]}


@pytest.mark.parametrize(
    ("befalls", "state", "reason"),
    [
        ([RAISED, DIED], "fallback", RAISED.reason),
        ([RAISED, Fault("raised", "MemoryError")], "fallback", RAISED.reason),
        ([RAISED, DIED, DIED], "failed", f"{RAISED.reason}; and no fallback: {DIED.reason}"),
        ([RAISED, HUNG], "failed", f"{RAISED.reason}; and no fallback: {HUNG.reason}"),
    ],
    ids=["dies", "raises", "dies twice", "hangs"],
)
def test_when_the_baseline_fails_too(network: Path, folder: Path, befalls: list[Any], state: str, reason: str) -> None:
    run = planned(network, folder, HerePool({"S2": befalls}))
    assert (states(run)["S2"], reasons(run)) == (state, {"S2": reason})
    assert (plan_name("S2") in tiny.plans(folder)) == (state == "fallback")


def test_when_there_is_no_baseline_at_all(network: Path, folder: Path) -> None:
    run = planned(network, folder, HerePool({"S2": [RAISED]}), fallback=faults.no_fallback)
    assert reasons(run) == {"S2": f"{RAISED.reason}; and no fallback: ValueError: no baseline either"}
    assert states(run)["S2"] == "failed"


def test_a_result_of_another_kind_is_a_fault(network: Path, folder: Path) -> None:
    run = planned(
        network, folder, HerePool(), plan=lambda task: 5 if task.night.station.id == "S2" else plan_task(task)
    )
    assert reasons(run) == {"S2": "no plan but int"}


def test_without_any_worker_every_station_still_gets_a_plan(network: Path, folder: Path) -> None:
    pool = HerePool({"S3": [PoolBrokenError("no worker can be started: why")]})
    run = planned(network, folder, pool)
    assert list(states(run).values()) == ["planned"] * 2 + ["fallback"] * 4
    assert set(reasons(run).values()) == {"no worker can be started: why"}
    assert len(tiny.plans(folder)) == 6


def test_a_full_disk_ends_the_run_and_the_next_goes_on(
    network: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(network, folder, HerePool())
    run.read()
    written: list[object] = []
    really = Path.replace

    def until_full(self: Path, target: Path) -> Path:
        written.append(target)
        if len(written) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return really(self, target)

    with monkeypatch.context() as patched, pytest.raises(OutputErrors) as caught:
        patched.setattr(Path, "replace", until_full)
        run.plan()
    run.folder.close()
    path = folder / "plans" / plan_name("S3")
    assert str(caught.value).startswith(
        f"{path}: cannot be read or written (No space left on device); what is finished"
    )
    assert set(tiny.plans(folder)) == {plan_name("S1"), plan_name("S2")}
    pool = HerePool()
    planned(network, folder, pool)
    assert pool.tasks == [(station, "quick") for station in tiny.IDS[2:]] and len(tiny.plans(folder)) == 6


def test_broken_stations_fail_with_all_their_errors(tmp_path: Path, folder: Path) -> None:
    stations: list[Any] = [
        "S1",
        {"id": "S2", "bays": 0, "tariff": "dear"},
        {"id": "S1"},
        {"id": "S4", "base_load_kw": 2000},
    ]
    run = planned(tiny.write(tmp_path / "n.json", *stations), folder)
    assert [row.state for row in run.stations] == ["planned", "failed", "failed", "failed"]
    told = [row.reason.replace(f"{tmp_path}/", "") for row in run.stations]
    assert told[1].splitlines() == [
        'n.json: stations[1].tariff: "dear": is not a tariff of this file; its tariffs: tariff',
        "n.json: stations[1].bays: 0: must be at least 1; correct the value",
    ]
    assert told[2:] == [
        'n.json: stations[2].id: "S1": this station id is taken by an earlier one; give every one its own id',
        "station S4: base load 2000 kW less solar 0 kW exceeds the grid limit of 1000 kW in slot 0 and in 3 more; "
        "raise grid_limit_kw or lower base_load_kw",
    ]
    assert run.status == "done" and len(tiny.plans(folder)) == 1


FATAL = {
    "dies": "its worker was killed by SIGKILL (out of memory?)",
    "hangs": "no answer within 0.3 s: its worker was killed",
    "eats": "MemoryError",
    "solver error": "SolverError: HiGHS refused passModel",
    "wrong answer": "InternalError: station wrong answer: the plan by",
}


class ImpatientPool(LocalPool):
    """Waits for the station that hangs no longer than it must, and for others as long as it takes."""

    def start(self, ticket: int, function: Any, arguments: tuple[Any, ...], seconds: float) -> None:
        hangs = function is faults.with_faults and arguments[0].night.station.id == "hangs"
        super().start(ticket, function, arguments, 0.3 if hangs else seconds)


def test_real_workers_with_every_fault_at_once(tmp_path: Path, folder: Path) -> None:
    network = tiny.write(tmp_path / "n.json", "S1", *FATAL, "S2")
    pool = ImpatientPool(2, warm_up, memory_mb=256)
    try:
        run = planned(network, folder, pool, plan=faults.with_faults)
    finally:
        pool.close()
    assert states(run) == {"S1": "planned", **dict.fromkeys(FATAL, "fallback"), "S2": "planned"}
    assert {station: reason[: len(FATAL[station])] for station, reason in reasons(run).items()} == FATAL
    assert "breaks 1 rules, first grid at slot 0: found 9.0, limit 1.0" in reasons(run)["wrong answer"]
    assert len(tiny.plans(folder)) == 7 and not list((folder / "plans").glob(".*"))


def test_real_workers_that_die_once_leave_no_trace(folder: Path, tmp_path: Path) -> None:
    network = tiny.write(tmp_path / "n.json", "S1", "S2")
    planned(network, tmp_path / "undisturbed")
    marks = tmp_path / "marks"
    marks.mkdir()
    pool = LocalPool(2, warm_up)
    try:
        run = planned(network, folder, pool, plan=partial(faults.dies_once, marks))
    finally:
        pool.close()
    assert (set(states(run).values()), reasons(run)) == ({"planned"}, {})
    assert tiny.plans(folder) == tiny.plans(tmp_path / "undisturbed")
