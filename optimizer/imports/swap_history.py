"""An OCPP 2.1 log as a table of swaps: when, at which station, which pack came and which left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem, refuse
from optimizer.files.csv_table import table_text
from optimizer.files.errors import ABSENT, InputErrors, did_you_mean
from optimizer.files.plain_text import counted, some_of
from optimizer.tables.instants import Instants, instants_of
from optimizer.tables.read_table import Column, no_rows, read_table
from optimizer.tables.reading import AS_FOUND, Place, Reading
from optimizer.tables.sources.ocpp.entries import is_swap_log
from optimizer.tables.sources.ocpp.messages import message_log, no_messages
from optimizer.tables.sources.ocpp.swap_rows import JOINT, NAMES, OcppSwaps, ocpp_swaps

SERIALS = (
    Column("pack", also=("serialnumber", "serial_number", "serial", "pack_id", "battery", "battery_id", "id")),
    Column("type", also=("pack_type", "battery_type")),
)
COLUMNS = ("time", "station", "type", *NAMES[2:])
"""Columns of the table; `station` and `type` only where they are known."""
KINDS = ("station", "type")
ANY_END = "*"


class HistoryRow(NamedTuple):
    """A swap: its line in the log, its instant, the cells of its row by their names."""

    line: int
    at: datetime
    cells: Mapping[str, str]


@dataclass(frozen=True)
class LoggedSwaps:
    """Swaps in order of time, the columns that they have, and what is to be told of how the log was read."""

    swaps: Sequence[HistoryRow]
    columns: tuple[str, ...]
    notes: tuple[str, ...]

    def table(self) -> bytes:
        """The swaps as CSV."""
        rows = (swap.cells for swap in self.swaps)
        return table_text(self.columns, [name for name in self.columns if name != "time"], rows)

    def facts(self) -> dict[str, Any]:
        """What there is, for scripts."""
        return {
            "swaps": len(self.swaps),
            "first": self.swaps[0].cells["time"],
            "last": self.swaps[-1].cells["time"],
            "stations": self._values("station"),
            "types": self._values("type"),
            "packs": len({serial for swap in self.swaps for serial in _serials(swap.cells)}),
            "columns": list(self.columns),
            "notes": list(self.notes),
        }

    def _values(self, column: str) -> list[str]:
        return sorted({swap.cells[column] for swap in self.swaps}) if column in self.columns else []

    def text(self) -> str:
        """The same for people."""
        facts = self.facts()
        lines = [
            f"{counted(facts['swaps'], 'swap')} from {facts['first']} to {facts['last']}",
            *(
                f"{counted(len(facts[name]), name[:-1])}: {some_of(facts[name])}"
                for name in ("stations", "types")
                if facts[name]
            ),
            f"{counted(facts['packs'], 'pack')} by serial number",
        ]
        return "\n".join([*lines, *self.notes])


def logged_swaps(
    data: bytes, file: str, zone: ZoneInfo | None = None, types: Mapping[str, str] | None = None
) -> LoggedSwaps:
    """The swaps of an OCPP log. `zone`: the clock of stamps without an offset, and of the table where it is given.

    `types`: pack types by serial number, see `parse_types`; None: not known. Raises InputErrors.
    """
    try:
        return _logged_swaps(data, zone, types)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


def _logged_swaps(data: bytes, zone: ZoneInfo | None, types: Mapping[str, str] | None) -> LoggedSwaps:
    found = _rows_of(data)
    (_, names), *rows = found.rows
    if not rows:
        raise no_rows("export a log in which a pack was handed over (BatteryOut)")
    stamps = _instants([(line, cells[0]) for line, cells in rows], zone, found.place)
    known = [dict(zip(names, cells, strict=True)) for _, cells in rows]
    notes = [*found.notes, *stamps.notes]
    if types is not None:
        refuse(_untyped([line for line, _ in rows], known, types, found))
        notes += _with_types(known, types)
    swaps = [
        HistoryRow(line, at, cells | {"time": (at.astimezone(zone) if zone else at).isoformat()})
        for (line, _), at, cells in zip(rows, stamps.at, known, strict=True)
    ]
    columns = tuple(name for name in COLUMNS if name in known[0])
    return LoggedSwaps(sorted(swaps, key=lambda one: (one.at, one.line)), columns, tuple(notes))


def _instants(cells: Sequence[tuple[int, str]], zone: ZoneInfo | None, place: Place) -> Instants:
    try:
        return instants_of(cells, Reading(zone), place)
    except InvalidData as error:
        if zone is not None:
            raise
        also = "; or say --zone, where no stamp has an offset"
        raise InvalidData(replace(one, remedy=one.remedy + also) for one in error.problems) from None


def _rows_of(data: bytes) -> OcppSwaps:
    """Raises InvalidData where it is no such log."""
    if is_swap_log(data):
        return ocpp_swaps(data)
    if not data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"{", b"[")):
        rule, remedy = "is no OCPP log: it is not JSON", "give lines of JSON, or a JSON list, with messages of OCPP 2.1"
        raise InvalidData([Problem("", ABSENT, rule, remedy)])
    raise no_messages(message_log(data))


def _serials(cells: Mapping[str, str]) -> list[str]:
    return [serial for name in ("pack_in", "pack_out") for serial in cells[name].split(JOINT) if serial]


def _untyped(
    lines: Sequence[int], known: Sequence[Mapping[str, str]], types: Mapping[str, str], found: OcppSwaps
) -> Iterator[Problem]:
    """Packs without a type, each once."""
    told: set[str] = set()
    for line, cells in zip(lines, known, strict=True):
        for serial in _serials(cells):
            if serial not in told and _type(serial, types) is None:
                told.add(serial)
                remedy = did_you_mean(serial, types, "add a row for it, or one for all that begin alike, such as NMC-*")
                yield Problem(
                    f"{found.place(line)}, serialNumber", serial, "has no type among those of --types", remedy
                )


def _with_types(known: Sequence[dict[str, str]], types: Mapping[str, str]) -> Iterator[str]:
    """Each swap has the type of the pack that left; told is where another type came back."""
    others = 0
    for cells in known:
        left, *_ = (_type(serial, types) for serial in cells["pack_out"].split(JOINT))
        cells["type"] = left or ""
        others += any(_type(serial, types) != left for serial in _serials(cells))
    if others:
        yield f"{counted(others, 'swap')} of packs of several types: each has that of the pack that left"


def _type(serial: str, types: Mapping[str, str]) -> str | None:
    """That of the serial number, or of the longest beginning that is given with a star."""
    if serial in types:
        return types[serial]
    begins = (serial[:length] + ANY_END for length in range(len(serial), -1, -1))
    return next((types[begin] for begin in begins if begin in types), None)


def parse_types(data: bytes, file: str) -> dict[str, str]:
    """Pack types by serial number: a table with the columns `pack` and `type`; NMC-* is all that begin with NMC-.

    Raises InputErrors.
    """
    try:
        table = read_table(data, file, SERIALS, AS_FOUND)
        if not table.rows:
            raise no_rows("give a row for each pack")
        found: dict[str, str] = {}
        problems: list[Problem] = []
        for row in table.rows:
            serial, kind = str(row.cells["pack"]).strip(), str(row.cells["type"]).strip()
            problems += _row_problems(table.place(row.line), serial, kind, found)
            found.setdefault(serial, kind)
        refuse(problems)
        return found
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


def _row_problems(place: str, serial: str, kind: str, before: Mapping[str, str]) -> Iterator[Problem]:
    for name, cell in (("pack", serial), ("type", kind)):
        if not cell:
            yield Problem(f"{place}, {name}", "", "must not be empty", "fill the cell, or leave the row out")
    if serial and before.get(serial, kind) != kind:
        rule = f"has another type before: {before[serial]}"
        yield Problem(f"{place}, type", kind, rule, "give each pack one type")
