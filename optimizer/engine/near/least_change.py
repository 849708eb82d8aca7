"""The powers of given hand-overs that change the fewest kWh of what was committed, at no more cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.formulations.matrix import Array
from models.station.instance import Night
from models.station.schedule import Schedule
from models.station.stays import Stay
from models.tolerances import EQUAL, POWER_KW
from optimizer.engine.build_schedule import build_schedule
from optimizer.engine.calm.equal_cost import EqualCost, equal_cost
from optimizer.engine.calm.sequence import sequence_weights
from optimizer.engine.calm.stay_powers import powers_of
from optimizer.engine.highs import GrowingLp, presolving
from optimizer.engine.near.changes import CHANGED_KW
from optimizer.engine.near.matching import Committed
from optimizer.engine.search import Search

UNCOMMITTED = 0.01  # weight of a kW that differs from the plan in hand where nothing was committed: it is to stay calm
ORDERLY = 0.001  # weight of where packs charge what they did not before: beside what was committed


def least_changed(search: Search, schedule: Schedule, stays: Sequence[Stay], kept: Committed) -> Schedule | None:
    """A plan with the stays of `schedule` and powers of equal cost, the nearest to `kept`; None where there is no LP of
    these, or the time is up."""
    night, own_kw = search.night, powers_of(schedule, stays)
    face = equal_cost(search, schedule, stays, own_kw)
    if face is None:
        return None
    target_kw, weight = _targets(stays, kept, own_kw)
    with search.watch.stage("solver"):
        order = ORDERLY * _order(night, stays, target_kw)
        point = _nearest(face, target_kw, weight, order, search.options.seed, search.seconds_left)
    if point is None:
        return None
    power_kw, columns = np.zeros(own_kw.shape), face.arrays.grid.solar_kw
    power_kw[face.arrays.owner, face.arrays.slot] = point[face.arrays.power_kw]
    solar_kw = np.where(columns >= 0, np.maximum(point[columns], 0.0), 0.0).tolist()
    return build_schedule(night, stays, snapped(power_kw, target_kw), solar_kw, schedule.reserve_shortfall or None)


def mixed(night: Night, schedule: Schedule, stays: Sequence[Stay], kept: Committed) -> Schedule:
    """The stays of `schedule`, each with its committed powers if they charge it in time, and with its own if not.

    Whether that keeps the station's rules is not looked at.
    """
    power_kw = powers_of(schedule, stays)
    for s, stay in enumerate(stays):
        committed_kw = kept.power_kw.get(stay.pack)
        if committed_kw is not None and _charges_in_time(night, stay, committed_kw):
            power_kw[s] = np.where(np.isnan(committed_kw), power_kw[s], committed_kw)
    return build_schedule(night, stays, power_kw, _solar_kw(night, power_kw))


def as_committed(night: Night, stays: Sequence[Stay], kept: Committed) -> Schedule:
    """The stays with their committed powers, those that what a pack holds by now is off by no more than CHANGED_KW made
    good in the last slot; what nobody committed to charges nothing."""
    nothing = np.zeros(night.horizon.slots)
    power_kw = np.array([np.nan_to_num(kept.power_kw.get(stay.pack, nothing)) for stay in stays])
    power_kw = power_kw.reshape(len(stays), night.horizon.slots)
    for s, stay in enumerate(stays):
        _make_good(night, stay, power_kw[s])
    return build_schedule(night, stays, power_kw, _solar_kw(night, power_kw))


def _solar_kw(night: Night, power_kw: Array) -> list[float]:
    """All solar power that serves the load where energy costs something, and else what the grid limit asks for."""
    station = night.station
    load_kw = np.array(station.base_load_kw) + power_kw.sum(axis=0) / station.chargers.efficiency
    most_kw = np.minimum(station.solar_kw, load_kw)
    least_kw = np.clip(load_kw - np.array(station.grid_limit_kw), 0.0, most_kw)
    is_paid = np.array(night.tariff_series.price_per_kwh) < 0
    return [float(kw) for kw in np.where(is_paid, least_kw, most_kw)]


def _make_good(night: Night, stay: Stay, power_kw: Array) -> None:
    """Rounded states of charge: what is a hair too much for E or too little for the driver, in the last slot."""
    charging, hours = np.flatnonzero(power_kw), night.horizon.slot_hours
    if not len(charging):
        return
    held_kwh = stay.start_kwh + hours * float(power_kw.sum())
    most_kwh = night.pack_types[stay.type].target_kwh
    off_kw = (min(max(held_kwh, stay.need_kwh), most_kwh) - held_kwh) / hours
    if POWER_KW < abs(off_kw) <= CHANGED_KW:
        power_kw[charging[-1]] += off_kw


def snapped(power_kw: Array, target_kw: Array) -> Array:
    """Powers that differ from their targets by a solver's noise are the targets; where a stay has others, the last of
    these keeps its sum. Both of shape (stays, slots), in kW."""
    is_near = np.abs(power_kw - target_kw) <= POWER_KW
    kept_kw = np.where(is_near, target_kw, power_kw)
    for s in np.flatnonzero((~is_near).any(axis=1)).tolist():
        last = int(np.flatnonzero(~is_near[s])[-1])
        kept_kw[s, last] = max(0.0, kept_kw[s, last] + float((power_kw[s] - kept_kw[s]).sum()))
    return kept_kw


def _targets(stays: Sequence[Stay], kept: Committed, own_kw: Array) -> tuple[Array, Array]:
    """The power that each stay is to have in each slot, in kW, and the weight of a kW that differs."""
    committed_kw = np.full(own_kw.shape, np.nan)
    for s, stay in enumerate(stays):
        if stay.pack in kept.power_kw:
            committed_kw[s] = kept.power_kw[stay.pack]
    is_open = np.isnan(committed_kw)
    return np.where(is_open, own_kw, committed_kw), np.where(is_open, UNCOMMITTED, 1.0)


def _order(night: Night, stays: Sequence[Stay], target_kw: Array) -> Array:
    """How far each slot is from one in which its stay is to charge, as a share of the night; one stay after the other
    where it is to charge nowhere. Shape (stays, slots)."""
    order, slots = sequence_weights(night, stays), np.arange(target_kw.shape[1])
    for s in np.flatnonzero((target_kw > CHANGED_KW).any(axis=1)).tolist():
        charging = np.flatnonzero(target_kw[s] > CHANGED_KW)
        order[s] = np.abs(slots[:, None] - charging[None, :]).min(axis=1) / len(slots)
    return order


def _nearest(face: EqualCost, target_kw: Array, weight: Array, order: Array, seed: int, seconds: float) -> Array | None:
    """Least Σ weight · |power − target| + order · power over the face, as |p − a| = p − a + 2 max(0, a − p).

    All arrays of shape (stays, slots), in kW. The LP's point; None where the time is up.
    """
    arrays, place = face.arrays, (face.arrays.owner, face.arrays.slot)
    cost = np.zeros(face.face.shape[1])
    cost[arrays.power_kw] = weight[place] + order[place]
    options = presolving(face.face)
    lp = GrowingLp(replace(face.face, cost=cost, offset=0.0), seed, options)
    targets = target_kw[place]
    below = np.flatnonzero(targets > CHANGED_KW)
    if len(below):
        rows = np.array([lp.add_row(arrays.power_kw[[column]]) for column in below.tolist()])
        for row, target in zip(rows.tolist(), targets[below].tolist(), strict=True):
            lp.bound_row(row, target, np.inf)
        one = np.ones(len(below))
        lp.add_columns(2 * weight[place][below], np.inf * one, np.arange(len(below)), rows, one)
    found = lp.solve(seconds)
    return None if found is None else found.point


def _charges_in_time(night: Night, stay: Stay, committed_kw: Array) -> bool:
    """Do the powers fit the stay's time there, and give what it needs?"""
    power_kw = np.nan_to_num(committed_kw)
    is_there = np.zeros(len(power_kw), dtype=bool)
    is_there[stay.charge_from : stay.leave] = True
    charged_kwh = stay.start_kwh + night.horizon.slot_hours * float(power_kw.sum())
    return not power_kw[~is_there].any() and charged_kwh >= stay.need_kwh - EQUAL
