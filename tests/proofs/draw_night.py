"""How the features of a tiny night are drawn, one by one; what they are is in features.py. Not a test file itself."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import builders as make
from covering import Levels

from models.horizon import Horizon
from models.station.instance import Chargers, Night, Pack, Swap
from models.station.pack_type import PackType, Points
from models.tariff.tariff import DemandCharge, EnergyTiers, Ratchet, Tariff

COLD_C, MILD_C, WARM_C = -10.0, 5.0, 25.0


def drawn_night(levels: Levels, r: Random, *, is_small: bool) -> Night:
    """A night with these features, but for what chance leaves out; `is_small`: all its plans can be listed."""
    two_slots = levels["demand charge"] == "over two slots"
    slots = (2 if two_slots else 3) if is_small else 4 if two_slots else r.choice([3, 4])
    on = _horizon(levels, r, slots)
    packs_there = 2 if is_small else r.choice([2, 3, 3])
    chargers = _chargers(levels, r, packs_there)
    names = "AB" if levels["types"] == "two" else "A"
    kinds = {name: _pack_type(levels, r, name, chargers.max_kw) for name in names}
    packs = _packs(levels, r, kinds, packs_there)
    return make.night(
        on=on,
        types=kinds.values(),
        bays=packs_there + (r.random() < 0.1),
        chargers=chargers,
        packs=packs,
        swaps=_swaps(levels, r, slots, kinds, packs, 2 if is_small else r.choice([2, 3])),
        **_grid(levels, r, slots, chargers),
        **_tariff(levels, r, on),
        **_rules(levels, r, slots),
    )


def _horizon(levels: Levels, r: Random, slots: int) -> Horizon:
    minutes = r.choice([30, 60])
    if levels["month"] == "goes on":
        return make.horizon(slots, minutes)
    return make.horizon(
        slots, minutes, f"2026-01-31T{23 if minutes == 30 else 22}:00+01:00"
    )  # two slots before it ends


def _chargers(levels: Levels, r: Random, packs: int) -> Chargers:
    count = packs if levels["charger count"] == "all packs" else r.randint(1, packs - 1)
    max_kw = r.choice([20.0, 30.0, 50.0])
    least_kw = r.choice([0.3, 0.4, 0.5, 0.75]) * max_kw if levels["chargers"] == "least power" else 0.0
    mode = "on_off" if levels["chargers"] == "on/off" else "continuous"
    return Chargers(count, max_kw, r.choice([1.0, 0.9]), least_kw, mode)  # type: ignore[arg-type]


def _pack_type(levels: Levels, r: Random, name: str, max_kw: float) -> PackType:
    target = r.choice([0.8, 0.9, 1.0])
    lower = r.choice([0.1, 0.25]) if levels["handed over"] == "below target" else 0.0
    value = {"by default": None, "none": 0.0, "dear": r.choice([0.3, 0.9])}[levels["end value"]]
    return PackType(
        name,
        capacity_kwh=r.choice([40.0, 60.0, 100.0]),
        target_soc=target,
        swap_soc=round(target - lower, 2),
        acceptance=_curve(levels["acceptance"], r, max_kw),
        acceptance_at_c=_curves_by_temperature(r, max_kw) if levels["acceptance"] == "by temperature" else (),
        wear=_wear(levels["wear"], r, max_kw),
        end_value_per_kwh=value,
    )


def _curve(level: str, r: Random, max_kw: float) -> Points:
    if level == "concave":
        last_kw = r.choice([0.0, round(r.uniform(0.05, 0.3) * max_kw, 2)])
        return ((0.5, r.choice([0.95, 1.05]) * max_kw), (0.7, 0.9 * max_kw), (1.0, last_kw))
    return _any_curve(r, max_kw) if level == "bent" else ()


def _curves_by_temperature(r: Random, max_kw: float) -> tuple[tuple[float, Points], ...]:
    return ((COLD_C, _any_curve(r, max_kw / 2)), (WARM_C, _any_curve(r, max_kw)))


def _any_curve(r: Random, max_kw: float) -> Points:
    """It may rise, fall, and bend both ways."""
    inner = {round(r.uniform(0.03, 0.97), 2) for _ in range(r.randint(1, 4))}
    socs = [*sorted(inner | ({0.0} if r.random() < 0.6 else set())), 1.0]
    return tuple((soc, round(r.choice([0.1, 0.3, 0.5, 0.8, 1.0, 1.3]) * max_kw, 2)) for soc in socs)


def _wear(level: str, r: Random, max_kw: float) -> Points:
    if level == "one slope":
        return ((0.0, 0.0), (max_kw, round(r.uniform(0.5, 6), 2)))
    bends = ((round(r.uniform(0.3, 0.7) * max_kw, 1), round(r.uniform(0, 1.5), 2)), (max_kw, 8.0))
    return ((0.0, 0.0), *bends) if level == "slopes" else ()


def _packs(levels: Levels, r: Random, kinds: dict[str, PackType], count: int) -> list[Pack]:
    """A first, so that a truck finds two of them where there are three."""
    temperatures = [None, COLD_C, MILD_C, WARM_C] if levels["acceptance"] == "by temperature" else [None]
    types = ["A", *(["B"] if count > 2 and "B" in kinds else []), "A"] if "B" in kinds else ["A"] * count
    return [
        Pack(f"P{n + 1}", kind, round(r.uniform(0.05, 1), 2), r.choice(temperatures))
        for n, kind in enumerate((types + ["A"] * count)[:count])
    ]


def _swaps(
    levels: Levels, r: Random, slots: int, kinds: dict[str, PackType], packs: list[Pack], count: int
) -> list[Swap]:
    swaps = [
        Swap(
            f"W{n + 1}",
            slot=r.randrange(slots),
            type=list(kinds)[n % len(kinds)],
            returned_soc=round(r.uniform(0.05, 0.6 if r.random() < 0.85 else 1.0), 2),
            lost_cost=r.choice([0.0, 5.0, 20.0, 60.0, 60.0, 200.0]),
        )
        for n in range(count)
    ]
    if levels["packs of a swap"] == "two":
        swaps[0] = replace(swaps[0], packs=2, lost_cost=2 * swaps[0].lost_cost)
    if levels["pack asked for"] == "by name":
        asking = swaps[-1]
        same = [pack.id for pack in packs if pack.type == asking.type]
        swaps[-1] = replace(asking, pack=r.choice(same)) if same else replace(asking, type="A", pack=packs[0].id)
    if levels["returned"] == "not always":
        at = r.randrange(count)
        swaps[at] = replace(swaps[at], returned_soc=None)
    if levels["needs"] == "own":
        at = r.randrange(count)
        own = round(r.uniform(0.3, kinds[swaps[at].type].target_soc), 2)
        swaps[at] = replace(swaps[at], swap_soc=own)
    return swaps


def _grid(levels: Levels, r: Random, slots: int, chargers: Chargers) -> dict[str, Any]:
    base = [r.choice([0.0, 5.0, 8.0]) for _ in range(slots)] if levels["base load"] == "some" else [0.0] * slots
    if levels["base load"] == "some":
        base[r.randrange(slots)] = 5.0
    sun = [0.0] * slots
    if levels["sun"] == "sun":
        sun = [r.choice([0.0, 15.0, 40.0]) for _ in range(slots)]
        sun[r.randrange(slots)] = 15.0
    most_kw = chargers.max_kw * chargers.count
    tight_kw = max(base) + r.choice([0.3, 0.6, 0.9]) * most_kw
    return {
        "base_load_kw": tuple(base),
        "solar_kw": tuple(sun),
        "grid_limit_kw": tight_kw if levels["grid limit"] == "tight" else 1000.0,
        "temperature_c": r.choice([COLD_C, MILD_C, WARM_C]) if levels["acceptance"] == "by temperature" else None,
    }


def _tariff(levels: Levels, r: Random, on: Horizon) -> dict[str, Any]:
    prices = [round(r.uniform(0.05, 1), 2) for _ in range(on.slots)]
    if levels["price"] == "below 0":
        for slot in r.sample(range(on.slots), r.randint(1, 2)):
            prices[slot] = round(r.uniform(-0.5, -0.05), 2)
    demands = () if levels["demand charge"] == "none" else (_demand(levels, r, on),)
    tiers = () if levels["energy tiers"] == "none" else (_tiers(levels["energy tiers"], r),)
    return {
        "tariff": Tariff("T", energy_price_per_kwh=tuple(prices), demand_charges=demands, energy_tiers=tiers),
        "peak_so_far_kw": {charge.name: 20.0 for charge in demands if r.random() < 0.4},
        "energy_so_far_kwh": {one.name: r.choice([0.0, 15.0, 400.0]) for one in tiers},
        "lookback_peak_kw": {charge.name: 60.0 for charge in demands if charge.ratchet},
    }


def _demand(levels: Levels, r: Random, on: Horizon) -> DemandCharge:
    minutes = on.slot_minutes * (2 if levels["demand charge"] == "over two slots" else 1)
    bends = ((round(r.uniform(5, 50), 1), round(r.uniform(0, 4), 2)),) if levels["demand charge"] == "stepped" else ()
    rate, weight = round(r.uniform(0.2, 3), 2), r.choice([1, 0.5, "daily"])
    ratchet = Ratchet(0.5) if r.random() < 0.3 else None
    windows = (make.window("00:00", "02:00"),) if r.random() < 0.2 else ()
    return DemandCharge("peak", rate, minutes, weight, windows, tiers=bends, ratchet=ratchet)


def _tiers(level: str, r: Random) -> EnergyTiers:
    """One or two thresholds that a night can reach."""
    first = round(r.uniform(10, 60), 1)
    rates = sorted((round(r.uniform(0.05, 0.3), 2), round(r.uniform(0.35, 0.6), 2)), reverse=level == "falling")
    if level == "falling":
        rates = [-rate for rate in reversed(rates)]
    thresholds = [first, first + round(r.uniform(5, 40), 1)][: r.choice([1, 2])]
    windows = (make.window("00:00", "02:00"),) if r.random() < 0.2 else ()
    return EnergyTiers("all", tuple(zip(thresholds, rates, strict=False)), windows)


def _rules(levels: Levels, r: Random, slots: int) -> dict[str, Any]:
    """Reserve, turnaround, plug changes: caps and costs often by boundary."""
    reserve = [r.choice([0, 1, 1, 2]) for _ in range(slots)] if levels["reserve"] == "asked for" else [0] * slots
    if levels["reserve"] == "asked for":
        reserve[r.randrange(slots)] = 1
    by_boundary = r.random() < 0.3
    caps: Any = tuple(r.choice([0, 1, 2]) for _ in range(slots)) if by_boundary else r.choice([0, 1, 2])
    costs: Any = tuple(r.choice([0.3, 0.5, 1.0]) for _ in range(slots)) if by_boundary else 0.5
    return {
        "ready_reserve": tuple(reserve),
        "reserve_cost": r.choice([0.5, 1.0, 5.0]),
        "turnaround_slots": r.choice([1, 2]) if levels["returned pack"] == "waits" else 0,
        "plug_changes_max": caps if levels["plug changes"] == "capped" else None,
        "plug_change_cost": costs if levels["plug change"] == "costs" else 0.0,
    }
