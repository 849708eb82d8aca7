"""Energies that a cheapest charging pattern passes through, and the arcs between them: (9.7) of models/README.md.

At given on-slots the cheapest powers are the least or the most in every slot but one between them, which leads to the
need or to the target, or one last slot that ends at the target. So energies lie on lattices of step u: from the energy
on arrival up, and from the need and the target down.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.formulations.matrix import Array, Index
from models.formulations.patterns.packs import PatternPacks
from models.tolerances import EQUAL, MISSING_KWH

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Arcs:
    """Ways to charge in a slot, one an entry: from level q of lattice `source` to level q + `shift` of `goal`.

    `kwh[arc, row]`: what it takes, inf where the row cannot.
    """

    source: Index
    goal: Index
    shift: Index
    kwh: Array


@dataclass(frozen=True)
class Lattices:
    """States of the packs of a type: `energy_kwh[l, r, q]` on lattice l at level q; `exists` where row r has it.

    The last lattice leads to the target, which is its level `full[r]` (−1: the pack comes full). `short_level[l, r]`,
    `short_kwh[l, r]`: from where a last slot fills the pack whatever the least power, and what it takes; −1 where none
    does. `trickles`: may such a slot follow a slot that as good as fills the pack, to keep it plugged?
    """

    energy_kwh: Array
    exists: Mask
    full: Index
    arcs: Arcs
    short_level: Index
    short_kwh: Array
    trickles: bool


def lattices_of(packs: PatternPacks, *, ready_on_the_way: bool) -> Lattices:
    """The lattices of a type. `ready_on_the_way`: may it pay to hold just the need early and more later, as a reserve
    may ask?"""
    step, room = packs.step_kwh, packs.target_kwh - packs.energy_kwh
    to_target = room / step
    full = np.where(room > MISSING_KWH, _levels_below(to_target), -1)
    offsets, highest = [np.zeros_like(step)], [full]
    if packs.steps != 1 and packs.need_kwh < packs.target_kwh - 2 * MISSING_KWH:
        to_need = (packs.need_kwh - packs.energy_kwh) / step
        level = np.where(packs.is_ready, -1, _levels_below(to_need))
        offset = np.where(level >= 0, to_need - level, 0.0)
        beyond = _levels_below(to_target - offset) if ready_on_the_way else level
        offsets.append(offset)
        highest.append(np.where(level >= 0, beyond, -1))
    offsets.append(np.where(full >= 0, to_target - full, 0.0))
    highest.append(full)
    return _assembled(packs, np.array(offsets), np.array(highest))


def _levels_below(steps: Array) -> Index:
    """The last whole number of steps that ends short of `steps`."""
    return np.asarray(np.ceil(steps - EQUAL) - 1, dtype=np.int64)


def _assembled(packs: PatternPacks, offset: Array, highest: Index) -> Lattices:
    """`offset[l, r]` in steps above the energy on arrival, `highest[l, r]` the last level."""
    step, room = packs.step_kwh, packs.target_kwh - packs.energy_kwh
    levels = np.arange(max(1, int(highest.max(initial=0)) + 1))
    exists = levels <= highest[:, :, None]
    exists[0, :, 0] = True
    energy = packs.energy_kwh[:, None] + (levels + offset[:, :, None]) * step[:, None]
    short = np.minimum(_levels_below(room / step - offset), highest)
    gap = room / step - offset - short
    fills = (short >= 0) & (gap <= 1 + EQUAL) & (highest[-1] >= 0) & (packs.steps > 0)
    fills[-1] = False
    return Lattices(
        energy_kwh=energy,
        exists=exists,
        full=highest[-1],
        arcs=_arcs(packs, offset),
        short_level=np.where(fills, short, -1),
        short_kwh=np.where(fills, gap * step, np.inf),
        trickles=packs.steps > 1,
    )


def _arcs(packs: PatternPacks, offset: Array) -> Arcs:
    found = [arc for goal in range(len(offset)) for arc in _arcs_to(packs, offset, goal)]
    source, goal, shift = (np.array([arc[n] for arc in found], dtype=np.int64) for n in range(3))
    return Arcs(source, goal, shift, np.array([arc[3] for arc in found]))


def _arcs_to(packs: PatternPacks, offset: Array, goal: int) -> Iterator[tuple[int, int, int, Array]]:
    """The least and the most along a lattice; anything between them to a later one."""
    step, most = packs.step_kwh, max(packs.steps, 1)
    for shift in sorted({min(packs.steps, 1), most}):
        yield goal, goal, shift, shift * step
    if packs.steps == 1:
        return
    for source in range(goal):
        for shift in range(most + 1):
            steps = shift + offset[goal] - offset[source]
            can = (steps >= min(packs.steps, 1) - EQUAL) & (steps <= most + EQUAL)
            if goal == len(offset) - 1 and packs.steps:
                can &= steps > 1 + EQUAL  # the least power on to the target is a filling slot: no trickle can follow
            if can.any():
                yield source, goal, shift, np.where(can, np.maximum(steps, 0.0) * step, np.inf)
