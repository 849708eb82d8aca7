"""Packs that may be exchanged in a canonical order, so that nights that differ in their order alone get one plan."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from models.station.instance import Night, Pack
from models.station.schedule import HandOver, PackRow, Schedule
from optimizer.engine.calm.balance import with_balanced_bays


def in_canonical_order(night: Night, schedule: Schedule) -> Schedule:
    """The schedule with full packs, then equal packs, in order. `night` has one pack a swap; cost and rules do not see
    the difference."""
    return equal_packs_in_order(night, with_balanced_bays(night, schedule))


def equal_packs_in_order(night: Night, schedule: Schedule) -> Schedule:
    """What equal packs do exchanged: the first by name leaves first, or charges most and first.

    Packs are equal where nothing but their names and bays differs and no swap asks for one of them. What comes into
    their bays later goes along.
    """
    new_pack = _exchanged(night, schedule)
    if all(old == new for old, new in new_pack.items()):
        return schedule
    station = night.station
    bay_of = {
        pack.id: bay for pack, bay in zip(station.packs, map(station.bay_label, station.bay_numbers), strict=True)
    }
    new_bay = {bay_of[old]: bay_of[new] for old, new in new_pack.items()}
    rows = [
        PackRow(new_pack.get(row.pack, row.pack), new_bay.get(row.bay, row.bay), row.power_kw) for row in schedule.rows
    ]
    hand_overs = tuple(HandOver(one.swap, new_pack.get(one.pack, one.pack)) for one in schedule.hand_overs)
    return replace(
        schedule, rows=tuple(sorted(rows, key=lambda row: station.bay_number(row.bay))), hand_overs=hand_overs
    )


def _exchanged(night: Night, schedule: Schedule) -> dict[str, str]:
    """Whose part each pack takes over, by the pack whose it was."""
    slot_of = {swap.id: (swap.slot, n) for n, swap in enumerate(night.station.swaps)}
    leaves = {pack: slot_of[swap] for swap, pack in schedule.by_swap().items()}
    power_kw = {row.pack: row.power_kw for row in schedule.rows}
    never = (night.horizon.slots, 0)

    def part(pack: str) -> tuple[tuple[int, int], float]:
        return leaves.get(pack, never), -sum(power_kw[pack])

    return {
        old: new
        for packs in _equal_packs(night)
        for early_first in [sorted(packs, key=power_kw.__getitem__, reverse=True)]
        for old, new in zip(
            sorted(early_first, key=part), sorted(packs, key=lambda name: (len(name), name)), strict=True
        )
    }


def _equal_packs(night: Night) -> list[list[str]]:
    asked_for = {swap.pack for swap in night.station.swaps}
    equal: dict[tuple[Pack, bool], list[str]] = defaultdict(list)
    for pack, bay in zip(night.station.packs, night.station.bay_numbers, strict=True):
        if pack.id not in asked_for:
            equal[replace(pack, id="", bay=None), night.station.has_charger(bay)].append(pack.id)
    return [packs for packs in equal.values() if len(packs) > 1]
