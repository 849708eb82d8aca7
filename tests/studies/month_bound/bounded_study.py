"""Tiny studies with bounds of all nights, and the same nights as one instance. Not a test file itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import tiny_study as tiny

from models.station.instance import Night
from models.tariff.part_of_month import of_share
from models.tariff.tariff import weighted
from optimizer.formats.read_instance import read_instance
from optimizer.studies.month_bound.bound_run import BoundRun
from optimizer.studies.month_bound.kept_bounds import ChainBound
from optimizer.studies.results import study_tables
from optimizer.studies.study import Study
from optimizer.studies.study_run import StudyRun
from optimizer.studies.tables import AtStation, StationTariff

FIRST_NIGHT = "2026-01-12"
DAYS = 31  # of January
SLOT_HOURS = 4
SLOTS = 24 // SLOT_HOURS


def day(*stations: dict[str, Any], nights: int = 1, **changes: Any) -> dict[str, Any]:
    """An instance of six slots a day, whose drivers come each day, from the first midnight on."""
    horizon = {
        "start": f"{FIRST_NIGHT}T00:00+01:00", "time_zone": "Europe/Amsterdam",
        "slot_minutes": 60 * SLOT_HOURS, "slots": SLOTS * nights,
    }  # fmt: skip
    return tiny.instance(*(_with_drivers(one, nights) for one in stations), horizon=horizon, **changes)


def _with_drivers(station: dict[str, Any], nights: int) -> dict[str, Any]:
    swaps = [
        one | {"id": f"{night}-{number}", "slot": one["slot"] + SLOTS * night}
        for night in range(nights)
        for number, one in enumerate(station["swaps"])
    ]
    return station | {"swaps": swaps}


def study_of(folder: Path, whole_day: dict[str, Any], tariff: Mapping[str, Any], nights: int, **changes: Any) -> Study:
    """The study of these nights under one tariff of the instance."""
    asked = {"first_night": FIRST_NIGHT, "nights": nights, "tariffs": [{"id": tariff["id"]}]} | changes
    return tiny.read(folder, whole_day, **asked)


def bounded(run: StudyRun, seconds: float = 60.0) -> tuple[dict[AtStation, ChainBound], list[StationTariff]]:
    """The bounds of a run that is over, and what its plans cost at each station."""
    tables = study_tables(run.study, run.chains)
    return BoundRun(run, tables, tiny.StudyPool(), seconds).work(), tables.stations


def whole_night(folder: Path, instance: dict[str, Any], tariff: str, nights: int) -> Night:
    """An instance of one station as a night, with such a share of the month's rates as the nights are of January."""
    path = folder / "whole.json"
    path.write_text(json.dumps(instance))
    (night,) = read_instance(path).nights
    assert night.station.tariff.id == tariff
    full = weighted(night.station.tariff, {one.name: 1.0 for one in night.station.tariff.demand_charges})
    return replace(night, station=replace(night.station, tariff=of_share(full, nights / DAYS)))
