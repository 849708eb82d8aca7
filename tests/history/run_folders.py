"""Run folders as `nightly` leaves them, written by hand: what the history reads, and nothing else."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

COLUMNS = (
    "place", "station", "file", "status", "method", "effort", "objective", "bound", "gap", "gross_cost",
    "baseline_objective", "swaps_served", "swaps_lost", "resumed", "cpu_seconds", "solver_seconds", "reason",
)  # fmt: skip


def write_run(folder: Path, stations: Mapping[str, float | None], **changes: Any) -> Path:
    """A run of stations by objective; None: the station failed. `changes` go into the summary."""
    folder.mkdir(exist_ok=True)
    rows = [_row(place, name, objective) for place, (name, objective) in enumerate(stations.items())]
    with (folder / "stations.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(rows)
    (folder / "summary.json").write_text(json.dumps(_summary(stations) | changes))
    return folder


def _row(place: int, name: str, objective: float | None) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(COLUMNS, "") | {"place": f"stations[{place}]", "station": name}
    if objective is None:
        return row | {"status": "failed", "reason": "base load 11 kW exceeds the grid limit"}
    plan = {"status": "gap_reached", "method": "orders", "effort": "quick", "swaps_served": 9, "swaps_lost": 1}
    return row | plan | {"file": f"plans/{place}.json", "objective": objective, "bound": objective - 0.25}


def _summary(stations: Mapping[str, float | None]) -> dict[str, Any]:
    objectives = [objective for objective in stations.values() if objective is not None]
    return {
        "format": "swapcharge-run",
        "version": 1,
        "id": "sha256:1",
        "status": "done",
        "name": "city",
        "currency": "EUR",
        "network": "city.json",
        "horizon": {"start": "2026-11-25T00:00:00+01:00", "time_zone": "Europe/Amsterdam"},
        "started": "2026-11-24T21:00:00Z",
        "finished": "2026-11-24T21:12:00Z",
        "stations": len(stations),
        "planned": len(objectives),
        "fallback": 0,
        "failed": len(stations) - len(objectives),
        "swaps_served": 9 * len(objectives),
        "swaps_lost": len(objectives),
        "objective": sum(objectives),
        "bound": sum(objectives) - 0.25 * len(objectives),
        "gap": 0.004,
        "gross_cost": sum(objectives) + 10,
        "wall_seconds": 720.5,
    }
