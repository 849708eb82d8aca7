"""What losing a swap that must be served costs, so that nothing else is worth it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from models.horizon import Horizon
from models.station.pack_type import PackType, lines_of
from models.tariff.series import TariffSeries

MARGIN = 1.01  # bounds are of a night whose limits are a little wider


class PricedNight(Protocol):
    """What is asked of a night: its data, and what its energy costs and is worth."""

    @property
    def horizon(self) -> Horizon:
        """The slots."""
        ...

    @property
    def pack_types(self) -> Mapping[str, PackType]:
        """Pack types by id."""
        ...

    @property
    def station(self) -> Any:
        """The station."""
        ...

    @property
    def tariff_series(self) -> TariffSeries:
        """The tariff on the slots."""
        ...

    def end_value_per_kwh(self, kind: PackType) -> float:
        """Worth of a kWh at the end."""
        ...


def must_serve_cost(night: PricedNight) -> float:
    """Currency above the difference of what any two plans cost: what losing a swap that must be served costs more.

    So of two plans the one that loses fewer of them is the cheaper one, and among those that lose equally many, the
    one that costs less (lexicographic order by one weight).
    """
    station, series, hours = night.station, night.tariff_series, night.horizon.slot_hours
    chargers, slots = station.chargers, night.horizon.slots
    most_kw = _most_drawn_kw(night)
    total: float = sum(abs(price) * kw for price, kw in zip(series.price_per_kwh, most_kw, strict=True)) * hours
    total += sum(tiers.dearest_per_kwh * sum(most_kw) * hours for tiers in series.tiers)
    total += sum(tiers.dearest_per_kw * max(most_kw) for tiers in series.tiers)
    total += sum(_dearest(demand.steps) * max(most_kw) for demand in series.demands)
    kinds = night.pack_types.values()
    total += chargers.count * slots * hours * max((_most_wear(kind, chargers.max_kw) for kind in kinds), default=0.0)
    total += sum(station.cost_of_plug_change(t) for t in range(slots)) * len(station.packs)
    total += sum(swap.lost_cost for swap in station.swaps) + station.reserve_cost * sum(station.ready_reserve)
    worth = (abs(night.end_value_per_kwh(kind)) * kind.capacity_kwh for kind in kinds)
    total += len(station.packs) * max(worth, default=0.0)
    return MARGIN * total + 1.0


def _most_drawn_kw(night: PricedNight) -> list[float]:
    station = night.station
    charging_kw = station.chargers.count * station.chargers.max_kw / station.chargers.efficiency
    loads = zip(station.grid_limit_kw, station.base_load_kw, strict=True)
    return [min(limit, base + charging_kw) for limit, base in loads]


def _dearest(steps: tuple[tuple[float, float], ...]) -> float:
    return max(abs(rate) for _, rate in steps)


def _most_wear(kind: PackType, max_kw: float) -> float:
    return max((line.at(max_kw) for line in lines_of(kind.wear)), default=0.0)
