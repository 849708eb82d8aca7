"""A plan's powers, and stays charged anew one by one within the room that the others leave, at no more cost."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from models.formulations.matrix import Array, Index
from models.station.at_once import whole_chargers
from models.station.instance import Night
from models.station.pack_type import lines_of
from models.station.schedule import Schedule
from models.station.stays import Stay
from models.tolerances import EQUAL, IDLE_KW, MISSING_KWH, POWER_KW, ROUNDED_SHARE
from optimizer.engine.build_schedule import build_schedule
from optimizer.engine.calm.blocks import SMALLEST_KW, Mask, cheapest_blocks, starts_of
from optimizer.engine.calm.room import room_of, usable_sun_kw

PASSES = 3


class StayPowers:
    """Powers of stays, shape (stays, slots), in kW: changed in place.

    `schedule`: the plan to start from, of `night`, which has one pack a swap; `power_kw`: other powers of the same
    stays that cost as much, if not its own.
    """

    def __init__(self, night: Night, schedule: Schedule, stays: Sequence[Stay], power_kw: Array | None = None) -> None:
        self.night, self.schedule, self.stays = night, schedule, stays
        self.power_kw = powers_of(schedule, stays) if power_kw is None else power_kw
        self._asked_kw = np.zeros(len(stays))
        self.load_kw = self.power_kw.sum(axis=0)
        self.busy = (self.power_kw > IDLE_KW).sum(axis=0)
        self.room = room_of(night, schedule, self.load_kw)

    @cached_property
    def order(self) -> Index:
        """Slots, the cheapest first, of equal ones the earliest."""
        return np.argsort(self.room.price_per_kwh, kind="stable")

    @cached_property
    def by_time(self) -> list[int]:
        """Stays in their order in time."""
        return in_time(self.stays)

    def as_schedule(self) -> Schedule:
        """The powers as a schedule of `night`, with no more sun used than the plan used where buying earns money."""
        station = self.night.station
        if not any(station.solar_kw):
            return build_schedule(self.night, self.stays, self.power_kw)
        wanted_kw = np.array(station.base_load_kw) + self.power_kw.sum(axis=0) / station.chargers.efficiency
        solar_kw = np.minimum(usable_sun_kw(self.night, self.schedule), wanted_kw).tolist()
        return build_schedule(self.night, self.stays, self.power_kw, solar_kw)

    @property
    def starts(self) -> int:
        """Of all stays together."""
        on = self.power_kw > IDLE_KW
        return int(on[:, :1].sum() + (on[:, 1:] & ~on[:, :-1]).sum())

    @property
    def stays_charged(self) -> int:
        """Stays that charge at all."""
        return int((self.power_kw > IDLE_KW).any(axis=1).sum())

    def settle(self) -> None:
        """Charge anew, in as few blocks as can be and early, what is in several blocks or could be earlier or fuller,
        as long as that gains."""
        self._fill_up()
        chosen = self._in_pieces() | self._could_be_earlier() | self._could_be_fuller()
        for _ in range(PASSES):
            moved = [s for s in self.by_time if chosen[s] and self._recharge(s)]
            if not moved:
                break
            chosen = self._in_pieces()

    def anew(self) -> StayPowers | None:
        """All stays charged anew from nothing, in their order in time: the same whatever the powers were before.

        None where that costs more, or leaves no room for one of them, or packs have curves or wear.
        """
        kinds = self.night.pack_types.values()
        if any(kind.has_curve or kind.wear for kind in kinds):
            return None
        other = StayPowers(self.night, self.schedule, self.stays, np.zeros_like(self.power_kw))
        other.room = self.room
        for s in self.by_time:
            other._asked_kw[s] = self.power_kw[s].sum()
            if other._asked_kw[s] > SMALLEST_KW and not other._recharge(s):
                return None
        other._asked_kw[:] = 0.0
        other.settle()
        more_kw = other.power_kw.sum(axis=1) - self.power_kw.sum(axis=1)
        more = self.room.more(slice(None), self.load_kw, other.load_kw) - float(self._worth_per_kwh @ more_kw)
        return other if more <= EQUAL * max(1.0, float(self.load_kw.sum())) else None

    @cached_property
    def _window(self) -> Mask:
        """Where a stay may charge, shape (stays, slots); nowhere along a curve, which needs more than a block."""
        slots = np.arange(self.night.horizon.slots)
        first, leave = (np.array([getattr(one, key) for one in self.stays]) for key in ("charge_from", "leave"))
        curved = np.array([self.night.pack_types[one.type].has_curve for one in self.stays], dtype=bool)
        return np.asarray((slots >= first[:, None]) & (slots < leave[:, None]) & ~curved[:, None])

    @cached_property
    def _worth_per_kwh(self) -> Array:
        """At the end, by stay: nothing in a pack that leaves."""
        kinds = self.night.pack_types
        worth = {name: self.night.end_value_per_kwh(kind) for name, kind in kinds.items()}
        return np.array([worth[one.type] if one.swap is None else 0.0 for one in self.stays])

    @cached_property
    def _most_kw(self) -> Array:
        """What fills each pack, in kW summed over slots, for packs that stay."""
        kinds, hours = self.night.pack_types, self.night.horizon.slot_hours
        return np.array([
            (kinds[one.type].target_kwh - one.start_kwh) / hours if one.swap is None else 0.0 for one in self.stays
        ])  # fmt: skip

    def _in_pieces(self) -> Mask:
        on = (self.power_kw > IDLE_KW) & self._window
        return np.asarray(on[:, 0].astype(int) + (on[:, 1:] & ~on[:, :-1]).sum(axis=1) > 1, dtype=bool)

    def _could_be_earlier(self) -> Mask:
        """Is there room, no dearer, before the stay begins to charge?"""
        on, price = self.power_kw > IDLE_KW, self.room.price_per_kwh
        dearest = np.where(on, price, -np.inf).max(axis=1, initial=-np.inf)
        before = np.cumsum(on, axis=1) == 0
        free = self.room.limit_kw - self.load_kw > SMALLEST_KW
        return np.asarray((before & self._window & free & (price <= dearest[:, None] + EQUAL)).any(axis=1))

    def _pays(self) -> Mask:
        """Where a kWh costs no more than it is worth at the end."""
        return self._window & (self.room.price_per_kwh <= self._worth_per_kwh[:, None] + EQUAL)

    def _could_be_fuller(self) -> Mask:
        hungry = self._most_kw - self.power_kw.sum(axis=1) > SMALLEST_KW
        free = self.room.limit_kw - self.load_kw > SMALLEST_KW
        return np.asarray(hungry & (self._pays() & free & (self.power_kw <= IDLE_KW)).any(axis=1))

    def _fill_up(self) -> None:
        """All packs that stay filled where that costs nothing, if there is room for all at once."""
        chargers, kinds = self.night.station.chargers, self.night.pack_types.values()
        if chargers.mode == "on_off" or chargers.min_kw > 0 or any(kind.wear for kind in kinds):
            return
        pays = self._pays()
        wanted_kw = np.maximum(self._most_kw - self.power_kw.sum(axis=1), 0.0) * pays.any(axis=1)
        if not wanted_kw.any():
            return
        room_kw = np.where(pays, chargers.max_kw - self.power_kw, 0.0)[:, self.order]
        taken_kw = np.clip(wanted_kw[:, None] - (np.cumsum(room_kw, axis=1) - room_kw), 0.0, room_kw)
        power_kw = self.power_kw.copy()
        power_kw[:, self.order] += taken_kw
        load_kw, busy = power_kw.sum(axis=0), (power_kw > IDLE_KW).sum(axis=0)
        more = self.room.more(slice(None), self.load_kw, load_kw) - float(self._worth_per_kwh @ taken_kw.sum(axis=1))
        is_no_dearer = more <= EQUAL * max(1.0, float(load_kw.sum()))
        if is_no_dearer and (load_kw <= self.room.limit_kw).all() and (busy <= chargers.count).all():
            self.power_kw[:], self.load_kw, self.busy = power_kw, load_kw, busy

    @cached_property
    def most_busy(self) -> Array:
        """Most packs on by slot: no more than chargers, nor, on or off, than the grid carries at once."""
        return np.minimum(float(self.night.station.chargers.count), whole_chargers(self.night))

    def room_kw(self, s: int) -> Array:
        """What the stay may draw in each slot of its window, the others as they are."""
        stay, chargers = self.stays[s], self.night.station.chargers
        slots = slice(stay.charge_from, stay.leave)
        own_kw = self.power_kw[s, slots]
        most_kw = chargers.max_kw
        if self.night.pack_types[stay.type].wear and own_kw.any():
            most_kw = float(own_kw.max())
        free_kw = self.room.limit_kw[slots] - self.load_kw[slots] + own_kw
        room_kw = np.minimum(np.maximum(free_kw, 0.0), most_kw)
        taken = self.busy[slots] - (own_kw > IDLE_KW) >= self.most_busy[slots]
        least_kw = most_kw - POWER_KW if chargers.mode == "on_off" else chargers.min_kw
        return np.where(taken | (room_kw < least_kw), 0.0, room_kw)

    def _wanted_kw(self, s: int, room_kw: Array) -> float:
        """What the stay charges now, in kW summed over slots; a pack that stays, what is worth its cost as well."""
        own_kw, most_kw = max(float(self._asked_kw[s]), float(self.power_kw[s].sum())), float(self._most_kw[s])
        stay = self.stays[s]
        if own_kw >= most_kw:
            return own_kw
        pays = self.room.price_per_kwh[stay.charge_from : stay.leave] <= self._worth_per_kwh[s] + EQUAL
        return max(own_kw, min(most_kw, float(room_kw[pays].sum())))

    def _recharge(self, s: int) -> bool:
        """Is there a better way to charge the stay? Then it is taken."""
        stay = self.stays[s]
        slots, room_kw = slice(stay.charge_from, stay.leave), self.room_kw(s)
        wanted_kw = self._wanted_kw(s, room_kw)
        if wanted_kw <= SMALLEST_KW:
            return False
        price, inside = self.room.price_per_kwh[slots], (self.order >= stay.charge_from) & (self.order < stay.leave)
        found = cheapest_blocks(room_kw, price, self.order[inside] - stay.charge_from, wanted_kw)
        own_kw = self.power_kw[s, slots].copy()
        if found is None or not self.is_better(s, found, own_kw) or not self.keeps_rules(s, found, own_kw):
            return False
        self.put(s, found)
        return True

    def _fits_plug_changes(self, s: int, found: Array) -> bool:
        """No more of them at any boundary than there may be or were, at no more cost."""
        station, slots = self.night.station, range(1, self.night.horizon.slots)
        on = self.power_kw > self.night.charging_kw
        before = _plug_changes(on)
        on[s, self.stays[s].charge_from : self.stays[s].leave] = found > self.night.charging_kw
        after = _plug_changes(on)
        most = np.array([np.inf if (cap := station.most_plug_changes(t)) is None else cap for t in slots])
        cost = np.array([station.cost_of_plug_change(t) for t in slots])
        return bool((after <= np.maximum(most, before)).all() and cost @ (after - before) <= EQUAL)

    def put(self, s: int, found: Array) -> None:
        """Give the stay other powers in its window."""
        slots = slice(self.stays[s].charge_from, self.stays[s].leave)
        own_kw = self.power_kw[s, slots]
        self.load_kw[slots] += found - own_kw
        self.busy[slots] += (found > IDLE_KW).astype(int) - (own_kw > IDLE_KW)
        self.power_kw[s, slots] = found

    def is_better(self, s: int, found: Array, own_kw: Array) -> bool:
        """No dearer, and fuller, or else in fewer blocks, or else earlier."""
        worth, more_kw = self._worth_per_kwh[s], float(found.sum() - own_kw.sum())
        if not self._asked_kw[s] and self.more(s, found) - worth * more_kw > EQUAL * max(1.0, float(found.sum())):
            return False
        if more_kw > SMALLEST_KW:
            return True
        starts, before = starts_of(found, IDLE_KW), starts_of(own_kw, IDLE_KW)
        place = np.arange(len(found))
        return starts < before or (starts == before and float(place @ (own_kw - found)) > SMALLEST_KW)

    def more(self, s: int, found: Array) -> float:
        """What other powers of the stay in its window cost more, in currency per hour, wear included."""
        stay = self.stays[s]
        slots = slice(stay.charge_from, stay.leave)
        own_kw = self.power_kw[s, slots]
        more = self.room.more(slots, self.load_kw[slots], self.load_kw[slots] + found - own_kw)
        if self.night.pack_types[stay.type].wear:
            more += self._wear(stay, found) - self._wear(stay, own_kw)
        return more

    def _wear(self, stay: Stay, power_kw: Array) -> float:
        """In currency per hour, summed over slots: it is compared with prices times kW."""
        lines = lines_of(self.night.pack_types[stay.type].wear)
        return float(np.max([line.intercept + line.slope * power_kw for line in lines], axis=0).sum())

    def keeps_rules(self, s: int, found: Array, own_kw: Array) -> bool:
        """Least power, but in a last slot that ends at E; and ready no later than before, where a reserve asks."""
        station, stay, hours = self.night.station, self.stays[s], self.night.horizon.slot_hours
        if station.counts_plug_changes and not self._fits_plug_changes(s, found):
            return False
        if not (any(station.ready_reserve) or station.chargers.min_kw > 0 or station.chargers.mode == "on_off"):
            return True
        kind = self.night.pack_types[stay.type]
        held_kwh, before_kwh = (stay.start_kwh + hours * np.cumsum(kw) for kw in (found, own_kw))
        if any(station.ready_reserve):
            ready_kwh = kind.swap_kwh - ROUNDED_SHARE * MISSING_KWH
            if int((held_kwh >= ready_kwh).sum()) < int((before_kwh >= ready_kwh).sum()):
                return False
        least_kw = station.chargers.max_kw if station.chargers.mode == "on_off" else station.chargers.min_kw
        weak = (found > IDLE_KW) & (found < least_kw - POWER_KW)
        return not (weak & (held_kwh < kind.target_kwh - ROUNDED_SHARE * MISSING_KWH)).any()


def _plug_changes(on: Mask) -> Index:
    """At the boundaries before slots 1, 2 …: a charger freed by one pack takes another."""
    starts, stops = (on[:, 1:] & ~on[:, :-1]).sum(axis=0), (on[:, :-1] & ~on[:, 1:]).sum(axis=0)
    return np.asarray(np.maximum(starts, stops))


def in_time(stays: Sequence[Stay]) -> list[int]:
    """Numbers of stays: those that end first, then begin first, are fuller, come first by name: whatever the order of
    packs in the file."""
    return sorted(
        range(len(stays)),
        key=lambda s: (stays[s].leave, stays[s].arrive, -stays[s].start_kwh, len(stays[s].pack), stays[s].pack),
    )


def powers_of(schedule: Schedule, stays: Sequence[Stay]) -> Array:
    """The schedule's powers in kW in the order of its stays, shape (stays, slots)."""
    by_pack = {row.pack: row.power_kw for row in schedule.rows}
    return np.array([by_pack[stay.pack] for stay in stays])
