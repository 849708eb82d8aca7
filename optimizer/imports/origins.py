"""From places of an instance back to the tables that it was made of: file, line and column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from models.errors import Problem
from optimizer.imports.gathered import Gathered
from optimizer.imports.places import CHARGER_KEYS, StationParts
from optimizer.imports.reading.own_rows import OwnRow, OwnRows
from optimizer.imports.tariff_tables import OwnTariff

OF_STATION = re.compile(r"stations\[(\d+)\]\.?(?:(packs|swaps|forecast)\[(\d+)\]\.?)?(.*)")
OF_TYPE = re.compile(r"pack_types\[(\d+)\]\.?(.*)")
OF_TARIFF = re.compile(r"tariffs\[(\d+)\]\.?(.*)")
INSTANCE = "the instance"
"""The name of the file in problems that are of no table."""
STAND_IN: Mapping[str, Any] = {"capacity_kwh": 1.0, "target_soc": 1.0}
OWN_NAMES = {
    "packs": {"id": "pack"},
    "swaps": {"id": "driver"},
    "types": {"id": "type"},
    "stations": {"id": "station"} | {f"chargers.{key}": name for name, key in CHARGER_KEYS.items()},
}
"""Columns that are called otherwise than the keys they become."""


@dataclass(frozen=True)
class Origins:
    """The tables of an instance by their names, and its stations, tariffs and pack types in their order."""

    tables: Mapping[str, OwnRows]
    stations: Sequence[StationParts]
    tariffs: Sequence[OwnTariff]
    types: Sequence[Mapping[str, Any]]

    def of_whole(self) -> Origins:
        """The same with those stations alone of which no row is wrong: what else is wrong with them can be told."""
        wrong_types = {row.text("type") for row in self.tables["types"].rows if row.wrong}
        tariffs = {one.id for one in self.tariffs}
        whole = [
            part
            for part in self.stations
            if not any(row.wrong for row in (part.row, *part.pack_rows, *part.swap_rows))
            and part.tariff in tariffs
            and not wrong_types & set(part.types)
        ]
        types = [
            {**STAND_IN, "id": one["id"] or ""} if row.wrong else one
            for one, row in zip(self.types, self.tables["types"].rows, strict=True)
        ]
        return replace(self, stations=list({part.id: part for part in whole}.values()), types=types)

    def add_to(self, found: Gathered, problems: Iterable[Problem]) -> None:
        """Keep problems of the instance as those of its tables, but where those have a problem already."""
        known = {(file, one.place) for file, problems in found.by_file.items() for one in problems}
        is_first = not found.by_file
        for problem in problems:
            file, own = self._origin(problem)
            if is_first or (file != INSTANCE and (file, own.place) not in known):
                found.add(file, [own])

    def told(self, problem: Problem) -> tuple[str, Problem]:
        """File and problem of a doubt about the instance."""
        return self._origin(problem)

    def _origin(self, problem: Problem) -> tuple[str, Problem]:
        if match := OF_STATION.fullmatch(problem.place):
            return self._of_station(self.stations[int(match[1])], match[2], match[3], match[4], problem)
        if (match := OF_TYPE.fullmatch(problem.place)) and "types" in self.tables:
            rows = self.tables["types"]
            return rows.file, replace(
                problem, place=_at(rows, rows.rows[int(match[1])], _own_name("types", match[2].split("[")[0]))
            )
        if match := OF_TARIFF.fullmatch(problem.place):
            tariff = self.tariffs[int(match[1])]
            return tariff.file, replace(problem, place=_joined(f"tariff {tariff.id}", match[2]))
        return INSTANCE, problem

    def _of_station(
        self, part: StationParts, list_name: str | None, index: str | None, key: str, problem: Problem
    ) -> tuple[str, Problem]:
        if list_name == "packs":
            rows, row = self.tables["packs"], part.pack_rows[int(index or 0)]
        elif list_name == "swaps":
            rows, row = self.tables["reservations"], part.swap_rows[int(index or 0)]
        elif list_name == "forecast":
            rows = self.tables["expected"] if "expected" in self.tables else self.tables["swaps"]
            return rows.file, replace(problem, place=_joined(f"station {part.id}", key))
        else:
            rows, row = self.tables["stations"], part.row
        name = _own_name(list_name or "stations", key)
        return rows.file, replace(problem, place=_at(rows, row, name))


def _own_name(table: str, key: str) -> str:
    """The column of a table that becomes a key."""
    return OWN_NAMES[table].get(key, key.removeprefix("chargers."))


def _joined(first: str, second: str) -> str:
    return f"{first}, {second}" if second else first


def _at(rows: OwnRows, row: OwnRow, name: str) -> str:
    """A cell; of a row that only the mapping makes, what the row is."""
    if row.line == 0:
        return _joined(f"mapping, [{rows.table.name}.defaults]", name)
    return rows.place(row, name) if name else f"line {row.line}"
