"""Tables of ENTSO-E's transparency platform, in the layouts of the new platform and the old one.

Both name intervals on the local clock, days first; what else they have in common with other tables `read_series` knows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem
from optimizer.files.csv_text import line_place
from optimizer.files.errors import ABSENT
from optimizer.files.plain_text import some_of
from optimizer.tables.read_series import TimeSeries, read_series
from optimizer.tables.reading import DAY_FIRST, STAMP_START, Reading, wrong_cell
from optimizer.tables.sources.sheet import Sheet, sheet_of
from optimizer.tables.unit_words import PRICE

CLOCKS = {"CET/CEST": "Europe/Brussels", "UTC": "UTC"}
INTERVAL_COLUMN = re.compile(r"MTU \((.+)\)", re.ASCII)
PRICE_COLUMN = re.compile(r"Day-ahead Price [(\[]([A-Z]{3})/MWh[)\]]", re.ASCII)


@dataclass(frozen=True)
class EntsoeFilter:
    """Which rows to read where a file has several areas or sequences (auctions)."""

    area: str | None = None
    sequence: str | None = None


NO_FILTER = EntsoeFilter()


@dataclass(frozen=True)
class Entsoe:
    """Prices of one area and sequence, `selection`: which. `zone`: the clock of the file."""

    series: TimeSeries
    currency: str
    zone: ZoneInfo
    selection: str


def is_entsoe(data: bytes) -> bool:
    """Is it such a file? Raises InvalidData where it is no table."""
    return any(INTERVAL_COLUMN.fullmatch(name) for name in _names(sheet_of(data, line_place)))


def _names(sheet: Sheet) -> list[str]:
    """The cells of the first line."""
    return [cell.strip() for _, cells in sheet.sample(1) for cell in cells]


def read_entsoe(data: bytes, file: str, only: EntsoeFilter) -> Entsoe:
    """The file's day-ahead prices. Raises InvalidData, also where areas or sequences would be mixed."""
    sheet = sheet_of(data, line_place)
    names = _names(sheet)
    interval, price, clock, currency = _layout(names)
    chosen = [
        (name, one)
        for name, wanted in (("Area", only.area), ("Sequence", only.sequence))
        if (one := _one_of(sheet, names, name, wanted))
    ]
    how = Reading(
        zone=ZoneInfo(CLOCKS[clock]),
        is_zone_said=True,
        time_column=interval,
        value_column=price,
        where=chosen,
        dates=DAY_FIRST,
        stamps=STAMP_START,
    )
    selection = "".join(f", {one}" for _, one in chosen)
    return Entsoe(read_series(data, file, PRICE, how), currency, ZoneInfo(CLOCKS[clock]), selection)


def _layout(names: Sequence[str]) -> tuple[str, str, str, str]:
    """The names of the columns of intervals and of prices, the clock and the currency that they state."""
    intervals = [match for name in names if (match := INTERVAL_COLUMN.fullmatch(name))]
    prices = [match for name in names if (match := PRICE_COLUMN.fullmatch(name))]
    for found, what in ((intervals, "MTU (CET/CEST)"), (prices, "Day-ahead Price (EUR/MWh)")):
        if len(found) != 1:
            rule = f"must have one column such as {what!r}"
            raise wrong_cell(line_place(1), ", ".join(names), rule, "export day-ahead prices from the platform as CSV")
    (interval,), (price,) = intervals, prices
    if interval[1] not in CLOCKS:
        rule = f"must be one of {', '.join(CLOCKS)}"
        raise wrong_cell(line_place(1), interval[0], rule, "choose one of these clocks when exporting")
    return interval[0], price[0], interval[1], price[1]


def _one_of(sheet: Sheet, names: Sequence[str], column: str, wanted: str | None) -> str:
    """The area or sequence that is read, "" where the file has no such column."""
    what = column.lower()
    at = names.index(column) if column in names else len(names)
    found = list(dict.fromkeys(cells[at].strip() for line, cells in sheet.lines() if line > 1 and len(cells) > at))
    if wanted is not None and wanted not in found:
        has = f"it has {some_of(found)}" if found else f"leave --{what} out"
        raise InvalidData([Problem(what, wanted, f"is no {what} of the file", has)])
    if wanted is None and len(found) > 1:
        rule = f"has several {what}s, which must not be mixed: {some_of(found)}"
        raise InvalidData([Problem("", ABSENT, rule, f"choose one with --{what}")])
    return wanted or (found[0] if found else "")
