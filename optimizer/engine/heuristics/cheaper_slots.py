"""Charging moved to cheaper slots, all sessions of a plan at once: a transportation problem.

Who serves whom stays as it is, and so does the load cap of the plan. A session is some number of slots at full power,
a slot is room for so many sessions: such a programme has integer vertices, so an LP plans chargers that are on or off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.formulations.matrix import Array, Index, Matrix, MatrixBuilder
from models.station.acceptance import reach_kwh
from models.station.instance import Night
from models.station.pack_type import lines_of
from models.station.schedule import Schedule
from models.station.stays import Stay, powers_of_stays, stays_of
from models.tolerances import EQUAL
from optimizer.engine.build_schedule import build_schedule
from optimizer.engine.search import Search
from optimizer.engine.slot_capacity import SlotCapacity

NONE: Index = np.array([], dtype=np.int64)


@dataclass(frozen=True)
class _Sessions:
    """The programme; column i says that stay `stay[i]` charges in slot `slot[i]`."""

    matrix: Matrix
    stay: Index
    slot: Index


def move_to_cheaper_slots(search: Search, schedule: Schedule, limit_kw: Sequence[float]) -> Schedule | None:
    """The plan with its sessions in the slots that are cheapest for all together, within `limit_kw` by slot.

    Packs charge beyond what their drivers need where that pays. None where nothing charges, no such plan is found, or
    plug changes count, which this does not see.
    """
    night, unit_kw = search.night, max((max(row.power_kw) for row in schedule.rows), default=0.0)
    stays = stays_of(night, schedule.by_swap())
    if unit_kw <= night.charging_kw or night.station.counts_plug_changes:
        return None
    with search.watch.stage("model"):
        sessions = _sessions(night, stays, SlotCapacity(night, limit_kw), unit_kw)
    answer = search.solve(sessions.matrix, seconds=search.seconds_left)
    return (
        None if answer.point is None else _booked(night, stays, SlotCapacity(night, limit_kw), sessions, answer.point)
    )


def _sessions(night: Night, stays: Sequence[Stay], capacity: SlotCapacity, unit_kw: float) -> _Sessions:
    """Slots that each stay needs at least and takes at most; sessions that each slot has room for."""
    b = MatrixBuilder()
    price = np.array(night.tariff_series.price_per_kwh) / night.station.chargers.efficiency
    places = np.floor(np.array(capacity.free_kw) / unit_kw + EQUAL)
    places = b.rows(night.horizon.slots, -np.inf, np.minimum(places, night.station.chargers.count))
    owner, slot = [NONE], [NONE]
    for number, stay in enumerate(stays):
        window = np.array(stay.window, dtype=np.int64)
        needed, most = (min(len(window), count) for count in _slots_to_charge(night, stay, unit_kw))
        per_kwh = price[window] + _wear_per_kwh(night, stay, unit_kw) - _worth_per_kwh(night, stay)
        columns = b.columns((len(window),), 0.0, 1.0, per_kwh * unit_kw * night.horizon.slot_hours)
        b.put(b.rows(1, needed, most), columns, 1.0)
        b.put(places[window], columns, 1.0)
        owner.append(np.full(len(window), number))
        slot.append(window)
    return _Sessions(b.matrix(), np.concatenate(owner), np.concatenate(slot))


def _slots_to_charge(night: Night, stay: Stay, unit_kw: float) -> tuple[int, int]:
    """Slots at most at `unit_kw` until the pack holds what its driver needs, and until it is full."""
    kind, energy_kwh, needed, most = night.kind_of(stay.pack, stay.type), stay.start_kwh, 0, 0
    while most < len(stay.window) and energy_kwh < kind.target_kwh - EQUAL:
        reached_kwh = reach_kwh(kind, unit_kw, night.horizon.slot_hours, energy_kwh)
        if (reached_kwh - energy_kwh) / night.horizon.slot_hours <= night.charging_kw:
            break
        needed, most = needed + (energy_kwh < stay.need_kwh - EQUAL), most + 1
        energy_kwh = reached_kwh
    return needed, most


def _wear_per_kwh(night: Night, stay: Stay, unit_kw: float) -> float:
    lines = lines_of(night.pack_types[stay.type].wear)
    return max((line.at(unit_kw) for line in lines), default=0.0) / unit_kw


def _worth_per_kwh(night: Night, stay: Stay) -> float:
    """What a kWh is worth at the end: nothing in a pack that leaves."""
    return night.end_value_per_kwh(night.pack_types[stay.type]) if stay.swap is None else 0.0


def _booked(
    night: Night, stays: Sequence[Stay], capacity: SlotCapacity, sessions: _Sessions, point: Array
) -> Schedule | None:
    """The schedule of the chosen slots, at the most power that is left in them; None where a driver would miss some."""
    chosen, power_kw = point > 0.5, {}
    for number, stay in enumerate(stays):
        kind, slots = night.kind_of(stay.pack, stay.type), sessions.slot[chosen & (sessions.stay == number)]
        session = capacity.chronological(kind, stay.start_kwh, sorted(slots.tolist()), kind.target_kwh)
        if session.energy_kwh(stay.start_kwh, stay.leave, capacity.hours) < stay.need_kwh - EQUAL:
            return None
        capacity.book(session)
        power_kw[stay.pack] = session.power_kw
    return build_schedule(night, stays, powers_of_stays(stays, capacity.slots, power_kw))
