"""Random instances of a family, by its recipe: one station with packs, drivers and grid connection.

The same seed gives the same bytes on every machine: all is drawn with `random.Random.random`, which Python keeps
stable, and rounded.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from statistics import NormalDist
from types import MappingProxyType
from typing import Any

from optimizer.formats.instance_document import FORMAT
from optimizer.generate import published_facts as facts
from optimizer.generate.published_facts import PackKind

PACKS = {pack.id: pack for pack in facts.PACKS}
PACKS["bus-170"] = PackKind("bus-170", 170, 0.95, 0.9, 105, 12, "all assumed: energy of a round trip of 100 km")
PACKS["choco-42"] = PackKind("choco-42", 42, 0.95, 0.9, 27, 5, "42 kWh: CATL Choco-SEB; the rest assumed")
PACKS["choco-70"] = PackKind("choco-70", 70, 0.95, 0.9, 44, 8, "70 kWh: CATL Choco-SEB; the rest assumed")
PACKS["block-171"] = PackKind("block-171", 171, 0.95, 0.85, 105, 22, "171 kWh: CATL truck block; the rest assumed")
PACKS["truck-350"] = PackKind("truck-350", 350, 0.95, 0.85, 225, 45, "350 kWh: heavy-truck pack; the rest assumed")

HOURS = 24
ONE_IN_TWENTY = 1.645  # standard deviations that one of twenty normal numbers exceeds
GRID_STEP_KW = 5  # to which grid limits are rounded
WEDNESDAY = datetime.fromisoformat("2026-11-25T00:00:00+08:00")


@dataclass(frozen=True)
class InstanceSize:
    """A step of a ladder: packs of the station, slots of the horizon and their length, drivers in all."""

    packs: int
    slots: int
    slot_minutes: int
    swaps: int

    @property
    def slot_hours(self) -> float:
        """Length of a slot in hours."""
        return self.slot_minutes / 60


LADDER: Mapping[str, InstanceSize] = MappingProxyType(
    {
        "xs": InstanceSize(packs=4, slots=24, slot_minutes=60, swaps=8),
        "s": InstanceSize(packs=6, slots=48, slot_minutes=30, swaps=16),
        "m": InstanceSize(packs=13, slots=96, slot_minutes=15, swaps=42),
        "l": InstanceSize(packs=24, slots=96, slot_minutes=15, swaps=110),
    }
)


@dataclass(frozen=True)
class Locale:
    """Where and when: currency, time zone and first instant of the horizon."""

    currency: str = "CNY"
    time_zone: str = "Asia/Shanghai"
    start: datetime = WEDNESDAY


@dataclass(frozen=True)
class Recipe:
    """What a family's instances are drawn from.

    `tariff`: the tariff's object in the file, drawn for a scale. `reach`: the grid connection, as a multiple of the
    least power with which the drivers' energy could be charged in time; below 1 drivers must be lost; from 1 on,
    it also carries `grid_share` of all bays' power. `pack_types`: from the most to the least common, each half as
    common as the one before. `of_pack_types`: further keys of all of them. `of_chargers`, `of_station`: further keys
    by scale. `peak_so_far`: the month's peak, times the mean load. `packs_of_swap`: what each driver takes at once, or
    `packs_drawn`: one of these numbers. `per_hour`: how many drivers come in each local hour, in any unit, in place of
    private drivers and fleets. `reserve_hours`: packs are kept ready for drivers beyond the expected ones: as many as
    come in so many hours beyond their mean once in twenty times (Poisson, as normal); a third of the packs at most.
    """

    tariff: Callable[[Random, InstanceSize], dict[str, Any]]
    reach: float = 1.6
    grid_share: float = 0.35
    pack_types: tuple[str, ...] = ("nio-100",)
    of_pack_types: Mapping[str, Any] = field(default_factory=dict)
    charger_kw: float = 60.0
    efficiency: float = 0.95
    base_kw: float = 8.0
    lost_cost: float = 100.0
    of_chargers: Callable[[InstanceSize], dict[str, Any]] = lambda scale: {}
    of_station: Callable[[InstanceSize], dict[str, Any]] = lambda scale: {}
    peak_so_far: float = 0.0
    fleet_share: float = 0.3
    packs_of_swap: int = 1
    packs_drawn: tuple[int, ...] = ()
    per_hour: tuple[int, ...] | None = None
    reserve_hours: float = 0.0
    clock: Locale = field(default_factory=Locale)


def draw_instance(recipe: Recipe, scale: InstanceSize, draw: Random, name: str, what: str) -> dict[str, Any]:
    """An instance document of one station; `what` says how it was made."""
    types = _types_of_packs(recipe, scale.packs)
    packs = [_pack(draw, number, kind) for number, kind in enumerate(types, start=1)]
    swaps = [_swap(draw, slot, types, recipe) for slot in _slots(draw, recipe, scale)]
    tariff = recipe.tariff(draw, scale)
    return {
        "format": FORMAT,
        "version": 1,
        "name": name,
        "currency": recipe.clock.currency,
        "sources": {"what": what, "all": "drawn from published facts and assumptions: instances/README.md"},
        "horizon": {
            "start": recipe.clock.start.isoformat(),
            "time_zone": recipe.clock.time_zone,
            "slot_minutes": scale.slot_minutes,
            "slots": scale.slots,
        },
        "pack_types": [_pack_type(PACKS[kind], recipe) for kind in recipe.pack_types],
        "tariffs": [tariff],
        "stations": [_station(recipe, scale, tariff, packs, swaps)],
    }


def _pack_type(kind: PackKind, recipe: Recipe) -> dict[str, Any]:
    kept = ("id", "capacity_kwh", "target_soc", "swap_soc")
    return {name: asdict(kind)[name] for name in kept} | dict(recipe.of_pack_types) | {"sources": {"all": kind.source}}


def _station(
    recipe: Recipe,
    scale: InstanceSize,
    tariff: Mapping[str, Any],
    packs: list[dict[str, Any]],
    swaps: list[dict[str, Any]],
) -> dict[str, Any]:
    made = {
        "id": "S1",
        "bays": scale.packs,
        "chargers": {"max_kw": recipe.charger_kw, "efficiency": recipe.efficiency} | recipe.of_chargers(scale),
        "grid_limit_kw": _grid_kw(recipe, scale, packs, swaps),
        "base_load_kw": recipe.base_kw,
        "tariff": tariff["id"],
    }
    if charges := tariff.get("demand_charges"):
        mean_kw = recipe.base_kw + _taken_kwh(swaps) / recipe.efficiency / (scale.slots * scale.slot_hours)
        made["peak_so_far_kw"] = {charge["name"]: round(recipe.peak_so_far * mean_kw) for charge in charges}
    return made | recipe.of_station(scale) | _reserve(recipe, scale) | {"packs": packs, "swaps": swaps}


def _reserve(recipe: Recipe, scale: InstanceSize) -> dict[str, Any]:
    """Packs kept ready after each slot for drivers beyond the expected ones, and what each that lacks costs."""
    if not recipe.reserve_hours:
        return {}
    expected, ahead = _expected(recipe, scale), round(recipe.reserve_hours / scale.slot_hours)
    a_unit = scale.swaps / math.fsum(expected)
    soon = [a_unit * math.fsum(expected[slot + 1 : slot + 1 + ahead]) for slot in range(scale.slots)]
    wanted = [min(math.ceil(ONE_IN_TWENTY * math.sqrt(drivers)), scale.packs // 3) for drivers in soon]
    return {"ready_reserve": wanted, "reserve_cost": round(recipe.lost_cost / (4 * max(ahead, 1)), 2)}


def _types_of_packs(recipe: Recipe, packs: int) -> list[PackKind]:
    """The type of every pack."""
    parts = [0.5**n for n in range(len(recipe.pack_types))]
    of_each = [round(packs * part / math.fsum(parts)) for part in parts]
    of_each[0] = packs - sum(of_each[1:])
    return [PACKS[kind] for kind, number in zip(recipe.pack_types, of_each, strict=True) for _ in range(number)]


def _pack(draw: Random, number: int, kind: PackKind) -> dict[str, Any]:
    low, high = facts.START_SOC
    return {"id": f"p{number:02d}", "type": kind.id, "soc": round(kind.target_soc * between(draw, low, high), 2)}


def _swap(draw: Random, slot: int, types: Sequence[PackKind], recipe: Recipe) -> dict[str, Any]:
    """A driver who asks for one of the station's packs."""
    pack = types[int(draw.random() * len(types))]
    low, high = facts.USED_QUANTILES
    used_kwh = pack.used_kwh + pack.spread_kwh * NormalDist().inv_cdf(min(max(draw.random(), low), high))
    soc = max(facts.LEAST_SOC, round(pack.target_soc - used_kwh / pack.capacity_kwh, 2))
    factor = facts.PRIORITY_FACTOR if draw.random() < facts.PRIORITY_SHARE else 1.0
    lost_cost = factor * recipe.lost_cost
    swap = {"slot": slot, "type": pack.id, "returned_soc": soc, "lost_cost": lost_cost}
    if recipe.packs_drawn:
        packs = recipe.packs_drawn[int(draw.random() * len(recipe.packs_drawn))]
        return swap | {"packs": packs, "lost_cost": packs * lost_cost}
    return swap if recipe.packs_of_swap == 1 else swap | {"packs": recipe.packs_of_swap}


def _slots(draw: Random, recipe: Recipe, scale: InstanceSize) -> list[int]:
    """Slots of the drivers in order of time, spread as private drivers and fleets come by the local clock."""
    until = list(accumulate(_expected(recipe, scale)))
    drawn = (draw.random() * until[-1] for _ in range(scale.swaps))
    return sorted(next(slot for slot, sum_ in enumerate(until) if share < sum_) for share in drawn)


def _expected(recipe: Recipe, scale: InstanceSize) -> list[float]:
    """Expected drivers of every slot, in any unit: the mean over its quarters of an hour, or over its first minute."""
    step = min(scale.slot_minutes, 15)
    steps = range(0, scale.slot_minutes, step)
    at = [recipe.clock.start + timedelta(minutes=scale.slot_minutes * slot) for slot in range(scale.slots)]
    return [math.fsum(_per_hour(recipe, start + timedelta(minutes=more)) for more in steps) for start in at]


def _per_hour(recipe: Recipe, at: datetime) -> float:
    if recipe.per_hour is not None:
        return recipe.per_hour[at.hour]
    day_type = "weekend" if at.weekday() >= 5 else "weekday"
    private, fleet = facts.ARRIVALS_PER_HOUR[day_type][at.hour], facts.FLEET_PER_HOUR[day_type][at.hour]
    return (1 - recipe.fleet_share) * private + recipe.fleet_share * fleet


def _taken_kwh(swaps: Sequence[Mapping[str, Any]]) -> float:
    """What drivers take away: what a pack must hold at least, less what comes back."""
    kinds = [PACKS[swap["type"]] for swap in swaps]
    return math.fsum(
        swap.get("packs", 1) * (kind.swap_soc - swap["returned_soc"]) * kind.capacity_kwh
        for kind, swap in zip(kinds, swaps, strict=True)
    )


def _grid_kw(
    recipe: Recipe, scale: InstanceSize, packs: Sequence[Mapping[str, Any]], swaps: Sequence[Mapping[str, Any]]
) -> int:
    """The grid limit in kW, so that drivers can be served, or must be lost where `reach` is below 1."""
    least_kw = _least_power_kw(scale, packs, swaps)
    if recipe.reach < 1:
        return math.floor(recipe.base_kw + recipe.reach * least_kw / recipe.efficiency)
    usual_kw = max(recipe.charger_kw, recipe.grid_share * scale.packs * recipe.charger_kw)
    needed_kw = recipe.base_kw + max(usual_kw, recipe.reach * least_kw) / recipe.efficiency
    return GRID_STEP_KW * math.ceil(needed_kw / GRID_STEP_KW)


def _least_power_kw(
    scale: InstanceSize, packs: Sequence[Mapping[str, Any]], swaps: Sequence[Mapping[str, Any]]
) -> float:
    """Power into packs below which some stretch of the horizon lacks energy, even if it begins with full packs.

    From the first slot on, a stretch begins with what the packs hold.
    """
    kinds = [PACKS[pack["type"]] for pack in packs]
    full_kwh = math.fsum(kind.target_soc * kind.capacity_kwh for kind in kinds)
    start_kwh = math.fsum(pack["soc"] * kind.capacity_kwh for pack, kind in zip(packs, kinds, strict=True))
    taken_kwh = [0.0] * (scale.slots + 1)
    for slot in {swap["slot"] for swap in swaps}:
        taken_kwh[slot + 1] = _taken_kwh([swap for swap in swaps if swap["slot"] == slot])
    until = list(accumulate(taken_kwh))  # kWh taken before each slot
    lacking_kw = [0.0]
    for first in range(scale.slots):
        stock_kwh = full_kwh if first else start_kwh
        for last in range(first + 1, scale.slots):  # charging lasts until slot `last`, whose drivers come at its start
            lacking_kwh = until[last + 1] - until[first] - stock_kwh
            lacking_kw.append(lacking_kwh / ((last - first) * scale.slot_hours))
    return max(lacking_kw)


def between(draw: Random, low: float, high: float) -> float:
    """Evenly drawn between two numbers."""
    return low + (high - low) * draw.random()
