"""All sentences that answer a study, in their order: of all its stations, or of some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from optimizer.studies.answers.by_station import best_by_station
from optimizer.studies.answers.curve_words import CurveScope, curve_answers
from optimizer.studies.month_bound.verdicts import month_answers
from optimizer.studies.not_for import not_for_answers
from optimizer.studies.ranking import StudyQuestion, answers
from optimizer.studies.summary import CostCurve, NotForTariff
from optimizer.studies.tables import RankedTariff, StationTariff


@dataclass(frozen=True)
class Findings:
    """What is found of a study: `ranked` by variant, `at_stations` for each station, and what follows from them.

    `restricted`: sentences on variants that have the plans of more restricted ones.
    """

    ranked: Mapping[str, Sequence[RankedTariff]]
    at_stations: Sequence[StationTariff]
    same_energy_prices: Sequence[Sequence[str]]
    restricted: Sequence[str]
    curves: Sequence[CostCurve]
    not_for: Sequence[NotForTariff]


def sentences(study: StudyQuestion, nights: int, stations: int, found: Findings) -> Iterator[str]:
    """The answer in sentences. `nights`, `stations`: how many."""
    yield from answers(study, found.same_energy_prices, found.ranked)
    yield from best_by_station(found.ranked, found.at_stations)
    yield from found.restricted
    yield from curve_answers(found.curves, CurveScope(study.currency, nights, stations))
    yield from month_answers(found.ranked)
    yield from not_for_answers(found.ranked, found.not_for, stations)
