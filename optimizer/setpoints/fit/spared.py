"""Power taken from packs that can do with less in a slot: those that nobody waits for, or that are ready early."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from models.tolerances import ENERGY_KWH, IDLE_KW, POWER_KW, ROUNDED_SHARE, SPARED_SHARE
from optimizer.check.acceptance import accepted_kw
from optimizer.check.presence import Course, PackStay
from optimizer.setpoints.fit.carried_out import CarriedOut
from optimizer.setpoints.fit.limits import SlotLimits, mean_steps, most_steps
from optimizer.setpoints.fit.rounded import steps_down
from optimizer.setpoints.fit.station_limits import StationLimits

FORGIVEN_KWH = ENERGY_KWH * ROUNDED_SHARE


def spare(fit: StationLimits, carried: CarriedOut, slot: int, wanted_kw: float) -> float:
    """Lower limits in a slot until packs take `wanted_kw` less, as far as they are in time all the same; by how much
    they were lowered. Those with most energy to spare come first."""
    chargers, spared_kw = fit.night.station.chargers, 0.0
    if chargers.mode == "on_off":
        return 0.0  # a limit there means on
    for slack_kwh, course in sorted(_with_slack(fit, carried, slot), key=lambda one: -one[0]):
        missing_kw = wanted_kw - spared_kw
        if missing_kw <= POWER_KW:
            break
        now_kw = _now_kw(fit, carried, course.stay, slot)
        least_kw = max(chargers.min_kw, now_kw - slack_kwh / fit.night.horizon.slot_hours, fit.step_kw)
        low = max(math.ceil(least_kw / fit.step_kw), steps_down(now_kw - missing_kw, fit.step_kw))
        if low * fit.step_kw < now_kw:
            fit.by_bay[course.stay.bay][slot] = at_most(fit.by_bay[course.stay.bay][slot], low)
            spared_kw += now_kw - low * fit.step_kw
            fit.lowered += 1
    return spared_kw


def round_down(fit: StationLimits, carried: CarriedOut, slot: int, wanted_kw: float) -> None:
    """Round limits of a slot down below the plan's powers until packs take `wanted_kw` less, the nearest first: their
    packs are late by that, unless they catch up in other slots."""
    chargers, found = fit.night.station.chargers, list[tuple[float, int, int]]()
    for course in fit.courses:
        low = steps_down(course.power_kw[slot], fit.step_kw)
        more_kw = _now_kw(fit, carried, course.stay, slot) - low * fit.step_kw
        if low and more_kw > 0 and low * fit.step_kw >= chargers.min_kw and chargers.mode != "on_off":
            found.append((more_kw, course.stay.bay, low))
    for more_kw, bay, low in sorted(found, reverse=True):
        if wanted_kw <= 0:
            return
        fit.by_bay[bay][slot] = at_most(fit.by_bay[bay][slot], low)
        wanted_kw -= more_kw
        fit.lowered += 1


def at_most(limits: SlotLimits, steps: int) -> SlotLimits:
    """The limits of a slot, none above `steps`."""
    return tuple((seconds, min(high, steps)) for seconds, high in limits)


def _now_kw(fit: StationLimits, carried: CarriedOut, stay: PackStay, slot: int) -> float:
    """What the pack takes at the most moment of the slot."""
    if not stay.holds(slot) or not mean_steps(fit.by_bay[stay.bay][slot]):
        return 0.0
    held_kwh = carried.held_kwh[stay.pack]
    accepts_kw = accepted_kw(stay.kind, held_kwh[slot], held_kwh[slot + 1])
    return min(most_steps(fit.by_bay[stay.bay][slot]) * fit.step_kw, fit.night.station.chargers.max_kw, accepts_kw)


def _with_slack(fit: StationLimits, carried: CarriedOut, slot: int) -> Iterator[tuple[float, Course]]:
    """Packs that charge in the slot, and the kWh that each can lack from then on."""
    for course in fit.courses:
        if course.power_kw[slot] > IDLE_KW and course.stay.bay in fit.by_bay:
            slack_kwh = _slack_after(carried, course, slot, fit.needs)
            if slack_kwh > 0:
                yield slack_kwh, course


def _slack_after(carried: CarriedOut, course: Course, slot: int, needs: Sequence[tuple[str, int, float]]) -> float:
    """kWh that the pack holds more than it needs at the worst moment after a slot, a small share of its charge at most;
    negative: it needs more."""
    pack = course.stay.pack
    held_kwh, planned_kwh = carried.held_kwh[pack], course.held_kwh
    spare_kwh = SPARED_SHARE * (planned_kwh[-1] - planned_kwh[0]) - (planned_kwh[-1] - held_kwh[-1])
    after_kwh = min(
        (held_kwh[by] - needed_kwh + FORGIVEN_KWH for name, by, needed_kwh in needs if name == pack and by > slot),
        default=math.inf,
    )
    return min(spare_kwh, after_kwh)
