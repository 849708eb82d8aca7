"""What is left in every slot: grid power, chargers, plug changes. The baselines book from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from models.station.acceptance import Reach, reach_of_kind
from models.station.instance import Night
from models.station.pack_type import PackType
from models.tolerances import EQUAL


@dataclass
class Session:
    """Charging booked for one pack: power in kW by slot."""

    power_kw: dict[int, float] = field(default_factory=dict)

    def energy_kwh(self, start_kwh: float, before: int, slot_hours: float) -> float:
        """Energy at the start of slot `before`."""
        return start_kwh + slot_hours * sum(kw for t, kw in self.power_kw.items() if t < before)


class SlotCapacity:
    """What is left in every slot of a night once the sessions booked so far are served.

    `limit_kw`: a limit on drawn power by slot, instead of the grid's.
    """

    def __init__(self, night: Night, limit_kw: Sequence[float] | None = None) -> None:
        station = night.station
        self.chargers, self.charging_kw = station.chargers, night.charging_kw
        self.slots = night.horizon.slots
        self.hours = night.horizon.slot_hours
        limits_kw = station.grid_limit_kw if limit_kw is None else limit_kw
        loads = zip(limits_kw, station.base_load_kw, station.solar_kw, strict=True)
        self.free_kw = [station.chargers.efficiency * (limit - base + solar) for limit, base, solar in loads]
        self.free_chargers = [station.chargers.count] * self.slots
        self.is_capped = station.plug_changes_max is not None
        most = [station.most_plug_changes(t) for t in range(self.slots)]
        self.free_starts = [*(len(station.packs) if cap is None else cap for cap in most), len(station.packs)]
        self.free_stops = list(self.free_starts)
        self.free_starts[0] = self.free_stops[self.slots] = len(station.packs)  # no boundary there

    def chronological(self, kind: PackType, start_kwh: float, slots: Iterable[int], target_kwh: float) -> Session:
        """Most power in each of `slots` (in order of time) until the pack holds `target_kwh`; free slots only."""
        session, energy, reach = Session(), start_kwh, self._reach(kind)
        for t in slots:
            if energy >= target_kwh - EQUAL:
                break
            if power := self._power_kw(reach, energy, t):
                session.power_kw[t] = power
                energy += self.hours * power
        return session

    def uninterrupted(self, kind: PackType, start_kwh: float, slots: range, target_kwh: float) -> Session | None:
        """Charging from the first of `slots` on, without a pause, to the goal; None where that cannot be."""
        if not slots or self.free_starts[slots[0]] < 1:
            return None
        session, energy, reach = Session(), start_kwh, self._reach(kind)
        for t in slots:
            power = self._power_kw(reach, energy, t)
            if not power:
                return None
            session.power_kw[t] = power
            energy += self.hours * power
            if energy >= target_kwh - EQUAL:
                return session if self.free_stops[t + 1] > 0 else None
        return session if slots[-1] == self.slots - 1 else None

    def _reach(self, kind: PackType) -> Reach:
        return reach_of_kind(kind, self.chargers.max_kw, self.hours)

    def _power_kw(self, reach: Reach, energy_kwh: float, t: int) -> float:
        """The power a pack of this energy can have in slot t; 0 for none."""
        if self.free_chargers[t] < 1:
            return 0.0
        most_kw = (reach.after_kwh(energy_kwh) - energy_kwh) / self.hours
        power_kw = min(most_kw, self.free_kw[t])
        ends_full = energy_kwh + self.hours * power_kw >= reach.kind.target_kwh - EQUAL
        least_kw = most_kw if self.chargers.mode == "on_off" else (0.0 if ends_full else self.chargers.min_kw)
        return power_kw if power_kw > self.charging_kw and power_kw >= least_kw else 0.0

    def book(self, session: Session, sign: int = 1) -> None:
        """Take the session out of what is left (`sign` −1: give it back)."""
        for t, kw in session.power_kw.items():
            self.free_kw[t] -= sign * kw
            self.free_chargers[t] -= sign
            if t - 1 not in session.power_kw:
                self.free_starts[t] -= sign
            if t + 1 not in session.power_kw:
                self.free_stops[t + 1] -= sign

    def can_cut(self, session: Session, at: int) -> bool:
        """May the session end at the start of slot `at` without a plug change too many?"""
        charging = at - 1 in session.power_kw and at in session.power_kw
        return not charging or self.free_stops[at] > 0

    def cut(self, session: Session, at: int) -> Session:
        """End a booked session at the start of slot `at`; returns what is left of it."""
        self.book(session, sign=-1)
        kept = Session({t: kw for t, kw in session.power_kw.items() if t < at})
        self.book(kept)
        return kept
