"""A study as the programme holds it: stations × nights × tariffs × variants, and the night of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec import structs

from models.horizon import Horizon, local_minute
from models.instance import Night, Swap
from models.pack_type import PackType
from models.tariff import Tariff
from optimizer.build_station import Shared, build_night
from optimizer.document import PackDocument, StationDocument
from optimizer.document_parts import Series, WholeSeries
from optimizer.series import SeriesReader
from optimizer.study_document import VariantDocument

SERIES = ("grid_limit_kw", "base_load_kw", "solar_kw", "ready_reserve")
NO_PRICE = 0.0


@dataclass(frozen=True)
class StudyTariff:
    """A tariff under its name in the study, demand charges weighted as the study says."""

    id: str
    tariff: Tariff


@dataclass(frozen=True)
class Study:
    """What is compared. `day`: the instance's own horizon, one day long; `drivers[station]`: swaps of that day by
    slot, or None where `log` has the drivers of every night, by station."""

    name: str
    currency: str
    folder: Path
    day: Horizon
    pack_types: Mapping[str, PackType]
    stations: tuple[StationDocument, ...]
    first_night: date
    nights: int
    tariffs: tuple[StudyTariff, ...]
    variants: tuple[VariantDocument, ...]
    drivers: Mapping[str, tuple[Swap, ...]] | None
    log: Mapping[str, Sequence[tuple[datetime, Swap]]]

    @property
    def zone(self) -> ZoneInfo:
        """The local clock."""
        return self.day.zone

    def date_of(self, night: int) -> date:
        """The local date on which a night begins."""
        return self.first_night + timedelta(days=night)

    def horizon(self, night: int) -> Horizon:
        """From the clock time at which the instance begins to the same on the next day: 92 to 100 quarter-hours."""
        start, end = self._begin(night), self._begin(night + 1)
        slots = (end - start) // timedelta(minutes=self.day.slot_minutes)
        return Horizon(start, self.day.time_zone, self.day.slot_minutes, slots)

    def _begin(self, night: int) -> datetime:
        minute = self._first_minute
        clock = time(minute // 60, minute % 60)
        return datetime.combine(self.date_of(night), clock, self.zone).astimezone(UTC)

    @cached_property
    def _first_minute(self) -> int:
        return local_minute(self.day.start, self.zone).minute

    @cached_property
    def _slot_of_minute(self) -> dict[int, int]:
        """The instance's slot by local minute of the day."""
        slots = range(self.day.slots)
        return {local_minute(self.day.slot_start(t), self.zone).minute: t for t in slots}

    def night(self, station: int, variant: VariantDocument, night: int) -> Night:
        """The station's night, with the instance's packs and no price yet. Raises InvalidData."""
        horizon = self.horizon(night)
        minutes = [local_minute(horizon.slot_start(t), self.zone).minute for t in range(horizon.slots)]
        own_slot = [self._slot_of_minute[minute] for minute in minutes]
        document = _changed(self.stations[station], variant, own_slot)
        free = Tariff(document.tariff, energy_price_per_kwh=(NO_PRICE,) * horizon.slots)
        shared = Shared(SeriesReader(self.folder, horizon), self.pack_types, {document.tariff: free})
        built = build_night(document, shared)
        assert built is not None  # there is a horizon
        swaps = grown(self._swaps(document.id, horizon, own_slot), variant.demand_growth)
        return replace(built, station=replace(built.station, swaps=swaps))

    def _swaps(self, station: str, horizon: Horizon, own_slot: Sequence[int]) -> list[Swap]:
        if self.drivers is not None:
            first = {slot: t for t, slot in reversed(list(enumerate(own_slot)))}  # an hour that comes twice counts once
            return [replace(s, slot=first[s.slot]) for s in self.drivers[station] if s.slot in first]
        at = ((horizon.slot_at(instant), swap) for instant, swap in self.log.get(station, ()))
        return [replace(swap, slot=slot) for slot, swap in at if slot is not None]


def grown(swaps: Sequence[Swap], growth: float) -> tuple[Swap, ...]:
    """A share more drivers, or less: every so many-th comes twice, or not at all. In order of time."""
    in_time = sorted(swaps, key=lambda swap: swap.slot)
    found: list[Swap] = []
    for n, swap in enumerate(in_time):
        copies = int((n + 1) * (1 + growth) + 0.5) - int(n * (1 + growth) + 0.5)
        found += [swap if copy == 0 else replace(swap, id=f"{swap.id}+{copy}") for copy in range(copies)]
    return tuple(found)


def _changed(document: StationDocument, variant: VariantDocument, own_slot: Sequence[int]) -> StationDocument:
    """The station of a variant on a night's slots, without drivers and without what was known of a month."""
    given = document.chargers
    packs = document.packs if variant.packs is None else _so_many(document.packs, variant.packs)
    bays = document.bays if variant.packs is None else max(variant.packs, 1)
    count = given.count if variant.chargers is None else variant.chargers
    if variant.chargers is None and variant.packs is not None and count is not None:
        count = min(count, bays)
    max_kw = given.max_kw if variant.charger_kw is None else variant.charger_kw
    limit = document.grid_limit_kw if variant.grid_limit_kw is None else variant.grid_limit_kw
    changed = structs.replace(
        document,
        bays=bays,
        packs=packs,
        chargers=structs.replace(given, count=count, max_kw=max_kw),
        grid_limit_kw=limit,
        peak_so_far_kw={},
        energy_so_far_kwh={},
        lookback_peak_kw={},
        swaps=(),
        forecast=(),
    )
    return structs.replace(changed, **{name: _on_slots(getattr(changed, name), own_slot) for name in SERIES})


def _so_many(packs: Sequence[PackDocument], count: int) -> tuple[PackDocument, ...]:
    """The first packs of the station, or more of the same, one after the other."""
    own = [(packs[n % len(packs)], n // len(packs)) for n in range(len(packs), count)]
    more = (structs.replace(pack, id=f"{pack.id}+{turn}") for pack, turn in own)
    return (*packs[:count], *more)


def _on_slots(series: Series | WholeSeries, own_slot: Sequence[int]) -> Series | WholeSeries:
    """A list goes by the local clock; numbers and CSV files need no change."""
    return tuple(series[slot] for slot in own_slot) if isinstance(series, tuple) else series
