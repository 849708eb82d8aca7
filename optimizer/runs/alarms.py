"""alarms.json: the conditions that a run was given, which of them are met, where; and the line that says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from optimizer.files.plain_text import MOST_NAMES
from optimizer.formats.json_schema import DIALECT
from optimizer.runs.alarms_document import FORMAT, AlarmsDocument, AlarmStationDocument, ConditionDocument
from optimizer.runs.conditions import MEASURES, Condition, Value
from optimizer.runs.station_progress import StationProgress
from optimizer.runs.summary import RunStatus

UNKNOWN = "unproven"


def alarms_of(
    name: str, start: str, status: RunStatus, conditions: Sequence[Condition], stations: Sequence[StationProgress]
) -> AlarmsDocument:
    """What the run's stations make of the conditions."""
    values = {name: measure.of_run(stations) for name, measure in MEASURES.items()}
    found = tuple(_condition(one, values[one.name], stations) for one in conditions)
    return AlarmsDocument(
        format=FORMAT,
        version=1,
        name=name,
        start=start,
        status=status,
        stations=len(stations),
        met=any(one.met for one in found),
        conditions=found,
        values=values,
    )


def _condition(asked: Condition, value: Value, stations: Sequence[StationProgress]) -> ConditionDocument:
    measure = MEASURES[asked.name]
    of_each = [(one.station or one.place, measure.of_station(one)) for one in stations]
    parts = [one for one in of_each if (asked.is_met(one[1]) if measure.is_share else one[1])]
    parts.sort(key=lambda one: (one[1] is not None, -(one[1] or 0.0)))  # the same order each time: the network's
    return ConditionDocument(
        condition=asked.text,
        name=asked.name,
        comparison=asked.comparison,
        limit=asked.limit,
        value=value,
        met=asked.is_met(value),
        stations=tuple(AlarmStationDocument(station=station, value=part, limit=asked.limit) for station, part in parts),
    )


def alarm_line(alarms: AlarmsDocument) -> str:
    """What is met and where, in one line; "" where nothing is."""
    met = [_in_words(one) for one in alarms.conditions if one.met]
    return f"alarm: {'; '.join(met)}" if met else ""


def _in_words(one: ConditionDocument) -> str:
    where = ", ".join(_places(one))
    return f"{one.name} {_number(one.value)} {one.comparison} {_number(one.limit)}" + (f" ({where})" if where else "")


def _places(one: ConditionDocument) -> Iterator[str]:
    for station in one.stations[:MOST_NAMES]:
        is_plain = MEASURES[one.name].is_yes_or_no
        yield station.station if is_plain else f"{station.station} {_number(station.value)}"
    if (more := len(one.stations) - MOST_NAMES) > 0:
        yield f"{more:,} more"


def _number(value: Value) -> str:
    return UNKNOWN if value is None else f"{value:.4g}" if value % 1 else f"{value:,.0f}"


def alarms_schema() -> dict[str, Any]:
    """The JSON Schema of alarms.json, version 1."""
    schema = {"$schema": DIALECT, "title": "swapcharge alarms, version 1", **msgspec.json.schema(AlarmsDocument)}
    return dict(msgspec.json.decode(msgspec.json.encode(schema)))
