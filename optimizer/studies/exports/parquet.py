"""A study's tables as Parquet with the types of their columns, units and meanings with every field."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, get_type_hints

import msgspec

from models.errors import Problem
from optimizer.files.errors import ABSENT, OutputErrors
from optimizer.files.json_text import indented_document
from optimizer.files.locked_folder import FolderKind, LockedFolder, open_locked
from optimizer.studies.answers.curves import curve_rows
from optimizer.studies.exports.columns import MEANINGS, ColumnMeaning, column_meanings
from optimizer.studies.folder import StudyResults
from optimizer.studies.summary import StudySummary
from optimizer.studies.tables import CurveRow, RankedTariff, columns_of, table_name

FORMAT: Literal["swapcharge-study-tables"] = "swapcharge-study-tables"
MANIFEST, COLUMNS = "tables.json", "columns"
TABLES = FolderKind("set of study tables", "report", FORMAT, MANIFEST, (), "tables")


class TablesManifest(msgspec.Struct, frozen=True, kw_only=True):
    """The object of tables.json, written last: which study the tables are of, its state and answers."""

    format: Literal["swapcharge-study-tables"]
    version: Literal[1]
    study: str
    status: str
    currency: str
    time_zone: str
    answers: tuple[str, ...]
    tables: tuple[str, ...]
    versions: dict[str, str]


def require_parquet(path: str) -> None:
    """Raises OutputErrors where no Parquet can be written, for the extra is missing."""
    if not find_spec("pyarrow"):
        rule = "is for Parquet tables, which need the extra parquet"
        raise OutputErrors(
            path, [Problem("", ABSENT, rule, "pip install 'swapcharge[parquet]', or use the CSV tables")]
        )


def study_parquet(results: StudyResults) -> dict[str, bytes]:
    """The tables by file name; `columns.parquet` tells unit and meaning of every column, as the fields' metadata do."""
    summary, tables = results.summary, results.tables
    rows: Mapping[type, Sequence[object]] = {
        RankedTariff: summary.ranking,
        CurveRow: list(curve_rows(summary.curves)),
        **tables.by_kind,
    }
    meanings = {kind: list(column_meanings(kind, summary.currency)) for kind in MEANINGS}
    files = {f"{table_name(kind)}.parquet": _parquet(kind, rows[kind], meanings[kind]) for kind in MEANINGS}
    every = [one for of_table in meanings.values() for one in of_table]
    return files | {f"{COLUMNS}.parquet": _parquet(ColumnMeaning, every, ())}


def _parquet(kind: type, rows: Iterable[object], meanings: Sequence[ColumnMeaning]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    types, of_column = get_type_hints(kind), {one.column: one for one in meanings}
    names = columns_of(kind)
    schema = pa.schema([_field(name, types[name], of_column.get(name)) for name in names])
    columns = {name: [getattr(row, name) for row in rows] for name in names}
    buffer = io.BytesIO()
    pq.write_table(pa.table(columns, schema), buffer, compression="zstd")
    return buffer.getvalue()


def _field(name: str, type_: Any, meaning: ColumnMeaning | None) -> Any:
    import pyarrow as pa

    arrow = {str: pa.string(), int: pa.int64(), date: pa.date32(), time: pa.time32("s")}.get(type_, pa.float64())
    told = None if meaning is None else {"unit": meaning.unit, "meaning": meaning.meaning}
    return pa.field(name, arrow, metadata=told)


def write_study_parquet(folder: Path, results: StudyResults) -> None:
    """Write the tables into `folder`, in place of older ones; the manifest goes first and comes back last.

    Raises OutputErrors where the folder holds other things or cannot be written.
    """
    files = study_parquet(results)
    into = LockedFolder(folder, open_locked(folder, TABLES))
    try:
        into.remove([folder / MANIFEST, *(folder / name for name in files)])
        for name, data in files.items():
            into.write(folder / name, data)
        into.write(folder / MANIFEST, indented_document(_manifest(results.summary, files)))
    finally:
        into.close()


def _manifest(summary: StudySummary, files: Iterable[str]) -> TablesManifest:
    return TablesManifest(
        format=FORMAT,
        version=1,
        study=summary.name,
        status=summary.status,
        currency=summary.currency,
        time_zone=summary.time_zone,
        answers=summary.answers,
        tables=tuple(files),
        versions=summary.versions,
    )
