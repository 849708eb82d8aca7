"""Events of OpenADR 3, made after its definition, and what instances they are tried on. Not a test file."""

from __future__ import annotations

import json
from typing import Any

from paths import INSTANCES

from models.errors import InvalidData
from models.station.instance import Instance
from optimizer.files.errors import InputErrors
from optimizer.files.json_text import plain_json
from optimizer.formats.read_instance import parse_instance
from optimizer.imports.events.document import parse_events
from optimizer.imports.events.into_instance import EventOptions, TakenEvents, with_events

WINTER_DAY = INSTANCES / "real" / "nl-winter-day.json"  # 96 quarter-hours from 2022-12-20T00:00+01:00, 400 kW
LIMIT, PRICE = "IMPORT_CAPACITY_LIMIT", "PRICE"
UNITS = {
    LIMIT: {"units": "KW"},
    PRICE: {"units": "KWH", "currency": "EUR"},
    "IMPORT_CAPACITY_SUBSCRIPTION": {"units": "KW"},
}


def period(
    start: str | None = "2022-12-20T18:00:00+01:00", duration: str | None = "PT1H", **more: str
) -> dict[str, Any]:
    given = {"start": start, "duration": duration} | more
    return {key: value for key, value in given.items() if value is not None}


def interval(kind: str, *values: object, when: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"id": 0, "payloads": [{"type": kind, "values": list(values)}]} | ({"intervalPeriod": when} if when else {})


def event(*intervals: dict[str, Any], when: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    kinds = dict.fromkeys(payload["type"] for one in intervals for payload in one["payloads"])
    descriptors = [{"payloadType": kind, **UNITS[kind]} for kind in kinds if kind in UNITS]
    made = {"programID": "p", "payloadDescriptors": descriptors, "intervals": list(intervals)}
    return made | ({"intervalPeriod": when} if when else {}) | more


def limit(kw: float, start: str = "2022-12-20T18:00:00+01:00", duration: str = "PT1H", **more: Any) -> dict[str, Any]:
    return event(interval(LIMIT, kw), when=period(start, duration), **more)


def price(
    value: float, start: str = "2022-12-20T18:00:00+01:00", duration: str = "PT1H", **more: Any
) -> dict[str, Any]:
    return event(interval(PRICE, value), when=period(start, duration), **more)


def taken(*events: Any, options: EventOptions | None = None, path: Any = WINTER_DAY) -> tuple[Instance, TakenEvents]:
    """The instance with the events, read again, and what was taken over."""
    data = path.read_bytes()
    before = parse_instance(data, "instance", path.parent)
    plain: Any = plain_json(data)
    found = with_events(
        plain, before, parse_events(json.dumps(list(events)).encode(), "events"), options or EventOptions()
    )
    return parse_instance(json.dumps(found.plain).encode(), "new", path.parent), found


def refusal(*events: Any, options: EventOptions | None = None) -> str:
    try:
        taken(*events, options=options)
    except InputErrors as error:
        return str(error)
    except InvalidData as error:
        return str(InputErrors("events", error.problems))
    raise AssertionError("was not refused")
