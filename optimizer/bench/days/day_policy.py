"""What a policy of one's own is: it is asked in every slot of a day, and knows the state and the day so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from models.station.instance import Night


@dataclass(frozen=True)
class PackNow:
    """What stands in a bay, after the swaps of the slot. `type`: "" and all else 0 where the bay is empty.

    `most_kw`: power into the pack that charger, curve and target allow in this slot; 0 where it may not charge.
    """

    type: str
    energy_kwh: float
    is_ready: bool
    most_kw: float


@dataclass(frozen=True)
class DriverCame:
    """A driver of the day so far. `returned_soc`: of what was brought, None for nothing."""

    slot: int
    type: str
    packs: int
    returned_soc: float | None
    is_served: bool


@dataclass(frozen=True)
class StationNow:
    """A slot of a day, after its swaps. `day`: its number, for a policy that remembers: days are played side by side.

    `packs`: one a bay, in the order of `night.station.packs`, whose bays they were at the start. `drivers`: all who
    came up to now, those of this slot included. `drawn_kw`: power drawn from the grid, one value for each slot before.
    """

    day: int
    slot: int
    packs: tuple[PackNow, ...]
    drivers: tuple[DriverCame, ...]
    drawn_kw: tuple[float, ...]


Decide = Callable[[StationNow], Sequence[float]]
"""Power into the pack of each bay in this slot, kW. More than can be is cut: to what packs, chargers, grid allow."""


@dataclass(frozen=True)
class DayPolicy:
    """A competitor of the uncertainty track. `name` is unique; `what`: a few words.

    `prepare`: called once for an instance, with the night as it is expected and the training days, each a night with
    the drivers who come; it returns what decides. The same days should give the same decisions.
    """

    name: str
    what: str
    prepare: Callable[[Night, Sequence[Night]], Decide]
