"""Who stands in which bay from when to when, once it is known which pack serves which swap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.station.acceptance import Reach, reach_of_kind
from models.station.instance import RETURN_PREFIX, Night, Swap, returned_pack_id

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Stay:
    """One pack in one bay, from slot `arrive` until it is handed over in slot `leave` (the horizon's length: never).

    It may charge in slots `charge_from` … `leave` − 1, in a bay without charger in none. `start_kwh` is cut off at E;
    `need_kwh` is what it must hold when it leaves (0: it stays).
    """

    pack: str
    type: str
    bay: int
    arrive: int
    charge_from: int
    leave: int
    start_kwh: float
    need_kwh: float
    swap: str | None

    @property
    def window(self) -> range:
        """Slots in which the pack may charge."""
        return range(self.charge_from, self.leave)


def stays_of(night: Night, by_swap: Mapping[str, str]) -> list[Stay]:
    """The stays that follow from pack ids per served swap, by bay and time. Raises ValueError if infeasible.

    Swaps of several packs by `Night.by_pack`; whether all of their parts are served is not looked at.
    """
    night = night.by_pack
    swaps = {swap.id: swap for swap in night.station.swaps}
    taker = {pack: swaps[swap] for swap, pack in by_swap.items()}
    if len(taker) != len(by_swap):
        raise ValueError("a pack is handed over twice")
    stays: list[Stay] = []
    for bay, pack in zip(night.station.bay_numbers, night.station.packs, strict=True):
        energy_kwh = pack.soc * night.pack_types[pack.type].capacity_kwh
        name, arrive, charge_from = pack.id, 0, 0
        while True:
            swap = taker.get(name)
            stays.append(_stay(night, name, pack.type, bay, arrive, charge_from, energy_kwh, swap))
            if swap is None or swap.returned_soc is None:
                break
            name, arrive = returned_pack_id(swap.id), swap.slot
            charge_from = min(arrive + night.station.turnaround_slots, night.horizon.slots)
            energy_kwh = swap.returned_soc * night.pack_types[pack.type].capacity_kwh
    if sum(stay.swap is not None for stay in stays) != len(by_swap):
        raise ValueError("a pack is handed over that never came")
    return stays


def _stay(
    night: Night, name: str, kind: str, bay: int, arrive: int, charge_from: int, energy_kwh: float, swap: Swap | None
) -> Stay:
    leave = night.horizon.slots if swap is None else swap.slot
    if leave < arrive or (leave == arrive and name.startswith(RETURN_PREFIX)):
        raise ValueError(f"{name} would leave before it comes")
    return Stay(
        pack=name,
        type=kind,
        bay=bay,
        arrive=arrive,
        charge_from=charge_from if night.station.has_charger(bay) else max(charge_from, leave),
        leave=leave,
        start_kwh=min(energy_kwh, night.pack_types[kind].target_kwh),
        need_kwh=0.0 if swap is None else night.needed_kwh(swap),
        swap=None if swap is None else swap.id,
    )


def powers_of_stays(
    stays: Sequence[Stay], slots: int, power_kw: Mapping[str, Mapping[int, float]]
) -> NDArray[np.float64]:
    """Power in kW, shape (stays, slots), from power by pack and slot; a pack has one stay."""
    import numpy as np  # those who check or show a plan need none of it

    powers = np.zeros((len(stays), slots))
    for s, stay in enumerate(stays):
        for t, kw in power_kw.get(stay.pack, {}).items():
            powers[s, t] = kw
    return powers


def most_charge_kw(night: Night, stay: Stay) -> float:
    """Most power that a stay can ever see: its pack is never emptier than on arrival."""
    reach, hours = reach_of_stay(night, stay), night.horizon.slot_hours
    room_kw = (reach.kind.target_kwh - stay.start_kwh) / hours
    if reach.falls_concavely:
        return max(0.0, min(room_kw, reach.max_kw, *(line.at(stay.start_kwh) for line in reach.lines)))
    return max(0.0, min(room_kw, reach.max_kw, reach.most_gain_kwh(stay.start_kwh) / hours))


def reach_of_stay(night: Night, stay: Stay) -> Reach:
    """What a slot on a charger does to the pack of a stay."""
    kind = night.kind_of(stay.pack, stay.type)
    return reach_of_kind(kind, night.station.chargers.max_kw, night.horizon.slot_hours)


def highest_energy_kwh(night: Night, stays: Sequence[Stay]) -> dict[tuple[int, int], float]:
    """Energy at the end of each slot under full power: a line of the curve not reached by then cannot bind."""
    most: dict[tuple[int, int], float] = {}
    for s, stay in enumerate(stays):
        reach, energy_kwh = reach_of_stay(night, stay), stay.start_kwh
        for t in stay.window:
            energy_kwh = reach.after_kwh(energy_kwh)
            most[s, t] = energy_kwh
    return most
