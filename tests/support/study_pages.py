"""A study's folder as `study` leaves it, small enough for tests of its report, made by the real code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pages
import tiny_study as tiny

from optimizer.files.csv_table import table_text
from optimizer.reports.study import study_report
from optimizer.studies.answer import RANKING_COLUMNS, ranking
from optimizer.studies.folder import StudyFolder
from optimizer.studies.run import StudyRun
from optimizer.studies.summary import study_summary
from optimizer.studies.tables import TEXTS, results_of

FLAT_RATE: dict[str, Any] = {
    "id": "one price",
    "energy_periods": [{"name": "all day", "price_per_kwh": 0.05}],
    "fixed_charges": [{"name": "meter", "amount": 7, "per": "month"}],
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
    written(tiny.run_of(study, folder / "out"))
    return folder / "out"


def written(run: StudyRun) -> None:
    """Tables and summary of a run, as the command writes them."""
    results = results_of(run.study, run.chains)
    ranked = ranking(run.study, results)
    rows = [one.as_row(rank) for order in ranked.values() for rank, one in enumerate(order, start=1)]
    tables = {"ranking.csv": table_text(RANKING_COLUMNS, TEXTS, rows), **results.as_csv()}
    StudyFolder(run.folder.path, run.folder.lock).write_results(tables, study_summary(run, ranked))


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
