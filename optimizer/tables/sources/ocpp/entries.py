"""Entries of an OCPP log: lines of JSON or elements of a JSON list, and the message within each.

An entry is an OCPP-J frame such as [2, "id", "BatterySwap", {…}], the payload alone, or an object around either, which
says when and by which station the message was sent. The message may itself be JSON text within the object.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import msgspec

from models.errors import InvalidData, Problem
from optimizer.files.json_text import NOT_READABLE, plain_json

BATTERY_SWAP = "BatterySwap"
SIGNS = (b"BatterySwap", b"batteryData")
"""One of them stands in every BatterySwap message, whatever is around it."""
CALLS = (2, 6)  # requests: CALL, and SEND, which needs no response
FRAME_KINDS = range(2, 7)
MOST_WRAPS = 4  # objects around a message
NOT_IN_NAMES = re.compile(r"[^a-z]")
TIME_NAMES = ("timestamp", "time", "ts", "datetime", "receivedat", "sentat", "createdat", "loggedat", "at", "date")
STATION_NAMES = (
    "chargingstationid", "chargingstation", "stationid", "station", "chargepointid", "chargepoint", "chargeboxid",
    "chargeboxidentity", "chargebox", "cpid", "csid", "identity", "stationname",
)  # fmt: skip
AROUND = {
    "stamp": TIME_NAMES,
    "station": STATION_NAMES,
    "message": ("messageid", "uniqueid", "msgid"),
    "action": ("action", "messagename", "operation"),
}


@dataclass(frozen=True)
class LogEntry:
    """A message: the number of its line or element; its action, "" where the log does not say it (a response, for
    example); its payload where it is a BatterySwap; stamp, station and message id as written, "" where not; what is
    wrong with a line that is no JSON."""

    line: int
    action: str
    payload: Mapping[str, Any] | None = None
    stamp: str = ""
    station: str = ""
    message: str = ""
    problem: Problem | None = None


def is_swap_log(data: bytes) -> bool:
    """Is it JSON that holds a BatterySwap message?"""
    head = data[:1000].removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    return head in (b"{", b"[") and any(sign in data for sign in SIGNS)


def log_entries(data: bytes) -> tuple[bool, Iterator[LogEntry]]:
    """Are entries lines of text, and the entries. Raises InvalidData where the whole is no JSON."""
    data = data.removeprefix(codecs.BOM_UTF8)
    by_line = _is_by_line(data)
    plain = _lines(data) if by_line else enumerate(_elements(plain_json(data)), 1)
    return by_line, (_entry(line, value) for line, value in plain)


def _is_by_line(data: bytes) -> bool:
    """Is the first line JSON by itself, with more below it?"""
    first, _, rest = data.lstrip().partition(b"\n")
    if not rest.strip():
        return False
    with suppress(*NOT_READABLE):
        msgspec.json.decode(first)
        return True
    return False


def _lines(data: bytes) -> Iterator[tuple[int, object]]:
    """Numbers of the lines that are not blank, and their values, or the Problem of a line that is no JSON."""
    for number, line in enumerate(data.split(b"\n"), 1):
        if line.strip():
            yield number, _value(line, number)


def _value(line: bytes, number: int) -> object:
    if not any(sign in line for sign in SIGNS):
        with suppress(*NOT_READABLE):  # most lines of a log are of other actions
            return msgspec.json.decode(line)
    try:
        return plain_json(line)
    except InvalidData as error:
        (problem,) = error.problems
        return replace(problem, place=problem.place.replace("line 1", f"line {number}", 1))


def _elements(plain: object) -> Sequence[object]:
    """The entries of one document: those of its list, wherever an object has the only one, or the document itself."""
    if isinstance(plain, list):
        return [plain] if _is_frame(plain) else plain
    if isinstance(plain, dict) and "batteryData" not in plain:
        lists = [value for value in plain.values() if isinstance(value, list) and not _is_frame(value)]
        if len(lists) == 1:
            return lists[0]
    return [plain]


def _is_frame(value: object) -> bool:
    return isinstance(value, list) and len(value) >= 2 and value[0] in FRAME_KINDS and isinstance(value[1], str)


def _entry(line: int, value: object) -> LogEntry:
    if isinstance(value, Problem):
        return LogEntry(line, "", problem=value)
    around: dict[str, str] = {}
    for _ in range(MOST_WRAPS + 1):
        value = _from_text(value)
        if _is_frame(value):
            return _of_frame(line, value, around)  # type: ignore[arg-type]
        if not isinstance(value, dict):
            break
        _note_around(value, around)
        if "batteryData" in value:
            return _of_payload(line, BATTERY_SWAP, value, around)
        inner = next((one for one in value.values() if _holds_message(one)), None)
        if inner is None:
            break
        value = inner
    return LogEntry(line, around.get("action", ""))


def _from_text(value: object) -> object:
    """What a text of JSON holds; another text as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        with suppress(InvalidData):
            return plain_json(value.encode(errors="replace"))
    return value


def _holds_message(value: object) -> bool:
    """May it be, or hold, a message?"""
    if isinstance(value, str):
        return value.lstrip()[:1] in ("[", "{") and any(sign.decode() in value for sign in SIGNS)
    if isinstance(value, dict):
        return "batteryData" in value or any(map(_holds_message, value.values()))
    return _is_frame(value)


def _note_around(value: Mapping[str, Any], around: dict[str, str]) -> None:
    """What an object says of the message in it; what stands nearer to it counts."""
    plain = {_plain(name): one for name, one in value.items()}
    for key, names in AROUND.items():
        found = next((one for name in names if _is_told(one := _bare(plain.get(name)))), None)
        if found is not None:
            around[key] = str(found).strip()


@lru_cache(maxsize=1024)  # the keys of a log are the same in all of its lines
def _plain(name: str) -> str:
    return NOT_IN_NAMES.sub("", name.lower())


def _bare(value: object) -> object:
    """What a document database writes as {"$date": …}, or {"$date": {"$numberLong": "…"}}."""
    while isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("$date", "$numberLong"):
        value = next(iter(value.values()))
    return value


def _is_told(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""


def _of_frame(line: int, frame: Sequence[Any], around: Mapping[str, str]) -> LogEntry:
    is_call = frame[0] in CALLS and len(frame) >= 4
    action = frame[2] if is_call and isinstance(frame[2], str) else ""
    found = {**around, "message": frame[1]}
    return _of_payload(line, action, frame[3] if is_call else None, found)


def _of_payload(line: int, action: str, payload: object, around: Mapping[str, str]) -> LogEntry:
    if action != BATTERY_SWAP:
        return LogEntry(line, action)
    stamp, station, message = (around.get(name, "") for name in ("stamp", "station", "message"))
    return LogEntry(line, action, payload if isinstance(payload, dict) else {}, stamp, station, message)
