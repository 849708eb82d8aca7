"""Who comes on each day, slot by slot: reservations as they are, the forecast's drivers as drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

from models.station.demand.expected import ExpectedSwaps
from models.station.drawn_days import DrawnDays
from models.station.instance import Night, Swap
from models.station.packs.meter import levels_kwh
from models.tolerances import EQUAL, METER_KWH
from optimizer.simulate.station_arrays import Counts, Flags, Floats


@dataclass(frozen=True)
class Drivers:
    """One value a driver, sorted by slot and by turn within it, then by day.

    `source`: the number of the swap among the night's reservations, or reservations + row of the drawn days.
    `returned_kwh`: NaN where nothing comes back. `wanted`: column of the pack asked for by name, −1: any.
    `planned`: number of the planned swap that the driver is, had the day followed the plan; −1: none. `follows`, shape
    (days, slots): has everybody come as planned, up to and with the slot?
    """

    days: int
    slots: int
    source: Counts
    day: Counts
    slot: Counts
    turn: Counts
    type: Counts
    needed_kwh: Floats
    returned_kwh: Floats
    lost_cost: Floats
    packs: Counts
    wanted: Counts
    must_serve: Flags
    planned: Counts
    follows: Flags

    @cached_property
    def most_turns(self) -> int:
        """Most drivers that come in one slot of one day."""
        return int(self.turn.max(initial=-1)) + 1

    @cached_property
    def turns(self) -> list[list[slice]]:
        """By slot: rows of the first driver of each day, of the second, and so on."""
        key = self.slot * self.most_turns + self.turn
        edges = [0, *(np.flatnonzero(np.diff(key)) + 1).tolist(), len(key)]
        turns: list[list[slice]] = [[] for _ in range(self.slots)]
        for first, last in pairwise(edges):
            if last > first:
                turns[int(self.slot[first])].append(slice(first, last))
        return turns


def reservations(night: Night) -> list[Swap]:
    """The night's swaps that are certain on every day."""
    return [swap for swap in night.station.swaps if swap.forecast is None]


def drivers_of(night: Night, days: DrawnDays) -> Drivers:
    """All drivers of the days, with what the expected day says of each."""
    count = days.days
    certain = _rows_of(night, reservations(night), np.arange(count))
    drawn = _drawn_rows(night, days, first_source=len(reservations(night)))
    rows = {name: np.concatenate([certain[name], drawn[name]]) for name in certain}
    order = np.lexsort(
        (rows["returned_kwh"], rows["forecast"], rows["source"] * (rows["forecast"] < 0), ~rows["must_serve"],
         rows["slot"], rows["day"])
    )  # fmt: skip
    rows = {name: values[order] for name, values in rows.items()}
    rows["turn"] = _turns(rows["day"] * night.horizon.slots + rows["slot"])
    planned, follows = _as_planned(night, rows, count)
    by_turn = np.lexsort((rows["day"], rows["turn"], rows["slot"]))
    rows = {name: values[by_turn] for name, values in rows.items() if name != "forecast"}
    return Drivers(count, night.horizon.slots, planned=planned[by_turn], follows=follows, **rows)


def _rows_of(night: Night, swaps: Sequence[Swap], days: Counts) -> dict[str, Any]:
    """The same swaps on each of `days`."""
    types, packs = list(night.pack_types), [pack.id for pack in night.station.packs]
    forecasts = [one.id for one in night.station.expected]
    columns: dict[str, Any] = {
        "source": np.arange(len(swaps)),
        "slot": np.array([swap.slot for swap in swaps], dtype=np.int64),
        "type": np.array([types.index(swap.type) for swap in swaps], dtype=np.int64),
        "needed_kwh": np.array([night.needed_kwh(swap) for swap in swaps], dtype=np.float64),
        "returned_kwh": np.array([_brought_kwh(night, swap) for swap in swaps], dtype=np.float64),
        "lost_cost": np.array([swap.lost_cost for swap in swaps], dtype=np.float64),
        "packs": np.array([swap.packs for swap in swaps], dtype=np.int64),
        "wanted": np.array([-1 if s.pack is None else packs.index(s.pack) for s in swaps], dtype=np.int64),
        "must_serve": np.array([swap.must_serve for swap in swaps], dtype=bool),
        "forecast": np.array([-1 if s.forecast is None else forecasts.index(s.forecast) for s in swaps], dtype=int),
    }
    tiled = {name: np.tile(values, len(days)) for name, values in columns.items()}
    return tiled | {"day": np.repeat(days, len(swaps))}


def _brought_kwh(night: Night, swap: Swap) -> float:
    kind = night.pack_types[swap.type]
    return np.nan if swap.returned_soc is None else min(kind.target_kwh, swap.returned_soc * kind.capacity_kwh)


def _drawn_rows(night: Night, days: DrawnDays, first_source: int) -> dict[str, Any]:
    expected, types = night.station.expected, list(night.pack_types)
    of = np.asarray(days.forecast, dtype=np.int64)
    kinds = [night.pack_types[one.type] for one in expected]
    capacity_kwh = np.array([kind.capacity_kwh for kind in kinds] or [1.0])[of]
    target_kwh = np.array([kind.target_kwh for kind in kinds] or [1.0])[of]
    returned_kwh = np.minimum(target_kwh, np.asarray(days.returned_soc) * capacity_kwh)
    for index, one in enumerate(expected):
        mine = of == index
        returned_kwh[mine] = _without_hairs(night, one, returned_kwh[mine])
    none = np.full(len(of), -1)
    return {
        "source": first_source + np.arange(len(of)),
        "day": np.asarray(days.day, dtype=np.int64),
        "slot": np.asarray(days.slot, dtype=np.int64),
        "type": np.array([types.index(one.type) for one in expected] or [0])[of],
        "needed_kwh": np.array([_needed_kwh(night, one) for one in expected] or [0.0])[of],
        "returned_kwh": returned_kwh,
        "lost_cost": np.array([one.lost_cost for one in expected] or [0.0])[of],
        "packs": np.array([one.packs for one in expected] or [1])[of],
        "wanted": none,
        "must_serve": np.array([one.must_serve for one in expected] or [False])[of],
        "forecast": of,
    }


def _needed_kwh(night: Night, one: ExpectedSwaps) -> float:
    kind = night.pack_types[one.type]
    return kind.swap_kwh if one.swap_soc is None else one.swap_soc * kind.capacity_kwh


def _without_hairs(night: Night, one: ExpectedSwaps, energy_kwh: Floats) -> Floats:
    """As Night does it, so that a day's own night has the same packs: models/station/packs/meter.py."""
    kind = night.pack_types[one.type]
    needs = {kind.swap_kwh, kind.target_kwh, _needed_kwh(night, one)}
    needs |= {night.needed_kwh(swap) for swap in night.station.swaps if swap.type == one.type}
    power = night.station.chargers.max_kw, night.horizon.slot_hours, night.horizon.slots
    levels = np.array([*levels_kwh(kind, needs, *power), np.inf])
    following = levels[np.searchsorted(levels[:-1], energy_kwh, side="right")]
    is_hair = (following - energy_kwh > EQUAL) & (following - energy_kwh <= METER_KWH)
    return np.where(is_hair, following, energy_kwh)


def _turns(group: Counts) -> Counts:
    """0, 1, 2, … within each run of equal values."""
    first = np.r_[True, group[1:] != group[:-1]] if len(group) else np.zeros(0, dtype=bool)
    starts = np.maximum.accumulate(np.where(first, np.arange(len(group)), 0))
    return np.arange(len(group)) - starts


def _as_planned(night: Night, rows: dict[str, Any], count: int) -> tuple[Counts, Flags]:
    """Which planned swap each driver is, turn by turn, and up to which slot each day came as planned."""
    slots = night.horizon.slots
    swaps = list(night.station.swaps)
    one = _rows_of(night, swaps, np.zeros(1, dtype=np.int64))
    order = np.lexsort(
        (one["returned_kwh"], one["forecast"], one["source"] * (one["forecast"] < 0), ~one["must_serve"], one["slot"])
    )
    one = {name: values[order] for name, values in one.items()}
    most = int(np.bincount(one["slot"], minlength=1).max()) if swaps else 0
    table = np.full((slots, most + 1), -1, dtype=np.int64)
    table[one["slot"], _turns(one["slot"])] = np.arange(len(swaps))
    place = table[rows["slot"], np.minimum(rows["turn"], most)]
    is_same = place >= 0
    brings = one["returned_kwh"][place] if swaps else np.zeros(len(place))
    same_energy = np.abs(brings - rows["returned_kwh"]) <= METER_KWH
    both_nothing = np.isnan(brings) & np.isnan(rows["returned_kwh"])
    is_same &= (same_energy | both_nothing) & ((one["forecast"][place] if swaps else place) == rows["forecast"])
    came = np.zeros((count, slots), dtype=np.int64)
    np.add.at(came, (rows["day"], rows["slot"]), np.where(is_same, 1, most + 1))
    due = np.bincount(one["slot"], minlength=slots)
    follows = np.logical_and.accumulate(came == due, axis=1)
    return np.where(is_same, one["source"][place] if swaps else -1, -1), follows
