"""Study files: from TOML text to a study, with every defect told at once."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

from msgspec import structs

from models.errors import InvalidData, Problem, refuse
from models.horizon import MINUTES_PER_DAY, Horizon
from models.instance import Night, Swap
from models.rules import unique
from optimizer import clock
from optimizer.build_station import Shared, build_night
from optimizer.build_tariff import build_tariff
from optimizer.document import InstanceDocument
from optimizer.errors import ABSENT, Collector, InputErrors
from optimizer.files import read_bytes, shown_name
from optimizer.json_text import decode
from optimizer.read_instance import build_shared
from optimizer.series_csv import inside
from optimizer.study import Study, StudyTariff
from optimizer.study_document import StudyDocument, StudyTariffDocument, VariantDocument
from optimizer.swap_log import SwapLog, parse_swaps
from optimizer.tariff_document import TariffDocument
from optimizer.tariff_file import read_tariff

AS_IT_IS = VariantDocument(id="as it is")
MOST_NIGHTS = 1100  # three years


@dataclass(frozen=True)
class StudyFile:
    """A study, and what its reader is told of the files it names."""

    study: Study
    notes: tuple[str, ...]


def read_study(path: str | Path) -> StudyFile:
    """The study in a TOML file. Files that it names are looked for in its folder. Raises InputErrors."""
    return parse_study(read_bytes(path), shown_name(path), Path(path).parent)


def parse_study(data: bytes, file: str, folder: Path) -> StudyFile:
    """The study in the TOML text `data`; `file` is its name in messages. Raises InputErrors with every problem."""
    try:
        document = decode(_as_json(data), StudyDocument)
        return _study(document, folder)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


def _as_json(data: bytes) -> bytes:
    """The same values as JSON, dates as texts. Raises InvalidData where it is no TOML."""
    try:
        return json.dumps(tomllib.loads(data.decode("utf-8-sig")), default=_told, ensure_ascii=False).encode()
    except UnicodeDecodeError:
        raise InvalidData([Problem("", ABSENT, "is not UTF-8 text", "save the file as UTF-8")]) from None
    except tomllib.TOMLDecodeError as error:
        raise InvalidData([Problem("", ABSENT, f"is not TOML: {error}", "correct the text there")]) from None


def _told(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _study(document: StudyDocument, folder: Path) -> StudyFile:
    found = Collector()
    first = found.attempt("first_night", lambda: clock.day(document.first_night), date(2026, 1, 1))
    found.problems += _own_problems(document)
    refuse(found.problems)
    instance = _instance(document.instance, folder)
    assert instance.day is not None
    build = partial(_tariff, document=document, instance=instance, folder=folder)
    tariffs = found.each("tariffs", document.tariffs, build, lambda _: None)
    found.problems += unique("tariffs", [one.id for one in tariffs if one is not None], "tariff")
    log = _swaps(document, instance, folder)
    refuse(found.problems)
    study = Study(
        name=document.name,
        currency=instance.document.currency,
        folder=instance.folder,
        day=instance.day,
        pack_types=instance.shared.pack_types,
        stations=instance.document.stations,
        first_night=first,
        nights=document.nights,
        tariffs=tuple(one for one in tariffs if one is not None),
        variants=document.variants or (AS_IT_IS,),
        drivers=instance.drivers if log is None else None,
        log={} if log is None else log.by_station,
    )
    _try_nights(study, document)
    return StudyFile(study, () if log is None else (f"{document.swaps}: {log.told}",))


def _own_problems(document: StudyDocument) -> Iterator[Problem]:
    """What is wrong with the study's own values."""
    if not 1 <= document.nights <= MOST_NIGHTS:
        yield Problem("nights", document.nights, f"must be between 1 and {MOST_NIGHTS}", "31 nights make a month")
    if not document.tariffs:
        yield Problem("tariffs", [], "must name at least one tariff", "add a [[tariffs]] table with a file")
    yield from unique("variants", [variant.id for variant in document.variants], "variant")
    for index, variant in enumerate(document.variants):
        if not -1 < variant.demand_growth <= 10:
            rule, remedy = "must be above -1 and at most 10", "write 0.2 for 20 % more drivers"
            yield Problem(f"variants[{index}].demand_growth", variant.demand_growth, rule, remedy)
        if variant.packs is not None and variant.packs < 1:
            yield Problem(f"variants[{index}].packs", variant.packs, "must be at least 1", "correct the value")
    weight = document.demand_weight
    if not isinstance(weight, str) and weight < 0:
        yield Problem("demand_weight", weight, "must be at least 0", "remaining_days is the default")


@dataclass(frozen=True)
class _Instance:
    """The instance that a study goes by: its documents, what its stations share, the drivers of its day."""

    document: InstanceDocument
    folder: Path
    shared: Shared
    day: Horizon
    drivers: Mapping[str, tuple[Swap, ...]]


def _instance(name: str, folder: Path) -> _Instance:
    """Raises InputErrors for the instance's own file, InvalidData where the name leads elsewhere."""
    path = _beside(folder, "instance", name)
    try:
        document = decode(read_bytes(path), InstanceDocument)
        found = Collector()
        shared = build_shared(document, path.parent, found)
        refuse(found.problems)
        assert shared.reader is not None
        nights = found.each("stations", document.stations, lambda one: build_night(one, shared), lambda _: None)
        found.problems += _station_problems(document, shared.reader.horizon, nights)
        refuse(found.problems)
    except InvalidData as error:
        raise InputErrors(str(path), error.problems) from None
    drivers = {night.station.id: night.station.swaps for night in nights if night is not None}
    return _Instance(document, path.parent, shared, shared.reader.horizon, drivers)


def _station_problems(document: InstanceDocument, day: Horizon, nights: Sequence[Night | None]) -> Iterator[Problem]:
    yield from unique("stations", [station.id for station in document.stations], "station")
    if not document.stations:
        yield Problem("stations", [], "must name at least one station", "add a station")
    if day.slots * day.slot_minutes != MINUTES_PER_DAY:
        rule, remedy = "must make one day of 24 hours where a study goes by it", "96 quarter-hours do"
        yield Problem("horizon.slots", day.slots, rule, remedy)
    for index, station in enumerate(document.stations):
        if not station.packs:
            yield Problem(f"stations[{index}].packs", [], "must hold packs where a study goes by it", "add packs")
    for index, night in enumerate(nights):
        for n, swap in enumerate(night.station.swaps if night else ()):
            if swap.pack is not None:
                rule = "cannot be wanted in a study: which pack stands where depends on the nights before"
                yield Problem(f"stations[{index}].swaps[{n}].pack", swap.pack, rule, "leave it out")


def _beside(folder: Path, key: str, name: str) -> Path:
    """The path of a file that the study names."""
    try:
        return inside(folder, name)
    except InvalidData as error:
        told = ((one, one.rule.replace("the instance's", "the study's")) for one in error.problems)
        raise InvalidData(replace(one, place=key, rule=rule) for one, rule in told) from None


def _tariff(one: StudyTariffDocument, document: StudyDocument, instance: _Instance, folder: Path) -> StudyTariff:
    written = _written(one, instance, folder)
    if one.two_part is not None:
        written = structs.replace(written, two_part=one.two_part)
    tariff = build_tariff(written, None)
    if tariff.energy_price_per_kwh:
        rule = "has one price for each slot of its own horizon: that prices no other night"
        raise InvalidData([Problem("id", one.id, rule, "use energy_periods or a price_series")])
    name = one.id or tariff.id
    charges = tuple(replace(charge, weight=document.demand_weight) for charge in tariff.demand_charges)
    return StudyTariff(name, replace(tariff, id=name, demand_charges=charges))


def _written(one: StudyTariffDocument, instance: _Instance, folder: Path) -> TariffDocument:
    if one.file is not None:
        read = read_tariff(_beside(folder, "file", one.file)).document
        wrong = []
        if read.currency != instance.document.currency:
            rule = f"must be the instance's, {instance.document.currency}"
            wrong.append(Problem("file", f"{one.file}: {read.currency}", rule, "costs are compared in one currency"))
        if read.time_zone != instance.day.time_zone:
            rule = f"must be the instance's, {instance.day.time_zone}"
            wrong.append(Problem("file", f"{one.file}: {read.time_zone}", rule, "correct one of the two"))
        refuse(wrong)
        return read.tariff
    own = {tariff.id: tariff for tariff in instance.document.tariffs}
    if one.id not in own:
        rule = "names no tariff of the instance, and no file"
        raise InvalidData([Problem("id", one.id or ABSENT, rule, f"name a file, or one of: {', '.join(own)}")])
    return own[one.id]


def _swaps(document: StudyDocument, instance: _Instance, folder: Path) -> SwapLog | None:
    if document.swaps is None:
        return None
    path = _beside(folder, "swaps", document.swaps)
    ids = [station.id for station in instance.document.stations]
    return parse_swaps(read_bytes(path), str(path), ids, document.swap_defaults)


def _try_nights(study: Study, document: StudyDocument) -> None:
    """Every station in every variant on the first night, prices and drivers on all: what is wrong is told before."""
    found = Collector()
    for index, _ in enumerate(study.stations):
        for number, variant in enumerate(study.variants):
            place = f"stations[{index}], variants[{number}]"
            found.attempt(place, partial(study.night, index, variant, 0), None)
    first, last = study.horizon(0), study.horizon(study.nights - 1)
    for index, one in enumerate(study.tariffs):
        market = one.tariff.price_series
        if market and (market.start > first.start or market.end < last.end):
            rule = f"must cover the nights, {first.start:%Y-%m-%dT%H:%MZ} to {last.end:%Y-%m-%dT%H:%MZ}"
            told = f"{market.start:%Y-%m-%dT%H:%MZ} to {market.end:%Y-%m-%dT%H:%MZ}"
            found.problems.append(Problem(f"tariffs[{index}]", told, rule, "import more prices, or change the nights"))
    if document.swaps is not None and not _any_swap(study, first.start, last.end):
        rule = f"has no swap between {first.start:%Y-%m-%dT%H:%MZ} and {last.end:%Y-%m-%dT%H:%MZ}"
        found.problems.append(Problem("swaps", document.swaps, rule, "correct first_night, or take another file"))
    refuse(found.problems)


def _any_swap(study: Study, begin: datetime, end: datetime) -> bool:
    return any(begin <= when < end for rows in study.log.values() for when, _ in rows)
