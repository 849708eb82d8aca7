"""Assignments read off a master solution's energies: valid on every night, and decisive where drivers are lost."""

from __future__ import annotations

import random

import builders as make
import pytest
from patience import PATIENCE
from random_nights import random_night

from models.station.instance import Night
from models.station.stays import stays_of
from optimizer.check.rules import check
from optimizer.engine import column_generation
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.engine.branch_and_bound import BranchAndBound
from optimizer.engine.heuristics.follow_master import follow_master
from optimizer.engine.options import RunOptions
from optimizer.engine.search import Search


def overloaded_night(seed: int) -> Night:
    """Ten packs, 46 drivers who return them nearly empty, most of them around noon; power for one and a half packs."""
    r = random.Random(seed)
    packs = [make.pack(f"P{n}", round(r.uniform(0.3, 0.9), 2)) for n in range(10)]
    returned = [round(r.uniform(0.02, 0.5), 2) for _ in range(46)]
    slots = sorted(int(min(95, max(4, r.gauss(60, 18)))) for _ in range(46))
    return make.night(
        on=make.horizon(96, 15),
        bays=10,
        types=[make.pack_type(capacity_kwh=75, target_soc=0.9, swap_soc=0.9)],
        chargers=make.chargers(count=10, max_kw=60, efficiency=0.95),
        packs=packs,
        swaps=[make.swap(f"W{n}", slot, soc) for n, (slot, soc) in enumerate(zip(slots, returned, strict=True))],
        grid_limit_kw=105,
        tariff=make.tariff([0.1 if t < 28 else 0.3 if t < 80 else 0.2 for t in range(96)]),
    )


def searched(night: Night, branchings: int) -> Search:
    search = Search(night, RunOptions(gap=0.001, time_limit_seconds=PATIENCE))
    search.offer(uncontrolled_charging(night), "charge on arrival")
    BranchAndBound(search).run(branchings)
    assert search.schedule is not None and check(night, search.schedule) == []
    return search


def test_drivers_are_saved_whom_no_pair_of_the_master_serves_in_full(monkeypatch: pytest.MonkeyPatch) -> None:
    """On each of these nights; that it is on two at least must not depend on which of many equal duals come first."""
    nights = [overloaded_night(seed) for seed in (1, 7, 11, 14)]
    found = sum(searched(night, branchings=0).cost.lost_swaps for night in nights)
    monkeypatch.setattr(column_generation, "follow_master", lambda *_: {})
    without = sum(searched(night, branchings=0).cost.lost_swaps for night in nights)
    assert found <= without - 200


def peaky_night(seed: int) -> Night:
    """Thirteen packs, 22 drivers who return them at 10 to 60 %; what the demand charge costs is most of the bill."""
    r = random.Random(seed)
    packs = [make.pack(f"P{n}", round(r.uniform(0.3, 0.9), 2)) for n in range(13)]
    slots = sorted(r.randrange(8, 90) for _ in range(22))
    return make.night(
        on=make.horizon(96, 15),
        bays=13,
        types=[make.pack_type(capacity_kwh=75, target_soc=0.9, swap_soc=0.9, end_value_per_kwh=0.1)],
        chargers=make.chargers(count=13, max_kw=60, efficiency=0.95),
        packs=packs,
        swaps=[make.swap(f"W{n}", slot, round(r.uniform(0.1, 0.6), 2)) for n, slot in enumerate(slots)],
        tariff=make.tariff(
            [0.16 if t < 24 else 0.25 for t in range(96)], demand_charges=(make.demand(rate_per_kw=10.0),)
        ),
    )


def test_peaks_are_flat_where_every_pair_of_the_master_is_in_part_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is lost, and yet what agrees with most of the master has higher peaks than what follows it."""
    nights = [peaky_night(seed) for seed in (10, 19)]
    found = sum(searched(night, branchings=0).cost.objective for night in nights)
    monkeypatch.setattr(column_generation, "follow_master", lambda *_: {})
    without = sum(searched(night, branchings=0).cost.objective for night in nights)
    assert found <= 0.99 * without


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_what_is_followed_is_an_assignment(first: int) -> None:
    followed = 0
    for seed in range(first, first + 50):
        night = random_night(seed).by_pack
        search = Search(night, RunOptions(gap=0.0, time_limit_seconds=PATIENCE))
        search.offer(uncontrolled_charging(night), "charge on arrival")
        for _, _, solved in BranchAndBound(search).open:
            assert solved.solution is not None
            problems = column_generation.assignment_problems(night)
            by_swap = follow_master(night, problems, solved.solution)
            assert len(stays_of(night, by_swap)) >= len(by_swap), seed  # raises where a pack leaves twice
            followed += 1
    assert followed >= 3
