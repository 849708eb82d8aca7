"""A column of stamps as instants: the order of its dates, its clock, the hours that clocks have twice or leave out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem
from optimizer.files import timestamps as clock
from optimizer.tables.local_clock import on_clock
from optimizer.tables.reading import DAY_FIRST, Place, Reading, wrong_cell
from optimizer.tables.stamps import Stamp, has_order, in_order, is_year_day_month, opposites, order_of, stamp_of

MARK = re.compile(r"\b[A-Z]{3,4}\b", re.ASCII)
ON_CLOCK = "stamps without an offset are on the clock of"
DATES_REMEDY = "say --dates day-first or --dates month-first"


@dataclass(frozen=True)
class Instants:
    """Instants of a column's cells, in their order; `skipped`: places of local times that spring leaves out; `notes`
    for the user. `lasts`: how long an interval "from to" is that a cell holds, None where they hold none."""

    at: Sequence[datetime]
    skipped: Sequence[int]
    notes: tuple[str, ...]
    lasts: timedelta | None = None


def instants_of(cells: Sequence[tuple[int, str]], how: Reading, place: Place) -> Instants:
    """The instants in a column. `cells`: with the numbers of their lines. Raises InvalidData at the first that is none.

    Stamps without an offset are on the clock of `how.zone`; either all have one or none has.
    """
    texts = [cell for _, cell in cells]
    order, notes = _order(texts, how)
    stamps = [_stamp(line, cell, order, place) for line, cell in cells]
    lasts = next((s.end - s.at for s in stamps if s.end and (s.end.tzinfo is None) == (s.at.tzinfo is None)), None)
    at = [stamp.at for stamp in stamps]
    is_local = bool(at) and (at[0].tzinfo is None or _are_marked(texts, at))
    zone = how.zone
    odd = next((i for i, one in enumerate(at) if not _fits(one, is_local, zone)), None)
    if odd is not None:
        raise _without_offset(cells, at, odd, is_local and zone is not None, place)
    if not is_local or zone is None:
        return Instants(at, (), notes, lasts)
    local = on_clock([one.replace(tzinfo=None) for one in at], zone)
    marked = [own if own.tzinfo is not None else read for own, read in zip(at, local.at, strict=True)]
    return Instants(marked, local.skipped, (*notes, f"{ON_CLOCK} {zone.key}"), lasts)


def _are_marked(texts: Sequence[str], at: Sequence[datetime]) -> bool:
    """Are there local stamps, and others that differ by a mark such as CEST, as some exports have in autumn's hours?"""
    if all(one.tzinfo is not None for one in at):
        return False
    return all(MARK.search(text) for text, one in zip(texts, at, strict=True) if one.tzinfo is not None)


def _fits(at: datetime, is_local: bool, zone: ZoneInfo | None) -> bool:
    """All stamps have an offset, or none; of local ones some may have that of their clock, such as in the hours that
    autumn has twice."""
    if not is_local:
        return at.tzinfo is not None
    return zone is not None and (at.tzinfo is None or at.astimezone(zone).utcoffset() == at.utcoffset())


def _order(texts: Sequence[str], how: Reading) -> tuple[str | None, tuple[str, ...]]:
    order = date_order(texts, how)
    if order is None:
        return None, ()
    return order, ("dates begin with the day" if order == DAY_FIRST else "dates begin with the month",)


def date_order(texts: Sequence[str], how: Reading) -> str | None:
    """The order of a column's dates; None where they have none to choose. Raises InvalidData where none of them tells,
    or some are in one order and some in the other."""
    if not has_order(texts):
        return None
    order = how.dates or order_of(texts)
    if order is not None:
        return order
    if (both := opposites(texts)) is not None:
        rule = f"begins with the day, where {both[1]!r} begins with the month"
        raise InvalidData([Problem("", both[0], rule, "write all dates alike")])
    example = next(text for text in texts if has_order([text]))
    rule = "may begin with the day or with the month: no date of the file tells"
    raise InvalidData([Problem("", example, rule, DATES_REMEDY)])


def year_day_month_problem(place: str, cell: str) -> Problem:
    """What is wrong with a date such as 2025.13.11."""
    rule = "looks like year, day, month: dates in this order are not read"
    return Problem(place, cell, rule, f"write all dates like {in_order(cell)}")


def _stamp(line: int, cell: str, order: str | None, place: Place) -> Stamp:
    stamp = stamp_of(cell, order)
    if stamp is not None:
        return stamp
    if is_year_day_month(cell):
        raise InvalidData([year_day_month_problem(place(line), cell)])
    if order is not None and stamp_of(cell) is not None:
        other, said = ("month", "day") if order == DAY_FIRST else ("day", "month")
        rule = f"begins with the {other}, where --dates {order} says the {said}"
        raise InvalidData([Problem(place(line), cell, rule, f"say --dates {other}-first, or write all dates alike")])
    try:
        clock.instant(cell)
    except InvalidData as error:
        raise InvalidData(problem.inside(place(line)) for problem in error.problems) from None
    raise wrong_cell(place(line), cell, "must be a date and a time of day", "write it like 2025-01-15T18:00+01:00")


def _without_offset(
    cells: Sequence[tuple[int, str]], at: Sequence[datetime], odd: int, first_is_local: bool, place: Place
) -> InvalidData:
    if first_is_local:
        line, cell = cells[odd]
        return wrong_cell(
            place(line), cell, "has an offset from UTC, where the rows before it have none", "write all alike"
        )
    line, cell = cells[next(index for index, one in enumerate(at) if one.tzinfo is None)]
    try:
        clock.instant(cell)
    except InvalidData as error:
        return InvalidData(problem.inside(place(line)) for problem in error.problems)
    return wrong_cell(place(line), cell, "must say its offset from UTC", "write Z for UTC or an offset such as +01:00")


def local_start(start: datetime, zone: ZoneInfo | None) -> datetime:
    """When a series without stamps begins. Raises InvalidData."""
    if start.tzinfo is None and zone is None:
        raise InvalidData(
            [Problem("--start", start.isoformat(), "must say its offset from UTC", "end it with an offset")]
        )
    return start if start.tzinfo is not None else on_clock([start], zone).at[0]  # type: ignore[arg-type]
