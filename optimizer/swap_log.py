"""Drivers of many nights as a CSV file: a row a swap, its stamp with an offset."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.errors import InvalidData, Problem
from models.instance import Swap
from optimizer import clock
from optimizer.errors import InputErrors
from optimizer.stamped_csv import column_at, header_of, line_place, lines_of, number_of, text_of, wrong_line
from optimizer.study_document import SwapDefaultsDocument

COLUMNS = ("time", "station", "type", "returned_soc", "lost_cost", "swap_soc")
DEFAULTED = ("type", "returned_soc", "lost_cost")


@dataclass(frozen=True)
class SwapLog:
    """Instants and swaps (their slot is 0) by station, in order of time, and what a reader is told of them."""

    by_station: Mapping[str, Sequence[tuple[datetime, Swap]]]
    told: str


def parse_swaps(data: bytes, file: str, stations: Sequence[str], defaults: SwapDefaultsDocument) -> SwapLog:
    """The swaps in CSV text. A file without a column `station` is for the only station. Raises InputErrors."""
    try:
        return _parse(text_of(data), file, stations, defaults)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


def _parse(text: str, file: str, stations: Sequence[str], defaults: SwapDefaultsDocument) -> SwapLog:
    header = header_of(text, line_place)
    at = {name: column_at(header, file, "column", name) for name in _columns(header, stations, defaults)}
    found: list[tuple[datetime, str, Swap]] = []
    for line, cells in lines_of(text, line_place):
        if len(cells) <= max(at.values()):
            raise wrong_line(
                line_place(line), ",".join(cells), "has too few cells for its columns", "complete the line"
            )
        given = {name: cells[place].strip() for name, place in at.items()}
        found.append(_swap(line, given, stations, defaults))
    if not found:
        raise InvalidData([Problem("", "", "has no rows", "add a row for each swap")])
    found.sort(key=lambda one: one[0])
    by_station = {name: [(when, swap) for when, of, swap in found if of == name] for name in stations}
    return SwapLog(
        by_station, f"first {found[0][0].isoformat()}, last {found[-1][0].isoformat()}: {len(found):,} swaps"
    )


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
    try:
        when = clock.instant(given["time"])
        soc = _number(place, given, "returned_soc", defaults.returned_soc)
        swap = Swap(
            id=f"line-{line}",
            slot=0,
            type=given.get("type") or str(defaults.type),
            returned_soc=soc,
            lost_cost=_number(place, given, "lost_cost", defaults.lost_cost) or 0.0,
            swap_soc=_number(place, given, "swap_soc", None),
        )
    except InvalidData as error:
        raise InvalidData(one if one.place.startswith(place) else one.inside(place) for one in error.problems) from None
    return when, station, swap


def _number(place: str, given: Mapping[str, str], name: str, default: float | None) -> float | None:
    """The cell's number, the default where there is no such column, None where the cell is empty."""
    if name not in given:
        return default
    return number_of(f"{place}, {name}", given[name]) if given[name] else None
