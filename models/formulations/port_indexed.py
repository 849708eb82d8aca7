"""A central charging depot port by port, hour by hour: which port charges which pack. models/README.md, section 8.

The form in which such depots are published (Fotedar, Wu, Kulcsár and Jörnsten, arXiv 2505.07047). Ports are alike and
so are many packs, so it is symmetric twice over; it stands beside `arc_flow` to show what that costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.formulations.grid_arrays import add_grid_and_bill
from models.formulations.levels.data import start_kwh
from models.formulations.matrix import Array, Index, Matrix, MatrixBuilder
from models.formulations.names import Indexed
from models.station.instance import Night, Swap
from models.station.pack_type import lines_of
from models.tolerances import EQUAL, MISSING_KWH


@dataclass(frozen=True)
class PortIndexed:
    """The programme. `charging`, shape (pairs, ports): columns of each pack and slot; `packs`, `slots`: which ones.

    `served`: columns of swaps served.
    """

    night: Night
    matrix: Matrix
    charging: Index
    served: Index
    packs: tuple[str, ...]
    slots: tuple[int, ...]

    def hand_overs(self, point: Array) -> dict[str, str]:
        """Pack id by served swap: the one asked for."""
        is_served = (point[self.served] > 0.5).tolist()
        return {swap.id: str(swap.pack) for swap, yes in zip(self.night.station.swaps, is_served, strict=True) if yes}

    def power_kw(self, point: Array) -> dict[str, dict[int, float]]:
        """Power by pack and slot of a point."""
        power: dict[str, dict[int, float]] = {}
        is_on = point[self.charging].sum(axis=1) > 0.5
        for p in np.flatnonzero(is_on).tolist():
            power.setdefault(self.packs[p], {})[self.slots[p]] = self.night.station.chargers.max_kw
        return power


def port_indexed_refusal(night: Night) -> str | None:
    """Why a night is no such depot; None if it is one."""
    return next(_refusals(night), None)


def _refusals(night: Night) -> Iterator[str]:
    station, wanted = night.station, [swap.pack for swap in night.station.swaps]
    if night.by_pack is not night or station.has_packs_without_charger:
        yield "its packs or bays are not all in use, or swaps must be served, or take several packs"
    if station.chargers.mode != "on_off":
        yield "its chargers are not on/off"
    if None in wanted or len(set(wanted)) < len(wanted) or len(wanted) != len(station.packs):
        yield "not every pack is asked for by name by one swap"
    if any(swap.returned_soc is not None for swap in station.swaps):
        yield "its swaps return packs"
    if any(station.ready_reserve):
        yield "it keeps a ready reserve"
    if any(kind.has_curve for kind in night.pack_types.values()):
        yield "its packs have acceptance curves"
    if any(not _fills_in_whole_slots(night, swap) for swap in station.swaps):
        yield "a pack does not fill up in whole slots"
    series = night.tariff_series
    if min(series.price_per_kwh) < 0 or series.tiers or series.demands:
        yield "its tariff has negative prices, tiers or demand charges"
    if any(night.end_value_per_kwh(kind) for kind in night.pack_types.values()):
        yield "energy left at the end is worth something"


def _slots_needed(night: Night, swap: Swap, kwh: float) -> float:
    pack = next(pack for pack in night.station.packs if pack.id == swap.pack)
    return (kwh - start_kwh(night, pack)) / night.reach_full_kwh


def _fills_in_whole_slots(night: Night, swap: Swap) -> bool:
    if swap.pack is None:
        return True
    slots = _slots_needed(night, swap, night.pack_types[swap.type].target_kwh)
    return bool(abs(slots - round(slots)) <= EQUAL * max(1.0, slots))


def _wear(night: Night, swap: Swap) -> float:
    """Currency of a slot of charging."""
    lines = lines_of(night.pack_types[swap.type].wear)
    per_hour = max((line.at(night.station.chargers.max_kw) for line in lines), default=0.0)
    return night.horizon.slot_hours * per_hour


def build_port_indexed(night: Night) -> PortIndexed:
    """The programme of a night that `port_indexed_refusal` has nothing against."""
    b, swaps, ports = MatrixBuilder(), night.station.swaps, night.station.chargers.count
    grid = add_grid_and_bill(b, night)
    number = np.array([i for i, swap in enumerate(swaps) for _ in range(swap.slot)], dtype=np.int64)
    slot = np.array([t for swap in swaps for t in range(swap.slot)], dtype=np.int64)
    wear = np.array([_wear(night, swap) for swap in swaps])
    named = Indexed("charges", (number[:, None], slot[:, None], np.arange(ports)))
    charging = b.columns((len(slot), ports), 0.0, 1.0, wear[number, None], integer=True, named=named)
    lost_cost = np.array([swap.lost_cost for swap in swaps])
    served = b.columns((len(swaps),), 0.0, 1.0, -lost_cost, integer=True, named="served")
    b.offset += float(lost_cost.sum())
    drawn_kw = night.station.chargers.max_kw / night.station.chargers.efficiency
    b.put(grid.balance[slot][:, None], charging, -drawn_kw)
    _add_occupation(b, charging, number, slot, night.horizon.slots)
    _add_needs(b, night, charging, number, served)
    _add_switches(b, night, charging, number, slot)
    packs = tuple(str(swaps[i].pack) for i in number.tolist())
    return PortIndexed(night, b.matrix(), charging, served, packs, tuple(slot.tolist()))


def _add_occupation(b: MatrixBuilder, charging: Index, number: Index, slot: Index, slots: int) -> None:
    """(8.1) one pack a port and slot; (8.2) one port a pack and slot."""
    ports = charging.shape[1]
    at = np.divmod(np.arange(slots * ports), ports)
    one_pack = b.rows(slots * ports, -np.inf, 1.0, named=Indexed("(8.1)", at)).reshape(slots, ports)
    b.put(one_pack[slot], charging, 1.0)
    one_port = b.rows(len(slot), -np.inf, 1.0, named=Indexed("(8.2)", (number, slot)))
    b.put(one_port[:, None], charging, 1.0)


def _add_needs(b: MatrixBuilder, night: Night, charging: Index, number: Index, served: Index) -> None:
    """(8.3) a pack handed over is charged for as many slots as its swap needs, and for no more than fill it."""
    swaps = night.station.swaps
    needs = [_slots_needed(night, swap, night.needed_kwh(swap) - MISSING_KWH) for swap in swaps]
    fills = [_slots_needed(night, swap, night.pack_types[swap.type].target_kwh) for swap in swaps]
    for what, slots, low, high in (
        ("needs", np.ceil(np.maximum(needs, 0.0)), 0.0, np.inf),
        ("fills", np.rint(np.maximum(fills, 0.0)), -np.inf, 0.0),
    ):
        rows = b.rows(len(swaps), low, high, named=f"(8.3) {what}")
        b.put(rows[number][:, None], charging, 1.0)
        b.put(rows, served, -slots)


def _add_switches(b: MatrixBuilder, night: Night, charging: Index, number: Index, slot: Index) -> None:
    """(8.4) a port switches before slot t if a pack comes to it or leaves it; (8.5) no more switches than the cap."""
    station, slots, ports = night.station, night.horizon.slots, charging.shape[1]
    if not station.counts_plug_changes:
        return
    cost = np.array([station.cost_of_plug_change(t) for t in range(slots)])
    switched = b.columns((slots, ports), 0.0, 1.0, cost[:, None], integer=True, named="switched")
    first = np.append(True, number[1:] != number[:-1])
    last = np.append(first[1:], True)
    comes, leaves = np.flatnonzero(slot > 0), np.arange(len(slot))
    for what, pairs, at, other in (("comes", comes, slot[comes], -1), ("leaves", leaves, slot + 1, 1)):
        each = np.repeat(pairs, ports), np.tile(np.arange(ports), len(pairs))
        named = Indexed(f"(8.4) {what}", (number[each[0]], slot[each[0]], each[1]))
        rows = b.rows(len(pairs) * ports, 0.0, named=named).reshape(len(pairs), ports)
        b.put(rows, switched[at], 1.0)
        b.put(rows, charging[pairs], -1.0)
        goes_on = ~(first if other < 0 else last)[pairs]
        b.put(rows[goes_on], charging[pairs[goes_on] + other], 1.0)
    caps = [station.most_plug_changes(t) for t in range(slots)]
    rows = b.rows(slots, -np.inf, [np.inf if cap is None else float(cap) for cap in caps], named="(8.5)")
    b.put(rows[:, None], switched, 1.0)
