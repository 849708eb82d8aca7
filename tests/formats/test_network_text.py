"""Networks as runs keep them: the same hashes and the same errors from one file that needs no other."""

from __future__ import annotations

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import cli
import pytest
from paths import DATA

from optimizer.files.errors import InputErrors
from optimizer.formats.content_hash import night_hash
from optimizer.formats.kept.network_text import network_text
from optimizer.formats.network_file import NetworkFile, read_network

FILES = [
    *sorted((cli.INSTANCES / "real").glob("*.json")),
    *sorted((cli.INSTANCES / "tiny").glob("*.json")),
    *(path for path in sorted((cli.INSTANCES / "invalid").glob("*.json")) if not path.stem.startswith("csv-")),
    DATA / "every-key.json",
]
AT_HOME = "csv-series"


def network_of(path: Path) -> NetworkFile | None:
    try:
        return read_network(path)
    except InputErrors:
        return None


def outcomes(network: NetworkFile) -> list[str]:
    """Of each station its hash, or its errors."""
    found = []
    for index in range(len(network.stations)):
        try:
            found.append(night_hash(network.night(index)))
        except InputErrors as error:
            found.append(str(error).replace(network.file, "FILE"))
    return [*found, *(line.replace(network.file, "FILE") for line in network.problems)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_what_is_kept_says_what_was_read(path: Path, tmp_path: Path) -> None:
    if (network := network_of(path)) is None:
        return  # refused as a whole: nothing is planned
    kept = tmp_path / "elsewhere" / "kept.json"
    kept.parent.mkdir()
    kept.write_bytes(network_text(network))
    again = read_network(kept)
    assert (again.name, again.currency, again.horizon) == (network.name, network.currency, network.horizon)
    assert outcomes(again) == outcomes(network)
    assert network_text(again) == kept.read_bytes()


def with_csv(folder: Path, station: dict[str, object], minutes: int = 15) -> Path:
    """Eight slots of the tiny night with a table `t.csv` beside it and this about its station."""
    content = json.loads(cli.TINY.read_text())
    start = datetime.fromisoformat(content["horizon"]["start"])
    rows = [f"{start + n * timedelta(minutes=minutes):%Y-%m-%dT%H:%MZ},{7 * n % 5}" for n in range(9)]
    folder.mkdir()
    (folder / "t.csv").write_text("\n".join(["time,value", *rows]))
    content["horizon"] |= {"slot_minutes": minutes, "slots": 8}
    content["tariffs"][0] = {"id": "tariff", "energy_price_per_kwh": 0.2}
    content["stations"][0] |= station
    path = folder / "n.json"
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize("minutes", [5, 10, 15, 60])
def test_tables_become_lists(minutes: int, tmp_path: Path) -> None:
    table = {"csv": "t.csv", "time_column": "time", "value_column": "value"}
    forecast = {"id": "f", "type": "pack", "returned_soc": 0.2, "lost_cost": 5, "spread": {"day_sd": 0.1}}
    path = with_csv(
        tmp_path / AT_HOME,
        {
            "solar_kw": table | {"unit": "MW"},
            "ready_reserve": table | {"unit": "1"},
            "reserve_cost": 0.1,
            "forecast": [forecast | {"expected_per_hour": table | {"unit": "1"}}],
        },
        minutes,
    )
    network = read_network(path)
    before, kept = night_hash(network.night(0)), network_text(network)
    shutil.rmtree(tmp_path / AT_HOME)
    (tmp_path / "kept.json").write_bytes(kept)
    assert night_hash(read_network(tmp_path / "kept.json").night(0)) == before
    assert b"csv" not in kept


def test_a_table_that_cannot_be_read_is_refused_as_before(tmp_path: Path) -> None:
    table = {"csv": "nowhere.csv", "time_column": "time", "value_column": "value", "unit": "kW"}
    network = read_network(with_csv(tmp_path / AT_HOME, {"solar_kw": table}))
    (tmp_path / "kept.json").write_bytes(network_text(network))
    assert outcomes(read_network(tmp_path / "kept.json")) == outcomes(network)


def test_what_msgspec_refuses_is_kept_too(tmp_path: Path) -> None:
    text = cli.TINY.read_text()
    content = json.loads(text)
    station = json.dumps(content["stations"][0] | {"id": "S2", "grid_limit_kw": "LIMIT"}).replace('"LIMIT"', "NaN")
    path = tmp_path / "n.json"
    path.write_text(json.dumps(content).replace('"stations": [', f'"stations": [{station}, '))
    network = read_network(path)
    (tmp_path / "kept.json").write_bytes(network_text(network))
    found = outcomes(read_network(tmp_path / "kept.json"))
    assert found == outcomes(network) and [one.startswith("sha256:") for one in found] == [False, True]
