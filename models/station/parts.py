"""Swaps of several packs, all or none: what formulations plan pack by pack, as a plan of whole swaps.

`Night.by_pack` has one swap for each pack of such a swap: its parts. A plan of that night is one of the night itself
where each swap has all of its parts served, or none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from models.station.instance import Night, returned_pack_id
from models.station.must_serve import told_unserved
from models.station.schedule import HandOver, PackRow, Schedule


def torn_swaps(night: Night, served: Collection[str]) -> list[str]:
    """Ids of swaps of several packs of which some parts, but not all, are among the swaps `served` of `by_pack`."""
    return [
        swap for swap, parts in night.parts_by_swap.items() if 0 < sum(part in served for part in parts) < len(parts)
    ]


def without_torn_swaps(night: Night, by_swap: Mapping[str, str]) -> dict[str, str]:
    """The assignment with swaps that are served in part given up altogether."""
    parts = night.parts_by_swap
    given_up = [part for swap in torn_swaps(night, by_swap) for part in parts[swap] if part in by_swap]
    return without_swaps(by_swap, given_up)


def without_swaps(by_swap: Mapping[str, str], lost: Iterable[str]) -> dict[str, str]:
    """The assignment without some of its swaps; their packs serve whatever the packs they bring were meant for."""
    kept = dict(by_swap)
    for swap in lost:
        stays, never_comes = kept.pop(swap), returned_pack_id(swap)
        kept = {other: stays if pack == never_comes else pack for other, pack in kept.items()}
    return kept


def whole_schedule(night: Night, schedule: Schedule) -> Schedule:
    """A schedule of `night.by_pack` as one of the night: by the ids of its own swaps, with the packs that are not
    usable, and a reason for each lost swap that must be served."""
    if night.by_pack is night:
        return schedule
    whole = {part: swap.id for swap in night.station.swaps if swap.packs > 1 for part in swap.part_ids}
    handed = (HandOver(whole.get(h.swap, h.swap), h.pack) for h in _in_order(night, schedule))
    hand_overs = tuple(handed) if whole else schedule.hand_overs
    rows = (*schedule.rows, *_rows_of_barred_packs(night, schedule))
    return told_unserved(night, replace(schedule, hand_overs=hand_overs, rows=rows))


def _rows_of_barred_packs(night: Night, schedule: Schedule) -> Iterator[PackRow]:
    station, told = night.station, {row.pack for row in schedule.rows}
    for bay, pack in zip(station.bay_numbers, station.packs, strict=True):
        if not pack.usable and pack.id not in told:
            yield PackRow(pack.id, station.bay_label(bay), (0.0,) * night.horizon.slots)


def parted_schedule(schedule: Schedule) -> Schedule:
    """A schedule of a night as one of its `by_pack`: each pack of a swap of several goes to the part of its own."""
    if all(len(packs) == 1 for packs in schedule.packs_by_swap.values()):
        return schedule
    return replace(schedule, hand_overs=tuple(HandOver(swap, pack) for swap, pack in schedule.by_swap().items()))


def _in_order(night: Night, schedule: Schedule) -> list[HandOver]:
    """By the order of swaps: of several packs the n-th hand-over is the n-th part's."""
    place = {swap.id: n for n, swap in enumerate(night.by_pack.station.swaps)}
    return sorted(schedule.hand_overs, key=lambda handed: place[handed.swap])
