"""The rounding of a battery's meter: a state of charge a hair below a level that matters is at it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from models.station.acceptance import reach_of_kind
from models.station.pack_type import PackType
from models.station.packs.pack import Pack
from models.station.swap import Swap
from models.tolerances import EQUAL, METER_KWH

ChargingSlots = tuple[float, float, int]
"""The charger's most power in kW, hours of a slot, number of slots."""


def without_hair(soc: float, kind: PackType, levels: Sequence[float]) -> float:
    """The state of charge of the next of `levels` (kWh, sorted) where METER_KWH or less is missing; else `soc`."""
    energy_kwh = soc * kind.capacity_kwh
    place = bisect_right(levels, energy_kwh)
    is_a_hair = place < len(levels) and EQUAL < levels[place] - energy_kwh <= METER_KWH
    return levels[place] / kind.capacity_kwh if is_a_hair else soc


def levels_kwh(kind: PackType, needs_kwh: Iterable[float], max_kw: float, slot_hours: float, slots: int) -> list[float]:
    """What drivers are to get and where charging stops, in kWh, and from where a charger gets there in whole slots."""
    return sorted({kwh for need in needs_kwh for kwh in _ladder_down_kwh(kind, need, max_kw, slot_hours, slots)})


@lru_cache(maxsize=1024)
def _ladder_down_kwh(
    kind: PackType, level_kwh: float, max_kw: float, slot_hours: float, slots: int
) -> tuple[float, ...]:
    """The level, and the energies from which slots of full power lead there; the level alone where a curve is known at
    some temperatures only. The stations of a network have them in common."""
    ladder = [level_kwh]
    if kind.acceptance_at_c:
        return (level_kwh,)
    reach = reach_of_kind(kind, max_kw, slot_hours)
    for _ in range(slots):
        before_kwh = reach.before_kwh(ladder[-1])
        if before_kwh <= 0 or ladder[-1] - before_kwh <= METER_KWH:
            break
        ladder.append(before_kwh)
    return tuple(ladder)


def without_hairs(
    pack_types: Mapping[str, PackType], needs_kwh: Mapping[str, set[float]], power: ChargingSlots,
    packs: tuple[Pack, ...], swaps: tuple[Swap, ...],
) -> tuple[tuple[Pack, ...], tuple[Swap, ...]]:  # fmt: skip
    """Packs and swaps with states of charge that miss a level by no more than a meter rounds away at that level.

    `needs_kwh`: energies that matter by pack type, target and hand-over aside. The very tuples where nothing changes.
    """
    levels = {
        name: levels_kwh(kind, {kind.swap_kwh, kind.target_kwh, *needs_kwh[name]}, *power)
        for name, kind in pack_types.items()
    }

    def forgiven(soc: float, name: str) -> float:
        return without_hair(soc, pack_types[name], levels[name])

    pack_socs = [forgiven(pack.soc, pack.type) for pack in packs]
    swap_socs = [None if one.returned_soc is None else forgiven(one.returned_soc, one.type) for one in swaps]
    if pack_socs != [pack.soc for pack in packs]:
        packs = tuple(replace(pack, soc=soc) for pack, soc in zip(packs, pack_socs, strict=True))
    if swap_socs != [swap.returned_soc for swap in swaps]:
        swaps = tuple(replace(swap, returned_soc=soc) for swap, soc in zip(swaps, swap_socs, strict=True))
    return packs, swaps
