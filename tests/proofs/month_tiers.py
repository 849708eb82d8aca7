"""Random energy tiers that no polyline has: hours of use, and kWh in proportion. Not a test file itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import builders as make

from models.station.instance import Night
from models.tariff.tariff import DemandCharge, EnergyTiers

PEAK = "month's peak"
EVENING = (make.window("22:30", "23:30"),)


def _rates(r: Random, falling: bool) -> list[float]:
    rates = sorted(round(r.uniform(0.05, 0.6), 2) for _ in range(2))
    return [-rate for rate in rates] if falling else rates


def _hours(r: Random, falling: bool = True, **more: str) -> EnergyTiers:
    """Thresholds of an hour or so: the night reaches them, or is beyond them, or they are out of its reach."""
    first = round(r.uniform(0.3, 2.0), 2)
    hours = [first, first + round(r.uniform(0.2, 1.5), 2)][: r.choice([1, 2])]
    return EnergyTiers("hours", tuple(zip(hours, _rates(r, falling), strict=False)), per_kw_of=PEAK, **more)  # type: ignore[arg-type]


def falling_hours(r: Random) -> tuple[EnergyTiers, ...]:
    return (_hours(r),)


def rising_hours(r: Random) -> tuple[EnergyTiers, ...]:
    return (_hours(r, falling=False),)


def in_proportion(r: Random) -> tuple[EnergyTiers, ...]:
    first = round(r.uniform(10, 60), 1)
    shared = tuple(zip([first, first + 30], [r.uniform(-0.3, 0.3), r.uniform(-0.3, 0.3)], strict=True))
    return (
        EnergyTiers("all", ((first, 0.1), (first + 30, -0.2))),
        EnergyTiers("evening", shared[: r.choice([1, 2])], EVENING, in_proportion_to="all"),
    )


def hours_in_proportion(r: Random) -> tuple[EnergyTiers, ...]:
    all_, other = _hours(r), _hours(r, falling=r.random() < 0.5)
    return all_, replace(other, name="evening", windows=EVENING, in_proportion_to="hours")


Draw = Callable[[Random], tuple[EnergyTiers, ...]]
DRAWS: tuple[Draw, ...] = (falling_hours, rising_hours, in_proportion, hours_in_proportion)


def with_month_tiers(night: Night, draw: Draw, seed: int) -> Night:
    """The night under such tiers, some way into the month or at its start."""
    r = Random(f"{draw.__name__} {seed}")
    tiers, demands = draw(r), night.station.tariff.demand_charges
    minutes = night.horizon.slot_minutes
    tariff = replace(
        night.station.tariff, energy_tiers=tiers, demand_charges=(*demands, DemandCharge(PEAK, 0.0, minutes))
    )
    so_far_kwh = {one.name: r.choice([15.0, 400.0]) for one in tiers} if r.random() < 0.6 else {}
    if "evening" in so_far_kwh:
        so_far_kwh["evening"] = r.random() * so_far_kwh[tiers[0].name]
    peaks = {name: kw for name, kw in night.station.peak_so_far_kw.items() if name != PEAK}
    peaks |= {PEAK: r.choice([5.0, 30.0, 80.0])} if so_far_kwh else {}
    station = replace(night.station, tariff=tariff, energy_so_far_kwh=so_far_kwh, peak_so_far_kw=peaks)
    return replace(night, station=station)


def with_credit(night: Night, seed: int) -> Night:
    """The night with a credit for its peak beside its other demand charges, perhaps one that meters less than it."""
    r, minutes = Random(f"credit {seed}"), night.horizon.slot_minutes
    others = tuple(replace(one, metering_minutes=minutes) for one in night.station.tariff.demand_charges)
    dearer = DemandCharge("dearer", round(r.uniform(0.5, 3), 2), minutes) if r.random() < 0.5 else None
    credit = DemandCharge("credit", round(r.uniform(-2, -0.1), 2), minutes, windows=EVENING if r.random() < 0.5 else ())
    tariff = replace(
        night.station.tariff, demand_charges=(*others, *([dearer] if dearer else []), credit), energy_tiers=()
    )
    peaks = {"credit": 10.0, "dearer": 5.0} if dearer and r.random() < 0.5 else {}
    station = replace(night.station, tariff=tariff, energy_so_far_kwh={}, peak_so_far_kw=peaks)
    return replace(night, station=station)
