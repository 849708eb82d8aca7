"""The folder of a study: a record a night, the tables, the summary. One study at a time writes in it, reports read it.

What is read again has names as tables have them: control characters spelled out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import structs

from models.errors import InvalidData, Problem
from models.tolerances import money_tolerance
from optimizer.files.csv_table import read_table
from optimizer.files.errors import ABSENT, Collector, InputErrors, printable
from optimizer.files.folder_json import read_folder_json
from optimizer.files.json_text import decode
from optimizer.files.locked_folder import FolderKind, LockedFolder, open_locked
from optimizer.files.read_write import all_to_disk, read_bytes
from optimizer.runs.folder import PLAN_NAME, plan_name
from optimizer.studies.answers.by_station import station_tariffs
from optimizer.studies.answers.curves import cost_curves
from optimizer.studies.night_record import NightRecord
from optimizer.studies.summary import FORMAT, StudySummary
from optimizer.studies.tables import (
    PLAN,
    SIDES,
    TABLE_FILES,
    BillRow,
    NightRow,
    PeriodRow,
    ProfileRow,
    R,
    RankedTariff,
    StationTariff,
    StudyTables,
)

S = TypeVar("S", bound=msgspec.Struct)
NIGHTS, BOUNDS, SUMMARY = "nights", "bounds", "study.json"
STUDY = FolderKind("study", "study", FORMAT, SUMMARY, (NIGHTS,))
LAST_YEAR = 9000  # beyond it nothing of a calendar can be drawn
TOGETHER = "keep the files of one study together, or run the same study command again"


@dataclass(frozen=True)
class StudyFolder(LockedFolder):
    """A study's folder."""

    def make_own(self, name: str, first_night: date, *, may_replace: bool) -> None:
        """Make sure that the folder has no other study: one of another name, or from another first night.

        Such a study is removed if `may_replace`, its summary last: else it is refused, as OutputErrors. A folder whose
        summary cannot be read, as of a study that was killed early, is gone on with.
        """
        try:
            old = _read_summary(self.path)
        except InputErrors:
            return
        if (old.name, old.first_night) != (name, first_night):
            kept = (self.path / part for part in (NIGHTS, BOUNDS))
            files_of = (part.iterdir() for part in kept if part.is_dir())
            records = sorted(path for files in files_of for path in files if PLAN_NAME.fullmatch(path.name))
            tables = [self.path / name for name in TABLE_FILES.values()]
            files = [*records, *tables, *(path.with_suffix(".parquet") for path in tables)]
            holds = f"another study, {old.name} from {old.first_night}"
            self.give_way(STUDY, holds, files, may_replace=may_replace)

    def record_path(self, station: str, variant: str, date: str) -> Path:
        """Where the record of a night is or will be: safe and unlike all others, whatever the names are."""
        return self.path / NIGHTS / plan_name(json.dumps([variant, station, date], ensure_ascii=False))

    def read_record(self, station: str, variant: str, date: str) -> NightRecord | None:
        """The night's record; None where there is none or it cannot be read as one."""
        try:
            return decode(read_bytes(self.record_path(station, variant, date)), NightRecord)
        except (InputErrors, InvalidData):
            return None

    def record_bytes(self, station: str, variant: str, date: str) -> bytes:
        """The file of a night's record. Raises InputErrors."""
        return read_bytes(self.record_path(station, variant, date))

    def write_record(self, record: NightRecord, text: bytes) -> None:
        """Write the record, whole, though not to disk at once. Raises OutputErrors."""
        self.write(self.record_path(record.station, record.variant, record.night), text, to_disk=False)

    def write_results(self, tables: Mapping[str, bytes], summary: StudySummary) -> None:
        """Write the tables by file name, then the summary. Raises OutputErrors."""
        all_to_disk()
        for name, text in tables.items():
            self.write(self.path / name, text)
        for left in self.path.glob("*.parquet"):
            if left.name not in tables:
                left.unlink()  # of an earlier run, where what writes them was installed
        self.write_summary(summary)

    def write_summary(self, summary: StudySummary) -> None:
        """Write the summary. Raises OutputErrors."""
        self.write_json(SUMMARY, msgspec.to_builtins(summary))


def open_study(path: Path) -> StudyFolder:
    """Make the folder of a study, or go on with it. Raises OutputErrors."""
    return StudyFolder(path, open_locked(path, STUDY))


@dataclass(frozen=True)
class StudyResults:
    """What a study's folder holds. `left_out`: how many of its stations these results are not of."""

    summary: StudySummary
    tables: StudyTables
    left_out: int = 0

    def ranking(self, variant: str) -> list[RankedTariff]:
        """The variant's tariffs, cheapest first; none where not every night could be planned."""
        return sorted((one for one in self.summary.ranking if one.variant == variant), key=lambda one: one.rank)

    @property
    def begin(self) -> datetime:
        """When the first night begins, by the local clock; midnight where no chain of nights is whole."""
        clock = self.tables.profiles[0].local_time if self.tables.profiles else time()
        return datetime.combine(self.summary.first_night, clock)

    @property
    def end(self) -> datetime:
        """When the last night ends, by the local clock."""
        return self.begin + timedelta(days=self.summary.nights)


def is_study(folder: Path) -> bool:
    """Is this the folder of a study, or of one that was cut off before it had anything to show?"""
    return (folder / SUMMARY).is_file() or (folder / NIGHTS).is_dir()


def read_study_folder(folder: Path) -> StudyResults:
    """The study in a folder. Raises InputErrors with every problem of study.json, or else of all the tables."""
    summary = _named_as_in_tables(_read_summary(folder))
    if summary.status == "running" and not (folder / TABLE_FILES[NightRow]).exists():
        rule = "is the folder of a study that has no tables yet: it still runs, or was killed"
        raise InputErrors(str(folder), [Problem("", ABSENT, rule, f"wait for it, or {STUDY.again}")])
    names = {
        "variant": [one.id for one in summary.variants],
        "station": summary.stations,
        "tariff": summary.tariffs,
        "side": SIDES,
    }
    known = {column: frozenset(values) for column, values in names.items()}
    found = Collector()

    def table(kind: type[R]) -> list[R]:
        return found.attempt("", lambda: read_table(folder / TABLE_FILES[kind], kind, STUDY, known), [])

    tables = StudyTables(table(NightRow), table(PeriodRow), table(BillRow), table(ProfileRow))
    if (folder / TABLE_FILES[StationTariff]).exists():
        tables.stations.extend(table(StationTariff))
    else:  # of an earlier version, which did not tell savings by station
        tables.stations.extend(station_tariffs(tables, summary.nights, summary.tariffs))
    results = StudyResults(summary, tables)
    if problems := found.problems or list(_contradictions(results)):
        raise InputErrors(str(folder), problems)
    return results


def _read_summary(folder: Path) -> StudySummary:
    if not (folder / SUMMARY).exists():
        rule = f"is the folder of a study without {SUMMARY}: it was cut off before its end"
        raise InputErrors(str(folder), [Problem("", ABSENT, rule, STUDY.again)])
    return read_folder_json(folder / SUMMARY, StudySummary, STUDY)


def _named_as_in_tables(summary: StudySummary) -> StudySummary:
    """With names as tables have them; curves, which older versions did not tell, of the ranking."""
    named = _named(summary)
    curves = cost_curves(named.variants, named.station_values, named.tariffs, named.ranking)
    return structs.replace(named, curves=tuple(curves))


def _named(summary: StudySummary) -> StudySummary:
    place = ("variant", "station", "tariff")
    bounds = (_shown(one, *place, "reason") for one in summary.month_bounds)
    return structs.replace(
        summary,
        stations=_all_shown(summary.stations),
        tariffs=_all_shown(summary.tariffs),
        variants=tuple(_shown(one, "id") for one in summary.variants),
        ranking=tuple(
            replace(one, variant=printable(one.variant), tariff=printable(one.tariff), plans_of=printable(one.plans_of))
            for one in summary.ranking
        ),
        flips=tuple(_shown(one, "before", "after", "first", "second") for one in summary.flips),
        plans_taken=tuple(_shown(one, *place, "plans_of") for one in summary.plans_taken),
        month_bounds=tuple(structs.replace(one, left_out=_all_shown(one.left_out)) for one in bounds),
        differences=tuple(_shown(one, "variant", "tariff", "than") for one in summary.differences),
    )


def _shown(one: S, *names: str) -> S:
    """The same with these texts as tables have them."""
    return structs.replace(one, **{name: printable(getattr(one, name)) for name in names})


def _all_shown(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(printable(name) for name in names)


def _contradictions(results: StudyResults) -> Iterator[Problem]:
    """Where study.json and the tables are not of one run: such a page would show what nobody computed."""
    summary = results.summary
    if summary.first_night.year > LAST_YEAR:
        rule = f"must not be after the year {LAST_YEAR}"
        yield Problem(f"{SUMMARY}: first_night", summary.first_night.isoformat(), rule, STUDY.again)
    for variant in dict.fromkeys(one.variant for one in summary.ranking):
        ranked = sorted(one.tariff for one in summary.ranking if one.variant == variant)
        if ranked != sorted(summary.tariffs) or variant not in [one.id for one in summary.variants]:
            rule = "must rank every tariff once, in a variant of the study"
            yield Problem(f"{SUMMARY}: ranking", variant, rule, TOGETHER)
    for index, one in enumerate(summary.ranking):
        yield from _unlike_tables(results, f"{SUMMARY}: ranking[{index}]", one)


def _unlike_tables(results: StudyResults, place: str, one: RankedTariff) -> Iterator[Problem]:
    """What the tables say otherwise than one row of the ranking."""
    summary, tables, key = results.summary, results.tables, (one.variant, one.tariff)
    for name, rows in (("nights", tables.nights_of), ("periods", tables.periods_of), ("profiles", tables.profiles_of)):
        if key not in rows:
            yield Problem(place, one.tariff, f"must have rows in {name}.csv", TOGETHER)
    at_stations = [row.total_cost for row in tables.stations if (row.variant, row.tariff) == key]
    if len(at_stations) == len(summary.stations) and abs(sum(at_stations) - one.total_cost) > money_tolerance(one.bill):
        rule = f"must be what the stations of stations.csv add up to, {sum(at_stations):,.2f}"
        yield Problem(f"{place}.total_cost", one.total_cost, rule, TOGETHER)
    billed = sum(row.amount for row in tables.bills_of.get(key, ()) if row.side == PLAN)
    if abs(billed - one.bill) > money_tolerance(one.bill):
        rule = f"must be what the lines of bills.csv add up to, {billed:,.2f}"
        yield Problem(f"{place}.bill", one.bill, rule, TOGETHER)
