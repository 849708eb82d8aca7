"""The rounding of a battery's meter: a state of charge a hair below a level that matters is at it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from models.station.acceptance import reach_of_kind
from models.station.pack_type import PackType
from models.tolerances import EQUAL, METER_KWH

if TYPE_CHECKING:
    from models.station.instance import Night, Station


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


def station_without_hairs(night: Night) -> Station:
    """The station with states of charge that miss a level by no more than a meter rounds away at that level."""
    levels = {name: _levels_kwh(night, kind) for name, kind in night.pack_types.items()}
    packs, swaps = night.station.packs, night.station.swaps
    pack_socs = [without_hair(pack.soc, night.pack_types[pack.type], levels[pack.type]) for pack in packs]
    swap_socs = [
        None
        if one.returned_soc is None
        else without_hair(one.returned_soc, night.pack_types[one.type], levels[one.type])
        for one in swaps
    ]
    if pack_socs == [pack.soc for pack in packs] and swap_socs == [swap.returned_soc for swap in swaps]:
        return night.station
    return replace(
        night.station,
        packs=tuple(replace(pack, soc=soc) for pack, soc in zip(packs, pack_socs, strict=True)),
        swaps=tuple(replace(swap, returned_soc=soc) for swap, soc in zip(swaps, swap_socs, strict=True)),
    )


def _levels_kwh(night: Night, kind: PackType) -> list[float]:
    own = {night.needed_kwh(swap) for swap in night.station.swaps if swap.type == kind.id}
    needs = {kind.swap_kwh, kind.target_kwh, *own}
    return levels_kwh(kind, needs, night.station.chargers.max_kw, night.horizon.slot_hours, night.horizon.slots)
