"""What every formulation shares: grid limit, solar power, energy and demand cost. models/README.md, section 1."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import pyomo.environ as pyo

from models.formulations.stepped_bill import demand_segments, energy_segments, highest_kw, is_polyline, peaks_above
from models.formulations.tier_bounds import hours_parts, least_cost
from models.station.instance import Night
from models.tariff.rate_steps import Segment, convex_groups
from models.tariff.series import TieredEnergy

EQUATIONS = {
    "grid": "(1.1)", "peak": "(1.2)", "stepped": "(1.5)", "full_run": "(1.6) full", "begun_run": "(1.6) begin",
    "lies_above": "(1.7) above", "is_counted": "(1.7) counted", "peak_above": "(1.9)",
}  # fmt: skip
"""What the rows of each constraint are called."""

Expr = Any
Key = tuple[str, int]


def add_grid_and_bill(m: pyo.ConcreteModel, night: Night, charged_kwh: Mapping[int, Expr]) -> None:
    """Variables drawn_kw, solar_kw, peak_kw, part, begun; constraints (1.1)–(1.6); expression m.bill.

    `charged_kwh[t]`: energy into packs in slot t. Needs m.T; uses m.short where the reserve has a price.
    """
    _add_grid(m, night, charged_kwh)
    _add_peaks(m, night)
    _add_stepped(m, night)
    _add_hours(m, night)
    prices, hours = night.tariff_series.price_per_kwh, night.horizon.slot_hours
    energy = sum(prices[t] * hours * m.drawn_kw[t] for t in m.T)
    terms = energy + _demand(m, night) + _tiers(m, night) + _reserve(m, night)
    m.bill = pyo.Expression(expr=terms + night.station.fixed_cost)


def _add_grid(m: pyo.ConcreteModel, night: Night, charged_kwh: Mapping[int, Expr]) -> None:
    """(1.1) drawn = charged / (η Δ) + base − solar used; limits as bounds."""
    station = night.station
    to_grid_kw = 1 / (station.chargers.efficiency * night.horizon.slot_hours)
    m.drawn_kw = pyo.Var(m.T, bounds=lambda m, t: (0, station.grid_limit_kw[t]))
    sunny = [t for t in m.T if station.solar_kw[t] > 0]
    m.solar_kw = pyo.Var(sunny, bounds=lambda m, t: (0, station.solar_kw[t]))

    def rule(m: pyo.ConcreteModel, t: int) -> Expr:
        solar = m.solar_kw[t] if t in m.solar_kw else 0.0  # noqa: SIM401 (a Pyomo Var has no get)
        return m.drawn_kw[t] + solar - to_grid_kw * charged_kwh[t] == station.base_load_kw[t]

    m.grid = pyo.Constraint(m.T, rule=rule)


def _add_peaks(m: pyo.ConcreteModel, night: Night) -> None:
    """(1.2) the billed peak is no lower than any metered average, nor than what is billed anyway."""
    demands = night.tariff_series.demands

    def bounds(m: pyo.ConcreteModel, d: int) -> tuple[float, float]:
        return night.demand_floor_kw(demands[d]), highest_kw(night, demands[d])

    m.peak_kw = pyo.Var(range(len(demands)), bounds=bounds)
    metered = [(d, i) for d, demand in enumerate(demands) for i in range(len(demand.intervals))]

    def rule(m: pyo.ConcreteModel, d: int, i: int) -> Expr:
        return m.peak_kw[d] - sum(share * m.drawn_kw[t] for t, share in demands[d].intervals[i]) >= 0

    m.peak = pyo.Constraint(metered, rule=rule)
    more_kw = {(one, above): kw for one, above, kw in peaks_above(night)}
    m.peak_above = pyo.Constraint(
        list(more_kw), rule=lambda m, one, above: m.peak_kw[above] - m.peak_kw[one] >= -more_kw[one, above]
    )


def _add_stepped(m: pyo.ConcreteModel, night: Night) -> None:
    """(1.5) what a stepped rate is on as the sum of its segments; (1.6) in order where the rate falls.

    Keys: ("kW", d) for demand charges, ("kWh", e) for energy tiers, of those that have more than one segment here.
    """
    series, hours = night.tariff_series, night.horizon.slot_hours
    stepped = {("kW", d): demand_segments(night, demand) for d, demand in enumerate(series.demands)}
    stepped |= {("kWh", e): energy_segments(night, tiers) for e, tiers in enumerate(series.tiers) if is_polyline(tiers)}
    stepped = {key: parts for key, parts in stepped.items() if len(parts) > 1}
    width = {(*key, k): part.width for key, parts in stepped.items() for k, part in enumerate(parts)}
    m.part = pyo.Var(list(width), bounds=lambda m, *key: (0, width[key]))
    m.part_rate = {(*key, k): part.rate for key, parts in stepped.items() for k, part in enumerate(parts)}

    def total(m: pyo.ConcreteModel, what: str, n: int) -> Expr:
        parts = sum(m.part[key] for key in width if key[:2] == (what, n))
        if what == "kW":
            return m.peak_kw[n] - parts == night.demand_floor_kw(series.demands[n])
        return sum(share * hours * m.drawn_kw[t] for t, share in series.tiers[n].slots) - parts == 0

    m.stepped = pyo.Constraint(list(stepped), rule=total)
    _add_order(m, stepped, width)


def _add_order(
    m: pyo.ConcreteModel, stepped: Mapping[Key, list[Segment]], width: Mapping[tuple[str, int, int], float]
) -> None:
    """(1.6) a run of segments that costs less begins when the run ahead of it is full."""
    ahead = {(*key, g): runs for key, parts in stepped.items() for g, runs in enumerate(pairwise(convex_groups(parts)))}
    m.begun = pyo.Var(list(ahead), domain=pyo.Binary)
    full = [(*key, k) for key, (before, _) in ahead.items() for k in before]
    begun = [(*key, k) for key, (_, after) in ahead.items() for k in after]

    def fill(m: pyo.ConcreteModel, what: str, n: int, g: int, k: int) -> Expr:
        return m.part[what, n, k] - width[what, n, k] * m.begun[what, n, g] >= 0

    def begin(m: pyo.ConcreteModel, what: str, n: int, g: int, k: int) -> Expr:
        return m.part[what, n, k] - width[what, n, k] * m.begun[what, n, g] <= 0

    m.full_run = pyo.Constraint(full, rule=fill)
    m.begun_run = pyo.Constraint(begun, rule=begin)


def _demand(m: pyo.ConcreteModel, night: Night) -> Expr:
    """(1.3) Σ rate · weight · (peak − what is billed anyway)."""
    total = 0.0
    for d, demand in enumerate(night.tariff_series.demands):
        stepped = demand_segments(night, demand)
        if len(stepped) == 1:
            total += stepped[0].rate * (m.peak_kw[d] - night.demand_floor_kw(demand))
    return total + sum(m.part_rate[key] * m.part[key] for key in m.part if key[0] == "kW")


def _tiers(m: pyo.ConcreteModel, night: Night) -> Expr:
    """(1.4) what tiers add to the price of the kWh that tonight adds to the month's."""
    total, hours = 0.0, night.horizon.slot_hours
    for e, tiers in enumerate(night.tariff_series.tiers):
        if not is_polyline(tiers):
            total += _hours_cost(m, night, e) if tiers.counted is None else _least_cost(m, night, tiers)
        elif len(stepped := energy_segments(night, tiers)) == 1:
            total += sum(stepped[0].rate * share * hours * m.drawn_kw[t] for t, share in tiers.slots)
    return total + sum(m.part_rate[key] * m.part[key] for key in m.part if key[0] == "kWh")


def _kwh(m: pyo.ConcreteModel, night: Night, tiers: TieredEnergy) -> Expr:
    """What tonight adds to the month's kWh of a group."""
    return sum(share * night.horizon.slot_hours * m.drawn_kw[t] for t, share in tiers.slots)


def _least_cost(m: pyo.ConcreteModel, night: Night, tiers: TieredEnergy) -> Expr:
    """(1.8) of kWh in proportion, the most that is linear and nowhere above their cost."""
    least = least_cost(night, tiers)
    own, counted = _kwh(m, night, tiers), _kwh(m, night, tiers.reaching)
    return least.constant + least.own_per_kwh * own + least.counted_per_kwh * counted


def _add_hours(m: pyo.ConcreteModel, night: Night) -> None:
    """(1.7) above_kwh[e, k]: what the month's kWh lie above threshold k of hours of use, where plans decide it.

    above_hours[e, k] is 1 where they do, for thresholds beyond which a kWh is cheaper.
    """
    groups = night.tariff_series.tiers
    hours = {e: hours_parts(night, one) for e, one in enumerate(groups) if one.peak and one.counted is None}
    m.hours = hours
    open_ = {(e, k): p for e, many in hours.items() for k, p in enumerate(many) if p.is_open}
    m.above_kwh = pyo.Var(list(open_), bounds=lambda m, *key: (open_[key].low_kwh, open_[key].high_kwh))
    m.above_hours = pyo.Var([key for key, part in open_.items() if part.change < 0], domain=pyo.Binary)

    def lies_above(m: pyo.ConcreteModel, e: int, k: int) -> Expr:
        over = m.above_kwh[e, k] - _over_kwh(m, night, e, k)
        low_kwh = open_[e, k].low_kwh
        return over >= 0 if (e, k) not in m.above_hours else over + low_kwh * (1 - m.above_hours[e, k]) <= 0

    def is_counted(m: pyo.ConcreteModel, e: int, k: int) -> Expr:
        if (e, k) not in m.above_hours:
            return m.above_kwh[e, k] >= 0
        return m.above_kwh[e, k] - open_[e, k].high_kwh * m.above_hours[e, k] <= 0

    m.lies_above = pyo.Constraint(list(open_), rule=lies_above)
    m.is_counted = pyo.Constraint(list(open_), rule=is_counted)


def _over_kwh(m: pyo.ConcreteModel, night: Night, e: int, k: int) -> Expr:
    """The month's kWh after tonight less threshold k, below 0 where they do not reach it."""
    tiers = night.tariff_series.tiers[e]
    assert tiers.peak is not None
    threshold = m.hours[e][k].hours * m.peak_kw[night.tariff_series.demands.index(tiers.peak)]
    return night.energy_so_far_kwh(tiers) + _kwh(m, night, tiers) - threshold


def _hours_cost(m: pyo.ConcreteModel, night: Night, e: int) -> Expr:
    total = 0.0
    for k, part in enumerate(m.hours[e]):
        total -= part.paid_so_far
        if not part.is_out_of_reach:
            total += part.change * (m.above_kwh[e, k] if part.is_open else _over_kwh(m, night, e, k))
    return total


def _reserve(m: pyo.ConcreteModel, night: Night) -> Expr:
    return night.station.reserve_cost * sum(m.short[t] for t in m.short)
