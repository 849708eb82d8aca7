"""What a run comes to: sums, proofs, failures, resources; for scripts and for people."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import tiny_network as tiny
from here_pool import HerePool, run_of
from msgspec import structs

from models.station.cost import Cost
from models.station.result import StationResult
from models.station.saving import Saving, Savings
from models.station.starts import ChargingFigures
from optimizer.files.errors import OutputErrors
from optimizer.runs.folder import plan_name
from optimizer.runs.network_run import NetworkRun
from optimizer.runs.nightly import ProgressReport, progress, run_night
from optimizer.runs.results import summary_of
from optimizer.runs.station_task import Planned
from optimizer.runs.summary import StationFailure, run_screen
from optimizer.workers.local_pool import Fault

FORMAT = """format version id status name currency network horizon started finished options stations planned fallback
    failed open resumed swaps_served swaps_lost objective gross_cost baseline_objective saving savings bound gap
    gap_median gap_p99 gap_max proven cost wall_seconds cpu_seconds solver_seconds peak_memory_mb cpu_split versions
    fallback_stations failed_stations problems warnings must_serve_lost stays_charged starts"""


def result(gross: float, bound: float | None, status: Any = "gap_reached") -> StationResult:
    cost = Cost(energy=gross + 5, end_value=10.0, base_bill=5.0)
    capped = Saving(energy=15.0, drivers_energy=-2.0, end_value=-1.0, gross_cost=gross + 15, swaps=0)
    plain = replace(capped, demand=8.0, gross_cost=gross + 23)
    return StationResult(
        status, "orders", cost, bound, cost.objective + 20, 7, 1, savings=Savings(plain, capped, {"peak": 9.0}),
        charging=ChargingFigures(stays_charged=9, starts=11),
    )  # fmt: skip


def summary(run: NetworkRun) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(msgspec.json.encode(summary_of(run)))
    return found


@pytest.fixture
def run(tmp_path: Path) -> NetworkRun:
    """A station of each state, and one more that is planned."""
    made = run_of(tiny.write(tmp_path / "n.json", "S1", "S2", "S3", "S4", "S5"), tmp_path / "run", HerePool())
    made.network_path, made.started = "net.json", datetime(2026, 11, 24, 21, 0, 0, 123456, tzinfo=UTC)
    made.read()
    made.stations[0].take(Planned(b"", result(100, 94.0), 0.5, 0.25), "quick")
    made.stations[1].take(Planned(b"", result(300, 294.0), 0.5), "full")
    made.stations[0].count(Planned(b"", result(1, 1), 0.5, 0.25))
    made.stations[2].take(Planned(b"", result(200, None, "fallback"), 0.1), None, "no answer")
    made.stations[3].fail("first line\nsecond line\nthird")
    return made


def test_the_format_is_kept(run: NetworkRun) -> None:
    assert list(summary(run)) == FORMAT.split()


def test_sums_and_counts(run: NetworkRun) -> None:
    found = summary(run)
    assert (found["starts"], found["stays_charged"]) == (33, 27)  # of the three stations with a plan
    counts = [found[key] for key in ("stations", "planned", "fallback", "failed", "open", "resumed")]
    assert counts == [5, 2, 1, 1, 1, 0]
    assert (found["swaps_served"], found["swaps_lost"]) == (21, 3)
    assert (found["gross_cost"], found["objective"], found["saving"]) == (600.0, 585.0, 60.0)
    assert found["cost"]["energy"] == 615.0 and found["cost"]["end_value"] == 30.0
    assert found["started"] == "2026-11-24T21:00:00Z" and found["finished"] is None
    assert found["horizon"]["start"] == "2026-01-05T00:00:00+00:00"
    assert found["fallback_stations"] == [{"station": "S3", "reason": "no answer"}]
    assert found["failed_stations"][0]["place"] == "stations[3]"


def test_savings_are_summed_and_told_like_with_like(run: NetworkRun) -> None:
    found = summary(run)["savings"]
    assert (found["amount"], found["against"], found["caps_kw"]) == (36.0, "load_cap", {})
    assert found["share"] == pytest.approx(36 / 645) and found["on_arrival"]["amount"] == 60.0
    parts = [value for key, value in found["load_cap"].items() if key not in {"amount", "share", "gross_cost", "swaps"}]
    assert sum(parts) == found["amount"] and len(parts) == 8
    run.stations[1].result = replace(result(300, 294.0), savings=None)
    assert summary(run)["savings"] is None  # of one station nobody knows
    assert "  saving      not worked out" in run_screen(summary_of(run), "r")


def test_rows_tell_the_parts_of_the_saving(run: NetworkRun) -> None:
    row = run.stations[0].as_row(run.folder)
    assert (row.saving, row.savings_against, row.savings_on_arrival) == (12.0, "load_cap", 20.0)
    assert (row.savings_energy, row.savings_demand, row.savings_drivers_energy, row.savings_end_value) == (
        15,
        0,
        -2,
        -1,
    )
    run.stations[0].result = replace(result(100, 94.0), savings=None)
    old = run.stations[0].as_row(run.folder)
    assert (old.savings_amount, old.savings_against, old.saving) == (None, "", 20.0)


def test_nothing_is_proven_of_the_network_while_one_station_has_no_bound(run: NetworkRun) -> None:
    found = summary(run)
    assert (found["bound"], found["gap"]) == (None, None)
    assert found["proven"] == {"stations": 2, "objective": 390.0, "bound": 388.0, "gap": 2 / 400}
    assert (found["gap_median"], found["gap_p99"], found["gap_max"]) == (
        pytest.approx((0.01 + 1 / 300) / 2),
        0.01,
        0.01,
    )
    run.stations[2].take(Planned(b"", result(200, 195.0), 0.1), "full")
    found = summary(run)
    assert (found["bound"], found["gap"]) == (583.0, pytest.approx(2 / 600))


def test_of_a_hundred_gaps_the_99th(tmp_path: Path) -> None:
    names = tuple(f"S{n}" for n in range(200))
    run = run_of(tiny.write(tmp_path / "n.json", *names), tmp_path / "run", HerePool())
    run.read()
    for n, row in enumerate(run.stations):
        row.take(Planned(b"", result(100, 95 - n / 10), 0.5), "quick")
    found = summary(run)
    assert (found["gap_median"], found["gap_p99"], found["gap_max"]) == pytest.approx((0.0995, 0.197, 0.199))


def test_a_run_without_plans(tmp_path: Path) -> None:
    run = run_of(tiny.write(tmp_path / "n.json", "S1"), tmp_path / "run", HerePool())
    run.read()
    found = summary(run)
    assert [found[key] for key in ("objective", "bound", "gap", "gap_max", "swaps_lost")] == [0, None, None, None, 0]
    assert found["proven"]["gap"] is None
    assert "proof       nothing proven of how much better a plan could be" in run_screen(summary_of(run), "run")


def test_the_same_question_has_the_same_id(run: NetworkRun, tmp_path: Path) -> None:
    first = summary(run)["id"]
    run.stations[0].fail("now it failed")
    assert summary(run)["id"] == first
    other = run_of(tiny.write(tmp_path / "o.json", "S1"), tmp_path / "other", HerePool())
    other.read()
    assert summary(other)["id"] != first


def test_seconds_and_memory_add_up(run: NetworkRun) -> None:
    run.stage_seconds, run.task_cpu_seconds = {"solver": 1e6, "check": 2e6}, 4e6
    run.peaks_mb, run.file_cpu_seconds = {"worker 0": 100.0, "worker 1": 200.0}, 0.5
    found = summary(run)
    split = found["cpu_split"]
    assert set(split) == {"solver", "model", "rounding", "check", "files", "rest"}
    assert sum(split.values()) == pytest.approx(found["cpu_seconds"], abs=0.01) and found["cpu_seconds"] >= 4e6
    assert found["solver_seconds"] == 0.25 and found["peak_memory_mb"] > 300


def test_rows_of_every_state(run: NetworkRun) -> None:
    rows = [station.as_row(run.folder) for station in run.stations]
    assert [row.status for row in rows] == ["gap_reached", "gap_reached", "fallback", "failed", "open"]
    assert [row.effort for row in rows] == ["quick", "full", "", "", ""]
    assert [row.file for row in rows[:4]] == [f"plans/{plan_name(s)}" for s in ("S1", "S2", "S3")] + [""]
    assert rows[0].gross_cost == 100 and rows[2].bound is None and rows[3].objective is None
    assert rows[0].cpu_seconds == 0.5


def test_for_people(run: NetworkRun) -> None:
    run.network = run.network.__class__(**{**run.network.__dict__, "problems": ("n.json: tariffs[0]: broken; mend",)})
    took: Any = {"wall_seconds": 1234.5, "cpu_seconds": 2000.0, "solver_seconds": 900.0, "peak_memory_mb": 500.4}
    shown = structs.replace(summary_of(run), status="interrupted", resumed=1, **took)
    assert run_screen(shown, "runs/monday").splitlines() == [
        "Network tiny network, 2026-01-05 00:00 to 2026-01-05 04:00 UTC",
        "",
        "  stations    5: 2 planned (1 of them found finished), 1 WITH A BASELINE ONLY, 1 FAILED, 1 still open",
        "  charging    600.00 EUR",
        "  objective   585.00 EUR",
        "  saving      36.00 EUR (5.6 %) against charging on arrival under a load cap",
        "              energy 45.00, energy that drivers get -6.00, energy left inside -3.00",
        "              60.00 EUR (9.0 %) against charging on arrival without a load cap, of it demand charge 24.00",
        "  swaps       21 served, 3 lost",
        "  calm        33 starts of 27 packs that charge",
        "  proof       proven within 0.50 % of the best possible; nothing proven for 1 others",
        "  stations'   gaps: half of them up to 0.67 %, 99 of 100 up to 1.00 %, the largest 1.00 %",
        "  time        1,234.5 s; CPU 2,000.0 s, of which HiGHS 900.0 s",
        "  memory      500 MB at most, all workers together",
        "",
        "1 station has a baseline only, nothing proven:",
        "  S3: no answer",
        "",
        "1 station failed and has no plan:",
        "  S4: first line (and 2 more)",
        "",
        "n.json: tariffs[0]: broken; mend",
        "",
        "Interrupted: what is finished stays, and the same command goes on from there",
        "Plans in runs/monday/plans, beside them stations.csv and summary.json",
    ]


def test_a_long_list_of_failures_is_cut(run: NetworkRun) -> None:
    failures = tuple(StationFailure(station=None, place=f"stations[{n}]", reason="") for n in range(12))
    text = run_screen(structs.replace(summary_of(run), failed_stations=failures), "run")
    assert "12 stations failed and have no plan:\n  stations[0]: \n" in text
    assert "  stations[9]: \n  ... and 2 more: see summary.json\n" in text


def test_a_run_is_recorded_at_its_beginning_and_end(tmp_path: Path) -> None:
    run = run_of(tiny.write(tmp_path / "n.json"), tmp_path / "run", HerePool())
    seen: list[Any] = []
    found = run_night(run, lambda folder: seen.append(json.loads((folder / "summary.json").read_text())))
    assert [(one["status"], one["planned"], one["open"]) for one in seen] == [("running", 0, 6), ("done", 6, 0)]
    assert seen[1] == json.loads(msgspec.json.encode(found)) == tiny.summary(tmp_path / "run") and run.pool.is_closed  # type: ignore[attr-defined]
    with (tmp_path / "run" / "stations.csv").open(newline="") as file:
        assert [row["station"] for row in csv.DictReader(file)] == list(tiny.IDS)


def test_a_run_that_cannot_write_closes_its_pool_and_says_how_far_it_came(tmp_path: Path) -> None:
    run = run_of(tiny.write(tmp_path / "n.json"), tmp_path / "run", HerePool())
    run.folder.plan_path("S3").mkdir(parents=True)
    with pytest.raises(OutputErrors):
        run_night(run)
    found = tiny.summary(tmp_path / "run")
    assert (found["status"], found["planned"]) == ("interrupted", 2)
    assert run.pool.is_closed  # type: ignore[attr-defined]


def test_the_line_of_progress(tmp_path: Path) -> None:
    pool = HerePool({"S2": [Fault("hung", "no answer")]}, size=1)
    run = run_of(tiny.write(tmp_path / "n.json", "S1", "S2", {"id": "S3", "bays": 0}, "S4"), tmp_path / "run", pool)
    said: list[str] = []
    run.report = lambda run: said.append(progress(run))
    run.read()
    run.plan()
    parts = [[part for part in line.split(", ") if "/s" not in part and "left" not in part] for line in said]
    assert parts == [
        ["planning: 1 of 3 stations", "gap so far 0.00 %", "1 failed"],
        ["planning: 1 of 3 stations", "gap so far 0.00 %", "1 failed"],
        ["planning: 2 of 3 stations", "gap so far 0.00 %", "1 failed"],
        ["planning: 3 of 3 stations", "gap so far 0.00 %", "1 fallback", "1 failed"],
    ]
    run.pass_began, run.pass_size, run._jobs = run.pass_began - 1000, 103, run._jobs.__class__([None] * 100)  # type: ignore[list-item]
    assert "stations, 0.0/s, 9 h " in progress(run) and " min left, gap" in progress(run)


def test_progress_is_reported_now_and_then(run: NetworkRun) -> None:
    said: list[str] = []
    report = ProgressReport(said.append)
    for _ in range(100):
        report(run)
    assert 1 <= len(said) < 100
