"""Market prices from CSV files, of ENTSO-E's transparency platform or plain, as a native tariff's price series."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem, refuse
from models.tariff.series import Month
from optimizer.files.csv_text import header_of, line_place, text_of
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.files.stamped_csv import EqualSteps, StampedRow, equal_steps, stamped_rows
from optimizer.formats.tariff_document import PriceSeriesDocument, TariffDocument
from optimizer.formats.tariff_file import Imported
from optimizer.tariffs.entsoe_csv import NO_FILTER, EntsoeFilter, EntsoeRow, read_entsoe
from optimizer.tariffs.load_file import chosen_columns, described_rows, month_after, month_start

PER_UNIT = {"per_kWh": 1.0, "per_MWh": 1000.0}
DIGITS = 10  # decimals of a price per kWh: without the noise of floating point


@dataclass(frozen=True)
class MarketOptions:
    """How prices are read, and what a retail price makes of them: price · `times` + `add_per_kwh`.

    `months`: the first and last local month of `zone` to read. `time_column` …, `unit`: of plain CSV files.
    """

    id: str | None = None
    currency: str | None = None
    zone: ZoneInfo | None = None
    months: tuple[Month, Month] | None = None
    times: float = 1.0
    add_per_kwh: float = 0.0
    only: EntsoeFilter = NO_FILTER
    time_column: str | None = None
    value_column: str | None = None
    unit: str | None = None


def import_entsoe(data: bytes, file: str, options: MarketOptions) -> Imported:
    """The day-ahead prices of an ENTSO-E file. Raises InputErrors."""
    try:
        found = read_entsoe(text_of(data), options.only)
        _check_currency(found.currency, options.currency)
        zone = options.zone or _local(found.zone)
        rows = [row for row in found.rows if _is_in(row.at, options.months, zone)]
        refuse(_unknown_prices(rows))
        stamped = [StampedRow(row.line, row.stamp, row.at, row.value) for row in rows if row.value is not None]
        source = f"ENTSO-E day-ahead prices{found.selection}"
        return _imported(stamped, "per_MWh", found.currency, source, zone, options)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


def import_csv(data: bytes, file: str, options: MarketOptions) -> Imported:
    """The prices of a plain CSV file of stamps with offsets and values. Raises InputErrors."""
    try:
        text = text_of(data)
        columns = chosen_columns(header_of(text, line_place), options.time_column, options.value_column)
        rows = [
            row for row in stamped_rows(text, file, columns, line_place) if _is_in(row.at, options.months, options.zone)
        ]
        source = f"CSV column {columns.value}, {options.unit}"
        return _imported(rows, options.unit or "", options.currency, source, options.zone, options)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


def _unknown_prices(rows: Sequence[EntsoeRow]) -> Iterator[Problem]:
    """The first row without a price."""
    if unknown := next((row for row in rows if row.value is None), None):
        rule, remedy = "has no price", "choose --months that are complete, or download the file again"
        yield Problem(line_place(unknown.line), unknown.price_as_written, rule, remedy)


def _check_currency(of_file: str, wanted: str | None) -> None:
    if wanted is not None and wanted != of_file:
        raise InvalidData([Problem("currency", wanted, f"must be {of_file}, as the file says", "leave --currency out")])


def _local(of_file: ZoneInfo) -> ZoneInfo:
    if of_file.key == "UTC":
        rule = "is needed: the file's clock is UTC, which no bill goes by"
        raise InvalidData([Problem("--time-zone", ABSENT, rule, "give it")])
    return of_file


def _is_in(at: datetime, months: tuple[Month, Month] | None, zone: ZoneInfo | None) -> bool:
    if months is None or zone is None:
        return True
    return month_start(months[0], zone) <= at < month_start(month_after(months[1]), zone)


def _imported(
    rows: Sequence[StampedRow],
    unit: str,
    currency: str | None,
    source: str,
    zone: ZoneInfo | None,
    options: MarketOptions,
) -> Imported:
    if not rows and options.months:
        raise InvalidData([Problem("", ABSENT, "has no prices in these months", "choose months that it has")])
    steps = equal_steps(rows, line_place, may_turn=True)
    series = PriceSeriesDocument(
        start=steps.start.isoformat(timespec="minutes").replace("+00:00", "Z"),
        minutes=steps.minutes,
        per_kwh=tuple(_retail(steps, unit, options)),
    )
    retail = _described_retail(options)
    tariff = TariffDocument(id=options.id or "market", price_series=series, sources={"price_series": source + retail})
    described = described_rows(rows, steps.minutes, len(steps.values), zone)
    note = f"{described}, read as {unit.replace('per_', f'{currency}/')}{retail}"
    notes = (note, steps.turn) if steps.turn else (note,)
    return Imported(tariff, currency, zone.key if zone else None, notes)


def _retail(steps: EqualSteps, unit: str, options: MarketOptions) -> Iterable[float]:
    for value in steps.values:
        yield round(value / PER_UNIT[unit] * options.times + options.add_per_kwh, DIGITS)


def _described_retail(options: MarketOptions) -> str:
    times = f", times {options.times:g}" if options.times != 1 else ""
    return times + (f", plus {options.add_per_kwh:g} per kWh" if options.add_per_kwh else "")
