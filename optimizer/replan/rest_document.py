"""The rest of a night as an instance file of its own: everything from one slot on, nothing that depends on a folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import structs

from models.station.carry_over.month_to_date import month_to_date
from models.station.demand.expected import ExpectedSwaps
from models.station.instance import Night, Station
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
from optimizer.formats.tariff_document import TariffDocument
from optimizer.replan.standing import StandingPack


@dataclass(frozen=True)
class Rest:
    """What a station's rest begins with: packs, drivers still to come who are known, power drawn until then (kW, one
    value a slot of the whole night)."""

    packs: Sequence[StandingPack]
    swaps: Sequence[Swap]
    drawn_kw: Sequence[float]


def rest_document(
    document: InstanceDocument, nights: Sequence[Night], rests: Mapping[str, Rest], begin: int
) -> InstanceDocument:
    """The instance from slot `begin` on, with the stations of `rests`; `nights` are the document's."""
    chosen = [(one, night) for one, night in zip(document.stations, nights, strict=True) if one.id in rests]
    horizon = nights[0].horizon
    used = {one.tariff: night for one, night in reversed(chosen)}
    start = horizon.local_slot_start(begin)
    return InstanceDocument(
        format=document.format,
        version=document.version,
        name=f"{document.name}, from {start:%Y-%m-%d %H:%M}",
        currency=document.currency,
        horizon=HorizonDocument(
            start=start.isoformat(), time_zone=horizon.time_zone, slot_minutes=horizon.slot_minutes,
            slots=horizon.slots - begin,
        ),
        pack_types=document.pack_types,
        tariffs=tuple(_tariff(one, used[one.id], begin) for one in document.tariffs if one.id in used),
        stations=tuple(_station(one, night, rests[one.id], begin) for one, night in chosen),
        sources=document.sources,
    )  # fmt: skip


def _worth(night: Night, rest: Rest) -> dict[str, float]:
    """Stored energy is worth what it was, by type: the default goes by the cheapest price of a horizon."""
    station = night.station
    standing = {pack.type for pack in rest.packs} | {pack.type for pack in station.packs}
    used = standing | {swap.type for swap in station.swaps} | {one.type for one in station.expected}
    return {name: night.end_value_per_kwh(kind) for name, kind in night.pack_types.items() if name in used}


def _tariff(document: TariffDocument, night: Night, begin: int) -> TariffDocument:
    if document.energy_price_per_kwh is None:
        return document
    return structs.replace(document, energy_price_per_kwh=short(night.tariff_series.price_per_kwh[begin:]))


def _station(document: StationDocument, night: Night, rest: Rest, begin: int) -> StationDocument:
    station = night.station
    ids = {pack.id for pack in rest.packs}
    return structs.replace(
        document,
        grid_limit_kw=short(stated_kw(station)[begin:]),
        base_load_kw=short(station.base_load_kw[begin:]),
        solar_kw=short(station.solar_kw[begin:]),
        end_value_per_kwh=_worth(night, rest),
        ready_reserve=short(station.ready_reserve[begin:]),
        plug_changes_max=_cut(station.plug_changes_max, begin),
        plug_change_cost=_cut(station.plug_change_cost, begin),
        packs=tuple(_pack(pack, night) for pack in rest.packs),
        swaps=tuple(_swap(swap, begin, ids) for swap in rest.swaps),
        forecast=tuple(_forecast(one, begin) for one in station.expected),
        **_month(night, rest.drawn_kw, begin),
    )


def short(values: Sequence[Any]) -> Any:
    """A series as a file has it: one number where all are equal."""
    return values[0] if values and all(value == values[0] for value in values) else tuple(values)


def _cut(given: Any, begin: int) -> Any:
    return given[begin:] if isinstance(given, tuple) else given


def _pack(pack: StandingPack, night: Night) -> PackDocument:
    kind = night.pack_types[pack.type]
    return PackDocument(
        id=pack.id,
        type=pack.type,
        soc=min(1.0, pack.energy_kwh / kind.capacity_kwh),
        temperature_c=pack.temperature_c,
        bay=night.station.bay_label(pack.bay),
        usable=pack.usable,
    )


def _swap(swap: Swap, begin: int, packs: set[str]) -> SwapDocument:
    return SwapDocument(
        id=swap.id,
        slot=max(0, swap.slot - begin),
        type=swap.type,
        returned_soc=swap.returned_soc,
        lost_cost=swap.lost_cost,
        swap_soc=swap.swap_soc,
        pack=swap.pack if swap.pack in packs else None,
        packs=swap.packs,
        must_serve=swap.must_serve,
    )


def _forecast(one: ExpectedSwaps, begin: int) -> ForecastDocument:
    """Whole swaps go on being counted from what was expected before, so that the rest expects the same ones."""
    spread = one.spread
    return ForecastDocument(
        id=one.id,
        type=one.type,
        expected_per_slot=None if one.scenarios else short(one.mean_per_slot[begin:]),
        expected_before=one.mean_before + sum(one.mean_per_slot[:begin]),
        returned_soc=one.returned_soc or None,
        lost_cost=one.lost_cost,
        swap_soc=one.swap_soc,
        packs=one.packs,
        must_serve=one.must_serve,
        spread=None if spread is None else SpreadDocument(**structs_of(spread)),
        scenarios=tuple(day[begin:] for day in one.scenarios),
    )


def structs_of(spread: Any) -> dict[str, float]:
    """The keys of a spread."""
    return {name: getattr(spread, name) for name in ("day_sd", "dispersion", "returned_soc_sd")}


def _month(night: Night, drawn_kw: Sequence[float], begin: int) -> dict[str, Mapping[str, float]]:
    """The month so far when `begin` begins: peaks and kWh; of a month that is over, the peak that ratchets look at."""
    station, series = night.station, night.tariff_series
    until_kw = [kw if slot < begin else 0.0 for slot, kw in enumerate(drawn_kw)]
    start = night.horizon.local_slot_start(begin)
    state = month_to_date(night, until_kw, (start.year, start.month))
    lookback_kw = dict(station.lookback_peak_kw)
    if series.months[0] != (start.year, start.month):
        over = month_to_date(night, until_kw, series.months[0])
        for name, kw in over.peak_kw.items():
            lookback_kw[name] = max(lookback_kw.get(name, 0.0), kw)
    return {
        "peak_so_far_kw": _given(state.peak_kw, station.peak_so_far_kw),
        "energy_so_far_kwh": _given(state.energy_kwh, station.energy_so_far_kwh),
        "lookback_peak_kw": _ratcheted(lookback_kw, station),
    }


def _given(now: Mapping[str, float], before: Mapping[str, float]) -> dict[str, float]:
    return {name: value for name, value in now.items() if value or name in before}


def _ratcheted(lookback_kw: Mapping[str, float], station: Station) -> dict[str, float]:
    """Only charges that look back may have such a peak."""
    looks_back = {charge.name for charge in station.tariff.demand_charges if charge.ratchet is not None}
    return {name: kw for name, kw in lookback_kw.items() if name in looks_back}
