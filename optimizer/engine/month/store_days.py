"""Drawn days of a station as one store of energy: what each needs by when, and what its drivers bring."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.station.instance import Night
from optimizer.engine.month.day_costs import StoreDays

Whole = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]
Drivers = tuple[Whole, Reals]


def store_days(nights: Sequence[Night], begin: int) -> StoreDays:
    """Days that begin at slot `begin` with all usable packs ready, and go on over the end of the horizon."""
    night = nights[0]
    drivers = [_drivers(one, begin) for one in nights]
    lacks = np.concatenate([lack for _, lack in drivers])
    mean_kwh = float(lacks.mean()) if lacks.any() else 1.0
    to_ready = max(1, math.ceil(mean_kwh / night.reach_full_kwh))
    packs = sum(pack.usable for pack in night.station.packs)
    spare = packs - max(
        max(night.station.ready_reserve, default=0), _kept_ready(drivers, night.horizon.slots, to_ready)
    )
    days = [_need_and_brought(one, night.horizon.slots, spare, to_ready) for one in drivers]
    lost = max((one.lost_cost / one.packs for night in nights for one in night.station.swaps), default=0.0)
    return StoreDays(np.array([need for need, _ in days]), np.array([brought for _, brought in days]), lost / mean_kwh)


def _drivers(night: Night, begin: int) -> Drivers:
    """Of each pack that is taken, in order of time: its slot from `begin` on, and the kWh that what comes back lacks.

    What comes without a pack back lacks nothing: the store is one of energy.
    """
    slots, kinds = night.horizon.slots, night.pack_types
    found = []
    for swap in night.station.swaps:
        kind = kinds[swap.type]
        back_kwh = kind.swap_kwh if swap.returned_soc is None else swap.returned_soc * kind.capacity_kwh
        found += [((swap.slot - begin) % slots, max(0.0, kind.swap_kwh - back_kwh))] * swap.packs
    found.sort(key=lambda one: one[0])
    return np.array([slot for slot, _ in found], dtype=np.int64), np.array([lack for _, lack in found])


def _kept_ready(drivers: Sequence[Drivers], slots: int, to_ready: int) -> int:
    """Packs that stand ready for chance: the standard deviation of demand while a pack charges, in its worst slot."""
    counts = np.array([np.bincount(at, minlength=slots) for at, _ in drivers])
    upto = np.cumsum(counts, axis=1)
    late = np.concatenate([np.zeros((len(counts), to_ready), dtype=np.int64), upto[:, :-to_ready]], axis=1)
    return math.ceil(round(float((upto - late).std(axis=0).max()), 6))


def _need_and_brought(drivers: Drivers, slots: int, spare: int, to_ready: int) -> tuple[Reals, Reals]:
    """Energy by the end of each slot: that the drivers of the next one need, and that can be charged.

    The n-th driver takes the pack that the one `spare` before it brought, which is not asked to be ready sooner than a
    pack can charge.
    """
    at, lacks = drivers
    upto_kwh = np.concatenate([[0.0], np.cumsum(lacks)])
    come = np.searchsorted(at, np.arange(slots), side="right")
    late = np.concatenate([np.zeros(min(to_ready, slots), dtype=np.int64), come[: max(0, slots - to_ready)]])
    after = np.concatenate([come[1:], come[-1:]])
    return upto_kwh[np.clip(np.minimum(after - spare, late), 0, None)], upto_kwh[come]
