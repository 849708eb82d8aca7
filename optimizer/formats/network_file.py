"""A network read for the night: station by station, so that a broken one does not stop the others.

Horizon and pack types must be right, for everything hangs on them. A broken tariff takes down its own
stations only, a broken station only itself. Every error has the words and the place that `info` has for it.
"""

from __future__ import annotations

import codecs
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import msgspec

from models.errors import InvalidData, Problem, refuse
from models.horizon import Horizon
from models.rules import unique
from models.station.instance import Instance, Night
from models.tariff.tariff import Tariff
from optimizer.files.errors import Collector, InputErrors, line_of
from optimizer.files.json_text import NOT_READABLE, cut_off_deep, decode, decode_plain, plain_json
from optimizer.files.limits import MOST_NETWORK_BYTES
from optimizer.files.read_write import read_bytes, shown_name
from optimizer.formats.build_station import Shared, build_night
from optimizer.formats.build_tariff import build_tariff
from optimizer.formats.document_types import Document
from optimizer.formats.instance_document import InstanceDocument, StationDocument
from optimizer.formats.read_instance import build_shared, no_garbage_collection
from optimizer.formats.series_reader import SeriesReader
from optimizer.formats.tariff_document import TariffDocument

TARIFFS, STATIONS = "tariffs", "stations"

NO_FAULTS: Mapping[int, str] = MappingProxyType({})

D = TypeVar("D", bound=Document)
Element = Any
"""A tariff or a station that nobody has looked into: msgspec.Raw, or plain JSON where msgspec refuses the file."""


class _Key(str):
    """A key of the top level. Each is equal to itself only, so that a dict keeps those that are repeated."""

    __hash__ = object.__hash__
    __eq__ = object.__eq__


class _Named(msgspec.Struct, frozen=True):
    """What is read of an element for its id alone."""

    id: Any = None


class _OneTariff(Document, frozen=True):
    tariffs: tuple[TariffDocument, ...]


class _OneStation(Document, frozen=True):
    stations: tuple[StationDocument, ...]


@dataclass(frozen=True)
class NetworkFile:
    """A network whose stations are not decoded yet: `night` builds one when it is asked for.

    `problems`: lines about broken tariffs. `file`: the name in messages. `head`: the document but for its tariffs
    and stations; `tariffs` are those that are whole, by their index in the file, `tariff_elements` all of them.
    `faults`: why stations cannot be planned, whatever the file says of them, by index.
    """

    file: str
    name: str
    currency: str
    shared: Shared
    stations: tuple[Element, ...]
    problems: tuple[str, ...]
    head: InstanceDocument
    tariffs: Mapping[int, TariffDocument]
    tariff_elements: tuple[Element, ...] = ()
    faults: Mapping[int, str] = field(default_factory=lambda: NO_FAULTS)

    @property
    def horizon(self) -> Horizon:
        """The time grid of all stations."""
        assert self.shared.reader is not None  # else the file was refused
        return self.shared.reader.horizon

    def place(self, index: int) -> str:
        """Where station `index` stands in the file."""
        return f"{STATIONS}[{index}]"

    def night(self, index: int) -> Night:
        """Station `index` as a night. Raises InputErrors with every problem of it."""
        return self.station(index)[1]

    def station(self, index: int) -> tuple[StationDocument, Night]:
        """Station `index` as the file has it, and as a night. Raises InputErrors with every problem of it."""
        document = self.station_document(index)
        try:
            return document, _night(document, self.shared, self.place(index))
        except InvalidData as error:
            raise InputErrors(self.file, error.problems) from None

    def station_document(self, index: int) -> StationDocument:
        """Station `index` as the file has it. Raises InputErrors with every problem of its shape."""
        try:
            return _decoded(self.stations[index], STATIONS, index, _OneStation).stations[0]
        except InvalidData as error:
            raise InputErrors(self.file, error.problems) from None

    def station_id(self, index: int) -> str | None:
        """What station `index` calls itself, be it broken; None if it does not."""
        return _id_in(self.stations[index])

    def wrong_ids(self) -> dict[int, str]:
        """A line for each station that cannot be planned, be it whole: its id is blank or taken by an earlier one, or
        it is one of `faults`; by index."""
        known = [(index, name) for index in range(len(self.stations)) if (name := self.station_id(index)) is not None]
        found = dict(self.faults)
        for problem in unique(STATIONS, [name for _, name in known], "station"):
            index = known[_index_in(problem.place)][0]
            found[index] = line_of(self.file, replace(problem, place=f"{self.place(index)}.id"))
        return found


def read_network(path: str | Path) -> NetworkFile:
    """The network in a .json or .json.gz file, or "-" for standard input.

    Raises InputErrors where it is no JSON, where horizon, pack types or top-level keys are wrong, or where it has
    no stations.
    """
    file = shown_name(path)
    try:
        with no_garbage_collection():
            return _parse(read_bytes(path, MOST_NETWORK_BYTES), file, Path(path).parent)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


def _parse(data: bytes, file: str, folder: Path) -> NetworkFile:
    document, elements = _cut(data.removeprefix(codecs.BOM_UTF8))
    found = Collector()
    shared = build_shared(document, folder, found)
    if not elements[STATIONS]:
        found.attempt("", lambda: Instance(document.name, document.currency, ()), None)
    refuse(found.problems)
    assert shared.reader is not None  # else there was a problem
    tariffs, documents, problems = _tariffs(elements[TARIFFS], shared.reader)
    lines = tuple(line_of(file, problem) for problem in problems)
    shared, stations = replace(shared, tariffs=tariffs), tuple(elements[STATIONS])
    return NetworkFile(
        file, document.name, document.currency, shared, stations, lines, document, documents, tuple(elements[TARIFFS])
    )


def _cut(data: bytes) -> tuple[InstanceDocument, dict[str, list[Element]]]:
    """The document without its tariffs and stations; those as elements, by the list's name."""
    elements: dict[str, list[Element]] = {TARIFFS: [], STATIONS: []}
    try:
        data.decode()  # msgspec does not look into the bytes of what it leaves raw
        members = _members(data)
    except RecursionError:  # one station's nesting is that station's fault alone
        return _cut(cut_off_deep(data))
    except NOT_READABLE:
        return _cut_plain(data, elements)
    head = []
    for key, value in members.items():
        if str(key) in elements and bytes(memoryview(value)[:1]) == b"[":
            elements[str(key)] += msgspec.json.decode(value, type=list[msgspec.Raw])
            value = msgspec.Raw(b"[]")
        head.append(json.dumps(key).encode() + b":" + bytes(value))
    return decode(b"{" + b",".join(head) + b"}", InstanceDocument), elements


def _members(data: bytes) -> dict[_Key, msgspec.Raw]:
    """The values of the top level. Raises NOT_READABLE."""
    return msgspec.json.decode(data, type=dict[_Key, msgspec.Raw], dec_hook=lambda kind, key: kind(key))


def _cut_plain(data: bytes, elements: dict[str, list[Element]]) -> tuple[InstanceDocument, dict[str, list[Element]]]:
    """The same where msgspec refuses the text: it may be NaN or half a character, the fault of one station alone."""
    plain = plain_json(cut_off_deep(data))
    for name in elements:
        if isinstance(plain, dict) and isinstance(plain.get(name), list):
            elements[name], plain[name] = plain[name], []
    return decode_plain(plain, InstanceDocument), elements


def _tariffs(
    elements: list[Element], reader: SeriesReader
) -> tuple[dict[str, Tariff | None], dict[int, TariffDocument], list[Problem]]:
    """By id, None for a broken one; of two with the same id neither is to be trusted. The documents by index."""
    found = Collector()
    tariffs: dict[str, Tariff | None] = {}
    documents: dict[int, TariffDocument] = {}
    ids = [_id_in(element) or "" for element in elements]
    for index, (element, name) in enumerate(zip(elements, ids, strict=True)):
        made = found.attempt("", lambda index=index, of=element: _tariff(of, index, reader), None)  # type: ignore[misc]
        tariffs[name] = None if made is None else made[1]
        if made is not None:
            documents[index] = made[0]
    for name, count in Counter(ids).items():
        if count > 1:
            tariffs[name] = None
    found.problems += unique(TARIFFS, ids, "tariff")
    return tariffs, documents, found.problems


def _tariff(element: Element, index: int, reader: SeriesReader) -> tuple[TariffDocument, Tariff]:
    document = _decoded(element, TARIFFS, index, _OneTariff).tariffs[0]
    try:
        return document, build_tariff(document, reader)
    except InvalidData as error:
        raise InvalidData(problem.inside(f"{TARIFFS}[{index}]") for problem in error.problems) from None


def _night(document: StationDocument, shared: Shared, place: str) -> Night:
    found = Collector()
    night = found.attempt(place, lambda: build_night(document, shared), None)
    if document.tariff in shared.tariffs and shared.tariffs[document.tariff] is None:
        remedy = "correct the tariff: its errors are told with the file's"
        found.problems.append(Problem(f"{place}.tariff", document.tariff, "is a broken tariff", remedy))
    refuse(found.problems)
    assert night is not None  # else there was a problem
    return night


def _decoded(element: Element, name: str, index: int, kind: type[D]) -> D:
    """The element in a list of its own, so that its problems have the places of the whole file."""
    try:
        if isinstance(element, msgspec.Raw):
            return decode(b'{"%s": [%s]}' % (name.encode(), bytes(element)), kind)
        return decode_plain({name: [element]}, kind)
    except InvalidData as error:
        raise InvalidData(_moved(error, f"{name}[0]", f"{name}[{index}]")) from None


def _moved(error: InvalidData, old: str, new: str) -> Iterator[Problem]:
    """A place that is none of the element, such as a line, means nothing in the whole file."""
    inside = ((one, one.place.removeprefix(old) if one.place.startswith(old) else "") for one in error.problems)
    return (replace(one, place=new + place) for one, place in inside)


def _id_in(element: Element) -> str | None:
    if isinstance(element, msgspec.Raw):
        try:
            name = _named(element).id
        except msgspec.ValidationError:
            return None  # it is no object
    else:
        name = element.get("id") if isinstance(element, dict) else None
    return name.encode(errors="backslashreplace").decode() if isinstance(name, str) else None


def _named(element: msgspec.Raw) -> _Named:
    try:
        return msgspec.json.decode(element, type=_Named)
    except RecursionError:
        return msgspec.json.decode(cut_off_deep(bytes(element)), type=_Named)


def _index_in(place: str) -> int:
    return int(place.partition("[")[2].partition("]")[0])
