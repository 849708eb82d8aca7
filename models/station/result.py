"""What planning a station yields: the plan, its bill, its certificate, how it was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.station.cost import Cost
from models.station.instance import Night
from models.station.schedule import Certificate, Schedule


@dataclass(frozen=True)
class StationPlan:
    """One station's plan, checked and billed.

    `status`: gap_reached | gap_not_reached | time_limit, why the search stopped. `method`: what found
    the plan. `baseline`: the bill of charging on arrival. Seconds are wall time of this process;
    `stage_seconds` splits them: solver | model | rounding | check. `is_bound_recomputed`: does the bound come from
    duals by weak duality, worked out here, and not from a solver's word?
    """

    night: Night
    schedule: Schedule
    cost: Cost
    certificate: Certificate
    status: str
    method: str
    baseline: Cost
    runtime_seconds: float = 0.0
    solver_seconds: float = 0.0
    stage_seconds: Mapping[str, float] = field(default_factory=dict)
    log: tuple[str, ...] = field(default=())
    is_bound_recomputed: bool = False

    @property
    def swaps_served(self) -> int:
        """Drivers who get a pack."""
        return len(self.schedule.hand_overs)

    @property
    def swaps_lost(self) -> int:
        """Drivers who do not."""
        return len(self.night.station.swaps) - self.swaps_served
