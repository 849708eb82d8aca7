"""The tariffs of an import: files of any kind, read once each; what needs a clock waits for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from zoneinfo import ZoneInfo

from models.errors import Problem
from optimizer.files.read_write import read_bytes, shown_name
from optimizer.formats.tariff_file import read_tariff
from optimizer.imports.gathered import Gathered
from optimizer.imports.mapping_document import PricesMappingDocument
from optimizer.imports.reading.own_rows import OwnRows
from optimizer.imports.tariff_tables import (
    OwnTariff,
    is_native,
    is_table,
    level_tariffs,
    market_tariff,
    native_tariff,
    urdb_tariff,
)

OPTION = re.compile(r"--(dates|stamps|time-column|value-column|unit|area|sequence)\b")
"""Options of `tariff import` that are keys of the mapping here, under [prices]."""
TableReader = Callable[[str, bytes], OwnRows | None]
"""Reads a table of price levels of a file's name and bytes, keeping its problems."""


@dataclass(frozen=True)
class WaitingRate:
    """A rate of URDB that waits for a clock."""

    file: str
    data: bytes


def read_tariffs(
    paths: Sequence[str], read_table: TableReader, found: Gathered
) -> tuple[list[OwnTariff | WaitingRate], list[OwnRows]]:
    """The tariffs of files, rates of URDB as they wait, and the tables among the files. Problems go to `found`."""
    made, tables = list[OwnTariff | WaitingRate](), list[OwnRows]()
    for path in paths:
        file = shown_name(path)
        data = found.attempt(file, partial(read_bytes, path))
        if data is None:
            continue
        if is_table(data):
            rows = read_table(file, data)
            if rows is not None:
                tables.append(rows)
                made += found.attempt(file, partial(level_tariffs, rows)) or []
        elif (native := found.attempt(file, partial(is_native, data, file))) is not None:
            own = found.attempt(file, partial(native_tariff, data, file)) if native else WaitingRate(file, data)
            made += [own] if own is not None else []
    return made, tables


def with_clock(waiting: Sequence[OwnTariff | WaitingRate], zone: ZoneInfo, found: Gathered) -> list[OwnTariff]:
    """All of them, rates of URDB on the clock `zone`."""
    made = [
        one if isinstance(one, OwnTariff) else found.attempt(one.file, partial(urdb_tariff, one.data, one.file, zone))
        for one in waiting
    ]
    return [one for one in made if one is not None]


def read_prices(
    path: str,
    charges: str | None,
    said: PricesMappingDocument,
    zone: ZoneInfo,
    currency: str | None,
    found: Gathered,
) -> list[OwnTariff]:
    """The tariff of the market prices in a file, with those charges on top; none where either has problems."""
    file = shown_name(path)
    data = found.attempt(file, partial(read_bytes, path))
    on_top = found.attempt(charges, partial(read_tariff, charges)) if charges else None
    if data is None or (charges and on_top is None):
        return []
    named = (on_top, shown_name(charges)) if charges and on_top else None
    own = Gathered()
    made = own.attempt(file, partial(market_tariff, data, file, said, zone, currency, named))
    for name, problems in own.by_file.items():
        found.add(name, map(_in_mapping, problems))
    return [made] if made is not None else []


def _in_mapping(problem: Problem) -> Problem:
    """A problem of prices with its remedy in the mapping: there are no options of tables here."""
    rule = OPTION.sub(_key, problem.rule)
    remedy, count = OPTION.subn(_key, problem.remedy)
    return replace(problem, rule=rule, remedy=f"in the mapping, {remedy}" if count else remedy)


def _key(option: re.Match[str]) -> str:
    return f"prices.{option[1].replace('-', '_')}"
