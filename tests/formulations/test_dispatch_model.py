"""The dispatch model: best powers of given stays by hand; hand-overs that come too early are reported, not refused."""

from __future__ import annotations

from typing import Any

import builders as make
import numpy as np
import pyomo.environ as pyo
import pytest
from solved import optimum, solved

from models.formulations.dispatch.curve_parts import bent_stays, kept_powers, parts_near, passes_curve
from models.formulations.dispatch.pyomo_model import build_dispatch
from models.station.instance import Night
from models.station.stays import stays_of
from optimizer.check.acceptance import accepted_kw

FREE = make.pack_type(end_value_per_kwh=0.0)
PRICE = 1000.0


def dispatch(night: Night, by_swap: dict[str, str] | None = None) -> Any:
    return build_dispatch(night, stays_of(night, by_swap or {}), PRICE).model


def night_with(**changes: Any) -> Night:
    """One pack at 50, no end value, a driver in slot 2 who needs 80."""
    settings: dict[str, Any] = {"types": [FREE], "packs": [make.pack("P1", 0.5)], "swaps": [make.swap("W1", 2)]}
    return make.night(**(settings | changes))


def power(m: Any, stay: int = 0) -> list[float]:
    return [round(pyo.value(m.power_kw[s, t]), 6) for s, t in m.P if s == stay]


def test_charges_what_the_swap_needs_where_it_is_cheapest() -> None:
    m = dispatch(night_with(tariff=make.tariff([0.4, 0.2, 0.1, 0.1])), {"W1": "P1"})
    assert optimum(m) == pytest.approx(30 / 0.8 * 0.2)
    assert power(m) == [0, 30]


def test_missing_energy_is_priced_and_told() -> None:
    m = dispatch(night_with(packs=[make.pack("P1", 0.2)], swaps=[make.swap("W1", 1)]), {"W1": "P1"})
    assert optimum(m) == pytest.approx(40 / 0.8 * 0.1 + 20 * PRICE)
    assert pyo.value(m.missing_kwh[0]) == pytest.approx(20)


def test_lost_swaps_cost_what_they_cost() -> None:
    assert optimum(dispatch(night_with())) == pytest.approx(100)


def test_energy_at_the_end_counts_for_packs_that_stay_only() -> None:
    kind = make.pack_type(end_value_per_kwh=0.05)
    night = night_with(types=[kind], packs=[make.pack("P1", 0.9), make.pack("P2", 0.5)])
    assert optimum(dispatch(night, {"W1": "P1"})) == pytest.approx(-0.05 * (50 + 10))


def test_turnaround_is_kept() -> None:
    swaps = [make.swap("W1", 0, 0.5), make.swap("W2", 2)]
    night = night_with(packs=[make.pack("P1", 0.9)], swaps=swaps, turnaround_slots=1,
                       tariff=make.tariff([0.1, 0.3, 0.1, 0.1]))  # fmt: skip
    m = dispatch(night, {"W1": "P1", "W2": "return:W1"})
    assert optimum(m) == pytest.approx(30 / 0.8 * 0.3)


def test_acceptance_is_read_at_the_end_of_the_slot() -> None:
    """From 50 up a curve 40 − (e − 50): p = 20 in the first slot, 10 in the second: 80 in slot 2 and no more."""
    night = night_with(types=[make.pack_type(acceptance=((0.5, 40), (0.9, 0)), end_value_per_kwh=0.0)])
    m = dispatch(night, {"W1": "P1"})
    assert optimum(m) == pytest.approx(30 / 0.8 * 0.1)
    assert power(m) == pytest.approx([20, 10])


def test_wear_spreads_the_charge() -> None:
    night = night_with(types=[make.pack_type(wear=((0, 0), (15, 0), (40, 100)), end_value_per_kwh=0.0)])
    m = dispatch(night, {"W1": "P1"})
    assert optimum(m) == pytest.approx(30 / 0.8 * 0.1)
    assert power(m) == pytest.approx([15, 15])


def test_reserve_counts_a_pack_once_it_holds_enough() -> None:
    """Ready in slot 1 at the earliest: slot 0 falls short by one, 5; then 30 kWh in slot 0 pay."""
    night = night_with(swaps=[], ready_reserve=1, reserve_cost=5.0)
    m = dispatch(night)
    assert optimum(m) == pytest.approx(5 + 30 / 0.8 * 0.1)
    assert [round(pyo.value(m.short[t])) for t in m.T] == [1, 0, 0, 0]


def test_no_binaries_where_no_rule_asks_for_them() -> None:
    m = dispatch(night_with(chargers=make.chargers(count=1)), {"W1": "P1"})
    assert all(v.is_continuous() for v in m.component_data_objects(pyo.Var))


def test_never_infeasible_though_nothing_can_be_charged() -> None:
    m = dispatch(night_with(grid_limit_kw=0, packs=[make.pack("P1", 0.0)]), {"W1": "P1"})
    assert solved(m).stopped == "optimal"
    assert pyo.value(m.missing_kwh[0]) == pytest.approx(80)


def test_sun_is_used_before_the_grid() -> None:
    m = dispatch(night_with(solar_kw=(0, 30, 0, 0)), {"W1": "P1"})
    assert optimum(m) == pytest.approx((30 / 0.8 - 30) * 0.1)


def test_grid_limit_spreads_the_charge() -> None:
    m = dispatch(night_with(grid_limit_kw=25, tariff=make.tariff([0.1, 0.5, 0.1, 0.1])), {"W1": "P1"})
    assert optimum(m) == pytest.approx(25 * 0.1 + (30 / 0.8 - 25) * 0.5)


VALLEY = make.pack_type(acceptance=((0.0, 40.0), (0.5, 10.0), (1.0, 40.0)), end_value_per_kwh=0.0)
"""40 − 0.6·e kW down to 10 at 50 kWh, then up again: a line between its ends would allow 40 all along."""


def test_powers_above_a_bent_curve_are_cut_down_to_it() -> None:
    """From 40 kWh 10 kW lead to the lowest point, where the curve has just that, and 10 on from there."""
    night = night_with(types=[VALLEY], packs=[make.pack("P1", 0.4)], swaps=[])
    (stay,) = stays_of(night, {})
    wanted = np.array([[40.0, 40.0, 0.0, 5.0]])
    assert bent_stays(night, [stay]) == [0]
    assert passes_curve(night, [stay], [0], wanted)
    kept = kept_powers(night, [stay], [0], wanted)
    assert kept.tolist() == [[10.0, 10.0, 0.0, 5.0]]
    assert not passes_curve(night, [stay], [0], kept)


def test_what_a_bent_curve_leaves_below_the_least_power_is_none() -> None:
    night = night_with(
        types=[VALLEY], packs=[make.pack("P1", 0.4)], swaps=[], chargers=make.chargers(min_kw=11)
    )  # fmt: skip
    kept = kept_powers(night, stays_of(night, {}), [0], np.array([[40.0, 40.0, 40.0, 40.0]]))
    assert kept.tolist() == [[0.0, 0.0, 0.0, 0.0]]


def test_near_powers_that_keep_a_bent_curve_the_model_keeps_it_too() -> None:
    """50 to 60 to 76 kWh, 10 and 16 kW, and the last 4: a line above the curve would let the pack be ready earlier."""
    night = night_with(types=[VALLEY], packs=[make.pack("P1", 0.5)], swaps=[make.swap("W1", 3)])
    stays = stays_of(night, {"W1": "P1"})
    full = kept_powers(night, stays, [0], np.full((1, 4), 40.0)) * [[1, 1, 1, 0]]
    m = build_dispatch(night, stays, PRICE, parts_near(night, stays, [0], full)).model
    optimum(m)
    assert pyo.value(m.missing_kwh[0]) == pytest.approx(0)
    energy = 50.0
    for kw in power(m):
        assert kw <= accepted_kw(VALLEY, energy, energy + kw) + 1e-6
        energy += kw
    assert energy == pytest.approx(80)
