"""Savings as users read them: `solve`, its JSON, the plan file, `nightly` with its table, and reports."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import cli
import pytest
from paths import ROOT

from optimizer.formats.plan_file import read_plan

FLAT = ROOT / "tests" / "data" / "nights" / "flat-price.json"
PARTS = ("energy", "demand", "wear", "plug_changes", "lost_swaps", "reserve", "drivers_energy", "end_value")
TOLD = [
    "  saving   30.00 EUR (75.0 %) against charging on arrival under a load cap of 50.0 kW: energy 30.00",
    "           2,030.00 EUR (99.5 %) against charging on arrival without a load cap, of it demand charge 2,000.00",
]


def evening(prices: list[float]) -> dict[str, Any]:
    """Two packs that need 50 kWh each before two drivers take them at the end; 50 kW of the month are billed anyway."""
    charge = {"name": "peak", "rate_per_kw": 40, "metering_minutes": 60, "weight": 1}
    return {
        "format": "swapcharge-instance",
        "version": 1,
        "name": "evening",
        "currency": "EUR",
        "horizon": {"start": "2026-01-15T00:00+01:00", "time_zone": "Europe/Amsterdam", "slot_minutes": 60, "slots": 8},
        "pack_types": [{"id": "A", "capacity_kwh": 100, "target_soc": 0.9, "swap_soc": 0.9}],
        "tariffs": [{"id": "T", "energy_price_per_kwh": prices, "demand_charges": [charge]}],
        "stations": [
            {
                "id": "S1",
                "bays": 2,
                "chargers": {"count": 2, "max_kw": 50, "efficiency": 1.0},
                "grid_limit_kw": 500,
                "tariff": "T",
                "peak_so_far_kw": {"peak": 50},
                "packs": [{"id": f"P{n}", "type": "A", "soc": 0.4} for n in range(2)],
                "swaps": [
                    {"id": f"W{n}", "slot": 7, "type": "A", "returned_soc": None, "lost_cost": 100} for n in range(2)
                ],
            }
        ],
    }


@pytest.fixture
def night(tmp_path: Path) -> Path:
    path = tmp_path / "evening.json"
    path.write_text(json.dumps(evening([0.4] * 2 + [0.1] * 6)))
    return path


def test_solve_tells_the_smaller_saving_and_then_the_other(night: Path) -> None:
    lines = cli.run("solve", night).stdout.splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("  saving"))
    assert lines[at : at + 2] == TOLD and lines[at + 2].startswith("  time")


def test_json_has_both_with_parts_that_add_up(night: Path) -> None:
    facts = json.loads(cli.run("solve", night, "--json").stdout)
    savings = facts["savings"]
    assert facts["stations"][0]["savings"] == savings
    assert (savings["amount"], savings["share"], savings["against"]) == pytest.approx((30.0, 0.75, "load_cap"))
    assert savings["caps_kw"] == {"peak": 50.0}
    assert savings["on_arrival"]["amount"] == pytest.approx(2030) and savings["on_arrival"]["demand"] == 2000
    for one in (savings["on_arrival"], savings["load_cap"]):
        assert sum(one[name] for name in PARTS) == pytest.approx(one["amount"])
    assert facts["saving"] == pytest.approx(2030)  # as ever: the difference of the objectives


def test_the_plan_file_keeps_them(night: Path, tmp_path: Path) -> None:
    plan = tmp_path / "p.json"
    assert cli.run("solve", night, "-o", plan).returncode == 0
    (station,) = read_plan(plan).stations
    savings = station.result.savings
    assert savings is not None and savings.headline.amount == pytest.approx(30) and savings.caps_kw == {"peak": 50.0}
    told = json.loads(plan.read_text())
    del told["stations"][0]["savings"]  # a file of an earlier version
    plan.write_text(json.dumps(told))
    assert read_plan(plan).stations[0].result.savings is None
    assert cli.run("check", night, plan).returncode == 0


def test_a_flat_tariff_without_demand_charge_saves_nothing() -> None:
    facts = json.loads(cli.run("solve", FLAT, "--json").stdout)
    assert abs(facts["savings"]["amount"]) < 0.001
    assert "  saving   0.00 EUR (0.0 %) against charging on arrival\n" in cli.run("solve", FLAT).stdout


def test_nightly_its_table_and_its_reports_say_the_same(night: Path, tmp_path: Path) -> None:
    run, page = tmp_path / "run", tmp_path / "page.html"
    done = cli.run("nightly", night, "--out", run, "--workers", 1)
    assert done.returncode == 0
    assert "  saving      30.00 EUR (75.0 %) against charging on arrival under a load cap" in done.stdout
    summary = json.loads((run / "summary.json").read_text())
    assert summary["savings"]["amount"] == pytest.approx(30) and summary["saving"] == pytest.approx(2030)
    with (run / "stations.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert float(row["savings_amount"]) == pytest.approx(30) and row["savings_against"] == "load_cap"
    assert sum(float(row[f"savings_{name}"]) for name in PARTS) == pytest.approx(30)
    assert float(row["savings_on_arrival"]) == pytest.approx(2030)
    for what in ((run,), (run, "--station", "S1")):
        assert cli.run("report", *what, "-o", page).returncode == 0
        text = page.read_text()
        assert "75.0 % against charging on arrival under a load cap" in text
        assert "Saving against" in text and "2,000.00" in text


def test_a_run_table_of_an_earlier_version_is_read(night: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    assert cli.run("nightly", night, "--out", run, "--workers", 1).returncode == 0
    with (run / "stations.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    old = {name: cell for name, cell in row.items() if "savings" not in name}
    assert len(row) - len(old) == 11
    (run / "stations.csv").write_text(",".join(old) + "\n" + ",".join(old.values()) + "\n")
    assert cli.run("report", run, "-o", tmp_path / "page.html").returncode == 0
