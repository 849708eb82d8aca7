"""From an assignment to a plan: the best powers, repairs of infeasible assignments, fuller packs first."""

from __future__ import annotations

from typing import Any

import builders as make
import pytest
from paths import INSTANCES
from random_nights import random_night

from models.station.instance import Night
from optimizer.check.rules import check
from optimizer.engine import dispatch_powers
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.engine.dispatch import dispatch, plan_assignment, reassign_by_energy
from optimizer.engine.options import RunOptions
from optimizer.engine.search import Search
from optimizer.formats.read_instance import read_instance

FREE_END = make.pack_type(end_value_per_kwh=0.0)


def search(night: Night, **options: Any) -> Search:
    return Search(night, RunOptions(**({"gap": 0.0} | options)))


def night_with(socs: list[float], slots_of_swaps: list[int], **changes: Any) -> Night:
    """Packs P1, P2, … of these states of charge and a swap in each of these slots; no end value, S = E = 90 kWh."""
    packs = [make.pack(f"P{number}", soc) for number, soc in enumerate(socs, start=1)]
    swaps = [make.swap(f"W{number}", slot, swap_soc=0.9) for number, slot in enumerate(slots_of_swaps, start=1)]
    settings: dict[str, Any] = {"types": [FREE_END], "packs": packs, "swaps": swaps}
    return make.night(**(settings | changes))


def test_dispatch_offers_the_best_powers_of_an_order() -> None:
    one = search(night_with([0.3], [3], tariff=make.tariff([0.3, 0.1, 0.2, 0.0])))
    found = dispatch(one, {"W1": "P1"}, "a test")
    assert found is not None
    assert found.is_plan
    assert found.objective == pytest.approx((40 * 0.1 + 20 * 0.2) / 0.8)
    assert one.schedule is found.schedule
    assert one.method == "a test"
    assert {row.pack: row.power_kw for row in found.schedule.rows}["P1"] == pytest.approx((0, 40, 20, 0))


def test_dispatch_tells_who_comes_too_early_and_offers_nothing() -> None:
    one = search(night_with([0.3], [1]))
    found = dispatch(one, {"W1": "P1"}, "a test")
    assert found is not None
    assert not found.is_plan
    assert [found.stays[s].pack for s in found.missing_kwh] == ["P1"]
    assert list(found.missing_kwh.values()) == pytest.approx([20])
    assert one.schedule is None


def test_repair_by_exchange_with_a_pack_that_has_no_driver() -> None:
    one = search(night_with([0.3, 0.6], [1]))
    found = plan_assignment(one, {"W1": "P1"}, "a test")
    assert found is not None
    assert found.is_plan
    assert found.by_swap == {"W1": "P2"}
    assert one.method == "a test, repaired"


def test_repair_by_exchange_of_drivers() -> None:
    found = plan_assignment(search(night_with([0.1, 0.6], [1, 3])), {"W1": "P1", "W2": "P2"}, "a test")
    assert found is not None
    assert found.by_swap == {"W1": "P2", "W2": "P1"}


def test_repair_by_giving_the_swap_up() -> None:
    one = search(night_with([0.3, 0.3], [1]))
    found = plan_assignment(one, {"W1": "P1"}, "a test")
    assert found is not None
    assert found.is_plan
    assert found.by_swap == {}
    assert one.cost.lost_swaps == 100


def test_pack_of_a_swap_given_up_serves_whom_its_successor_would_have() -> None:
    found = plan_assignment(search(night_with([0.3], [1, 3])), {"W1": "P1", "W2": "return:W1"}, "a test")
    assert found is not None
    assert found.by_swap == {"W2": "P1"}


def test_wanted_pack_is_not_exchanged() -> None:
    swaps = [make.swap("W1", 1, swap_soc=0.9, pack="P1")]
    found = plan_assignment(search(night_with([0.3, 0.9], [], swaps=swaps)), {"W1": "P1"}, "a test")
    assert found is not None
    assert found.by_swap == {}


def test_packs_of_other_types_are_not_exchanged() -> None:
    types = [FREE_END, make.pack_type(id="B")]
    night = night_with([], [1], types=types, packs=[make.pack("P1", 0.3), make.pack("P2", 0.9, "B")])
    found = plan_assignment(search(night), {"W1": "P1"}, "a test")
    assert found is not None
    assert found.by_swap == {}


def test_straighten_lets_the_fuller_pack_leave_first() -> None:
    """P1 (70) and P2 (60) leave in slots 2 and 1: P2 needs its 30 kWh at 0.40 in slot 0, P1 would need only 20."""
    one = search(night_with([0.7, 0.6], [1, 2], tariff=make.tariff([0.4, 0.1, 0.1, 0.1])))
    crossed = dispatch(one, {"W1": "P2", "W2": "P1"}, "a test")
    assert crossed is not None
    assert crossed.objective == pytest.approx((30 * 0.4 + 20 * 0.1) / 0.8)
    reassign_by_energy(one, crossed, "a test")
    assert one.objective == pytest.approx((20 * 0.4 + 30 * 0.1) / 0.8)
    assert one.method == "a test, straightened"


def test_straighten_leaves_a_straight_plan_alone() -> None:
    one = search(night_with([0.7, 0.6], [1, 2]))
    straight = dispatch(one, {"W1": "P1", "W2": "P2"}, "a test")
    assert straight is not None
    reassign_by_energy(one, straight, "a test")
    assert one.method == "a test"


def test_a_dispatch_of_many_rounds_begins_none_once_the_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four chargers for eight packs along a curve that bends both ways: each round is an LP or more."""
    (night,) = read_instance(INSTANCES / "bench" / "ten-chargers-0c-s-1.json").nights
    served = {one.swap: one.pack for one in uncontrolled_charging(night).hand_overs}
    rounds: list[int] = []
    built = dispatch_powers.dispatch_arrays
    monkeypatch.setattr(dispatch_powers, "dispatch_arrays", lambda *how: rounds.append(len(rounds)) or built(*how))
    assert dispatch(search(night, time_limit_seconds=60.0), served, "a test") is not None
    assert len(rounds) > 3
    rounds.clear()
    assert dispatch(search(night, time_limit_seconds=1e-9), served, "a test") is None
    assert len(rounds) == 1


@pytest.mark.parametrize("changes", [{"plug_change_cost": 1.0}, {"chargers": make.chargers(min_kw=10)}, {}], ids=str)
def test_no_time_means_no_mip_but_no_harm(changes: dict[str, Any]) -> None:
    one = search(night_with([0.3], [3], **changes), time_limit_seconds=0.0)
    found = plan_assignment(one, {"W1": "P1"}, "a test")
    assert found is None or one.schedule is not None


@pytest.mark.parametrize("seeds", [range(first, first + 25) for first in range(0, 100, 25)], ids=str)
def test_any_order_becomes_a_plan(seeds: range) -> None:
    """Even all swaps on the first pack of their type, one after another."""
    for seed in seeds:
        night = random_night(seed)
        one = search(night, gap=0.01)
        found = plan_assignment(one, _one_after_another(night), "a test")
        assert found is not None, f"seed {seed}"
        assert found.is_plan, f"seed {seed}"
        assert check(night, found.schedule) == [], f"seed {seed}"


def _one_after_another(night: Night) -> dict[str, str]:
    """The first pack of each type serves its first swap, what comes back the next one, whether ready or not."""
    there = {pack.type: (pack.id, -1) for pack in reversed(night.station.packs)}
    pinned = {swap.pack for swap in night.station.swaps if swap.pack is not None}
    by_swap = {}
    for swap in sorted(night.station.swaps, key=lambda swap: swap.slot):
        pack, since = there.get(swap.type, ("", swap.slot))
        if since < swap.slot and swap.pack in (None, pack) and (pack not in pinned or swap.pack == pack):
            by_swap[swap.id] = pack
            del there[swap.type]
            if swap.returned_soc is not None:
                there[swap.type] = (f"return:{swap.id}", swap.slot)
    return by_swap


def test_orders_one_after_another_do_ask_too_much() -> None:
    late = 0
    for seed in range(100):
        found = dispatch(search(random_night(seed), gap=0.01), _one_after_another(random_night(seed)), "a test")
        late += found is not None and not found.is_plan
    assert late >= 20


def test_an_order_that_serves_nobody_is_a_plan() -> None:
    night = random_night(3)
    one = search(night)
    found = dispatch(one, {}, "a test")
    assert found is not None
    assert found.is_plan
    assert one.objective <= one.offer(_without_service(night), "nobody").objective + 1e-6


def _without_service(night: Night) -> Any:
    from dataclasses import replace

    idle = replace(night, station=replace(night.station, swaps=()))
    charged = {row.pack: dict(enumerate(row.power_kw)) for row in uncontrolled_charging(idle).rows}
    return make.planned(night, {}, charged)
