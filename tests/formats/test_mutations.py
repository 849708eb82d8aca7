"""Each place of an instance file changed in each way, each key said twice; random damage is in tests/fuzz."""

from __future__ import annotations

import json
import random
import re

import pytest
from json_mutations import MUTATIONS, Mutation, places
from paths import DATA

from optimizer.files.errors import InputErrors
from optimizer.formats.read_instance import parse_instance

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


def test_keys_repeated() -> None:
    keys = list(re.finditer(rb'(?<=[{ ])"[^"]+":', TEXT))
    assert len(keys) > 100
    for key in keys:
        doubled = TEXT[: key.start()] + key[0] + b" 1, " + TEXT[key.start() :]
        assert "appears more than once in its object" in outcome(doubled)
