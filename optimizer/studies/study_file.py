"""Study files: from TOML text to a study, with every defect reported at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from msgspec import structs

from models.errors import InvalidData, Problem, refuse
from models.horizon import MINUTES_PER_DAY, Horizon, local_minute
from models.rules import unique
from models.station.demand.expected import ExpectedSwaps
from models.station.instance import Night, Swap
from models.tariff.series import tariff_on
from models.tariff.tariff import Tariff
from optimizer.files import timestamps as clock
from optimizer.files.errors import ABSENT, Collector, InputErrors, did_you_mean
from optimizer.files.json_text import decode, decode_plain
from optimizer.files.limits import MOST_NETWORK_BYTES, MOST_TOML_BYTES
from optimizer.files.plain_text import some_of
from optimizer.files.read_write import read_bytes, shown_name
from optimizer.files.toml_text import plain_toml
from optimizer.formats.build_station import Shared, build_night
from optimizer.formats.build_tariff import build_tariff
from optimizer.formats.document_types import CsvSeries
from optimizer.formats.instance_document import InstanceDocument, StationDocument
from optimizer.formats.read_instance import build_shared
from optimizer.formats.series_csv import inside
from optimizer.formats.study_document import StudyDocument, StudyTariffDocument, VariantDocument
from optimizer.formats.tariff_document import TariffDocument
from optimizer.formats.tariff_file import read_tariff
from optimizer.formats.tariff_parts.rate_terms import terms_of
from optimizer.formats.tariff_parts.two_part_tariff import as_written
from optimizer.studies.not_for import FileDoubts, study_doubts
from optimizer.studies.real_days import real_day_problems, real_days_of
from optimizer.studies.study import SERIES, Study, StudyTariff
from optimizer.studies.swap_log import SwapLog, parse_swaps

AS_IT_IS = VariantDocument(id="as it is")
MOST_NIGHTS = 1100  # three years


@dataclass(frozen=True)
class StudyFile:
    """A study, notes for the user on the files it names, and doubts about its tariffs."""

    study: Study
    notes: tuple[str, ...]
    doubts: tuple[FileDoubts, ...] = ()


def read_study(path: str | Path) -> StudyFile:
    """The study in a TOML file. Files that it names are looked for in its folder. Raises InputErrors."""
    return parse_study(read_bytes(path, MOST_TOML_BYTES), shown_name(path), Path(path).parent)


def parse_study(data: bytes, file: str, folder: Path) -> StudyFile:
    """The study in the TOML text `data`; `file` is its name in messages. Raises InputErrors with every problem."""
    try:
        document = decode_plain(plain_toml(data), StudyDocument)
        return _study(document, folder)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


def _study(document: StudyDocument, folder: Path) -> StudyFile:
    found = Collector()
    first = found.attempt("first_night", partial(_first_night, document.first_night), date(2026, 1, 1))
    found.problems += _own_problems(document)
    refuse(found.problems)
    instance = _instance(document.instance, folder).only(document.stations)
    build = partial(_tariff, document=document, instance=instance, folder=folder)
    built = found.each("tariffs", document.tariffs, build, lambda _: None)
    tariffs_of = [one for one in built if one is not None]
    named = tuple(tariff for tariff, _ in tariffs_of)
    if len(named) == len(built):
        found.problems += unique("tariffs", [one.id for one in named], "tariff")
    first_minute = found.attempt("nights_begin", partial(_first_minute, document, instance.day), 0)
    log = _swaps(document, instance, folder)
    found.problems += real_day_problems(document, instance.document.stations, instance.places, instance.expected)
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
        first_minute=first_minute,
        look_ahead_slots=int(60 * document.look_ahead_hours / instance.day.slot_minutes),
        tariffs=named,
        variants=document.variants or (AS_IT_IS,),
        drivers=instance.drivers if log is None or document.days == "logged" else None,
        log={} if log is None else log.by_station,
        real=real_days_of(document),
        expected=instance.expected,
        numbers=instance.numbers,
    )
    written = [tariff for _, tariff in tariffs_of]
    places = [_place(one, document, instance) for one in document.tariffs]
    _try_nights(study, document, list(zip(written, places, strict=True)))
    notes = () if log is None else (f"{document.swaps}: {log.description}",)
    return StudyFile(study, notes, tuple(study_doubts(study, written, places)))


def _place(one: StudyTariffDocument, document: StudyDocument, instance: _StudiedInstance) -> tuple[str, str]:
    """File and place of a study's tariff."""
    if one.file is not None:
        return one.file, "tariff"
    return document.instance, f"tariffs[{[tariff.id for tariff in instance.document.tariffs].index(one.id or '')}]"


def _first_night(text: str) -> date:
    day = clock.day(text)
    if not clock.FIRST_YEAR <= day.year < clock.LAST_YEAR:
        rule = f"must lie in the years {clock.FIRST_YEAR} to {clock.LAST_YEAR - 1}"
        raise InvalidData([Problem("", text, rule, "correct the date")])
    return day


def _first_minute(document: StudyDocument, day: Horizon) -> int:
    """The local minute of the day at which nights begin: that of a slot of the instance."""
    first = local_minute(day.start, day.zone).minute
    if document.nights_begin is None:
        return first
    minute = clock.minute_of_day(document.nights_begin, MINUTES_PER_DAY - 1)
    if (minute - first) % day.slot_minutes:
        rule = f"must be the beginning of a slot of the instance, which are {day.slot_minutes} minutes long"
        raise InvalidData([Problem("", document.nights_begin, rule, "write a time such as 00:00")])
    return minute


def _own_problems(document: StudyDocument) -> Iterator[Problem]:
    """What is wrong with the study's own values."""
    if not 1 <= document.nights <= MOST_NIGHTS:
        yield Problem("nights", document.nights, f"must be between 1 and {MOST_NIGHTS}", "31 nights make a month")
    if not 0 <= document.look_ahead_hours <= 24:
        rule, remedy = "must be between 0 and 24", "12 is the default; 0 plans each night as if it were the last"
        yield Problem("look_ahead_hours", document.look_ahead_hours, rule, remedy)
    if not document.tariffs:
        yield Problem("tariffs", [], "must name at least one tariff", "add a [[tariffs]] table with a file")
    yield from unique("variants", [variant.id for variant in document.variants], "variant")
    for index, variant in enumerate(document.variants):
        if not -1 < variant.demand_growth <= 10:
            rule, remedy = "must be above -1 and at most 10", "write 0.2 for 20 % more drivers"
            yield Problem(f"variants[{index}].demand_growth", variant.demand_growth, rule, remedy)
        if variant.packs is not None and variant.packs < 1:
            yield Problem(f"variants[{index}].packs", variant.packs, "must be at least 1", "correct the value")
    weight = document.weight
    if not isinstance(weight, str) and weight < 0:
        yield Problem("demand_weight", weight, "must be at least 0", "remaining_days is the default")


@dataclass(frozen=True)
class _StudiedInstance:
    """The instance that a study goes by: its documents, what its stations share, the drivers of its day.

    `numbers`: of its stations in its file; `not_studied`: names of those that the study leaves out.
    """

    document: InstanceDocument
    folder: Path
    shared: Shared
    day: Horizon
    drivers: Mapping[str, tuple[Swap, ...]]
    expected: Mapping[str, tuple[ExpectedSwaps, ...]]
    numbers: tuple[int, ...]
    not_studied: frozenset[str] = frozenset()

    @property
    def places(self) -> list[str]:
        """Of its stations in its file."""
        return [f"stations[{number}]" for number in self.numbers]

    def only(self, names: Sequence[str]) -> _StudiedInstance:
        """With these of its stations only, in its order; all of them without names. Raises InvalidData."""
        refuse(_station_names(names, [one.id for one in self.document.stations]))
        kept = [n for n, one in enumerate(self.document.stations) if one.id in names or not names]
        stations = tuple(self.document.stations[n] for n in kept)
        return replace(
            self,
            document=structs.replace(self.document, stations=stations),
            numbers=tuple(self.numbers[n] for n in kept),
            not_studied=frozenset(one.id for one in self.document.stations) - {one.id for one in stations},
        )


def _station_names(names: Sequence[str], known: Sequence[str]) -> Iterator[Problem]:
    """What is wrong with the names of the stations that are studied."""
    for index, name in enumerate(names):
        if name not in known:
            remedy = did_you_mean(name, known, f"its stations: {some_of(known)}")
            yield Problem(f"stations[{index}]", name, "is no station of the instance", remedy)
        elif name in names[:index]:
            yield Problem(f"stations[{index}]", name, "stands there twice", "leave one of them out")


def _instance(name: str, folder: Path) -> _StudiedInstance:
    """Raises InputErrors for the instance's own file, InvalidData where the name leads elsewhere."""
    path = _beside(folder, "instance", name)
    try:
        document = decode(read_bytes(path, MOST_NETWORK_BYTES), InstanceDocument)
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
    expected = {night.station.id: night.station.expected for night in nights if night is not None}
    numbers = tuple(range(len(nights)))
    return _StudiedInstance(document, path.parent, shared, shared.reader.horizon, drivers, expected, numbers)


def _station_problems(document: InstanceDocument, day: Horizon, nights: Sequence[Night | None]) -> Iterator[Problem]:
    yield from unique("stations", [station.id for station in document.stations], "station")
    if not document.stations:
        yield Problem("stations", [], "must name at least one station", "add a station")
    if day.slots * day.slot_minutes != MINUTES_PER_DAY:
        rule, remedy = "must make one day of 24 hours where a study goes by it", "96 quarter-hours do"
        yield Problem("horizon.slots", day.slots, rule, remedy)
    elif len({local_minute(day.slot_start(t), day.zone).minute for t in range(day.slots)}) < day.slots:
        rule = "must be a day without a change of the clock where a study goes by it"
        yield Problem("horizon.start", clock.formatted(day.start, day), rule, "take another day")
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
        raise InvalidData(
            Problem(key, one.value, one.rule.replace("instance's", "study's"), one.remedy.replace("instance", "study"))
            for one in error.problems
        ) from None


def _tariff(
    one: StudyTariffDocument, document: StudyDocument, instance: _StudiedInstance, folder: Path
) -> tuple[StudyTariff, TariffDocument]:
    """The tariff, and what it is made of. Raises InvalidData."""
    written = _written(one, instance, folder)
    if one.two_part is not None:
        written = structs.replace(written, two_part=one.two_part)
    tariff = build_tariff(written, None)
    if tariff.energy_price_per_kwh:
        rule = "has one price for each slot of its own horizon: that prices no other night"
        raise InvalidData([Problem("id", one.id, rule, "use energy_periods or a price_series")])
    name = one.id or tariff.id
    charges = tuple(replace(charge, weight=document.weight) for charge in tariff.demand_charges)
    return StudyTariff(name, replace(tariff, id=name, demand_charges=charges), terms_of(written)), written


def _written(one: StudyTariffDocument, instance: _StudiedInstance, folder: Path) -> TariffDocument:
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


def _swaps(document: StudyDocument, instance: _StudiedInstance, folder: Path) -> SwapLog | None:
    if document.swaps is None:
        return None
    path = _beside(folder, "swaps", document.swaps)
    ids = [station.id for station in instance.document.stations]
    kinds, zone = instance.shared.pack_types, instance.day.zone
    data, others = read_bytes(path), instance.not_studied
    return parse_swaps(data, str(path), ids, kinds, document.swap_defaults, zone, others)


def _try_nights(
    study: Study, document: StudyDocument, written: Sequence[tuple[TariffDocument, tuple[str, str]]]
) -> None:
    """Report all that can be wrong with a night before the first is planned. Raises InvalidData.

    `written`: each tariff as it is written, with its file and its place there.
    """
    found = Collector()
    found.attempt("", partial(_try_horizons, study), None)
    refuse(found.problems)
    for index, station in enumerate(study.stations):
        for number, variant in enumerate(study.variants):
            place = f"stations[{study.numbers[index]}], variants[{number}]"
            nights = study.nights if number == 0 and _has_csv(station) else 1  # all nights differ in such series only
            found.attempt(place, partial(_try_station, study, index, variant, nights), None)
    for index, (one, (tariff, (file, place))) in enumerate(zip(study.tariffs, written, strict=True)):
        try:
            _try_tariff(study, one.tariff)
        except InvalidData as error:
            told = (as_written(problem, tariff).inside(f"{file}: {place}") for problem in error.problems)
            found.problems += (replace(problem, place=f"tariffs[{index}], {problem.place}") for problem in told)
    first, end = study.horizon(0).start, study.horizon(study.nights - 1).end
    if document.swaps is not None and not any(first <= at < end for rows in study.log.values() for at, _ in rows):
        rule = f"has no swap between {first:%Y-%m-%dT%H:%MZ} and {end:%Y-%m-%dT%H:%MZ}"
        found.problems.append(Problem("swaps", document.swaps, rule, "correct first_night, or take another file"))
    refuse(found.problems)


def _try_horizons(study: Study) -> None:
    for night in range(study.nights):
        study.horizon(night)


def _has_csv(station: StationDocument) -> bool:
    return any(isinstance(getattr(station, name), CsvSeries) for name in SERIES)


def _try_station(study: Study, station: int, variant: VariantDocument, nights: int) -> None:
    for night in range(nights):
        study.night(station, variant, night)
    if study.real is not None:
        for night in range(study.nights):
            study.real_day(station, variant, night)


def _try_tariff(study: Study, tariff: Tariff) -> None:
    """Raises InvalidData for the first night that the tariff does not fit, places inside the tariff."""
    first, last = study.horizon(0), study.horizon(study.nights - 1)
    market = tariff.price_series
    if market and (market.start > first.start or market.end < last.end):
        rule = f"must cover the nights, {first.start:%Y-%m-%dT%H:%MZ} to {last.end:%Y-%m-%dT%H:%MZ}"
        covered = f"{market.start:%Y-%m-%dT%H:%MZ} to {market.end:%Y-%m-%dT%H:%MZ}"
        raise InvalidData([Problem("price_series", covered, rule, "import more prices, or change the nights")])
    for night in range(study.nights):
        try:
            tariff_on(tariff, study.horizon_ahead(night))
        except InvalidData as error:
            of_night = f"night of {study.date_of(night)}"
            raise InvalidData(replace(one, rule=f"{of_night}: {one.rule}") for one in error.problems) from None
