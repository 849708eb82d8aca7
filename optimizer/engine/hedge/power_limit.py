"""How high drawn power may go on a day that does not follow the forecast, where demand charges bill its peak.

Under a limit of P kW in the slots of a charge, stock levels expect V(P): energy, drivers lost, and what is left at the
end. The limit is the P with the least

    V(P) + Σ_charges weighted rate · (max(P, billed anyway) − billed anyway)                     (14.4)

for on busy days what may be drawn is drawn. P lies between what is billed anyway and the grid limit; charges in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from models.station.cost import drawn_power_kw
from models.station.demand.rule import ControlRule
from models.station.instance import Night
from models.station.schedule import Schedule
from models.tariff.rate_steps import stepped_cost
from models.tariff.series import MeteredDemand
from models.tolerances import EQUAL
from optimizer.engine.hedge.stage_levels import stage_levels
from optimizer.engine.hedge.type_stock import FloatArray
from optimizer.engine.hedge.type_stocks import type_stocks

STEPS = 7  # limits tried between two, in each of the rounds
ROUNDS = 2
PATIENCE = 2
Value = Callable[[FloatArray], float]


def with_room_for(rule: ControlRule | None, night: Night, plan: Schedule) -> ControlRule | None:
    """The rule with a limit that the plan keeps in every slot, so that a day which follows the plan is carried out so.

    In a metering interval of several slots, one of which the plan draws more in, each slot may draw as much more than
    the plan does as their average may: no metered average is above the limit for it.
    """
    if rule is None or not rule.limit_kw:
        return rule
    planned_kw, limit_kw = np.array(drawn_power_kw(night, plan)), np.array(rule.limit_kw)
    room_kw = np.maximum(limit_kw, planned_kw)
    for demand in night.tariff_series.demands:
        for interval in demand.intervals:
            slots = [slot for slot, _ in interval]
            if len(slots) > 1 and (planned_kw[slots] > limit_kw[slots]).any():
                more_kw = max(0.0, float(limit_kw[slots].mean() - planned_kw[slots].mean()))
                room_kw[slots] = np.minimum(room_kw[slots], planned_kw[slots] + more_kw)
    return replace(rule, limit_kw=tuple(room_kw.tolist()))


def power_limit_kw(night: Night, caution: float) -> tuple[float, ...]:
    """The limit by slot, the grid limit where no charge counts; () without demand charges. (14.4)"""
    demands = [one for one in night.tariff_series.demands if one.intervals and _costs(one)]
    grid_kw = np.array(night.station.grid_limit_kw)
    if not demands or not type_stocks(night)[0]:
        return ()
    limits: dict[str, float] = {one.name: float(grid_kw.max()) for one in demands if one.is_first}

    def value(limit_kw: FloatArray) -> float:
        stocks, _ = type_stocks(night, limit_kw.tolist())
        return sum(stage_levels(replace(one, dispersion=caution * one.dispersion)).value for one in stocks)

    for demand in sorted(demands, key=lambda one: sum(map(len, one.intervals)), reverse=True):
        if demand.name in limits:
            limits[demand.name] = _best_limit(night, demand, limits, demands, value)
    return tuple(_by_slot(grid_kw, demands, limits).tolist())


def _costs(demand: MeteredDemand) -> bool:
    """Does a kW cost anything?"""
    return any(rate > 0 for _, rate in demand.steps)


def _best_limit(
    night: Night, demand: MeteredDemand, limits: Mapping[str, float], demands: Sequence[MeteredDemand], value: Value
) -> float:
    """The cheapest limit of one charge under those of the others, ever finer between the neighbours of the best."""
    grid_kw = np.array(night.station.grid_limit_kw)
    floor_kw = night.demand_floor_kw(demand)
    base = np.maximum(0.0, np.array(night.station.base_load_kw) - np.array(night.station.solar_kw))
    low, high = min(max(floor_kw, _highest(demand, base)), float(grid_kw.max())), float(grid_kw.max())
    known: dict[float, float] = {}

    def cost(limit_kw: float) -> float:
        if limit_kw not in known:
            by_slot = _by_slot(grid_kw, demands, {**limits, demand.name: limit_kw})
            billed = stepped_cost(demand.steps, max(limit_kw, floor_kw)) - stepped_cost(demand.steps, floor_kw)
            known[limit_kw] = value(by_slot) + billed
        return known[limit_kw]

    for _ in range(ROUNDS):
        tried = np.linspace(low, high, STEPS).tolist()
        best = _lowest(tried, cost)
        low, high = tried[max(0, best - 1)], tried[min(STEPS - 1, best + 1)]
        if high - low <= EQUAL:
            break
    return min(known, key=lambda kw: (known[kw], kw))


def _lowest(tried: Sequence[float], cost: Callable[[float], float]) -> int:
    """Where the cost is least, from the left; it falls, then rises: after PATIENCE rises nothing more is tried."""
    best = 0
    for n in range(1, len(tried)):
        if cost(tried[n]) < cost(tried[best]):
            best = n
        elif n - best >= PATIENCE:
            break
    return best


def _highest(demand: MeteredDemand, kw: FloatArray) -> float:
    return max(float(sum(share * kw[slot] for slot, share in interval)) for interval in demand.intervals)


def _by_slot(grid_kw: FloatArray, demands: Sequence[MeteredDemand], limits: Mapping[str, float]) -> FloatArray:
    limit_kw = grid_kw.copy()
    for demand in demands:
        slots = [slot for interval in demand.intervals for slot, _ in interval]
        limit_kw[slots] = np.minimum(limit_kw[slots], limits.get(demand.name, np.inf))
    return limit_kw
