"""Every plan of a tiny on/off night, listed one by one: the optimum without a solver and without a formulation.

In on/off mode a pack charges at the most it takes or not at all, so the plans are finitely many: who gets
which pack, and on or off for every pack and slot. Not a test file itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product

import builders as make
import numpy as np

from models.station.cost import cost_of
from models.station.instance import Night, Swap, returned_pack_id
from models.station.must_serve import surcharge_of
from models.station.pack_type import PackType
from models.station.parts import whole_schedule
from models.station.schedule import Schedule
from optimizer.check.rules import check

ON_OR_OFF = (0.0, 1.0)


def cheapest_objective(night: Night, shares: Sequence[float] = ON_OR_OFF) -> float:
    """The least cost of all plans that the checker accepts; `shares` of a pack's most are the powers tried. Of those
    that lose the fewest swaps that must be served, each at its surcharge.

    On or off is all that there is in on/off mode; elsewhere the optimum may be lower.
    """
    assert not any(night.station.solar_kw)
    plans = [plan for plan in every_plan(night, shares) if not check(night, plan)]
    fewest = min(len(plan.unserved) for plan in plans)
    told = (plan for plan in plans if len(plan.unserved) == fewest)
    return min(cost_of(night, plan).objective + surcharge_of(night, plan) for plan in told)


def every_plan(night: Night, shares: Sequence[float] = ON_OR_OFF) -> Iterator[Schedule]:
    """All schedules that could be plans; those that break a rule are for the checker to refuse."""
    asked, night = night, night.by_pack
    for served in _assignments(night):
        visits = _visits(night, served)
        for courses in product(*(list(_courses(night, visit, shares)) for visit in visits)):
            power = {visit.pack: course for visit, course in zip(visits, courses, strict=True)}
            short = _shortfall(night, visits, courses)
            yield whole_schedule(asked, make.schedule(night, power, served, reserve_shortfall=short))


def _assignments(night: Night) -> Iterator[dict[str, str]]:
    swaps = night.station.swaps
    packs = [pack.id for pack in night.station.packs]
    packs += [returned_pack_id(swap.id) for swap in swaps if swap.returned_soc is not None]
    for choice in product([None, *packs], repeat=len(swaps)):
        served = {swap.id: pack for swap, pack in zip(swaps, choice, strict=True) if pack is not None}
        come = make.bays_of(night, served)
        if len(set(served.values())) == len(served) and all(pack in come for pack in served.values()):
            yield served


@dataclass(frozen=True)
class _Visit:
    """A pack in the station: type, energy on arrival, slots of its stay, first slot in which it may charge."""

    pack: str
    kind: PackType
    start_kwh: float
    arrive: int
    charge_from: int
    leave: int


def _visits(night: Night, served: Mapping[str, str]) -> list[_Visit]:
    swaps = {swap.id: swap for swap in night.station.swaps}
    leaves = {pack: swaps[swap].slot for swap, pack in served.items()}
    visits = []
    for pack in night.station.packs:
        kind, leave = night.kind_of(pack.id, pack.type), leaves.get(pack.id, night.horizon.slots)
        visits.append(_Visit(pack.id, kind, pack.soc * kind.capacity_kwh, 0, 0, leave))
    visits += [_returned(night, swaps[name], leaves) for name in served if swaps[name].returned_soc is not None]
    return visits


def _returned(night: Night, swap: Swap, leaves: Mapping[str, int]) -> _Visit:
    pack = returned_pack_id(swap.id)
    kind = night.kind_of(pack, swap.type)
    charge_from = swap.slot + night.station.turnaround_slots
    energy_kwh = (swap.returned_soc or 0.0) * kind.capacity_kwh
    return _Visit(pack, kind, energy_kwh, swap.slot, charge_from, leaves.get(pack, night.horizon.slots))


def _courses(night: Night, visit: _Visit, shares: Sequence[float]) -> Iterator[tuple[float, ...]]:
    """Power by slot, for every way to choose a share of the most in the slots of a stay."""
    chargers, hours = night.station.chargers, night.horizon.slot_hours
    window = range(visit.charge_from, visit.leave)
    for chosen in product(shares, repeat=len(window)):
        power, energy_kwh = [0.0] * night.horizon.slots, visit.start_kwh
        for slot, share in zip(window, chosen, strict=True):
            power[slot] = share * most_kw(visit.kind, chargers.max_kw, hours, energy_kwh) if share else 0.0
            energy_kwh += hours * power[slot]
        if all(power[slot] > 0 for slot, share in zip(window, chosen, strict=True) if share):
            yield tuple(power)


@cache
def most_kw(kind: PackType, max_kw: float, hours: float, start_kwh: float) -> float:
    """The most power that curve, charger and target allow for a whole slot, by bisection."""
    low, high = 0.0, max(0.0, min(max_kw, (kind.target_kwh - start_kwh) / hours))
    if high <= _accepted_kw(kind, start_kwh, start_kwh + hours * high):
        return high
    for _ in range(60):
        middle = (low + high) / 2
        if middle <= _accepted_kw(kind, start_kwh, start_kwh + hours * middle):
            low = middle
        else:
            high = middle
    return low


def _accepted_kw(kind: PackType, start_kwh: float, end_kwh: float) -> float:
    """The least of the curve from one energy to the other."""
    if not kind.acceptance:
        return float("inf")
    socs, kws = zip(*kind.acceptance, strict=True)
    low, high = start_kwh / kind.capacity_kwh, end_kwh / kind.capacity_kwh
    passed = [low, high, *(soc for soc in socs if low < soc < high)]
    return float(np.min(np.interp(passed, socs, kws)))


def _shortfall(night: Night, visits: list[_Visit], courses: tuple[tuple[float, ...], ...]) -> tuple[int, ...]:
    """Packs by which each slot's reserve falls short."""
    ready = [0] * night.horizon.slots
    for visit, power in zip(visits, courses, strict=True):
        for slot in range(visit.arrive, visit.leave):
            held_kwh = visit.start_kwh + night.horizon.slot_hours * sum(power[:slot])
            ready[slot] += held_kwh >= visit.kind.swap_kwh - 1e-9
    return tuple(max(0, asked - there) for asked, there in zip(night.station.ready_reserve, ready, strict=True))
