"""Studies of a tiny station, for runs that take a moment. Not a test file itself.

Slots of one hour (so kW over a slot is kWh), packs of 100 kWh, η = 0.8: 40 kW into packs is 50 kW from the grid.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from here_pool import VERSIONS, HerePool
from patience import PATIENCE

from optimizer.engine.options import RunOptions
from optimizer.studies.folder import open_study
from optimizer.studies.night_task import NightRequest, plan_study_night
from optimizer.studies.study import Study
from optimizer.studies.study_file import StudyFile, read_study
from optimizer.studies.study_run import StudyRun
from optimizer.workers.inline_pool import InlinePool

OPTIONS = RunOptions(time_limit_seconds=PATIENCE)
NIGHT = {"name": "night", "price_per_kwh": 0.1, "start": "00:00", "end": "06:00"}
DAY = {"name": "day", "price_per_kwh": 0.3}
FLAT = {"id": "flat", "energy_periods": [NIGHT, DAY]}
PEAK = {"name": "peak", "rate_per_kw": 2.0, "metering_minutes": 60}
DEMAND = FLAT | {"id": "demand", "demand_charges": [PEAK]}
DRIVERS = [
    {"slot": 8, "type": "A", "returned_soc": 0.1, "lost_cost": 100},
    {"slot": 18, "type": "A", "returned_soc": 0.3, "lost_cost": 100},
]


def station(name: str = "S1", **changes: Any) -> dict[str, Any]:
    """Three bays: P1 with 90, P2 with 50, P3 with 10 kWh; two drivers a day."""
    packs = [{"id": f"P{n}", "type": "A", "soc": soc} for n, soc in enumerate((0.9, 0.5, 0.1), start=1)]
    chargers = {"max_kw": 40, "efficiency": 0.8}
    whole = {"id": name, "bays": 3, "chargers": chargers, "grid_limit_kw": 200, "tariff": "flat", "packs": packs}
    return whole | {"swaps": DRIVERS} | changes


def instance(*stations: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A winter day in Amsterdam, from midnight; tariffs `flat` and `demand`."""
    horizon = {"start": "2026-01-15T00:00+01:00", "time_zone": "Europe/Amsterdam", "slot_minutes": 60, "slots": 24}
    return {
        "format": "swapcharge-instance",
        "version": 1,
        "name": "tiny day",
        "currency": "EUR",
        "horizon": horizon,
        "pack_types": [{"id": "A", "capacity_kwh": 100, "target_soc": 0.9, "swap_soc": 0.8}],
        "tariffs": [FLAT, DEMAND],
        "stations": list(stations) or [station()],
    } | changes


def content(**changes: Any) -> dict[str, Any]:
    """A study of three nights from the 30th of January, so that a month ends inside it; two tariffs."""
    return {
        "format": "swapcharge-study",
        "version": 1,
        "name": "tiny study",
        "instance": "day.json",
        "first_night": "2026-01-30",
        "nights": 3,
        "look_ahead_hours": 0,
        "tariffs": [{"id": "flat"}, {"id": "demand"}],
    } | changes


def write(folder: Path, day: dict[str, Any] | None = None, **changes: Any) -> Path:
    """A study and its instance as files; keys that are None are left out."""
    (folder / "day.json").write_text(json.dumps(day or instance()))
    path = folder / "study.toml"
    path.write_text(toml({key: value for key, value in content(**changes).items() if value is not None}))
    return path


def read(folder: Path, day: dict[str, Any] | None = None, **changes: Any) -> Study:
    """The same, read."""
    return read_file(folder, day, **changes).study


def read_file(folder: Path, day: dict[str, Any] | None = None, **changes: Any) -> StudyFile:
    """The same with what a reader is told."""
    return read_study(write(folder, day, **changes))


def toml(whole: Mapping[str, Any]) -> str:
    """Keys, then lists of tables."""
    lists = {key: value for key, value in whole.items() if isinstance(value, list) and value}
    tables = {key: rows for key, rows in lists.items() if all(isinstance(row, dict) for row in rows)}
    lines = [f"{key} = {_inline(value)}" for key, value in whole.items() if key not in tables]
    for key, rows in tables.items():
        for row in rows:
            lines += [f"[[{key}]]", *(f"{name} = {_inline(value)}" for name, value in row.items())]
    return "\n".join(lines) + "\n"


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)


@dataclass
class StudyPool(HerePool):
    """Nights of a study planned here. `asked` tells which, `faults` go by station."""

    def start(self, ticket: int, function: Callable[..., object], arguments: tuple[Any, ...], seconds: float) -> None:
        (ask,) = arguments
        self.asked.append(ask)
        InlinePool.start(self, ticket, function, arguments, seconds)

    @property
    def nights(self) -> list[tuple[str, str, str, bool]]:
        """Variant, station and date of every night that was started, and whether it was to be planned. Parts of a
        night count as one."""
        asks: Any = self.asked
        return [night for night, _ in groupby((ask.variant, ask.station, ask.date, ask.is_planned) for ask in asks)]


def run_of(study: Study, folder: Path, pool: Any = None, options: RunOptions = OPTIONS, **how: Any) -> StudyRun:
    """The study, planned as far as it goes, its folder free again."""
    opened = open_study(folder)
    try:
        run = StudyRun(study, options, VERSIONS, opened, pool or StudyPool(), **how)
        run.work()
    finally:
        opened.close()
    return run


def records(folder: Path) -> dict[str, bytes]:
    """The bytes of every record, by file name."""
    return {path.name: path.read_bytes() for path in (folder / "nights").glob("*.json")}


def ask_of(study: Study, night: int = 0, **changes: Any) -> NightRequest:
    """What a worker is asked for one night that begins a chain."""
    from optimizer.studies.night_record import first_state

    asked, begun = study.night(0, study.variants[0], night), study.date_of(night).isoformat()
    states = (first_state(asked),) * len(study.tariffs)
    fields = {"key": "k", "station": study.stations[0].id, "variant": study.variants[0].id, "date": begun}
    more = {"night": asked, "tariffs": study.tariffs, "states": states, "baseline_states": states, "options": OPTIONS}
    more["day_slots"] = study.horizon(night).slots
    return NightRequest(**{**fields, **more, **changes})


def task_of(fault: Callable[[NightRequest], object]) -> Callable[[NightRequest], object]:
    """The study's task, but for asks that `fault` answers itself."""
    return lambda ask: fault(ask) or plan_study_night(ask)
