"""Dates and times as tables write them: one stamp, or an interval "from to", in a cell.

A stamp is ISO 8601 or parted by - . or /, day or month first, with a 12- or 24-hour clock, 24:00 for midnight, named
months, digits without marks (20250115, 202501151800), or seconds or milliseconds since 1970.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from optimizer.files.timestamps import FIRST_YEAR, LAST_YEAR, STAMP
from optimizer.tables.reading import DAY_FIRST, MONTH_FIRST

DAY = timedelta(days=1)
ONE_DATE = (
    r"(?:(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})|(?P<a>\d{1,2})([-/.])(?P<b>\d{1,2})\5(?P<y2>\d{4}|\d{2})"
    r"|(?P<c>\d{8})|(?P<d3>\d{1,2})[-. ]+(?P<w3>[A-Za-zä]{3,9})[-., ]+(?P<y3>\d{4}|\d{2})"
    r"|(?P<w4>[A-Za-zä]{3,9})\.? (?P<d4>\d{1,2}),? (?P<y4>\d{4}))"
)
ONE_TIME = (
    r"(?:(?P<H>\d{1,2})[:.h](?P<M>\d{2})(?::(?P<S>\d{2})(?:[.,]\d{1,9})?)?|(?P<h2>\d{2})(?P<m2>\d{2})(?P<s2>\d{2})?"
    r"|(?P<h3>\d{1,2})(?= ?[AaPp]))(?: ?(?P<ap>[AaPp])\.?[Mm]\.?)?"
)
ONE_OFFSET = r"(?: ?(?P<o>Z|[+-]\d{2}:?(?:\d{2})?)| \(?(?P<mark>[A-Z]{3,4})\)?)?"
DATE = re.compile(ONE_DATE, re.ASCII)
TIME = re.compile(ONE_TIME, re.ASCII)
FULL = re.compile(rf"(?:[A-Z][a-z]{{2}},? )?{ONE_DATE}(?:[T ] *{ONE_TIME}{ONE_OFFSET})?", re.ASCII)
CLOCK = re.compile(ONE_TIME + ONE_OFFSET, re.ASCII)
EPOCH = re.compile(r"\d{9,10}(?:\.0*)?|\d{12,13}", re.ASCII)
COMPACT = re.compile(r"\d{12}|\d{14}", re.ASCII)
PARTED = re.compile(
    r" +(?:-|–|to|bis|until|till|a|à|/) +|(?<=[\dZM]) ?(?:–|/) ?(?=\d{4}-)|(?<=:\d\d) ?- ?(?=\d{1,2}[:./])"
)
ORDERED = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?!\d)", re.ASCII)
YEAR_FIRST = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)", re.ASCII)
LONGEST_DATE = 10  # characters
LEAST_NEIGHBOURS = 6  # days after their neighbours, of dates without a part above 12: of a week
LONGEST_STAMP = 120
MILLISECONDS_FROM = 10**11  # as seconds, that is the year 5138
MARKS = {
    "UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MEZ": 1, "CEST": 2, "MESZ": 2, "EET": 2, "EEST": 3,
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AEST": 10, "AEDT": 11,
}  # fmt: skip
MONTHS = {
    name: number
    for names in ("jan feb mar apr may jun jul aug sep oct nov dec", "jän feb mär apr mai jun jul aug sep okt nov dez")
    for number, name in enumerate(names.split(), 1)
}


class Stamp(NamedTuple):
    """When an interval begins, naive where no offset is written, and when it ends, where the cell says that."""

    at: datetime
    end: datetime | None = None


def stamp_of(text: str, dates: str | None = None) -> Stamp | None:
    """The stamp in a cell; None where it is none. `dates`: the order of 01/02/2025, None for either."""
    text = text.strip()
    if len(text) > LONGEST_STAMP:
        return None  # patterns with blanks in them take long to fail on many
    if STAMP.fullmatch(text):
        return _in_range(_iso(text))
    if (at := _one(text, dates)) is not None:
        return _in_range(at)
    parts = PARTED.split(text, maxsplit=1)
    if len(parts) != 2 or (begin := _one(parts[0], dates)) is None:
        return None
    end = _one(parts[1], dates)
    if end is None and (clock := time_of(parts[1])) is not None:
        end = _after(datetime.combine(begin.date(), time(), begin.tzinfo) + clock, begin)
    return None if end is None else _in_range(begin, end)


@lru_cache(maxsize=4096)  # a day has many rows, and its times come again each day
def _day_text(text: str, dates: str | None) -> datetime | None:
    day = date_of(text, dates)
    return None if day is None else datetime(day.year, day.month, day.day)


@lru_cache(maxsize=4096)
def _time_text(text: str) -> tuple[timedelta, timezone | None] | None:
    """A time of day, with its offset where one is written."""
    match = CLOCK.fullmatch(text.strip())
    clock = None if match is None else _clock(match)
    if match is None or clock is None:
        return None
    try:
        return clock, _offset(match["o"], match["mark"])
    except ValueError:
        return None


def _after(end: datetime, begin: datetime) -> datetime:
    return end if end > begin else end + DAY


def _in_range(at: datetime | None, end: datetime | None = None) -> Stamp | None:
    return Stamp(at, end) if at is not None and FIRST_YEAR <= at.year <= LAST_YEAR else None


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _one(text: str, dates: str | None) -> datetime | None:
    """A single date, with a time of day if there is one: midnight, if not."""
    head, blank, tail = text.partition(" ")
    if blank and (midnight := _day_text(head, dates)) is not None and (rest := _time_text(tail)) is not None:
        return midnight + rest[0] if rest[1] is None else midnight.replace(tzinfo=rest[1]) + rest[0]
    if COMPACT.fullmatch(text) and (at := _compact(text)) is not None:
        return at
    if EPOCH.fullmatch(text):
        return _epoch(text)
    match = FULL.fullmatch(text)
    if match is None or (day := _day(match, dates)) is None:
        return None
    clock = _clock(match) if match["H"] or match["h2"] or match["h3"] else timedelta(0)
    try:
        zone = _offset(match["o"], match["mark"])
    except ValueError:
        return None
    return None if clock is None else datetime(day.year, day.month, day.day, tzinfo=zone) + clock


def _compact(text: str) -> datetime | None:
    digits = text.ljust(14, "0")
    fields = [int(digits[a:b]) for a, b in pairwise((0, 4, 6, 8, 10, 12, 14))]
    try:
        at = datetime(fields[0], fields[1], fields[2], fields[3], fields[4], fields[5])
    except ValueError:
        return None
    return at if FIRST_YEAR <= at.year <= LAST_YEAR else None


def _epoch(text: str) -> datetime:
    count = int(float(text))
    return datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=count if count > MILLISECONDS_FROM else count * 1000)


def _offset(offset: str | None, mark: str | None) -> timezone | None:
    """Raises ValueError where it is none that is known."""
    if mark:
        if mark not in MARKS:
            raise ValueError(mark)
        return timezone(timedelta(hours=MARKS[mark]))
    if not offset:
        return None
    if offset == "Z":
        return UTC
    digits = offset[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    if int(digits[2:]) > 59:
        raise ValueError(offset)
    return timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))  # ValueError beyond a day


def _day(match: re.Match[str], dates: str | None) -> date | None:
    parts = match.group("y", "m", "d", "a", "b", "y2", "c", "d3", "w3", "y3", "w4", "d4", "y4")
    return _day_of(*parts, dates)


@lru_cache(maxsize=4096)
def _day_of(*parts: str | None) -> date | None:
    y, m, d, a, b, y2, c, d3, w3, y3, w4, d4, y4, dates = parts
    if a and dates is None:
        return _day_of(*parts[:-1], DAY_FIRST) or _day_of(*parts[:-1], MONTH_FIRST)
    fields: tuple[str | None, ...]
    if y:
        fields = (y, m, d)
    elif a:
        fields = (y2, a, b) if dates == MONTH_FIRST else (y2, b, a)
    elif c:
        fields = (c[:4], c[4:6], c[6:])
    else:
        month = MONTHS.get((w3 or w4 or "")[:3].lower())
        fields = (y3 or y4, str(month or 0), d3 or d4)
    year, month, day = (int(field or 0) for field in fields)
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None


def date_of(text: str, dates: str | None = None) -> date | None:
    """A cell that has a date and no time of day; None where it is none."""
    match = DATE.fullmatch(text.strip())
    return None if match is None else _day(match, dates)


def time_of(text: str) -> timedelta | None:
    """A time of day as what has passed since midnight, 24:00 included; None where it is none."""
    match = TIME.fullmatch(text.strip())
    return None if match is None or match["h2"] else _clock(match)


def _clock(match: re.Match[str]) -> timedelta | None:
    hour = int(match["H"] or match["h2"] or match["h3"])
    minute, second = int(match["M"] or match["m2"] or 0), int(match["S"] or match["s2"] or 0)
    if mark := match["ap"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if mark in "pP" else 0)
    is_time = minute < 60 and second < 60 and (hour < 24 or (hour == 24 and minute == second == 0))
    return timedelta(hours=hour, minutes=minute, seconds=second) if is_time else None


def order_of(texts: Iterable[str]) -> str | None:
    """Do dates such as 01/02/2025 begin with the day or with the month? None where the column does not tell.

    A part above 12 is a day. Where there is none, that order is right in which more days follow one after the other;
    parts with points are day first.
    """
    parts = list(dict.fromkeys(_parts({text.lstrip()[:LONGEST_DATE]: None for text in texts})))
    firsts, seconds = max((p[0] for p in parts), default=0), max((p[1] for p in parts), default=0)
    if not parts or firsts > 12 or seconds > 12:
        return None if not parts or min(firsts, seconds) > 12 else DAY_FIRST if firsts > 12 else MONTH_FIRST
    if all(mark == "." for *_, mark in parts):
        return DAY_FIRST
    day_first = _neighbours(_dates((y, b, a) for a, b, y, _ in parts))
    month_first = _neighbours(_dates((y, a, b) for a, b, y, _ in parts))
    same = all(a == b for a, b, *_ in parts)
    if day_first == month_first and not same:
        return None
    return MONTH_FIRST if month_first > day_first else DAY_FIRST


def _dates(parts: Iterable[tuple[int, int, int]]) -> list[date]:
    """The days of year, month and day, those that there are, in order."""
    found = set()
    for one in parts:
        with suppress(ValueError):
            found.add(date(*one))
    return sorted(found)


def opposites(texts: Iterable[str]) -> tuple[str, str] | None:
    """Of dates such as 01/02/2025, one that can only begin with the day, and one that can only with the month; None
    where a column has not both."""
    found = dict[bool, str]()
    for text in texts:
        for a, b, *_ in _parts([text]):
            if max(a, b) > 12 >= min(a, b):
                found.setdefault(a > b, text)
    return (found[True], found[False]) if len(found) == 2 else None


def is_year_day_month(text: str) -> bool:
    """Is it a date such as 2025.13.11, which can only be year, day, month? No reader takes it."""
    match = YEAR_FIRST.match(text.strip())
    return match is not None and 12 < int(match[3]) <= 31 and 1 <= int(match[4]) <= 12


def year_day_month(texts: Sequence[str], dates: str | None = None) -> int | None:
    """Where the first date is that shows a column of years, days, months; None where it is none.

    None of its last parts is above 12. Some of its middle parts are; or, where none is, more days follow one after the
    other than if it were years, months, days, and at least those of a week, unless `dates` is MONTH_FIRST.
    """
    first = {text.lstrip()[:LONGEST_DATE]: number for number, text in reversed(list(enumerate(texts)))}
    found = {match: first[head] for head in first if (match := YEAR_FIRST.match(head))}
    parts = [(int(match[1]), int(match[3]), int(match[4])) for match in found]
    if not parts or any(last > 12 for *_, last in parts):
        return None
    if certain := [number for match, number in found.items() if is_year_day_month(match[0])]:
        return min(certain)
    if dates == MONTH_FIRST:
        return None
    by_day = _neighbours(_dates((y, b, a) for y, a, b in parts))
    is_likely = by_day >= LEAST_NEIGHBOURS and by_day > _neighbours(_dates(parts))
    return min(found.values()) if is_likely else None


def in_order(text: str) -> str:
    """A date of year, day, month as it is to be written."""
    match = YEAR_FIRST.match(text.strip())
    assert match is not None
    return f"{match[1]}-{match[4]:0>2}-{match[3]:0>2}"


def has_order(texts: Iterable[str]) -> bool:
    """Are there dates whose order matters?"""
    return next(_parts(texts), None) is not None


def _parts(texts: Iterable[str]) -> Iterator[tuple[int, int, int, str]]:
    for text in texts:
        match = ORDERED.match(text.strip())
        if match:
            year = int(match[4])
            yield int(match[1]), int(match[3]), year + 2000 if year < 100 else year, match[2]


def _neighbours(days: list[date]) -> int:
    return sum(later - earlier == DAY for earlier, later in pairwise(days))
