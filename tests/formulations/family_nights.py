"""A night for every family of constraints, on which that family decides the optimum. Not a test file itself.

A family is one constraint component of a formulation. Its case says what the formulation's optimum is there, by
hand: that of a tiny instance (derived in test_tiny.py) or the one in the comment.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import builders as make
from solved import optimum
from tiny_optima import EXPECTED, TINY

from models.formulations.dispatch.pyomo_model import build_dispatch
from models.formulations.levels.pyomo_model import build_levels
from models.formulations.reference import build_reference
from models.station.instance import Night
from models.station.stays import stays_of
from optimizer.formats.read_instance import read_instance


@dataclass(frozen=True)
class Case:
    """A night, the optimum of the formulation on it (give or take), the resolution where the formulation has one."""

    night: Night
    optimum: float
    resolution: int = 1
    margin: float = 1e-6


def tiny(stem: str, resolution: int = 1) -> Case:
    """A tiny instance and its optimum."""
    (night,) = read_instance(TINY / f"{stem}.json").nights
    return Case(night, EXPECTED[stem]["objective"], resolution)


def hand(best: float, resolution: int = 1, margin: float = 1e-6, **changes: Any) -> Case:
    """A night made here: one pack P1 and no end value by default."""
    settings: dict[str, Any] = {"types": [FREE], "packs": [make.pack("P1", 0.5)]}
    return Case(make.night(**(settings | changes)), best, resolution, margin)


FREE = make.pack_type(end_value_per_kwh=0.0)
ANY_CHARGE = make.pack_type(swap_soc=0.0, end_value_per_kwh=0.0)

# P2 needs 70 kWh by slot 3, 40 of them in slot 0: (40 · 0.10 + 30 · 0.30) / 0.8. All in slot 0: 8.75.
TOO_FAST = hand(
    16.25,
    packs=[make.pack("P1", 0.9), make.pack("P2", 0.1)],
    swaps=[make.swap("W1", 3), make.swap("W2", 3)],
    tariff=make.tariff([0.1, 0.3, 0.3, 0.3]),
)

# The only pack leaves for good: nobody is there whose energy at the end were worth 0.30 a kWh.
NOBODY_LEFT = hand(
    0.0,
    slots=1,
    types=[make.pack_type(end_value_per_kwh=0.3)],
    packs=[make.pack("P1", 0.9)],
    swaps=[make.swap("W1", 0, None)],
)

# Two packs at 50 must hold 90 by slot 2. One charger gives 40 kWh a slot: 50 · 0.10 + 50 · 0.30. With two: 10.
ONE_CHARGER = hand(
    20.0,
    slots=3,
    chargers=make.chargers(count=1),
    packs=[make.pack("P1", 0.5), make.pack("P2", 0.5)],
    swaps=[make.swap("W1", 2, swap_soc=0.9), make.swap("W2", 2, swap_soc=0.9)],
    tariff=make.tariff([0.1, 0.3, 0.1]),
)

# P1 leaves at 90, the pack that comes holds 10 and takes 80 at 0.10 / 0.8: 10. End value 0.30 · 90 = 27.
# Could P1 leave its band from 80 to 90 behind, 10 kWh less: 1.25.
TOP_BAND = hand(
    -17.0,
    slots=1,
    types=[make.pack_type(end_value_per_kwh=0.3)],
    chargers=make.chargers(max_kw=80),
    packs=[make.pack("P1", 0.9)],
    swaps=[make.swap("W1", 0)],
)

# Two packs at 45 hold 85 in slot 1, none of them 90: the swap is lost. As sums of fills they count as 1.75 packs.
NEARLY_READY = hand(
    100.0,
    slots=2,
    packs=[make.pack("P1", 0.45), make.pack("P2", 0.45)],
    swaps=[make.swap("W1", 1, swap_soc=0.9)],
)

# From 50 to E = 90: 50 kWh from the grid cost 5, end value 0.30 · 90 = 27. Two whole slots would pay even better.
FULL_AT_TARGET = hand(-22.0, slots=2, types=[make.pack_type(end_value_per_kwh=0.3)])

# 80 kWh by slot 3: 40 in slots 0 and 2 cost 10, unplugging before slot 3 costs 1, and unplugging between them would
# cost 2 more. So a trickle of 0.1 W, just enough to count, flows in slot 1 at 90 a kWh. At 0 kW it would be free.
TRICKLE = hand(
    11.012,
    slots=4,
    packs=[make.pack("P1", 0.1)],
    swaps=[make.swap("W1", 3, swap_soc=0.9, returned_soc=None)],
    tariff=make.tariff([0.1, 90.0, 0.1, 0.0]),
    plug_change_cost=1.0,
    margin=0.002,
)

# On/off from 50 up a curve that ends at 90: p ≤ 40 − p, so 20 kWh or none. The swap needs 10 of them: 25 · 0.10.
ON_OFF_CURVE = hand(
    2.5,
    slots=2,
    types=[make.pack_type(acceptance=((0.5, 40), (0.9, 0)), end_value_per_kwh=0.0)],
    chargers=make.chargers(mode="on_off"),
    swaps=[make.swap("W1", 1, swap_soc=0.6)],
)

# Two packs that take 20 kWh each: on or off at 50 kW drawn for half of a slot, 100 at once where the grid carries 75:
# one waits for slot 1, 25 · 0.10 + 25 · 0.30. On average both would fit slot 0: 50 kW.
AT_ONCE = hand(
    10.0,
    slots=3,
    chargers=make.chargers(mode="on_off"),
    grid_limit_kw=75.0,
    packs=[make.pack("P1", 0.7), make.pack("P2", 0.7)],
    swaps=[make.swap("W1", 2), make.swap("W2", 2)],
    tariff=make.tariff([0.1, 0.3, 0.3]),
)

# The only pack leaves for good in slot 0; though any charge would do, nobody is there for slot 1.
EMPTY_BAY = hand(100.0, slots=2, types=[ANY_CHARGE], swaps=[make.swap("W1", 0, None), make.swap("W2", 1, None)])

# As before with one driver, who pays more than the 3 for the pack missing in slot 1.
EMPTY_RESERVE = hand(
    3.0, slots=2, types=[ANY_CHARGE], swaps=[make.swap("W1", 0, None)], ready_reserve=(0, 1), reserve_cost=3.0
)

# P1 cannot serve slot 1 and still be there for the driver of slot 2 who wants it. What came back is not P1.
WANTED = hand(
    100.0,
    slots=3,
    packs=[make.pack("P1", 0.9)],
    swaps=[make.swap("W1", 1, 0.9), make.swap("W2", 2, 0.9, pack="P1")],
)

# Two packs for a truck, one of them ready: none is taken, and the whole truck is lost.
TRUCK = hand(
    50.0,
    slots=1,
    packs=[make.pack("P1", 0.9), make.pack("P2", 0.5)],
    swaps=[make.swap("W1", 0, 0.9, packs=2, lost_cost=50)],
)

# Every field of the cost: see `*-cost.lp` among the golden files.
RICH = hand(
    0.0,
    4,
    slots=2,
    types=[make.pack_type(wear=((0, 0), (20, 0.5), (40, 3)), end_value_per_kwh=0.05)],
    swaps=[make.swap("W1", 1)],
    tariff=make.tariff([0.1, 0.3], demand_charges=(make.demand(metering_minutes=60),)),
    peak_so_far_kw={"peak": 5.0},
    ready_reserve=(0, 1),
    reserve_cost=3.0,
    plug_change_cost=0.5,
    solar_kw=(0, 5),
)

SITES = {
    "switch": tiny("fewer-chargers-than-packs"),
    "plugged": TRICKLE,
    "power_floor": tiny("min-power"),
    "full": tiny("on-off-partial-last-slot"),
    "curve_floor": ON_OFF_CURVE,
    "charger_count": tiny("fewer-chargers-than-packs"),
    "partial": AT_ONCE,
    "at_once": AT_ONCE,
    "plug": tiny("plug-change-cost"),
}
BILL = {
    "grid": tiny("solar"),
    "peak": tiny("metering-over-two-slots"),
    "stepped": tiny("energy-tiers-rise"),
    "full_run": tiny("energy-tiers-fall"),
    "begun_run": tiny("energy-tiers-fall"),
    "lies_above": tiny("hours-of-use"),
    "is_counted": tiny("hours-of-use"),
    "peak_above": tiny("demand-credit"),
}

FAMILIES: dict[str, dict[str, Case]] = {
    "levels": BILL
    | {
        "no_discharge": tiny("lost-swap-cheaper"),
        "rate": TOO_FAST,
        "count": NOBODY_LEFT,
        "order": tiny("deadline-forces-dear-slot", 2),
        "order_staying": TOP_BAND,
        "ready": tiny("two-types"),
        "readiness": NEARLY_READY,
        "charge": tiny("one-pack-cheap-slot"),
        "chargers": ONE_CHARGER,
        "wear": tiny("wear", 4),
        "reserve": tiny("reserve-shortfall-cheaper"),
    },
    "dispatch": BILL
    | SITES
    | {
        "need": tiny("one-pack-cheap-slot"),
        "room": FULL_AT_TARGET,
        "energy": tiny("acceptance"),
        "acceptance": tiny("acceptance"),
        "wear": tiny("wear"),
        "ready": tiny("reserve-shortfall-cheaper"),
        "reserve": tiny("reserve-shortfall-cheaper"),
    },
    "reference": BILL
    | SITES
    | {
        "one_pack": tiny("two-types"),
        "one_swap": EMPTY_BAY,
        "wanted": WANTED,
        "all_or_none": TRUCK,
        "energy": tiny("one-pack-cheap-slot"),
        "hand_over": tiny("one-pack-cheap-slot"),
        "idle": tiny("turnaround"),
        "acceptance": tiny("acceptance"),
        "wear": tiny("wear"),
        "ready": tiny("reserve-shortfall-cheaper"),
        "ready_present": EMPTY_RESERVE,
        "reserve": tiny("reserve-shortfall-cheaper"),
    },
}


def dispatch_of_optimal_order(night: Night) -> Any:
    """The dispatch model of an assignment that the reference model found."""
    reference = build_reference(night)
    optimum(reference.model)
    return build_dispatch(night, stays_of(night, reference.hand_overs()), missing_cost_per_kwh=500.0).model


BUILDERS: dict[str, Callable[[Case], Any]] = {
    "levels": lambda case: build_levels(case.night, case.resolution).model,
    "dispatch": lambda case: dispatch_of_optimal_order(case.night),
    "reference": lambda case: build_reference(case.night).model,
}
