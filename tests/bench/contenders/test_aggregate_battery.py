"""The aggregate battery: its LP by hand, what its rules make of it, and its bound beside the truth of tiny nights."""

from __future__ import annotations

from functools import cache

import builders as make
import numpy as np
import pytest
from features import feature_night, feature_sets
from random_nights import random_night
from verdicts import margin, true_optimum

from models.station.cost import cost_of
from models.station.instance import Night
from models.station.must_serve import surcharge_of
from optimizer.bench.contenders.aggregate_battery import AGGREGATE_BATTERY, battery_lp
from optimizer.bench.contenders.by_search import NO_PLAN
from optimizer.bench.records.contender import Limits, Outcome
from optimizer.check.rules import check
from optimizer.engine.highs import solve

SEED, COUNT = 17, 60
SETS = feature_sets(COUNT, SEED)
EXACT = Limits(0.0, 20.0)
News = list[tuple[float | None, float | None]]


def competed(night: Night) -> tuple[Outcome, News]:
    news: News = []
    outcome = AGGREGATE_BATTERY.compete(night, EXACT, lambda objective, bound: news.append((objective, bound)))
    assert outcome.schedule is not None
    assert check(night, outcome.schedule) == []
    assert outcome.objective == pytest.approx(cost_of(night, outcome.schedule).objective, abs=1e-9)
    return outcome, news


@cache
def two_packs() -> Night:
    """Two packs of 40 kWh, half full, and a driver in slot 2 who needs one full; the second slot is cheaper."""
    return make.night(
        on=make.horizon(4, 60),
        types=[make.pack_type(capacity_kwh=40, target_soc=1.0, swap_soc=1.0, end_value_per_kwh=0.0)],
        packs=[make.pack("P0", soc=0.5), make.pack("P1", soc=0.5)],
        bays=2,
        swaps=[make.swap("s0", slot=2, returned_soc=0.25, lost_cost=50.0)],
        tariff=make.tariff([0.3, 0.1, 0.1, 0.1]),
        chargers=make.chargers(max_kw=20.0, efficiency=1.0),
    )


def test_the_battery_hands_over_what_no_single_pack_holds() -> None:
    """Both packs together hold 40 kWh: the battery serves the driver for nothing, the station must buy 20 kWh."""
    night = two_packs()
    answer = solve(battery_lp(night).matrix)
    assert answer.objective == pytest.approx(0.0, abs=1e-6)
    outcome, news = competed(night)
    assert outcome.objective == pytest.approx(2.0, abs=1e-6)
    assert outcome.bound == pytest.approx(0.0, abs=1e-3)
    assert outcome.is_bound_recomputed
    assert outcome.stopped == "finished"
    assert outcome.detail.startswith("best by aggregate battery")
    assert news[0][1] == pytest.approx(0.0, abs=1e-3)


def test_energy_is_taken_ahead_where_it_is_asked_for() -> None:
    """Of a driver in slot 2 in slot 1: the 20 kWh that the pack lacks must be bought in the first, dear slot."""
    night = make.night(
        on=make.horizon(3, 60),
        types=[make.pack_type(capacity_kwh=40, target_soc=1.0, swap_soc=1.0, end_value_per_kwh=0.0)],
        packs=[make.pack("P0", soc=0.5)],
        swaps=[make.swap("s0", slot=2, returned_soc=0.25, lost_cost=50.0)],
        tariff=make.tariff([0.3, 0.1, 0.1]),
        chargers=make.chargers(count=1, max_kw=20.0, efficiency=1.0),
        bays=1,
    )
    on_time, earlier = (solve(battery_lp(night, ahead).matrix) for ahead in (None, np.array([1])))
    assert on_time.objective == pytest.approx(2.0, abs=1e-6)
    assert earlier.objective == pytest.approx(6.0, abs=1e-6)


@pytest.mark.parametrize("number", range(COUNT))
def test_no_bound_lies_above_the_truth_and_no_plan_below(number: int) -> None:
    night = feature_night(SETS[number], number, SEED)
    best = true_optimum(night)
    outcome, news = competed(night)
    assert outcome.schedule is not None and outcome.objective is not None
    lost = surcharge_of(night, outcome.schedule)
    assert outcome.bound + lost <= best + margin(best)
    assert outcome.objective + lost >= best - margin(best)
    assert all(bound is None or bound <= outcome.objective + margin(best) for _, bound in news)


def test_nights_over_features_are_all_planned_and_some_well() -> None:
    nights = [random_night(seed) for seed in range(20)]
    planned = [competed(night)[0] for night in nights]
    optima = [true_optimum(night) for night in nights]
    optimal = sum(
        one.objective is not None and one.objective <= best + margin(best)
        for one, best in zip(planned, optima, strict=True)
    )
    assert optimal >= 7


def test_the_same_night_gives_the_same_plan() -> None:
    night = random_night(4)
    assert competed(night)[0].schedule == competed(night)[0].schedule


def test_without_time_there_is_no_plan() -> None:
    outcome = AGGREGATE_BATTERY.compete(random_night(4), Limits(0.0, 0.0), lambda objective, bound: None)
    assert (outcome.schedule, outcome.stopped, outcome.detail) == (None, "time_limit", NO_PLAN)


def test_a_night_without_room_on_the_grid_is_refused() -> None:
    hopeless = make.night(grid_limit_kw=10, base_load_kw=20)
    told = "the base load fits the grid limit in no slot: there is nothing to plan"
    assert AGGREGATE_BATTERY.refusal(hopeless) == told
    assert AGGREGATE_BATTERY.refusal(two_packs()) is None
