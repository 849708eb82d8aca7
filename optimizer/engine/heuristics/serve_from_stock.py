"""Swaps that must be served, from packs that would stay: where the time was too short for a better plan."""

from __future__ import annotations

from collections.abc import Sequence

from models.station.instance import RETURN_PREFIX, Night, Swap
from models.station.schedule import Schedule
from models.station.stays import Stay, powers_of_stays, stays_of
from optimizer.engine.build_schedule import build_schedule
from optimizer.engine.search import Search

Powers = dict[str, dict[int, float]]


def serve_from_stock(search: Search) -> None:
    """Hand over packs that hold enough and stay to the end, as long as swaps that must be served are lost.

    A pack that leaves takes its later charging with it, which may break no rule but the one on plug changes.
    """
    if search.night.station.plug_changes_max is not None:
        return
    while search.schedule is not None and (better := _with_one_more(search.asked, search.schedule)) is not None:
        search.offer(better, f"{search.method}, served from stock")


def _with_one_more(asked: Night, schedule: Schedule) -> Schedule | None:
    if not schedule.unserved:
        return None
    night, by_swap = asked.by_pack, dict(schedule.by_swap())
    power_kw = {row.pack: {t: kw for t, kw in enumerate(row.power_kw) if kw} for row in schedule.rows}
    stays = stays_of(night, by_swap)
    told = {one.swap for one in schedule.unserved}
    for swap in asked.station.swaps:
        packs = _ready(night, stays, power_kw, swap) if swap.id in told else []
        if len(packs) >= swap.packs:
            by_swap |= dict(zip(swap.part_ids, packs, strict=False))
            return _schedule(night, stays_of(night, by_swap), power_kw)
    return None


def _ready(night: Night, stays: Sequence[Stay], power_kw: Powers, swap: Swap) -> list[str]:
    """Packs that stay, are there before the swap, and hold what it asks for."""
    hours, needed_kwh = night.horizon.slot_hours, night.needed_kwh(swap)
    return [
        stay.pack
        for stay in stays
        if (stay.type, stay.swap) == (swap.type, None)
        and swap.pack in (None, stay.pack)
        and (stay.arrive < swap.slot or not stay.pack.startswith(RETURN_PREFIX))
        and stay.start_kwh + hours * sum(kw for t, kw in power_kw.get(stay.pack, {}).items() if t < swap.slot)
        >= needed_kwh
    ]


def _schedule(night: Night, stays: Sequence[Stay], power_kw: Powers) -> Schedule:
    kept = {stay.pack: {t: kw for t, kw in power_kw.get(stay.pack, {}).items() if t < stay.leave} for stay in stays}
    return build_schedule(night, stays, powers_of_stays(stays, night.horizon.slots, kept))
