"""The cheapest charging pattern of every pack at given prices, all packs of a type at once: (9.7) of models/README.md.

A shortest path over (slot, lattice, level, on or off).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from models.formulations.matrix import Array, Index
from models.formulations.patterns.lattices import Lattices, Mask, lattices_of
from models.formulations.patterns.packs import PatternPacks
from models.tolerances import EQUAL

OFF, ON, FILLED, RESTING = range(4)  # the charger in the slot before; FILLED: by a last slot; RESTING: full since then


@dataclass(frozen=True)
class SlotPrices:
    """What the shared rows cost, by slot: a kWh into a pack; a charger; a start and a stop at the boundary before the
    slot; full power under the grid limit of whole packs, and the fraction of its right side; a ready pack earns."""

    per_kwh: Array
    charger: Array
    start: Array
    stop: Array
    full_power: Array
    fraction: Array
    ready: Array


def rounded_share(share: Array, fraction: float | Array) -> Array:
    """Coefficient of a slot at `share` ≤ 1 of full power in (9.6), whose right side has the fraction."""
    whole = share >= 1 - EQUAL
    return np.where(whole, 1.0, np.maximum(0.0, (share - fraction) / (1 - fraction)))


@dataclass(frozen=True)
class Paths:
    """Cheapest patterns: `ready_cost[r, f]` of holding the need and charging no more from slot f on, shape (rows,
    slots + 1); `stay_cost[r]` of staying, less the worth of what it holds then. inf where there is none."""

    ready_cost: Array
    stay_cost: Array


class States(NamedTuple):
    """Least costs of the states before a slot's boundary: `off`, `on`, shape (lattices, rows, levels); `filled`,
    `resting`, shape (rows)."""

    off: Array
    on: Array
    filled: Array
    resting: Array


class ShortestPaths:
    """Prices the patterns of one type, again and again."""

    def __init__(self, packs: PatternPacks, slots: int, *, ready_on_the_way: bool) -> None:
        self.packs, self.slots = packs, slots
        self._history: list[States] = []
        self.lattices: Lattices = lattices_of(packs, ready_on_the_way=ready_on_the_way)
        energy, exists = self.lattices.energy_kwh, self.lattices.exists
        self._missing: Array = np.where(exists, 0.0, np.inf)
        self._unfit: Array = np.where(exists & (energy >= packs.need_kwh - EQUAL), 0.0, np.inf)
        self._is_ready: Mask = exists & (energy >= packs.ready_kwh - EQUAL)
        self._rows = np.arange(len(packs.energy_kwh))
        self._last = np.maximum(self.lattices.full, 0)
        self._can_fill = self.lattices.full >= 0
        self._came_ready = packs.energy_kwh >= packs.ready_kwh - EQUAL
        arcs = self.lattices.arcs
        self._arcs, self._shorts = _Amounts(packs, arcs.kwh), _Amounts(packs, self.lattices.short_kwh)
        self._arc_places = arcs.source.tolist(), arcs.goal.tolist(), arcs.shift.tolist()

    def at(self, prices: SlotPrices) -> Paths:
        """The costs of the cheapest patterns; remembers what `trace` needs."""
        shape = self._missing.shape
        self.prices, self._history = prices, []
        waiting = np.concatenate([[0.0], np.cumsum(prices.ready)])
        packs, slots = self.packs, self.slots
        nothing = np.full(shape[1], np.inf)
        now = States(np.full(shape, np.inf), np.full(shape, np.inf), nothing, nothing)
        ready = np.full((shape[1], slots + 1), np.inf)
        for t in range(slots):
            comes = packs.release == t
            if comes.any():
                waited = waiting[t] - waiting[packs.arrive[comes]]
                now.off[0, comes, 0] = -np.where(self._came_ready[comes], waited, 0.0)
            ready[:, t] = self._ready(now) + prices.stop[t]
            self._history.append(now)
            now = self._step(t, now)
        ready[:, slots] = self._ready(now)
        self._history.append(now)
        ends = self.ends(np.arange(shape[1]))
        return Paths(ready, ends.reshape(-1, shape[1]).min(axis=0) if ends.size else nothing)

    def _ready(self, now: States) -> Array:
        return np.asarray(np.minimum((now.on + self._unfit).min(axis=(0, 2)), now.filled))

    def ends(self, rows: Index) -> Array:
        """Costs of staying by the state at the end, less the worth of what `rows` hold; shape (modes, lattices, levels,
        rows), FILLED and RESTING at level 0 of the first lattice."""
        now, worth = self._history[-1], self.packs.end_value_per_kwh
        held = worth * np.where(self.lattices.exists, self.lattices.energy_kwh, 0.0)[:, rows]
        ends = np.full((4, *held.shape), np.inf)
        ends[OFF], ends[ON] = now.off[:, rows] - held, now.on[:, rows] - held
        full = worth * self.packs.target_kwh
        ends[FILLED, 0, :, 0], ends[RESTING, 0, :, 0] = now.filled[rows] - full, now.resting[rows] - full
        return ends.transpose(0, 1, 3, 2)

    def ready_ends(self, t: int, rows: Index) -> Array:
        """The same of holding the need and charging no more from slot t on."""
        now = self._history[t]
        ends = np.full((4, *self._unfit[:, rows].shape), np.inf)
        ends[ON] = now.on[:, rows] + self._unfit[:, rows]
        ends[FILLED, 0, :, 0] = now.filled[rows]
        return ends.transpose(0, 1, 3, 2)

    def _step(self, t: int, now: States) -> States:
        """What may follow in slot t: switch at the boundary, then charge or not."""
        p = self.prices
        before, charged = self.plugged(t, now), np.full_like(now.on, np.inf)
        levels = charged.shape[2]
        for cost, source, goal, shift in zip(self._arcs.cost(t, self), *self._arc_places, strict=True):
            if shift < levels:
                reached = charged[goal, :, shift:]
                np.minimum(reached, before[source, :, : levels - shift] + cost[:, None], out=reached)
        charged += self._missing
        off, resting = np.minimum(now.off, now.on + p.stop[t]), np.minimum(now.resting, now.filled + p.stop[t])
        if p.ready[t]:
            off -= p.ready[t] * self._is_ready
            resting = resting - p.ready[t]
        return States(off, charged, self.fillings(t, before).min(axis=0), resting)

    def plugged(self, t: int, now: States) -> Array:
        """States with the charger on at the start of slot t."""
        before = np.minimum(now.on, now.off + self.prices.start[t])
        if self.prices.ready[t]:
            before -= self.prices.ready[t] * self._is_ready
        return np.asarray(before)

    def fillings(self, t: int, before: Array) -> Array:
        """A last slot that ends at the target, short where need be, from each lattice; then one of next to nothing."""
        levels = np.maximum(self.lattices.short_level, 0)
        from_ = before[np.arange(len(levels))[:, None], self._rows, levels]
        ways = [*(from_ + self._shorts.cost(t, self))]
        if self.lattices.trickles:
            full = before[-1, self._rows, self._last]
            ways.append(np.where(self._can_fill, full + self.prices.charger[t], np.inf))
        return np.array(ways)

    def trace(self, rows: Index, ready_from: Index) -> tuple[Mask, Array]:
        """Which slots and how many kWh, each of shape (patterns, slots), the cheapest patterns of `rows` charge: those
        that hold the need from slot `ready_from` on, or with −1 those that stay."""
        return _Trace(self, rows, ready_from).run()


class _Amounts:
    """Ways to charge and what they cost in a slot; `kwh[way, row]`, inf where a row cannot."""

    def __init__(self, packs: PatternPacks, kwh: Array) -> None:
        self.closed = np.where(np.isfinite(kwh), 0.0, np.inf)
        self.kwh = np.where(np.isfinite(kwh), kwh, 0.0)
        self.share = self.kwh / packs.hi_kwh

    def cost(self, t: int, paths: ShortestPaths) -> Array:
        p = paths.prices
        cost = (p.per_kwh[t] + paths.packs.wear_per_kwh) * self.kwh + (self.closed + p.charger[t])
        if p.full_power[t]:
            cost += p.full_power[t] * rounded_share(self.share, p.fraction[t])
        return np.asarray(cost)


class _Trace:
    """Cheapest patterns followed back slot by slot, all at once."""

    def __init__(self, paths: ShortestPaths, rows: Index, ready_from: Index) -> None:
        self.paths, self.rows = paths, rows
        self.start = np.where(ready_from >= 0, ready_from, paths.slots)
        self.on_slots = np.zeros((len(rows), paths.slots), dtype=bool)
        self.kwh = np.zeros((len(rows), paths.slots))
        self.mode, self.lattice, self.level = (np.zeros(len(rows), dtype=np.int64) for _ in range(3))
        self.done = np.zeros(len(rows), dtype=bool)
        self.stays = ready_from < 0

    def run(self) -> tuple[Mask, Array]:
        for t in range(self.paths.slots, -1, -1):
            if (begins := np.flatnonzero(self.start == t)).size:
                self._begin(t, begins)
            at_release = (self.paths.packs.release[self.rows] == t) & (self.mode == OFF)
            self.done |= at_release & (self.lattice == 0) & (self.level == 0) & (self.start >= t)
            active = np.flatnonzero((self.start >= t) & ~self.done)
            if t and active.size:
                self._back(t - 1, active)
        return self.on_slots, self.kwh

    def _begin(self, t: int, some: Index) -> None:
        """The state in which each pattern ends, before slot t."""
        for part, stays in ((some[self.stays[some]], True), (some[~self.stays[some]], False)):
            rows = self.rows[part]
            if not len(rows):
                continue
            ends = self.paths.ends(rows) if stays else self.paths.ready_ends(t, rows)
            best = ends.reshape(-1, len(part)).argmin(axis=0)
            self.mode[part], self.lattice[part], self.level[part] = np.unravel_index(best, ends.shape[:3])

    def _back(self, t: int, active: Index) -> None:
        """Undo slot t and the boundary before it."""
        now, stop = self.paths._history[t], self.paths.prices.stop[t]
        before, mode = self.paths.plugged(t, now), self.mode[active]
        self.on_slots[active[(mode == ON) | (mode == FILLED)], t] = True
        self._undo_arc(t, active[mode == ON], before)
        self._undo_filling(t, active[mode == FILLED], before)
        charged, idle, resting = active[(mode == ON) | (mode == FILLED)], active[mode == OFF], active[mode == RESTING]
        place = (self.lattice[charged], self.rows[charged], self.level[charged])
        self.mode[charged] = np.where(now.on[place] <= now.off[place] + self.paths.prices.start[t], ON, OFF)
        place = (self.lattice[idle], self.rows[idle], self.level[idle])
        self.mode[idle] = np.where(now.off[place] <= now.on[place] + stop, OFF, ON)
        rows = self.rows[resting]
        self.mode[resting] = np.where(now.resting[rows] <= now.filled[rows] + stop, RESTING, FILLED)

    def _undo_arc(self, t: int, some: Index, before: Array) -> None:
        """The arc by which each came to its state in slot t."""
        paths, arcs, rows = self.paths, self.paths.lattices.arcs, self.rows[some]
        levels = self.level[some] - arcs.shift[:, None]
        can = (arcs.goal[:, None] == self.lattice[some]) & (levels >= 0)
        cost = before[arcs.source[:, None], rows, np.maximum(levels, 0)] + paths._arcs.cost(t, paths)[:, rows]
        arc = np.where(can, cost, np.inf).argmin(axis=0)
        self.kwh[some, t] = paths._arcs.kwh[arc, rows]
        self.lattice[some], self.level[some] = arcs.source[arc], levels[arc, np.arange(len(some))]

    def _undo_filling(self, t: int, some: Index, before: Array) -> None:
        """The lattice from which each was filled in slot t."""
        paths, rows, lattices = self.paths, self.rows[some], len(before)
        way = paths.fillings(t, before)[:, rows].argmin(axis=0)
        is_trickle, lattice = way == lattices, np.minimum(way, lattices - 1)
        self.kwh[some, t] = np.where(is_trickle, 0.0, paths._shorts.kwh[lattice, rows])
        self.lattice[some] = lattice
        self.level[some] = np.where(is_trickle, paths._last[rows], paths.lattices.short_level[lattice, rows])
