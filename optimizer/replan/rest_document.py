"""The rest of a network's night as an instance file of its own: nothing in it depends on a folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from msgspec import structs

from models.station.demand.expected import ExpectedSwaps
from models.station.instance import Night, Pack
from models.station.overload import stated_kw
from models.station.swap import Swap
from optimizer.formats.instance_document import (
    ForecastDocument,
    HorizonDocument,
    InstanceDocument,
    PackDocument,
    SpreadDocument,
    StationDocument,
    SwapDocument,
)
from optimizer.formats.kept.inlined_series import short
from optimizer.formats.tariff_document import TariffDocument


def rest_document(document: InstanceDocument, rests: Mapping[str, Night]) -> InstanceDocument:
    """The instance with the rests of the nights of some of its stations, by id, and these stations alone."""
    horizon = next(iter(rests.values())).horizon
    by_tariff = {rest.station.tariff.id: rest for rest in reversed(list(rests.values()))}
    start = horizon.local_slot_start(0)
    return InstanceDocument(
        format=document.format,
        version=document.version,
        name=f"{document.name}, from {start:%Y-%m-%d %H:%M}",
        currency=document.currency,
        horizon=HorizonDocument(
            start=start.isoformat(), time_zone=horizon.time_zone, slot_minutes=horizon.slot_minutes,
            slots=horizon.slots,
        ),
        pack_types=document.pack_types,
        tariffs=tuple(_tariff(one, by_tariff[one.id]) for one in document.tariffs if one.id in by_tariff),
        stations=tuple(_station(one, rests[one.id]) for one in document.stations if one.id in rests),
        sources=document.sources,
    )  # fmt: skip


def _tariff(document: TariffDocument, rest: Night) -> TariffDocument:
    if document.energy_price_per_kwh is None:
        return document
    return structs.replace(document, energy_price_per_kwh=short(rest.station.tariff.energy_price_per_kwh))


def _station(document: StationDocument, rest: Night) -> StationDocument:
    station = rest.station
    return structs.replace(
        document,
        grid_limit_kw=short(stated_kw(station)),
        base_load_kw=short(station.base_load_kw),
        solar_kw=short(station.solar_kw),
        end_value_per_kwh=_worth(document, rest),
        ready_reserve=short(station.ready_reserve),
        plug_changes_max=station.plug_changes_max,
        plug_change_cost=station.plug_change_cost,
        packs=tuple(_pack(pack, rest) for pack in station.packs),
        swaps=tuple(_swap(swap) for swap in station.swaps if swap.forecast is None),
        forecast=tuple(_forecast(one) for one in station.expected),
        peak_so_far_kw=station.peak_so_far_kw,
        energy_so_far_kwh=station.energy_so_far_kwh,
        lookback_peak_kw=station.lookback_peak_kw,
    )


def _worth(document: StationDocument, rest: Night) -> dict[str, float]:
    """Of the types that the station had or may have."""
    station = rest.station
    had = {pack.type for pack in document.packs} | {pack.type for pack in station.packs}
    had |= {swap.type for swap in document.swaps}
    used = had | {one.type for one in station.expected}
    return {name: rest.end_value_per_kwh(kind) for name, kind in rest.pack_types.items() if name in used}


def _pack(pack: Pack, rest: Night) -> PackDocument:
    bay = rest.station.bay_label(pack.bay) if isinstance(pack.bay, int) else pack.bay
    return PackDocument(
        id=pack.id, type=pack.type, soc=pack.soc, temperature_c=pack.temperature_c, bay=bay, usable=pack.usable
    )  # fmt: skip


def _swap(swap: Swap) -> SwapDocument:
    return SwapDocument(
        id=swap.id,
        slot=swap.slot,
        type=swap.type,
        returned_soc=swap.returned_soc,
        lost_cost=swap.lost_cost,
        swap_soc=swap.swap_soc,
        pack=swap.pack,
        packs=swap.packs,
        must_serve=swap.must_serve,
    )


def _forecast(one: ExpectedSwaps) -> ForecastDocument:
    return ForecastDocument(
        id=one.id,
        type=one.type,
        expected_per_slot=None if one.scenarios else short(one.mean_per_slot),
        expected_before=one.mean_before,
        returned_soc=one.returned_soc or None,
        lost_cost=one.lost_cost,
        swap_soc=one.swap_soc,
        packs=one.packs,
        must_serve=one.must_serve,
        spread=None if one.spread is None else SpreadDocument(**asdict(one.spread)),
        scenarios=one.scenarios,
    )
