"""Hours of use and kWh in proportion: no bound of any formulation above the cheapest of all plans, no plan below it."""

from __future__ import annotations

import builders as make
import pytest
from every_plan import cheapest_objective
from month_tiers import DRAWS, Draw, falling_hours, with_credit, with_month_tiers
from random_nights import on_off_night
from solved import optimum
from verdicts import DRIFT, TRICKLE, bounds, margin

from models.formulations.reference import build_reference
from models.formulations.tier_bounds import hours_parts, is_bill_exact
from models.station.cost import cost_of
from models.tariff.tariff import DemandCharge
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station

SEEDS = range(30)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("draw", DRAWS)
def test_no_bound_above_the_cheapest_plan_and_no_plan_below(draw: Draw, seed: int) -> None:
    night = with_month_tiers(on_off_night(seed), draw, seed)
    best = cheapest_objective(night)
    assert [(what, bound) for what, bound in bounds(night) if bound > best + margin(best)] == []
    model = optimum(build_reference(night).model)
    assert model <= best + margin(best)
    plan = plan_station(night, RunOptions(gap=0.0, time_limit_seconds=20))
    assert plan.result.bound is not None and plan.result.bound <= best + margin(best)
    assert cost_of(night, plan.schedule) == plan.result.cost
    assert plan.result.cost.objective >= best - margin(best)
    if is_bill_exact(night):
        assert model == pytest.approx(best, abs=margin(best))
        assert plan.result.cost.objective - plan.result.bound <= DRIFT + TRICKLE


@pytest.mark.parametrize("seed", SEEDS)
def test_no_bound_above_the_cheapest_plan_where_a_peak_earns_a_credit(seed: int) -> None:
    night = with_credit(on_off_night(seed), seed)
    best = cheapest_objective(night)
    assert [(what, bound) for what, bound in bounds(night) if bound > best + margin(best)] == []
    assert optimum(build_reference(night).model) <= best + margin(best)
    plan = plan_station(night, RunOptions(gap=0.0, time_limit_seconds=20))
    assert plan.result.bound is not None and plan.result.bound <= best + margin(best)
    assert plan.result.cost.objective >= best - margin(best)


def test_a_credit_is_bounded_by_a_charge_that_meters_the_same() -> None:
    """A credit of 1 on the peak that another charge of 1.5 bills: 0.5 a kW, and the bound has no more of it."""
    charges = (DemandCharge("charge", 1.5, 60), DemandCharge("credit", -1.0, 60))
    night = make.night(
        on=make.horizon(2, 60), packs=(make.pack(soc=0.5),), swaps=(), tariff=make.tariff(0.1, demand_charges=charges),
        base_load_kw=(10.0, 20.0), grid_limit_kw=500.0, types=(make.pack_type(end_value_per_kwh=0.0),),
    )  # fmt: skip
    assert optimum(build_reference(night).model) == pytest.approx(3.0 + 10.0)


def test_thresholds_are_reached_passed_and_out_of_reach() -> None:
    """The cases ask for what they claim."""
    nights = [with_month_tiers(on_off_night(seed), falling_hours, seed) for seed in SEEDS]
    parts = [part for night in nights for part in hours_parts(night, night.tariff_series.tiers[0])]
    assert {(part.is_open, part.is_passed, part.is_out_of_reach) for part in parts} == {
        (True, False, False), (False, True, False), (False, False, True),
    }  # fmt: skip
    assert all(is_bill_exact(night) for night in nights)
