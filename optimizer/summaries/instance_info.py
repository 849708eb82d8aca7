"""`info`: what an instance asks, before anything is solved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from models.station.demand.expected import ExpectedSwaps
from models.station.instance import Instance, Night
from models.station.overload import stated_kw
from optimizer.files.errors import printable
from optimizer.formats.content_hash import instance_hash


def instance_facts(instance: Instance) -> dict[str, Any]:
    """Name, hash, horizon and the facts of every station, fit for JSON."""
    horizon = instance.nights[0].horizon
    return {
        "name": instance.name,
        "hash": instance_hash(instance),
        "currency": instance.currency,
        "horizon": {
            "start": horizon.local_slot_start(0).isoformat(),
            "end": horizon.end.astimezone(horizon.zone).isoformat(),
            "time_zone": horizon.time_zone,
            "slot_minutes": horizon.slot_minutes,
            "slots": horizon.slots,
        },
        "stations": [_station(night) for night in instance.nights],
    }


def _station(night: Night) -> dict[str, Any]:
    station, series = night.station, night.tariff_series
    limit_kw = stated_kw(station)
    return {
        "station": station.id,
        "bays": station.bays,
        "packs": len(station.packs),
        "packs_by_type": dict(sorted(Counter(pack.type for pack in station.packs).items())),
        "chargers": station.chargers.count,
        "charger_kw": station.chargers.max_kw,
        "charger_mode": station.chargers.mode,
        "swaps": len(station.swaps),
        "packs_asked": sum(swap.packs for swap in station.swaps),
        "returned_kwh_to_refill": round(_refill_kwh(night), 3),
        "most_charging_kwh": round(_most_charging_kwh(night), 3),
        "grid_limit_kw": [min(limit_kw), max(limit_kw)],
        "base_load_fits": night.base_load_fits(),
        "overloaded_slots": len(night.overloaded_slots()),
        "tariff": station.tariff.id,
        "price_per_kwh": [min(series.price_per_kwh), max(series.price_per_kwh)],
        "first_price_per_kwh": series.price_per_kwh[0],
        "last_price_per_kwh": series.price_per_kwh[-1],
        "demand_charges": {demand.name: demand.steps[0][1] for demand in series.demands if demand.is_first},
        "expected": [_expected(one) for one in station.expected],
        "features": _features(night),
    }


def _expected(one: ExpectedSwaps) -> dict[str, Any]:
    return {
        "forecast": one.id,
        "type": one.type,
        "mean": round(sum(one.mean_per_slot), 3),
        "spread": None if one.spread is None else asdict(one.spread),
        "scenarios": len(one.scenarios),
    }


def _refill_kwh(night: Night) -> float:
    """Energy that would lift every returned pack to what its type's drivers need."""
    missing = 0.0
    for swap in night.station.swaps:
        if swap.returned_soc is not None:
            kind = night.pack_types[swap.type]
            missing += swap.packs * max(0.0, kind.swap_kwh - swap.returned_soc * kind.capacity_kwh)
    return missing


def _most_charging_kwh(night: Night) -> float:
    """Energy that chargers and grid could put into packs over the whole horizon."""
    station, chargers = night.station, night.station.chargers
    loads = zip(station.grid_limit_kw, station.base_load_kw, station.solar_kw, strict=True)
    most_kw = [
        min(chargers.efficiency * (limit - base + solar), chargers.count * chargers.max_kw)
        for limit, base, solar in loads
    ]
    return sum(max(0.0, kw) for kw in most_kw) * night.horizon.slot_hours


def _features(night: Night) -> list[str]:
    """What goes beyond packs, chargers and prices, by the names of the format."""
    station, kinds = night.station, night.pack_types.values()
    present = {
        "acceptance": any(kind.has_curve for kind in kinds),
        "wear": any(kind.wear for kind in kinds),
        "on_off": station.chargers.mode == "on_off",
        "min_kw": station.chargers.min_kw > 0,
        "fewer_chargers_than_packs": station.chargers.count < station.packs_at_chargers,
        "plug_changes": station.counts_plug_changes,
        "ready_reserve": any(station.ready_reserve),
        "solar": any(station.solar_kw),
        "turnaround": station.turnaround_slots > 0,
        "swaps_without_return": any(swap.returned_soc is None for swap in station.swaps),
        "own_swap_soc": any(swap.swap_soc is not None for swap in station.swaps),
        "several_packs": any(swap.packs > 1 for swap in station.swaps),
        "must_serve": any(swap.must_serve for swap in station.swaps),
        "packs_not_usable": not all(pack.usable for pack in station.packs),
        "bays_without_charger": station.has_packs_without_charger,
        "bays_out_of_order": any(bay.out_of_order for bay in station.bay_list),
        "wanted_pack": any(swap.pack is not None for swap in station.swaps),
        "demand_charge": bool(night.tariff_series.demands),
        "energy_tiers": bool(night.tariff_series.tiers),
        "demand_tiers": any(len(demand.steps) > 1 for demand in night.tariff_series.demands),
        "spread": any(one.is_uncertain for one in station.expected),
        "ratchet": any(demand.ratchet_share for demand in night.tariff_series.demands),
    }
    return [name for name, holds in present.items() if holds]


def facts_text(facts: Mapping[str, Any]) -> str:
    """The facts for people."""
    horizon, currency = facts["horizon"], facts["currency"]
    lines = [
        f"{facts['name']}",
        f"  {horizon['start']} to {horizon['end']} {horizon['time_zone']}: "
        f"{horizon['slots']} slots of {horizon['slot_minutes']} minutes",
        f"  {facts['hash']}",
    ]
    for s in facts["stations"]:
        low, high = s["price_per_kwh"]
        types = ", ".join(f"{count} {name}" for name, count in s["packs_by_type"].items())
        lines += [
            f"Station {s['station']}: {s['bays']} bays, {s['packs']} packs ({types}), "
            f"{s['chargers']} chargers of {s['charger_kw']:g} kW, {_asked(s)}",
            f"  energy   {s['returned_kwh_to_refill']:,.0f} kWh to refill what drivers bring; "
            f"at most {s['most_charging_kwh']:,.0f} kWh can be charged",
            f"  grid     limit {_range(*s['grid_limit_kw'])} kW" + _overload(s["overloaded_slots"], horizon["slots"]),
            f"  tariff   {s['tariff']}: {_range(low, high)} {currency}/kWh, "
            f"first slot {s['first_price_per_kwh']:.4g}, last {s['last_price_per_kwh']:.4g}"
            + "".join(f"; {name} {rate:g} {currency}/kW" for name, rate in s["demand_charges"].items()),
            *(f"  expected {_expected_words(one)}" for one in s["expected"] if one["spread"] or one["scenarios"]),
            f"  features {', '.join(s['features']) or 'none beyond the ordinary'}",
        ]
    return "\n".join(map(printable, lines))


def _expected_words(one: Mapping[str, Any]) -> str:
    """How many come on average, and how far days are from that."""
    words, spread = f"{one['forecast']}: {one['mean']:.1f} {one['type']} on average", one["spread"]
    if one["scenarios"]:
        words += f", one of {one['scenarios']} scenarios"
    elif spread:
        bunches = spread["dispersion"]
        drivers = "drivers independent" if bunches == 1 else f"drivers in bunches ({bunches:.2f} times Poisson)"
        words += f"; days {'alike' if not spread['day_sd'] else '± ' + format(spread['day_sd'], '.0%')}, {drivers}"
    return words + (
        f"; returned charge ± {spread['returned_soc_sd']:.0%}" if spread and spread["returned_soc_sd"] else ""
    )


def _overload(overloaded: int, slots: int) -> str:
    if not overloaded:
        return ""
    where = ": nothing can be planned" if overloaded == slots else f" in {overloaded} slots: nothing is charged then"
    return f"; the base load alone exceeds it{where}"


def _asked(facts: Mapping[str, Any]) -> str:
    swaps, packs = facts["swaps"], facts["packs_asked"]
    return f"{swaps} swaps" if swaps == packs else f"{swaps} swaps of {packs} packs"


def _range(low: float, high: float) -> str:
    return f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
