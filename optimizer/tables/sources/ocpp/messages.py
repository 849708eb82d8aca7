"""BatterySwap messages of a log, each once, as OCPP 2.1 defines them; what the log has besides is counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from models.errors import InvalidData, Problem, refuse
from optimizer.files.errors import ABSENT, did_you_mean
from optimizer.tables.reading import Place
from optimizer.tables.sources.ocpp.entries import BATTERY_SWAP, LogEntry, log_entries
from optimizer.tables.stamps import stamp_of

BATTERY_IN, BATTERY_OUT, TIMEOUT = "BatteryIn", "BatteryOut", "BatteryOutTimeout"
EVENT_TYPES = (BATTERY_IN, BATTERY_OUT, TIMEOUT)
MOST_PERCENT = 100
SENT_AGAIN_WITHIN = timedelta(days=1)
"""Later, a message with the same id and content is another one: stations count anew after a restart."""
RESPONSE = "responses and others without an action"


class SwappedBattery(NamedTuple):
    """A battery of a message: the bay (`evseId`), the serial number, the state of charge from 0 to 1."""

    bay: int
    serial: str
    soc: float


@dataclass(frozen=True)
class SwapMessage:
    """A BatterySwap: its line, its stamp as written and as read, the station ("" where the log has none)."""

    line: int
    stamp: str
    at: datetime
    station: str
    event: str
    request: int
    batteries: tuple[SwappedBattery, ...]

    @property
    def instant(self) -> datetime:
        """For distances only: stamps without an offset are on one clock, whichever that is."""
        return self.at if self.at.tzinfo is not None else self.at.replace(tzinfo=UTC)


@dataclass(frozen=True)
class MessageLog:
    """The messages in the order of the log, how many were sent again, how many of other actions there are.

    `place`: of a line, or of an element of a list, in messages to users.
    """

    messages: list[SwapMessage]
    place: Place
    sent_again: int = 0
    others: Counter[str] = field(default_factory=Counter)


def message_log(data: bytes) -> MessageLog:
    """The BatterySwap messages of a log. Raises InvalidData with all that is wrong with them."""
    by_line, entries = log_entries(data)
    word = "line" if by_line else "entry"
    messages, others = list[SwapMessage](), Counter[str]()
    seen: dict[tuple[str, ...], datetime] = {}
    problems: list[Problem] = []
    sent_again = 0
    for entry in entries:
        if entry.problem is not None:
            problems.append(entry.problem)
            continue
        if entry.payload is None:
            others[entry.action or RESPONSE] += 1
            continue
        if found := list(_problems(f"{word} {entry.line}", entry)):
            problems += found
            continue
        message, same = _message(entry), _same(entry)
        if same in seen and abs(message.instant - seen[same]) <= SENT_AGAIN_WITHIN:
            sent_again += 1
        else:
            messages.append(message)
        seen[same] = message.instant
    refuse(problems)
    return MessageLog(messages, lambda line: f"{word} {line}", sent_again, others)


def _same(entry: LogEntry) -> tuple[str, ...]:
    """Alike for messages of which one is the other, sent again: with one id, or, without ids, at the same time."""
    payload = json.dumps(entry.payload, sort_keys=True)
    return entry.station, entry.message or f"at {entry.stamp}", payload


def _problems(place: str, entry: LogEntry) -> Iterator[Problem]:
    payload = entry.payload or {}
    for key in getattr(payload, "repeated", ()):
        yield Problem(f"{place}, {key}", payload[key], "is there twice", "export the message as it was sent")
    if not entry.stamp:
        remedy = 'export the log with the time of each message, such as {"timestamp": …, "message": […]}'
        yield Problem(f"{place}, timestamp", ABSENT, f"must be given: {BATTERY_SWAP} itself has no time", remedy)
    elif stamp_of(entry.stamp) is None:
        rule, remedy = "must be a date and a time of day", "write it like 2025-01-15T18:00+01:00"
        yield Problem(f"{place}, timestamp", entry.stamp, rule, remedy)
    event, request = payload.get("eventType", ABSENT), payload.get("requestId", ABSENT)
    if event not in EVENT_TYPES:
        remedy = did_you_mean(event, EVENT_TYPES, "correct it") if isinstance(event, str) else "correct it"
        yield Problem(f"{place}, eventType", event, f"must be one of {', '.join(EVENT_TYPES)}", remedy)
    if not _is_whole(request):
        yield Problem(f"{place}, requestId", request, "must be a whole number", "export the message as it was sent")
    batteries = payload.get("batteryData", ABSENT)
    if not isinstance(batteries, list) or not batteries:
        rule, remedy = "must be a list of at least one battery", "export the message as it was sent"
        yield Problem(f"{place}, batteryData", batteries, rule, remedy)
        return
    for index, battery in enumerate(batteries):
        yield from _battery_problems(f"{place}, batteryData[{index}]", battery)


def _battery_problems(place: str, battery: object) -> Iterator[Problem]:
    remedy = "export the message as it was sent"
    if not isinstance(battery, dict):
        yield Problem(place, battery, "must be an object", remedy)
        return
    bay, serial, soc = (battery.get(name, ABSENT) for name in ("evseId", "serialNumber", "soC"))
    if not _is_whole(bay) or bay < 0:
        yield Problem(f"{place}.evseId", bay, "must be a whole number from 0", remedy)
    if not isinstance(serial, str) or not serial.strip():
        yield Problem(f"{place}.serialNumber", serial, "must be a text that is not empty", remedy)
    if not isinstance(soc, int | float) or isinstance(soc, bool) or not 0 <= soc <= MOST_PERCENT:
        yield Problem(f"{place}.soC", soc, "must be a number of per cent from 0 to 100", remedy)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _message(entry: LogEntry) -> SwapMessage:
    payload: Mapping[str, Any] = entry.payload or {}
    stamp = stamp_of(entry.stamp)
    assert stamp is not None
    batteries = tuple(
        SwappedBattery(one["evseId"], one["serialNumber"].strip(), one["soC"] / MOST_PERCENT)
        for one in payload["batteryData"]
    )
    return SwapMessage(
        entry.line, entry.stamp, stamp.at, entry.station, payload["eventType"], payload["requestId"], batteries
    )


def no_messages(log: MessageLog) -> InvalidData:
    """The refusal of a log without a BatterySwap, to be raised."""
    found = ", ".join(f"{count:,} {name}" for name, count in log.others.most_common(5)) or "nothing"
    rule = f"has no {BATTERY_SWAP} message of OCPP 2.1; it has {found}"
    return InvalidData([Problem("", ABSENT, rule, "export the messages that stations send")])
