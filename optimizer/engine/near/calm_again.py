"""What a re-plan changed anyway made calm again: in fewer blocks, or earlier, where no committed slot moves for it."""

from __future__ import annotations

import numpy as np

from models.formulations.matrix import Array
from models.station.parts import parted_schedule
from models.station.stays import stays_of
from models.tolerances import IDLE_KW
from optimizer.engine.calm.blocks import SMALLEST_KW, Mask, cheapest_blocks
from optimizer.engine.calm.stay_powers import StayPowers
from optimizer.engine.near.changes import CHANGED_KW, changes_of
from optimizer.engine.near.matching import Committed
from optimizer.engine.search import Search

SAME_KWH_DIGITS = 6


def calm_again(search: Search, kept: Committed) -> None:
    """Exchange the plan in hand for one with the same hand-overs that is calmer where it differs from `kept` already,
    at no more cost; slots in which a pack does what was committed stay as they are."""
    assert search.schedule is not None
    found = parted_schedule(search.schedule)
    powers = StayPowers(search.night, found, stays_of(search.night, found.by_swap()))
    with search.watch.stage("rounding"):
        moved = [s for s in powers.by_time if _recharged(powers, s, _as_committed(powers, s, kept))]
    if moved:
        schedule = powers.as_schedule()
        before, after = (changes_of(search.night, kept, one) for one in (found, schedule))
        is_as_near = round(after.moved_kwh, SAME_KWH_DIGITS) <= round(before.moved_kwh, SAME_KWH_DIGITS)
        if is_as_near and after.slots <= before.slots:
            search.take_calm(schedule)


def _as_committed(powers: StayPowers, s: int, kept: Committed) -> Mask:
    """Slots of the stay's window in which it does what was committed."""
    stay = powers.stays[s]
    slots = slice(stay.charge_from, stay.leave)
    committed_kw = kept.power_kw.get(stay.pack)
    if committed_kw is None:
        return np.zeros(len(stay.window), dtype=bool)
    return np.asarray(np.abs(powers.power_kw[s, slots] - committed_kw[slots]) <= CHANGED_KW, dtype=bool)


def _recharged(powers: StayPowers, s: int, fixed: Mask) -> bool:
    """Charge the stay anew, but for the `fixed` slots of its window, if that is better: as much as before."""
    stay = powers.stays[s]
    slots = slice(stay.charge_from, stay.leave)
    own_kw: Array = powers.power_kw[s, slots].copy()
    if powers.night.pack_types[stay.type].has_curve or own_kw[~fixed].sum() <= SMALLEST_KW:
        return False
    is_used = fixed & (own_kw > IDLE_KW)
    room_kw = np.where(fixed, np.where(is_used, own_kw, 0.0), powers.room_kw(s))
    price = powers.room.price_per_kwh[slots]
    price = np.where(is_used, price.min() - 1.0, price)  # so all of them is used again
    found = cheapest_blocks(room_kw, price, np.argsort(price, kind="stable"), float(own_kw.sum()))
    if found is None or not powers.is_better(s, found, own_kw) or not powers.keeps_rules(s, found, own_kw):
        return False
    powers.put(s, found)
    return True
