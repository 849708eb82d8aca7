"""Days played through a plan and a rule: the swaps of a slot, then its charging, slot by slot, all days at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.errors import Problem, refuse
from models.station.demand.rule import ControlRule
from models.station.drawn_days import DrawnDays
from models.station.instance import Night
from models.station.pack_type import lines_of
from models.station.schedule import Schedule
from models.tolerances import POWER_KW
from optimizer.simulate.bill import DayCosts, base_bills, demand_cost, energy_cost
from optimizer.simulate.charging import SlotPacks, nearest_first, packs_in_slot, rule_kw
from optimizer.simulate.drivers import Drivers, drivers_of
from optimizer.simulate.limits import room_in_slot, within_limits
from optimizer.simulate.planned import PlannedPowers, planned
from optimizer.simulate.state import StationState, hand_over
from optimizer.simulate.station_arrays import Counts, Flags, Floats, StationArrays

Way = Literal["rule", "on-arrival"]
NO_RULE = ControlRule()


@dataclass(frozen=True)
class PlayedDays:
    """What came of the days. `served`, `lost`: drivers, shape (days,). `load_kw`: drawn power, base load included;
    `ready`: packs ready after a slot's swaps; both of shape (days, slots). `energy_kwh`: in usable packs at the end.

    `drivers`, `columns`: who came, and the bays of the packs that each got (−1: none), shape (drivers, most packs).
    `power_kw`: into packs, shape (slots, days, columns); None unless asked for. `solar_used_kw`: shape (days, slots).
    """

    night: Night
    costs: DayCosts
    served: Counts
    lost: Counts
    load_kw: Floats
    ready: Counts
    energy_kwh: Floats
    solar_used_kw: Floats
    drivers: Drivers
    columns: Counts
    power_kw: Floats | None = None

    @property
    def objective(self) -> Floats:
        """What a plan of each day would minimise, shape (days,)."""
        return self.costs.objective


def play(
    night: Night,
    plan: Schedule | None,
    rule: ControlRule | None,
    days: DrawnDays,
    way: Way = "rule",
    keep_powers: bool = False,
) -> PlayedDays:
    """Days through plan and rule, or charged on arrival; reservations come on each of them.

    Without a plan the rule's levels say all. Raises InvalidData where the rule is not for this night, and where plug
    changes are limited: no rule looks ahead far enough to keep that.
    """
    refuse(problems_of_playing(night, rule))
    arrays = StationArrays(night)
    game = Game(arrays, drivers_of(night, days), way, keep_powers)
    game.run(range(night.horizon.slots), None if plan is None else planned(night, plan, arrays), rule or NO_RULE)
    return game.result()


def problems_of_playing(night: Night, rule: ControlRule | None) -> list[Problem]:
    """Why days of this night cannot be played."""
    found = [] if rule is None else list(rule.problems_on(night.horizon.slots, night.pack_types))
    if night.station.plug_changes_max is not None:
        told = "days cannot be played where plug changes are limited"
        found.append(Problem("plug_changes_max", night.station.plug_changes_max, told, "leave it out to play days"))
    return found


class Game:
    """Days in play, and what is written down of them. Slots are run in order, under one plan or several in turn."""

    def __init__(self, arrays: StationArrays, drivers: Drivers, way: Way, keep_powers: bool) -> None:
        self.arrays, self.drivers, self.way = arrays, drivers, way
        self.night, days, slots = arrays.night, drivers.days, arrays.night.horizon.slots
        self.state = StationState.at_beginning(arrays, days)
        self.into_packs_kw = np.zeros((days, slots))
        self.solar_used_kw = np.zeros((days, slots))
        self.ready = np.zeros((days, slots), dtype=np.int64)
        self.wear, self.plugs = np.zeros(days), np.zeros(days)
        self.columns = np.full((len(drivers.day), int(drivers.packs.max(initial=1))), -1, dtype=np.int64)
        self.power_kw = np.zeros((slots, days, arrays.columns)) if keep_powers else None
        self._charging = np.zeros((days, arrays.columns), dtype=bool)
        self._wear_lines = [(k, lines_of(self.night.pack_types[name].wear)) for k, name in enumerate(arrays.types)]

    def run(self, slots: range, plan: PlannedPowers | None, rule: ControlRule, first: int = 0) -> None:
        """Play some slots. The plan's own slot 0 is slot `first` of the night, and so is the rule's."""
        for slot in slots:
            self.swaps_of(slot, plan)
            self._charge(slot, slot - first, plan, rule)

    def swaps_of(self, slot: int, plan: PlannedPowers | None) -> None:
        """Serve the drivers of a slot."""
        self.state.is_new[:] = False
        self.state.follows &= self.drivers.follows[:, slot]
        for rows in self.drivers.turns[slot]:
            oldest_first = self.way == "on-arrival"
            picks = hand_over(self.arrays, self.state, self.drivers, rows, plan, oldest_first)
            self.columns[rows, : picks.shape[1]] = picks

    def _charge(self, slot: int, planned_slot: int, plan: PlannedPowers | None, rule: ControlRule) -> None:
        arrays, state = self.arrays, self.state
        packs = packs_in_slot(arrays, state, slot)
        self.ready[:, slot] = packs.ready.sum(axis=1)
        wanted_kw, first = self.wanted(packs, slot, planned_slot, plan, rule)
        kw = within_limits(arrays, packs, wanted_kw, first, room_in_slot(arrays, packs, slot, planned_slot, rule))
        self._count(slot, kw)
        self.solar_used_kw[:, slot] = self._sun_used(slot, planned_slot, plan)
        if plan is not None:
            state.follows &= (np.abs(kw - plan.kw[planned_slot]) <= POWER_KW).all(axis=1)
        state.energy_kwh += arrays.hours * kw

    def wanted(
        self, packs: SlotPacks, slot: int, planned_slot: int, plan: PlannedPowers | None, rule: ControlRule
    ) -> tuple[Floats, Floats]:
        """What the packs are to take in the slot before any limit, in kW, and the order in which they are cut to it,
        smallest first; both of shape (days, columns)."""
        if self.way == "on-arrival":
            return packs.most_kw, self.state.queue
        kw = rule_kw(self.arrays, packs, planned_slot, plan, self.state.follows, rule)
        return kw, nearest_first(packs)

    def _count(self, slot: int, kw: Floats) -> None:
        """Energy, wear and plug changes of a slot."""
        self.into_packs_kw[:, slot] = kw.sum(axis=1)
        if self.power_kw is not None:
            self.power_kw[slot] = kw
        for k, lines in self._wear_lines:
            if lines:
                of_type = kw[:, self.arrays.columns_by_type[k]]
                dearest = np.maximum.reduce([line.intercept + line.slope * of_type for line in lines])
                self.wear += self.arrays.hours * dearest.sum(axis=1)
        if self.night.station.plug_changes_cost:
            charging = kw > self.night.charging_kw
            starts = (charging & (~self._charging | self.state.is_new)).sum(axis=1)
            stops = (self._charging & (~charging | self.state.is_new)).sum(axis=1)
            self.plugs += (self.night.station.cost_of_plug_change(slot) if slot else 0.0) * np.maximum(starts, stops)
            self._charging = charging

    def _sun_used(self, slot: int, planned_slot: int, plan: PlannedPowers | None) -> Floats:
        """All that serves the load; where the plan leaves some, as the plan, unless the grid's limit asks for more."""
        station = self.night.station
        load_kw = station.base_load_kw[slot] + self.into_packs_kw[:, slot] / station.chargers.efficiency
        most_kw = np.minimum(load_kw, station.solar_kw[slot])
        if plan is None or not plan.leaves_sun[planned_slot]:
            return most_kw
        least_kw = np.maximum(0.0, load_kw - station.grid_limit_kw[slot])
        return np.asarray(np.minimum(most_kw, np.maximum(least_kw, plan.solar_kw[planned_slot])))

    def result(self) -> PlayedDays:
        """What came of the days, once all slots are run."""
        is_served = self.columns[:, 0] >= 0
        days = self.drivers.days
        served = np.bincount(self.drivers.day[is_served], minlength=days)
        lost = np.bincount(self.drivers.day[~is_served], minlength=days)
        return PlayedDays(
            self.night, self._costs(is_served), served, lost, self.drawn_kw, self.ready,
            np.where(self.state.present & self.arrays.usable, self.state.energy_kwh, 0.0).sum(axis=1),
            self.solar_used_kw, self.drivers, self.columns, self.power_kw,
        )  # fmt: skip

    @property
    def drawn_kw(self) -> Floats:
        """Power drawn, shape (days, slots)."""
        station = self.night.station
        load_kw = self.into_packs_kw / station.chargers.efficiency + np.array(station.base_load_kw)
        return np.asarray(np.maximum(0.0, load_kw - self.solar_used_kw))

    def _costs(self, is_served: Flags) -> DayCosts:
        drivers, days, drawn_kw, station = self.drivers, self.drivers.days, self.drawn_kw, self.night.station
        lost = np.where(is_served, 0.0, drivers.lost_cost)
        lost_cost = np.asarray(np.bincount(drivers.day, weights=lost, minlength=days), dtype=np.float64)
        short = np.maximum(0.0, np.array(station.ready_reserve) - self.ready).sum(axis=1)
        worth = np.array([self.night.end_value_per_kwh(self.night.pack_types[p.type]) for p in station.packs])
        held_kwh = np.where(self.state.present, np.minimum(self.state.energy_kwh, self.arrays.target_kwh), 0.0)
        return DayCosts(
            energy_cost(self.night, drawn_kw),
            demand_cost(self.night, drawn_kw),
            self.wear,
            self.plugs,
            lost_cost,
            station.reserve_cost * short,
            held_kwh @ worth if len(worth) else np.zeros(days),
            base_bills(self.night, days),
        )
