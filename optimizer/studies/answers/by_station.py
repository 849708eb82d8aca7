"""The cheapest tariff of each station, which need not be the cheapest of all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace

from models.station.saving import Savings
from optimizer.files.plain_text import counted, some_of
from optimizer.studies.answers.sums import ranked_alone
from optimizer.studies.tables import AtStation, BillRow, NightRow, RankedTariff, StationTariff, StudyTables


def station_tariffs(tables: StudyTables, nights: int, tariffs: Sequence[str]) -> Iterator[StationTariff]:
    """By variant and station the tariffs, cheapest first; none where the station's `nights` are not complete."""
    nights_of: dict[AtStation, list[NightRow]] = {}
    for night in tables.nights:
        nights_of.setdefault((night.variant, night.station, night.tariff), []).append(night)
    bills_of: dict[AtStation, list[BillRow]] = {}
    for line in tables.bills:
        bills_of.setdefault((line.variant, line.station, line.tariff), []).append(line)
    for variant, station in dict.fromkeys((variant, station) for variant, station, _ in nights_of):
        keys = [(variant, station, tariff) for tariff in tariffs]
        if any(len(nights_of.get(key, ())) != nights for key in keys):
            continue
        found = [
            ranked_alone(nights_of[key], bills_of.get(key, ()), _savings(tables, key), _other_days(tables, key))
            for key in keys
        ]
        order = sorted(found, key=lambda one: one.total_cost)
        for rank, one in enumerate(order, start=1):
            yield StationTariff(**asdict(replace(one, rank=rank)), station=station)


def _savings(tables: StudyTables, key: AtStation) -> list[Savings | None]:
    return [tables.savings[key]] if key in tables.savings else []


def _other_days(tables: StudyTables, key: AtStation) -> list[tuple[float, float]]:
    return [tables.other_days[key]] if key in tables.other_days else []


def by_station(rows: Sequence[StationTariff], variant: str) -> dict[str, list[StationTariff]]:
    """The stations of a variant, each with its tariffs, cheapest first."""
    found: dict[str, list[StationTariff]] = {}
    for row in rows:
        if row.variant == variant:
            found.setdefault(row.station, []).append(row)
    return {station: sorted(order, key=lambda one: one.rank) for station, order in found.items()}


def best_by_station(ranked: Mapping[str, Sequence[RankedTariff]], rows: Sequence[StationTariff]) -> Iterator[str]:
    """A sentence for each variant of several stations and tariffs, and for those of which the same is to be said: which
    is the cheapest where, and what it is worth to choose by station."""
    variants: dict[str, list[str]] = {}
    for variant, order in ranked.items():
        stations = by_station(rows, variant)
        if len(order) > 1 and len(stations) > 1:
            variants.setdefault(_best(order[0], stations), []).append(variant)
    for words, names in variants.items():
        yield f"{some_of(names)}: {words}."


def _best(overall: RankedTariff, stations: Mapping[str, Sequence[StationTariff]]) -> str:
    where: dict[str, list[str]] = {}
    for station, order in stations.items():
        where.setdefault(order[0].tariff, []).append(station)
    if len(where) == 1:
        return f"{next(iter(where))} is the cheapest at each of the {len(stations):,} stations"
    most = sorted(where.items(), key=lambda one: -len(one[1]))
    words = ", ".join(f"{tariff} at {counted(len(names), 'station')} ({some_of(names)})" for tariff, names in most)
    less = overall.total_cost - sum(order[0].total_cost for order in stations.values())
    share = f" ({100 * less / abs(overall.total_cost):.1f} %)" if overall.total_cost else ""
    return (
        f"by station the cheapest is {words}; that costs {less:,.2f} less than {overall.tariff} at all of them{share}"
    )
