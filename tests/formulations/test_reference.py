"""The reference model: the optimum of every tiny instance, and feasible assignments."""

from __future__ import annotations

import builders as make
import pytest
from random_nights import random_night
from solved import optimum, solved
from tiny_optima import EXPECTED, TINY

from models.formulations.reference import build_reference
from models.station.stays import stays_of
from optimizer.formats.read_instance import read_instance


@pytest.mark.parametrize("stem", sorted(EXPECTED))
def test_optimum_of_tiny_instances(stem: str) -> None:
    (night,) = read_instance(TINY / f"{stem}.json").nights
    assert optimum(build_reference(night).model) == pytest.approx(EXPECTED[stem]["objective"], abs=1e-6)


def test_hand_overs_follow_the_packs_through_a_bay() -> None:
    swaps = [make.swap("W2", 3, 0.5), make.swap("W1", 1, 0.5)]
    reference = build_reference(make.night(packs=[make.pack("P1", 0.9)], swaps=swaps))
    optimum(reference.model)
    assert reference.hand_overs() == {"W1": "P1", "W2": "return:W1"}


def test_hand_overs_of_random_nights_are_possible() -> None:
    served = 0
    for seed in range(60):
        reference = build_reference(random_night(seed))
        assert solved(reference.model).stopped == "optimal"
        by_swap = reference.hand_overs()
        assert {stay.swap for stay in stays_of(reference.night, by_swap)} - {None} == set(by_swap), f"seed {seed}"
        served += len(by_swap)
    assert served > 40


def test_no_pack_serves_two_drivers_of_a_slot() -> None:
    swaps = [make.swap("W1", 1, 0.9), make.swap("W2", 1, 0.9)]
    night = make.night(types=[make.pack_type(end_value_per_kwh=0.0)], packs=[make.pack("P1", 0.9)], swaps=swaps)
    assert optimum(build_reference(night).model) == pytest.approx(100)


def test_pack_returned_ready_leaves_during_its_turnaround_and_the_next_one_waits_anew() -> None:
    """W1 returns 90 kWh, which serves W2 a slot later. What W2 returns, 40 kWh in slot 1, may charge in slot 2 only."""
    swaps = [make.swap("W1", 0, 0.9), make.swap("W2", 1, 0.4), make.swap("W3", 3)]
    night = make.night(
        types=[make.pack_type(end_value_per_kwh=0.0)],
        packs=[make.pack("P1", 0.9)],
        swaps=swaps,
        turnaround_slots=1,
        tariff=make.tariff([0.1, 0.1, 0.3, 0.1]),
    )
    assert optimum(build_reference(night).model) == pytest.approx(40 / 0.8 * 0.3)


def test_types_do_not_stand_in_for_each_other() -> None:
    night = make.night(types=[make.pack_type(end_value_per_kwh=0.0), make.pack_type(id="B", end_value_per_kwh=0.0)],
                       packs=[make.pack("P1", 0.9, "B")], swaps=[make.swap("W1", 1)])  # fmt: skip
    assert optimum(build_reference(night).model) == pytest.approx(100)


def test_a_night_without_packs_loses_every_swap() -> None:
    assert optimum(build_reference(make.night(packs=[], swaps=[make.swap("W1", 1)])).model) == pytest.approx(100)
