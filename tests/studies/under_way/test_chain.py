"""Records of a chain stay in the folder: what is held of a year of many stations is one night of each chain."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import pytest
import tiny_study as tiny

from optimizer.files.errors import InputErrors
from optimizer.studies.night_record import NightRecord
from optimizer.studies.results import study_summary, timing
from optimizer.workers.local_pool import Fault

NIGHTS = ["2026-01-30", "2026-01-31", "2026-02-01"]


@pytest.fixture
def run(tmp_path: Path) -> Any:
    return tiny.run_of(tiny.read(tmp_path), tmp_path / "out")


def test_records_are_read_again_where_they_are_asked_for(run: Any) -> None:
    records = run.chains[0].records
    assert [record.night for record in records] == NIGHTS
    assert records[-1] is records[2] and records[0] == records[-3] and records[0] is not records[0]
    assert [record.night for record in records[1:]] == NIGHTS[1:]
    with pytest.raises(IndexError):
        records[3]


def test_one_record_of_a_chain_is_held(tmp_path: Path) -> None:
    run = tiny.run_of(tiny.read(tmp_path, tiny.instance(tiny.station("held here"))), tmp_path / "out")
    gc.collect()
    held = [one for one in gc.get_objects() if isinstance(one, NightRecord) and one.station == "held here"]
    assert [one.night for one in held] == NIGHTS[-1:] and held[0] is run.chains[0].records[-1]


def test_a_record_that_is_gone_is_told_with_its_file(run: Any, tmp_path: Path) -> None:
    (path,) = (tmp_path / "out" / "nights").glob("*-2026-01-31-*.json")
    path.unlink()
    with pytest.raises(InputErrors) as caught:
        list(run.chains[0].records)
    assert str(caught.value) == (
        f"{path}: was written by this study and is not there any more, or is no record of a night; "
        "run the same study command again"
    )


def test_fallbacks_and_copies_are_counted_as_nights_come(tmp_path: Path) -> None:
    hung = Fault("hung", "no answer")
    run = tiny.run_of(tiny.read(tmp_path), tmp_path / "out", tiny.StudyPool({"S1": [hung]}, size=1))
    told = [(one.night, one.tariff, one.reason) for one in study_summary(run, {"as it is": ()}).fallbacks]
    assert told == [("2026-01-30", "flat", "no answer"), ("2026-01-30", "demand", "no answer")]
    copies = {
        one: sum(
            night.copied_from != ""
            for record in run.chains[0].records
            for night in record.tariffs
            if night.tariff == one
        )
        for one in ("flat", "demand")
    }
    assert {name: facts["copied"] for name, facts in timing(run).items()} == copies
    assert {facts["nights"] for facts in timing(run).values()} == {3}
