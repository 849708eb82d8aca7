"""Which lines bound the power of a stay in a slot, (3.4): what the twins of the dispatch model both build from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.station.acceptance import Around, Reach
from models.station.instance import Night
from models.station.pack_type import Line
from models.station.stays import Stay, highest_energy_kwh, reach_of_stay

Near = Mapping[tuple[int, int], Around]
"""By stay and slot: the part of a curve that is no concave one in which the slot is to stay; (3.8)."""


def curved_stays(night: Night, stays: Sequence[Stay]) -> list[int]:
    """Stays whose pack has an acceptance curve."""
    return [s for s, stay in enumerate(stays) if night.pack_types[stay.type].has_curve]


def binding_lines(night: Night, stays: Sequence[Stay], near: Near) -> dict[tuple[int, int], list[tuple[int, Line]]]:
    """By stay and slot: the lines over end-of-slot energy, and their numbers, that can bind there."""
    most_kwh = highest_energy_kwh(night, stays)
    binding = {}
    for s in curved_stays(night, stays):
        reach = reach_of_stay(night, stays[s])
        for t in stays[s].window:
            lines = near[s, t].lines if (s, t) in near else reach.lines
            ends_kwh = stays[s].start_kwh, most_kwh[s, t]
            binding[s, t] = [(n, line) for n, line in enumerate(lines) if _can_bind(reach, line, *ends_kwh)]
    return binding


def _can_bind(reach: Reach, line: Line, lowest_kwh: float, highest_kwh: float) -> bool:
    """A line can bind where it comes below the charger. Where curves only fall, a constant is the column's bound."""
    if reach.falls_concavely and line.slope >= 0:
        return False
    return min(line.at(lowest_kwh), line.at(highest_kwh)) < reach.max_kw


def start_bounds(night: Night, stays: Sequence[Stay], near: Near) -> dict[tuple[int, int], tuple[float, float]]:
    """(3.8) by stay and slot: least and most energy at its end, for the next slot to begin where `near` wants it."""
    inside = {(s, t) for s, stay in enumerate(stays) for t in stay.window[1:]}
    return {(s, t - 1): (one.low_kwh, one.high_kwh) for (s, t), one in near.items() if (s, t) in inside}
