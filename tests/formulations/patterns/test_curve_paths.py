"""Cheapest patterns along curves of any shape: never dearer than a search on a fine grid, and real patterns."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import builders as make
import numpy as np
import pytest
from random_nights import bent_night

from models.formulations.matrix import Array
from models.formulations.patterns.curve_paths import POOL, STAY, CurvePaths
from models.formulations.patterns.energies import energies_along
from models.formulations.patterns.packs import pattern_packs
from models.formulations.patterns.shortest_paths import SlotPrices
from models.station.acceptance import Reach, reach_of_kind
from models.station.instance import Night

STEPS = 60  # of the grid
SEEDS = range(80)


def curved_night(seed: int) -> Night:
    """One type, one curve of any shape, at most 5 slots; needs below or at the target."""
    r = random.Random(f"paths of {seed}")
    slots, target = r.randint(2, 5), r.choice([0.8, 0.9, 1.0])
    kind = make.pack_type(
        target_soc=target, swap_soc=round(target - r.choice([0, 0, 0.2]), 2), end_value_per_kwh=r.choice([-0.1, 0.3])
    )
    packs = [make.pack(f"P{n}", round(r.uniform(0, target), 2)) for n in range(3)]
    swaps = [make.swap(f"W{n}", r.randrange(slots), round(r.uniform(0, 0.5), 2)) for n in range(2)]
    night = make.night(
        on=make.horizon(slots, 30), types=[kind], packs=packs, swaps=swaps, chargers=make.chargers(count=1, max_kw=60)
    )
    night = bent_night(seed, night)
    if any(one.acceptance_at_c for one in night.pack_types.values()):
        kinds = {name: night.types_by_pack.all_of(name)[0] for name in night.pack_types}
        station = replace(night.station, packs=tuple(replace(one, temperature_c=None) for one in night.station.packs))
        night = replace(night, pack_types=kinds, station=station)
    return night


def paths_of(night: Night) -> CurvePaths:
    (packs,) = pattern_packs(night)
    (kind,) = night.pack_types.values()
    reach = reach_of_kind(kind, night.station.chargers.max_kw, night.horizon.slot_hours)
    return CurvePaths(packs, np.arange(len(packs.packs)), reach, night.horizon.slots)


def random_prices(seed: int, slots: int) -> tuple[SlotPrices, Array]:
    r = random.Random(f"prices of {seed}")

    def some(low: float, high: float, share: float = 1.0) -> Array:
        return np.array([r.uniform(low, high) if r.random() < share else 0.0 for _ in range(slots)])

    plugs = r.random() < 0.5
    start, stop = some(0, 2 * plugs), some(0, 1 * plugs)
    prices = SlotPrices(some(-0.1, 1), some(0, 3, 0.5), start, stop, np.zeros(slots), np.zeros(slots), some(0, 1, 0.3))
    return prices, np.append(np.cumsum(some(0, 10)[::-1])[::-1], 0.0)


def cheapest_on_a_grid(paths: CurvePaths, row: int, prices: SlotPrices, earned: Array, kind: int) -> float:
    """Every set of on-slots, and on each a search on a fine grid of energies that the pack can really have."""
    packs, slots = paths.packs, paths.slots
    release, start = int(packs.release[row]), float(packs.energy_kwh[row])
    grid = np.union1d(np.linspace(start, packs.target_kwh, STEPS), paths.energies.kwh)
    grid = grid[grid >= start - 1e-12]
    after = np.array([paths.reach.after_kwh(kwh) for kwh in grid.tolist()])
    within = (grid >= grid[:, None] - 1e-12) & (grid <= after[:, None] + 1e-9)
    ready, waiting = grid >= packs.ready_kwh - 1e-7, np.append(0.0, np.cumsum(prices.ready))
    came = waiting[release] - waiting[packs.arrive[row]] if start >= packs.ready_kwh - 1e-9 else 0.0
    best = np.inf
    for on in itertools.product((False, True), repeat=max(0, slots - release)):
        cost, was_on = np.where(np.arange(len(grid)) == 0, -came, np.inf), False
        for t, is_on in enumerate(on, release):
            if was_on and kind == POOL and t <= packs.dues.max():
                ends = cost[grid >= packs.need_kwh - 1e-7] + prices.stop[t] - earned[t] - packs.worth
                best = min(best, float(ends.min(initial=np.inf)))
            cost = cost - prices.ready[t] * ready
            cost = cost + (prices.start[t] if is_on and not was_on else prices.stop[t] if was_on and not is_on else 0.0)
            if is_on:
                moved = cost[:, None] + (prices.per_kwh[t] + packs.wear_per_kwh) * (grid - grid[:, None])
                cost = np.where(within, moved, np.inf).min(axis=0) + prices.charger[t]
            was_on = is_on
        if kind == STAY:
            best = min(best, float((cost - packs.end_value_per_kwh * grid).min()))
    return best


@pytest.mark.parametrize("seed", SEEDS)
def test_no_pattern_is_cheaper_and_one_costs_as_much(seed: int) -> None:
    night = curved_night(seed)
    paths = paths_of(night)
    prices, earned = random_prices(seed, night.horizon.slots)
    last = int(paths.packs.dues.max())
    pooled = np.where(np.arange(len(earned)) <= last, earned, -np.inf)
    costs = paths.at(prices, pooled)
    for kind in (STAY, POOL):
        for row in range(len(paths.rows)):
            expected = cheapest_on_a_grid(paths, row, prices, earned, kind)
            assert costs[kind][row] == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("seed", SEEDS)
def test_traced_patterns_keep_the_curve(seed: int) -> None:
    night = curved_night(seed)
    paths = paths_of(night)
    prices, earned = random_prices(seed, night.horizon.slots)
    pooled = np.where(np.arange(len(earned)) <= paths.packs.dues.max(), earned, -np.inf)
    costs = paths.at(prices, pooled)
    for kind in (STAY, POOL):
        rows = np.flatnonzero(np.isfinite(costs[kind]))
        traced = paths.trace(rows, kind)
        assert traced.is_kept.all()
        for n, row in enumerate(rows.tolist()):
            held = float(paths.packs.energy_kwh[row])
            for t, kwh in enumerate(traced.kwh[n].tolist()):
                assert 0 <= kwh <= (traced.on[n, t] and paths.reach.after_kwh(held) - held + 1e-7)
                assert t >= paths.packs.release[row] or not kwh
                held += kwh
            assert kind == STAY or held >= paths.packs.need_kwh - 1e-7
            assert held <= paths.packs.target_kwh + 1e-9


@pytest.mark.parametrize("seed", range(30))
def test_a_bound_stays_one_where_energies_are_left_out(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    night = curved_night(seed)
    prices, earned = random_prices(seed, night.horizon.slots)
    whole = paths_of(night)
    monkeypatch.setattr("models.formulations.patterns.curve_paths.MOST_STATES", 0)
    monkeypatch.setattr("models.formulations.patterns.curve_paths.FEWEST_ENERGIES", 15)
    thin = paths_of(night)
    assert thin.energies.spread_kwh > 0 or len(whole.energies.kwh) <= 15
    for cost, bound in zip(whole.at(prices, earned), thin.at(prices, earned), strict=True):
        assert (bound <= cost + 1e-9).all()


def test_energies_are_closed_under_full_power() -> None:
    kind = replace(make.pack_type(), acceptance=((0.0, 30.0), (0.2, 60.0), (0.5, 35.0), (1.0, 10.0)))
    reach: Reach = reach_of_kind(kind, 60.0, 0.25)
    energies = energies_along(reach, [5.0, 17.0], [80.0], 1000)
    after = [reach.after_kwh(kwh) for kwh in energies.kwh.tolist()]
    assert energies.kwh[energies.top] == pytest.approx(after, abs=1e-7)
    assert energies.spread_kwh == 0


def test_a_curve_that_has_next_to_no_power_left_ends() -> None:
    """A millionth of a kW would take millions of slots from 50 kWh to the target."""
    kind = replace(make.pack_type(), acceptance=((0.0, 40.0), (0.5, 1e-6), (0.9, 1e-6)))
    energies = energies_along(reach_of_kind(kind, 60.0, 1.0), [5.0], [], 500)
    assert len(energies.kwh) < 1000
    assert energies.kwh[-1] == pytest.approx(90.0)
    assert 0 < energies.spread_kwh < 10
    assert np.diff(energies.kwh).max() == pytest.approx(energies.spread_kwh)
