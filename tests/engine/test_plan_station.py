"""Planning a station: every night gets a checked plan and a bound, whatever its features and however little time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import builders as make
import pytest
from paths import INSTANCES
from patience import PATIENCE

from models.station.cost import cost_of
from models.station.instance import Night
from models.station.result import StationPlan
from optimizer.check.rules import check
from optimizer.engine.baselines import baseline_cost
from optimizer.engine.feasibility import NothingToPlanError
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.formats.read_instance import read_instance

REAL = INSTANCES / "real"
QUARTERS = make.horizon(24, 15)


def planned(night: Night, **options: Any) -> StationPlan:
    """The plan of a night, with everything true of it that is true of every plan."""
    plan = plan_station(night, RunOptions(**{"time_limit_seconds": PATIENCE} | options))
    objective, margin = plan.result.cost.objective, 1e-6 * max(1.0, abs(plan.result.cost.objective))
    assert check(night, plan.schedule) == []
    assert plan.result.cost == cost_of(night, plan.schedule)
    assert plan.result.objective == objective
    assert plan.result.bound is None or plan.result.bound <= objective
    assert plan.baseline == baseline_cost(night)
    assert objective <= plan.baseline.objective + margin
    assert plan.night is night
    return plan


def medium_night(**changes: Any) -> Night:
    """8 packs and 24 quarter-hours, 6 swaps, a demand charge; plain but for what is named."""
    socs = (0.9, 0.75, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
    settings: dict[str, Any] = {
        "on": QUARTERS,
        "bays": 8,
        "chargers": make.chargers(count=8, max_kw=60),
        "packs": [make.pack(f"P{number}", soc) for number, soc in enumerate(socs, start=1)],
        "swaps": [make.swap(f"W{n}", slot, 0.1 + n / 20) for n, slot in enumerate((3, 6, 10, 10, 15, 21), start=1)],
        "grid_limit_kw": 400,
        "tariff": make.tariff([0.1, 0.3, 0.2, 0.25] * 6, demand_charges=(make.demand(rate_per_kw=0.3),)),
    }
    return make.night(**(settings | changes))


def with_swaps(**changes: Any) -> list[Any]:
    """The swaps of the medium night, the first three changed."""
    swaps = medium_night().station.swaps
    return [replace(swap, **changes) if index < 3 else swap for index, swap in enumerate(swaps)]


def with_charge(**changes: Any) -> Any:
    return replace(medium_night().station.tariff, demand_charges=(make.demand(rate_per_kw=0.3, **changes),))


FEATURES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "acceptance": {"types": [make.pack_type(acceptance=((0.5, 60.0), (0.8, 40.0), (0.9, 15.0)))]},
    "wear": {"types": [make.pack_type(wear=((0, 0), (30, 0.5), (60, 4)))]},
    "end value": {"types": [make.pack_type(end_value_per_kwh=0.28)]},
    "two types": {
        "types": [make.pack_type(), make.pack_type(id="B", capacity_kwh=60)],
        "packs": [make.pack(f"P{n}", n / 10, "AB"[n % 2]) for n in range(8)],
        "swaps": [make.swap(f"W{n}", 3 * n, 0.2, type="AB"[n % 2]) for n in range(8)],
    },
    "swap_soc of its own": {"swaps": with_swaps(swap_soc=0.88)},
    "wanted pack": {"swaps": [make.swap("W1", 5, pack="P4"), make.swap("W2", 5, pack="P7"), make.swap("W3", 5)]},
    "nothing returned": {"swaps": with_swaps(returned_soc=None)},
    "returned ready": {"swaps": with_swaps(returned_soc=0.85)},
    "turnaround": {"turnaround_slots": 3},
    "on/off": {"chargers": make.chargers(count=8, max_kw=60, mode="on_off")},
    "on/off on a curve": {
        "chargers": make.chargers(count=8, max_kw=60, mode="on_off"),
        "types": [make.pack_type(acceptance=((0.5, 60.0), (0.9, 15.0)))],
    },
    "minimum power": {"chargers": make.chargers(count=8, max_kw=60, min_kw=25)},
    "fewer chargers": {"chargers": make.chargers(count=2, max_kw=60)},
    "plug change cap": {"plug_changes_max": 1},
    "no plug changes": {"plug_changes_max": 0},
    "plug change cost": {"plug_change_cost": 0.2},
    "reserve": {"ready_reserve": 3, "reserve_cost": 0.5},
    "sun": {"solar_kw": 30},
    "base load": {"base_load_kw": 30},
    "tight grid": {"grid_limit_kw": 55},
    "peak so far": {"peak_so_far_kw": {"peak": 50}},
    "metering over two slots": {"tariff": with_charge(metering_minutes=30)},
    "window": {"tariff": with_charge(windows=(make.window("01:00", "02:00"),))},
    "negative prices": {"tariff": make.tariff([-0.1, 0.3, 0.2, -0.02] * 6)},
    "no swaps": {"swaps": []},
    "no packs": {"packs": []},
}


@pytest.mark.parametrize("feature", FEATURES)
def test_every_feature_alone(feature: str) -> None:
    """A rough gap is enough: that plans and bounds of every feature are true is what `planned` holds."""
    gap = 0.5 if feature == "on/off on a curve" else 0.1
    assert planned(medium_night(**FEATURES[feature]), gap=gap).result.status == "gap_reached"


@pytest.mark.parametrize("feature", ["nothing", "acceptance", "two types", "turnaround", "tight grid", "sun"])
def test_plain_nights_reach_the_gap(feature: str) -> None:
    plan = planned(medium_night(**FEATURES[feature]), gap=0.02)
    assert plan.result.status == "gap_reached"
    assert plan.result.gap is not None
    assert plan.result.gap <= 0.02


# When it stops


def test_stops_as_soon_as_the_gap_is_reached() -> None:
    night = medium_night(**FEATURES["reserve"])
    rough, fine = planned(night, gap=9.0), planned(night, gap=0.1)
    assert rough.result.status == "gap_reached"
    assert len(rough.log) < len(fine.log)
    assert fine.result.bound >= rough.result.bound


@pytest.mark.parametrize("feature", ["nothing", "plug change cap", "on/off", "reserve", "no packs"])
def test_no_time_at_all_still_gives_a_checked_plan(feature: str) -> None:
    plan = planned(medium_night(**FEATURES[feature]), gap=0.0, time_limit_seconds=0.0)
    assert plan.result.status in ("time_limit", "gap_reached")


# Nights that are hard to please


def test_big_overloaded_night_is_planned_and_swaps_are_lost() -> None:
    packs = [make.pack(f"P{n}", 0.1 + 0.04 * n) for n in range(21)]
    swaps = [make.swap(f"W{n}", (7 * n) % 96, 0.1 + n % 5 / 20, lost_cost=20 + n % 3) for n in range(160)]
    night = make.night(
        on=make.horizon(96, 15),
        bays=21,
        packs=packs,
        swaps=swaps,
        chargers=make.chargers(count=21, max_kw=60),
        grid_limit_kw=150,
    )
    plan = planned(night, gap=0.05)
    assert plan.result.cost.lost_swaps > 0
    assert plan.result.gap is not None


def test_every_swap_lost_where_no_power_is_left() -> None:
    night = medium_night(grid_limit_kw=30, base_load_kw=30, packs=[make.pack("P1", 0.1)])
    assert planned(night, gap=0.0).result.cost.lost_swaps == 600


def test_nothing_to_plan() -> None:
    night = make.night(grid_limit_kw=(10, 10, 10, 10), base_load_kw=(12, 15, 40, 40), solar_kw=(1.5, 0, 10, 20))
    message = (
        r"^station S: base load 12 kW less solar 1\.5 kW exceeds the grid limit of 10 kW in slot 0 and in 3 more; "
        r"raise grid_limit_kw or lower base_load_kw$"
    )
    with pytest.raises(NothingToPlanError, match=message):
        plan_station(night)


def test_base_load_above_the_limit_in_some_slots_is_planned_around() -> None:
    """P2 needs 30 kWh: slot 1 is the cheapest, but the base load alone is above the limit then."""
    night = make.night(
        packs=[make.pack("P2", 0.5)],
        types=[make.pack_type(end_value_per_kwh=0)],
        swaps=[make.swap("W1", 3, lost_cost=100)],
        tariff=make.tariff([0.4, 0.1, 0.2, 0.3]),
        grid_limit_kw=60, base_load_kw=(5, 75, 5, 5), solar_kw=(0, 10, 0, 0),
    )  # fmt: skip
    plan = planned(night, gap=0.0)
    (row,) = (row for row in plan.schedule.rows if row.pack == "P2")
    assert row.power_kw == pytest.approx((0, 0, 30, 0))
    assert plan.result.swaps_lost == 0
    assert plan.schedule.solar_used_kw == pytest.approx((0, 10, 0, 0))
    base_bill = 0.4 * 5 + 0.1 * 65 + 0.2 * 5 + 0.3 * 5
    assert plan.result.objective == pytest.approx(base_bill + 0.2 * 30 / 0.8)
    assert plan.result.bound == pytest.approx(plan.result.objective, rel=1e-4)


def test_base_load_that_fits_to_the_last_digit_is_planned() -> None:
    planned(make.night(grid_limit_kw=0.3, base_load_kw=0.1 + 0.2))


# Same input, same plan


def test_same_input_same_schedule() -> None:
    one, other = (planned(medium_night(base_load_kw=20, peak_so_far_kw={"peak": 40}), gap=0.001) for _ in range(2))
    assert one.schedule == other.schedule
    assert one.result == other.result


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_any_seed_gives_a_plan_within_the_gap(seed: int) -> None:
    assert planned(medium_night(), gap=0.02, seed=seed).result.status == "gap_reached"


def test_progress_is_reported() -> None:
    message: list[str] = []
    plan = plan_station(medium_night(), RunOptions(gap=0.01, time_limit_seconds=PATIENCE), message.append)
    assert message
    assert len(message) == len(plan.log)


# Real nights


@pytest.mark.parametrize("path", sorted(REAL.glob("*.json")), ids=lambda path: path.stem)
def test_real_nights(path: Path) -> None:
    for night in read_instance(path).nights:
        plan = planned(night, gap=0.01)
        assert plan.result.status == "gap_reached"


def test_on_off_chargers_under_a_demand_charge_get_a_plan_that_knows_it_before_any_solver(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A station whose grid limit is lower has no better plan: its plans are plans of this one, too."""
    monkeypatch.setattr("optimizer.engine.plan_station.GRACE_SECONDS", PATIENCE)
    socs, slots = [0.5] * 8, range(96)
    swaps = [make.swap(f"W{t}", t, 0.25, lost_cost=50) for t in slots[30::5]]
    prices = [0.1 if t < 28 else 0.3 for t in slots]
    objectives = []
    for limit_kw in (300.0, 127.0):
        night = medium_night(
            on=make.horizon(96, 15),
            chargers=make.chargers(count=8, max_kw=60, mode="on_off"),
            packs=[make.pack(f"P{number}", soc) for number, soc in enumerate(socs)],
            swaps=swaps,
            grid_limit_kw=limit_kw,
            tariff=make.tariff(prices, demand_charges=(make.demand(rate_per_kw=6),)),
        )
        plan = planned(night, time_limit_seconds=0.0)
        assert plan.result.swaps_lost == 0
        objectives.append(plan.result.objective)
    assert objectives[0] <= objectives[1] < 700  # cheapest slots first under 300 kW: 1,900 and more
