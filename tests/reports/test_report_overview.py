"""The overview of a run: money, drivers, proof and load on one screen, stations to look at, changes since a night."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import builders as make
import cli
import pages
import pytest
import tiny_network as tiny

from models.horizon import Horizon
from optimizer.history.runs import compare_folders
from optimizer.history.why.explained import ExplainedPart, ExplainedStation
from optimizer.reports.overview.attention import NOTHING_KNOWN, StationToSee, stations_to_see
from optimizer.reports.overview.network_facts import NetworkFacts, StationFacts
from optimizer.reports.overview.page import overview_report
from optimizer.reports.overview.words import signed_words, whole_money
from optimizer.runs.folder import read_station_rows
from optimizer.runs.station_table import StationRow

HOSTILE = '"><img src=x onerror=alert(1)>'
TUESDAY = "2026-01-06T00:00:00Z"
LOST: dict[str, Any] = {
    "id": "busy",
    "swaps": [
        {"id": f"d{n}", "slot": 1, "type": "pack", "returned_soc": 0.0, "lost_cost": 50.0 + n} for n in range(2)
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two nights of four stations: one loses a driver, one has a name that would be markup; S1 is dearer on the
    second."""
    folder = tmp_path_factory.mktemp("overview")
    old = tiny.content("S1", "S2", HOSTILE, LOST, name=f"{HOSTILE}name")
    new = json.loads(json.dumps(old))
    new["horizon"]["start"] = TUESDAY
    new["tariffs"].append(new["tariffs"][0] | {"id": "dear", "energy_price_per_kwh": [0.9, 0.8, 0.7, 0.6]})
    new["stations"][0] |= {"tariff": "dear"}
    for name, network in (("mon", old), ("tue", new)):
        path = folder / f"{name}.json"
        path.write_text(json.dumps(network))
        done = cli.run("nightly", path, "--out", folder / name, "--workers", 1)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def run(kept: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(kept / "tue", tmp_path / "tue"))


def overview(path: Path, *options: object) -> pages.Page:
    done = cli.run("report", path, "--overview", "-o", path.parent / "boss.html", *options)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return pages.parsed((path.parent / "boss.html").read_bytes())


def told(run: Path, **changes: Any) -> None:
    """Change the run's summary."""
    (run / "summary.json").write_text(json.dumps(tiny.summary(run) | changes))


def after(page: pages.Page, name: str) -> list[str]:
    """The figure of a tile, and the words below it."""
    at = page.words.index(name)
    return page.words[at + 1 : at + 3]


def test_key_figures_are_those_of_the_run(run: Path) -> None:
    page, summary = overview(run), tiny.summary(run)
    assert after(page, "Charging costs, EUR")[0] == f"{summary['gross_cost']:,.2f}"
    saving = summary["savings"]
    assert after(page, "Saving, EUR")[0] == f"{saving['amount']:,.2f}".replace("-", "−")
    assert after(page, "Drivers") == ["4 served", "80.0 % of 5, 1 lost"]
    assert after(page, "Above the best possible") == ["≤ 0.00 %", "0.00 EUR at most"]
    assert "Somebody must act" not in page.text


def test_load_and_energy_are_those_of_the_plans(run: Path) -> None:
    """Of four stations, each slot added up; what is paid a kWh is what energy costs over what goes into packs."""
    page, summary = overview(run), tiny.summary(run)
    energy = sum(json.loads(plan)["cost"]["energy"] for plan in tiny.plans(run).values())
    rows = [row for plan in tiny.plans(run).values() for row in json.loads(plan)["stations"][0]["packs"]]
    by_slot = [sum(kw) / 0.8 for kw in zip(*(row["power_kw"] for row in rows), strict=True)]
    charged_kwh = 0.8 * sum(by_slot)
    assert after(page, "Network's peak")[0] == f"{max(by_slot):,.0f} kW"
    assert after(page, "Into packs")[0] == f"{charged_kwh:,.0f} kWh"
    assert after(page, "Into packs")[1].startswith(f"at {energy / charged_kwh:,.4f} EUR ")
    assert energy == pytest.approx(summary["cost"]["energy"])
    assert page.drawing("Power drawn from the grid by all stations") is not None


def test_drivers_lost_are_told_with_their_reasons(run: Path) -> None:
    page = overview(run)
    reasons = page.table("Why drivers are lost")
    assert reasons[-1] == ["lost in all", "1"] and sum(int(row[1]) for row in reasons[1:-1]) == 1
    stations = page.table("Stations to look at")
    assert stations[1][0] == "busy" and stations[1][1].startswith("1 driver lost: ") and stations[1][2] == "50.00"


def test_what_nobody_may_overlook_stands_on_top(run: Path) -> None:
    told(run, failed=2, must_serve_lost=1, status="interrupted")
    page = overview(run)
    assert "2 stations of 4 without a plan: in none of the sums" in page.words
    assert "1 driver lost who must be served" in page.words
    assert "This run was interrupted: what follows is what it had so far." in page.words


def test_what_is_not_proven_is_said(run: Path) -> None:
    proven = {"stations": 0, "objective": 0.0, "bound": 0.0, "gap": None}
    told(run, proven=proven, savings=None)
    page = overview(run)
    assert after(page, "Above the best possible") == ["not proven", "nothing is proven of any plan"]
    assert "Saving: the difference of the objectives; this run does not tell what it is like with like." in page.words
    told(run, proven={"stations": 3, "objective": 100.0, "bound": 99.0, "gap": 0.01})
    assert after(overview(run), "Above the best possible") == [
        "≤ 1.00 %",
        "1.00 EUR at most; of 1 station nothing is proven",
    ]


def test_without_the_network_load_is_left_out_and_said(run: Path) -> None:
    (run / "network.json.gz").unlink()
    told(run, network="gone.json")
    page = overview(run)
    assert "Network's peak" not in page.words and page.table("Stations to look at")
    assert (
        "Load, peak and energy: of 0 of 4 planned stations (The network gone.json is not there any more)." in page.words
    )


def test_a_plan_that_cannot_be_read_is_said(run: Path) -> None:
    next(iter((run / "plans").glob("*.json"))).write_text("{")
    assert "1 plan file cannot be read: in the sums, and not looked into." in overview(run).words


def test_changes_since_a_night_are_told_and_why(kept: Path, run: Path) -> None:
    page = overview(run, "--compare", kept / "mon")
    old, new = tiny.summary(kept / "mon"), tiny.summary(run)
    both = {row[0]: row[1:] for row in page.table("Both nights")[1:]}
    assert both["objective, EUR"] == [
        f"{old['objective']:,.2f}",
        f"{new['objective']:,.2f}",
        f"+{new['objective'] - old['objective']:,.2f}",
    ]
    assert both["drivers lost"] == ["1", "1", "0"]
    terms = page.table("Where it went: 4 stations planned in both")
    assert terms[-1] == ["objective", both["objective, EUR"][2]]
    (line,) = [words for words in page.words if words.startswith("S1: ")]
    assert " EUR more: higher prices (" in line and line.endswith("; ±0.00 left open by the gaps")
    assert any(row[0] == "S1" and ", of it higher prices +" in row[1] for row in page.table("Stations to look at"))
    assert after(page, "Since 2026-01-05, EUR") == [
        f"+{new['gross_cost'] - old['gross_cost']:,.2f}",
        "what charging costs",
    ]


def test_a_night_without_changes_is_said(kept: Path) -> None:
    assert "No station's objective has changed." in overview(kept / "mon", "--compare", kept / "mon").words


def test_changes_whose_nights_are_not_known_are_said(kept: Path, run: Path) -> None:
    (run / "network.json.gz").unlink()
    told(run, network="gone.json")
    words = overview(run, "--compare", kept / "mon").words
    assert "Why is not known: run 2 keeps no network.json.gz, as runs of earlier versions." in words


def test_the_same_run_gives_the_same_page(kept: Path) -> None:
    assert overview_report(kept / "tue") == overview_report(kept / "tue")


def test_names_are_text(run: Path) -> None:
    page = overview_report(run).decode()
    assert "<img" not in page and "&lt;img" in page


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--compare", "runs/mon"), "--compare goes with --overview"),
        (("--overview", "--station", "S1"), "--overview shows all stations: it does not take --station"),
        (("--overview", "--time-limit", "inf"), "--time-limit takes a finite number"),
    ],
)
def test_options_that_do_not_go_together_are_refused(run: Path, options: tuple[str, ...], message: str) -> None:
    done = cli.run("report", run, "-o", run.parent / "boss.html", *options)
    assert done.returncode == 2 and done.stderr.endswith(f"Error: {message}\n")


def test_an_overview_is_of_a_run(run: Path) -> None:
    done = cli.run("report", next(iter((run / "plans").glob("*.json"))), "--overview", "-o", run.parent / "boss.html")
    assert done.returncode == 2 and done.stderr.endswith("Error: --overview takes the folder of a run of nightly\n")


def test_runs_in_other_currencies_are_not_compared(kept: Path, run: Path) -> None:
    told(run, currency="CNY")
    done = cli.run("report", run, "--overview", "--compare", kept / "mon", "-o", run.parent / "boss.html")
    assert done.returncode == 2 and '"CNY": is the currency of run 2, costs of run 1 are in EUR' in done.stderr
    assert not (run.parent / "boss.html").exists()


def test_folders_are_compared_as_the_history_does(kept: Path) -> None:
    found = compare_folders(kept / "mon", kept / "tue")
    assert [change.station for change in found.changed] == ["S1"]
    assert (found.old.number, found.new.number, found.only_in_new) == (1, 2, ())


def facts_of(name: str, facts: StationFacts) -> NetworkFacts:
    return NetworkFacts(horizon=make.horizon(), by_station={name: facts})


def to_see(row: StationRow, facts: StationFacts = NOTHING_KNOWN, *moved: ExplainedStation) -> list[StationToSee]:
    return stations_to_see([row], facts_of(row.station, facts), 0.005, moved)


def test_every_reason_is_in_words(kept: Path) -> None:
    row = replace(read_station_rows(kept / "tue")[0], swaps_lost=0)
    assert to_see(row) == []
    loses = replace(row, swaps_lost=4)
    verdicts = ("impossible", "impossible", "cheaper")
    (found,) = to_see(loses, StationFacts(1, verdicts, ("why",) * 3, 200.0, 0.97, 2))
    assert [one.words for one in found.reasons] == [
        "1 driver lost who must be served",
        "4 drivers lost: 2 no plan can serve, 1 cheaper to lose, 1 not worked out",
        "draws 97 % of its grid limit at 02:00",
    ]
    assert found.stake == 200.0
    (found,) = to_see(replace(row, bound=row.objective - 2.0, gap=0.02, swaps_lost=0))
    assert [one.words for one in found.reasons] == ["may cost up to 2.00 too much (gap 2.00 %)"]
    (found,) = to_see(replace(row, bound=None))
    assert [one.words for one in found.reasons] == ["nothing is proven"]
    (found,) = to_see(replace(row, status="fallback", reason="its solver died\nmore"))
    assert [one.words for one in found.reasons] == ["a baseline only: its solver died"]
    (found,) = to_see(replace(row, objective=None, reason="no chargers"))
    assert [one.words for one in found.reasons] == ["no plan: no chargers"]
    part = ExplainedPart(("drivers",), "4 drivers fewer (22 to 18)", -30.0, 0.1)
    (found,) = to_see(row, StationFacts(), ExplainedStation(row.station, 50.0, 20.0, (part,), 0.0, 2, 1))
    assert [one.words for one in found.reasons] == ["costs 30.00 less than before, of it 4 drivers fewer −30.00"]


def test_the_worst_stand_first(kept: Path) -> None:
    row = replace(read_station_rows(kept / "tue")[0], swaps_lost=0)
    rows = [
        replace(row, station="gap", bound=0.0, gap=0.5),
        replace(row, station="loses", swaps_lost=1),
        replace(row, station="none", objective=None),
    ]
    found = stations_to_see(rows, NetworkFacts(horizon=Horizon(row_start(), "UTC", 60, 4)), 0.005)
    assert [one.name for one in found] == ["none", "loses", "gap"]


def row_start() -> Any:
    return make.horizon().start


@pytest.mark.parametrize(
    ("amount", "signed", "words"),
    [
        (None, False, "–"),
        (999.994, False, "999.99"),
        (1234567.8, False, "1,234,568"),
        (-1234.4, True, "−1,234"),
        (1234.4, True, "+1,234"),
        (12.345, True, "+12.35"),
        (0.001, True, "0.00"),
    ],
)
def test_key_figures_of_money(amount: float | None, signed: bool, words: str) -> None:
    assert whole_money(amount, signed=signed) == words
    assert signed or amount is None or whole_money(-amount).startswith("−")


def test_differences_have_a_sign() -> None:
    assert [signed_words(amount) for amount in (1.0, -1.0, 0.0, None)] == ["+1.00", "−1.00", "0.00", "–"]
