"""What a dispatcher sees of a plan's charging: how often it starts, at how many powers, how weak."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import compress, pairwise

from models.station.schedule import Schedule
from models.tolerances import CHARGING_KW

WEAK_KW = 5.0  # a set-point below is weak
POWER_DIGITS = 3  # of powers that count as one


@dataclass(frozen=True)
class ChargingFigures:
    """Of a plan: `stays_charged`, packs' stays that charge; `starts`, slots in which one begins to; `powers`, distinct
    powers of each stay, to a watt, summed over stays; `weak_set_points`, charging slots below WEAK_KW."""

    stays_charged: int = 0
    starts: int = 0
    powers: int = 0
    weak_set_points: int = 0

    def __add__(self, other: ChargingFigures) -> ChargingFigures:
        return ChargingFigures(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(ChargingFigures)))

    @property
    def starts_per_stay(self) -> float | None:
        """None where nothing charges."""
        return self.starts / self.stays_charged if self.stays_charged else None

    @property
    def powers_per_stay(self) -> float | None:
        """None where nothing charges."""
        return self.powers / self.stays_charged if self.stays_charged else None


def charging_figures(schedule: Schedule) -> ChargingFigures:
    """The figures of a schedule, one row a stay."""
    stays = starts = powers = weak = 0
    for row in schedule.rows:
        power_kw = row.power_kw
        used = compress(range(len(power_kw)), power_kw)  # most slots have no power: they are passed over fast
        slots = [slot for slot in used if power_kw[slot] > CHARGING_KW]
        if slots:
            powers_kw = [power_kw[slot] for slot in slots]
            stays += 1
            starts += 1 + sum(slot > before + 1 for before, slot in pairwise(slots))
            powers += len({round(kw, POWER_DIGITS) for kw in set(powers_kw)})
            weak += sum(kw < WEAK_KW for kw in powers_kw)
    return ChargingFigures(stays, starts, powers, weak)
