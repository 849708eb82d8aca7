"""From stays and their powers to a schedule: bays, solar power, declared reserve shortfall."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.formulations.matrix import Array
from models.station.instance import Night
from models.station.schedule import HandOver, PackRow, Schedule
from models.station.stays import Stay
from models.tolerances import DUST_KW, MISSING_KWH, NOISE_KW, NOISE_KWH, ROUNDED_SHARE


def build_schedule(
    night: Night,
    stays: Sequence[Stay],
    power_kw: Array,
    solar_used_kw: Sequence[float] | None = None,
    reserve_shortfall: Sequence[int] | None = None,
) -> Schedule:
    """A schedule from stays and their power in kW, shape (stays, slots).

    Solar power, unless given, serves all it can; the shortfall, unless given, is what the reserve lacks.
    """
    station, power_kw = night.station, tidy_powers(night, stays, power_kw)
    rows = tuple(
        PackRow(stay.pack, station.bay_label(stay.bay), tuple(values))
        for stay, values in zip(stays, power_kw.tolist(), strict=True)
    )
    by_swap = {stay.swap: stay.pack for stay in stays}
    hand_overs = tuple(HandOver(swap.id, by_swap[swap.id]) for swap in station.swaps if swap.id in by_swap)
    solar = _solar_used(night, power_kw) if solar_used_kw is None else tuple(solar_used_kw)
    short = reserve_shortfall_of(night, stays, power_kw) if reserve_shortfall is None else tuple(reserve_shortfall)
    return Schedule(station.id, rows, hand_overs, solar if any(station.solar_kw) else (), short if any(short) else ())


def tidy_powers(night: Night, stays: Sequence[Stay], power_kw: Array) -> Array:
    """The powers, shape (stays, slots), without what a solver leaves: exact zeros, none above the charger's most, and
    no pack above E by more than the rounding of sums. Powers that are further off stay so."""
    power_kw = np.where(power_kw > DUST_KW, power_kw, 0.0)
    max_kw = night.station.chargers.max_kw
    power_kw = np.where(power_kw <= max_kw + NOISE_KW, np.minimum(power_kw, max_kw), power_kw)
    room_kwh = np.array([night.pack_types[stay.type].target_kwh - stay.start_kwh for stay in stays])
    charged_kwh = night.horizon.slot_hours * power_kw.sum(axis=1)
    is_over = (charged_kwh > room_kwh) & (charged_kwh <= room_kwh + NOISE_KWH)
    if is_over.any():
        power_kw[is_over] *= (room_kwh[is_over] / charged_kwh[is_over])[:, None]
    return power_kw


def _solar_used(night: Night, power_kw: Array) -> tuple[float, ...]:
    station = night.station
    if not any(station.solar_kw):
        return ()
    charging_kw = sum(power_kw, np.zeros(night.horizon.slots))
    load_kw = np.array(station.base_load_kw) + charging_kw / station.chargers.efficiency
    return tuple(np.minimum(station.solar_kw, load_kw).tolist())


def reserve_shortfall_of(night: Night, stays: Sequence[Stay], power_kw: Array) -> tuple[int, ...]:
    """Packs by which each slot's reserve falls short after its swaps; `power_kw`: shape (stays, slots)."""
    reserve = night.station.ready_reserve
    if not any(reserve):
        return ()
    ready = [0] * night.horizon.slots
    for stay, powers in zip(stays, power_kw.tolist(), strict=True):
        needed_kwh = night.pack_types[stay.type].swap_kwh - ROUNDED_SHARE * MISSING_KWH
        energy_kwh = stay.start_kwh
        for t in range(stay.arrive, stay.leave):
            ready[t] += energy_kwh >= needed_kwh
            energy_kwh += night.horizon.slot_hours * powers[t]
    return tuple(max(0, wanted - have) for wanted, have in zip(reserve, ready, strict=True))
