"""What is left in every slot: grid power, chargers, plug changes. The baselines book from it.

Where the grid limit holds at every moment a partial slot takes its full power out of it, and what that is above the
average must fit the grid alone, for no sun need shine on it: none is used beyond the average load.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from models.station.acceptance import Reach, reach_of_kind
from models.station.at_once import at_once_kw, limits_partial_slots
from models.station.instance import Night
from models.station.pack_type import PackType
from models.tolerances import EQUAL


@dataclass
class Session:
    """Charging booked for one pack: power in kW by slot, in order of time; what it draws above that while a partial
    slot lasts."""

    power_kw: dict[int, float] = field(default_factory=dict)
    more_kw: dict[int, float] = field(default_factory=dict)

    def add(self, slot: int, kw: float, more_kw: float) -> None:
        """Charge in a slot."""
        self.power_kw[slot] = kw
        if more_kw > 0:
            self.more_kw[slot] = more_kw

    def energy_kwh(self, start_kwh: float, before: int, slot_hours: float) -> float:
        """Energy at the start of slot `before`."""
        if self.ends_by(before):
            return start_kwh + slot_hours * sum(self.power_kw.values())
        return start_kwh + slot_hours * sum(kw for t, kw in self.power_kw.items() if t < before)

    def ends_by(self, slot: int) -> bool:
        """Is it over when `slot` begins?"""
        return not self.power_kw or next(reversed(self.power_kw)) < slot


class SlotCapacity:
    """What is left in every slot of a night once the sessions booked so far are served.

    `limit_kw`: a limit on drawn power by slot, instead of the grid's.
    """

    def __init__(self, night: Night, limit_kw: Sequence[float] | None = None) -> None:
        station, self.night = night.station, night
        self.chargers, self.charging_kw = station.chargers, night.charging_kw
        self.is_at_once = limits_partial_slots(night)
        self.is_plain = not self.is_at_once and self.chargers.mode == "continuous" and self.chargers.min_kw == 0
        self.slots = night.horizon.slots
        self.hours = night.horizon.slot_hours
        limits_kw = station.grid_limit_kw if limit_kw is None else limit_kw
        loads = zip(limits_kw, station.base_load_kw, station.solar_kw, strict=True)
        self.free_kw = [station.chargers.efficiency * (limit - base + solar) for limit, base, solar in loads]
        grid = zip(station.grid_limit_kw, station.base_load_kw, station.solar_kw, strict=True)
        self.free_at_once_kw = [station.chargers.efficiency * (limit - base + solar) for limit, base, solar in grid]
        self.free_above_kw = [station.chargers.efficiency * limit for limit in station.grid_limit_kw]
        self.free_chargers = [station.chargers.count] * self.slots
        self.is_capped = station.plug_changes_max is not None
        most = [station.most_plug_changes(t) for t in range(self.slots)]
        self.free_starts = [*(len(station.packs) if cap is None else cap for cap in most), len(station.packs)]
        self.free_stops = list(self.free_starts)
        self.free_starts[0] = self.free_stops[self.slots] = len(station.packs)  # no boundary there

    def chronological(self, kind: PackType, start_kwh: float, slots: Iterable[int], target_kwh: float) -> Session:
        """Most power in each of `slots` (in order of time) until the pack holds `target_kwh`; free slots only."""
        if self.is_plain and not kind.has_curve:
            return self._plainly(kind, start_kwh, slots, target_kwh)
        session, energy, reach = Session(), start_kwh, self._reach(kind)
        for t in slots:
            if energy >= target_kwh - EQUAL:
                break
            power, more = self._power_kw(reach, energy, t)
            if power:
                session.add(t, power, more)
                energy += self.hours * power
        return session

    def _plainly(self, kind: PackType, start_kwh: float, slots: Iterable[int], target_kwh: float) -> Session:
        """The same where any power up to the most will do, call by call as `_power_kw` has it: simulations of a night
        spend their time here."""
        hours, full_kwh, top_kwh = self.hours, self.hours * self.chargers.max_kw, kind.target_kwh
        free_kw, free_chargers, charging_kw, enough_kwh = (
            self.free_kw, self.free_chargers, self.charging_kw, target_kwh - EQUAL
        )  # fmt: skip
        power_kw: dict[int, float] = {}
        energy_kwh = start_kwh
        for t in slots:
            if energy_kwh >= enough_kwh:
                break
            if free_chargers[t] >= 1:
                after_kwh = energy_kwh + full_kwh
                if after_kwh > top_kwh:
                    after_kwh = top_kwh if top_kwh > energy_kwh else energy_kwh
                kw, most_kw = (after_kwh - energy_kwh) / hours, free_kw[t]
                if most_kw < kw:
                    kw = most_kw
                if kw > charging_kw:
                    power_kw[t] = kw
                    energy_kwh += hours * kw
        return Session(power_kw)

    def uninterrupted(self, kind: PackType, start_kwh: float, slots: range, target_kwh: float) -> Session | None:
        """Charging from the first of `slots` on, without a pause, to the goal; None where that cannot be."""
        if not slots or self.free_starts[slots[0]] < 1:
            return None
        session, energy, reach = Session(), start_kwh, self._reach(kind)
        for t in slots:
            power, more = self._power_kw(reach, energy, t)
            if not power:
                return None
            session.add(t, power, more)
            energy += self.hours * power
            if energy >= target_kwh - EQUAL:
                return session if self.free_stops[t + 1] > 0 else None
        return session if slots[-1] == self.slots - 1 else None

    def _reach(self, kind: PackType) -> Reach:
        return reach_of_kind(kind, self.chargers.max_kw, self.hours)

    def _power_kw(self, reach: Reach, energy_kwh: float, t: int) -> tuple[float, float]:
        """The power a pack of this energy can have in slot t, 0 for none, and what it draws above it for a while."""
        if self.free_chargers[t] < 1:
            return 0.0, 0.0
        most_kw = (reach.after_kwh(energy_kwh) - energy_kwh) / self.hours
        power_kw = min(most_kw, self.free_kw[t], *([self.free_at_once_kw[t]] if self.is_at_once else []))
        ends_full = energy_kwh + self.hours * power_kw >= reach.kind.target_kwh - EQUAL
        least_kw = most_kw if self.chargers.mode == "on_off" else (0.0 if ends_full else self.chargers.min_kw)
        if power_kw <= self.charging_kw or power_kw < least_kw:
            return 0.0, 0.0
        if not (self.is_at_once and ends_full):
            return power_kw, 0.0
        more_kw = at_once_kw(self.night, reach.kind, energy_kwh, power_kw) - power_kw
        fits = max(power_kw + more_kw - self.free_at_once_kw[t], more_kw - self.free_above_kw[t]) <= EQUAL
        return (power_kw, more_kw) if fits else (0.0, 0.0)

    def book(self, session: Session, sign: int = 1) -> None:
        """Take the session out of what is left (`sign` −1: give it back)."""
        for t, kw in session.power_kw.items():
            self.free_kw[t] -= sign * kw
            self.free_chargers[t] -= sign
        if self.is_at_once:
            for t, kw in session.power_kw.items():
                more_kw = session.more_kw.get(t, 0.0)
                self.free_at_once_kw[t] -= sign * (kw + more_kw)
                self.free_above_kw[t] -= sign * more_kw
        if self.is_capped:
            for t in session.power_kw:
                if t - 1 not in session.power_kw:
                    self.free_starts[t] -= sign
                if t + 1 not in session.power_kw:
                    self.free_stops[t + 1] -= sign

    def can_cut(self, session: Session, at: int) -> bool:
        """May the session end at the start of slot `at` without a plug change too many?"""
        if not self.is_capped:
            return True
        charging = at - 1 in session.power_kw and at in session.power_kw
        return not charging or self.free_stops[at] > 0

    def cut(self, session: Session, at: int) -> Session:
        """End a booked session at the start of slot `at`; returns what is left of it."""
        if session.ends_by(at):
            return session
        self.book(session, sign=-1)
        kept = Session(*({t: kw for t, kw in part.items() if t < at} for part in (session.power_kw, session.more_kw)))
        self.book(kept)
        return kept
