"""All powers of given stays that cost the least: the optimal face of the dispatch LP, to be searched for other ends.

An optimum of an LP and its duals say what every optimum has in common (complementary slackness): a column whose reduced
cost is not 0 stays at its bound, a row whose dual is not 0 stays tight. With these fixed, any other objective chooses
among powers of equal cost. No term of it can move the cost, and no row of costs, full of small numbers, is needed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.formulations.dispatch.arrays import Deadlines, DispatchArrays, dispatch_arrays
from models.formulations.dispatch.curve_parts import bent_stays, parts_near
from models.formulations.matrix import Array, Index
from models.station.instance import Night
from models.station.schedule import Schedule
from models.station.stays import Stay
from models.tolerances import MISSING_KWH, REDUCED_COST, ROUNDED_SHARE
from optimizer.engine.calm.charging import powers_of
from optimizer.engine.dispatch_powers import FEW_ROWS, missing_cost_per_kwh
from optimizer.engine.highs import NO_PRESOLVE, GrowingLp, LpPoint
from optimizer.engine.search import Search

ABOVE_PEAK = 10.0  # per kW drawn in a slot above the billed average: far above any share of what orders the stays


class EqualCost:
    """Powers of `stays` that cost as little as any: `solve` finds those of least `weight`.

    Where a reserve is asked for, packs are ready as early as in `schedule`; along curves that are not concave powers
    stay near its own. `arrays`: the dispatch LP; `optimum`: one optimum of it.
    """

    def __init__(self, arrays: DispatchArrays, lp: GrowingLp, optimum: LpPoint, shape: tuple[int, int]) -> None:
        self.arrays, self.optimum, self._lp, self._shape = arrays, optimum, lp, shape
        self._over: Index = np.array([], dtype=np.int64)
        self._fix_optimal_face()

    def solve(self, weight: Array, seconds: float) -> Array | None:
        """Powers in kW, shape (stays, slots), of least Σ weight · power among those of equal cost; None where the time
        is up. `weight`: of the same shape."""
        cost = np.zeros(self._lp.columns)
        cost[self.arrays.power_kw] = weight[self.arrays.owner, self.arrays.slot]
        cost[self._over] = ABOVE_PEAK
        self._lp.cost_columns(cost)
        found = self._lp.solve(seconds)
        if found is None:
            return None
        power_kw = np.zeros(self._shape)
        power_kw[self.arrays.owner, self.arrays.slot] = found.point[self.arrays.power_kw]
        return power_kw

    def even_out(self, night: Night) -> None:
        """Where a meter averages over several slots, let no slot draw more than the billed average if it can be."""
        metered = [
            (slot, float(self.optimum.point[peak]))
            for peak, demand in zip(self.arrays.grid.peak_kw, night.tariff_series.demands, strict=True)
            for interval in demand.intervals if len(interval) > 1
            for slot, _ in interval
        ]  # fmt: skip
        if metered:
            rows = np.array([self._lp.add_row(self.arrays.grid.drawn_kw[[slot]]) for slot, _ in metered])
            for row, (_, billed_kw) in zip(rows.tolist(), metered, strict=True):
                self._lp.bound_row(row, -np.inf, billed_kw)
            self._over = np.arange(self._lp.columns, self._lp.columns + len(rows))
            none, one = np.zeros(len(rows)), np.ones(len(rows))
            self._lp.add_columns(none, np.full(len(rows), np.inf), np.arange(len(rows)), rows, -one)

    def _fix_optimal_face(self) -> None:
        matrix, dual, point = self.arrays.matrix, self.optimum.row_dual, self.optimum.point
        by_entry = np.repeat(np.arange(matrix.shape[1]), np.diff(matrix.starts))
        reduced = matrix.cost - np.bincount(by_entry, matrix.values * dual[matrix.rows], matrix.shape[1])
        kept = np.abs(reduced) > REDUCED_COST
        low, high = np.where(kept, point, matrix.low), np.where(kept, point, matrix.high)
        self._lp.bound_columns(np.arange(matrix.shape[1]), high, low)
        for row in np.flatnonzero(np.abs(dual) > REDUCED_COST).tolist():
            side = float(matrix.row_low[row] if dual[row] > 0 else matrix.row_high[row])
            self._lp.bound_row(row, side, side)


def equal_cost(search: Search, schedule: Schedule, stays: Sequence[Stay]) -> EqualCost | None:
    """The powers of `stays` that cost the least; None where charger rules or falling rates make them no LP's.

    `schedule`: a plan of `search.night` with these stays.
    """
    night = search.night
    if night.station.switches_count or night.station.chargers.min_kw > 0:
        return None
    power_kw = powers_of(schedule, stays)
    near = parts_near(night, stays, bent, power_kw) if (bent := bent_stays(night, stays)) else {}
    deadlines = _ready_by(night, stays, power_kw) if any(night.station.ready_reserve) else None
    with search.watch.stage("model"):
        arrays = dispatch_arrays(night, stays, missing_cost_per_kwh(night), deadlines, near)
    if arrays.matrix.integer.sum() > len(arrays.ready) + int((arrays.short >= 0).sum()):
        return None
    options = NO_PRESOLVE if arrays.matrix.shape[0] <= FEW_ROWS else {}
    with search.watch.stage("solver"):
        lp = GrowingLp(arrays.matrix, search.options.seed, options)
        _fix_reserve(lp, arrays, schedule)
        optimum = lp.solve(search.seconds_left)
    return None if optimum is None else EqualCost(arrays, lp, optimum, power_kw.shape)


def _ready_by(night: Night, stays: Sequence[Stay], power_kw: Array) -> Deadlines:
    """The slot in which each pack becomes ready."""
    held_kwh = np.cumsum(power_kw, axis=1) * night.horizon.slot_hours
    found: dict[str, Sequence[int]] = {}
    for stay, gained_kwh in zip(stays, held_kwh, strict=True):
        needed_kwh = night.pack_types[stay.type].swap_kwh - ROUNDED_SHARE * MISSING_KWH - stay.start_kwh
        ready = int(np.searchsorted(gained_kwh, needed_kwh)) + 1
        found[stay.pack] = [ready] if stay.charge_from < ready < stay.leave else []
    return found


def _fix_reserve(lp: GrowingLp, arrays: DispatchArrays, schedule: Schedule) -> None:
    """Packs become ready when they do, and the shortfall stays as it is."""
    ones = np.ones(len(arrays.ready))
    if len(ones):
        lp.bound_columns(arrays.ready, ones, ones)
    asked = np.flatnonzero(arrays.short >= 0)
    if len(asked):
        short = np.array(schedule.reserve_shortfall or [0] * len(arrays.short), dtype=float)[asked]
        lp.bound_columns(arrays.short[asked], short, short)
