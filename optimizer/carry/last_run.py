"""The run that a night goes on from: only read, and believed station by station."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from models.errors import Problem
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.formats.network_file import NetworkFile
from optimizer.formats.plan_document import PlannedStation
from optimizer.formats.plan_file import is_as_sealed, read_plan
from optimizer.runs.folder import PLANS, plan_name, read_station_rows, read_summary


class NothingLeftError(Exception):
    """A station of the run whose plan cannot be gone on from, and why."""


@dataclass(frozen=True)
class LastRun:
    """The folder of a run, the instant at which its horizon ends, and its stations, those without a plan included."""

    path: Path
    end: datetime
    stations: tuple[str, ...]

    def plan(self, station: str) -> PlannedStation | None:
        """The station's plan, which says what it leaves; None where the run has none. Raises NothingLeftError."""
        path = self.path / PLANS / plan_name(station)
        if not path.is_file():
            return None
        try:
            file = read_plan(path)
        except InputErrors as error:
            raise NothingLeftError(str(error).partition("\n")[0]) from None
        if not is_as_sealed(file):
            raise NothingLeftError(f"{path} was changed since it was written (its digest differs)")
        planned = next((one for one in file.stations if one.station == station), None)
        if planned is None or not planned.end:
            raise NothingLeftError(f"{path} does not say what the plan leaves (end): an earlier version wrote it")
        if planned.end.instant != self.end:
            raise NothingLeftError(f"{path} ends at {planned.end.at}, the run at {self.end.isoformat()}")
        return planned


def last_run(path: Path, out: Path, network: NetworkFile) -> LastRun:
    """The run in the folder `path`, for a run of `network` into `out`.

    Raises InputErrors where it is no run, the same folder, does not end where the network's horizon begins, or has no
    station of the network.
    """
    if path.resolve() == out.resolve():
        rule = "is the folder of the new run, too, whose plans would replace those that it goes on from"
        raise InputErrors(str(path), [Problem("", str(path), rule, "let --out name another folder")])
    if not path.is_dir():
        raise InputErrors(str(path), [Problem("", ABSENT, "is no folder", "name the folder of the last run")])
    summary = read_summary(path)
    found = LastRun(
        path, datetime.fromisoformat(summary.horizon.end), tuple(row.name for row in read_station_rows(path))
    )
    _check_time(found, summary.horizon.end, network)
    names = {network.station_id(index) for index in range(len(network.stations))}
    if not names & set(found.stations):
        rule, remedy = "has no station of the network", "name the network's last run"
        raise InputErrors(str(path), [Problem("stations", f"{len(found.stations)} stations", rule, remedy)])
    return found


def _check_time(found: LastRun, end: str, network: NetworkFile) -> None:
    """Nothing is known of hours between the two, and of those that both have, two things."""
    start = network.horizon.start
    if found.end == start:
        return
    hours = abs((start - found.end).total_seconds()) / 3600
    begins = network.horizon.local_slot_start(0).isoformat()
    how = f"{hours:g} hours before" if found.end < start else f"{hours:g} hours after"
    rule = f"must be the start of the horizon to be planned, and is {how} it ({begins})"
    remedy = "name the run that ends there, or let the network's horizon start where this run ends"
    raise InputErrors(str(found.path), [Problem("horizon.end", end, rule, remedy)])
