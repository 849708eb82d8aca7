"""Bays charge alike: of packs that are full when a driver comes, the one whose bay has charged least is handed over.

What the driver brings takes its bay and charges there: list scheduling (Graham 1966), which gives each next job to who
has least behind him. Nothing else moves: full packs charge no more, whoever gets them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from models.formulations.matrix import Array, Index
from models.station.instance import RETURN_PREFIX, Night, returned_pack_id
from models.station.schedule import HandOver, Schedule
from models.station.stays import Stay, stays_of
from models.tolerances import EQUAL
from optimizer.engine.calm.stay_powers import powers_of

SAME_KWH_DIGITS = 3  # bays whose kWh agree to so many have charged alike
_Alike = tuple[str, bool]  # packs that may change places: type, whether their bays have chargers
AT_START = -1  # when the packs of the start came


def with_balanced_bays(
    night: Night, schedule: Schedule, stays: Sequence[Stay] | None = None, power_kw: Array | None = None
) -> Schedule:
    """The schedule with full packs handed over in turn: from the bay that has charged least, the first that came, by
    name.

    `night` has one pack a swap. Cost and rules do not see the difference: bays change places where both have a charger
    or both have none, and packs that somebody asks for do not. `stays`, `power_kw`, shape (stays, slots): those of the
    schedule, where they are at hand.
    """
    stays = stays_of(night, schedule.by_swap()) if stays is None else stays
    packs = _FullPacks(night, schedule, stays, powers_of(schedule, stays) if power_kw is None else power_kw)
    for swap in sorted(night.station.swaps, key=lambda one: one.slot):
        packs.serve(swap.id, swap.slot)
    if packs.by_swap == schedule.by_swap():
        return schedule
    place = _places_of_packs(night, packs.by_swap)
    rows = sorted(schedule.rows, key=lambda row: place[row.pack])
    labels = {bay: night.station.bay_label(bay) for bay in night.station.bay_numbers}
    return replace(
        schedule,
        rows=tuple(replace(row, bay=labels[place[row.pack][1]]) for row in rows),
        hand_overs=tuple(HandOver(one.swap, packs.by_swap[one.swap]) for one in schedule.hand_overs),
    )


def _places_of_packs(night: Night, by_swap: Mapping[str, str]) -> dict[str, tuple[int, int, int]]:
    """Of each pack: its bay as the night lists bays, the bay's number, how many packs were there before it."""
    brings = {pack: returned_pack_id(swap) for swap, pack in by_swap.items()}
    place: dict[str, tuple[int, int, int]] = {}
    for n, (pack, bay) in enumerate(zip(night.station.packs, night.station.bay_numbers, strict=True)):
        name: str | None = pack.id
        before = 0
        while name is not None:
            place[name] = n, bay, before
            name, before = brings.get(name), before + 1
    return place


class _FullPacks:
    """`by_swap`: the pack of each swap served, exchanged swap by swap in their order in time."""

    def __init__(self, night: Night, schedule: Schedule, stays: Sequence[Stay], power_kw: Array) -> None:
        self.by_swap = dict(schedule.by_swap())
        self._swap_of = {pack: swap for swap, pack in self.by_swap.items()}
        self._slot_of = {swap.id: swap.slot for swap in night.station.swaps}
        charged_kwh = night.horizon.slot_hours * power_kw.sum(axis=1)
        self._bay_kwh = dict(zip((stay.pack for stay in stays), charged_kwh.tolist(), strict=True))
        self._full: dict[_Alike, dict[str, tuple[int, int]]] = defaultdict(dict)
        self._alike: dict[str, _Alike] = {}
        asked_for = {swap.pack for swap in night.station.swaps}
        for stay, full in zip(stays, _full_from(night, stays, power_kw).tolist(), strict=True):
            if full <= stay.leave and stay.pack not in asked_for:
                alike = self._alike[stay.pack] = stay.type, night.station.has_charger(stay.bay)
                came = stay.arrive if stay.pack.startswith(RETURN_PREFIX) else AT_START
                self._full[alike][stay.pack] = came, full

    def serve(self, swap: str, slot: int) -> None:
        """Hand over the full pack whose turn it is; that which the swap had changes places with it."""
        pack = self.by_swap.get(swap)
        if pack is None:
            return
        there = self._full[self._alike[pack]] if pack in self._alike else {}
        if pack in there and there[pack][1] <= slot:
            first = min(self._places(there, pack, slot))[-1]
            if first != pack:
                self._exchange(swap, pack, first)
                pack = first
        there.pop(pack, None)
        brought = returned_pack_id(swap)
        if brought in self._bay_kwh:
            self._bay_kwh[brought] += self._bay_kwh[pack]

    def _places(
        self, there: Mapping[str, tuple[int, int]], pack: str, slot: int
    ) -> Iterator[tuple[float, int, int, str]]:
        """What decides between the full packs that may be handed over in `slot` in place of `pack`, itself included."""
        for other, (came, full) in there.items():
            if full <= slot and (came < slot or other == pack) and self._leaves(other) >= slot:
                yield round(self._bay_kwh[other], SAME_KWH_DIGITS), came, len(other), other

    def _leaves(self, pack: str) -> float:
        swap = self._swap_of.get(pack)
        return float("inf") if swap is None else self._slot_of[swap]

    def _exchange(self, swap: str, pack: str, first: str) -> None:
        later = self._swap_of.pop(first, None)
        del self._swap_of[pack]
        self.by_swap[swap], self._swap_of[first] = first, swap
        if later is not None:
            self.by_swap[later], self._swap_of[pack] = pack, later


def _full_from(night: Night, stays: Sequence[Stay], power_kw: Array) -> Index:
    """The slot from whose start on each pack is full; beyond the horizon for one that never is."""
    slots = night.horizon.slots
    missing_kwh = np.array([night.pack_types[stay.type].target_kwh - EQUAL - stay.start_kwh for stay in stays])
    held_kwh = night.horizon.slot_hours * np.cumsum(power_kw, axis=1)
    lacking = (held_kwh < missing_kwh[:, None]).sum(axis=1) + 1
    came = np.array([stay.arrive for stay in stays])
    return np.where(missing_kwh <= 0, came, np.where(lacking > slots, slots + 1, lacking))
