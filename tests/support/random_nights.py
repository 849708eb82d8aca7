"""Tiny random nights, one a seed, that together use every feature of the problem. Not a test file itself.

Small enough for the reference model to prove its optimum in a moment: at most 5 slots, 3 packs and 4 swaps.
`FEATURES` says, feature by feature, how to see it on a night.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import Any

import builders as make

from models.station.instance import Chargers, Night, Pack, Swap
from models.station.pack_type import PackType
from models.tariff.rate_steps import Steps
from models.tariff.tariff import DemandCharge, EnergyTiers, Ratchet, Tariff


def random_night(seed: int) -> Night:
    """The tiny night of `seed`."""
    r = random.Random(seed)
    slots, slot_minutes = r.randint(2, 5), r.choice([30, 60, 60])
    bays = r.randint(1, 3)
    count = bays if r.random() < 0.75 else r.randint(1, bays)
    chargers = _chargers(r, count)
    kinds = {name: _pack_type(r, name, chargers) for name in r.choice(["A", "A", "AB"])}
    packs = [_pack(r, number, kinds) for number in range(bays - (bays > 1 and r.random() < 0.1))]
    night = make.night(
        on=make.horizon(slots, slot_minutes),
        types=kinds.values(),
        bays=bays,
        chargers=chargers,
        packs=packs,
        swaps=[_swap(r, number, slots, kinds, packs) for number in range(r.randint(1, 4))],
        **_power(r, slots, slot_minutes, chargers),
        **_rules(r),
    )
    return _as_billed(night, random.Random(f"tariff of {seed}"))


def on_off_night(seed: int) -> Night:
    """A night so small that all its plans can be listed: at most 3 slots, 2 packs and 2 swaps, no sun."""
    r = random.Random(seed)
    slots, slot_minutes = r.randint(2, 3), r.choice([30, 60])
    chargers = Chargers(r.choice([1, 2, 2]), r.choice([20.0, 30.0, 50.0]), r.choice([1.0, 0.9]), mode="on_off")
    kinds = {name: _pack_type(r, name, chargers) for name in r.choice(["A", "A", "AB"])}
    packs = [_pack(r, number, kinds) for number in range(2)]
    night = make.night(
        on=make.horizon(slots, slot_minutes),
        types=kinds.values(),
        bays=2,
        chargers=chargers,
        packs=packs,
        swaps=[_swap(r, number, slots, kinds, packs) for number in range(r.randint(1, 2))],
        **(_power(r, slots, slot_minutes, chargers) | {"solar_kw": 0.0}),
        **_rules(r),
    )
    return _as_billed(night, random.Random(f"tariff of {seed}"))


def bent_night(seed: int, night: Night) -> Night:
    """The night with acceptance curves that rise, fall and bend both ways, at one temperature or by temperature."""
    r, max_kw = random.Random(f"curves of {seed}"), night.station.chargers.max_kw
    if r.random() < 0.6:
        kinds = {name: replace(kind, acceptance=_curve(r, max_kw)) for name, kind in night.pack_types.items()}
        return replace(night, pack_types=kinds)
    kinds = {
        name: replace(kind, acceptance=(), acceptance_at_c=((-10.0, _curve(r, max_kw / 2)), (25.0, _curve(r, max_kw))))
        for name, kind in night.pack_types.items()
    }
    packs = tuple(replace(pack, temperature_c=r.choice([None, -5.0, 20.0])) for pack in night.station.packs)
    station = replace(night.station, temperature_c=r.choice([-10.0, 0.0, 25.0]), packs=packs)
    return replace(night, pack_types=kinds, station=station)


def _curve(r: random.Random, max_kw: float) -> tuple[tuple[float, float], ...]:
    inner = {round(r.uniform(0.03, 0.97), 2) for _ in range(r.randint(0, 4))}
    socs = [*sorted(inner | ({0.0} if r.random() < 0.6 else set())), 1.0]
    return tuple((soc, round(r.choice([0.1, 0.3, 0.5, 0.8, 1.0, 1.3]) * max_kw, 2)) for soc in socs)


def _chargers(r: random.Random, count: int) -> Chargers:
    max_kw = r.choice([20.0, 30.0, 50.0])
    min_kw = r.choice([0.0, 0.0, 0.0, 0.4 * max_kw])
    mode = "on_off" if r.random() < 0.15 else "continuous"
    return Chargers(count, max_kw, r.choice([1.0, 0.9]), min_kw, mode)


def _pack_type(r: random.Random, name: str, chargers: Chargers) -> PackType:
    target = r.choice([0.8, 0.9, 1.0])
    most = chargers.max_kw
    last_kw = r.choice([0.0, round(r.uniform(0.05, 0.3) * most, 2)])
    acceptance = ((0.5, r.choice([0.95, 1.05]) * most), (0.7, 0.9 * most), (1.0, last_kw))
    wear = ((0.0, 0.0), (round(r.uniform(0.3, 0.7) * most, 1), round(r.uniform(0, 1.5), 2)), (most, 8.0))
    return PackType(
        name,
        capacity_kwh=r.choice([40.0, 60.0, 100.0]),
        target_soc=target,
        swap_soc=round(target - r.choice([0, 0, 0.1, 0.25]), 2),
        acceptance=acceptance if r.random() < 0.35 else (),
        wear=wear if r.random() < 0.3 else (),
        end_value_per_kwh=r.choice([None, None, 0.0, 0.3]),
    )


def _pack(r: random.Random, number: int, kinds: Mapping[str, PackType]) -> Pack:
    return Pack(f"P{number + 1}", r.choice(list(kinds)), round(r.uniform(0.05, 1), 2))


def _swap(r: random.Random, number: int, slots: int, kinds: Mapping[str, PackType], packs: list[Pack]) -> Swap:
    kind = r.choice(list(kinds))
    same = [pack.id for pack in packs if pack.type == kind]
    returned = round(r.uniform(0.05, 0.6 if r.random() < 0.85 else 1.0), 2)
    return Swap(
        f"W{number + 1}",
        slot=r.randrange(slots),
        type=kind,
        returned_soc=None if r.random() < 0.12 else returned,
        lost_cost=r.choice([0.0, 5.0, 20.0, 60.0, 200.0]),
        swap_soc=round(r.uniform(0.3, kinds[kind].target_soc), 2) if r.random() < 0.15 else None,
        pack=r.choice(same) if same and r.random() < 0.12 else None,
    )


def _power(r: random.Random, slots: int, slot_minutes: int, chargers: Chargers) -> dict[str, Any]:
    """Tariff, base load, sun, grid limit."""
    lowest = -0.1 if r.random() < 0.2 else 0.1
    prices = tuple(round(r.uniform(lowest, 1), 2) for _ in range(slots))
    demands = tuple(_demand(r, slots, slot_minutes) for _ in range(r.random() < 0.5))
    return {
        "tariff": Tariff("T", energy_price_per_kwh=prices, demand_charges=demands),
        "peak_so_far_kw": {charge.name: 20.0 for charge in demands if r.random() < 0.4},
        "base_load_kw": tuple(r.choice([0.0, 5.0, 8.0]) for _ in range(slots)),
        "solar_kw": tuple(r.choice([0.0, 15.0, 40.0]) if r.random() < 0.3 else 0.0 for _ in range(slots)),
        "grid_limit_kw": r.choice([1000.0, 1000.0, 10 + 0.6 * chargers.max_kw * chargers.count]),
    }


def _demand(r: random.Random, slots: int, slot_minutes: int) -> DemandCharge:
    slots_metered = 2 if slots % 2 == 0 and r.random() < 0.4 else 1
    windows = (make.window(f"0{r.randrange(slots * slot_minutes // 60)}:00"),) if r.random() < 0.2 else ()
    return DemandCharge("peak", round(r.uniform(0.2, 3), 2), slots_metered * slot_minutes, r.choice([1, 0.5]), windows)


def _as_billed(night: Night, r: random.Random) -> Night:
    """The night with tiers, a ratchet, the month's state so far, or the end of a month in it, each now and then."""
    if r.random() < 0.3:
        last_evening = make.horizon(night.horizon.slots, night.horizon.slot_minutes, "2026-01-31T22:00+01:00")
        night = replace(night, horizon=last_evening)
    tiers = tuple(_tiers(r, name) for name in ("all", "some")[: r.choice([0, 0, 0, 1, 1, 2])])
    demands = tuple(_stepped(r, charge) for charge in night.station.tariff.demand_charges)
    tariff = replace(night.station.tariff, demand_charges=demands, energy_tiers=tiers)
    return replace(
        night,
        station=replace(
            night.station,
            tariff=tariff,
            energy_so_far_kwh={one.name: r.choice([0.0, 15.0, 400.0]) for one in tiers},
            lookback_peak_kw={charge.name: 60.0 for charge in demands if charge.ratchet},
        ),
    )


def _tiers(r: random.Random, name: str) -> EnergyTiers:
    """One or two thresholds that a night can reach, the rate rising or falling."""
    first = round(r.uniform(10, 60), 1)
    thresholds = [first, first + round(r.uniform(5, 40), 1)][: r.choice([1, 2])]
    windows = (make.window("00:00", f"0{r.randint(1, 3)}:30"),) if name == "some" else ()
    return EnergyTiers(name, tuple((above, round(r.uniform(-0.3, 0.3), 2)) for above in thresholds), windows)


def _stepped(r: random.Random, charge: DemandCharge) -> DemandCharge:
    tiers = ((round(r.uniform(5, 50), 1), round(r.uniform(0, 4), 2)),) if r.random() < 0.6 else ()
    weight = r.choice([charge.weight, "daily", "remaining_days"])
    return replace(charge, tiers=tiers, weight=weight, ratchet=Ratchet(0.5) if r.random() < 0.3 else None)


def _rules(r: random.Random) -> dict[str, Any]:
    """Reserve, turnaround, plug changes."""
    counts_plugs = r.random() < 0.25
    return {
        "ready_reserve": r.choice([0, 0, 0, 1, 2]),
        "reserve_cost": r.choice([1.0, 5.0]),
        "turnaround_slots": r.choice([0, 0, 0, 1, 2]),
        "plug_changes_max": r.choice([None, 0, 1, 2]) if counts_plugs else None,
        "plug_change_cost": r.choice([0.0, 0.5]) if counts_plugs else 0.0,
    }


def _comes_ready(night: Night, swap: Swap) -> bool:
    return swap.returned_soc is not None and swap.returned_soc >= night.pack_types[swap.type].swap_soc


def _most_drawn_kw(night: Night) -> float:
    chargers = night.station.chargers
    return chargers.count * chargers.max_kw / chargers.efficiency + max(night.station.base_load_kw)


def _spare_sun(night: Night) -> bool:
    return any(sun > base for sun, base in zip(night.station.solar_kw, night.station.base_load_kw, strict=True))


def _goes(steps: Steps, sign: int) -> bool:
    return any(sign * (later - earlier) > 0 for (_, earlier), (_, later) in pairwise(steps))


Feature = Callable[[Night], bool]

FEATURES: dict[str, Feature] = {
    "one type": lambda n: len(n.pack_types) == 1,
    "two types": lambda n: len(n.pack_types) == 2,
    "acceptance": lambda n: any(kind.acceptance for kind in n.pack_types.values()),
    "acceptance down to nothing": lambda n: any(k.acceptance[-1:] == ((1.0, 0.0),) for k in n.pack_types.values()),
    "wear": lambda n: any(kind.wear for kind in n.pack_types.values()),
    "own end value": lambda n: any(kind.end_value_per_kwh is not None for kind in n.pack_types.values()),
    "end value by default": lambda n: any(kind.end_value_per_kwh is None for kind in n.pack_types.values()),
    "handed over below target": lambda n: any(kind.swap_soc < kind.target_soc for kind in n.pack_types.values()),
    "swap_soc of its own": lambda n: any(swap.swap_soc is not None for swap in n.station.swaps),
    "wanted pack": lambda n: any(swap.pack is not None for swap in n.station.swaps),
    "nothing returned": lambda n: any(swap.returned_soc is None for swap in n.station.swaps),
    "returned ready": lambda n: any(_comes_ready(n, swap) for swap in n.station.swaps),
    "two swaps in a slot": lambda n: len({swap.slot for swap in n.station.swaps}) < len(n.station.swaps),
    "swap in slot 0": lambda n: any(swap.slot == 0 for swap in n.station.swaps),
    "lost for nothing": lambda n: any(swap.lost_cost == 0 for swap in n.station.swaps),
    "pack above target": lambda n: any(pack.soc > n.pack_types[pack.type].target_soc for pack in n.station.packs),
    "empty bay": lambda n: len(n.station.packs) < n.station.bays,
    "turnaround": lambda n: n.station.turnaround_slots > 0,
    "on/off": lambda n: n.station.chargers.mode == "on_off",
    "minimum power": lambda n: n.station.chargers.min_kw > 0,
    "efficiency": lambda n: n.station.chargers.efficiency < 1,
    "fewer chargers than packs": lambda n: n.station.chargers.count < len(n.station.packs),
    "plug change cap": lambda n: n.station.plug_changes_max is not None,
    "no plug change at all": lambda n: n.station.plug_changes_max == 0,
    "plug change cost": lambda n: n.station.plug_change_cost > 0,
    "reserve": lambda n: any(n.station.ready_reserve),
    "sun": lambda n: any(n.station.solar_kw),
    "more sun than base load": _spare_sun,
    "base load": lambda n: any(n.station.base_load_kw),
    "tight grid limit": lambda n: _most_drawn_kw(n) > min(n.station.grid_limit_kw),
    "demand charge": lambda n: bool(n.station.tariff.demand_charges),
    "demand charge in a window": lambda n: any(charge.windows for charge in n.station.tariff.demand_charges),
    "peak so far": lambda n: any(n.station.peak_so_far_kw.values()),
    "metering over two slots": lambda n: any(len(i) == 2 for d in n.tariff_series.demands for i in d.intervals),
    "energy tiers": lambda n: bool(n.tariff_series.tiers),
    "energy tiers in a window": lambda n: any(group.windows for group in n.station.tariff.energy_tiers),
    "energy rate rises": lambda n: any(_goes(group.steps, 1) for group in n.station.tariff.energy_tiers),
    "energy rate falls": lambda n: any(_goes(group.steps, -1) for group in n.station.tariff.energy_tiers),
    "month's kWh so far": lambda n: any(n.station.energy_so_far_kwh.values()),
    "demand rate rises": lambda n: any(_goes(charge.steps, 1) for charge in n.station.tariff.demand_charges),
    "demand rate falls": lambda n: any(_goes(charge.steps, -1) for charge in n.station.tariff.demand_charges),
    "ratchet": lambda n: any(charge.ratchet for charge in n.station.tariff.demand_charges),
    "weight by days": lambda n: any(isinstance(c.weight, str) for c in n.station.tariff.demand_charges),
    "end of a month": lambda n: len(n.tariff_series.months) == 2 and bool(n.station.tariff.demand_charges),
    "negative price": lambda n: min(n.tariff_series.price_per_kwh) < 0,
    "slots of half an hour": lambda n: n.horizon.slot_minutes == 30,
}  # fmt: skip


@cache
def switched(seed: int) -> Night:
    """A random night with on/off chargers; where plug changes count, often by caps and costs of each boundary."""
    night, r = random_night(seed), random.Random(f"switched {seed}")
    station = replace(night.station, chargers=replace(night.station.chargers, mode="on_off"))
    if station.counts_plug_changes and r.random() < 0.4:
        slots = range(night.horizon.slots)
        caps = tuple(r.choice([0, 1, 2]) for _ in slots)
        costs = tuple(r.choice([0.0, 0.5, 1.0]) for _ in slots)
        station = replace(station, plug_changes_max=caps, plug_change_cost=costs)
    return replace(night, station=station)


def truck_night(seed: int) -> Night:
    """The random night of `seed`, some of its swaps now of two or three packs."""
    return _with_trucks(random_night(seed), random.Random(f"trucks {seed}"))


def on_off_truck_night(seed: int) -> Night:
    """The same where chargers are on or off, and all plans can be listed."""
    return _with_trucks(on_off_night(seed), random.Random(f"trucks {seed}"))


def switched_truck_night(seed: int) -> Night:
    """The same of `switched`."""
    return _with_trucks(switched(seed), random.Random(f"trucks {seed}"))


def truck_depot_night(seed: int) -> Night:
    """Four to six packs, most drivers take two or three: no charger rules, curves or reserve."""
    r = random.Random(f"truck depot {seed}")
    slots, bays = r.randint(4, 6), r.randint(4, 6)
    chargers = Chargers(bays, r.choice([20.0, 30.0, 50.0]), r.choice([1.0, 0.9]))
    kinds = {name: replace(_pack_type(r, name, chargers), acceptance=(), wear=()) for name in r.choice(["A", "AB"])}
    packs = [_pack(r, number, kinds) for number in range(bays)]
    swaps = [_swap(r, number, slots, kinds, packs) for number in range(r.randint(3, 5))]
    return make.night(
        on=make.horizon(slots),
        types=kinds.values(),
        bays=bays,
        chargers=chargers,
        packs=packs,
        swaps=[_truck(swap, r) if swap.pack is None and r.random() < 0.7 else swap for swap in swaps],
        turnaround_slots=r.choice([0, 0, 1]),
        **_power(r, slots, 60, chargers),
    )


def _with_trucks(night: Night, r: random.Random) -> Night:
    """At least one swap of several packs, unless all of them ask for a pack by name."""
    swaps = list(night.station.swaps)
    free = [n for n, swap in enumerate(swaps) if swap.pack is None]
    for n in r.sample(free, k=r.randint(1, len(free))) if free else []:
        swaps[n] = _truck(swaps[n], r)
    return replace(night, station=replace(night.station, swaps=tuple(swaps)))


def _truck(swap: Swap, r: random.Random) -> Swap:
    packs = r.choice([2, 2, 2, 3])
    return replace(swap, packs=packs, lost_cost=swap.lost_cost * r.choice([1.0, packs]))
