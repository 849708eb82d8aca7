"""The instances of the uncertainty track."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli import INSTANCES

from models.station.drawn_days import draw_days
from optimizer.bench.days.track import TEST_SEED, TRAINING_SEED, read_track
from optimizer.files.errors import InputErrors

LIBRARY = INSTANCES / "bench"
NAME = "days-nl-winter-day"


def test_every_instance_is_what_the_track_says_and_has_a_spread() -> None:
    track = read_track(LIBRARY)
    assert len(track) == len(list((LIBRARY / "days").glob("days-*.json")))
    for one in track:
        assert all(expected.spread is not None for expected in one.instance.nights[0].station.expected)


def test_test_days_are_not_the_training_days() -> None:
    night = read_track(LIBRARY, [NAME])[0].instance.nights[0]
    assert TRAINING_SEED != TEST_SEED
    known, kept = draw_days(night, 5, TRAINING_SEED), draw_days(night, 5, TEST_SEED)
    assert known.slot.tolist() != kept.slot.tolist()


def test_an_instance_that_changed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "days").mkdir()
    for name in ("days.json", f"{NAME}.json"):
        (tmp_path / "days" / name).write_text((LIBRARY / "days" / name).read_text().replace("400", "401"))
    with pytest.raises(InputErrors, match="the instance has changed"):
        read_track(tmp_path, [NAME])


def test_a_folder_without_the_track_and_a_broken_one(tmp_path: Path) -> None:
    with pytest.raises(InputErrors, match=r"has no days.days.json. run from the folder that has it"):
        read_track(tmp_path)
    (tmp_path / "days").mkdir()
    (tmp_path / "days" / "days.json").write_text('{"format": "swapcharge-days", "version": 1, "instance": []}')
    with pytest.raises(InputErrors, match="instance"):
        read_track(tmp_path)
    twice = ", ".join(['{"name": "a", "hash": "h"}'] * 2 + ['{"name": "../a", "hash": "h"}'])
    text = f'{{"format": "swapcharge-days", "version": 1, "instances": [{twice}]}}'
    (tmp_path / "days" / "days.json").write_text(text)
    with pytest.raises(InputErrors) as error:
        read_track(tmp_path)
    assert [(one.place, one.value) for one in error.value.problems] == [
        ("instances[1].name", "a"),
        ("instances[2].name", "../a"),
    ]
