"""A network read for the night: station by station, so that a broken one does not stop the others.

Horizon and pack types must be right, for everything hangs on them. A broken tariff takes down its own
stations only, a broken station only itself. Every error has the words and the place that `info` has for it.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from models.errors import InvalidData, Problem, refuse
from models.horizon import Horizon
from models.rules import unique
from models.station.instance import Instance, Night
from models.tariff.tariff import Tariff
from optimizer.files.atomic import read_bytes, shown_name
from optimizer.files.errors import Collector, InputErrors, line_of
from optimizer.files.json_split import split_lists
from optimizer.files.json_text import decode, plain_json
from optimizer.formats.build_station import Shared, build_night
from optimizer.formats.build_tariff import build_tariff
from optimizer.formats.document_parts import Document
from optimizer.formats.instance_document import InstanceDocument, StationDocument
from optimizer.formats.read_instance import build_shared, no_garbage_collection
from optimizer.formats.series import SeriesReader
from optimizer.formats.tariff_document import TariffDocument

TARIFFS, STATIONS = "tariffs", "stations"

D = TypeVar("D", bound=Document)


class _OneTariff(Document, frozen=True):
    tariffs: tuple[TariffDocument, ...]


class _OneStation(Document, frozen=True):
    stations: tuple[StationDocument, ...]


@dataclass(frozen=True)
class NetworkFile:
    """A network whose stations are still text: `night` builds one when it is asked for.

    `problems`: lines about broken tariffs. `file`: the name in messages.
    """

    file: str
    name: str
    currency: str
    shared: Shared
    stations: tuple[str, ...]
    problems: tuple[str, ...]

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
        try:
            document = _element(self.stations[index], STATIONS, index, _OneStation).stations[0]
            return _night(document, self.shared, self.place(index))
        except InvalidData as error:
            raise InputErrors(self.file, error.problems) from None

    def station_id(self, index: int) -> str | None:
        """What station `index` calls itself, be it broken; None if it does not."""
        return _id_in(self.stations[index])

    def wrong_ids(self) -> dict[int, str]:
        """A line for each station whose id is blank or taken by an earlier one, by index."""
        known = [(index, name) for index in range(len(self.stations)) if (name := self.station_id(index)) is not None]
        found = {}
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
            return _parse(read_bytes(path), file, Path(path).parent)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


def _parse(data: bytes, file: str, folder: Path) -> NetworkFile:
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        split = split_lists(data.decode(), (TARIFFS, STATIONS))
    except (ValueError, RecursionError):
        plain_json(data)  # says where
        raise
    document = decode(split.head.encode(), InstanceDocument)
    stations = tuple(split.elements[STATIONS])
    found = Collector()
    shared = build_shared(document, folder, found)
    if not stations:
        found.attempt("", lambda: Instance(document.name, document.currency, ()), None)
    refuse(found.problems)
    assert shared.reader is not None  # else there was a problem
    tariffs, problems = _tariffs(split.elements[TARIFFS], shared.reader)
    lines = tuple(line_of(file, problem) for problem in problems)
    return NetworkFile(file, document.name, document.currency, replace(shared, tariffs=tariffs), stations, lines)


def _tariffs(texts: list[str], reader: SeriesReader) -> tuple[dict[str, Tariff | None], list[Problem]]:
    """By id, None for a broken one; of two with the same id neither is to be trusted."""
    found = Collector()
    tariffs: dict[str, Tariff | None] = {}
    ids = [_id_in(text) or "" for text in texts]
    for index, (text, name) in enumerate(zip(texts, ids, strict=True)):
        made = found.attempt("", lambda index=index, text=text: _tariff(text, index, reader), None)  # type: ignore[misc]
        tariffs[name] = made
    for name, count in Counter(ids).items():
        if count > 1:
            tariffs[name] = None
    found.problems += unique(TARIFFS, ids, "tariff")
    return tariffs, found.problems


def _tariff(text: str, index: int, reader: SeriesReader) -> Tariff:
    document = _element(text, TARIFFS, index, _OneTariff).tariffs[0]
    try:
        return build_tariff(document, reader)
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


def _element(text: str, name: str, index: int, kind: type[D]) -> D:
    """The element in a list of its own, so that its problems are told where the whole file has them."""
    try:
        return decode(f'{{"{name}": [{text}]}}'.encode(), kind)
    except InvalidData as error:
        raise InvalidData(_moved(error, f"{name}[0]", f"{name}[{index}]")) from None


def _moved(error: InvalidData, old: str, new: str) -> Iterator[Problem]:
    return (replace(one, place=new + one.place.removeprefix(old)) for one in error.problems)


def _id_in(text: str) -> str | None:
    raw = plain_json(text.encode())
    name = raw.get("id") if isinstance(raw, dict) else None
    return name.encode(errors="backslashreplace").decode() if isinstance(name, str) else None


def _index_in(place: str) -> int:
    return int(place.partition("[")[2].partition("]")[0])
