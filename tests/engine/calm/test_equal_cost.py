"""Whatever is asked for on the face, the bill is the same."""

from __future__ import annotations

import numpy as np
import pytest
from paths import INSTANCES

from models.station.cost import cost_of
from models.station.stays import stays_of
from optimizer.check.rules import check
from optimizer.engine.calm.equal_cost import equal_cost
from optimizer.engine.calm.stay_powers import StayPowers, powers_of
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.engine.search import Search
from optimizer.formats.read_instance import read_instance


@pytest.mark.parametrize("name", ["nl-winter-day", "zhejiang-21-packs", "nl-negative-prices"])
@pytest.mark.parametrize("seed", [1, 2])
def test_powers_of_random_weights_cost_what_the_cheapest_cost(name: str, seed: int) -> None:
    night = read_instance(INSTANCES / "real" / f"{name}.json").nights[0]
    plan = plan_station(night)
    stays = stays_of(night, plan.schedule.by_swap())
    search = Search(night, RunOptions(), schedule=plan.schedule)
    power_kw = powers_of(plan.schedule, stays)
    face = equal_cost(search, plan.schedule, stays, power_kw)
    assert face is not None
    weight = np.random.default_rng(seed).random(power_kw.shape)
    found = face.least(night, weight, seed=0, seconds=10.0)
    assert found is not None
    assert float(np.abs(found - power_kw).max()) > 1.0
    schedule = StayPowers(night, plan.schedule, stays, found).as_schedule()
    cost = cost_of(night, schedule)
    assert check(night, schedule) == []
    assert cost.objective == pytest.approx(plan.result.objective, abs=1e-5 * abs(plan.result.gross_cost))
