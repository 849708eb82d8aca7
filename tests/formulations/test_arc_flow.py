"""Arc flow against the reference model, a list of every plan and hand arithmetic: exact where chargers are on/off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import builders as make
import pytest
from depots import depot_night
from every_plan import cheapest_objective
from random_nights import FEATURES, on_off_night, random_night, switched, switched_truck_night
from solved import solved

from models.formulations.arc_flow.flow import ArcFlow, build_arc_flow
from models.formulations.arc_flow.network import State, arc_network
from models.formulations.matrix import relaxed
from models.formulations.reference import build_reference
from models.station.cost import cost_of
from models.station.instance import Night
from models.station.parts import whole_schedule
from optimizer.check.rules import check
from optimizer.engine.arc_flow import flow_schedule
from optimizer.engine.highs import solve

SEEDS = range(120)
CHUNKS = [range(first, first + 40) for first in SEEDS[::40]]
in_chunks = pytest.mark.parametrize("seeds", CHUNKS, ids=lambda seeds: f"seeds {seeds[0]}-{seeds[-1]}")


def cheapest(night: Night) -> float:
    """The optimum of the arc flow, whose plan must keep the rules and cost as much."""
    return optimum_of(build_arc_flow(night), night)


def optimum_of(flow: ArcFlow, night: Night) -> float:
    answer = solve(flow.matrix)
    assert answer.stopped == "optimal", answer.detail
    assert answer.point is not None
    plan = whole_schedule(night, flow_schedule(flow, answer.point))
    assert check(night, plan) == []
    assert cost_of(night, plan).objective == pytest.approx(answer.objective, rel=1e-6, abs=1e-6)
    return answer.objective


PLAIN = {name: wanted for name, wanted in FEATURES.items() if name not in ("plug change cost", "no plug change at all")}
OWN: dict[str, Callable[[Night], bool]] = {
    "caps by boundary": lambda n: isinstance(n.station.plug_changes_max, tuple),
    "costs by boundary": lambda n: isinstance(n.station.plug_change_cost, tuple),
}


@pytest.mark.parametrize("feature", [*PLAIN, *OWN])
def test_nights_have_every_feature(feature: str) -> None:
    wanted = (PLAIN | OWN)[feature]
    assert sum(wanted(switched(seed)) for seed in SEEDS) >= 5


@in_chunks
def test_all_packs_of_a_truck_are_handed_over_or_none(seeds: range) -> None:
    for seed in seeds:
        night = switched_truck_night(seed)
        best = solved(build_reference(night).model).objective
        trickle = 5e-4 if night.station.counts_plug_changes else 0.0
        assert cheapest(night) == pytest.approx(best, rel=1e-6, abs=1e-6 + trickle), f"seed {seed}"


@in_chunks
def test_optimum_is_that_of_the_reference_and_the_relaxation_bounds_it(seeds: range) -> None:
    for seed in seeds:
        night = switched(seed)
        flow, best = build_arc_flow(night), solved(build_reference(night).model).objective
        assert optimum_of(flow, night) == pytest.approx(best, rel=1e-6, abs=1e-6), f"seed {seed}"
        assert solve(relaxed(flow.matrix)).bound <= best + 1e-6 * max(1.0, abs(best)), f"seed {seed}"


@pytest.mark.parametrize("seed", range(40))
def test_optimum_is_that_of_every_plan_listed(seed: int) -> None:
    night = on_off_night(seed)
    assert cheapest(night) == pytest.approx(cheapest_objective(night), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("seed", [s for s in range(60) if random_night(s).station.chargers.mode == "continuous"][:30])
def test_with_continuous_chargers_it_plans_but_does_not_bound(seed: int) -> None:
    night = random_night(seed)
    assert cheapest(night) >= solved(build_reference(night).model).bound - 1e-6


def test_size_does_not_grow_with_the_number_of_packs() -> None:
    small, large = (build_arc_flow(depot_night(packs, ports, 3)).matrix for packs, ports in ((40, 20), (160, 80)))
    assert large.shape == small.shape


def test_packs_asked_for_by_name_are_one_stock_where_their_swaps_are_alike() -> None:
    packs = [make.pack(f"P{n}", soc) for n, soc in enumerate((0.5, 0.2, 0.5, 0.5))]
    swaps = [make.swap("W0", 2, pack="P0"), make.swap("W1", 2, pack="P1"), make.swap("W2", 3, pack="P2")]
    network = arc_network(make.night(bays=4, packs=packs, swaps=swaps, chargers=make.chargers(mode="on_off")))
    starts = sorted(
        sorted(pack for ids in pack_group.start.values() for pack in ids) for pack_group in network.pack_groups
    )
    assert starts == [["P0", "P1"], ["P2"], ["P3"]]
    assert [len(swap_group.swaps) for swap_group in network.swap_groups] == [2, 1]


def test_ladders_that_differ_by_rounding_noise_are_one() -> None:
    packs = [make.pack("P1", 0.3), make.pack("P2", 0.1 + 0.2)]
    network = arc_network(make.night(packs=packs, swaps=[], chargers=make.chargers(mode="on_off")))
    assert network.pack_groups[0].start == {State(0, 30.0): ("P1", "P2")}


def on_off(most: float = 40, **changes: Any) -> Night:
    """Packs of 50 kWh, on/off chargers of 40 kW without losses, no end value, by default."""
    settings: dict[str, Any] = {
        "types": [make.pack_type(end_value_per_kwh=0.0)],
        "packs": [make.pack("P1", 0.5), make.pack("P2", 0.5)],
        "chargers": make.chargers(max_kw=most, efficiency=1.0, mode="on_off"),
    }
    return make.night(**(settings | changes))


BOTH = [make.swap("W1", 3, swap_soc=0.9), make.swap("W2", 3, swap_soc=0.9)]
CASES = {
    # (7.1) both packs charge 40 kWh in the cheap slot 1: 2 · 40 · 0.10.
    "cheapest slot": (on_off(swaps=BOTH, tariff=make.tariff([0.3, 0.1, 0.2, 0.9])), 8.0),
    # (7.2) W2 comes in the same slot as the full pack that W1 brings, which is not there yet: one of them is lost, 100.
    "no pack of the same slot": (
        on_off(
            packs=[make.pack("P1", 0.9)],
            swaps=[make.swap("W1", 1, 0.9), make.swap("W2", 1, 0.9)],
            tariff=make.tariff(0.1),
        ),
        100.0,
    ),
    # (7.3) the pack that W1 brings holds 10 kWh and needs two slots, 40 and 30 kWh, for W2 at 80: E = 90 is above.
    "returned pack serves": (
        on_off(
            packs=[make.pack("P1", 0.9)],
            swaps=[make.swap("W1", 0), make.swap("W2", 2)],
            tariff=make.tariff([0.1, 0.2, 0.9, 0.9]),
        ),
        40 * 0.1 + 40 * 0.2,
    ),
    # (7.4) one charger: the second pack charges in the next best slot.
    "one charger": (
        on_off(
            swaps=BOTH,
            tariff=make.tariff([0.3, 0.1, 0.2, 0.9]),
            chargers=make.chargers(count=1, max_kw=40, efficiency=1.0, mode="on_off"),
        ),
        40 * 0.1 + 40 * 0.2,
    ),
    # (7.5) no plug change before slots 1 and 2: both charge in slot 0, and must stop before slot 1. So they cannot;
    # nor can they begin later but in slot 3, when they are gone. Both are lost.
    "no plug changes": (on_off(swaps=BOTH, tariff=make.tariff([0.3, 0.1, 0.2, 0.9]), plug_changes_max=0), 200.0),
    # (7.5) a change before slot 1 costs 5, before slot 2 nothing: start in slot 2 (and stop in slot 3, as they leave).
    "cost by boundary": (
        on_off(swaps=BOTH, tariff=make.tariff([0.3, 0.1, 0.2, 0.9]), plug_change_cost=(0.0, 5.0, 0.0, 0.0)),
        2 * 40 * 0.2,
    ),
    # (7.5) the same by caps: none before slot 1, two before slots 2 and 3.
    "cap by boundary": (
        on_off(swaps=BOTH, tariff=make.tariff([0.3, 0.1, 0.2, 0.9]), plug_changes_max=(0, 0, 2, 2)),
        2 * 40 * 0.2,
    ),
    # (7.6) a ready pack in slots 2 and 3 costs a charge at 0.10; without it 2 · 7.
    "reserve": (
        on_off(tariff=make.tariff([0.3, 0.1, 0.2, 0.9]), ready_reserve=(0, 0, 1, 1), reserve_cost=7.0),
        40 * 0.1,
    ),
    "reserve given up": (
        on_off(tariff=make.tariff([0.3, 0.1, 0.2, 0.9]), ready_reserve=(0, 0, 1, 1), reserve_cost=1.0),
        2.0,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_optimum_by_hand(name: str) -> None:
    night, best = CASES[name]
    assert cheapest(night) == pytest.approx(best)
    assert solved(build_reference(night).model).objective == pytest.approx(best)


def fading(**changes: Any) -> Night:
    """Twelve hours in which packs fill up along a curve that falls to nothing: at last only a trickle is left."""
    kind = make.pack_type(
        target_soc=1.0, swap_soc=0.9, acceptance=((0.0, 100.0), (0.8, 100.0), (1.0, 0.0)), end_value_per_kwh=0.05
    )
    tariff = make.tariff([0.5] * 3 + [0.01] * 9)
    packs = [make.pack("P1", 0.5), make.pack("P2", 0.5)]
    chargers = make.chargers(max_kw=60, efficiency=0.95, mode="on_off")
    settings = {"types": [kind], "packs": packs, "swaps": [], "chargers": chargers, "tariff": tariff}
    return make.night(slots=12, **(settings | changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"plug_changes_max": (1,) * 4 + (0,) * 8},
        {"plug_change_cost": 0.5},
        {"plug_change_cost": (0.0,) * 8 + (1.0,) * 4},
        {"chargers": make.chargers(count=1, max_kw=60, efficiency=0.95, mode="on_off")},
    ],
    ids=str,
)
def test_a_trickle_is_no_charging(changes: dict[str, Any]) -> None:
    night = fading(**changes)
    assert cheapest(night) == pytest.approx(solved(build_reference(night).model).objective, abs=1e-4)


def test_point_off_by_a_solvers_tolerance_gives_the_same_plan() -> None:
    flow = build_arc_flow(switched(7))
    answer = solve(flow.matrix)
    assert answer.point is not None
    off = answer.point + 3e-7 * flow.matrix.integer
    assert flow_schedule(flow, off) == flow_schedule(flow, answer.point)


@pytest.mark.parametrize(
    ("handed", "why"),
    [(2, "more packs are handed over than there are swaps"), (3, "a pack is handed over that is not there")],
)
def test_point_that_hands_over_too_much_is_no_plan(handed: int, why: str) -> None:
    swaps = [make.swap("W1", 1)] if handed == 2 else [make.swap(f"W{n}", 1) for n in range(3)]
    flow = build_arc_flow(on_off(packs=[make.pack("P1", 0.9), make.pack("P2", 0.9)], swaps=swaps))
    point = solve(flow.matrix).point
    assert point is not None
    full = next(left for left in flow.leaving if left.state.energy == 90.0 and left.state.status == 0)
    point[full.column] = handed
    with pytest.raises(ValueError, match=why):
        flow_schedule(flow, point)
