"""The highest average of a billing year goes from night to night, over the ends of months, and ends with the year."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import builders as make
import pytest
import tiny_study as tiny
from test_carry_nights import day, kept, nightly, station_of

from models.tariff.tariff import DemandCharge
from optimizer.carry.month_so_far import month_so_far

STARTS = ("2026-01-31T00:00+01:00", "2026-02-01T00:00+01:00", "2026-02-02T00:00+01:00")
YEAR = tiny.PEAK | {"name": "year", "rate_per_kw": 24.0, "period": "year", "year_begins": 2}
TARIFF = tiny.FLAT | {"id": "demand", "demand_charges": [tiny.PEAK, YEAR | {"year_begins": 1}]}
ENDING = tiny.FLAT | {"id": "demand", "demand_charges": [tiny.PEAK, YEAR]}


def a_day(start: str, tariff: dict[str, Any]) -> dict[str, Any]:
    return day(start) | {"tariffs": [tiny.FLAT, tariff]}


@pytest.mark.parametrize(("tariff", "goes_on"), [(TARIFF, True), (ENDING, False)], ids=["goes-on", "ends"])
def test_a_year_goes_on_where_a_month_ends(tmp_path: Path, tariff: dict[str, Any], goes_on: bool) -> None:
    """Calendar years go on into February, those from February on do not."""
    for number, start in enumerate(STARTS):
        options = ("--carry-from", f"run{number - 1}") if number else ()
        assert nightly(tmp_path, number, a_day(start, tariff), *options).returncode == 0
    january_kw = station_of(tmp_path / "run0")["peak_kw"]["year"]
    assert january_kw > 0
    begins = kept(tmp_path / "run1").get("peak_so_far_kw", {})
    assert begins == ({"year": january_kw} if goes_on else {})
    second = station_of(tmp_path / "run1")["peak_kw"]
    assert kept(tmp_path / "run2").get("peak_so_far_kw", {}) == {name: kw for name, kw in second.items() if kw}
    assert second["year"] >= (january_kw if goes_on else 0)


def test_three_nights_are_those_of_a_study(tmp_path: Path) -> None:
    for number, start in enumerate(STARTS):
        options = ("--carry-from", f"run{number - 1}") if number else ()
        assert nightly(tmp_path, number, a_day(start, TARIFF), *options).returncode == 0
    asked = {"tariffs": [{"id": "demand"}], "demand_weight": 1.0, "first_night": "2026-01-31"}
    study = tiny.read(tmp_path, a_day(STARTS[0], TARIFF), **asked)
    tiny.run_of(study, tmp_path / "study")
    records = [json.loads(text) for text in tiny.records(tmp_path / "study").values()]
    for number, record in enumerate(sorted(records, key=lambda one: one["night"])):
        plan, state = station_of(tmp_path / f"run{number}"), record["tariffs"][0]["plan"]["state"]
        month = plan["billing_month"]
        assert plan["peak_kw"] == {name: pytest.approx(of[month]) for name, of in state["peaks_kw"].items()}
        assert plan["peak_kw"].keys() == {"peak", "year"}


@pytest.mark.parametrize(
    ("month", "expected"),
    [("2025-12", {"month": 5.0, "year": 7.0}), ("2025-11", {"year": 7.0}), ("2024-12", {}), ("", {})],
)
def test_what_goes_on_is_told_by_the_billing_month(month: str, expected: dict[str, float]) -> None:
    """A plan without one, of an earlier version, says nothing of a month or a year."""
    year = DemandCharge("year", 1.0, period="year")
    tariff = make.tariff(demand_charges=(DemandCharge("month", 1.0), year))
    peaks = {"month": 5.0, "year": 7.0}
    planned: Any = SimpleNamespace(peak_kw=peaks, energy_kwh={}, billing_month=month, end=None)
    assert month_so_far(planned, tariff, (2025, 12))["peak_so_far_kw"] == expected
