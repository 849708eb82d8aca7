"""The families of the library: kinds of instances, each with a purpose and a ladder of sizes.

To add one, write a `Family` into _ALL, or into FLEETS of `fleets` (real stations, public fleets), and run
`make library`. A family in use never changes: whatever is drawn in another way is another family, or has another seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from random import Random
from types import MappingProxyType
from typing import Any

from models.errors import InvalidData, Problem
from optimizer.bench.library.draw_instance import (
    LADDER,
    InstanceSize,
    Locale,
    Recipe,
    between,
    draw_instance,
)
from optimizer.bench.library.family import (
    ACCEPTANCE_AT_0_C,
    PROVENANCE,
    Family,
    as_it_is,
    half_the_packs,
)
from optimizer.bench.library.fleets import FLEETS
from optimizer.files.errors import did_you_mean


def family_instance(family: str, size: str, seed: int) -> dict[str, Any]:
    """The instance document "{family}-{size}-{seed}", of one station. Raises InvalidData where there is none such."""
    chosen = family_of(family)
    if size not in chosen.ladder:
        remedy = f"its sizes: {', '.join(chosen.ladder)}"
        raise InvalidData([Problem("size", size, f"is not a size of family {family!r}", remedy)])
    draw = Random(f"swapcharge bench {family} {size} {seed}")
    what = f"generated for the benchmark: family {family}, size {size}, seed {seed}"
    made = draw_instance(chosen.recipe, chosen.ladder[size], draw, f"{family}-{size}-{seed}", what)
    if chosen in FLEETS:  # the files of older families stay as they were written
        made["sources"]["all"] = chosen.provenance
    return made


def family_of(name: str) -> Family:
    """The family of that id. Raises InvalidData."""
    if name not in FAMILIES:
        remedy = did_you_mean(name, FAMILIES, f"the families: {', '.join(FAMILIES)}")
        raise InvalidData([Problem("family", name, "is not a family that can be generated", remedy)])
    return FAMILIES[name]


def _flat(draw: Random, size: InstanceSize) -> dict[str, Any]:
    return {"id": "flat", "sources": {"all": "assumed"}, "energy_price_per_kwh": 0.65}


SUNNY_EUR_PER_KWH = (
    0.06, 0.05, 0.04, 0.04, 0.04, 0.05, 0.04, 0.02, 0.0, -0.03, -0.08, -0.12,
    -0.15, -0.15, -0.13, -0.08, -0.02, 0.03, 0.08, 0.12, 0.12, 0.1, 0.08, 0.07,
)  # fmt: skip
SUNNY = Locale("EUR", "Europe/Amsterdam", datetime.fromisoformat("2026-06-14T00:00:00+02:00"))


def _sunny(draw: Random, size: InstanceSize) -> dict[str, Any]:
    """Hourly prices of a sunny Sunday."""
    prices = [round(price + between(draw, -0.02, 0.02), 4) for price in SUNNY_EUR_PER_KWH]
    series = {"start": SUNNY.start.isoformat(), "minutes": 60, "per_kwh": prices}
    source = "assumed: shape of a sunny Sunday on the Dutch day-ahead market, drawn within 0.02 EUR/kWh of it"
    return {"id": "sunny-sunday", "sources": {"all": source}, "price_series": series}


ON_OFF_LADDER = {
    **LADDER,
    "xs": InstanceSize(packs=3, slots=16, slot_minutes=90, swaps=5),
}  # so that xs can be proven


def _busier(factor: float) -> dict[str, InstanceSize]:
    """The ladder with so many times the drivers."""
    return {size: replace(scale, swaps=round(factor * scale.swaps)) for size, scale in LADDER.items()}


def _caps(size: InstanceSize) -> dict[str, Any]:
    """A third of the chargers may change packs at once; each change is paid for."""
    return {"plug_changes_max": max(1, half_the_packs(size) // 3), "plug_change_cost": 0.5}


_AVERAGE = {"grid_limit_is": "average"}  # what the limit meant when these families were drawn

_ALL = (
    Family(
        "ordinary",
        "an ordinary day at an ordinary station: what everything else is compared with",
        "equal packs and equal chargers can be swapped for each other; prices have five levels",
        PROVENANCE + "tariff of Zhejiang from July 2026 without a demand charge",
        Recipe(as_it_is("zhejiang")),
    ),
    Family(
        "peaky-demand",
        "price spread against a demand charge: how well the peak is bounded",
        "each kW above the peak so far costs as much as hours of dear energy; the peak ties all slots together",
        PROVENANCE + "tariff of Zhejiang, a tenth of its demand rate at stake; peak so far 0.9 times the mean load",
        Recipe(as_it_is("zhejiang-demand", weight=0.1), peak_so_far=0.9),
    ),
    Family(
        "overloaded",
        "more drivers than can be served: which to lose, and how many are lost for certain",
        "the grid connection carries 0.85 of what serving everybody takes; bounds that serve drivers in parts are weak",
        PROVENANCE + "tariff of Chengdu 2023",
        Recipe(as_it_is("chengdu"), reach=0.85),
        _busier(1.4),
    ),
    Family(
        "two-types",
        "two pack types that share chargers and grid connection but no driver",
        "the types compete for the cheap hours",
        PROVENANCE + "packs of 100 and 75 kWh, two to one; tariff of Chengdu 2023",
        Recipe(as_it_is("chengdu"), reach=1.3, pack_types=("nio-100", "nio-75")),
    ),
    Family(
        "acceptance-wear",
        "a charging curve that falls as packs fill, and wear that grows with power",
        "the power of a slot depends on the energy at its end; slow charging saves wear and needs the packs for longer",
        PROVENANCE + "charging curve and wear assumed; tariff of Chengdu 2023",
        Recipe(
            as_it_is("chengdu"),
            of_pack_types={
                "acceptance": [[0.6, 62.5], [0.8, 50.0], [0.9, 40.0], [1.0, 25.0]],
                "wear": [[0.0, 0.0], [40.0, 0.0], [65.0, 3.5]],
            },
            charger_kw=62.5,
            efficiency=0.98,
        ),
    ),
    Family(
        "on-off",
        "chargers that know only nothing and full power",
        "a whole decision for every pack and slot in place of a power",
        PROVENANCE + "tariff of Zhejiang from July 2026 without a demand charge",
        Recipe(as_it_is("zhejiang"), of_chargers=lambda scale: {"mode": "on_off"}, of_station=lambda size: _AVERAGE),
        ON_OFF_LADDER,
    ),
    Family(
        "on-off-at-once",
        "on-off where the grid limit holds at every moment, not on average",
        "a partial slot takes as much of the grid connection as a whole one; how many packs charge is a whole number",
        PROVENANCE + "tariff of Zhejiang from July 2026 without a demand charge",
        Recipe(as_it_is("zhejiang"), of_chargers=lambda scale: {"mode": "on_off"}),
        ON_OFF_LADDER,
    ),
    Family(
        "few-chargers",
        "half as many chargers as packs, a least power, and plug changes that are limited and paid for",
        "which pack stands at a charger is a decision of its own, tied to the slot before",
        PROVENANCE + "least power, limit and price of plug changes assumed; tariff of Zhejiang without a demand charge",
        Recipe(
            as_it_is("zhejiang"),
            of_chargers=lambda size: {"count": half_the_packs(size), "min_kw": 15.0},
            of_station=lambda size: _caps(size) | _AVERAGE,
        ),
        ON_OFF_LADDER,
    ),
    Family(
        "few-chargers-at-once",
        "few-chargers where the grid limit holds at every moment, not on average",
        "the slot that fills a pack takes the least power of the grid connection, however little is missing",
        PROVENANCE + "least power, limit and price of plug changes assumed; tariff of Zhejiang without a demand charge",
        Recipe(
            as_it_is("zhejiang"),
            of_chargers=lambda size: {"count": half_the_packs(size), "min_kw": 15.0},
            of_station=_caps,
        ),
        ON_OFF_LADDER,
    ),
    Family(
        "few-chargers-on-off",
        "the same with chargers that know only nothing and full power",
        "whole decisions only: a timetable of the chargers",
        PROVENANCE + "limit and price of plug changes assumed; tariff of Chengdu 2023",
        Recipe(
            as_it_is("chengdu"),
            of_chargers=lambda size: {"count": half_the_packs(size), "mode": "on_off"},
            of_station=lambda size: _caps(size) | _AVERAGE,
        ),
        ON_OFF_LADDER,
    ),
    Family(
        "few-chargers-on-off-at-once",
        "few-chargers-on-off where the grid limit holds at every moment, not on average",
        "a timetable of the chargers in which each that is on takes its full power of the grid connection",
        PROVENANCE + "limit and price of plug changes assumed; tariff of Chengdu 2023",
        Recipe(
            as_it_is("chengdu"),
            of_chargers=lambda size: {"count": half_the_packs(size), "mode": "on_off"},
            of_station=_caps,
        ),
        ON_OFF_LADDER,
    ),
    Family(
        "few-chargers-curve",
        "half as many chargers as packs, and packs that take less power as they fill, as measured at 0 °C",
        "a charger is taken for longer the fuller a pack is to be; the curve bends both ways",
        PROVENANCE + "acceptance of a 100 kWh pack as of instances/packs; tariff of Chengdu 2023",
        Recipe(
            as_it_is("chengdu"),
            of_pack_types={"acceptance": ACCEPTANCE_AT_0_C},
            of_chargers=lambda size: {"count": half_the_packs(size)},
        ),
        ON_OFF_LADDER,
    ),
    Family(
        "negative-prices",
        "hours in which charging is paid for",
        "room in the packs is what is scarce; that bills are not below zero is no bound; costs near zero strain a gap",
        PROVENANCE + "prices and the worth of energy left over assumed",
        Recipe(_sunny, of_pack_types={"end_value_per_kwh": 0.05}, lost_cost=50.0, clock=SUNNY),
    ),
    Family(
        "flat-price",
        "one price: only who is served counts",
        "countless plans cost the same, so branching goes astray; the grid connection is tight",
        PROVENANCE + "price assumed",
        Recipe(_flat, reach=1.1, grid_share=0.2),
        _busier(1.3),
    ),
    Family(
        "week",
        "a long horizon: how the size of a programme tells",
        "seven days in one programme, weekdays and a weekend",
        PROVENANCE + "tariff of Chengdu 2023",
        Recipe(as_it_is("chengdu"), clock=Locale(start=datetime.fromisoformat("2026-11-23T00:00:00+08:00"))),
        {
            "xs": InstanceSize(3, 42, 240, 16), "s": InstanceSize(6, 168, 60, 60),
            "m": InstanceSize(13, 336, 30, 210), "l": InstanceSize(21, 672, 15, 420),
        },
    ),
    Family(
        "fine-slots",
        "slots of 5 minutes under a demand meter of 15 minutes",
        "a charge spreads over a dozen slots, most of them alike",
        PROVENANCE + "tariff of Chengdu 2023; a tenth of an assumed demand rate is at stake",
        Recipe(
            as_it_is("chengdu-demand", weight=0.1),
            peak_so_far=0.4,
            clock=Locale(start=datetime.fromisoformat("2026-11-25T16:00:00+08:00")),
        ),
        {"xs": InstanceSize(4, 24, 5, 5), "s": InstanceSize(6, 48, 5, 10),
         "m": InstanceSize(13, 96, 5, 34), "l": InstanceSize(24, 288, 5, 110)},
    ),
    Family(
        "truck",
        "heavy trucks: large packs, strong chargers, one pack a large part of the grid connection",
        "few packs, each of which fills several slots; losing a truck is dear",
        PROVENANCE + "packs of 282 and 350 kWh, two to one; tariff of Zhejiang from July 2026 without a demand charge",
        Recipe(
            as_it_is("zhejiang"),
            pack_types=("truck-282", "truck-350"),
            charger_kw=240.0,
            base_kw=20.0,
            lost_cost=400.0,
            fleet_share=1.0,
        ),
        {**LADDER, "l": InstanceSize(21, 96, 15, 90)},
    ),
    Family(
        "three-blocks",
        "trucks that take three packs at once, all or none",
        "three packs must be ready together under a tight grid connection; bounds that serve trucks in parts are weak",
        PROVENANCE + "that a truck takes three blocks of 100 kWh assumed; tariff of Chengdu 2023",
        Recipe(as_it_is("chengdu"), reach=1.05, grid_share=0.2, lost_cost=300.0, packs_of_swap=3, fleet_share=1.0),
        _busier(0.35),
    ),
)  # fmt: skip

FAMILIES: Mapping[str, Family] = MappingProxyType({family.id: family for family in (*_ALL, *FLEETS)})
