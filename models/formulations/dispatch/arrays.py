"""The dispatch model (section 3 of models/README.md) as arrays, where no charger rule (section 4) asks for `dispatch`.

A test holds both to the same programme; `dispatch` is the one to read.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from models.formulations.dispatch.curve_rows import Near, binding_lines, curved_stays, start_bounds
from models.formulations.grid_arrays import GridColumns, add_grid_and_bill
from models.formulations.matrix import Array, Index, Matrix, MatrixBuilder
from models.station.instance import Night
from models.station.pack_type import lines_of
from models.station.stays import Stay, most_charge_kw

EVERYWHERE: Near = {}


@dataclass(frozen=True)
class DispatchArrays:
    """The programme and its columns: power by pair of stay (`owner`) and `slot`, missing energy by stay, reserve
    shortfall by slot (−1: none), whether a pack counts as ready (`ready`), grid; `ready_slots`: in how
    many slots it then counts; `reserve`: rows of (3.7)."""

    matrix: Matrix
    owner: Index
    slot: Index
    power_kw: Index
    missing_kwh: Index
    short: Index
    ready: Index
    ready_slots: Index
    reserve: Index
    grid: GridColumns


def dispatch_arrays(
    night: Night,
    stays: Sequence[Stay],
    missing_cost_per_kwh: float,
    deadlines: Deadlines | None = None,
    near: Near = EVERYWHERE,
) -> DispatchArrays:
    """The programme of `stays`, as `build_dispatch` would have it, at a station that `needs_switches` for nothing but
    fewer chargers than packs: their power then counts, not their number.

    `deadlines`: slots by which packs may become ready for the reserve, by pack; None: any slot. `near`: (3.8).
    """
    b = MatrixBuilder()
    owner = np.repeat(np.arange(len(stays)), [len(stay.window) for stay in stays])
    slot = np.concatenate([NONE, *(np.arange(stay.charge_from, stay.leave) for stay in stays)])
    pairs = _Pairs(owner, slot)
    power = b.columns((len(owner),), 0.0, np.array([most_charge_kw(night, stay) for stay in stays])[owner])
    hours = night.horizon.slot_hours
    missing = _add_needs(b, night, stays, owner, power, missing_cost_per_kwh)
    _add_acceptance(b, night, stays, pairs, power, near)
    _add_wear(b, night, stays, pairs, power)
    short, ready, ready_slots, reserve = _add_reserve(b, night, stays, (owner, slot, power), deadlines)
    grid = add_grid_and_bill(b, night)
    b.put(grid.balance[slot], power, -1 / night.station.chargers.efficiency)
    _add_charger_power(b, night, slot, power)
    _add_given(b, night, stays, owner, power, hours)
    return DispatchArrays(b.matrix(), owner, slot, power, missing, short, ready, ready_slots, reserve, grid)


NONE: Index = np.array([], dtype=np.int64)
Deadlines = Mapping[str, Sequence[int]]
"""By pack the slots by whose start it may hold S, each one a choice of its own."""


class _Pairs(NamedTuple):
    """(stay, slot) by column of power."""

    owner: Index
    slot: Index

    def of(self, stays: Sequence[Stay], types: Container[str]) -> list[tuple[int, int, int]]:
        """(column, stay, slot) of the stays of `types`."""
        chosen = np.array([stay.type in types for stay in stays], dtype=bool)
        columns = np.flatnonzero(chosen[self.owner]) if len(stays) else NONE
        return list(zip(columns.tolist(), self.owner[columns].tolist(), self.slot[columns].tolist(), strict=True))


def _add_needs(
    b: MatrixBuilder, night: Night, stays: Sequence[Stay], owner: Index, power: Index, missing_cost_per_kwh: float
) -> Index:
    """(3.1) a pack leaves with what its swap needs; (3.2) none is charged above E."""
    hours = night.horizon.slot_hours
    need = np.array([stay.need_kwh for stay in stays])
    start = np.array([stay.start_kwh for stay in stays])
    leaving = np.flatnonzero(need > start)
    missing, rows = np.full(len(stays), -1), np.full(len(stays), -1)
    missing[leaving] = b.columns((len(leaving),), 0.0, need[leaving], missing_cost_per_kwh)
    rows[leaving] = b.rows(len(leaving), (need - start)[leaving])
    b.put(rows[leaving], missing[leaving], 1.0)
    asked = rows[owner] >= 0
    b.put(rows[owner[asked]], power[asked], hours)
    charging = np.unique(owner)
    target = np.array([night.pack_types[stay.type].target_kwh for stay in stays])
    room = np.full(len(stays), -1)
    room[charging] = b.rows(len(charging), -np.inf, (target - start)[charging])
    b.put(room[owner], power, hours)
    return missing


def _add_acceptance(
    b: MatrixBuilder, night: Night, stays: Sequence[Stay], pairs: _Pairs, power: Index, near: Near
) -> None:
    """(3.3) energy slot by slot where a curve looks at it; (3.4) the curve, over end-of-slot energy; (3.8)."""
    watched = pairs.of(stays, {stays[s].type for s in curved_stays(night, stays)})
    if not watched:
        return
    bounds = start_bounds(night, stays, near)
    least = np.array([bounds.get((s, t), (0.0, 0.0))[0] for _, s, t in watched])
    most = np.array([
        min(night.pack_types[stays[s].type].target_kwh, bounds.get((s, t), (0.0, np.inf))[1]) for _, s, t in watched
    ])  # fmt: skip
    energy = b.columns((len(watched),), least, most)
    first = np.array([t == stays[s].charge_from for _, s, t in watched])
    start = np.array([stays[s].start_kwh for _, s, _ in watched]) * first
    rows = b.rows(len(watched), start, start)
    b.put(rows, energy, 1.0)
    b.put(rows, power[[i for i, _, _ in watched]], -night.horizon.slot_hours)
    follows = np.flatnonzero(~first)
    b.put(rows[follows], energy[follows - 1], -1.0)
    lines = binding_lines(night, stays, near)
    binding = [
        (place, power[i], line.slope, line.intercept)
        for place, (i, s, t) in enumerate(watched)
        for _, line in lines[s, t]
    ]
    if binding:
        places, columns, slopes, intercepts = (np.array(part) for part in zip(*binding, strict=True))
        rows = b.rows(len(binding), -np.inf, intercepts)
        b.put(rows, columns, 1.0)
        b.put(rows, energy[places], -slopes)


def _add_wear(b: MatrixBuilder, night: Night, stays: Sequence[Stay], pairs: _Pairs, power: Index) -> None:
    """(3.5) wear is the highest of its lines, in currency per hour."""
    curves = {k: lines for k, kind in night.pack_types.items() if (lines := lines_of(kind.wear))}
    max_kw = night.station.chargers.max_kw
    most = {k: max(line.at(max_kw) for line in lines) for k, lines in curves.items()}
    worn = pairs.of(stays, curves)
    if not worn:
        return
    highest: Array = np.array([most[stays[s].type] for _, s, _ in worn])
    wear = b.columns((len(worn),), 0.0, highest, night.horizon.slot_hours)
    rising = [
        (place, power[i], line.slope, line.intercept)
        for place, (i, s, _) in enumerate(worn)
        for line in curves[stays[s].type]
        if line.slope > 0
    ]
    if rising:
        places, columns, slopes, intercepts = (np.array(part) for part in zip(*rising, strict=True))
        rows = b.rows(len(rising), intercepts)
        b.put(rows, wear[places], 1.0)
        b.put(rows, columns, -slopes)


def _add_reserve(
    b: MatrixBuilder,
    night: Night,
    stays: Sequence[Stay],
    charging: tuple[Index, Index, Index],
    deadlines: Deadlines | None,
) -> tuple[Index, Index, Index, Index]:
    """(3.6) a pack that counts as ready holds S; (3.7) ready packs and shortfall make the reserve."""
    reserve = np.array(night.station.ready_reserve, dtype=float)
    asked = np.flatnonzero(reserve > 0)
    short, rows = np.full(len(reserve), -1), np.full(len(reserve), -1)
    if not len(asked):
        return short, NONE, NONE, NONE
    short[asked] = b.columns((len(asked),), 0.0, reserve[asked], night.station.reserve_cost, integer=True)
    at_once = np.zeros(len(reserve))
    becoming: list[tuple[int, int, int]] = []
    for s, stay in enumerate(stays):
        if stay.start_kwh >= night.pack_types[stay.type].swap_kwh:
            at_once[stay.arrive : stay.leave] += 1
        else:
            becoming += [(s, *span) for span in _ready_spans(stay, asked, deadlines)]
    rows[asked] = b.rows(len(asked), (reserve - at_once)[asked])
    b.put(rows[asked], short[asked], 1.0)
    ready = b.columns((len(becoming),), 0.0, 1.0, integer=True)
    holds = b.rows(len(becoming), 0.0)
    owner, slot, power = charging
    for (s, t, end), column, row in zip(becoming, ready, holds, strict=True):
        b.put(rows[asked[(asked >= t) & (asked < end)]], column, 1.0)
        b.put(row, column, stays[s].start_kwh - night.pack_types[stays[s].type].swap_kwh)
        before = power[(owner == s) & (slot < t)]
        b.put(row, before, night.horizon.slot_hours)
    counts = np.array([((asked >= t) & (asked < end)).sum() for _, t, end in becoming], dtype=np.int64)
    return short, ready, counts, rows[asked]


def _ready_spans(stay: Stay, asked: Index, deadlines: Deadlines | None) -> Iterator[tuple[int, int]]:
    """From when until when the pack counts if it holds S by the first of the two."""
    if deadlines is None:
        yield from ((t, t + 1) for t in asked.tolist() if stay.charge_from < t < stay.leave)
        return
    starts = sorted({t for t in deadlines.get(stay.pack, ()) if stay.charge_from < t < stay.leave})
    yield from pairwise([*starts, stay.leave])


def _add_charger_power(b: MatrixBuilder, night: Night, slot: Index, power: Index) -> None:
    """(4.5) as far as powers tell: all that fewer chargers than packs can give."""
    chargers = night.station.chargers
    if chargers.count < night.station.packs_at_chargers:
        rows = b.rows(night.horizon.slots, -np.inf, chargers.count * chargers.max_kw)
        b.put(rows[slot], power, 1.0)


def _add_given(b: MatrixBuilder, night: Night, stays: Sequence[Stay], owner: Index, power: Index, hours: float) -> None:
    """Lost swaps, a given here, and the worth of what packs that stay hold at the end."""
    served = {stay.swap for stay in stays}
    b.offset += sum(swap.lost_cost for swap in night.station.swaps if swap.id not in served)
    stay_value = [night.end_value_per_kwh(night.pack_types[stay.type]) if stay.swap is None else 0.0 for stay in stays]
    value = np.array(stay_value)
    b.offset -= float(value @ np.array([stay.start_kwh for stay in stays]))
    b.add_cost(power, -hours * value[owner])
