"""Rules of real chargers in the reference and in the dispatch model: optima by hand, both the same."""

from __future__ import annotations

from typing import Any

import builders as make
import pytest
from family_nights import dispatch_of_optimal_order
from solved import optimum

from models.formulations.reference import build_reference
from models.station.instance import Night

FREE = make.pack_type(end_value_per_kwh=0.0)
CURVED = make.pack_type(acceptance=((0.5, 40), (0.9, 0)), end_value_per_kwh=0.0)


def charging_night(**changes: Any) -> Night:
    """One pack at 50 kWh, whose driver comes in slot 3 and needs 80; slots 0 to 2 at 0.30, 0.10, 0.20."""
    settings: dict[str, Any] = {
        "types": [FREE],
        "packs": [make.pack("P1", 0.5)],
        "swaps": [make.swap("W1", 3, None)],
        "tariff": make.tariff([0.3, 0.1, 0.2, 0.0]),
    }
    return make.night(**(settings | changes))


def assert_costs(night: Night, cost: float, margin: float = 1e-6) -> None:
    assert optimum(build_reference(night).model) == pytest.approx(cost, abs=margin)
    assert optimum(dispatch_of_optimal_order(night)) == pytest.approx(cost, abs=margin)


def far(need: float, start: float, **changes: Any) -> Night:
    """From `start` to `need`, both shares."""
    swap = make.swap("W1", 3, None, swap_soc=need)
    return charging_night(packs=[make.pack("P1", start)], swaps=[swap], **changes)


def test_plain() -> None:
    assert_costs(charging_night(), 30 / 0.8 * 0.1)


def test_minimum_power() -> None:
    """50 kWh: 40 at 0.10 and 10 at 0.20, but at least 25 kW: 25 + 25."""
    assert_costs(far(0.6, 0.1, chargers=make.chargers(min_kw=25)), (25 * 0.1 + 25 * 0.2) / 0.8)


def test_slot_that_ends_at_the_target_may_have_less_than_the_minimum() -> None:
    """From 40 to 90: 40 at 0.10, the last 10 at 0.20."""
    assert_costs(far(0.9, 0.4, chargers=make.chargers(min_kw=25)), (40 * 0.1 + 10 * 0.2) / 0.8)


def test_slot_that_ends_at_the_target_must_be_the_last() -> None:
    """10 kWh at 0.20 before 40 at 0.10 would pay, but after slot 0 the pack is not yet full: 25 and 25."""
    night = far(0.9, 0.4, chargers=make.chargers(min_kw=25), tariff=make.tariff([0.2, 0.1, 0.9, 0.0]))
    assert_costs(night, (25 * 0.2 + 25 * 0.1) / 0.8)


def test_on_off_charges_all_or_nothing() -> None:
    """30 kWh are needed, 40 come."""
    assert_costs(charging_night(chargers=make.chargers(mode="on_off")), 40 / 0.8 * 0.1)


def test_on_off_on_a_curve_takes_what_the_curve_gives() -> None:
    """From 50: 20 kWh, then 10: 80, just enough, in the two cheapest slots."""
    assert_costs(charging_night(types=[CURVED], chargers=make.chargers(mode="on_off")), (20 * 0.1 + 10 * 0.2) / 0.8)


def test_on_off_under_a_grid_limit_may_not_charge_at_all() -> None:
    assert_costs(charging_night(chargers=make.chargers(mode="on_off"), grid_limit_kw=49), 100)


@pytest.mark.parametrize(("count", "cost"), [(3, 15 * 0.1), (2, 10 * 0.1 + 5 * 0.2), (1, 5 * (0.1 + 0.2 + 0.3))])
def test_chargers_are_shared_slot_by_slot(count: int, cost: float) -> None:
    """Three packs need 4 kWh each; together they have the power for it in any one slot."""
    packs = [make.pack(f"P{n}", 0.76) for n in range(3)]
    swaps = [make.swap(f"W{n}", 3, None) for n in range(3)]
    assert_costs(charging_night(packs=packs, swaps=swaps, chargers=make.chargers(count=count)), cost)


def test_plug_changes_cost() -> None:
    """Slots 1 and 2 in one go: a start and a stop, each a change at its own boundary."""
    night = far(0.9, 0.3, plug_change_cost=0.5, chargers=make.chargers(min_kw=10))
    assert_costs(night, (40 * 0.1 + 20 * 0.2) / 0.8 + 2 * 0.5)


def test_plug_changes_move_the_charge_to_the_edge_of_the_night() -> None:
    """30 kWh at 0.10 and two changes for 8 each, or at 0.30 in slot 0, where charging starts for nothing."""
    assert_costs(charging_night(plug_change_cost=8.0, chargers=make.chargers(min_kw=30)), 30 / 0.8 * 0.3 + 8)


def test_trickle_saves_a_plug_change() -> None:
    """30 kWh at 0.10, plugged in since slot 0 at next to nothing: only the stop before slot 2 is a change."""
    assert_costs(charging_night(plug_change_cost=8.0), 30 / 0.8 * 0.1 + 8, margin=1e-3)


def test_one_pack_after_another_is_one_change() -> None:
    """One charger, P1 in slot 0 and P2 in slot 1: at the boundary one charger changes its pack."""
    packs = [make.pack("P1", 0.5), make.pack("P2", 0.5)]
    swaps = [make.swap("W1", 2, None, swap_soc=0.9), make.swap("W2", 2, None, swap_soc=0.9)]
    night = charging_night(slots=2 + 1, packs=packs, swaps=swaps, chargers=make.chargers(count=1),
                           tariff=make.tariff([0.1, 0.1, 0.0]), plug_change_cost=1.0)  # fmt: skip
    assert_costs(night, 2 * 40 / 0.8 * 0.1 + 2 * 1)  # and the last one stops before slot 2


def test_pack_that_comes_into_the_bay_is_another_pack() -> None:
    """The bay charges in slots 0 and 1, yet the pack changed: one change, and one when the second pack stops."""
    swaps = [make.swap("W1", 1, 0.5, swap_soc=0.9), make.swap("W2", 2, None, swap_soc=0.9)]
    night = charging_night(slots=3, swaps=swaps, tariff=make.tariff(0.1), plug_change_cost=1.0)
    assert_costs(night, 2 * 40 / 0.8 * 0.1 + 2 * 1)


@pytest.mark.parametrize(("most", "cost"), [(None, 37.5 * 0.1), (1, 37.5 * 0.1), (0, 100)])
def test_plug_change_cap(most: int | None, cost: float) -> None:
    """A cap of 0 asks for charging all night or not at all: the pack is full before it is over."""
    assert_costs(charging_night(plug_changes_max=most), cost)


def test_cap_of_0_lets_a_pack_charge_to_the_end_of_the_night() -> None:
    kind = make.pack_type(end_value_per_kwh=1.0)
    night = charging_night(types=[kind], packs=[make.pack("P1", 0.1)], swaps=[], plug_changes_max=0,
                           chargers=make.chargers(max_kw=20), tariff=make.tariff(0.1))  # fmt: skip
    assert_costs(night, 80 / 0.8 * 0.1 - 90)


def test_switches_are_asked_for_by_rules_only() -> None:
    plain = make.night(chargers=make.chargers(count=3)).station
    assert not plain.needs_switches
    for changes in (
        {"chargers": make.chargers(count=2)},
        {"chargers": make.chargers(count=3, min_kw=1)},
        {"chargers": make.chargers(count=3, mode="on_off")},
        {"chargers": make.chargers(count=3), "plug_changes_max": 9},
        {"chargers": make.chargers(count=3), "plug_change_cost": 0.1},
    ):
        assert make.night(**changes).station.needs_switches
