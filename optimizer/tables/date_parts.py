"""Tables whose dates are parted over columns: year, month, day, and perhaps minute beside the hour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from optimizer.files.timestamps import FIRST_YEAR, LAST_YEAR
from optimizer.tables.header import Header
from optimizer.tables.sources.sheet import Line, Sheet

YEAR = ("year", "yr", "yyyy", "año", "ano", "jahr", "année", "annee", "anno")
MONTH = ("month", "mo", "mm", "mes", "monat", "mois", "mese")
DAY = ("day", "dd", "día", "dia", "tag", "jour", "giorno")
HOUR = ("hour", "hr", "hh", "hora", "stunde", "heure", "ora")
MINUTE = ("minute", "minutes", "min")
DATE, CLOCK = "date", "time"
NAMELESS = ((FIRST_YEAR, LAST_YEAR), (1, 12), (1, 31))
"""What the first three columns of a table without names hold if they are a date."""


def with_whole_dates(sheet: Sheet, header: Header, sample: Sequence[Line]) -> tuple[Sheet, Header]:
    """The table with the parts of its dates in one column, a hour and a minute in another; as it is where it has none.

    Columns of a table without names are then named by their number.
    """
    parts = _parts(header, [cells for line, cells in sample if line >= header.first])
    if len(parts) < 3:
        return sheet, header
    merged = [parts[name] for name in ("year", "month", "day")]
    clock = [parts[name] for name in ("hour", "minute") if "hour" in parts and "minute" in parts]
    gone = {*merged, *clock}
    names = header.names if any(header.names) else [str(number) for number in range(1, len(header.names) + 1)]
    kept = [column for column in range(len(names)) if column not in gone]

    def row(cells: Sequence[str]) -> list[str]:
        if len(cells) <= max(gone):
            return list(cells)
        date = "-".join(cells[column].strip().rjust(2, "0") for column in merged)
        time = [":".join(cells[column].strip().rjust(2, "0") for column in clock)] if clock else []
        return [date, *time, *(cells[column] for column in kept if column < len(cells)), *cells[len(names) :]]

    whole = replace(sheet, lines=lambda: ((line, row(cells)) for line, cells in sheet.lines()))
    titles = (DATE, *([CLOCK] if clock else []), *(names[column] for column in kept))
    return whole, replace(header, names=titles)


def _parts(header: Header, rows: Sequence[Sequence[str]]) -> Mapping[str, int]:
    """Where the parts of dates stand; fewer than three where there are no such columns."""
    if any(header.names):
        lower = [name.strip().lower() for name in header.names]
        known = {"year": YEAR, "month": MONTH, "day": DAY, "hour": HOUR, "minute": MINUTE}
        found = {part: [i for i, name in enumerate(lower) if name in names] for part, names in known.items()}
        parts = {part: columns[0] for part, columns in found.items() if len(columns) == 1}
        return parts if {"year", "month", "day"} <= parts.keys() else {}
    first = [cells[: len(NAMELESS)] for cells in rows if len(cells) > len(NAMELESS)]
    is_date = bool(first) and all(_within(cells) for cells in first)
    return {"year": 0, "month": 1, "day": 2} if is_date else {}


def _within(cells: Sequence[str]) -> bool:
    numbers = [cell.strip() for cell in cells]
    return all(
        number.isdecimal() and least <= int(number) <= most
        for number, (least, most) in zip(numbers, NAMELESS, strict=True)
    )
