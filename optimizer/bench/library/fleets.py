"""Families of real station types and of public fleets: the last of the library's families.

Where the numbers come from stands in `instances/bench/README.md`, and by family in its `provenance`.
"""

from __future__ import annotations

from typing import Any

from optimizer.bench.library.draw_instance import InstanceSize, Recipe
from optimizer.bench.library.family import (
    ACCEPTANCE_AT_0_C,
    ACCEPTANCE_AT_25_C,
    PROVENANCE,
    Family,
    as_it_is,
    half_the_packs,
)

LOGGED = "hours of drivers as logged at {} in June 2022 (LH0605/BSS-Simulation-System, MIT, (c) 2024 Hao); "
STATION = "20 packs, 10 chargers, 600 kW: a station type of LH0605/BSS-Simulation-System; " + LOGGED.format("urban-a")
URBAN_PER_HOUR = (
    153, 32, 32, 13, 6, 6, 127, 445, 592, 598, 649, 496, 528, 585, 655, 541, 738, 579, 579, 560, 744, 604, 439, 299,
)  # fmt: skip
"""Station urban-a, 1,572 drivers in 14 days: parts in 10,000 by the local hour."""
HIGHWAY_PER_HOUR = (
    295, 113, 0, 45, 91, 91, 68, 68, 454, 658, 544, 499, 431, 726, 680, 635, 590, 635, 658, 567, 658, 612, 522, 363,
)  # fmt: skip
"""Station highway-b, 441 drivers in 10 days."""
TAXI_PER_HOUR = (
    900, 450, 200, 150, 200, 300, 250, 200, 200, 250, 350, 800, 1000, 600, 300, 300, 400, 450, 300, 250, 250, 300, 550,
    1050,
)  # fmt: skip
"""Taxis of two shifts, swapped at noon and around midnight: the shape is assumed."""
BUS_PER_HOUR = (0, 0, 0, 0, 0, 0, 0, 1, 3, 3, 3, 3, 5, 6, 5, 3, 3, 3, 3, 3, 4, 5, 2, 0)
"""A bus every 20 minutes, and those whose drivers change over after the early and the late shift."""

KW_OF_A_PACK = 30.0  # 600 kW for 20 packs
TEN_CHARGERS = {
    "xs": InstanceSize(packs=4, slots=24, slot_minutes=60, swaps=8),
    "s": InstanceSize(packs=8, slots=48, slot_minutes=30, swaps=16),
    "m": InstanceSize(packs=20, slots=96, slot_minutes=15, swaps=40),
    "l": InstanceSize(packs=20, slots=96, slot_minutes=15, swaps=90),
}
TWENTY_ONE_PACKS = {**TEN_CHARGERS, "m": InstanceSize(21, 96, 15, 40), "l": InstanceSize(21, 96, 15, 112)}
TAXIS = {
    "xs": InstanceSize(packs=4, slots=24, slot_minutes=60, swaps=11),
    "s": InstanceSize(packs=8, slots=48, slot_minutes=30, swaps=26),
    "m": InstanceSize(packs=16, slots=96, slot_minutes=15, swaps=84),
    "l": InstanceSize(packs=30, slots=96, slot_minutes=15, swaps=210),
}
BUSES = {
    "xs": InstanceSize(packs=3, slots=24, slot_minutes=60, swaps=8),
    "s": InstanceSize(packs=6, slots=48, slot_minutes=30, swaps=20),
    "m": InstanceSize(packs=12, slots=96, slot_minutes=15, swaps=60),
    "l": InstanceSize(packs=24, slots=96, slot_minutes=15, swaps=120),
}
TRUCKS = {
    "xs": InstanceSize(packs=6, slots=24, slot_minutes=60, swaps=6),
    "s": InstanceSize(packs=9, slots=48, slot_minutes=30, swaps=10),
    "m": InstanceSize(packs=14, slots=96, slot_minutes=15, swaps=24),
    "l": InstanceSize(packs=28, slots=96, slot_minutes=15, swaps=60),
}


def _grid(size: InstanceSize) -> dict[str, Any]:
    return {"grid_limit_kw": KW_OF_A_PACK * size.packs}


def _half(size: InstanceSize) -> dict[str, Any]:
    return {"count": half_the_packs(size)}


FLEETS = (
    Family(
        "ten-chargers-25c",
        "a real station type: 20 packs and 10 chargers, packs that take less power as they fill, as measured at 25 °C",
        "a charger is given up while its pack still fills, or kept; the curve bends both ways",
        PROVENANCE + STATION + "acceptance of a 100 kWh pack as of instances/packs; tariff of Chengdu 2023",
        Recipe(as_it_is("chengdu"), of_pack_types={"acceptance": ACCEPTANCE_AT_25_C}, of_chargers=_half,
               of_station=_grid, per_hour=URBAN_PER_HOUR),
        TEN_CHARGERS,
    ),
    Family(
        "ten-chargers-0c",
        "the same station at 0 °C: packs take half the power",
        "a pack fills for four hours; ten chargers are scarce, whatever the grid connection carries",
        PROVENANCE + STATION + "acceptance of a 100 kWh pack as of instances/packs; tariff of Chengdu 2023",
        Recipe(as_it_is("chengdu"), of_pack_types={"acceptance": ACCEPTANCE_AT_0_C}, of_chargers=_half,
               of_station=_grid, per_hour=URBAN_PER_HOUR),
        TEN_CHARGERS,
    ),
    Family(
        "hedged",
        "a night that keeps packs ready for more drivers than are expected, under a demand charge",
        "packs ready early pull charging into dear hours, the demand charge spreads it; both tie all packs together",
        PROVENANCE + "21 packs of 62.5 kW at 98 % (NIO); " + LOGGED.format("urban-a")
        + "a tenth of the demand rate of Zhejiang is at stake",
        Recipe(as_it_is("zhejiang-demand", weight=0.1), charger_kw=62.5, efficiency=0.98, peak_so_far=0.9,
               per_hour=URBAN_PER_HOUR, reserve_hours=2.0),
        TWENTY_ONE_PACKS,
    ),
    Family(
        "hedged-ten-chargers",
        "hedged at 0 °C with 20 packs and 10 chargers",
        "what is kept ready, the ten chargers, the curve and the peak all bind at once",
        PROVENANCE + STATION + "a tenth of the demand rate of Zhejiang is at stake",
        Recipe(as_it_is("zhejiang-demand", weight=0.1), of_pack_types={"acceptance": ACCEPTANCE_AT_0_C},
               of_chargers=_half, of_station=_grid, peak_so_far=0.9, per_hour=URBAN_PER_HOUR, reserve_hours=2.0),
        TEN_CHARGERS,
    ),
    Family(
        "highway",
        "a station at a motorway, open all night",
        "drivers come late into the evening peak of prices, with little left in the packs",
        PROVENANCE + LOGGED.format("highway-b") + "tariff of Zhejiang, a tenth of its demand rate at stake",
        Recipe(as_it_is("zhejiang-demand", weight=0.1), peak_so_far=0.9, pack_types=("nio-100", "nio-75"),
               charger_kw=62.5, efficiency=0.98, per_hour=HIGHWAY_PER_HOUR),
        {**TWENTY_ONE_PACKS, "l": InstanceSize(21, 96, 15, 88)},
    ),
    Family(
        "taxi",
        "taxis of two shifts: most come at noon and around midnight",
        "what is not full by noon is lost; between the peaks there are four hours, in which prices are high",
        PROVENANCE + "2.1 swaps a taxi and day (Xie et al. 2024, doi 10.3390/su16041676, Chengdu); that shifts decide "
        "when taxis come: arXiv 2109.09799 (Shenzhen); the hours assumed; tariff of Chengdu 2023",
        Recipe(as_it_is("chengdu"), reach=1.2, pack_types=("choco-42", "choco-70"), charger_kw=40.0, lost_cost=60.0,
               per_hour=TAXI_PER_HOUR),
        TAXIS,
    ),
    Family(
        "bus-line",
        "a bus line with a timetable: a bus every 20 minutes, more at the changes of shift",
        "a bus that is lost is dear; two peaks of equal packs, a whole round trip each",
        PROVENANCE + "a bus every 20 minutes from 6 to 19 o'clock, round trips of 200 km in two swaps (Qingdao to "
        "Laixi, 03e.com.cn/news/show-12332.html); packs and changes of shift assumed; tariff of Shandong 2016",
        Recipe(as_it_is("shandong"), reach=1.1, pack_types=("bus-170",), charger_kw=120.0, base_kw=20.0,
               lost_cost=300.0, per_hour=BUS_PER_HOUR),
        BUSES,
    ),
    Family(
        "truck-blocks",
        "heavy trucks that take one, two or three blocks of 171 kWh, all or none",
        "a truck of three blocks and three of one block compete; bounds that serve trucks in parts are weak",
        PROVENANCE + "blocks of 171 kWh, up to three a truck (CATL, technode.com, 2023-06-14); "
        + LOGGED.format("highway-b") + "tariff of Zhejiang from July 2026 without a demand charge",
        Recipe(as_it_is("zhejiang"), reach=1.1, grid_share=0.25, pack_types=("block-171",), charger_kw=160.0,
               base_kw=20.0, lost_cost=200.0, packs_drawn=(1, 2, 3), per_hour=HIGHWAY_PER_HOUR),
        TRUCKS,
    ),
)  # fmt: skip
