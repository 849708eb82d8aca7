"""The rest of a night, from what really stands in the bays: what is planned again in its course."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from models.horizon import Horizon
from models.station.carry_over.carried_out import SERIES
from models.station.carry_over.month_to_date import lookback_at, month_to_date
from models.station.demand.expected import ExpectedSwaps
from models.station.instance import Night, Pack
from models.station.swap import Swap


def rest_of_night(
    night: Night, slot: int, packs: Sequence[Pack], drawn_kw: Sequence[float], swaps: Iterable[Swap] | None = None
) -> Night:
    """The night from `slot` on. `packs`: what stands there before its drivers come, each with its bay; `drawn_kw`: one
    value a slot of the whole night, of which those before count for the month; `swaps`: who may still come, in slots of
    the whole night, where these are not all from `slot` on.

    Stored energy is worth what it was. Whole swaps of forecasts go on being counted. A driver who asks for a pack that
    is gone is left out. Raises InvalidData where metering intervals do not begin with the slot.
    """
    h, station = night.horizon, night.station
    kinds = {
        name: replace(kind, end_value_per_kwh=night.end_value_per_kwh(kind)) for name, kind in night.pack_types.items()
    }
    come = (swap for swap in station.swaps if swap.slot >= slot) if swaps is None else swaps
    rest = replace(
        station,
        tariff=replace(station.tariff, energy_price_per_kwh=station.tariff.energy_price_per_kwh[slot:]),
        packs=tuple(packs),
        swaps=tuple(_still_to_come(come, slot, {pack.id for pack in packs})),
        expected=tuple(_from(one, slot) for one in station.expected),
        **_month_so_far(night, slot, drawn_kw),
        **{name: _cut(getattr(station, name), slot) for name in SERIES},
    )
    return Night(Horizon(h.slot_start(slot), h.time_zone, h.slot_minutes, h.slots - slot), kinds, rest)


def _still_to_come(swaps: Iterable[Swap], slot: int, packs: set[str]) -> Iterator[Swap]:
    """Late ones come in the first slot."""
    for swap in swaps:
        if swap.pack is None or swap.pack in packs:
            yield replace(swap, slot=max(0, swap.slot - slot))


def _from(one: ExpectedSwaps, slot: int) -> ExpectedSwaps:
    return replace(
        one,
        mean_per_slot=one.mean_per_slot[slot:],
        scenarios=tuple(day[slot:] for day in one.scenarios),
        mean_before=one.mean_before + sum(one.mean_per_slot[:slot]),
    )


def _month_so_far(night: Night, slot: int, drawn_kw: Sequence[float]) -> dict[str, Any]:
    """Peaks and kWh of the month when `slot` begins; of a month that is over, the peak that ratchets look back at."""
    station = night.station
    until_kw = [kw if t < slot else 0.0 for t, kw in enumerate(drawn_kw)]
    start = night.horizon.local_slot_start(slot)
    now = month_to_date(night, until_kw, (start.year, start.month))
    return {
        "peak_so_far_kw": _given(now.peak_kw, station.peak_so_far_kw),
        "energy_so_far_kwh": _given(now.energy_kwh, station.energy_so_far_kwh),
        "lookback_peak_kw": lookback_at(night, until_kw, now.month),
    }


def _given(now: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in now.items() if value or name in before}


def _cut(series: Any, slot: int) -> Any:
    return series[slot:] if isinstance(series, tuple) else series
