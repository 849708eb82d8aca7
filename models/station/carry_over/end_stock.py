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


def stock_at_end(night: Night, schedule: Schedule) -> tuple[Stock, ...]:
    """The packs that are there after the last slot, by bay. An empty bay has none."""
    arrivals, kinds, hours = packs_at_end(night, schedule), type_of_pack(night), night.horizon.slot_hours
    stock = (
        Stock(night.station.bay_number(row.bay), kinds[row.pack], arrivals[row.pack] + hours * sum(row.power_kw))
        for row in schedule.rows
        if row.pack in arrivals
    )
    return tuple(sorted(stock, key=lambda one: one.bay))
