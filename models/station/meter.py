"""The rounding of a battery's meter: a state of charge a hair below a level that matters is at it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache

from models.station.acceptance import reach_of_kind
from models.station.pack_type import PackType
from models.tolerances import EQUAL, METER_KWH


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
