"""Stock levels against a recursion over packs by name, and what is read off them."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nbinom, poisson

from optimizer.engine.hedge.stage_levels import stage_levels
from optimizer.engine.hedge.stage_space import most_stages, stage_space
from optimizer.engine.hedge.type_stock import TypeStock, panjer

NEVER = (0.0,)


def stock(**changes: object) -> TypeStock:
    """Two packs, one of them ready; a returned one lacks 20 kWh, two slots of charging; 4 slots at 1 a kWh."""
    given: dict[str, object] = {
        "type": "A", "start_lack_kwh": (0.0, 20.0), "lack_kwh": 20.0, "slots_to_ready": 2.0, "packs_a_driver": 1,
        "lost_cost": 100.0, "chargers": 2, "mean": np.full(4, 0.5), "certain": np.zeros(4, int), "dispersion": 1.0,
        "day_sd": 0.0, "most_kwh": np.full(4, 100.0), "price_per_kwh": np.ones(4), "end_value_per_kwh": 0.0,
    }  # fmt: skip
    return TypeStock(**(given | changes))  # type: ignore[arg-type]


def value_by_hand(one: TypeStock, stages: int) -> float:
    """(14.1) over sorted tuples of what each pack lacks, drivers and charging in plain loops."""
    unit_kwh = one.lack_kwh / stages
    ratio = np.maximum(1.0, one.dispersion + one.mean * one.day_sd**2)
    chances = panjer(one.mean, ratio, 40)

    @cache
    def value(t: int, lacks: tuple[int, ...]) -> float:
        if t == len(one.mean):
            return one.end_value_per_kwh * unit_kwh * sum(lacks)
        total = 0.0
        for come, chance in enumerate(chances[t]):
            left, lost = list(lacks), 0
            for _ in range(come + int(one.certain[t])):
                if left.count(0) >= one.packs_a_driver:
                    left = sorted(left)[one.packs_a_driver :] + [stages] * one.packs_a_driver
                else:
                    lost += 1
            total += chance * (one.lost_cost * lost + charged(t, tuple(sorted(left))))
        return total

    @cache
    def charged(t: int, lacks: tuple[int, ...]) -> float:
        waiting = [n for n, lack in enumerate(lacks) if lack]
        most = min(len(waiting), one.chargers, math.floor(one.most_kwh[t] / unit_kwh + 1e-9))
        found = []
        for count in range(most + 1):
            after = tuple(sorted(lack - (n in waiting[:count]) for n, lack in enumerate(lacks)))
            found.append(one.price_per_kwh[t] * unit_kwh * count + value(t + 1, after))
        return min(found)

    start = tuple(sorted(min(stages, math.ceil(lack / unit_kwh - 1e-9)) for lack in one.start_lack_kwh))
    return value(0, start)


@settings(max_examples=40, deadline=None)
@given(
    lacks=st.lists(st.sampled_from([0.0, 10.0, 20.0]), min_size=1, max_size=3),
    prices=st.lists(st.sampled_from([0.1, 1.0, 3.0, -0.5]), min_size=4, max_size=4),
    mean=st.sampled_from([0.1, 0.7]),
    spread=st.sampled_from([(1.0, 0.0), (1.5, 0.0), (1.0, 1.0)]),
    certain=st.sampled_from([0, 1]),
    most_kwh=st.sampled_from([10.0, 100.0]),
    packs_a_driver=st.sampled_from([1, 2]),
    end_value=st.sampled_from([0.0, 1.0]),
)
def test_value_is_that_of_a_recursion_over_packs(
    lacks: list[float], prices: list[float], mean: float, spread: tuple[float, float], certain: int, most_kwh: float,
    packs_a_driver: int, end_value: float,
) -> None:  # fmt: skip
    one = stock(
        start_lack_kwh=tuple(lacks), price_per_kwh=np.array(prices), mean=np.full(4, mean), dispersion=spread[0],
        day_sd=spread[1], certain=np.array([0, certain, 0, 0]), most_kwh=np.full(4, most_kwh),
        packs_a_driver=packs_a_driver, end_value_per_kwh=end_value,
    )  # fmt: skip
    assert stage_levels(one).value == pytest.approx(value_by_hand(one, 2), rel=3e-3, abs=3e-3)  # tails are cut


def test_packs_charge_in_the_cheap_slots_before_the_drivers() -> None:
    """Two slots at 1 before a driver who surely comes at slot 3, and one at 9 between."""
    one = stock(
        start_lack_kwh=(20.0, 20.0), mean=np.zeros(4), certain=np.array([0, 0, 0, 1]),
        price_per_kwh=np.array([1.0, 1.0, 9.0, 9.0]),
    )  # fmt: skip
    found = stage_levels(one)
    assert found.keep.tolist() == [1, 1, 1, 0]
    assert found.value == pytest.approx(20.0)
    assert found.ready.tolist() == [[1, 0, 0], [1, 0, 0], [0, 1, 0], [1, 0, 0]]


def test_a_level_asks_for_more_where_a_driver_is_worth_more() -> None:
    dear, cheap = (stage_levels(stock(lost_cost=cost)).keep.sum() for cost in (1000.0, 1.0))
    assert dear > cheap == 0


def test_where_energy_costs_what_it_is_worth_packs_are_charged() -> None:
    one = stock(mean=np.zeros(4), end_value_per_kwh=1.0)
    assert stage_levels(one).keep.tolist() == [2, 2, 2, 2]


def test_long_charging_is_planned_in_blocks_of_slots() -> None:
    """100 packs have one stage: a block is as long as a pack charges."""
    many = stock(start_lack_kwh=(20.0,) * 100, slots_to_ready=3.0, chargers=100, most_kwh=np.full(4, 1e4))
    found = stage_levels(replace(many, lost_cost=1e6, mean=np.full(4, 5.0)))
    assert most_stages(100) == 1
    assert len(found.keep) == 4 and len(set(found.keep[:3].tolist())) == 1


@given(mean=st.floats(0.0, 6.0), ratio=st.floats(1.0, 4.0))
def test_chances_are_the_negative_binomial_ones(mean: float, ratio: float) -> None:
    found = panjer(np.array(mean), np.array(ratio), 60)
    numbers = np.arange(60)
    if ratio < 1.0001 or mean < 1e-9:
        expected = poisson.pmf(numbers, mean)
        assert found[:60] == pytest.approx(expected, abs=1e-3)
    else:
        assert found[:60] == pytest.approx(nbinom.pmf(numbers, mean / (ratio - 1), 1 / ratio), abs=1e-9)
    assert found.sum() == pytest.approx(1.0)


def test_states_are_all_there_is_and_moves_stay_among_them() -> None:
    space = stage_space(3, 2, 3, 4, 1)
    assert len(space.ready) == 10  # 3 packs in 3 kinds of state
    assert space.charged[0].tolist() == list(range(10)) == space.taken[0].tolist()
    all_ready = space.state_of(np.array([0, 0, 0]))
    assert (space.ready[all_ready], space.lack[all_ready]) == (3, 0)
    after = space.taken[2][all_ready]
    assert (space.ready[after], space.lack[after], space.served[4][all_ready]) == (1, 4, 3)
    assert space.charged[3][after] == 10  # only two packs lack anything
    assert space.lack[space.charged[2][after]] == 2
