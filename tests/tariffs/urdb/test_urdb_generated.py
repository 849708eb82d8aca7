"""URDB rates of every structure, drawn by hypothesis: billed here, and minute by minute from their own words."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pysam_bill import HOURS, pysam_lines
from urdb_minutes import BeyondPriceError, MinuteBill, Month, clock
from urdb_rates import imported
from urdb_structures import DEMAND_UNITS, KW_PER_HP, MOST, POWER_FACTOR, DrawnRate, features, urdb_rates

from models.tariff.bill import BillLine, History, Load, bill
from models.tariff.limits import beyond_prices
from models.tariff.tariff import Tariff
from optimizer.formats.build_tariff import build_tariff

KW_IN = {"kW": 1.0, "kVA": POWER_FACTOR, "hp": KW_PER_HP}
KINDS = {"energy": "energy", "energy_tiers": "energy", "demand": "demand", "fixed": "fixed", "minimum": "minimum"}
ZONES = ("America/Los_Angeles", "America/Phoenix")
FIRST_MONTHS = ((2025, 2), (2025, 6), (2025, 11))
HALF_A_CENT = 0.005
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)  # each try is a year of hours


def tariff_of(rate: DrawnRate, **options: object) -> Tariff:
    """Nothing that is drawn may be refused."""
    return build_tariff(imported(rate.raw, holidays=rate.holidays, **rate.options, **options).tariff, None)


def drawn_kw(seed: int, count: int) -> list[float]:
    """Even loads, loads by day, and loads with rare peaks."""
    draw = random.Random(seed)
    kind = seed % 3
    if kind == 0:
        return [draw.uniform(20, 80) for _ in range(count)]
    if kind == 1:
        return [draw.uniform(30, 90) if n * 24 // 96 % 24 in range(7, 21) else draw.uniform(0, 9) for n in range(count)]
    return [draw.uniform(5, 25) + (70 if draw.random() < 0.01 else 0) for _ in range(count)]


def next_month(month: Month) -> Month:
    return (month[0] + month[1] // 12, month[1] % 12 + 1)


def told_minute_by_minute(
    rate: DrawnRate, zone: str, months: list[Month], kw: list[float], step: int, peaks: Mapping[Month, float]
) -> dict[tuple[Month, str], float]:
    by_minute = MinuteBill(rate.raw, zone, rate.holidays, KW_IN, peaks)
    told, begin = {}, 0
    for month in months:
        minutes = len(clock(zone, month))
        of_month = [kw[(begin + minute) // step] for minute in range(minutes)]
        told |= {(month, kind): amount for kind, amount in by_minute.month(month, of_month).items()}
        begin += minutes
    return told


PEAKS = st.dictionaries(
    st.sampled_from([(2024, n) for n in (2, 5, 8, 12)] + [(2025, 1)]), st.integers(0, 150).map(float)
)


@settings(max_examples=50, suppress_health_check=list(HealthCheck))
@given(
    urdb_rates(), st.sampled_from(ZONES), st.sampled_from(FIRST_MONTHS), st.integers(1, 2),
    st.sampled_from((15, 30, 60)), st.integers(0, 99), PEAKS,
)  # fmt: skip
def test_a_drawn_rate_is_billed_as_its_words_say(
    rate: DrawnRate, zone: str, first: Month, count: int, step: int, seed: int, peaks: dict[Month, float]
) -> None:
    months = [first, next_month(first)][:count]
    kw = drawn_kw(seed, sum(len(clock(zone, month)) for month in months) // step)
    tariff = tariff_of(rate)
    history = History({charge.name: peaks for charge in tariff.demand_charges})
    start = datetime(*first, 1, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    lines = bill(tariff, Load(start, step, tuple(kw)), ZoneInfo(zone), history)
    refused = bool(list(beyond_prices(tariff, lines)))
    try:
        told = told_minute_by_minute(rate, zone, months, kw, step, peaks)
    except BeyondPriceError:
        assert refused
        return
    assert not refused
    found: Counter[tuple[Month, str]] = Counter()
    for line in lines:
        found[line.month, KINDS[line.kind]] += line.amount
    for key, amount in told.items():
        assert found[key] == pytest.approx(amount, rel=1e-9, abs=1e-6), key


def by_sam_lines(lines: list[BillLine], kind: str) -> list[float]:
    amounts = [0.0] * 12
    for line in lines:
        of = KINDS[line.kind]
        if of == "demand":
            of = "flat" if line.name.startswith("flat") else "window"
        if of == kind and line.month[1]:
            amounts[line.month[1] - 1] += line.amount
    return amounts


@settings(max_examples=12, phases=UNSHRUNK, suppress_health_check=list(HealthCheck))
@given(urdb_rates(sam=True), st.integers(0, 99))
def test_a_drawn_rate_is_billed_as_pysam_bills_it(rate: DrawnRate, seed: int) -> None:
    """A year of hours: 2018 begins on a Monday, and the zone has no clock changes, as PySAM's year.

    Where credits leave a month's bill below 0, PySAM's minimum is not topped up from there, but from 0.
    """
    zone, kw = ZoneInfo("Etc/GMT+8"), drawn_kw(seed, HOURS)
    lines = bill(tariff_of(rate, metering_minutes=60), Load(datetime(2018, 1, 1, tzinfo=zone), 60, tuple(kw)), zone)
    oracle = pysam_lines(rate.raw, kw)
    found = {kind: by_sam_lines(lines, kind) for kind in ("energy", "flat", "window", "fixed")}
    for kind, amounts in found.items():
        assert amounts == pytest.approx(list(oracle[kind]), abs=HALF_A_CENT), kind
    for of_month in zip(*found.values(), by_sam_lines(lines, "minimum"), oracle["minimum"], strict=True):
        if sum(of_month[:-2]) >= 0:
            assert of_month[-2] == pytest.approx(of_month[-1], abs=HALF_A_CENT)


def test_every_structure_is_drawn() -> None:
    seen: set[str] = set()

    @settings(max_examples=250, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(urdb_rates())
    def look(rate: DrawnRate) -> None:
        seen.update(features(rate.raw))

    look()
    demand = ("flatdemandstructure", "demandratestructure")
    assert seen >= {
        *(unit.lower() for unit in MOST), "limited energy", "shared tiers", "seasonal flat demand",
        "fueladjustmentsmonthly", "lookbackrange", "lookbackmonths", "demandratchetpercentage", "mincharge",
        "fixedchargefirstmeter", "demandwindow",
        *(f"{kind} in {unit}" for kind in demand for unit in DEMAND_UNITS),
        *(f"{kind} {shape}" for kind in demand for shape in ("stepped", "of one rate")),
        *(f"limited {kind}" for kind in demand), *(f"credit of {kind}" for kind in demand),
    }  # fmt: skip
