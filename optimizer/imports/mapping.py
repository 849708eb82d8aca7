"""The mapping file: what an operator's tables call things, which units they use, and what they do not say. TOML."""

from __future__ import annotations

from collections.abc import Iterator

from models.errors import InvalidData, Problem
from optimizer.files.errors import InputErrors, did_you_mean
from optimizer.files.json_text import decode_plain
from optimizer.files.limits import MOST_TOML_BYTES
from optimizer.files.read_write import read_bytes, shown_name
from optimizer.files.toml_text import plain_toml
from optimizer.formats.tariff_file import zone_problems
from optimizer.imports.columns.all_tables import TABLES
from optimizer.imports.columns.column import UNITS, OwnTable
from optimizer.imports.mapping_document import MappingDocument, TableMappingDocument

NO_MAPPING = MappingDocument()


def read_mapping(path: str) -> MappingDocument:
    """The mapping in a TOML file. Raises InputErrors with every problem."""
    return parse_mapping(read_bytes(path, MOST_TOML_BYTES), shown_name(path))


def parse_mapping(data: bytes, file: str) -> MappingDocument:
    """The mapping in the TOML text `data`; `file` is its name in messages. Raises InputErrors with every problem."""
    try:
        document = decode_plain(plain_toml(data), MappingDocument)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None
    if problems := list(_problems(document)):
        raise InputErrors(file, problems)
    return document


def _problems(document: MappingDocument) -> Iterator[Problem]:
    for place, zone in (("zone", document.zone), ("prices.zone", document.prices.zone)):
        if zone is not None:
            yield from zone_problems(place, zone)
    known = list(dict.fromkeys(name for table in TABLES.values() for name in table.names))
    for name in document.values:
        if name not in known:
            yield _unknown("values", name, "any table", known)
    for table in TABLES.values():
        yield from _table_problems(table, getattr(document, table.name))


def _table_problems(table: OwnTable, own: TableMappingDocument) -> Iterator[Problem]:
    for part in ("columns", "units", "defaults", "values"):
        for name in getattr(own, part):
            if name not in table.names:
                yield _unknown(f"{table.name}.{part}", name, f"the table {table.name}", table.names)
    for name, unit in own.units.items():
        if name in table.names:
            yield from _unit_problems(f"{table.name}.units.{name}", unit, UNITS.get(table.column(name).kind, {}))


def _unknown(place: str, name: str, of: str, known: list[str]) -> Problem:
    rule = f"is no column of {of}, by our names"
    return Problem(f"{place}.{name}", name, rule, did_you_mean(name, known, f"its columns: {', '.join(known)}"))


def _unit_problems(place: str, unit: str, units: object) -> Iterator[Problem]:
    known = list(units) if isinstance(units, dict) else []
    if not known:
        yield Problem(place, unit, "is the unit of a column that has none to choose", "leave it out")
    elif unit not in known:
        yield Problem(place, unit, "is no unit of this column", did_you_mean(unit, known, f"one of {', '.join(known)}"))
