"""What chargers make of limits: each pack takes its limit, but no more than charger, curve and target let it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from models.station.instance import Night
from models.station.schedule import PackRow, Schedule
from models.tolerances import IDLE_KW
from optimizer.check.acceptance import accepted_kw, most_kw
from optimizer.check.presence import PackStay, presence_of
from optimizer.setpoints.fit.limits import BayLimits, mean_steps, most_steps


@dataclass(frozen=True)
class CarriedOut:
    """A night of limits. `held_kwh`: by pack, at the start of each slot and at the end of the last. `peak_kw`: by slot,
    the most that all packs take together at any moment, if each takes its highest limit at once."""

    schedule: Schedule
    stays: Mapping[str, PackStay]
    held_kwh: Mapping[str, tuple[float, ...]]
    peak_kw: tuple[float, ...]


def carried_out(night: Night, planned: Schedule, limits: BayLimits, step_kw: float) -> CarriedOut:
    """Carry out the limits of bays, each step of which is `step_kw` into the pack. Hand-overs are those of `planned`.

    A slot's power is the average of its limits: curves are read as the checker reads them, over the whole slot.
    """
    stays = {course.stay.pack: course.stay for course in presence_of(night, replace(planned, rows=())).courses}
    peak_kw, held_kwh, powers_kw = [0.0] * night.horizon.slots, {}, {}
    for pack, stay in stays.items():
        powers_kw[pack], held_kwh[pack] = _course(night, stay, limits, step_kw, peak_kw)
    order = [row.pack for row in planned.rows if row.pack in stays]
    order += [pack for pack in stays if pack not in set(order) and any(powers_kw[pack])]
    rows = tuple(PackRow(pack, night.station.bay_label(stays[pack].bay), powers_kw[pack]) for pack in order)
    schedule = replace(planned, rows=rows, solar_used_kw=_solar_used(night, planned, rows))
    return CarriedOut(schedule, stays, held_kwh, tuple(peak_kw))


def _course(
    night: Night, stay: PackStay, limits: BayLimits, step_kw: float, peak_kw: list[float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Power of each slot, and the energy held at the start of each and at the end."""
    slots, hours, max_kw = night.horizon.slots, night.horizon.slot_hours, night.station.chargers.max_kw
    power_kw, held_kwh = [0.0] * slots, [stay.arrival_kwh] * (slots + 1)
    of_bay = limits.get(stay.bay, ())
    energy_kwh = stay.arrival_kwh
    for slot in range(max(0, stay.charge_from), min(stay.leaves, len(of_bay))):
        most = most_steps(of_bay[slot])
        if most and stay.usable:
            kw = min(mean_steps(of_bay[slot]) * step_kw, most_kw(stay.kind, max_kw, hours, energy_kwh))
            if kw > IDLE_KW:
                power_kw[slot] = kw
                accepts_kw = accepted_kw(stay.kind, energy_kwh, energy_kwh + hours * kw)
                peak_kw[slot] += max(kw, min(most * step_kw, max_kw, accepts_kw))
                energy_kwh += hours * kw
        held_kwh[slot + 1] = energy_kwh
    for slot in range(min(stay.leaves, slots), slots + 1):
        held_kwh[slot] = energy_kwh
    return tuple(power_kw), tuple(held_kwh)


def _solar_used(night: Night, planned: Schedule, rows: tuple[PackRow, ...]) -> tuple[float, ...]:
    """The sun that the plan uses, and no more than is drawn."""
    if not planned.solar_used_kw:
        return ()
    station = night.station
    into_kw = [sum(kws) for kws in zip(*(row.power_kw for row in rows), strict=True)] or [0.0] * night.horizon.slots
    drawn = (kw / station.chargers.efficiency + base for kw, base in zip(into_kw, station.base_load_kw, strict=True))
    return tuple(min(used, kw) for used, kw in zip(planned.solar_used_kw, drawn, strict=True))
