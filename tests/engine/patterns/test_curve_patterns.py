"""Charging patterns along acceptance curves: no bound above the optimum, and plans that keep every rule."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from patience import PATIENCE
from random_nights import bent_night, random_night
from solved import optimum

from models.formulations.patterns.packs import patterns_are_plans
from models.formulations.reference import build_reference
from models.station.acceptance import reach_of_kind
from models.station.instance import Night
from models.tolerances import is_refuted
from optimizer.check.rules import check
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.engine.options import RunOptions
from optimizer.engine.patterns.generation import PatternGeneration
from optimizer.engine.patterns.plan_by_patterns import plan_by_patterns
from optimizer.engine.search import Search

SEEDS = range(120)
FALLING = ((0.5, 0.95), (0.7, 0.8), (1.0, 0.1)), ((0.3, 1.0), (1.0, 0.1)), ((0.6, 1.2), (0.8, 0.9), (1.0, 0.05))


def scarce_night(seed: int, *, is_bent: bool) -> Night:
    """A tiny random night of continuous chargers, mostly too few or with plug changes that count, along curves."""
    night, r = random_night(seed), random.Random(f"scarce {seed}")
    station = night.station
    count = r.randint(1, max(1, len(station.packs) - 1))
    least_kw = r.choice([0.0, 0.0, 0.3]) * station.chargers.max_kw
    chargers = replace(station.chargers, mode="continuous", count=count, min_kw=least_kw)
    cap, cost = r.choice([None, None, 0, 1]), r.choice([0.0, 0.0, 0.5])
    swaps = tuple(replace(swap, swap_soc=None, pack=None) for swap in station.swaps)
    station = replace(station, chargers=chargers, plug_changes_max=cap, plug_change_cost=cost, swaps=swaps)
    curve = tuple((soc, share * chargers.max_kw) for soc, share in r.choice(FALLING))
    kinds = {name: replace(kind, acceptance=curve) for name, kind in night.pack_types.items()}
    night = replace(night, station=station, pack_types=kinds)
    return bent_night(seed, night) if is_bent else night


def search_of(night: Night) -> Search:
    search = Search(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE))
    search.offer(uncontrolled_charging(night), "charge on arrival")
    return search


@pytest.mark.parametrize("seed", SEEDS)
def test_bound_is_never_above_the_optimum(seed: int) -> None:
    night = scarce_night(seed, is_bent=False)
    assert all(
        reach_of_kind(kind, night.station.chargers.max_kw, night.horizon.slot_hours).is_concave
        for kind in night.pack_types.values()
    )
    best = optimum(build_reference(night).model)
    search = search_of(night)
    PatternGeneration(search).solve()
    assert search.log, "a bound was proven"
    assert not is_refuted(search.safe_bound, best), (search.safe_bound, best)


@pytest.mark.parametrize("is_bent", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_plan_keeps_every_rule_and_lies_above_the_bound(seed: int, is_bent: bool) -> None:
    night = scarce_night(seed, is_bent=is_bent)
    assert patterns_are_plans(night)
    search = search_of(night)
    plan_by_patterns(search)  # raises where model and bill differ, or a bound lies above a plan
    assert search.schedule is not None
    assert check(night, search.schedule) == []
