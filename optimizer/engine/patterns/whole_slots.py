"""The night as it is to packs that charge in whole slots at one power: a plain one, which assignments solve at once.

Under a limit that is rounded down to whole packs the powers of a plain night are a transportation problem, whose best
ones are whole: so the hand-overs of such a night are good ones for chargers that are on or off.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from models.formulations.patterns.packs import PatternPacks
from models.formulations.patterns.slot_choice import ChargingWindow, room_in_units
from models.station.at_once import limits_partial_slots
from models.station.instance import Night
from models.station.pack_type import PackType, lines_of
from models.station.stays import Stay
from models.tolerances import EQUAL, MISSING_KWH

SLACK_SLOTS = 4  # beyond the hand-over in the assignment, in which a pack may still charge: another one goes first


def whole_slots_night(night: Night, unit_kw: float) -> Night:
    """`night` with continuous chargers of `unit_kw`, a grid limit of whole such powers, and packs whose last slot takes
    what it takes of such a limit, (9.6)."""
    station, room = night.station, room_in_units(night, unit_kw)
    whole = np.minimum(np.floor(room + EQUAL), station.chargers.count)
    fraction = float(np.median(room - np.floor(room + EQUAL)))
    drawn_kw = whole * unit_kw / station.chargers.efficiency
    net_kw = np.array(station.base_load_kw) - np.array(station.solar_kw)
    limit_kw = np.minimum(np.array(station.grid_limit_kw), np.maximum(net_kw + drawn_kw, 0.0))
    kinds = {name: _plain_kind(night, kind, unit_kw) for name, kind in night.pack_types.items()}
    chargers = replace(
        station.chargers, mode="continuous", min_kw=0.0, max_kw=unit_kw, count=max(1, len(station.packs))
    )

    def shrunk(name: str, soc: float) -> float:
        return _soc_in_whole_slots(night, night.pack_types[name], soc, unit_kw, max(0.0, fraction))

    plain = replace(
        station,
        chargers=chargers,
        grid_limit_kw=tuple(np.maximum(limit_kw, net_kw).tolist()),
        packs=tuple(replace(pack, soc=shrunk(pack.type, pack.soc)) for pack in station.packs),
        swaps=tuple(
            replace(
                swap,
                swap_soc=None,
                returned_soc=None if swap.returned_soc is None else shrunk(swap.type, swap.returned_soc),
            )
            for swap in station.swaps
        ),
    )
    made = Night(night.horizon, kinds, plain)
    made.__dict__["tariff_series"] = night.tariff_series  # depends on none of this
    return made


def _plain_kind(night: Night, kind: PackType, unit_kw: float) -> PackType:
    """Wear is one price a kWh; what a driver needs is whole slots below what fills a pack."""
    unit_kwh = unit_kw * night.horizon.slot_hours
    needs = {night.needed_kwh(swap) for swap in night.station.swaps if swap.type == kind.id}
    below = math.floor((kind.target_kwh - min(needs, default=kind.swap_kwh)) / unit_kwh + EQUAL) * unit_kwh
    wear = max((line.at(unit_kw) for line in lines_of(kind.wear)), default=0.0) / unit_kw
    return replace(
        kind,
        swap_soc=max(0.0, kind.target_kwh - below) / kind.capacity_kwh,
        wear=(),
        end_value_per_kwh=night.end_value_per_kwh(kind) - wear,
    )


def _soc_in_whole_slots(night: Night, kind: PackType, soc: float, unit_kw: float, fraction: float) -> float:
    """The state of charge from which a pack has its whole slots to go, and of the last one what counts."""
    unit_kwh, room_kwh = unit_kw * night.horizon.slot_hours, kind.target_kwh - soc * kind.capacity_kwh
    if room_kwh <= EQUAL:
        return soc
    count, share = _slots_for(room_kwh, unit_kwh)
    if limits_partial_slots(night):
        share = 1.0  # it draws as much at once
    counted = share if fraction >= 1 - EQUAL else max(0.0, (share - fraction) / (1 - fraction))
    return (
        max(0.0, kind.target_kwh - (count - 1 + (1.0 if share >= 1 - EQUAL else counted)) * unit_kwh)
        / kind.capacity_kwh
    )


def _slots_for(room_kwh: float, unit_kwh: float) -> tuple[int, float]:
    """Slots that `room_kwh` take, and the share of a whole one that the last is."""
    count = max(1, math.ceil(room_kwh / unit_kwh - EQUAL))
    return count, room_kwh / unit_kwh - (count - 1)


def charging_windows(packs: PatternPacks, stays: Sequence[Stay], unit_kwh: float, slots: int) -> list[ChargingWindow]:
    """By row: until it leaves in the assignment of `stays` and some slots longer, to the end where it stays.

    Where drivers take packs that are not full, the ones that leave charge for them, the others to be full.
    """
    by_pack = {stay.pack: stay for stay in stays if stay.type == packs.type}
    asks_full = packs.need_kwh >= packs.target_kwh - 2 * MISSING_KWH
    made = []
    for r, pack in enumerate(packs.packs):
        stay = by_pack.get(pack)
        leaves = stay is not None and stay.swap is not None
        goal_kwh = packs.need_kwh if leaves and not asks_full else packs.target_kwh
        end = min(slots, stay.leave + SLACK_SLOTS) if leaves and stay is not None else slots
        made.append(_window(packs, r, goal_kwh, unit_kwh, end, leaves or asks_full, leaves))
    return made


def _window(
    packs: PatternPacks, r: int, goal_kwh: float, unit_kwh: float, end: int, joins: bool, leaves: bool
) -> ChargingWindow:
    room_kwh, full_kwh = goal_kwh - packs.energy_kwh[r], packs.target_kwh - packs.energy_kwh[r]
    if room_kwh <= 2 * MISSING_KWH:
        return ChargingWindow(end, 0, 0.0, joins, leaves)
    count, _ = _slots_for(room_kwh, unit_kwh)
    return ChargingWindow(end, count, min(1.0, full_kwh / unit_kwh - (count - 1)), joins, leaves)
