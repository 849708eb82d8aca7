"""Packs that may be exchanged in a canonical order, so that nights that differ in their order alone get one plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from models.station.cost import type_of_pack
from models.station.instance import RETURN_PREFIX, Night, Pack
from models.station.schedule import HandOver, PackRow, Schedule
from models.station.stays import stays_of
from models.tolerances import EQUAL
from optimizer.engine.build_schedule import build_schedule
from optimizer.engine.calm.stay_powers import powers_of


def in_canonical_order(night: Night, schedule: Schedule) -> Schedule:
    """The schedule with full packs, then equal packs, in order. `night` has one pack a swap; cost and rules do not see
    the difference."""
    return equal_packs_in_order(night, _full_packs_in_order(night, schedule))


def _full_packs_in_order(night: Night, schedule: Schedule) -> Schedule:
    """Of packs that are full when one of them is handed over, the one that came first, then by name, is: it changes
    places with the other, which is full, too, and charges no more."""
    by_swap = dict(schedule.by_swap())
    swap_of = {pack: swap for swap, pack in by_swap.items()}
    swaps, asked_for = {swap.id: swap for swap in night.station.swaps}, {swap.pack for swap in night.station.swaps}
    full_from = {pack: (came, slot) for pack, came, slot in _fillings(night, schedule) if pack not in asked_for}
    kinds = type_of_pack(night)
    for swap in sorted((one for one in swaps if by_swap.get(one) in full_from), key=lambda one: swaps[one].slot):
        slot, pack = swaps[swap].slot, by_swap[swap]
        there = [
            (came, len(other), other) for other, (came, full) in full_from.items()
            if kinds[other] == kinds[pack] and full <= slot and (came < slot or other == pack)
            and (other not in swap_of or swaps[swap_of[other]].slot >= slot)
        ]  # fmt: skip
        first = min(there, default=(0, 0, pack))[2]
        if first != pack and full_from[pack][1] <= slot:
            later = swap_of.pop(first, None)
            del swap_of[pack]
            by_swap[swap], swap_of[first] = first, swap
            if later is not None:
                by_swap[later], swap_of[pack] = pack, later
        del full_from[by_swap[swap]]
    if by_swap == schedule.by_swap():
        return schedule
    stays = stays_of(night, by_swap)
    power_kw = powers_of(schedule, stays)
    if any(power_kw[s, : stay.charge_from].any() or power_kw[s, stay.leave :].any() for s, stay in enumerate(stays)):
        return schedule  # not every bay is like every other
    return build_schedule(night, stays, power_kw, schedule.solar_used_kw or None, schedule.reserve_shortfall or None)


def _fillings(night: Night, schedule: Schedule) -> Iterator[tuple[str, int, int]]:
    """Of each pack: the slot in which it came, −1 for those of the start, and that from whose start on it is full."""
    powers = {row.pack: row.power_kw for row in schedule.rows}
    for stay in stays_of(night, schedule.by_swap()):
        held_kwh, target_kwh = stay.start_kwh, night.pack_types[stay.type].target_kwh - EQUAL
        slot = stay.arrive
        while held_kwh < target_kwh and slot < stay.leave:
            held_kwh += night.horizon.slot_hours * powers[stay.pack][slot]
            slot += 1
        if held_kwh >= target_kwh:
            yield stay.pack, -1 if not stay.pack.startswith(RETURN_PREFIX) else stay.arrive, slot


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

    def part(pack: str) -> tuple[tuple[int, int], float, tuple[float, ...]]:
        return leaves.get(pack, never), -sum(power_kw[pack]), tuple(-kw for kw in power_kw[pack])

    return {
        old: new
        for packs in _equal_packs(night)
        for old, new in zip(sorted(packs, key=part), sorted(packs, key=lambda name: (len(name), name)), strict=True)
    }


def _equal_packs(night: Night) -> list[list[str]]:
    asked_for = {swap.pack for swap in night.station.swaps}
    equal: dict[tuple[Pack, bool], list[str]] = defaultdict(list)
    for pack, bay in zip(night.station.packs, night.station.bay_numbers, strict=True):
        if pack.id not in asked_for:
            equal[replace(pack, id="", bay=None), night.station.has_charger(bay)].append(pack.id)
    return [packs for packs in equal.values() if len(packs) > 1]
