"""A network's night: stations, their packs and chargers, and the drivers who will come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from types import MappingProxyType
from typing import Literal

from models.errors import Problem, refuse
from models.horizon import Horizon
from models.rules import number_in, number_or_series, series, unique
from models.station.bays.bay import Bay, bay_of_each, bay_problems
from models.station.bays.plannable import is_plannable, plannable
from models.station.demand.expected import ExpectedSwaps
from models.station.must_serve_cost import must_serve_cost
from models.station.overload import excess_kw, raised_limit_kw, stated_kw
from models.station.pack_type import PackType
from models.station.packs.meter import without_hairs
from models.station.packs.pack import Pack
from models.station.packs.temperature import TypesByPack, problems_of_temperatures
from models.station.swap import RETURN_PREFIX, Swap, returned_pack_id, swap_id_problems
from models.tariff.month_so_far import month_problems
from models.tariff.series import MeteredDemand, TariffSeries, TieredEnergy, slot_prices, tariff_on
from models.tariff.tariff import Tariff
from models.tariff.tier_use import rate_so_far
from models.tolerances import TRICKLE_KWH

__all__ = [
    "CHARGER_MODES",
    "NOTHING",
    "RETURN_PREFIX",
    "Bay",
    "Chargers",
    "Instance",
    "Night",
    "Pack",
    "Series",
    "Station",
    "Swap",
    "night_problems",
    "returned_pack_id",
    "unknown_type",
]

Series = tuple[float, ...]
CHARGER_MODES = ("continuous", "on_off")
NOTHING: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True)
class Chargers:
    """`count` equal chargers; `efficiency` is η, grid to pack, so a pack at p kW draws p/η."""

    count: int
    max_kw: float
    efficiency: float
    min_kw: float = 0.0
    mode: Literal["continuous", "on_off"] = "continuous"

    def __post_init__(self) -> None:
        refuse(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from number_in("count", self.count, 1)
        yield from number_in("max_kw", self.max_kw, 0, above_low=True)
        yield from number_in("min_kw", self.min_kw, 0)
        if self.min_kw > self.max_kw:
            yield Problem("min_kw", self.min_kw, f"must not be above max_kw ({self.max_kw:g})", "lower one of the two")
        remedy = f"write {self.efficiency / 100:g} for {self.efficiency:g} %" if 1 < self.efficiency <= 100 else ""
        yield from number_in("efficiency", self.efficiency, 0, 1, remedy, above_low=True)
        if self.mode not in CHARGER_MODES:
            yield Problem("mode", self.mode, f"must be one of {', '.join(CHARGER_MODES)}", "continuous is the default")


@dataclass(frozen=True)
class Station:
    """A station: bays that hold packs, chargers, a grid connection, a tariff. All series have one value a slot.

    `plug_changes_max`, `plug_change_cost`: for all boundaries, or one value a slot, for the boundary before it; there
    is none before slot 0. `temperature_c`: of the packs that state none of their own, and of those that drivers bring.
    `grid_limit_is`: kept at every moment (models/station/at_once.py), or by the average of a slot.
    `bay_list`: what is known of each bay; empty: they have numbers only, and all of them have chargers. `fixed_cost`:
    currency that no plan changes, only in `Night.by_pack`: of packs and swaps that are left out there.
    `stated_limit_kw`: set by Night alone, see models.station.overload. `expected`: the forecasts that swaps stand for.
    """

    id: str
    bays: int
    chargers: Chargers
    grid_limit_kw: Series
    tariff: Tariff
    packs: tuple[Pack, ...]
    swaps: tuple[Swap, ...]
    base_load_kw: Series
    solar_kw: Series
    ready_reserve: tuple[int, ...]
    reserve_cost: float = 0.0
    peak_so_far_kw: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    turnaround_slots: int = 0
    plug_changes_max: int | tuple[int, ...] | None = None
    plug_change_cost: float | Series = 0.0
    energy_so_far_kwh: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    lookback_peak_kw: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    temperature_c: float | None = None
    grid_limit_is: Literal["every_moment", "average"] = "every_moment"
    bay_list: tuple[Bay, ...] = ()
    fixed_cost: float = 0.0
    stated_limit_kw: Series = ()
    expected: tuple[ExpectedSwaps, ...] = ()

    @cached_property
    def bay_numbers(self) -> tuple[int, ...]:
        """The number of each pack's bay at the start, in the order of `packs`."""
        return bay_of_each(self.packs, self.bays, self.bay_list)

    def bay_label(self, number: int) -> int | str:
        """What plans call a bay: its name, or its number where bays have no names."""
        return self.bay_list[number].name if self.bay_list else number

    def bay_number(self, label: int | str) -> int:
        """The number of the bay that plans call `label`; −1: there is none."""
        labels = [self.bay_label(number) for number in range(self.bays)]
        return labels.index(label) if label in labels else -1

    def has_charger(self, bay: int) -> bool:
        """Can a pack in this bay be charged?"""
        return not self.bay_list or self.bay_list[bay].charger

    @cached_property
    def packs_at_chargers(self) -> int:
        """Packs in bays with a charger: so many can charge at once at the most, however the night goes."""
        return sum(map(self.has_charger, self.bay_numbers)) if self.bay_list else len(self.packs)

    @property
    def has_packs_without_charger(self) -> bool:
        """Do packs stand in bays without charger?"""
        return self.packs_at_chargers < len(self.packs)

    @property
    def counts_plug_changes(self) -> bool:
        """Does a plug change cost something, or is their number limited?"""
        return self.plug_changes_max is not None or self.plug_changes_cost

    @property
    def plug_changes_cost(self) -> bool:
        """Does a plug change cost something at any boundary?"""
        cost = self.plug_change_cost
        return any(cost) if isinstance(cost, tuple) else cost > 0

    def most_plug_changes(self, slot: int) -> int | None:
        """Most plug changes at the boundary before `slot`; None: no limit."""
        most = self.plug_changes_max
        return most[slot] if isinstance(most, tuple) else most

    def cost_of_plug_change(self, slot: int) -> float:
        """Currency that a plug change at the boundary before `slot` costs."""
        cost = self.plug_change_cost
        return cost[slot] if isinstance(cost, tuple) else cost

    @property
    def needs_switches(self) -> bool:
        """Does any rule ask whether a pack charges at all, and not only how much?"""
        return self.chargers.count < self.packs_at_chargers or self.chargers.min_kw > 0 or self.switches_count

    @property
    def switches_count(self) -> bool:
        """Does any such rule ask for more than how many packs charge and a least power?"""
        return self.chargers.mode == "on_off" or self.counts_plug_changes


@dataclass(frozen=True)
class Night:
    """One station on one horizon: the unit that is planned, checked and billed. Raises InvalidData.

    Places in its problems are relative to the station.
    """

    horizon: Horizon
    pack_types: Mapping[str, PackType]
    station: Station

    def __post_init__(self) -> None:
        refuse(night_problems(self))
        station, horizon = self.station, self.horizon
        kinds = self.pack_types
        needs_kwh = {kind: {self.needed_kwh(swap) for swap in station.swaps if swap.type == kind} for kind in kinds}
        power = station.chargers.max_kw, horizon.slot_hours, horizon.slots
        packs, swaps = without_hairs(kinds, needs_kwh, power, station.packs, station.swaps)
        if packs is not station.packs or swaps is not station.swaps:
            station = replace(station, packs=packs, swaps=swaps)
        if (raised_kw := raised_limit_kw(station)) is not None:
            station = replace(station, grid_limit_kw=raised_kw, stated_limit_kw=stated_kw(station))
        if station is not self.station:
            object.__setattr__(self, "station", station)

    @cached_property
    def tariff_series(self) -> TariffSeries:
        """The station's tariff on the night's slots."""
        return tariff_on(self.station.tariff, self.horizon)

    @cached_property
    def by_pack(self) -> Night:
        """The night as formulations see it: each swap of several packs as that many swaps of one, `part_of` it, which
        share its lost cost; only packs that are usable; swaps that must be served at a lost cost beyond all others.

        Its plans are the night's where all parts of a swap are served or none: see `models.station.parts`. The night
        itself where it has nothing of this.
        """
        station = self.station
        if is_plannable(station.packs, station.swaps):
            return self
        seen = plannable(
            station.packs, station.bay_numbers, station.swaps, self._worth_at_start, lambda: must_serve_cost(self)
        )
        return replace(
            self,
            station=replace(
                station, packs=seen.packs, swaps=seen.swaps, fixed_cost=station.fixed_cost + seen.fixed_cost
            ),
        )

    def _worth_at_start(self, pack: Pack) -> float:
        """What a pack that is never charged is worth at the end."""
        kind = self.pack_types[pack.type]
        return self.end_value_per_kwh(kind) * min(kind.target_kwh, pack.soc * kind.capacity_kwh)

    @cached_property
    def parts_by_swap(self) -> Mapping[str, tuple[str, ...]]:
        """The parts of each swap of several packs, by its id, be this the night itself or its `by_pack`."""
        parts: dict[str, list[str]] = {}
        for part in self.by_pack.station.swaps:
            if part.part_of is not None:
                parts.setdefault(part.part_of, []).append(part.id)
        return {swap: tuple(ids) for swap, ids in parts.items()}

    @property
    def reach_full_kwh(self) -> float:
        """Energy a pack gains in one slot at the charger's full power."""
        return self.station.chargers.max_kw * self.horizon.slot_hours

    @property
    def charging_kw(self) -> float:
        """Where plug changes count, a pack that takes more than this in a slot is plugged: a trickle is not enough."""
        return TRICKLE_KWH / self.horizon.slot_hours

    def kind_of(self, pack: str, kind: str) -> PackType:
        """The type `kind` of a pack, with the one acceptance curve that it has at the pack's temperature."""
        return self.types_by_pack.of(pack, kind) if self.pack_types[kind].acceptance_at_c else self.pack_types[kind]

    @cached_property
    def types_by_pack(self) -> TypesByPack:
        """Pack types at the temperatures of packs."""
        return TypesByPack(self.pack_types, self.station)

    def end_value_per_kwh(self, kind: PackType) -> float:
        """The type's own end value, or what buying the energy back would cost at the night's cheapest price.

        Never below 0 unless asked for: a moment of negative prices does not make what packs hold a burden.
        """
        if kind.end_value_per_kwh is not None:
            return kind.end_value_per_kwh
        return max(0.0, self._cheapest_per_kwh) / self.station.chargers.efficiency

    @cached_property
    def _cheapest_per_kwh(self) -> float:
        """The cheapest slot's price, with what tiers add to it at the month's kWh so far."""
        return min(slot_prices(self.tariff_series, partial(rate_so_far, self)))

    def demand_floor_kw(self, demand: MeteredDemand) -> float:
        """What is billed whatever is drawn tonight: the month's peak so far, or the share of an earlier month's.

        To a second month, the first one is an earlier month, with the peak that it had before the night.
        """
        so_far_kw = self.station.peak_so_far_kw.get(demand.name, 0.0)
        earlier_kw = self.station.lookback_peak_kw.get(demand.name, 0.0)
        if demand.looks_at_first:
            earlier_kw = max(earlier_kw, so_far_kw)
        return max(so_far_kw if demand.is_first else 0.0, demand.ratchet_share * earlier_kw)

    def energy_so_far_kwh(self, tiers: TieredEnergy) -> float:
        """The month's kWh that count for these tiers before the night."""
        return self.station.energy_so_far_kwh.get(tiers.name, 0.0) if tiers.is_first else 0.0

    def needed_kwh(self, swap: Swap) -> float:
        """Least energy of the pack handed over to `swap`."""
        kind = self.pack_types[swap.type]
        return kind.swap_kwh if swap.swap_soc is None else swap.swap_soc * kind.capacity_kwh

    def overloaded_slots(self) -> list[int]:
        """Slots in which base load, less all the solar power, exceeds the limit of the file: nothing is charged."""
        return list(excess_kw(self.station))

    def base_load_fits(self) -> bool:
        """Does the base load fit the limit of the file in every slot?"""
        return not self.overloaded_slots()

    def can_be_planned(self) -> bool:
        """Is there a slot in which more than the base load can be drawn? The base load may exceed the limit in all."""
        return len(self.overloaded_slots()) < self.horizon.slots


@dataclass(frozen=True)
class Instance:
    """A network, what one file holds: stations that share a horizon, tariffs and pack types but no constraint."""

    name: str
    currency: str
    nights: tuple[Night, ...]

    def __post_init__(self) -> None:
        if not self.nights:
            refuse([Problem("stations", [], "must name at least one station", "add a station")])
        refuse(unique("stations", [night.station.id for night in self.nights], "station"))


def night_problems(night: Night) -> Iterator[Problem]:
    """Problems of a station that only show when its parts are seen together."""
    station, slots = night.station, night.horizon.slots
    yield from _station_number_problems(station)
    yield from series("grid_limit_kw", station.grid_limit_kw, slots, 0)
    yield from series("base_load_kw", station.base_load_kw, slots, 0)
    yield from series("solar_kw", station.solar_kw, slots, 0)
    yield from series("ready_reserve", station.ready_reserve, slots, 0)
    yield from number_or_series("plug_changes_max", station.plug_changes_max, slots, 0)
    yield from number_or_series("plug_change_cost", station.plug_change_cost, slots, 0)
    so_far = (station.peak_so_far_kw, station.lookback_peak_kw, station.energy_so_far_kwh)
    yield from month_problems(station.tariff, *so_far)
    yield from _pack_problems(night)
    yield from problems_of_temperatures(night.pack_types, station)
    yield from swap_id_problems(station.swaps)
    for index, one in enumerate(station.expected):
        yield from series(f"expected[{index}].mean_per_slot", one.mean_per_slot, slots, 0)
    for index, swap in enumerate(station.swaps):
        for problem in _swap_problems(night, swap):
            yield problem.inside(f"swaps[{index}]")


def _station_number_problems(station: Station) -> Iterator[Problem]:
    yield from number_in("bays", station.bays, 1)
    yield from number_in("reserve_cost", station.reserve_cost, 0)
    yield from number_in("turnaround_slots", station.turnaround_slots, 0)
    if station.chargers.count > station.bays >= 1:
        yield Problem(
            "chargers.count", station.chargers.count, f"must not be above bays ({station.bays})",
            "a charger serves a pack in a bay",
        )  # fmt: skip
    if any(station.ready_reserve) and station.reserve_cost == 0:
        yield Problem(
            "reserve_cost", 0, "must be above 0 where ready_reserve asks for packs",
            "say what a missing ready pack costs for a slot",
        )  # fmt: skip


def _pack_problems(night: Night) -> Iterator[Problem]:
    packs = night.station.packs
    yield from unique("packs", [pack.id for pack in packs], "pack")
    yield from bay_problems(packs, night.station.bays, night.station.bay_list)
    for index, pack in enumerate(packs):
        if pack.type not in night.pack_types:
            yield unknown_type(f"packs[{index}].type", pack.type, night.pack_types)
        if pack.id.startswith(RETURN_PREFIX):
            yield Problem(
                f"packs[{index}].id", pack.id, f"must not start with {RETURN_PREFIX!r}",
                "plans name the packs that drivers bring this way",
            )  # fmt: skip


def _swap_problems(night: Night, swap: Swap) -> Iterator[Problem]:
    if not 0 <= swap.slot < night.horizon.slots:
        yield Problem(
            "slot", swap.slot, f"must be between 0 and {night.horizon.slots - 1}", "slots count from 0"
        )  # fmt: skip
    kind = night.pack_types.get(swap.type)
    if kind is None:
        yield unknown_type("type", swap.type, night.pack_types)
    elif swap.swap_soc is not None and kind.target_soc < swap.swap_soc <= 1:
        yield Problem(
            "swap_soc", swap.swap_soc, f"must not be above the type's target_soc ({kind.target_soc:g})",
            "no pack is charged further than its target",
        )  # fmt: skip
    if swap.pack is not None:
        yield from _wanted_pack_problems(night.station, swap, swap.pack)


def _wanted_pack_problems(station: Station, swap: Swap, wanted: str) -> Iterator[Problem]:
    pack = next((p for p in station.packs if p.id == wanted), None)
    if pack is None:
        yield Problem("pack", wanted, "is not a pack of this station", "name one of its packs, or leave it out")
    elif pack.type != swap.type:
        yield Problem(
            "pack", wanted, f"is of type {pack.type!r}, the swap asks for {swap.type!r}", "correct one of the two"
        )


def unknown_type(place: str, value: str, pack_types: Mapping[str, PackType]) -> Problem:
    """The problem of a pack type that is not among `pack_types`."""
    remedy = f"its pack types: {', '.join(pack_types) or 'none'}"
    return Problem(place, value, "is not a pack type of this file", remedy)
