"""Bays without charger, barred packs, swaps that must be served: plans and bounds against the reference model."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import builders as make
import pytest
from random_nights import random_night
from solved import optimum

from models.formulations.reference import build_reference
from models.station.instance import Bay, Night
from models.station.must_serve import surcharge_of
from optimizer.check.rules import check
from optimizer.engine.baselines import cheapest_slots_first, uncontrolled_charging
from optimizer.engine.heuristics.bays_without_charger import in_their_bays
from optimizer.engine.heuristics.serve_from_stock import serve_from_stock
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.engine.search import Search

KEYS = ("bays", "usable", "must_serve")
PAIRS = [(one,) for one in KEYS] + [(one, other) for one in KEYS for other in KEYS if one < other]


def drawn(seed: int, keys: tuple[str, ...]) -> Night:
    """A random night with more of these keys."""
    r, station = Random(f"bays of {seed}"), random_night(seed).station
    packs, swaps, bays = station.packs, station.swaps, station.bay_list
    if "bays" in keys:
        broken = r.randrange(station.bays + 1)
        bays = tuple(Bay(f"B{n}", n == broken, n == broken or r.random() < 0.5) for n in range(station.bays + 1))
        free = [bay.name for bay in bays if not bay.out_of_order]
        r.shuffle(free)
        packs = tuple(
            replace(pack, bay=bay, soc=r.choice([pack.soc, 1.0])) for pack, bay in zip(packs, free, strict=False)
        )
    if "usable" in keys:
        packs = tuple(replace(pack, usable=r.random() < 0.6) for pack in packs)
    if "must_serve" in keys:
        swaps = tuple(replace(swap, must_serve=r.random() < 0.6, lost_cost=r.choice([0.0, 5.0])) for swap in swaps)
    many = max(station.bays, len(bays))
    return replace(random_night(seed), station=replace(station, bays=many, bay_list=bays, packs=packs, swaps=swaps))


@pytest.mark.parametrize("seed", range(24))
@pytest.mark.parametrize("keys", PAIRS, ids="+".join)
def test_plan_and_bound_agree_with_the_reference_model(keys: tuple[str, ...], seed: int) -> None:
    night = drawn(seed + 100 * PAIRS.index(keys), keys)
    if not night.base_load_fits() or night.station.chargers.mode == "on_off":
        return
    plan = plan_station(night, RunOptions(gap=1e-6))
    best = optimum(build_reference(night).model)
    weights = surcharge_of(night, plan.schedule)
    assert check(night, plan.schedule) == []
    assert plan.result.bound is not None and plan.result.bound + weights <= best + 1e-4 * max(1.0, abs(best))
    assert plan.result.objective + weights == pytest.approx(best, rel=1e-4, abs=1e-3)
    for simple in (uncontrolled_charging, cheapest_slots_first):
        assert check(night, simple(night)) == []


def stored(**changes: Any) -> Night:
    """P1 full in a bay without charger, P2 at 50 kWh at a charger."""
    bays = (Bay("store", charger=False), Bay("dock"))
    settings: dict[str, Any] = {
        "bay_list": bays,
        "packs": [make.pack("P1", 0.9), make.pack("P2", 0.5)],
        "swaps": [make.swap("W1", 1), make.swap("W2", 3)],
    }
    return make.night(6, bays=2, **(settings | changes))


def test_another_pack_serves_where_one_would_have_to_charge_without_charger() -> None:
    assert in_their_bays(stored(), {"W1": "P1", "W2": "return:W1"}) == {"W1": "P1", "W2": "P2"}
    assert in_their_bays(stored(), {"W1": "P2", "W2": "return:W1"}) == {"W1": "P2", "W2": "return:W1"}


def test_a_swap_that_no_other_pack_can_serve_is_lost() -> None:
    night = stored(packs=[make.pack("P1", 0.9)])
    assert in_their_bays(night, {"W1": "P1", "W2": "return:W1"}) == {"W1": "P1"}


def test_assignments_of_packs_at_chargers_stay_as_they_are() -> None:
    by_swap = {"W1": "P1", "W2": "return:W1"}
    assert in_their_bays(stored(bay_list=()), by_swap) == by_swap


def test_who_must_be_served_gets_a_pack_that_stays() -> None:
    night = make.night(swaps=[make.swap("W1", 2, must_serve=True)])
    search = Search(night, RunOptions())
    search.offer(make.schedule(night.by_pack, {"P1": (0, 0, 0, 0), "P2": (0, 40, 0, 0)}), "by hand")
    serve_from_stock(search)
    assert search.schedule is not None and search.schedule.by_swap() == {"W1": "P1"}
    assert search.schedule.unserved == () and check(night, search.schedule) == []
