"""The best powers of known on-slots: section 3 of models/README.md with least and most power by slot, (9.9), (9.15)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.formulations.grid_arrays import GridColumns, add_grid_and_bill
from models.formulations.matrix import Array, Index, Matrix, MatrixBuilder
from models.station.acceptance import Around, Reach
from models.station.at_once import limits_partial_slots
from models.station.instance import Night
from models.station.pack_type import Line, lines_of
from models.tolerances import PLUGGED_SHARE


@dataclass(frozen=True)
class ChargingSession:
    """A pack's on-slots, in order of time, and what it must gain in kWh.

    `least_kwh` … `room_kwh` in all; where it `fills`, all of the room, and its last slot may be below the least power.
    `ready_kwh` before slot `ready_by`, if it is to be ready (−1: it need not). `worth_per_kwh` of what it keeps.
    It begins with `start_kwh`; `near` has a concave part of the curve for each on-slot where the curve is not concave.
    """

    type: str
    on: Index
    least_kwh: float
    room_kwh: float
    fills: bool
    ready_by: int
    ready_kwh: float
    worth_per_kwh: float
    start_kwh: float
    reach: Reach
    near: Sequence[Around] = ()

    @property
    def is_bent(self) -> bool:
        """Is the curve no concave one?"""
        return self.reach.kind.has_curve and len(self.on) > 0 and not self.reach.is_concave

    def along(self, gained_kwh: Array) -> ChargingSession:
        """The session near what it gains in each on-slot, cut down to what the curve allows."""
        if not self.is_bent:
            return self
        parts, energy_kwh = [], self.start_kwh
        for kwh in gained_kwh.tolist():
            parts.append(self.reach.around(energy_kwh))
            energy_kwh = min(energy_kwh + kwh, self.reach.after_kwh(energy_kwh))
        return replace(self, near=parts)


@dataclass(frozen=True)
class SessionPowers:
    """The programme; its columns of power by session (`owner`) and `slot`, and of the grid."""

    matrix: Matrix
    owner: Index
    slot: Index
    power_kw: Index
    grid: GridColumns


def session_powers(night: Night, sessions: Sequence[ChargingSession]) -> SessionPowers:
    """The programme: the bill, wear, less the worth of energy gained. An LP but for rates that fall."""
    b, hours = MatrixBuilder(), night.horizon.slot_hours
    grid = add_grid_and_bill(b, night)
    owner = np.repeat(np.arange(len(sessions)), [len(one.on) for one in sessions])
    slot = np.concatenate([np.zeros(0, dtype=np.int64), *(one.on for one in sessions)])
    least, most = _limits_kw(night, sessions)
    worth = np.array([one.worth_per_kwh for one in sessions])
    power = b.columns((len(owner),), least, most, -hours * worth[owner])
    b.put(grid.balance[slot], power, -1 / night.station.chargers.efficiency)
    _add_power_at_once(b, night, sessions, (owner, slot, power), grid)
    _add_energies(b, sessions, (owner, slot, power), hours)
    _add_curves(b, sessions, (owner, power), hours)
    _add_wear_steps(b, night, sessions, owner, power)
    return SessionPowers(b.matrix(), owner, slot, power, grid)


def _limits_kw(night: Night, sessions: Sequence[ChargingSession]) -> tuple[list[float], list[float]]:
    """Least and most power of every on-slot. A pack that is on draws what counts as plugged where that counts."""
    chargers, hours = night.station.chargers, night.horizon.slot_hours
    plugged_kw = PLUGGED_SHARE * night.charging_kw if night.station.counts_plug_changes else 0.0
    least_kw = max(chargers.max_kw if chargers.mode == "on_off" else chargers.min_kw, plugged_kw)
    least, most = [], []
    for one in sessions:
        if not len(one.on):
            continue
        most += [min(chargers.max_kw, max(one.room_kwh / hours, 0.0))] * len(one.on)
        least += [min(least_kw, most[-1])] * (len(one.on) - 1)
        least.append(min(plugged_kw if one.fills else least_kw, most[-1]))
    return least, most


def _add_power_at_once(
    b: MatrixBuilder,
    night: Night,
    sessions: Sequence[ChargingSession],
    power: tuple[Index, Index, Index],
    grid: GridColumns,
) -> None:
    """(9.16) the grid limit while last slots last that may be below full or least power: they draw that then."""
    if not limits_partial_slots(night):
        return
    owner, slot, columns = power
    station = night.station
    least_kw = station.chargers.max_kw if station.chargers.mode == "on_off" else station.chargers.min_kw
    is_last = np.append(owner[1:] != owner[:-1], True)[: len(owner)]
    fills = np.array([one.fills for one in sessions], dtype=bool)[owner] & is_last
    rows = b.rows(night.horizon.slots, -np.inf, np.array(station.grid_limit_kw) - np.array(station.base_load_kw))
    b.put(rows[slot], columns, 1 / station.chargers.efficiency)
    sunny = grid.solar_kw >= 0
    b.put(rows[sunny], grid.solar_kw[sunny], -1.0)
    more = b.columns((int(fills.sum()),), 0.0, least_kw)
    b.put(rows[slot[fills]], more, 1 / station.chargers.efficiency)
    full = b.rows(len(more), least_kw)
    b.put(full, more, 1.0)
    b.put(full, columns[fills], 1.0)


def _add_energies(
    b: MatrixBuilder, sessions: Sequence[ChargingSession], power: tuple[Index, Index, Index], hours: float
) -> None:
    """(9.9) what a session gains in all, and before the slot from which its pack is to be ready."""
    owner, slot, columns = power
    least = [one.room_kwh if one.fills else one.least_kwh for one in sessions]
    rows = b.rows(len(sessions), least, [max(one.room_kwh, one.least_kwh) for one in sessions])
    b.put(rows[owner], columns, hours)
    by = np.array([one.ready_by for one in sessions], dtype=np.int64)
    asked = np.flatnonzero(by >= 0)
    ready = np.full(len(sessions), -1)
    ready[asked] = b.rows(len(asked), [sessions[s].ready_kwh for s in asked.tolist()])
    before = (by[owner] >= 0) & (slot < by[owner])
    b.put(ready[owner[before]], columns[before], hours)


def _add_curves(
    b: MatrixBuilder, sessions: Sequence[ChargingSession], power: tuple[Index, Index], hours: float
) -> None:
    """(9.15) the energy at the end of each on-slot, and lines of the curve over it."""
    owner, columns = power
    for s in (s for s, one in enumerate(sessions) if one.reach.kind.has_curve and len(one.on)):
        one, mine = sessions[s], columns[owner == s]
        low, high = np.zeros(len(mine)), np.full(len(mine), one.start_kwh + max(one.room_kwh, one.least_kwh))
        if one.near:
            low[:-1] = [part.low_kwh for part in one.near[1:]]
            high[:-1] = np.minimum(high[:-1], [part.high_kwh for part in one.near[1:]])
        energy = b.columns((len(mine),), low, high)
        start = np.zeros(len(mine))
        start[0] = one.start_kwh
        rows = b.rows(len(mine), start, start)
        b.put(rows, energy, 1.0)
        b.put(rows[1:], energy[:-1], -1.0)
        b.put(rows, mine, -hours)
        lines = [(n, line) for n in range(len(mine)) for line in _binding(one, n)]
        place = np.array([n for n, _ in lines], dtype=np.int64)
        rows = b.rows(len(lines), -np.inf, np.array([line.intercept for _, line in lines]))
        b.put(rows, mine[place], 1.0)
        b.put(rows, energy[place], -np.array([line.slope for _, line in lines]))


def _binding(session: ChargingSession, place: int) -> Sequence[Line]:
    """Lines that come below the charger's power between the energy on arrival and the most there can be."""
    reach = session.reach
    lines = session.near[place].lines if session.near else reach.lines
    ends = session.start_kwh, session.start_kwh + max(session.room_kwh, session.least_kwh)
    return [line for line in lines if min(line.at(kwh) for kwh in ends) < reach.max_kw]


def _add_wear_steps(
    b: MatrixBuilder, night: Night, sessions: Sequence[ChargingSession], owner: Index, power: Index
) -> None:
    """(3.5) wear is the highest of its lines, in currency per hour."""
    for name, kind in night.pack_types.items():
        lines = lines_of(kind.wear)
        mine = power[np.array([sessions[s].type == name for s in owner.tolist()], dtype=bool)]
        if not lines or not len(mine):
            continue
        highest = max(line.at(night.station.chargers.max_kw) for line in lines)
        wear = b.columns((len(mine),), 0.0, max(highest, 0.0), night.horizon.slot_hours)
        for line in lines:
            rows = b.rows(len(mine), line.intercept)
            b.put(rows, wear, 1.0)
            b.put(rows, mine, -line.slope)
