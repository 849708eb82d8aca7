"""Whatever is done to an instance file, the reader gives an instance or says what is wrong: never another exception."""

from __future__ import annotations

import gzip
import json
import random
import re
from pathlib import Path

import pytest
from json_mutations import MUTATIONS, Mutation, places
from paths import DATA

from optimizer.files.errors import InputErrors
from optimizer.formats.plan_file import parse_plan
from optimizer.formats.read_instance import parse_instance, read_instance

DOCUMENT = json.loads((DATA / "every-key.json").read_text(encoding="utf-8"))
TEXT = json.dumps(DOCUMENT).encode()


def outcome(data: bytes) -> str:
    """ "read" or the messages; any other exception fails the test."""
    try:
        parse_instance(data, "f", DATA)
    except InputErrors as error:
        assert error.problems
        assert len(str(error).splitlines()) == len(error.problems)
        return str(error)
    return "read"


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda one: one.__name__)
def test_each_place_changed(mutation: Mutation) -> None:
    rng = random.Random(mutation.__name__)
    count = len(list(places(DOCUMENT)))
    outcomes = set()
    for index in range(count):
        document = json.loads(TEXT)
        mutation(rng, *list(places(document))[index])
        outcomes.add(outcome(json.dumps(document).encode()))
    assert len(outcomes) > 10  # the mutations do reach the rules


def test_several_changes_at_once() -> None:
    rng = random.Random(1)
    for _ in range(400):
        document = json.loads(TEXT)
        for _ in range(rng.randint(2, 6)):
            if found := list(places(document)):
                rng.choice(MUTATIONS)(rng, *rng.choice(found))
        outcome(json.dumps(document).encode())


def test_bytes_changed() -> None:
    rng = random.Random(2)
    for _ in range(800):
        data = bytearray(TEXT)
        for _ in range(rng.randint(1, 3)):
            data[rng.randrange(len(data))] = rng.choice([rng.randrange(256), *b'"[]{},:0129-e.\\'])
        outcome(bytes(data))


def test_bytes_dropped_and_repeated() -> None:
    rng = random.Random(3)
    for _ in range(400):
        start, length = rng.randrange(len(TEXT)), rng.randint(1, 40)
        outcome(TEXT[:start] + TEXT[start + length :])
        outcome(TEXT[: start + length] + TEXT[start:])
        outcome(TEXT[:start])


def test_keys_repeated() -> None:
    keys = list(re.finditer(rb'(?<=[{ ])"[^"]+":', TEXT))
    assert len(keys) > 100
    for key in keys:
        doubled = TEXT[: key.start()] + key[0] + b" 1, " + TEXT[key.start() :]
        assert "appears more than once in its object" in outcome(doubled)


def test_csv_bytes_changed(tmp_path: Path) -> None:
    rng = random.Random(5)
    (tmp_path / "load.csv").write_bytes((DATA / "load.csv").read_bytes())
    good = (DATA / "prices.csv").read_bytes()
    outcomes = set()
    for _ in range(300):
        data = bytearray(good)
        for _ in range(rng.randint(1, 3)):
            data[rng.randrange(len(data))] = rng.choice([rng.randrange(256), *b'",\n\r0129-+:TZe.'])
        (tmp_path / "prices.csv").write_bytes(bytes(data))
        try:
            parse_instance(TEXT, "f", tmp_path)
        except InputErrors as error:
            outcomes.add(str(error))
    assert len(outcomes) > 50


def test_gzip_bytes_changed(tmp_path: Path) -> None:
    rng, good, path = random.Random(6), gzip.compress(TEXT, mtime=0), tmp_path / "x.json.gz"
    for _ in range(200):
        data = bytearray(good)
        data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(bytes(data[: rng.randint(1, len(data))]))
        with pytest.raises(InputErrors):
            read_instance(path)


def test_a_plan_file_is_as_patient() -> None:
    rng = random.Random(7)
    for _ in range(200):
        data = bytearray(b'{"format": "swapcharge-plan", "version": 1, "stations": [{"packs": [{"power_kw": [1]}]}]}')
        data[rng.randrange(len(data))] = rng.randrange(256)
        with pytest.raises(InputErrors):
            parse_plan(bytes(data), "f")
