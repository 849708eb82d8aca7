"""Whatever is done to a file, its reader takes it or says what is wrong: never another exception."""

from __future__ import annotations

import random
import tomllib
from pathlib import Path

import campaign
import pytest
from campaign import copied, outcome, tried
from damage import sql, toml_tree
from paths import INSTANCES
from readers import READERS, WHOLE, Reader

from models.errors import InvalidData


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_damaged_files(reader: Reader) -> None:
    _, outcomes, _, faults = tried(reader, 30, seed=12)
    assert not faults
    assert outcomes["refused"] > 3  # the damage does reach the rules


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_the_seed_itself(reader: Reader, tmp_path: Path) -> None:
    path, files = copied(reader, tmp_path)
    assert files
    assert outcome(reader, path) in ("accepted", "refused")


def test_another_exception_is_a_fault(tmp_path: Path) -> None:
    def read(path: Path) -> object:
        raise KeyError(path.name)

    assert outcome(Reader("x", tmp_path, "", read), tmp_path).startswith("KeyError: ")


def test_a_fault_is_kept_as_small_as_it_comes(tmp_path: Path) -> None:
    def read(path: Path) -> object:
        data = path.read_bytes()
        if data.count(b"x") > 2:
            raise KeyError(f"{len(data)}")
        raise InvalidData([])

    seed = tmp_path / "seed.txt"
    seed.write_bytes(b"abc x def x ghi\nxyz, 1, 2\n" * 20)
    kept = tmp_path / "kept"
    kept.mkdir()
    _, outcomes, _, faults = tried(Reader("x", seed, "", read), 5, seed=1, keep=kept)
    assert outcomes["faults"] == len(faults) == 5
    assert [path.read_bytes() for path in kept.iterdir()] == [b"xxx"] * 5


def test_an_input_that_takes_long_is_a_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(campaign, "MOST_SECONDS", -1.0)
    seed = tmp_path / "seed.txt"
    seed.write_bytes(b"1,2\n")
    _, outcomes, _, faults = tried(Reader("x", seed, "", Path.read_bytes), 3, seed=1)
    assert outcomes["faults"] == 3 and all(one.endswith(" s of CPU") for one in faults)


def test_tables_of_a_history_are_damaged_by_their_own_commands() -> None:
    rng, good = random.Random(1), (WHOLE / "history.sqlite").read_bytes()
    made = {sql(rng, good) for _ in range(20)}
    assert len(made) > 15 and all(one.startswith(b"SQLite format 3") for one in made)


def test_a_study_is_damaged_by_its_keys() -> None:
    rng, good = random.Random(1), (INSTANCES / "california.toml").read_bytes()
    read = [tomllib.loads(one.decode()) for one in (toml_tree(rng, good) for _ in range(20)) if b"1.5" not in one]
    assert len({str(one) for one in read}) > 10
