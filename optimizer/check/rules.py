"""The independent check of a plan, written from the problem's words and sharing no code with any formulation.

Each rule is a generator of violations over the same few facts: who is there, at which power, with how much energy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import compress
from typing import NamedTuple

from models.station.instance import Night, Station, Swap
from models.station.schedule import Schedule
from models.tolerances import ENERGY_KWH, IDLE_KW, POWER_KW
from optimizer.check.acceptance import accepted_kw, most_kw
from optimizer.check.must_serve import must_serve
from optimizer.check.presence import RULES, Course, Violation, is_number, one_a_slot, presence_of, visit_place

__all__ = ["RULES", "Violation", "check"]


def check(night: Night, schedule: Schedule) -> list[Violation]:
    """Every rule that `schedule` breaks on `night`, in the order of RULES; empty for a valid plan.

    Any schedule can be checked, however broken; nothing is raised. Whether the schedule is meant for this
    station is the caller's to see: its `station` is not looked at.
    """
    presence = presence_of(night, schedule)
    found = list(presence.violations)
    for course in presence.courses:
        charges = tuple(_charges(course))
        found += _balance(course, charges)
        found += _power(night, course, charges)
        found += _min_power(night, course, charges)
        found += _hand_over(night, course)
    found += _chargers(night, presence.courses)
    found += _plug_changes(night, presence.courses)
    found += _grid(night, schedule, presence.courses)
    found += must_serve(night, schedule, presence.courses)
    found += _reserve(night, schedule, presence.courses)
    return sorted(found, key=lambda violation: RULES.index(violation.rule))


class _Charging(NamedTuple):
    """One pack in one slot with power above or below zero: kWh at the slot's start and end."""

    slot: int
    kw: float
    start_kwh: float
    end_kwh: float
    pack: str

    @property
    def place(self) -> str:
        return f"pack {self.pack}, slot {self.slot}"


def _charges(course: Course) -> Iterator[_Charging]:
    for slot in compress(range(len(course.power_kw)), course.power_kw):
        yield _Charging(slot, course.power_kw[slot], course.held_kwh[slot], course.held_kwh[slot + 1], course.stay.pack)


def _balance(course: Course, charges: Sequence[_Charging]) -> Iterator[Violation]:
    """Never above E by charging; never below 0, as no power is. A pack that came with more than E may keep it."""
    target_kwh = course.stay.kind.target_kwh
    ceiling_kwh = max(target_kwh, course.stay.arrival_kwh)
    for charge in charges:
        if charge.end_kwh > ceiling_kwh + ENERGY_KWH:
            yield Violation("balance", charge.place, charge.end_kwh, target_kwh)


def _power(night: Night, course: Course, charges: Sequence[_Charging]) -> Iterator[Violation]:
    """At most the charger's power and the acceptance all through the slot; none before the turnaround is over."""
    for charge in charges:
        limit_kw = min(
            night.station.chargers.max_kw, accepted_kw(course.stay.kind, charge.start_kwh, charge.end_kwh)
        )  # fmt: skip
        if charge.slot < course.stay.charge_from:
            limit_kw = 0.0
        if charge.kw > limit_kw + POWER_KW:
            yield Violation("power", charge.place, charge.kw, limit_kw)


def _min_power(night: Night, course: Course, charges: Sequence[_Charging]) -> Iterator[Violation]:
    """Zero, or at least what the mode asks for; a slot that fills the pack up to E may be partial."""
    for charge in charges:
        if charge.kw <= IDLE_KW or charge.slot < course.stay.charge_from:
            continue
        fills_up = charge.end_kwh >= course.stay.kind.target_kwh - ENERGY_KWH
        least_kw = _least_power_kw(night, course, charge)
        if charge.kw < least_kw - POWER_KW and not fills_up:
            yield Violation("min_power", charge.place, charge.kw, least_kw)
        elif _is_trickle(night, charge.kw):
            yield Violation("min_power", charge.place, charge.kw, night.charging_kw)


def _is_trickle(night: Night, kw: float) -> bool:
    """Where plug changes count, too little power spares none. (With a least power, only a last slot has so little.)"""
    chargers = night.station.chargers
    is_free = chargers.mode == "continuous" and chargers.min_kw == 0
    return night.station.counts_plug_changes and is_free and kw <= night.charging_kw


def _least_power_kw(night: Night, course: Course, charge: _Charging) -> float:
    """Least power of a pack that charges: the charger's `min_kw`, or in on_off mode the pack's most."""
    chargers, hours = night.station.chargers, night.horizon.slot_hours
    if chargers.mode == "continuous":
        return chargers.min_kw
    return most_kw(course.stay.kind, chargers.max_kw, hours, charge.start_kwh)


def _hand_over(night: Night, course: Course) -> Iterator[Violation]:
    """The pack handed over is of the type, or the very pack, asked for, and holds enough at the slot's start."""
    swap, stay = course.stay.given_to, course.stay
    if swap is None:
        return
    place = visit_place(swap)
    if stay.kind.id != swap.type:
        yield Violation("hand_over", place, f"type {stay.kind.id}", f"type {swap.type}")
        return  # the energy asked for is that of another type
    if swap.pack is not None and stay.pack != swap.pack:
        yield Violation("hand_over", place, stay.pack, swap.pack)
    yield from _ready(night, course, swap)


def _ready(night: Night, course: Course, swap: Swap) -> Iterator[Violation]:
    held_kwh, needed_kwh = course.held_kwh[swap.slot], night.needed_kwh(swap)
    if held_kwh < needed_kwh - ENERGY_KWH:
        yield Violation("hand_over", visit_place(swap), held_kwh, needed_kwh)


def _by_slot(courses: tuple[Course, ...]) -> Iterator[tuple[float, ...]]:
    """The powers of all packs, slot by slot; none where there are no packs."""
    return zip(*(course.power_kw for course in courses), strict=True)


def _charging(night: Night, courses: tuple[Course, ...], slot: int) -> set[str]:
    return {course.stay.pack for course in courses if course.power_kw[slot] > night.charging_kw}


def _chargers(night: Night, courses: tuple[Course, ...]) -> Iterator[Violation]:
    for slot, powers_kw in enumerate(_by_slot(courses)):
        busy = sum(map(IDLE_KW.__lt__, powers_kw))
        if busy > night.station.chargers.count:
            yield Violation("chargers", f"slot {slot}", busy, night.station.chargers.count)


def _plug_changes(night: Night, courses: tuple[Course, ...]) -> Iterator[Violation]:
    """A charger freed by a pack that stops can take one that starts, so the larger number must change."""
    limit = night.station.plug_changes_max
    if limit is None:
        return
    for slot in range(1, night.horizon.slots):
        most = limit[slot] if isinstance(limit, tuple) else limit
        before, now = _charging(night, courses, slot - 1), _charging(night, courses, slot)
        changes = max(len(now - before), len(before - now))
        if changes > most:
            yield Violation("plug_changes", f"slot {slot}", changes, most)


def _grid(night: Night, schedule: Schedule, courses: tuple[Course, ...]) -> Iterator[Violation]:
    """Power drawn lies between 0 and the limit, at every moment unless the station's limit is one of averages; solar
    power used between 0 and what there is.

    Nobody can draw less than the base load less all the sun: where that exceeds the limit, it is drawn, and no more.
    """
    station, found = night.station, list[Violation]()
    solar_kw = _solar_used_kw(night, schedule, found)
    yield from found
    into_packs = [sum(powers_kw) for powers_kw in _by_slot(courses)] or [0.0] * night.horizon.slots
    more = _more_while_partial_slots_last(night, courses)
    for slot, (stated_kw, into_packs_kw) in enumerate(zip(_stated_limits_kw(station), into_packs, strict=True)):
        limit_kw = max(stated_kw, station.base_load_kw[slot] - station.solar_kw[slot])
        drawn_kw = into_packs_kw / station.chargers.efficiency + station.base_load_kw[slot] - solar_kw[slot]
        at_once_kw = drawn_kw + more[slot] / station.chargers.efficiency
        if at_once_kw > limit_kw + POWER_KW:
            yield Violation("grid", f"slot {slot}", at_once_kw, limit_kw)
        elif drawn_kw < -POWER_KW:
            yield Violation("grid", f"slot {slot}", drawn_kw, 0)


def _stated_limits_kw(station: Station) -> tuple[float, ...]:
    return station.stated_limit_kw or station.grid_limit_kw


def _more_while_partial_slots_last(night: Night, courses: tuple[Course, ...]) -> list[float]:
    """By slot: kW into packs above their average powers while slots last that fill packs up before they are over.

    Such a pack takes the most that charger and curve let it, or the least power: nothing above it is asked for.
    """
    more, station = [0.0] * night.horizon.slots, night.station
    if station.grid_limit_is == "average" or (station.chargers.mode == "continuous" and station.chargers.min_kw == 0):
        return more
    for course in courses:
        for charge in _charges(course):
            if charge.kw > IDLE_KW and charge.end_kwh >= course.stay.kind.target_kwh - ENERGY_KWH:
                more[charge.slot] += max(0.0, _power_while_it_lasts_kw(station, course, charge) - charge.kw)
    return more


def _power_while_it_lasts_kw(station: Station, course: Course, charge: _Charging) -> float:
    if station.chargers.mode == "continuous":
        return station.chargers.min_kw
    return min(station.chargers.max_kw, accepted_kw(course.stay.kind, charge.start_kwh, charge.end_kwh))


def _solar_used_kw(night: Night, schedule: Schedule, found: list[Violation]) -> list[float]:
    """Solar power used in each slot, brought back into its limits where the plan passes them."""
    slots = night.horizon.slots
    reported_kw = schedule.solar_used_kw or (0.0,) * slots
    used_kw = []
    for slot, kw in enumerate(one_a_slot("grid", "solar used", reported_kw, slots, found)):
        there_kw = night.station.solar_kw[slot]
        if not -POWER_KW <= kw <= there_kw + POWER_KW:
            found.append(Violation("grid", f"solar used, slot {slot}", kw, 0 if kw < 0 else there_kw))
        used_kw.append(min(max(0.0, kw), there_kw) if is_number(kw) else 0.0)
    return used_kw


def _reserve(night: Night, schedule: Schedule, courses: tuple[Course, ...]) -> Iterator[Violation]:
    """Packs that hold their own type's S once a slot's swaps are done, against reserve less declared shortfall."""
    found = list[Violation]()
    shortfalls = _shortfalls(night, schedule, found)
    yield from found
    for slot, reserve in enumerate(night.station.ready_reserve):
        limit = reserve - min(shortfalls[slot], reserve)
        if limit <= 0:
            continue
        ready = sum(course.stay.holds(slot) and _counts_as_ready(course, slot) for course in courses)
        if ready < limit:
            yield Violation("reserve", f"slot {slot}", ready, limit)


def _counts_as_ready(course: Course, slot: int) -> bool:
    return course.stay.usable and course.held_kwh[slot] >= course.stay.kind.swap_kwh - ENERGY_KWH


def _shortfalls(night: Night, schedule: Schedule, found: list[Violation]) -> list[float]:
    """Declared shortfall of each slot; what is not a whole number from 0 up counts as none."""
    slots, counts = night.horizon.slots, list[float]()
    reported = schedule.reserve_shortfall or (0,) * slots
    for slot, count in enumerate(one_a_slot("reserve", "reserve shortfall", reported, slots, found)):
        is_count = count >= 0 and is_number(count) and count == int(count)
        if not is_count:
            found.append(Violation("reserve", f"reserve shortfall, slot {slot}", count, "a whole number from 0 up"))
        counts.append(count if is_count else 0)
    return counts
