"""CP-SAT of OR-Tools on a model in its own terms: whole steps of charge, who serves whom, and no LP in it.

Power comes in quarters of the charger's most (on/off: all or nothing), energy in twentieths of such a step, rounded so
that what is nearly enough is enough. Of the bill it sees prices, the first rates of demand charges and of wear. So it
proves nothing; each solution says which pack serves whom, and the engine's dispatch finds the best powers for that.
It begins from the cheapest slots first, which it is told as a hint.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from models.formulations.levels.data import start_kwh
from models.formulations.stepped_bill import demand_segments
from models.station.instance import Night, Swap, returned_pack_id
from models.station.pack_type import lines_of
from models.station.parts import parted_schedule
from models.station.schedule import Schedule
from optimizer.bench.contenders.by_search import by_search, refusal
from optimizer.bench.contenders.preload_imports import preload
from optimizer.bench.records.contender import Contender
from optimizer.bench.solvers.cpsat import missing_ortools, versions_of_ortools
from optimizer.engine.baselines import CHEAPEST_SLOTS_FIRST, cheapest_slots_first
from optimizer.engine.dispatch import plan_assignment
from optimizer.engine.search import Search

METHOD = "CP-SAT"
STEPS = 4  # of power, up to the charger's most
FINE = 20  # parts of a step's energy
PEAK_PARTS = 100  # of a step's power, in which peaks are whole numbers
SHARES = 1000  # parts of a metering interval
SHARE_OF_TIME = 0.8  # what is left is for the powers
KEPT = 5  # solutions, the last ones


class _StepModel:
    """The model of a night with swaps of one pack each. `takes[i, j]`: does bay i hand its pack to swap j?"""

    def __init__(self, night: Night) -> None:
        from ortools.sat.python.cp_model import CpModel

        self.night, self.model = night, CpModel()
        station = night.station
        self.steps = 1 if station.chargers.mode == "on_off" else STEPS
        self.step_kw = station.chargers.max_kw / self.steps
        self.fine_kwh = self.step_kw * night.horizon.slot_hours / FINE
        self.slots, self.bays = range(night.horizon.slots), range(len(station.packs))
        self.swaps = sorted(enumerate(station.swaps), key=lambda one: (one[1].slot, one[0]))
        self.takes = {
            (i, j): self.model.new_bool_var("")
            for i in self.bays
            for j, swap in enumerate(station.swaps)
            if swap.type == station.packs[i].type and swap.pack in (None, station.packs[i].id)
        }
        self.power = {(i, t): self.model.new_int_var(0, self.steps, "") for i in self.bays for t in self.slots}
        self.cost: list[Any] = []
        self._add_swaps()
        for i in self.bays:
            self._add_bay(i)
        self._add_station()
        self._add_peaks()
        self.model.minimize(sum(self.cost))

    def _add_swaps(self) -> None:
        served: dict[str, Any] = {}
        for j, swap in enumerate(self.night.station.swaps):
            takers = [self.takes[i, j] for i in self.bays if (i, j) in self.takes]
            self.model.add_at_most_one(takers)
            served[swap.id] = sum(takers)
            self.cost.append(swap.lost_cost - swap.lost_cost * served[swap.id])
        for parts in self.night.parts_by_swap.values():
            for one, other in pairwise(parts):
                self.model.add(served[one] == served[other])

    def _add_bay(self, bay: int) -> None:
        """What the bay's pack holds, slot by slot, in fine parts; swaps of its own, and what they bring."""
        night, pack = self.night, self.night.station.packs[bay]
        kind = night.pack_types[pack.type]
        target = self._fine(kind.target_kwh)
        held = self.model.new_constant(self._fine(start_kwh(night, pack)))
        by_slot: dict[int, list[tuple[Any, Swap]]] = {}
        for j, swap in self.swaps:
            if (bay, j) in self.takes:
                by_slot.setdefault(swap.slot, []).append((self.takes[bay, j], swap))
        for t in self.slots:
            if t in by_slot:
                held = self._after_swaps(bay, t, held, by_slot[t])
            after = self.model.new_int_var(0, target + FINE - 1, "")
            self.model.add(after == held + FINE * self.power[bay, t])
            held = after
        self._add_order(by_slot, pack.id)
        self._add_worth(held, target, night.end_value_per_kwh(kind) * self.fine_kwh)
        slopes = [line.slope for line in lines_of(kind.wear)][:1]
        per_step = night.horizon.slot_hours * self.step_kw * (slopes[0] if slopes else 0.0)
        self.cost += [per_step * self.power[bay, t] for t in self.slots if per_step]
        if not night.station.has_charger(night.station.bay_numbers[bay]):
            self.model.add(sum(self.power[bay, t] for t in self.slots) == 0)

    def _after_swaps(self, bay: int, slot: int, held: Any, swaps: list[tuple[Any, Swap]]) -> Any:
        night, kind = self.night, self.night.pack_types[swaps[0][1].type]
        self.model.add_at_most_one([takes for takes, _ in swaps])
        stays = self.model.new_int_var(0, self._fine(kind.target_kwh) + FINE - 1, "")
        self.model.add(stays == held).only_enforce_if([~takes for takes, _ in swaps])
        for takes, swap in swaps:
            brought_kwh = 0.0 if swap.returned_soc is None else swap.returned_soc * kind.capacity_kwh
            self.model.add(held >= math.floor(night.needed_kwh(swap) / self.fine_kwh)).only_enforce_if(takes)
            self.model.add(stays == self._fine(min(brought_kwh, kind.target_kwh))).only_enforce_if(takes)
            last = len(self.slots) if swap.returned_soc is None else slot + night.station.turnaround_slots
            for t in range(slot, min(last, len(self.slots))):
                self.model.add(self.power[bay, t] == 0).only_enforce_if(takes)
        return stays

    def _add_order(self, by_slot: Mapping[int, list[tuple[Any, Swap]]], own: str) -> None:
        """A bay is empty after a swap that brings nothing; a pack asked for by name is gone after the first swap."""
        in_time = [one for slot in sorted(by_slot) for one in by_slot[slot]]
        for place, (takes, swap) in enumerate(in_time):
            for later_takes, later in in_time[place + 1 :]:
                if swap.returned_soc is None or later.pack == own:
                    self.model.add_at_most_one([takes, later_takes])

    def _add_worth(self, held: Any, target: int, worth: float) -> None:
        if worth > 0:
            counted = self.model.new_int_var(0, target, "")
            self.model.add(counted <= held)
            self.cost.append(-worth * counted)

    def _add_station(self) -> None:
        station, hours = self.night.station, self.night.horizon.slot_hours
        efficiency = station.chargers.efficiency
        least = math.ceil(self.steps * station.chargers.min_kw / station.chargers.max_kw)
        for t in self.slots:
            drawn = sum(self.power[i, t] for i in self.bays)
            sun_kw = station.solar_kw[t] - station.base_load_kw[t]
            free = math.floor(efficiency * (station.grid_limit_kw[t] + sun_kw) / self.step_kw)
            self.model.add(drawn <= max(0, free))
            per_step = self.night.tariff_series.price_per_kwh[t] * hours * self.step_kw / efficiency
            sun = math.floor(sun_kw * efficiency / self.step_kw)
            self.cost.append(per_step * (drawn if sun <= 0 or per_step <= 0 else self._above(drawn, sun)))
            if station.chargers.count < len(self.bays) or least > 0:
                self._add_switches(t, least)

    def _above(self, drawn: Any, free: int) -> Any:
        above = self.model.new_int_var(0, self.steps * len(self.bays), "")
        self.model.add(above >= drawn - free)
        return above

    def _add_switches(self, t: int, least: int) -> None:
        is_on = [self.model.new_bool_var("") for _ in self.bays]
        for i in self.bays:
            self.model.add(self.power[i, t] <= self.steps * is_on[i])
            self.model.add(self.power[i, t] >= max(1, least) * is_on[i])
        self.model.add(sum(is_on) <= self.night.station.chargers.count)

    def _add_peaks(self) -> None:
        station = self.night.station
        grid_kw = self.step_kw / station.chargers.efficiency
        for demand in self.night.tariff_series.demands:
            rate = demand_segments(self.night, demand)[0].rate
            if rate <= 0:
                continue
            floor = math.floor(PEAK_PARTS * self.night.demand_floor_kw(demand) / grid_kw)
            most = max(floor, math.ceil(PEAK_PARTS * max(station.grid_limit_kw) / grid_kw) + PEAK_PARTS)
            peak = self.model.new_int_var(floor, most, "")
            self.cost.append(rate * grid_kw / PEAK_PARTS * peak)
            for interval in demand.intervals:
                base = sum(share * (station.base_load_kw[t] - station.solar_kw[t]) for t, share in interval) / grid_kw
                drawn = sum(round(SHARES * share) * self.power[i, t] for t, share in interval for i in self.bays)
                self.model.add(SHARES // PEAK_PARTS * peak >= drawn + math.floor(SHARES * base))

    def _fine(self, kwh: float) -> int:
        return round(kwh / self.fine_kwh)

    def hint(self, schedule: Schedule) -> None:
        """Begin from a plan of the night."""
        by_swap, bay_of = schedule.by_swap(), {row.pack: row.bay for row in schedule.rows}
        numbers = {self.night.station.bay_label(n): i for i, n in enumerate(self.night.station.bay_numbers)}
        for (i, j), takes in self.takes.items():
            pack = by_swap.get(self.night.station.swaps[j].id)
            self.model.add_hint(takes, pack is not None and numbers[bay_of[pack]] == i)
        power_kw = [[0.0] * len(self.slots) for _ in self.bays]
        for row in schedule.rows:
            for t, kw in enumerate(row.power_kw):
                power_kw[numbers[row.bay]][t] += kw
        for (i, t), power in self.power.items():
            self.model.add_hint(power, min(self.steps, math.ceil(power_kw[i][t] / self.step_kw - 1 / 2)))

    def by_swap(self, is_taken: Mapping[tuple[int, int], bool]) -> dict[str, str]:
        """Pack by swap, where each bay hands over its packs in order of time."""
        packs = [pack.id for pack in self.night.station.packs]
        found = {}
        for j, swap in self.swaps:
            for i in self.bays:
                if is_taken.get((i, j), False):
                    found[swap.id], packs[i] = packs[i], returned_pack_id(swap.id)
        return found


def _plan(search: Search) -> bool:
    simple = cheapest_slots_first(search.night)
    search.offer(simple, CHEAPEST_SLOTS_FIRST)
    with search.watch.stage("model"):
        model = _StepModel(search.night)
        model.hint(parted_schedule(simple))
    solutions, is_whole = _solutions(search, model)
    for by_swap in reversed(solutions):
        if search.seconds_left <= 0:
            break
        plan_assignment(search, by_swap, METHOD)
    return is_whole


def _solutions(search: Search, model: _StepModel) -> tuple[list[dict[str, str]], bool]:
    """The last assignments, each better by the model than those before, on one thread; and was it solved?"""
    from ortools.sat.python.cp_model import CpSolver, CpSolverSolutionCallback

    kept: list[dict[str, str]] = []

    class Keeper(CpSolverSolutionCallback):  # type: ignore[misc]
        def on_solution_callback(self) -> None:
            found = model.by_swap({key: self.boolean_value(takes) for key, takes in model.takes.items()})
            kept[:] = [*(one for one in kept if one != found), found][-KEPT:]

    solver = CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = search.options.seed
    solver.parameters.relative_gap_limit = search.options.gap
    solver.parameters.max_time_in_seconds = SHARE_OF_TIME * search.seconds_left
    with search.watch.stage("solver"):
        status = solver.status_name(solver.solve(model.model, Keeper()))
    return kept, status in ("OPTIMAL", "INFEASIBLE")


def _missing() -> str | None:
    preload()
    return missing_ortools()


CP_SAT = Contender(
    "cp-sat",
    "CP-SAT of OR-Tools on a model of whole steps of its own, powers by dispatch; no bound",
    by_search(_plan),
    missing=_missing,
    refusal=refusal,
    versions=versions_of_ortools,
)
