"""What every formulation shares: grid limit, solar power, energy and demand cost. models/README.md, section 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyomo.environ as pyo

from models.instance import Night

Expr = Any


def add_grid_and_bill(m: pyo.ConcreteModel, night: Night, charged_kwh: Mapping[int, Expr]) -> None:
    """Variables drawn_kw, solar_kw, peak_kw; constraints (1.1)–(1.3); expression m.bill.

    `charged_kwh[t]`: energy into packs in slot t. Needs m.T; uses m.short where the reserve has a price.
    """
    _add_grid(m, night, charged_kwh)
    _add_peaks(m, night)
    prices, hours = night.tariff_series.price_per_kwh, night.horizon.slot_hours
    energy = sum(prices[t] * hours * m.drawn_kw[t] for t in m.T)
    m.bill = pyo.Expression(expr=energy + _demand(m, night) + _reserve(m, night))


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
    """(1.2) the billed peak is no lower than any metered average, nor than the peak so far."""
    demands, so_far = night.tariff_series.demands, night.station.peak_so_far_kw
    most_kw = max(night.station.grid_limit_kw)

    def bounds(m: pyo.ConcreteModel, d: int) -> tuple[float, float]:
        low = so_far.get(demands[d].name, 0.0)
        return low, max(low, most_kw)

    m.peak_kw = pyo.Var(range(len(demands)), bounds=bounds)
    metered = [(d, i) for d, demand in enumerate(demands) for i in range(len(demand.intervals))]

    def rule(m: pyo.ConcreteModel, d: int, i: int) -> Expr:
        return m.peak_kw[d] - sum(share * m.drawn_kw[t] for t, share in demands[d].intervals[i]) >= 0

    m.peak = pyo.Constraint(metered, rule=rule)


def _demand(m: pyo.ConcreteModel, night: Night) -> Expr:
    """(1.3) Σ rate · weight · (peak − peak so far)."""
    demands, so_far = night.tariff_series.demands, night.station.peak_so_far_kw
    return sum(d.rate_per_kw * (m.peak_kw[i] - so_far.get(d.name, 0.0)) for i, d in enumerate(demands))


def _reserve(m: pyo.ConcreteModel, night: Night) -> Expr:
    return night.station.reserve_cost * sum(m.short[t] for t in m.short)
