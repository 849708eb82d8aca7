"""Instance files: from bytes to the domain's types, with every defect of the file reported at once."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from models.errors import InvalidData, Problem, refuse
from models.horizon import Horizon
from models.rules import unique
from models.station.instance import Instance
from models.station.pack_type import PackType
from models.tariff.tariff import Tariff
from optimizer.files import timestamps as clock
from optimizer.files.errors import Collector, InputErrors
from optimizer.files.json_text import decode
from optimizer.files.limits import MOST_NETWORK_BYTES
from optimizer.files.read_write import read_bytes, shown_name
from optimizer.formats.build_station import Shared, build_night
from optimizer.formats.build_tariff import build_tariff
from optimizer.formats.document_types import Curve
from optimizer.formats.instance_document import HorizonDocument, InstanceDocument, PackTypeDocument
from optimizer.formats.series_reader import SeriesReader

TEMPERATURE = re.compile(r"-?\d{1,4}(\.\d{1,9})?")
ANY_START = datetime(2025, 1, 1, tzinfo=UTC)


def read_instance(path: str | Path) -> Instance:
    """The instance in a .json or .json.gz file, or "-" for standard input. Raises InputErrors.

    CSV series are looked for beside the file; for standard input, in the current directory.
    """
    return parse_instance(read_bytes(path, MOST_NETWORK_BYTES), shown_name(path), Path(path).parent)


def parse_instance(data: bytes, file: str, folder: Path) -> Instance:
    """The instance in the JSON text `data`; `file` is its name in messages, `folder` that of CSV series.

    Raises InputErrors with every problem found.
    """
    return parse_document(data, file, folder)[1]


def read_document(path: str | Path) -> tuple[InstanceDocument, Instance, Shared]:
    """As `read_instance`, with the file as it was written, and what its stations share. Raises InputErrors."""
    return parse_document(read_bytes(path, MOST_NETWORK_BYTES), shown_name(path), Path(path).parent)


def parse_document(data: bytes, file: str, folder: Path) -> tuple[InstanceDocument, Instance, Shared]:
    """As `parse_instance`, with the document, and what its stations share. Raises InputErrors."""
    try:
        with no_garbage_collection():
            document = decode(data, InstanceDocument)
            return document, *_built(document, folder)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


@contextmanager
def no_garbage_collection() -> Iterator[None]:
    """Reading only adds objects: the collector would look at millions of them, again and again, in vain."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def build_instance(document: InstanceDocument, folder: Path) -> Instance:
    """The document as domain objects. Raises InvalidData with every problem, at the place where the file has it."""
    return _built(document, folder)[0]


def _built(document: InstanceDocument, folder: Path) -> tuple[Instance, Shared]:
    found = Collector()
    shared = build_shared(document, folder, found)
    nights = found.each("stations", document.stations, lambda one: build_night(one, shared), lambda _: None)
    found.problems += unique("stations", [station.id for station in document.stations], "station")
    if not document.stations:
        found.attempt("", lambda: Instance(document.name, document.currency, ()), None)
    refuse(found.problems)
    whole = tuple(night for night in nights if night is not None)
    return Instance(document.name, document.currency, whole), shared


def build_shared(document: InstanceDocument, folder: Path, found: Collector) -> Shared:
    """What the document's stations share; its problems go to `found`, with stand-ins for what is broken."""
    horizon = found.attempt("horizon", lambda: horizon_of(document.horizon), None)
    reader = SeriesReader(folder, horizon) if horizon else None
    return Shared(reader, _pack_types(document, found), _tariffs(document, reader, found))


def horizon_of(document: HorizonDocument) -> Horizon:
    """The horizon that a file describes. Raises InvalidData."""
    found = Collector()
    start = found.attempt("start", lambda: clock.stamp(document.start), ANY_START)
    horizon = found.attempt("", partial(_on_grid, start, document), None)
    refuse(found.problems)
    assert horizon is not None  # else there was a problem
    return horizon


def _on_grid(start: datetime, document: HorizonDocument) -> Horizon:
    return Horizon(start, document.time_zone, document.slot_minutes, document.slots, document.look_ahead_hours)


def _pack_types(document: InstanceDocument, found: Collector) -> dict[str, PackType]:
    kinds = found.each("pack_types", document.pack_types, _pack_type, _any_pack_type)
    found.problems += unique("pack_types", [kind.id for kind in kinds], "pack type")
    return {kind.id: kind for kind in kinds}


def _pack_type(document: PackTypeDocument) -> PackType:
    swap_soc = document.target_soc if document.swap_soc is None else document.swap_soc
    curves = () if isinstance(document.acceptance, tuple) else _curves_by_temperature(document.acceptance)
    try:
        return PackType(
            id=document.id,
            capacity_kwh=document.capacity_kwh,
            target_soc=document.target_soc,
            swap_soc=swap_soc,
            acceptance=document.acceptance if isinstance(document.acceptance, tuple) else (),
            acceptance_at_c=curves,
            wear=document.wear,
            end_value_per_kwh=document.end_value_per_kwh,
        )
    except InvalidData as error:
        not_in_file = "swap_soc" if document.swap_soc is None else ""  # wrong only because target_soc is
        raise InvalidData(problem for problem in error.problems if problem.place != not_in_file) from None


def _curves_by_temperature(given: Mapping[str, Curve]) -> tuple[tuple[float, Curve], ...]:
    """From cold to warm. Raises InvalidData where a key is no temperature, or two are the same."""
    problems, curves = list[Problem](), dict[float, Curve]()
    for key, points in given.items():
        if not TEMPERATURE.fullmatch(key):
            rule, remedy = "must be a temperature in °C", 'write the number alone, as in "-10" or "25"'
            problems.append(Problem(f"acceptance.{key}", key, rule, remedy))
        elif float(key) in curves:
            problems.append(Problem(f"acceptance.{key}", key, "is the temperature of another curve", "leave one out"))
        else:
            curves[float(key)] = points
    if not given:
        problems.append(Problem("acceptance", {}, "must have a curve", "write points, or leave the key out"))
    refuse(problems)
    return tuple(sorted(curves.items()))


def _any_pack_type(document: PackTypeDocument) -> PackType:
    return PackType(document.id, capacity_kwh=1.0, target_soc=1.0, swap_soc=0.0)


def _tariffs(document: InstanceDocument, reader: SeriesReader | None, found: Collector) -> dict[str, Tariff | None]:
    """By id; None for a broken one."""
    tariffs = found.each("tariffs", document.tariffs, lambda one: build_tariff(one, reader), lambda _: None)
    ids = [tariff.id for tariff in document.tariffs]
    found.problems += unique("tariffs", ids, "tariff")
    return dict(zip(ids, tariffs, strict=True))
