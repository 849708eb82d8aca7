"""Plans of packs that charge in whole slots at one power, for on/off chargers and a least power: hand-overs of a plain
night, then all on-slots together as a MIP (section 9 of models/README.md)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.formulations.matrix import Array, column_sums, relaxed
from models.formulations.patterns.lattices import Mask
from models.formulations.patterns.master import PatternMaster, pattern_master
from models.formulations.patterns.packs import PatternPacks, needs_are_alike, pattern_packs, patterns_are_plans
from models.formulations.patterns.slot_choice import ChargingWindow, SlotChoice, slot_choice
from models.station.at_once import whole_chargers
from models.station.cost import drawn_power_kw
from models.station.instance import Night
from models.station.stays import stays_of
from models.tariff.rate_steps import stepped_cost
from models.tariff.tier_use import highest_average_kw
from models.tolerances import EQUAL
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.engine.branch_and_bound import BranchAndBound
from optimizer.engine.heuristics.load_caps import Caps, base_alone_kw, capped_limit_kw
from optimizer.engine.options import RunOptions
from optimizer.engine.patterns.pool import Signature
from optimizer.engine.patterns.powers import Chosen, offer_chosen
from optimizer.engine.patterns.whole_slots import charging_windows, whole_slots_night
from optimizer.engine.search import Search

METHOD = "whole slots"
BRANCHINGS = 12  # for the hand-overs of a plain night
SHARE_OF_TIME = 0.5  # of what is left, for one trial
MIP_SECONDS = 30.0
MIP_NODES = 2000
KERNELS = (3.0, True), (8.0, False), (math.inf, False)  # a first plan soon, then good ones: see `_points`
MOST_COLUMNS = 12_000  # beyond, its relaxation alone takes seconds


@dataclass(frozen=True)
class _CappedNight:
    """Packs charge at `unit_kw` under `limit_kw` of drawn power by slot: hand-overs of the plain night of that.

    `expected`: what a plan may cost, peaks taken as high as the limit allows.
    """

    unit_kw: float
    limit_kw: Sequence[float]
    plain: Search
    expected: float


def can_plan_whole_slots(night: Night) -> bool:
    """On/off chargers, a pool for each type, patterns that are plans; plug changes and a reserve are not looked at."""
    station = night.station
    is_plain = not station.counts_plug_changes and not any(station.ready_reserve) and len(station.swaps) > 0
    return station.chargers.mode == "on_off" and is_plain and patterns_are_plans(night) and needs_are_alike(night)


def plan_whole_slots(search: Search) -> None:
    """Offer plans under the grid limit; where power is metered, under caps of whole chargers."""
    night = search.night
    master = pattern_master(night, pattern_packs(night))
    for trial in sorted(_trials(search), key=lambda trial: trial.expected):
        if search.is_done or trial.expected >= search.objective:
            return
        _plan_trial(search, master, trial)


def _trials(search: Search) -> Iterator[_CappedNight]:
    """One at full power; with demand charges, one for peaks of the next fewer and the next more whole chargers."""
    night, chargers = search.night, search.night.station.chargers
    freely = _trial(search, chargers.max_kw, {})
    demands = night.tariff_series.demands
    if not demands or freely is None:
        yield from [] if freely is None else [freely]
        return
    assert freely.plain.schedule is not None
    drawn_kw, base_kw = drawn_power_kw(freely.plain.night, freely.plain.schedule), base_alone_kw(night)
    each_kw = chargers.max_kw / chargers.efficiency
    for rounded in (math.floor, math.ceil):
        caps = {}
        for number, demand in enumerate(demands):
            peak, base = highest_average_kw(demand, drawn_kw), highest_average_kw(demand, base_kw)
            count = max(
                1, rounded((peak - base) / each_kw), math.floor((night.demand_floor_kw(demand) - base) / each_kw)
            )
            caps[number] = base + count * each_kw
        if (trial := _trial(search, chargers.max_kw, caps)) is not None:
            yield trial


def _trial(search: Search, unit_kw: float, caps: Caps) -> _CappedNight | None:
    """Hand-overs of the night in whole slots, under `caps`. None where the time is up."""
    limit_kw = capped_limit_kw(search.night, caps)
    night = whole_slots_night(_limited(search.night, limit_kw), unit_kw)
    seconds = SHARE_OF_TIME * search.seconds_left
    options = RunOptions(gap=search.options.gap / 4, seed=search.options.seed, time_limit_seconds=seconds)
    plain = Search(night, options)
    plain.offer(uncontrolled_charging(night), METHOD)
    if search.is_done:
        return None
    BranchAndBound(plain).run(BRANCHINGS)
    assert plain.schedule is not None
    drawn_kw, more = drawn_power_kw(night, plain.schedule), 0.0
    for number, cap_kw in caps.items():
        demand = night.tariff_series.demands[number]
        floor_kw, peak_kw = night.demand_floor_kw(demand), highest_average_kw(demand, drawn_kw)
        more += stepped_cost(demand.steps, max(floor_kw, cap_kw)) - stepped_cost(demand.steps, max(floor_kw, peak_kw))
    return _CappedNight(unit_kw, limit_kw, plain, plain.objective + more)


def _limited(night: Night, limit_kw: Sequence[float]) -> Night:
    """Under caps, which are for what is metered: averages. The grid's own limit may be one of every moment."""
    station, limits_kw = night.station, tuple(limit_kw)
    kept = station.grid_limit_is if limits_kw == station.grid_limit_kw else "average"
    made = Night(night.horizon, night.pack_types, replace(station, grid_limit_kw=limits_kw, grid_limit_is=kept))
    made.__dict__["tariff_series"] = night.tariff_series  # depends on no limit
    return made


def _plan_trial(search: Search, master: PatternMaster, trial: _CappedNight) -> None:
    assert trial.plain.schedule is not None
    with search.watch.stage("model"):
        night = _limited(search.night, trial.limit_kw)
        unit_kwh, slots = trial.unit_kw * night.horizon.slot_hours, night.horizon.slots
        stays = stays_of(night, trial.plain.schedule.by_swap())
        windows = [charging_windows(packs, stays, unit_kwh, slots) for packs in master.packs]
        most = np.minimum(whole_chargers(search.night), night.station.chargers.count)
        choice = slot_choice(night, master.packs, trial.unit_kw, windows, most)
    if len(choice.on) > MOST_COLUMNS:
        return
    for point in _points(search, choice):
        offer_chosen(search, master, _chosen(master, choice, windows, point, unit_kwh), METHOD)
        if search.is_done:
            return


def _points(search: Search, choice: SlotChoice) -> Iterator[Array]:
    """Points of the MIP, with the on-slots that its relaxation finds cheapest only: of KERNELS, so many for each that
    is chosen; the first time with the packs that leave in the assignment, whose relaxation is tighter."""
    row_low = choice.matrix.row_low.copy()
    row_low[choice.leaving] = 0.0
    linear, point = replace(relaxed(choice.matrix), row_low=row_low), None
    answer = search.solve(linear, seconds=SHARE_OF_TIME * search.seconds_left)
    if answer.point is None or answer.row_dual is None:
        return
    reduced_cost = (linear.cost - column_sums(linear, answer.row_dual))[choice.on]
    chosen = answer.point[choice.on] > EQUAL
    order = choice.on[np.argsort(np.where(chosen, -np.inf, reduced_cost), kind="stable")]
    for kernel, keeps_leaving in KERNELS:
        high, row_low = choice.matrix.high.copy(), choice.matrix.row_low.copy()
        high[order[int(min(kernel * max(1, int(chosen.sum())), len(order))) :]] = 0.0
        row_low[choice.leaving] = 0.0 if keeps_leaving else -np.inf
        found = search.solve(
            replace(choice.matrix, high=high, row_low=row_low),
            money_gap=search.money_gap / 4,
            seconds=min(MIP_SECONDS, SHARE_OF_TIME * search.seconds_left),
            options={"mip_max_nodes": MIP_NODES},
            start=point,
        )
        if found.point is not None:
            point = found.point
            yield point


def _chosen(
    master: PatternMaster,
    choice: SlotChoice,
    windows: Sequence[Sequence[ChargingWindow]],
    point: Array,
    unit_kwh: float,
) -> Chosen:
    """The on-slots of a point, as patterns: of every pack that charges or may be handed over."""
    served = [np.flatnonzero(point[columns] > 0.5) for columns in choice.served]
    signatures: dict[Signature, Array] = {}
    on, slots = point[choice.on] > 0.5, master.night.horizon.slots
    for k, packs in enumerate(master.packs):
        comes = {int(packs.brings[j]) for j in served[k].tolist()}
        for r, window in enumerate(windows[k]):
            if r < packs.initial or r in comes:
                mine = on & (choice.type == k) & (choice.row == r)
                on_slots, has_last = np.zeros(slots, dtype=bool), bool((mine & choice.is_last).any())
                on_slots[choice.slot[mine]] = True
                signature = _signature(packs, k, r, window, on_slots, has_last, unit_kwh)
                signatures[signature] = np.zeros(slots)
    return Chosen(signatures, served)


def _signature(
    packs: PatternPacks, k: int, r: int, window: ChargingWindow, on: Mask, has_last: bool, unit_kwh: float
) -> Signature:
    """A pack that has charged in all of its slots may be handed over, if any may."""
    ready_from = -1
    if window.joins and (has_last or not window.count):
        ready_from = int(np.flatnonzero(on)[-1]) + 1 if has_last else int(packs.available[r])
    is_short = has_last and window.share * unit_kwh < packs.lo_kwh[r] * (1 - EQUAL)
    return Signature(k, r, ready_from, np.packbits(on).tobytes(), is_short)
