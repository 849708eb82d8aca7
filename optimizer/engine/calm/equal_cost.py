"""All powers of given stays that cost the least: the optimal face of the dispatch LP, to be searched for other ends.

An optimum of an LP and its duals say what every optimum has in common (complementary slackness): a column whose reduced
cost is not 0 stays at its bound, a row whose dual is not 0 stays tight. With these fixed, any other objective chooses
among powers of equal cost. No term of it can move the cost, and no row of costs, full of small numbers, is needed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.formulations.dispatch.arrays import Deadlines, DispatchArrays, dispatch_arrays
from models.formulations.dispatch.curve_parts import bent_stays, parts_near
from models.formulations.matrix import Array, Index, Matrix, relaxed
from models.station.instance import Night
from models.station.schedule import Schedule
from models.station.stays import Stay
from models.tolerances import MISSING_KWH, REDUCED_COST, ROUNDED_SHARE
from optimizer.engine.dispatch_powers import missing_cost_per_kwh
from optimizer.engine.highs import GrowingLp, presolving
from optimizer.engine.search import Search

ABOVE_PEAK = 10.0  # per kW drawn in a slot above the billed average: far above any share of what orders the stays


@dataclass(frozen=True)
class EqualCost:
    """Powers of stays that cost as little as any: points of `face`, the dispatch LP `arrays` with fixed columns and
    rows, of which `point` is one.

    Where a reserve was asked for, packs become ready when they do in the plan that this is made of; along curves that
    are not concave powers stay near that plan's.
    """

    arrays: DispatchArrays
    face: Matrix
    point: Array

    def least(self, night: Night, weight: Array, seed: int, seconds: float) -> Array | None:
        """Powers in kW, shape (stays, slots), of least Σ weight · power; None where the time is up.

        `weight`: of the same shape, at most 1 where it orders packs. Where a meter averages over several slots, no slot
        draws more than the billed average if that can be.
        """
        cost = np.zeros(self.face.shape[1])
        cost[self.arrays.power_kw] = weight[self.arrays.owner, self.arrays.slot]
        lp = GrowingLp(replace(self.face, cost=cost, offset=0.0), seed, presolving(self.face))
        self._even_out(lp, night)
        found = lp.solve(seconds)
        if found is None:
            return None
        power_kw = np.zeros(weight.shape)
        power_kw[self.arrays.owner, self.arrays.slot] = found.point[self.arrays.power_kw]
        return power_kw

    def _even_out(self, lp: GrowingLp, night: Night) -> None:
        metered = [
            (slot, float(self.point[peak]))
            for peak, demand in zip(self.arrays.grid.peak_kw, night.tariff_series.demands, strict=True)
            for interval in demand.intervals if len(interval) > 1
            for slot, _ in interval
        ]  # fmt: skip
        if metered:
            rows = np.array([lp.add_row(self.arrays.grid.drawn_kw[[slot]]) for slot, _ in metered])
            for row, (_, billed_kw) in zip(rows.tolist(), metered, strict=True):
                lp.bound_row(row, -np.inf, billed_kw)
            one = np.ones(len(rows))
            lp.add_columns(ABOVE_PEAK * one, np.inf * one, np.arange(len(rows)), rows, -one)


def equal_cost(search: Search, schedule: Schedule, stays: Sequence[Stay], power_kw: Array) -> EqualCost | None:
    """The powers of `stays` that cost the least; None where charger rules or falling rates make them no LP's, or the
    time is up.

    `schedule`: a plan of `search.night` with these stays; `power_kw`: its powers, shape (stays, slots).
    """
    night, solved = search.night, search.solved_dispatch
    if night.station.switches_count or night.station.chargers.min_kw > 0:
        return None
    is_in_haste = search.options.calm_seconds <= 0  # duals at hand are those that another seed would not have found
    places = _places(night, solved.stays, stays) if solved is not None and is_in_haste else None
    if solved is not None and places is not None:
        return _face(_renumbered(solved.arrays, places), solved.point, solved.row_dual)
    near = parts_near(night, stays, bent, power_kw) if (bent := bent_stays(night, stays)) else {}
    deadlines = _ready_by(night, stays, power_kw) if any(night.station.ready_reserve) else None
    with search.watch.stage("model"):
        arrays = dispatch_arrays(night, stays, missing_cost_per_kwh(night), deadlines, near)
    if arrays.matrix.integer.sum() > len(arrays.ready) + int((arrays.short >= 0).sum()):
        return None
    arrays = replace(arrays, matrix=_with_reserve_fixed(arrays, schedule))
    answer = search.solve(arrays.matrix, seconds=search.seconds_left, options=presolving(arrays.matrix))
    if answer.point is None or answer.row_dual is None:
        return None
    return _face(arrays, answer.point, answer.row_dual)


def _places(night: Night, before: Sequence[Stay], stays: Sequence[Stay]) -> Index | None:
    """Where each stay of `before` is among `stays`, which may have other names and bays; None where they are others."""
    there: dict[Stay, list[int]] = defaultdict(list)
    for place in reversed(range(len(stays))):
        there[replace(stays[place], pack="", bay=0)].append(place)
    places = []
    for stay in before:
        left = there.get(replace(stay, pack="", bay=0))
        if not left:
            return None
        places.append(left.pop())
    kinds = [[night.kind_of(one.pack, one.type) for one in each] for each in (before, [stays[p] for p in places])]
    return np.array(places, dtype=np.int64) if len(places) == len(stays) and kinds[0] == kinds[1] else None


def _renumbered(arrays: DispatchArrays, places: Index) -> DispatchArrays:
    """The same programme of stays that stand in other places."""
    missing = np.empty_like(arrays.missing_kwh)
    missing[places] = arrays.missing_kwh
    return replace(arrays, owner=places[arrays.owner], missing_kwh=missing)


def _face(arrays: DispatchArrays, point: Array, row_dual: Array) -> EqualCost:
    matrix = arrays.matrix
    by_entry = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.starts))
    reduced = matrix.cost - np.bincount(by_entry, matrix.values * row_dual[matrix.rows], matrix.shape[1])
    kept, tight = np.abs(reduced) > REDUCED_COST, np.abs(row_dual) > REDUCED_COST
    side = np.where(row_dual > 0, matrix.row_low, matrix.row_high)
    face = replace(
        matrix,
        low=np.where(kept, point, matrix.low),
        high=np.where(kept, point, matrix.high),
        row_low=np.where(tight, side, matrix.row_low),
        row_high=np.where(tight, side, matrix.row_high),
    )
    return EqualCost(arrays, face, point)


def _ready_by(night: Night, stays: Sequence[Stay], power_kw: Array) -> Deadlines:
    """The slot in which each pack becomes ready."""
    held_kwh = np.cumsum(power_kw, axis=1) * night.horizon.slot_hours
    found: dict[str, Sequence[int]] = {}
    for stay, gained_kwh in zip(stays, held_kwh, strict=True):
        needed_kwh = night.pack_types[stay.type].swap_kwh - ROUNDED_SHARE * MISSING_KWH - stay.start_kwh
        ready = int(np.searchsorted(gained_kwh, needed_kwh)) + 1
        found[stay.pack] = [ready] if stay.charge_from < ready < stay.leave else []
    return found


def _with_reserve_fixed(arrays: DispatchArrays, schedule: Schedule) -> Matrix:
    """Packs become ready when they do, and the shortfall stays as it is."""
    matrix = relaxed(arrays.matrix)
    low, high, asked = matrix.low.copy(), matrix.high.copy(), np.flatnonzero(arrays.short >= 0)
    low[arrays.ready] = high[arrays.ready] = 1.0
    if len(asked):
        short = np.array(schedule.reserve_shortfall or np.zeros(len(arrays.short)), dtype=float)[asked]
        low[arrays.short[asked]] = high[arrays.short[asked]] = short
    return replace(matrix, low=low, high=high)
