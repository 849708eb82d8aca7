"""What a charging pattern has to know of the packs of a type (section 9 of models/README.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.formulations.levels.data import start_kwh
from models.formulations.matrix import Array, Index
from models.station.instance import Night, Swap, returned_pack_id
from models.station.pack_type import PackType, lines_of
from models.tolerances import EQUAL, MISSING_KWH

MOST_POOLS = 8  # of a type: beyond, its swaps are taken for one pool of the least need
MOST_STEPS = 8  # of the least power within the most: beyond, the least power is taken for none


@dataclass(frozen=True)
class PatternPacks:
    """The packs of one type: those of the start, then what the swaps bring, by slot; and the swaps of one pool: those
    with one need, or that want one pack. Energies in kWh.

    `packs[r]`: pack ids; `of_type[r]`: their numbers among all packs of the type, of which the first `initial` are
    those of the start. `is_first`: is it the first pool of its type? That one has all packs of the type, and patterns
    that stay. `energy_kwh[r]` on arrival, at most E; `arrive[r]`: slot from which it counts as there (0 for packs of
    the start); `release[r]`: first slot in which it may charge; `available[r]`: first slot in which it may be handed
    over; `brings[j]`: number among all packs of the type of the one that swap j brings, −1 for none. `need_kwh`: least
    energy at hand-over of every swap of the pool, less what plans may miss; `ready_kwh`: the same of the reserve.
    `hi_kwh[r]`: the most that the pack gains in a slot; `steps`: `hi_kwh` in multiples of the least that it gains, 0
    where the least is none, 1 on/off.
    `follows_curve`: an acceptance curve says what a slot gives at most; a least power is taken for none then.
    """

    type: str
    packs: tuple[str, ...]
    swaps: tuple[Swap, ...]
    due: Index
    initial: int
    brings: Index
    energy_kwh: Array
    arrive: Index
    release: Index
    available: Index
    need_kwh: float
    ready_kwh: float
    target_kwh: float
    hi_kwh: Array
    steps: int
    end_value_per_kwh: float
    wear_per_kwh: float
    of_type: Index
    is_first: bool
    follows_curve: bool = False

    @property
    def step_kwh(self) -> Array:
        """The lattice's step u by row: the least that a pack on a charger gains, or where that is none the most."""
        return np.asarray(self.hi_kwh / max(self.steps, 1))

    @property
    def lo_kwh(self) -> Array:
        """The least that a pack on a charger gains in a slot, but in the slot that fills it."""
        return self.step_kwh if self.steps else np.zeros_like(self.hi_kwh)

    @property
    def is_ready(self) -> NDArray[np.bool_]:
        """May the pack be handed over as it comes?"""
        return np.asarray(self.energy_kwh >= self.need_kwh - EQUAL)

    @property
    def leads_to_ready(self) -> bool:
        """Does a pack of the pool hold S when it is handed over, and do its patterns pass through S? On/off packs pass
        what they must, curves have S among their energies, but lattices lead to the need and to E only."""
        if self.steps == 1 or self.follows_curve:
            return self.need_kwh >= self.ready_kwh
        return abs(self.need_kwh - self.ready_kwh) <= EQUAL

    @property
    def worth(self) -> float:
        """What a pack that may be handed over is worth at the least if it stays: v · need, 0 where v is below 0."""
        return max(0.0, self.end_value_per_kwh) * self.need_kwh

    def only(self, pack: str) -> PatternPacks:
        """With this pack alone, if it is one of them."""
        rows = [r for r, name in enumerate(self.packs) if name == pack]
        return replace(
            self,
            packs=tuple(self.packs[r] for r in rows),
            energy_kwh=self.energy_kwh[rows],
            arrive=self.arrive[rows],
            release=self.release[rows],
            available=self.available[rows],
            hi_kwh=self.hi_kwh[rows],
            of_type=self.of_type[rows],
        )

    @property
    def dues(self) -> Index:
        """The slots with swaps."""
        return np.unique(self.due)


def pattern_packs(night: Night) -> tuple[PatternPacks, ...]:
    """The pools of every type that has packs or swaps, pools of a type together."""
    kinds = {pack.type for pack in night.station.packs} | {swap.type for swap in night.station.swaps}
    return tuple(pool for name in sorted(kinds) for pool in _pools_of(night, night.pack_types[name]))


def follows_curves(night: Night) -> bool:
    """Do packs of the night take less power as they fill?"""
    return any(kind.has_curve for kind in night.pack_types.values())


def patterns_are_plans(night: Night) -> bool:
    """Are patterns of the night plans, and the other way round? Not where swaps of a type ask for too much that
    differs, along curves for anything that does, nor where on/off chargers follow a curve, nor where packs stand in
    bays without charger."""
    if night.station.has_packs_without_charger:
        return False
    if follows_curves(night):
        return night.station.chargers.mode != "on_off" and needs_are_alike(night)
    return all(len(_wishes(night, kind)) <= MOST_POOLS for kind in night.pack_types.values())


def needs_are_alike(night: Night) -> bool:
    """Is there one pool for each type: one need, and no pack asked for by name?"""
    wishes = [_wishes(night, kind) for kind in night.pack_types.values()]
    return all(len(asked) < 2 and not any(pack for pack, _ in asked) for asked in wishes)


def _wishes(night: Night, kind: PackType) -> list[tuple[str, float]]:
    """What swaps of a type ask for, each a pool: a pack by name (else empty), and an energy. What anyone may have comes
    first, and the least energy."""
    return sorted({(swap.pack or "", night.needed_kwh(swap)) for swap in night.station.swaps if swap.type == kind.id})


def _pools_of(night: Night, kind: PackType) -> Iterator[PatternPacks]:
    whole, wishes = _packs_of(night, kind), _wishes(night, kind)
    if len(wishes) > MOST_POOLS:
        yield whole
        return
    if not wishes or wishes[0][0]:  # packs stay in a pool without swaps where each swap wants one by name
        wishes.insert(0, ("", kind.swap_kwh))
    for number, (pack, need_kwh) in enumerate(wishes):
        of_pool = [(swap.pack or "", night.needed_kwh(swap)) == (pack, need_kwh) for swap in whole.swaps]
        pool = replace(
            whole,
            swaps=tuple(swap for swap, is_in in zip(whole.swaps, of_pool, strict=True) if is_in),
            due=whole.due[of_pool],
            brings=whole.brings[of_pool],
            need_kwh=need_kwh - MISSING_KWH,
            is_first=number == 0,
        )
        yield pool if not pack else pool.only(pack)


def _packs_of(night: Night, kind: PackType) -> PatternPacks:
    packs = [pack for pack in night.station.packs if pack.type == kind.id]
    swaps = sorted((swap for swap in night.station.swaps if swap.type == kind.id), key=lambda swap: swap.slot)
    bringing = [swap for swap in swaps if swap.returned_soc is not None]
    row = {swap.id: len(packs) + place for place, swap in enumerate(bringing)}
    returned = [min((swap.returned_soc or 0.0) * kind.capacity_kwh, kind.target_kwh) for swap in bringing]
    energy = np.array([*(start_kwh(night, pack) for pack in packs), *returned])
    came = np.array([swap.slot for swap in bringing], dtype=np.int64)
    wait, nothing = night.station.turnaround_slots, np.zeros(len(packs), dtype=np.int64)
    lines = lines_of(kind.wear)
    return PatternPacks(
        type=kind.id,
        packs=(*(pack.id for pack in packs), *(returned_pack_id(swap.id) for swap in bringing)),
        swaps=tuple(swaps),
        due=np.array([swap.slot for swap in swaps], dtype=np.int64),
        initial=len(packs),
        brings=np.array([row.get(swap.id, -1) for swap in swaps], dtype=np.int64),
        energy_kwh=energy,
        arrive=np.concatenate([nothing, came]),
        release=np.concatenate([nothing, np.minimum(came + wait, night.horizon.slots)]),
        available=np.concatenate([nothing, came + 1]),
        need_kwh=min((night.needed_kwh(swap) for swap in swaps), default=kind.swap_kwh) - MISSING_KWH,
        ready_kwh=kind.swap_kwh - MISSING_KWH,
        target_kwh=kind.target_kwh,
        hi_kwh=np.full(len(energy), night.reach_full_kwh),
        steps=0 if kind.has_curve else _steps(night),
        end_value_per_kwh=night.end_value_per_kwh(kind),
        wear_per_kwh=lines[0].slope if lines else 0.0,
        of_type=np.arange(len(energy)),
        is_first=True,
        follows_curve=kind.has_curve,
    )


def _steps(night: Night) -> int:
    """The least power as a whole part of the most, rounded down: so the powers of every plan are among those tried."""
    chargers = night.station.chargers
    least_kw = chargers.max_kw if chargers.mode == "on_off" else chargers.min_kw
    steps = int(np.ceil(chargers.max_kw / least_kw - EQUAL)) if least_kw > 0 else 0
    return steps if steps <= MOST_STEPS else 0
