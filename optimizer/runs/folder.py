"""The folder of a run: a plan file for each station, the summary, the rows. One nightly at a time writes in it.

Every file is written whole, and a plan file is the record that its station is done: whatever kills the run,
what stands here is right, and the next run goes on from it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from optimizer.files.csv_table import table_text
from optimizer.files.errors import InputErrors
from optimizer.files.locked_folder import FolderKind, LockedFolder, open_locked
from optimizer.formats.plan_document import PlanFile
from optimizer.formats.plan_file import read_plan

FORMAT: Literal["swapcharge-run"] = "swapcharge-run"
PLANS, SUMMARY, ROWS = "plans", "summary.json", "stations.csv"
RUN = FolderKind("run", "nightly", FORMAT, SUMMARY, (PLANS,))
SLUG_CHARACTERS, HASH_DIGITS = 40, 16
COLUMNS = (
    "place", "station", "file", "status", "method", "effort", "objective", "bound", "gap", "gross_cost",
    "baseline_objective", "swaps_served", "swaps_lost", "resumed", "cpu_seconds", "solver_seconds", "reason",
)  # fmt: skip
TEXTS = ("station", "file", "method", "reason")


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

    def write_results(self, summary: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]) -> None:
        """Write the rows, then the summary. Raises OutputErrors."""
        os.sync()
        self.write(self.path / ROWS, rows_text(rows))
        self.write_json(SUMMARY, summary)


def open_run(path: Path) -> RunFolder:
    """Make the folder of a run, or go on with it: locked, and without what a killed run left half-written.

    Raises OutputErrors where it is no folder, not to be written, in use, or holds other things than a run.
    """
    return RunFolder(path, open_locked(path, RUN))


def rows_text(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """The rows as CSV."""
    return table_text(COLUMNS, TEXTS, rows)
