"""From powers and hand-overs to a schedule: bays, solar power, declared reserve shortfall."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from models.station.instance import Night
from models.station.schedule import HandOver, PackRow, Schedule
from models.station.stays import Stay, stays_of
from models.tolerances import DUST_KW, MISSING_KWH


def build_schedule(
    night: Night,
    by_swap: Mapping[str, str],
    power_kw: Mapping[str, Mapping[int, float]],
    solar_used_kw: Sequence[float] | None = None,
    reserve_shortfall: Sequence[int] | None = None,
) -> Schedule:
    """A schedule from pack ids per served swap and power by pack and slot.

    Solar power, unless given, serves all it can; the shortfall, unless given, is what the reserve lacks.
    """
    stays, slots = stays_of(night, by_swap), night.horizon.slots
    rows = tuple(_row(stay, power_kw.get(stay.pack, {}), slots) for stay in stays)
    hand_overs = tuple(HandOver(s.id, by_swap[s.id]) for s in night.station.swaps if s.id in by_swap)
    solar = _solar_used(night, rows) if solar_used_kw is None else tuple(solar_used_kw)
    short = reserve_shortfall_of(night, stays, rows) if reserve_shortfall is None else tuple(reserve_shortfall)
    return Schedule(
        night.station.id, rows, hand_overs, solar if any(night.station.solar_kw) else (), short if any(short) else ()
    )


def _row(stay: Stay, power_kw: Mapping[int, float], slots: int) -> PackRow:
    values = [0.0] * slots
    for t, kw in power_kw.items():
        values[t] = kw if kw > DUST_KW else 0.0
    return PackRow(stay.pack, stay.bay, tuple(values))


def _solar_used(night: Night, rows: Sequence[PackRow]) -> tuple[float, ...]:
    station = night.station
    if not any(station.solar_kw):
        return ()
    eta = station.chargers.efficiency
    used = []
    for t in range(night.horizon.slots):
        load_kw = station.base_load_kw[t] + sum(row.power_kw[t] for row in rows) / eta
        used.append(min(station.solar_kw[t], load_kw))
    return tuple(used)


def reserve_shortfall_of(night: Night, stays: Sequence[Stay], rows: Sequence[PackRow]) -> tuple[int, ...]:
    """Packs by which each slot's reserve falls short after its swaps."""
    reserve = night.station.ready_reserve
    if not any(reserve):
        return ()
    ready = [0] * night.horizon.slots
    for stay, row in zip(stays, rows, strict=True):
        needed_kwh = night.pack_types[stay.type].swap_kwh - MISSING_KWH
        energy_kwh = stay.start_kwh
        for t in range(stay.arrive, stay.leave):
            ready[t] += energy_kwh >= needed_kwh
            energy_kwh += night.horizon.slot_hours * row.power_kw[t]
    return tuple(max(0, wanted - have) for wanted, have in zip(reserve, ready, strict=True))
