"""Real days of a swap log, as days that are played.

A day of the log begins at the horizon's clock time, on the clock of the log's own stamps, be its offset what it may:
what matters is the time of day at which drivers came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from models.errors import InvalidData, Problem
from models.horizon import MINUTES_PER_DAY, local_minute
from models.rules import share_of_capacity
from models.station.drawn_days import DrawnDays, days_of_counts
from models.station.instance import Night, unknown_type
from optimizer.files.csv_text import line_place
from optimizer.files.errors import InputErrors
from optimizer.files.plain_text import counted, some_of
from optimizer.tables.read_table import NUMBER, STAMP, TEXT, Column, TableRow, no_rows, read_table
from optimizer.tables.reading import Reading

COLUMNS = (
    Column("time", STAMP),
    Column("station", TEXT, needed=False),
    Column("type", TEXT, needed=False),
    Column("returned_soc", NUMBER, needed=False),
)


@dataclass(frozen=True)
class LoggedDays:
    """Days by station, in order of time, the dates on which they begin, and what is to be said of them."""

    by_station: Mapping[str, DrawnDays]
    dates: Mapping[str, tuple[date, ...]]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _LoggedSwap:
    """When a driver came: the day's first date, the slot, the forecast whose driver it is, what he brought."""

    day: date
    slot: int
    forecast: int
    returned_soc: float | None


def logged_days(data: bytes, file: str, nights: Sequence[Night], seed: int) -> LoggedDays:
    """The log's days for each station. What came back is drawn from the forecast where the log does not say it.

    Raises InputErrors: for stations, types and states of charge that cannot be, and where a station has no forecast
    whose drivers these could be, or no whole day.
    """
    try:
        table = read_table(data, file, COLUMNS, Reading(nights[0].horizon.zone))
        if not table.rows:
            raise no_rows("add a row for each swap")
        rows = _by_station(table.rows, nights)
        days, dates, notes = dict[str, DrawnDays](), dict[str, tuple[date, ...]](), list(table.notes)
        for night in nights:
            name = night.station.id
            days[name], dates[name], note = _days(night, rows[name], seed)
            notes += [f"station {name}: {text}" for text in note]
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None
    return LoggedDays(days, dates, tuple(notes))


def _by_station(rows: Sequence[TableRow], nights: Sequence[Night]) -> dict[str, list[TableRow]]:
    names = [night.station.id for night in nights]
    found: dict[str, list[TableRow]] = {name: [] for name in names}
    for row in rows:
        name = row.cells.get("station", names[0] if len(names) == 1 else "")
        if name in found:
            found[str(name)].append(row)
    if empty := [name for name in names if not found[name]]:
        known = sorted({str(row.cells["station"]) for row in rows if "station" in row.cells})
        remedy = f"its stations: {some_of(known)}" if known else "give it a column station"
        raise InvalidData([Problem("station", empty[0], "has no rows in this log", remedy)])
    return found


def _days(night: Night, rows: Sequence[TableRow], seed: int) -> tuple[DrawnDays, tuple[date, ...], list[str]]:
    horizon, expected = night.horizon, night.station.expected
    if not expected or horizon.slots * horizon.slot_minutes > MINUTES_PER_DAY:
        rule = "must have a forecast, and a horizon of a day at most, for drivers of a log to stand in for"
        raise InvalidData([Problem(f"station {night.station.id}", "the instance", rule, "give it a forecast")])
    drivers = [one for row in rows if (one := _logged_swap(night, row)) is not None]
    days, gaps = _whole_days(night, rows, drivers)
    if not days:
        remedy = "the first and the last day count from the horizon's clock time on"
        raise InvalidData([Problem("time", f"{len(rows)} rows", "hold no whole day of the horizon", remedy)])
    number = {day: n for n, day in enumerate(days)}
    kept = sorted((one for one in drivers if one.day in number), key=lambda o: (number[o.day], o.slot, o.forecast))
    counts = np.zeros((len(days), horizon.slots, len(expected)), dtype=np.int64)
    for one in kept:
        counts[number[one.day], one.slot, one.forecast] += 1
    drawn = days_of_counts(night, list(counts), seed)
    known = np.array([np.nan if one.returned_soc is None else one.returned_soc for one in kept])
    returned = np.where(np.isnan(known) | np.isnan(drawn.returned_soc), drawn.returned_soc, known)
    told = DrawnDays(drawn.days, drawn.day, drawn.slot, drawn.forecast, returned)
    return told, tuple(days), _notes(len(rows) - len(kept), gaps)


def _logged_swap(night: Night, row: TableRow) -> _LoggedSwap | None:
    """None: out of the horizon's hours."""
    when = row.cells["time"]
    assert isinstance(when, datetime)
    begin = local_minute(night.horizon.start, night.horizon.zone).minute
    minute = when.hour * 60 + when.minute - begin
    day = when.date() - timedelta(days=minute < 0)
    slot = minute % MINUTES_PER_DAY // night.horizon.slot_minutes
    if slot >= night.horizon.slots:
        return None
    return _LoggedSwap(day, slot, _forecast(night, row), _returned_soc(row))


def _forecast(night: Night, row: TableRow) -> int:
    """The first forecast of the type; of the only type where the log names none."""
    types = [one.type for one in night.station.expected]
    name, place = str(row.cells.get("type") or ""), f"{line_place(row.line)}, type"
    if not name and len(set(types)) == 1:
        return 0
    if name and name not in night.pack_types:
        raise InvalidData([unknown_type(place, name, night.pack_types)])
    if name not in types:
        remedy = f"forecasts are of {', '.join(dict.fromkeys(types))}"
        raise InvalidData([Problem(place, name, "is a type that no forecast of the station expects", remedy)])
    return types.index(name)


def _returned_soc(row: TableRow) -> float | None:
    soc = row.cells.get("returned_soc")
    if not isinstance(soc, float):
        return None
    if found := list(share_of_capacity(f"{line_place(row.line)}, returned_soc", soc)):
        raise InvalidData(found)
    return soc


def _whole_days(
    night: Night, rows: Sequence[TableRow], drivers: Sequence[_LoggedSwap]
) -> tuple[list[date], list[date]]:  # fmt: skip
    """Days between the first and the last date of the log, those over midnight but the last; days without a driver
    apart: closed, or missing."""
    dates = [when.date() for row in rows if isinstance(when := row.cells["time"], datetime)]
    begin = local_minute(night.horizon.start, night.horizon.zone).minute
    runs_over = begin + night.horizon.slots * night.horizon.slot_minutes > MINUTES_PER_DAY
    first, last = min(dates), max(dates) - timedelta(days=runs_over)
    busy = {one.day for one in drivers}
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in days if day in busy], [day for day in days if day not in busy]


def _notes(left_out: int, gaps: Sequence[date]) -> list[str]:
    notes = [f"{counted(left_out, 'swap')} of the log in no whole day of the horizon"] if left_out else []
    if gaps:
        notes.append(f"nobody came on {some_of([day.isoformat() for day in gaps])}: closed, or missing; not played")
    return notes
