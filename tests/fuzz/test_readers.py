"""Whatever is done to a file, its reader takes it or says what is wrong: never another exception."""

from __future__ import annotations

from pathlib import Path

import pytest
from campaign import copied, outcome, tried
from readers import READERS, Reader


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
