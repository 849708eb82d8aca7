"""Charges of a year over the end of a month: no bound of any formulation above the cheapest of all plans, no plan below
it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from random import Random

import pytest
from every_plan import cheapest_objective
from random_nights import on_off_night
from solved import optimum
from verdicts import margin

from models.formulations.reference import build_reference
from models.station.instance import Night
from models.tariff.billing_year import UseClass
from models.tariff.tariff import DemandCharge
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station


def yearly_night(seed: int) -> Night:
    """The night from an hour before a month ends on; the year ends with it where the billing year is a calendar one."""
    night, r = on_off_night(seed), Random(f"year {seed}")
    classes = (UseClass(2500.0, round(r.uniform(0, 2), 2), -0.05),)
    charge = DemandCharge(
        "year", 1.0, night.horizon.slot_minutes, period="year", year_begins=r.choice([1, 7]), use_classes=classes,
        expected_hours=r.choice([1000.0, 4000.0]),
    )  # fmt: skip
    horizon = replace(night.horizon, start=datetime.fromisoformat("2025-12-31T23:00+01:00"))
    tariff = replace(night.station.tariff, demand_charges=(charge,), energy_tiers=())
    so_far = {"year": r.choice([5.0, 30.0])} if r.random() < 0.7 else {}
    month = {"peak_so_far_kw": so_far, "energy_so_far_kwh": {}, "lookback_peak_kw": {}}
    return replace(night, horizon=horizon, station=replace(night.station, tariff=tariff, **month))


@pytest.mark.parametrize("seed", range(20))
def test_plans_are_the_cheapest_of_all(seed: int) -> None:
    night = yearly_night(seed)
    best = cheapest_objective(night)
    assert optimum(build_reference(night).model) == pytest.approx(best, abs=margin(best))
    plan = plan_station(night, RunOptions(gap=0.0, time_limit_seconds=20))
    assert plan.result.cost.objective == pytest.approx(best, abs=margin(best))
    assert plan.result.bound is not None and plan.result.bound <= best + margin(best)


def test_years_end_and_go_on_among_these_nights() -> None:
    assert {len(yearly_night(seed).tariff_series.demands) for seed in range(20)} == {1, 2}
