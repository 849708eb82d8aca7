"""STATE.csv: what really stands in the bays, a row a pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from models.errors import InvalidData, Problem, refuse
from models.rules import share_of_capacity
from models.station.instance import Night, unknown_type
from optimizer.carry.standing import StandingPack
from optimizer.files.csv_text import line_place
from optimizer.files.errors import InputErrors, did_you_mean
from optimizer.files.limits import MOST_NETWORK_BYTES
from optimizer.files.read_write import read_bytes, shown_name
from optimizer.tables.cell_numbers import not_a_number
from optimizer.tables.read_table import NUMBER, TEXT, Column, TableRow, no_rows, read_table
from optimizer.tables.reading import AS_FOUND, wrong_cell

COLUMNS = ("station", "bay", "pack", "type", "soc", "temperature_c", "usable")
YES, NO = ("1", "true", "yes"), ("0", "false", "no")
KINDS = {"soc": NUMBER, "temperature_c": NUMBER}  # of the columns that are no texts


@dataclass(frozen=True)
class StateFile:
    """Rows of a state file."""

    name: str
    rows: tuple[TableRow, ...]

    def stations(self, known: Sequence[str | None]) -> frozenset[str]:
        """The stations that it has rows of; of a file without a column `station`, the only one of those `known`."""
        return frozenset(str(row.cells.get("station", known[0])) for row in self.rows)

    def packs(self, night: Night, planned: Sequence[StandingPack]) -> list[StandingPack]:
        """The packs of a station by bay, those that the file leaves out gone; `planned`: what the plan has there, which
        says what the file does not. Raises InputErrors."""
        rows = [row for row in self.rows if row.cells.get("station", night.station.id) == night.station.id]
        try:
            refuse(_nothing_of(night.station.id) if not rows else ())
            packs = [_pack(row, night, planned) for row in rows]
            refuse(_twice(list(zip([row.line for row in rows], packs, strict=True))))
        except InvalidData as error:
            raise InputErrors(self.name, error.problems) from None
        return sorted(packs, key=lambda pack: pack.bay)


def read_state(path: str, stations: Sequence[str], whole: str = "plan") -> StateFile:
    """The state file `path`. A file without a column `station` is for the only station. `whole`: what the stations are
    of, in messages. Raises InputErrors."""
    name = shown_name(path)
    try:
        rows = _rows(read_bytes(path, MOST_NETWORK_BYTES), name, len(stations) > 1)
        for row in rows:
            _known_station(row.line, row.cells.get("station"), stations, whole)
    except InvalidData as error:
        raise InputErrors(name, error.problems) from None
    return StateFile(name, rows)


def _rows(data: bytes, name: str, has_stations: bool) -> tuple[TableRow, ...]:
    """The rows of a table with a state of charge, a bay or a pack, and where there are several, a station."""
    needed = {"soc", *(("station",) if has_stations else ())}
    columns = [Column(one, KINDS.get(one, TEXT), one in needed) for one in COLUMNS]
    table = read_table(data, name, columns, AS_FOUND)
    if not table.rows:
        raise no_rows("add a row for each pack")
    if not {"bay", "pack"} & set(table.columns):
        remedy = f"its columns: {', '.join(table.columns)}"
        raise wrong_cell("column", "bay", f"is not a column of {name}", remedy)
    return tuple(table.rows)


def _known_station(line: int, station: object, stations: Sequence[str], whole: str) -> None:
    if station is not None and station not in stations:
        remedy = did_you_mean(str(station), stations, f"its stations: {', '.join(stations)}")
        raise wrong_cell(f"{line_place(line)}, station", station, f"is no station of the {whole}", remedy)


def _nothing_of(station: str) -> Iterator[Problem]:
    yield Problem("station", station, "has no row", "add a row for each of its packs, or leave out --packs")


def _pack(row: TableRow, night: Night, planned: Sequence[StandingPack]) -> StandingPack:
    place, cells = line_place(row.line), {name: cell for name, cell in row.cells.items() if isinstance(cell, str)}
    like = _planned_at(place, cells, night, planned)
    kind = cells.get("type") or like.type
    if kind not in night.pack_types:
        refuse([unknown_type(f"{place}, type", kind, night.pack_types)])
    soc, temperature = row.cells["soc"], row.cells.get("temperature_c")
    if not isinstance(soc, float):
        raise not_a_number(f"{place}, soc", "")
    refuse(share_of_capacity(f"{place}, soc", soc))
    return replace(
        like,
        id=cells.get("pack") or like.id,
        type=kind,
        energy_kwh=soc * night.pack_types[kind].capacity_kwh,
        temperature_c=temperature if isinstance(temperature, float) else like.temperature_c,
        usable=_truth(f"{place}, usable", cells["usable"]) if cells.get("usable") else like.usable,
    )


def _planned_at(place: str, cells: Mapping[str, str], night: Night, planned: Sequence[StandingPack]) -> StandingPack:
    """What the plan has in the row's bay, or of its pack; of a pack that it does not know, a blank."""
    pack, label = cells.get("pack", ""), cells.get("bay", "")
    known = next((one for one in planned if one.id == pack), None)
    if not label:
        if known is None:
            remedy = did_you_mean(pack, [one.id for one in planned], "name its bay in a column bay")
            raise wrong_cell(f"{place}, pack", pack, "does not stand in the station by the plan", remedy)
        return known
    bay = _bay_number(place, label, night)
    there = next((one for one in planned if one.bay == bay), None)
    if known is not None:
        return replace(known, bay=bay)
    only = next(iter(night.pack_types)) if len(night.pack_types) == 1 else ""
    name = pack or (there.id if there is not None else f"pack in bay {label}")
    blank = StandingPack(name, there.type if there is not None else only, bay, 0.0)
    return blank if pack and there is not None and pack != there.id else (there or blank)


def _bay_number(place: str, label: str, night: Night) -> int:
    station = night.station
    labels = {str(station.bay_label(number)): number for number in range(station.bays)}
    if label not in labels:
        remedy = did_you_mean(label, labels, f"its bays: {', '.join(labels)}")
        raise wrong_cell(f"{place}, bay", label, f"is no bay of station {station.id!r}", remedy)
    return labels[label]


def _truth(place: str, cell: str) -> bool:
    if cell.lower() not in (*YES, *NO):
        raise wrong_cell(place, cell, "must be true or false", "write true or false")
    return cell.lower() in YES


def _twice(rows: Sequence[tuple[int, StandingPack]]) -> Iterator[Problem]:
    for what in ("bay", "id"):
        seen: dict[object, int] = {}
        for line, pack in rows:
            value = getattr(pack, what)
            if value in seen:
                rule = f"is that of line {seen[value]}, too"
                name = "pack" if what == "id" else what
                yield Problem(f"{line_place(line)}, {name}", value, rule, "give every pack its own row, id and bay")
            seen[value] = line
