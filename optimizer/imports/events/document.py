"""Events of OpenADR 3.0 and 3.1 as they are written, and files of them. Keys that other programs add are told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import Meta, field
from msgspec.structs import fields

from models.errors import InvalidData, Problem, refuse
from optimizer.files.errors import ABSENT, InputErrors, nearest
from optimizer.files.json_problems import RepeatedKeys
from optimizer.files.json_text import decode_plain, plain_json
from optimizer.formats.document_types import Document, Name, Whole

EVENT, PROGRAM = "EVENT", "PROGRAM"
NOT_NEEDED = frozenset(
    {
        "id", "createdDateTime", "modificationDateTime", "objectType", "reportDescriptors", "clientID", "venID",
        "programName", "programLongName", "retailerName", "retailerLongName", "programType", "country",
        "principalSubdivision", "timeZoneOffset", "programDescriptions", "bindingEvents", "localPrice", "attributes",
    }
)  # fmt: skip
"""Keys of the standard that change neither limits nor prices."""


class OadrPeriod(Document, frozen=True, kw_only=True):
    """When an interval begins and how long it lasts."""

    start: Annotated[str | None, Meta(description="instant with an offset")] = None
    duration: Annotated[str | None, Meta(description="duration of ISO 8601, such as PT1H")] = None
    randomize_start: Annotated[str | None, Meta(description="most that starts are shifted, such as PT5M")] = field(
        default=None, name="randomizeStart"
    )


class OadrValues(Document, frozen=True, kw_only=True):
    """Values of a type."""

    type: Annotated[Name, Meta(description="what the values are, such as PRICE")]
    values: Annotated[tuple[float | str | bool, ...], Meta(description="a value, or several one after the other")]


class OadrInterval(Document, frozen=True, kw_only=True):
    """What holds for an interval."""

    period: Annotated[OadrPeriod | None, Meta(description="when, where it does not follow the one before")] = field(
        default=None, name="intervalPeriod"
    )
    payloads: Annotated[tuple[OadrValues, ...], Meta(description="what holds")] = ()


class OadrDescriptor(Document, frozen=True, kw_only=True):
    """What values of a type mean."""

    payload_type: Annotated[Name, Meta(description="type of the values")] = field(name="payloadType")
    units: Annotated[str | None, Meta(description="unit of the values, such as KW or KWH")] = None
    currency: Annotated[str | None, Meta(description="currency of prices, such as EUR")] = None


class OadrEvent(Document, frozen=True, kw_only=True):
    """An event."""

    program: Annotated[Name | None, Meta(description="id of the program")] = field(default=None, name="programID")
    name: Annotated[str | None, Meta(description="name for people")] = field(default=None, name="eventName")
    duration: Annotated[str | None, Meta(description="how long the intervals repeat, or are cut off")] = None
    priority: Annotated[Whole | None, Meta(description="0 is the highest")] = None
    targets: Annotated[tuple[str | OadrValues, ...], Meta(description="whom the event is for; all if absent")] = ()
    descriptors: Annotated[tuple[OadrDescriptor, ...], Meta(description="units and currencies")] = field(
        default=(), name="payloadDescriptors"
    )
    period: Annotated[OadrPeriod | None, Meta(description="of intervals that say none of their own")] = field(
        default=None, name="intervalPeriod"
    )
    intervals: Annotated[tuple[OadrInterval, ...], Meta(description="the intervals")]


class OadrProgram(Document, frozen=True, kw_only=True):
    """What of a program counts here: units and currencies of its events."""

    descriptors: Annotated[tuple[OadrDescriptor, ...], Meta(description="units and currencies")] = field(
        default=(), name="payloadDescriptors"
    )


INNER: dict[type, dict[str, type]] = {
    OadrEvent: {
        "targets": OadrValues, "payloadDescriptors": OadrDescriptor, "intervalPeriod": OadrPeriod,
        "intervals": OadrInterval,
    },
    OadrProgram: {"payloadDescriptors": OadrDescriptor},
    OadrInterval: {"intervalPeriod": OadrPeriod, "payloads": OadrValues},
}  # fmt: skip
"""Objects in objects, by their keys."""


@dataclass(frozen=True)
class PlacedEvent:
    """An event, where it stands in its file, and what its program says of units."""

    place: str
    event: OadrEvent
    defaults: tuple[OadrDescriptor, ...] = ()

    @property
    def label(self) -> str:
        """The event for people."""
        return f"{self.place} ({self.event.name})" if self.event.name else self.place

    def descriptor(self, kind: str) -> OadrDescriptor | None:
        """What values of a type mean, if anybody says so."""
        found = (one for one in (*self.event.descriptors, *self.defaults) if one.payload_type == kind)
        return next(found, None)


@dataclass(frozen=True)
class EventFile:
    """The events of a file, and what is to be told of how it was read."""

    events: tuple[PlacedEvent, ...]
    notes: tuple[str, ...]


def parse_events(data: bytes, file: str) -> EventFile:
    """Events in JSON: one, a list as a VTN gives it, an object with a list `events`, notifications around them.

    Programs among them give defaults of units. Raises InputErrors with all defects.
    """
    try:
        return _parsed(plain_json(data))
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


def _parsed(plain: object) -> EventFile:
    problems: list[Problem] = []
    unread: dict[str, None] = {}
    events: list[PlacedEvent] = []
    programs: dict[str, tuple[OadrDescriptor, ...]] = {}
    for place, one in _objects(plain):
        kind = OadrProgram if _is_program(one) else OadrEvent
        try:
            found = decode_plain(_cleaned(one, kind, unread), kind)
        except InvalidData as error:
            problems += [problem.inside(place) if place else problem for problem in error.problems]
            continue
        if isinstance(found, OadrEvent):
            events.append(PlacedEvent(place or "event", found))
        elif isinstance(found, OadrProgram) and isinstance(one, dict) and isinstance(one.get("id"), str):
            programs[one["id"]] = found.descriptors
    refuse(problems)
    if not events:
        raise InvalidData([Problem("", ABSENT, "has no event of OpenADR 3", "give the answer of GET /events")])
    placed = tuple(PlacedEvent(one.place, one.event, programs.get(one.event.program or "", ())) for one in events)
    return EventFile(placed, (f"keys that are not read: {', '.join(unread)}",) if unread else ())


def _objects(plain: object) -> Iterator[tuple[str, object]]:
    """Places and objects of a file."""
    if isinstance(plain, dict) and isinstance(plain.get("events"), list):
        rest = plain.get("programs")
        yield from _numbered("events", plain["events"])
        yield from _numbered("programs", rest if isinstance(rest, list) else [])
    elif isinstance(plain, list):
        yield from _numbered("", plain)
    else:
        yield "", _within(plain)


def _numbered(name: str, objects: list[Any]) -> Iterator[tuple[str, object]]:
    for index, one in enumerate(objects):
        yield f"{name}[{index}]", _within(one)


def _within(one: object) -> object:
    """The object of a notification, or the object itself."""
    return one["object"] if isinstance(one, dict) and isinstance(one.get("object"), dict) else one


def _is_program(one: object) -> bool:
    if not isinstance(one, dict):
        return False
    return one.get("objectType") == PROGRAM or ("programName" in one and "intervals" not in one)


def _cleaned(plain: object, kind: type, unread: dict[str, None]) -> object:
    """Without nulls and keys that are not read; a key that may be a slip of the pen stays, to be refused."""
    if isinstance(plain, list):
        return [_cleaned(one, kind, unread) for one in plain]
    if not isinstance(plain, dict) or isinstance(plain, RepeatedKeys):
        return plain
    known = [one.encode_name for one in fields(kind)]
    found: dict[str, object] = {}
    for key, value in plain.items():
        if value is None or (key in NOT_NEEDED and key not in known):
            continue
        if key in known or nearest(key, [name for name in known if name not in plain]):
            inner = INNER.get(kind, {}).get(key)
            found[key] = value if inner is None else _cleaned(value, inner, unread)
        elif not (kind is OadrProgram and key in ("intervalPeriod", "targets")):
            unread.setdefault(key)
    return found
