"""Whatever is asked for on the face, the bill is the same."""

from __future__ import annotations

from typing import Any

import builders as make
import numpy as np
import pytest
from paths import INSTANCES
from patience import PATIENCE

from models.station.cost import cost_of
from models.station.stays import stays_of
from optimizer.check.rules import check
from optimizer.engine.calm.canonical import equal_packs_in_order
from optimizer.engine.calm.equal_cost import _places, equal_cost
from optimizer.engine.calm.stay_powers import StayPowers, powers_of
from optimizer.engine.dispatch import dispatch
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
    found = face.least(night, weight, seed=0, seconds=PATIENCE)
    assert found is not None
    assert float(np.abs(found - power_kw).max()) > 1.0
    schedule = StayPowers(night, plan.schedule, stays, found).as_schedule()
    cost = cost_of(night, schedule)
    assert check(night, schedule) == []
    assert cost.objective == pytest.approx(plan.result.objective, abs=1e-5 * abs(plan.result.gross_cost))


def test_a_programme_solved_for_packs_of_other_names_is_not_solved_again(monkeypatch: Any) -> None:
    """Equal packs put in order: the optimum found before is one of theirs, too."""
    tariff = make.tariff([0.3, 0.1, 0.1, 0.4, 0.1, 0.1], demand_charges=(make.demand(rate_per_kw=1.0),))
    packs = [make.pack(name, 0.3) for name in ("P1", "P2", "P3")]
    swaps = [make.swap("W1", 2, swap_soc=0.6), make.swap("W2", 4, swap_soc=0.6)]
    night = make.night(slots=6, packs=packs, swaps=swaps, tariff=tariff, grid_limit_kw=100.0)
    search = Search(night, RunOptions())
    found = dispatch(search, {"W1": "P3", "W2": "P2"}, "test")
    assert found is not None
    schedule = equal_packs_in_order(night, found.schedule)
    assert schedule.by_swap() == {"W1": "P1", "W2": "P2"}
    stays = stays_of(night, schedule.by_swap())
    power_kw = powers_of(schedule, stays)
    anew = equal_cost(Search(night, RunOptions()), schedule, stays, power_kw)
    monkeypatch.setattr(Search, "solve", None)
    face = equal_cost(search, schedule, stays, power_kw)
    assert anew is not None
    assert face is not None
    weight = np.random.default_rng(1).random(power_kw.shape)
    least = [one.least(night, weight, seed=0, seconds=PATIENCE) for one in (anew, face)]
    assert least[0] is not None
    assert least[1] is not None
    assert float((weight * least[1]).sum()) == pytest.approx(float((weight * least[0]).sum()), abs=1e-6)
    charged = StayPowers(night, schedule, stays, least[1]).as_schedule()
    assert check(night, charged) == []
    assert cost_of(night, charged).objective == pytest.approx(found.objective, abs=1e-6)


def test_packs_that_differ_are_other_stays() -> None:
    night = make.night(packs=[make.pack("P1", 0.3), make.pack("P2", 0.4)], swaps=[make.swap("W1", 2, swap_soc=0.6)])
    one, other = (stays_of(night, {"W1": name}) for name in ("P1", "P2"))
    assert _places(night, one, other) is None
    places = _places(night, one, one[::-1])
    assert places is not None
    assert places.tolist() == list(range(len(one)))[::-1]
