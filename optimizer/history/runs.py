"""The history of runs: what `nightly` records, what `swapcharge history` lists and compares."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from models.errors import Problem
from optimizer.files.csv_table import MOST_NUMBER
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.files.limits import MOST_BYTES
from optimizer.history.file import HISTORY_NAME, damaged, reading, writing
from optimizer.runs.folder import SUMMARY, read_station_rows, read_summary
from optimizer.runs.summary import RunSummary

T = TypeVar("T")
Plans = dict[str, tuple[float, int] | None]
"""Objective and lost swaps by station, None without a plan."""

CELL_BYTES = 8  # that a number takes at least, or the place of a text


@dataclass(frozen=True)
class RecordedRun:
    """One run as the history has it, by the names of RunSummary.

    Money is in `currency`, times are UTC stamps, `horizon_start` a local one. `folder` is absolute. None: not known,
    or not proven.
    """

    number: int
    folder: str
    id: str
    name: str
    currency: str
    horizon_start: str
    started: str
    finished: str | None
    status: str
    stations: int
    planned: int
    fallback: int
    failed: int
    swaps_served: int
    swaps_lost: int
    objective: float | None
    bound: float | None
    gap: float | None
    gross_cost: float | None
    wall_seconds: float | None


@dataclass(frozen=True)
class StationChange:
    """One station that has a plan in both runs: objectives in currency, swaps lost."""

    station: str
    old_objective: float
    new_objective: float
    old_swaps_lost: int
    new_swaps_lost: int

    @property
    def difference(self) -> float:
        """What the newer plan costs more."""
        return self.new_objective - self.old_objective


@dataclass(frozen=True)
class RunComparison:
    """Two runs side by side. `changes`: stations planned in both, the largest difference of objective first.

    `only_in_old`, `only_in_new`: stations that the other run does not have; `no_plan_in_old`, `no_plan_in_new`:
    stations that both have and one of them could not plan.
    """

    old: RecordedRun
    new: RecordedRun
    changes: tuple[StationChange, ...]
    only_in_old: tuple[str, ...]
    only_in_new: tuple[str, ...]
    no_plan_in_old: tuple[str, ...]
    no_plan_in_new: tuple[str, ...]

    @property
    def changed(self) -> list[StationChange]:
        """Those of `changes` whose objective differs."""
        return [change for change in self.changes if change.difference]


RUN_COLUMNS = tuple(field.name for field in fields(RecordedRun) if field.name != "number")
STATION_COLUMNS = (
    "run", "place", "station", "status", "method", "objective", "bound", "gap", "swaps_served", "swaps_lost", "reason",
)  # fmt: skip


def record_run(index: Path, run: Path) -> None:
    """Enter the run in the folder `run` into the history `index`, in place of what is there of the same run.

    The same run: the same folder and the same id in its summary; it keeps its number. Raises InputErrors where the
    run's summary or stations.csv cannot be read, OutputErrors where the history is not ours or cannot be written.
    """
    summary, stations = read_summary(run), _read_stations(run)
    with writing(index) as connection:
        number = _enter_run(connection, _run_values(summary, _stored_folder(index, run)))
        rows = [(number, place, *station) for place, station in enumerate(stations)]
        connection.executemany(_insert("stations", STATION_COLUMNS), rows)


def _read_stations(run: Path) -> list[tuple[object, ...]]:
    """Of every row of stations.csv the values of STATION_COLUMNS, from the third on."""
    return [tuple(getattr(row, name) for name in STATION_COLUMNS[2:]) for row in read_station_rows(run)]


def _run_values(summary: RunSummary, folder: str) -> dict[str, object]:
    """The summary's own fields, but for two."""
    others = {"folder": folder, "horizon_start": summary.horizon.start}
    return others | {name: getattr(summary, name) for name in RUN_COLUMNS if name not in others}


def _enter_run(connection: sqlite3.Connection, values: Mapping[str, object]) -> int:
    """The number of the run, entered anew; nothing is left of its former stations."""
    key = values["folder"], values["id"]
    columns = [name for name in RUN_COLUMNS if name not in ("folder", "id")]
    changes = ", ".join(f"{name} = ?" for name in columns)
    command = f"UPDATE runs SET {changes} WHERE folder = ? AND id = ?"
    if not connection.execute(command, (*(values[name] for name in columns), *key)).rowcount:
        # An INSERT that ends in an update would use up a number, and leave a hole before the next run.
        connection.execute(_insert("runs", RUN_COLUMNS), tuple(values[name] for name in RUN_COLUMNS))
    number: int = connection.execute("SELECT number FROM runs WHERE folder = ? AND id = ?", key).fetchone()[0]
    connection.execute("DELETE FROM stations WHERE run = ?", (number,))
    return number


def _insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"


def index_of(place: str | Path) -> Path:
    """The history that `place` names: a file, or a folder that holds one. Raises InputErrors."""
    index = Path(place)
    if not index.is_dir():
        return index
    if not (index / HISTORY_NAME).exists():
        rule = f"has no {HISTORY_NAME}"
        remedy = "nightly writes it beside its run folders: name the folder that holds them, or the file"
        raise InputErrors(str(place), [Problem("", ABSENT, rule, remedy)])
    return index / HISTORY_NAME


def read_runs(index: Path) -> list[RecordedRun]:
    """Every run, the one started last at the end. Raises InputErrors."""
    with reading(index) as connection:
        return _runs(connection, index)


def _runs(connection: sqlite3.Connection, index: Path) -> list[RecordedRun]:
    found = connection.execute(f"SELECT number, {', '.join(RUN_COLUMNS)} FROM runs ORDER BY started, number")
    return [_run(row, index) for row in _bounded(index, found)]


def _bounded(index: Path, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The rows, as long as they and their texts take no more memory than any other file of ours may."""
    most = MOST_BYTES
    for row in rows:
        most -= sum(CELL_BYTES + (len(cell) if isinstance(cell, str | bytes) else 0) for cell in row)
        if most < 0:
            raise damaged(index, "its rows", f"they are more than {MOST_BYTES // 2**20} MB")
        yield row


def _run(row: Sequence[Any], index: Path) -> RecordedRun:
    """Raises InputErrors where a cell is none that `record_run` writes: SQLite holds anything in any column."""
    values = dict(zip(("number", *RUN_COLUMNS), row, strict=True))
    run = _sane(index, f"run {row[0]}", values, RecordedRun)
    return replace(run, folder=str(index.resolve().parent / run.folder))


def _sane(index: Path, place: str, values: Mapping[str, object], kind: type[T]) -> T:
    try:
        for name, value in values.items():
            if isinstance(value, int | float) and not abs(value) <= MOST_NUMBER:
                raise damaged(index, place, f"{name} is no number that a run has")
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise damaged(index, place, str(error)) from None


@dataclass(frozen=True)
class _Plan:
    """What is compared of a station's row."""

    station: str
    objective: float | None
    swaps_lost: int | None


def compare_runs(index: Path, old: str, new: str) -> RunComparison:
    """Two runs, each named by its number or its folder (there the latest run counts).

    Raises InputErrors where one is not known, or their costs are in different currencies.
    """
    with reading(index) as connection:
        runs = _runs(connection, index)
        one, other = _found(index, runs, old), _found(index, runs, new)
        _refuse_currencies(index, one, other)
        return _comparison(connection, index, one, other)


def is_of_folders(place: str | Path, old: str, new: str) -> bool:
    """Are both folders of runs, and is there no history at `place` that would know them?"""
    is_known = not Path(place).is_dir() or (Path(place) / HISTORY_NAME).exists()
    return not is_known and all((Path(run) / SUMMARY).is_file() for run in (old, new))


def compare_folders(old: Path, new: Path) -> RunComparison:
    """Two runs by their folders, whatever history knows of them; they are numbered 1 and 2.

    Raises InputErrors where one is no run that can be read, or their costs are in different currencies.
    """
    before, after = (_recorded(number, run) for number, run in ((1, old), (2, new)))
    _refuse_currencies(new, before, after)
    return _compared(before, after, _plans_of_rows(old), _plans_of_rows(new))


def _recorded(number: int, run: Path) -> RecordedRun:
    return RecordedRun(number, **_run_values(read_summary(run), str(run.resolve())))  # type: ignore[arg-type]


def _plans_of_rows(run: Path) -> Plans:
    """As `_plans`, from the run's own table."""
    found: Plans = {}
    for row in read_station_rows(run):
        if row.station:
            found.setdefault(row.station, None if row.objective is None else (row.objective, row.swaps_lost or 0))
    return found


def _found(index: Path, runs: Sequence[RecordedRun], wanted: str) -> RecordedRun:
    """By number; by folder, as seen from here; by folder, as seen from the history, which is how lists show it."""
    home = index.resolve().parent
    folders = [str(home / _stored_folder(index, folder)) for folder in (Path(wanted), home / wanted)]
    known = [run for run in runs if str(run.number) == wanted] or [run for run in runs if run.folder in folders]
    if not known:
        rule, remedy = "is neither the number nor the folder of a run", "swapcharge history lists the runs"
        raise InputErrors(str(index), [Problem("runs", wanted, rule, remedy)])
    return known[-1]


def _refuse_currencies(index: Path, old: RecordedRun, new: RecordedRun) -> None:
    if old.currency != new.currency:
        rule = f"is the currency of run {new.number}, costs of run {old.number} are in {old.currency}"
        problem = Problem("runs", new.currency, rule, "compare runs of one currency")
        raise InputErrors(str(index), [problem])


def _comparison(connection: sqlite3.Connection, index: Path, old: RecordedRun, new: RecordedRun) -> RunComparison:
    return _compared(old, new, _plans(connection, index, old), _plans(connection, index, new))


def _compared(old: RecordedRun, new: RecordedRun, before: Plans, after: Plans) -> RunComparison:
    both = [name for name in before if name in after]
    changes = [
        StationChange(name, was[0], now[0], was[1], now[1])
        for name in both
        if (was := before[name]) and (now := after[name])
    ]
    return RunComparison(
        old=old,
        new=new,
        changes=tuple(sorted(changes, key=lambda change: (-abs(change.difference), change.station))),
        only_in_old=tuple(name for name in before if name not in after),
        only_in_new=tuple(name for name in after if name not in before),
        no_plan_in_old=tuple(name for name in both if after[name] and not before[name]),
        no_plan_in_new=tuple(name for name in both if before[name] and not after[name]),
    )


def _plans(connection: sqlite3.Connection, index: Path, run: RecordedRun) -> Plans:
    """Objective and lost swaps by station, None without a plan. The first row of an id is the station's."""
    found: Plans = {}
    command = "SELECT station, objective, swaps_lost FROM stations WHERE run = ? AND station != '' ORDER BY place"
    for row in _bounded(index, connection.execute(command, (run.number,))):
        values = dict(zip(("station", "objective", "swaps_lost"), row, strict=True))
        plan = _sane(index, f"run {run.number}", values, _Plan)
        found.setdefault(plan.station, None if plan.objective is None else (plan.objective, plan.swaps_lost or 0))
    return found


def _stored_folder(index: Path, run: Path) -> str:
    """The run's folder beside its index, so that both may move together; else absolute. Always proper text."""
    folder, home = run.resolve(), index.resolve().parent
    path = folder.relative_to(home) if folder.is_relative_to(home) else folder
    return os.fsencode(path).decode("utf-8", "backslashreplace")
