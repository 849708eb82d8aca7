"""Random plans and rules for such nights."""

from __future__ import annotations

import random

from models.station.demand.pack_levels import PackLevels
from models.station.demand.rule import ControlRule
from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.engine.baselines import cheapest_slots_first, uncontrolled_charging


def some_plan(night: Night, seed: int) -> Schedule | None:
    """A plan of the expected day, or none."""
    make = random.Random(f"plan {seed}").choice([uncontrolled_charging, cheapest_slots_first, None])
    return None if make is None else make(night)


def some_rule(night: Night, seed: int) -> ControlRule:
    """Levels, a limit and urgency, each now and then."""
    r, slots, packs = random.Random(f"rule {seed}"), night.horizon.slots, len(night.station.packs)
    levels = []
    for kind in night.pack_types:
        if r.random() < 0.6:
            least = [r.randint(0, packs) for _ in range(slots)]
            levels.append(PackLevels(kind, tuple(least), tuple(r.randint(few, packs) for few in least)))
    limit_kw = tuple(r.choice([0.0, 20.0, 60.0, 1000.0]) for _ in range(slots)) if r.random() < 0.4 else ()
    urgent = tuple(r.randint(0, 2) for _ in range(slots)) if limit_kw and r.random() < 0.5 else ()
    return ControlRule(tuple(levels), limit_kw, urgent)
