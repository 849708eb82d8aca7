"""The folder of a benchmark: a record a run, the plans, the tables, the summary. One `bench run` at a time writes.

No file is ever there in part, and a run is done once its record is there: whatever kills the benchmark, the folder is
consistent, and the same command continues from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec

from models.errors import InvalidData, Problem
from optimizer.bench.records.run_record import RunRecord
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.files.folder_lock import LOCK
from optimizer.files.json_text import decode
from optimizer.files.locked_folder import FolderKind, LockedFolder, is_summary, open_locked
from optimizer.files.read_write import all_to_disk, read_bytes
from optimizer.runs.folder import plan_name

FORMAT: Literal["swapcharge-bench"] = "swapcharge-bench"
RUNS, PLANS, SUMMARY = "runs", "plans", "summary.json"
BENCHMARK = FolderKind("benchmark", "bench run", FORMAT, SUMMARY, (RUNS, PLANS))
REMEDY = "name a folder that swapcharge bench run -o wrote"


def record_name(record: RunRecord) -> str:
    """The file name of a run: readable, safe, and the same for a run that is made again with other versions."""
    asked = [record.instance, record.contender, record.seed, record.time_limit_seconds, record.gap_asked]
    return plan_name(json.dumps([*asked, record.memory_limit_mb], ensure_ascii=False))


@dataclass(frozen=True)
class ResultsFolder(LockedFolder):
    """A benchmark's folder."""

    def scratch(self, name: str) -> Path:
        """A scratch file of a run under way; if it is left behind, the next opening of the folder removes it."""
        return self.path / RUNS / f".{name}.tmp"

    def read_record(self, like: RunRecord) -> RunRecord | None:
        """The record of that run; None where there is none, it is broken, or its plan file is gone."""
        try:
            record = decode(read_bytes(self.path / RUNS / record_name(like)), RunRecord)
        except (InputErrors, InvalidData):
            return None
        return record if not record.plan or (self.path / record.plan).is_file() else None

    def write_record(self, record: RunRecord, plan: bytes | None) -> RunRecord:
        """Write the plan file, then the record, which then says where the plan is; that record.

        Not to disk at once: a write that waits for the disk would disturb the run beside it. Raises OutputErrors.
        """
        name = record_name(record)
        if plan is not None:
            record = msgspec.structs.replace(record, plan=f"{PLANS}/{name.removesuffix('.json')}.plan.json.gz")
            self.write(self.path / record.plan, plan, to_disk=False)
        self.write(self.path / RUNS / name, record_text(record), to_disk=False)
        return record

    def write_results(self, tables: Mapping[str, bytes], summary: Mapping[str, Any]) -> None:
        """Write the tables by file name, then the summary. Raises OutputErrors."""
        all_to_disk()
        for name, text in tables.items():
            self.write(self.path / name, text)
        for left in self.path.glob("*.parquet"):
            if left.name not in tables:
                left.unlink()  # of an earlier run, where what writes them was installed
        self.write_json(SUMMARY, summary)


def open_results(path: Path) -> ResultsFolder:
    """Make the folder of a benchmark, or go on with it. Raises OutputErrors."""
    return ResultsFolder(path, open_locked(path, BENCHMARK))


def record_text(record: RunRecord) -> bytes:
    """The record's file. The same record gives the same bytes."""
    return msgspec.json.encode(record) + b"\n"


def read_results(folder: str | Path) -> list[RunRecord]:
    """The records of a benchmark's folder, sorted by instance, contender and seed; plans are at folder/record.plan.

    Raises InputErrors where it is no such folder, a record is broken, or there is none.
    """
    path = Path(folder)
    if not _is_ours(path):
        raise InputErrors(str(path), [Problem("", ABSENT, "is no folder of benchmark results", REMEDY)])
    if records := all_records(path):
        return records
    raise InputErrors(str(path), [Problem("", ABSENT, "holds no run yet", "run swapcharge bench run into it first")])


def all_records(folder: Path) -> list[RunRecord]:
    """The same without a look at what the folder is; perhaps none. Raises InputErrors."""
    records, problems = list[RunRecord](), list[Problem]()
    for file in sorted((folder / RUNS).glob("[!.]*.json")):
        try:
            records.append(decode(read_bytes(file), RunRecord))
        except (InvalidData, InputErrors) as error:
            problems += _inside(f"{RUNS}/{file.name}", error)
    if problems:
        raise InputErrors(str(folder), problems)
    return sorted(records, key=_order)


def _is_ours(path: Path) -> bool:
    try:
        has_mark = read_bytes(path / LOCK) == BENCHMARK.mark
    except InputErrors:
        has_mark = False  # folders are copied without hidden files, too
    return has_mark or is_summary(path / SUMMARY, FORMAT)


def _inside(file: str, error: InvalidData | InputErrors) -> Iterator[Problem]:
    for one in error.problems:
        place = f"{file}: {one.place}" if one.place else file
        yield Problem(place, one.value, one.rule, f"{one.remedy}; or remove the file and run the same command again")


def _order(record: RunRecord) -> tuple[object, ...]:
    memory_mb = record.memory_limit_mb or 0
    asked = (record.time_limit_seconds, record.gap_asked, memory_mb)
    return record.instance, record.contender, record.seed, *asked, record.key
