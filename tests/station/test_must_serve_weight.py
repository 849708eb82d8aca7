"""No lost cost, however high, is worth a swap that must be served."""

from __future__ import annotations

import builders as make
import pytest

from models.station.instance import Chargers, Night, Swap
from models.station.must_serve import FEWEST
from optimizer.check.rules import check
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station

HIGHEST = 1e9  # lost_cost that a file may state


def one_full_pack(*swaps: Swap) -> Night:
    """P1 is full, and nothing can be charged in time for another driver."""
    return make.night(packs=[make.pack("P1", 0.9), make.pack("P2", 0.1)], swaps=swaps, chargers=_weak())


def _weak() -> Chargers:
    return make.chargers(max_kw=1.0)


@pytest.mark.parametrize("others", [1, 3])
def test_the_highest_lost_cost_of_others_is_not_worth_it(others: int) -> None:
    asked = [make.swap(f"W{n}", 1, returned_soc=None, lost_cost=HIGHEST) for n in range(others)]
    night = one_full_pack(*asked, make.swap("MUST", 2, returned_soc=None, lost_cost=0.0, must_serve=True))
    plan = plan_station(night, RunOptions())
    assert set(plan.schedule.packs_by_swap) == {"MUST"}
    assert check(night, plan.schedule) == []
    assert plan.result.swaps_lost == others and plan.result.must_serve_lost == 0
    assert plan.result.bound is not None and plan.result.bound <= plan.result.cost.objective


def test_two_that_must_be_served_go_before_one_of_the_highest_cost() -> None:
    """The one that must be served and asks for two packs cannot be served, the other one can."""
    night = one_full_pack(
        make.swap("DEAR", 1, returned_soc=None, lost_cost=HIGHEST),
        make.swap("TRUCK", 1, returned_soc=None, packs=2, must_serve=True),
        make.swap("MUST", 2, returned_soc=None, must_serve=True),
    )
    plan = plan_station(night, RunOptions())
    assert set(plan.schedule.packs_by_swap) == {"MUST"}
    assert check(night, plan.schedule) == []
    assert [(one.swap, one.reason) for one in plan.schedule.unserved] == [("TRUCK", FEWEST)]
