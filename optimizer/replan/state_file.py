"""STATE.csv: what really stands in the bays, a row a pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from models.errors import InvalidData, Problem, refuse
from models.rules import share_of_capacity
from models.station.instance import Night, unknown_type
from optimizer.files.csv_text import column_at, header_of, line_place, named_cells, number_of, text_of, wrong_line
from optimizer.files.errors import ABSENT, InputErrors, did_you_mean
from optimizer.files.limits import MOST_NETWORK_BYTES
from optimizer.files.read_write import read_bytes, shown_name
from optimizer.replan.standing import StandingPack

COLUMNS = ("station", "bay", "pack", "type", "soc", "temperature_c", "usable")
YES, NO = ("1", "true", "yes"), ("0", "false", "no")
Row = tuple[int, Mapping[str, str]]


@dataclass(frozen=True)
class StateFile:
    """Rows of a state file: line and cells by column."""

    name: str
    rows: tuple[Row, ...]

    def packs(self, night: Night, planned: Sequence[StandingPack]) -> list[StandingPack]:
        """The packs of a station by bay, those that the file leaves out gone; `planned`: what the plan has there, which
        says what the file does not. Raises InputErrors."""
        rows = [row for row in self.rows if row[1].get("station", night.station.id) == night.station.id]
        try:
            refuse(_nothing_of(night.station.id) if not rows else ())
            packs = [_pack(line, cells, night, planned) for line, cells in rows]
            refuse(_twice(list(zip([line for line, _ in rows], packs, strict=True))))
        except InvalidData as error:
            raise InputErrors(self.name, error.problems) from None
        return sorted(packs, key=lambda pack: pack.bay)


def read_state(path: str, stations: Sequence[str]) -> StateFile:
    """The state file `path`. A file without a column `station` is for the only station. Raises InputErrors."""
    name = shown_name(path)
    try:
        text = text_of(read_bytes(path, MOST_NETWORK_BYTES))
        header = header_of(text, line_place)
        needed = {"soc", *(("station",) if len(stations) > 1 else ())}
        if "bay" not in header and "pack" not in header:
            needed.add("bay")
        at = {one: column_at(header, name, "column", one) for one in COLUMNS if one in header or one in needed}
        rows = tuple(named_cells(text, at, line_place))
        refuse([Problem("", ABSENT, "has no rows", "add a row for each pack")] if not rows else ())
        for line, cells in rows:
            _known_station(line, cells.get("station"), stations)
    except InvalidData as error:
        raise InputErrors(name, error.problems) from None
    return StateFile(name, rows)


def _known_station(line: int, station: str | None, stations: Sequence[str]) -> None:
    if station is not None and station not in stations:
        remedy = did_you_mean(station, stations, f"its stations: {', '.join(stations)}")
        raise wrong_line(f"{line_place(line)}, station", station, "is no station of the plan", remedy)


def _nothing_of(station: str) -> Iterator[Problem]:
    yield Problem("station", station, "has no row", "add a row for each of its packs, or leave out --packs")


def _pack(line: int, cells: Mapping[str, str], night: Night, planned: Sequence[StandingPack]) -> StandingPack:
    place = line_place(line)
    like = _planned_at(place, cells, night, planned)
    kind = cells.get("type") or like.type
    if kind not in night.pack_types:
        refuse([unknown_type(f"{place}, type", kind, night.pack_types)])
    soc = number_of(f"{place}, soc", cells["soc"])
    refuse(share_of_capacity(f"{place}, soc", soc))
    temperature = cells.get("temperature_c", "")
    return replace(
        like,
        id=cells.get("pack") or like.id,
        type=kind,
        energy_kwh=soc * night.pack_types[kind].capacity_kwh,
        temperature_c=number_of(f"{place}, temperature_c", temperature) if temperature else like.temperature_c,
        usable=_truth(f"{place}, usable", cells["usable"]) if cells.get("usable") else like.usable,
    )


def _planned_at(place: str, cells: Mapping[str, str], night: Night, planned: Sequence[StandingPack]) -> StandingPack:
    """What the plan has in the row's bay, or of its pack; of a pack that it does not know, a blank."""
    pack, label = cells.get("pack", ""), cells.get("bay", "")
    known = next((one for one in planned if one.id == pack), None)
    if not label:
        if known is None:
            remedy = did_you_mean(pack, [one.id for one in planned], "name its bay in a column bay")
            raise wrong_line(f"{place}, pack", pack, "does not stand in the station by the plan", remedy)
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
        raise wrong_line(f"{place}, bay", label, f"is no bay of station {station.id!r}", remedy)
    return labels[label]


def _truth(place: str, cell: str) -> bool:
    if cell.lower() not in (*YES, *NO):
        raise wrong_line(place, cell, "must be true or false", "write true or false")
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
