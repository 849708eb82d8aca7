"""Plans that break `bays` where bays have names, and `quarantine`."""

from __future__ import annotations

from dataclasses import replace

import builders as make
from broken_plans import broken

from models.station.instance import Bay
from models.station.schedule import HandOver

NAMED = make.night(
    bays=4,
    bay_list=(Bay("north"), Bay("closed", out_of_order=True), Bay("store", charger=False), Bay("south")),
    packs=(make.pack("P1", 0.5), replace(make.pack("P2", 0.9), bay="store"), replace(make.pack("P3", 0.1), bay=3)),
    swaps=(make.swap("W1", 1),),
)
NAMED_PLAN = make.schedule(NAMED, {"P1": (10, 0, 0, 0)}, {"W1": "P2"})
broken("number_for_a_name", NAMED, make.with_row(NAMED_PLAN, "P1", bay=0), ("bays", "pack P1", 0, "north"))
broken(
    "in_a_bay_out_of_order",
    NAMED,
    make.with_row(NAMED_PLAN, "P3", bay="closed"),
    ("bays", "pack P3", "closed", "south"),
)
broken(
    "returned_to_another_bay",
    NAMED,
    make.with_row(NAMED_PLAN, "return:W1", bay="north"),
    ("bays", "pack return:W1", "north", "store"),
)
broken(
    "charged_without_charger",
    NAMED,
    make.with_row(NAMED_PLAN, "return:W1", power_kw=(0, 0, 10, 0)),
    ("bays", "pack return:W1, slot 2", 10, 0),
)

# quarantine
BARRED = make.night(
    packs=(make.pack("P1", 0.9), replace(make.pack("P2", 0.9), usable=False), make.pack("P3", 0.1)),
    swaps=(make.swap("W1", 1),),
    ready_reserve=(1, 0, 0, 0),
    reserve_cost=1,
)
BARRED_PLAN = make.schedule(BARRED, {}, {"W1": "P1"})
broken(
    "barred_pack_charged",
    BARRED,
    make.with_row(BARRED_PLAN, "P2", power_kw=(0, 0, 20, 0)),
    ("quarantine", "pack P2, slot 2", 20, 0),
)
broken(
    "barred_pack_charged_a_little",
    BARRED,
    make.with_row(BARRED_PLAN, "P2", power_kw=(0, 2e-9, 0, 0)),
    ("quarantine", "pack P2, slot 1", 2e-9, 0),
)
broken(
    "barred_pack_handed_over",
    BARRED,
    replace(make.schedule(BARRED), hand_overs=(HandOver("W1", "P2"),)),
    ("quarantine", "swap W1, slot 1", "P2", "a pack that is usable"),
)
BARRED_RESERVE = make.night(
    packs=(replace(make.pack("P1", 0.9), usable=False),), ready_reserve=(0, 1, 0, 0), reserve_cost=1
)
broken(
    "barred_pack_counts_for_no_reserve",
    BARRED_RESERVE,
    make.schedule(BARRED_RESERVE),
    ("reserve", "slot 1", 0, 1),
)
