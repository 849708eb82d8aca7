"""Doubtful input as users see it: a line on standard error, a key of --json, exit code 2 with --strict."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cli
import pytest
import tiny_network


@pytest.fixture
def doubtful(tmp_path: Path) -> Path:
    """A market's prices in EUR/MWh, said to be per kWh."""
    rows = "".join(f"2026-03-10T{hour:02d}:00+01:00,{95.3 + hour}\n" for hour in range(24))
    (tmp_path / "prices.csv").write_text(f"start,price\n{rows}")
    content: dict[str, Any] = json.loads(cli.TINY.read_text())
    content["horizon"] |= {"start": "2026-03-10T00:00+01:00", "time_zone": "Europe/Amsterdam", "slot_minutes": 360}
    prices = {"csv": "prices.csv", "time_column": "start", "value_column": "price", "unit": "per_kWh"}
    content["tariffs"] = [{"id": content["stations"][0]["tariff"], "energy_price_per_kwh": prices}]
    (tmp_path / "doubtful.json").write_text(json.dumps(content))
    return tmp_path / "doubtful.json"


def warned(done: Any, file: Path) -> bool:
    return any(
        line.startswith(f"warning: {file}: tariffs[0].energy_price_per_kwh[p") for line in done.stderr.split("\n")
    )


def test_solve_info_and_check_warn_and_go_on(doubtful: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    for key, *command in (
        ("warnings", "info", doubtful),
        ("warnings", "solve", doubtful, "-o", plan),
        ("input_warnings", "check", doubtful, plan),
    ):
        told, as_json = cli.run(*command), cli.run(*command, "--json")
        assert told.returncode == as_json.returncode == 0, command
        assert warned(told, doubtful) and warned(as_json, doubtful)
        first = json.loads(as_json.stdout)[key][0]
        assert set(first) == {"place", "value", "rule", "remedy"}
        assert first["place"] == "tariffs[0].energy_price_per_kwh[prices.csv]"
        assert "warning" not in told.stdout


def test_strict_refuses(doubtful: Path, tmp_path: Path) -> None:
    plan, run = tmp_path / "plan.json", tmp_path / "run"
    cli.run("solve", doubtful, "-o", plan)
    for command in (
        ("info", doubtful),
        ("solve", doubtful, "-o", tmp_path / "other.json"),
        ("check", doubtful, plan),
        ("nightly", doubtful, "--out", run),
    ):
        done = cli.run(*command, "--strict")
        assert done.returncode == 2, command
        assert f"{doubtful}: tariffs[0].energy_price_per_kwh[prices.csv]: " in done.stderr
        assert "warning" not in done.stderr and done.stdout == ""
    assert not (tmp_path / "other.json").exists() and not run.exists()


def test_strict_has_nothing_against_sound_input() -> None:
    done = cli.run("solve", cli.TINY, "--strict", "--json")
    assert done.returncode == 0 and done.stderr == ""
    assert json.loads(done.stdout)["warnings"] == []


def test_a_network_is_warned_of_ten_times_and_in_the_summary_in_full(tmp_path: Path) -> None:
    stations = [{"id": f"S{n}"} for n in range(12)]
    network = tiny_network.write(tmp_path / "net.json", *stations)
    content = json.loads(network.read_text())
    for station in content["stations"]:
        station["swaps"] = [one | {"lost_cost": 0} for one in station["swaps"]]
    network.write_text(json.dumps(content))
    run = tmp_path / "run"
    done = cli.run("nightly", network, "--out", run, "--workers", 1, "--json")
    assert done.returncode == 0
    lines = [line for line in done.stderr.splitlines() if line.startswith("warning: ")]
    assert len(lines) == 11 and "and 2 more of the same kind" in lines[-1]
    assert len(json.loads(done.stdout)["warnings"]) == len(tiny_network.summary(run)["warnings"]) == 12
    checked = cli.run("check", network, run, "--json")
    assert checked.returncode == 0 and len(json.loads(checked.stdout)["input_warnings"]) == 12


def test_tariffs(doubtful: Path, tmp_path: Path) -> None:
    tariff, csv = tmp_path / "tariff.json", tmp_path / "prices.csv"
    command = ("tariff", "import", csv, "--unit", "per_kWh", "--currency", "EUR", "--time-zone", "Europe/Amsterdam")
    refused = cli.run(*command, "-o", tariff, "--strict")
    assert refused.returncode == 2 and not tariff.exists()
    made = cli.run(*command, "-o", tariff)
    assert made.returncode == 0 and f"warning: {csv}: column price: [95.3,118.3]: " in made.stderr
    shown = cli.run("tariff", "show", tariff, "--json")
    assert shown.returncode == 0 and f"warning: {tariff}: tariff.price_series.per_kwh: " in shown.stderr
    assert [one["place"] for one in json.loads(shown.stdout)["warnings"]] == ["tariff.price_series.per_kwh"]
    assert cli.run("tariff", "show", tariff, "--strict").returncode == 2
