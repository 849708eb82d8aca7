"""A run with all that a dispatcher looks for: lost drivers, a station that cannot be planned, names that are markup."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import cli

from optimizer.runs.station_table import StationRow

HOSTILE = '"><img src=x onerror=alert(1)>Ünna'
STATIONS = 12


def made(folder: Path) -> Path:
    """The folder of the run; its network is network.json in `folder`. Station 3 has a hostile name, 5 is overloaded."""
    network = folder / "network.json"
    assert cli.run("generate", "network", "--stations", STATIONS, "--seed", 3, "-o", network).returncode == 0
    content = json.loads(network.read_text())
    content["stations"][2]["id"] = HOSTILE
    content["stations"][4]["grid_limit_kw"] = 1
    network.write_text(json.dumps(content))
    run = folder / "run"
    assert cli.run("nightly", network, "--out", run, "--workers", 1).returncode == 1
    return run


def row_of(**changes: Any) -> StationRow:
    """A row of stations.csv: planned well, but for the changes."""
    whole = StationRow(
        "stations[0]", "S1", "plans/S1.json", "gap_reached", "orders", "quick", 10.0, 10.0, 0.0, 10.0, 12.0, 5, 0, 0,
        0.1, 0.1, "",
    )  # fmt: skip
    return replace(whole, **changes)
