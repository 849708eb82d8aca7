"""What `tariff import` does: recognise the format, read it, and make a native tariff file of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from models.errors import InvalidData, Problem
from optimizer.files import timestamps as clock
from optimizer.files.csv_text import line_place
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.files.json_text import NOT_UNICODE, decode, plain_json
from optimizer.files.read_write import read_bytes, shown_name
from optimizer.formats.tariff_document import TARIFF_FORMAT, TariffFileDocument
from optimizer.formats.tariff_file import Imported, TariffFile, file_document, tariff_file
from optimizer.tables.reading import Reading
from optimizer.tables.sources.documents import rows_of
from optimizer.tables.sources.sheet import is_workbook, text_and_notes
from optimizer.tariffs.entsoe_csv import EntsoeFilter, is_entsoe
from optimizer.tariffs.market_charges import told_charges, with_charges
from optimizer.tariffs.market_prices import MarketOptions, import_entsoe, import_table
from optimizer.tariffs.urdb.import_urdb import UrdbOptions, import_urdb

URDB, ENTSOE, CSV = "urdb", "entsoe", "csv"
MARKET = (ENTSOE, CSV)
URDB_KEYS = frozenset({"label", "utility", "name", "energyratestructure", "energyweekdayschedule"})
OPTIONS_OF: Mapping[str, tuple[str, ...]] = {
    "label": (URDB,),
    "name": (URDB,),
    "holidays": (URDB,),
    "metering_minutes": (URDB,),
    "power_factor": (URDB,),
    "kw_per_hp": (URDB,),
    "tier_tolerance": (URDB,),
    "area": (ENTSOE,),
    "sequence": (ENTSOE,),
    "time_column": (CSV,),
    "value_column": (CSV,),
    "unit": (CSV,),
    "zone": (CSV,),
    "where": (CSV,),
    "dates": (CSV,),
    "stamps": (CSV,),
    "start": (CSV,),
    "minutes": (CSV,),
    "months": MARKET,
    "times": MARKET,
    "add_per_kwh": MARKET,
    "charges": MARKET,
}
"""The formats for which an option means anything, for those that do not fit all."""


@dataclass(frozen=True)
class ImportOptions:
    """Options of the command by their names; `given` has those that the user gave, None is not given.

    `charges`: what the file of the option of that name says.
    """

    time_zone: str | None = None
    currency: str | None = None
    id: str | None = None
    source: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    charges: TariffFile | None = None

    def get(self, name: str, default: Any = None) -> Any:
        """The value of an option of one of the formats."""
        value = self.given.get(name)
        return default if value is None else value


@dataclass(frozen=True)
class ImportedFile:
    """A tariff file, and notes for the user on how it came about."""

    document: TariffFileDocument
    imported: Imported

    @property
    def notes(self) -> tuple[str, ...]:
        """How the tariff came about."""
        return self.imported.notes

    def in_file(self, problems: Iterable[Problem]) -> list[Problem]:
        """Problems of the tariff file at their places in the file that was imported."""
        return [self.imported.in_file(problem) for problem in problems]


def import_tariff(data: bytes, file: str, kind: str | None, options: ImportOptions) -> ImportedFile:
    """The native tariff file of the bytes of another format, guessed where `kind` is None. Raises InputErrors."""
    kind = kind or guessed(data, file)
    _refuse(file, _misplaced(kind, options))
    if options.charges and options.time_zone is None:
        options = replace(options, time_zone=options.charges.document.time_zone)
    if kind == URDB:
        imported = import_urdb(data, file, _urdb_options(options))
    else:
        imported = (import_entsoe if kind == ENTSOE else import_table)(data, file, _market_options(options))
    currency, time_zone = options.currency or imported.currency, options.time_zone or imported.time_zone
    _refuse(file, _missing_head(currency, time_zone))
    assert currency and time_zone
    if options.charges:
        whole = with_charges(imported.tariff, currency, time_zone, options.charges, options.get("charges"))
        notes = (*imported.notes, told_charges(options.charges))
        imported = replace(imported, tariff=whole, notes=notes, charges=options.get("charges"))
    of_options = {"currency": "--currency"} | ({"id": "--id"} if options.id else {})
    imported = replace(imported, places={**imported.places, **of_options})
    found = ImportedFile(file_document(_with_source(imported, options.source), currency, time_zone), imported)
    try:  # what no tariff may say is refused here, not when the file is read
        tariff_file(found.document, file)
        _refuse_unreadable(found.document, file)
    except InputErrors as error:
        raise InputErrors(file, found.in_file(error.problems)) from None
    return found


def _refuse_unreadable(document: TariffFileDocument, file: str) -> None:
    """Texts that no tariff file may hold: names too long, halves of surrogate pairs. Raises InputErrors."""
    try:
        decode(msgspec.json.encode(document), TariffFileDocument)
    except UnicodeEncodeError:
        raise InputErrors(file, [NOT_UNICODE]) from None
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


def import_facts(imported: ImportedFile) -> dict[str, Any]:
    """What the command tells, as one object."""
    document = imported.document
    tariff = msgspec.to_builtins(document.tariff)
    terms = {key: tariff[key] for key in ("eligibility", "valid", "not_billed")}
    head = {"tariff": document.tariff.id, "currency": document.currency, "time_zone": document.time_zone}
    return head | terms | {"notes": list(imported.notes)}


def guessed(data: bytes, file: str) -> str:
    """The format of the bytes. Raises InputErrors where they are a native tariff already, or no table and no text."""
    try:
        if is_workbook(data):
            return CSV
        text = text_and_notes(data)[0].lstrip()
        if not text.startswith(("{", "[")) and not _is_json_string(text):
            return ENTSOE if is_entsoe(data) else CSV
        raw = plain_json(text.encode())
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None
    if isinstance(raw, dict) and raw.get("format") == TARIFF_FORMAT:
        _refuse(file, [Problem("", ABSENT, "is a tariff file of this program already", "use it as it is")])
    if isinstance(raw, dict) and URDB_KEYS & {key.lower() for key in raw}:
        return URDB  # whose attributes are lists of objects, as the rows of a table are
    rows = rows_of(raw)
    return CSV if rows and not URDB_KEYS & set(rows[0]) else URDB


def _is_json_string(text: str) -> bool:
    """A quote may begin a JSON string or a quoted CSV cell; only the first is JSON as a whole."""
    try:
        return isinstance(plain_json(text.encode()), str)
    except InvalidData:
        return False


def _refuse(file: str, problems: Iterator[Problem] | list[Problem]) -> None:
    if found := list(problems):
        raise InputErrors(file, found)


def _misplaced(kind: str, options: ImportOptions) -> Iterator[Problem]:
    for name, kinds in OPTIONS_OF.items():
        if options.given.get(name) is not None and kind not in kinds:
            rule = f"means nothing for a file of the format {kind}, only for {' and '.join(kinds)}"
            yield Problem(_option(name), str(options.given[name]), rule, "leave it out, or name the format with --from")


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _missing_head(currency: str | None, time_zone: str | None) -> Iterator[Problem]:
    for name, value in (("currency", currency), ("time_zone", time_zone)):
        if value is None:
            yield Problem(_option(name), ABSENT, "is needed: the file does not say it", "give it")


def _urdb_options(options: ImportOptions) -> UrdbOptions:
    defaults = UrdbOptions()
    return UrdbOptions(
        id=options.id,
        label=options.get("label"),
        name=options.get("name"),
        holidays=options.get("holidays", ()),
        metering_minutes=options.get("metering_minutes", defaults.metering_minutes),
        power_factor=options.get("power_factor"),
        kw_per_hp=options.get("kw_per_hp"),
        tier_tolerance_per_kwh=options.get("tier_tolerance", defaults.tier_tolerance_per_kwh),
    )


def _market_options(options: ImportOptions) -> MarketOptions:
    return MarketOptions(
        id=options.id,
        currency=options.currency,
        zone=ZoneInfo(options.time_zone) if options.time_zone else None,
        months=options.get("months"),
        times=options.get("times", 1.0),
        add_per_kwh=options.get("add_per_kwh", 0.0),
        only=EntsoeFilter(options.get("area"), options.get("sequence")),
        unit=options.get("unit"),
        how=_reading(options),
    )


def _reading(options: ImportOptions) -> Reading:
    zone = options.get("zone")
    return Reading(
        zone=ZoneInfo(zone) if zone else None,
        is_zone_said=zone is not None,
        time_column=options.get("time_column"),
        value_column=options.get("value_column"),
        start=options.get("start"),
        minutes=options.get("minutes"),
        where=options.get("where", ()),
        dates=options.get("dates"),
        stamps=options.get("stamps"),
    )


def _with_source(imported: Imported, source: str | None) -> Any:
    if source is None:
        return imported.tariff
    return msgspec.structs.replace(imported.tariff, sources={**imported.tariff.sources, "file": source})


def read_holidays(text: str) -> tuple[str, ...]:
    """Dates parted by commas, or the dates of a file, one a line; # begins a remark. Raises InputErrors."""
    if all(clock.DATE.fullmatch(part.strip()) for part in text.split(",")):
        name, lines = "--holidays", text.split(",")
    else:
        name, lines = shown_name(text), read_bytes(Path(text)).decode(errors="replace").splitlines()
    dates = [(count, line.partition("#")[0].strip()) for count, line in enumerate(lines, 1)]
    problems = []
    for count, written in dates:
        try:
            _ = written and clock.day(written)
        except InvalidData as error:
            problems += [problem.inside(line_place(count)) for problem in error.problems]
    _refuse(name, problems)
    return tuple(written for _, written in dates if written)
