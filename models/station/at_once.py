"""What chargers draw at once: in a partial slot their full power while it lasts, though the meter sees the average.

A slot of on/off charging that fills the pack before it ends draws the most that the pack takes, one of least-power
charging at least `min_kw`; all begin with the slot. The grid limit holds then, too, unless the station says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from models.station.instance import Night
from models.station.pack_type import PackType, most_accepted_kw
from models.station.schedule import Schedule
from models.station.stays import Stay, stays_of
from models.tolerances import ENERGY_KWH, EQUAL, IDLE_KW, POWER_KW


def limits_partial_slots(night: Night) -> bool:
    """Can a partial slot break the grid limit that its average power keeps? Not where all chargers fit at once."""
    station, chargers = night.station, night.station.chargers
    if station.grid_limit_is == "average" or (chargers.mode == "continuous" and chargers.min_kw == 0):
        return False
    all_kw = min(chargers.count, len(station.packs)) * chargers.max_kw / chargers.efficiency
    loads = zip(station.base_load_kw, station.grid_limit_kw, strict=True)
    return any(base + all_kw > limit for base, limit in loads)


def whole_chargers(night: Night) -> tuple[float, ...]:
    """By slot: how many packs can be on at all, where chargers are on or off, for each draws full power at some moment.

    +inf where partial slots do not count, and along curves, where full power is no one number. Allows for what the
    checker forgives of each power.
    """
    station, chargers = night.station, night.station.chargers
    has_curve = any(kind.has_curve for kind in night.pack_types.values())
    if chargers.mode != "on_off" or has_curve or not limits_partial_slots(night):
        return (math.inf,) * night.horizon.slots
    at_least_kw = chargers.max_kw - POWER_KW
    loads = zip(station.grid_limit_kw, station.base_load_kw, station.solar_kw, strict=True)
    fits = [(limit - base + sun) * chargers.efficiency / at_least_kw + EQUAL for limit, base, sun in loads]
    return tuple(float(max(0, math.floor(fit))) for fit in fits)


def full_kw(night: Night, kind: PackType, start_kwh: float, end_kwh: float) -> float:
    """Power while a slot lasts that begins at `start_kwh` and fills the pack before it ends.

    `kind` has the one curve of the pack's temperature; it is read as in any slot: at both ends and between.
    """
    chargers = night.station.chargers
    if chargers.mode == "continuous":
        return chargers.min_kw
    return min(chargers.max_kw, most_accepted_kw(kind, start_kwh, end_kwh))


def least_full_kw(night: Night, kind: PackType, least_kwh: float) -> float:
    """The least of `full_kw` of a pack that never holds less than `least_kwh`; on or off 0 where its temperature is not
    known."""
    if night.station.chargers.mode == "continuous":
        return night.station.chargers.min_kw
    if kind.acceptance_at_c or night.pack_types[kind.id].acceptance_at_c:
        return 0.0
    return full_kw(night, kind, max(least_kwh, kind.target_kwh - night.reach_full_kwh), kind.target_kwh)


def at_once_kw(night: Night, kind: PackType, start_kwh: float, kw: float) -> float:
    """Power while the slot lasts in which a pack takes `kw` on average, from `start_kwh` on."""
    end_kwh = start_kwh + night.horizon.slot_hours * kw
    if kw <= IDLE_KW or end_kwh < kind.target_kwh - ENERGY_KWH:
        return kw
    return max(kw, full_kw(night, kind, start_kwh, end_kwh))


def more_at_once_kw(night: Night, stays: Iterable[Stay], powers_kw: Iterable[Sequence[float]]) -> list[float]:
    """By slot: how much more than on average the packs of the stays take while their partial slots last."""
    more, hours = [0.0] * night.horizon.slots, night.horizon.slot_hours
    for stay, power_kw in zip(stays, powers_kw, strict=True):
        kind, energy_kwh = night.kind_of(stay.pack, stay.type), stay.start_kwh
        for t in stay.window:
            if power_kw[t]:
                more[t] += at_once_kw(night, kind, energy_kwh, power_kw[t]) - power_kw[t]
                energy_kwh += hours * power_kw[t]
    return more


def keeps_limit_at_once(night: Night, schedule: Schedule) -> bool:
    """Does a plan of `night` draw no more than the grid limit at any moment, as far as partial slots go?

    Of one that draws more on average, or is broken otherwise, nothing is said.
    """
    if not limits_partial_slots(night):
        return True
    station, rows = night.station, {row.pack: row.power_kw for row in schedule.rows}
    stays = [stay for stay in stays_of(night, schedule.by_swap()) if stay.pack in rows]
    more = more_at_once_kw(night, stays, [rows[stay.pack] for stay in stays])
    into_kw = [math.fsum(kws) for kws in zip(*rows.values(), strict=True)] or [0.0] * len(more)
    used_kw = schedule.solar_used_kw or (0.0,) * len(more)
    return all(
        not extra or (kw + extra) / station.chargers.efficiency + base - min(used, sun) <= limit + POWER_KW
        for extra, kw, base, used, sun, limit in zip(
            more, into_kw, station.base_load_kw, used_kw, station.solar_kw, station.grid_limit_kw, strict=True
        )
    )
