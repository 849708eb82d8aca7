"""Two plans without optimisation: uncontrolled charging, and cheapest slots first. Both obey every rule.

They are what plans are compared with. Under load caps (`heuristics/load_caps.py`) they know demand charges, too.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from models.formulations.levels.data import start_kwh
from models.station.cost import Cost, cost_of
from models.station.instance import Night, Swap, returned_pack_id
from models.station.pack_type import PackType
from models.station.parts import whole_schedule
from models.station.schedule import Schedule
from models.station.stays import powers_of_stays, stays_of
from models.tolerances import EQUAL, is_same_money
from optimizer.engine.build_schedule import build_schedule
from optimizer.engine.slot_capacity import Session, SlotCapacity

UNCONTROLLED_CHARGING = "charge on arrival"
CHEAPEST_SLOTS_FIRST = "cheapest slots first"


@dataclass(eq=False)
class BookedPack:
    """A pack in the station: energy on arrival in kWh, first slot in which it may charge, what is booked for it.

    `has_charger`: is there one in its bay?
    """

    id: str
    kind: PackType
    start_kwh: float
    arrive: int
    charge_from: int
    has_charger: bool = True
    session: Session = field(default_factory=Session)


def uncontrolled_charging(night: Night, limit_kw: Sequence[float] | None = None) -> Schedule:
    """Every pack charges to its target as soon as it comes, at the most power; drivers get the oldest ready pack.

    `limit_kw`: most drawn power by slot, where less than the grid's limit is to be used.
    """
    return UncontrolledCharging(night, limit_kw).run()


def cheapest_slots_first(night: Night, limit_kw: Sequence[float] | None = None) -> Schedule:
    """Packs serve swaps first come, first served; each charges in the fewest of its cheapest slots that will do.

    `limit_kw`: as of `uncontrolled_charging`.
    """
    return _CheapestFirst(night, limit_kw).run()


def baseline_cost(night: Night) -> Cost:
    """The bill of uncontrolled charging, which a plan's saving is measured against."""
    return cost_of(night, uncontrolled_charging(night))


def _whole(swap: Swap) -> str:
    return swap.id if swap.part_of is None else swap.part_of


class Simulation:
    """Swaps in order of time; subclasses say when packs charge and who is fit to leave."""

    def __init__(self, night: Night, limit_kw: Sequence[float] | None = None) -> None:
        self.asked, self.night = night, night.by_pack
        self.capacity = SlotCapacity(night, limit_kw)
        self.slots = night.horizon.slots
        self.present: list[BookedPack] = []
        self.gone: list[BookedPack] = []
        self.by_swap: dict[str, str] = {}
        self.swaps_lost = 0
        self.asked_cost = {swap.id: swap.lost_cost for swap in night.station.swaps}
        self.initial = {pack.id for pack in night.station.packs}
        self.must_serve = {part for swap in night.station.swaps if swap.must_serve for part in swap.part_ids}
        self.sorts = night.station.has_packs_without_charger
        self.wanted = {swap.pack: swap.id for swap in night.station.swaps if swap.pack is not None}
        self._unmet: set[tuple[int, str, float, int, bool]] = set()  # what no packs here can meet

    def run(self) -> Schedule:
        """The whole night's schedule."""
        self.simulate()
        return self.schedule()

    def simulate(self, most_lost_cost: float = math.inf) -> bool:
        """Go through the night; False, and broken off, where lost swaps cost more than `most_lost_cost`."""
        station = self.night.station
        packs = [
            self._booked(pack.id, pack.type, start_kwh(self.night, pack), 0, 0, station.has_charger(bay))
            for bay, pack in zip(station.bay_numbers, station.packs, strict=True)
        ]
        for pack in sorted(packs, key=lambda p: (-p.start_kwh, len(p.id), p.id)):
            self.arrives(pack)
        in_time = sorted(self.night.station.swaps, key=lambda s: (s.slot, len(_whole(s)), _whole(s)))
        lost_cost = 0.0
        for asked, group in groupby(in_time, key=_whole):
            parts = list(group)
            if not self._serve(parts):
                self.swaps_lost += 1
                lost_cost += self.asked_cost.get(asked, sum(part.lost_cost for part in parts))
                if lost_cost > most_lost_cost and not is_same_money(lost_cost, most_lost_cost):
                    return False
        return True

    def schedule(self) -> Schedule:
        """The plan of a night that was simulated."""
        power_kw = {pack.id: pack.session.power_kw for pack in (*self.gone, *self.present)}
        stays = stays_of(self.night, self.by_swap)
        plan = build_schedule(self.night, stays, powers_of_stays(stays, self.slots, power_kw))
        return whole_schedule(self.asked, plan)

    def _booked(
        self, name: str, kind: str, energy_kwh: float, arrive: int, charge_from: int, has_charger: bool
    ) -> BookedPack:
        first = charge_from if has_charger else self.slots
        return BookedPack(name, self.night.kind_of(name, kind), energy_kwh, arrive, first, has_charger)

    def arrives(self, pack: BookedPack) -> None:
        """The pack stands in its bay from now on."""
        self.present.append(pack)

    def prepare(self, pack: BookedPack, swap: Swap) -> bool:
        """Make the pack ready for the swap if it can be."""
        raise NotImplementedError

    def _serve(self, parts: Sequence[Swap]) -> bool:
        """Serve one swap, all of its packs or none. Is it served?"""
        one = parts[0]
        request = one.slot, one.type, self.night.needed_kwh(one), len(parts), one.id in self.must_serve
        if one.pack is None and request in self._unmet:
            return False
        if leaving := self._fit_to_leave(parts):
            for swap, pack in zip(parts, leaving, strict=True):
                self._swap(swap, pack)
            self._unmet.clear()
            return True
        if one.pack is None:
            self._unmet.add(request)
        return False

    def _fit_to_leave(self, parts: Sequence[Swap]) -> list[BookedPack]:
        """A pack for each part, made ready; none at all where there are too few."""
        if len(parts) == 1:
            found = next((pack for pack in self._candidates(parts[0]) if self.prepare(pack, parts[0])), None)
            return [] if found is None else [found]
        before: list[tuple[BookedPack, Session]] = []
        for swap in parts:
            left = ((p, p.session) for p in self._candidates(swap) if all(p is not taken for taken, _ in before))
            one = next((one for one in left if self.prepare(one[0], swap)), None)
            if one is None:
                self._undo(before)
                return []
            before.append(one)
        return [pack for pack, _ in before]

    def _undo(self, before: Iterable[tuple[BookedPack, Session]]) -> None:
        """Give packs the sessions again that they had before they were made ready."""
        for pack, session in before:
            self.capacity.book(pack.session, sign=-1)
            self.capacity.book(session)
            pack.session = session

    def _candidates(self, swap: Swap) -> Iterator[BookedPack]:
        """Packs of the type, oldest first, those at chargers before others: what comes back is charged there.

        A pack that another swap wants is left for it, but where this one must be served.
        """
        return (
            pack
            for pack in (sorted(self.present, key=lambda pack: not pack.has_charger) if self.sorts else self.present)
            if pack.kind.id == swap.type
            and (pack.arrive < swap.slot or pack.id in self.initial)
            and (pack.id == swap.pack if swap.pack is not None else self._is_free(pack, swap))
        )

    def _is_free(self, pack: BookedPack, swap: Swap) -> bool:
        return pack.id not in self.wanted or swap.id in self.must_serve

    def _swap(self, swap: Swap, pack: BookedPack) -> None:
        self.by_swap[swap.id] = pack.id
        self.present.remove(pack)
        self.gone.append(pack)
        if swap.returned_soc is not None:
            name = returned_pack_id(swap.id)
            kind = self.night.pack_types[swap.type]
            energy_kwh = min(swap.returned_soc * kind.capacity_kwh, kind.target_kwh)
            first = min(self.slots, swap.slot + self.night.station.turnaround_slots)
            self.arrives(self._booked(name, swap.type, energy_kwh, swap.slot, first, pack.has_charger))


class UncontrolledCharging(Simulation):
    """As `uncontrolled_charging` says."""

    def arrives(self, pack: BookedPack) -> None:
        """It charges at once, as far as there is room."""
        super().arrives(pack)
        target_kwh = pack.kind.target_kwh
        window = range(pack.charge_from, self.slots)
        session: Session | None = Session()
        if self.capacity.is_capped:
            tries = (
                self.capacity.uninterrupted(pack.kind, pack.start_kwh, window[skip:], target_kwh)
                for skip in range(len(window))
            )
            session = next((found for found in tries if found), None) if target_kwh > pack.start_kwh + EQUAL else None
        else:
            session = self.capacity.chronological(pack.kind, pack.start_kwh, window, target_kwh)
        if session:
            self.capacity.book(session)
            pack.session = session

    def prepare(self, pack: BookedPack, swap: Swap) -> bool:
        """It holds enough by now, or is left."""
        held_kwh = pack.session.energy_kwh(pack.start_kwh, swap.slot, self.capacity.hours)
        if held_kwh < self.night.needed_kwh(swap) - EQUAL or not self.capacity.can_cut(pack.session, swap.slot):
            return False
        pack.session = self.capacity.cut(pack.session, swap.slot)
        return True


class _CheapestFirst(Simulation):
    def __init__(self, night: Night, limit_kw: Sequence[float] | None = None) -> None:
        super().__init__(night, limit_kw)
        # energy and first slot of packs that could not be made ready, by type, need and time: what is left only shrinks
        self._late: dict[tuple[str, float, int], list[tuple[float, int]]] = defaultdict(list)

    def _undo(self, before: Iterable[tuple[BookedPack, Session]]) -> None:
        super()._undo(before)
        self._late.clear()

    def prepare(self, pack: BookedPack, swap: Swap) -> bool:
        needed_kwh = self.night.needed_kwh(swap)
        if pack.start_kwh >= needed_kwh - EQUAL:
            return True
        window = range(pack.charge_from, swap.slot)
        if pack.start_kwh + len(window) * self.night.reach_full_kwh < needed_kwh - EQUAL:
            return False
        late = self._late[pack.kind.id, needed_kwh, swap.slot]
        if any(pack.start_kwh <= start_kwh and pack.charge_from >= first for start_kwh, first in late):
            return False  # nor could a pack that held no less and came no later
        find = self._cheapest_block if self.capacity.is_capped else self._cheapest_slots
        session = find(pack, window, needed_kwh)
        if session is None:
            late.append((pack.start_kwh, pack.charge_from))
            return False
        self.capacity.book(session)
        pack.session = session
        return True

    def _cheapest_slots(self, pack: BookedPack, window: range, needed_kwh: float) -> Session | None:
        """The fewest of the cheapest slots in which the pack gains what it needs."""
        prices = self.night.tariff_series.price_per_kwh
        by_price = sorted(window, key=lambda t: (prices[t], t))
        full_kwh = self.night.reach_full_kwh
        fewest = max(1, int((needed_kwh - pack.start_kwh) / full_kwh))
        best, enough = None, len(by_price)
        while best is None or fewest < enough:
            count = enough if best is None else (fewest + enough) // 2  # all of them first: do they suffice at all?
            session = self.capacity.chronological(pack.kind, pack.start_kwh, sorted(by_price[:count]), needed_kwh)
            if self._suffices(session, pack, needed_kwh):
                best, enough = session, count
            elif best is None:
                return None
            else:
                fewest = count + 1
        return best

    def _cheapest_block(self, pack: BookedPack, window: range, needed_kwh: float) -> Session | None:
        """The cheapest session without a pause: plug changes are scarce."""
        prices = self.night.tariff_series.price_per_kwh
        tries = (
            self.capacity.uninterrupted(pack.kind, pack.start_kwh, window[skip:], needed_kwh)
            for skip in range(len(window))
        )
        fit = [session for session in tries if session and self._suffices(session, pack, needed_kwh)]
        return min(fit, key=lambda s: sum(prices[t] * kw for t, kw in s.power_kw.items()), default=None)

    def _suffices(self, session: Session, pack: BookedPack, needed_kwh: float) -> bool:
        return session.energy_kwh(pack.start_kwh, self.slots, self.capacity.hours) >= needed_kwh - EQUAL
