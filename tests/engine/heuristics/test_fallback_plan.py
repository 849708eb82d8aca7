"""The plan for which no solver is asked: the cheapest simple one, with what was proven before."""

from __future__ import annotations

import math

import builders as make
import pytest

from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.check.rules import check
from optimizer.engine.baselines import baseline_cost, cheapest_slots_first, uncontrolled_charging
from optimizer.engine.heuristics.fallback_plan import fallback_plan

METERED = make.night(
    packs=[make.pack(soc=0.5)],
    swaps=(make.swap(slot=3),),
    tariff=make.tariff([0.1, 0.1, 0.3, 0.2], demand_charges=(make.demand(rate_per_kw=1),)),
)


def test_it_knows_the_demand_charge() -> None:
    plan = fallback_plan(METERED, "fallback", math.inf, bound=-5.0)
    assert check(METERED, plan.schedule) == []
    assert (plan.result.status, plan.result.method) == ("fallback", "cheapest slots first, load capped")
    assert plan.result.bound == -5.0 and plan.baseline == baseline_cost(METERED)


def test_after_the_deadline_a_few_caps_are_tried() -> None:
    plan = fallback_plan(METERED, "time_limit", deadline=0.0)
    assert plan.result.method == "cheapest slots first, load capped" and plan.result.bound is None


def test_in_a_hurry_charging_on_arrival_will_do() -> None:
    assert fallback_plan(METERED, "fallback", is_hasty=True).result.method == "charge on arrival"


def test_plans_that_break_a_rule_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    on_arrival = uncontrolled_charging(METERED)

    def refuse_others(_: Night, schedule: Schedule) -> list[str]:
        return [] if schedule == on_arrival else ["broken"]

    assert on_arrival != cheapest_slots_first(METERED)
    monkeypatch.setattr("optimizer.engine.heuristics.fallback_plan.check", refuse_others)
    plan = fallback_plan(METERED, "fallback", math.inf)
    assert plan.schedule == on_arrival and plan.result.method == "charge on arrival"
