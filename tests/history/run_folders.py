"""Run folders as `nightly` leaves them, without plans: what the history reads. Not a test file itself."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from run_summaries import SUMMARY

from optimizer.files.csv_table import rows_text
from optimizer.runs.station_table import StationRow


def write_run(folder: Path, stations: Mapping[str, float | None], **changes: Any) -> Path:
    """A run of stations by objective; None: the station failed. `changes` go into the summary."""
    folder.mkdir(exist_ok=True)
    rows = [_row(place, name, objective) for place, (name, objective) in enumerate(stations.items())]
    (folder / "stations.csv").write_bytes(rows_text(StationRow, rows))
    (folder / "summary.json").write_bytes(msgspec.json.encode(msgspec.to_builtins(SUMMARY) | _sums(stations) | changes))
    return folder


def _row(place: int, name: str, objective: float | None) -> StationRow:
    planned = objective is not None
    return StationRow(
        place=f"stations[{place}]",
        station=name,
        file=f"plans/{place}.json" if planned else "",
        status="gap_reached" if planned else "failed",
        method="orders" if planned else "",
        effort="quick" if planned else "",
        objective=objective,
        bound=None if objective is None else objective - 0.25,
        gap=None,
        gross_cost=None,
        baseline_objective=None,
        swaps_served=9 if planned else None,
        swaps_lost=1 if planned else None,
        resumed=0,
        cpu_seconds=0.0,
        solver_seconds=0.0,
        reason="" if planned else "base load 11 kW exceeds the grid limit",
    )


def _sums(stations: Mapping[str, float | None]) -> dict[str, Any]:
    objectives = [objective for objective in stations.values() if objective is not None]
    return {
        "stations": len(stations),
        "planned": len(objectives),
        "failed": len(stations) - len(objectives),
        "swaps_served": 9 * len(objectives),
        "swaps_lost": len(objectives),
        "objective": sum(objectives),
        "bound": sum(objectives) - 0.25 * len(objectives),
        "gap": 0.004,
        "gross_cost": sum(objectives) + 10,
    }
