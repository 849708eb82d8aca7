"""The level formulation: packs of a type counted by energy band, not named. Equations of models/README.md, section 2.

With continuous counts its optimum is a lower bound on every plan; with `Integrality.SWAPS` a tighter one.
`Integrality.ALL` rounds energies to band edges: a heuristic that gives integer packs, never a bound.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.common.gc_manager import PauseGC

from models.formulations import grid_bill
from models.formulations.grid_bill import add_grid_and_bill
from models.formulations.levels.data import LevelData, TypeLevels, level_data
from models.formulations.levels.rows import (
    free_leaving,
    leaving_bounds,
    readiness_rows,
    ready_returns,
    types_with_changing_counts,
)
from models.formulations.names import add_listed
from models.station.instance import Night
from models.tolerances import SMALLEST_COEFFICIENT

EQUATIONS = {
    "no_discharge": "(2.1)", "rate": "(2.2)", "count": "(2.3)", "order": "(2.4)", "order_staying": "(2.5)",
    "charge": "(2.8)", "chargers": "(2.9)", "wear": "(2.10)", "reserve": "(2.11)", **grid_bill.EQUATIONS,
}  # fmt: skip
"""What the rows of each constraint are called; those of (2.6) and (2.7) are listed."""

Expr = Any  # Pyomo expressions and numbers alike


class Integrality(Enum):
    """Which variables must be integer."""

    NONE = "none"
    SWAPS = "swaps"
    ALL = "all"


@dataclass(frozen=True)
class LevelModel:
    """The Pyomo model beside the data it was built from."""

    model: pyo.ConcreteModel
    data: LevelData


def build_levels(night: Night, resolution: int = 1, integrality: Integrality = Integrality.NONE) -> LevelModel:
    """The level formulation of `night` with `resolution` bands a slot's full charge."""
    with PauseGC():
        return _build(level_data(night, resolution), integrality)


def _build(data: LevelData, integrality: Integrality) -> LevelModel:
    night = data.night
    m = pyo.ConcreteModel()
    _add_variables(m, data, integrality)
    stock = _LevelStock(m, data, nearest=integrality is Integrality.ALL)
    _add_no_discharge(m, stock)
    _add_rate(m, stock)
    _add_order(m, stock)
    _add_hand_over(m, stock)
    _add_readiness(m, stock)
    _add_charge(m, stock)
    _add_wear(m, stock)
    _add_reserve(m, stock)
    add_grid_and_bill(m, night, {t: sum(m.charge_kwh[k, t] for k in data.types) for t in m.T})
    m.cost = pyo.Objective(expr=m.bill + _lost_cost(m, data) + _wear_cost(m, data) - _end_value(stock))
    return LevelModel(m, data)


def _add_variables(m: pyo.ConcreteModel, data: LevelData, integrality: Integrality) -> None:
    all_integer = integrality is Integrality.ALL
    m.T = pyo.RangeSet(0, data.night.horizon.slots - 1)
    m.KL = pyo.Set(initialize=[(k, level) for k, d in data.types.items() for level in range(1, d.bands.count + 1)])
    most = {k: d.start_count for k, d in data.types.items()}
    m.H = pyo.Var(
        m.KL, m.T, within=pyo.NonNegativeIntegers if all_integer else pyo.NonNegativeReals,
        bounds=lambda m, k, level, t: (0, most[k]),
    )  # fmt: skip
    m.served = pyo.Var(
        range(len(data.classes)), within=pyo.Reals if integrality is Integrality.NONE else pyo.NonNegativeIntegers,
        bounds=lambda m, j: (0, data.classes[j].size),
    )  # fmt: skip
    m.leaving = pyo.Var(free_leaving(data), bounds=lambda m, k, level, t: (0, most[k]))
    m.present = pyo.Var(types_with_changing_counts(data), m.T, bounds=lambda m, k, t: (0, most[k]))
    reach_kwh = data.night.reach_full_kwh
    m.charge_kwh = pyo.Var(list(data.types), m.T, bounds=lambda m, k, t: (0, most[k] * reach_kwh))


class _LevelStock:
    """Expressions for the fills of the packs in the station: H before, H⁺ after the swaps of a slot."""

    def __init__(self, m: pyo.ConcreteModel, data: LevelData, nearest: bool) -> None:
        self.m, self.data = m, data
        self.slots = data.night.horizon.slots
        self.counted = set(types_with_changing_counts(data))
        self._round = np.rint if nearest else np.asarray
        self._after: dict[tuple[str, int, int], Expr] = {}

    def types(self) -> Iterable[tuple[str, TypeLevels]]:
        return self.data.types.items()

    def before(self, k: str, level: int, t: int) -> Expr:
        """H[t − 1]: at the end of the slot before t. Level 0 counts packs."""
        kind = self.data.types[k]
        if level == 0:
            return self.m.present[k, t - 1] if k in self.counted and t > 0 else kind.start_count
        return self.m.H[k, level, t - 1] if t > 0 else float(self._round(kind.start_fills[level - 1]))

    def staying(self, k: str, level: int, t: int) -> Expr:
        """H[t − 1] less the packs handed over in slot t."""
        kind, m = self.data.types[k], self.m
        stock = self.before(k, level, t)
        if t not in kind.leaving:
            return stock
        if (k, level, t) in m.leaving:
            return stock - m.leaving[k, level, t]
        return stock - sum(m.served[j] for j in kind.leaving[t])

    def after(self, k: str, level: int, t: int) -> Expr:
        """H⁺[t]: after the swaps of slot t, packs in turnaround left out. Several constraints share one expression."""
        if (k, level, t) not in self._after:
            self._after[k, level, t] = self._new_after(k, level, t)
        return self._after[k, level, t]

    def _new_after(self, k: str, level: int, t: int) -> Expr:
        if level == 0:
            return self._count_after(k, t)
        stock = self.staying(k, level, t)
        for j in self.data.types[k].entering.get(t, []):
            fill = float(self._round(self.data.returned_fills(j)[level - 1]))
            if fill:
                stock = stock + fill * self.m.served[j]
        return stock

    def _count_after(self, k: str, t: int) -> Expr:
        kind = self.data.types[k]
        return self.m.present[k, t] if k in self.counted else kind.start_count

    def count_balance(self, k: str, t: int) -> Expr:
        """Packs that may charge in slot t, from those of the slot before."""
        kind, served = self.data.types[k], self.m.served
        gone, come = kind.leaving.get(t, []), kind.entering.get(t, [])
        return self.before(k, 0, t) - sum(served[j] for j in gone) + sum(served[j] for j in come)

    def majorised(self, k: str, t: int, row: np.ndarray[Any, Any]) -> Expr:
        """c₀ n⁺ + Σ c_l H⁺_l, eq. (2.2)."""
        terms = [(float(c), level) for level, c in enumerate(row) if abs(c) > SMALLEST_COEFFICIENT]
        return sum(self.after(k, level, t) if c == 1.0 else c * self.after(k, level, t) for c, level in terms)


def _add_no_discharge(m: pyo.ConcreteModel, stock: _LevelStock) -> None:
    """(2.1) fills never fall but by a hand-over."""

    def rule(m: pyo.ConcreteModel, k: str, level: int, t: int) -> Expr:
        return m.H[k, level, t] - stock.after(k, level, t) >= 0

    m.no_discharge = pyo.Constraint(m.KL, m.T, rule=rule)


def _add_rate(m: pyo.ConcreteModel, stock: _LevelStock) -> None:
    """(2.2) a band fills no faster than charger and acceptance curve allow; (2.3) counts of packs."""
    rows = {
        (k, level, n): row
        for k, kind in stock.types()
        for level, vectors in enumerate(kind.reach, start=1)
        for n, row in enumerate(vectors)
        if level == 1 or np.any(np.abs(row[1:]) > SMALLEST_COEFFICIENT)  # else every pack can fill it: (2.4) says it
    }

    def rule(m: pyo.ConcreteModel, k: str, level: int, n: int, t: int) -> Expr:
        return m.H[k, level, t] - stock.majorised(k, t, rows[k, level, n]) <= 0

    m.rate = pyo.Constraint(list(rows), m.T, rule=rule)

    def count_rule(m: pyo.ConcreteModel, k: str, t: int) -> Expr:
        return m.present[k, t] == stock.count_balance(k, t)

    m.count = pyo.Constraint(sorted(stock.counted), m.T, rule=count_rule)


def _add_order(m: pyo.ConcreteModel, stock: _LevelStock) -> None:
    """(2.4) a band is filled only where the one below is; (2.5) the same for the packs that stay."""

    def rule(m: pyo.ConcreteModel, k: str, level: int, t: int) -> Expr:
        if level == 1:
            return pyo.Constraint.Skip
        return m.H[k, level - 1, t] - m.H[k, level, t] >= 0

    def staying_rule(m: pyo.ConcreteModel, k: str, level: int, t: int) -> Expr:
        return stock.staying(k, level - 1, t) - stock.staying(k, level, t) >= 0

    m.order = pyo.Constraint(m.KL, m.T, rule=rule)
    m.order_staying = pyo.Constraint(list(m.leaving), rule=staying_rule)


def _add_hand_over(m: pyo.ConcreteModel, stock: _LevelStock) -> None:
    """(2.6) packs handed over fill every band up to what the swap needs, and at most all of them."""
    m.ready = pyo.ConstraintList()
    for k, kind in stock.types():
        for t in kind.leaving:
            add_listed(m, "ready", stock.staying(k, kind.bands.count, t) >= 0, "(2.6) stay", k, t)
        for (level, t), indices, needing in leaving_bounds(stock.data, k):
            most = m.leaving[k, level, t] - sum(m.served[j] for j in indices) <= 0
            add_listed(m, "ready", most, "(2.6) most", k, level, t)
            if needing:
                least = m.leaving[k, level, t] - sum(m.served[j] for j in needing) >= 0
                add_listed(m, "ready", least, "(2.6) least", k, level, t)


def _add_readiness(m: pyo.ConcreteModel, stock: _LevelStock) -> None:
    """(2.7) every swap served so far took a pack of its own, and only so many can have been ready.

    Implied by integer packs, not by interpolated fills: a pack that needs 4.2 slots is ready after 5.
    """
    m.readiness = pyo.ConstraintList()
    for k, kind in stock.types():
        for n, (asked, ready, count) in enumerate(readiness_rows(stock.data, kind)):
            row = sum(m.served[j] for j in asked) - sum(m.served[j] for j in ready) <= count
            add_listed(m, "readiness", row, "(2.7)", k, n)


def _add_charge(m: pyo.ConcreteModel, stock: _LevelStock) -> None:
    """(2.8) energy charged is what the fills gain; (2.9) fewer chargers than packs bound it."""

    def rule(m: pyo.ConcreteModel, k: str, t: int) -> Expr:
        widths = stock.data.types[k].bands.widths_kwh
        gained = [
            float(width) * (m.H[k, level, t] - stock.after(k, level, t)) for level, width in enumerate(widths, start=1)
        ]
        return m.charge_kwh[k, t] - sum(gained) == 0

    m.charge = pyo.Constraint(list(stock.data.types), m.T, rule=rule)
    station = stock.data.night.station
    if station.chargers.count < station.packs_at_chargers:
        most_kwh = station.chargers.count * stock.data.night.reach_full_kwh
        m.chargers = pyo.Constraint(
            m.T, rule=lambda m, t: sum(m.charge_kwh[k, t] for k in stock.data.types) <= most_kwh
        )


def _add_wear(m: pyo.ConcreteModel, stock: _LevelStock) -> None:
    """(2.10) energy that packs gain in a slot above each step of the wear curve."""
    index = [
        (k, step, level)
        for k, d in stock.types()
        for step in range(len(d.wear))
        for level in range(1, d.bands.count + 1)
    ]
    m.fast = pyo.Var(index, m.T, bounds=lambda m, k, s, level, t: (0, stock.data.types[k].start_count))
    rows = {
        (*where, n): row
        for where in index
        for n, row in enumerate(stock.data.types[where[0]].wear[where[1]].majorants[where[2] - 1])
    }

    def rule(m: pyo.ConcreteModel, k: str, step: int, level: int, n: int, t: int) -> Expr:
        return m.fast[k, step, level, t] - m.H[k, level, t] + stock.majorised(k, t, rows[k, step, level, n]) >= 0

    m.wear = pyo.Constraint(list(rows), m.T, rule=rule)


def _add_reserve(m: pyo.ConcreteModel, stock: _LevelStock) -> None:
    """(2.11) packs of any type that hold S after the swaps, and the declared shortfall, make the reserve."""
    reserve = stock.data.night.station.ready_reserve
    m.short = pyo.Var([t for t in m.T if reserve[t] > 0], bounds=lambda m, t: (0, reserve[t]))

    def rule(m: pyo.ConcreteModel, t: int) -> Expr:
        return sum(_ready_after(stock, k, t) for k in stock.data.types) + m.short[t] >= reserve[t]

    m.reserve = pyo.Constraint(list(m.short), rule=rule)


def _ready_after(stock: _LevelStock, k: str, t: int) -> Expr:
    kind = stock.data.types[k]
    level = kind.bands.level_of(kind.kind.swap_kwh)
    if level == 0:
        return stock.after(k, 0, t)
    returned = [j for slot, j in ready_returns(stock.data, kind) if slot == t]
    return stock.staying(k, level, t) + sum(stock.m.served[j] for j in returned)


def _lost_cost(m: pyo.ConcreteModel, data: LevelData) -> Expr:
    return sum(c.lost_cost * (c.size - m.served[j]) for j, c in enumerate(data.classes))


def _wear_cost(m: pyo.ConcreteModel, data: LevelData) -> Expr:
    terms: list[Expr] = []
    for k, d in data.types.items():
        if d.wear_per_kwh:
            terms += [d.wear_per_kwh * m.charge_kwh[k, t] for t in m.T]
        for step, wear in enumerate(d.wear):
            for level, width in enumerate(d.bands.widths_kwh, start=1):
                terms += [wear.cost_per_kwh * float(width) * m.fast[k, step, level, t] for t in m.T]
    return sum(terms)


def _end_value(stock: _LevelStock) -> Expr:
    """Energy at the end: b₀ + Σ width · fill of every pack, and what packs still in turnaround hold."""
    data, m, last = stock.data, stock.m, stock.slots - 1
    terms: list[Expr] = []
    for k, d in stock.types():
        value = data.night.end_value_per_kwh(d.kind)
        terms.append(value * d.bands.edges_kwh[0] * stock.after(k, 0, last))
        terms += [value * float(w) * m.H[k, level, last] for level, w in enumerate(d.bands.widths_kwh, start=1)]
        for j in d.entering.get(stock.slots, []):
            terms.append(value * (data.classes[j].returned_kwh or 0.0) * m.served[j])
    return sum(terms)
