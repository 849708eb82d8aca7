"""Drivers of many nights in a table of any layout: a row a swap."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem, refuse
from models.station.instance import Swap, unknown_type
from models.station.pack_type import PackType
from optimizer.files.csv_text import line_place
from optimizer.files.errors import InputErrors, did_you_mean
from optimizer.files.plain_text import some_of
from optimizer.formats.study_document import SwapDefaultsDocument
from optimizer.tables.read_table import NUMBER, SHARE, STAMP, TEXT, Column, TableRow, no_rows, read_table
from optimizer.tables.reading import Reading, wrong_cell

COLUMNS = ("time", "station", "type", "returned_soc", "lost_cost", "swap_soc")
KINDS = {
    "time": STAMP,
    "station": TEXT,
    "type": TEXT,
    "returned_soc": SHARE,
    "swap_soc": SHARE,
}  # of the columns that are no plain numbers
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
    others: Collection[str] = frozenset(),
) -> SwapLog:
    """The swaps in a table. One without a column `station` is for the only station. Raises InputErrors.

    `zone`: the clock of stamps without an offset; `others`: stations whose rows are passed over, and counted.
    """
    try:
        log = _parse(data, file, _Names(dict.fromkeys(stations), others), defaults, zone)
        for rows in log.by_station.values():
            refuse(problem for _, swap in rows for problem in _type_problems(swap, pack_types))
        return log
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


@dataclass(frozen=True)
class _Names:
    """The stations whose swaps are wanted, and the others that a log may tell of."""

    wanted: Mapping[str, None]  # in their order, found at once: a log has many rows
    others: Collection[str]

    def of(self, row: TableRow) -> str:
        """The station of a row. Raises InvalidData where it is none."""
        station = str(row.cells["station"] if "station" in row.cells else next(iter(self.wanted)))
        if station not in self.wanted and station not in self.others:
            known = [*self.wanted, *sorted(self.others)]
            remedy = did_you_mean(station, known, f"its stations: {some_of(known)}")
            raise wrong_cell(f"{line_place(row.line)}, station", station, "is no station of the instance", remedy)
        return station


def _parse(data: bytes, file: str, names: _Names, defaults: SwapDefaultsDocument, zone: ZoneInfo | None) -> SwapLog:
    table = read_table(data, file, _columns(names, defaults), Reading(zone))
    if not table.rows:
        raise no_rows("add a row for each swap")
    of_station = [(names.of(row), row) for row in table.rows]
    found = [(station, *_swap(row, defaults)) for station, row in of_station if station in names.wanted]
    if not found:
        rule = "has no row of the stations that are studied"
        raise InvalidData([Problem("station", some_of([*names.wanted]), rule, "correct them, or take another file")])
    found.sort(key=lambda one: one[1])
    by_station: dict[str, list[tuple[datetime, Swap]]] = {name: [] for name in names.wanted}
    for station, when, swap in found:
        by_station[station].append((when, swap))
    span = f"first {found[0][1].isoformat()}, last {found[-1][1].isoformat()}: {len(found):,} swaps"
    span += _passed_over(of_station, len(found))
    notes = "".join(f"; {note}" for note in table.notes)
    return SwapLog(by_station, f"{span}; columns read: {', '.join(table.columns)}{notes}")


def _passed_over(of_station: Sequence[tuple[str, TableRow]], used: int) -> str:
    left = len(of_station) - used
    return f"; {left:,} of stations that are not studied are passed over" if left else ""


def _columns(names: _Names, defaults: SwapDefaultsDocument) -> list[Column]:
    """The columns to read: all that are there, and those that must be."""
    needed = {"time", *(name for name in DEFAULTED if getattr(defaults, name) is None)}
    if len(names.wanted) + len(names.others) > 1:
        needed.add("station")
    return [Column(name, KINDS.get(name, NUMBER), name in needed) for name in COLUMNS]


def _swap(row: TableRow, defaults: SwapDefaultsDocument) -> tuple[datetime, Swap]:
    place, given = line_place(row.line), row.cells
    when = given["time"]
    assert isinstance(when, datetime)
    kind = _filled(place, "type", str(given.get("type") or "") or defaults.type)
    own_soc, own_cost, swap_soc = (_number(given, name) for name in ("returned_soc", "lost_cost", "swap_soc"))
    returned_soc = defaults.returned_soc if own_soc is None else own_soc
    cost = _filled(place, "lost_cost", defaults.lost_cost if own_cost is None else own_cost)
    swap = _at(place, lambda: Swap(f"{ID}{row.line}", 0, kind, returned_soc, cost, swap_soc))
    return when, swap


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
