"""Where charged and empty packs cost the same, packs end charged; negative prices make stored energy no burden."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import demand
from cli import run
from paths import DATA
from patience import PATIENCE

from models.station.carry_over.end_stock import stock_at_end
from models.station.cost import cost_of
from models.station.instance import Night, Pack
from models.station.pack_type import PackType
from models.station.result import StationPlan
from optimizer.check.rules import check
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.formats.read_instance import read_instance

FLAT, NEGATIVE = DATA / "nights" / "flat-price.json", DATA / "nights" / "negative-half-hour.json"
CURVES = {
    "none": (),
    "falls": ((0.0, 70.0), (0.5, 60.0), (0.8, 40.0), (1.0, 10.0)),
    "rises and falls": ((0.0, 50.0), (0.1, 90.0), (0.8, 60.0), (1.0, 15.0)),
}
CHARGERS: dict[str, dict[str, Any]] = {
    "one each": {},
    "three": {"count": 3},
    "at least 20 kW": {"min_kw": 20.0},
    "on or off": {"mode": "on_off"},
}


def flat_night(curve: str, chargers: str = "one each", **changes: Any) -> Night:
    """Ten drivers, six full packs, one price."""
    night = read_instance(FLAT).nights[0]
    kind = replace(night.pack_types["A"], acceptance=CURVES[curve], **changes)
    station = replace(night.station, chargers=replace(night.station.chargers, **CHARGERS[chargers]))
    return replace(night, pack_types={"A": kind}, station=station)


def planned(night: Night) -> StationPlan:
    plan = plan_station(night, RunOptions(time_limit_seconds=PATIENCE, effort="quick"))
    assert check(night, plan.schedule) == []
    return plan


def energies_at_end(plan: StationPlan) -> list[float]:
    return [one.energy_kwh for one in stock_at_end(plan.night, plan.schedule)]


def the_next_day(plan: StationPlan) -> Night:
    """The same drivers, the packs that the day before left."""
    left = stock_at_end(plan.night, plan.schedule)
    packs = tuple(Pack(f"N{one.bay}", one.type, round(one.energy_kwh / 100, 6)) for one in left)
    return replace(plan.night, station=replace(plan.night.station, packs=packs))


@pytest.mark.parametrize("chargers", CHARGERS)
@pytest.mark.parametrize("curve", CURVES)
def test_at_one_price_nobody_is_lost_on_the_next_day(curve: str, chargers: str) -> None:
    """Empty packs would be as cheap, and cost three drivers."""
    plan = planned(flat_night(curve, chargers))
    assert plan.result.objective == pytest.approx(33.684211, abs=1e-5)
    assert plan.result.gap == pytest.approx(0, abs=1e-5)
    assert min(energies_at_end(plan)) > 85
    assert planned(the_next_day(plan)).result.swaps_lost == 0


@pytest.mark.parametrize("curve", CURVES)
def test_what_costs_more_than_its_worth_is_not_charged(curve: str) -> None:
    plan = planned(flat_night(curve, end_value_per_kwh=0.2))
    assert energies_at_end(plan) == pytest.approx([20.0] * 6)


def test_wear_makes_charging_dearer_than_its_worth() -> None:
    plan = planned(flat_night("falls", wear=((0.0, 0.0), (60.0, 0.6))))
    assert energies_at_end(plan) == pytest.approx([20.0] * 6)


@pytest.mark.parametrize("curve", ["none", "falls"])
def test_ties_raise_no_peak(curve: str) -> None:
    """Charging at night is worth what it costs; 100 kW are paid for already."""
    night = flat_night(curve)
    prices = [0.1 if slot < 28 or slot >= 88 else 0.3 for slot in range(96)]
    tariff = replace(
        night.station.tariff,
        energy_periods=(),
        energy_price_per_kwh=tuple(prices),
        demand_charges=(demand(rate_per_kw=5),),
    )
    night = replace(night, station=replace(night.station, tariff=tariff, peak_so_far_kw={"peak": 100.0}))
    plan = planned(night)
    assert cost_of(night, plan.schedule).demand == pytest.approx(0, abs=1e-6)
    assert sum(energies_at_end(plan)) > 6 * 20 + 50


def test_a_half_hour_of_negative_prices_ends_with_full_packs(tmp_path: Path) -> None:
    """Its price was the worth of all that packs held: half of the energy that one is paid to take was left."""
    plan = tmp_path / "plan.json"
    assert run("solve", NEGATIVE, "-o", plan).returncode == 0
    [station] = json.loads(plan.read_text())["stations"]
    assert station["objective"] == pytest.approx(-66.32, abs=0.005)
    assert station["cost"]["end_value"] == 0
    kwh = {"P": 30.0, "r": 20.0}
    held = {row["pack"]: kwh[row["pack"][0]] + sum(row["power_kw"]) / 4 for row in station["packs"]}
    gone = {one["pack"] for one in station["hand_overs"]}
    left = sorted(held[name] for name in held if name not in gone)
    assert left == pytest.approx([20.0] * 2 + [90.0] * 4, abs=1e-4)  # two drivers come later


def test_a_negative_worth_that_is_asked_for_is_kept() -> None:
    night = read_instance(NEGATIVE).nights[0]
    kinds: dict[str, PackType] = {"A": replace(night.pack_types["A"], end_value_per_kwh=-0.316)}
    plan = planned(replace(night, pack_types=kinds))
    assert plan.result.cost.end_value < 0
