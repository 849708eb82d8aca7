"""The cheapest charging patterns, (9.7): against every set of on-slots with a linear programme for its powers."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import linprog

from models.formulations.matrix import Array
from models.formulations.patterns.packs import PatternPacks
from models.formulations.patterns.shortest_paths import ShortestPaths, SlotPrices, rounded_share

SLOTS = 4


def packs_of(r: random.Random, steps: int) -> PatternPacks:
    """Three packs that come in slots 0, 0 and 2 and take 10 kWh a slot; E is 30 kWh."""
    energy = np.array([round(r.uniform(0, 29), 2), round(r.uniform(0, 31), 2), round(r.uniform(0, 20), 2)])
    came, target = np.array([0, 0, 2]), 30.0
    need = r.choice([target, 22.0])
    return PatternPacks(
        type="A",
        packs=("P1", "P2", "P3"),
        swaps=(),
        due=np.zeros(0, dtype=np.int64),
        initial=3,
        brings=np.zeros(0, dtype=np.int64),
        energy_kwh=np.minimum(energy, target),
        arrive=came,
        release=came + r.choice([0, 0, 1]) * (came > 0),
        available=came + (came > 0),
        need_kwh=need - 2e-7,
        ready_kwh=need - 2e-7,
        target_kwh=target,
        hi_kwh=np.full(3, 10.0),
        steps=steps,
        end_value_per_kwh=r.choice([0.0, 0.3, 0.6]),
        wear_per_kwh=r.choice([0.0, 0.1]),
        of_type=np.arange(3),
        is_first=True,
    )


def prices_of(r: random.Random, *, reserve: bool, whole_power: bool) -> SlotPrices:
    def drawn(low: float, high: float) -> Array:
        return np.array([round(r.uniform(low, high), 3) for _ in range(SLOTS)])

    starts, stops = drawn(0, 2), drawn(0, 2)
    starts[0] = stops[0] = 0.0
    return SlotPrices(
        per_kwh=drawn(-0.2 if r.random() < 0.3 else 0.1, 1),
        charger=drawn(0, 1),
        start=starts,
        stop=stops,
        full_power=drawn(0, 2) if whole_power else np.zeros(SLOTS),
        fraction=drawn(0, 0.9),
        ready=drawn(0, 2) if reserve else np.zeros(SLOTS),
    )


@dataclass(frozen=True)
class Enumeration:
    """All sets of on-slots of one pack. `least[f]`: least cost of being ready from slot f; `stays`: of staying."""

    packs: PatternPacks
    prices: SlotPrices
    row: int

    def least(self) -> tuple[dict[int, float], float]:
        ready: dict[int, float] = {}
        stays = self._stay_cost(())
        slots = range(int(self.packs.release[self.row]), SLOTS)
        for count in range(1, len(slots) + 1):
            for on in combinations(slots, count):
                f = on[-1] + 1
                ready[f] = min(ready.get(f, np.inf), self._ready_cost(on))
                stays = min(stays, self._stay_cost(on))
        return ready, stays

    def _stay_cost(self, on: tuple[int, ...]) -> float:
        held = self.packs.end_value_per_kwh * self.packs.energy_kwh[self.row]
        return self._cost(on, 0.0, self.packs.end_value_per_kwh, SLOTS) - held

    def _ready_cost(self, on: tuple[int, ...]) -> float:
        return self._cost(on, self.packs.need_kwh - self.packs.energy_kwh[self.row], 0.0, on[-1] + 1)

    def _cost(self, on: tuple[int, ...], least_kwh: float, worth: float, end: int) -> float:
        """The cheapest powers, with each slot from which the pack may be ready, and with or without a short end."""
        room = self.packs.target_kwh - self.packs.energy_kwh[self.row]
        lo, hi = self.packs.lo_kwh[self.row], self.packs.hi_kwh[self.row]
        waiting = [(SLOTS, 0.0), *((g, self._waited(g, end)) for g in range(int(self.packs.arrive[self.row]), SLOTS))]
        best = np.inf
        for ready_from, earned in waiting:
            for short in (False, True):
                if short and not on:
                    continue
                bounds = [(lo, hi)] * len(on)
                if short:
                    bounds[-1] = (0.0, hi)
                low = room if short else least_kwh
                found = self._powers(on, bounds, (low, room), ready_from, worth)
                best = min(best, found - earned)
        return best + self._switching(on, end)

    def _waited(self, ready_from: int, end: int) -> float:
        return float(self.prices.ready[ready_from:end].sum())

    def _powers(
        self, on: tuple[int, ...], bounds: list[tuple[float, float]], total: tuple[float, float], g: int, worth: float
    ) -> float:
        missing = self.packs.ready_kwh - self.packs.energy_kwh[self.row]
        if not on:
            return 0.0 if total[0] <= 0 and (g == SLOTS or missing <= 0) else np.inf
        c = self.prices.per_kwh[list(on)] + self.packs.wear_per_kwh - worth
        rows, sides = [[1.0] * len(on), [-1.0] * len(on)], [total[1] + 1e-9, -total[0] + 1e-9]
        if g < SLOTS:
            rows.append([-1.0 if t < g else 0.0 for t in on])
            sides.append(-missing)
        found = linprog(c, A_ub=rows, b_ub=sides, bounds=bounds)
        return float(found.fun) if found.status == 0 else np.inf

    def _switching(self, on: tuple[int, ...], end: int) -> float:
        p = self.prices
        starts = sum(p.start[t] for t in on if t > 0 and t - 1 not in on)
        stops = sum(p.stop[t + 1] for t in on if t + 1 < SLOTS and t + 1 not in on)
        return float(starts + stops + p.charger[list(on)].sum())


@pytest.mark.parametrize("steps", [0, 1, 2, 4])
@pytest.mark.parametrize("reserve", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_no_pattern_is_cheaper_than_the_path(seed: int, reserve: bool, steps: int) -> None:
    r = random.Random(f"{seed} {reserve} {steps}")
    packs, prices = packs_of(r, steps), prices_of(r, reserve=reserve, whole_power=False)
    priced = ShortestPaths(packs, SLOTS, ready_on_the_way=reserve)
    costs = priced.at(prices)
    for row in range(3):
        ready, stays = Enumeration(packs, prices, row).least()
        assert costs.stay_cost[row] == pytest.approx(stays, abs=1e-5)
        for f, cost in ready.items():
            assert costs.ready_cost[row, f] == pytest.approx(cost, abs=1e-5), (row, f)


@pytest.mark.parametrize("steps", [0, 1, 2, 4])
@pytest.mark.parametrize("seed", range(10))
def test_traced_pattern_costs_what_the_path_says(seed: int, steps: int) -> None:
    r = random.Random(f"trace {seed} {steps}")
    packs, prices = packs_of(r, steps), prices_of(r, reserve=False, whole_power=steps == 1)
    priced = ShortestPaths(packs, SLOTS, ready_on_the_way=False)
    costs = priced.at(prices)
    row, f = np.nonzero(np.isfinite(costs.ready_cost))
    rows, ready_from = np.concatenate([row, np.arange(3)]), np.concatenate([f, [-1, -1, -1]])
    on, kwh = priced.trace(rows, ready_from)
    expected = np.concatenate([costs.ready_cost[row, f], costs.stay_cost])
    for n, (pack, ready) in enumerate(zip(rows.tolist(), ready_from.tolist(), strict=True)):
        slots = tuple(np.flatnonzero(on[n]).tolist())
        if ready >= 0:
            assert slots[-1] + 1 == ready
        held = packs.energy_kwh[pack] + kwh[n].sum()
        assert held <= packs.target_kwh + 1e-6
        assert held >= (packs.need_kwh - 1e-6 if ready >= 0 else 0.0)
        full = prices.full_power * np.where(on[n], rounded_share(kwh[n] / 10.0, prices.fraction), 0.0)
        cost = Enumeration(packs, prices, pack)._switching(slots, 0) + float(full.sum())
        cost += float(kwh[n] @ (prices.per_kwh + packs.wear_per_kwh))
        cost -= packs.end_value_per_kwh * held if ready < 0 else 0.0
        assert cost == pytest.approx(expected[n], abs=1e-6)


def test_least_power_holds_in_every_slot_but_one_that_fills_the_pack() -> None:
    r = random.Random(7)
    packs = replace(packs_of(r, 2), need_kwh=22.0, energy_kwh=np.array([1.0, 2.5, 3.3]))
    priced = ShortestPaths(packs, SLOTS, ready_on_the_way=False)
    costs = priced.at(prices_of(r, reserve=False, whole_power=False))
    row, f = np.nonzero(np.isfinite(costs.ready_cost))
    on, kwh = priced.trace(row, f)
    for n in range(len(row)):
        below = np.flatnonzero(on[n] & (kwh[n] < 5.0 - 1e-6))
        assert len(below) <= 1
        if len(below):
            assert below[0] == f[n] - 1
            assert packs.energy_kwh[row[n]] + kwh[n].sum() == pytest.approx(30.0, abs=1e-5)


def test_rounded_share_of_a_whole_slot_is_one() -> None:
    assert rounded_share(np.array([1.0, 0.5, 0.2]), 0.4) == pytest.approx([1.0, 1 / 6, 0.0])
