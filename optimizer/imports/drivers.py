"""Who comes: forecasts learnt from a history of swaps, expected swaps by the hour, and drivers who are known."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem, refuse
from models.horizon import Horizon
from optimizer.files.errors import ABSENT, did_you_mean
from optimizer.files.plain_text import counted, some_of
from optimizer.forecast.file_document import StationForecastDocument
from optimizer.imports.gathered import Gathered
from optimizer.imports.places import StationParts
from optimizer.imports.reading.own_rows import OwnRow, OwnRows
from optimizer.imports.references import References, twice
from optimizer.tables.read_table import ReadTable, TableRow
from optimizer.tables.steps import ADD_ROWS

SWAP_KEYS = {"driver": "id", "swap_soc": "swap_soc", "pack": "pack", "packs": "packs", "must_serve": "must_serve"}
DIGITS = 6  # decimals of an expected number of drivers
HOUR = timedelta(hours=1)
HISTORY_CELL = re.compile(r"line (\d+), (\w+)")


@dataclass(frozen=True)
class Comers:
    """A table of drivers with the station and the pack type of each row; None where a row is wrong."""

    rows: OwnRows
    stations: Sequence[str | None]
    types: Sequence[str | None]


def comers(rows: OwnRows, stations: References, parts: Mapping[str, StationParts], found: Gathered) -> Comers:
    """The rows with their stations, and types that these have packs of."""
    found.add(rows.file, stations.problems(rows))
    where = [stations.of(rows, row) for row in rows.rows]
    kinds, problems = list[str | None](), list[Problem]()
    no_column = set[str]()
    for row, station in zip(rows.rows, where, strict=True):
        own = parts[station].types if station is not None and station in parts else []
        kind = row.text("type") or (own[0] if len(own) == 1 else None)
        kinds.append(kind if kind in own else None)
        if station not in parts or not own or "type" in row.wrong or kind in own:
            continue
        if kind is not None:
            rule = f"is a pack type of which station {station!r} has no pack"
            known = f"its types: {', '.join(own)}; or translate it in the mapping (values)"
            problems.append(Problem(rows.place(row, "type"), kind, rule, did_you_mean(kind, own, known)))
        elif rows.has("type"):
            rule = f"must not be empty: station {station!r} has {counted(len(own), 'pack type')}"
            problems.append(Problem(rows.place(row, "type"), "", rule, f"write one of {', '.join(own)}"))
        else:
            no_column.add(str(station))
    if no_column:
        rule = f"is in no column, and these stations have several: {some_of(sorted(no_column))}"
        remedy = f"name its column in the mapping, under [{rows.table.name}.columns], or give a type under defaults"
        problems.append(Problem("type", ABSENT, rule, remedy))
    found.add(rows.file, problems)
    return Comers(rows, where, kinds)


def lost_cost(part: StationParts, rows: OwnRows, row: OwnRow | None) -> tuple[float, Problem | None]:
    """What a driver costs who is not served: by the row, else by the station; 0 with a problem where neither says."""
    own = None if row is None else row.number("lost_cost")
    cost = own if own is not None else part.row.number("lost_cost")
    if cost is not None:
        return cost, None
    if "lost_cost" in part.row.wrong or (row is not None and "lost_cost" in row.wrong):
        return 0.0, None  # which is told
    rule = f"is said nowhere for station {part.id!r} (what a driver who is not served costs)"
    columns = "stations" if row is None else f"stations or {rows.table.name}"
    remedy = f"add a column lost_cost to {columns}, or give it under [stations.defaults]"
    return 0.0, Problem("lost_cost", ABSENT, rule, remedy)


def add_reservations(found_rows: Comers, parts: Mapping[str, StationParts], day: Horizon, found: Gathered) -> list[str]:
    """The drivers of the day to their stations; tells how many do not come on it."""
    rows, outside, problems = found_rows.rows, 0, dict[str, Problem]()
    keys = [(station, row.text("driver")) for station, row in zip(found_rows.stations, rows.rows, strict=True)]
    found.add(rows.file, twice(rows, "driver", keys))
    for row, station, kind in zip(rows.rows, found_rows.stations, found_rows.types, strict=True):
        at = row.instant("time")
        if station is None or station not in parts or kind is None or at is None:
            continue
        if not day.start <= at < day.end:
            outside += 1
            continue
        part = parts[station]
        cost, problem = lost_cost(part, rows, row)
        if problem is not None:
            problems.setdefault(station, problem)
        optional = {key: row.cells[name] for name, key in SWAP_KEYS.items() if row.cells.get(name) not in (None, False)}
        time = at.astimezone(day.zone).isoformat(timespec="seconds")
        swap = {"time": time, "type": kind, "returned_soc": row.number("returned_soc"), "lost_cost": cost}
        part.swaps.append(swap | optional)
        part.swap_rows.append(row)
    found.add(rows.file, problems.values())
    return [f"{counted(outside, 'driver')} of other days left out"] if outside else []


def add_expected(found_rows: Comers, parts: Mapping[str, StationParts], day: Horizon, found: Gathered) -> list[str]:
    """Expected swaps to their stations, a forecast for each station and type."""
    groups: dict[tuple[str, str], list[OwnRow]] = {}
    rows = found_rows.rows
    for row, station, kind in zip(rows.rows, found_rows.stations, found_rows.types, strict=True):
        if station in parts and kind is not None and not row.wrong:
            groups.setdefault((str(station), kind), []).append(row)
    if not rows.has("time") and not rows.has("hour"):
        if {"time", "hour"} & rows.misnamed:
            return []
        rule = "is in no column, and hour is in none either (when the drivers come)"
        unread = f"columns not read: {', '.join(rows.unread)}"
        remedy = f"name the column of one in the mapping, under [expected.columns]; {unread}"
        found.add(rows.file, [Problem("time", ABSENT, rule, remedy)])
        return []
    for (station, kind), own in groups.items():
        made = found.attempt(rows.file, partial(_expected, parts[station], kind, own, rows, day))
        if made is not None:
            parts[station].forecast.append(made)
    return []


def _expected(part: StationParts, kind: str, own: Sequence[OwnRow], rows: OwnRows, day: Horizon) -> dict[str, Any]:
    """The forecast of one type's drivers. Raises InvalidData."""
    cost, problem = lost_cost(part, rows, own[0])
    if problem is not None:
        raise InvalidData([problem])
    refuse(_when_problems(own, rows))
    is_hourly = own[0].number("hour") is not None
    by_slot = _by_hour(own, rows, day) if is_hourly else _by_time(part, kind, own, rows, day)
    several = len({one["type"] for one in part.packs}) > 1
    made: dict[str, Any] = {
        "id": f"{part.id} {kind}" if several else part.id,
        "type": kind,
        "expected_per_slot": [round(one, DIGITS) for one in by_slot],
        "returned_soc": list(dict.fromkeys(row.number("returned_soc") for row in own)),
        "lost_cost": cost,
    }
    spread = {name: own[0].cells[name] for name in ("day_sd", "dispersion") if own[0].cells.get(name) is not None}
    if own[0].number("swap_soc") is not None:
        made["swap_soc"] = own[0].number("swap_soc")
    return made | ({"spread": spread} if spread else {})


def _when_problems(own: Sequence[OwnRow], rows: OwnRows) -> Iterator[Problem]:
    """Rows of a station and type that have not either all an hour or all a time."""
    name = "time" if own[0].number("hour") is None else "hour"
    other = "hour" if name == "time" else "time"
    for row in own:
        if row.cells.get(name) is None:
            rule = f"must not be empty, as other rows of this station and type have {name}"
            yield Problem(rows.place(row, name), "", rule, "give all rows of a station and type a time, or all an hour")
        elif row.cells.get(other) is not None:
            rule = f"must be empty where {name} is given"
            yield Problem(
                rows.place(row, other), row.written.get(other) or str(row.cells[other]), rule, "give one of the two"
            )


def _by_hour(own: Sequence[OwnRow], rows: OwnRows, day: Horizon) -> list[float]:
    """Swaps of each slot, from those of each local hour; hours without a row expect nobody. Raises InvalidData."""
    hours: dict[int, float] = {}
    for row in own:
        hour = int(row.number("hour") or 0)
        if hour in hours:
            rule = "is there twice for this station and type"
            raise InvalidData([Problem(rows.place(row, "hour"), hour, rule, "give each hour once")])
        hours[hour] = row.number("expected") or 0.0
    minutes = [day.local_slot_start(t) for t in range(day.slots)]
    share = day.slot_minutes / 60
    return [_mean_of_hours(at, day.slot_minutes, hours) * share for at in minutes]


def _mean_of_hours(start: datetime, slot_minutes: int, hours: Mapping[int, float]) -> float:
    """Swaps an hour, on average over the minutes of a slot."""
    clock = [(start.hour * 60 + start.minute + n) // 60 % 24 for n in range(slot_minutes)]
    return sum(hours.get(hour, 0.0) for hour in clock) / slot_minutes


def _by_time(part: StationParts, kind: str, own: Sequence[OwnRow], rows: OwnRows, day: Horizon) -> list[float]:
    """Swaps of each slot, from those of stretches of equal length that cover the day. Raises InvalidData."""
    ordered = sorted(own, key=lambda row: row.instant("time") or day.start)
    at = [row.instant("time") or day.start for row in ordered]
    step = min((later - earlier for earlier, later in pairwise(at)), default=HOUR)
    for row, earlier, later in zip(ordered[1:], at, at[1:], strict=False):
        if later == earlier:
            rule = "is the time of two rows of this station and type"
            raise InvalidData([Problem(rows.place(row, "time"), row.written["time"], rule, "give each time once")])
        if later - earlier != step:
            rule = f"is {later - earlier} after the row before, where others of station {part.id!r} are {step} apart"
            raise InvalidData([Problem(rows.place(row, "time"), row.written["time"], rule, ADD_ROWS)])
    if at[0] > day.start or at[-1] + step < day.end:
        rule = f"of station {part.id!r} and type {kind!r} do not cover {day.local_slot_start(0).date()}"
        span = f"{_local(at[0], day)} to {_local(at[-1] + step, day)}"
        raise InvalidData([Problem("rows", span, rule, "add the rows that are missing, with 0 where nobody comes")])
    rates = [(row.number("expected") or 0.0) / (step / HOUR) for row in ordered]
    return [_mean_rate(day, t, at[0], step, rates) * day.slot_minutes / 60 for t in range(day.slots)]


def _mean_rate(day: Horizon, slot: int, first: datetime, step: timedelta, rates: Sequence[float]) -> float:
    """Swaps an hour, on average over a slot."""
    begin = day.slot_start(slot)
    minutes = [begin + timedelta(minutes=n) for n in range(day.slot_minutes)]
    return sum(rates[(one - first) // step] for one in minutes) / day.slot_minutes


def _local(at: datetime, day: Horizon) -> str:
    return f"{at.astimezone(day.zone):%Y-%m-%d %H:%M}"


def first_day(rows: OwnRows, zone: ZoneInfo) -> date | None:
    """The local day of the first row with a time."""
    return min((at.astimezone(zone).date() for row in rows.rows if (at := row.instant("time"))), default=None)


def last_day(rows: OwnRows, zone: ZoneInfo) -> date | None:
    """The local day of the last row with a time."""
    return max((at.astimezone(zone).date() for row in rows.rows if (at := row.instant("time"))), default=None)


@dataclass(frozen=True)
class Learnt:
    """What a history says of a day: forecasts by station, and notes for the user."""

    stations: Sequence[StationForecastDocument]
    notes: tuple[str, ...]


def learnt(found_rows: Comers, day: Horizon, now: datetime) -> Learnt:
    """The forecasts of the day, learnt from the rows before it. Raises InvalidData, of the cells of the table."""
    try:
        return _learnt(found_rows, day, now)
    except InvalidData as error:
        raise InvalidData(_in_own_table(error.problems, found_rows.rows)) from None


def _learnt(found_rows: Comers, day: Horizon, now: datetime) -> Learnt:
    from optimizer.forecast.forecast_file import forecast_document
    from optimizer.forecast.history import history_of
    from optimizer.forecast.learn import Wanted, chosen_rows, forecasts_of, notes_of

    table = _as_history(found_rows)
    if not table.rows:
        return Learnt((), ())  # all rows are wrong, which is told
    history = history_of(table, now)
    first, last = day.local_slot_start(0).date(), history.rows[-1].at.astimezone(day.zone).date()
    if all(row.at >= day.start for row in history.rows):
        rule = f"has no swap before it: the history begins on {history.rows[0].at.astimezone(day.zone).date()}"
        raise InvalidData([Problem("--date", f"{first}", rule, "choose a later day")])
    wanted = Wanted(day.zone, until=min(last, first - timedelta(days=1)))
    later = sum(row.at >= day.start for row in history.rows)
    unused = (f"{counted(later, 'swap')} of the day and after it not used",) if later else ()
    rows = chosen_rows(history, wanted)
    forecasts = forecasts_of(rows, wanted)
    notes = (*history.notes, *unused, *notes_of(history, forecasts, rows, wanted, day))
    return Learnt(forecast_document(forecasts, day, (), notes).stations, notes)


def _in_own_table(problems: Sequence[Problem], rows: OwnRows) -> Iterator[Problem]:
    """Problems of the history at their cells: by the file's names of the columns, times as they are written there."""
    from optimizer.forecast.station_days import CUT_HISTORY

    by_line = {row.line: row for row in rows.rows}
    for problem in problems:
        match = HISTORY_CELL.fullmatch(problem.place)
        row = by_line.get(int(match[1])) if match else None
        if match is None or row is None:
            yield problem
        else:
            value = row.written.get(match[2], problem.value)
            remedy = problem.remedy.replace(CUT_HISTORY, "leave the rows before it out")
            yield replace(problem, place=rows.place(row, match[2]), value=value, remedy=remedy)


def _as_history(found_rows: Comers) -> ReadTable:
    """Rows that are whole, as the table of a history has them; types only where the file names them."""
    rows = found_rows.rows
    typed = rows.has("type")
    kept = [
        TableRow(row.line, _history_cells(row, station, kind if typed else None))
        for row, station, kind in zip(rows.rows, found_rows.stations, found_rows.types, strict=True)
        if station is not None and not row.wrong and (kind is not None or not typed)
    ]
    columns = ("time", "station", *(("type",) if typed else ()), "returned_soc")
    return ReadTable(kept, columns, (), lambda line: f"line {line}")


def _history_cells(row: OwnRow, station: str, kind: str | None) -> dict[str, str | datetime | float | None]:
    typed = {} if kind is None else {"type": kind}
    at = row.instant("time")
    assert at is not None  # else the row is wrong
    return {"time": at.astimezone(UTC), "station": station, **typed, "returned_soc": row.number("returned_soc")}


def add_learnt(learnt_of: Learnt, rows: OwnRows, parts: Mapping[str, StationParts], found: Gathered) -> list[str]:
    """Forecasts to their stations; tells which have no history."""
    for one in learnt_of.stations:
        part = parts[one.station]
        cost, problem = lost_cost(part, rows, None)
        found.add(rows.file, [*([problem] if problem is not None else []), *_without_returned(one)])
        part.forecast += [
            {
                "id": entry.id,
                "type": entry.type or part.types[0],
                "expected_per_slot": list(entry.expected_per_slot),
                "returned_soc": list(entry.returned_soc),
                "lost_cost": cost,
                "spread": {name: getattr(entry.spread, name) for name in ("day_sd", "dispersion", "returned_soc_sd")},
            }
            for entry in one.forecast
            if entry.returned_soc
        ]
    return list(_without(parts, {one.station for one in learnt_of.stations}))


def _without_returned(one: StationForecastDocument) -> Iterator[Problem]:
    if not all(entry.returned_soc for entry in one.forecast):
        rule = f"is said by no swap of station {one.station!r} (state of charge of the pack that came back)"
        remedy = "name its column in the mapping, under [swaps.columns], or give it under [swaps.defaults]"
        yield Problem("returned_soc", ABSENT, rule, remedy)


def _without(parts: Mapping[str, StationParts], known: set[str]) -> Iterator[str]:
    left = [name for name in parts if name not in known]
    if left:
        yield f"stations without history, of which no drivers are expected: {some_of(left)}"
