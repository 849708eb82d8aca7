"""A station's pack types as stock levels see them, each with its share of what the grid leaves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from models.station.acceptance import reach_of_kind
from models.station.demand.expected import ExpectedSwaps
from models.station.instance import Night, Pack
from models.station.must_serve_cost import must_serve_cost
from models.station.pack_type import PackType, lines_of
from models.tariff.series import slot_prices
from models.tariff.tier_use import rate_so_far
from models.tolerances import EQUAL, MISSING_KWH
from optimizer.engine.hedge.type_stock import FloatArray, IntArray, TypeStock

NOTHING_BACK, NOTHING_LACKS = "drivers bring nothing back", "packs come back ready"
TOO_FEW, NEVER_READY = "no packs at chargers", "packs never become ready"


def type_stocks(night: Night, limit_kw: Sequence[float] | None = None) -> tuple[list[TypeStock], dict[str, str]]:
    """The types that forecasts with a spread ask for, and by type why levels cannot be worked out for others of them.

    `limit_kw`: drawn power by slot, where less than the grid limit is to be used.
    """
    uncertain = [one for one in night.station.expected if one.is_uncertain]
    stocks, reasons = list[TypeStock](), dict[str, str]()
    free = _free(night, limit_kw)
    for kind in dict.fromkeys(one.type for one in uncertain):
        found = _stock(night, kind, [one for one in night.station.expected if one.type == kind], free)
        if isinstance(found, str):
            reasons[kind] = found
        else:
            stocks.append(found)
    return _shared(stocks, night.station.chargers.count), reasons


def _stock(
    night: Night, name: str, expected: Sequence[ExpectedSwaps], free: tuple[FloatArray, FloatArray]
) -> TypeStock | str:
    kind = night.types_by_pack.all_of(name)[-1]  # as packs come back, at the station's temperature
    drivers = np.array([sum(one.mean_per_slot) for one in expected])
    weights = drivers / drivers.sum() if drivers.sum() > 0 else np.full(len(drivers), 1 / len(drivers))
    need_kwh = max(_need_kwh(kind, one) for one in expected)
    back = [
        (w / len(one.returned_soc), soc) for w, one in zip(weights, expected, strict=True) for soc in one.returned_soc
    ]
    start = [need_kwh - pack.soc * kind.capacity_kwh for pack in _at_chargers(night, name)]
    if not start:
        return TOO_FEW
    if sum(weight for weight, _ in back) < 1 - EQUAL:
        return NOTHING_BACK
    lack_kwh = sum(weight * max(0.0, need_kwh - soc * kind.capacity_kwh) for weight, soc in back)
    if lack_kwh <= MISSING_KWH:
        return NOTHING_LACKS
    slots_to_ready = _slots_to_ready(night, kind, need_kwh, lack_kwh)
    if slots_to_ready is None:
        return NEVER_READY
    most_kwh, price = free
    spreads = [one.spread_or_poisson for one in expected]
    must = must_serve_cost(night) if any(one.must_serve for one in expected) else 0.0
    return TypeStock(
        type=name,
        start_lack_kwh=tuple(max(0.0, kwh) for kwh in start),
        lack_kwh=lack_kwh,
        slots_to_ready=slots_to_ready,
        packs_a_driver=max(1, round(float(weights @ [one.packs for one in expected]))),
        lost_cost=max(must, float(weights @ [one.lost_cost for one in expected])),
        chargers=night.station.chargers.count,
        mean=np.sum([one.mean_per_slot for one in expected], axis=0),
        certain=_certain(night, name),
        dispersion=max(_dispersion(one) for one in expected),
        day_sd=max(spread.day_sd for spread in spreads),
        most_kwh=most_kwh,
        price_per_kwh=price + _wear_per_kwh(kind, night.station.chargers.max_kw),
        end_value_per_kwh=night.end_value_per_kwh(night.pack_types[name]),
    )


def _need_kwh(kind: PackType, one: ExpectedSwaps) -> float:
    return kind.swap_kwh if one.swap_soc is None else one.swap_soc * kind.capacity_kwh


def _at_chargers(night: Night, kind: str) -> list[Pack]:
    station = night.station
    pairs = zip(station.packs, station.bay_numbers, strict=True)
    return [pack for pack, bay in pairs if pack.type == kind and pack.usable and station.has_charger(bay)]


def _slots_to_ready(night: Night, kind: PackType, need_kwh: float, lack_kwh: float) -> float | None:
    """In how many slots a pack that lacks so much gains it, the last one in part; the turnaround before it."""
    reach = reach_of_kind(kind, night.station.chargers.max_kw, night.horizon.slot_hours)
    ladder = reach.ladder_kwh(need_kwh - lack_kwh, night.horizon.slots)
    if ladder[-1] < lack_kwh - MISSING_KWH:
        return None
    return max(1.0, float(np.interp(lack_kwh, ladder, range(len(ladder))))) + night.station.turnaround_slots


def _certain(night: Night, kind: str) -> IntArray:
    """Reservations by slot."""
    slots = [one.slot for one in night.station.swaps if one.type == kind and one.forecast is None]
    return np.bincount(np.array(slots, np.int64), minlength=night.horizon.slots)


def _dispersion(one: ExpectedSwaps) -> float:
    """Variance over mean of a slot's drivers; of scenarios, over all slots."""
    if not one.scenarios:
        return one.spread_or_poisson.dispersion
    days = np.array(one.scenarios, float)
    variance, mean = float(days.var(axis=0).sum()), float(days.mean(axis=0).sum())
    return max(1.0, variance / mean) if mean > 0 else 1.0


def _free(night: Night, limit_kw: Sequence[float] | None) -> tuple[FloatArray, FloatArray]:
    """By slot, kWh that can go into packs, and what one of them costs; power of the sun that is left over is free."""
    station, hours = night.station, night.horizon.slot_hours
    limit, base, sun = (np.array(one, float) for one in (station.grid_limit_kw, station.base_load_kw, station.solar_kw))
    if limit_kw is not None:
        limit = np.minimum(limit, limit_kw)
    over_kw = np.maximum(0.0, sun - base)
    most_kw = np.maximum(0.0, limit - np.maximum(0.0, base - sun)) + over_kw
    efficiency = station.chargers.efficiency
    paid = 1 - over_kw / np.where(most_kw > 0, most_kw, 1.0)
    price = np.array(slot_prices(night.tariff_series, partial(rate_so_far, night))) / efficiency
    return most_kw * efficiency * hours, price * np.where(price > 0, paid, 1.0)


def _wear_per_kwh(kind: PackType, kw: float) -> float:
    """At full power."""
    return max((line.at(kw) for line in lines_of(kind.wear)), default=0.0) / kw


def _shared(stocks: Sequence[TypeStock], chargers: int) -> list[TypeStock]:
    """Grid and chargers by what each type needs."""
    needs: Mapping[str, float] = {one.type: float(one.mean.sum()) * one.packs_a_driver * one.lack_kwh for one in stocks}
    whole = sum(needs.values())
    if len(stocks) < 2 or not whole:
        return list(stocks)
    shares = {kind: need / whole for kind, need in needs.items()}
    return [
        replace(one, most_kwh=one.most_kwh * shares[one.type], chargers=max(1, round(chargers * shares[one.type])))
        for one in stocks
    ]
