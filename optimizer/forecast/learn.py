"""From a history of swaps to the forecasts of its stations: which rows count, which horizon is meant."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem, refuse
from models.horizon import Horizon
from optimizer.files import timestamps as clock
from optimizer.files.errors import ABSENT
from optimizer.forecast.history import SwapHistory, SwapRow
from optimizer.forecast.level import HOLIDAY
from optimizer.forecast.station_days import gap_problems, station_days
from optimizer.forecast.station_forecast import StationForecast, forecast_of

SLOT_MINUTES = 15
FIXED_ZONE = "Etc/GMT"
FAR_DAYS = 31


@dataclass(frozen=True)
class Wanted:
    """What a user says of a forecast. `until`: last day of the history; `history_days`: so many days up to it.

    `stations`: names in the history, with what each is to be called; empty: all of them, as they are.
    """

    zone: ZoneInfo
    until: date | None = None
    history_days: int | None = None
    holidays: frozenset[date] = frozenset()
    stations: tuple[tuple[str, str], ...] = ()


def zone_of(offsets: Collection[timedelta]) -> ZoneInfo:
    """A clock for stamps that all have one offset of whole hours. Raises InvalidData where there is none."""
    remedy = "say --time-zone, such as Europe/Amsterdam or Asia/Shanghai"
    if len(offsets) != 1:
        raise InvalidData([Problem("", ABSENT, "has stamps of several offsets: whose clock makes its days?", remedy)])
    (offset,) = offsets
    hours, rest = divmod(offset, timedelta(hours=1))
    if rest or not -12 <= hours <= 14:
        raise InvalidData([Problem("", str(offset), "is no offset of whole hours: whose clock is it?", remedy)])
    return ZoneInfo("UTC" if hours == 0 else f"{FIXED_ZONE}{-hours:+d}")


def chosen_rows(history: SwapHistory, wanted: Wanted) -> dict[str, list[SwapRow]]:
    """Rows by the name of their station, in order of time. Raises InvalidData where nothing is left."""
    names = dict(wanted.stations) or {name: name for name in history.stations}
    unknown = [name for name in names if name not in history.stations]
    refuse(_unknown(name, history.stations) for name in unknown)
    rows = [replace(row, station=names[row.station]) for row in history.rows if row.station in names]
    last = wanted.until or max(row.at.astimezone(wanted.zone).date() for row in rows)
    first = last - timedelta(days=wanted.history_days - 1) if wanted.history_days else date.min
    kept = [row for row in rows if first <= row.at.astimezone(wanted.zone).date() <= last]
    if not kept:
        span = f"{rows[0].at.astimezone(wanted.zone).date()} to {rows[-1].at.astimezone(wanted.zone).date()}"
        raise InvalidData(
            [Problem("--until", f"{last}", f"leaves no swap: the history has {span}", "choose another day")]
        )
    refuse(gap_problems(kept, wanted.zone))
    by_station: dict[str, list[SwapRow]] = {}
    for row in kept:
        by_station.setdefault(row.station, []).append(row)
    return dict(sorted(by_station.items()))


def _unknown(name: str, stations: Sequence[str]) -> Problem:
    rule, remedy = "is no station of the history", f"its stations: {', '.join(stations)}"
    return Problem("--station", name, rule, remedy)


def forecasts_of(rows: dict[str, list[SwapRow]], wanted: Wanted) -> list[StationForecast]:
    """A forecast for each station. Raises InvalidData with all that are too short."""
    found: list[StationForecast] = []
    problems: list[Problem] = []
    for station, own in rows.items():
        try:
            found.append(forecast_of(station_days(station, own, wanted.zone, wanted.holidays), wanted.holidays))
        except InvalidData as error:
            problems += error.problems
    refuse(problems)
    return found


def day_after(rows: dict[str, list[SwapRow]], wanted: Wanted, days: int) -> Horizon:
    """`days` days of quarter-hours from the local midnight after the history. Raises InvalidData."""
    last = wanted.until or max(own[-1].at for own in rows.values()).astimezone(wanted.zone).date()
    start, end = (_midnight(last + timedelta(days=n), wanted.zone) for n in (1, 1 + days))
    return Horizon(start, wanted.zone.key, SLOT_MINUTES, (end - start) // timedelta(minutes=SLOT_MINUTES))


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def notes_of(
    history: SwapHistory, found: Sequence[StationForecast], rows: dict[str, list[SwapRow]], wanted: Wanted,
    horizon: Horizon,
) -> Iterator[str]:  # fmt: skip
    """What a user must know of how the history fits the days that are forecast."""
    coming = set(horizon.local_days) & wanted.holidays
    if coming and not any(fit.level.beta[HOLIDAY] for one in found for fit in one.fits):
        days = ", ".join(map(str, sorted(coming)))
        yield f"{days}: a holiday, of which the history has none to learn from: taken as a weekend"
    clock_has = {row.at.astimezone(wanted.zone).utcoffset() for own in rows.values() for row in (own[0], own[-1])}
    odd = sorted(history.offsets - clock_has - {timedelta(0)})
    if odd and not history.offsets & clock_has:
        yield f"stamps have an offset that {wanted.zone.key} does not have: is --time-zone that of the station?"
    last = {station: own[-1].at.astimezone(wanted.zone).date() for station, own in rows.items()}
    for station, day in last.items():
        if day < max(last.values()):
            yield f"station {station}: its history ends on {day}, before that of others"
    away = (horizon.local_slot_start(0).date() - max(last.values())).days
    if not 0 <= away <= FAR_DAYS:
        where = f"{away} days after" if away > 0 else f"{-away} days before"
        yield f"the first day that is forecast lies {where} the last one of the history: nothing is known of seasons"


def holidays_of(text: str) -> frozenset[date]:
    """Dates, one on each line; what follows "#" is a remark. Raises InvalidData with every line that has none."""
    found, problems = set[date](), list[Problem]()
    for number, line in enumerate(text.splitlines(), start=1):
        if words := line.partition("#")[0].strip():
            try:
                found.add(clock.day(words))
            except InvalidData as error:
                problems += [problem.inside(f"line {number}") for problem in error.problems]
    refuse(problems)
    return frozenset(found)
