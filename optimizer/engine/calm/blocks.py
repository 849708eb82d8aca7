"""One stay's charging in as few blocks as its cheapest slots allow: the others stay as they are."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.formulations.matrix import Array, Index
from models.tolerances import EQUAL, SOLVER_KW

Mask = NDArray[np.bool_]
SAME_ROOM_DIGITS = 5  # rooms in kW that agree to so many are one: a solver's noise is no reason to choose
SMALLEST_KW = 0.01  # room for less is none: no charger is set to it


class _Run(NamedTuple):
    """Slots `first` … `end` − 1 with room for `room_kw` in sum; whether charging adjoins before and after."""

    first: int
    end: int
    room_kw: float
    after: bool
    before: bool

    @property
    def adjoins(self) -> bool:
        return self.after or self.before


def cheapest_blocks(room_kw: Array, price: Array, order: Index, wanted_kw: float) -> Array | None:
    """Power by slot, `wanted_kw` in sum, at least cost and then in as few blocks as can be, the early ones first.

    `room_kw`, `price`: by slot of the stay's window; `order`: its slots, the cheapest first. None where there is too
    little room. Slots cheaper than the dearest price needed are all used; of those at that price, runs that adjoin
    charging cost no start, and one that lies between two of them saves one if it is filled.
    """
    filled = np.cumsum(room_kw[order])
    last = int(np.searchsorted(filled, wanted_kw - SOLVER_KW))
    if last >= len(order):
        return None
    dearest = price[order[last]]
    there = room_kw > SMALLEST_KW
    cheap = there & (price < dearest - EQUAL)
    power_kw = np.where(cheap, room_kw, 0.0)
    left_kw = wanted_kw - float(power_kw.sum())
    runs = _runs(there & (np.abs(price - dearest) <= EQUAL), cheap, room_kw)
    for run in _chosen(runs, left_kw):
        taken_kw = min(left_kw, run.room_kw)
        _fill(power_kw, room_kw, run, taken_kw)
        left_kw -= taken_kw
    return power_kw if left_kw <= SOLVER_KW else None


def edges(mask: Mask) -> list[tuple[int, int]]:
    """First slot and end of each run of True."""
    slots = np.flatnonzero(mask).tolist()
    if not slots:
        return []
    gaps = [(left + 1, right) for left, right in pairwise(slots) if right > left + 1]
    return list(zip([slots[0], *(right for _, right in gaps)], [*(end for end, _ in gaps), slots[-1] + 1], strict=True))


def starts_of(power_kw: Array, idle_kw: float) -> int:
    """Slots in which charging begins."""
    return len(edges(power_kw > idle_kw))


def _runs(open_slots: Mask, cheap: Mask, room_kw: Array) -> list[_Run]:
    return [
        _Run(
            first, end, float(room_kw[first:end].sum()),
            after=bool(first > 0 and cheap[first - 1]), before=bool(end < len(cheap) and cheap[end]),
        )
        for first, end in edges(open_slots)
    ]  # fmt: skip


def _chosen(runs: list[_Run], wanted_kw: float) -> list[_Run]:
    """Runs in the order in which they are filled: what joins two blocks first, if it can be filled; then what adjoins
    one; then the first run with room for all that is left, or else the largest."""
    beside = [run for run in runs if run.adjoins]
    if wanted_kw <= sum(run.room_kw for run in beside) + SOLVER_KW:
        left_kw, joining = wanted_kw, []
        for run in sorted(
            (run for run in beside if run.after and run.before),
            key=lambda run: (round(run.room_kw, SAME_ROOM_DIGITS), run.first),
        ):
            if run.room_kw <= left_kw + SOLVER_KW:
                joining.append(run)
                left_kw -= run.room_kw
        return joining + [run for run in beside if run not in joining]
    left_kw, chosen, apart = wanted_kw - sum(run.room_kw for run in beside), beside, [r for r in runs if not r.adjoins]
    while left_kw > SOLVER_KW and apart:
        fitting = [run for run in apart if run.room_kw >= left_kw - SOLVER_KW]
        run = fitting[0] if fitting else max(apart, key=lambda run: (round(run.room_kw, SAME_ROOM_DIGITS), -run.first))
        chosen = [*chosen, run]
        apart.remove(run)
        left_kw -= run.room_kw
    return chosen


def _fill(power_kw: Array, room_kw: Array, run: _Run, taken_kw: float) -> None:
    """From the end that adjoins, or else the first slot, on: all the room, what is left over in the last slot."""
    slots = slice(run.first, run.end)
    backwards = run.before and not run.after
    room = room_kw[slots][::-1] if backwards else room_kw[slots]
    taken = np.minimum(np.maximum(taken_kw - (np.cumsum(room) - room), 0.0), room)
    power_kw[slots] = taken[::-1] if backwards else taken
