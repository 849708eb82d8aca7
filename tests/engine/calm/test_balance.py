"""Of full packs the one in the bay that has charged least is handed over; cost and rules see no difference."""

from __future__ import annotations

from dataclasses import replace

import builders as make
import pytest

from models.station.cost import cost_of
from models.station.instance import Bay, Night
from optimizer.check.rules import check
from optimizer.engine.calm.balance import with_balanced_bays


def night_of(*socs: float, swaps: int = 2) -> Night:
    """Drivers come in slots 2, 3 …, packs are full at 0.9."""
    packs = [make.pack(f"P{n + 1}", soc) for n, soc in enumerate(socs)]
    return make.night(slots=6, packs=packs, swaps=[make.swap(f"W{n + 1}", 2 + n) for n in range(swaps)])


def test_the_pack_of_the_bay_that_has_charged_least_goes_first() -> None:
    """P1 has been charged, P2 came full: P2 goes to W1, and what W1 brings is charged in the bay of P2."""
    night = night_of(0.5, 0.9)
    charged = {"P1": {0: 40.0}, "return:W1": {3: 30.0}}
    plan = make.planned(night, {"W1": "P1", "W2": "P2"}, charged)
    found = with_balanced_bays(night, plan)
    assert found == make.planned(night, {"W1": "P2", "W2": "P1"}, charged)
    assert check(night, found) == []
    assert cost_of(night, found).objective == pytest.approx(cost_of(night, plan).objective)
    assert with_balanced_bays(night, found) is found


def test_bays_count_with_all_that_was_charged_in_them() -> None:
    """What W1 brought fills the bay of P1 with 80 kWh by slot 4; P2's has charged nothing yet, so P2 goes to W3."""
    night = night_of(0.9, 0.9, swaps=1)
    night = replace(night, station=replace(night.station, swaps=(*night.station.swaps, make.swap("W3", 5))))
    plan = make.planned(night, {"W1": "P1", "W3": "return:W1"}, {"return:W1": {2: 40.0, 3: 40.0}})
    assert with_balanced_bays(night, plan).by_swap() == {"W1": "P1", "W3": "P2"}


def test_of_bays_that_have_charged_alike_the_pack_that_came_first_goes_then_by_name() -> None:
    night = night_of(0.9, 0.9)
    assert with_balanced_bays(night, make.planned(night, {"W1": "P2"}, {})).by_swap() == {"W1": "P1"}
    one_each = {"W1": "P2", "W2": "P1"}
    assert with_balanced_bays(night, make.planned(night, one_each, {})).by_swap() == {"W1": "P1", "W2": "P2"}


def test_a_pack_that_is_not_full_yet_keeps_its_driver() -> None:
    """P1 has never charged, but is not full; so it does not go to W1, though its need is met."""
    night = night_of(0.85, 0.5)
    plan = make.planned(night, {"W1": "P2"}, {"P2": {0: 40.0}})
    assert with_balanced_bays(night, plan) is plan


def test_bays_with_and_without_charger_do_not_change_places() -> None:
    """In P1's bay what W1 brings could not be charged."""
    night = night_of(0.9, 0.5, swaps=1)
    bays = (Bay("a", charger=False), Bay("b"))
    packs = tuple(replace(pack, bay=name) for pack, name in zip(night.station.packs, "ab", strict=True))
    chargers = replace(night.station.chargers, count=1)
    station = replace(night.station, bays=2, bay_list=bays, packs=packs, chargers=chargers)
    night = replace(night, station=station)
    plan = make.planned(night, {"W1": "P2"}, {"P2": {0: 40.0}, "return:W1": {3: 30.0}})
    assert with_balanced_bays(night, plan) is plan


def test_a_pack_that_somebody_asks_for_is_left_to_him() -> None:
    night = night_of(0.9, 0.9)
    wanted = replace(night.station.swaps[1], pack="P1")
    night = replace(night, station=replace(night.station, swaps=(night.station.swaps[0], wanted)))
    plan = make.planned(night, {"W1": "P2", "W2": "P1"}, {})
    assert with_balanced_bays(night, plan) is plan
