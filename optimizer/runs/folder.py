"""The folder of a run: a plan file for each station, summary, rows, network. One nightly at a time writes in it.

Every file is written whole, and a plan file is the record that its station is done: whatever kills the run,
what stands here is right, and the next run goes on from it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from models.errors import InvalidData, Problem
from optimizer.files.csv_table import read_table, rows_text
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.files.folder_json import read_folder_json
from optimizer.files.locked_folder import FolderKind, LockedFolder, open_locked
from optimizer.files.read_write import all_to_disk
from optimizer.formats.plan_document import PlanFile
from optimizer.formats.plan_file import read_plan
from optimizer.runs.station_table import StationRow
from optimizer.runs.summary import FORMAT, RunSummary

PLANS, SUMMARY, ROWS = "plans", "summary.json", "stations.csv"
NETWORK, ALARMS = "network.json.gz", "alarms.json"
RUN = FolderKind("run", "nightly", FORMAT, SUMMARY, (PLANS,), "the run's plans")
SLUG_CHARACTERS, HASH_DIGITS = 40, 16
PLAN_NAME = re.compile(rf"[A-Za-z0-9_-]+-[0-9a-f]{{{HASH_DIGITS}}}\.json")


def plan_name(station: str) -> str:
    """The name of a station's plan file: readable, the same for the same id, and safe whatever the id is.

    Two ids never share one, not even where a file system takes a for A.
    """
    slug = re.sub(r"[^A-Za-z0-9_]+", "-", station)[:SLUG_CHARACTERS].strip("-") or "station"
    return f"{slug}-{hashlib.sha256(station.encode()).hexdigest()[:HASH_DIGITS]}.json"


@dataclass(frozen=True)
class RunFolder(LockedFolder):
    """A run's folder."""

    def plan_path(self, station: str) -> Path:
        """Where the station's plan file is or will be."""
        return self.path / PLANS / plan_name(station)

    def plan_file(self, station: str) -> str:
        """The same, seen from the folder."""
        return f"{PLANS}/{plan_name(station)}"

    def read_plan(self, station: str) -> PlanFile | None:
        """The station's plan file; None where there is none or it cannot be read as one."""
        try:
            return read_plan(self.plan_path(station))
        except InputErrors:
            return None

    def plan_bytes(self, station: str) -> bytes | None:
        """The station's plan file as it stands; None where there is none."""
        try:
            return self.plan_path(station).read_bytes()
        except OSError:
            return None

    def write_plan(self, station: str, text: bytes) -> None:
        """Write the station's plan file, whole. Raises OutputErrors.

        Not to disk at once, which takes longer than planning: what a power failure leaves of a plan file is no
        plan, so the next run plans it anew. `write_results` has them all on disk first.
        """
        self.write(self.plan_path(station), text, to_disk=False)

    def make_own(self, name: str, start: str, *, may_replace: bool) -> None:
        """Make sure that the folder has no run of another network: other name, or other start of the horizon.

        Such a run is removed if `may_replace`, its summary last: else it is refused, as OutputErrors. A folder whose
        summary cannot be read, as of a run that was killed early, is gone on with.
        """
        try:
            old = read_summary(self.path)
        except InputErrors:
            return
        if (old.name, old.horizon.start) != (name, start):
            holds = f"the run of another network, {old.name} from {old.horizon.start}"
            others = (self.path / name for name in (ROWS, NETWORK, ALARMS))
            self.give_way(RUN, holds, [*self._plan_paths(), *others], may_replace=may_replace)

    def remove_others(self, stations: Iterable[str]) -> list[str]:
        """Remove the plan files of all stations but these; their names, seen from the folder. Raises OutputErrors."""
        names = {plan_name(station) for station in stations}
        others = [path for path in self._plan_paths() if path.name not in names]
        self.remove(others)
        return [f"{PLANS}/{path.name}" for path in others]

    def _plan_paths(self) -> list[Path]:
        return sorted(path for path in (self.path / PLANS).iterdir() if PLAN_NAME.fullmatch(path.name))

    def write_network(self, text: bytes) -> None:
        """Write the network that is planned, whole: by it plans can be checked wherever the folder goes. Raises
        OutputErrors."""
        self.write(self.path / NETWORK, text, to_disk=False)

    def write_results(self, summary: RunSummary, rows: Iterable[StationRow]) -> None:
        """Write the rows, then the summary. Raises OutputErrors."""
        all_to_disk()
        self.write(self.path / ROWS, rows_text(StationRow, rows))
        self.write_json(SUMMARY, msgspec.to_builtins(summary))


def open_run(path: Path) -> RunFolder:
    """Make the folder of a run, or go on with it: locked, and without what a killed run left half-written.

    Raises OutputErrors where it is no folder, not to be written, in use, or holds other things than a run.
    """
    return RunFolder(path, open_locked(path, RUN))


def read_summary(run: Path) -> RunSummary:
    """The summary of the run in the folder `run`. Raises InputErrors where there is none that can be read."""
    if not (run / SUMMARY).exists():
        rule = f"is a folder without {SUMMARY} or study.json"
        remedy = "name a plan file, or the folder of a run of nightly or of a study"
        raise InputErrors(str(run), [Problem("", ABSENT, rule, remedy)])
    return read_folder_json(run / SUMMARY, RunSummary, RUN)


def kept_network(run: Path) -> Path:
    """The network that a run planned, as its folder keeps it. Raises InputErrors where it has none."""
    if not (path := run / NETWORK).is_file():
        rule = f"is a folder without {NETWORK}, which runs of earlier versions do not have"
        raise InputErrors(str(run), [Problem("", ABSENT, rule, "name the network's file, too")])
    return path


def read_station_rows(run: Path) -> list[StationRow]:
    """The run's stations, in the network's order. Raises InputErrors with every problem of stations.csv."""
    try:
        return read_table(run / ROWS, StationRow, RUN)
    except InvalidData as error:
        raise InputErrors(str(run), error.problems) from None
