"""Rolling horizons: what windows see and do not see, and plans put together of them that keep every rule."""

from __future__ import annotations

import math

import builders as make
import pytest
from features import feature_night, feature_sets
from random_nights import random_night
from verdicts import margin, true_optimum

from models.station.cost import cost_of
from models.station.instance import Night
from models.station.must_serve import surcharge_of
from optimizer.bench.contenders import rolling_horizon
from optimizer.bench.contenders.rolling_horizon import ROLLING_ENGINE, ROLLING_REFERENCE
from optimizer.bench.records.contender import Contender, Limits, Outcome
from optimizer.check.rules import check
from optimizer.engine.highs import SolverResult

SEED, COUNT = 19, 60
SETS = feature_sets(COUNT, SEED)
EXACT = Limits(0.0, 20.0)
BOTH = pytest.mark.parametrize("one", [ROLLING_ENGINE, ROLLING_REFERENCE], ids=lambda one: one.name)


def competed(one: Contender, night: Night) -> Outcome:
    news: list[tuple[float | None, float | None]] = []
    outcome = one.compete(night, EXACT, lambda objective, bound: news.append((objective, bound)))
    assert outcome.schedule is not None
    assert check(night, outcome.schedule) == []
    assert outcome.objective == cost_of(night, outcome.schedule).objective
    assert news == [(outcome.objective, None)]
    assert outcome.bound == -math.inf
    return outcome


@pytest.fixture
def short_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolling_horizon, "STEP_HOURS", 1.0)
    monkeypatch.setattr(rolling_horizon, "WINDOW_HOURS", 2.0)


def dear_later() -> Night:
    """Two packs of 40 kWh, half full, and a driver in slot 6 who needs one full; only the first slot is cheap."""
    return make.night(
        on=make.horizon(8, 60),
        types=[make.pack_type(capacity_kwh=40, target_soc=1.0, swap_soc=1.0, end_value_per_kwh=0.0)],
        packs=[make.pack("P0", soc=0.5), make.pack("P1", soc=0.5)],
        bays=2,
        swaps=[make.swap("s0", slot=6, returned_soc=0.25, lost_cost=50.0)],
        tariff=make.tariff([0.1, *[0.5] * 7]),
        chargers=make.chargers(max_kw=20.0, efficiency=1.0),
    )


@BOTH
def test_a_window_that_sees_the_driver_charges_in_the_cheap_slot(one: Contender) -> None:
    outcome = competed(one, dear_later())
    assert outcome.objective == pytest.approx(2.0, abs=1e-6)
    assert outcome.stopped == "finished"
    assert outcome.detail == "2 windows, 0 of them planned by a simple rule" or one is ROLLING_REFERENCE


@BOTH
@pytest.mark.usefixtures("short_windows")
def test_a_window_that_does_not_see_the_driver_pays_for_it(one: Contender) -> None:
    outcome = competed(one, dear_later())
    assert outcome.objective == pytest.approx(10.0, abs=1e-6)
    assert outcome.schedule is not None and outcome.schedule.swaps_served == 1


@BOTH
@pytest.mark.usefixtures("short_windows")
def test_plans_keep_every_rule_whatever_windows_cut(one: Contender) -> None:
    taken = 0
    for number in range(COUNT):
        night = feature_night(SETS[number], number, SEED)
        if one.refusal(night) is not None:
            continue
        outcome, best = competed(one, night), true_optimum(night)
        assert outcome.objective is not None and outcome.schedule is not None
        assert outcome.objective + surcharge_of(night, outcome.schedule) >= best - margin(best), number
        taken += 1
    assert taken >= COUNT / 3


@pytest.mark.usefixtures("short_windows")
def test_power_before_the_end_of_a_turnaround_is_none_and_who_lacks_it_is_lost() -> None:
    """The pack that comes in slot 1 may charge from slot 3 on; the window that begins with slot 2 knows nothing of
    it, and charges it for the driver in slot 3."""
    night = make.night(
        on=make.horizon(4, 60),
        types=[make.pack_type(capacity_kwh=40, target_soc=1.0, swap_soc=1.0, end_value_per_kwh=0.0)],
        packs=[make.pack("P0", soc=1.0)],
        bays=1,
        swaps=[
            make.swap("s0", slot=1, returned_soc=0.5, lost_cost=50.0),
            make.swap("s1", slot=3, returned_soc=0.5, lost_cost=50.0),
        ],
        chargers=make.chargers(count=1, max_kw=20.0, efficiency=1.0),
        turnaround_slots=2,
    )
    outcome = competed(ROLLING_ENGINE, night)
    assert outcome.schedule is not None
    assert set(outcome.schedule.by_swap()) == {"s0"}


def test_windows_begin_with_metering_intervals() -> None:
    night = make.night(on=make.horizon(24, 30), tariff=make.tariff(demand_charges=(make.demand(metering_minutes=180),)))
    assert competed(ROLLING_ENGINE, night).detail.startswith(
        "4 windows"
    )  # of three hours: 240 minutes are no whole ones


def test_where_the_model_has_nothing_the_simple_rule_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = SolverResult("time_limit", "", None, math.inf, -math.inf, 0.0)
    monkeypatch.setattr(rolling_horizon, "solve", lambda matrix, **how: nothing)
    outcome = competed(ROLLING_REFERENCE, random_night(4))
    assert outcome.stopped == "time_limit"
    assert outcome.detail.endswith("1 of them planned by a simple rule")


@BOTH
def test_the_same_night_gives_the_same_plan(one: Contender) -> None:
    assert competed(one, dear_later()).schedule == competed(one, dear_later()).schedule


@BOTH
def test_what_crosses_windows_and_is_not_known_is_refused(one: Contender) -> None:
    capped = make.night(plug_changes_max=1)
    assert one.refusal(capped) == "plug changes between two windows are in neither: it keeps no limit on them"
    waiting = make.night(turnaround_slots=1, chargers=make.chargers(mode="on_off"))
    told = "a turnaround goes on from one window into the next: it keeps none beside a least power"
    assert one.refusal(waiting) == told
    assert one.refusal(make.night(turnaround_slots=1)) is None
