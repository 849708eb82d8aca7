"""Drivers who are expected: what they take, what they bring, and what losing them costs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

from models.errors import Problem, refuse
from models.rules import number_in, share_of_capacity, unique

RETURN_PREFIX = "return:"
MOST_PACKS = 100
"""Of one swap: more than any station has bays."""
NOT_HASHED = MappingProxyType({"hashed": False})
"""Metadata of a field that says nothing that a plan depends on."""


def returned_pack_id(swap_id: str) -> str:
    """The id of the pack that the driver of a swap leaves behind; of one of several packs, by its `part_id`."""
    return RETURN_PREFIX + swap_id


def part_id(swap_id: str, number: int) -> str:
    """What the hand-over `number` (from 1) of a swap of several packs is called where packs are told apart."""
    return f"{swap_id}#{number}"


@dataclass(frozen=True)
class Swap:
    """A driver expected in `slot`; `returned_soc` None: nothing comes back.

    `swap_soc` overrides the type's least state of charge at hand-over; `pack` names the very pack wanted. `packs`: so
    many are taken and as many come back, all or none; `lost_cost` is that of the whole swap. `part_of`: id of the swap
    of which this is one pack, only in `Night.by_pack`. `must_serve`: lost only where no plan can serve it. `forecast`:
    id of the forecast that it stands for; None: a driver who is known, and comes on every day.
    """

    id: str
    slot: int
    type: str
    returned_soc: float | None
    lost_cost: float
    swap_soc: float | None = None
    pack: str | None = None
    packs: int = 1
    part_of: str | None = None
    must_serve: bool = False
    forecast: str | None = field(default=None, metadata=NOT_HASHED)

    def __post_init__(self) -> None:
        refuse(self._problems())

    @property
    def part_ids(self) -> tuple[str, ...]:
        """What its hand-overs are called, one a pack: its own id, or for several packs id#1, id#2, ..."""
        return (self.id,) if self.packs == 1 else tuple(part_id(self.id, n + 1) for n in range(self.packs))

    @cached_property
    def returned_packs(self) -> tuple[str, ...]:
        """Ids of the packs that it brings, one a hand-over; none where nothing comes back."""
        return () if self.returned_soc is None else tuple(map(returned_pack_id, self.part_ids))

    @property
    def parts(self) -> tuple[Swap, ...]:
        """The swap itself, or for several packs one swap a pack, which share its lost cost."""
        if self.packs == 1:
            return (self,)
        share = self.lost_cost / self.packs
        return tuple(replace(self, id=name, lost_cost=share, packs=1, part_of=self.id) for name in self.part_ids)

    def _problems(self) -> Iterator[Problem]:
        if self.returned_soc is not None:
            yield from share_of_capacity("returned_soc", self.returned_soc)
        if self.swap_soc is not None:
            yield from share_of_capacity("swap_soc", self.swap_soc)
        if self.part_of is None or not 0 <= self.lost_cost < math.inf:  # beyond any limit: `Night.by_pack` weighs it
            yield from number_in("lost_cost", self.lost_cost, 0)
        yield from number_in("packs", self.packs, 1, MOST_PACKS)
        if self.pack is not None and self.packs > 1:
            rule = "must be 1 where the swap asks for a pack by name"
            yield Problem("packs", self.packs, rule, "leave out one of the two")


def swap_id_problems(swaps: Sequence[Swap]) -> Iterator[Problem]:
    """No id twice, none that the packs of another swap are told apart by."""
    yield from unique("swaps", [swap.id for swap in swaps], "swap")
    parts = {name: swap.id for swap in swaps if swap.packs > 1 for name in swap.part_ids}
    for index, swap in enumerate(swaps):
        if swap.id in parts:
            rule = f"is how plans name one of the packs of swap {parts[swap.id]!r}"
            yield Problem(f"swaps[{index}].id", swap.id, rule, "give it another id")
