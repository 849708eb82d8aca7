"""One stay at a time: least cost first, then the fewest blocks that brute force finds, the early ones."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest

from optimizer.engine.calm.blocks import cheapest_blocks, edges, starts_of


def at(price: list[float], wanted_kw: float, room_kw: list[float]) -> list[float] | None:
    order = np.argsort(np.array(price), kind="stable")
    found = cheapest_blocks(np.array(room_kw), np.array(price), order, wanted_kw)
    return None if found is None else found.tolist()


def test_runs_of_true() -> None:
    assert edges(np.array([True, False, True, True])) == [(0, 1), (2, 4)]
    assert edges(np.zeros(3, dtype=bool)) == []


def test_one_price_is_one_block_and_the_first_that_holds_it() -> None:
    assert at([1, 1, 1, 1, 1, 1], 30, [10, 0, 10, 10, 10, 10]) == [0, 0, 10, 10, 10, 0]


def test_a_dearer_slot_between_two_cheap_ones_is_filled_before_one_at_the_edge() -> None:
    assert at([2, 1, 2, 1, 2], 30, [10, 10, 10, 10, 10]) == [0, 10, 10, 10, 0]


def test_what_is_left_over_adjoins_the_block_on_either_side() -> None:
    assert at([2, 1, 1, 3], 25, [10, 10, 10, 10]) == [5, 10, 10, 0]
    assert at([3, 1, 1, 2], 25, [10, 10, 10, 10]) == [0, 10, 10, 5]


def test_too_little_room_is_told() -> None:
    assert at([1, 1], 30, [10, 10]) is None


@pytest.mark.parametrize("seed", range(80))
def test_fewest_blocks_of_least_cost(seed: int) -> None:
    """Slots of equal room and a whole number of them wanted: every choice of slots can be listed."""
    r = random.Random(seed)
    slots = r.randint(2, 9)
    price = [float(r.randint(1, 3)) for _ in range(slots)]
    room = [10.0 * (r.random() < 0.85) for _ in range(slots)]
    there = [t for t in range(slots) if room[t]]
    if not there:
        return
    wanted = r.randint(1, len(there))
    choices = [
        (sum(price[t] for t in chosen), sum(t - 1 not in chosen for t in chosen))
        for chosen in combinations(there, wanted)
    ]
    found = at(price, 10.0 * wanted, room)
    assert found is not None
    cost = sum(kw * p for kw, p in zip(found, price, strict=True)) / 10
    assert (cost, starts_of(np.array(found), 0.0)) == min(choices)
