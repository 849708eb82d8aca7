"""Logged swaps as rows: when, at which station, of which pack type, with what state of charge returned.

Any table that optimizer/tables reads will do. Columns go by their names, in any order and case.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem, refuse
from models.rules import share_of_capacity
from optimizer.files.errors import InputErrors
from optimizer.tables.read_table import SHARE, STAMP, Column, ReadTable, TableRow, no_rows, read_table
from optimizer.tables.reading import Place, Reading

COLUMNS = (
    Column(
        "time",
        STAMP,
        also=("timestamp", "datetime", "date_time", "start", "swap_time", "swapped_at", "created_at", "at"),
    ),
    Column("station", needed=False, also=("station_id", "station_name", "site", "site_id")),
    Column("type", needed=False, also=("pack_type", "battery_type")),
    Column("returned_soc", SHARE, needed=False, also=("soc", "soc_in", "soc_returned", "returned_charge")),
)
ONE_STATION = "station"
"""What the station is called where the file has no column of stations."""
MOST_TOLD = 5
OFFSET = "offset"  # in rules of stamps that lack one


@dataclass(frozen=True)
class SwapRow:
    """A swap that happened; None: the file does not say."""

    line: int
    at: datetime
    station: str
    type: str | None
    returned_soc: float | None


@dataclass(frozen=True)
class SwapHistory:
    """Swaps in order of time, the offsets of their stamps, and what a user must know of how they were read."""

    rows: tuple[SwapRow, ...]
    offsets: frozenset[timedelta]
    notes: tuple[str, ...]

    @cached_property
    def stations(self) -> list[str]:
        """The stations, by name."""
        return sorted({row.station for row in self.rows})


def parse_history(data: bytes, file: str, zone: ZoneInfo | None, now: datetime) -> SwapHistory:
    """The swaps in a table. `zone`: the clock of stamps without offset; None: each needs one. `now`: nothing can have
    happened after it. Raises InputErrors.
    """
    try:
        return _parse(data, file, Reading(zone=zone), now)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


def _parse(data: bytes, file: str, how: Reading, now: datetime) -> SwapHistory:
    return history_of(_table(data, file, how), now)


def history_of(table: ReadTable, now: datetime) -> SwapHistory:
    """The swaps in a table of COLUMNS that was read. Raises InvalidData."""
    if not table.rows:
        raise no_rows("give a row for each swap below the names of columns")
    found = [_row(row) for row in table.rows]
    refuse(_row_problems(found, now, table.place))
    kept, doubles = _without_doubles(found)
    notes = [*table.notes, *_told_doubles(doubles, table.place)]
    instants = (row.cells["time"] for row in table.rows)
    offsets = frozenset(
        offset for when in instants if isinstance(when, datetime) and (offset := when.utcoffset()) is not None
    )
    return SwapHistory(tuple(sorted(kept, key=lambda row: (row.at, row.line))), offsets, tuple(notes))


def _table(data: bytes, file: str, how: Reading) -> ReadTable:
    try:
        return read_table(data, file, COLUMNS, how)
    except InvalidData as error:
        if how.zone is not None:
            raise
        also = "; or say --time-zone, where no stamp has an offset"
        raise InvalidData(
            replace(one, remedy=one.remedy + also) if OFFSET in one.rule else one for one in error.problems
        ) from None


def _row(row: TableRow) -> SwapRow:
    when, soc = row.cells["time"], row.cells.get("returned_soc")
    assert isinstance(when, datetime) and not isinstance(soc, str | datetime)
    station, kind = row.cells.get("station", ONE_STATION), row.cells.get("type")
    return SwapRow(row.line, when.astimezone(UTC), str(station), str(kind) if kind else None, soc)


def _row_problems(rows: Sequence[SwapRow], now: datetime, place_of: Place) -> Iterator[Problem]:
    typed = any(row.type for row in rows)
    for row in rows:
        place = place_of(row.line)
        if not row.station:
            yield Problem(f"{place}, station", "", "must not be empty", "name the station of the swap")
        if typed and row.type is None:
            yield Problem(f"{place}, type", "", "must not be empty", "name the pack type of the swap")
        if row.returned_soc is not None:
            yield from share_of_capacity(f"{place}, returned_soc", row.returned_soc)
        if row.at > now:
            rule, remedy = "lies in the future", "correct the stamp, or leave the line out"
            yield Problem(f"{place}, time", row.at.isoformat(), rule, remedy)


def _without_doubles(rows: Sequence[SwapRow]) -> tuple[list[SwapRow], list[tuple[SwapRow, int]]]:
    """Rows without those that say the same as an earlier one to the second, and those with the line they repeat.

    Where no stamp has seconds, two drivers of a minute are two drivers.
    """
    if not any(row.at.second or row.at.microsecond for row in rows):
        return list(rows), []
    first: dict[tuple[object, ...], int] = {}
    kept, doubles = list[SwapRow](), list[tuple[SwapRow, int]]()
    for row in rows:
        key = row.at, row.station, row.type, row.returned_soc
        if key in first:
            doubles.append((row, first[key]))
        else:
            first[key] = row.line
            kept.append(row)
    return kept, doubles


def _told_doubles(doubles: Sequence[tuple[SwapRow, int]], place: Place) -> Iterator[str]:
    for row, before in doubles[:MOST_TOLD]:
        yield f"{place(row.line)}: says the same as {place(before)}, to the second: counted once"
    if len(doubles) > MOST_TOLD:
        yield f"and {len(doubles) - MOST_TOLD:,} more lines that say the same as an earlier one: counted once"
