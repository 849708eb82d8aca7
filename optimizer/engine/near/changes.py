"""What a plan changes of what was committed."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.formulations.matrix import Array
from models.station.instance import Night
from models.station.result import PlanChanges
from models.station.schedule import Schedule
from optimizer.engine.near.matching import Committed

CHANGED_KW = 0.01  # a power that differs by less is the same: no charger is set to it


def changes_of(night: Night, kept: Committed, schedule: Schedule) -> PlanChanges:
    """What `schedule`, of `night` (by pack), changes of `kept`."""
    by_swap, hours = schedule.by_swap(), night.horizon.slot_hours
    changed = [swap for swap in kept.known if by_swap.get(swap) != kept.by_swap.get(swap)]
    touched = {pack for swap in changed for pack in (by_swap.get(swap), kept.by_swap.get(swap)) if pack is not None}
    slots, more_kwh, less_kwh = np.zeros(night.horizon.slots, dtype=bool), 0.0, 0.0
    for pack, more_kw in _differences(kept, schedule):
        differs = np.abs(more_kw) > CHANGED_KW
        if differs.any():
            touched.add(pack)
            slots |= differs
            more_kwh += hours * float(more_kw[differs & (more_kw > 0)].sum())
            less_kwh -= hours * float(more_kw[differs & (more_kw < 0)].sum())
    return PlanChanges(len(changed), int(slots.sum()), len(touched), max(more_kwh, less_kwh))


def _differences(kept: Committed, schedule: Schedule) -> Iterator[tuple[str, Array]]:
    """Pack, and by how many kW it charges more in each slot; 0 where nothing was committed."""
    by_pack = {row.pack: np.array(row.power_kw) for row in schedule.rows}
    for pack, power_kw in kept.power_kw.items():
        more_kw = by_pack.get(pack, np.zeros(len(power_kw))) - power_kw
        yield pack, np.where(np.isnan(power_kw), 0.0, more_kw)
