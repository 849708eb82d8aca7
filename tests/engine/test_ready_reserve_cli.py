"""A ready reserve and rising wear as users get them: `solve` proves the optimum, `check` agrees."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cli
import pytest
from paths import INSTANCES

TYPES = [
    {"id": "A", "capacity_kwh": 40, "target_soc": 0.9, "end_value_per_kwh": 0.05},
    {"id": "B", "capacity_kwh": 30.6, "target_soc": 0.95},
]


def night(**station: Any) -> dict[str, Any]:
    """Two types, one of which has no pack; a falling demand rate above 108.2 kW; more sun than base load."""
    return {
        "format": "swapcharge-instance",
        "version": 1,
        "name": "reserve",
        "currency": "XXX",
        "horizon": {"start": "2024-06-23T02:00-03:00", "time_zone": "Pacific/Apia", "slot_minutes": 15, "slots": 12},
        "pack_types": TYPES,
        "tariffs": [
            {
                "id": "T",
                "base_price_per_kwh": 0.3,
                "energy_periods": [{"name": "rest", "price_ratio": 1.02}],
                "demand_charges": [
                    {"name": "d", "rate_per_kw": 6.4, "metering_minutes": 30, "tiers": [[108.2, 6.2]]},
                ],
            }
        ],
        "stations": [
            {
                "id": "S",
                "bays": 1,
                "chargers": {"max_kw": 138.0, "efficiency": 1},
                "tariff": "T",
                "base_load_kw": 2.02,
                "grid_limit_kw": 146.9,
                "solar_kw": 35.8,
                "packs": [{"id": "P0", "type": "A", "soc": 0.443}],
                "swaps": [
                    {"slot": 2, "type": "A", "returned_soc": 0.21, "lost_cost": 13.11},
                    {"slot": 5, "type": "A", "returned_soc": 0.15, "lost_cost": 13.0},
                ],
                "ready_reserve": 1,
                "reserve_cost": 0.401,
            }
            | station
        ],
    }


def solved(tmp_path: Path, *options: object) -> dict[str, Any]:
    """Facts of `solve`, once `check` has accepted its plan."""
    instance, plan = options[0], tmp_path / "plan.json"
    done = cli.run("solve", *options, "--json", "-o", plan)
    assert done.returncode == 0, done.stderr
    assert cli.run("check", instance, plan).returncode == 0
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


@pytest.mark.parametrize("reserve_cost", [0.401, 40.0])
def test_a_tiny_night_is_proven(reserve_cost: float, tmp_path: Path) -> None:
    """Levels and MIPs left plans 15 to 42 % above the optimum."""
    instance = tmp_path / "night.json"
    instance.write_text(json.dumps(night(reserve_cost=reserve_cost)))
    facts = solved(tmp_path, instance, "--gap", 0)
    assert facts["gap"] == 0
    assert facts["cost"]["reserve"] < 12 * reserve_cost


def test_a_reserve_of_a_real_night_is_proven(tmp_path: Path) -> None:
    """Two packs to be kept ready beside a demand charge: levels and MIPs left 7 % after 30 s."""
    given = json.loads((INSTANCES / "real" / "zhejiang-21-packs.json").read_text())
    given["stations"][0] |= {"ready_reserve": 2, "reserve_cost": 0.5}
    instance = tmp_path / "night.json"
    instance.write_text(json.dumps(given))
    facts = solved(tmp_path, instance, "--gap", 0.001)
    assert facts["gap"] <= 0.001


def test_a_reserve_of_cold_packs_is_proven(tmp_path: Path) -> None:
    """Four packs to be kept ready at 0 degC: pricing without the curve, and levels, left 3.2 % open."""
    given = json.loads((INSTANCES / "real" / "nl-winter-day-0c.json").read_text())
    given["stations"][0] |= {"ready_reserve": 4, "reserve_cost": 0.5}
    instance = tmp_path / "night.json"
    instance.write_text(json.dumps(given))
    shutil.copy(INSTANCES / "real" / "nl-day-ahead-2022-12-20.csv", tmp_path)
    facts = solved(tmp_path, instance, "--gap", 0.005)
    assert facts["gap"] <= 0.005
    assert facts["stations"][0]["method"] == "orders"


def test_negative_prices_and_wear_of_three_slopes_are_proven(tmp_path: Path) -> None:
    """Bounds by the first slope alone left 324 % of such a night open."""
    wear = [[0, 0], [30, 3], [60, 9], [100, 60]]
    given = night(ready_reserve=0, packs=[{"id": f"P{n}", "type": "A", "soc": 0.1 * n} for n in range(4)], bays=4)
    given["pack_types"] = [TYPES[0] | {"wear": wear}]
    given["tariffs"] = [{"id": "T", "energy_price_per_kwh": [-0.4, 0.3, -0.2, 0.1, -0.5, 0.2] * 2}]
    instance = tmp_path / "night.json"
    instance.write_text(json.dumps(given))
    assert solved(tmp_path, instance, "--gap", 0)["gap"] == 0
