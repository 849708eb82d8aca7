"""The level formulation (section 2 of models/README.md) as arrays: the twin of `levels`, far faster to build.

A test holds both to the same programme; `levels` is the one to read.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.formulations.grid_arrays import add_grid_and_bill
from models.formulations.levels.data import LevelData, TypeLevels
from models.formulations.levels.rows import (
    free_leaving,
    leaving_bounds,
    readiness_rows,
    ready_returns,
    types_with_changing_counts,
)
from models.formulations.matrix import Array, Index, Matrix, MatrixBuilder
from models.formulations.names import Indexed
from models.tolerances import SMALLEST_COEFFICIENT

NONE: Index = np.array([], dtype=np.int64)


@dataclass(frozen=True)
class LevelArrays:
    """The programme (swaps integer) and its columns: fills by type, shape (L, slots), and swaps served by class."""

    matrix: Matrix
    fills: dict[str, Index]
    served: Index
    data: LevelData


@dataclass
class _Terms:
    """A linear expression for each slot: coefficients `values` of `columns` in `slots`, and a constant."""

    slots: Index
    columns: Index
    values: Array
    constant: Array

    def put(self, b: MatrixBuilder, rows: Index, factor: float = 1.0) -> None:
        b.put(rows[self.slots], self.columns, factor * self.values)


@dataclass
class _Type:
    """One type's columns and expressions.

    `number`: its place among the types. `after[l]`, `staying[l]`: level 0 counts packs.
    `free[level, slot]`: column of the packs that leave and fill the band, where that is not given.
    """

    name: str
    number: int
    levels: TypeLevels
    fills: Index
    charge: Index
    free: dict[tuple[int, int], int]
    staying: list[_Terms]
    after: list[_Terms]


def level_arrays(data: LevelData) -> LevelArrays:
    """The programme of `data`."""
    b = MatrixBuilder()
    sizes = np.array([c.size for c in data.classes], dtype=float)
    lost_costs = np.array([c.lost_cost for c in data.classes])
    served = b.columns((len(sizes),), 0.0, sizes, -lost_costs, integer=True, named="served")
    b.offset += float(sizes @ lost_costs)
    types = [_add_type(b, data, name, served) for name in data.types]
    for one in types:
        _add_no_discharge_and_order(b, one)
        _add_rate(b, one)
        _add_hand_over(b, data, one, served)
        _add_readiness(b, data, one, served)
        _add_charge(b, one)
        _add_wear(b, data, one)
        _add_end_value(b, data, one, served)
    _add_charger_count(b, data, types)
    _add_reserve(b, data, types, served)
    grid = add_grid_and_bill(b, data.night)
    to_grid_kw = 1 / (data.night.station.chargers.efficiency * data.night.horizon.slot_hours)
    for one in types:
        b.put(grid.balance, one.charge, -to_grid_kw)
    return LevelArrays(b.matrix(), {one.name: one.fills for one in types}, served, data)


def _add_type(b: MatrixBuilder, data: LevelData, name: str, served: Index) -> _Type:
    levels, slots = data.types[name], data.night.horizon.slots
    most = levels.start_count
    number, at, count = list(data.types).index(name), np.arange(slots), levels.bands.count
    named = Indexed("H", (number, np.arange(1, count + 1)[:, None], at))
    fills = b.columns((count, slots), 0.0, most, named=named)
    most_kwh = most * data.night.reach_full_kwh
    charge = b.columns((slots,), 0.0, most_kwh, levels.wear_per_kwh, named=Indexed("charge_kwh", (number, at)))
    free = {
        (level, t): int(b.columns((1,), 0.0, most, named=Indexed("leaving", (number, level, t)))[0])
        for k, level, t in free_leaving(data)
        if k == name
    }
    staying_count, after_count = _counts(b, data, name, served)
    staying, after = [staying_count], [after_count]
    starts = None if data.start_cost_per_kwh is None else _any_start(b, levels, number, data.start_cost_per_kwh[name])
    for level in range(1, count + 1):
        start = float(levels.start_fills[level - 1]) if starts is None else int(starts[level - 1])
        before = _before(fills[level - 1], start)
        staying.append(_less_leaving(before, levels, level, served, free))
        after.append(_with_entering(staying[level], data, levels, level, served))
    return _Type(name, number, levels, fills, charge, free, staying, after)


def _any_start(b: MatrixBuilder, levels: TypeLevels, number: int, cost_per_kwh: float) -> Index:
    """Columns of H[−1] where the plan chooses it, ordered as in (2.4), at the cost of the energy."""
    bands, most = levels.bands, levels.start_count
    named = Indexed("H", (number, np.arange(1, bands.count + 1), -1))
    starts = b.columns((bands.count,), 0.0, most, cost_per_kwh * bands.widths_kwh, named=named)
    b.offset += cost_per_kwh * bands.edges_kwh[0] * most
    rows = b.rows(bands.count - 1, 0.0, named=Indexed("(2.4)", (number, np.arange(2, bands.count + 1), -1)))
    b.put(rows, starts[:-1], 1.0)
    b.put(rows, starts[1:], -1.0)
    return starts


def _before(column: Index, start: float | int) -> _Terms:
    """H[t − 1] of one level; H[−1] is a number, or the column of that index."""
    slots = len(column)
    if isinstance(start, int):
        return _Terms(np.arange(slots), np.concatenate([[start], column[:-1]]), np.ones(slots), np.zeros(slots))
    constant = np.zeros(slots)
    constant[0] = start
    return _Terms(np.arange(1, slots), column[:-1], np.ones(slots - 1), constant)


def _extended(terms: _Terms, extra: list[tuple[int, int, float]]) -> _Terms:
    if not extra:
        return terms
    slots, columns, values = (np.array(part) for part in zip(*extra, strict=True))
    return _Terms(
        np.concatenate([terms.slots, slots]),
        np.concatenate([terms.columns, columns]),
        np.concatenate([terms.values, values]),
        terms.constant,
    )


def _less_leaving(
    before: _Terms, levels: TypeLevels, level: int, served: Index, free: dict[tuple[int, int], int]
) -> _Terms:
    extra = []
    for t, indices in levels.leaving.items():
        if (level, t) in free:
            extra.append((t, free[level, t], -1.0))
        else:
            extra += [(t, served[j], -1.0) for j in indices]
    return _extended(before, extra)


def _with_entering(staying: _Terms, data: LevelData, levels: TypeLevels, level: int, served: Index) -> _Terms:
    slots = data.night.horizon.slots
    extra = [
        (t, served[j], fill)
        for t, indices in levels.entering.items()
        if t < slots
        for j in indices
        if (fill := float(data.returned_fills(j)[level - 1]))
    ]
    return _extended(staying, extra)


def _counts(b: MatrixBuilder, data: LevelData, name: str, served: Index) -> tuple[_Terms, _Terms]:
    """(2.3) packs that stay after the hand-overs of each slot, and packs that may charge in it."""
    levels, slots = data.types[name], data.night.horizon.slots
    gone = [(t, served[j], -1.0) for t, js in levels.leaving.items() for j in js]
    if name not in types_with_changing_counts(data):
        always = _Terms(NONE, NONE, np.array([]), np.full(slots, float(levels.start_count)))
        return _extended(always, gone), always
    number, at = list(data.types).index(name), np.arange(slots)
    present = b.columns((slots,), 0.0, levels.start_count, named=Indexed("present", (number, at)))
    staying = _extended(_before(present, float(levels.start_count)), gone)
    come = _extended(staying, [(t, served[j], 1.0) for t, js in levels.entering.items() if t < slots for j in js])
    rows = b.rows(slots, come.constant, come.constant, named=Indexed("(2.3)", (number, at)))
    b.put(rows, present, 1.0)
    come.put(b, rows, -1.0)
    return staying, _Terms(np.arange(slots), present, np.ones(slots), np.zeros(slots))


def _add_no_discharge_and_order(b: MatrixBuilder, one: _Type) -> None:
    """(2.1) fills never fall but by a hand-over; (2.4), (2.5) a band is filled only where the one below is."""
    count, slots = one.fills.shape
    at = np.arange(slots)
    for level in range(1, count + 1):
        after = one.after[level]
        rows = b.rows(slots, after.constant, named=Indexed("(2.1)", (one.number, level, at)))
        b.put(rows, one.fills[level - 1], 1.0)
        after.put(b, rows, -1.0)
    if count > 1:
        levels = np.repeat(np.arange(2, count + 1), slots)
        named = Indexed("(2.4)", (one.number, levels, np.tile(at, count - 1)))
        rows = b.rows((count - 1) * slots, 0.0, named=named)
        b.put(rows, one.fills[:-1].ravel(), 1.0)
        b.put(rows, one.fills[1:].ravel(), -1.0)


def _add_rate(b: MatrixBuilder, one: _Type) -> None:
    """(2.2) a band fills no faster than charger and acceptance curve allow."""
    for level, vectors in enumerate(one.levels.reach, start=1):
        for n, vector in enumerate(vectors):
            if level == 1 or np.any(np.abs(vector[1:]) > SMALLEST_COEFFICIENT):
                slots = one.fills.shape[1]
                named = Indexed("(2.2)", (one.number, level, n, np.arange(slots)))
                rows = b.rows(slots, -np.inf, _majorant_constant(one, vector), named=named)
                b.put(rows, one.fills[level - 1], 1.0)
                _put_majorant(b, one, rows, vector, -1.0)


def _majorant_constant(one: _Type, vector: Array) -> Array:
    return np.asarray(sum(c * one.after[k].constant for k, c in enumerate(vector) if abs(c) > SMALLEST_COEFFICIENT))


def _put_majorant(b: MatrixBuilder, one: _Type, rows: Index, vector: Array, sign: float) -> None:
    for k, c in enumerate(vector):
        if abs(c) > SMALLEST_COEFFICIENT:
            one.after[k].put(b, rows, sign * float(c))


def _add_hand_over(b: MatrixBuilder, data: LevelData, one: _Type, served: Index) -> None:
    """(2.5), (2.6) packs handed over fill every band up to what the swap needs, those that stay keep their order."""
    levels, top = one.levels, one.levels.bands.count
    _put_slots(b, one.staying[top], sorted(levels.leaving), [], ("(2.6) stay", one.number))
    for level in range(1, top + 1):
        slots = sorted(t for other, t in one.free if other == level)
        if slots:
            _put_slots(b, one.staying[level - 1], slots, [one.staying[level]], ("(2.5)", one.number, level))
    for (level, t), indices, needing in leaving_bounds(data, one.name):
        at = (one.number, level, t)
        _put_row(b, one.free[level, t], served[indices], Indexed("(2.6) most", at), high=0.0)
        if needing:
            _put_row(b, one.free[level, t], served[needing], Indexed("(2.6) least", at), low=0.0)


def _put_slots(
    b: MatrixBuilder, terms: _Terms, slots: list[int], less: list[_Terms], of: tuple[str, *tuple[int, ...]]
) -> None:
    """terms − less ≥ 0 in `slots` only. `of`: the equation and its indices before the slot."""
    picked = np.array(slots, dtype=np.int64)
    constant = terms.constant - sum((other.constant for other in less), np.zeros_like(terms.constant))
    rows = b.rows(len(slots), -constant[picked], named=Indexed(of[0], (*of[1:], picked)))
    place = np.full(len(terms.constant), -1)
    place[picked] = rows
    for one, sign in [(terms, 1.0), *((other, -1.0) for other in less)]:
        here = place[one.slots] >= 0
        b.put(place[one.slots[here]], one.columns[here], sign * one.values[here])


def _put_row(
    b: MatrixBuilder, column: int, served: Index, named: Indexed, low: float = -np.inf, high: float = np.inf
) -> None:
    row = b.rows(1, low, high, named=named)
    b.put(row, column, 1.0)
    b.put(row, served, -1.0)


def _add_readiness(b: MatrixBuilder, data: LevelData, one: _Type, served: Index) -> None:
    """(2.7) every swap served so far took a pack of its own, and only so many can have been ready."""
    for n, (asked, ready, count) in enumerate(readiness_rows(data, one.levels)):
        row = b.rows(1, -np.inf, count, named=Indexed("(2.7)", (one.number, n)))
        b.put(row, served[asked], 1.0)
        b.put(row, served[ready], -1.0)


def _add_charge(b: MatrixBuilder, one: _Type) -> None:
    """(2.8) energy charged is what the fills gain."""
    widths = one.levels.bands.widths_kwh
    constant = -sum(width * one.after[level].constant for level, width in enumerate(widths, start=1))
    rows = b.rows(len(one.charge), constant, constant, named=Indexed("(2.8)", (one.number, np.arange(len(one.charge)))))
    b.put(rows, one.charge, 1.0)
    for level, width in enumerate(widths.tolist(), start=1):
        b.put(rows, one.fills[level - 1], -width)
        one.after[level].put(b, rows, width)


def _add_charger_count(b: MatrixBuilder, data: LevelData, types: list[_Type]) -> None:
    """(2.9) fewer chargers than packs bound the energy of a slot."""
    station = data.night.station
    if station.chargers.count < station.packs_at_chargers:
        most_kwh = station.chargers.count * data.night.reach_full_kwh
        rows = b.rows(data.night.horizon.slots, -np.inf, most_kwh, named="(2.9)")
        for one in types:
            b.put(rows, one.charge, 1.0)


def _add_wear(b: MatrixBuilder, data: LevelData, one: _Type) -> None:
    """(2.10) energy that packs gain in a slot above each step of the wear curve."""
    slots, most = data.night.horizon.slots, one.levels.start_count
    at = np.arange(slots)
    for s, step in enumerate(one.levels.wear):
        for level, width in enumerate(one.levels.bands.widths_kwh.tolist(), start=1):
            of = (one.number, s, level)
            fast = b.columns((slots,), 0.0, most, step.cost_per_kwh * width, named=Indexed("fast", (*of, at)))
            for n, vector in enumerate(step.majorants[level - 1]):
                rows = b.rows(slots, -_majorant_constant(one, vector), named=Indexed("(2.10)", (*of, n, at)))
                b.put(rows, fast, 1.0)
                b.put(rows, one.fills[level - 1], -1.0)
                _put_majorant(b, one, rows, vector, 1.0)


def _add_reserve(b: MatrixBuilder, data: LevelData, types: list[_Type], served: Index) -> None:
    """(2.11) packs of any type that hold S after the swaps, and the declared shortfall, make the reserve."""
    reserve = np.array(data.night.station.ready_reserve, dtype=float)
    asked = np.flatnonzero(reserve > 0)
    if not len(asked):
        return
    cost = data.night.station.reserve_cost
    short = b.columns((len(asked),), 0.0, reserve[asked], cost, named=Indexed("short", (asked,)))
    rows = np.full(len(reserve), -1)
    ready = [one.after[0] if (level := _swap_level(one)) == 0 else one.staying[level] for one in types]
    constant = sum((terms.constant for terms in ready), np.zeros(len(reserve)))
    rows[asked] = b.rows(len(asked), (reserve - constant)[asked], named=Indexed("(2.11)", (asked,)))
    b.put(rows[asked], short, 1.0)
    for one, terms in zip(types, ready, strict=True):
        here = rows[terms.slots] >= 0
        b.put(rows[terms.slots[here]], terms.columns[here], terms.values[here])
        if _swap_level(one) > 0:
            for t, j in ready_returns(data, one.levels):
                if rows[t] >= 0:
                    b.put(rows[t], served[j], 1.0)


def _swap_level(one: _Type) -> int:
    return one.levels.bands.level_of(one.levels.kind.swap_kwh)


def _add_end_value(b: MatrixBuilder, data: LevelData, one: _Type, served: Index) -> None:
    """Energy at the end: b₀ + Σ width · fill of every pack, and what packs still in turnaround hold."""
    value = data.night.end_value_per_kwh(one.levels.kind)
    bands, slots = one.levels.bands, data.night.horizon.slots
    b.add_cost(one.fills[:, -1], -value * bands.widths_kwh)
    floor, last = -value * bands.edges_kwh[0], one.after[0]
    b.offset += floor * float(last.constant[-1])
    b.add_cost(last.columns[last.slots == slots - 1], floor * last.values[last.slots == slots - 1])
    for j in one.levels.entering.get(slots, []):
        b.add_cost(served[[j]], -value * (data.classes[j].returned_kwh or 0.0))
