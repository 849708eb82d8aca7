"""Packs that no cost and no rule tells apart change places until they are in order; nothing else changes."""

from __future__ import annotations

from dataclasses import replace

import builders as make
import pytest
from random_nights import random_night

from models.station.cost import cost_of
from models.station.instance import Night
from optimizer.check.rules import check
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.engine.calm.canonical import equal_packs_in_order, in_canonical_order


def three_packs(*swaps: str) -> Night:
    """P1 and P2 alike, P3 full."""
    packs = [make.pack("P1", 0.5), make.pack("P2", 0.5), make.pack("P3", 0.9)]
    return make.night(packs=packs, swaps=[make.swap(name, 2 + n) for n, name in enumerate(swaps)])


def test_of_equal_packs_the_first_by_name_leaves_first_and_its_bay_goes_along() -> None:
    night = three_packs("W1")
    plan = make.planned(night, {"W1": "P2"}, {"P2": {0: 40.0}, "return:W1": {3: 5.0}})
    found = equal_packs_in_order(night, plan)
    assert found == make.planned(night, {"W1": "P1"}, {"P1": {0: 40.0}, "return:W1": {3: 5.0}})
    assert equal_packs_in_order(night, found) is found


def test_a_pack_that_somebody_asks_for_is_left_where_it_is() -> None:
    night = three_packs("W1")
    wanted = replace(night.station.swaps[0], pack="P2")
    night = replace(night, station=replace(night.station, swaps=(wanted,)))
    plan = make.planned(night, {"W1": "P2"}, {"P2": {0: 40.0}})
    assert in_canonical_order(night, plan) is plan


@pytest.mark.parametrize("seed", range(40))
def test_rules_and_cost_see_no_difference(seed: int) -> None:
    night = random_night(seed).by_pack
    plan = uncontrolled_charging(night)
    found = in_canonical_order(night, plan)
    assert check(night, found) == check(night, plan) == []
    assert cost_of(night, found).objective == pytest.approx(cost_of(night, plan).objective, abs=1e-6)
