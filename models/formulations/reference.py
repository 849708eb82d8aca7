"""The pack-level model of the literature: which bay's pack serves which swap. models/README.md, section 5.

Exact for every feature, symmetric in the bays and weakly relaxed: readable, right on tiny nights, slow on
real ones. It is the yardstick for bounds and plans, and the benchmark's proof that formulation matters.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pyomo.environ as pyo

from models.formulations import charger_rules, grid_bill
from models.formulations.charger_rules import (
    Boundary,
    SiteData,
    add_grid_at_once,
    add_plug_changes,
    add_switches,
    plug_cost,
)
from models.formulations.grid_bill import add_grid_and_bill
from models.formulations.levels.data import start_kwh
from models.formulations.names import add_listed
from models.station.acceptance import Reach, fastest_of, reach_kwh, reach_of_kind
from models.station.at_once import least_full_kw
from models.station.instance import Night, Pack, Swap, returned_pack_id
from models.station.pack_type import PackType, lines_of
from models.tolerances import EQUAL, MISSING_KWH, TRICKLE_KWH

EQUATIONS = {
    "one_pack": "(5.1)", "one_swap": "(5.2)", "hand_over": "(5.6)", "ready": "(5.10)",
    "ready_present": "(5.10) present", "reserve": "(5.11)", **grid_bill.EQUATIONS, **charger_rules.EQUATIONS,
}  # fmt: skip
"""What the rows of each constraint are called; the others are listed."""

Expr = Any


@dataclass(frozen=True)
class ReferenceModel:
    """The Pyomo model beside its night; row i stands for the bay of pack i of the station."""

    model: pyo.ConcreteModel
    night: Night

    def hand_overs(self) -> dict[str, str]:
        """Pack id handed over to each served swap, from the values loaded into the model."""
        holds = {bay: pack.id for bay, pack in enumerate(self.night.station.packs)}
        served = {}
        swaps = self.night.station.swaps
        for j in sorted(range(len(swaps)), key=lambda j: swaps[j].slot):
            for bay in holds:
                if (bay, j) in self.model.serves and pyo.value(self.model.serves[bay, j]) > 0.5:
                    served[swaps[j].id] = holds[bay]
                    holds[bay] = returned_pack_id(swaps[j].id)
        return served


def build_reference(night: Night) -> ReferenceModel:
    """The reference model of `night`, its swaps pack by pack (`Night.by_pack`)."""
    night = night.by_pack
    m = pyo.ConcreteModel()
    m.T = pyo.RangeSet(0, night.horizon.slots - 1)
    m.B = pyo.RangeSet(0, len(night.station.packs) - 1)
    b = _Bays(m, night)
    _add_service(m, b)
    _add_energy(m, b)
    _add_hand_over(m, b)
    _add_turnaround(m, b)
    _add_acceptance(m, b)
    _add_wear(m, b)
    _add_reserve(m, b)
    _add_chargers(m, b)
    hours = night.horizon.slot_hours
    add_grid_and_bill(m, night, {t: hours * sum(m.power_kw[i, t] for i in m.B) for t in m.T})
    if night.station.needs_switches:
        add_grid_at_once(m, night, _sites(m, b))
    lost = sum(s.lost_cost * (1 - b.served(j)) for j, s in enumerate(b.swaps))
    value = sum(night.end_value_per_kwh(b.kinds[i]) * m.energy_kwh[i, night.horizon.slots - 1] for i in m.B)
    m.cost = pyo.Objective(expr=m.bill + m.wear_cost + plug_cost(m, night) + lost - value)
    return ReferenceModel(m, night)


class _Bays:
    """What the constraints ask about bays: their type, the swaps they can serve, their first energy."""

    def __init__(self, m: pyo.ConcreteModel, night: Night) -> None:
        self.m, self.night = m, night
        self.swaps: Sequence[Swap] = night.station.swaps
        packs = night.station.packs
        self.kinds: list[PackType] = [night.pack_types[pack.type] for pack in packs]
        self.reaches = [_reach(night, _kinds_in_bay(night, pack)) for pack in packs]
        self.start_kwh = [start_kwh(night, pack) for pack in packs]
        self.pairs = [
            (i, j)
            for j, swap in enumerate(self.swaps)
            for i, pack in enumerate(packs)
            if pack.type == swap.type and swap.pack in (None, pack.id)
        ]
        self.at: dict[tuple[int, int], list[int]] = {}
        for i, j in self.pairs:
            self.at.setdefault((i, self.swaps[j].slot), []).append(j)
        m.serves = pyo.Var(self.pairs, within=pyo.Binary)
        m.energy_kwh = pyo.Var(m.B, m.T, bounds=lambda m, i, t: (0, self.kinds[i].target_kwh))
        m.power_kw = pyo.Var(m.B, m.T, bounds=lambda m, i, t: (0, self.most_kw(i)))

    def most_kw(self, i: int) -> float:
        """(5.13) no power in a bay without charger."""
        station = self.night.station
        return station.chargers.max_kw if station.has_charger(station.bay_numbers[i]) else 0.0

    def returned_kwh(self, j: int) -> float:
        """Energy of the pack that swap j returns, cut off at E; 0 for an empty bay."""
        swap = self.swaps[j]
        kind = self.night.pack_types[swap.type]
        return min(kind.target_kwh, (swap.returned_soc or 0.0) * kind.capacity_kwh)

    def served(self, j: int) -> Expr:
        return sum(self.m.serves[i, j] for i in self.m.B if (i, j) in self.m.serves)

    def swapped(self, i: int, t: int) -> Expr:
        """1 if bay i hands its pack over in slot t."""
        return sum(self.m.serves[i, j] for j in self.at.get((i, t), []))

    def energy_before(self, i: int, t: int) -> Expr:
        return self.m.energy_kwh[i, t - 1] if t > 0 else self.start_kwh[i]

    def emptied(self, i: int, t: int) -> Expr:
        """1 if bay i gave a pack away for good in slot t or before."""
        gone = [j for j, s in enumerate(self.swaps) if s.returned_soc is None and s.slot <= t]
        return sum(self.m.serves[i, j] for j in gone if (i, j) in self.m.serves)


def _kinds_in_bay(night: Night, pack: Pack) -> list[PackType]:
    """Of the packs of a bay: the one of the start, and those that drivers bring, which may be warmer."""
    returned = next((swap.id for swap in night.station.swaps if swap.type == pack.type), None)
    kinds = [night.kind_of(pack.id, pack.type)]
    return kinds if returned is None else [*kinds, night.kind_of(returned_pack_id(returned), pack.type)]


def _reach(night: Night, kinds: Sequence[PackType]) -> Reach:
    """What a slot does to packs of these kinds at most."""
    return reach_of_kind(fastest_of(kinds), night.station.chargers.max_kw, night.horizon.slot_hours)


def follows_curves(night: Night) -> bool:
    """Does (5.8) say all that the acceptance curves say? Else packs may take more power in it than they do."""
    bays = [_kinds_in_bay(night, pack) for pack in night.station.packs]
    alike = all(kind.acceptance == kinds[0].acceptance for kinds in bays for kind in kinds)
    return alike and all(_reach(night, kinds).is_concave for kinds in bays)


def _add_service(m: pyo.ConcreteModel, b: _Bays) -> None:
    """(5.1) a swap gets at most one pack; (5.2) a bay hands over at most one pack a slot, none once it is empty.

    (5.12) the parts of a swap of several packs are all served or none.
    """
    m.one_pack = pyo.Constraint(
        sorted({j for _, j in b.pairs}), rule=lambda m, j: b.served(j) <= 1
    )  # fmt: skip

    def one_swap(m: pyo.ConcreteModel, i: int, t: int) -> Expr:
        earlier = b.emptied(i, t - 1)
        return b.swapped(i, t) + earlier <= 1

    m.one_swap = pyo.Constraint(sorted(b.at), rule=one_swap)
    m.all_or_none = pyo.ConstraintList()
    for j, k in pairwise(sorted({j for _, j in b.pairs})):
        if b.swaps[k].part_of is not None and b.swaps[j].part_of == b.swaps[k].part_of:
            add_listed(m, "all_or_none", b.served(j) - b.served(k) == 0, "(5.12)", j, k)
    m.wanted = pyo.ConstraintList()
    for i, j in b.pairs:
        if b.swaps[j].pack is not None:  # (5.3) the wanted pack is in its bay only until the first hand-over there
            for i2, k in b.pairs:
                if i2 == i and b.swaps[k].slot < b.swaps[j].slot:
                    add_listed(m, "wanted", m.serves[i, j] + m.serves[i, k] <= 1, "(5.3)", i, j, k)


def _add_energy(m: pyo.ConcreteModel, b: _Bays) -> None:
    """(5.4) energy goes on from slot to slot, or (5.5) starts anew with the returned pack."""
    hours = b.night.horizon.slot_hours
    m.energy = pyo.ConstraintList()
    for i in m.B:
        most = b.kinds[i].target_kwh
        for t in m.T:
            start = m.energy_kwh[i, t] - hours * m.power_kw[i, t]
            before, here = b.energy_before(i, t), b.at.get((i, t), [])
            if not here:
                add_listed(m, "energy", start == before, "(5.4)", i, t)
                continue
            swapped = b.swapped(i, t)
            returned = sum(b.returned_kwh(j) * m.serves[i, j] for j in here)
            add_listed(m, "energy", start - before <= most * swapped, "(5.4) high", i, t)
            add_listed(m, "energy", before - start <= most * swapped, "(5.4) low", i, t)
            add_listed(m, "energy", start - returned <= most * (1 - swapped), "(5.5) high", i, t)
            add_listed(m, "energy", returned - start <= most * (1 - swapped), "(5.5) low", i, t)


def _add_hand_over(m: pyo.ConcreteModel, b: _Bays) -> None:
    """(5.6) the pack handed over holds what the swap needs."""

    def rule(m: pyo.ConcreteModel, i: int, j: int) -> Expr:
        needed_kwh = b.night.needed_kwh(b.swaps[j])
        before = b.energy_before(i, b.swaps[j].slot)
        if b.swaps[j].slot == 0:
            return pyo.Constraint.Skip if before >= needed_kwh - MISSING_KWH else m.serves[i, j] <= 0
        return before >= needed_kwh * m.serves[i, j]

    m.hand_over = pyo.Constraint(b.pairs, rule=rule)


def _add_turnaround(m: pyo.ConcreteModel, b: _Bays) -> None:
    """(5.7) no charging in an empty bay, nor during the turnaround."""
    slots, wait, max_kw = b.night.horizon.slots, b.night.station.turnaround_slots, b.night.station.chargers.max_kw
    m.idle = pyo.ConstraintList()
    for i, j in b.pairs:
        swap = b.swaps[j]
        until = slots if swap.returned_soc is None else min(slots, swap.slot + wait)
        for t in range(swap.slot, until):
            # a wait ends early where the returned pack is handed over in the meantime
            later = sum(b.swapped(i, s) for s in range(swap.slot + 1, t + 1)) if swap.returned_soc is not None else 0
            row = m.power_kw[i, t] <= max_kw * (1 - m.serves[i, j] + later)
            add_listed(m, "idle", row, "(5.7)", i, j, t)


def _add_acceptance(m: pyo.ConcreteModel, b: _Bays) -> None:
    """(5.8) power on or below the acceptance curve, over end-of-slot energy."""
    m.acceptance = pyo.ConstraintList()
    for i in m.B:
        for n, line in enumerate(b.reaches[i].lines):
            for t in m.T:
                row = m.power_kw[i, t] - line.slope * m.energy_kwh[i, t] <= line.intercept
                add_listed(m, "acceptance", row, "(5.8)", i, n, t)


def _add_wear(m: pyo.ConcreteModel, b: _Bays) -> None:
    """(5.9) wear is the highest of its lines, in currency per hour."""
    worn = [i for i in m.B if b.kinds[i].wear]
    m.wear_per_hour = pyo.Var(worn, m.T, within=pyo.NonNegativeReals)
    m.wear = pyo.ConstraintList()
    for i in worn:
        for n, line in enumerate(lines_of(b.kinds[i].wear)):
            for t in m.T:
                add_listed(m, "wear", m.wear_per_hour[i, t] >= line.at(m.power_kw[i, t]), "(5.9)", i, n, t)
    m.wear_cost = pyo.Expression(
        expr=b.night.horizon.slot_hours * sum(m.wear_per_hour[i, t] for i in worn for t in m.T)
    )


def _add_reserve(m: pyo.ConcreteModel, b: _Bays) -> None:
    """(5.10) a bay is ready if its pack, after the swap, holds S; (5.11) ready and shortfall make the reserve."""
    reserve = b.night.station.ready_reserve
    asked = [t for t in m.T if reserve[t] > 0]
    hours = b.night.horizon.slot_hours
    m.short = pyo.Var(asked, within=pyo.NonNegativeIntegers, bounds=lambda m, t: (0, reserve[t]))
    m.is_ready = pyo.Var(m.B, asked, within=pyo.Binary)

    def ready(m: pyo.ConcreteModel, i: int, t: int) -> Expr:
        return m.energy_kwh[i, t] - hours * m.power_kw[i, t] >= b.kinds[i].swap_kwh * m.is_ready[i, t]

    def present(m: pyo.ConcreteModel, i: int, t: int) -> Expr:
        return m.is_ready[i, t] + b.emptied(i, t) <= 1

    m.ready = pyo.Constraint(m.B, asked, rule=ready)
    m.ready_present = pyo.Constraint(m.B, asked, rule=present)
    m.reserve = pyo.Constraint(asked, rule=lambda m, t: sum(m.is_ready[i, t] for i in m.B) + m.short[t] >= reserve[t])


def _add_chargers(m: pyo.ConcreteModel, b: _Bays) -> None:
    """Section 4 over (bay, slot): where a swap puts another pack into the bay, charging on counts as stop and start."""
    if b.night.station.needs_switches:
        add_switches(m, b.night, _sites(m, b), b.night.charging_kw, _trickle_kw(b.night))
    if b.night.station.counts_plug_changes:
        boundaries = {
            t: [Boundary(m.on[i, t - 1], m.on[i, t], b.swapped(i, t)) for i in m.B] for t in m.T if t > 0
        }  # fmt: skip
        add_plug_changes(m, b.night, boundaries)


def _sites(m: pyo.ConcreteModel, b: _Bays) -> dict[tuple[int, int], SiteData]:
    data = [SiteData(reach, 0.0, least_full_kw(b.night, reach.kind, 0.0)) for reach in b.reaches]
    return {(i, t): data[i] for i in m.B for t in m.T}


def _trickle_kw(night: Night) -> float:
    """Most power of a pack that counts as unplugged: more than none where an on/off pack may end in a trickle."""
    if night.station.chargers.mode != "on_off" or not night.station.counts_plug_changes:
        return 0.0
    gains = (gain for kind, kwh in set(_arrivals(night)) for gain in _ladder_gains_kwh(night, kind, kwh))
    return night.charging_kw if any(EQUAL < gain <= TRICKLE_KWH for gain in gains) else 0.0


def _arrivals(night: Night) -> Iterator[tuple[PackType, float]]:
    """Type and energy of packs of the start and of those that swaps bring."""
    yield from ((night.kind_of(pack.id, pack.type), start_kwh(night, pack)) for pack in night.station.packs)
    for swap in night.station.swaps:
        if swap.returned_soc is not None:
            kind = night.kind_of(returned_pack_id(swap.id), swap.type)
            yield kind, swap.returned_soc * kind.capacity_kwh


def _ladder_gains_kwh(night: Night, kind: PackType, energy_kwh: float) -> Iterator[float]:
    """What a pack gains in each slot of charging, one after the other."""
    for _ in range(night.horizon.slots):
        after_kwh = reach_kwh(kind, night.station.chargers.max_kw, night.horizon.slot_hours, energy_kwh)
        yield after_kwh - energy_kwh
        energy_kwh = after_kwh
