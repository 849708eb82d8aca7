"""Set-points as a table: a row for each period in which a bay charges, and for each pack that is handed over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.horizon import Horizon
from optimizer.check.presence import PackStay
from optimizer.setpoints.fit.limits import STEPS_PER_UNIT, WATTS_PER_KW, Period, periods_of
from optimizer.setpoints.ocpp.profiles import stamp
from optimizer.setpoints.station_set_points import StationSetPoints

CHARGE, HAND_OVER = "charge", "hand_over"
KW_DIGITS, SOC_DIGITS = 4, 4


@dataclass(frozen=True)
class SetPointRow:
    """A row of setpoints.csv. Powers in kW; times in UTC and with the local offset. Of a hand-over, both ends are the
    instant at which the pack leaves, powers are 0, and `target_soc` is what the driver asks for."""

    station: str
    bay: str
    action: str
    pack: str
    start_utc: str
    end_utc: str
    start_local: str
    end_local: str
    grid_kw: float
    pack_kw: float
    target_soc: float
    ready_by_utc: str
    ready_by_local: str
    swap: str
    plan_version: int
    valid_from: str
    valid_until: str
    when_plan_ends: str


@dataclass(frozen=True)
class _Times:
    """When a row is, and by when its pack is ready; None: nobody waits for it."""

    begin: datetime
    end: datetime
    ready_by: datetime | None


def station_rows(station: StationSetPoints) -> Iterator[SetPointRow]:
    """The rows of a station, by bay and time. A bay with a charger, or a time, without a row is at 0 kW."""
    stays = sorted(station.carried.stays.values(), key=lambda stay: (stay.bay, stay.came))
    for stay in stays:
        yield from _charging(station, stay)
        if stay.given_to is not None:
            at = station.plan.night.horizon.slot_start(stay.leaves)
            needed = station.plan.night.needed_kwh(stay.given_to) / stay.kind.capacity_kwh
            yield _row(station, stay, HAND_OVER, _Times(at, at, at), (0.0, 0.0, needed))


def _charging(station: StationSetPoints, stay: PackStay) -> Iterator[SetPointRow]:
    if stay.bay not in station.fit.by_bay:
        return
    horizon, fit = station.plan.night.horizon, station.fit
    first = max(0, stay.charge_from)
    begin = first * fit.slot_seconds
    of_stay = periods_of(fit.by_bay[stay.bay][first : stay.leaves])
    leaves = None if stay.given_to is None else horizon.slot_start(stay.leaves)
    for index, period in enumerate(of_stay):
        if period.steps:
            times = _Times(_at(horizon, begin + period.begin), _at(horizon, begin + period.end), leaves)
            into_kw = min(period.steps * fit.step_kw, station.plan.night.station.chargers.max_kw)
            grid_kw = period.steps / STEPS_PER_UNIT / WATTS_PER_KW
            soc = _soc_at_end_of_block(station, stay, of_stay[index:], begin)
            yield _row(station, stay, CHARGE, times, (grid_kw, into_kw, soc))


def _at(horizon: Horizon, second: int) -> datetime:
    return horizon.start + timedelta(seconds=second)


def _soc_at_end_of_block(station: StationSetPoints, stay: PackStay, periods: Sequence[Period], begin: int) -> float:
    """State of charge when the charging that these periods begin with stops."""
    stops = next((one.begin for one in periods if not one.steps), periods[-1].end) + begin
    slot = min(-(-stops // station.fit.slot_seconds), stay.leaves)
    return station.carried.held_kwh[stay.pack][slot] / stay.kind.capacity_kwh


def _row(
    station: StationSetPoints, stay: PackStay, action: str, times: _Times, numbers: tuple[float, float, float]
) -> SetPointRow:
    plan = station.plan
    grid_kw, pack_kw, soc = numbers
    zone, ready_by = plan.night.horizon.zone, times.ready_by
    return SetPointRow(
        station=plan.planned.station,
        bay=str(plan.night.station.bay_label(stay.bay)),
        action=action,
        pack=stay.pack,
        start_utc=stamp(times.begin),
        end_utc=stamp(times.end),
        start_local=times.begin.astimezone(zone).isoformat(),
        end_local=times.end.astimezone(zone).isoformat(),
        grid_kw=round(grid_kw, KW_DIGITS),
        pack_kw=round(pack_kw, KW_DIGITS),
        target_soc=round(soc, SOC_DIGITS),
        ready_by_utc="" if ready_by is None else stamp(ready_by),
        ready_by_local="" if ready_by is None else ready_by.astimezone(zone).isoformat(),
        swap=stay.given_to.id if stay.given_to is not None else "",
        plan_version=plan.version,
        valid_from=stamp(plan.valid_from),
        valid_until=stamp(plan.night.horizon.end),
        when_plan_ends=plan.when_it_ends,
    )
