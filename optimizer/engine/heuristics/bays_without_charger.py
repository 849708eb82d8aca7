"""Assignments that know which bays have a charger: the pack that comes into one without is never charged.

Formulations of assignments know it of the packs of the start only, and bound the rest: a returned pack charges there
wherever it stands. Here what they ask of packs that stand uncharged is asked of others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from models.formulations.levels.data import start_kwh
from models.station.instance import Night, Swap, returned_pack_id
from models.tolerances import MISSING_KWH


@dataclass(frozen=True)
class _Standing:
    """A pack in its bay: what it holds on arrival, when it came, from when on it may charge (None: never)."""

    id: str
    type: str
    energy_kwh: float
    arrive: int
    charge_from: int | None

    def most_kwh(self, slot: int, full_kwh: float) -> float:
        """The most that it can hold when `slot` begins; a slot of charging gives `full_kwh` at the most."""
        slots = 0 if self.charge_from is None else max(0, slot - self.charge_from)
        return self.energy_kwh + slots * full_kwh


def in_their_bays(night: Night, by_swap: Mapping[str, str]) -> dict[str, str]:
    """The assignment (pack by swap, of `Night.by_pack`) with other packs where a pack that is never charged, or never
    comes, would have to serve. Swaps that no pack can serve then are lost; as it is where all packs have chargers."""
    return _InTheirBays(night, by_swap).run() if night.station.has_packs_without_charger else dict(by_swap)


class _InTheirBays:
    def __init__(self, night: Night, by_swap: Mapping[str, str]) -> None:
        self.night, self.by_swap = night, by_swap
        self.slot_of = {swap.id: swap.slot for swap in night.station.swaps}
        self.planned = {pack: self.slot_of[swap] for swap, pack in by_swap.items()}
        self.wanted = {swap.pack for swap in night.station.swaps if swap.pack is not None and swap.id in by_swap}
        self.there = {pack.id: pack for pack in self._first()}

    def _first(self) -> Iterator[_Standing]:
        station = self.night.station
        for bay, pack in zip(station.bay_numbers, station.packs, strict=True):
            charge_from = 0 if station.has_charger(bay) else None
            yield _Standing(pack.id, pack.type, start_kwh(self.night, pack), -1, charge_from)

    def run(self) -> dict[str, str]:
        kept: dict[str, str] = {}
        for swap in sorted(self.night.station.swaps, key=lambda swap: swap.slot):
            pack = self._pack_for(swap) if swap.id in self.by_swap else None
            if pack is not None:
                kept[swap.id] = pack.id
                del self.there[pack.id]
                self._return(swap, pack)
        return kept

    def _pack_for(self, swap: Swap) -> _Standing | None:
        """Its own pack if it can be ready, else one that nobody takes, at a charger first, or the one taken last."""
        own = self.by_swap[swap.id]
        fit = [pack for pack in self.there.values() if self._is_fit(pack, swap)]
        never = self.night.horizon.slots

        def rank(pack: _Standing) -> tuple[bool, int, bool]:
            return pack.id != own, -self.planned.get(pack.id, never), pack.charge_from is None

        return min(fit, key=rank, default=None)

    def _is_fit(self, pack: _Standing, swap: Swap) -> bool:
        is_free = pack.id == swap.pack if swap.pack is not None else pack.id not in self.wanted
        most_kwh = pack.most_kwh(swap.slot, self.night.reach_full_kwh)
        is_ready = most_kwh >= self.night.needed_kwh(swap) - MISSING_KWH
        return is_free and pack.type == swap.type and pack.arrive < swap.slot and is_ready

    def _return(self, swap: Swap, given: _Standing) -> None:
        if swap.returned_soc is None:
            return
        kind, wait = self.night.pack_types[swap.type], self.night.station.turnaround_slots
        energy_kwh = min(kind.target_kwh, swap.returned_soc * kind.capacity_kwh)
        charge_from = None if given.charge_from is None else swap.slot + wait
        name = returned_pack_id(swap.id)
        self.there[name] = _Standing(name, swap.type, energy_kwh, swap.slot, charge_from)
