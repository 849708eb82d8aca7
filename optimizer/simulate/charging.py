"""Which pack charges now, and how fast: planned powers by rank, then levels, then the limits; on many days at once.

The words of the rule stand in models/README.md, section 13; functions name the equations that they carry out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from models.station.demand.pack_levels import PackLevels
from models.station.demand.rule import ControlRule
from models.tolerances import ENERGY_KWH, IDLE_KW, POWER_KW, ROUNDED_SHARE
from optimizer.simulate.planned import PlannedPowers
from optimizer.simulate.state import StationState
from optimizer.simulate.station_arrays import FORGIVEN_KWH, Counts, Flags, Floats, StationArrays

FORGIVEN_KW = POWER_KW * ROUNDED_SHARE


@dataclass(frozen=True)
class SlotPacks:
    """The packs of all days in one slot, after its swaps; shapes (days, columns).

    `most_kw`: 0 where a pack may not charge. `to_ready_kw`: as much of it as makes the pack ready, of chargers that can
    be set so; of others all of it. `fills`: does most power fill the pack?
    """

    energy_kwh: Floats
    at_start: Flags
    may_charge: Flags
    ready: Flags
    most_kw: Floats
    to_ready_kw: Floats
    fills: Flags

    @property
    def missing_kwh(self) -> Floats:
        """What packs that may charge lack to be ready; +inf for all others."""
        return np.where(self.may_charge & ~self.ready, -self.energy_kwh, np.inf)

    def of(self, columns: Counts) -> SlotPacks:
        """The packs of some columns."""
        return SlotPacks(*(getattr(self, name)[:, columns] for name in SlotPacks.__dataclass_fields__))


def packs_in_slot(arrays: StationArrays, state: StationState, slot: int) -> SlotPacks:
    """What stands in the bays, and what it can take."""
    usable = state.present & arrays.usable
    may_charge = usable & arrays.has_charger & (state.charge_from <= slot)
    most_kw = np.where(may_charge, arrays.most_kw(state.energy_kwh, state.at_start), 0.0)
    ready = usable & (state.energy_kwh >= arrays.swap_kwh - FORGIVEN_KWH)
    fills = state.energy_kwh + arrays.hours * most_kw >= arrays.target_kwh - ENERGY_KWH * ROUNDED_SHARE
    to_ready_kw = np.minimum(most_kw, np.maximum(0.0, arrays.swap_kwh - state.energy_kwh) / arrays.hours)
    packs = SlotPacks(state.energy_kwh, state.at_start, may_charge, ready, most_kw, to_ready_kw, fills)
    packs = replace(packs, most_kw=allowed_kw(arrays, packs, most_kw))
    return replace(packs, to_ready_kw=allowed_kw(arrays, packs, to_ready_kw))


def allowed_kw(arrays: StationArrays, packs: SlotPacks, kw: Floats) -> Floats:
    """(13.3) as much of `kw` as a charger can give: on or off, no less than its least power but to fill a pack."""
    kw = np.where(kw > _least_that_charges_kw(arrays), np.minimum(kw, packs.most_kw), 0.0)
    if arrays.chargers.mode == "on_off":
        return np.where(kw > 0, packs.most_kw, 0.0)
    least_kw = arrays.chargers.min_kw
    if least_kw > 0:
        enough = np.minimum(np.maximum(kw, least_kw), packs.most_kw)
        kw = np.where((kw > 0) & ((enough >= least_kw) | packs.fills), enough, 0.0)
    return kw


def _least_that_charges_kw(arrays: StationArrays) -> float:
    """Less is no charging; where plug changes count a trickle is none."""
    return arrays.night.charging_kw if arrays.station.counts_plug_changes else IDLE_KW


def rule_kw(
    arrays: StationArrays, packs: SlotPacks, slot: int, plan: PlannedPowers | None, follows: Flags, rule: ControlRule
) -> Floats:
    """(13.2) to (13.6) what the packs are to take in the slot before any limit, shape (days, columns)."""
    kw = np.zeros_like(packs.energy_kwh)
    for k, columns in enumerate(arrays.columns_by_type):
        if not len(columns):
            continue
        mine, of_type = packs.of(columns), np.zeros((len(kw), len(columns)))
        if plan is not None:
            planned_kw = _planned_kw(mine, plan.kw_by_rank[k][slot], plan.kw[slot, columns], follows)
            of_type = _as_far_as_can_be(arrays, mine, planned_kw)
        if levels := rule.levels_of(arrays.types[k]):
            of_type = _within_levels(mine, of_type, levels, slot)
        kw[:, columns] = of_type
    return kw


def _planned_kw(packs: SlotPacks, by_rank: Floats, by_bay: Floats, follows: Flags) -> Floats:
    """(13.2) the i-th fullest pack takes the power of the plan's i-th fullest; by bay while all is as planned."""
    if not by_rank.any():
        return np.zeros_like(packs.energy_kwh)
    order = np.argsort(np.where(packs.may_charge, -packs.energy_kwh, np.inf), axis=1, kind="stable")
    ranked = np.empty_like(packs.energy_kwh)
    np.put_along_axis(ranked, order, np.broadcast_to(by_rank, ranked.shape), axis=1)
    return np.where(follows[:, None], by_bay, ranked)


def _as_far_as_can_be(arrays: StationArrays, packs: SlotPacks, planned_kw: Floats) -> Floats:
    """(13.4) what packs cannot take of it goes to those nearest to ready."""
    kw = allowed_kw(arrays, packs, planned_kw)
    is_as_planned = np.abs(kw - planned_kw) <= FORGIVEN_KW
    kw = np.where(is_as_planned & (packs.most_kw > 0), planned_kw, kw)
    left_kw = np.where(is_as_planned.all(axis=1), 0.0, planned_kw.sum(axis=1) - kw.sum(axis=1))
    days = np.flatnonzero(left_kw > FORGIVEN_KW)
    if not len(days):
        return kw
    room_kw = np.where(packs.ready[days], 0.0, packs.to_ready_kw[days] - kw[days])
    order = np.argsort(packs.missing_kwh[days], axis=1, kind="stable")
    room_kw = np.take_along_axis(np.maximum(0.0, room_kw), order, axis=1)
    before_kw = np.cumsum(room_kw, axis=1) - room_kw
    more_kw = np.clip(left_kw[days][:, None] - before_kw, 0.0, room_kw)
    if arrays.chargers.mode == "on_off":
        more_kw = np.where(more_kw >= room_kw, more_kw, 0.0)
    least_kw = arrays.chargers.min_kw
    more = np.empty_like(more_kw)
    np.put_along_axis(more, order, more_kw, axis=1)
    starts = (kw[days] == 0) & (more < least_kw)
    kw[days] += np.where(starts | (more <= IDLE_KW), 0.0, more)
    return kw


def _within_levels(packs: SlotPacks, kw: Floats, levels: PackLevels, slot: int) -> Floats:
    """(13.5) fewer ready or at full power than `least`: the nearest to ready go there; (13.6) more ready or charging
    than `most`: the emptiest that charge and are not ready stop."""
    at_full = (packs.ready | ((kw > 0) & (kw >= packs.to_ready_kw))).sum(axis=1)
    lacks = levels.least[slot] - at_full
    if (lacks > 0).any():
        can_charge_more = packs.may_charge & ~packs.ready & (kw < packs.to_ready_kw)
        more = _first(np.where(can_charge_more, -packs.energy_kwh, np.inf), lacks) & can_charge_more
        kw = np.where(more, packs.to_ready_kw, kw)
    has_more = (packs.ready | (kw > 0)).sum(axis=1) - levels.most[slot]
    if (has_more > 0).any():
        can_stop = ~packs.ready & (kw > 0)
        stops = _first(np.where(can_stop, packs.energy_kwh, np.inf), has_more) & can_stop
        kw = np.where(stops, 0.0, kw)
    return kw


def _first(key: Floats, count: Counts) -> Flags:
    """Where the `count` smallest of each row stand."""
    order = np.argsort(key, axis=1, kind="stable")
    first = np.zeros(key.shape, dtype=bool)
    np.put_along_axis(first, order, np.arange(key.shape[1]) < count[:, None], axis=1)
    return first


def nearest_first(packs: SlotPacks) -> Floats:
    """The order in which packs are cut to limits: those that lack least to be ready, then ready ones, fullest last."""
    far = float(1 << 40)
    return np.where(packs.ready, far + packs.energy_kwh, -packs.energy_kwh)
