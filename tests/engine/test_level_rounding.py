"""The assignment rounded from a solution of the level formulation, by hand and on random nights."""

from __future__ import annotations

from typing import Any

import builders as make
import numpy as np
import pytest
from random_nights import random_night

from models.formulations.levels.arrays import level_arrays
from models.formulations.levels.data import LevelData, level_data
from models.station.instance import Night
from models.station.stays import stays_of
from optimizer.engine.highs import solve
from optimizer.engine.level_rounding import LevelSolution, assign_by_targets, read_levels, round_assignment


def solution(night: Night, served: list[float], fills_by_slot: list[list[float]]) -> LevelSolution:
    """A hand-made solution of a night of type A: swaps served by class and fills by slot, lowest band first."""
    data = level_data(night, 1)
    assert len(fills_by_slot[0]) == data.types["A"].bands.count
    return LevelSolution(data, {"A": np.array(fills_by_slot, dtype=float)}, np.array(served, dtype=float))


def two_packs(**changes: Any) -> Night:
    """P1 at 50 and P2 at 60 kWh, 40 kW; bands 10–40–50–80–90 (S = 80, E = 90, R⁻¹ of them)."""
    packs = [make.pack("P1", 0.5), make.pack("P2", 0.6)]
    settings: dict[str, Any] = {"slots": 3, "packs": packs, "swaps": [make.swap("W1", 1), make.swap("W2", 2)]}
    return make.night(**(settings | changes))


def test_bands_of_the_hand_made_night() -> None:
    assert level_data(two_packs(), 1).types["A"].bands.edges_kwh == (10, 40, 50, 80, 90)


def test_pack_that_charges_first_leaves_first() -> None:
    """In slot 0 one of the two goes up to 90: the fuller one, for ranks keep their order."""
    levels = solution(two_packs(), [1, 1], [[2, 2, 1, 1], [2, 1, 1, 1], [1, 0, 0, 0]])
    assert round_assignment(levels) == {"W1": "P2", "W2": "P1"}


def test_emptiest_of_the_ready_packs_leaves() -> None:
    night = two_packs(packs=[make.pack("P1", 0.9), make.pack("P2", 0.8)], swaps=[make.swap("W1", 1)])
    levels = solution(night, [1], [[2, 2, 2, 1], [2, 2, 1, 1], [2, 2, 1, 1]])
    assert round_assignment(levels) == {"W1": "P2"}


def test_fullest_pack_leaves_where_none_is_ready() -> None:
    night = two_packs(swaps=[make.swap("W1", 1)])
    levels = solution(night, [1], [[2, 2, 0.4, 0], [2, 1, 0, 0], [2, 1, 0, 0]])
    assert round_assignment(levels) == {"W1": "P2"}


def test_parts_of_swaps_are_rounded_to_nearest() -> None:
    idle = [[2, 2, 1, 1], [2, 2, 1, 1], [2, 2, 1, 1]]
    assert round_assignment(solution(two_packs(), [0.4, 0.6], idle)).keys() == {"W2"}
    assert round_assignment(solution(two_packs(), [0.0, 0.0], idle)) == {}


def test_driver_who_wants_a_pack_comes_first_in_a_class_and_gets_it() -> None:
    swaps = [make.swap("W1", 1), make.swap("W2", 1, pack="P2")]
    night = two_packs(packs=[make.pack("P1", 0.9), make.pack("P2", 0.9)], swaps=swaps)
    levels = solution(night, [1], [[2, 2, 2, 2]] * 3)
    assert round_assignment(levels) == {"W2": "P2"}


def test_returned_pack_may_be_handed_over_again() -> None:
    night = two_packs(packs=[make.pack("P1", 0.9)], swaps=[make.swap("W1", 0, 0.5), make.swap("W2", 2)])
    data = level_data(night, 1)
    full = np.ones((3, data.types["A"].bands.count))
    levels = LevelSolution(data, {"A": full}, np.array([1.0, 1.0]))
    assert round_assignment(levels) == {"W1": "P1", "W2": "return:W1"}


def test_packs_follow_their_goals_only_as_fast_as_they_charge() -> None:
    """P1 needs two slots from 10; P2 is at 60. Whatever the targets ask, only P2 can be ready for slot 1."""
    night = two_packs(packs=[make.pack("P1", 0.1), make.pack("P2", 0.6)], swaps=[make.swap("W1", 1)])
    assert assign_by_targets(night, {"W1"}, lambda kind, t: np.array([90.0, 90.0])) == {"W1": "P2"}


def test_goals_by_rank_not_by_name() -> None:
    night = two_packs(packs=[make.pack("P1", 0.1), make.pack("P2", 0.6)], swaps=[make.swap("W1", 2)])
    assert assign_by_targets(night, {"W1"}, lambda kind, t: np.array([90.0, 10.0])) == {"W1": "P2"}


def test_swap_that_is_not_served_gets_nothing() -> None:
    assert assign_by_targets(two_packs(), {"W2"}, lambda kind, t: np.array([90.0, 90.0])).keys() == {"W2"}


@pytest.mark.parametrize(("served", "is_integer"), [([1.0, 0.0], True), ([1.0, 1e-7], True), ([0.5, 1.0], False)])
def test_integer_swaps(served: list[float], is_integer: bool) -> None:
    one = LevelSolution(level_data(two_packs(), 1), {}, np.array(served))
    assert one.serves_integer() == is_integer
    assert one.lost == pytest.approx(2 - sum(served))


@pytest.mark.parametrize("resolution", [1, 2])
def test_orders_of_random_nights_are_possible(resolution: int) -> None:
    for seed in range(100):
        by_swap = round_assignment(_solved(level_data(random_night(seed), resolution)))
        stays = stays_of(random_night(seed), by_swap)
        assert {stay.swap for stay in stays} - {None} == set(by_swap), f"seed {seed}"


def _solved(data: LevelData) -> LevelSolution:
    levels = level_arrays(data)
    answer = solve(levels.matrix)
    assert answer.point is not None
    return read_levels(levels, answer.point)


def test_reading_a_solution() -> None:
    """Fills never fall but by the packs that leave, and nothing is served beyond the class."""
    one = _solved(level_data(two_packs(), 2))
    counts = one.counts["A"]
    assert counts.shape == (3, one.data.types["A"].bands.count)
    assert np.all(np.diff(counts, axis=1) <= 1e-9)
    assert one.served.tolist() == [1, 1]
    assert np.all(counts[0] >= one.data.types["A"].start_fills - 1e-9)
