"""Whole charging patterns: no bound above the optimum of the reference model, and plans that keep every rule."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import builders as make
import cli
import pytest
from patience import PATIENCE
from random_nights import random_night
from solved import optimum

from models.formulations.patterns.packs import patterns_are_plans
from models.formulations.reference import build_reference
from models.station.instance import Night
from models.tolerances import is_refuted
from optimizer.bench.library.families import family_instance
from optimizer.check.rules import check
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.engine.options import RunOptions
from optimizer.engine.patterns.generation import PatternGeneration
from optimizer.engine.patterns.plan_by_patterns import plan_by_patterns
from optimizer.engine.plan_station import plan_station
from optimizer.engine.search import Search
from optimizer.formats.read_instance import parse_instance

SEEDS = range(120)


def ruled_night(seed: int) -> Night:
    """A tiny random night with charger rules, mostly one with needs alike."""
    night, r = random_night(seed), random.Random(f"rules of {seed}")
    kinds = {name: replace(kind, acceptance=(), acceptance_at_c=()) for name, kind in night.pack_types.items()}
    station = night.station
    if not station.needs_switches:
        count = r.randint(1, max(1, len(station.packs) - 1))
        least_kw = r.choice([0.0, 0.3, 0.5, 0.75]) * station.chargers.max_kw
        chargers = replace(station.chargers, count=count, min_kw=least_kw)
        cap, cost = r.choice([None, None, 0, 1, 2]), r.choice([0.0, 0.5])
        station = replace(station, chargers=chargers, plug_changes_max=cap, plug_change_cost=cost)
    if r.random() < 0.7:
        station = replace(station, swaps=tuple(replace(swap, swap_soc=None, pack=None) for swap in station.swaps))
    return replace(night, station=station, pack_types=kinds)


def search_of(night: Night, gap: float = 0.0) -> Search:
    search = Search(night, RunOptions(gap=gap, time_limit_seconds=PATIENCE))
    search.offer(uncontrolled_charging(night), "charge on arrival")
    return search


@pytest.mark.parametrize("seed", SEEDS)
def test_bound_is_never_above_the_optimum(seed: int) -> None:
    night = ruled_night(seed)
    best = optimum(build_reference(night).model)
    search = search_of(night)
    generation = PatternGeneration(search)
    generation.solve()
    assert search.log, "a bound was proven"
    assert not is_refuted(search.safe_bound, best), (search.safe_bound, best)


@pytest.mark.parametrize("seed", [seed for seed in SEEDS if patterns_are_plans(ruled_night(seed))])
def test_plan_keeps_every_rule_and_costs_what_its_model_says(seed: int) -> None:
    night = ruled_night(seed)
    search = search_of(night)
    plan_by_patterns(search)  # raises where model and bill differ, or a bound lies above a plan
    assert search.schedule is not None
    assert check(night, search.schedule) == []


@pytest.mark.parametrize(
    ("family", "size", "gap"),
    [
        ("few-chargers", "s", 0.005),
        ("few-chargers-curve", "m", 0.001),
        ("few-chargers-on-off", "s", 0.004),
        ("few-chargers-on-off", "m", 0.003),
    ],
)
def test_nights_of_the_library_are_proven(family: str, size: str, gap: float) -> None:
    document = json.dumps(family_instance(family, size, 1)).encode()
    (night,) = parse_instance(document, "drawn", Path()).nights
    plan = plan_station(night, RunOptions(gap=gap, time_limit_seconds=PATIENCE))
    assert plan.result.proves(gap)
    assert plan.result.method.startswith("charging patterns")
    assert plan.is_bound_recomputed
    assert check(night, plan.schedule) == []


def test_a_reserve_below_the_needs_does_not_raise_the_bound() -> None:
    """It pays to hold 26 kWh early and 32 later, of which lattices to 32 know nothing: the bound was above the plan."""
    night = make.night(
        slots=3,
        types=[make.pack_type(capacity_kwh=40, swap_soc=0.65, end_value_per_kwh=0.3)],
        bays=3,
        packs=[make.pack(f"P{n}", soc) for n, soc in enumerate((0.1, 0.21, 0.35))],
        swaps=[
            make.swap("W1", 1, 0.12, swap_soc=0.8, lost_cost=20.0),
            make.swap("W2", 0, None, swap_soc=0.7, lost_cost=0.0),
        ],
        chargers=make.chargers(max_kw=50, count=3, efficiency=0.9),
        tariff=make.tariff([0.44, 0.49, 0.72]),
        ready_reserve=(1, 1, 1),
        reserve_cost=6.0,
        turnaround_slots=2,
        plug_changes_max=2,
        plug_change_cost=0.5,
    )
    search = search_of(night)
    PatternGeneration(search).solve()
    assert search.log, "a bound was proven"
    assert not is_refuted(search.safe_bound, optimum(build_reference(night).model))


def test_needs_that_differ_and_packs_asked_for_by_name_are_proven(tmp_path: Path) -> None:
    """Through the command; assignments and load caps left 17 % open."""
    given, r = family_instance("few-chargers", "s", 1), random.Random(1)
    (station,) = given["stations"]
    for swap in station["swaps"]:
        swap["swap_soc"] = r.choice([0.6, 0.8, 0.9])
    for pack, swap in zip(station["packs"], station["swaps"][::4], strict=False):
        swap["pack"] = pack["id"]
    instance, plan = tmp_path / "night.json", tmp_path / "plan.json"
    instance.write_text(json.dumps(given))
    done = cli.run("solve", instance, "--json", "-o", plan, "--gap", 0.01)
    assert done.returncode == 0, done.stderr
    assert cli.run("check", instance, plan).returncode == 0
    facts = json.loads(done.stdout)
    assert facts["gap"] <= 0.01
    assert facts["stations"][0]["method"].startswith("charging patterns")


def test_a_reserve_beside_scarce_chargers_is_planned() -> None:
    """Target and need are one energy, and a full pack that stays plugged draws a little: it is ready when it stops.

    Asked to be ready before, no powers were found at all, and the gap was 28 %.
    """
    document = json.dumps(family_instance("few-chargers", "s", 1)).encode()
    (night,) = parse_instance(document, "drawn", Path()).nights
    reserve = (2,) * night.horizon.slots
    night = replace(night, station=replace(night.station, ready_reserve=reserve, reserve_cost=0.5))
    plan = plan_station(night, RunOptions(gap=0.01, time_limit_seconds=PATIENCE))
    assert plan.result.proves(0.01)
    assert plan.result.method.startswith("charging patterns")
    assert check(night, plan.schedule) == []
