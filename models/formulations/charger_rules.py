"""Binaries of real chargers: minimum power, on/off, scarce chargers, plug changes. models/README.md, section 4.

Shared by the dispatch and the reference model. A *site* is where a pack can charge in a slot: (stay, slot)
or (bay, slot). The model has m.power_kw and m.energy_kwh (end of slot) over the sites.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyomo.environ as pyo

from models.formulations.names import add_listed
from models.station.acceptance import Reach
from models.station.at_once import limits_partial_slots
from models.station.instance import Night

EQUATIONS = {
    "switch": "(4.1)", "plugged": "(4.1) plugged", "power_floor": "(4.2)", "full": "(4.3)", "curve_floor": "(4.4)",
    "charger_count": "(4.5)", "partial": "(4.7) partial", "at_once": "(4.7)",
}  # fmt: skip
"""What the rows of each constraint are called; those of (4.6) are listed."""

Expr = Any
Site = tuple[int, int]


@dataclass(frozen=True)
class SiteData:
    """What a slot does to the pack at a site, an energy in kWh below which no pack there ever is, and the least power
    in kW of a partial slot while it lasts."""

    reach: Reach
    least_kwh: float
    full_kw: float = 0.0


@dataclass(frozen=True)
class Boundary:
    """One bay at the boundary before a slot: charging before and after (0/1 expressions), 1 if the pack is another."""

    before: Expr
    after: Expr
    other_pack: Expr = 0


def add_switches(
    m: pyo.ConcreteModel, night: Night, sites: Mapping[Site, SiteData], plugged_kw: float, trickle_kw: float = 0.0
) -> None:
    """(4.1) power only where the charger is on; then the floor of its power, and the count of chargers.

    `plugged_kw`: least power of a charger that is on, where plug changes count. `trickle_kw`: most power of one that is
    off: for a bound, where a last slot before E may be too little to count.
    """
    chargers = night.station.chargers
    m.on = pyo.Var(list(sites), within=pyo.Binary)
    m.switch = pyo.Constraint(
        list(sites), rule=lambda m, i, t: m.power_kw[i, t] - chargers.max_kw * m.on[i, t] <= trickle_kw
    )
    if night.station.counts_plug_changes:  # a pack that is full stops, so being full excuses no charger from this floor
        m.plugged = pyo.Constraint(list(sites), rule=lambda m, i, t: m.power_kw[i, t] - plugged_kw * m.on[i, t] >= 0)
    _add_power_floor(m, night, sites)
    _add_charger_count(m, night, sites)


def _add_power_floor(m: pyo.ConcreteModel, night: Night, sites: Mapping[Site, SiteData]) -> None:
    """(4.2) on means at least the floor, unless (4.3) the slot ends at E or (4.4) on the acceptance curve."""
    chargers = night.station.chargers
    on_off = chargers.mode == "on_off"
    floor_kw = chargers.max_kw if on_off else chargers.min_kw
    if floor_kw == 0:
        return
    m.ends_full = pyo.Var(list(sites), within=pyo.Binary)
    lines = {site: data.reach.lines if on_off else () for site, data in sites.items()}
    m.on_curve = pyo.Var([(i, t, n) for i, t in sites for n in range(len(lines[i, t]))], within=pyo.Binary)

    def floor(m: pyo.ConcreteModel, i: int, t: int) -> Expr:
        excuses = m.ends_full[i, t] + sum(m.on_curve[i, t, n] for n in range(len(lines[i, t])))
        return m.power_kw[i, t] - floor_kw * m.on[i, t] + floor_kw * excuses >= 0

    def full(m: pyo.ConcreteModel, i: int, t: int) -> Expr:
        return m.energy_kwh[i, t] - sites[i, t].reach.kind.target_kwh * m.ends_full[i, t] >= 0

    def curve(m: pyo.ConcreteModel, i: int, t: int, n: int) -> Expr:
        line, site = lines[i, t][n], sites[i, t]
        slack_kw = max(0.0, line.at(site.least_kwh), line.at(site.reach.kind.target_kwh))
        return m.power_kw[i, t] - line.slope * m.energy_kwh[i, t] - slack_kw * m.on_curve[i, t, n] >= (
            line.intercept - slack_kw
        )

    m.power_floor = pyo.Constraint(list(sites), rule=floor)
    m.full = pyo.Constraint(list(sites), rule=full)
    m.curve_floor = pyo.Constraint(list(m.on_curve), rule=curve)


def _add_charger_count(m: pyo.ConcreteModel, night: Night, sites: Mapping[Site, SiteData]) -> None:
    """(4.5) packs charging in a slot ≤ chargers."""
    count = night.station.chargers.count
    if count >= night.station.packs_at_chargers:
        return
    by_slot: dict[int, list[Site]] = {}
    for site in sites:
        by_slot.setdefault(site[1], []).append(site)
    m.charger_count = pyo.Constraint(list(by_slot), rule=lambda m, t: sum(m.on[site] for site in by_slot[t]) <= count)


def add_grid_at_once(m: pyo.ConcreteModel, night: Night, sites: Mapping[Site, SiteData]) -> None:
    """(4.7) a slot that ends at E draws its full power while it lasts, and the grid limit holds then, too."""
    station = night.station
    if not limits_partial_slots(night):
        return
    by_slot: dict[int, list[Site]] = {}
    for site in sites:
        by_slot.setdefault(site[1], []).append(site)
    m.more_kw = pyo.Var(list(sites), bounds=lambda m, i, t: (0, sites[i, t].full_kw))
    m.partial = pyo.Constraint(
        list(sites),
        rule=lambda m, i, t: m.more_kw[i, t] + m.power_kw[i, t] - sites[i, t].full_kw * m.ends_full[i, t] >= 0,
    )

    def at_once(m: pyo.ConcreteModel, t: int) -> Expr:
        solar = m.solar_kw[t] if t in m.solar_kw else 0.0  # noqa: SIM401 (a Pyomo Var has no get)
        into_kw = sum(m.power_kw[site] + m.more_kw[site] for site in by_slot[t])
        return into_kw / station.chargers.efficiency - solar <= station.grid_limit_kw[t] - station.base_load_kw[t]

    m.at_once = pyo.Constraint(list(by_slot), rule=at_once)


def add_plug_changes(m: pyo.ConcreteModel, night: Night, boundaries: Mapping[int, Iterable[Boundary]]) -> None:
    """(4.6) changes at the boundary before slot t ≥ starts and ≥ stops; their cap is the variable's bound."""
    packs, cap = len(night.station.packs), night.station.most_plug_changes
    m.changes = pyo.Var(list(boundaries), bounds=lambda m, t: (0, packs if (most := cap(t)) is None else most))
    m.starts, m.stops = (pyo.Var(pyo.Any, dense=False, bounds=(0, 1)) for _ in range(2))
    m.plug = pyo.ConstraintList()
    for t, bays in boundaries.items():
        count = 0
        for count, bay in enumerate(bays, start=1):
            add_listed(m, "plug", m.starts[t, count] >= bay.after - bay.before, "(4.6) start", t, count)
            add_listed(m, "plug", m.stops[t, count] >= bay.before - bay.after, "(4.6) stop", t, count)
            if not isinstance(bay.other_pack, int):
                other_starts = m.starts[t, count] >= bay.after + bay.other_pack - 1
                other_stops = m.stops[t, count] >= bay.before + bay.other_pack - 1
                add_listed(m, "plug", other_starts, "(4.6) start_other", t, count)
                add_listed(m, "plug", other_stops, "(4.6) stop_other", t, count)
        for what, each in (("starts", m.starts), ("stops", m.stops)):
            row = m.changes[t] >= sum(each[t, n] for n in range(1, count + 1))
            add_listed(m, "plug", row, f"(4.6) {what}", t)


def plug_cost(m: pyo.ConcreteModel, night: Night) -> Expr:
    """Cost of all plug changes; 0 where they do not count."""
    return (
        sum(night.station.cost_of_plug_change(t) * m.changes[t] for t in m.changes)
        if night.station.counts_plug_changes
        else 0.0
    )
