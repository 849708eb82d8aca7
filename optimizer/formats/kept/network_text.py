"""A network as one file again: what was read of it, broken stations too, its CSV series among the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from models.errors import InvalidData
from optimizer.files.errors import InputErrors
from optimizer.formats.instance_document import StationDocument
from optimizer.formats.instance_text import given
from optimizer.formats.kept.inlined_series import station_without_csv, tariff_without_csv
from optimizer.formats.network_file import STATIONS, TARIFFS, Element, NetworkFile
from optimizer.formats.series_reader import SeriesReader

NO_STATIONS: Mapping[int, StationDocument] = {}


def network_text(network: NetworkFile, stations: Mapping[int, StationDocument] = NO_STATIONS) -> bytes:
    """JSON text of the network, `stations` by their index in place of its own. The same network gives the same bytes.

    What is read of it has the same hashes, station by station, and broken stations the same errors.
    """
    head = {name: value for name, value in given(network.head).items() if name not in (TARIFFS, STATIONS)}
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}".encode() for name, value in head.items()]
    tariffs = [_tariff(network, index) for index in range(len(network.tariff_elements))]
    written = (
        _text(given(stations[index])) if index in stations else _station(network, index)
        for index in range(len(network.stations))
    )
    lines += [_list(TARIFFS, tariffs), _list(STATIONS, written)]
    return b"{\n" + b",\n".join(lines) + b"\n}\n"


def _list(name: str, elements: Any) -> bytes:
    return f'  "{name}": [\n'.encode() + b",\n".join(elements) + b"\n  ]"


def _tariff(network: NetworkFile, index: int) -> bytes:
    element, document = network.tariff_elements[index], network.tariffs.get(index)
    if document is None or not _may_have_csv(element):  # a broken one stays as it is
        return _text(element)
    whole = tariff_without_csv(document, _reader(network))
    return _text(element if whole is document else given(whole))


def _station(network: NetworkFile, index: int) -> bytes:
    element = network.stations[index]
    if _may_have_csv(element):
        try:
            document = network.station_document(index)
            whole = station_without_csv(document, _reader(network))
            return _text(element if whole is document else given(whole))
        except (InputErrors, InvalidData):
            pass  # broken: it stays as it is, and is refused when it is read
    return _text(element)


def _reader(network: NetworkFile) -> SeriesReader:
    assert network.shared.reader is not None  # else the file was refused
    return network.shared.reader


def _may_have_csv(element: Element) -> bool:
    """A look at the bytes: one that has no such key need not be decoded."""
    return not isinstance(element, msgspec.Raw) or any(sign in bytes(element) for sign in (b"csv", b"\\u"))


def _text(element: Element) -> bytes:
    return bytes(element) if isinstance(element, msgspec.Raw) else json.dumps(element).encode()
