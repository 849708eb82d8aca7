"""The studies that `bench speed` measures: whole, of the same nights, one by one and together."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from optimizer.bench.speed import study_work
from optimizer.studies.study_run import StudyRun


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[StudyRun]:
    """Every study that is made."""
    made: list[StudyRun] = []

    def kept(*how: Any) -> StudyRun:
        made.append(StudyRun(*how))
        return made[-1]

    monkeypatch.setattr(study_work, "StudyRun", kept)
    return made


def test_the_same_nights_are_planned_one_by_one_and_together(runs: list[StudyRun]) -> None:
    study = study_work.station_study()
    assert [one.id for one in study.tariffs] == list(study_work.TARIFFS) and len(study.stations) == 1
    assert study.nights == study_work.NIGHTS
    one_night = replace(study, nights=1)
    assert study_work.study_one_by_one(one_night, 60.0) == study_work.study_together(one_night, 60.0) == 0.0
    assert [(run.status, run.nights_done) for run in runs] == [("done", 1)] * 5
    assert [list(run.seconds) for run in runs[:-1]] == [[name] for name in study_work.TARIFFS]
    assert runs[-1].seconds.keys() == set(study_work.TARIFFS)
