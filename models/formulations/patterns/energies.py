"""Energies between which a cheapest charging pattern along a curve moves: (9.14) of models/README.md.

At given on-slots the energies e_1, e_2, … at their ends keep e_{k−1} ≤ e_k ≤ R(e_{k−1}), R a polyline. Where it is
known in which piece of R each slot begins, that is a polytope, and its vertices are chains of slots at no or at full
power that pass through a given energy: the one on arrival, the need, the target, or one at which R bends. So the
orbits of these under R and R⁻¹ are all the energies that a cheapest pattern needs, whatever the shape of the curve.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from models.formulations.matrix import Array, Index
from models.station.acceptance import Reach
from models.tolerances import EQUAL


@dataclass(frozen=True)
class Energies:
    """`kwh`: energies, rising; a slot at full power leads from `kwh[q]` to `kwh[top[q]]`, or just below it.

    `spread_kwh`: by how much an energy of a pattern may have to be rounded up to be one of these; 0 where they are all
    that is needed.
    """

    kwh: Array
    top: Index
    spread_kwh: float

    def place_of(self, energy_kwh: Array) -> Index:
        """Numbers of the first energies at or above the given ones."""
        return np.asarray(np.searchsorted(self.kwh, energy_kwh - EQUAL * self.kwh[-1]))


def energies_along(reach: Reach, arrivals_kwh: Iterable[float], levels_kwh: Iterable[float], most: int) -> Energies:
    """The energies for packs that arrive with `arrivals_kwh`, at most E, and may be asked for `levels_kwh`.

    Beyond `most` of them some are left out: `spread_kwh` then says what that costs.
    """
    target = reach.kind.target_kwh
    arrivals = sorted({*arrivals_kwh, target})
    low = arrivals[0]
    bends = [kwh for kwh in reach.polyline.xs if low < kwh < target] if reach.kind.has_curve else []
    levels = [kwh for kwh in levels_kwh if low < kwh < target]
    kept, found = {*arrivals, *levels}, set(arrivals) | set(levels)
    if not reach.kind.has_curve:
        bends = [kwh for kwh in (reach.before_kwh(target),) if low < kwh]
    for kwh in (target, *levels, *bends):
        found.update(_orbit(reach.before_kwh, kwh, low, target, most))
    for kwh in (*arrivals, *levels, *bends):
        found.update(_orbit(reach.after_kwh, kwh, low, target, most))
    energies = _apart(np.array(sorted(found)), EQUAL * max(1.0, target))
    spread = 0.0
    if len(energies) > most:
        energies, spread = _thinned(energies, np.array(sorted(kept)), (target - low) / most)
    after = np.array([reach.after_kwh(kwh) for kwh in energies.tolist()])
    top = np.searchsorted(energies, after - EQUAL * max(1.0, target))
    return Energies(energies, np.minimum(top, len(energies) - 1), spread)


def _orbit(step: Callable[[float], float], kwh: float, low: float, high: float, most: int) -> Iterator[float]:
    """`kwh`, and where slots of full power lead from it, as long as they lead on, between `low` and `high`.

    Beyond `most` steps, of a curve that has next to no power left, only a grid of the rest: it is thinned anyway.
    """
    for _ in range(most):
        if not low <= kwh <= high:
            return
        yield kwh
        after = step(kwh)
        if abs(after - kwh) <= EQUAL * max(1.0, high):
            return
        kwh, is_falling = after, after < kwh
    yield from np.linspace(kwh, low if is_falling else high, most).tolist()


def _apart(energies: Array, distance: float) -> Array:
    """Of energies nearer to the next than `distance` only the last."""
    return np.asarray(energies[np.append(np.diff(energies) > distance, True)])


def _thinned(energies: Array, kept: Array, distance: float) -> tuple[Array, float]:
    """Every energy that is kept, and of the others the last of each stretch; the widest step between two of them."""
    stretch = np.floor((energies - energies[0]) / distance)
    some = energies[np.append(np.diff(stretch) > 0, True)]
    thin = _apart(np.union1d(some, kept), EQUAL * max(1.0, float(energies[-1])))
    return thin, float(np.diff(thin).max(initial=0.0))
