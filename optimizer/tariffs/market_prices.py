"""Market prices from ENTSO-E's transparency platform, or from any other table, as a native tariff's price series."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem, refuse
from models.rules import number_in
from models.tariff.billing_year import Month
from optimizer.files.errors import ABSENT, InputErrors
from optimizer.formats.tariff_document import PriceSeriesDocument, TariffDocument
from optimizer.formats.tariff_file import Imported
from optimizer.tables.instants import ON_CLOCK
from optimizer.tables.read_series import TimeSeries, read_series
from optimizer.tables.reading import AS_FOUND, Reading, described_rows, understood
from optimizer.tables.steps import EqualSteps, equal_steps
from optimizer.tables.unit_words import PRICE
from optimizer.tariffs.entsoe_csv import NO_FILTER, EntsoeFilter, read_entsoe
from optimizer.tariffs.load_file import month_after, month_start

PER_UNIT = {"per_kWh": 1.0, "per_MWh": 1000.0, "ct_per_kWh": 100.0, "p_per_kWh": 100.0}
UTC_ZONE = ZoneInfo("UTC")
DIGITS = 10  # decimals of a price per kWh: without the noise of floating point


@dataclass(frozen=True)
class MarketOptions:
    """How prices are read, and what a retail price makes of them: price · `times` + `add_per_kwh`.

    `months`: the first and last local month of `zone` to read. `unit`: of prices in tables, None for what the file
    says; `how`: they are read, on the clock of `zone` unless it names another.
    """

    id: str | None = None
    currency: str | None = None
    zone: ZoneInfo | None = None
    months: tuple[Month, Month] | None = None
    times: float = 1.0
    add_per_kwh: float = 0.0
    only: EntsoeFilter = NO_FILTER
    unit: str | None = None
    how: Reading = AS_FOUND


def import_entsoe(data: bytes, file: str, options: MarketOptions) -> Imported:
    """The day-ahead prices of an ENTSO-E file. Raises InputErrors."""
    try:
        found = read_entsoe(data, file, options.only)
        _check_currency(found.currency, options.currency)
        zone = options.zone or _local(found.zone)
        series = _in_months(replace(found.series, is_local=False), options.months, zone)
        refuse(_unknown_prices(series))
        source = f"ENTSO-E day-ahead prices{found.selection}"
        own = ("columns read", "dates begin", ON_CLOCK)  # what all files of the platform have
        told = understood([note for note in series.notes if not note.startswith(own)])
        return _imported(series, "per_MWh", found.currency, source, zone, options, told)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


def import_table(data: bytes, file: str, options: MarketOptions) -> Imported:
    """The prices of a file in any layout that `read_series` reads. Raises InputErrors."""
    try:
        how = options.how if options.how.zone else replace(options.how, zone=options.zone or UTC_ZONE)
        series = read_series(data, file, PRICE, how)
        of_file = series.unit
        unit = options.unit or (of_file.name if of_file else None)
        currency = options.currency or (of_file.currency if of_file else None)
        refuse(_unsaid(unit, currency, options.zone))
        series = _in_months(series, options.months, options.zone)
        series.refuse_missing()
        column = f"column {series.column}" if series.column else "values"
        told = understood(series.notes)
        return _imported(series, unit or "", currency, f"CSV {column}, {unit}", options.zone, options, told)
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None


def _unsaid(unit: str | None, currency: str | None, zone: ZoneInfo | None) -> Iterator[Problem]:
    """What neither the user nor the file says."""
    for name, value in (("--unit", unit), ("--currency", currency), ("--time-zone", zone)):
        if not value:
            yield Problem(name, ABSENT, "is needed for a file of the format csv", "give it")


def _unknown_prices(series: TimeSeries) -> Iterator[Problem]:
    """The first row without a price."""
    if unknown := next((row for row in series.rows if row.value != row.value), None):
        rule, remedy = "has no price", "choose --months that are complete, or download the file again"
        yield Problem(series.place(unknown.line), series.missing[unknown.line], rule, remedy)


def _check_currency(of_file: str, wanted: str | None) -> None:
    if wanted is not None and wanted != of_file:
        raise InvalidData([Problem("currency", wanted, f"must be {of_file}, as the file says", "leave --currency out")])


def _local(of_file: ZoneInfo) -> ZoneInfo:
    if of_file.key == "UTC":
        rule = "is needed: the file's clock is UTC, which no bill goes by"
        raise InvalidData([Problem("--time-zone", ABSENT, rule, "give it")])
    return of_file


def _in_months(series: TimeSeries, months: tuple[Month, Month] | None, zone: ZoneInfo | None) -> TimeSeries:
    """The rows of local months."""
    if months is None or zone is None:
        return series
    first, end = month_start(months[0], zone), month_start(month_after(months[1]), zone)
    rows = [row for row in series.rows if first <= row.at < end]
    if not rows:
        raise InvalidData([Problem("", ABSENT, "has no prices in these months", "choose months that it has")])
    return replace(series, rows=rows)


def _imported(
    series: TimeSeries,
    unit: str,
    currency: str | None,
    source: str,
    zone: ZoneInfo | None,
    options: MarketOptions,
    told: tuple[str, ...],
) -> Imported:
    refuse(_too_large(series, unit, options))
    steps = equal_steps(series.rows, series.place, may_turn=True, gap_remedy=series.gap_remedy)
    prices = PriceSeriesDocument(
        start=steps.start.isoformat(timespec="minutes").replace("+00:00", "Z"),
        minutes=steps.minutes,
        per_kwh=tuple(_retail(steps, unit, options)),
    )
    retail = _described_retail(options)
    tariff = TariffDocument(id=options.id or "market", price_series=prices, sources={"price_series": source + retail})
    described = described_rows(series.rows, steps.minutes, len(steps.values), zone)
    note = f"{described}, read as {_unit_words(unit, currency)}{retail}"
    turn = (steps.turn,) if steps.turn else ()
    places = {"price_series": f"column {series.column}" if series.column else "the prices"}
    return Imported(tariff, currency, zone.key if zone else None, (note, *turn, *told), places)


def _too_large(series: TimeSeries, unit: str, options: MarketOptions) -> Iterator[Problem]:
    """The first row whose price no tariff may have."""
    for row in series.rows:
        price = _price(row.value, unit, options)
        if found := list(number_in(series.value_place(row.line), price)):
            yield found[0]
            return


def _unit_words(unit: str, currency: str | None) -> str:
    of, _, per = unit.rpartition("per_")
    return f"{'hundredths of ' if of else ''}{currency}/{per}"


def _retail(steps: EqualSteps, unit: str, options: MarketOptions) -> Iterable[float]:
    return (_price(value, unit, options) for value in steps.values)


def _price(value: float, unit: str, options: MarketOptions) -> float:
    return round(value / PER_UNIT[unit] * options.times + options.add_per_kwh, DIGITS)


def _described_retail(options: MarketOptions) -> str:
    times = f", times {options.times:g}" if options.times != 1 else ""
    return times + (f", plus {options.add_per_kwh:g} per kWh" if options.add_per_kwh else "")
