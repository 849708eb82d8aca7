"""A study as the programme holds it: stations × nights × tariffs × variants, and the night of each."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from msgspec import structs

from models.errors import InvalidData, Problem
from models.horizon import Horizon, local_minute
from models.station.carry_over.carried_out import beginning, unlike
from models.station.demand.expected import ExpectedSwaps
from models.station.drawn_days import DrawnDays
from models.station.instance import Night, Swap
from models.station.pack_type import PackType
from models.tariff.billing_year import Month
from models.tariff.part_of_month import month_share, next_month
from models.tariff.series import surcharge_per_kwh
from models.tariff.tariff import Tariff
from optimizer.formats.build_station import Shared, build_night
from optimizer.formats.document_types import Series, WholeSeries
from optimizer.formats.instance_document import PackDocument, StationDocument
from optimizer.formats.series_reader import SeriesReader
from optimizer.formats.study_document import VariantDocument
from optimizer.formats.tariff_parts.rate_terms import NO_TERMS, RateTerms
from optimizer.studies.real_days import RealDays, drawn_day, logged_day, on_slots

SERIES = ("grid_limit_kw", "base_load_kw", "solar_kw", "ready_reserve")
NO_PRICE = 0.0


@dataclass(frozen=True)
class StudyTariff:
    """A tariff under its name in the study, demand charges weighted as the study says. `terms`: whom it is for."""

    id: str
    tariff: Tariff
    terms: RateTerms = NO_TERMS


def energy_part(tariff: Tariff) -> tuple[Tariff, float]:
    """The tariff without its name and without what demand, days, months and years cost; and what the expected classes
    of its yearly charges add to each kWh. Demand charges stay whose highest averages stretch energy tiers."""
    stretching = {group.per_kw_of for group in tariff.energy_tiers}
    demand = tuple(charge for charge in tariff.demand_charges if charge.name in stretching)
    bare = replace(tariff, id="", demand_charges=demand, fixed_charges=(), minimum_charges=(), fixed_charge_per_day=0.0)
    return bare, surcharge_per_kwh(tariff)


@dataclass(frozen=True)
class Study:
    """What is compared. `day`: the instance's own horizon, one day long; `drivers[station]`: swaps of that day by
    slot, or None where `log` has the drivers of every night, by station. `real`: nights are planned from the forecasts
    `expected` of that day, and go otherwise; None: as planned.

    `numbers`: of the stations in the instance, where it has others, too: their drawn days go by them.
    """

    name: str
    currency: str
    folder: Path
    day: Horizon
    pack_types: Mapping[str, PackType]
    stations: tuple[StationDocument, ...]
    first_night: date
    nights: int
    first_minute: int
    look_ahead_slots: int
    tariffs: tuple[StudyTariff, ...]
    variants: tuple[VariantDocument, ...]
    drivers: Mapping[str, tuple[Swap, ...]] | None
    log: Mapping[str, Sequence[tuple[datetime, Swap]]]
    real: RealDays | None = None
    expected: Mapping[str, tuple[ExpectedSwaps, ...]] = field(default_factory=dict)
    numbers: tuple[int, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The local clock."""
        return self.day.zone

    def date_of(self, night: int) -> date:
        """The local date on which a night begins."""
        return self.first_night + timedelta(days=night)

    @cached_property
    def month_shares(self) -> dict[Month, float]:
        """The share of each billing month that the nights are; 1 where they are all of it."""
        start, end = self.horizon(0).start, self.horizon(self.nights - 1).end
        first, last = start.astimezone(self.zone), (end - timedelta(minutes=1)).astimezone(self.zone)
        month, shares = (first.year, first.month), dict[Month, float]()
        while month <= (last.year, last.month):
            shares[month] = month_share(start, end, self.zone, month)
            month = next_month(month)
        return shares

    @property
    def months_in_part(self) -> dict[Month, float]:
        """Billing months of which the nights are a part: what is charged by the month counts for that share only."""
        return {month: share for month, share in self.month_shares.items() if share < 1}

    def horizon(self, night: int) -> Horizon:
        """From the clock time at which nights begin to the same on the next day: 92 to 100 quarter-hours.

        Raises InvalidData on a day whose length is no whole number of slots.
        """
        start, slot = self._begin(night), timedelta(minutes=self.day.slot_minutes)
        slots, rest = divmod(self._begin(night + 1) - start, slot)
        if rest:
            rule = f"is no whole number of slots of {self.day.slot_minutes} minutes: the clock changes then"
            remedy = "take an instance with shorter slots, or other nights"
            raise InvalidData([Problem("nights", f"{self.date_of(night)}", rule, remedy)])
        return Horizon(start, self.day.time_zone, self.day.slot_minutes, slots)

    def horizon_ahead(self, night: int) -> Horizon:
        """The night and what its plan looks ahead at, which ends with the study's last night at the latest."""
        own = self.horizon(night)
        if night + 1 == self.nights:
            return own
        more = min(self.look_ahead_slots, self.horizon(night + 1).slots)
        return Horizon(own.start, own.time_zone, own.slot_minutes, own.slots + more)

    def _begin(self, night: int) -> datetime:
        return self._instant(night, self.first_minute)

    def _instant(self, night: int, minute: int) -> datetime:
        """A minute of the local day on which a night begins. What falls into an hour that the clock leaves out comes
        an hour later, what falls into one that comes twice comes in the first."""
        clock = time(minute // 60, minute % 60)
        return datetime.combine(self.date_of(night), clock, self.zone).astimezone(UTC)

    @cached_property
    def _slot_of_minute(self) -> dict[int, int]:
        """The instance's slot by local minute of the day."""
        slots = range(self.day.slots)
        return {local_minute(self.day.slot_start(t), self.zone).minute: t for t in slots}

    def night(self, station: int, variant: VariantDocument, night: int) -> Night:
        """The station's night and what lies ahead of it, with the instance's packs and no price yet.

        Raises InvalidData.
        """
        horizon = self.horizon_ahead(night)
        minutes = (local_minute(horizon.slot_start(t), self.zone).minute for t in range(horizon.slots))
        own_slot = [self._slot_of_minute[minute] for minute in minutes]
        document = _changed(self.stations[station], variant, own_slot)
        free = Tariff(document.tariff, energy_price_per_kwh=(NO_PRICE,) * horizon.slots)
        shared = Shared(SeriesReader(self.folder, horizon), self.pack_types, {document.tariff: free})
        built = build_night(document, shared)
        assert built is not None  # there is a horizon
        swaps = self._drivers(document.id, night, variant.demand_growth)
        if ahead := horizon.slots - self.horizon(night).slots:
            later = self._drivers(document.id, night + 1, variant.demand_growth)
            taken = {swap.id for swap in swaps}
            swaps += tuple(_on_next_day(swap, horizon.slots - ahead, taken) for swap in later if swap.slot < ahead)
        forecast = () if self.real is None else self.expected[document.id]
        expected = on_slots(forecast, own_slot, variant.demand_growth)
        return replace(built, station=replace(built.station, swaps=swaps, expected=expected))

    def station_of(self, station: int, variant: VariantDocument) -> StationDocument:
        """The station as a variant has it on the instance's day, without drivers."""
        return _changed(self.stations[station], variant, range(self.day.slots))

    def real_day(self, station: int, variant: VariantDocument, night: int) -> DrawnDays | None:
        """The drivers of forecasts who really come in the night; None where all come as planned. Raises InvalidData."""
        if self.real is None:
            return None
        own = beginning(self.night(station, variant, night), self.horizon(night).slots)
        if self.real.days == "drawn":
            return drawn_day(own, self.real.seed, self.numbers[station] if self.numbers else station, night)
        logged = self._logged(self.stations[station].id, own.horizon)
        return logged_day(own, grown(logged, variant.demand_growth))

    def _drivers(self, station: str, night: int, growth: float) -> tuple[Swap, ...]:
        return grown(self._swaps(station, night, self.horizon(night)), growth)

    def _swaps(self, station: str, night: int, horizon: Horizon) -> list[Swap]:
        if self.drivers is not None:
            return [replace(swap, slot=self._slot(swap.slot, night, horizon)) for swap in self.drivers[station]]
        return self._logged(station, horizon)

    def _logged(self, station: str, horizon: Horizon) -> list[Swap]:
        rows = self.log.get(station, ())
        first, end = (bisect_left(rows, at, key=lambda row: row[0]) for at in (horizon.start, horizon.end))
        return [replace(swap, slot=horizon.slot_at(at) or 0) for at, swap in rows[first:end]]

    def _slot(self, own_slot: int, night: int, horizon: Horizon) -> int:
        """The night's slot at the clock time of one of the instance's."""
        minute = local_minute(self.day.slot_start(own_slot), self.zone).minute
        at = self._instant(night + (minute < self.first_minute), minute)
        slot = (at - horizon.start) // timedelta(minutes=horizon.slot_minutes)
        return min(max(0, slot), horizon.slots - 1)  # nights may begin at an hour that the clock leaves out


def _on_next_day(swap: Swap, slots: int, taken: Collection[str]) -> Swap:
    return replace(swap, id=unlike(f"{swap.id}, next day", taken), slot=slots + swap.slot)


def grown(swaps: Sequence[Swap], growth: float) -> tuple[Swap, ...]:
    """A share more drivers, or less: every so many-th comes twice, or not at all. In order of time."""
    taken = {swap.id for swap in swaps}
    found: list[Swap] = []
    for n, swap in enumerate(sorted(swaps, key=lambda swap: swap.slot)):
        copies = int((n + 1) * (1 + growth) + 0.5) - int(n * (1 + growth) + 0.5)
        found += [swap if copy == 0 else replace(swap, id=_another(swap.id, copy, taken)) for copy in range(copies)]
    return tuple(found)


def _another(name: str, number: int, taken: Collection[str]) -> str:
    """The name of a copy, unlike the names of all originals."""
    return unlike(f"{name}+{number}", taken)


def _changed(document: StationDocument, variant: VariantDocument, own_slot: Sequence[int]) -> StationDocument:
    """The station of a variant on a night's slots, without drivers and without what was known of a month."""
    given = document.chargers
    packs = document.packs if variant.packs is None else _so_many(document.packs, variant.packs)
    bays = document.bays if variant.packs is None else max(variant.packs, 1)
    bay_count = bays if isinstance(bays, int) else len(bays)
    count = given.count if variant.chargers is None else variant.chargers
    if variant.chargers is None and variant.packs is not None and count is not None:
        count = min(count, bay_count)
    max_kw = given.max_kw if variant.charger_kw is None else variant.charger_kw
    limit = document.grid_limit_kw if variant.grid_limit_kw is None else variant.grid_limit_kw
    changed = structs.replace(
        document,
        bays=bays,
        packs=packs,
        chargers=structs.replace(given, count=count, max_kw=max_kw),
        grid_limit_kw=limit,
        ready_reserve=document.ready_reserve if variant.ready_reserve is None else variant.ready_reserve,
        peak_so_far_kw={},
        energy_so_far_kwh={},
        lookback_peak_kw={},
        swaps=(),
        forecast=(),
    )
    return structs.replace(changed, **{name: _on_slots(getattr(changed, name), own_slot) for name in SERIES})


def _so_many(packs: Sequence[PackDocument], count: int) -> tuple[PackDocument, ...]:
    """The first packs of the station, or more of the same, one after the other."""
    taken = {pack.id for pack in packs}
    own = [(packs[n % len(packs)], n // len(packs)) for n in range(len(packs), count)]
    more = (structs.replace(pack, id=_another(pack.id, turn, taken)) for pack, turn in own)
    return tuple(structs.replace(pack, bay=None) for pack in (*packs[:count], *more))


def _on_slots(series: Series | WholeSeries, own_slot: Sequence[int]) -> Series | WholeSeries:
    """A list goes by the local clock; numbers and CSV files need no change."""
    return tuple(series[slot] for slot in own_slot) if isinstance(series, tuple) else series
