"""Which variants of a station are more restricted than others: the same with fewer packs, fewer or weaker chargers, or
a weaker grid connection.

All that such a station does within given chargers and connection, the other one can do, too, at the same cost. More or
fewer drivers are no restriction: other drivers, other costs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from msgspec import structs

from optimizer.formats.document_types import Series
from optimizer.formats.instance_document import PackDocument, StationDocument
from optimizer.formats.study_document import VariantDocument
from optimizer.studies.study import Study


@dataclass(frozen=True)
class Means:
    """What the station of a variant works with: `station` has its packs, chargers and connection, in kW by slot of the
    instance's day, one number, or from a CSV file. `growth`: of its drivers."""

    station: StationDocument
    growth: float

    @property
    def chargers(self) -> int:
        """How many chargers; no more than bays count."""
        bays = self.station.bay_count
        count = self.station.chargers.count
        return bays if count is None else min(count, bays)

    def is_more_restricted_than(self, other: Means) -> bool:
        """Has it less of something and more of nothing, all else being equal?"""
        return self._rest() == other._rest() and self._is_within(other) and not other._is_within(self)

    def _is_within(self, other: Means) -> bool:
        """Has it more of nothing?"""
        ours, theirs = self.station, other.station
        return (
            (self.has_packs_of(other) or self._has_fewer_packs_than(other))
            and self.chargers <= other.chargers
            and ours.chargers.max_kw <= theirs.chargers.max_kw
            and _is_at_most(ours.grid_limit_kw, theirs.grid_limit_kw)
        )

    def has_packs_of(self, other: Means) -> bool:
        """Are bays and packs the same? Then its plans can be carried out there as they are."""
        ours, theirs = self.station, other.station
        return (ours.bays, ours.packs) == (theirs.bays, theirs.packs)

    def _has_fewer_packs_than(self, other: Means) -> bool:
        """Packs beyond its own may stand idle there, where their energy is no burden. Bays are alike, and as many."""
        ours, theirs = self.station, other.station
        alike = isinstance(ours.bays, int) and isinstance(theirs.bays, int) and ours.bays <= theirs.bays
        first = _anywhere(theirs.packs[: len(ours.packs)])
        return alike and _anywhere(ours.packs) == first and _least_end_value(ours) >= 0

    def _rest(self) -> object:
        """All that must be equal. Chargers that know only nothing and the most are others with other kW."""
        chargers = self.station.chargers
        kw = chargers.max_kw if chargers.mode == "on_off" else 0.0
        bare = structs.replace(chargers, count=None, max_kw=kw)
        return structs.replace(self.station, bays=0, packs=(), chargers=bare, grid_limit_kw=0.0), self.growth


def _least_end_value(station: StationDocument) -> float:
    """Per kWh, of any type; one that is not given is never below 0."""
    given = station.end_value_per_kwh
    return min(given.values(), default=0.0) if isinstance(given, dict) else given or 0.0


def _anywhere(packs: Sequence[PackDocument]) -> list[PackDocument]:
    """The packs, whatever bays they stand in."""
    return [structs.replace(pack, bay=None) for pack in packs]


def _is_at_most(limit_kw: Series, other_kw: Series) -> bool:
    """At no time more; of a CSV file only what is the same file is known."""
    if limit_kw == other_kw:
        return True
    ours, theirs = _values(limit_kw), _values(other_kw)
    if not ours or not theirs:
        return False
    slots = max(len(ours), len(theirs))
    pairs = zip(_on_slots(ours, slots), _on_slots(theirs, slots), strict=True)
    return all(one <= other for one, other in pairs)


def _values(series: Series) -> tuple[float, ...]:
    if isinstance(series, tuple):
        return tuple(map(float, series))
    return (float(series),) if isinstance(series, int | float) else ()


def _on_slots(values: tuple[float, ...], slots: int) -> tuple[float, ...]:
    return values * slots if len(values) == 1 else values


@dataclass(frozen=True)
class Restriction:
    """A variant of a station that is `more` restricted than `than`. `is_carried_over`: with the same packs in the same
    bays, so that its plans are plans there, too."""

    station: str
    more: str
    than: str
    is_carried_over: bool


def restrictions(study: Study) -> Iterator[Restriction]:
    """Every pair of variants, station by station, of which one is more restricted than the other."""
    for index, station in enumerate(study.stations):
        means = {one.id: means_of(study, index, one) for one in study.variants}
        for more, than in permutations(means, 2):
            if means[more].is_more_restricted_than(means[than]):
                yield Restriction(station.id, more, than, means[more].has_packs_of(means[than]))


def means_of(study: Study, station: int, variant: VariantDocument) -> Means:
    """What a station of the study works with in a variant."""
    return Means(study.station_of(station, variant), variant.demand_growth)
