"""What the checker forgives of on/off chargers, for a bound: section 9 of models/README.md.

Arc flow knows a charger's power to the last digit; the checker lets each slot miss it by POWER_KW, so that a pack is
off its ladder by `drifts_kwh` at most. Moved back to it, a plan that the checker accepts becomes an integer flow of
`forgiving_on_off_night` that costs no more than `drift_cost` above it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from models.formulations.levels.data import start_kwh
from models.formulations.stepped_bill import dearest_per_kw, dearest_per_kwh
from models.station.acceptance import reach_kwh
from models.station.forgiving import eased_night
from models.station.instance import Night, returned_pack_id
from models.station.pack_type import PackType, lines_of
from models.tolerances import ENERGY_KWH, EQUAL, POWER_KW


def forgiving_on_off_night(night: Night) -> Night:
    """`night` with lower needs and more grid power."""
    drift_kwh = max(drifts_kwh(night), default=0.0)
    return eased_night(night, ENERGY_KWH + drift_kwh, POWER_KW + _drift_of_a_slot_kw(night, drift_kwh))


def drifts_kwh(night: Night) -> list[float]:
    """By how much each pack that may charge can be off its ladder: POWER_KW in each slot that it takes to fill up."""
    slots = [_slots_to_fill(night, kind, kwh, first) for kind, kwh, first in _arrivals(night)]
    return [POWER_KW * night.horizon.slot_hours * count for count in slots if count]


def drift_cost(night: Night) -> float:
    """Currency that moving every pack back to its ladder costs at most.

    What a pack takes more or less in slots of full power, its last slot before E makes up for, or it keeps the
    difference: a kWh costs at most the dearest price then, the largest difference of prices, or the worth of a kWh at
    the end above the cheapest price. ENERGY_KWH comes on top where a pack stops that much before E.
    """
    prices = np.array(night.tariff_series.price_per_kwh) / night.station.chargers.efficiency
    kinds, drifts = night.pack_types.values(), drifts_kwh(night)
    tiers = dearest_per_kwh(night.tariff_series) - float(np.abs(prices).max() * night.station.chargers.efficiency)
    wear = max((line.slope for kind in kinds for line in lines_of(kind.wear)), default=0.0)
    low, high = float(prices.min()), float(prices.max()) + tiers / night.station.chargers.efficiency + wear
    a_kwh = max(high, high - low, *(night.end_value_per_kwh(kind) - low for kind in kinds))
    of_energy = (sum(drifts) + ENERGY_KWH * len(drifts)) * a_kwh
    return of_energy + dearest_per_kw(night.tariff_series) * _drift_of_a_slot_kw(night, max(drifts, default=0.0))


def _drift_of_a_slot_kw(night: Night, drift_kwh: float) -> float:
    """Grid power by which all chargers together may differ in a slot; the last one before E makes up for all others."""
    chargers = night.station.chargers
    count = min(chargers.count, len(night.station.packs))
    return count * max(POWER_KW, (drift_kwh + ENERGY_KWH) / night.horizon.slot_hours) / chargers.efficiency


def _arrivals(night: Night) -> Iterator[tuple[PackType, float, int]]:
    """Type, energy and first slot to charge of every pack that may come."""
    yield from ((night.kind_of(pack.id, pack.type), start_kwh(night, pack), 0) for pack in night.station.packs)
    for swap in night.station.swaps:
        if swap.returned_soc is not None:
            first = swap.slot + night.station.turnaround_slots
            kind = night.kind_of(returned_pack_id(swap.id), swap.type)
            yield kind, swap.returned_soc * kind.capacity_kwh, first


def _slots_to_fill(night: Night, kind: PackType, energy_kwh: float, first: int) -> int:
    count = 0
    while count < night.horizon.slots - first:
        after_kwh = reach_kwh(kind, night.station.chargers.max_kw, night.horizon.slot_hours, energy_kwh)
        if after_kwh <= energy_kwh + EQUAL:
            break
        energy_kwh, count = after_kwh, count + 1
    return count
