"""Studies of a part of a billing year: nights are planned by that part, and it is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pages
import pytest
import tiny_study as tiny

from models.tariff.series import tariff_on
from optimizer.engine.month.month_weights import month_weights
from optimizer.reports.study import study_report
from optimizer.studies.months.years_in_part import nights_in, tariffs_on, years_in_part
from optimizer.studies.night_task import priced
from optimizer.studies.results import write_results
from optimizer.studies.study import Study
from optimizer.studies.summary import study_warnings

CLASSES = [{"least_hours": 2500, "rate_per_kw": 730.0}]
YEAR = tiny.PEAK | {"name": "year", "rate_per_kw": 365.0, "period": "year"}


def study_of(folder: Path, charge: dict[str, Any] = YEAR, **changes: Any) -> Study:
    tariff = tiny.FLAT | {"id": "demand", "demand_charges": [tiny.PEAK, charge]}
    day = tiny.instance(tiny.station(tariff="demand"), tariffs=[tiny.FLAT, tariff])
    return tiny.read(folder, day, **{"tariffs": [{"id": "demand"}]} | changes)


def rates(study: Study, night: int, *, ahead: bool = False) -> list[float]:
    """What a kW more costs in a night by the yearly charge, in each billing year that the plan sees."""
    (one,) = tariffs_on(study, night)
    horizon = study.horizon_ahead(night) if ahead else study.horizon(night)
    return [demand.steps[0][1] for demand in tariff_on(one.tariff, horizon).demands if demand.name == "year"]


def test_nights_of_a_part_share_the_part_s_rate(tmp_path: Path) -> None:
    """Three nights of 365, of a rate of 365: 3 in all, which the nights that are left share. A month's charge stays."""
    study = study_of(tmp_path)
    assert [rates(study, night) for night in range(3)] == [[pytest.approx(one)] for one in (1, 1.5, 3)]
    assert [one.tariff.demand_charges[0] for one in tariffs_on(study, 0)] == [study.tariffs[0].tariff.demand_charges[0]]


def test_rates_of_classes_and_tiers_are_shared_too(tmp_path: Path) -> None:
    classed = study_of(tmp_path, YEAR | {"use_classes": CLASSES, "expected_hours": 3000})
    assert rates(classed, 2) == [pytest.approx(6)]
    tiered = study_of(tmp_path, YEAR | {"tiers": [[50, 730.0]]})
    ((_, tariff),) = [(one.id, one.tariff) for one in tariffs_on(tiered, 2)]
    assert tariff.demand_charges[1].tiers == ((50, pytest.approx(6)),)


def test_a_whole_year_goes_by_the_calendar(tmp_path: Path) -> None:
    study = study_of(tmp_path, first_night="2026-01-01", nights=365)
    assert all(tariffs_on(study, night) == study.tariffs for night in (0, 100, 364))
    assert [rates(study, night) for night in (0, 364)] == [[1], [365]]
    assert list(years_in_part(study)) == []


def test_each_billing_year_has_its_part(tmp_path: Path) -> None:
    """Two nights of 2025, three of 2026; the last night of the old year sees the new one's even share."""
    study = study_of(tmp_path, first_night="2025-12-30", nights=5, look_ahead_hours=12)
    assert [rates(study, night)[0] for night in range(5)] == pytest.approx([1, 2, 1, 1.5, 3])
    assert rates(study, 1, ahead=True) == pytest.approx([2, 2 / 3])
    assert [(one.nights, one.span.first) for one in years_in_part(study)] == [(2, (2025, 1)), (3, (2026, 1))]
    (charge,) = study.tariffs[0].tariff.demand_charges[1:]
    assert nights_in(study, charge.span((2024, 1))) == 0


def test_stated_weights_stay(tmp_path: Path) -> None:
    for weight in ("daily", 0.5):
        study = study_of(tmp_path, demand_weight=weight)
        assert tariffs_on(study, 2) == study.tariffs


def test_weights_by_drawn_days_go_by_the_part(tmp_path: Path) -> None:
    """On its last night all of the part's rate is at stake."""
    study = study_of(tmp_path, demand_weight="month")
    last = tariffs_on(study, 2)[0].tariff
    night = study.night(0, study.variants[0], 2)
    from optimizer.studies.night_record import first_state

    assert month_weights(priced(night, last, first_state(night)))["year"] == ((0.0, 1.0),)
    assert last.demand_charges[1].rate_per_kw == pytest.approx(3)
    whole = study.tariffs[0].tariff
    assert month_weights(priced(night, whole, first_state(night)))["year"] != ((0.0, 1.0),)


def test_a_study_tells_its_part_and_bills_twelfths(tmp_path: Path) -> None:
    """Two nights of January and one of February: two twelfths of the year's rate, on the highest average so far."""
    run = tiny.run_of(study_of(tmp_path), tmp_path / "out")
    summary = write_results(run)
    assert summary.years_in_part == ("demand, year: 3 of 365 days of 2026-01 to 2026-12",)
    lines = list(study_warnings(summary))
    told = "Of billing years, the nights are a part: bills have a twelfth of a yearly charge for each month of it"
    assert lines[lines.index(told) + 1] == "  demand, year: 3 of 365 days of 2026-01 to 2026-12"
    page = pages.parsed(study_report(tmp_path / "out")).words
    assert f"{told}. demand, year: 3 of 365 days of 2026-01 to 2026-12." in page
    bills = (tmp_path / "out" / "bills.csv").read_text().splitlines()
    names = bills[0].split(",")
    rows = [dict(zip(names, line.split(","), strict=True)) for line in bills[1:]]
    plan = [row for row in rows if row["side"] == "plan" and row["name"].startswith("year")]
    peak_kw = max(float(row["quantity"]) for row in plan if row["name"] == "year")
    assert sum(float(row["amount"]) for row in plan) == pytest.approx(2 / 12 * 365 * peak_kw, abs=0.02)
    assert peak_kw > 0


def test_nights_that_are_added_change_what_was_planned(tmp_path: Path) -> None:
    """They share the part's rate, so that a study of more nights plans the first ones anew."""
    first = tiny.run_of(study_of(tmp_path), tmp_path / "out")
    again = tiny.run_of(study_of(tmp_path), tmp_path / "out")
    more = tiny.run_of(study_of(tmp_path, nights=4), tmp_path / "out")
    assert [chain.resumed for run in (first, again, more) for chain in run.chains] == [0, 3, 0]
    keys = [json.loads(text)["key"] for text in tiny.records(tmp_path / "out").values()]
    assert len(set(keys)) == 4
