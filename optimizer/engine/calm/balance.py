"""Bays charge alike: of packs that are full when a driver comes, the one whose bay has charged least is handed over.

What the driver brings takes its bay and charges there: list scheduling (Graham 1966), which gives each next job to who
has least behind him. Nothing else moves: full packs charge no more, whoever gets them.
"""

from __future__ import annotations

from collections.abc import Iterator

from models.station.cost import type_of_pack
from models.station.instance import RETURN_PREFIX, Night, returned_pack_id
from models.station.schedule import Schedule
from models.station.stays import Stay, stays_of
from models.tolerances import EQUAL
from optimizer.engine.build_schedule import build_schedule
from optimizer.engine.calm.stay_powers import powers_of

SAME_KWH_DIGITS = 3  # bays whose kWh agree to so many have charged alike
AT_START = -1  # when the packs of the start came


def with_balanced_bays(night: Night, schedule: Schedule) -> Schedule:
    """The schedule with full packs handed over in turn: from the bay that has charged least, the first that came, by
    name.

    `night` has one pack a swap. Cost and rules do not see the difference: bays change places where both have a charger
    or both have none, and packs that somebody asks for do not.
    """
    packs = _FullPacks(night, schedule)
    for swap in sorted(night.station.swaps, key=lambda one: one.slot):
        packs.serve(swap.id, swap.slot)
    if packs.by_swap == schedule.by_swap():
        return schedule
    stays = stays_of(night, packs.by_swap)
    power_kw = powers_of(schedule, stays)
    return build_schedule(night, stays, power_kw, schedule.solar_used_kw or None, schedule.reserve_shortfall or None)


class _FullPacks:
    """`by_swap`: the pack of each swap served, exchanged swap by swap in their order in time."""

    def __init__(self, night: Night, schedule: Schedule) -> None:
        self.by_swap = dict(schedule.by_swap())
        self._swap_of = {pack: swap for swap, pack in self.by_swap.items()}
        self._slot_of = {swap.id: swap.slot for swap in night.station.swaps}
        self._kinds = type_of_pack(night)
        self._bay_kwh: dict[str, float] = {}  # by the pack in it: what the bay has charged once that pack leaves
        self._has_charger: dict[str, bool] = {}
        self._full: dict[str, tuple[int, int]] = {}  # by pack: when it came, from when on it is full
        asked_for = {swap.pack for swap in night.station.swaps}
        powers = {row.pack: row.power_kw for row in schedule.rows}
        for stay in stays_of(night, self.by_swap):
            power_kw = powers[stay.pack]
            self._bay_kwh[stay.pack] = night.horizon.slot_hours * sum(power_kw)
            self._has_charger[stay.pack] = night.station.has_charger(stay.bay)
            full = _full_from(night, stay, power_kw)
            if full is not None and stay.pack not in asked_for:
                came = stay.arrive if stay.pack.startswith(RETURN_PREFIX) else AT_START
                self._full[stay.pack] = came, full

    def serve(self, swap: str, slot: int) -> None:
        """Hand over the full pack whose turn it is; that which the swap had changes places with it."""
        pack = self.by_swap.get(swap)
        if pack is None:
            return
        if pack in self._full and self._full[pack][1] <= slot:
            first = min(self._places(pack, slot))[-1]
            if first != pack:
                self._exchange(swap, pack, first)
        pack, brought = self.by_swap[swap], returned_pack_id(swap)
        self._full.pop(pack, None)
        if brought in self._bay_kwh:
            self._bay_kwh[brought] += self._bay_kwh[pack]

    def _places(self, pack: str, slot: int) -> Iterator[tuple[float, int, int, str]]:
        """What decides between the full packs that may be handed over in `slot` in place of `pack`, itself included."""
        for other, (came, full) in self._full.items():
            is_there = full <= slot and (came < slot or other == pack) and self._leaves(other) >= slot
            is_alike = self._kinds[other] == self._kinds[pack] and self._has_charger[other] == self._has_charger[pack]
            if is_there and is_alike:
                yield round(self._bay_kwh[other], SAME_KWH_DIGITS), came, len(other), other

    def _leaves(self, pack: str) -> float:
        swap = self._swap_of.get(pack)
        return float("inf") if swap is None else self._slot_of[swap]

    def _exchange(self, swap: str, pack: str, first: str) -> None:
        later = self._swap_of.pop(first, None)
        del self._swap_of[pack]
        self.by_swap[swap], self._swap_of[first] = first, swap
        if later is not None:
            self.by_swap[later], self._swap_of[pack] = pack, later


def _full_from(night: Night, stay: Stay, power_kw: tuple[float, ...]) -> int | None:
    """The slot from whose start on the pack is full; None: it never is."""
    held_kwh, target_kwh, hours = (
        stay.start_kwh,
        night.pack_types[stay.type].target_kwh - EQUAL,
        night.horizon.slot_hours,
    )
    if held_kwh >= target_kwh:
        return stay.arrive
    if held_kwh + hours * sum(power_kw) < target_kwh:
        return None
    for slot in range(stay.arrive, stay.leave):
        held_kwh += hours * power_kw[slot]
        if held_kwh >= target_kwh:
            return slot + 1
    return None
