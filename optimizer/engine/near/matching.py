"""What a previous plan means for the night to be planned: packs, drivers and slots of the one found in the other.

Packs of the start are matched by id; a pack that a driver brought before the night begins, by a name that ends with
that driver's id, or by its bay. Drivers are matched by id and instant, else by instant, else by id, else by the nearest
instant, always of one type; packs that they bring follow them. Slots are matched by instant.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.formulations.matrix import Array
from models.station.instance import RETURN_PREFIX, Night, returned_pack_id
from models.station.stays import stays_of
from models.tolerances import EQUAL
from optimizer.engine.near.previous_plan import PreviousPlan

MOST_MINUTES = 120  # by which drivers without an id that says more may differ and still be taken for the same
DEFAULT_ID = re.compile(r"swap-\d+(#\d+)?")  # of swaps without an id: in another horizon they count from 1 again


@dataclass(frozen=True)
class Committed:
    """What a previous plan says of a night, in the names of the night (`Night.by_pack`).

    `by_swap`: pack by swap that the plan serves; `known`: swaps that it knows. `power_kw` by pack, one value a slot,
    NaN where it says nothing. `unproven`: as of `PreviousPlan`.
    """

    by_swap: Mapping[str, str]
    known: frozenset[str]
    power_kw: Mapping[str, Array]
    unproven: float


class _Driver(NamedTuple):
    """A swap of either plan: minutes after the night's start, and the type where it is known."""

    swap: str
    minute: int
    type: str | None


def committed(previous: PreviousPlan, night: Night) -> Committed:
    """What `previous` says of `night` (by pack)."""
    return _Matching(previous, night).committed()


class _Matching:
    def __init__(self, previous: PreviousPlan, night: Night) -> None:
        self.previous, self.night = previous, night
        begins = previous.horizon.start - night.horizon.start
        self.begins_minute = round(begins.total_seconds() / 60)
        self.pack_of = previous.schedule.by_swap()
        self.swap_of = {pack: swap for swap, pack in self.pack_of.items()}
        self.rows = {row.pack: row for row in previous.schedule.rows}

    def committed(self) -> Committed:
        new_swap, new_pack = self.drivers, self.start_packs | self._returned()
        by_swap = {
            new_swap[swap]: new_pack[pack]
            for swap, pack in self.pack_of.items()
            if swap in new_swap and pack in new_pack
        }
        lost = {swap.id for swap in self.night.station.swaps if (swap.part_of or swap.id) in self.previous.lost}
        power_kw = {new: self._resampled(self.rows[old].power_kw) for old, new in new_pack.items() if old in self.rows}
        known = frozenset(new_swap.values()) | lost
        return Committed(by_swap, known, power_kw, self.previous.unproven)

    def _minute(self, swap: str) -> int:
        """When a swap of the previous plan is; of several packs, `swap` names one part."""
        slot_of = self.previous.slot_of
        slot = slot_of[swap] if swap in slot_of else slot_of[swap.rpartition("#")[0]]
        return self.begins_minute + slot * self.previous.horizon.slot_minutes

    @cached_property
    def start_packs(self) -> dict[str, str]:
        """Packs of the start, by what the previous plan calls them."""
        found = {pack.id: pack.id for pack in self.night.station.packs if pack.id in self.rows}
        left = [pack.id for pack in self.night.station.packs if pack.id not in found]
        bay_of = {stay.pack: self.night.station.bay_label(stay.bay) for stay in stays_of(self.night, {})}
        there = [pack for pack in self.rows if self._is_there(pack)]
        tests: Sequence[Callable[[str, str], bool]] = (
            lambda old, new: old.startswith(RETURN_PREFIX) and _ends_with(new, old.removeprefix(RETURN_PREFIX)),
            lambda old, new: self.rows[old].bay == bay_of[new],
        )
        for test in tests:
            for new in left:
                fitting = [old for old in there if old not in found and test(old, new)]
                if new not in found.values() and len(fitting) == 1:
                    found[fitting[0]] = new
        return found

    def _is_there(self, pack: str) -> bool:
        """Does the previous plan have the pack in the station when the night begins?"""
        brought_by = pack.removeprefix(RETURN_PREFIX) if pack.startswith(RETURN_PREFIX) else ""
        came = brought_by not in self.pack_of or self._minute(brought_by) < 0
        return came and (pack not in self.swap_of or self._minute(self.swap_of[pack]) >= 0)

    @cached_property
    def drivers(self) -> dict[str, str]:
        """Swaps that the previous plan serves in the night's time, by what the plan calls them."""
        old, new = list(self._old_drivers()), list(self._new_drivers())
        has_same_start = self.begins_minute == 0

        def name(one: _Driver) -> str | None:
            return one.swap if has_same_start or not DEFAULT_ID.fullmatch(one.swap) else None

        tests: Sequence[Callable[[_Driver], object]] = (
            lambda one: (one.swap, one.minute),
            lambda one: one.minute,
            name,
        )
        found: dict[str, str] = {}
        for key in tests:
            pairs = list(_pairs(old, new, key))
            found |= pairs
            old = _without(old, {one for one, _ in pairs})
            new = _without(new, {other for _, other in pairs})
        return found | _nearest(old, new)

    def _old_drivers(self) -> Iterator[_Driver]:
        types = {pack.id: pack.type for pack in self.night.station.packs}
        type_of_bay = {self.rows[old].bay: types[new] for old, new in self.start_packs.items()}
        for swap, pack in self.pack_of.items():
            if self._minute(swap) >= 0:
                kind = type_of_bay.get(self.rows[pack].bay) if pack in self.rows else None
                yield _Driver(swap, self._minute(swap), kind)

    def _new_drivers(self) -> Iterator[_Driver]:
        for swap in self.night.station.swaps:
            yield _Driver(swap.id, swap.slot * self.night.horizon.slot_minutes, swap.type)

    def _returned(self) -> dict[str, str]:
        """Packs that drivers of the night bring, by what the previous plan calls them."""
        brings = {swap.id for swap in self.night.station.swaps if swap.returned_soc is not None}
        return {returned_pack_id(old): returned_pack_id(new) for old, new in self.drivers.items() if new in brings}

    def _resampled(self, old_kw: Sequence[float]) -> Array:
        """The power of a pack in the night's slots: its average over each; NaN where the plan does not reach."""
        horizon, minutes = self.night.horizon, self.previous.horizon.slot_minutes
        power_kw = np.full(horizon.slots, np.nan)
        if minutes == horizon.slot_minutes and self.begins_minute % minutes == 0:
            first = self.begins_minute // minutes
            slots = range(max(0, first), min(horizon.slots, first + len(old_kw)))
            power_kw[slots.start : slots.stop] = old_kw[slots.start - first : slots.stop - first]
            return power_kw
        old_edges = self.begins_minute + minutes * np.arange(len(old_kw) + 1)
        edges = horizon.slot_minutes * np.arange(horizon.slots + 1)
        charged = np.interp(edges, old_edges, np.concatenate([[0.0], np.cumsum(old_kw)]) * minutes)
        is_inside: NDArray[np.bool_] = (edges[:-1] >= old_edges[0]) & (edges[1:] <= old_edges[-1])
        average_kw = np.diff(charged) / horizon.slot_minutes
        return np.where(is_inside, np.where(average_kw > EQUAL, average_kw, 0.0), np.nan)


def _without(drivers: Sequence[_Driver], swaps: Set[str]) -> list[_Driver]:
    return [one for one in drivers if one.swap not in swaps]


def _pairs(
    old: Sequence[_Driver], new: Sequence[_Driver], key: Callable[[_Driver], object]
) -> Iterator[tuple[str, str]]:
    """Drivers of one key (not None) and type, in their order."""
    waiting: dict[object, list[_Driver]] = defaultdict(list)
    for one in old:
        waiting[key(one)].append(one)
    for other in new:
        there = waiting.get(key(other), []) if key(other) is not None else []
        first = next((one for one in there if _is_type(one, other)), None)
        if first is not None:
            there.remove(first)
            yield first.swap, other.swap


def _nearest(old: Sequence[_Driver], new: Sequence[_Driver]) -> dict[str, str]:
    """Drivers of one type within MOST_MINUTES, those that differ least first."""
    minutes, in_order = sorted(one.minute for one in new), sorted(new, key=lambda other: other.minute)
    pairs: list[tuple[int, int, str, str]] = []
    for one in old:
        first = bisect_left(minutes, one.minute - MOST_MINUTES)
        end = bisect_right(minutes, one.minute + MOST_MINUTES)
        pairs += [
            (abs(one.minute - other.minute), one.minute, one.swap, other.swap)
            for other in in_order[first:end]
            if _is_type(one, other)
        ]
    nearest: dict[str, str] = {}
    taken: set[str] = set()
    for _, _, one_id, other_id in sorted(pairs):
        if one_id not in nearest and other_id not in taken:
            nearest[one_id] = other_id
            taken.add(other_id)
    return nearest


def _is_type(one: _Driver, other: _Driver) -> bool:
    return one.type is None or one.type == other.type


def _ends_with(name: str, swap: str) -> bool:
    """Is `name` the id of a swap, or does it end with it after a letter that is no part of names?"""
    return name == swap or (name.endswith(swap) and not name[-len(swap) - 1].isalnum())
