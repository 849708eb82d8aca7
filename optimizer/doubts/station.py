"""Doubts about a station's night: drivers and packs whose numbers cannot be meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from models.errors import Problem
from models.station.instance import Night, Swap
from models.station.overload import excess_kw, stated_kw
from models.tolerances import ROUNDING
from optimizer.doubts.thresholds import LEAST_EFFICIENCY
from optimizer.formats.instance_document import StationDocument


def station_doubts(document: StationDocument, night: Night, currency: str) -> Iterator[Problem]:
    """All doubts about the station but those about its instants; places are inside the station."""
    places = SwapPlaces(document)
    yield from _efficiency(night)
    yield from _overload(night)
    yield from _lost_cost(night, places, currency)
    yield from _more_than_packs(night, places)
    yield from _returned_above_target(night, places)


class SwapPlaces:
    """Where the file has the swaps of a night: a swap itself, or the forecast that it comes from."""

    def __init__(self, document: StationDocument) -> None:
        self._forecasts: Mapping[str, int] = {
            one.id: index for index, one in reversed(list(enumerate(document.forecast)))
        }

    def of(self, index: int, swap: Swap) -> str:
        """The place of the night's swap `index`."""
        return f"swaps[{index}]" if swap.forecast is None else f"forecast[{self._forecasts[swap.forecast]}]"


Found = tuple[int, Swap]


def _others(found: Sequence[Found]) -> str:
    return "" if len(found) == 1 else f" (and {len(found) - 1} more swaps are so)"


def _lost_cost(night: Night, places: SwapPlaces, currency: str) -> Iterator[Problem]:
    """A driver whom to serve loses money: the pack's energy is worth more than what he costs if he is left."""
    found, worst = list[Found](), 0.0
    per_kwh = {name: _worth_per_kwh(night, name) for name in {swap.type for swap in night.station.swaps}}
    for index, swap in enumerate(night.station.swaps):
        worth = per_kwh[swap.type] * _taken_kwh(night, swap)
        if swap.lost_cost < worth * (1 - ROUNDING):
            found.append((index, swap))
            worst = worst or worth
    if found:
        (index, swap), *_ = found
        worth_text = f"{worst:,.2f} {currency}"
        rule = f"is below what the pack's energy is worth, {worth_text}: a plan leaves the driver{_others(found)}"
        remedy = "correct it, the energy price or end_value_per_kwh, whichever has a wrong unit"
        yield Problem(f"{places.of(index, swap)}.lost_cost", swap.lost_cost, rule, remedy)


def _worth_per_kwh(night: Night, kind: str) -> float:
    """What a kWh in a pack is worth at the end, or at least costs to buy: the higher of the two."""
    cheapest = min(night.tariff_series.price_per_kwh) / night.station.chargers.efficiency
    return max(night.end_value_per_kwh(night.pack_types[kind]), cheapest)


def _taken_kwh(night: Night, swap: Swap) -> float:
    """Energy that the station loses at the least where the swap is served."""
    returned_kwh = (swap.returned_soc or 0.0) * night.pack_types[swap.type].capacity_kwh
    return swap.packs * max(0.0, night.needed_kwh(swap) - returned_kwh)


def _more_than_packs(night: Night, places: SwapPlaces) -> Iterator[Problem]:
    """More packs asked for in one slot than ever stand in the station: each is handed over once a slot."""
    there, asked = len(night.station.packs), Counter[int]()
    for swap in night.station.swaps:
        asked[swap.slot] += swap.packs
    crowded = sorted(slot for slot, packs in asked.items() if packs > there)
    if crowded:
        slot = crowded[0]
        found = next((index, swap) for index, swap in enumerate(night.station.swaps) if swap.slot == slot)
        more = f", and so in {len(crowded) - 1} more slots" if len(crowded) > 1 else ""
        rule = f"packs asked for in slot {slot} alone, the station has {there}: some drivers are lost{more}"
        remedy = "spread the drivers over slots, or add packs"
        yield Problem(places.of(*found), asked[slot], rule, remedy)


def _returned_above_target(night: Night, places: SwapPlaces) -> Iterator[Problem]:
    """Drivers who bring more than a pack is ever charged to."""
    kinds = night.pack_types
    found = [
        (index, swap)
        for index, swap in enumerate(night.station.swaps)
        if swap.returned_soc is not None and swap.returned_soc > kinds[swap.type].target_soc
    ]
    if found:
        index, swap = found[0]
        target = kinds[swap.type].target_soc
        rule = f"is above the type's target_soc ({target:g}): fuller than packs go{_others(found)}"
        remedy = "a state of charge is what is left, not what was used: correct it"
        yield Problem(f"{places.of(index, swap)}.returned_soc", swap.returned_soc, rule, remedy)


def _efficiency(night: Night) -> Iterator[Problem]:
    efficiency = night.station.chargers.efficiency
    if efficiency < LEAST_EFFICIENCY:
        rule = f"is below any charger's efficiency (at least {LEAST_EFFICIENCY:g}; 0.9 to 0.98 are usual)"
        yield Problem("chargers.efficiency", efficiency, rule, "correct the decimal point")


def _overload(night: Night) -> Iterator[Problem]:
    """A base load above the grid limit in some slots. In all of them, nothing can be planned, which is told then."""
    excess = excess_kw(night.station)
    if excess and night.can_be_planned():
        slot = max(excess, key=lambda one: excess[one])
        slots = f"{len(excess)} slots, {min(excess)} the first" if len(excess) > 1 else f"slot {slot} alone"
        rule = (
            f"kW, less all the solar power, exceeds the grid limit of {stated_kw(night.station)[slot]:g} kW by up to "
            f"{excess[slot]:g} kW in {slots}: nothing is charged then, and the excess is drawn"
        )
        yield Problem(
            "base_load_kw", night.station.base_load_kw[slot], rule, "raise grid_limit_kw or lower base_load_kw"
        )
