"""What a plan says: power per pack and slot, who gets which pack, solar used, reserve given up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from models.station.swap import part_id


@dataclass(frozen=True)
class HandOver:
    """The swap `swap` gets the pack `pack`; the pack it returns takes the same bay.

    A swap of several packs has as many hand-overs; its n-th one gets the bay of the n-th pack that it returns.
    """

    swap: str
    pack: str


@dataclass(frozen=True)
class Unserved:
    """A lost swap that must be served, and why no plan serves it."""

    swap: str
    reason: str


@dataclass(frozen=True)
class PackRow:
    """One pack's stay in one bay: power into the pack in kW, one value a slot (0 while it is not there).

    `bay`: the station's name of the bay, or its number where bays have no names.
    """

    pack: str
    bay: int | str
    power_kw: tuple[float, ...]


@dataclass(frozen=True)
class Schedule:
    """A station's plan. `solar_used_kw`, `reserve_shortfall`: one value a slot, or empty for none at all.
    `unserved`: the lost swaps that must be served.

    Packs that drivers bring are named by `models.station.instance.Swap.returned_packs`.
    """

    station: str
    rows: tuple[PackRow, ...]
    hand_overs: tuple[HandOver, ...]
    solar_used_kw: tuple[float, ...] = ()
    reserve_shortfall: tuple[int, ...] = ()
    unserved: tuple[Unserved, ...] = ()

    @cached_property
    def packs_by_swap(self) -> Mapping[str, tuple[str, ...]]:
        """Pack ids handed over to each swap that gets any, in the order of its hand-overs."""
        packs: dict[str, list[str]] = defaultdict(list)
        for handed in self.hand_overs:
            packs[handed.swap].append(handed.pack)
        return {swap: tuple(handed) for swap, handed in packs.items()}

    @property
    def swaps_served(self) -> int:
        """Swaps that get packs, be it one or several."""
        return len(self.packs_by_swap)

    def by_swap(self) -> Mapping[str, str]:
        """Pack id handed over to each served swap; of several packs, by `part_id`."""
        return {
            (swap if len(packs) == 1 else part_id(swap, n)): pack
            for swap, packs in self.packs_by_swap.items()
            for n, pack in enumerate(packs, start=1)
        }
