"""A German network operator's prices, invented: EUR 15.43 per kW and year and 5.38 ct below 2,500 hours of use, EUR
132.68 and 0.69 ct from there on, beside 20 ct for energy, levies and concession fee."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import builders as make

from models.tariff.bill import Load
from models.tariff.billing_year import UseClass
from models.tariff.tariff import DemandCharge, EnergyPeriod, Tariff

BERLIN = ZoneInfo("Europe/Berlin")
CLASSES = (UseClass(2500.0, 132.68, -0.0469),)


def charge(**changes: Any) -> DemandCharge:
    """EUR 120 per kW and year, metered by the hour, unless told otherwise."""
    return make.demand(**{"name": "year", "rate_per_kw": 120.0, "metering_minutes": 60, "period": "year"} | changes)


def operator(**changes: Any) -> Tariff:
    """The price sheet above."""
    prices = {"rate_per_kw": 15.43, "use_classes": CLASSES, "expected_hours": 4000.0}
    return Tariff("operator", (EnergyPeriod("all", 0.2538),), demand_charges=(charge(**prices | changes),))


def at(local: str) -> datetime:
    """A local time in Berlin as an instant."""
    return datetime.fromisoformat(local).replace(tzinfo=BERLIN).astimezone(ZoneInfo("UTC"))


def steady(first: str, last: str, kw: float = 100.0, peaks: dict[str, float] | None = None) -> Load:
    """Hours of `kw` from the local midnight of `first` to that of `last`, but for the hours of `peaks`."""
    start, hours = at(first), int((at(last) - at(first)) // timedelta(hours=1))
    values = [kw] * hours
    for hour, peak_kw in (peaks or {}).items():
        values[(at(hour) - start) // timedelta(hours=1)] = peak_kw
    return Load(start, 60, tuple(values))
