"""From an assignment (which pack serves which swap) to a plan: best powers, and repairs where it is infeasible."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.formulations.dispatch.arrays import Deadlines
from models.station.instance import RETURN_PREFIX, Night
from models.station.parts import torn_swaps, without_swaps, without_torn_swaps
from models.station.schedule import Schedule
from models.station.stays import Stay, stays_of
from models.tolerances import IMPROVEMENT
from optimizer.engine.build_schedule import build_schedule
from optimizer.engine.dispatch_powers import best_powers
from optimizer.engine.heuristics.bays_without_charger import in_their_bays
from optimizer.engine.level_rounding import Array, EnergyTargets, assign_by_targets
from optimizer.engine.search import Search

REPAIRS = 12  # repairs tried for one assignment before a swap is given up
PARTNERS = 3  # packs tried for each exchange


@dataclass(frozen=True)
class Dispatched:
    """An assignment with its best powers: `power_kw`, shape (stays, slots).

    `objective` has missing energy priced in; `missing_kwh` by stay index. `bill_dual`, `relaxed`: as of `Powers`.
    """

    by_swap: Mapping[str, str]
    stays: Sequence[Stay]
    power_kw: Array
    schedule: Schedule
    objective: float
    missing_kwh: Mapping[int, float]
    bill_dual: Array | None = None
    relaxed: float = math.inf

    @property
    def is_plan(self) -> bool:
        """Does every pack hold what its swap needs?"""
        return not self.missing_kwh


def dispatch(
    search: Search,
    by_swap: Mapping[str, str],
    method: str,
    deadlines: Deadlines | None = None,
    *,
    exactly: bool = False,
) -> Dispatched | None:
    """Best powers for an assignment; offered to the search if they make a plan. None if the time is up.

    Swaps of several packs that it serves in part are given up; packs in bays without charger are not waited for.
    `deadlines`: slots by which packs may become ready for a reserve, by pack; None: any slot. `exactly`: as of
    `best_powers`.
    """
    by_swap = without_torn_swaps(search.night, in_their_bays(search.night, by_swap))
    stays = stays_of(search.night, by_swap)
    best = best_powers(search, stays, deadlines, exactly=exactly)
    if best is None:
        return None
    schedule = build_schedule(search.night, stays, best.power_kw, best.solar_used_kw, best.reserve_shortfall)
    found = Dispatched(
        by_swap, stays, best.power_kw, schedule, best.objective, best.missing_kwh, best.bill_dual, best.relaxed
    )
    if found.is_plan:
        search.offer(found.schedule, method, found.objective)
    return found


def completed(night: Night, by_swap: Mapping[str, str]) -> dict[str, str]:
    """The assignment with more packs for swaps that it serves in part: packs that nobody takes and that can be ready.

    Where there are too few of them, the swap stays as it is.
    """
    whole = dict(by_swap)
    for swap in torn_swaps(night, by_swap):
        missing = [part for part in night.parts_by_swap[swap] if part not in whole]
        spare = _spare_packs(night, whole, missing[0])
        if len(spare) >= len(missing):
            whole |= dict(zip(missing, spare, strict=False))
    return whole


def _spare_packs(night: Night, by_swap: Mapping[str, str], part: str) -> list[str]:
    """Packs that stay to the end and can be ready for the swap `part`, those that can hold most by then first."""
    swap = next(swap for swap in night.station.swaps if swap.id == part)
    pinned = {swap.pack for swap in night.station.swaps if swap.pack is not None}

    def most_kwh(stay: Stay) -> float:
        return stay.start_kwh + max(0, swap.slot - stay.charge_from) * night.reach_full_kwh

    there = [
        stay
        for stay in stays_of(night, by_swap)
        if (stay.type, stay.swap) == (swap.type, None)
        and stay.pack not in pinned
        and (stay.arrive < swap.slot or not stay.pack.startswith(RETURN_PREFIX))
        and most_kwh(stay) >= night.needed_kwh(swap)
    ]
    return [stay.pack for stay in sorted(there, key=most_kwh, reverse=True)]


def plan_assignment(
    search: Search, by_swap: Mapping[str, str], method: str, deadlines: Deadlines | None = None
) -> Dispatched | None:
    """Dispatch an assignment, its swaps `completed`; where hand-overs come too early, repair it.

    `deadlines`: as of `dispatch`.
    """
    found = dispatch(search, completed(search.night, by_swap), method, deadlines)
    for _ in range(REPAIRS):
        if found is None or found.is_plan or search.seconds_left <= 0:
            break
        found = _repaired(search, found, method, deadlines)
    return found


def reassign_by_energy(search: Search, found: Dispatched, method: str) -> None:
    """Let fuller packs leave before emptier ones of their type and dispatch anew, while that pays."""
    while found.is_plan and not search.is_done:
        straight = assign_by_targets(search.night, set(found.by_swap), _energy_targets(search.night, found))
        if straight == found.by_swap:
            break
        better = dispatch(search, straight, f"{method}, straightened")
        if better is None or not _is_better(better, found):
            break
        found = better


def _is_better(one: Dispatched, other: Dispatched) -> bool:
    return one.objective < other.objective - IMPROVEMENT * max(1.0, abs(other.objective))


def _repaired(search: Search, found: Dispatched, method: str, deadlines: Deadlines | None) -> Dispatched | None:
    """One repair of the hand-over that misses most: give its swap another pack, or else give the swap up."""
    late = max(found.missing_kwh, key=lambda s: found.missing_kwh[s])
    for partner in _partners(search.night, found.stays, late):
        tried = dispatch(search, _exchanged(found, late, partner), f"{method}, repaired", deadlines)
        if tried is not None and _is_better(tried, found):
            return tried
    return dispatch(search, _given_up(found.by_swap, found.stays[late]), f"{method}, repaired", deadlines)


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
    assert stay.swap is not None
    return without_swaps(by_swap, [stay.swap])


def _energy_targets(night: Night, found: Dispatched) -> EnergyTargets:
    """The energies of a plan's packs, fullest first, as targets to follow."""
    slots, hours = night.horizon.slots, night.horizon.slot_hours
    energies: dict[str, list[list[float]]] = {k: [[] for _ in range(slots)] for k in night.pack_types}
    for stay, powers in zip(found.stays, found.power_kw.tolist(), strict=True):
        energy = stay.start_kwh
        for t in stay.window:
            energy += hours * powers[t]
            energies[stay.type][t].append(energy)

    def targets(kind: str, t: int) -> Array:
        return np.sort(np.array(energies[kind][t]))[::-1]

    return targets
