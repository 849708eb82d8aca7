"""Powers without an LP cost what the LP's cost, keep every rule, and are refused where an LP has to decide."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import builders as make
import pytest
from random_nights import random_night

from models.formulations.dispatch.arrays import dispatch_arrays
from models.formulations.dispatch.cheapest_slots import cheapest_powers, is_separable
from models.station.cost import cost_of
from models.station.instance import Night
from models.station.stays import Stay, stays_of
from optimizer.check.rules import check
from optimizer.engine import dispatch_powers
from optimizer.engine.baselines import cheapest_slots_first, uncontrolled_charging
from optimizer.engine.build_schedule import build_schedule
from optimizer.engine.dispatch import dispatch
from optimizer.engine.highs import solve
from optimizer.engine.options import RunOptions
from optimizer.engine.search import Search

DEAR = 1e4  # currency for a kWh that is missing at hand-over


def plain(seed: int) -> Night:
    """A random night without what asks for an LP, but for its demand charges."""
    night = random_night(seed)
    kinds = {name: replace(kind, acceptance=(), wear=()) for name, kind in night.pack_types.items()}
    station, slots = night.station, night.horizon.slots
    chargers = replace(station.chargers, count=len(station.packs), min_kw=0.0, mode="continuous")
    changes = {"plug_changes_max": None, "plug_change_cost": 0.0, "energy_so_far_kwh": {}, "reserve_cost": 0.0}
    station = replace(
        station,
        chargers=chargers,
        tariff=replace(station.tariff, energy_tiers=()),
        solar_kw=(0.0,) * slots,
        ready_reserve=(0,) * slots,
        base_load_kw=tuple(min(pair) for pair in zip(station.base_load_kw, station.grid_limit_kw, strict=True)),
        **changes,
    )
    return replace(night, pack_types=kinds, station=station)


def orders(night: Night) -> list[list[Stay]]:
    plans = (uncontrolled_charging(night), cheapest_slots_first(night))
    return [stays_of(night, plan.by_swap()) for plan in plans]


@pytest.mark.parametrize("first", range(0, 600, 150))
def test_they_cost_what_the_lp_says(first: int) -> None:
    found = 0
    for night in map(plain, range(first, first + 150)):
        for stays in orders(night):
            best = cheapest_powers(night, stays)
            if best is None:
                continue
            found += 1
            lp = solve(dispatch_arrays(night, stays, DEAR).matrix)
            assert best.objective == pytest.approx(lp.objective, rel=1e-7, abs=1e-6)
            schedule = build_schedule(night, stays, best.power_kw)
            assert not check(night, schedule)
            assert cost_of(night, schedule).objective == pytest.approx(best.objective, rel=1e-9, abs=1e-9)
    assert found > 60


def three_packs(grid_limit_kw: float, **changes: Any) -> Night:
    """Three packs that lack 20 kWh, all wanted after two cheap slots; chargers of 40 kW, slots of an hour."""
    settings: dict[str, Any] = {
        "chargers": make.chargers(count=3),
        "types": [make.pack_type(end_value_per_kwh=0.0)],
        "packs": [make.pack(f"P{number}", 0.7) for number in (1, 2, 3)],
        "swaps": [make.swap(f"W{number}", 3, swap_soc=0.9) for number in (1, 2, 3)],
        "tariff": make.tariff([0.5, 0.1, 0.1, 0.5]),
        "grid_limit_kw": grid_limit_kw,
    }
    return make.night(**(settings | changes))


def stays_in_order(night: Night) -> list[Stay]:
    return stays_of(night, {"W1": "P1", "W2": "P2", "W3": "P3"})


def test_slots_of_equal_price_share_the_grid() -> None:
    """60 kWh in two slots of which each carries 40: no slot can have them all."""
    night = three_packs(40 / 0.8)
    best = cheapest_powers(night, stays_in_order(night))
    assert best is not None
    assert sorted(best.power_kw.sum(axis=1)) == pytest.approx([0, 0, 0, 20, 20, 20])
    assert best.power_kw.sum(axis=0) == pytest.approx([0, 40, 20, 0])
    assert best.objective == pytest.approx(60 * 0.1 / 0.8)


def test_where_the_grid_binds_the_lp_decides() -> None:
    night = three_packs(25 / 0.8)
    assert cheapest_powers(night, stays_in_order(night)) is None


@pytest.mark.parametrize(("so_far_kw", "is_found"), [(60.0, True), (30.0, False)])
def test_where_a_peak_would_be_paid_for_the_lp_decides(so_far_kw: float, is_found: bool) -> None:
    """75 kW have to be drawn in two slots: 37.5 kW in each where the month's peak is above that."""
    tariff = make.tariff([0.5, 0.1, 0.1, 0.5], demand_charges=(make.demand("peak"),))
    night = three_packs(1000.0, tariff=tariff, peak_so_far_kw={"peak": so_far_kw})
    best = cheapest_powers(night, stays_in_order(night))
    assert (best is not None) == is_found
    if best is not None:
        assert best.power_kw.sum(axis=0).max() <= so_far_kw * 0.8


def test_where_energy_is_missing_the_lp_says_which() -> None:
    night = three_packs(1000.0)
    early = [make.swap(f"W{number}", 0, swap_soc=0.9) for number in (1, 2, 3)]
    night = replace(night, station=replace(night.station, swaps=tuple(early)))
    assert cheapest_powers(night, stays_in_order(night)) is None


def test_what_ties_stays_together_is_no_knapsack() -> None:
    night = three_packs(1000.0)
    assert is_separable(night)
    for changes in ({"solar_kw": (0.0, 1.0, 0.0, 0.0)}, {"ready_reserve": (0, 1, 0, 0), "reserve_cost": 1.0}):
        assert not is_separable(replace(night, station=replace(night.station, **changes)))
    for curve in ({"wear": ((0.0, 0.0), (10.0, 1.0))}, {"acceptance": ((0.0, 30.0), (1.0, 10.0))}):
        assert not is_separable(three_packs(1000.0, types=[make.pack_type(**curve)]))


def test_a_dispatch_asks_the_solver_only_where_it_must(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Search(three_packs(40 / 0.8), RunOptions())
    found = dispatch(one, {"W1": "P1", "W2": "P2", "W3": "P3"}, "a test")
    assert found is not None and found.is_plan and one.watch.seconds["solver"] == 0
    monkeypatch.setattr(dispatch_powers, "cheapest_powers", lambda night, stays: None)
    by_lp = dispatch(one, {"W1": "P1", "W2": "P2", "W3": "P3"}, "a test")
    assert by_lp is not None and one.watch.seconds["solver"] > 0
    assert found.objective == pytest.approx(by_lp.objective, abs=1e-6)


def test_no_pack_gets_more_than_a_charger_gives() -> None:
    night = three_packs(1000.0, packs=[make.pack("P1", 0.3)], swaps=[make.swap("W1", 3, swap_soc=0.9)])
    best = cheapest_powers(night, stays_of(night, {"W1": "P1"}))
    assert best is not None and best.power_kw[0] == pytest.approx([0, 40, 20, 0])
