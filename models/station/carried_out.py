"""The beginning of a night: what is carried out of a plan that looks further ahead."""

from __future__ import annotations

from dataclasses import replace

from models.horizon import Horizon
from models.station.instance import Night
from models.station.schedule import PackRow, Schedule


def beginning(night: Night, slots: int) -> Night:
    """The night's first `slots` slots, with the drivers who come in them. Not for prices given by slot."""
    if slots == night.horizon.slots:
        return night
    h, station = night.horizon, night.station
    return replace(
        night,
        horizon=Horizon(h.start, h.time_zone, h.slot_minutes, slots),
        station=replace(
            station,
            grid_limit_kw=station.grid_limit_kw[:slots],
            base_load_kw=station.base_load_kw[:slots],
            solar_kw=station.solar_kw[:slots],
            ready_reserve=station.ready_reserve[:slots],
            swaps=tuple(swap for swap in station.swaps if swap.slot < slots),
        ),
    )


def plan_until(night: Night, schedule: Schedule, slots: int) -> Schedule:
    """What a plan of the night does in its first `slots` slots: a plan of the night's beginning."""
    if slots == night.horizon.slots:
        return schedule
    swap_of = {swap.id: swap for swap in night.station.swaps}
    handed = tuple(one for one in schedule.hand_overs if swap_of[one.swap].slot < slots)
    there = {pack.id for pack in night.station.packs}
    there |= {name for one in handed for name in swap_of[one.swap].returned_packs}
    rows = tuple(PackRow(row.pack, row.bay, row.power_kw[:slots]) for row in schedule.rows if row.pack in there)
    return Schedule(schedule.station, rows, handed, schedule.solar_used_kw[:slots], schedule.reserve_shortfall[:slots])
