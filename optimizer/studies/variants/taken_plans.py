"""Where a station has the plans of a more restricted variant, for they cost less over all nights than its own.

Each night is planned for itself and a few hours ahead, so a station with more chargers may come out dearer than one
with fewer: what it leaves to later nights is worth what the end value says, whoever takes it then. But all that the
other station does it can do, too. So its tables tell of that where it is cheaper by more than the gaps of its own
nights leave open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from msgspec import structs

from optimizer.studies.night_record import NightRecord, TariffNight
from optimizer.studies.study import Study
from optimizer.studies.tables import AtStation, StationTariff, TakenPlans
from optimizer.studies.under_way.chain import Chain
from optimizer.studies.variants.restricted import Restriction, restrictions
from optimizer.summaries.saving_text import ROUNDS_TO_NOTHING

NOT_PROVEN = "gap_not_reached"  # what was proven of another station's night is not proven of this one's


@dataclass(frozen=True)
class Cheaper:
    """A station costs less in a `more` restricted variant, `row`, than in another, `own`, under one tariff, by more
    than the gaps of the nights of `own` leave open."""

    restriction: Restriction
    row: StationTariff
    own: StationTariff

    @property
    def less(self) -> float:
        """By how much."""
        return self.own.total_cost - self.row.total_cost


def cheaper_though_restricted(study: Study, rows: Iterable[StationTariff]) -> Iterator[Cheaper]:
    """Every such case. `rows`: of stations with all of their nights."""
    at = {(row.variant, row.station, row.tariff): row for row in rows}
    for found in restrictions(study):
        for one in study.tariffs:
            row, own = (at.get((variant, found.station, one.id)) for variant in (found.more, found.than))
            if row is not None and own is not None and own.total_cost - row.total_cost > _left_open(own):
                yield Cheaper(found, row, own)


def _left_open(row: StationTariff) -> float:
    """What its nights may cost less than their plans; no less than what rounds to nothing."""
    gap = 0.0 if row.bound is None else row.objective - row.bound
    return max(ROUNDS_TO_NOTHING, gap)


def plans_to_take(study: Study, rows: Sequence[StationTariff]) -> list[TakenPlans]:
    """By variant, station and tariff the cheapest plans that can be carried out as they are, if another's are."""
    found: dict[AtStation, Cheaper] = {}
    for one in cheaper_though_restricted(study, rows):
        key = (one.own.variant, one.own.station, one.own.tariff)
        if one.restriction.is_carried_over and (key not in found or one.less > found[key].less):
            found[key] = one
    return [TakenPlans(one.row.variant, one.row, one.own) for one in found.values()]


def taken_by(chain: Chain, taken: Iterable[TakenPlans]) -> list[TakenPlans]:
    """Those of a station in a variant, a tariff each."""
    return [one for one in taken if (one.own.variant, one.own.station) == (chain.variant.id, chain.name)]


def told_records(chain: Chain, chains: Iterable[Chain], taken: Iterable[TakenPlans]) -> list[NightRecord]:
    """The records of a chain, under each tariff with the plans that are taken. Raises InputErrors where one is gone."""
    records = list(chain.records)
    for one in taken_by(chain, taken):
        source = next(other for other in chains if (other.variant.id, other.name) == (one.plans_of, chain.name))
        pairs = zip(records, source.records, strict=True)
        records = [_with_plan_of(record, other, one.own.tariff) for record, other in pairs]
    return records


def _with_plan_of(record: NightRecord, other: NightRecord, tariff: str) -> NightRecord:
    pairs = zip(record.tariffs, other.tariffs, strict=True)
    nights = tuple(_carried_out(own, night) if own.tariff == tariff else own for own, night in pairs)
    return structs.replace(record, tariffs=nights)


def _carried_out(own: TariffNight, other: TariffNight) -> TariffNight:
    """A night that goes as another variant's. Charging on arrival stays its own; no bound of it is known."""
    status = NOT_PROVEN if other.status == "gap_reached" else other.status
    kept = {"baseline": own.baseline, "load_cap": own.load_cap, "key": own.key}
    return structs.replace(other, bound=None, gap=None, status=status, **kept)
