"""A pack of the start: its charge, its bay, whether it may be used."""

from __future__ import annotations

from dataclasses import dataclass

from models.errors import refuse
from models.rules import share_of_capacity


@dataclass(frozen=True)
class Pack:
    """A pack that is in the station when the night begins; `temperature_c` None: that of the station, in °C.

    `bay`: name or number of its bay, numbers from 0; None: the first bay that no other pack is said to stand in.
    One that is not `usable`, in quarantine or maintenance, is neither charged nor handed over. It keeps its bay.
    """

    id: str
    type: str
    soc: float
    temperature_c: float | None = None
    bay: int | str | None = None
    usable: bool = True

    def __post_init__(self) -> None:
        refuse(share_of_capacity("soc", self.soc))
