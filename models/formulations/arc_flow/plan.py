"""From integer flow to single packs: who charges when, who serves whom. The way back from `arc_flow`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.formulations.arc_flow.flow import ArcFlow, Leaving, Moves
from models.formulations.arc_flow.network import State
from models.formulations.matrix import Array
from models.station.acceptance import reach_kwh
from models.station.instance import Night, returned_pack_id
from models.station.stays import Stay, stays_of

Place = tuple[int, State]


@dataclass(frozen=True)
class ArcPlan:
    """Stays and their power in kW, shape (stays, slots); by slot, or none at all: solar power used in kW, packs by
    which the reserve falls short."""

    stays: list[Stay]
    power_kw: Array
    solar_used_kw: tuple[float, ...]
    shortfall: tuple[int, ...]


def arc_plan(flow: ArcFlow, point: Array) -> ArcPlan:
    """The plan of a point whose columns are integer within a solver's tolerance. Raises ValueError where there is none:
    the point breaks the programme.

    Packs in one state are interchangeable, so whoever comes first goes first. Powers follow from exact energies.
    """
    named = _PackByPack(flow, [round(value) for value in point.tolist()])
    if any(named.count[left.column] < 0 for left in flow.leaving):
        raise ValueError("fewer than no packs are handed over")
    slots = flow.network.night.horizon.slots
    for t in range(slots):
        named.swap(t)
        named.charge(t)
    short = tuple(named.count[flow.short[t]] if t in flow.short else 0 for t in range(slots))
    solar = tuple(float(point[column]) if column >= 0 else 0.0 for column in flow.solar_kw.tolist())
    stays = stays_of(flow.network.night, named.by_swap)
    power_kw = _powers(flow.network.night, stays, named.charging)
    return ArcPlan(stays, power_kw, solar if max(flow.solar_kw) >= 0 else (), short if any(short) else ())


class _PackByPack:
    """Packs by name in their states, slot after slot, as the counts of the columns say."""

    def __init__(self, flow: ArcFlow, count: list[int]) -> None:
        self.network, self.count = flow.network, count
        self.leaving: dict[int, list[Leaving]] = defaultdict(list)
        self.moves: dict[int, list[Moves]] = defaultdict(list)
        for left in flow.leaving:
            self.leaving[left.slot].append(left)
        for move in flow.moves:
            self.moves[move.slot].append(move)
        self.there: dict[Place, list[str]] = defaultdict(list)
        self.home: dict[int, int] = {}  # pack_group that the packs of a swap_group join
        for number, pack_group in enumerate(self.network.pack_groups):
            for state, packs in pack_group.start.items():
                self.there[number, state] += packs
            for by_state in pack_group.brings.values():
                self.home |= {swap_group: number for swap_groups in by_state.values() for swap_group in swap_groups}
        self.unserved = [list(swap_group.swaps) for swap_group in self.network.swap_groups]
        self.asked_pack = {swap.id: swap.pack for swap in self.network.night.station.swaps}
        self.by_swap: dict[str, str] = {}
        self.charging: dict[str, set[int]] = defaultdict(set)

    def swap(self, t: int) -> None:
        """Hand over, then let in what is brought: nobody gets a pack of the same slot."""
        coming: list[tuple[Place, str]] = []
        for left in self.leaving[t]:
            for _ in range(self.count[left.column]):
                pack = self._taken(left.pack_group, left.state)
                swap = self._swap_for(left.swap_group, pack)
                self.by_swap[swap] = pack
                if (returned := self.network.swap_groups[left.swap_group].returned) is not None:
                    coming.append(((self.home[left.swap_group], returned), returned_pack_id(swap)))
        for place, pack in coming:
            self.there[place].append(pack)

    def _taken(self, pack_group: int, state: State) -> str:
        """Whoever came to the state first. Raises ValueError where there is nobody."""
        there = self.there[pack_group, state]
        if not there:
            raise ValueError("a pack is handed over that is not there")
        return there.pop(0)

    def _swap_for(self, swap_group: int, pack: str) -> str:
        """A swap of the swap_group that takes this pack: any, or the one that asks for it by name."""
        waiting = self.unserved[swap_group]
        swap = next((swap for swap in waiting if self.asked_pack[swap] in (None, pack)), None)
        if swap is None:
            raise ValueError("more packs are handed over than there are swaps")
        waiting.remove(swap)
        return swap

    def charge(self, t: int) -> None:
        """Charge as many of each state as the columns say. Raises ValueError if there are fewer."""
        later: dict[Place, list[str]] = defaultdict(list)
        for move in self.moves[t]:
            packs = self.there[move.pack_group, move.state]
            count = self.count[move.charge] if move.charge >= 0 else 0
            if not 0 <= count <= len(packs):
                raise ValueError("more packs charge than there are")
            after = self.network.charged(self.network.pack_groups[move.pack_group], move.state)
            if after is not None:
                later[move.pack_group, after] += packs[:count]
            for pack in packs[:count]:
                self.charging[pack].add(t)
            later[move.pack_group, move.state.idle(t)] += packs[count:]
        self.there = later


def _powers(night: Night, stays: Sequence[Stay], charging: Mapping[str, Collection[int]]) -> Array:
    """Power of each stay in the slots in which its pack charges: the most it takes, from its exact energy."""
    max_kw, hours = night.station.chargers.max_kw, night.horizon.slot_hours
    power_kw = np.zeros((len(stays), night.horizon.slots))
    for s, stay in enumerate(stays):
        energy_kwh = stay.start_kwh
        for t in sorted(charging.get(stay.pack, ())):
            after_kwh = reach_kwh(night.kind_of(stay.pack, stay.type), max_kw, hours, energy_kwh)
            power_kw[s, t] = (after_kwh - energy_kwh) / hours
            energy_kwh = after_kwh
    return power_kw
