"""The engine at stations with on/off chargers: arc flow bounds and plans."""

from __future__ import annotations

import pytest
from depots import depot_night
from random_nights import switched

from models.formulations.arc_flow.flow import build_arc_flow
from optimizer.check.rules import check
from optimizer.engine import arc_flow as on_off
from optimizer.engine.highs import solve
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station


@pytest.mark.parametrize("seed", range(30))
def test_small_nights_are_proved_optimal(seed: int) -> None:
    plan = plan_station(switched(seed), RunOptions(gap=0.0))
    best = solve(build_arc_flow(switched(seed)).matrix).objective
    assert plan.result.cost.objective == pytest.approx(best, rel=1e-6, abs=1e-6)
    assert best - 5e-6 * max(5.0, abs(best)) <= plan.result.bound <= best + 1e-6 * max(1.0, abs(best))
    assert check(switched(seed), plan.schedule) == []


def test_depot_is_proved_optimal() -> None:
    night = depot_night(40, 16, 4)
    plan = plan_station(night, RunOptions(gap=0.0))
    assert plan.result.method == "arc flow"
    assert plan.result.gap is not None and plan.result.gap < 1e-5  # what the checker forgives is taken off
    assert plan.result.swaps_lost == 0


def test_what_is_too_large_goes_the_usual_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_off, "MOST_STATES", 10)
    plan = plan_station(switched(3), RunOptions(gap=0.0))
    assert not any("arc flow" in line for line in plan.log)
    assert check(switched(3), plan.schedule) == []
