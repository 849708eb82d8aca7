"""An instance of an operator's tables: every table read, put together, and read once more as the instance it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from models.errors import Problem
from models.horizon import Horizon
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.files.json_text import indented_document
from optimizer.files.limits import MOST_NETWORK_BYTES
from optimizer.files.plain_text import some_of
from optimizer.files.read_write import read_bytes, shown_name
from optimizer.formats.instance_document import FORMAT
from optimizer.formats.read_instance import parse_instance
from optimizer.formats.tariff_file import zone_problems
from optimizer.imports import drivers
from optimizer.imports.columns.all_tables import TABLES
from optimizer.imports.gathered import Gathered
from optimizer.imports.mapping import NO_MAPPING, read_mapping
from optimizer.imports.mapping_document import MappingDocument
from optimizer.imports.origins import INSTANCE, Origins
from optimizer.imports.places import StationParts, add_packs, name_peaks, pack_type_documents, station_parts
from optimizer.imports.reading.own_rows import OwnRows, constant_rows, read_own
from optimizer.imports.references import References
from optimizer.imports.tariff_reading import WaitingRate, read_prices, read_tariffs, with_clock
from optimizer.imports.tariff_tables import OwnTariff, within

FIXED, TIMED = ("stations", "packs", "types"), ("swaps", "expected", "reservations")
"""Tables without times, and tables of drivers."""
MINUTE = timedelta(minutes=1)
APART = "stations of other clocks are imported apart, with where in the mapping"
ANY_DAY = date(2026, 1, 1)  # stands in for one that nothing says: the import is refused, and what else is wrong is told


@dataclass(frozen=True)
class NetworkFiles:
    """Paths of an operator's tables; of `swaps`, `expected` and `reservations` at least one, not both of the first."""

    stations: str
    packs: str
    types: str | None = None
    swaps: str | None = None
    expected: str | None = None
    reservations: str | None = None
    tariffs: tuple[str, ...] = ()
    prices: str | None = None
    charges: str | None = None
    mapping: str | None = None

    @property
    def all(self) -> list[str]:
        """Every path."""
        named = (self.stations, self.packs, self.types, self.swaps, self.expected, self.reservations, *self.tariffs)
        return [one for one in (*named, self.prices, self.charges, self.mapping) if one is not None]


@dataclass(frozen=True)
class NetworkOptions:
    """What is said beside the tables; None: found in them. `now`: nothing can have happened after it."""

    now: datetime
    day: date | None = None
    zone: str | None = None
    slot_minutes: int = 15
    name: str | None = None
    currency: str | None = None


@dataclass(frozen=True)
class ImportedNetwork:
    """The bytes of the instance, its horizon, and what was understood: the tables, tariffs, and notes for the user."""

    data: bytes
    name: str
    currency: str
    day: Horizon
    origins: Origins
    notes: tuple[str, ...]


def import_network(files: NetworkFiles, options: NetworkOptions) -> ImportedNetwork:
    """The instance that the tables describe. Raises InputErrors with every problem of every table."""
    return _Importing(files, options).run()


class _Importing:
    """One import: what is read and found on the way."""

    def __init__(self, files: NetworkFiles, options: NetworkOptions) -> None:
        self.files, self.options = files, options
        self.said: MappingDocument = NO_MAPPING if files.mapping is None else read_mapping(files.mapping)
        self.found = Gathered()
        self.tables: dict[str, OwnRows] = {}
        self.notes: list[str] = []

    def run(self) -> ImportedNetwork:
        """Raises InputErrors."""
        for name in FIXED:
            self._read(name, None)
        waiting, levels = read_tariffs(self.files.tariffs, partial(self._table, "tariffs", None), self.found)
        self.tables |= {f"tariffs {n}" if n > 1 else "tariffs": rows for n, rows in enumerate(levels, start=1)}
        zone = self._zone(waiting)
        for name in TIMED:
            self._read(name, zone)
        tariffs = with_clock(waiting, zone, self.found)
        currency = self.options.currency or self.said.currency
        if self.files.prices is not None:
            tariffs += read_prices(self.files.prices, self.files.charges, self.said.prices, zone, currency, self.found)
        if not {"stations", "packs"} <= set(self.tables):
            self.found.refuse()
        day = self._day(zone)
        return self._whole([within(one, day) for one in tariffs], day)

    def _read(self, name: str, zone: ZoneInfo | None) -> None:
        """Read a table, if it is given; its problems are kept."""
        path = getattr(self.files, name)
        if path is None:
            return
        file = shown_name(path)
        data = self.found.attempt(file, partial(read_bytes, path, MOST_NETWORK_BYTES))
        rows = None if data is None else self._table(name, zone, file, data)
        if rows is not None:
            self.tables[name] = rows

    def _table(self, name: str, zone: ZoneInfo | None, file: str, data: bytes) -> OwnRows | None:
        """A table of this name; None where it is none."""
        table = TABLES[name]
        rows = self.found.attempt(file, partial(read_own, table, data, file, self.said.of(table), zone))
        if rows is not None:
            self.found.add(file, rows.problems)
        return rows

    def _zone(self, tariffs: Sequence[OwnTariff | WaitingRate]) -> ZoneInfo:
        """The clock of the stations. Raises InputErrors where nothing says it, or several are said."""
        rows = self.tables.get("stations")
        named = list(dict.fromkeys(zone for row in rows.rows if (zone := row.text("time_zone")))) if rows else []
        if name := self.options.zone or self.said.zone:
            self.found.add(shown_name(self.files.stations), _other_clocks(rows, name))
            return ZoneInfo(name)
        named = named or list(dict.fromkeys(one.zone for one in tariffs if isinstance(one, OwnTariff) and one.zone))
        remedy = "give --zone, such as Europe/Berlin, or zone in the mapping"
        if not named:
            self._missing_option("--zone", "is needed: no table and no tariff says the stations' clock", remedy)
            return ZoneInfo("UTC")
        if len(named) > 1:
            rule = f"is needed: several clocks are said, and an instance has one: {some_of(named)}"
            self._missing_option("--zone", rule, f"{remedy}; {APART}")
        if wrong := list(zone_problems("time_zone", named[0])):
            self.found.add(shown_name(self.files.stations), wrong)
            return ZoneInfo("UTC")
        return ZoneInfo(named[0])

    def _missing_option(self, option: str, rule: str, remedy: str) -> None:
        """Nothing is written then; a stand-in shows what else is wrong."""
        self.found.add(shown_name(self.files.stations), [Problem(option, ABSENT, rule, remedy)])

    def _day(self, zone: ZoneInfo) -> Horizon:
        """The local day that is asked for, or the one that the drivers' table is about. Raises InputErrors."""
        day = self.options.day
        if day is None and (rows := self.tables.get("swaps")):
            last = drivers.last_day(rows, zone)
            day = last + timedelta(days=1) if last else None
        for name in ("expected", "reservations"):
            if day is None and (rows := self.tables.get(name)):
                day = drivers.first_day(rows, zone)
        if day is None:
            day = ANY_DAY
            given = [path for name in TIMED if (path := getattr(self.files, name)) is not None]
            if not any(shown_name(path) in self.found.by_file for path in given):
                self._missing_option("--date", "is needed: no table has a time that says it", "give --date YYYY-MM-DD")
        start, end = (datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, day + timedelta(days=1)))
        minutes = self.options.slot_minutes
        return Horizon(start, zone.key, minutes, (end - start) // (minutes * MINUTE))

    def _whole(self, tariffs: Sequence[OwnTariff], day: Horizon) -> ImportedNetwork:
        """All of it put together. Raises InputErrors."""
        rows = self.tables["stations"]
        tariff_names = References("tariff", "tariff", [one.id for one in tariffs], "those that are given")
        of_tariffs = (*self.files.tariffs, self.files.prices or "", self.files.charges or "")
        are_whole = not any(shown_name(one) in self.found.by_file for one in of_tariffs)
        if are_whole:
            self.found.add(rows.file, _tariff_problems(tariffs) or tariff_names.problems(rows))
        for one in tariffs:
            self.found.add(one.file, _clock_problems(one, day))
        parts = station_parts(rows, tariff_names, self.found)
        types = self._types()
        stations = References("station", "station", [part.id for part in parts], rows.file)
        type_names = References("type", "pack type", [str(one["id"]) for one in types], self.tables["types"].file)
        add_packs(parts, self.tables["packs"], stations, type_names, self.found)
        self.notes += name_peaks(parts, rows, {one.id: one.charges for one in tariffs}, self.found)
        self._drivers({part.id: part for part in parts}, stations, day)
        currency = self._currency(tariffs)
        name = self.options.name or self.said.name or f"network {day.local_slot_start(0).date()}"
        origins = Origins(self.tables, parts, tariffs, types)
        if self.found.by_file:
            origins = origins.of_whole()
        data = indented_document(self._document(name, currency or "EUR", day, origins))
        try:
            parse_instance(data, INSTANCE, Path())
        except InputErrors as error:
            origins.add_to(self.found, error.problems)
        self.found.refuse()
        return ImportedNetwork(data, name, currency, day, origins, tuple(self.notes))

    def _types(self) -> list[dict[str, Any]]:
        """The pack types of the table, or where there is none, those that packs name, as the mapping says they are."""
        if "types" not in self.tables:
            packs = self.tables["packs"]
            names = list(dict.fromkeys(name for row in packs.rows if (name := row.text("type"))))
            file = shown_name(self.files.mapping or self.files.packs)
            table = TABLES["types"]
            said = self.said.of(table)
            made = constant_rows(table, file, said, "type", names or [str(said.defaults.get("type", "standard"))])
            if self.files.types is None:  # else its table cannot be read, which is told
                self.found.add(file, made.problems)
            self.tables["types"] = made
        return pack_type_documents(self.tables["types"], self.found)

    def _drivers(self, parts: Mapping[str, StationParts], stations: References, day: Horizon) -> None:
        """Who comes, to their stations."""
        for name, add in (("reservations", drivers.add_reservations), ("expected", drivers.add_expected)):
            if rows := self.tables.get(name):
                self.notes += add(drivers.comers(rows, stations, parts, self.found), parts, day, self.found)
        if rows := self.tables.get("swaps"):
            who = drivers.comers(rows, stations, parts, self.found)
            learnt = self.found.attempt(rows.file, partial(drivers.learnt, who, day, self.options.now))
            if learnt is not None:
                self.notes += [*learnt.notes, *drivers.add_learnt(learnt, rows, parts, self.found)]

    def _currency(self, tariffs: Sequence[OwnTariff]) -> str:
        """The currency of all tariffs."""
        said = self.options.currency or self.said.currency
        named = list(dict.fromkeys(one.currency for one in tariffs if one.currency))
        file, remedy = shown_name(self.files.stations), "give --currency, such as EUR, or currency in the mapping"
        if said is None and not named:
            rule = "is needed: no tariff says in which currency prices are"
            self.found.add(file, [Problem("--currency", ABSENT, rule, remedy)])
        for name in named:
            if name != (said or named[0]):
                rule = f"is the currency of a tariff, where others, or --currency, have {said or named[0]}"
                self.found.add(file, [Problem("currency", name, rule, "an instance has one currency")])
        return said or (named[0] if named else "")

    def _document(self, name: str, currency: str, day: Horizon, origins: Origins) -> dict[str, Any]:
        files = {table: Path(rows.file).name for table, rows in self.tables.items() if rows.rows and rows.rows[0].line}
        return {
            "format": FORMAT,
            "version": 1,
            "name": name,
            "currency": currency,
            "sources": files,
            "horizon": {
                "start": day.local_slot_start(0).isoformat(),
                "time_zone": day.time_zone,
                "slot_minutes": day.slot_minutes,
                "slots": day.slots,
            },
            "pack_types": origins.types,
            "tariffs": [one.document for one in origins.tariffs],
            "stations": [part.document() for part in origins.stations],
        }


def _tariff_problems(tariffs: Sequence[OwnTariff]) -> list[Problem]:
    if not tariffs:
        rule = "is needed: nothing says what electricity costs"
        return [Problem("--tariff", ABSENT, rule, "give --tariff FILE or --prices FILE")]
    ids = [one.id for one in tariffs]
    several = {name: [one.file for one in tariffs if one.id == name] for name in ids if ids.count(name) > 1}
    return [
        Problem("--tariff", name, f"is the id of several tariffs: {some_of(files)}", "give each its own id")
        for name, files in several.items()
    ]


def _clock_problems(tariff: OwnTariff, day: Horizon) -> Iterator[Problem]:
    if tariff.zone is not None and tariff.zone != day.time_zone:
        rule = f"must be the stations' clock, {day.time_zone}: the tariff's hours are on it"
        yield Problem("time_zone", tariff.zone, rule, "correct --zone, or take a tariff for this clock")


def _other_clocks(rows: OwnRows | None, zone: str) -> Iterator[Problem]:
    for row in rows.rows if rows is not None else ():
        own = row.text("time_zone")
        if own is not None and own != zone:
            rule = f"is not the clock of the instance, {zone}"
            assert rows is not None
            yield Problem(rows.place(row, "time_zone"), own, rule, APART)
