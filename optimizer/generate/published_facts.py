"""Numbers from which `generate network` draws: published facts with their sources, and what is assumed.

Every number that no one publishes says "assumed"; `instances/README.md` lists them as parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

NIO = "NIO, published figures"
USED = "energies around the 53 kWh a swap that NIO reports for all its stations; the rest assumed"
ELAAD = "ElaadNL distributions of arrivals at public chargers, as packaged by EV2Gym 2.0.0 (MIT licence), by the hour"

FIRST_YEAR, LAST_YEAR = 2000, 2099  # China's clock has been 8 hours ahead of UTC all year since 1992

ARRIVALS_PER_HOUR: Mapping[str, tuple[int, ...]] = {
    "weekday": (98, 45, 24, 16, 16, 22, 73, 323, 786, 772, 511, 466, 535, 535, 502, 512, 566, 834, 1091, 806, 505, 396,
                337, 228),
    "weekend": (204, 124, 64, 37, 28, 25, 29, 65, 173, 373, 566, 700, 788, 820, 846, 829, 798, 802, 733, 576, 487, 393,
                314, 225),
}  # fmt: skip
"""Private drivers: parts in 10,000 of a day's arrivals in each local hour (ElaadNL)."""

FLEET_PER_HOUR: Mapping[str, tuple[int, ...]] = {
    "weekday": (250, 150, 100, 80, 80, 150, 400, 700, 600, 350, 300, 700, 850, 500, 300, 300, 450, 750, 800, 600, 500,
                450, 350, 290),
    "weekend": (350, 250, 150, 100, 80, 100, 200, 400, 500, 450, 450, 650, 750, 550, 400, 400, 500, 650, 700, 600, 550,
                500, 400, 320),
}  # fmt: skip
"""Taxis and trucks: peaks in the morning, at noon and in the evening, and some at night (assumed)."""


@dataclass(frozen=True)
class PackKind:
    """A pack type: energy a driver uses up between swaps is drawn around `used_kwh` with deviation `spread_kwh`."""

    id: str
    capacity_kwh: float
    target_soc: float
    swap_soc: float
    used_kwh: float
    spread_kwh: float
    source: str


@dataclass(frozen=True)
class StationKind:
    """A kind of station; `share` of the network's stations, `pack_types` from the most to the least common."""

    id: str
    share: float
    packs: int
    charger_kw: float
    efficiency: float
    grid_kw: float
    base_kw: float
    lost_cost: float
    fleet_share: tuple[float, float]
    pack_types: tuple[str, ...]
    source: str


PACKS = (
    PackKind("nio-75", 75, 0.9, 0.9, 46, 10, "75 kWh: NIO; " + USED),
    PackKind("nio-100", 100, 0.9, 0.9, 58, 14, "100 kWh: NIO; " + USED),
    PackKind("nio-150", 150, 0.9, 0.8, 85, 20, "150 kWh: NIO; " + USED),
    PackKind("truck-282", 282, 0.95, 0.85, 180, 35, "282 kWh: heavy-truck pack; the rest assumed"),
    PackKind("truck-421", 421, 0.95, 0.85, 270, 50, "421 kWh: heavy-truck pack; the rest assumed"),
)

STATIONS = (
    StationKind("second", 0.40, 13, 60.0, 0.95, 500, 8, 100, (0.0, 0.6), ("nio-75", "nio-100"),
                 "13 packs, 40 to 80 kW a bay: NIO; the rest assumed"),
    StationKind("third", 0.40, 21, 62.5, 0.98, 800, 10, 100, (0.0, 0.6), ("nio-100", "nio-75", "nio-150"),
                 "21 packs, modules of 62.5 kW at 98 %: NIO; the rest assumed"),
    StationKind("fourth", 0.14, 23, 62.5, 0.98, 850, 12, 100, (0.0, 0.6), ("nio-100", "nio-75", "nio-150"),
                 "23 packs: NIO; chargers as in the third generation and the rest assumed"),
    StationKind("truck", 0.06, 8, 240.0, 0.95, 1000, 20, 400, (1.0, 1.0), ("truck-282", "truck-421"),
                 "packs of 282 and 421 kWh; the rest assumed"),
)  # fmt: skip

SWAPS_MEDIAN, SWAPS_SIGMA, SWAPS_RANGE = 30.0, 0.5, (10, 150)
"""Swaps a day: log-normal (assumed) around 28.7 per station (December 2024) and 39.6 (record day, 2026-02-15): NIO."""

# All from here to the tariffs is assumed.
SWAPS_QUANTILES, USED_QUANTILES = (1e-9, 1 - 1e-9), (0.02, 0.98)  # rarer numbers of swaps and energies count as these
SHIFT_HOURS = (-1, 0, 1)  # by which a station's day is earlier or later than the shares above
LEAST_SOC = 0.02  # of a pack that comes back
PRIORITY_SHARE, PRIORITY_FACTOR = 0.1, 1.5  # drivers whose loss costs more
ONE_TYPE_SHARE = 0.5  # of the stations; the others hold two or three pack types, each half as common as the one before
START_SOC = (0.3, 1.0)  # of the target, evenly spread: benchmark instances only
GRID_FACTOR = (0.8, 1.2)  # of the kind's usual grid limit, in tens of kW
DAYS_BEFORE = 2  # like the night and charged on arrival from full packs on: they leave the packs and the month's peak

BUSY_HOURS, STOCK_SHARE, POWER_SHARE = 6, 0.6, 0.8
"""Ordinary stations need in their busiest hours no more than these shares of their packs and their power."""

OVERLOADED_SHARE = 0.03
OVERLOADED_SWAPS_PER_PACK = (4.5, 6.5)
LOST_SHARE = (0.02, 0.08)  # of the energy that overloaded stations lack in their worst stretch: so are 1 to 15 % lost
GRID_STEP_KW = 5.0  # to which their grid limit is rounded down
OVERLOADED, WITHIN_REACH = "more than it can serve", "within its reach"  # as `sources` of a station say it

_ZHEJIANG: list[dict[str, Any]] = [
    {"name": "deep valley", "price_per_kwh": 0.14, "start": "11:00", "end": "13:00"},
    {"name": "sharp", "price_per_kwh": 1.435, "start": "18:00", "end": "20:00"},
    {"name": "peak", "price_per_kwh": 1.295, "start": "16:00", "end": "22:30"},
    {"name": "valley", "price_per_kwh": 0.28, "start": "22:30", "end": "08:00"},
    {"name": "flat", "price_per_kwh": 0.7},
]
_ZHEJIANG_SOURCE = (
    "Zhejiang from 2026-07-01: 2.05, 1.85, 1, 0.4, 0.2 of the flat price, valley 22:30 to 08:00 for central "
    "EV and swap stations; flat price 0.70 and the hours of deep valley, sharp and peak assumed"
)


def _chengdu(year: int) -> list[dict[str, Any]]:
    """Periods that hold on every day of the year: the winter's sharp hours run from one year into the next."""
    summer = [[f"{year}-07-26", f"{year}-08-25"]]
    winter = [[f"{first}-12-26", f"{first + 1}-01-25"] for first in (year - 1, year)]
    return [
        {"name": "sharp", "price_per_kwh": 0.90432, "start": "15:00", "end": "17:00", "dates": summer},
        {"name": "sharp", "price_per_kwh": 0.90432, "start": "19:00", "end": "21:00", "dates": winter},
        {"name": "peak", "price_per_kwh": 0.7536, "start": "11:00", "end": "12:00"},
        {"name": "peak", "price_per_kwh": 0.7536, "start": "14:00", "end": "21:00"},
        {"name": "valley", "price_per_kwh": 0.2602, "start": "23:00", "end": "07:00"},
        {"name": "flat", "price_per_kwh": 0.5464},
    ]


_CHENGDU_SOURCE = "Chengdu 2023: hours and prices of peak, flat and valley, sharp = peak x 1.2 on its dates"
_SHANDONG: list[dict[str, Any]] = [
    {"name": "sharp", "price_per_kwh": 1.105, "start": "10:30", "end": "11:30", "months": [6, 7, 8]},
    {"name": "sharp", "price_per_kwh": 1.105, "start": "19:00", "end": "21:00", "months": [6, 7, 8]},
    {"name": "peak", "price_per_kwh": 0.975, "start": "08:30", "end": "11:30"},
    {"name": "peak", "price_per_kwh": 0.975, "start": "16:00", "end": "21:00"},
    {"name": "valley", "price_per_kwh": 0.325, "start": "23:00", "end": "07:00"},
    {"name": "flat", "price_per_kwh": 0.65},
]
_SHANDONG_SOURCE = (
    "Shandong 2016: hours, +50 % peak, +70 % sharp, -50 % valley; central swapping without demand charge; "
    "flat price 0.65 assumed"
)
_DEMAND_SOURCE = "; demand charge assumed (30 to 45 yuan per kW and month is typical, not sourced)"


def _demand(rate_per_kw: float, metering_minutes: int) -> dict[str, Any]:
    return {"name": "month", "rate_per_kw": rate_per_kw, "metering_minutes": metering_minutes}


@cache
def tariffs(year: int) -> tuple[tuple[float, dict[str, Any]], ...]:
    """Share of the stations (assumed) and tariff, in yuan, as it is in that year."""
    chengdu = _chengdu(year)
    return (
        (0.25, _tariff("zhejiang-demand", _ZHEJIANG, _ZHEJIANG_SOURCE, _demand(38.0, 30))),
        (0.20, _tariff("zhejiang", _ZHEJIANG, _ZHEJIANG_SOURCE)),
        (0.10, _tariff("chengdu-demand", chengdu, _CHENGDU_SOURCE, _demand(35.0, 15))),
        (0.25, _tariff("chengdu", chengdu, _CHENGDU_SOURCE)),
        (0.20, _tariff("shandong", _SHANDONG, _SHANDONG_SOURCE)),
    )


def _tariff(
    tariff_id: str, periods: list[dict[str, Any]], source: str, charge: dict[str, Any] | None = None
) -> dict[str, Any]:
    sources = source + (_DEMAND_SOURCE if charge else "")
    made: dict[str, Any] = {"id": tariff_id, "sources": {"all": sources}, "energy_periods": periods}
    return made | {"demand_charges": [charge]} if charge else made
