"""A plan as a controller reads it: power by bay, power by rank of a type's packs, who gets which pack."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.station.instance import Night
from models.station.schedule import Schedule
from models.station.stays import stays_of
from models.tolerances import POWER_KW
from optimizer.simulate.station_arrays import Counts, Flags, Floats, StationArrays


@dataclass(frozen=True)
class PlannedPowers:
    """`kw`: power by slot and column. `kw_by_rank`: the same by rank, per type: the power of its fullest pack that may
    charge in the slot, of the next, and so on; shape (slots, columns of the type). `hand_overs`: by number of the swap
    in the night, columns of the packs that it gets, −1 beyond them. `solar_kw`: solar power used. `leaves_sun`: slots
    in which the plan takes less of the sun than it could."""

    kw: Floats
    kw_by_rank: list[Floats]
    hand_overs: Counts
    solar_kw: Floats
    leaves_sun: Flags


def planned(night: Night, schedule: Schedule, arrays: StationArrays) -> PlannedPowers:
    """The plan as arrays, by the columns of `arrays`, whose night may be a longer one with the same bays.

    Raises ValueError where its hand-overs cannot be.
    """
    slots, hours = night.horizon.slots, night.horizon.slot_hours
    column_of = {bay: column for column, bay in enumerate(arrays.station.bay_numbers)}
    rows = {row.pack: row.power_kw for row in schedule.rows}
    kw, energy_kwh = np.zeros((slots, arrays.columns)), np.zeros((slots, arrays.columns))
    may_charge, column_of_pack = np.zeros((slots, arrays.columns), dtype=bool), dict[str, int]()
    for stay in stays_of(night, schedule.by_swap()):
        column = column_of_pack[stay.pack] = column_of[stay.bay]
        there, power_kw = slice(stay.arrive, stay.leave), np.array(rows.get(stay.pack, (0.0,) * slots))
        kw[there, column] = power_kw[there]
        gained = np.concatenate([[0.0], np.cumsum(hours * power_kw[there])[:-1]])[: stay.leave - stay.arrive]
        energy_kwh[there, column] = stay.start_kwh + gained
        may_charge[stay.charge_from : stay.leave, column] = True
    by_rank = [_by_rank(kw[:, of], energy_kwh[:, of], may_charge[:, of]) for of in arrays.columns_by_type]
    return PlannedPowers(kw, by_rank, _hand_overs(night, schedule, column_of_pack), *_sun(night, schedule, kw))


def _by_rank(kw: Floats, energy_kwh: Floats, may_charge: Flags) -> Floats:
    """Fullest first; of equally full ones those with more power first."""
    fullest = np.where(may_charge, -energy_kwh, np.inf)
    order = np.lexsort((-kw, fullest), axis=1)
    return np.asarray(np.take_along_axis(np.where(may_charge, kw, 0.0), order, axis=1))


def _hand_overs(night: Night, schedule: Schedule, column_of_pack: dict[str, int]) -> Counts:
    swaps = night.station.swaps
    handed = np.full((len(swaps), max((swap.packs for swap in swaps), default=1)), -1, dtype=np.int64)
    for number, swap in enumerate(swaps):
        for part, pack in enumerate(schedule.packs_by_swap.get(swap.id, ())):
            handed[number, part] = column_of_pack[pack]
    return handed


def _sun(night: Night, schedule: Schedule, kw: Floats) -> tuple[Floats, Flags]:
    station = night.station
    used_kw = np.array(schedule.solar_used_kw or (0.0,) * night.horizon.slots)
    load_kw = np.array(station.base_load_kw) + kw.sum(axis=1) / station.chargers.efficiency
    return used_kw, used_kw < np.minimum(load_kw, station.solar_kw) - POWER_KW
