"""Along acceptance curves that are not concave: concave parts of them, chosen near powers that keep the curve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.formulations.dispatch.curve_rows import Near
from models.formulations.matrix import Array
from models.station.acceptance import Around
from models.station.instance import Night
from models.station.stays import Stay, reach_of_stay
from models.tolerances import DUST_KW, EQUAL


def bent_stays(night: Night, stays: Sequence[Stay]) -> list[int]:
    """Stays whose curve is no concave one: a line for each piece would allow too much."""
    return [
        s for s, stay in enumerate(stays)
        if night.pack_types[stay.type].has_curve and stay.window and not reach_of_stay(night, stay).is_concave
    ]  # fmt: skip


def passes_curve(night: Night, stays: Sequence[Stay], bent: Sequence[int], power_kw: Array) -> bool:
    """Do powers, shape (stays, slots), take more than the curve allows anywhere?"""
    kept = kept_powers(night, stays, bent, power_kw)
    return bool(np.max(power_kw - kept, initial=0.0) > DUST_KW)


def kept_powers(night: Night, stays: Sequence[Stay], bent: Sequence[int], power_kw: Array) -> Array:
    """The powers, cut down to the curve slot by slot; what the curve leaves below the least power is none."""
    kept, hours = power_kw.copy(), night.horizon.slot_hours
    least_kwh = hours * (night.station.chargers.min_kw - DUST_KW)
    for s in bent:
        reach, energy_kwh = reach_of_stay(night, stays[s]), stays[s].start_kwh
        for t in stays[s].window:
            end_kwh = min(energy_kwh + hours * power_kw[s, t], reach.after_kwh(energy_kwh))
            if end_kwh - energy_kwh < least_kwh and end_kwh < reach.kind.target_kwh - EQUAL:
                end_kwh = energy_kwh
            kept[s, t] = (end_kwh - energy_kwh) / hours
            energy_kwh = end_kwh
    return kept


def parts_near(night: Night, stays: Sequence[Stay], bent: Sequence[int], power_kw: Array) -> Near:
    """(3.8) the parts around the energies to which powers lead, once they are cut down to the curve."""
    kept, hours = kept_powers(night, stays, bent, power_kw), night.horizon.slot_hours
    parts: dict[tuple[int, int], Around] = {}
    for s in bent:
        reach, energy_kwh = reach_of_stay(night, stays[s]), stays[s].start_kwh
        for t in stays[s].window:
            parts[s, t] = reach.around(energy_kwh)
            energy_kwh += hours * kept[s, t]
    return parts
