"""Packs that stay and follow an acceptance curve, charged where that costs just what it is worth: stations end ready.

Packs without a curve are filled with blocks, by StayPowers.
"""

from __future__ import annotations

import numpy as np

from models.formulations.matrix import Array
from models.station.acceptance import Reach, reach_of_kind
from models.station.stays import Stay
from models.tolerances import EQUAL, IDLE_KW
from optimizer.engine.calm.blocks import SMALLEST_KW
from optimizer.engine.calm.stay_powers import StayPowers


def charge_at_ties(charging: StayPowers) -> None:
    """Fill packs that stay, at no more cost: those first that lack least, so that most are ready.

    Each charges from its first slot on at which a kWh costs no more than it is worth, as its curve allows; or, where
    that would take the place of cheaper charging later, once that is over. None where wear or plug changes are paid.
    """
    if charging.night.station.counts_plug_changes:
        return
    for s in sorted(range(len(charging.stays)), key=lambda s: _missing_kw(charging, s)):
        if _missing_kw(charging, s) > SMALLEST_KW and _follows_curve(charging, charging.stays[s]):
            _fill(charging, s)


def _missing_kw(charging: StayPowers, s: int) -> float:
    """In kW summed over slots; none for a pack that leaves."""
    stay, hours = charging.stays[s], charging.night.horizon.slot_hours
    if stay.swap is not None:
        return 0.0
    wanted_kwh = charging.night.pack_types[stay.type].target_kwh - stay.start_kwh
    return wanted_kwh / hours - float(charging.power_kw[s].sum())


def _follows_curve(charging: StayPowers, stay: Stay) -> bool:
    kind = charging.night.pack_types[stay.type]
    return kind.has_curve and not kind.wear


def _fill(charging: StayPowers, s: int) -> None:
    night, stay = charging.night, charging.stays[s]
    kind = night.kind_of(stay.pack, stay.type)
    price, worth = charging.room.price_per_kwh, night.end_value_per_kwh(kind)
    room_kw = np.where(price <= worth + EQUAL, _room_kw(charging, s), 0.0)
    reach = reach_of_kind(kind, night.station.chargers.max_kw, night.horizon.slot_hours)
    own_kw = charging.power_kw[s].copy()
    used = np.flatnonzero(own_kw > IDLE_KW)
    for kept in dict.fromkeys((stay.charge_from, int(used[-1]) + 1 if len(used) else stay.charge_from)):
        new_kw = _filled(charging, stay, reach, room_kw, np.where(np.arange(len(own_kw)) < kept, own_kw, 0.0), kept)
        more_kw = new_kw - own_kw
        is_no_dearer = float((price - worth) @ more_kw) <= EQUAL * max(1.0, float(new_kw.sum()))
        if float(more_kw.sum()) > SMALLEST_KW and is_no_dearer:
            charging.load_kw += more_kw
            charging.busy += (new_kw > IDLE_KW).astype(int) - (own_kw > IDLE_KW)
            charging.power_kw[s] = new_kw
            return


def _room_kw(charging: StayPowers, s: int) -> Array:
    """Below load limit and count of chargers, by slot, the others as they are; none outside the stay."""
    stay, chargers, own_kw = charging.stays[s], charging.night.station.chargers, charging.power_kw[s]
    room_kw = np.minimum(charging.room.limit_kw - charging.load_kw + own_kw, chargers.max_kw)
    taken = charging.busy - (own_kw > IDLE_KW) >= chargers.count
    slots = np.arange(len(room_kw))
    is_there = (slots >= stay.charge_from) & (slots < stay.leave)
    return np.where(taken | ~is_there | (room_kw <= SMALLEST_KW), 0.0, room_kw)


def _filled(charging: StayPowers, stay: Stay, reach: Reach, room_kw: Array, kept_kw: Array, first: int) -> Array:
    """`kept_kw` and, from slot `first` on, as much as curve, room and least power allow."""
    chargers, hours = charging.night.station.chargers, charging.night.horizon.slot_hours
    new_kw, target_kwh = kept_kw.copy(), reach.kind.target_kwh
    energy_kwh = stay.start_kwh + hours * float(kept_kw.sum())
    for slot in np.flatnonzero(room_kw).tolist():
        if slot < first:
            continue
        most_kw = (min(reach.after_kwh(energy_kwh), target_kwh) - energy_kwh) / hours
        power_kw = min(most_kw, float(room_kw[slot]))
        fills = energy_kwh + hours * power_kw >= target_kwh - EQUAL
        least_kw = most_kw if chargers.mode == "on_off" else chargers.min_kw
        whole_kw = chargers.max_kw if chargers.mode == "on_off" else chargers.min_kw  # while a partial slot lasts
        if power_kw > SMALLEST_KW and (room_kw[slot] >= whole_kw if fills else power_kw >= least_kw):
            new_kw[slot] = power_kw
            energy_kwh += hours * power_kw
        if fills:
            break
    return new_kw
