"""The dispatch model: best powers once every pack's stay is known. Equations of models/README.md, section 3.

An LP in continuous kW; binaries come in only where minimum power, on/off charging, scarce chargers, plug
changes or a reserve ask for them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyomo.environ as pyo

from models.formulations.charger_rules import (
    Boundary,
    SiteData,
    add_grid_at_once,
    add_plug_changes,
    add_switches,
    plug_cost,
)
from models.formulations.dispatch.arrays import EVERYWHERE
from models.formulations.dispatch.curve_rows import Near, binding_lines, curved_stays, start_bounds
from models.formulations.grid_bill import add_grid_and_bill
from models.station.at_once import least_full_kw
from models.station.instance import Night
from models.station.pack_type import lines_of
from models.station.stays import Stay, most_charge_kw, reach_of_stay
from models.tolerances import PLUGGED_SHARE

Expr = Any


@dataclass(frozen=True)
class DispatchModel:
    """The Pyomo model beside the stays it dispatches."""

    model: pyo.ConcreteModel
    night: Night
    stays: tuple[Stay, ...]


def build_dispatch(
    night: Night, stays: Sequence[Stay], missing_cost_per_kwh: float, near: Near = EVERYWHERE
) -> DispatchModel:
    """The dispatch model of `stays`.

    A pack may leave with less than its swap needs, at `missing_cost_per_kwh`: so the model says which
    hand-overs come too early, and is feasible for every assignment. Choose the price far above any real one.
    `near`: where stays with a curve that is not concave keep to a part of it; elsewhere the least concave one above.
    """
    m = pyo.ConcreteModel()
    m.T = pyo.RangeSet(0, night.horizon.slots - 1)
    m.P = pyo.Set(initialize=[(s, t) for s, stay in enumerate(stays) for t in stay.window])
    _add_power(m, night, stays)
    _add_energy_needs(m, night, stays)
    _add_acceptance(m, night, stays, near)
    _add_wear(m, night, stays)
    _add_reserve(m, night, stays)
    _add_chargers(m, night, stays)
    hours = night.horizon.slot_hours
    present: dict[int, list[int]] = {t: [] for t in m.T}
    for s, t in m.P:
        present[t].append(s)
    add_grid_and_bill(m, night, {t: hours * sum(m.power_kw[s, t] for s in present[t]) for t in m.T})
    if night.station.needs_switches:
        add_grid_at_once(m, night, _sites(m, night, stays))
    missing = missing_cost_per_kwh * sum(m.missing_kwh[s] for s in m.missing_kwh)
    given = _lost_cost(night, stays) - _end_value(m, night, stays)
    m.cost = pyo.Objective(expr=m.bill + m.wear_cost + plug_cost(m, night) + missing + given)
    return DispatchModel(m, night, tuple(stays))


def _add_power(m: pyo.ConcreteModel, night: Night, stays: Sequence[Stay]) -> None:
    most_kw = [most_charge_kw(night, stay) for stay in stays]
    m.power_kw = pyo.Var(m.P, bounds=lambda m, s, t: (0.0, most_kw[s]))


def _charged_kwh(m: pyo.ConcreteModel, night: Night, stay: Stay, s: int, until: int) -> Expr:
    return night.horizon.slot_hours * sum(m.power_kw[s, t] for t in range(stay.charge_from, until))


def _add_energy_needs(m: pyo.ConcreteModel, night: Night, stays: Sequence[Stay]) -> None:
    """(3.1) a pack leaves with what its swap needs; (3.2) none is charged above E."""
    leaving = [s for s, stay in enumerate(stays) if stay.need_kwh > stay.start_kwh]
    m.missing_kwh = pyo.Var(leaving, bounds=lambda m, s: (0, stays[s].need_kwh))

    def need(m: pyo.ConcreteModel, s: int) -> Expr:
        stay = stays[s]
        return _charged_kwh(m, night, stay, s, stay.leave) + m.missing_kwh[s] >= stay.need_kwh - stay.start_kwh

    def room(m: pyo.ConcreteModel, s: int) -> Expr:
        stay = stays[s]
        if not stay.window:
            return pyo.Constraint.Skip
        room_kwh = night.pack_types[stay.type].target_kwh - stay.start_kwh
        return _charged_kwh(m, night, stay, s, stay.leave) <= room_kwh

    m.need = pyo.Constraint(leaving, rule=need)
    m.room = pyo.Constraint(range(len(stays)), rule=room)


def _add_acceptance(m: pyo.ConcreteModel, night: Night, stays: Sequence[Stay], near: Near) -> None:
    """(3.3) energy slot by slot where a curve or a charger rule looks at it; (3.4) the curve, over end-of-slot energy;
    (3.8) where the slot begins."""
    curved, inside, hours = set(curved_stays(night, stays)), start_bounds(night, stays, near), night.horizon.slot_hours
    watched = [(s, t) for s, t in m.P if s in curved or night.station.needs_switches]

    def energies(m: pyo.ConcreteModel, s: int, t: int) -> tuple[float, float]:
        low, high = inside.get((s, t), (0, math.inf))
        return low, min(high, night.pack_types[stays[s].type].target_kwh)

    m.energy_kwh = pyo.Var(watched, bounds=energies)

    def balance(m: pyo.ConcreteModel, s: int, t: int) -> Expr:
        stay = stays[s]
        before = stay.start_kwh if t == stay.charge_from else m.energy_kwh[s, t - 1]
        return m.energy_kwh[s, t] - hours * m.power_kw[s, t] == before

    m.energy = pyo.Constraint(watched, rule=balance)
    binding = {(s, t, n): line for (s, t), lines in binding_lines(night, stays, near).items() for n, line in lines}

    def on_curve(m: pyo.ConcreteModel, s: int, t: int, n: int) -> Expr:
        line = binding[s, t, n]
        return m.power_kw[s, t] - line.slope * m.energy_kwh[s, t] <= line.intercept

    m.acceptance = pyo.Constraint(list(binding), rule=on_curve)


def _add_wear(m: pyo.ConcreteModel, night: Night, stays: Sequence[Stay]) -> None:
    """(3.5) wear is the highest of its lines, in currency per hour."""
    curves = {k: lines_of(kind.wear) for k, kind in night.pack_types.items()}
    worn = [(s, t) for s, t in m.P if curves[stays[s].type]]
    max_kw = night.station.chargers.max_kw
    most = {k: max((line.at(max_kw) for line in lines), default=0.0) for k, lines in curves.items()}
    m.wear_per_hour = pyo.Var(worn, bounds=lambda m, s, t: (0, most[stays[s].type]))

    def rule(m: pyo.ConcreteModel, s: int, t: int, n: int) -> Expr:
        line = curves[stays[s].type][n]
        return m.wear_per_hour[s, t] - line.slope * m.power_kw[s, t] >= line.intercept

    rising = [(s, t, n) for s, t in worn for n, line in enumerate(curves[stays[s].type]) if line.slope > 0]
    m.wear = pyo.Constraint(rising, rule=rule)
    m.wear_cost = pyo.Expression(expr=night.horizon.slot_hours * sum(m.wear_per_hour[i] for i in worn))


def _add_reserve(m: pyo.ConcreteModel, night: Night, stays: Sequence[Stay]) -> None:
    """(3.6) a pack that counts as ready holds S; (3.7) ready packs and shortfall make the reserve."""
    reserve = night.station.ready_reserve
    asked = [t for t in m.T if reserve[t] > 0]
    m.short = pyo.Var(asked, within=pyo.NonNegativeIntegers, bounds=lambda m, t: (0, reserve[t]))
    swap_kwh = {k: kind.swap_kwh for k, kind in night.pack_types.items()}
    charging = [
        (s, t)
        for s, stay in enumerate(stays)
        for t in asked
        if stay.charge_from < t < stay.leave and stay.start_kwh < swap_kwh[stay.type]
    ]
    m.is_ready = pyo.Var(charging, within=pyo.Binary)

    def ready_rule(m: pyo.ConcreteModel, s: int, t: int) -> Expr:
        stay = stays[s]
        missing_kwh = swap_kwh[stay.type] - stay.start_kwh
        return _charged_kwh(m, night, stay, s, t) - missing_kwh * m.is_ready[s, t] >= 0

    m.ready = pyo.Constraint(charging, rule=ready_rule)
    can_be = set(charging)
    m.reserve = pyo.ConstraintList()
    for t in asked:
        ready_at_once = sum(s.arrive <= t < s.leave and s.start_kwh >= swap_kwh[s.type] for s in stays)
        becoming = [m.is_ready[s, t] for s in range(len(stays)) if (s, t) in can_be]
        m.reserve.add(sum(becoming) + m.short[t] >= reserve[t] - ready_at_once)


def _add_chargers(m: pyo.ConcreteModel, night: Night, stays: Sequence[Stay]) -> None:
    """Section 4: a stay is one pack, so a start or a stop is a change of its `on`."""
    if night.station.needs_switches:
        add_switches(m, night, _sites(m, night, stays), PLUGGED_SHARE * night.charging_kw)
    if night.station.counts_plug_changes:
        on: dict[tuple[int, int], Expr] = {site: m.on[site] for site in m.P}
        boundaries: dict[int, list[Boundary]] = {t: [] for t in m.T if t > 0}
        for s, stay in enumerate(stays):
            for t in range(max(1, stay.charge_from), min(stay.leave + 1, night.horizon.slots)):
                boundaries[t].append(Boundary(on.get((s, t - 1), 0), on.get((s, t), 0)))
        add_plug_changes(m, night, boundaries)


def _sites(m: pyo.ConcreteModel, night: Night, stays: Sequence[Stay]) -> dict[tuple[int, int], SiteData]:
    data = []
    for stay in stays:
        reach = reach_of_stay(night, stay)
        data.append(SiteData(reach, stay.start_kwh, least_full_kw(night, reach.kind, stay.start_kwh)))
    return {(s, t): data[s] for s, t in m.P}


def _lost_cost(night: Night, stays: Sequence[Stay]) -> float:
    served = {stay.swap for stay in stays}
    return sum(swap.lost_cost for swap in night.station.swaps if swap.id not in served)


def _end_value(m: pyo.ConcreteModel, night: Night, stays: Sequence[Stay]) -> Expr:
    terms: list[Expr] = []
    for s, stay in enumerate(stays):
        if stay.swap is None:
            value = night.end_value_per_kwh(night.pack_types[stay.type])
            terms += [value * stay.start_kwh, value * _charged_kwh(m, night, stay, s, stay.leave)]
    return sum(terms)
