"""Bills of imported URDB rates against NREL-PySAM, a year of hours, every line of every month to the cent."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from paths import INSTANCES
from pysam_bill import HOURS, pysam_lines

from models.tariff.bill import BillLine, History, Load, bill
from optimizer.formats.build_tariff import build_tariff
from optimizer.tariffs.urdb.import_urdb import UrdbOptions, import_urdb

URDB = INSTANCES / "urdb"
ZONE = ZoneInfo("Etc/GMT+8")  # no clock changes
START = datetime(2018, 1, 1, tzinfo=ZONE)  # a Monday
HALF_A_CENT = 0.005
KINDS = {"energy": "energy", "energy_tiers": "energy", "fixed": "fixed", "minimum": "minimum"}

Raw = dict[str, Any]


def raw(name: str) -> Raw:
    document = json.loads((URDB / f"{name}.json").read_text())
    return document["items"][0] if "items" in document else document


def steps_made_equal(rate: Raw) -> None:
    """The tiered rate as it stands has steps of 1.218 and 1.217 cents."""
    first, other = rate["energyratestructure"]
    other[1]["rate"] = other[0]["rate"] + first[1]["rate"] - first[0]["rate"]


def crossed_late(rate: Raw) -> None:
    """Thresholds that the month's kWh cross in its course, not in its first hours."""
    steps_made_equal(rate)
    for tiers in rate["energyratestructure"]:
        tiers[0]["max"] = 20_000.0


def three_tiers_by_season(rate: Raw) -> None:
    """Other thresholds and steps from May to October (period 1), in all of its hours."""
    summer = [{"rate": 0.05, "max": 8_000}, {"rate": 0.09, "max": 21_000}, {"rate": 0.07}]
    winter = [{"rate": 0.06, "max": 15_000}, {"rate": 0.04}]
    rate["energyratestructure"] = [summer, winter]
    rate["energyweekdayschedule"] = rate["energyweekendschedule"] = [[int(not 4 <= m <= 9)] * 24 for m in range(12)]


def crossed_by_period(rate: Raw) -> None:
    """Steps that differ by a cent, thresholds that the month's kWh cross in its course."""
    crossed_late(rate)
    rate["energyratestructure"][1][1]["rate"] += 0.01


def by_unit(unit: str, *maxima: float, day_more: float = 0.0) -> Callable[[Raw], None]:
    """Tiers of another unit in both of two periods; those of the day (period 1) may have other steps."""

    def change(rate: Raw) -> None:
        limits: list[dict[str, float]] = [*({"max": most} for most in maxima), {}]
        rate["energyratestructure"] = [
            [{"rate": first - 0.02 * n + more * n, "unit": unit, **limit} for n, limit in enumerate(limits)]
            for first, more in ((0.1, 0.0), (0.17, day_more))
        ]
        day = [[int(8 <= hour < 20) for hour in range(24)]] * 12
        rate["energyweekdayschedule"], rate["energyweekendschedule"] = day, [[0] * 24] * 12

    change.__name__ = f"{unit} {maxima} {day_more:g}"
    return change


def credit_off_peak(rate: Raw) -> None:
    """Less than nothing for demand in the first period, and in the flat one of some months."""
    rate["demandratestructure"][0][0]["rate"] = -0.546
    rate["flatdemandstructure"][0][0]["rate"] = -1.25


def fuel_by_month(rate: Raw) -> None:
    rate["fueladjustmentsmonthly"] = [0.001 * (month - 4) for month in range(12)]


def minimum_a_month(rate: Raw) -> None:
    steps_made_equal(rate)
    rate["minmonthlycharge"] = 5_600.0


def minimum_a_year(rate: Raw) -> None:
    steps_made_equal(rate)
    rate["annualmincharge"] = 90_000.0


def loads() -> dict[str, list[float]]:
    """Even ones, one that sleeps at night, one with a rare spike, one of weekdays only, one of almost nothing."""
    draw = random.Random(18)
    even = [draw.uniform(20, 80) for _ in range(HOURS)]
    by_day = [draw.uniform(100, 160) if 8 <= hour % 24 < 20 else draw.uniform(0, 15) for hour in range(HOURS)]
    spiky = [draw.uniform(0, 30) + (400 if draw.random() < 0.003 else 0) for _ in range(HOURS)]
    weekdays = [draw.uniform(30, 120) if hour // 24 % 7 < 5 else 0.0 for hour in range(HOURS)]
    little = [draw.uniform(0, 0.2) for _ in range(HOURS)]
    return {"even": even, "by day": by_day, "spiky": spiky, "weekdays": weekdays, "little": little}


LOADS = loads()


def ours(rate: Raw, load_kw: Sequence[float], history: History | None = None, **options: Any) -> list[BillLine]:
    imported = import_urdb(json.dumps(rate).encode(), "rate", UrdbOptions(metering_minutes=60, **options))
    return bill(build_tariff(imported.tariff, None), Load(START, 60, tuple(load_kw)), ZONE, history)


def by_month(lines: Sequence[BillLine], kind: str) -> list[float]:
    amounts = [0.0] * 12
    for line in lines:
        told = KINDS.get(line.kind) or ("flat" if line.name.startswith("flat") else "window")
        if told == kind and line.month[1]:
            amounts[line.month[1] - 1] += line.amount
    return amounts


def assert_same(lines: Sequence[BillLine], oracle: Mapping[str, Sequence[float]], kinds: Sequence[str]) -> None:
    for kind in kinds:
        found = by_month(lines, kind)
        assert found == pytest.approx(list(oracle[kind]), abs=HALF_A_CENT), kind
    assert any(oracle["energy"])


CASES: list[tuple[str, Callable[[Raw], None] | None]] = [
    ("pge-bev-2-s", None),
    ("pge-bev-2-s", fuel_by_month),
    ("smud-ci-tod3", None),
    ("tiered-with-demand", None),
    ("smud-ci-tod3", credit_off_peak),
    ("tiered-with-demand", crossed_by_period),
    ("tiered-with-demand", by_unit("kWh/kW", 100, 250)),
    ("tiered-with-demand", by_unit("kWh/kW", 200, day_more=-0.004)),
    ("smud-ci-tod3", by_unit("kWh daily", 300)),
    ("smud-ci-tod3", by_unit("kWh/kW daily", 4, 9, day_more=0.011)),
    ("tiered-with-demand", steps_made_equal),
    ("tiered-with-demand", crossed_late),
    ("tiered-with-demand", three_tiers_by_season),
    ("tiered-with-demand", minimum_a_month),
]


@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize(("name", "change"), CASES, ids=[f"{n} {c.__name__ if c else 'as it is'}" for n, c in CASES])
def test_every_line_is_pysams(name: str, change: Callable[[Raw], None] | None, load: str) -> None:
    rate = raw(name)
    if change:
        change(rate)
    rate.pop("annualmincharge", None)  # PySAM spreads it over lines of months: the test below
    lines, oracle = ours(rate, LOADS[load]), pysam_lines(rate, LOADS[load])
    assert_same(lines, oracle, ("energy", "flat", "window", "fixed", "minimum"))
    assert sum(line.amount for line in lines) == pytest.approx(oracle["year"][0], abs=12 * HALF_A_CENT)


def test_the_cases_ask_for_what_they_claim() -> None:
    """Tiers are crossed within months, minimum charges bind in some, every kind of demand costs something."""
    rate = raw("tiered-with-demand")
    three_tiers_by_season(rate)
    kwh = [line.quantity for line in ours(rate, LOADS["even"]) if line.kind == "energy_tiers"]
    assert len(kwh) == 12 and min(kwh) > 21_000
    minimum_a_month(changed := raw("tiered-with-demand"))
    bound = [bool(amount) for amount in by_month(ours(changed, LOADS["even"]), "minimum")]
    assert any(bound) and not all(bound)
    demand = {line.name for line in ours(changed, LOADS["even"]) if line.kind == "demand" and line.amount}
    assert demand == {"flat demand 1", "flat demand 2", "demand period 1", "demand period 2"}


@pytest.mark.parametrize("load", ["even", "little"])
def test_a_minimum_a_year_is_that_of_the_whole_bill(load: str) -> None:
    minimum_a_year(rate := raw("tiered-with-demand"))
    lines, oracle = ours(rate, LOADS[load]), pysam_lines(rate, LOADS[load])
    assert sum(line.amount for line in lines) == pytest.approx(oracle["year"][0], abs=12 * HALF_A_CENT)
    assert lines[-1].month == (2018, 0) and lines[-1].amount > 0


@pytest.mark.parametrize("load", ["even", "spiky", "by day"])
@pytest.mark.parametrize("back", [11, 3])
def test_a_ratchet_is_pysams(back: int, load: str) -> None:
    """Seen by probing: PySAM looks back `back` months of the same year, but one more into the year before.

    So it gets that year's peaks one month earlier than they were; its December is empty.
    """
    before_kw = [90.0 + 7 * month for month in range(12)]
    rate = raw("pge-bev-2-s") | {"lookbackpercent": 0.8, "lookbackrange": back}
    history = History({"flat demand": {(2017, month): kw for month, kw in enumerate(before_kw, 1)}})
    oracle = pysam_lines(
        raw("pge-bev-2-s"),
        LOADS[load],
        ur_enable_billing_demand=1,
        ur_billing_demand_minimum=0,
        ur_billing_demand_lookback_percentages=[[80, 1]] * 12,
        ur_billing_demand_lookback_period=back,
        ur_dc_billing_demand_periods=[[1, 1]],
        ur_yearzero_usage_peaks=[*before_kw[1:], 0.0],
    )
    lines = ours(rate, LOADS[load], history)
    assert_same(lines, oracle, ("energy", "flat", "fixed"))
    own_kw = max(LOADS[load][: 31 * 24])
    assert next(line.quantity for line in lines if line.kind == "demand") == max(0.8 * before_kw[11], own_kw)


@pytest.mark.parametrize("load", ["even", "spiky", "by day"])
def test_a_ratchet_on_rates_by_month_and_hour_is_pysams(load: str) -> None:
    rate = raw("smud-ci-tod3") | {"lookbackpercent": 0.7, "lookbackrange": 11}
    rate["flatdemandstructure"] = [[{"rate": 5.5}], [{"rate": 9.25}]]
    rate["flatdemandmonths"] = [int(4 <= month <= 9) for month in range(12)]
    oracle = pysam_lines(
        rate,
        LOADS[load],
        ur_enable_billing_demand=1,
        ur_billing_demand_minimum=0,
        ur_billing_demand_lookback_percentages=[[70, 1]] * 12,
        ur_billing_demand_lookback_period=11,
        ur_dc_billing_demand_periods=[[period, 1] for period in range(1, len(rate["demandratestructure"]) + 1)],
        ur_yearzero_usage_peaks=[0.0] * 12,
    )
    found = by_month(ours(rate, LOADS[load]), "window")
    told = [flat + window for flat, window in zip(oracle["flat"], oracle["window"], strict=True)]
    assert found == pytest.approx(told, abs=HALF_A_CENT)


def test_unequal_steps_are_off_by_no_more_than_the_note_says() -> None:
    rate = raw("tiered-with-demand")
    found = by_month(ours(rate, LOADS["by day"], tier_tolerance_per_kwh=2e-5), "energy")
    kwh = [
        line.quantity
        for line in ours(rate, LOADS["by day"], tier_tolerance_per_kwh=2e-5)
        if line.kind == "energy_tiers"
    ]
    for amount, told, month_kwh in zip(found, pysam_lines(rate, LOADS["by day"])["energy"], kwh, strict=True):
        assert abs(amount - told) <= 5.01e-6 * month_kwh
