"""The cheapest charging pattern of every pack along its acceptance curve: (9.14) of models/README.md.

Going back in time, the least cost from a slot and an energy on is the same for all packs of a type and curve. Two are
kept side by side: of staying, and of being ready in the end and handed over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.formulations.matrix import Array, Index
from models.formulations.patterns.energies import Energies, energies_along
from models.formulations.patterns.lattices import Mask
from models.formulations.patterns.packs import PatternPacks
from models.formulations.patterns.shortest_paths import SlotPrices
from models.station.acceptance import Reach
from models.tolerances import EQUAL

STAY, POOL = 0, 1
MOST_STATES = 1_000_000  # energies times slots: some 30 MB
FEWEST_ENERGIES = 200


@dataclass(frozen=True)
class Traced:
    """Patterns followed: by pattern the slot from which it is ready (−1: it stays), slots on, and kWh by slot."""

    ready_from: Index
    on: Mask
    kwh: Array
    is_kept: Mask


class CurvePaths:
    """Prices the patterns of the packs of one type that share a curve, again and again. Rows are theirs alone."""

    def __init__(self, packs: PatternPacks, rows: Index, reach: Reach, slots: int) -> None:
        self.packs, self.rows, self.reach, self.slots = packs, rows, reach, slots
        arrivals = packs.energy_kwh[rows]
        levels = [packs.need_kwh, packs.ready_kwh]
        most = max(FEWEST_ENERGIES, MOST_STATES // max(slots, 1))
        self.energies: Energies = energies_along(reach, arrivals.tolist(), levels, most)
        kwh = self.energies.kwh
        self.start = self.energies.place_of(arrivals)
        tolerance = EQUAL * max(1.0, packs.target_kwh)
        self._is_ready: Mask = kwh >= packs.ready_kwh - tolerance
        self._unfit: Array = np.where(kwh >= packs.need_kwh - tolerance, 0.0, np.inf)
        self._came_ready = arrivals >= packs.ready_kwh - EQUAL
        self._windows = _Windows(self.energies.top)
        self._set_up()

    def _set_up(self) -> None:
        shape = (self.slots + 1, 2, len(self.energies.kwh))
        self._on = np.empty(shape)  # least cost from a slot on, with the charger on in the slot before
        self._plugs_on, self._plugs_off, self._stops = (np.zeros(shape, dtype=bool) for _ in range(3))

    def at(self, prices: SlotPrices, earned: Array) -> tuple[Array, Array]:
        """Least costs of staying, less the worth of what is held then, and of being ready, less what that earns:
        `earned[f]` for a pack that is ready from slot f on, −inf where no swap is left. By row; inf: there is none."""
        self.prices = prices
        stay, ready = np.full(len(self.rows), np.inf), np.full(len(self.rows), np.inf)
        release, arrive = self.packs.release[self.rows], self.packs.arrive[self.rows]
        waiting = np.concatenate([[0.0], np.cumsum(prices.ready)])
        self._on[-1, STAY] = -self.packs.end_value_per_kwh * self.energies.kwh
        self._on[-1, POOL] = np.inf
        off = self._on[-1].copy()
        for t in range(self.slots - 1, -1, -1):
            off = self._slot_before(t, off, earned[t])
            comes = np.flatnonzero(release == t)
            if len(comes):
                waited = np.where(self._came_ready[comes], waiting[t] - waiting[arrive[comes]], 0.0)
                stay[comes], ready[comes] = off[:, self.start[comes]] - waited
        slack = self.energies.spread_kwh * self._variation(prices)
        self.stay_cost, self.ready_cost = stay - slack, ready - slack
        return self.stay_cost, self.ready_cost

    def _slot_before(self, t: int, off: Array, earned: float) -> Array:
        """From the least costs at the end of slot `t`, with the charger off in it, those at its start."""
        p, after = self.prices, self._on[t + 1]
        per_kwh = p.per_kwh[t] + self.packs.wear_per_kwh
        cost_kwh = per_kwh * self.energies.kwh
        plugged = self._windows.least(after + cost_kwh) - cost_kwh + p.charger[t]
        if p.ready[t]:
            earns = p.ready[t] * self._is_ready
            plugged -= earns
            off = off - earns
        starts, stops = plugged + p.start[t], off + p.stop[t]
        np.less(starts, off, out=self._plugs_off[t])
        np.less(plugged, stops, out=self._plugs_on[t])
        np.minimum(plugged, stops, out=self._on[t])
        ends = self._unfit + (p.stop[t] - earned - self.packs.worth)
        np.less_equal(ends, self._on[t, POOL], out=self._stops[t, POOL])
        np.minimum(ends, self._on[t, POOL], out=self._on[t, POOL])
        return np.asarray(np.minimum(starts, off))

    def _variation(self, prices: SlotPrices) -> float:
        """By how much a path costs less at most, by kWh that its energies are rounded up."""
        per_kwh = np.abs(prices.per_kwh + self.packs.wear_per_kwh)
        steps = np.abs(np.diff(prices.per_kwh))
        return float(steps.sum() + per_kwh.max(initial=0.0) + abs(self.packs.end_value_per_kwh))

    def trace(self, rows: Index, kind: int) -> Traced:
        """The cheapest patterns of `rows`, numbers within this object's, that STAY or are of the POOL."""
        place, slots = self.start[rows].copy(), self.slots
        release = self.packs.release[self.rows[rows]]
        held = self.packs.energy_kwh[self.rows[rows]].copy()
        on, kwh = np.zeros((len(rows), slots), dtype=bool), np.zeros((len(rows), slots))
        ready_from, was_on = np.full(len(rows), -1), np.zeros(len(rows), dtype=bool)
        for t in range(int(release.min(initial=slots)), slots):
            active = (release <= t) & (ready_from < 0)
            if kind == POOL:
                ends = active & was_on & self._stops[t, POOL][place]
                ready_from[ends] = t
                active &= ~ends
            is_on = active & np.where(was_on, self._plugs_on[t, kind][place], self._plugs_off[t, kind][place])
            some = np.flatnonzero(is_on)
            if len(some):
                place[some] = self._best_end(t, kind, place[some])
                after = self._within_reach(held[some], self.energies.kwh[place[some]])
                on[some, t], kwh[some, t] = True, after - held[some]
                held[some] = after
            was_on = is_on
        is_kept = (ready_from >= 0) & self._holds_need(held) if kind == POOL else np.ones(len(rows), dtype=bool)
        return Traced(ready_from, on, kwh, is_kept)

    def cheapest_powers(self, rows: Index, on: Mask, is_ready: Mask, per_kwh: Array) -> tuple[Array, Mask]:
        """The kWh by slot, shape (patterns, slots), that cost least at the given on-slots and prices of a kWh: of
        packs that are to hold the need (`is_ready`), or stay; and for which there is none."""
        last_first, exists = _last_first(on)
        prices = per_kwh[last_first] + self.packs.wear_per_kwh
        kwh, worth = self.energies.kwh, self.packs.end_value_per_kwh
        value = np.where(is_ready[:, None], self._unfit, -worth * kwh)
        after = []
        for n in range(exists.shape[1]):
            cost_kwh = prices[:, n, None] * kwh
            after.append(value + cost_kwh)
            value = np.where(exists[:, n, None], self._windows.least(after[n]) - cost_kwh, value)
        place, held = self.start[rows], self.packs.energy_kwh[self.rows[rows]]
        found, number = np.zeros(on.shape), np.arange(len(rows))
        is_found: Mask = np.isfinite(value[number, place])
        for n in reversed(range(exists.shape[1])):
            some = np.flatnonzero(exists[:, n])
            place[some] = self._windows.least_place(after[n][some], place[some])
            ends = self._within_reach(held[some], kwh[place[some]])
            found[some, last_first[some, n]] = ends - held[some]
            held[some] = ends
        return found, is_found & (~is_ready | self._holds_need(held))

    def _holds_need(self, held: Array) -> Mask:
        return np.asarray(held >= self.packs.need_kwh - EQUAL * max(1.0, self.packs.target_kwh))

    def _best_end(self, t: int, kind: int, place: Index) -> Index:
        per_kwh = self.prices.per_kwh[t] + self.packs.wear_per_kwh
        costs = self._on[t + 1, kind] + per_kwh * self.energies.kwh
        return self._windows.least_place(np.broadcast_to(costs, (len(place), len(costs))), place)

    def _within_reach(self, held: Array, wanted: Array) -> Array:
        """Where some energies were left out, the next one may be out of reach."""
        if self.energies.spread_kwh:
            wanted = np.minimum(wanted, [self.reach.after_kwh(kwh) for kwh in held.tolist()])
        return np.asarray(np.maximum(wanted, held))


def _last_first(on: Mask) -> tuple[Index, Mask]:
    """The on-slots of every pattern, the last one first, and whether there is one; shape (patterns, most on-slots)."""
    count = on.sum(axis=1)
    by_slot = np.argsort(~on[:, ::-1], axis=1, kind="stable")[:, : int(count.max(initial=0))]
    return on.shape[1] - 1 - by_slot, np.arange(by_slot.shape[1]) < count[:, None]


class _Windows:
    """Least values over the windows q … top[q], by doubling."""

    def __init__(self, top: Index) -> None:
        self._count = len(top)
        self._length = top - np.arange(len(top)) + 1
        self._levels = int(np.log2(self._length.max())) + 1
        level = np.log2(self._length).astype(np.int64)
        self._first = level * self._count + np.arange(self._count)
        self._second = level * self._count + top - (1 << level) + 1
        self._work = np.zeros((0, self._levels, self._count))
        self._places = np.arange(int(self._length.max()))

    def least(self, values: Array) -> Array:
        """`values` and the answer have shape (any, energies)."""
        if len(self._work) != len(values):
            self._work = np.full((len(values), self._levels, self._count), np.inf)
        work = self._work
        work[:, 0] = values
        for level in range(1, self._levels):
            half = 1 << (level - 1)
            np.minimum(work[:, level - 1, :-half], work[:, level - 1, half:], out=work[:, level, :-half])
        flat = work.reshape(len(values), -1)
        return np.asarray(np.minimum(flat[:, self._first], flat[:, self._second]))

    def least_place(self, values: Array, place: Index) -> Index:
        """Where the least of each row of `values`, shape (any, energies), is in the window from `place` on."""
        ends = np.minimum(place[:, None] + self._places, self._count - 1)
        inside = np.where(self._places < self._length[place][:, None], np.take_along_axis(values, ends, axis=1), np.inf)
        return np.asarray(place + inside.argmin(axis=1))
