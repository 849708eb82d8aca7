"""A study's folder as `study` leaves it, small enough for tests of its report, made by the real code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pages
import tiny_study as tiny

from optimizer.reports.study import study_report
from optimizer.studies.results import write_results

FLAT_RATE: dict[str, Any] = {
    "id": "one price",
    "energy_periods": [{"name": "all day", "price_per_kwh": 0.05}],
    "fixed_charges": [{"name": "meter", "amount": 210, "per": "month"}],
}
GROWTH = [{"id": "as it is"}, {"id": "twice", "demand_growth": 1.0}]


def made(folder: Path, other: Mapping[str, Any] | None = None, **changes: Any) -> Path:
    """Two nights over the end of a month, one station, two tariffs that change places as drivers grow.

    `other` changes the second tariff, `day` the instance, other names the study.
    """
    tariff = FLAT_RATE | dict(other or {})
    day = tiny.instance(tariffs=[tiny.FLAT, tariff], **changes.pop("day", {}))
    asked = {
        "first_night": "2026-01-31",
        "nights": 2,
        "tariffs": [{"id": "flat"}, {"id": tariff["id"]}],
        "variants": GROWTH,
    }
    study = tiny.read(folder, day, **(asked | changes))
    write_results(tiny.run_of(study, folder / "out"))
    return folder / "out"


def summary(folder: Path) -> dict[str, Any]:
    """What study.json says."""
    found: dict[str, Any] = json.loads((folder / "study.json").read_text())
    return found


def told(folder: Path, **changes: Any) -> None:
    """Change what study.json says."""
    (folder / "study.json").write_text(json.dumps(summary(folder) | changes))


def parsed(folder: Path) -> pages.Page:
    """The report's page."""
    return pages.parsed(study_report(folder))
