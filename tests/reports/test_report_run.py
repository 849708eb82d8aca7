"""The page of a run of `nightly`, and of one of its stations."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import cli
import pages
import pytest
import tiny_network as tiny

from optimizer.files.errors import InputErrors
from optimizer.reports.run import run_report, run_station_report
from optimizer.runs.folder import read_station_rows

HOSTILE = '"><img src=x onerror=alert(1)>'
OVERLOADED: dict[str, Any] = {"id": "too much", "grid_limit_kw": 10, "base_load_kw": 11}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of four stations: one cannot be planned, one has a name that would be markup."""
    folder = tmp_path_factory.mktemp("report")
    network = tiny.write(folder / "network.json", "S1", "S2", HOSTILE, OVERLOADED, name=f"{HOSTILE}name")
    assert cli.run("nightly", network, "--out", folder / "run", "--workers", 1).returncode == 1
    return folder


@pytest.fixture
def run(kept: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil; its network stands where the summary says."""
    return Path(shutil.copytree(kept / "run", tmp_path / "run"))


def told(run: Path, **changes: Any) -> None:
    """Change the run's summary."""
    (run / "summary.json").write_text(json.dumps(tiny.summary(run) | changes))


def test_totals_and_what_went_wrong(run: Path) -> None:
    page, summary = pages.parsed(run_report(run)), tiny.summary(run)
    assert page.words[page.words.index("Stations") + 1 :][:2] == ["3 planned", "of 4, 1 failed"]
    assert f"{summary['objective']:,.2f}".replace("-", "−") in page.words
    assert f"{summary['saving']:,.2f}".replace("-", "−") in page.words
    assert "proven the best possible" in page.words
    wrong = page.table("Stations without an optimised plan")
    assert [row[:2] for row in wrong[1:]] == [["too much", "no plan"]] and "base load" in wrong[1][2]
    bill = {row[0]: row[1:] for row in page.table("The bill")}
    assert bill["bound on every plan"][0] == f"{summary['bound']:,.2f}".replace("-", "−")


def test_the_bill_of_charging_on_arrival_has_its_parts(run: Path) -> None:
    """A demand charge that only charging on arrival pays stands apart from its energy; sums that disagree are left."""
    summary = tiny.summary(run)
    on_arrival, apart = summary["savings"]["on_arrival"], 40.0
    energy = summary["cost"]["energy"] + on_arrival["energy"]
    told(
        run,
        savings=summary["savings"]
        | {
            "on_arrival": on_arrival
            | {"demand": on_arrival["demand"] + apart, "gross_cost": on_arrival["gross_cost"] + apart}
        },
        baseline_objective=summary["baseline_objective"] + apart,
    )
    bill = {row[0]: row[1:] for row in pages.parsed(run_report(run)).table("The bill")}
    assert bill["energy"][1] == f"{energy:,.2f}".replace("-", "−")
    assert bill["demand charge"] == ["0.00", "40.00"]
    assert bill["objective"][1] == f"{summary['baseline_objective'] + apart:,.2f}".replace("-", "−")
    told(run, savings=summary["savings"] | {"on_arrival": on_arrival | {"gross_cost": 1e6}})
    bill = {row[0]: row[1:] for row in pages.parsed(run_report(run)).table("The bill")}
    assert bill["energy"][1] == "" and bill["objective"][1] != ""


def test_gaps_are_counted_by_class(run: Path) -> None:
    gaps = pages.hints(pages.parsed(run_report(run)).drawing("How many stations have which proven gap"))
    assert gaps[0] == "gap 0 %: 3 stations" and gaps[-1] == "gap open: 0 stations" and len(gaps) == 9


def test_savings_are_ranked(run: Path) -> None:
    rows = {row.name: row.saving for row in read_station_rows(run) if row.saving is not None}
    hints = pages.hints(pages.parsed(run_report(run)).drawing("Saving of 3 stations"))
    best = max(rows.values())
    assert len(hints) == 3 and hints[0].endswith(f": {best:,.2f} EUR")


def test_every_station_has_a_row(run: Path) -> None:
    rows = pages.parsed(run_report(run)).table("Stations (4)</caption>")
    assert [row[0] for row in rows] == ["station", "too much", "S1", "S2", HOSTILE]
    assert rows[0][1:7] == ["to look at", "lost", "served", "status", "gap in money", "gap"]
    assert rows[1][1:7] == ["no plan", "–", "–", "failed", "–", "–"]
    assert rows[2][1:7] == ["", "0", "1", "gap reached", "0.00", "0.00 %"]


def test_stations_that_lose_swaps_come_first(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed, row = sorted(read_station_rows(run), key=lambda row: row.objective is not None)[:2]
    assert failed.objective is None and row.objective is not None
    lost = {"far": 0, "two": 2, "near": 0, "one": 1, "unproven": 0}
    bounds = {"far": row.objective - 9, "near": row.objective, "unproven": None}
    rows = [replace(row, station=n, swaps_lost=lost[n], bound=bounds.get(n, row.objective)) for n in lost]
    monkeypatch.setattr("optimizer.reports.run.read_station_rows", lambda run: [*rows, failed])
    told = pages.parsed(run_report(run)).table("Stations (6)")
    assert [one[0] for one in told[1:]] == ["too much", "two", "one", "unproven", "far", "near"]


def test_names_and_reasons_stay_text(run: Path) -> None:
    reasons = [{"station": HOSTILE, "reason": f"{HOSTILE}why\nand more"}]
    told(run, fallback_stations=reasons, problems=[f"{HOSTILE}problem"], fallback=1)
    page = pages.parsed(run_report(run))
    assert {f"{HOSTILE}name", f"{HOSTILE}why (and 1 more)", f"{HOSTILE}problem", HOSTILE} <= set(page.words)
    assert "<img" not in page.source


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("running", "This run is still running: what follows is what it had so far."),
        ("interrupted", "This run was interrupted: what follows is what it had so far."),
        ("time_limit", "This run stopped at its time limit: what follows is what it had so far."),
    ],
)
def test_an_unfinished_run_is_called_one(run: Path, status: str, words: str) -> None:
    assert words not in pages.parsed(run_report(run)).words
    told(run, status=status)
    assert words in pages.parsed(run_report(run)).words


def test_savings_of_many_stations_share_bars(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = read_station_rows(run)[0]
    many = [replace(row, station=f"S{n}", bound=(row.objective or 0.0) - n) for n in range(700)]
    monkeypatch.setattr("optimizer.reports.run.read_station_rows", lambda run: many)
    page = pages.parsed(run_report(run))
    assert page.source.index(">S699<") < page.source.index(">S698<")
    assert len(pages.hints(page.drawing("Saving of 700 stations"))) == 234  # three to a bar


def test_one_station_is_checked_against_the_network_that_the_run_keeps(kept: Path, run: Path) -> None:
    page = pages.parsed(run_station_report(run, "S1", None))
    assert any(words.endswith(f"Checked against {run / 'network.json.gz'}") for words in page.words)
    (run / "network.json.gz").unlink()  # as in runs of earlier versions: the one that the summary names
    page = pages.parsed(run_station_report(run, "S1", None))
    assert any(words.endswith(f"Checked against {kept / 'network.json'}") for words in page.words)
    assert "Checked: the plan keeps every rule. Every cost is recomputed from its schedule." in page.words
    assert "The file says what is not so" not in page.words
    assert pages.parsed(run_station_report(run, HOSTILE, None)).words


def test_one_station_whose_network_is_gone_is_drawn_alone(run: Path) -> None:
    (run / "network.json.gz").unlink()
    for gone in ("gone.json", "-", "a\0b"):
        told(run, network=gone)
        page = pages.parsed(run_station_report(run, "S1", None))
        assert any("is not there any more" in words for words in page.words)
        assert any("Drawn from the plan alone." in words for words in page.words)


def test_the_same_run_gives_the_same_bytes(run: Path) -> None:
    assert run_report(run) == run_report(run)


def refusal(make: Any, *args: Any) -> str:
    with pytest.raises(InputErrors) as refused:
        make(*args)
    return str(refused.value)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    words = "is a folder without summary.json or study.json"
    remedy = "name a plan file, or the folder of a run of nightly or of a study"
    assert refusal(run_report, tmp_path) == f"{tmp_path}: {words}; {remedy}"


def test_a_broken_summary_is_refused(run: Path) -> None:
    told(run, objective="much")
    words = (
        "is no summary of a run (Expected `float`, got `str` - at `$.objective`); run the same nightly command again"
    )
    assert refusal(run_report, run) == f"{run / 'summary.json'}: {words}"


def test_a_broken_table_is_refused(run: Path) -> None:
    (run / "stations.csv").write_text("place\n")
    words = 'stations.csv, line 1: "station": must be a column of the table; run the same nightly command again'
    assert refusal(run_report, run).splitlines()[0] == f"{run}: {words}"
    (run / "stations.csv").unlink()
    words = "stations.csv: absent: must be in the folder of a run; run the same nightly command again"
    assert refusal(run_report, run) == f"{run}: {words}"


def test_a_station_without_a_plan_is_refused(run: Path) -> None:
    words = "has no plan in this run; stations.csv lists the stations that have one"
    assert refusal(run_station_report, run, "../S1", None) == f'{run}: stations: "../S1": {words}'


def test_a_network_without_the_station_is_refused(run: Path) -> None:
    words = "is not a station of this network; name the network that the run planned"
    found = refusal(run_station_report, run, "S1", str(cli.TINY))
    assert found == f'{cli.TINY}: stations: "S1": {words}'


def test_starts_of_all_plans_are_told(run: Path) -> None:
    summary = json.loads((run / "summary.json").read_text())
    rows = [row for row in read_station_rows(run) if row.objective is not None]
    assert sum(row.starts or 0 for row in rows) == summary["starts"] > 0
    assert sum(row.stays_charged or 0 for row in rows) == summary["stays_charged"] > 0
    page = run_report(run).decode()
    assert "Starts" in page and f"of {summary['stays_charged']} pack" in page
    told(run, stays_charged=0)
    assert b"Starts" not in run_report(run)  # of a run of an earlier version
