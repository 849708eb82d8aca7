"""What a plan leaves for the next day: ready packs, and drivers whom a day like this one would lose for their want."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from models.errors import InvalidData
from models.horizon import MINUTES_PER_DAY
from models.station.carry_over.end_stock import Stock, stock_at_end
from models.station.instance import Night, Pack
from models.station.result import NextDay, StationPlan
from models.tolerances import MISSING_KWH
from optimizer.engine.baselines import UncontrolledCharging


def next_day(plan: StationPlan) -> NextDay | None:
    """None for a plan of other than whole days, for nothing says what comes then."""
    horizon, night = plan.night.horizon, plan.night
    if horizon.slots * horizon.slot_minutes % MINUTES_PER_DAY:
        return None
    left = stock_at_end(night, plan.schedule)
    full = [replace(one, energy_kwh=night.pack_types[one.type].target_kwh) for one in left]
    ready = sum(one.energy_kwh >= night.pack_types[one.type].swap_kwh - MISSING_KWH for one in left)
    anyway = plan.result.swaps_lost
    if ready == len(left):  # any other pack may be ready soon enough
        return NextDay(ready, len(left), 0)
    lost = _lost_again(night, left)
    if lost > anyway:
        anyway = max(anyway, _lost_again(night, full))
    return NextDay(ready, len(left), max(0, lost - anyway))


def _lost_again(night: Night, packs: Sequence[Stock]) -> int:
    """By charging on arrival, from these packs on. None where they are no night's, as after drivers who bring none."""
    kinds = night.pack_types
    barred = {bay for bay, pack in zip(night.station.bay_numbers, night.station.packs, strict=True) if not pack.usable}

    def pack_of(one: Stock) -> Pack:
        soc = min(1.0, max(0.0, one.energy_kwh / kinds[one.type].capacity_kwh))
        return Pack(f"{one.bay}", one.type, soc, bay=one.bay, usable=one.bay not in barred)

    there = tuple(map(pack_of, packs))
    swaps = tuple(swap if swap.pack is None else replace(swap, pack=None) for swap in night.station.swaps)
    try:
        again = replace(night, station=replace(night.station, packs=there, swaps=swaps))
    except InvalidData:
        return 0
    simulation = UncontrolledCharging(again)
    simulation.simulate()
    return simulation.swaps_lost
