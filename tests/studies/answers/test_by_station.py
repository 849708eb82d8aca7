"""The cheapest tariff of each station: its table, its sentence, its shades on the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pages
import pytest
import study_pages as made
import tiny_study as tiny

from optimizer.files.errors import InputErrors
from optimizer.reports.study import study_report
from optimizer.studies.answers.by_station import by_station
from optimizer.studies.folder import read_study_folder
from optimizer.studies.results import write_results
from optimizer.workers.local_pool import Fault

DEAR_NIGHTS: dict[str, Any] = {"energy_periods": [{"name": "all day", "price_per_kwh": 0.17}]}
MANY = [{"id": f"d{n}", "slot": n + 6, "type": "A", "returned_soc": 0.2, "lost_cost": 100} for n in range(10)]


def study(folder: Path, task: Any = None) -> Path:
    """One price is the cheapest at Rotterdam and Utrecht, which draw by day; at Amsterdam it is flat."""
    stations = (tiny.station("Amsterdam"), tiny.station("Rotterdam", swaps=MANY, bays=6))
    utrecht = tiny.station("Utrecht", base_load_kw=20)
    day = tiny.instance(*stations, utrecht, tariffs=[tiny.FLAT, made.FLAT_RATE | DEAR_NIGHTS])
    asked = tiny.read(folder, day, nights=2, tariffs=[{"id": "flat"}, {"id": "one price"}])
    more = {} if task is None else {"task": tiny.task_of(task)}
    write_results(tiny.run_of(asked, folder / "out", **more))
    return folder / "out"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return study(tmp_path_factory.mktemp("stations"))


def test_stations_add_up_to_the_ranking(folder: Path) -> None:
    results = read_study_folder(folder)
    for one in results.ranking("as it is"):
        rows = [row for row in results.tables.stations if row.tariff == one.tariff]
        assert len(rows) == 3
        for name in ("total_cost", "bill", "demand", "kwh", "swaps_served", "objective", "savings_on_arrival"):
            assert sum(getattr(row, name) for row in rows) == pytest.approx(getattr(one, name))
        assert max(row.peak_kw for row in rows) == one.peak_kw


def test_the_answer_tells_where_each_is_the_cheapest_and_what_choosing_saves(folder: Path) -> None:
    stations = by_station(read_study_folder(folder).tables.stations, "as it is")
    assert {name: order[0].tariff for name, order in stations.items()} == {
        "Amsterdam": "flat", "Rotterdam": "one price", "Utrecht": "one price",
    }  # fmt: skip
    assert all([one.rank for one in order] == [1, 2] for order in stations.values())
    assert made.summary(folder)["answers"][-1] == (
        "as it is: by station the cheapest is one price at 2 stations (Rotterdam, Utrecht), flat at 1 station "
        "(Amsterdam); that costs 23.55 less than one price at all of them (5.0 %)."
    )


def test_the_page_has_a_table_and_shades(folder: Path) -> None:
    page = pages.parsed(study_report(folder))
    name = "The cheapest tariff by station: Rotterdam one price; Utrecht one price; Amsterdam flat"
    (drawing,) = (one for one in page.drawings if one.attrib["aria-label"] == name)
    assert len(list(drawing.iter(f"{pages.SVG}circle"))) == 3 and len(list(drawing.iter(f"{pages.SVG}rect"))) == 6
    assert {"Best tariff by station", "why the next costs more"} <= set(page.words)
    assert "Why each tariff costs more than the one before it, EUR" in page.words


def test_a_station_whose_nights_are_not_whole_has_no_rank(tmp_path: Path) -> None:
    out = study(tmp_path, lambda ask: Fault("raised", "no") if ask.station == "Utrecht" else None)
    results = read_study_folder(out)
    assert {row.station for row in results.tables.stations} == {"Amsterdam", "Rotterdam"}
    assert results.ranking("as it is") == [] and "by station" not in " ".join(results.summary.answers)


def test_a_study_of_an_earlier_version_has_no_such_table(folder: Path, tmp_path: Path) -> None:
    old = tmp_path / "out"
    old.mkdir()
    for path in folder.glob("*.*"):
        if path.stem != "stations":
            (old / path.name).write_bytes(path.read_bytes())
    ranked = [one | {"total_cost": one["total_cost"] + one.pop("other_days")} for one in made.summary(old)["ranking"]]
    made.told(old, ranking=ranked)  # months in part were whole in totals
    new, found = read_study_folder(folder).tables.stations, read_study_folder(old).tables.stations
    whole = {(one.station, one.tariff): one.total_cost + one.other_days for one in new}
    assert {(one.station, one.tariff): one.total_cost for one in found} == pytest.approx(whole)
    by_rank = sorted(found, key=lambda one: (one.station, one.rank))
    assert by_rank == sorted(found, key=lambda one: (one.station, one.total_cost))
    assert {one.savings_amount for one in found} == {None}


def test_stations_that_do_not_add_up_are_told(folder: Path, tmp_path: Path) -> None:
    for path in folder.glob("*.*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    summary = json.loads((tmp_path / "study.json").read_text())
    total = summary["ranking"][0]["total_cost"]
    summary["ranking"][0]["total_cost"] = total + 10
    (tmp_path / "study.json").write_text(json.dumps(summary))
    with pytest.raises(InputErrors, match=r"total_cost: .*must be what the stations of stations.csv add up to"):
        read_study_folder(tmp_path)
