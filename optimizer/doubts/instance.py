"""Doubts about a whole instance file, or about a network file station by station."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from models.errors import Problem
from models.horizon import Horizon
from models.station.instance import Instance, Night
from models.tariff.series import tariff_on
from models.tariff.tariff import Tariff
from optimizer.doubts.offsets import offset_doubt
from optimizer.doubts.prices import price_doubts
from optimizer.doubts.station import station_doubts
from optimizer.doubts.thresholds import DEAR_END_VALUE
from optimizer.doubts.windows import window_doubts
from optimizer.files.errors import InputErrors
from optimizer.files.read_write import shown_name
from optimizer.formats.build_station import UNITS, Shared
from optimizer.formats.build_tariff import PRICES
from optimizer.formats.document_types import CsvSeries
from optimizer.formats.forecast import PER_SLOT
from optimizer.formats.instance_document import InstanceDocument, StationDocument
from optimizer.formats.network_file import NetworkFile
from optimizer.formats.read_instance import read_document
from optimizer.formats.series_reader import COUNT_UNITS, PRICE_UNITS, SeriesReader
from optimizer.formats.tariff_document import TariffDocument
from optimizer.formats.tariff_file import TariffFile
from optimizer.formats.tariff_parts.rate_terms import day_problems, terms_of


@dataclass(frozen=True)
class Doubtful:
    """An instance that was read, and the doubts about it, each at its place in `file`."""

    file: str
    instance: Instance
    doubts: tuple[Problem, ...]


def read_doubtful(path: str | Path) -> Doubtful:
    """The instance in a .json or .json.gz file, or "-" for standard input, and what is doubtful. Raises InputErrors."""
    document, instance, shared = read_document(path)
    return Doubtful(shown_name(path), instance, tuple(document_doubts(document, instance, shared)))


def document_doubts(document: InstanceDocument, instance: Instance, shared: Shared) -> Iterator[Problem]:
    """Doubts about an instance that was read."""
    yield from shared_doubts(document, shared, dict(enumerate(document.tariffs)))
    for index, (station, night) in enumerate(zip(document.stations, instance.nights, strict=True)):
        yield from night_doubts(station, night, shared.reader, document.currency, f"stations[{index}]")


def shared_doubts(
    document: InstanceDocument, shared: Shared, tariffs: Mapping[int, TariffDocument]
) -> Iterator[Problem]:
    """Doubts about what the stations share: horizon, tariffs and pack types. `tariffs`: those that are whole."""
    assert shared.reader is not None  # else the file was refused
    horizon = shared.reader.horizon
    yield from offset_doubt("horizon.start", document.horizon.start, horizon.zone)
    for index, one in tariffs.items():
        tariff = shared.tariffs[one.id]
        if tariff is not None:
            found = [*price_doubts(one, tariff, document.currency), *window_doubts(one, tariff, horizon)]
            found += day_problems(terms_of(one).valid, *horizon.local_days)
            found += _tariff_instants(one, shared)
            yield from (doubt.inside(f"tariffs[{index}]") for doubt in found)
    yield from _end_values(document, [tariff for tariff in shared.tariffs.values() if tariff is not None], horizon)


def _tariff_instants(document: TariffDocument, shared: Shared) -> Iterator[Problem]:
    assert shared.reader is not None
    zone = shared.reader.horizon.zone
    if document.price_series is not None:
        yield from offset_doubt("price_series.start", document.price_series.start, zone)
    prices = document.energy_price_per_kwh
    if isinstance(prices, CsvSeries):
        yield from _csv_offset(PRICES, prices, PRICE_UNITS, shared.reader, zone)


def _end_values(document: InstanceDocument, tariffs: Iterable[Tariff], horizon: Horizon) -> Iterator[Problem]:
    """A worth of stored energy beyond what any kWh of the horizon costs: it is bought for the credit."""
    given = [(index, kind.end_value_per_kwh) for index, kind in enumerate(document.pack_types)]
    worth = [(index, value) for index, value in given if value is not None and value > 0]
    dearest = max((_dearest(tariff, horizon) for tariff in tariffs), default=0.0) if worth else 0.0
    for index, value in worth:
        if 0 < DEAR_END_VALUE * dearest < value:
            rule = (
                f"is more than {DEAR_END_VALUE:g} times the horizon's dearest price "
                f"({dearest:.4g} {document.currency}): energy is bought at any price, for the credit"
            )
            remedy = "correct it, or the unit of the prices; left out, it follows from them"
            yield Problem(f"pack_types[{index}].end_value_per_kwh", value, rule, remedy)


def _dearest(tariff: Tariff, horizon: Horizon) -> float:
    """Currency per kWh of the dearest slot, with the dearest tier."""
    tiers = (max(rate for _, rate in group.steps) for group in tariff.energy_tiers)
    return max(tariff_on(tariff, horizon).price_per_kwh) + sum(tiers)


def night_doubts(
    document: StationDocument, night: Night, reader: SeriesReader | None, currency: str, place: str
) -> Iterator[Problem]:
    """Doubts about one station that stands at `place`; `reader` is that of its file."""
    found = [*station_doubts(document, night, currency), *_station_instants(document, reader, night.horizon.zone)]
    yield from (doubt.inside(place) for doubt in found)


def _station_instants(document: StationDocument, reader: SeriesReader | None, zone: ZoneInfo) -> Iterator[Problem]:
    for index, swap in enumerate(document.swaps):
        if swap.time is not None:
            yield from offset_doubt(f"swaps[{index}].time", swap.time, zone)
    given = [(name, getattr(document, name), units) for name, units in UNITS.items()]
    given += [
        (f"forecast[{n}].{PER_SLOT}", one.expected_per_slot, COUNT_UNITS) for n, one in enumerate(document.forecast)
    ]
    for name, series, units in given:
        if isinstance(series, CsvSeries) and reader is not None:
            yield from _csv_offset(name, series, units, reader, zone)


def _csv_offset(
    name: str, series: CsvSeries, units: tuple[str, ...], reader: SeriesReader, zone: ZoneInfo
) -> Iterator[Problem]:
    """One doubt for a file, at the row that holds when the horizon starts."""
    line, stamp = reader.first_stamp(series, units)
    yield from offset_doubt(f"{name}[{series.csv}, line {line}]", stamp, zone)


def network_doubts(network: NetworkFile) -> tuple[Problem, ...]:
    """Doubts about what a network's stations share."""
    return tuple(shared_doubts(network.head, network.shared, network.tariffs))


def doubts_of_whole(network: NetworkFile) -> tuple[Problem, ...]:
    """Doubts about a network and all of its stations; a broken one is told by whoever plans it."""
    found = list(network_doubts(network))
    for index in range(len(network.stations)):
        with suppress(InputErrors):
            document, night = network.station(index)
            found += night_doubts(document, night, network.shared.reader, network.currency, network.place(index))
    return tuple(found)


def tariff_doubts(file: TariffFile) -> tuple[Problem, ...]:
    """Doubts about a tariff file; places are inside the file."""
    document, tariff = file.document.tariff, file.tariff
    found = [*price_doubts(document, tariff, file.currency), *window_doubts(document, tariff, None)]
    series = document.price_series
    found += offset_doubt("price_series.start", series.start, file.zone) if series is not None else ()
    return tuple(doubt.inside("tariff") for doubt in found)
