"""What a plan does for days that do not follow the forecast: ready packs wanted by slot, and a rule."""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.station.demand.rule import ControlRule
from models.station.hedging.hedge_figures import HedgeFigures
from models.station.instance import Night


@dataclass(frozen=True)
class Hedge:
    """`ready_targets`: packs wanted ready after the swaps of each slot. `reserve_cost`: currency for each one that is
    missing in a slot. `method`: how targets and rule were chosen, in words. `figures`: None where no days were played.
    """

    ready_targets: tuple[int, ...]
    reserve_cost: float
    rule: ControlRule | None = None
    method: str = ""
    figures: HedgeFigures | None = None

    def on(self, night: Night) -> Night:
        """The night that the plan is made for, checked and billed by: with the targets as its ready reserve.

        The night's own reserve holds where it is more, and its own reserve cost goes before.
        """
        station = night.station
        wanted = tuple(map(max, station.ready_reserve, self.ready_targets))
        cost = station.reserve_cost or self.reserve_cost
        if not any(wanted):
            return night
        return replace(night, station=replace(station, ready_reserve=wanted, reserve_cost=cost))


def hedged(night: Night, hedge: Hedge | None) -> Night:
    """`hedge.on(night)`; the night itself without a hedge."""
    return night if hedge is None else hedge.on(night)
