"""Bills of a part of a month are a share of those of a month of such nights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import tiny_study as tiny

from models.tariff.bill import Load, bill, bill_and_years
from models.tariff.tariff import EnergyTiers, FixedCharge, MinimumCharge
from optimizer.studies.ranking import ranking
from optimizer.studies.results import study_summary, study_tables
from optimizer.studies.study import Study

DEMAND = tiny.DEMAND | {"fixed_charges": [{"name": "meter", "amount": 31.0}]}


def study_of(folder: Path, **changes: Any) -> Study:
    day = tiny.instance(tariffs=[tiny.FLAT, DEMAND])
    return tiny.read(folder, day, **{"first_night": "2026-04-01", "nights": 10} | changes)


def test_a_third_of_a_month_costs_a_third_of_a_month_of_such_nights(tmp_path: Path) -> None:
    """Whatever is charged by the month: demand, fixed, minimum, tiers."""
    study = study_of(tmp_path)
    plain = study.tariffs[1].tariff
    tiered = replace(plain, energy_tiers=(EnergyTiers("more", ((400.0, 0.5),)),))
    topped = replace(plain, minimum_charges=(MinimumCharge("least", 9000.0),), fixed_charges=(FixedCharge("m", 9.0),))
    for tariff in (plain, tiered, topped):
        whole, part = (
            Load(study.horizon(0).start, 60, tuple(float(hour) for _ in range(days) for hour in range(24)))
            for days in (30, 10)
        )
        lines = bill(tariff, part, study.zone, to_cents=True)
        of_part, _ = bill_and_years(tariff, part, study.zone, to_cents=True, shares=study.months_in_part)
        of_month = bill(tariff, whole, study.zone, to_cents=True)
        cents = 0.02 * len(of_part)
        assert sum(one.amount for one in of_part) == pytest.approx(sum(one.amount for one in of_month) / 3, abs=cents)
        assert abs(sum(one.amount for one in lines) - sum(one.amount for one in of_part)) > 1


def test_totals_and_savings_are_pro_rata_and_bills_are_not(tmp_path: Path) -> None:
    study = study_of(tmp_path, tariffs=[{"id": "demand"}])
    run = tiny.run_of(study, tmp_path / "out")
    tables = study_tables(study, run.chains)
    (one,) = ranking(study, tables)["as it is"]
    demand, meter = one.demand, 31.0
    assert one.bill == pytest.approx(sum(row.amount for row in tables.bills if row.side == "plan"))
    assert one.other_days == pytest.approx((demand + meter) * 2 / 3, abs=0.02) and one.other_days > 20
    assert one.total_cost == pytest.approx(
        one.bill - one.other_days + one.lost_swaps + one.other_costs - one.stock_value
    )
    assert one.savings_on_arrival is not None and one.saving == one.baseline_total_cost - one.total_cost
    assert study_summary(run, {"as it is": [one]}).months_in_part == ("2026-04",)
    last = run.chains[0].records[-1].tariffs[0]
    assert last.status != "fallback"
