"""Random nights of any feature but caps on plug changes, some drivers expected, others known."""

from __future__ import annotations

import random
from dataclasses import replace

from random_nights import bent_night, random_night, switched, truck_night

from models.station.bays.bay import Bay
from models.station.demand.expected import ExpectedSwaps, Spread
from models.station.instance import Night


def uncertain_night(seed: int) -> Night:
    """The random night of `seed`, of any feature but a cap on plug changes: some swaps are expected, others certain."""
    r = random.Random(f"uncertain {seed}")
    night = r.choice([random_night, switched, truck_night])(seed)
    if r.random() < 0.3:
        night = bent_night(seed, night)
    station = replace(night.station, plug_changes_max=None)
    if r.random() < 0.2:
        station = replace(station, packs=tuple(replace(p, usable=r.random() < 0.7) for p in station.packs))
    if r.random() < 0.2:
        bays = tuple(Bay(f"bay {n}", charger=r.random() < 0.6) for n in range(station.bays))
        station = replace(station, bay_list=bays)
    if r.random() < 0.2:
        station = replace(station, swaps=tuple(replace(s, must_serve=r.random() < 0.5) for s in station.swaps))
    if r.random() < 0.2:
        station = replace(station, grid_limit_is="average")
    return _with_forecasts(replace(night, station=station), r)


def _with_forecasts(night: Night, r: random.Random) -> Night:
    expected, swaps = [], []
    for swap in night.station.swaps:
        if swap.pack is not None or r.random() < 0.3:
            swaps.append(swap)
            continue
        counts = [0.0] * night.horizon.slots
        counts[swap.slot] = 1.0
        one = ExpectedSwaps(
            f"F{len(expected)}",
            swap.type,
            tuple(max(count, r.choice([0.0, 0.0, 0.3])) for count in counts),
            () if swap.returned_soc is None else (swap.returned_soc, round(r.uniform(0.0, 1.0), 2)),
            swap.lost_cost,
            swap.swap_soc,
            swap.packs,
            swap.must_serve,
            Spread(r.choice([0.0, 0.4]), r.choice([1.0, 1.5]), r.choice([0.0, 0.1])),
        )
        expected.append(one)
        swaps.append(replace(swap, forecast=one.id))
    return replace(night, station=replace(night.station, swaps=tuple(swaps), expected=tuple(expected)))
