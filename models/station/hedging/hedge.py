"""What a plan does for days that do not follow the forecast: ready packs wanted by slot, and a rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from models.station.demand.rule import ControlRule
from models.station.hedging.hedge_figures import HedgeFigures
from models.station.instance import Night
from models.tariff.rate_steps import Steps
from models.tariff.tariff import weighted


@dataclass(frozen=True)
class Hedge:
    """`ready_targets`: packs wanted ready after the swaps of each slot. `reserve_cost`: currency for each one that is
    missing in a slot. `method`: how targets and rule were chosen, in words. `figures`: None where no days were played.
    `demand_weights`: shares of the rate by peak of the demand charges that are weighed by the month, by name.
    """

    ready_targets: tuple[int, ...]
    reserve_cost: float
    rule: ControlRule | None = None
    method: str = ""
    figures: HedgeFigures | None = None
    demand_weights: Mapping[str, Steps] = field(default_factory=dict)

    def since(self, slot: int) -> Hedge:
        """What it is for the slots from `slot` on; nobody has played their days."""
        rule = None if self.rule is None else self.rule.since(slot)
        return replace(self, ready_targets=self.ready_targets[slot:], rule=rule, figures=None)

    def on(self, night: Night) -> Night:
        """The night that the plan is made for, checked and billed by: with the targets as its ready reserve, and the
        shares as weights of its demand charges.

        The night's own reserve holds where it is more, and its own reserve cost goes before; so do weights of its
        tariff, but for "month" and the 1 of a last night.
        """
        night = weighed(night, self.demand_weights)
        station = night.station
        wanted = tuple(map(max, station.ready_reserve, self.ready_targets))
        cost = station.reserve_cost or self.reserve_cost
        if not any(wanted):
            return night
        return replace(night, station=replace(station, ready_reserve=wanted, reserve_cost=cost))


def weighed(night: Night, weights: Mapping[str, Steps]) -> Night:
    """The night with these weights of demand charges, of those that leave theirs open."""
    tariff = night.station.tariff
    is_open = {one.name for one in tariff.demand_charges if one.weight in ("month", 1)}
    found = {name: steps for name, steps in weights.items() if name in is_open}
    return replace(night, station=replace(night.station, tariff=weighted(tariff, found))) if found else night


def hedged(night: Night, hedge: Hedge | None) -> Night:
    """`hedge.on(night)`; the night itself without a hedge."""
    return night if hedge is None else hedge.on(night)
