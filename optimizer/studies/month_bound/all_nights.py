"""The nights of a chain as one horizon: what a plan of all of them at once may do, and the chain's plans did.

Every chain of plans is one of its plans, but for what meters round away between two nights; so what it costs at least,
the chain costs. It has no rule that could forbid what a chain does: a pack that is in turnaround when a night ends
counts as ready for charging in the next, plug changes cost nothing, a driver takes any pack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from models.horizon import MAX_MINUTES, MAX_SLOTS, Horizon
from models.station.carry_over.carried_out import beginning
from models.station.drawn_days import night_on
from models.station.instance import Night, Swap
from models.station.pack_type import PackType
from models.tariff.series import TariffSeries, TieredEnergy, tariff_on
from models.tariff.tariff import Tariff
from optimizer.formats.study_document import VariantDocument
from optimizer.studies.night_record import first_state, packs_of
from optimizer.studies.study import Study

SERIES = ("grid_limit_kw", "base_load_kw", "solar_kw", "ready_reserve")


def nights_as_carried_out(study: Study, station: int, variant: VariantDocument) -> list[Night]:
    """The nights one by one, with the drivers who really come and the packs of the first one; no prices.

    Raises InvalidData.
    """
    return [_as_carried_out(study, station, variant, number) for number in range(study.nights)]


def _as_carried_out(study: Study, station: int, variant: VariantDocument, number: int) -> Night:
    own = beginning(study.night(station, variant, number), study.horizon(number).slots)
    real = study.real_day(station, variant, number)
    return own if real is None else night_on(own, real, 0)


def stretches(nights: Sequence[Night]) -> list[range]:
    """The nights in stretches that are programmes of their own: all of them, where one horizon may have them; else
    months, or as much of a month as one may have."""
    if _fit_a_horizon(nights):
        return [range(len(nights))]
    found: list[range] = []
    for number, night in enumerate(nights):
        if not found or not _go_together(nights[found[-1].start : number], night):
            found.append(range(number, number))
        found[-1] = range(found[-1].start, number + 1)
    return found


def _go_together(before: Sequence[Night], night: Night) -> bool:
    """Do these nights and the one after them begin in one month, and may one horizon have them?"""
    first, at = (one.horizon.local_slot_start(0) for one in (before[0], night))
    return (first.year, first.month) == (at.year, at.month) and _fit_a_horizon([*before, night])


def _fit_a_horizon(nights: Sequence[Night]) -> bool:
    slots = sum(night.horizon.slots for night in nights)
    return slots <= MAX_SLOTS and slots * nights[0].horizon.slot_minutes <= MAX_MINUTES


def all_nights(nights: Sequence[Night]) -> Night:
    """The nights as one, pack by pack. Raises InvalidData."""
    first, slots = nights[0], sum(night.horizon.slots for night in nights)
    own = first.horizon
    horizon = Horizon(own.start, own.time_zone, own.slot_minutes, slots)
    swaps, begin = list[Swap](), 0
    for number, night in enumerate(nights):
        swaps += [_freed(swap, number, begin) for swap in night.station.swaps]
        begin += night.horizon.slots
    series: dict[str, Any] = {name: tuple(chain.from_iterable(_values(nights, name))) for name in SERIES}
    station = replace(
        first.station,
        tariff=Tariff(first.station.tariff.id, energy_price_per_kwh=(0.0,) * slots),
        swaps=tuple(swaps),
        turnaround_slots=0,
        plug_changes_max=None,
        plug_change_cost=0.0,
        expected=(),
        stated_limit_kw=(),
        **series,
    )
    return Night(horizon, first.pack_types, station)


def _values(nights: Sequence[Night], name: str) -> Iterator[Sequence[float]]:
    return (getattr(night.station, name) for night in nights)


def _freed(swap: Swap, number: int, begin: int) -> Swap:
    """A driver of a night among those of all nights, whom any pack serves, or who is lost."""
    return replace(swap, id=f"{number}:{swap.id}", slot=begin + swap.slot, pack=None, must_serve=False)


def priced_at_once(night: Night, series: TariffSeries, worth_per_kwh: Mapping[str, float]) -> Night:
    """The night as formulations see it, at the prices of `series`. `worth_per_kwh`: of energy left at the end, by
    type."""
    kinds = {name: replace(kind, end_value_per_kwh=worth_per_kwh[name]) for name, kind in night.pack_types.items()}
    seen = Night(night.horizon, kinds, night.station).by_pack
    seen = replace(seen, station=replace(seen.station))  # a new one: another tariff must not see these prices
    seen.__dict__["tariff_series"] = series
    return seen


def with_first_packs(nights: Sequence[Night]) -> Night:
    """The first of the nights with packs as a chain's has them: without what is known of their temperature."""
    first = nights[0]
    return replace(first, station=replace(first.station, packs=packs_of(first_state(first), first)))


def with_least_packs(own: Sequence[Night], nights: Sequence[Night]) -> Night:
    """The first of its `own` nights, of a stretch of all `nights`, its packs with as little as any pack has that ever
    stands there: of what they really have then, its programme knows nothing."""
    night = with_first_packs(own)
    station = night.station
    least = {pack.type: pack.soc for pack in station.packs}
    socs = [(pack.type, pack.soc) for pack in station.packs]
    socs += [(swap.type, swap.returned_soc or 0.0) for one in nights for swap in one.station.swaps]
    for kind, soc in socs:
        least[kind] = min(soc, least.get(kind, soc))
    packs = tuple(replace(pack, soc=least[pack.type]) if pack.usable else pack for pack in station.packs)
    return replace(night, station=replace(station, packs=packs))


def worth_at_end(kinds: Mapping[str, PackType], tariff: Tariff, last: Night) -> dict[str, float]:
    """By type, what the chain's last night says at most that a kWh left in a pack is worth. Raises InvalidData."""
    default = cheapest_per_kwh(tariff, last)
    return {name: default if kind.end_value_per_kwh is None else kind.end_value_per_kwh for name, kind in kinds.items()}


def cheapest_per_kwh(tariff: Tariff, night: Night) -> float:
    """What a kWh in a pack costs if it is bought in the night's cheapest slot, with all that tiers may add to it.

    Never below 0. Raises InvalidData.
    """
    series = tariff_on(tariff, night.horizon)
    prices = list(series.price_per_kwh)
    for tiers in series.tiers:
        for slot, share in tiers.slots:
            prices[slot] += share * _dearest(tiers)
    return max(0.0, min(prices)) / night.station.chargers.efficiency


def _dearest(tiers: TieredEnergy) -> float:
    return max(rate for _, rate in tiers.steps)
