"""Where the grid is full and nobody can do with less: the higher of two limits goes round the bays within a slot.

Each pack gets what is planned, to a second's worth of one step. The average of the slot stays within the grid limit; at
a moment it is passed by less than one step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from models.tolerances import EQUAL, IDLE_KW, POWER_KW
from optimizer.check.presence import Course
from optimizer.setpoints.fit.limits import SlotLimits
from optimizer.setpoints.fit.rounded import steps_down
from optimizer.setpoints.fit.station_limits import StationLimits, room_kw


def stagger(fit: StationLimits) -> None:
    """Stagger the limits of all slots that draw more than the grid limit."""
    enough_kw = -POWER_KW * fit.night.station.chargers.efficiency
    owed: dict[str, float] = {}
    for slot, room in enumerate(room_kw(fit, fit.carried_out())):
        if room < enough_kw:
            _stagger_slot(fit, slot, owed)
            fit.staggered += 1


def _stagger_slot(fit: StationLimits, slot: int, owed: dict[str, float]) -> None:
    """`owed`: by pack, seconds of one step that rounding has kept from it so far."""
    courses = [one for one in fit.courses if one.power_kw[slot] > IDLE_KW and one.stay.bay in fit.by_bay]
    lows = {one.stay.pack: steps_down(one.power_kw[slot], fit.step_kw) for one in courses}
    seconds = fit.slot_seconds
    wanted = {
        one.stay.pack: seconds * (one.power_kw[slot] / fit.step_kw - lows[one.stay.pack]) + owed.get(one.stay.pack, 0.0)
        for one in courses
    }
    highs = _whole_seconds(wanted, seconds)
    at = 0
    for one in courses:
        high, low = highs[one.stay.pack], lows[one.stay.pack]
        owed[one.stay.pack] = wanted[one.stay.pack] - high
        if _may_be_low(fit, one, low):
            fit.by_bay[one.stay.bay][slot] = _round_the_clock(at, high, seconds, low)
            at = (at + high) % seconds


def _may_be_low(fit: StationLimits, course: Course, low: int) -> bool:
    chargers = fit.night.station.chargers
    return chargers.mode != "on_off" and low > 0 and low * fit.step_kw >= chargers.min_kw


def _whole_seconds(wanted: Mapping[str, float], most: int) -> dict[str, int]:
    """Whole seconds whose sum is no more than the wanted one, each off by less than one, from 0 to `most`."""
    found = {pack: min(most, max(0, math.floor(seconds + EQUAL * most))) for pack, seconds in wanted.items()}
    left = math.floor(sum(wanted.values()) + EQUAL * most) - sum(found.values())
    for pack in sorted(wanted, key=lambda pack: found[pack] - wanted[pack])[: max(0, left)]:
        found[pack] = min(most, found[pack] + 1)
    return found


def _round_the_clock(at: int, high: int, seconds: int, low: int) -> SlotLimits:
    """One step more than `low` for `high` seconds from second `at` on; what is over begins with the slot."""
    over = max(0, at + high - seconds)
    pieces = ((over, low + 1), (at - over, low), (high - over, low + 1), (seconds - at - high + over, low))
    return tuple(piece for piece in pieces if piece[0] > 0)
