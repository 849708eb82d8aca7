"""Days planned anew in their course: every rule is kept, plans know what has come, and nothing changes without news."""

from __future__ import annotations

from dataclasses import replace

import builders as make
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uncertain.nights import uncertain_night

from models.station.carry_over.rest_of_night import rest_of_night
from models.station.cost import cost_of
from models.station.drawn_days import draw_days
from models.station.instance import Night
from models.tolerances import is_same_money
from optimizer.check.rules import check
from optimizer.engine.options import RunOptions
from optimizer.replay.policies import Policy, PolicyName, planned_policy
from optimizer.replay.replan_times import replan_problems
from optimizer.replay.replanned_day import played_with_replans, replanned_day, single_day
from optimizer.simulate.played_schedule import played_schedule

OPTIONS = RunOptions(gap=0.0, effort="quick", time_limit_seconds=60.0)


@given(seed=st.integers(0, 10**6), every=st.integers(1, 2), name=st.sampled_from(["mean", "hedged"]))
@settings(max_examples=25)
def test_day_planned_anew_keeps_every_rule_and_is_billed_as_played(seed: int, every: int, name: PolicyName) -> None:
    night = uncertain_night(seed)
    if replan_problems(night, every * night.horizon.slot_minutes) or not night.can_be_planned():
        return
    days = draw_days(night, 2, seed)
    for day in range(2):
        one = single_day(days, day)
        played = played_with_replans(night, one, planned_policy(name, night, OPTIONS), every, OPTIONS)
        own, schedule = played_schedule(played, one, 0)
        assert check(own, schedule) == []
        assert is_same_money(float(played.objective[0]), cost_of(own, schedule).objective)


def _night() -> Night:
    """Known drivers in slots 2 and 5 of six hours; the price falls, so that the best plan waits."""
    swaps = [make.swap("W1", 2), make.swap("W2", 5)]
    return make.night(6, swaps=swaps, tariff=make.tariff([0.5, 0.4, 0.3, 0.2, 0.1, 0.1]))


def test_without_news_replans_cost_what_was_planned() -> None:
    night = _night()
    first = planned_policy("mean", night, OPTIONS)
    assert first.schedule is not None
    figures = replanned_day(night, draw_days(night, 1), first, 1, OPTIONS)
    assert figures.objective[0] == pytest.approx(cost_of(night, first.schedule).objective, abs=1e-4)


def test_replan_makes_up_for_a_plan_that_serves_nobody() -> None:
    """The first plan charges nothing, so nobody but the first driver is served; planned anew, the second is, too."""
    night = _night()
    packs = (make.pack("P1", 0.9), make.pack("P2", 0.5), make.pack("P3", 0.1))
    night = replace(night, station=replace(night.station, packs=packs))
    idle = Policy("mean", make.schedule(night, hand_overs={"W1": "P1"}))
    never = replanned_day(night, draw_days(night, 1), idle, 6, OPTIONS)
    anew = replanned_day(night, draw_days(night, 1), idle, 3, OPTIONS)
    assert (never.served.tolist(), anew.served.tolist()) == ([1], [2])


def test_rest_of_a_night_begins_with_what_stands_and_the_month_so_far() -> None:
    night = make.night(
        6,
        swaps=[make.swap("W1", 2), make.swap("W2", 5), make.swap("W3", 5, pack="P2")],
        tariff=make.tariff([0.5, 0.4, 0.3, 0.2, 0.1, 0.1], demand_charges=(make.demand(metering_minutes=60),)),
        ready_reserve=[0, 1, 2, 3, 4, 5],
        reserve_cost=1.0,
        peak_so_far_kw={"peak": 20.0},
    )
    rest = rest_of_night(night, 3, [make.pack("P1", 0.7)], [0.0, 50.0, 30.0, 90.0, 90.0, 90.0])
    assert rest.horizon.slots == 3
    assert [(swap.id, swap.slot) for swap in rest.station.swaps] == [("W2", 2)]
    assert rest.tariff_series.price_per_kwh == (0.2, 0.1, 0.1)
    assert rest.station.ready_reserve == (3, 4, 5)
    assert rest.station.peak_so_far_kw == {"peak": 50.0}
    kind = night.pack_types["A"]
    assert rest.end_value_per_kwh(rest.pack_types["A"]) == night.end_value_per_kwh(kind)


def test_times_that_cut_slots_or_metering_intervals() -> None:
    night = make.night(4, tariff=make.tariff(demand_charges=(make.demand(metering_minutes=120),)))
    (problem,) = replan_problems(night, 60)
    assert problem.rule == "must be a multiple of 120 minutes, whole slots and metering intervals"
    assert replan_problems(night, 120) == []
