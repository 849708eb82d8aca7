"""Tariffs of a study that are not for its loads or its days, by what their files say of eligibility and dates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from models.errors import Problem
from models.tariff.bill import Load
from optimizer.doubts.prices import price_doubts
from optimizer.doubts.windows import window_doubts
from optimizer.formats.tariff_document import TariffDocument
from optimizer.formats.tariff_parts.rate_terms import day_problems, has_load_limits
from optimizer.studies.night_record import NightRecord
from optimizer.studies.study import Study, StudyTariff
from optimizer.studies.summary import NotForTariff
from optimizer.studies.tables import RankedTariff
from optimizer.tariffs.outside import load_months, load_problems

if TYPE_CHECKING:
    from optimizer.studies.under_way.chain import Chain


@dataclass(frozen=True)
class FileDoubts:
    """Doubts about a tariff, at their places in the file that it stands in."""

    file: str
    doubts: tuple[Problem, ...]


def study_doubts(
    study: Study, documents: Sequence[TariffDocument], places: Sequence[tuple[str, str]]
) -> Iterator[FileDoubts]:
    """Doubts about each tariff that are known before a night is planned: its prices, its windows, its dates.

    `documents`, `places`: of each tariff as it is written, with its file and its place there.
    """
    first, last = _days(study)
    for one, document, (file, place) in zip(study.tariffs, documents, places, strict=True):
        found = [*price_doubts(document, one.tariff, study.currency), *window_doubts(document, one.tariff, None)]
        found += day_problems(one.terms.valid, first, last)
        if found:
            yield FileDoubts(file, tuple(problem.inside(place) for problem in found))


def not_for_tariffs(
    study: Study, chains: Sequence[Chain], records_of: Callable[[Chain], Sequence[NightRecord]]
) -> Iterator[NotForTariff]:
    """Every tariff whose dates are others, and each month of a station's load that is outside of a tariff's limits.

    `records_of`: the nights that are told of a chain.
    """
    first, last = _days(study)
    limited = [index for index, one in enumerate(study.tariffs) if has_load_limits(one.terms.eligibility)]
    outside = {study.tariffs[index].id: list[NotForTariff]() for index in limited}
    for chain in chains if limited else ():
        records = records_of(chain)  # once: they are read from the folder
        for index in limited:
            one = study.tariffs[index]
            names = {"tariff": one.id, "variant": chain.variant.id, "station": chain.name}
            outside[one.id] += [NotForTariff(**names, rule=rule) for rule in _outside(study, one, records, index)]
    for one in study.tariffs:
        for problem in day_problems(one.terms.valid, first, last):
            yield NotForTariff(tariff=one.id, rule=problem.rule)
        yield from outside.get(one.id, ())


def _outside(study: Study, one: StudyTariff, records: Sequence[NightRecord], index: int) -> Iterator[str]:
    """Of the nights that are planned; the rule of each begins with its month."""
    load_kw = tuple(kw for record in records for kw in record.tariffs[index].plan.load_kw)
    if load_kw:
        months = load_months(one.terms, one.tariff, _load(study, load_kw), study.zone)
        yield from (problem.rule for problem in load_problems(one.terms, months, months))


def _load(study: Study, load_kw: tuple[float, ...]) -> Load:
    """A load from the first night on."""
    return Load(study.horizon(0).start, study.day.slot_minutes, load_kw)


def _days(study: Study) -> tuple[date, date]:
    """The first and the last local day of the nights."""
    return study.horizon(0).local_days[0], study.horizon(study.nights - 1).local_days[1]


def not_for_answers(
    ranked: Mapping[str, Sequence[RankedTariff]], found: Sequence[NotForTariff], stations: int
) -> Iterator[str]:
    """A sentence for each variant whose cheapest tariff is not for its stations."""
    for variant, order in ranked.items():
        best = order[0].tariff if order else ""
        outside = {one.station for one in found if one.tariff == best and one.variant == variant}
        if outside:
            yield (
                f"{variant}: {best}, the cheapest, is not for the load of {len(outside)} of {stations} stations, "
                "by its limits of eligibility."
            )
        if any(one.tariff == best and not one.station for one in found):
            yield f"{variant}: {best}, the cheapest, is not in force on all of these days."
