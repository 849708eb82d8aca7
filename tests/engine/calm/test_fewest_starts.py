"""The MIP finds as few starts as trying every choice of what is on; (3.9) and (3.10)."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import builders as make
import numpy as np
import pytest
from patience import PATIENCE

from models.formulations.dispatch.starts import start_arrays
from models.formulations.matrix import Array
from models.station.instance import Chargers, Night
from models.station.stays import Stay, stays_of
from optimizer.engine.baselines import cheapest_slots_first
from optimizer.engine.calm.blocks import starts_of
from optimizer.engine.calm.equal_cost import EqualCost, equal_cost
from optimizer.engine.calm.fewest_starts import LEAST_KW, with_fewest_starts
from optimizer.engine.calm.stay_powers import powers_of
from optimizer.engine.dispatch import dispatch
from optimizer.engine.highs import solve
from optimizer.engine.options import RunOptions
from optimizer.engine.search import Search

PRICES = [(0.1, 0.1, 0.1, 0.1), (0.2, 0.1, 0.2, 0.1), (0.1, 0.3, 0.1, 0.2), (0.1, 0.2, 0.1, 0.1)]


def small_night(prices: tuple[float, ...], limit_kw: float, socs: tuple[float, ...], rate: float) -> Night:
    charges = (make.demand(rate_per_kw=rate, metering_minutes=60),) if rate else ()
    return make.night(
        slots=4,
        bays=len(socs),
        chargers=Chargers(len(socs), 40.0, 1.0),
        grid_limit_kw=limit_kw,
        packs=[make.pack(f"P{n}", soc) for n, soc in enumerate(socs)],
        swaps=[make.swap("W1", 3, returned_soc=None)],
        types=[make.pack_type(end_value_per_kwh=0.25)],
        tariff=make.tariff(prices, demand_charges=charges),
    )


def searched(night: Night) -> tuple[Search, EqualCost, list[Stay], Array]:
    """A search that holds a plan, its face, stays and powers; with no time limit that a slow machine could meet."""
    search = Search(night, RunOptions(time_limit_seconds=PATIENCE))
    dispatch(search, cheapest_slots_first(night).by_swap(), "cheapest")
    assert search.schedule is not None
    stays = stays_of(night, search.schedule.by_swap())
    power_kw = powers_of(search.schedule, stays)
    face = equal_cost(search, search.schedule, stays, power_kw)
    assert face is not None
    return search, face, stays, power_kw


def brute_force(face: EqualCost) -> int:
    """Fewest starts over all choices of what is on, each tried by an LP."""
    columns, found = face.arrays.power_kw, []
    for chosen in product([False, True], repeat=len(columns)):
        on = np.array(chosen)
        low, high = face.face.low.copy(), face.face.high.copy()
        low[columns[on]] = np.maximum(low[columns[on]], np.minimum(LEAST_KW, high[columns[on]]))
        high[columns[~on]] = 0.0
        if (low <= high).all():
            answer = solve(replace(face.face, low=low, high=high, cost=0 * low))
            if answer.point is not None:
                owners = range(int(face.arrays.owner.max()) + 1)
                found.append(sum(starts_of(on[face.arrays.owner == s].astype(float), 0.5) for s in owners))
    return min(found)


@pytest.mark.parametrize("prices", PRICES)
@pytest.mark.parametrize(("limit_kw", "socs", "rate"), [(80.0, (0.3, 0.7), 0.0), (50.0, (0.2, 0.5), 0.0)])
def test_as_few_starts_as_any_choice_has(
    prices: tuple[float, ...], limit_kw: float, socs: tuple[float, ...], rate: float
) -> None:
    night = small_night(prices, limit_kw, socs, rate)
    search, face, stays, power_kw = searched(night)
    programme = start_arrays(face.arrays, face.face, np.full(len(face.arrays.power_kw), LEAST_KW))
    fewest = brute_force(face)
    assert solve(programme.matrix).objective == pytest.approx(fewest)
    part = with_fewest_starts(search, face, stays, power_kw, seconds=PATIENCE)
    assert part is not None
    powers = part.least(night, np.zeros((len(stays), night.horizon.slots)), seed=0, seconds=PATIENCE)
    assert powers is not None
    starts = sum(starts_of(row, 1e-6) for row in powers)
    assert fewest <= starts <= max(fewest, int((power_kw > 0).any(axis=1).sum()))


def test_too_little_time_leaves_the_plan_to_the_heuristics() -> None:
    night = small_night(PRICES[0], 80.0, (0.3, 0.7), 0.0)
    search, face, stays, power_kw = searched(night)
    assert with_fewest_starts(search, face, stays, power_kw, seconds=0.0) is None
