"""The power limit of a rule: what it weighs, and what it is worth on the days that come."""

from __future__ import annotations

from dataclasses import replace

import builders as make
import numpy as np
import pytest

from models.station.cost import drawn_power_kw
from models.station.demand.expected import ExpectedSwaps, Spread
from models.station.demand.rule import ControlRule
from models.station.drawn_days import draw_days
from models.station.instance import Night
from models.station.schedule import PackRow, Schedule
from models.tariff.rate_steps import stepped_cost
from optimizer.engine.hedge.plan_hedged import plan_hedged
from optimizer.engine.hedge.power_limit import power_limit_kw, with_room_for
from optimizer.engine.hedge.stage_levels import stage_levels
from optimizer.engine.hedge.type_stocks import type_stocks
from optimizer.engine.options import RunOptions
from optimizer.simulate.play import play

SLOTS = 12
OPTIONS = RunOptions(time_limit_seconds=10.0)


def night(rate: float, peak_kw: float = 0.0, **charge: object) -> Night:
    """Six drivers are expected in twelve hours, in the last eight of which energy is dear."""
    spread = Spread(day_sd=0.2)
    expected = ExpectedSwaps("cars", "A", (0.5,) * SLOTS, (0.1, 0.2), 200.0, spread=spread)
    swaps = [replace(make.swap(f"cars-{n}", 2 * n - 1), forecast="cars") for n in range(1, 7)]
    demands = (make.demand(rate_per_kw=rate, metering_minutes=60, weight=0.999, **charge),) if rate else ()
    tariff = make.tariff([0.1] * 4 + [0.5] * 8, demand_charges=demands)
    packs = [make.pack(f"P{n}", soc=0.9) for n in range(4)]
    given = make.night(SLOTS, swaps=swaps, packs=packs, bays=4, tariff=tariff, grid_limit_kw=(200.0,) * SLOTS)
    peaks = {"peak": peak_kw} if peak_kw else {}
    return replace(given, station=replace(given.station, expected=(expected,), peak_so_far_kw=peaks))


def test_without_a_demand_charge_there_is_none() -> None:
    assert power_limit_kw(night(0.0), 1.0) == ()


@pytest.mark.parametrize("rate", [0.01, 0.5, 3.0])
def test_no_other_limit_of_many_is_expected_to_cost_less(rate: float) -> None:
    asked = night(rate)
    limit = max(power_limit_kw(asked, 1.0))
    demand = asked.tariff_series.demands[0]

    def cost(limit_kw: float) -> float:
        stocks, _ = type_stocks(asked, [limit_kw] * SLOTS)
        return sum(stage_levels(one).value for one in stocks) + stepped_cost(demand.steps, limit_kw)

    tried = [cost(kw) for kw in np.linspace(0.0, 200.0, 13)]
    assert cost(limit) <= min(tried) + 0.05 * (max(tried) - min(tried))


def test_dearer_peaks_are_lower() -> None:
    limits = [max(power_limit_kw(night(rate), 1.0)) for rate in (0.01, 0.5, 3.0, 100.0)]
    assert limits == sorted(limits, reverse=True)
    assert limits[0] > limits[-1] + 50


def test_what_is_billed_anyway_may_be_drawn() -> None:
    assert max(power_limit_kw(night(100.0, peak_kw=80.0), 1.0)) == pytest.approx(80.0)


def test_a_charge_in_a_window_limits_its_slots_alone() -> None:
    asked = night(100.0, windows=(make.window("06:00", "09:00"),))
    limit = power_limit_kw(asked, 1.0)
    assert {slot for slot, kw in enumerate(limit) if kw < 200.0} == {6, 7, 8}


def test_days_cost_less_with_it_than_without() -> None:
    asked = night(3.0)
    plan = plan_hedged(asked, OPTIONS)
    assert plan.hedge is not None and plan.hedge.rule is not None and plan.hedge.rule.limit_kw
    days = draw_days(asked, 200, 1)
    with_limit = play(asked, plan.schedule, plan.hedge.rule, days)
    without = play(asked, plan.schedule, replace(plan.hedge.rule, limit_kw=()), days)
    assert with_limit.load_kw.max() == pytest.approx(max(plan.hedge.rule.limit_kw), abs=0.01)
    assert with_limit.costs.objective.mean() < without.costs.objective.mean()


def test_the_limit_leaves_room_for_the_plan() -> None:
    """Where the plan draws more, as much as it draws; a rule without a limit gets none."""
    asked = night(0.5)
    plan = plan_hedged(asked, OPTIONS)
    drawn = drawn_power_kw(asked, plan.schedule)
    low = min(kw for kw in drawn if kw > 0) / 2
    raised = with_room_for(ControlRule(limit_kw=(low,) * SLOTS), asked, plan.schedule)
    assert raised == ControlRule(limit_kw=tuple(max(low, kw) for kw in drawn))
    assert max(drawn) > low
    assert with_room_for(ControlRule(), asked, plan.schedule) == ControlRule()
    assert with_room_for(None, asked, plan.schedule) is None
    assert plan.hedge is not None and plan.hedge.rule is not None
    assert plan.hedge.rule == with_room_for(plan.hedge.rule, asked, plan.schedule)


def test_room_for_the_plan_raises_no_metered_average() -> None:
    """Metering intervals of two slots: the plan draws 120 and 40 kW in the first, 30 and 30 in the second."""
    demands = (make.demand(rate_per_kw=1.0, metering_minutes=120),)
    given = make.night(4, tariff=make.tariff(0.1, demand_charges=demands), bays=3)
    rows = (PackRow("P1", 0, (0.0,) * 4), PackRow("P2", 1, (108.0, 36.0, 27.0, 27.0)), PackRow("P3", 2, (0.0,) * 4))
    efficiency = given.station.chargers.efficiency
    planned = [kw / efficiency for kw in (108.0, 36.0, 27.0, 27.0)]
    rule = with_room_for(ControlRule((), (100.0,) * 4), given, Schedule("S", rows, ()))
    assert rule is not None
    mean = (planned[0] + planned[1]) / 2
    assert rule.limit_kw[:2] == pytest.approx((planned[0], planned[1] + 100.0 - mean))
    assert sum(rule.limit_kw[:2]) / 2 <= max(100.0, mean) * 1.000001
    assert rule.limit_kw[2:] == (100.0, 100.0)
