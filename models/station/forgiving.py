"""The night as the checker sees it: every limit moved by what is forgiven. Bounds are computed on it.

A plan that the checker accepts keeps the rules of this night, with two exceptions that section 9 of models/README.md
names: energy above E, which `worth_above_target` covers, and powers of on/off chargers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from models.rules import LARGEST
from models.station.instance import Chargers, Night, Station
from models.station.pack_type import PackType, Points
from models.tolerances import ENERGY_KWH, POWER_KW


@dataclass(frozen=True)
class Forgiven:
    """By how much limits are moved: needs in kWh, power of a charger and into a pack in kW, drawn power in kW."""

    needed_kwh: float = ENERGY_KWH
    charger_kw: float = POWER_KW
    grid_kw: float = POWER_KW


BY_THE_CHECKER = Forgiven()


def forgiving_night(night: Night, forgiven: Forgiven = BY_THE_CHECKER) -> Night:
    """`night` with more power from grid and chargers and into packs, and lower needs: by what the checker forgives."""
    chargers, more_kw = night.station.chargers, forgiven.charger_kw
    max_kw, min_kw = _more(chargers.max_kw, more_kw), max(0.0, chargers.min_kw - more_kw)
    eased = {name: _eased_kind(kind, forgiven.needed_kwh) for name, kind in night.pack_types.items()}
    return _replaced(
        night,
        {name: _accepting_more(kind, more_kw) for name, kind in eased.items()},
        _eased_station(night, forgiven.needed_kwh, forgiven.grid_kw, replace(chargers, max_kw=max_kw, min_kw=min_kw)),
    )


def eased_night(night: Night, needed_kwh: float, grid_kw: float) -> Night:
    """`night` with every need lower by `needed_kwh` and every grid limit higher by `grid_kw`."""
    kinds = {name: _eased_kind(kind, needed_kwh) for name, kind in night.pack_types.items()}
    return _replaced(night, kinds, _eased_station(night, needed_kwh, grid_kw, night.station.chargers))


@lru_cache(maxsize=256)
def _eased_kind(kind: PackType, needed_kwh: float) -> PackType:
    return replace(kind, swap_soc=_lower(kind.swap_soc, kind, needed_kwh))


def _eased_station(night: Night, needed_kwh: float, grid_kw: float, chargers: Chargers) -> Station:
    station, kinds = night.station, night.pack_types
    swaps = station.swaps
    if any(swap.swap_soc is not None for swap in swaps):
        swaps = tuple(
            swap
            if swap.swap_soc is None
            else replace(swap, swap_soc=_lower(swap.swap_soc, kinds[swap.type], needed_kwh))
            for swap in swaps
        )
    limits_kw = tuple(_more(kw, grid_kw) for kw in station.grid_limit_kw)
    return replace(station, chargers=chargers, grid_limit_kw=limits_kw, swaps=swaps)


def _lower(soc: float, kind: PackType, needed_kwh: float) -> float:
    return max(0.0, soc - needed_kwh / kind.capacity_kwh)


def _more(kw: float, by_kw: float) -> float:
    """No more than an instance may say: that much power binds nothing."""
    return min(kw + by_kw, LARGEST)


def _replaced(night: Night, kinds: Mapping[str, PackType], station: Station) -> Night:
    made = Night(night.horizon, kinds, station)
    made.__dict__["tariff_series"] = night.tariff_series  # depends on none of this
    return made


@lru_cache(maxsize=256)
def _accepting_more(kind: PackType, more_kw: float) -> PackType:
    at_c = tuple((temperature_c, _higher(points, more_kw)) for temperature_c, points in kind.acceptance_at_c)
    return replace(kind, acceptance=_higher(kind.acceptance, more_kw), acceptance_at_c=at_c)


def _higher(points: Points, more_kw: float) -> Points:
    return tuple((soc, _more(kw, more_kw)) for soc, kw in points)


def worth_above_target(night: Night) -> float:
    """Currency that the energy which packs may hold above E is worth at most: where drawing power is paid for."""
    dearest_kwh = max(0.0, -min(night.tariff_series.price_per_kwh)) / night.station.chargers.efficiency
    return ENERGY_KWH * (len(night.station.packs) + len(night.by_pack.station.swaps)) * dearest_kwh
