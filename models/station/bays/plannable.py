"""What a plan can do anything about: the night without packs that are not usable, its swaps pack by pack."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from models.rules import LARGEST
from models.station.packs.pack import Pack
from models.station.swap import Swap


@dataclass(frozen=True)
class Plannable:
    """Packs and swaps that formulations see. `fixed_cost`: currency of what was left out, which no plan changes."""

    packs: tuple[Pack, ...]
    swaps: tuple[Swap, ...]
    fixed_cost: float


def is_plannable(packs: Sequence[Pack], swaps: Sequence[Swap]) -> bool:
    """Do formulations see just these packs and swaps?"""
    return all(pack.usable for pack in packs) and all(swap.packs == 1 and not swap.must_serve for swap in swaps)


def plannable(
    packs: Sequence[Pack],
    bays: Sequence[int],
    swaps: Sequence[Swap],
    worth: Callable[[Pack], float],
    must_serve_cost: Callable[[], float],
) -> Plannable:
    """Usable packs, each with its number among `bays`, and the parts of the swaps that any pack may serve.

    Packs that are not usable are worth what they hold, and swaps that ask for one of them are lost: the fixed cost.
    A swap that must be served costs `must_serve_cost` more if it is lost.
    """
    barred = {pack.id for pack in packs if not pack.usable}
    fixed = sum(-worth(pack) for pack in packs if not pack.usable)
    fixed += sum(swap.lost_cost for swap in swaps if swap.pack in barred)
    more = must_serve_cost() if any(swap.must_serve for swap in swaps) else 0.0
    parts = (part for swap in swaps if swap.pack not in barred for part in _dearer(swap, more).parts)
    placed = zip(packs, bays, strict=True)
    return Plannable(tuple(replace(pack, bay=bay) for pack, bay in placed if pack.usable), tuple(parts), fixed)


def _dearer(swap: Swap, more: float) -> Swap:
    if not swap.must_serve:
        return swap
    cost = swap.lost_cost + more
    return replace(swap, lost_cost=cost, must_serve=False, part_of=swap.id if cost > LARGEST else swap.part_of)
