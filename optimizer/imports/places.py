"""Stations, packs and pack types of an instance, from the rows of their tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.errors import Problem
from optimizer.files.errors import ABSENT
from optimizer.files.plain_text import counted, some_of
from optimizer.imports.bays import bay_names
from optimizer.imports.gathered import Gathered
from optimizer.imports.reading.own_rows import OwnRow, OwnRows
from optimizer.imports.references import Keys, References, repeated, twice

STATION_NUMBERS = ("grid_limit_kw", "base_load_kw", "temperature_c", "ready_reserve", "reserve_cost")
TYPE_KEYS = ("capacity_kwh", "target_soc", "swap_soc", "acceptance", "end_value_per_kwh")
CHARGER_KEYS = {"chargers": "count", "charger_kw": "max_kw", "charger_min_kw": "min_kw", "charger_mode": "mode"}
"""Columns of a station that are keys of its chargers."""


@dataclass
class StationParts:
    """A station that is being put together: its row, its packs and drivers, and the rows that these come from."""

    id: str
    row: OwnRow
    tariff: str
    packs: list[dict[str, Any]] = field(default_factory=list)
    pack_rows: list[OwnRow] = field(default_factory=list)
    swaps: list[dict[str, Any]] = field(default_factory=list)
    swap_rows: list[OwnRow] = field(default_factory=list)
    forecast: list[dict[str, Any]] = field(default_factory=list)
    peak_of: str | None = None

    @property
    def types(self) -> list[str]:
        """The types of its packs."""
        return sorted({pack["type"] for pack in self.packs})

    def document(self) -> dict[str, Any]:
        """The station as an instance has it."""
        row = self.row.cells
        own = {name: row[name] for name in STATION_NUMBERS if row.get(name) is not None}
        chargers = {key: row[name] for name, key in CHARGER_KEYS.items() if row.get(name) is not None}
        peak = self.row.number("peak_so_far_kw")
        return {
            "id": self.id,
            "bays": self._bays(),
            "chargers": {**chargers, "efficiency": row["efficiency"]},
            **own,
            "tariff": self.tariff,
            **({"peak_so_far_kw": {self.peak_of: peak}} if self.peak_of and peak is not None else {}),
            "packs": self.packs,
            **({"swaps": self.swaps} if self.swaps else {}),
            **({"forecast": self.forecast} if self.forecast else {}),
        }

    def stated_bays(self) -> list[str]:
        """The bays that its packs name."""
        return [pack["bay"] for pack in self.packs if "bay" in pack]

    def _bays(self) -> Any:
        stated, bays = self.stated_bays(), int(self.row.number("bays") or 0)
        return [{"name": name} for name in bay_names(stated, bays)] if stated else bays


def pack_type_documents(rows: OwnRows, found: Gathered) -> list[dict[str, Any]]:
    """The pack types, one for each row that has a name."""
    found.add(rows.file, twice(rows, "type", [("", row.text("type")) for row in rows.rows]))
    return [
        {"id": row.text("type"), **{key: row.cells[key] for key in TYPE_KEYS if row.cells.get(key) is not None}}
        for row in rows.rows
    ]


def station_parts(rows: OwnRows, tariffs: References, found: Gathered) -> list[StationParts]:
    """The stations, without packs and drivers, each with the tariff that it names; "" for an unknown one."""
    names = [row.text("station") for row in rows.rows]
    found.add(rows.file, twice(rows, "station", [("", name) for name in names]))
    found.add(rows.file, _mode_problems(rows))
    return [
        StationParts(name, row, tariffs.of(rows, row) or "")
        for name, row in zip(names, rows.rows, strict=True)
        if name is not None
    ]


def _mode_problems(rows: OwnRows) -> Iterator[Problem]:
    for row in rows.rows:
        mode = row.text("charger_mode")
        if mode is not None and mode not in ("continuous", "on_off"):
            remedy = "write one of them, or translate it in the mapping, under [stations.values.charger_mode]"
            yield Problem(rows.place(row, "charger_mode"), mode, "must be continuous or on_off", remedy)


def add_packs(
    parts: Sequence[StationParts], rows: OwnRows, stations: References, types: References, found: Gathered
) -> None:
    """Each pack to its station."""
    found.add(rows.file, stations.problems(rows))
    found.add(rows.file, types.problems(rows))
    where = [stations.of(rows, row) for row in rows.rows]
    packs = [(station, row.text("pack")) for station, row in zip(where, rows.rows, strict=True)]
    bays = [(station, row.text("bay")) for station, row in zip(where, rows.rows, strict=True)]
    found.add(rows.file, _double_packs(rows, packs))
    found.add(rows.file, _double_bays(rows, bays))
    by_id = {part.id: part for part in parts}
    doubled = {row.line for row, _ in repeated(rows, packs)}
    for station, row in zip(where, rows.rows, strict=True):
        if row.line not in doubled and station in by_id and (kind := types.of(rows, row)) is not None:
            by_id[station].packs.append(_pack(row, kind))
            by_id[station].pack_rows.append(row)
    for part in parts:
        found.add(rows.file, _bay_problems(part))


def _double_packs(rows: OwnRows, packs: Keys) -> Iterator[Problem]:
    """Packs that have several rows in a station."""
    for row, before in repeated(rows, packs):
        bay, earlier = row.text("bay"), before.text("bay")
        rule, remedy = f"has a row already, line {before.line}", "leave one of the rows out"
        if bay is not None and earlier is not None and bay != earlier:
            rule = f"stands in bay {earlier!r} by line {before.line}, and cannot stand in bay {bay!r}, too"
            remedy = "leave out the row that is wrong"
        yield Problem(rows.place(row, "pack"), row.text("pack"), rule, f"{remedy}, or give each pack its own name")


def _double_bays(rows: OwnRows, bays: Keys) -> Iterator[Problem]:
    """Bays of a station in which several packs stand; not those of a pack that has several rows."""
    station_of = {row.line: station for row, (station, _) in zip(rows.rows, bays, strict=True)}
    for row, before in repeated(rows, bays):
        pack, other = row.text("pack"), before.text("pack")
        if pack is not None and other is not None and pack != other:  # what is told of packs may explain the others
            rule = (
                f"is the bay of pack {other!r} of station {station_of[row.line]!r} by line {before.line}, and pack "
                f"{pack!r} cannot stand in it, too"
            )
            yield Problem(rows.place(row, "bay"), row.text("bay"), rule, "correct the bay of one, or leave it empty")


def _pack(row: OwnRow, kind: str) -> dict[str, Any]:
    kept = {key: row.cells[key] for key in ("bay", "temperature_c") if row.cells.get(key) is not None}
    usable = {"usable": False} if row.cells.get("usable") is False else {}
    return {
        "id": row.text("pack") or f"line {row.line}",
        "type": kind,
        "soc": row.number("soc") or 0.0,
        **kept,
        **usable,
    }


def _bay_problems(part: StationParts) -> Iterator[Problem]:
    bays, stated = part.row.number("bays"), list(dict.fromkeys(part.stated_bays()))
    if bays is not None and len(stated) > bays:
        rule = f"has {counted(len(stated), 'bay')} by its packs, and {bays:g} by its row: {some_of(stated)}"
        yield Problem("station", part.id, rule, "correct the bays of its packs, or how many bays it has")


def name_peaks(
    parts: Sequence[StationParts], rows: OwnRows, charges: Mapping[str, Sequence[str]], found: Gathered
) -> list[str]:
    """Say of which demand charge each station's peak so far is; `charges`: their names by tariff. Tells which peaks
    are of none."""
    unused = []
    for part in parts:
        names = charges.get(part.tariff, ())
        if part.row.number("peak_so_far_kw") is None:
            continue
        if len(names) == 1:
            part.peak_of = names[0]
        elif names:
            rule = f"is of which demand charge of tariff {part.tariff!r}? It has {some_of(list(names))}"
            remedy = "leave the column out, and write peak_so_far_kw into the instance"
            found.add(rows.file, [Problem(rows.place(part.row, "peak_so_far_kw"), ABSENT, rule, remedy)])
        else:
            unused.append(part.id)
    return [f"peak_so_far_kw is not used where the tariff has no demand charge: {some_of(unused)}"] if unused else []
