"""Every family of constraints, one by one: the optimum by hand with it, and a lower one without it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from family_nights import BUILDERS, FAMILIES, RICH, Case
from month_tiers import DRAWS, with_credit, with_month_tiers
from random_nights import random_night, truck_night
from solved import families, optimum, solved, without

CASES = [(formulation, family) for formulation, cases in FAMILIES.items() for family in cases]


@pytest.mark.parametrize(("formulation", "family"), CASES)
def test_optimum_by_hand(formulation: str, family: str) -> None:
    case = FAMILIES[formulation][family]
    assert optimum(BUILDERS[formulation](case)) == pytest.approx(case.optimum, abs=case.margin)


@pytest.mark.parametrize(("formulation", "family"), CASES)
def test_without_its_family_the_optimum_is_lower(formulation: str, family: str) -> None:
    case = FAMILIES[formulation][family]
    answer = solved(without(BUILDERS[formulation](case), family))
    assert answer.stopped == "optimal"
    assert answer.objective < case.optimum - 1e-3


def models_of(formulation: str) -> Iterator[set[str]]:
    """Names of the families that the formulation has on many different nights."""
    tiered = (with_month_tiers(random_night(seed), draw, seed) for seed in range(4) for draw in DRAWS)
    credited = (with_credit(random_night(seed), seed) for seed in range(8))
    nights = (*map(random_night, range(40)), *map(truck_night, range(5)), *tiered, *credited)
    for case in (RICH, *(Case(night, 0.0, 4) for night in nights)):
        yield set(families(BUILDERS[formulation](case)))


@pytest.mark.parametrize("formulation", FAMILIES)
def test_every_family_has_a_night(formulation: str) -> None:
    assert set().union(*models_of(formulation)) == set(FAMILIES[formulation])
