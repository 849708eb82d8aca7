"""Whatever is done to a tariff's files, they are read or what is wrong is said: never another exception."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from json_mutations import MUTATIONS, places
from paths import DATA, INSTANCES

from optimizer.files.errors import InputErrors
from optimizer.formats.tariff_file import parse_tariff, tariff_text
from optimizer.tables.reading import AS_FOUND
from optimizer.tariffs.bill_load import parse_peaks
from optimizer.tariffs.import_tariff import ImportOptions, import_tariff
from optimizer.tariffs.load_file import parse_load

NATIVE = DATA / "every-key-tariff.json"
URDB = INSTANCES / "urdb"
TARIFF = parse_tariff(NATIVE.read_bytes(), "f").tariff
OPTIONS = ImportOptions(time_zone="UTC", given={"tier_tolerance": 1e-4})
ENTSOE = b"""MTU (CET/CEST),Area,Sequence,Day-ahead Price (EUR/MWh)
26/10/2025 01:00:00 - 26/10/2025 02:00:00,BZN|NL,Without Sequence,85.3
26/10/2025 02:00:00 (CEST) - 26/10/2025 02:00:00 (CET),BZN|NL,Without Sequence,-5
26/10/2025 02:00:00 (CET) - 26/10/2025 03:00:00,BZN|NL,Without Sequence,0
"""
LOAD = b"start,kW\n2026-01-15T00:00+08:00,1.5\n2026-01-15T00:15+08:00,2\n2026-01-15T00:30+08:00,3e1\n"


def imported(data: bytes) -> None:
    """What an import writes can be read again."""
    parse_tariff(tariff_text(import_tariff(data, "f", None, OPTIONS).document), "written")


def imported_prices(data: bytes) -> None:
    parse_tariff(tariff_text(import_tariff(data, "f", None, ImportOptions()).document), "written")


def read_native(data: bytes) -> None:
    parse_tariff(data, "f")


def read_load(data: bytes) -> None:
    parse_load(data, "f", AS_FOUND, "kWh")


def read_peaks(data: bytes) -> None:
    parse_peaks(data, "f", TARIFF)


def outcome(read: Callable[[bytes], None], data: bytes) -> str:
    """ "read" or the messages; any other exception fails the test."""
    try:
        read(data)
    except InputErrors as error:
        assert error.problems and error.file == "f"
        assert len(str(error).splitlines()) == len(error.problems)
        return str(error)
    return "read"


@pytest.mark.parametrize(
    ("path", "read"),
    [*((path, imported) for path in sorted(URDB.glob("*.json"))), (NATIVE, read_native)],
    ids=lambda one: getattr(one, "stem", ""),
)
def test_changes_of_a_document(path: Path, read: Callable[[bytes], None]) -> None:
    """Half of them near the top: most of a rate's places are cells of its schedules."""
    document, rng, outcomes = json.loads(path.read_text()), random.Random(path.stem), set()
    for _ in range(150):
        changed: Any = copy.deepcopy(document)
        found = list(places(changed))
        holder, key = rng.choice(found[:60] if rng.random() < 0.5 else found)
        rng.choice(MUTATIONS)(rng, holder, key)
        outcomes.add(outcome(read, json.dumps(changed).encode()))
    assert "read" in outcomes and len(outcomes) > 20


@pytest.mark.parametrize(
    ("good", "read"),
    [(ENTSOE, imported_prices), (LOAD, read_load), (b'{"peak": {"2025-11": 80, "2025-12": 1e2}}', read_peaks)],
    ids=["entsoe", "load", "peaks"],
)
def test_bytes_changed(good: bytes, read: Callable[[bytes], None]) -> None:
    assert outcome(read, good) == "read"
    rng, outcomes = random.Random(4), set()
    for _ in range(400):
        data = bytearray(good)
        for _ in range(rng.randint(1, 3)):
            data[rng.randrange(len(data))] = rng.choice([rng.randrange(256), *b'",;\n\r0129-+:TZe.()'])
        outcomes.add(outcome(read, bytes(data)))
    assert "read" in outcomes and len(outcomes) > 20
