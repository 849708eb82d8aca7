"""From level counts to packs: who serves which swap, read off a solution of the level formulation.

Counts say how full the i-th fullest pack is. Real packs are followed through the night, rank by rank:
the i-th fullest charges towards the i-th energy, and drivers get packs that are ready.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.formulations.levels.arrays import LevelArrays
from models.formulations.levels.data import LevelData, start_kwh
from models.station.acceptance import Reach, reach_of_kind
from models.station.instance import Night, Swap, returned_pack_id
from models.station.pack_type import PackType
from models.tolerances import ENERGY_KWH, INTEGRALITY

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LevelSolution:
    """What the level formulation says: fills `counts[type]`, shape (slots, L), and swaps served a class."""

    data: LevelData
    counts: dict[str, Array]
    served: Array

    @property
    def lost(self) -> float:
        """Swaps not served, possibly a fraction."""
        return float(sum(c.size for c in self.data.classes) - self.served.sum())

    def serves_integer(self) -> bool:
        """Is every class served an integer number of times?"""
        return bool(np.all(np.abs(self.served - np.rint(self.served)) < INTEGRALITY))


def read_levels(levels: LevelArrays, point: Array) -> LevelSolution:
    """What a point of the level programme says."""
    return LevelSolution(
        levels.data, {k: point[columns].T for k, columns in levels.fills.items()}, point[levels.served]
    )


@dataclass
class _TrackedPack:
    id: str
    reach: Reach
    energy_kwh: float
    arrive: int
    charge_from: int


EnergyTargets = Callable[[str, int], Array]
"""(type, slot) → energies in kWh at the end of the slot, fullest pack first; packs in turnaround left out."""


def round_assignment(solution: LevelSolution) -> dict[str, str]:
    """Pack id per served swap. Classes served a fraction are rounded to nearest, and so are swaps of several packs."""
    served: set[str] = set()
    shares: dict[str, float] = {}
    swaps = {swap.id: swap for swap in solution.data.night.station.swaps}
    for swap_class, count in zip(solution.data.classes, solution.served, strict=True):
        members = sorted(swap_class.swaps, key=lambda name: swaps[name].pack is None)
        served.update(members[: round(count)])
        shares |= zip(members, np.clip(count - np.arange(len(members)), 0.0, 1.0).tolist(), strict=True)
    night = solution.data.night
    for parts in night.parts_by_swap.values():
        is_served = 2 * sum(shares[part] for part in parts) >= len(parts)
        (served.update if is_served else served.difference_update)(parts)

    def targets(kind: str, t: int) -> Array:
        levels = solution.data.types[kind]
        ranks = np.arange(levels.start_count)[:, None]
        fills = np.clip(solution.counts[kind][t] - ranks, 0.0, 1.0)
        return np.asarray(levels.bands.edges_kwh[0] + fills @ levels.bands.widths_kwh)

    return assign_by_targets(night, served, targets)


def assign_by_targets(night: Night, served: AbstractSet[str], targets: EnergyTargets) -> dict[str, str]:
    """Pack id per swap in `served` when real packs are led along `targets`."""
    return _TargetTracking(night, served, targets).run()


class _TargetTracking:
    """The night, slot by slot, with real packs."""

    def __init__(self, night: Night, served: AbstractSet[str], targets: EnergyTargets) -> None:
        self.night, self.targets = night, targets
        self.wanted = {swap.pack for swap in night.station.swaps if swap.pack is not None and swap.id in served}
        self.present: dict[str, list[_TrackedPack]] = {k: [] for k in sorted(night.pack_types)}
        for pack in night.station.packs:
            reach = self._reach(night.kind_of(pack.id, pack.type))
            self.present[pack.type].append(_TrackedPack(pack.id, reach, start_kwh(night, pack), -1, 0))
        self.swaps: dict[int, list[Swap]] = defaultdict(list)
        for swap in night.station.swaps:
            if swap.id in served:
                self.swaps[swap.slot].append(swap)
        self.by_swap: dict[str, str] = {}

    def run(self) -> dict[str, str]:
        for t in range(self.night.horizon.slots):
            for swap in sorted(self.swaps[t], key=lambda swap: (swap.pack is None, -self.night.needed_kwh(swap))):
                self._swap(swap)
            for kind, packs in self.present.items():
                if packs:
                    self._charge(kind, t)
        return self.by_swap

    def _swap(self, swap: Swap) -> None:
        pack = self._fit_to_leave(swap)
        if pack is None:
            return
        self.present[swap.type].remove(pack)
        self.by_swap[swap.id] = pack.id
        if swap.returned_soc is not None:
            name = returned_pack_id(swap.id)
            kind = self.night.kind_of(name, swap.type)
            energy_kwh = min(swap.returned_soc * kind.capacity_kwh, kind.target_kwh)
            charge_from = swap.slot + self.night.station.turnaround_slots
            arrived = _TrackedPack(name, self._reach(kind), energy_kwh, swap.slot, charge_from)
            self.present[swap.type].append(arrived)

    def _fit_to_leave(self, swap: Swap) -> _TrackedPack | None:
        """The emptiest pack that is ready, else the fullest one: the dispatch step may still get it ready."""
        packs = [pack for pack in self.present[swap.type] if pack.arrive < swap.slot]
        if swap.pack is not None:
            return next((pack for pack in packs if pack.id == swap.pack), None)
        packs = [pack for pack in packs if pack.id not in self.wanted]
        needed_kwh = self.night.needed_kwh(swap) - ENERGY_KWH
        ready = [pack for pack in packs if pack.energy_kwh >= needed_kwh]
        if ready:
            return min(ready, key=lambda pack: pack.energy_kwh)
        return max(packs, key=lambda pack: pack.energy_kwh, default=None)

    def _charge(self, kind: str, t: int) -> None:
        """The i-th fullest pack charges to the i-th goal, as far as a slot allows."""
        packs = [pack for pack in self.present[kind] if pack.charge_from <= t]
        packs.sort(key=lambda pack: -pack.energy_kwh)
        for pack, target_kwh in zip(packs, self.targets(kind, t).tolist(), strict=False):
            most_kwh = pack.reach.after_kwh(pack.energy_kwh)
            pack.energy_kwh = max(pack.energy_kwh, min(target_kwh, most_kwh))

    def _reach(self, kind: PackType) -> Reach:
        return reach_of_kind(kind, self.night.station.chargers.max_kw, self.night.horizon.slot_hours)
