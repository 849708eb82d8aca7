"""Small, readable makers of domain objects for tests. Use as `import builders as make`.

Everything has a default that suits hand arithmetic: slots of one hour (so kW over a slot is kWh), packs of
100 kWh (so a state of charge of 0.37 is 37 kWh), η = 0.8 (so 40 kW into packs is 50 kW from the grid).
Name what the test is about, leave out the rest:

    make.night(slots=3, bays=1, packs=[make.pack("P1", 0.5)], swaps=[make.swap("W1", 2)])

Series take one number for all slots or one value a slot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from models.errors import InvalidData
from models.horizon import Horizon, LocalMinute
from models.station.instance import Chargers, Instance, Night, Pack, Station, Swap, returned_pack_id
from models.station.pack_type import PackType
from models.station.schedule import HandOver, PackRow, Schedule
from models.station.stays import powers_of_stays, stays_of
from models.tariff.tariff import DemandCharge, EnergyPeriod, Tariff
from models.tariff.window import Window
from optimizer.engine.build_schedule import build_schedule

MIDNIGHT = "2026-01-15T00:00+01:00"  # a Thursday in Amsterdam, far from any clock change
SERIES = ("grid_limit_kw", "base_load_kw", "solar_kw", "ready_reserve")


def horizon(
    slots: int = 4, slot_minutes: int = 60, start: str = MIDNIGHT, time_zone: str = "Europe/Amsterdam"
) -> Horizon:
    """`slots` hours from local midnight, unless told otherwise."""
    return Horizon(datetime.fromisoformat(start), time_zone, slot_minutes, slots)


def pack_type(**changes: Any) -> PackType:
    """Type A: 100 kWh, charged up to E = 90 kWh, handed over from S = 80 kWh; no acceptance limit, no wear."""
    return replace(PackType("A", capacity_kwh=100, target_soc=0.9, swap_soc=0.8), **changes)


def chargers(**changes: Any) -> Chargers:
    """Two chargers of 40 kW at η = 0.8."""
    return replace(Chargers(count=2, max_kw=40, efficiency=0.8), **changes)


def pack(pack_id: str = "P1", soc: float = 0.5, kind: str = "A") -> Pack:
    """A pack of type `kind`."""
    return Pack(pack_id, kind, soc)


def swap(swap_id: str = "W1", slot: int = 1, returned_soc: float | None = 0.1, **changes: Any) -> Swap:
    """A driver of type A who brings 10 kWh; losing the swap costs 100."""
    return replace(Swap(swap_id, slot, "A", returned_soc, lost_cost=100), **changes)


def window(start: str = "00:00", end: str = "24:00", **changes: Any) -> Window:
    """A tariff window from clock times such as "22:30"."""
    return Window(clock(start), clock(end), **changes)


def clock(text: str) -> int:
    """Minute of the day of "hh:mm"."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def minute(day: str, time: str = "00:00") -> LocalMinute:
    """A local minute, the weekday worked out."""
    date = datetime.fromisoformat(day).date()
    return LocalMinute(date, clock(time), date.weekday())


def period(name: str, price_per_kwh: float, start: str = "00:00", end: str = "24:00", **changes: Any) -> EnergyPeriod:
    """An energy period that holds between two clock times."""
    return EnergyPeriod(name, price_per_kwh, window(start, end, **changes))


def demand(name: str = "peak", rate_per_kw: float = 2.0, **changes: Any) -> DemandCharge:
    """A demand charge on quarter-hours, always on."""
    return replace(DemandCharge(name, rate_per_kw), **changes)


def tariff(price: float | Sequence[float] = 0.1, **changes: Any) -> Tariff:
    """One price always, or one price a slot. Name `energy_periods` to have those instead."""
    if "energy_periods" in changes:
        return Tariff("T", **changes)
    if isinstance(price, int | float):
        return Tariff("T", energy_periods=(EnergyPeriod("always", price),), **changes)
    return Tariff("T", energy_price_per_kwh=tuple(price), **changes)


def station(slots: int = 4, **changes: Any) -> Station:
    """Station S: three bays with P1 full to 90, P2 at 50, P3 at 10 kWh; no swaps, no base load, no sun, grid 200 kW."""
    settings: dict[str, Any] = {
        "id": "S",
        "bays": 3,
        "chargers": chargers(),
        "grid_limit_kw": 200.0,
        "tariff": tariff(),
        "packs": (pack("P1", 0.9), pack("P2", 0.5), pack("P3", 0.1)),
        "swaps": (),
        "base_load_kw": 0.0,
        "solar_kw": 0.0,
        "ready_reserve": 0,
        **changes,
    }
    for name in SERIES:
        settings[name] = _every_slot(settings[name], slots)
    for name in ("packs", "swaps"):
        settings[name] = tuple(settings[name])
    return Station(**settings)


def _every_slot(value: Any, slots: int) -> tuple[Any, ...]:
    return (value,) * slots if isinstance(value, int | float) else tuple(value)


def night(
    slots: int = 4,
    *,
    on: Horizon | None = None,
    types: Iterable[PackType] | None = None,
    **station_changes: Any,
) -> Night:
    """A station on a horizon; any field of `station` may be named. `types` replaces the one type A."""
    grid = on or horizon(slots)
    kinds = (pack_type(),) if types is None else types
    return Night(grid, {kind.id: kind for kind in kinds}, station(grid.slots, **station_changes))


def instance(*nights: Night, name: str = "test", currency: str = "EUR") -> Instance:
    """An instance of these nights, or of one default night."""
    return Instance(name, currency, nights or (night(),))


def schedule(
    at: Night,
    power_kw: Mapping[str, Sequence[float]] | None = None,
    hand_overs: Mapping[str, str] | None = None,
    solar_used_kw: Sequence[float] = (),
    reserve_shortfall: Sequence[int] = (),
) -> Schedule:
    """A plan from power by pack and pack by swap; each row gets the bay that the rules give its pack.

    Packs that `power_kw` leaves out get a row of zeros if they ever are in the station.
    """
    served = dict(hand_overs or {})
    bays = bays_of(at, served)
    still = (0.0,) * at.horizon.slots
    powers = {**dict.fromkeys(bays, still), **(power_kw or {})}
    rows = tuple(PackRow(name, bays.get(name, 0), tuple(kw)) for name, kw in powers.items())
    handed = tuple(HandOver(swap_id, pack_id) for swap_id, pack_id in served.items())
    return Schedule(at.station.id, rows, handed, tuple(solar_used_kw), tuple(reserve_shortfall))


def bays_of(at: Night, served: Mapping[str, str]) -> dict[str, int | str]:
    """Bay of every pack that is ever there: a returned pack stands where the handed-over one stood."""
    numbers = zip(at.station.packs, at.station.bay_numbers, strict=True)
    bays = {pack.id: at.station.bay_label(bay) for pack, bay in numbers}
    for visit in sorted(at.station.swaps, key=lambda swap: swap.slot):
        given = served.get(visit.id)
        if given in bays and visit.returned_soc is not None:
            bays[returned_pack_id(visit.id)] = bays[given]
    return bays


def with_row(plan: Schedule, pack_id: str, **changes: Any) -> Schedule:
    """`plan` with the row of one pack changed."""
    return replace(plan, rows=tuple(replace(row, **changes) if row.pack == pack_id else row for row in plan.rows))


def problems(build: Callable[..., object], *args: Any, **kwargs: Any) -> list[tuple[str, object, str, str]]:
    """What `build` is refused for, as (place, value, rule, remedy); empty if it is accepted."""
    try:
        build(*args, **kwargs)
    except InvalidData as refused:
        return [(p.place, p.value, p.rule, p.remedy) for p in refused.problems]
    return []


def planned(
    night: Night,
    by_swap: Mapping[str, str],
    power_kw: Mapping[str, Mapping[int, float]],
    solar_used_kw: Sequence[float] | None = None,
    reserve_shortfall: Sequence[int] | None = None,
) -> Schedule:
    """A schedule from pack ids by served swap and power by pack and slot, as `build_schedule` makes it of stays."""
    stays = stays_of(night, by_swap)
    powers = powers_of_stays(stays, night.horizon.slots, power_kw)
    return build_schedule(night, stays, powers, solar_used_kw, reserve_shortfall)
