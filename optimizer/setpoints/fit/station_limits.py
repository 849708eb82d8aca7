"""Limits of a station that are being fitted to its plan, and the room that the grid leaves them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from models.station.instance import Night
from models.station.schedule import Schedule
from models.tolerances import ENERGY_KWH
from optimizer.check.presence import Course, presence_of
from optimizer.setpoints.fit.carried_out import CarriedOut, carried_out
from optimizer.setpoints.fit.limits import SECONDS_PER_MINUTE, LimitUnit, SlotLimits


@dataclass
class StationLimits:
    """The limits of a station's bays that have a charger, and what they come to.

    `lowered`, `raised`: slots of packs whose limit was rounded down for the grid's sake, or raised to be ready in time.
    `staggered`: slots in which the grid limit is passed at a moment, by less than one step.
    `merged`: periods that have become one with a neighbour, where a controller takes few.
    `needs`: pack, slot and energy in kWh that it holds at the slot's start: drivers', and S where a reserve counts it.
    """

    night: Night
    planned: Schedule
    unit: LimitUnit
    by_bay: dict[int, list[SlotLimits]]
    lowered: int = 0
    raised: int = 0
    staggered: int = 0
    merged: int = 0
    step_kw: float = field(init=False)
    courses: Sequence[Course] = field(init=False)
    needs: Sequence[tuple[str, int, float]] = field(init=False)

    def __post_init__(self) -> None:
        self.step_kw = self.unit.into_pack_kw(self.night.station.chargers.efficiency)
        self.courses = presence_of(self.night, self.planned).courses
        self.needs = list(_needs(self.night, self.courses))

    @property
    def slot_seconds(self) -> int:
        """The length of a slot."""
        return self.night.horizon.slot_minutes * SECONDS_PER_MINUTE

    def carried_out(self) -> CarriedOut:
        """The night of these limits."""
        return carried_out(self.night, self.planned, self.by_bay, self.step_kw)


def room_kw(fit: StationLimits, carried: CarriedOut) -> list[float]:
    """By slot: what packs can take more at any moment before the grid limit is reached; negative: too much."""
    station, solar_kw = fit.night.station, carried.schedule.solar_used_kw or (0.0,) * fit.night.horizon.slots
    if station.grid_limit_is == "average":
        rows = [row.power_kw for row in carried.schedule.rows]
        into_kw = [math.fsum(kws) for kws in zip(*rows, strict=True)] or [0.0] * fit.night.horizon.slots
    else:
        into_kw = list(carried.peak_kw)
    loads = zip(station.grid_limit_kw, station.base_load_kw, solar_kw, into_kw, strict=True)
    return [(limit - base + sun) * station.chargers.efficiency - kw for limit, base, sun, kw in loads]


def _needs(night: Night, courses: Sequence[Course]) -> Iterator[tuple[str, int, float]]:
    counts_ready = any(night.station.ready_reserve)
    for course in courses:
        stay, held_kwh = course.stay, course.held_kwh
        if counts_ready:
            ready_kwh = stay.kind.swap_kwh - ENERGY_KWH
            ready = (slot for slot in range(max(0, stay.came), stay.leaves) if held_kwh[slot] >= ready_kwh)
            if (first := next(ready, None)) is not None:
                yield stay.pack, first, stay.kind.swap_kwh
        if stay.given_to is not None:
            yield stay.pack, stay.leaves, night.needed_kwh(stay.given_to)
