"""The rest of a night, from what really stands in the bays: what is planned again in the course of a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from models.horizon import Horizon, local_minute
from models.station.carry_over.carried_out import SERIES, unlike
from models.station.carry_over.month_to_date import month_to_date
from models.station.demand.expected import ExpectedSwaps
from models.station.instance import Night, Pack
from models.station.swap import Swap
from optimizer.simulate.state import StationState
from optimizer.simulate.station_arrays import StationArrays


def rest_of_night(night: Night, slot: int, packs: Sequence[Pack], drawn_kw: Sequence[float]) -> Night:
    """The night from `slot` on. `packs`: what stands there before its drivers come, each with its bay; `drawn_kw`: one
    value a slot of the whole night, of which those before count for the month.

    Stored energy is worth what it was. A driver who asks for a pack that is gone is left out. Raises InvalidData where
    metering intervals do not begin with the slot.
    """
    h, station = night.horizon, night.station
    horizon = Horizon(h.slot_start(slot), h.time_zone, h.slot_minutes, h.slots - slot)
    at = local_minute(horizon.start, horizon.zone)
    before = [kw if t < slot else 0.0 for t, kw in enumerate(drawn_kw)]
    month = month_to_date(night, before, (at.day.year, at.day.month))
    kinds = {
        name: replace(kind, end_value_per_kwh=night.end_value_per_kwh(kind)) for name, kind in night.pack_types.items()
    }
    rest = replace(
        station,
        tariff=replace(station.tariff, energy_price_per_kwh=station.tariff.energy_price_per_kwh[slot:]),
        packs=tuple(packs),
        swaps=tuple(_still_to_come(station.swaps, slot, {pack.id for pack in packs})),
        expected=tuple(_from(one, slot) for one in station.expected),
        peak_so_far_kw=month.peak_kw,
        energy_so_far_kwh=month.energy_kwh,
        **{name: _cut(getattr(station, name), slot) for name in SERIES},
    )
    return Night(horizon, kinds, rest)


def _still_to_come(swaps: Sequence[Swap], slot: int, packs: set[str]) -> Iterator[Swap]:
    for swap in swaps:
        if swap.slot >= slot and (swap.pack is None or swap.pack in packs):
            yield replace(swap, slot=swap.slot - slot)


def _from(one: ExpectedSwaps, slot: int) -> ExpectedSwaps:
    scenarios = tuple(day[slot:] for day in one.scenarios)
    return replace(one, mean_per_slot=one.mean_per_slot[slot:], scenarios=scenarios)


def _cut(series: Any, slot: int) -> Any:
    return series[slot:] if isinstance(series, tuple) else series


def standing_packs(arrays: StationArrays, state: StationState, day: int) -> list[Pack]:
    """What stands in the bays on a day in play, each pack with its bay; those that drivers brought have names anew."""
    found, taken = [], {pack.id for pack in arrays.station.packs}
    for column, (pack, bay) in enumerate(zip(arrays.station.packs, arrays.station.bay_numbers, strict=True)):
        if not state.present[day, column]:
            continue
        capacity_kwh = arrays.night.pack_types[pack.type].capacity_kwh
        soc = min(1.0, float(state.energy_kwh[day, column]) / capacity_kwh)
        if state.at_start[day, column]:
            found.append(replace(pack, soc=soc, bay=bay))
        else:
            found.append(Pack(unlike(f"brought-{column}", taken), pack.type, soc, bay=bay))
    return found
