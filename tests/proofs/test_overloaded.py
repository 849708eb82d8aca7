"""Nights whose base load exceeds the grid limit in some slots: bounds and plans against the truth of tiny ones."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from every_plan import cheapest_objective
from patience import PATIENCE
from random_nights import on_off_night, random_night
from solved import optimum
from verdicts import bounds, margin

from models.formulations.reference import build_reference
from models.station.instance import Night
from models.station.overload import stated_kw
from optimizer.check.rules import check
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station

TRICKLE = 5e-4  # as in verdicts.py: plans keep packs plugged in at a little more than what counts
COUNT = 60
HALF = COUNT // 2


def overloaded(night: Night, seed: int) -> Night:
    """The night with a base load above grid limit and sun in some slots, not in all."""
    r = random.Random(f"overload of {seed}")
    slots = night.horizon.slots
    which = r.sample(range(slots), r.randint(1, slots - 1))
    station = night.station
    base = tuple(
        limit + sun + r.choice([0.5, 20.0]) if t in which else kw
        for t, (kw, limit, sun) in enumerate(
            zip(station.base_load_kw, station.grid_limit_kw, station.solar_kw, strict=True)
        )
    )
    made = replace(night, station=replace(station, base_load_kw=base))
    assert made.overloaded_slots() == sorted(which)
    return made


def nights(first: int) -> list[tuple[int, Night]]:
    """Ten of them: continuous and other chargers with sun from `random_night`, on/off ones without."""
    draw = random_night if first < HALF else on_off_night
    return [(seed, overloaded(draw(seed), seed)) for seed in range(first, first + 10)]


@pytest.mark.parametrize("first", range(0, COUNT, 10))
def test_truth_refutes_no_bound_and_no_plan(first: int) -> None:
    for seed, night in nights(first):
        best = optimum(build_reference(night).model) if first < HALF else cheapest_objective(night)
        plan = plan_station(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE))
        objective, bound = plan.result.cost.objective, plan.result.bound
        allowed = margin(best) + (TRICKLE if night.station.counts_plug_changes else 0.0)
        assert check(night, plan.schedule) == [], seed
        assert best - margin(best) <= objective <= best + allowed, seed
        assert bound is not None and bound <= best + margin(best), seed
        assert all(found <= best + margin(best) for _, found in bounds(night)), seed


def test_nothing_is_charged_in_such_slots() -> None:
    """And much is in the others; sun that serves the base load is used to the full."""
    charged = 0.0
    for first in range(0, COUNT, 10):
        for seed, night in nights(first):
            schedule = plan_station(night, RunOptions(time_limit_seconds=PATIENCE)).schedule
            slots = set(night.overloaded_slots())
            for row in schedule.rows:
                assert all(kw == pytest.approx(0, abs=1e-6) for t, kw in enumerate(row.power_kw) if t in slots), seed
                charged += sum(row.power_kw)
            for t in slots:
                used = schedule.solar_used_kw[t] if schedule.solar_used_kw else 0.0
                assert used == pytest.approx(night.station.solar_kw[t]), seed
    assert charged > 500


def test_the_stated_limit_is_kept_beside_the_raised_one() -> None:
    for seed, night in nights(0):
        assert stated_kw(night.station) == random_night(seed).station.grid_limit_kw
        raised = [t for t, kw in enumerate(night.station.grid_limit_kw) if kw > stated_kw(night.station)[t]]
        assert raised == night.overloaded_slots()
