"""Results of some stations of a study are those of a study of these stations alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import study_pages as made
import tiny_study as tiny
from msgspec import structs

from optimizer.files.errors import InputErrors
from optimizer.studies.folder import StudyResults, read_study_folder
from optimizer.studies.some_stations import only_stations
from optimizer.studies.tables import RankedTariff

VARIANTS = [{"id": "slow", "charger_kw": 12}, {"id": "medium", "charger_kw": 20}, {"id": "fast", "charger_kw": 40}]
STATIONS = [
    tiny.station("S1"),
    tiny.station("S2", swaps=tiny.DRIVERS[:1]),
    tiny.station("S3", swaps=[*tiny.DRIVERS, {"slot": 20, "type": "A", "returned_soc": 0.2, "lost_cost": 100}]),
]


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> StudyResults:
    return results(tmp_path_factory.mktemp("every"))


def results(folder: Path, **changes: Any) -> StudyResults:
    day = {"stations": STATIONS}
    return read_study_folder(made.made(folder, variants=[*VARIANTS, *made.GROWTH], day=day, **changes))


@pytest.mark.parametrize("names", [["S1"], ["S3"], ["S3", "S1"]])
def test_they_are_those_of_a_study_of_these_alone(names: list[str], every: StudyResults, tmp_path: Path) -> None:
    found, alone = only_stations(every, names, "study"), results(tmp_path, stations=sorted(names))
    assert found.left_out == 3 - len(names)
    for kind, rows in alone.tables.by_kind.items():
        assert found.tables.by_kind[kind] == rows
    assert [unsaved(row) for row in found.summary.ranking] == [unsaved(row) for row in alone.summary.ranking]
    for one, other in zip(found.summary.ranking, alone.summary.ranking, strict=True):
        if one.savings_amount is not None:
            assert one.savings_amount == pytest.approx(other.savings_amount) and one.savings_against
            assert one.savings_share == (None if one.savings_share is None else pytest.approx(other.savings_share))
    assert untaken(found) == untaken(alone) and found.summary.plans_taken == alone.summary.plans_taken
    nothing: dict[str, Any] = {"ranking": (), "versions": {}, "answers": ()}
    assert structs.replace(found.summary, **nothing) == structs.replace(alone.summary, **nothing)


def untaken(results: StudyResults) -> list[str]:
    """Answers but those on plans of more restricted variants, of which tables do not have the parts."""
    return [answer for answer in results.summary.answers if " has the plans of " not in answer]


def test_plans_of_more_restricted_variants_are_told(every: StudyResults) -> None:
    (taken,) = (one for one in every.summary.plans_taken if one.station == "S3")
    told = [one for one in only_stations(every, ["S3"], "study").summary.answers if "has the plans of" in one]
    assert told == [
        f"{taken.variant}, {taken.tariff}: S3 has the plans of {taken.plans_of}, which it can carry out, too. With its "
        f"own it would cost {taken.own_total_cost - taken.total_cost:,.2f} more."
    ]


def unsaved(row: RankedTariff) -> RankedTariff:
    """Without savings, which stations told against unlike baselines do not give."""
    names = [name for name in RankedTariff.__slots__ if name.startswith("savings_")]
    return replace(row, **dict.fromkeys(names))


def test_one_station_has_the_savings_of_its_row(every: StudyResults) -> None:
    found = only_stations(every, ["S2"], "study")
    rows = {(row.variant, row.tariff): row for row in every.tables.stations if row.station == "S2"}
    assert found.summary.ranking
    for one in found.summary.ranking:
        row = rows[one.variant, one.tariff]
        assert (one.savings_amount, one.savings_share, one.rank) == (row.savings_amount, row.savings_share, row.rank)


def test_all_stations_are_the_study_itself(every: StudyResults) -> None:
    assert only_stations(every, ["S3", "S2", "S1", "S1"], "study") is every


def test_names_that_are_no_station_are_refused(every: StudyResults) -> None:
    with pytest.raises(InputErrors) as caught:
        only_stations(every, ["S1", "S9", "north"], "study")
    assert f"{caught.value}".splitlines() == [
        'study: --station: "S9": is no station of the study; its stations: S1, S2, S3',
        'study: --station: "north": is no station of the study; its stations: S1, S2, S3',
    ]
