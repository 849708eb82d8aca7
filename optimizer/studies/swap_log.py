"""Drivers of many nights in a table of any layout: a row a swap."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem, refuse
from models.station.instance import Swap, unknown_type
from models.station.pack_type import PackType
from optimizer.files.csv_text import line_place
from optimizer.files.errors import InputErrors
from optimizer.formats.study_document import SwapDefaultsDocument
from optimizer.tables.read_table import NUMBER, STAMP, TEXT, Column, TableRow, no_rows, read_table
from optimizer.tables.reading import Reading, wrong_cell

COLUMNS = ("time", "station", "type", "returned_soc", "lost_cost", "swap_soc")
KINDS = {"time": STAMP, "station": TEXT, "type": TEXT}  # of the columns that are no numbers
ID = "line-"  # the number of its line follows
DEFAULTED = ("type", "returned_soc", "lost_cost")

T = TypeVar("T")


@dataclass(frozen=True)
class SwapLog:
    """Instants and swaps (their slot is 0) by station, in order of time, and a description for the user."""

    by_station: Mapping[str, Sequence[tuple[datetime, Swap]]]
    description: str


def parse_swaps(
    data: bytes,
    file: str,
    stations: Sequence[str],
    pack_types: Mapping[str, PackType],
    defaults: SwapDefaultsDocument,
    zone: ZoneInfo | None = None,
) -> SwapLog:
    """The swaps in a table. One without a column `station` is for the only station. Raises InputErrors.

    `zone`: the clock of stamps without an offset.
    """
    try:
        log = _parse(data, file, stations, defaults, zone)
        for rows in log.by_station.values():
            refuse(problem for _, swap in rows for problem in _type_problems(swap, pack_types))
        return log
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


def _parse(
    data: bytes, file: str, stations: Sequence[str], defaults: SwapDefaultsDocument, zone: ZoneInfo | None
) -> SwapLog:
    table = read_table(data, file, _columns(stations, defaults), Reading(zone))
    if not table.rows:
        raise no_rows("add a row for each swap")
    found = [_swap(row, stations, defaults) for row in table.rows]
    found.sort(key=lambda one: one[0])
    by_station = {name: [(when, swap) for when, of, swap in found if of == name] for name in stations}
    span = f"first {found[0][0].isoformat()}, last {found[-1][0].isoformat()}: {len(found):,} swaps"
    notes = "".join(f"; {note}" for note in table.notes)
    return SwapLog(by_station, f"{span}; columns read: {', '.join(table.columns)}{notes}")


def _columns(stations: Sequence[str], defaults: SwapDefaultsDocument) -> list[Column]:
    """The columns to read: all that are there, and those that must be."""
    needed = {"time", *(name for name in DEFAULTED if getattr(defaults, name) is None)}
    if len(stations) > 1:
        needed.add("station")
    return [Column(name, KINDS.get(name, NUMBER), name in needed) for name in COLUMNS]


def _swap(row: TableRow, stations: Sequence[str], defaults: SwapDefaultsDocument) -> tuple[datetime, str, Swap]:
    place, given = line_place(row.line), row.cells
    station = str(given.get("station", stations[0]))
    if station not in stations:
        raise wrong_cell(
            f"{place}, station", station, "is no station of the instance", f"its stations: {', '.join(stations)}"
        )
    when = given["time"]
    assert isinstance(when, datetime)
    kind = _filled(place, "type", str(given.get("type") or "") or defaults.type)
    own_soc, own_cost, swap_soc = (_number(given, name) for name in ("returned_soc", "lost_cost", "swap_soc"))
    returned_soc = defaults.returned_soc if own_soc is None else own_soc
    cost = _filled(place, "lost_cost", defaults.lost_cost if own_cost is None else own_cost)
    swap = _at(place, lambda: Swap(f"{ID}{row.line}", 0, kind, returned_soc, cost, swap_soc))
    return when, station, swap


def _at(place: str, make: Callable[[], T]) -> T:
    """What `make` gives, its problems with their place in the file."""
    try:
        return make()
    except InvalidData as error:
        raise InvalidData(
            replace(problem, place=f"{place}, {problem.place}" if problem.place else place)
            for problem in error.problems
        ) from None


def _number(given: Mapping[str, object], name: str) -> float | None:
    """The cell's number; None where it is empty or there is no such column."""
    number = given.get(name)
    return number if isinstance(number, float) else None


def _filled(place: str, name: str, value: T | None) -> T:
    if value is None:
        remedy = f"fill the cell, or name a {name} in swap_defaults"
        raise wrong_cell(f"{place}, {name}", "", "must not be empty", remedy)
    return value


def _type_problems(swap: Swap, pack_types: Mapping[str, PackType]) -> Iterator[Problem]:
    place, kind = line_place(int(swap.id.removeprefix(ID))), pack_types.get(swap.type)
    if kind is None:
        yield unknown_type(f"{place}, type", swap.type, pack_types)
    elif swap.swap_soc is not None and swap.swap_soc > kind.target_soc:
        rule = f"must not be above the type's target_soc ({kind.target_soc:g})"
        yield Problem(f"{place}, swap_soc", swap.swap_soc, rule, "no pack is charged further than its target")
