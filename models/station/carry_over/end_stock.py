"""What stands in the bays when a night is over: the next night's packs."""

from __future__ import annotations

from dataclasses import dataclass

from models.station.cost import packs_at_end, type_of_pack
from models.station.instance import Night
from models.station.schedule import Schedule


@dataclass(frozen=True)
class Stock:
    """A pack in a bay: its type and its energy in kWh."""

    bay: int
    type: str
    energy_kwh: float


@dataclass(frozen=True)
class PackAtEnd:
    """The same with the pack's id in the plan, its temperature in °C where the night states one, and whether it may be
    used."""

    pack: str
    bay: int
    type: str
    energy_kwh: float
    temperature_c: float | None = None
    usable: bool = True


def packs_standing_at_end(night: Night, schedule: Schedule) -> tuple[PackAtEnd, ...]:
    """The packs that are there after the last slot, by bay. An empty bay has none."""
    arrivals, kinds, hours = packs_at_end(night, schedule), type_of_pack(night), night.horizon.slot_hours
    stated = {pack.id: (pack.temperature_c, pack.usable) for pack in night.station.packs}
    standing = (
        PackAtEnd(
            row.pack,
            night.station.bay_number(row.bay),
            kinds[row.pack],
            arrivals[row.pack] + hours * sum(row.power_kw),
            *stated.get(row.pack, (None, True)),
        )
        for row in schedule.rows
        if row.pack in arrivals
    )
    return tuple(sorted(standing, key=lambda one: one.bay))


def stock_at_end(night: Night, schedule: Schedule) -> tuple[Stock, ...]:
    """The same as a stock, whatever the packs are called."""
    return tuple(Stock(one.bay, one.type, one.energy_kwh) for one in packs_standing_at_end(night, schedule))
