"""Small URDB rates for tests: one price always, and whatever a test is about."""

from __future__ import annotations

import json
from typing import Any

import pytest
from paths import INSTANCES

from optimizer.files.errors import InputErrors
from optimizer.formats.tariff_document import TariffDocument
from optimizer.formats.tariff_file import Imported
from optimizer.tariffs.urdb.import_urdb import UrdbOptions, import_urdb

DATA = INSTANCES / "urdb"
ALWAYS = [[0] * 24] * 12

Raw = dict[str, Any]


def real(name: str) -> Raw:
    """A real rate."""
    document = json.loads((DATA / f"{name}.json").read_text())
    return document["items"][0] if "items" in document else document


def rate(**changes: Any) -> Raw:
    """One price always, 0.1 a kWh; a change of None takes a key out."""
    whole = {
        "label": "one",
        "energyratestructure": [[{"rate": 0.1, "unit": "kWh"}]],
        "energyweekdayschedule": ALWAYS,
        "energyweekendschedule": ALWAYS,
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def imported(raw: object, **options: Any) -> Imported:
    return import_urdb(json.dumps(raw).encode(), "f", UrdbOptions(**options))


def tariff(raw: object, **options: Any) -> TariffDocument:
    return imported(raw, **options).tariff


def refusals(raw: object, **options: Any) -> list[str]:
    with pytest.raises(InputErrors) as caught:
        imported(raw, **options)
    return str(caught.value).splitlines()


def by_hours(first: int, last: int, inside: float = 1, outside: float = 0) -> list[list[float]]:
    """A schedule of one period from hour `first` to hour `last`, of another outside."""
    return [[inside if first <= hour < last else outside for hour in range(24)] for _ in range(12)]


FLAT = {"flatdemandstructure": [[{"rate": 2}]], "flatdemandmonths": [0] * 12}
WINDOW = {"demandratestructure": [[{"rate": 0}], [{"rate": 3}]], "demandweekdayschedule": by_hours(7, 22),
          "demandweekendschedule": ALWAYS}  # fmt: skip
