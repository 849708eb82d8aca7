"""Logged swaps as rows: when, at which station, of which pack type, with what state of charge returned.

Any table that optimizer/tables reads will do. Columns go by their names, in any order and case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem, refuse
from models.rules import share_of_capacity
from optimizer.files.csv_text import line_place, number_of
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.tables.instants import instants_of
from optimizer.tables.reading import Reading, with_column
from optimizer.tables.sources.sheet import Line, Sheet, sheet_of

NAMES: Mapping[str, tuple[str, ...]] = {
    "time": ("time", "timestamp", "datetime", "date_time", "start", "swap_time", "swapped_at", "created_at", "at"),
    "station": ("station", "station_id", "station_name", "site", "site_id"),
    "type": ("type", "pack_type", "battery_type"),
    "returned_soc": ("returned_soc", "soc", "soc_in", "soc_returned", "returned_charge"),
}
ONE_STATION = "station"
"""What the station is called where the file has no column of stations."""
MOST_TOLD = 5


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

    @property
    def stations(self) -> list[str]:
        """The stations, by name."""
        return sorted({row.station for row in self.rows})


def parse_history(data: bytes, file: str, zone: ZoneInfo | None, now: datetime) -> SwapHistory:
    """The swaps in a table. `zone`: the clock of stamps without offset; None: each needs one. `now`: nothing can have
    happened after it. Raises InputErrors.
    """
    try:
        return _parse(sheet_of(data, line_place), Reading(zone=zone), now)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


def _parse(sheet: Sheet, how: Reading, now: datetime) -> SwapHistory:
    lines = [line for line in sheet.lines() if any(cell.strip() for cell in line[1])]
    if len(lines) < 2:
        raise InvalidData([Problem("", ABSENT, "has no rows", "give a row for each swap below the names of columns")])
    at = _columns(lines[0][1])
    rows = lines[1:]
    refuse(_short_lines(rows, max(at.values()), sheet))
    stamps = [(line, cells[at["time"]].strip()) for line, cells in rows]
    instants = instants_of(stamps, how, with_column(sheet.place, lines[0][1][at["time"]]))
    found = [_row(line, cells, when, at) for (line, cells), when in zip(rows, instants.at, strict=True)]
    refuse(_row_problems(found, now, sheet))
    kept, doubles = _without_doubles(found)
    notes = [*sheet.notes, *instants.notes, *_told_doubles(doubles, sheet)]
    notes += [f"{sheet.place(rows[i][0])}: {stamps[i][1]}: a time that the clock leaves out" for i in instants.skipped]
    offsets = frozenset(offset for when in instants.at if (offset := when.utcoffset()) is not None)
    return SwapHistory(tuple(sorted(kept, key=lambda row: (row.at, row.line))), offsets, tuple(notes))


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Where each column stands. Raises InvalidData where there is no time, or a name comes twice."""
    names = [cell.strip().lower().replace(" ", "_") for cell in header]
    at: dict[str, int] = {}
    for key, known in NAMES.items():
        places = [index for index, name in enumerate(names) if name in known]
        if len(places) > 1:
            rule = f"names the {key} of a swap a second time"
            raise InvalidData([Problem("line 1", header[places[1]], rule, "leave one of the columns out")])
        if places:
            at[key] = places[0]
    if "time" not in at:
        rule, remedy = "must name a column time", f"its columns: {', '.join(header)}"
        raise InvalidData([Problem("line 1", ABSENT, rule, remedy)])
    return at


def _short_lines(rows: Sequence[Line], last: int, sheet: Sheet) -> Iterator[Problem]:
    for line, cells in rows:
        if len(cells) <= last:
            yield Problem(sheet.place(line), ",".join(cells), "has too few cells", "complete the line")


def _row(line: int, cells: Sequence[str], when: datetime, at: Mapping[str, int]) -> SwapRow:
    given = {key: cells[column].strip() for key, column in at.items()}
    soc = given.get("returned_soc")
    charge = number_of(f"{line_place(line)}, returned_soc", soc) if soc else None
    return SwapRow(line, when.astimezone(UTC), given.get("station", ONE_STATION), given.get("type") or None, charge)


def _row_problems(rows: Sequence[SwapRow], now: datetime, sheet: Sheet) -> Iterator[Problem]:
    typed = any(row.type for row in rows)
    for row in rows:
        place = sheet.place(row.line)
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


def _told_doubles(doubles: Sequence[tuple[SwapRow, int]], sheet: Sheet) -> Iterator[str]:
    for row, before in doubles[:MOST_TOLD]:
        yield f"{sheet.place(row.line)}: says the same as {sheet.place(before)}, to the second: counted once"
    if len(doubles) > MOST_TOLD:
        yield f"and {len(doubles) - MOST_TOLD:,} more lines that say the same as an earlier one: counted once"
