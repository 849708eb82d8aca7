"""A night that goes on, and the beginning of one: what is carried out of a plan that looks further ahead."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from models.horizon import MAX_MINUTES, MAX_SLOTS, MINUTES_PER_DAY, Horizon, local_minute
from models.station.demand.expected import ExpectedSwaps
from models.station.instance import Night
from models.station.schedule import PackRow, Schedule
from models.station.swap import Swap
from models.tariff.series import surcharge_per_kwh
from models.tariff.tariff import Tariff, classes_settled

SERIES = (
    "grid_limit_kw", "stated_limit_kw", "base_load_kw", "solar_kw", "ready_reserve", "plug_changes_max",
    "plug_change_cost",
)  # fmt: skip


def slots_ahead(night: Night, hours: float) -> int:
    """How many slots `hours` are, rounded down to whole slots and metering intervals; 0 for a night of less than 24
    hours, which says nothing of the hours that follow it."""
    h = night.horizon
    if h.slots * h.slot_minutes < MINUTES_PER_DAY:
        return 0
    metering = [charge.metering_minutes for charge in night.station.tariff.demand_charges]
    whole = math.lcm(h.slot_minutes, *(minutes for minutes in metering if minutes > h.slot_minutes))
    most = min(MAX_SLOTS, MAX_MINUTES // h.slot_minutes) - h.slots
    minutes = min(60 * hours, most * h.slot_minutes)
    return max(0, int(minutes // whole) * whole // h.slot_minutes)


def continued(night: Night, slots: int) -> Night:
    """The night and the `slots` slots after it, a day at most: the tariff goes on, market prices as far as they are
    known; else the last day repeats by the local clock, with its drivers, who ask for no pack by name then."""
    if slots == 0:
        return night
    h, station = night.horizon, night.station
    horizon = Horizon(h.start, h.time_zone, h.slot_minutes, h.slots + slots)
    like = _slots_before(horizon, h.slots)
    series = {name: _going_on(getattr(station, name), like) for name in SERIES}
    swaps = (*station.swaps, *_drivers_again(station.swaps, like, h.slots))
    return replace(
        night,
        horizon=horizon,
        station=replace(
            station,
            tariff=_tariff_going_on(night, horizon, like),
            swaps=swaps,
            expected=tuple(_of_slots(one, [*range(h.slots), *_once(like)]) for one in station.expected),
            **series,
        ),
    )


def _once(like: Sequence[int]) -> list[int | None]:
    """The slots without those that come a second time: nobody comes twice in an hour that the clock repeats."""
    first = {own: n for n, own in reversed(list(enumerate(like)))}
    return [own if first[own] == n else None for n, own in enumerate(like)]


def _of_slots(one: ExpectedSwaps, slots: Sequence[int | None]) -> ExpectedSwaps:
    """The forecast with what it says of these slots, in their order; None: nobody comes."""
    return replace(
        one,
        mean_per_slot=tuple(0.0 if slot is None else one.mean_per_slot[slot] for slot in slots),
        scenarios=tuple(tuple(0 if slot is None else day[slot] for slot in slots) for day in one.scenarios),
    )


def _slots_before(horizon: Horizon, slots: int) -> list[int]:
    """For each slot after the first `slots`, the last one of those at the same local clock time."""
    at = {local_minute(horizon.slot_start(t), horizon.zone).minute: t for t in range(slots)}
    day = MINUTES_PER_DAY // horizon.slot_minutes
    minutes = (local_minute(horizon.slot_start(t), horizon.zone).minute for t in range(slots, horizon.slots))
    return [at.get(minute, slots + n - day) for n, minute in enumerate(minutes)]


def _going_on(series: Any, like: Sequence[int]) -> Any:
    return (*series, *(series[slot] for slot in like)) if isinstance(series, tuple) and series else series


def _drivers_again(swaps: Sequence[Swap], like: Sequence[int], slots: int) -> list[Swap]:
    """Nobody comes twice in an hour that the clock repeats."""
    first = {own: n for n, own in reversed(list(enumerate(like)))}
    taken = {swap.id for swap in swaps}
    again = (swap for swap in swaps if swap.slot in first)
    return [
        replace(swap, id=unlike(f"{swap.id}, next day", taken), slot=slots + first[swap.slot], pack=None)
        for swap in again
    ]


def unlike(name: str, taken: Collection[str]) -> str:
    """The name, changed where it is taken."""
    while name in taken:
        name += "+"
    return name


def _tariff_going_on(night: Night, horizon: Horizon, like: Sequence[int]) -> Tariff:
    tariff, market, known = night.station.tariff, night.station.tariff.price_series, night.tariff_series.price_per_kwh
    if tariff.energy_periods:
        return tariff
    end = horizon.start if market is None else market.end
    later = [
        market.mean_per_kwh(horizon.slot_start(t), horizon.slot_minutes) + surcharge_per_kwh(tariff)
        if market is not None and horizon.slot_start(t + 1) <= end else known[own]
        for t, own in enumerate(like, start=night.horizon.slots)
    ]  # fmt: skip
    return replace(classes_settled(tariff), price_series=None, energy_price_per_kwh=(*known, *later))


def beginning(night: Night, slots: int) -> Night:
    """The night's first `slots` slots, with the drivers who come in them."""
    if slots == night.horizon.slots:
        return night
    h, station = night.horizon, night.station
    return replace(
        night,
        horizon=Horizon(h.start, h.time_zone, h.slot_minutes, slots),
        station=replace(
            station,
            tariff=replace(station.tariff, energy_price_per_kwh=station.tariff.energy_price_per_kwh[:slots]),
            swaps=tuple(swap for swap in station.swaps if swap.slot < slots),
            expected=tuple(_of_slots(one, range(slots)) for one in station.expected),
            **{name: _cut(getattr(station, name), slots) for name in SERIES},
        ),
    )


def _cut(series: Any, slots: int) -> Any:
    return series[:slots] if isinstance(series, tuple) else series


def plan_until(night: Night, schedule: Schedule, slots: int) -> Schedule:
    """What a plan of the night does in its first `slots` slots: a plan of the night's beginning."""
    if slots == night.horizon.slots:
        return schedule
    swap_of = {swap.id: swap for swap in night.station.swaps}
    handed = tuple(one for one in schedule.hand_overs if swap_of[one.swap].slot < slots)
    there = {pack.id for pack in night.station.packs}
    there |= {name for one in handed for name in swap_of[one.swap].returned_packs}
    rows = tuple(PackRow(row.pack, row.bay, row.power_kw[:slots]) for row in schedule.rows if row.pack in there)
    solar_kw, short = schedule.solar_used_kw[:slots], schedule.reserve_shortfall[:slots]
    unserved = tuple(one for one in schedule.unserved if swap_of[one.swap].slot < slots)
    return Schedule(schedule.station, rows, handed, solar_kw, short, unserved)
