"""`generate network`: realistic networks of any size, drawn from published facts.

Station n is the same whatever the size of the network, and the same seed gives the same bytes on every
machine: all is drawn with `random.Random.random`, which Python keeps stable, and rounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import accumulate
from pathlib import Path
from random import Random
from statistics import NormalDist
from typing import Any, TypeVar

import msgspec

from models.station.carry_over.month_to_date import month_to_date
from models.station.cost import drawn_power_kw
from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.files.json_text import indented_document
from optimizer.formats.instance_document import FORMAT, InstanceDocument
from optimizer.formats.read_instance import build_instance
from optimizer.generate import published_facts as facts
from optimizer.generate.expected import expected_drivers
from optimizer.generate.published_facts import PackKind, StationKind

GENERATOR, GENERATOR_OF = 2, "packs and the month's peak are those of a station charged on arrival in the days before"
SLOT_MINUTES, SLOTS, HOURS = 15, 96, 24
DIGITS = 6  # of a load in kW: a sum that rounding puts just above a whole number is that number
PACK_BY_ID = {pack.id: pack for pack in facts.PACKS}

T = TypeVar("T")


def network_text(stations: int, seed: int, day: date, day_sd: float | None = None) -> Iterator[bytes]:
    """An instance file of `stations` stations on local `day`: its head, a line for each station, its end.

    `day_sd`: their drivers are a forecast with this spread; None: they are known. `day` lies in the years
    `network_facts.FIRST_YEAR` to `LAST_YEAR`.
    """
    head = indented_document(_head(stations, seed, day, day_sd))
    yield head.removesuffix(b"\n}\n") + b',\n  "stations": [\n'
    for number in range(1, stations + 1):
        yield (
            b"    " + msgspec.json.encode(station(number, seed, day, day_sd)) + (b",\n" if number < stations else b"\n")
        )
    yield b"  ]\n}\n"


def _head(stations: int, seed: int, day: date, day_sd: float | None = None) -> dict[str, Any]:
    spread = "" if day_sd is None else f" --day-sd {day_sd:g}"
    return {
        "format": FORMAT,
        "version": 1,
        "name": f"network-{stations}-{seed}-{day}" + ("" if day_sd is None else f"-spread-{day_sd:g}"),
        "currency": "CNY",
        "sources": {
            "what": f"a generated network: swapcharge generate network --stations {stations} --seed {seed} --day {day}"
            f"{spread}",
            "generator": f"version {GENERATOR}: {GENERATOR_OF}",
            "arrivals": f"private drivers: {facts.ELAAD}; fleets: assumed",
            "swaps a day": f"around 28.7 (December 2024) to 39.6 (record day): {facts.NIO}; their spread assumed",
            **{f"stations of kind {kind.id}": kind.source for kind in facts.STATIONS},
        },
        "horizon": {
            "start": f"{day}T00:00:00+08:00",
            "time_zone": "Asia/Shanghai",
            "slot_minutes": SLOT_MINUTES,
            "slots": SLOTS,
        },
        "pack_types": [_pack_type(kind) for kind in facts.PACKS],
        "tariffs": [tariff for _, tariff in facts.tariffs(day.year)],
    }


def _pack_type(kind: PackKind) -> dict[str, Any]:
    kept = ("id", "capacity_kwh", "target_soc", "swap_soc")
    return {**{name: asdict(kind)[name] for name in kept}, "sources": {"all": kind.source}}


@dataclass(frozen=True)
class Arrivals:
    """Drivers of a day: how many, and how many of them come in each local hour on average."""

    swaps: int
    per_hour: tuple[float, ...]

    @property
    def busiest(self) -> float:
        """Drivers expected in the busiest hours on end."""
        return max(math.fsum(self.per_hour[h : h + facts.BUSY_HOURS]) for h in range(HOURS - facts.BUSY_HOURS + 1))

    def scaled(self, swaps: float) -> Arrivals:
        """The same hours with this many drivers, rounded into the range of all stations."""
        low, high = facts.SWAPS_RANGE
        count = min(max(round(swaps), low), high)
        factor = count / math.fsum(self.per_hour)
        return Arrivals(count, tuple(factor * share for share in self.per_hour))


def station(number: int, seed: int, day: date, day_sd: float | None = None) -> dict[str, Any]:
    """Station `number` (from 1) of the network as the instance format has it, its drivers known or expected."""
    draw = Random(f"swapcharge network {seed} {day} {number}")
    while True:
        made, expected = _station(draw, f"S{number:05d}", day, 0.0 if day_sd is None else day_sd)
        if len(made["swaps"]) >= facts.SWAPS_RANGE[0]:
            return made if day_sd is None else made | {"swaps": [], "forecast": expected}


def _station(draw: Random, station_id: str, day: date, day_sd: float) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A station, perhaps with too few drivers, and what it may expect instead of them."""
    kind = _one_of(draw, [(one.share, one) for one in facts.STATIONS])
    tariff = _one_of(draw, facts.tariffs(day.year))
    packs = _packs(draw, kind)
    demand = _demand(draw, kind, day)
    is_overloaded = draw.random() < facts.OVERLOADED_SHARE
    fit, swaps, grid_kw = _swaps_and_grid(draw, kind, packs, demand, is_overloaded)
    made = {
        "id": station_id,
        "bays": kind.packs,
        "chargers": {"max_kw": kind.charger_kw, "efficiency": kind.efficiency},
        "grid_limit_kw": grid_kw,
        "base_load_kw": kind.base_kw,
        "tariff": tariff["id"],
        "peak_so_far_kw": {},
        "packs": [_full(number, pack) for number, pack in enumerate(packs, start=1)],
        "swaps": swaps,
        "sources": {"kind": kind.id, "demand": facts.OVERLOADED if is_overloaded else facts.WITHIN_REACH},
    }
    before = [_drivers(draw, fit, packs, kind) for _ in range(facts.DAYS_BEFORE)]
    whole = _run_on_arrival(made, before, day, keeps_lost=is_overloaded)
    return whole, expected_drivers(fit.per_hour, packs, kind, day_sd)


def _run_on_arrival(
    made: dict[str, Any], before: Sequence[list[dict[str, Any]]], day: date, *, keeps_lost: bool
) -> dict[str, Any]:
    """The station after days with the drivers `before`, charged on arrival as is usual: what they leave in the packs.

    The month's peaks so far are those of these days and of such a night as this one. Without `keeps_lost`, drivers
    whom even charging on arrival would lose do not come.
    """
    for swaps in before:
        night = _night(made | {"swaps": swaps}, day)
        schedule = uncontrolled_charging(night)
        made = made | {"packs": _left(made["packs"], night, schedule), "peak_so_far_kw": _peaks_kw(night, schedule)}
    night = _night(made, day)
    schedule = uncontrolled_charging(night)
    if not keeps_lost:
        served = schedule.packs_by_swap
        made["swaps"] = [swap for n, swap in enumerate(made["swaps"], start=1) if f"swap-{n}" in served]
    return made | {
        "peak_so_far_kw": {name: math.ceil(round(kw, DIGITS)) for name, kw in _peaks_kw(night, schedule).items()}
    }


def _peaks_kw(night: Night, schedule: Schedule) -> dict[str, float]:
    return month_to_date(night, drawn_power_kw(night, schedule)).peak_kw


def _night(made: dict[str, Any], day: date) -> Night:
    document = _head(1, 0, day) | {"stations": [made]}
    return build_instance(msgspec.convert(document, InstanceDocument), Path()).nights[0]


def _left(packs: Sequence[dict[str, Any]], night: Night, schedule: Schedule) -> list[dict[str, Any]]:
    """The packs that stand in the bays in the end, under the names of those that stood there in the beginning."""
    soc = {pack.id: pack.soc for pack in night.station.packs}
    soc |= {pack: swap.returned_soc or 0.0 for swap in night.station.swaps for pack in swap.returned_packs}
    gone = {pack for packs in schedule.packs_by_swap.values() for pack in packs}
    last = {row.bay: row for row in schedule.rows if row.pack not in gone}
    left = []
    for bay, pack in enumerate(packs):
        row, kind = last[bay], PACK_BY_ID[pack["type"]]
        charged = math.fsum(row.power_kw) * night.horizon.slot_hours / kind.capacity_kwh
        left.append(pack | {"soc": round(min(kind.target_soc, soc[row.pack] + charged), 2)})
    return left


def _packs(draw: Random, kind: StationKind) -> list[PackKind]:
    """The packs of a station: of one type, or of several of which each is half as common as the one before."""
    is_mixed = draw.random() >= facts.ONE_TYPE_SHARE
    count = 2 + int(draw.random() * (len(kind.pack_types) - 1)) if is_mixed else 1
    types = [PACK_BY_ID[name] for name in kind.pack_types[:count]]
    parts = [0.5**n for n in range(count)]
    of_each = [round(kind.packs * part / math.fsum(parts)) for part in parts]
    of_each[0] = kind.packs - sum(of_each[1:])
    return [pack for pack, number in zip(types, of_each, strict=True) for _ in range(number)]


def _full(number: int, kind: PackKind) -> dict[str, Any]:
    return {"id": f"p{number:02d}", "type": kind.id, "soc": kind.target_soc}


def _used_kwh(packs: Sequence[PackKind]) -> float:
    """Energy that a driver of the station uses up on average."""
    return math.fsum(pack.used_kwh for pack in packs) / len(packs)


def _demand(draw: Random, kind: StationKind, day: date) -> Arrivals:
    day_type = "weekend" if day.weekday() >= 5 else "weekday"
    private, fleets = facts.ARRIVALS_PER_HOUR[day_type], facts.FLEET_PER_HOUR[day_type]
    fleet = _between(draw, kind.fleet_share)
    shift = _any_of(draw, facts.SHIFT_HOURS)
    shape = [(1 - fleet) * private[(h - shift) % HOURS] + fleet * fleets[(h - shift) % HOURS] for h in range(HOURS)]
    swaps = facts.SWAPS_MEDIAN * math.exp(facts.SWAPS_SIGMA * _deviation(draw, facts.SWAPS_QUANTILES))
    return Arrivals(0, tuple(shape)).scaled(swaps)


def _swaps_and_grid(
    draw: Random, kind: StationKind, packs: Sequence[PackKind], demand: Arrivals, is_overloaded: bool
) -> tuple[Arrivals, list[dict[str, Any]], float]:
    """When drivers come, those of the day, and the grid limit in kW that can serve them all, or cannot."""
    grid_kw = round(kind.grid_kw * _between(draw, facts.GRID_FACTOR), -1)
    if is_overloaded:
        fit = demand.scaled(kind.packs * _between(draw, facts.OVERLOADED_SWAPS_PER_PACK))
    else:
        fit = _within_reach(kind, demand, _used_kwh(packs), grid_kw)
    swaps = _drivers(draw, fit, packs, kind)
    if is_overloaded:
        stock_kwh = len(packs) * _used_kwh(packs)
        grid_kw = _short_grid_kw(kind, stock_kwh, swaps, _between(draw, facts.LOST_SHARE))
    return fit, swaps, grid_kw


def _drivers(draw: Random, fit: Arrivals, packs: Sequence[PackKind], kind: StationKind) -> list[dict[str, Any]]:
    return [_swap(draw, slot, _any_of(draw, packs), kind) for slot in _slots(draw, fit)]


def _within_reach(kind: StationKind, demand: Arrivals, used_kwh: float, grid_kw: float) -> Arrivals:
    """So few drivers that the station need hardly lose any in its busiest hours."""
    power_kw = min(kind.packs * kind.charger_kw, (grid_kw - kind.base_kw) * kind.efficiency)
    most = facts.STOCK_SHARE * kind.packs + facts.POWER_SHARE * facts.BUSY_HOURS * power_kw / used_kwh
    return demand if demand.busiest <= most else demand.scaled(demand.swaps * most / demand.busiest)


def _short_grid_kw(kind: StationKind, stock_kwh: float, swaps: Sequence[dict[str, Any]], lost_share: float) -> float:
    """A grid limit so low that in the worst stretch of the day about `lost_share` of what drivers take is missing.

    A stretch can serve from `stock_kwh` in the station and what the chargers add; a driver takes away
    what a pack must hold at least, less what comes back.
    """
    taken_kwh = [0.0] * SLOTS
    for swap in swaps:
        pack = PACK_BY_ID[swap["type"]]
        taken_kwh[swap["slot"]] += (pack.swap_soc - swap["returned_soc"]) * pack.capacity_kwh
    until = [0.0, *accumulate(taken_kwh)]
    at_hand_kwh = stock_kwh + lost_share * until[-1]
    stretches = ((a, b) for a in range(SLOTS) for b in range(a + 1, SLOTS + 1))
    per_slot_kwh = max((until[b] - until[a] - at_hand_kwh) / (b - a) for a, b in stretches)
    power_kw = max(kind.charger_kw, per_slot_kwh * 60 / SLOT_MINUTES)
    return facts.GRID_STEP_KW * math.floor((kind.base_kw + power_kw / kind.efficiency) / facts.GRID_STEP_KW)


def _slots(draw: Random, demand: Arrivals) -> list[int]:
    """Slots of the day's drivers, in order of time: hours by their shares, quarters evenly."""
    hours = [(share, hour) for hour, share in enumerate(demand.per_hour)]
    per_hour = 60 // SLOT_MINUTES
    return sorted(per_hour * _one_of(draw, hours) + int(per_hour * draw.random()) for _ in range(demand.swaps))


def _swap(draw: Random, slot: int, pack: PackKind, kind: StationKind) -> dict[str, Any]:
    used_kwh = pack.used_kwh + pack.spread_kwh * _deviation(draw, facts.USED_QUANTILES)
    soc = max(facts.LEAST_SOC, round(pack.target_soc - used_kwh / pack.capacity_kwh, 2))
    factor = facts.PRIORITY_FACTOR if draw.random() < facts.PRIORITY_SHARE else 1.0
    return {"slot": slot, "type": pack.id, "returned_soc": soc, "lost_cost": factor * kind.lost_cost}


def _between(draw: Random, ends: tuple[float, float]) -> float:
    return ends[0] + (ends[1] - ends[0]) * draw.random()


def _deviation(draw: Random, quantiles: tuple[float, float]) -> float:
    """Of a normal distribution, in standard deviations; what is rarer than `quantiles` counts as they do."""
    low, high = quantiles
    return NormalDist().inv_cdf(min(max(draw.random(), low), high))


def _any_of(draw: Random, items: Sequence[T]) -> T:
    """One of `items`, all equally likely."""
    return items[int(draw.random() * len(items))]


def _one_of(draw: Random, weighted: Sequence[tuple[float, T]]) -> T:
    """One of the items, as likely as its weight says."""
    left = draw.random() * math.fsum(weight for weight, _ in weighted)
    for weight, item in weighted:
        left -= weight
        if left < 0:
            return item
    return weighted[-1][1]
