"""What stands in the bays on each of many days, and who of it goes with a driver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.tolerances import ENERGY_KWH
from optimizer.simulate.drivers import Drivers
from optimizer.simulate.planned import PlannedPowers
from optimizer.simulate.station_arrays import FORGIVEN_KWH, Counts, Flags, Floats, StationArrays


@dataclass
class StationState:
    """All arrays have shape (days, columns) but `follows`, shape (days,): has the day gone by the plan so far?

    `came`: slot in which the pack came, −1 for those of the start. `queue`: order in which packs came. `wanted`: is
    the pack kept for a driver who asks for it by name? `is_new`: another pack than in the slot before.
    """

    energy_kwh: Floats
    present: Flags
    at_start: Flags
    came: Counts
    charge_from: Counts
    queue: Floats
    wanted: Flags
    is_new: Flags
    follows: Flags

    @classmethod
    def at_beginning(cls, arrays: StationArrays, days: int) -> StationState:
        """Every day begins alike."""
        shape = days, arrays.columns
        by_name = {swap.pack for swap in arrays.station.swaps if swap.pack is not None}
        wanted = np.array([pack.id in by_name for pack in arrays.station.packs], dtype=bool)
        queue = np.argsort(np.argsort(-arrays.start_kwh, kind="stable"), kind="stable") - float(arrays.columns)
        return cls(
            energy_kwh=np.tile(arrays.start_kwh, (days, 1)),
            present=np.ones(shape, dtype=bool),
            at_start=np.ones(shape, dtype=bool),
            came=np.full(shape, -1, dtype=np.int64),
            charge_from=np.zeros(shape, dtype=np.int64),
            queue=np.tile(queue, (days, 1)),
            wanted=np.tile(wanted, (days, 1)),
            is_new=np.zeros(shape, dtype=bool),
            follows=np.ones(days, dtype=bool),
        )


def hand_over(
    arrays: StationArrays,
    state: StationState,
    drivers: Drivers,
    rows: slice,
    plan: PlannedPowers | None,
    oldest_first: bool,
) -> Counts:
    """(13.1) serve one driver of each of some days, and take in what they bring.

    Each gets the emptiest of the ready packs of the type, or the one that came first where `oldest_first`; on a day
    that has gone by the plan so far, the planned one. Returns columns, shape (drivers, most packs), −1 for none: all of
    them where the driver is lost.
    """
    day, packs = drivers.day[rows], drivers.packs[rows]
    picks = np.full((len(day), int(packs.max(initial=1))), -1, dtype=np.int64)
    if arrays.columns == 0:
        return picks
    fit = _fit(arrays, state, drivers, rows)
    key = state.queue[day] if oldest_first else state.energy_kwh[day]
    if oldest_first and not arrays.has_charger.all():
        key = key + np.where(arrays.has_charger, 0.0, float(1 << 40))
    for part in range(picks.shape[1]):
        first = np.where(fit, key, np.inf).argmin(axis=1)
        found = np.flatnonzero(fit[np.arange(len(day)), first] & (packs > part))
        picks[found, part] = first[found]
        fit[found, first[found]] = False
    picks[(picks >= 0).sum(axis=1) < packs] = -1
    if plan is not None:
        _as_planned(arrays, state, drivers, rows, plan, picks)
    _swap(arrays, state, drivers, rows, picks)
    return picks


def _fit(arrays: StationArrays, state: StationState, drivers: Drivers, rows: slice) -> Flags:
    """Packs that a driver may have. One kept for another driver goes only to one who must be served."""
    day, wanted, slot = drivers.day[rows], drivers.wanted[rows][:, None], int(drivers.slot[rows][0])
    here = state.present[day] & arrays.usable & (state.came[day] < slot)
    here &= arrays.type_of == drivers.type[rows][:, None]
    here &= state.energy_kwh[day] >= drivers.needed_kwh[rows][:, None] - FORGIVEN_KWH
    is_free = ~state.wanted[day] | drivers.must_serve[rows][:, None]
    is_asked_for = state.at_start[day] & (np.arange(arrays.columns) == wanted)
    return np.asarray(here & np.where(wanted >= 0, is_asked_for, is_free))


def _as_planned(
    arrays: StationArrays, state: StationState, drivers: Drivers, rows: slice, plan: PlannedPowers, picks: Counts
) -> None:
    """Of days that have gone by the plan so far, and whose planned packs hold enough: by a hair they may not."""
    number, day = drivers.planned[rows], drivers.day[rows]
    by_plan = np.flatnonzero(state.follows[day] & (number >= 0))
    width = min(picks.shape[1], plan.hand_overs.shape[1])
    columns = plan.hand_overs[number[by_plan], :width]
    held_kwh = np.where(columns >= 0, state.energy_kwh[day[by_plan][:, None], columns], np.inf)
    holds = (held_kwh >= drivers.needed_kwh[rows][by_plan][:, None] - ENERGY_KWH).all(axis=1)
    state.follows[day[by_plan[~holds]]] = False
    picks[by_plan[holds]] = -1
    picks[by_plan[holds], :width] = columns[holds]


def _swap(arrays: StationArrays, state: StationState, drivers: Drivers, rows: slice, picks: Counts) -> None:
    slot = int(drivers.slot[rows][0])
    asked = np.flatnonzero(drivers.wanted[rows] >= 0)
    state.wanted[drivers.day[rows][asked], drivers.wanted[rows][asked]] = False
    for part in range(picks.shape[1]):
        served = np.flatnonzero(picks[:, part] >= 0)
        at = drivers.day[rows][served], picks[served, part]
        brings_kwh = drivers.returned_kwh[rows][served]
        comes = ~np.isnan(brings_kwh)
        state.energy_kwh[at] = np.where(comes, brings_kwh, 0.0)
        state.present[at] = comes
        state.at_start[at] = False
        state.came[at] = slot
        state.charge_from[at] = slot + arrays.station.turnaround_slots
        state.queue[at] = slot + (drivers.turn[rows][served] + part / picks.shape[1]) / (1 + drivers.most_turns)
        state.wanted[at] = False
        state.is_new[at] = True
