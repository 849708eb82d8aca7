"""From an order (who serves which swap) to a plan: the dispatch model, and repairs where the order asks too much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.dispatch import DispatchModel, build_dispatch
from models.instance import Night, returned_pack_id
from models.schedule import Schedule
from models.stays import Stay, stays_of
from models.tolerances import IMPROVEMENT, MISSING_KWH
from optimizer.assemble import schedule_of
from optimizer.highs import compile_model, fixed, solve
from optimizer.rounding import Array, Goals, follow
from optimizer.search import Search

MIP_SECONDS = 10.0  # most that one dispatch with binaries may take
REPAIRS = 12  # repairs tried for one order before a swap is given up
PARTNERS = 3  # packs tried for each exchange


@dataclass(frozen=True)
class Dispatched:
    """An order with its best powers. `objective` has missing energy priced in; `missing_kwh` by stay index."""

    by_swap: Mapping[str, str]
    stays: tuple[Stay, ...]
    schedule: Schedule
    objective: float
    missing_kwh: Mapping[int, float]

    @property
    def is_plan(self) -> bool:
        """Does every pack hold what its swap needs?"""
        return not self.missing_kwh


def dispatch(search: Search, by_swap: Mapping[str, str], method: str) -> Dispatched | None:
    """Best powers for an order; offered to the search if they make a plan. None if the solver had nothing in time."""
    night = search.night
    stays = stays_of(night, by_swap)
    model = build_dispatch(night, stays, _missing_cost_per_kwh(night))
    compiled = compile_model(model.model)
    seconds = min(MIP_SECONDS, search.seconds_left) if compiled.matrix.is_mip else None
    seed = search.options.seed
    answer = search.count(solve(compiled.matrix, money_gap=search.money_gap / 4, seconds=seconds, seed=seed))
    if answer.point is not None and compiled.matrix.is_mip:
        answer = search.count(solve(fixed(compiled.matrix, answer.point), seed=seed))
    if answer.point is None:
        return None
    compiled.load(answer.point)
    found = _read(model, by_swap, answer.objective)
    if found.is_plan:
        search.offer(found.schedule, method, found.objective)
    return found


def _missing_cost_per_kwh(night: Night) -> float:
    """Dearer than any swap lost or kWh bought, so that nothing is missing where nothing need be."""
    dearest_swap = max((swap.lost_cost for swap in night.station.swaps), default=0.0)
    dearest_kwh = max(abs(price) for price in night.tariff_series.price_per_kwh)
    return 2 * dearest_swap + 100 * dearest_kwh + 1.0


def _read(model: DispatchModel, by_swap: Mapping[str, str], objective: float) -> Dispatched:
    m, night = model.model, model.night
    power: dict[str, dict[int, float]] = {}
    for s, t in m.P:
        power.setdefault(model.stays[s].pack, {})[t] = m.power_kw[s, t].value
    solar = [m.solar_kw[t].value if t in m.solar_kw else 0.0 for t in m.T]
    short = [round(m.short[t].value) if t in m.short else 0 for t in m.T]
    missing = {s: m.missing_kwh[s].value for s in m.missing_kwh if m.missing_kwh[s].value > MISSING_KWH}
    schedule = schedule_of(night, by_swap, power, [max(0.0, kw) for kw in solar], short)
    return Dispatched(dict(by_swap), model.stays, schedule, objective, missing)


def plan_order(search: Search, by_swap: Mapping[str, str], method: str) -> Dispatched | None:
    """Dispatch an order; where hand-overs come too early, repair it."""
    found = dispatch(search, by_swap, method)
    for _ in range(REPAIRS):
        if found is None or found.is_plan or search.seconds_left <= 0:
            break
        found = _repaired(search, found, method)
    return found


def straighten(search: Search, found: Dispatched, method: str) -> None:
    """Let fuller packs leave before emptier ones of their type and dispatch anew, while that pays."""
    while found.is_plan and not search.is_done:
        straight = follow(search.night, set(found.by_swap), _goals(search.night, found))
        if straight == found.by_swap:
            break
        better = dispatch(search, straight, f"{method}, straightened")
        if better is None or not _is_better(better, found):
            break
        found = better


def _is_better(one: Dispatched, other: Dispatched) -> bool:
    return one.objective < other.objective - IMPROVEMENT * max(1.0, abs(other.objective))


def _repaired(search: Search, found: Dispatched, method: str) -> Dispatched | None:
    """One repair of the hand-over that misses most: give its swap another pack, or else give the swap up."""
    late = max(found.missing_kwh, key=lambda s: found.missing_kwh[s])
    for partner in _partners(search.night, found.stays, late):
        tried = dispatch(search, _exchanged(found, late, partner), f"{method}, repaired")
        if tried is not None and _is_better(tried, found):
            return tried
    return dispatch(search, _given_up(found.by_swap, found.stays[late]), f"{method}, repaired")


def _partners(night: Night, stays: Sequence[Stay], late: int) -> list[int]:
    """Stays that could take over the late hand-over, those that can hold most by then first."""
    stay = stays[late]
    pinned = {swap.pack for swap in night.station.swaps if swap.pack is not None}
    if stay.pack in pinned:
        return []

    def most_kwh(s: int) -> float:
        slots = max(0, stay.leave - stays[s].charge_from)
        return stays[s].start_kwh + slots * night.reach_full_kwh

    there = [
        s
        for s, other in enumerate(stays)
        if s != late
        and other.type == stay.type
        and other.arrive < stay.leave < other.leave
        and other.pack not in pinned
        and most_kwh(s) > most_kwh(late)
    ]
    return sorted(there, key=most_kwh, reverse=True)[:PARTNERS]


def _exchanged(found: Dispatched, late: int, partner: int) -> dict[str, str]:
    """The two packs change drivers; if the partner had none, the late pack now stays."""
    one, other = found.stays[late], found.stays[partner]
    by_swap = dict(found.by_swap)
    assert one.swap is not None
    by_swap[one.swap] = other.pack
    if other.swap is not None:
        by_swap[other.swap] = one.pack
    return by_swap


def _given_up(by_swap: Mapping[str, str], stay: Stay) -> dict[str, str]:
    """The swap is lost; its pack serves whatever the pack it would have brought was meant for."""
    kept = dict(by_swap)
    assert stay.swap is not None
    del kept[stay.swap]
    never_comes = returned_pack_id(stay.swap)
    return {swap: stay.pack if pack == never_comes else pack for swap, pack in kept.items()}


def _goals(night: Night, found: Dispatched) -> Goals:
    """The energies of a plan's packs, fullest first, as goals to follow."""
    slots, hours = night.horizon.slots, night.horizon.slot_hours
    energies: dict[str, list[list[float]]] = {k: [[] for _ in range(slots)] for k in night.pack_types}
    for stay, row in zip(found.stays, found.schedule.rows, strict=True):
        energy = stay.start_kwh
        for t in stay.window:
            energy += hours * row.power_kw[t]
            energies[stay.type][t].append(energy)

    def goals(kind: str, t: int) -> Array:
        return np.sort(np.array(energies[kind][t]))[::-1]

    return goals
