"""Bounds of many nights: months one by one, days that are played, faults, runs that are stopped."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import bounded_study as made
import pytest
import tiny_study as tiny

from models import horizon
from optimizer.studies.folder import open_study
from optimizer.studies.month_bound import all_nights
from optimizer.studies.month_bound.bound_run import PACKS_LEAVE, BoundRun
from optimizer.studies.results import study_tables, write_results
from optimizer.studies.study_run import StudyRun
from optimizer.workers.local_pool import Fault, PoolBrokenError

FORECAST = {
    "id": "drivers", "type": "A", "expected_per_slot": [0, 0.5, 1, 1, 0.5, 0], "returned_soc": [0.1, 0.4],
    "lost_cost": 20, "spread": {"day_sd": 0.3},
}  # fmt: skip


def demand_study(folder: Path, nights: int, **station: Any) -> Any:
    tariff = tiny.DEMAND | {"id": "flat"}
    swaps = [one | {"slot": one["slot"] // made.SLOT_HOURS} for one in tiny.DRIVERS]
    whole = made.day(tiny.station(**({"swaps": swaps} | station)), tariffs=[tariff])
    return made.study_of(folder, whole, tariff, nights)


@pytest.fixture(scope="module")
def long_run(tmp_path_factory: pytest.TempPathFactory) -> StudyRun:
    """Thirty-three nights, from the middle of January to that of February."""
    folder = tmp_path_factory.mktemp("long")
    return tiny.run_of(demand_study(folder, 33), folder / "out")


def test_months_one_by_one_bound_nearly_as_well_as_all_nights_at_once(long_run: StudyRun) -> None:
    found, (row,) = made.bounded(long_run)
    (bound,) = found.values()
    with patch.object(all_nights, "MAX_MINUTES", 50_000), patch.object(horizon, "MAX_MINUTES", 50_000):
        at_once, _ = made.bounded(long_run)
    (whole,) = at_once.values()
    assert bound.bound is not None
    assert whole.bound is not None
    assert bound.left_out == ("what energy is really worth from one month to the next",)
    assert whole.left_out == ()
    assert 0.97 * whole.bound < bound.bound <= whole.bound + 0.01
    assert whole.bound <= row.total_cost


def test_months_are_not_told_apart_where_packs_leave_for_good(tmp_path: Path) -> None:
    swaps = [{"slot": 2, "type": "A", "returned_soc": None, "lost_cost": 5}]
    run = tiny.run_of(demand_study(tmp_path, 2, swaps=swaps), tmp_path / "out")
    with patch.object(all_nights, "MAX_MINUTES", 1440):
        found, _ = made.bounded(run)
    assert [one.reason for one in found.values()] == [PACKS_LEAVE]
    assert not (tmp_path / "out" / "bounds").exists()


def test_stretches_begin_with_months_and_where_a_horizon_ends(long_run: StudyRun) -> None:
    nights = all_nights.nights_as_carried_out(long_run.study, 0, long_run.study.variants[0])
    assert all_nights.stretches(nights) == [range(20), range(20, 33)]
    assert all_nights.stretches(nights[:31]) == [range(31)]
    with patch.object(all_nights, "MAX_MINUTES", 10 * 1440):
        assert all_nights.stretches(nights) == [range(10), range(10, 20), range(20, 30), range(30, 33)]
    with patch.object(all_nights, "MAX_SLOTS", 15 * made.SLOTS):
        assert all_nights.stretches(nights) == [range(15), range(15, 20), range(20, 33)]


@pytest.mark.parametrize("policy", ["hedged", "mean"])
def test_days_that_are_played_are_bounded_with_the_drivers_who_came(tmp_path: Path, policy: str) -> None:
    whole = made.day(tiny.station(swaps=[], forecast=[FORECAST]))
    study = made.study_of(tmp_path, whole, tiny.FLAT, 3, days="drawn", policy=policy)
    run = tiny.run_of(study, tmp_path / "out")
    found, (row,) = made.bounded(run)
    (bound,) = found.values()
    nights = all_nights.nights_as_carried_out(study, 0, study.variants[0])
    came = [len(night.station.swaps) for night in nights]
    assert came == [one.swaps_served + one.swaps_lost for one in study_tables(study, run.chains).nights]
    assert bound.bound is not None
    assert 0.3 * row.total_cost < bound.bound <= row.total_cost


def test_a_worker_that_fails_leaves_a_reason_and_the_next_run_tries_again(tmp_path: Path) -> None:
    run = tiny.run_of(demand_study(tmp_path, 2), tmp_path / "out")
    tables = study_tables(run.study, run.chains)
    for fault in (Fault("hung", "no answer within 150 s: its worker was killed"), PoolBrokenError("no workers")):
        pool = tiny.StudyPool(faults={"S1": [fault]})
        (bound,) = BoundRun(run, tables, pool, 60.0).work().values()
        assert (bound.bound, bound.reason) == (None, getattr(fault, "reason", str(fault)))
        assert not (tmp_path / "out" / "bounds").exists()
    found, _ = made.bounded(run)
    assert [one.reason for one in found.values()] == [""]


def test_a_run_that_is_stopped_goes_on_from_the_bounds_that_it_has(tmp_path: Path) -> None:
    day = made.day(*(tiny.station(name, swaps=[]) for name in ("S1", "S2", "S3")))
    study = made.study_of(tmp_path, day, tiny.FLAT, 2)
    run = tiny.run_of(study, tmp_path / "out")
    tables = study_tables(study, run.chains)

    def stop(*_: object) -> None:
        run.stop.is_asked = True

    first = BoundRun(run, tables, tiny.StudyPool(size=1), 60.0, report=stop)
    assert len(first.work()) == 1
    run.stop.is_asked = False
    again = BoundRun(run, tables, tiny.StudyPool(size=1), 60.0)
    assert (len(again.work()), again.resumed) == (3, 1)
    undisturbed = BoundRun(run, tables, tiny.StudyPool(), 60.0)
    assert (undisturbed.work(), undisturbed.resumed) == (again.found, 3)


def test_another_tariff_or_driver_makes_another_bound(tmp_path: Path) -> None:
    run = tiny.run_of(demand_study(tmp_path, 2), tmp_path / "out")
    (first,) = made.bounded(run)[0].values()
    (tmp_path / "more").mkdir()
    more = [{"slot": 2, "type": "A", "returned_soc": 0.1, "lost_cost": 9}] * 3
    other = tiny.run_of(demand_study(tmp_path / "more", 2, swaps=more), tmp_path / "out")
    (second,) = made.bounded(other)[0].values()
    assert first.key != second.key
    assert first.bound != second.bound


def test_bounds_of_another_study_go_with_it(tmp_path: Path) -> None:
    run = tiny.run_of(demand_study(tmp_path, 2), tmp_path / "out")
    made.bounded(run)
    write_results(run)
    assert list((tmp_path / "out" / "bounds").iterdir()) != []
    folder = open_study(tmp_path / "out")
    folder.make_own("another", run.study.first_night, may_replace=True)
    folder.close()
    assert list((tmp_path / "out" / "bounds").iterdir()) == []
