"""What is added to a finished study is all that is planned, and the study is then what it would have been at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tiny_study as tiny

from optimizer.studies.results import timing
from optimizer.studies.study import Study
from optimizer.studies.study_run import StudyRun

ONE_PRICE = {"id": "one price", "energy_periods": [{"name": "all day", "price_per_kwh": 0.17}]}
DEAR = {"id": "dear", "energy_periods": [tiny.NIGHT, tiny.DAY | {"price_per_kwh": 0.5}], "demand_charges": [tiny.PEAK]}
DAY = tiny.instance(tiny.station("S1"), tiny.station("S2", bays=4), tariffs=[tiny.FLAT, tiny.DEMAND, ONE_PRICE, DEAR])
MORE = {"id": "more", "demand_growth": 0.5}


def study(folder: Path, *tariffs: str, **changes: Any) -> Study:
    folder.mkdir(exist_ok=True)
    return tiny.read(folder, DAY, tariffs=[{"id": name} for name in tariffs], look_ahead_hours=6, **changes)


def asked(run: StudyRun) -> set[tuple[str, str, str, tuple[str, ...]]]:
    """Variant, station, night and tariffs of whatever workers were asked for."""
    assert isinstance(run.pool, tiny.StudyPool)
    asks: Any = run.pool.asked
    return {(ask.variant, ask.station, ask.date, tuple(one.id for one in ask.tariffs)) for ask in asks}


def planned(run: StudyRun) -> dict[str, int]:
    return {name: facts["planned"] for name, facts in timing(run).items()}


@pytest.mark.parametrize("order", [("flat", "one price", "dear"), ("dear", "flat", "one price")])
def test_an_added_tariff_is_all_that_is_planned(tmp_path: Path, order: tuple[str, ...]) -> None:
    first = tiny.run_of(study(tmp_path, "flat", "one price"), tmp_path / "out")
    assert planned(first) == {"flat": 6, "one price": 6}
    added = tiny.run_of(study(tmp_path, *order), tmp_path / "out")
    assert planned(added) == {"flat": 0, "one price": 0, "dear": 6}
    assert {tariffs for *_, tariffs in asked(added)} == {("dear",)} and added.nights_done == 6
    tiny.run_of(study(tmp_path, *order), tmp_path / "at once")
    assert tiny.records(tmp_path / "out") == tiny.records(tmp_path / "at once")
    assert asked(tiny.run_of(study(tmp_path, *order), tmp_path / "out")) == set()


def test_tariffs_of_the_same_energy_prices_are_planned_together(tmp_path: Path) -> None:
    tiny.run_of(study(tmp_path, "flat", "one price"), tmp_path / "out")
    added = tiny.run_of(study(tmp_path, "flat", "demand", "one price"), tmp_path / "out")
    assert planned(added) == {"flat": 6, "demand": 6, "one price": 0}
    tiny.run_of(study(tmp_path, "flat", "demand", "one price"), tmp_path / "at once")
    assert tiny.records(tmp_path / "out") == tiny.records(tmp_path / "at once")


def test_a_changed_tariff_is_all_that_is_planned_again(tmp_path: Path) -> None:
    names = ("flat", "one price")
    tiny.run_of(study(tmp_path, *names), tmp_path / "out")
    dearer = ONE_PRICE | {"energy_periods": [{"name": "all day", "price_per_kwh": 0.2}]}
    day = DAY | {"tariffs": [tiny.FLAT, dearer]}
    changed = tiny.read(tmp_path, day, tariffs=[{"id": name} for name in names], look_ahead_hours=6)
    assert planned(tiny.run_of(changed, tmp_path / "out")) == {"flat": 0, "one price": 6}


def test_a_tariff_that_is_left_out_costs_nothing(tmp_path: Path) -> None:
    tiny.run_of(study(tmp_path, "flat", "one price", "dear"), tmp_path / "out")
    fewer = tiny.run_of(study(tmp_path, "dear", "flat"), tmp_path / "out")
    assert asked(fewer) == set() and fewer.status == "done"
    tiny.run_of(study(tmp_path, "dear", "flat"), tmp_path / "at once")
    assert tiny.records(tmp_path / "out") == tiny.records(tmp_path / "at once")


def test_an_added_variant_or_station_is_all_that_is_planned(tmp_path: Path) -> None:
    tiny.run_of(study(tmp_path, "flat", "one price", stations=["S2"]), tmp_path / "out")
    both = tiny.run_of(study(tmp_path, "flat", "one price"), tmp_path / "out")
    assert {(variant, station) for variant, station, *_ in asked(both)} == {("as it is", "S1")}
    variants = [{"id": "as it is"}, MORE]
    more = tiny.run_of(study(tmp_path, "flat", "one price", variants=variants), tmp_path / "out")
    assert {(variant, station) for variant, station, *_ in asked(more)} == {("more", "S1"), ("more", "S2")}
    assert planned(more) == {"flat": 6, "one price": 6}
    tiny.run_of(study(tmp_path, "flat", "one price", variants=variants), tmp_path / "at once")
    assert tiny.records(tmp_path / "out") == tiny.records(tmp_path / "at once")
