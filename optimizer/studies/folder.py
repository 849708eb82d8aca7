"""The folder of a study: a record a night, the tables, the summary. One study at a time writes in it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from models.errors import InvalidData
from optimizer.files.json_text import decode
from optimizer.files.locked_folder import FolderKind, LockedFolder, open_locked
from optimizer.runs.folder import plan_name
from optimizer.studies.record import NightRecord

FORMAT: Literal["swapcharge-study-run"] = "swapcharge-study-run"
NIGHTS, SUMMARY = "nights", "study.json"
STUDY = FolderKind("study", "study", FORMAT, SUMMARY, (NIGHTS,))


@dataclass(frozen=True)
class StudyFolder(LockedFolder):
    """A study's folder."""

    def record_path(self, station: str, variant: str, date: str) -> Path:
        """Where the record of a night is or will be: safe and unlike all others, whatever the names are."""
        return self.path / NIGHTS / plan_name(json.dumps([variant, station, date], ensure_ascii=False))

    def read_record(self, station: str, variant: str, date: str) -> NightRecord | None:
        """The night's record; None where there is none or it cannot be read as one."""
        try:
            return decode(self.record_path(station, variant, date).read_bytes(), NightRecord)
        except (OSError, InvalidData):
            return None

    def write_record(self, record: NightRecord, text: bytes) -> None:
        """Write the record, whole, though not to disk at once. Raises OutputErrors."""
        self.write(self.record_path(record.station, record.variant, record.night), text, to_disk=False)

    def write_results(self, tables: Mapping[str, bytes], summary: Mapping[str, Any]) -> None:
        """Write the tables by file name, then the summary. Raises OutputErrors."""
        os.sync()
        for name, text in tables.items():
            self.write(self.path / name, text)
        for left in self.path.glob("*.parquet"):
            if left.name not in tables:
                left.unlink()  # of an earlier run, where what writes them was installed
        self.write_summary(summary)

    def write_summary(self, summary: Mapping[str, Any]) -> None:
        """Write the summary. Raises OutputErrors."""
        self.write_json(SUMMARY, summary)


def open_study(path: Path) -> StudyFolder:
    """Make the folder of a study, or go on with it. Raises OutputErrors."""
    return StudyFolder(path, open_locked(path, STUDY))
