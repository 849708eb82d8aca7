"""Rows of the CSV files of ENTSO-E's transparency platform, in the layouts of the new platform and the old one.

Both name intervals on the local clock. In autumn an hour comes twice, and rows are in order: what does not rise is the
second one; some files mark it with (CET) or (CEST). In spring an hour does not exist: rows of it hold no price.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem
from optimizer.files.csv_text import header_of, line_place, named_cells, number_of, wrong_line
from optimizer.files.errors import ABSENT
from optimizer.files.plain_text import some_of

CLOCKS = {"CET/CEST": "Europe/Brussels", "UTC": "UTC"}
MARKS = {"CET": timezone(timedelta(hours=1)), "CEST": timezone(timedelta(hours=2))}
INTERVAL_COLUMN = re.compile(r"MTU \((.+)\)", re.ASCII)
PRICE_COLUMN = re.compile(r"Day-ahead Price [(\[]([A-Z]{3})/MWh[)\]]", re.ASCII)
BEGIN = re.compile(r"(\d\d)([./])(\d\d)\2(\d{4}) (\d\d):(\d\d)(?::00)?(?: \((CES?T)\))? - .+", re.ASCII)
NO_PRICE = frozenset({"", "-", "n/e", "N/A"})


@dataclass(frozen=True)
class EntsoeFilter:
    """Which rows to read where a file has several areas or sequences (auctions)."""

    area: str | None = None
    sequence: str | None = None


NO_FILTER = EntsoeFilter()


@dataclass(frozen=True)
class EntsoeRow:
    """One line of the file: its number, its interval as written, when it begins; None where there is no price."""

    line: int
    stamp: str
    at: datetime
    value: float | None
    price_as_written: str


@dataclass(frozen=True)
class Entsoe:
    """Rows of one area and sequence, `selection`: which."""

    rows: Sequence[EntsoeRow]
    currency: str
    zone: ZoneInfo
    selection: str


@dataclass(frozen=True)
class _Layout:
    """Where the columns "interval" and "price" stand, "area" and "sequence" where the file has them."""

    at: Mapping[str, int]
    currency: str
    zone: ZoneInfo


def is_entsoe(header: Sequence[str]) -> bool:
    """Is it the first line of such a file?"""
    return any(INTERVAL_COLUMN.fullmatch(cell.strip()) for cell in header)


def read_entsoe(text: str, only: EntsoeFilter) -> Entsoe:
    """The file's day-ahead prices. Raises InvalidData, also where areas or sequences would be mixed."""
    layout = _layout([cell.strip() for cell in header_of(text, line_place)])
    lines = list(named_cells(text, layout.at, line_place))
    lines, area = _one_of(lines, layout.at, only.area, "area")
    lines, sequence = _one_of(lines, layout.at, only.sequence, "sequence")
    selection = "".join(f", {part}" for part in (area, sequence) if part)
    return Entsoe(list(_rows(lines, layout)), layout.currency, layout.zone, selection)


def _layout(header: Sequence[str]) -> _Layout:
    intervals = [(i, m[1]) for i, cell in enumerate(header) if (m := INTERVAL_COLUMN.fullmatch(cell))]
    prices = [(i, m[1]) for i, cell in enumerate(header) if (m := PRICE_COLUMN.fullmatch(cell))]
    for found, what in ((intervals, "MTU (CET/CEST)"), (prices, "Day-ahead Price (EUR/MWh)")):
        if len(found) != 1:
            rule = f"must have one column such as {what!r}"
            raise wrong_line(line_place(1), ", ".join(header), rule, "export day-ahead prices from the platform as CSV")
    (interval, clock), (price, currency) = intervals[0], prices[0]
    if clock not in CLOCKS:
        rule = f"must be one of {', '.join(CLOCKS)}"
        raise wrong_line(line_place(1), header[interval], rule, "choose one of these clocks when exporting")
    where = {cell: index for index, cell in enumerate(header)}
    optional = {name.lower(): where[name] for name in ("Area", "Sequence") if name in where}
    return _Layout({"interval": interval, "price": price} | optional, currency, ZoneInfo(CLOCKS[clock]))


Lines = list[tuple[int, dict[str, str]]]


def _one_of(lines: Lines, columns: Collection[str], wanted: str | None, what: str) -> tuple[Lines, str]:
    """The lines of one area or sequence, and which it is."""
    found = list(dict.fromkeys(cells[what] for _, cells in lines)) if what in columns else []
    if wanted is not None and wanted not in found:
        has = f"it has {some_of(found)}" if found else f"leave --{what} out"
        raise InvalidData([Problem(what, wanted, f"is no {what} of the file", has)])
    if wanted is None and len(found) > 1:
        rule = f"has several {what}s, which must not be mixed: {some_of(found)}"
        raise InvalidData([Problem("", ABSENT, rule, f"choose one with --{what}")])
    kept = [(line, cells) for line, cells in lines if wanted is None or cells[what] == wanted]
    return kept, wanted or (found[0] if found else "")


def _rows(lines: Lines, layout: _Layout) -> Iterator[EntsoeRow]:
    before = datetime.min.replace(tzinfo=UTC)
    for line, cells in lines:
        stamp, price = cells["interval"], cells["price"]
        value = None if price in NO_PRICE else number_of(line_place(line), price)
        at = _begin(line, stamp, layout.zone, before)
        if at is None:
            if value is not None:
                rule = "begins in an hour that the clock change leaves out"
                raise wrong_line(line_place(line), stamp, rule, "export the file again, or with MTU (UTC)")
            continue
        before = at
        yield EntsoeRow(line, stamp, at, value, price)


def _begin(line: int, stamp: str, zone: ZoneInfo, before: datetime) -> datetime | None:
    """The instant at which an interval begins; None where the local clock never shows it."""
    local, mark = _local_begin(line, stamp)
    if mark:
        return local.replace(tzinfo=MARKS[mark]).astimezone(UTC)
    first = local.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None) != local:
        return None
    second = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return second if first <= before else first


def _local_begin(line: int, stamp: str) -> tuple[datetime, str | None]:
    """Local date and time, and the mark CET or CEST if there is one."""
    match = BEGIN.fullmatch(stamp)
    try:
        day, _, month, year, hour, minute, mark = match.groups() if match else ("0",) * 7
        return datetime(int(year), int(month), int(day), int(hour), int(minute)), mark
    except ValueError:
        rule = "must be an interval such as 26/10/2025 02:00:00 - 26/10/2025 02:15:00"
        raise wrong_line(line_place(line), stamp, rule, "export the file again") from None
