"""How far what really stands in the bays is from what was carried there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.station.instance import Night
from models.tolerances import ENERGY_KWH
from optimizer.carry.standing import StandingPack

SAME_SOC = 0.005  # charge that differs by no more is the same: meters show whole per cents


@dataclass(frozen=True)
class Correction:
    """Of one station: `packs` that really stand there, `differ` of the bays with another pack, none, or another charge
    than carried; what the packs hold more in kWh, all together (less: negative), and the pack that differs most, by
    `most_kwh`: of its bay, in what stands there."""

    packs: int
    differ: int
    more_kwh: float
    most: str = ""
    most_kwh: float = 0.0

    def __add__(self, other: Correction) -> Correction:
        most = max((self, other), key=lambda one: abs(one.most_kwh))
        return Correction(
            self.packs + other.packs,
            self.differ + other.differ,
            self.more_kwh + other.more_kwh,
            most.most,
            most.most_kwh,
        )


def correction(carried: Sequence[StandingPack], real: Sequence[StandingPack], night: Night) -> Correction:
    """Bay by bay."""
    before, now = ({pack.bay: pack for pack in packs} for packs in (carried, real))
    bays = sorted(before.keys() | now.keys())
    differ = [bay for bay in bays if _differs(before.get(bay), now.get(bay), night)]
    more_kwh = {bay: _kwh(now, bay) - _kwh(before, bay) for bay in bays}
    most = max(differ, key=lambda bay: abs(more_kwh[bay]), default=None)
    if most is None:
        return Correction(len(real), 0, sum(more_kwh.values()))
    pack = now.get(most) or before[most]
    return Correction(len(real), len(differ), sum(more_kwh.values()), pack.id, more_kwh[most])


def _kwh(packs: Mapping[int, StandingPack], bay: int) -> float:
    return packs[bay].energy_kwh if bay in packs else 0.0


def _differs(one: StandingPack | None, other: StandingPack | None, night: Night) -> bool:
    if one is None or other is None:
        return one is not other
    is_same = (one.id, one.type, one.usable) == (other.id, other.type, other.usable)
    capacity_kwh = night.pack_types[other.type].capacity_kwh
    return not is_same or abs(one.energy_kwh - other.energy_kwh) > SAME_SOC * capacity_kwh + ENERGY_KWH
