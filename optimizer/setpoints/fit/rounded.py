"""From a plan's powers to limits in steps: rounded up, so that no pack is late; down where the grid limit asks for it.

A limit is not a power: a charger stops at the target, and a pack takes no more than its curve lets it. So a limit that
is a little too high does no harm, and one that is too low loses energy.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from models.station.at_once import full_kw
from models.station.instance import Night
from models.station.schedule import Schedule
from models.tolerances import COARSE_STEP, EQUAL, IDLE_KW, POWER_KW
from optimizer.check.acceptance import most_kw
from optimizer.check.presence import Course, presence_of
from optimizer.setpoints.fit.limits import SECONDS_PER_MINUTE, SlotLimits


@dataclass(frozen=True)
class _ChargingSlot:
    """A slot of a pack that charges. `at_most`: the pack can hardly take more; `lasts_kw`: its power while a partial
    slot lasts, else None."""

    slot: int
    kw: float
    at_most: bool
    lasts_kw: float | None


def rounded_limits(
    night: Night, schedule: Schedule, step_kw: float, coarse: float = COARSE_STEP
) -> dict[int, list[SlotLimits]]:
    """The limits of every bay with a charger, each step of which is `step_kw` into the pack.

    Where one limit makes more than the share `coarse` more of a block's energy, it has two, from a second on the lower
    one; with 0, slot by slot and never more than planned. No pack holds less than planned at any slot's start, but for
    less than a second's charge.
    """
    seconds = night.horizon.slot_minutes * SECONDS_PER_MINUTE
    idle: SlotLimits = ((seconds, 0),)
    station = night.station
    limits = {bay: [idle] * night.horizon.slots for bay in range(station.bays) if station.has_charger(bay)}
    for course in presence_of(night, schedule).courses:
        for slot, of_slot in _rounded(night, course, step_kw, seconds, coarse):
            limits[course.stay.bay][slot] = of_slot
    return limits


def steps_up(kw: float, step_kw: float) -> int:
    """The least steps that are no less than `kw`, but for rounding noise."""
    exact = kw / step_kw
    return math.ceil(exact - EQUAL * max(1.0, exact))


def steps_down(kw: float, step_kw: float) -> int:
    """The most steps that are no more than `kw`, but for rounding noise."""
    exact = kw / step_kw
    return math.floor(exact + EQUAL * max(1.0, exact))


def _rounded(
    night: Night, course: Course, step_kw: float, seconds: int, coarse: float
) -> Iterator[tuple[int, SlotLimits]]:
    charging = _charging_slots(night, course, step_kw)
    for _, same in groupby(enumerate(charging), key=lambda one: _alike(*one) if coarse else one[0]):
        block = [slot for _, slot in same]
        if block[0].lasts_kw is not None:
            yield from ((one.slot, _partial(one, step_kw, seconds)) for one in block)
            continue
        pieces = _block(night, block[0], len(block) * seconds, step_kw, coarse)
        yield from zip([one.slot for one in block], _cut(pieces, seconds), strict=True)


def _alike(index: int, one: _ChargingSlot) -> tuple[object, ...]:
    """What the slots of a block share: they follow each other at one power."""
    return one.slot - index, one.kw, one.at_most


def _charging_slots(night: Night, course: Course, step_kw: float) -> list[_ChargingSlot]:
    """The slots in which the pack charges. Only the last slot before its target may be partial."""
    found, stay, hours = list[_ChargingSlot](), course.stay, night.horizon.slot_hours
    for slot, kw in enumerate(course.power_kw):
        if kw <= IDLE_KW:
            continue
        start_kwh, end_kwh = course.held_kwh[slot], course.held_kwh[slot + 1]
        chargers = night.station.chargers
        lasts_kw = None
        if chargers.mode == "on_off" or chargers.min_kw > 0:
            full = full_kw(night, stay.kind, start_kwh, end_kwh)
            lasts_kw = full if kw < full - POWER_KW else None
        room_kw = most_kw(stay.kind, chargers.max_kw, hours, start_kwh) - kw
        found.append(_ChargingSlot(slot, kw, room_kw < step_kw, lasts_kw))
    return found


def _partial(one: _ChargingSlot, step_kw: float, seconds: int) -> SlotLimits:
    """Full power from the start of the slot, for as long as it takes."""
    steps = steps_up(one.lasts_kw or one.kw, step_kw)
    lasts = min(seconds, math.ceil(one.kw * seconds / (steps * step_kw) - EQUAL * seconds))
    return ((lasts, steps), (seconds - lasts, 0)) if lasts < seconds else ((seconds, steps),)


def _block(
    night: Night, first: _ChargingSlot, seconds: int, step_kw: float, coarse: float
) -> Sequence[tuple[int, int]]:
    """Slots of equal power: one limit; two, the higher one first, where one alone would make much more of the energy
    than is planned."""
    high, low, exact = steps_up(first.kw, step_kw), steps_down(first.kw, step_kw), first.kw / step_kw
    chargers = night.station.chargers
    is_fine = high - exact <= coarse * exact
    if is_fine or first.at_most or low == 0 or chargers.mode == "on_off" or low * step_kw < chargers.min_kw:
        return [(seconds, high)]
    whole = math.ceil if coarse else math.floor
    long = min(seconds, whole((exact - low) * seconds))
    return [(long, high), (seconds - long, low)]


def _cut(pieces: Sequence[tuple[int, int]], seconds: int) -> Iterator[SlotLimits]:
    """Pieces of (seconds, steps) cut at the ends of slots."""
    slot, room = list[tuple[int, int]](), seconds
    for length, steps in pieces:
        left = length
        while left:
            part = min(left, room)
            slot.append((part, steps))
            left, room = left - part, room - part
            if room == 0:
                yield tuple(slot)
                slot, room = [], seconds
