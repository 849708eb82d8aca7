"""The acceptance curve as the checker reads it: at both ends of a slot and between."""

from __future__ import annotations

import math
from bisect import bisect_right

from models.station.pack_type import PackType, Points

HALVINGS = 60  # of a slot's energy: far below any tolerance
DIGITS = 9  # after them


def accepted_kw(kind: PackType, start_kwh: float, end_kwh: float) -> float:
    """The least of the curve over all energies from `start_kwh` to `end_kwh`; +inf without a curve.

    Constant before the first point and after the last.
    """
    if not kind.acceptance:
        return math.inf
    low, high = start_kwh / kind.capacity_kwh, end_kwh / kind.capacity_kwh
    between = [kw for soc, kw in kind.acceptance if low < soc < high]
    return min(_at(kind.acceptance, low), _at(kind.acceptance, high), *between, math.inf)


def _at(points: Points, soc: float) -> float:
    place = bisect_right([point[0] for point in points], soc)
    if place == 0 or place == len(points):
        return points[min(place, len(points) - 1)][1]
    (left_soc, left_kw), (right_soc, right_kw) = points[place - 1 : place + 1]
    return left_kw + (right_kw - left_kw) * (soc - left_soc) / (right_soc - left_soc)


def most_kw(kind: PackType, max_kw: float, hours: float, start_kwh: float) -> float:
    """The pack's most in a slot of `hours` that begins at `start_kwh`: the largest power that charger, curve and the
    end at E allow. Larger powers meet more of the curve, so it is found by halving."""
    low, high = 0.0, max(0.0, min(max_kw, (kind.target_kwh - start_kwh) / hours))
    if high <= accepted_kw(kind, start_kwh, start_kwh + hours * high):
        return high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        if middle <= accepted_kw(kind, start_kwh, start_kwh + hours * middle):
            low = middle
        else:
            high = middle
    return round(low, DIGITS)
