"""The part of each month that a study has: its share, and the weights of its nights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tiny_study as tiny

from optimizer.studies.months.parts import nights_of_parts, tariffs_of_part
from optimizer.studies.months.years_in_part import tariffs_on
from optimizer.studies.night_record import first_state
from optimizer.studies.night_task import priced, weighed_for_the_month
from optimizer.studies.study import Study


def study_of(folder: Path, **changes: Any) -> Study:
    return tiny.read(folder, **{"first_night": "2026-04-01", "nights": 10} | changes)


def test_ten_nights_of_april_are_a_third_of_it(tmp_path: Path) -> None:
    study = study_of(tmp_path)
    assert study.months_in_part == {(2026, 4): pytest.approx(1 / 3)}
    parts = [nights_of_parts(study)[night] for night in (0, 9)]
    assert [part.nights_left for part in parts if part] == [10, 1]
    first, last = (tariffs_of_part(study.tariffs, part)[1].tariff.demand_charges[0] for part in parts if part)
    assert first.weight == ((0.0, pytest.approx(1 / 30)),) and last.weight == ((0.0, pytest.approx(1 / 3)),)


def test_a_month_that_the_study_has_all_of_is_as_it_was(tmp_path: Path) -> None:
    study = study_of(tmp_path, first_night="2026-03-30", nights=32)
    assert study.month_shares == {(2026, 3): pytest.approx((2 * 24) / (31 * 24 - 1)), (2026, 4): 1}  # summer time
    assert [part is None for part in nights_of_parts(study)] == [False, False] + 30 * [True]


@pytest.mark.parametrize("weight", ["daily", 0.5])
def test_other_weights_stay(tmp_path: Path, weight: object) -> None:
    study = study_of(tmp_path, demand_weight=weight)
    part = nights_of_parts(study)[0]
    assert part is not None and tariffs_of_part(study.tariffs, part) == study.tariffs


def test_the_last_night_of_a_part_has_all_of_its_share_at_stake(tmp_path: Path) -> None:
    study = study_of(tmp_path, nights=2, tariffs=[{"id": "demand"}])
    pool = tiny.StudyPool()
    tiny.run_of(study, tmp_path / "out", pool)
    asks: Any = pool.asked
    weights = [ask.tariffs[0].tariff.demand_charges[0].weight[0][1] for ask in asks]
    assert weights == [pytest.approx(1 / 30), pytest.approx(2 / 30)]


def test_weights_by_drawn_days_are_a_share_of_the_months_rate_and_all_of_the_years(tmp_path: Path) -> None:
    """On the last night of a part: rates of a year are those of the study's part of it already."""
    yearly = tiny.PEAK | {"name": "year", "period": "year", "rate_per_kw": 365.0}
    day = tiny.instance(tariffs=[tiny.FLAT, tiny.DEMAND | {"demand_charges": [tiny.PEAK, yearly]}])
    study = tiny.read(tmp_path, day, first_night="2026-04-01", nights=10, demand_weight="month")
    tariff = tariffs_of_part(tariffs_on(study, 9), nights_of_parts(study)[9])[1].tariff
    bare = study.night(0, study.variants[0], 9)
    night = weighed_for_the_month(priced(bare, tariff, first_state(bare)), nights_of_parts(study)[9])
    month, year = night.station.tariff.demand_charges
    assert month.weight == ((0.0, pytest.approx(1 / 3)),) and month.rate_per_kw == tiny.PEAK["rate_per_kw"]
    assert year.weight == ((0.0, 1.0),) and year.rate_per_kw == pytest.approx(10.0)
