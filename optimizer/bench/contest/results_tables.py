"""The results of a benchmark as tables: a row for each run, a row for each trajectory point, and columns' meanings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, get_type_hints

from msgspec import structs

from optimizer.bench.records.run_record import RunRecord
from optimizer.files.csv_table import table_text
from optimizer.files.parquet import parquet_tables

Row = dict[str, object]
LEFT_OUT = ("format", "version", "trajectory", "versions", "machine", "traceback", "stdout", "stderr")
TEXT_FIELDS = ("suite", "instance", "family", "size", "contender", "formulation", "solver", "options", "reason", "plan")
RUN_COLUMNS = tuple(field.name for field in structs.fields(RunRecord) if field.name not in LEFT_OUT)
POINT_COLUMNS = ("key", "instance", "contender", "seed", "seconds", "objective", "bound")
VERSION, MACHINE = "version_", "machine_"
POINT_MEANINGS = {
    "seconds": "wall seconds since the contender began",
    "objective": "currency: the best plan that the contender reported until then; empty: none yet",
    "bound": "currency: the best bound that it reported until then; empty: none yet",
}


def results_tables(records: Sequence[RunRecord]) -> dict[str, bytes]:
    """The tables by file name: results, trajectories and columns as CSV; the first two as Parquet where it can be."""
    columns = run_columns(records)
    texts = frozenset(name for name in columns if name in TEXT_FIELDS or name.startswith((VERSION, MACHINE)))
    tables = {
        "results.csv": table_text(columns, texts, map(_padded(columns), map(run_row, records))),
        "trajectories.csv": table_text(POINT_COLUMNS, texts, (row for one in records for row in _points(one))),
    }
    meanings = {"columns.csv": table_text(("table", "column", "meaning"), ("meaning",), _meanings(columns))}
    return tables | meanings | parquet_tables(tables, texts)


def run_columns(records: Sequence[RunRecord]) -> tuple[str, ...]:
    """The columns of results.csv: those of every record, then versions and machine as far as any record has them."""
    versions = sorted({name for record in records for name in record.versions})
    machine = sorted({name for record in records for name in record.machine})
    return (*RUN_COLUMNS, *(VERSION + name for name in versions), *(MACHINE + name for name in machine))


def run_row(record: RunRecord) -> Row:
    """One run as a row; options are one text as in "presolve=off; threads=1"."""
    row = {name: getattr(record, name) for name in RUN_COLUMNS}
    row["options"] = "; ".join(f"{name}={value}" for name, value in sorted(record.options.items()))
    row |= {VERSION + name: value for name, value in record.versions.items()}
    return row | {MACHINE + name: value for name, value in record.machine.items()}


def _padded(columns: Sequence[str]) -> Any:
    return lambda row: dict.fromkeys(columns, "") | row


def _points(record: RunRecord) -> Iterator[Row]:
    for seconds, objective, bound in record.trajectory:
        yield {
            "key": record.key,
            "instance": record.instance,
            "contender": record.contender,
            "seed": record.seed,
            "seconds": seconds,
            "objective": objective,
            "bound": bound,
        }


def _meanings(columns: Sequence[str]) -> Iterator[Row]:
    """A row for each column; the meanings are those of the record's format."""
    descriptions = _descriptions()
    for name in columns:
        meaning = descriptions.get(name) or _flattened(name)
        yield {"table": "results", "column": name, "meaning": meaning}
    for name in POINT_COLUMNS:
        yield {"table": "trajectories", "column": name, "meaning": POINT_MEANINGS.get(name) or descriptions[name]}


def _descriptions() -> dict[str, str]:
    """The description of each key in the record's format."""
    hints = get_type_hints(RunRecord, include_extras=True)
    metas = {name: getattr(hint, "__metadata__", ()) for name, hint in hints.items()}
    return {name: meta.description for name, of_key in metas.items() for meta in of_key if meta.description}


def _flattened(name: str) -> str:
    if name.startswith(VERSION):
        return f"version of {name.removeprefix(VERSION)}; empty: not involved"
    return f"of the machine: {name.removeprefix(MACHINE).replace('_', ' ')}"
