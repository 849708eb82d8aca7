"""The restricted master problem over whole charging patterns: (9.1)–(9.6) of models/README.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.formulations.grid_arrays import GridColumns, add_grid_and_bill
from models.formulations.matrix import Array, Index, Matrix, MatrixBuilder, relaxed
from models.formulations.patterns.lattices import Mask
from models.formulations.patterns.packs import PatternPacks
from models.formulations.patterns.shortest_paths import SlotPrices, rounded_share
from models.station.at_once import whole_chargers
from models.station.instance import Night
from models.tolerances import EQUAL

NONE: Index = np.array([], dtype=np.int64)


@dataclass(frozen=True)
class Patterns:
    """Charging patterns of one type: pack by `rows`; `ready_from`: slot from which each may be handed over, −1 if it
    stays; slots in which it is on, and kWh: shape (patterns, slots)."""

    rows: Index
    ready_from: Index
    on: Mask
    kwh: Array

    def __len__(self) -> int:
        return len(self.rows)

    def some(self, which: Index | Mask) -> Patterns:
        """The chosen ones."""
        return Patterns(self.rows[which], self.ready_from[which], self.on[which], self.kwh[which])


@dataclass(frozen=True)
class SharedRows:
    """Rows that packs share, beside the grid: (9.2) `chargers`, (9.3) `starts` and `stops`, (9.6) `whole_power`
    and the fractions of their right sides, (9.5) `reserve` (−1: none)."""

    grid: GridColumns
    chargers: Index
    starts: Index
    stops: Index
    whole_power: Index
    fraction: Array
    reserve: Index


@dataclass(frozen=True)
class PatternMaster:
    """The programme without patterns (`matrix`), and where its rows and columns stand.

    `bill`: the rows that packs share alone, which are the programme's first. By pool: `pack_rows`, (9.1), the same for
    all pools of a type; `pool_rows`, (9.4), one for each of `dues`; `served`: columns y.
    """

    night: Night
    packs: tuple[PatternPacks, ...]
    bill: Matrix
    matrix: Matrix
    shared: SharedRows
    pack_rows: tuple[Index, ...]
    pool_rows: tuple[Index, ...]
    served: tuple[Index, ...]

    @property
    def kwh_to_grid_kw(self) -> float:
        """kW drawn in a slot for each kWh into a pack."""
        return 1 / (self.night.station.chargers.efficiency * self.night.horizon.slot_hours)

    def prices(self, dual: Array) -> SlotPrices:
        """What the shared rows cost at their duals, each of which has a side: for (9.7) and (9.8)."""
        slots, shared = self.night.horizon.slots, self.shared

        def of(rows: Index, sign: float) -> Array:
            return sign * dual[rows] if len(rows) else np.zeros(slots)

        start, stop = of(shared.starts, 1.0), of(shared.stops, 1.0)
        reserve = np.where(shared.reserve >= 0, dual[shared.reserve], 0.0)
        per_kwh = dual[shared.grid.balance] * self.kwh_to_grid_kw
        full_power = of(shared.whole_power, -1.0)
        return SlotPrices(per_kwh, of(shared.chargers, -1.0), start, stop, full_power, shared.fraction, reserve)

    def cost(self, k: int, patterns: Patterns) -> Array:
        """Wear, less the worth of what stays; of one that may be handed over what it is worth at the least."""
        packs, kwh = self.packs[k], patterns.kwh.sum(axis=1)
        kept = packs.end_value_per_kwh * (packs.energy_kwh[patterns.rows] + kwh)
        return np.asarray(packs.wear_per_kwh * kwh - np.where(patterns.ready_from < 0, kept, packs.worth))

    def entries(self, k: int, patterns: Patterns) -> tuple[Index, Index, Array]:
        """Coefficients (pattern, row, value) of patterns of type `k`, in order of pattern."""
        shared, packs, on = self.shared, self.packs[k], patterns.on
        number = np.arange(len(patterns))
        in_pool = (patterns.ready_from[:, None] >= 0) & (patterns.ready_from[:, None] <= packs.dues)
        parts = [
            (number, self.pack_rows[k][patterns.rows], np.ones(len(patterns))),
            _where(in_pool, self.pool_rows[k], np.ones(in_pool.shape)),
            _where(patterns.kwh > 0, shared.grid.balance, -self.kwh_to_grid_kw * patterns.kwh),
        ]
        if len(shared.chargers):
            parts.append(_where(on, shared.chargers, np.ones(on.shape)))
        if len(shared.starts):
            parts += [
                _where(on[:, 1:] & ~on[:, :-1], shared.starts[1:], -np.ones((len(on), on.shape[1] - 1))),
                _where(on[:, :-1] & ~on[:, 1:], shared.stops[1:], -np.ones((len(on), on.shape[1] - 1))),
            ]
        if len(shared.whole_power):
            share = patterns.kwh / packs.hi_kwh[patterns.rows, None]
            part = np.where(on, rounded_share(share, shared.fraction), 0.0)
            parts.append(_where(part > EQUAL, shared.whole_power, part))
        if (shared.reserve >= 0).any():
            ready = self.is_ready(k, patterns) & (shared.reserve >= 0)
            parts.append(_where(ready, shared.reserve, np.ones(ready.shape)))
        pattern, row, value = (np.concatenate(part) for part in zip(*parts, strict=True))
        in_order = np.argsort(pattern, kind="stable")
        return pattern[in_order], row[in_order], value[in_order]

    def is_ready(self, k: int, patterns: Patterns) -> Mask:
        """Does a pattern's pack, once there, count for the reserve in each slot? Shape (patterns, slots)."""
        packs = self.packs[k]
        before = np.cumsum(patterns.kwh, axis=1) - patterns.kwh
        held = packs.energy_kwh[patterns.rows, None] + before >= packs.ready_kwh - EQUAL
        return np.asarray(held & (np.arange(patterns.kwh.shape[1]) >= packs.arrive[patterns.rows, None]))


def _where(chosen: Mask, rows: Index, values: Array) -> tuple[Index, Index, Array]:
    pattern, place = np.nonzero(chosen)
    return pattern, rows[place], values[pattern, place]


def pattern_master(night: Night, packs: Sequence[PatternPacks]) -> PatternMaster:
    """The programme of a night without any pattern yet."""
    b = MatrixBuilder()
    shared = _add_shared(b, night, packs)
    bill = relaxed(b.matrix())
    rows = {one.type: _add_packs(b, one) for one in packs if one.is_first}
    made = [_add_pool(b, one, shared.reserve, rows[one.type]) for one in packs]
    pack_rows, pool_rows, served = (tuple(part) for part in zip(*made, strict=True)) if made else ((), (), ())
    return PatternMaster(night, tuple(packs), bill, b.matrix(), shared, pack_rows, pool_rows, served)


def _add_shared(b: MatrixBuilder, night: Night, packs: Sequence[PatternPacks]) -> SharedRows:
    grid = add_grid_and_bill(b, night)
    chargers = _add_charger_count(b, night)
    starts, stops = _add_plug_changes(b, night)
    whole_power, fraction = _add_whole_power(b, night)
    return SharedRows(grid, chargers, starts, stops, whole_power, fraction, _add_reserve(b, night, packs))


def _add_charger_count(b: MatrixBuilder, night: Night) -> Index:
    """(9.2) no more packs are on than there are chargers, nor than fit the grid limit on or off."""
    most = np.minimum(whole_chargers(night), night.station.chargers.count)
    is_asked = bool((most < len(night.station.packs)).any())
    return b.rows(len(most), -np.inf, most) if is_asked else NONE


def _add_plug_changes(b: MatrixBuilder, night: Night) -> tuple[Index, Index]:
    """(9.3) plug changes are no fewer than the starts, nor than the stops; none before slot 0."""
    station, slots = night.station, night.horizon.slots
    if not station.counts_plug_changes:
        return NONE, NONE
    many = float(len(station.packs))
    most = [many if (cap := station.most_plug_changes(t)) is None else min(many, cap) for t in range(slots)]
    cost = [station.cost_of_plug_change(t) if t else 0.0 for t in range(slots)]
    changes = b.columns((slots,), 0.0, most, cost)
    starts, stops = b.rows(slots, 0.0), b.rows(slots, 0.0)
    b.put(starts, changes, 1.0)
    b.put(stops, changes, 1.0)
    return starts, stops


def _add_whole_power(b: MatrixBuilder, night: Night) -> tuple[Index, Array]:
    """(9.6) packs at full power under the grid limit, rounded down: a mixed-integer rounding cut."""
    station, slots = night.station, night.horizon.slots
    if station.chargers.mode != "on_off" or np.isfinite(whole_chargers(night)).all():  # (9.2) says more
        return NONE, np.zeros(slots)
    limits = np.array([station.grid_limit_kw, station.base_load_kw, station.solar_kw])
    room = np.maximum(limits[0] - limits[1] + limits[2], 0.0) / (station.chargers.max_kw / station.chargers.efficiency)
    whole = np.floor(room + EQUAL)
    return b.rows(slots, -np.inf, whole), np.maximum(room - whole, 0.0)


def _add_reserve(b: MatrixBuilder, night: Night, packs: Sequence[PatternPacks]) -> Index:
    """(9.5) ready packs and shortfall make the reserve. Left out where a pack may be handed over that is not ready, or
    where lattices do not lead to S."""
    station = night.station
    reserve = np.array(station.ready_reserve, dtype=float)
    rows = np.full(len(reserve), -1)
    asked = np.flatnonzero(reserve > 0)
    if all(one.leads_to_ready for one in packs) and len(asked):
        rows[asked] = b.rows(len(asked), reserve[asked])
        b.put(rows[asked], b.columns((len(asked),), 0.0, reserve[asked], station.reserve_cost), 1.0)
    return rows


def _add_packs(b: MatrixBuilder, packs: PatternPacks) -> Index:
    """(9.1) a pattern for every pack of a type that is there."""
    brought = len(packs.packs) - packs.initial
    return np.concatenate([b.rows(packs.initial, 1.0, 1.0), b.rows(brought, 0.0, 0.0)])


def _add_pool(b: MatrixBuilder, packs: PatternPacks, reserve: Index, of_type: Index) -> tuple[Index, Index, Index]:
    """(9.4) as many of the pool were ready by every slot as were handed over, who bring a pack, `of_type` (9.1)."""
    high = np.full(len(packs.dues), np.inf)
    if packs.worth <= 0:  # then nothing is ready in vain
        high[-1:] = 0.0
    pool_rows = b.rows(len(packs.dues), 0.0, high)
    lost_cost = np.array([swap.lost_cost for swap in packs.swaps])
    served = b.columns((len(packs.swaps),), 0.0, 1.0, packs.worth - lost_cost, integer=True)
    b.offset += float(lost_cost.sum())
    brings = packs.brings >= 0
    b.put(of_type[packs.brings[brings]], served[brings], -1.0)
    swap, due = np.nonzero(packs.dues >= packs.due[:, None])
    b.put(pool_rows[due], served[swap], -1.0)
    swap, slot = np.nonzero((np.arange(len(reserve)) >= packs.due[:, None]) & (reserve >= 0))
    b.put(reserve[slot], served[swap], -1.0)
    return of_type[packs.of_type], pool_rows, served
