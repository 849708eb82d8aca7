"""`generate network`: realistic networks of any size, drawn from published facts.

Station n is the same whatever the size of the network, and the same seed gives the same bytes on every
machine: all is drawn with `random.Random.random`, which Python keeps stable, and rounded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from random import Random
from statistics import NormalDist
from typing import Any, TypeVar

import msgspec

from optimizer import network_facts as facts
from optimizer.baselines import charge_on_arrival
from optimizer.document import FORMAT, InstanceDocument
from optimizer.network_facts import PackFacts, StationFacts
from optimizer.read_instance import build_instance

SLOT_MINUTES, SLOTS = 15, 96
HOURS = 24

T = TypeVar("T")


def network_text(stations: int, seed: int, day: date) -> Iterator[bytes]:
    """An instance file of `stations` stations on local `day`, piece by piece; one line for each station."""
    head = json_lines(_head(stations, seed, day))
    yield head.removesuffix(b"\n}\n") + b',\n  "stations": [\n'
    for number in range(1, stations + 1):
        yield b"    " + msgspec.json.encode(station(number, seed, day)) + (b",\n" if number < stations else b"\n")
    yield b"  ]\n}\n"


def json_lines(value: object) -> bytes:
    """Indented JSON with a line break at its end."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"


def _head(stations: int, seed: int, day: date) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": 1,
        "name": f"network-{stations}-{seed}-{day}",
        "currency": "CNY",
        "sources": {
            "what": f"a generated network: swapcharge generate network --stations {stations} --seed {seed} --day {day}",
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
        "tariffs": [tariff for _, tariff in facts.TARIFFS],
    }


def _pack_type(kind: PackFacts) -> dict[str, Any]:
    told = ("id", "capacity_kwh", "target_soc", "swap_soc")
    return {**{name: asdict(kind)[name] for name in told}, "sources": {"all": kind.source}}


@dataclass(frozen=True)
class Demand:
    """Drivers of a day: how many, how many in each local hour on average, and the energy that each uses up."""

    swaps: int
    per_hour: tuple[float, ...]
    used_kwh: float

    @property
    def busiest(self) -> float:
        """Drivers expected in the busiest hours on end."""
        return max(sum(self.per_hour[h : h + facts.BUSY_HOURS]) for h in range(HOURS - facts.BUSY_HOURS + 1))


def station(number: int, seed: int, day: date) -> dict[str, Any]:
    """Station `number` (from 1) of the network as the instance format has it."""
    draw = Random(f"swapcharge network {seed} {day} {number}")
    kind = _one_of(draw, [(one.share, one) for one in facts.STATIONS])
    tariff = _one_of(draw, facts.TARIFFS)
    packs = _packs(draw, kind)
    used_kwh = sum(pack.used_kwh for pack in packs) / len(packs)
    demand = _demand(draw, kind, day, used_kwh)
    is_overloaded = draw.random() < facts.OVERLOADED_SHARE
    if is_overloaded:
        demand, grid_kw = _overloaded(draw, kind, demand)
    else:
        grid_kw = round(kind.grid_kw * _between(draw, facts.GRID_FACTOR), -1)
        demand = _within_reach(kind, demand, grid_kw)
    made: dict[str, Any] = {
        "id": f"S{number:05d}",
        "bays": kind.packs,
        "chargers": {"max_kw": kind.charger_kw, "efficiency": kind.efficiency},
        "grid_limit_kw": grid_kw,
        "base_load_kw": kind.base_kw,
        "tariff": tariff["id"],
    }
    if "demand_charges" in tariff:
        mean_kw = kind.base_kw + demand.swaps * used_kwh / kind.efficiency / HOURS
        made["peak_so_far_kw"] = {"month": round(min(grid_kw, mean_kw * _between(draw, facts.PEAK_SO_FAR)))}
    made["packs"] = [
        {"id": f"p{n:02d}", "type": pack.id, "soc": round(pack.target_soc * _between(draw, facts.START_SOC), 2)}
        for n, pack in enumerate(packs, start=1)
    ]
    made["swaps"] = [_swap(draw, slot, draw_from(draw, packs), kind) for slot in _slots(draw, demand)]
    return made if is_overloaded else _without_lost(made, day)


def _without_lost(made: dict[str, Any], day: date) -> dict[str, Any]:
    """The station without the drivers whom even charging on arrival would lose."""
    instance = build_instance(msgspec.convert(_head(1, 0, day) | {"stations": [made]}, InstanceDocument), Path())
    served = charge_on_arrival(instance.nights[0]).by_swap()
    return made | {"swaps": [swap for n, swap in enumerate(made["swaps"], start=1) if f"swap-{n}" in served]}


def _packs(draw: Random, kind: StationFacts) -> list[PackFacts]:
    """The packs of a station: half the stations have one type, others up to three."""
    by_id = {pack.id: pack for pack in facts.PACKS}
    count = 1 if draw.random() < facts.ONE_TYPE_SHARE else 2 + math.floor(draw.random() * (len(kind.pack_types) - 1))
    types = [by_id[name] for name in kind.pack_types[:count]]
    shares = [0.5**n for n in range(len(types))]
    rarer = [
        [pack] * max(2, round(kind.packs * share / sum(shares)))
        for pack, share in zip(types[1:], shares[1:], strict=True)
    ]
    common = [types[0]] * (kind.packs - sum(map(len, rarer)))
    return [*common, *(pack for packs in rarer for pack in packs)]


def _demand(draw: Random, kind: StationFacts, day: date, used_kwh: float) -> Demand:
    day_type = "weekend" if day.weekday() >= 5 else "weekday"
    fleet = _between(draw, kind.fleet_share)
    shift = math.floor(_between(draw, (-1, 2)))
    private, fleets = facts.ARRIVALS_PER_HOUR[day_type], facts.FLEET_PER_HOUR[day_type]
    shape = [(1 - fleet) * private[(h - shift) % HOURS] + fleet * fleets[(h - shift) % HOURS] for h in range(HOURS)]
    deviation = NormalDist().inv_cdf(min(max(draw.random(), 1e-9), 1 - 1e-9))
    swaps = _clipped(facts.SWAPS_MEDIAN * math.exp(facts.SWAPS_SIGMA * deviation))
    return _scaled(Demand(swaps, tuple(shape), used_kwh), swaps)


def _clipped(swaps: float) -> int:
    low, high = facts.SWAPS_RANGE
    return min(max(round(swaps), low), high)


def _scaled(demand: Demand, swaps: int) -> Demand:
    factor = swaps / sum(demand.per_hour)
    return Demand(swaps, tuple(factor * share for share in demand.per_hour), demand.used_kwh)


def _within_reach(kind: StationFacts, demand: Demand, grid_kw: float) -> Demand:
    """So few drivers that the station need lose none in its busiest hours."""
    power_kw = min(kind.packs * kind.charger_kw, (grid_kw - kind.base_kw) * kind.efficiency)
    most = facts.STOCK_SHARE * kind.packs + facts.POWER_SHARE * facts.BUSY_HOURS * power_kw / demand.used_kwh
    return demand if demand.busiest <= most else _scaled(demand, _clipped(demand.swaps * most / demand.busiest))


def _overloaded(draw: Random, kind: StationFacts, demand: Demand) -> tuple[Demand, float]:
    """So many drivers, and so weak a grid connection, that some must be lost in the busiest hours."""
    demand = _scaled(demand, _clipped(_between(draw, (3.0, 6.0)) * kind.packs))
    served = (1 - _between(draw, facts.LOST_SHARE)) * demand.busiest - kind.packs
    power_kw = max(kind.charger_kw, served * demand.used_kwh / facts.BUSY_HOURS)
    return demand, round(kind.base_kw + power_kw / kind.efficiency, -1)


def _slots(draw: Random, demand: Demand) -> list[int]:
    """Slots of the day's drivers, in order of time: hours by their shares, quarters evenly."""
    hours = [(share, hour) for hour, share in enumerate(demand.per_hour)]
    per_hour = 60 // SLOT_MINUTES
    return sorted(per_hour * _one_of(draw, hours) + int(per_hour * draw.random()) for _ in range(demand.swaps))


def _swap(draw: Random, slot: int, pack: PackFacts, kind: StationFacts) -> dict[str, Any]:
    used_kwh = pack.used_kwh + pack.spread_kwh * NormalDist().inv_cdf(min(max(draw.random(), 0.02), 0.98))
    soc = max(0.02, round(pack.target_soc - used_kwh / pack.capacity_kwh, 2))
    factor = facts.PRIORITY_FACTOR if draw.random() < facts.PRIORITY_SHARE else 1.0
    return {"slot": slot, "type": pack.id, "returned_soc": soc, "lost_cost": factor * kind.lost_cost}


def _between(draw: Random, ends: tuple[float, float]) -> float:
    return ends[0] + (ends[1] - ends[0]) * draw.random()


def draw_from(draw: Random, items: Sequence[T]) -> T:
    """One of `items`, all equally likely."""
    return items[int(draw.random() * len(items))]


def _one_of(draw: Random, weighted: Sequence[tuple[float, T]]) -> T:
    """One of the items, as likely as its weight says."""
    left = draw.random() * sum(weight for weight, _ in weighted)
    for weight, item in weighted:
        left -= weight
        if left < 0:
            return item
    return weighted[-1][1]
