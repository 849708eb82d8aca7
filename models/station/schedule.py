"""What a plan says: power per pack and slot, who gets which pack, solar used, reserve given up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class HandOver:
    """The swap `swap` gets the pack `pack`; the pack it returns takes the same bay."""

    swap: str
    pack: str


@dataclass(frozen=True)
class PackRow:
    """One pack's stay in one bay: power into the pack in kW, one value a slot (0 while it is not there)."""

    pack: str
    bay: int
    power_kw: tuple[float, ...]


@dataclass(frozen=True)
class Schedule:
    """A station's plan. `solar_used_kw`, `reserve_shortfall`: one value a slot, or empty for none at all.

    Packs that drivers bring are named by `models.station.instance.returned_pack_id`.
    """

    station: str
    rows: tuple[PackRow, ...]
    hand_overs: tuple[HandOver, ...]
    solar_used_kw: tuple[float, ...] = ()
    reserve_shortfall: tuple[int, ...] = ()

    def by_swap(self) -> Mapping[str, str]:
        """Pack id handed over to each served swap."""
        return {h.swap: h.pack for h in self.hand_overs}
