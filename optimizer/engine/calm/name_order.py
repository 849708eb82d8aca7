"""Packs and swaps in an order that does not depend on the file: what is planned, and its plan as it was asked for."""

from __future__ import annotations

from dataclasses import replace

from models.station.cost import cost_of
from models.station.instance import Night, Pack, Swap
from models.station.result import StationPlan
from models.station.schedule import Schedule
from optimizer.engine.baselines import baseline_cost


def by_name(night: Night) -> Night:
    """The night with its packs by name and its swaps by time, then name; `night` itself where they are so listed.

    Every pack keeps its bay.
    """
    station = night.station
    placed = sorted(zip(station.packs, station.bay_numbers, strict=True), key=lambda one: _name(one[0]))
    packs, swaps = tuple(pack for pack, _ in placed), tuple(sorted(station.swaps, key=_time_and_name))
    if packs == station.packs and swaps == station.swaps:
        return night
    in_bays = tuple(replace(pack, bay=bay) for pack, bay in placed)
    return replace(night, station=replace(station, packs=in_bays, swaps=swaps))


class AsListed:
    """Plans of `by_name(night)` as ones of `night`: rows and hand-overs in its order."""

    def __init__(self, night: Night) -> None:
        self._night = night
        self._bays = {night.station.bay_label(bay): n for n, bay in enumerate(night.station.bay_numbers)}
        self._swaps = {swap.id: n for n, swap in enumerate(night.station.swaps)}
        self._last: tuple[Schedule, Schedule] | None = None

    def plan(self, plan: StationPlan) -> StationPlan:
        """The plan with its schedule as listed, billed in that order: sums of rounded numbers depend on it."""
        schedule = self.schedule(plan.schedule)
        cost, baseline, bound = cost_of(self._night, schedule), baseline_cost(self._night), plan.result.bound
        result = replace(
            plan.result,
            cost=cost,
            bound=None if bound is None else min(bound, cost.objective),
            baseline_objective=baseline.objective,
        )
        return replace(plan, night=self._night, schedule=schedule, result=result, baseline=baseline)

    def schedule(self, schedule: Schedule) -> Schedule:
        """The schedule as listed; the same object again for the one that was asked for last."""
        if self._last is None or self._last[0] is not schedule:
            self._last = schedule, self._sorted(schedule)
        return self._last[1]

    def _sorted(self, schedule: Schedule) -> Schedule:
        return replace(
            schedule,
            rows=tuple(sorted(schedule.rows, key=lambda row: self._bays[row.bay])),
            hand_overs=tuple(sorted(schedule.hand_overs, key=lambda one: self._swaps[one.swap])),
            unserved=tuple(sorted(schedule.unserved, key=lambda one: self._swaps[one.swap])),
        )


def _name(pack: Pack) -> tuple[int, str]:
    return len(pack.id), pack.id


def _time_and_name(swap: Swap) -> tuple[int, int, str]:
    return swap.slot, len(swap.id), swap.id
