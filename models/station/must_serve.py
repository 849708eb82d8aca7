"""Swaps that must be served: lost only where no plan can serve them, whatever that costs."""

from __future__ import annotations

from dataclasses import replace

from models.station.instance import Night
from models.station.must_serve_cost import MARGIN, must_serve_cost
from models.station.schedule import Schedule, Unserved
from models.station.swap import Swap
from models.tolerances import METER_KWH

FEWEST = "no plan serves all swaps that must be served; this one loses the fewest"
NOT_PROVEN = "no plan was found that serves it; that there is none is not proven"


def lost_that_must_be_served(night: Night, schedule: Schedule) -> list[Swap]:
    """The swaps of `night` that must be served and that the plan loses."""
    served = schedule.packs_by_swap
    return [swap for swap in night.station.swaps if swap.must_serve and swap.id not in served]


def told_unserved(night: Night, schedule: Schedule, proven: str = "") -> Schedule:
    """The schedule with a reason for each lost swap that must be served.

    `proven`: the reason of those that the night alone does not explain; by default that nothing is proven.
    """
    lost = lost_that_must_be_served(night, schedule)
    return replace(
        schedule, unserved=tuple(Unserved(s.id, plain_reason(night, s) or proven or NOT_PROVEN) for s in lost)
    )


def plain_reason(night: Night, swap: Swap) -> str:
    """Why no plan can serve the swap, as far as its packs alone tell; empty: they do not."""
    packs = {pack.id: pack for pack in night.station.packs}
    if swap.pack is not None and not packs[swap.pack].usable:
        return f"pack {swap.pack} is not usable"
    usable = [pack for pack in packs.values() if pack.type == swap.type and pack.usable]
    before = [
        s for s in night.station.swaps if s.type == swap.type and s.slot < swap.slot and s.returned_soc is not None
    ]
    if len(usable) + sum(other.packs for other in before) < swap.packs:
        return f"no usable pack of type {swap.type} is in the station"
    needed_kwh = night.needed_kwh(swap)
    own = [pack for pack in usable if swap.pack in (None, pack.id)]
    most_kwh = [_most_held_kwh(night, pack.type, pack.soc, swap.slot) for pack in own]
    if swap.pack is None:
        wait = night.station.turnaround_slots
        most_kwh += [
            _most_held_kwh(night, swap.type, other.returned_soc or 0.0, swap.slot - other.slot - wait)
            for other in before
        ]
    if max(most_kwh, default=0.0) < needed_kwh - METER_KWH:
        return f"no pack can hold the {needed_kwh:g} kWh asked for by slot {swap.slot}"
    return ""


def _most_held_kwh(night: Night, kind: str, soc: float, slots: int) -> float:
    """Energy after so many slots at the charger's most power, whatever the pack would take."""
    return soc * night.pack_types[kind].capacity_kwh + max(0, slots) * night.reach_full_kwh


def surcharge_of(night: Night, schedule: Schedule) -> float:
    """What the plan costs more on `night.by_pack` than on the night itself: for lost swaps that must be served."""
    lost = lost_that_must_be_served(night, schedule) if night.by_pack is not night else []
    return sum(_surcharge(night, swap) for swap in lost)


def _surcharge(night: Night, swap: Swap) -> float:
    """Of one lost swap; 0 where it asks for a pack that is not usable, which `by_pack` leaves out."""
    parts = [part.lost_cost for part in night.by_pack.station.swaps if part.id in swap.part_ids]
    return sum(parts) - swap.lost_cost if parts else 0.0


def is_proven_fewest(night: Night, schedule: Schedule, gap_money: float) -> bool:
    """Does every plan lose as many of the swaps that must be served, if none is cheaper on `night.by_pack` by more than
    `gap_money`? One that loses fewer would be cheaper by what one costs, less what plans can differ in all else."""
    more = must_serve_cost(night)
    least = min(
        (s for swap in lost_that_must_be_served(night, schedule) if (s := _surcharge(night, swap))), default=more
    )
    return gap_money < least - (more - 1.0) / MARGIN
