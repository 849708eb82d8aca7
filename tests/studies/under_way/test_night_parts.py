"""A night's tariffs planned apart, by workers that would have nothing to do: the record is the same byte by byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tiny_study as tiny

from optimizer.studies.night_task import NightRequest, PlannedNight, plan_study_night
from optimizer.studies.study import Study
from optimizer.studies.under_way.night_parts import parted, put_together
from optimizer.workers.local_pool import Fault, PoolBrokenError

OTHER = tiny.FLAT | {"id": "other", "energy_periods": [tiny.NIGHT | {"price_per_kwh": 0.2}, tiny.DAY]}
FIXED = tiny.FLAT | {"id": "fixed", "fixed_charges": [{"name": "meter", "amount": 5}]}
DEAR = {"id": "dear", "energy_periods": [tiny.NIGHT, tiny.DAY | {"price_per_kwh": 0.9}], "demand_charges": [tiny.PEAK]}
TARIFFS = [tiny.FLAT, tiny.DEMAND, OTHER, FIXED, DEAR]
DIED = Fault("died", "its worker was killed by SIGKILL (out of memory?)")


def study_of(folder: Path, *names: str) -> Study:
    folder.mkdir(exist_ok=True)
    day = tiny.instance(tiny.station("S1"), tariffs=TARIFFS)
    return tiny.read(folder, day, tariffs=[{"id": name} for name in names])


def ids(parts: list[NightRequest]) -> list[list[str]]:
    return [[one.id for one in part.tariffs] for part in parts]


def asks_of(run: Any) -> list[tuple[str, list[str], bool]]:
    return [(ask.date, [one.id for one in ask.tariffs], ask.is_planned) for ask in run.pool.asked]


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (0, [["flat", "demand", "other", "fixed", "dear"]]),
        (1, [["flat", "demand", "other", "fixed", "dear"]]),
        (2, [["flat", "demand", "other", "fixed"], ["dear"]]),
        (9, [["flat", "demand", "fixed"], ["dear"], ["other"]]),
    ],
)
def test_tariffs_with_the_same_energy_prices_stay_together(tmp_path: Path, most: int, expected: list[Any]) -> None:
    ask = tiny.ask_of(study_of(tmp_path, "flat", "demand", "other", "fixed", "dear"))
    assert ids(parted(ask, most)) == expected


def test_parts_begin_where_the_tariffs_of_the_night_do(tmp_path: Path) -> None:
    run = tiny.run_of(study_of(tmp_path, "flat", "dear", "other"), tmp_path / "out", tiny.StudyPool(size=1))
    last = run.pool.asked[-1]  # type: ignore[attr-defined]
    for part in parted(last, 3):
        where = [[one.id for one in last.tariffs].index(one.id) for one in part.tariffs]
        for name in ("states", "baseline_states", "load_cap_states"):
            assert getattr(part, name) == tuple(getattr(last, name)[index] for index in where)
        assert (part.key, part.night, part.day_slots) == (last.key, last.night, last.day_slots)


def test_a_night_put_together_is_the_night_in_one_piece(tmp_path: Path) -> None:
    ask = tiny.ask_of(study_of(tmp_path, "dear", "flat", "other", "fixed"))
    whole, parts = plan_study_night(ask), [plan_study_night(part) for part in parted(ask, 3)]
    assert len(parts) == 3
    done = [part for part in reversed(parts) if isinstance(part, PlannedNight)]
    found = put_together(ask, done)
    assert isinstance(whole, PlannedNight) and found.text == whole.text
    assert found.seconds.keys() == whole.seconds.keys()
    assert found.cpu_seconds == pytest.approx(sum(part.cpu_seconds for part in done))


@pytest.mark.parametrize("size", [2, 3, 7])
def test_more_workers_give_the_same_records(tmp_path: Path, size: int) -> None:
    study = study_of(tmp_path, "flat", "dear", "other", "fixed")
    tiny.run_of(study, tmp_path / "one", tiny.StudyPool(size=1))
    run = tiny.run_of(study, tmp_path / "more", tiny.StudyPool(size=size))
    assert max(run.pool.most_at_once) == min(size, 3)  # type: ignore[attr-defined]
    assert tiny.records(tmp_path / "more") == tiny.records(tmp_path / "one")


def test_a_part_whose_worker_dies_is_planned_once_more_with_all_the_night(tmp_path: Path) -> None:
    study = study_of(tmp_path, "flat", "dear")
    tiny.run_of(study, tmp_path / "undisturbed", tiny.StudyPool(size=1))
    run = tiny.run_of(study, tmp_path / "out", tiny.StudyPool({"S1": [DIED]}))
    first = [("2026-01-30", ["dear"], True), ("2026-01-30", ["flat"], True)]
    assert asks_of(run)[:4] == first * 2
    assert run.nights_done == 3 and tiny.records(tmp_path / "out") == tiny.records(tmp_path / "undisturbed")


def test_a_part_that_fails_twice_leaves_baselines_of_all_the_night(tmp_path: Path) -> None:
    run = tiny.run_of(study_of(tmp_path, "flat", "dear"), tmp_path / "out", tiny.StudyPool({"S1": [DIED] * 3}))
    night = run.chains[0].records[0]
    assert [one.reason for one in night.tariffs] == [DIED.reason] * 2
    assert asks_of(run)[4] == ("2026-01-30", ["flat", "dear"], False)


def test_a_night_that_cannot_be_planned_is_told_once(tmp_path: Path) -> None:
    day = tiny.instance(tiny.station("S1", base_load_kw=50, grid_limit_kw=40), tariffs=TARIFFS)
    study = tiny.read(tmp_path, day, tariffs=[{"id": "flat"}, {"id": "dear"}])
    run = tiny.run_of(study, tmp_path / "out")
    assert len(asks_of(run)) == 2 and run.status == "done"
    assert run.chains[0].failure.startswith("night 2026-01-30: station S1: base load 50 kW")


def test_without_workers_a_night_in_parts_gets_its_baselines_once(tmp_path: Path) -> None:
    pool = tiny.StudyPool({"S1": [PoolBrokenError("no worker starts")]})
    run = tiny.run_of(study_of(tmp_path, "flat", "dear"), tmp_path / "out", pool)
    assert [[one.reason for one in record.tariffs] for record in run.chains[0].records] == [["no worker starts"] * 2]
    assert (run.status, run.chains[0].failure) == ("done", "night 2026-01-30: no worker starts")
