"""The engine at stations with on/off chargers: arc flow bounds and plans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from depots import depot_night
from random_nights import switched
from solved import optimum

from models.formulations.arc_flow.flow import build_arc_flow
from models.formulations.reference import build_reference
from models.station.instance import Night
from models.tariff.tariff import DemandCharge
from models.tolerances import is_refuted
from optimizer.check.rules import check
from optimizer.engine import arc_flow as on_off
from optimizer.engine.highs import solve
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.engine.search import Search


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


def metered_night(seed: int) -> Night:
    """A tiny random night with on/off chargers and a demand charge metered slot by slot."""
    night = switched(seed)
    minutes = round(60 * night.horizon.slot_hours)
    charge = DemandCharge("peak", 1.5, metering_minutes=minutes)
    tariff = replace(night.station.tariff, demand_charges=(charge,))
    return replace(night, station=replace(night.station, tariff=tariff, peak_so_far_kw={}, lookback_peak_kw={}))


def bound_of(night: Night) -> float:
    search = Search(night, RunOptions(gap=0.0))
    on_off._bound(search)
    return search.safe_bound


def test_whole_chargers_at_the_peak_bound_better_and_never_too_high(monkeypatch: pytest.MonkeyPatch) -> None:
    nights = [metered_night(seed) for seed in range(60)]
    assert sum(len(build_arc_flow(night).whole_peaks) for night in nights) > 40
    branched = [bound_of(night) for night in nights]
    for night, bound in zip(nights, branched, strict=True):
        assert not is_refuted(bound, optimum(build_reference(night).model))
    monkeypatch.setattr(on_off, "BRANCHINGS", 0)  # the root alone
    alone = [bound_of(night) for night in nights]
    gained = np.array(branched) - np.array(alone)
    assert gained.min() > -1e-4
    assert np.count_nonzero(gained > 0.01) >= 5
