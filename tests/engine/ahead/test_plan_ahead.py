"""Plans that look beyond their horizon: what is carried out keeps its rules and leaves the next day its packs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import builders as make
import pytest
from paths import DATA, INSTANCES
from random_nights import random_night

from models.station.carry_over.carried_out import continued
from models.station.carry_over.end_stock import stock_at_end
from models.station.cost import cost_of
from models.station.instance import Night, Pack
from models.station.result import StationPlan
from optimizer.check.rules import check
from optimizer.engine import plan_station as plan_station_module
from optimizer.engine.ahead.next_day import next_day
from optimizer.engine.ahead.plan_ahead import GIVEN_UP, plan_ahead
from optimizer.engine.heuristics.capped_arrival import _CapSearch, arrival_plans
from optimizer.engine.near.previous_plan import PreviousPlan
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.formats.read_instance import read_instance

NIGHTS = DATA / "nights"
QUICK = RunOptions(time_limit_seconds=20, effort="quick")


def night_of(name: str) -> Night:
    return read_instance(NIGHTS / f"{name}.json").nights[0]


def the_next_day(plan: StationPlan) -> Night:
    """The same drivers, the packs that the day before left."""
    left = stock_at_end(plan.night, plan.schedule)
    packs = tuple(Pack(f"N{one.bay}", one.type, round(one.energy_kwh / 100, 6)) for one in left)
    return replace(plan.night, station=replace(plan.night.station, packs=packs))


@pytest.mark.parametrize(("hours", "lost"), [(0.0, 3), (6.0, 0), (12.0, 0)])
def test_what_costs_a_little_more_than_its_worth_is_charged_for_the_next_day(hours: float, lost: int) -> None:
    """One slot 5 % cheaper makes stored energy worth less than it costs at any other time."""
    plan = plan_ahead(night_of("almost-flat"), replace(QUICK, look_ahead_hours=hours))
    assert plan.next_day is not None
    assert plan.next_day.more_lost == lost
    assert plan_station(the_next_day(plan), QUICK).result.swaps_lost == lost


def test_the_file_may_ask_for_it_and_the_options_have_the_last_word() -> None:
    night = night_of("almost-flat")
    asking = replace(night, horizon=replace(night.horizon, look_ahead_hours=6.0))
    by_file, by_option = plan_ahead(asking, QUICK), plan_ahead(night, replace(QUICK, look_ahead_hours=6.0))
    assert by_file.schedule == by_option.schedule
    assert by_file.result == by_option.result
    plain = plan_ahead(asking, replace(QUICK, look_ahead_hours=0.0))
    assert plain.result == plan_station(night, QUICK).result
    assert plain.result.far is None


def test_only_what_is_carried_out_is_made_calm_and_told_against_load_caps(monkeypatch: Any) -> None:
    calm, capped = Mock(side_effect=plan_station_module.calm_plan), Mock(side_effect=_CapSearch.run)
    monkeypatch.setattr(plan_station_module, "calm_plan", calm)
    monkeypatch.setattr(_CapSearch, "run", lambda search: capped(search))
    night = night_of("almost-flat")
    plan = plan_ahead(night, replace(QUICK, look_ahead_hours=12.0))
    assert [one.args[0].night.horizon.slots for one in calm.call_args_list] == [night.horizon.slots + 48]
    assert [one.args[0].night for one in capped.call_args_list] == [night]
    monkeypatch.undo()
    told = arrival_plans(night).savings(night, plan.schedule, plan.result.cost)
    assert plan.result.savings == told


def test_both_certificates_hold() -> None:
    """Of the horizon alone no plan is cheaper than the bound, the plan that is made without look-ahead among them; of
    both together, the best plan that is made without branching off at the horizon's end."""
    night = night_of("almost-flat")
    plan = plan_ahead(night, replace(QUICK, look_ahead_hours=12.0))
    alone, far = plan_station(night, QUICK), plan_station(continued(night, 48), QUICK)
    result = plan.result
    assert check(night, plan.schedule) == []
    assert cost_of(night, plan.schedule) == result.cost
    assert result.far is not None
    assert (result.far.hours, result.far.objective) == (12.0, pytest.approx(far.result.objective))
    assert result.bound is not None and alone.result.bound is not None and result.far.bound is not None
    assert result.bound <= alone.result.objective + 1e-6
    assert result.objective >= alone.result.objective - 1e-6
    assert result.far.bound <= far.result.objective + 1e-6
    assert result.far.gap is not None and result.far.gap < 0.005
    assert result.proves(0.005)
    assert result.gap is not None and result.gap > 0.005  # readiness has a price


@pytest.mark.parametrize("seed", range(12))
def test_what_is_carried_out_keeps_every_rule(seed: int) -> None:
    """Random nights of 24 hours, whatever their rules."""
    night = random_night(seed)
    slot_minutes = 24 * 60 // night.horizon.slots
    if 24 * 60 % night.horizon.slots or any(
        slot_minutes % one.metering_minutes for one in night.station.tariff.demand_charges
    ):
        pytest.skip("its slots make no day")
    day = replace(night, horizon=replace(night.horizon, slot_minutes=slot_minutes))
    plan = plan_ahead(day, replace(QUICK, look_ahead_hours=12.0))
    assert plan.result.far is not None
    assert check(day, plan.schedule) == []
    assert cost_of(day, plan.schedule) == plan.result.cost
    assert plan.result.bound is None or plan.result.bound <= plan.result.objective


def test_incumbents_are_plans_of_the_horizon() -> None:
    night, seen = night_of("almost-flat"), []
    plan_ahead(
        night,
        replace(QUICK, look_ahead_hours=6.0),
        on_incumbent=lambda schedule, method, bound: seen.append((schedule, bound)),
    )
    assert seen
    for schedule, bound in seen:
        assert check(night, schedule) == []
        assert bound <= cost_of(night, schedule).objective + 1e-6


def test_a_night_that_is_no_day_is_planned_as_it_is() -> None:
    plan = plan_ahead(make.night(4, swaps=[make.swap("W1", 2)]), replace(QUICK, look_ahead_hours=12.0))
    assert plan.result.far is None
    assert plan.next_day is None


def test_a_day_that_ends_with_ready_packs_loses_nobody_more() -> None:
    plan = plan_ahead(night_of("flat-price"), QUICK)
    assert plan.next_day is not None
    assert (plan.next_day.ready, plan.next_day.packs, plan.next_day.more_lost) == (6, 6, 0)


def test_drivers_whom_even_full_packs_would_lose_are_not_blamed_on_the_plan() -> None:
    night = read_instance(INSTANCES / "real" / "busy-must-lose.json").nights[0]
    plan = plan_ahead(night, QUICK)
    full = replace(plan, result=replace(plan.result, swaps_lost=10**6))
    assert plan.result.swaps_lost > 0
    left = next_day(full)
    assert left is not None and left.more_lost == 0


def test_nobody_who_must_be_served_is_lost_for_the_next_day() -> None:
    """One pack and one driver, who brings none: the day after, the look-ahead's own, would ask for the same pack."""
    night = make.night(
        24,
        packs=[make.pack("P1", 0.1)],
        swaps=[make.swap("W1", 8, None, must_serve=True, lost_cost=1)],
        tariff=make.tariff([3.0] * 8 + [0.01] * 16),
    )
    alone = plan_station(night, QUICK)
    previous = PreviousPlan(night.horizon, alone.schedule, {"W1": 8})
    plan = plan_ahead(night, replace(QUICK, look_ahead_hours=12.0), previous=previous)
    assert plan.schedule.swaps_served == 1
    assert plan.result.far is None and plan.log[-1] == GIVEN_UP
    assert plan.changes is not None and plan.changes.slots == 0  # near the previous plan all the same
    assert plan.schedule == alone.schedule
