"""`import network` as operators use it: German exports, templates, workbooks, and what is wrong with all of it."""

from __future__ import annotations

import json
from pathlib import Path

import cli
import german_exports as german
import pytest

from optimizer.formats.read_instance import read_instance

GIVEN = (
    "--stations", "stationen.csv", "--packs", "akkus.csv", "--swaps", "wechsel.csv", "--tariff", "tarife.csv",
    "--mapping", "mapping.toml",
)  # fmt: skip


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exports of forty stations, imported."""
    folder = tmp_path_factory.mktemp("exports")
    german.write(folder)
    done = cli.run("import", "network", *GIVEN, "-o", "network.json", "--json", cwd=folder)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    (folder / "told.json").write_text(done.stdout)
    return folder


def test_german_exports_of_forty_stations_are_an_instance(exports: Path) -> None:
    instance = read_instance(exports / "network.json")
    assert [night.station.id for night in instance.nights] == german.names()
    first = instance.nights[0]
    assert (instance.currency, first.horizon.local_slot_start(0).isoformat()) == ("EUR", "2025-11-24T00:00:00+01:00")
    station = first.station
    assert (station.bays, station.chargers.count, station.chargers.max_kw) == (14, 10, 62.5)
    assert (station.base_load_kw[0], station.chargers.efficiency) == (6.5, 0.94)
    assert [bay.name for bay in station.bay_list] == [f"F{n:02d}" for n in range(1, 15)]
    assert {pack.type for pack in station.packs} == {"nmc-75"}
    assert all(0.3 <= pack.soc <= 0.9 for pack in station.packs)
    assert [pack.id for night in instance.nights for pack in night.station.packs if not pack.usable] == ["A0307"]
    assert station.tariff.id == "Nacht"
    assert first.tariff_series.price_per_kwh[0] == pytest.approx(0.164)
    assert first.tariff_series.price_per_kwh[40] == pytest.approx(0.248)


def test_what_was_understood_is_told(exports: Path) -> None:
    told = json.loads((exports / "told.json").read_text())
    assert (told["stations"], told["packs"], told["tariffs"]) == (40, 520, {"Nacht": 40})
    assert told["drivers"] == pytest.approx(40 * 21.5, rel=0.05)
    stations = told["tables"]["stations"]
    assert stations["not_read"] == ["Adresse"]
    assert stations["columns"]["base_load_kw"] == {
        "column": "Grundlast [W]", "found_by": "guess", "unit": "W", "unit_by": "name", "from_defaults": 0,
    }  # fmt: skip
    assert stations["columns"]["efficiency"]["from_defaults"] == 40
    assert told["tables"]["packs"]["columns"]["soc"]["unit"] == "percent"
    assert told["tables"]["swaps"]["first"] == "2025-11-03T03:56:42+01:00"
    assert told["warnings"] == []


def test_the_instance_can_be_described_and_planned(tmp_path: Path) -> None:
    german.write(tmp_path, 2)
    made = cli.run("import", "network", *GIVEN, "-o", "network.json", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    info = cli.run("info", "network.json", cwd=tmp_path)
    assert "Station Köln 1: 14 bays, 13 packs (13 nmc-75)" in info.stdout
    night = cli.run(
        "nightly", "network.json", "--out", "run", "--hedge", "none", "--workers", "1", "--gap", "0.2", cwd=tmp_path
    )
    assert night.returncode == 0, night.stderr
    assert cli.run("check", "network.json", "run", cwd=tmp_path).returncode == 0


def test_the_same_tables_give_the_same_bytes(exports: Path) -> None:
    again = cli.run("import", "network", *GIVEN, "-o", "again.json", cwd=exports)
    assert again.returncode == 0
    assert (exports / "again.json").read_bytes() == (exports / "network.json").read_bytes()
