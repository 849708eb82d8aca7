"""Tariffs that are not for the loads of a study: each month of each station, in the order of the tariffs."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_study as tiny

from optimizer.studies.folder import StudyFolder
from optimizer.studies.night_record import NightRecord
from optimizer.studies.not_for import not_for_tariffs

SMALL = tiny.FLAT | {"id": "small", "eligibility": {"most_kw": 5}}
SMALLER = SMALL | {"id": "smaller", "eligibility": {"most_kw": 4}}


def test_records_are_read_once_for_all_tariffs_with_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    day = tiny.instance(tiny.station("S1"), tiny.station("S2"), tariffs=[SMALL, tiny.FLAT, SMALLER])
    study = tiny.read(tmp_path, day, tariffs=[{"id": "small"}, {"id": "flat"}, {"id": "smaller"}])
    run = tiny.run_of(study, tmp_path / "out")
    read, found = list[str](), StudyFolder.read_record

    def counted(folder: StudyFolder, station: str, variant: str, date: str) -> NightRecord | None:
        read.append(f"{station} {date}")
        return found(folder, station, variant, date)

    monkeypatch.setattr(StudyFolder, "read_record", counted)
    outside = not_for_tariffs(study, run.chains, lambda chain: list(chain.records))
    told = [(one.tariff, one.station, one.rule[:7]) for one in outside]
    months, stations = ("2026-01", "2026-02"), ("S1", "S2")
    assert told == [(of, at, month) for of in ("small", "smaller") for at in stations for month in months]
    assert len(read) == len(set(read)) == 4  # the last night of each station is at hand
