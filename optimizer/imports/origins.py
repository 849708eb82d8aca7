"""From places of an instance back to the tables that it was made of: file, line and column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from models.errors import Problem
from optimizer.imports.gathered import Gathered
from optimizer.imports.places import CHARGER_KEYS, StationParts
from optimizer.imports.reading.own_rows import OwnRow, OwnRows
from optimizer.imports.tariff_tables import OwnTariff

OF_STATION = re.compile(r"stations\[(\d+)\]\.?(?:(packs|swaps|forecast)\[(\d+)\]\.?)?(.*)")
OF_TYPE = re.compile(r"pack_types\[(\d+)\]\.?(.*)")
OF_TARIFF = re.compile(r"tariffs\[(\d+)\]\.?(.*)")
OWN_NAMES = {
    "packs": {"id": "pack"},
    "swaps": {"id": "driver"},
    "stations": {"id": "station"} | {f"chargers.{key}": name for name, key in CHARGER_KEYS.items()},
}
"""Columns that are called otherwise than the keys they become."""


@dataclass(frozen=True)
class Origins:
    """The tables of an instance by their names, and its stations and tariffs in their order."""

    tables: Mapping[str, OwnRows]
    stations: Sequence[StationParts]
    tariffs: Sequence[OwnTariff]
    instance: str

    def add_to(self, found: Gathered, problems: Iterable[Problem]) -> None:
        """Keep problems of the instance as those of its tables."""
        for problem in problems:
            file, own = self._origin(problem)
            found.add(file, [own])

    def told(self, problem: Problem) -> tuple[str, Problem]:
        """File and problem of a doubt about the instance."""
        return self._origin(problem)

    def _origin(self, problem: Problem) -> tuple[str, Problem]:
        if match := OF_STATION.fullmatch(problem.place):
            return self._of_station(self.stations[int(match[1])], match[2], match[3], match[4], problem)
        if (match := OF_TYPE.fullmatch(problem.place)) and "types" in self.tables:
            rows = self.tables["types"]
            return rows.file, replace(problem, place=_at(rows, rows.rows[int(match[1])], match[2]))
        if match := OF_TARIFF.fullmatch(problem.place):
            tariff = self.tariffs[int(match[1])]
            return tariff.file, replace(problem, place=_joined(f"tariff {tariff.id}", match[2]))
        return self.instance, problem

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
        name = OWN_NAMES.get(list_name or "stations", {}).get(key, key.removeprefix("chargers."))
        return rows.file, replace(problem, place=_at(rows, row, name))


def _joined(first: str, second: str) -> str:
    return f"{first}, {second}" if second else first


def _at(rows: OwnRows, row: OwnRow, name: str) -> str:
    """A cell; of a row that only the mapping makes, what the row is."""
    if row.line == 0:
        return _joined(f"mapping, [{rows.table.name}.defaults]", name)
    return rows.place(row, name) if name else f"line {row.line}"
