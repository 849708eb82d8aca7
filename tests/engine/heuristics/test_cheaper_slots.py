"""Sessions moved to cheaper slots together, where none alone would find one; such plans keep every rule."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import builders as make
import pytest

from models.station.cost import cost_of
from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.check.rules import check
from optimizer.engine.heuristics.cheaper_slots import move_to_cheaper_slots
from optimizer.engine.heuristics.load_caps import best_simple_plan
from optimizer.engine.options import RunOptions
from optimizer.engine.search import Search

ON_OFF = make.chargers(mode="on_off", count=2, max_kw=40, efficiency=1.0)


def moved(night: Night) -> Schedule | None:
    found = best_simple_plan(night)
    return move_to_cheaper_slots(Search(night, RunOptions()), found.schedule, found.limit_kw(night))


def on_off_night(**changes: Any) -> Night:
    """Drivers at hours 1, 2 and 3; packs of 90 and 50 kWh, one for nobody; room for one; hour 1 is the cheapest."""
    settings: dict[str, Any] = {
        "slots": 5,
        "types": [make.pack_type(id=kind, end_value_per_kwh=0.0) for kind in "AB"],
        "chargers": ON_OFF,
        "packs": [make.pack("P0", 0.9), make.pack("P1", 0.5), make.pack("P2", 0.1, "B")],
        "swaps": [make.swap("W0", 1, 0.5), make.swap("W1", 2, None), make.swap("W2", 3, None)],
        "bays": 3,
        "grid_limit_kw": 40,
        "tariff": make.tariff([0.2, 0.1, 0.9, 0.5, 0.5]),
    }
    return make.night(**(settings | changes))


def test_sessions_make_room_for_each_other() -> None:
    """First come, first served takes hour 1 for W1; the pack that W0 brings can have no other but the dear hour 2."""
    night = on_off_night()
    assert best_simple_plan(night).cost.energy == pytest.approx(40 * (0.1 + 0.9))
    plan = moved(night)
    assert plan is not None and check(night, plan) == []
    assert cost_of(night, plan).energy == pytest.approx(40 * (0.1 + 0.2))


def test_a_pack_charges_beyond_its_need_where_that_pays() -> None:
    """At −0.1 the pack that leaves takes another slot; the one that stays fills up at 0.2, below its worth of 0.25."""
    night = on_off_night(
        types=[make.pack_type(end_value_per_kwh=0.25, target_soc=1.0, swap_soc=0.5)],
        packs=[make.pack("P1", 0.6), make.pack("P2", 0.2)],
        swaps=[make.swap("W1", 3, returned_soc=None)],
        tariff=make.tariff([0.2, -0.1, 0.3, 0.5, 0.2]),
        grid_limit_kw=80,
    )
    plan = moved(night)
    assert plan is not None and check(night, plan) == []
    assert {row.pack: sum(row.power_kw) for row in plan.rows} == {"P1": 40, "P2": 80}


def test_where_plug_changes_count_or_nothing_charges_nothing_is_moved() -> None:
    assert moved(on_off_night(plug_changes_max=5)) is None
    assert moved(on_off_night(swaps=[])) is None


def test_moved_plans_keep_every_rule() -> None:
    cheaper = 0
    for seed in range(150):
        r = random.Random(seed)
        night = on_off_night(
            slots=10,
            types=[make.pack_type(acceptance=r.choice([(), ((0.5, 42.0), (0.95, 8.0))]))],
            chargers=replace(ON_OFF, mode=r.choice(["on_off", "continuous"]), min_kw=r.choice([0, 15])),
            packs=[make.pack(f"P{n}", round(r.uniform(0, 1), 2)) for n in range(4)],
            swaps=[make.swap(f"W{n}", r.randrange(10), r.choice([None, 0.1, 0.6])) for n in range(4)],
            bays=4,
            grid_limit_kw=tuple(r.choice([45, 90, 300]) for _ in range(10)),
            tariff=make.tariff(
                [r.choice([0.1, 0.2, 0.3, -0.1]) for _ in range(10)],
                demand_charges=(make.demand(rate_per_kw=0.4),) * r.randint(0, 1),
            ),
            turnaround_slots=r.choice([0, 0, 2]),
        )
        if (plan := moved(night)) is not None:
            assert check(night, plan) == [], seed
            cheaper += cost_of(night, plan).objective < best_simple_plan(night).cost.objective - 1e-3
    assert cheaper >= 30
