"""The port-indexed form of a depot: one optimum with arc flow, and what it refuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import builders as make
import pytest
from depots import depot_night
from patience import PATIENCE

from models.formulations.arc_flow.flow import build_arc_flow
from models.formulations.matrix import relaxed
from models.formulations.port_indexed import build_port_indexed, port_indexed_refusal
from models.station.cost import cost_of
from models.station.instance import Chargers, Night, Station
from optimizer.check.rules import check
from optimizer.engine.highs import solve

SMALL = [(4, 2, 1, seed) for seed in range(3)] + [(5, 3, 2, seed) for seed in range(2)]


def changed(**changes: Any) -> Night:
    night = depot_night(4, 2, 1)
    return replace(night, station=replace(night.station, **changes))


@pytest.mark.parametrize("size", SMALL, ids=str)
def test_both_forms_have_one_optimum(size: tuple[int, int, int, int]) -> None:
    night = depot_night(*size)
    assert port_indexed_refusal(night) is None
    ports = build_port_indexed(night)
    best = solve(build_arc_flow(night).matrix).objective
    answer = solve(ports.matrix, money_gap=0.01, seconds=PATIENCE)
    assert answer.point is not None
    plan = make.planned(night, ports.hand_overs(answer.point), ports.power_kw(answer.point))
    assert check(night, plan) == []
    assert answer.bound - 1e-6 <= best <= cost_of(night, plan).objective + 1e-6
    assert cost_of(night, plan).objective <= answer.objective + 1e-6
    if answer.stopped == "optimal":
        assert answer.objective == pytest.approx(best, abs=0.011)


@pytest.mark.parametrize("seed", range(4))
def test_relaxation_is_no_tighter_than_arc_flow(seed: int) -> None:
    night = depot_night(12, 6, 2, seed)
    weak, strong = (solve(relaxed(one.matrix)).bound for one in (build_port_indexed(night), build_arc_flow(night)))
    assert weak <= strong + 1e-6


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "continuous": ({"chargers": Chargers(2, 1.0, 1.0)}, "its chargers are not on/off"),
    "any pack": ({"swaps": (make.swap("W0", 3, None),)}, "not every pack is asked for by name by one swap"),
    "reserve": ({"ready_reserve": (1,) * 25, "reserve_cost": 1.0}, "it keeps a ready reserve"),
    "negative prices": (
        {"tariff": make.tariff(-0.1)},
        "its tariff has negative prices, tiers or demand charges",
    ),
    "slots": ({"chargers": Chargers(2, 0.7, 1.0, 0.0, "on_off")}, "a pack does not fill up in whole slots"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_such_depot_is_refused(name: str) -> None:
    changes, reason = REFUSED[name]
    assert port_indexed_refusal(changed(**changes)) == reason


def swaps_changed(station: Station, **changes: Any) -> Night:
    return changed(swaps=tuple(replace(swap, **changes) for swap in station.swaps))


def test_swaps_that_return_packs_are_refused() -> None:
    night = swaps_changed(depot_night(4, 2, 1).station, returned_soc=0.1)
    assert port_indexed_refusal(night) == "its swaps return packs"


def test_swaps_that_are_cheaper_to_lose_are_lost_in_both_forms() -> None:
    night = swaps_changed(depot_night(4, 2, 1).station, lost_cost=12.0)
    answer = solve(build_port_indexed(night).matrix)
    assert answer.objective == pytest.approx(solve(build_arc_flow(night).matrix).objective)
    assert answer.point is not None
    assert 0 < len(build_port_indexed(night).hand_overs(answer.point)) < 4


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ({"acceptance": ((0.5, 1.0), (1.0, 0.5))}, "its packs have acceptance curves"),
        ({"end_value_per_kwh": 0.1}, "energy left at the end is worth something"),
    ],
    ids=["acceptance", "end value"],
)
def test_packs_that_no_depot_has_are_refused(kind: dict[str, Any], reason: str) -> None:
    night = depot_night(4, 2, 1)
    types = {name: replace(one, **kind) for name, one in night.pack_types.items()}
    assert port_indexed_refusal(replace(night, pack_types=types)) == reason
