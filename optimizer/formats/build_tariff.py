"""Tariffs of files as domain objects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeVar

from models.errors import InvalidData, Problem, refuse
from models.horizon import MINUTES_PER_DAY
from models.tariff.billing_year import UseClass
from models.tariff.series import tariff_on
from models.tariff.tariff import (
    DemandCharge,
    EnergyPeriod,
    EnergyTiers,
    FixedCharge,
    MinimumCharge,
    PriceSeries,
    Ratchet,
    Tariff,
)
from models.tariff.window import Window
from optimizer.files import timestamps as clock
from optimizer.files.errors import Collector
from optimizer.formats.series_reader import PRICE_UNITS, SeriesReader
from optimizer.formats.tariff_document import (
    DemandChargeDocument,
    EnergyPeriodDocument,
    EnergyTiersDocument,
    FixedChargeDocument,
    MinimumChargeDocument,
    PriceSeriesDocument,
    RatchetDocument,
    TariffDocument,
    UseClassDocument,
    WindowDocument,
)
from optimizer.formats.tariff_parts.rate_terms import NO_TERMS, terms_of
from optimizer.formats.tariff_parts.two_part_tariff import NO_CHARGES, as_written, two_part_charges

PRICES = "energy_price_per_kwh"
LATEST = date.max

T = TypeVar("T")


def build_tariff(document: TariffDocument, reader: SeriesReader | None) -> Tariff:
    """The tariff, tried on the reader's horizon if there is one. Raises InvalidData, places inside the tariff."""
    found = Collector()
    stand_in = Tariff(document.id, energy_price_per_kwh=(0.0,))
    tariff = found.attempt("", lambda: _tariff(document, reader, found), stand_in)
    # before it is tried on the horizon, where a stand-in's faults would be reported as the file's
    refuse(as_written(problem, document) for problem in found.problems)
    if reader is not None:
        _try_on(tariff, document, reader)
    return tariff


def _tariff(document: TariffDocument, reader: SeriesReader | None, found: Collector) -> Tariff:
    demand, fixed = found.attempt("two_part", lambda: two_part_charges(document.two_part), NO_CHARGES)
    base = document.base_price_per_kwh
    found.attempt("", lambda: terms_of(document), NO_TERMS)
    return Tariff(
        id=document.id,
        energy_periods=found.each("energy_periods", document.energy_periods, lambda p: _period(p, base), _any_price),
        energy_price_per_kwh=found.attempt(PRICES, lambda: _prices(document, reader), (0.0,)),
        price_series=found.attempt("price_series", lambda: _price_series(document.price_series), None),
        energy_tiers=found.each("energy_tiers", document.energy_tiers, _tiers, _no_tiers),
        demand_charges=(*found.each("demand_charges", document.demand_charges, _charge, _no_charge), *demand),
        fixed_charge_per_day=document.fixed_charge_per_day,
        fixed_charges=(*found.each("fixed_charges", document.fixed_charges, _fixed, _no_fixed), *fixed),
        minimum_charges=found.each("minimum_charges", document.minimum_charges, _minimum, _no_minimum),
        holidays=found.each("holidays", document.holidays, clock.day, lambda _: LATEST),
    )


def _try_on(tariff: Tariff, document: TariffDocument, reader: SeriesReader) -> None:
    try:
        tariff_on(tariff, reader.horizon)
    except InvalidData as error:
        prices = document.energy_price_per_kwh or 0.0
        written = (as_written(problem, document) for problem in error.problems)
        refuse(reader.in_file(problem, PRICES, prices, PRICE_UNITS) for problem in written)


def _prices(document: TariffDocument, reader: SeriesReader | None) -> tuple[float, ...]:
    """One price a slot; without a horizon just any, so that the rest of the tariff can be looked at."""
    if document.energy_price_per_kwh is None:
        return ()
    return (0.0,) if reader is None else reader.values(document.energy_price_per_kwh, PRICE_UNITS)


def _price_series(document: PriceSeriesDocument | None) -> PriceSeries | None:
    if document is None:
        return None
    found = Collector()
    start = found.attempt("start", lambda: clock.instant(document.start), datetime.min)
    refuse(found.problems)
    return PriceSeries(start, document.minutes, document.per_kwh)


def _period(document: EnergyPeriodDocument, base_per_kwh: float | None) -> EnergyPeriod:
    def make(found: Collector) -> EnergyPeriod:
        window = found.attempt("", lambda: window_of(document), Window())
        return EnergyPeriod(document.name, _price(document, base_per_kwh), window)

    return _whole(make, _any_price(document))


def _price(document: EnergyPeriodDocument, base_per_kwh: float | None) -> float:
    price, ratio = document.price_per_kwh, document.price_ratio
    if (price is None) == (ratio is None):
        rule, remedy = "needs either price_per_kwh or price_ratio", "give the one that fits and leave the other out"
        raise InvalidData([Problem("", document.name, rule, remedy)])
    if price is not None:
        return price
    if base_per_kwh is None:
        rule, remedy = "needs the tariff's base_price_per_kwh", "add it, or give price_per_kwh instead"
        raise InvalidData([Problem("price_ratio", ratio, rule, remedy)])
    assert ratio is not None
    return ratio * base_per_kwh


def _any_price(document: EnergyPeriodDocument) -> EnergyPeriod:
    return EnergyPeriod(document.name, 0.0)


def _tiers(document: EnergyTiersDocument) -> EnergyTiers:
    def make(found: Collector) -> EnergyTiers:
        windows = found.each("windows", document.windows, window_of, lambda _: Window())
        return EnergyTiers(
            document.name,
            document.tiers,
            windows,
            document.per,
            document.per_kw_of,
            document.in_proportion_to,
            document.most_kwh,
        )

    return _whole(make, _no_tiers(document))


def _no_tiers(document: EnergyTiersDocument) -> EnergyTiers:
    return EnergyTiers(document.name, ((1.0, 0.0),))


def _charge(document: DemandChargeDocument) -> DemandCharge:
    def make(found: Collector) -> DemandCharge:
        return DemandCharge(
            name=document.name,
            rate_per_kw=document.rate_per_kw,
            metering_minutes=document.metering_minutes,
            weight=document.weight,
            windows=found.each("windows", document.windows, window_of, lambda _: Window()),
            tiers=document.tiers,
            ratchet=found.attempt("ratchet", lambda: _ratchet(document.ratchet), None),
            per=document.per,
            most_kw=document.most_kw,
            month_factors=document.month_factors,
            period=document.period,
            year_begins=document.year_begins,
            use_classes=found.each("use_classes", document.use_classes, _use_class, _no_class),
            expected_hours=document.expected_hours,
        )

    return _whole(make, _no_charge(document))


def _use_class(document: UseClassDocument) -> UseClass:
    return UseClass(document.least_hours, document.rate_per_kw, document.surcharge_per_kwh)


def _no_class(document: UseClassDocument) -> UseClass:
    return UseClass(1.0, 0.0)


def _no_charge(document: DemandChargeDocument) -> DemandCharge:
    return DemandCharge(document.name, 0.0)


def _ratchet(document: RatchetDocument | None) -> Ratchet | None:
    if document is None:
        return None
    return Ratchet(document.share, document.months_back, document.counted_months, document.billed_months)


def _fixed(document: FixedChargeDocument) -> FixedCharge:
    return FixedCharge(document.name, document.amount, document.per, document.months)


def _no_fixed(document: FixedChargeDocument) -> FixedCharge:
    return FixedCharge(document.name, 0.0)


def _minimum(document: MinimumChargeDocument) -> MinimumCharge:
    return MinimumCharge(document.name, document.amount, document.per)


def _no_minimum(document: MinimumChargeDocument) -> MinimumCharge:
    return MinimumCharge(document.name, 0.0)


def window_of(document: WindowDocument) -> Window:
    """The window. Raises InvalidData, places inside it."""

    def make(found: Collector) -> Window:
        start = found.attempt("start", lambda: clock.minute_of_day(document.start, MINUTES_PER_DAY - 1), 0)
        end = found.attempt("end", lambda: clock.minute_of_day(document.end), 0)
        dates = found.each("dates", document.dates, _range, lambda _: (LATEST, LATEST))
        return Window(start, end, document.days, document.months, dates)

    return _whole(make, Window())


def _range(written: tuple[str, str]) -> tuple[date, date]:
    found = Collector()
    first, last = found.each("", written, clock.day, lambda _: LATEST)
    refuse(found.problems)
    return first, last


def _whole(make: Callable[[Collector], T], stand_in: T) -> T:
    """What `make` gives, unless it or anything inside it raised: then every problem at once."""
    found = Collector()
    made = found.attempt("", lambda: make(found), stand_in)
    refuse(found.problems)
    return made
