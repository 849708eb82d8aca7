"""From the on-slots of every pack to a plan: who serves which swap follows, and an LP finds the powers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.formulations.dispatch.arrays import DispatchArrays
from models.formulations.matrix import Index
from models.formulations.patterns.master import PatternMaster
from models.station.instance import Night
from models.station.stays import Stay, stays_of
from models.tolerances import PLUGGED_SHARE
from optimizer.engine.build_schedule import build_schedule
from optimizer.engine.dispatch_powers import powers_within
from optimizer.engine.patterns.pool import Signature
from optimizer.engine.search import Search


@dataclass(frozen=True)
class Chosen:
    """One signature a pack that is there, and the swaps that are served, by type."""

    signatures: Sequence[Signature]
    served: Sequence[Index]


def offer_chosen(search: Search, master: PatternMaster, chosen: Chosen, method: str) -> bool:
    """Offer the best plan with these on-slots. Is there one?"""
    night = search.night
    by_swap = _hand_overs(master, chosen)
    if by_swap is None:
        return False
    stays = stays_of(night, by_swap)
    by_pack = {master.packs[one.type].packs[one.row]: one for one in chosen.signatures}
    of_stays = [by_pack.get(stay.pack) for stay in stays]
    powers = powers_within(search, stays, lambda arrays: _limited(night, stays, of_stays, arrays))
    if powers is None or powers.missing_kwh:
        return False
    schedule = build_schedule(night, stays, powers.power_kw, powers.solar_used_kw, powers.reserve_shortfall)
    # with a reserve, a pack that is ready and yet plugged misses S by next to nothing: its model counts that in part
    is_exact = not any(night.station.ready_reserve)
    search.offer(schedule, method, powers.objective + _plug_cost(night, of_stays) if is_exact else None)
    return True


def _hand_overs(master: PatternMaster, chosen: Chosen) -> Mapping[str, str] | None:
    """First ready, first handed over. None where packs are ready too late."""
    by_swap = {}
    for k, packs in enumerate(master.packs):
        pool = sorted((one.ready_from, one.row) for one in chosen.signatures if one.type == k and one.ready_from >= 0)
        served = sorted((int(packs.due[j]), int(j)) for j in chosen.served[k])
        if len(pool) < len(served):
            return None
        for (due, j), (ready_from, row) in zip(served, pool, strict=False):
            if ready_from > due:
                return None
            by_swap[packs.swaps[j].id] = packs.packs[row]
    return by_swap


def _limited(
    night: Night, stays: Sequence[Stay], signatures: Sequence[Signature | None], arrays: DispatchArrays
) -> DispatchArrays:
    """The dispatch with these on-slots: least and most power by slot, and what must end at the target."""
    chargers, slots = night.station.chargers, night.horizon.slots
    least_kw = chargers.max_kw if chargers.mode == "on_off" else chargers.min_kw
    plugged_kw = PLUGGED_SHARE * night.charging_kw if night.station.counts_plug_changes else 0.0
    least = np.zeros((len(stays), slots))
    most = np.zeros((len(stays), slots))
    matrix = arrays.matrix
    row_low = matrix.row_low.copy()
    for s, signature in enumerate(signatures):
        if signature is None or not len(on := signature.slots(slots)):
            continue
        most[s, on] = np.inf
        least[s, on] = max(least_kw, plugged_kw)
        if signature.is_short:
            least[s, on[-1]] = plugged_kw
            row_low[arrays.room[s]] = matrix.row_high[arrays.room[s]]
    low, high = matrix.low.copy(), matrix.high.copy()
    place = arrays.owner, arrays.slot
    high[arrays.power_kw] = np.minimum(high[arrays.power_kw], most[place])
    low[arrays.power_kw] = np.minimum(least[place], high[arrays.power_kw])
    return replace(arrays, matrix=replace(matrix, low=low, high=high, row_low=row_low))


def _plug_cost(night: Night, signatures: Sequence[Signature | None]) -> float:
    slots = night.horizon.slots
    if not night.station.plug_changes_cost:
        return 0.0
    on = np.zeros((len(signatures), slots), dtype=bool)
    for s, signature in enumerate(signatures):
        if signature is not None:
            on[s, signature.slots(slots)] = True
    starts, stops = (on[:, 1:] & ~on[:, :-1]).sum(axis=0), (on[:, :-1] & ~on[:, 1:]).sum(axis=0)
    cost = np.array([night.station.cost_of_plug_change(t) for t in range(1, slots)])
    return float(cost @ np.maximum(starts, stops))
