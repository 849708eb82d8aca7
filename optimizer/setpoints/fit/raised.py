"""Packs that would be late by what was rounded down: their limits raised, or some seconds longer."""

from __future__ import annotations

import math
from collections.abc import Iterator

from models.station.instance import Night
from models.tariff.series import slot_prices
from models.tolerances import IDLE_KW, POWER_KW
from optimizer.check.acceptance import most_kw
from optimizer.check.presence import PackStay
from optimizer.setpoints.fit.carried_out import CarriedOut
from optimizer.setpoints.fit.limits import SECONDS_PER_HOUR, SlotLimits, mean_steps, most_steps
from optimizer.setpoints.fit.spared import spare
from optimizer.setpoints.fit.station_limits import StationLimits, room_kw


def raised(fit: StationLimits, carried: CarriedOut, stay: PackStay, by: int, short_kwh: float) -> bool:
    """Raise the limits of slots before `by` in which the pack charges, the latest first. Was anything raised?"""
    if fit.night.station.chargers.mode == "on_off":
        return False
    hours, before, of_bay = fit.night.horizon.slot_hours, fit.raised, fit.by_bay[stay.bay]
    rooms_kw = room_kw(fit, carried)
    for slot in range(by - 1, max(0, stay.charge_from) - 1, -1):
        kw = mean_steps(of_bay[slot]) * fit.step_kw
        if not kw or short_kwh <= 0:
            continue
        held_kwh = carried.held_kwh[stay.pack][slot]
        takes_kw = most_kw(stay.kind, fit.night.station.chargers.max_kw, hours, held_kwh) - kw
        steps = min(math.ceil(short_kwh / hours / fit.step_kw), math.floor(takes_kw / fit.step_kw))
        if (missing_kw := steps * fit.step_kw - rooms_kw[slot]) > 0 and steps > 0:
            rooms_kw[slot] += spare(fit, carried, slot, missing_kw)
        steps = min(steps, math.floor((rooms_kw[slot] + POWER_KW) / fit.step_kw))
        if steps > 0:
            of_bay[slot] = tuple((seconds, high + steps if high else 0) for seconds, high in of_bay[slot])
            short_kwh -= steps * fit.step_kw * hours
            fit.raised += 1
    return fit.raised > before


def longer(fit: StationLimits, carried: CarriedOut, stay: PackStay, by: int, short_kwh: float) -> bool:
    """Have the pack charge some seconds longer, or begin some seconds earlier, where that is cheapest. Does it?"""
    of_bay, prices = fit.by_bay[stay.bay], slot_prices_of(fit.night)
    rooms_kw = room_kw(fit, carried)
    for slot, beside in sorted(_idle_beside(fit, stay, by), key=lambda found: (prices[found[0]], found)):
        seconds = sum(length for length, _ in of_bay[slot])
        steps = min(most_steps(of_bay[beside]), math.floor((rooms_kw[slot] + POWER_KW) / fit.step_kw))
        if steps <= 0 or steps * fit.step_kw < fit.night.station.chargers.min_kw:
            continue
        lasts = math.ceil(short_kwh * SECONDS_PER_HOUR / (steps * fit.step_kw))
        if lasts < seconds:
            pieces: SlotLimits = ((lasts, steps), (seconds - lasts, 0))
            of_bay[slot] = pieces if beside < slot else pieces[::-1]
            fit.raised += 1
            return True
    return False


def slot_prices_of(night: Night) -> tuple[float, ...]:
    """Currency per kWh of each slot, with what tiers add at the month's kWh so far."""
    return tuple(slot_prices(night.tariff_series, night.energy_so_far_kwh))


def _idle_beside(fit: StationLimits, stay: PackStay, by: int) -> Iterator[tuple[int, int]]:
    """Slots without charging beside one with, in which a charger is free."""
    of_bay, chargers = fit.by_bay[stay.bay], fit.night.station.chargers
    window = range(max(0, stay.charge_from), by)
    for slot in window:
        if mean_steps(of_bay[slot]) > IDLE_KW:
            continue
        busy = sum(mean_steps(limits[slot]) > 0 for limits in fit.by_bay.values())
        if busy < chargers.count:
            yield from (
                (slot, beside) for beside in (slot - 1, slot + 1) if beside in window and mean_steps(of_bay[beside]) > 0
            )
