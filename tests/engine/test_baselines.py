"""Charge on arrival and cheapest slots first: what they do on small nights, and that they obey every rule on many."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace

import builders as make
import pytest
from random_nights import FEATURES, random_night

from models.station.cost import cost_of
from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.check.rules import check
from optimizer.engine.baselines import UncontrolledCharging, baseline_cost, cheapest_slots_first, uncontrolled_charging

Baseline = Callable[[Night], Schedule]
both = pytest.mark.parametrize("baseline", [uncontrolled_charging, cheapest_slots_first], ids=lambda one: one.__name__)


def powers(plan: Schedule) -> dict[str, tuple[float, ...]]:
    """Rows of packs that charge at all."""
    return {row.pack: row.power_kw for row in plan.rows if any(row.power_kw)}


def longer_night(seed: int) -> Night:
    """A night of 12 slots, 4 to 6 packs and many swaps, most of them under a plug cap or with few chargers."""
    r = random.Random(seed)
    bays = r.randint(4, 6)
    swaps = [
        make.swap(f"W{n}", r.randrange(12), r.choice([None, 0.1, 0.3, 0.85]), swap_soc=r.choice([None, None, 0.9]))
        for n in range(r.randint(4, 14))
    ]
    chargers = make.chargers(
        count=r.randint(1, bays), mode=r.choice(["continuous", "continuous", "on_off"]), min_kw=r.choice([0, 15])
    )
    return make.night(
        slots=12,
        bays=bays,
        types=[make.pack_type(acceptance=r.choice([(), ((0.5, 42.0), (0.95, 8.0))]))],
        chargers=chargers,
        packs=[make.pack(f"P{n}", round(r.uniform(0, 1), 2)) for n in range(bays)],
        swaps=swaps,
        grid_limit_kw=tuple(r.choice([30, 80, 300]) for _ in range(12)),
        base_load_kw=10,
        solar_kw=tuple(r.choice([0, 25]) for _ in range(12)),
        turnaround_slots=r.choice([0, 0, 2]),
        plug_changes_max=r.choice([None, 0, 1, 2]),
        tariff=make.tariff([r.choice([0.1, 0.2, 0.3, -0.1]) for _ in range(12)]),
        ready_reserve=r.choice([0, 1]),
        reserve_cost=1,
    )


@both
@pytest.mark.parametrize("seeds", [range(300)[first : first + 50] for first in range(0, 300, 50)], ids=str)
def test_baselines_obey_every_rule(baseline: Baseline, seeds: range) -> None:
    for seed in seeds:
        for night in (random_night(seed), longer_night(seed)):
            assert check(night, baseline(night)) == [], f"seed {seed}"


def test_random_nights_cap_plug_changes() -> None:
    assert sum(FEATURES["plug change cap"](random_night(seed)) for seed in range(300)) > 30


@both
def test_longer_nights_are_served_and_charged(baseline: Baseline) -> None:
    plans = [baseline(longer_night(seed)) for seed in range(50)]
    assert sum(len(plan.hand_overs) for plan in plans) > 100
    assert sum(bool(powers(plan)) for plan in plans) > 30


# Charge on arrival


def test_on_arrival_charges_at_once_at_the_most_power() -> None:
    assert powers(uncontrolled_charging(make.night(slots=4, chargers=make.chargers(count=3)))) == {
        "P2": (40, 0, 0, 0),
        "P3": (40, 40, 0, 0),
    }


def test_on_arrival_charges_returned_packs_after_their_turnaround() -> None:
    night = make.night(slots=5, packs=[make.pack("P1", 0.9)], swaps=[make.swap("W1", 1)], turnaround_slots=1)
    assert powers(uncontrolled_charging(night)) == {"return:W1": (0, 0, 40, 40, 0)}


def test_on_arrival_waits_for_a_charger() -> None:
    night = make.night(slots=4, chargers=make.chargers(count=1))
    assert powers(uncontrolled_charging(night)) == {"P2": (40, 0, 0, 0), "P3": (0, 40, 40, 0)}


def test_on_arrival_a_pack_that_leaves_stops_charging() -> None:
    night = make.night(slots=3, packs=[make.pack("P3", 0.1)], swaps=[make.swap("W1", 1, 0.9, swap_soc=0.3)])
    assert powers(uncontrolled_charging(night)) == {"P3": (40, 0, 0)}


def test_on_arrival_drivers_get_the_first_pack_that_is_ready() -> None:
    packs = [make.pack("P1", 0.5), make.pack("P2", 0.85), make.pack("P3", 0.9)]
    night = make.night(packs=packs, swaps=[make.swap("W1", 0), make.swap("W2", 0), make.swap("W3", 0)])
    served = dict(uncontrolled_charging(night).by_swap())
    assert sorted(served) == ["W1", "W2"]
    assert set(served.values()) == {"P2", "P3"}


def test_on_arrival_under_a_plug_cap_one_waits_for_the_other() -> None:
    """Both would stop before slot 1, which may see one stop and one start."""
    night = make.night(slots=4, packs=[make.pack("P1", 0.5), make.pack("P2", 0.5)], plug_changes_max=1)
    assert powers(uncontrolled_charging(night)) == {"P1": (40, 0, 0, 0), "P2": (0, 40, 0, 0)}


def test_a_simulation_ends_where_more_is_lost_than_it_may() -> None:
    swaps = [make.swap(f"W{slot}", slot, lost_cost=10.0) for slot in (1, 2, 3)]
    night = make.night(slots=4, packs=[make.pack("P1", 0.9), make.pack("P2", 0.1)], swaps=swaps, grid_limit_kw=1.0)
    for most, lost in ((math.inf, 2), (20.0, 2), (19.0, 2), (9.0, 1)):
        simulation = UncontrolledCharging(night)
        assert simulation.simulate(most) == (most >= 20)
        assert simulation.swaps_lost == lost


def test_baseline_cost_is_that_of_charging_on_arrival() -> None:
    night = make.night(swaps=[make.swap("W1", 2)], tariff=make.tariff([0.4, 0.1, 0.1, 0.1]))
    assert baseline_cost(night) == cost_of(night, uncontrolled_charging(night))


# Cheapest slots first


def test_cheapest_charges_what_the_swap_needs_in_its_cheapest_slots() -> None:
    """Of the 60 kWh that lack by slot 4, 40 at 0.10 and 20 at 0.20."""
    night = make.night(
        slots=5,
        packs=[make.pack("P1", 0.3)],
        swaps=[make.swap("W1", 4, swap_soc=0.9)],
        tariff=make.tariff([0.3, 0.1, 0.4, 0.2, 0.0]),
    )
    assert powers(cheapest_slots_first(night)) == {"P1": (0, 40, 0, 20, 0)}


def test_cheapest_charges_nothing_that_no_swap_needs() -> None:
    assert powers(cheapest_slots_first(make.night(tariff=make.tariff(-0.1)))) == {}


def test_cheapest_under_a_plug_cap_charges_in_one_block() -> None:
    night = make.night(
        slots=5,
        packs=[make.pack("P1", 0.1)],
        swaps=[make.swap("W1", 4)],
        tariff=make.tariff([0.1, 0.9, 0.1, 0.3, 0.0]),
        plug_changes_max=1,
    )
    assert powers(cheapest_slots_first(night)) == {"P1": (0, 0, 40, 40, 0)}  # 12 + 4, not the 4 + 4 of two blocks


def test_cheapest_loses_a_swap_that_no_pack_can_serve() -> None:
    night = make.night(packs=[make.pack("P1", 0.3)], swaps=[make.swap("W1", 1)])  # 70 kWh after a slot
    plan = cheapest_slots_first(night)
    assert (powers(plan), plan.hand_overs) == ({}, ())


# Both


@both
def test_wanted_pack_is_kept_for_its_driver(baseline: Baseline) -> None:
    packs = [make.pack("P1", 0.9), make.pack("P2", 0.8)]
    night = make.night(packs=packs, swaps=[make.swap("W1", 1), make.swap("W2", 2, pack="P1")])
    assert dict(baseline(night).by_swap()) == {"W1": "P2", "W2": "P1"}


@both
def test_pack_returned_ready_serves_again_a_slot_later_but_not_at_once(baseline: Baseline) -> None:
    swaps = [make.swap("W1", 1, 0.9), make.swap("W2", 1, 0.9), make.swap("W3", 2, 0.9)]
    night = make.night(packs=[make.pack("P1", 0.9)], swaps=swaps, turnaround_slots=2)
    assert dict(baseline(night).by_swap()) == {"W1": "P1", "W3": "return:W1"}


@both
def test_each_type_serves_its_own_drivers(baseline: Baseline) -> None:
    types = [make.pack_type(), make.pack_type(id="B")]
    night = make.night(types=types, packs=[make.pack("P1", 0.9, "B")], swaps=[make.swap("W1", 1)])
    assert baseline(night).hand_overs == ()


@both
def test_reserve_shortfall_is_declared(baseline: Baseline) -> None:
    night = make.night(packs=[], ready_reserve=2, reserve_cost=1)
    assert baseline(night).reserve_shortfall == (2, 2, 2, 2)


@both
@pytest.mark.parametrize("seed", range(12))
def test_many_drivers_of_one_slot_get_what_one_by_one_they_would(
    baseline: Baseline, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whom no pack can serve is looked at once for all who want the same; the plan must not know."""
    night = random_night(seed)
    swaps = tuple(
        replace(swap, id=f"{swap.id}-{copy}", pack=swap.pack if copy == 0 else None)
        for swap in night.station.swaps
        for copy in range(3)
    )
    crowded = replace(night, station=replace(night.station, swaps=swaps))
    quick = baseline(crowded)

    class Forgetful(set[object]):
        def __contains__(self, item: object) -> bool:
            return False

    monkeypatch.setattr("optimizer.engine.baselines.set", Forgetful, raising=False)
    assert baseline(crowded) == quick
