"""Drivers of many nights as a CSV file: a row a swap, its stamp with an offset."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from models.errors import InvalidData, Problem, refuse
from models.station.instance import Swap, unknown_type
from models.station.pack_type import PackType
from optimizer.files import timestamps as clock
from optimizer.files.csv_text import column_at, header_of, line_place, named_cells, number_of, text_of, wrong_line
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.formats.study_document import SwapDefaultsDocument

COLUMNS = ("time", "station", "type", "returned_soc", "lost_cost", "swap_soc")
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
) -> SwapLog:
    """The swaps in CSV text. A file without a column `station` is for the only station. Raises InputErrors."""
    try:
        log = _parse(text_of(data), file, stations, defaults)
        for rows in log.by_station.values():
            refuse(problem for _, swap in rows for problem in _type_problems(swap, pack_types))
        return log
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


def _parse(text: str, file: str, stations: Sequence[str], defaults: SwapDefaultsDocument) -> SwapLog:
    header = header_of(text, line_place)
    at = {name: column_at(header, file, "column", name) for name in _columns(header, stations, defaults)}
    found: list[tuple[datetime, str, Swap]] = []
    for line, given in named_cells(text, at, line_place):
        found.append(_swap(line, given, stations, defaults))
    if not found:
        raise InvalidData([Problem("", ABSENT, "has no rows", "add a row for each swap")])
    found.sort(key=lambda one: one[0])
    by_station = {name: [(when, swap) for when, of, swap in found if of == name] for name in stations}
    span = f"first {found[0][0].isoformat()}, last {found[-1][0].isoformat()}: {len(found):,} swaps"
    return SwapLog(by_station, f"{span}; columns read: {', '.join(at)}")


def _columns(header: Sequence[str], stations: Sequence[str], defaults: SwapDefaultsDocument) -> list[str]:
    """The columns to read: all that are there, and those that must be."""
    needed = {"time", *(name for name in DEFAULTED if getattr(defaults, name) is None)}
    if len(stations) > 1:
        needed.add("station")
    return [name for name in COLUMNS if name in needed or name in header]


def _swap(
    line: int, given: Mapping[str, str], stations: Sequence[str], defaults: SwapDefaultsDocument
) -> tuple[datetime, str, Swap]:
    place = line_place(line)
    station = given.get("station", stations[0])
    if station not in stations:
        raise wrong_line(
            f"{place}, station", station, "is no station of the instance", f"its stations: {', '.join(stations)}"
        )
    when = _at(f"{place}, time", lambda: clock.instant(given["time"]))
    kind = _filled(place, "type", given.get("type") or defaults.type)
    own_soc = _number(place, given, "returned_soc")
    returned_soc = defaults.returned_soc if own_soc is None else own_soc
    own_cost = _number(place, given, "lost_cost")
    cost = _filled(place, "lost_cost", defaults.lost_cost if own_cost is None else own_cost)
    swap_soc = _number(place, given, "swap_soc")
    return when, station, _at(place, lambda: Swap(f"{ID}{line}", 0, kind, returned_soc, cost, swap_soc))


def _at(place: str, make: Callable[[], T]) -> T:
    """What `make` gives, its problems with their place in the file."""
    try:
        return make()
    except InvalidData as error:
        raise InvalidData(
            replace(problem, place=f"{place}, {problem.place}" if problem.place else place)
            for problem in error.problems
        ) from None


def _number(place: str, given: Mapping[str, str], name: str) -> float | None:
    """The cell's number; None where it is empty or there is no such column."""
    return number_of(f"{place}, {name}", given[name]) if given.get(name) else None


def _filled(place: str, name: str, value: T | None) -> T:
    if value is None:
        remedy = f"fill the cell, or name a {name} in swap_defaults"
        raise wrong_line(f"{place}, {name}", "", "must not be empty", remedy)
    return value


def _type_problems(swap: Swap, pack_types: Mapping[str, PackType]) -> Iterator[Problem]:
    place, kind = line_place(int(swap.id.removeprefix(ID))), pack_types.get(swap.type)
    if kind is None:
        yield unknown_type(f"{place}, type", swap.type, pack_types)
    elif swap.swap_soc is not None and swap.swap_soc > kind.target_soc:
        rule = f"must not be above the type's target_soc ({kind.target_soc:g})"
        yield Problem(f"{place}, swap_soc", swap.swap_soc, rule, "no pack is charged further than its target")
