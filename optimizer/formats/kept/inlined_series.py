"""Series of CSV files as lists: a document that needs no file beside it and says the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import structs

from optimizer.formats.document_types import CsvSeries
from optimizer.formats.instance_document import ForecastDocument, StationDocument
from optimizer.formats.series_reader import COUNT_UNITS, POWER_UNITS, PRICE_UNITS, SeriesReader
from optimizer.formats.tariff_document import TariffDocument

PRICES, RESERVE, PER_SLOT, PER_HOUR = (
    "energy_price_per_kwh", "ready_reserve", "expected_per_slot", "expected_per_hour",
)  # fmt: skip
POWERS = ("grid_limit_kw", "base_load_kw", "solar_kw")


def tariff_without_csv(document: TariffDocument, reader: SeriesReader) -> TariffDocument:
    """The tariff with the prices of its CSV file. Raises InvalidData where that cannot be read."""
    prices = document.energy_price_per_kwh
    if not isinstance(prices, CsvSeries):
        return document
    return structs.replace(document, energy_price_per_kwh=short(reader.values(prices, PRICE_UNITS)))


def station_without_csv(document: StationDocument, reader: SeriesReader) -> StationDocument:
    """The station with the values of its CSV files. Raises InvalidData where one cannot be read."""
    changes: dict[str, Any] = {
        name: short(reader.values(getattr(document, name), POWER_UNITS))
        for name in POWERS
        if isinstance(getattr(document, name), CsvSeries)
    }
    if isinstance(document.ready_reserve, CsvSeries):
        changes[RESERVE] = short(reader.whole_values(document.ready_reserve))
    if any(map(_has_csv, document.forecast)):
        changes["forecast"] = tuple(_forecast(one, reader) for one in document.forecast)
    return structs.replace(document, **changes) if changes else document


def _has_csv(one: ForecastDocument) -> bool:
    return isinstance(one.expected_per_slot, CsvSeries) or isinstance(one.expected_per_hour, CsvSeries)


def _forecast(one: ForecastDocument, reader: SeriesReader) -> ForecastDocument:
    """What comes slot by slot, whatever it was by."""
    per_slot, per_hour = one.expected_per_slot, one.expected_per_hour
    if isinstance(per_slot, CsvSeries):
        return structs.replace(one, expected_per_slot=short(reader.values(per_slot, COUNT_UNITS)))
    if isinstance(per_hour, CsvSeries):
        mean = [expected * reader.horizon.slot_hours for expected in reader.values(per_hour, COUNT_UNITS)]
        return structs.replace(one, expected_per_slot=short(mean), expected_per_hour=None)
    return one


def short(values: Sequence[Any]) -> Any:
    """A series as a file has it: one number where all are equal."""
    return values[0] if values and all(value == values[0] for value in values) else tuple(values)
