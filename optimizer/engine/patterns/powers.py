"""From the on-slots of every pack to a plan: who serves which swap follows, and an LP finds the powers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.formulations.matrix import Array, Index, fixed
from models.formulations.patterns.master import PatternMaster
from models.formulations.patterns.powers import ChargingSession, SessionPowers, session_powers
from models.station.instance import Night
from models.station.stays import Stay, reach_of_stay, stays_of
from models.tolerances import EQUAL, NOISE_KWH, PLUGGED_SHARE
from optimizer.engine.build_schedule import build_schedule, reserve_shortfall_of
from optimizer.engine.highs import NO_PRESOLVE, SolverResult
from optimizer.engine.patterns.pool import Signature
from optimizer.engine.search import Search

MIP_SECONDS = 2.0  # for rates that fall
STEPS_ALONG_CURVE = 8


@dataclass(frozen=True)
class Chosen:
    """A signature for every pack that is there, with about what it charges (kWh by slot), and the swaps that are
    served, by pool."""

    signatures: Mapping[Signature, Array]
    served: Sequence[Index]


def offer_chosen(search: Search, master: PatternMaster, chosen: Chosen, method: str) -> bool:
    """Offer the best plan with these on-slots. Is there one?"""
    night = search.night
    by_swap = _hand_overs(master, chosen)
    stays = stays_of(night, by_swap)
    by_pack = {master.packs[one.pool].packs[one.row]: one for one in chosen.signatures}
    signatures = [by_pack.get(stay.pack) for stay in stays]
    sessions = [_session(night, stay, one, chosen) for stay, one in zip(stays, signatures, strict=True)]
    found = _best_powers(search, sessions)
    if found is None:
        return False
    power_kw, solar_kw, objective = found
    short = reserve_shortfall_of(night, stays, power_kw)
    given = _given(night, stays) + night.station.reserve_cost * sum(short) + _plug_cost(night, signatures)
    search.offer(build_schedule(night, stays, power_kw, solar_kw.tolist(), short), method, objective + given)
    return True


def _best_powers(search: Search, sessions: Sequence[ChargingSession]) -> tuple[Array, Array, float] | None:
    """Powers, shape (sessions, slots), solar power used and the objective. Where a curve is not concave, made best
    near the last ones as long as that pays, as by `best_powers`."""
    hours, best = search.night.horizon.slot_hours, None
    for _ in range(STEPS_ALONG_CURVE):
        powers = session_powers(search.night, sessions)
        answer = _solve(search, powers)
        if answer.point is None or (best and answer.objective >= best[2] - search.money_gap / 10):
            break
        power_kw = np.zeros((len(sessions), search.night.horizon.slots))
        power_kw[powers.owner, powers.slot] = answer.point[powers.power_kw]
        solar = powers.grid.solar_kw
        best = power_kw, np.where(solar >= 0, np.maximum(answer.point[solar], 0.0), 0.0), answer.objective
        if not any(one.is_bent for one in sessions):
            break
        sessions = [one.along(hours * power_kw[s, one.on]) for s, one in enumerate(sessions)]
    return best


def _hand_overs(master: PatternMaster, chosen: Chosen) -> Mapping[str, str]:
    """First ready, first handed over, to those of a pool's swaps for which a pack is ready."""
    by_swap: dict[str, str] = {}
    pools, of_type = _ready_packs(master, chosen), {one.type: one.packs for one in master.packs if one.is_first}
    there = {pack for one in master.packs if one.is_first for pack in one.packs[: one.initial]}
    served = [
        (int(packs.due[j]), -packs.swaps[j].lost_cost, k, j)
        for k, packs in enumerate(master.packs)
        for j in chosen.served[k].tolist()
    ]
    for due, _, k, j in sorted(served):
        packs = master.packs[k]
        first = next((pack for ready_from, _, pack in pools[k] if ready_from <= due and pack in there), None)
        if first is not None:
            there.remove(first)
            by_swap[packs.swaps[j].id] = first
            if packs.brings[j] >= 0:
                there.add(of_type[packs.type][packs.brings[j]])
    return by_swap


def _ready_packs(master: PatternMaster, chosen: Chosen) -> list[list[tuple[int, int, str]]]:
    """By pool: from when on which packs are ready, by their patterns, or as they come where there is none of them."""
    decided = {master.packs[one.pool].packs[one.row] for one in chosen.signatures}
    ready: list[list[tuple[int, int, str]]] = []
    for packs in master.packs:
        as_come = [r for r in np.flatnonzero(packs.is_ready).tolist() if packs.packs[r] not in decided]
        ready.append([(int(packs.available[r]), r, packs.packs[r]) for r in as_come])
    for one in chosen.signatures:
        if one.ready_from >= 0:
            ready[one.pool].append((one.ready_from, one.row, master.packs[one.pool].packs[one.row]))
    return [sorted(pool) for pool in ready]


def _session(night: Night, stay: Stay, signature: Signature | None, chosen: Chosen) -> ChargingSession:
    """What a stay charges: for its swap, to fill the pack, or to be ready for the reserve as early as planned."""
    kind, slots = night.pack_types[stay.type], night.horizon.slots
    on = np.zeros(0, dtype=np.int64) if signature is None else signature.slots(slots)
    ready_kwh, ready_by = kind.swap_kwh - stay.start_kwh, -1
    if len(on) and ready_kwh > EQUAL and any(night.station.ready_reserve):
        assert signature is not None
        held = np.flatnonzero(np.cumsum(chosen.signatures[signature]) >= ready_kwh * (1 - EQUAL))
        ready_by = int(held[0]) + 1 if len(held) else -1
        later = PLUGGED_SHARE * night.charging_kw * night.horizon.slot_hours * np.count_nonzero(on >= ready_by)
        if ready_by >= 0 and kind.target_kwh - stay.start_kwh < ready_kwh + later:
            ready_by = int(on[-1]) + 1  # full only at last: it draws something as long as it is plugged
    worth = night.end_value_per_kwh(kind) if stay.swap is None else 0.0
    need, room = max(0.0, stay.need_kwh - stay.start_kwh), kind.target_kwh - stay.start_kwh
    gained_kwh = np.zeros(len(on)) if signature is None else chosen.signatures[signature][on]
    fills = signature is not None and (signature.is_short or _fills_weakly(night, stay, gained_kwh))
    reach = reach_of_stay(night, stay)
    session = ChargingSession(
        stay.type, on, need, room, fills, ready_by, ready_kwh, worth, stay.start_kwh, reach
    )  # fmt: skip
    return session.along(gained_kwh)


def _fills_weakly(night: Night, stay: Stay, gained_kwh: Array) -> bool:
    """Along a curve patterns know no least power: is the last slot below it, and the pack then full?"""
    kind, least_kwh = night.pack_types[stay.type], night.station.chargers.min_kw * night.horizon.slot_hours
    if not kind.has_curve or not len(gained_kwh):
        return False
    is_full = stay.start_kwh + float(gained_kwh.sum()) >= kind.target_kwh - NOISE_KWH
    return is_full and float(gained_kwh[-1]) < least_kwh


def _solve(search: Search, powers: SessionPowers) -> SolverResult:
    """The LP; where a rate falls the MIP, then the LP that it leaves."""
    if not powers.matrix.is_mip:
        return search.solve(powers.matrix, options=NO_PRESOLVE)
    answer = search.solve(powers.matrix, seconds=min(MIP_SECONDS, search.seconds_left))
    return answer if answer.point is None else search.solve(fixed(powers.matrix, answer.point), options=NO_PRESOLVE)


def _given(night: Night, stays: Sequence[Stay]) -> float:
    """Lost swaps, less the worth of what packs that stay held as they came."""
    served = {stay.swap for stay in stays}
    lost = sum(swap.lost_cost for swap in night.station.swaps if swap.id not in served)
    kept = [night.end_value_per_kwh(night.pack_types[one.type]) * one.start_kwh for one in stays if one.swap is None]
    return lost - sum(kept)


def _plug_cost(night: Night, signatures: Sequence[Signature | None]) -> float:
    slots = night.horizon.slots
    if not night.station.plug_changes_cost:
        return 0.0
    on = np.zeros((len(signatures), slots), dtype=bool)
    for s, signature in enumerate(signatures):
        if signature is not None:
            on[s, signature.slots(slots)] = True
    starts, stops = (on[:, 1:] & ~on[:, :-1]).sum(axis=0), (on[:, :-1] & ~on[:, 1:]).sum(axis=0)
    cost = np.array([night.station.cost_of_plug_change(t) for t in range(1, slots)])
    return float(cost @ np.maximum(starts, stops))
