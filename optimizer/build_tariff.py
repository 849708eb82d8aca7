"""Tariffs of the file as domain objects."""

from __future__ import annotations

from datetime import date

from models.errors import InvalidData, refuse
from models.horizon import MINUTES_PER_DAY
from models.tariff import DemandCharge, EnergyPeriod, Tariff, Window
from optimizer import clock
from optimizer.document import DemandChargeDocument, EnergyPeriodDocument, TariffDocument, WindowDocument
from optimizer.errors import Collector
from optimizer.series import PRICE_UNITS, SeriesReader

PRICES = "energy_price_per_kwh"
LATEST = date.max


def build_tariff(document: TariffDocument, reader: SeriesReader | None) -> Tariff:
    """The tariff, tried on the reader's horizon if there is one. Raises InvalidData, places inside the tariff."""
    found = Collector()
    stand_in = Tariff(document.id, energy_price_per_kwh=(0.0,))
    tariff = found.attempt("", lambda: _tariff(document, reader, found), stand_in)
    refuse(found.problems)  # on the horizon, a stand-in's faults would be told as the file's
    if reader is not None:
        _try_on(tariff, document, reader)
    return tariff


def _tariff(document: TariffDocument, reader: SeriesReader | None, found: Collector) -> Tariff:
    return Tariff(
        id=document.id,
        energy_periods=found.each("energy_periods", document.energy_periods, _period, _any_price),
        energy_price_per_kwh=found.attempt(PRICES, lambda: _prices(document, reader), (0.0,)),
        demand_charges=found.each("demand_charges", document.demand_charges, _charge, _no_charge),
        fixed_charge_per_day=document.fixed_charge_per_day,
        holidays=found.each("holidays", document.holidays, clock.day, lambda _: LATEST),
    )


def _try_on(tariff: Tariff, document: TariffDocument, reader: SeriesReader) -> None:
    try:
        tariff.on(reader.horizon)
    except InvalidData as error:
        prices = document.energy_price_per_kwh or 0.0
        refuse(reader.in_file(problem, PRICES, prices, PRICE_UNITS) for problem in error.problems)


def _prices(document: TariffDocument, reader: SeriesReader | None) -> tuple[float, ...]:
    """One price a slot; without a horizon just any, so that the rest of the tariff can be looked at."""
    if document.energy_price_per_kwh is None:
        return ()
    return (0.0,) if reader is None else reader.values(document.energy_price_per_kwh, PRICE_UNITS)


def _period(document: EnergyPeriodDocument) -> EnergyPeriod:
    found = Collector()
    window = found.attempt("", lambda: _window(document), Window())
    period = found.attempt(
        "", lambda: EnergyPeriod(document.name, document.price_per_kwh, window), _any_price(document)
    )
    refuse(found.problems)
    return period


def _any_price(document: EnergyPeriodDocument) -> EnergyPeriod:
    return EnergyPeriod(document.name, 0.0)


def _charge(document: DemandChargeDocument) -> DemandCharge:
    found = Collector()
    charge = found.attempt(
        "",
        lambda: DemandCharge(
            name=document.name,
            rate_per_kw=document.rate_per_kw,
            metering_minutes=document.metering_minutes,
            weight=document.weight,
            windows=found.each("windows", document.windows, _window, lambda _: Window()),
        ),
        _no_charge(document),
    )
    refuse(found.problems)
    return charge


def _no_charge(document: DemandChargeDocument) -> DemandCharge:
    return DemandCharge(document.name, 0.0)


def _window(document: WindowDocument) -> Window:
    found = Collector()
    start = found.attempt("start", lambda: clock.minute_of_day(document.start, MINUTES_PER_DAY - 1), 0)
    end = found.attempt("end", lambda: clock.minute_of_day(document.end), 0)
    dates = found.each("dates", document.dates, _range, lambda _: (LATEST, LATEST))
    window = found.attempt("", lambda: Window(start, end, document.days, document.months, dates), Window())
    refuse(found.problems)
    return window


def _range(written: tuple[str, str]) -> tuple[date, date]:
    found = Collector()
    first, last = found.each("", written, clock.day, lambda _: LATEST)
    refuse(found.problems)
    return first, last
