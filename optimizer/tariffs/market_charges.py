"""Charges of networks and states on top of market prices: both as one tariff."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import msgspec

from models.errors import InvalidData, Problem, refuse
from models.tariff.series import periods_of
from models.tariff.tariff import PriceSeries, Tariff
from models.tariff.window import local_grid
from optimizer.files import timestamps as clock
from optimizer.files.errors import InputErrors
from optimizer.formats.tariff_document import PriceSeriesDocument, TariffDocument
from optimizer.formats.tariff_file import TariffFile
from optimizer.tariffs.market_prices import DIGITS

OTHERS = (
    "energy_tiers",
    "demand_charges",
    "two_part",
    "fixed_charge_per_day",
    "fixed_charges",
    "minimum_charges",
    "holidays",
    "eligibility",
    "valid",
    "not_billed",
)
"""What of a tariff is no price of a kWh."""


def with_charges(
    market: TariffDocument, currency: str, time_zone: str, charges: TariffFile, name: str
) -> TariffDocument:
    """The market's tariff with the prices of `charges` added to its own, and all other charges of that.

    Prices hold as long as before, or for less where a price of `charges` changes in between. Raises InputErrors
    with `name`, the file of the charges, where the two do not fit.
    """
    try:
        refuse(_misfits(currency, time_zone, charges))
        prices = _sums(market, charges)
    except InvalidData as error:
        raise InputErrors(name, error.problems) from None
    of_charges = charges.document.tariff
    return msgspec.structs.replace(
        of_charges,
        id=market.id,
        energy_periods=(),
        base_price_per_kwh=None,
        price_series=prices,
        sources={**market.sources, **_renamed(of_charges.sources)},
    )


def told_charges(charges: TariffFile) -> str:
    """What `with_charges` adds, in words."""
    prices = [period.price_per_kwh for period in charges.tariff.energy_periods]
    of = charges.document.tariff
    others = [name for name in OTHERS if getattr(of, name)]
    kept = f"; taken over: {', '.join(name.replace('_', ' ') for name in others)}" if others else ""
    low, high = f"{min(prices):.6g}", f"{max(prices):.6g}"
    return f"plus the prices of {of.id}, {low if low == high else f'{low} to {high}'} per kWh{kept}"


def _misfits(currency: str, time_zone: str, charges: TariffFile) -> Iterator[Problem]:
    if not charges.tariff.energy_periods:
        rule, remedy = "has market prices of its own", "give charges with energy_periods, or bill with it as it is"
        yield Problem("tariff.price_series", charges.tariff.id, rule, remedy)
    for key, own, wanted in (
        ("currency", charges.currency, currency),
        ("time_zone", charges.document.time_zone, time_zone),
    ):
        if own != wanted:
            yield Problem(key, own, f"must be {wanted}, as the prices are", "give charges that fit the prices")


def _sums(market: TariffDocument, charges: TariffFile) -> PriceSeriesDocument:
    document = market.price_series
    assert document is not None
    series = PriceSeries(clock.instant(document.start), document.minutes, document.per_kwh)
    minutes, added = _added(charges.tariff, charges, series)
    each = document.minutes // minutes
    sums = (round(series.per_kwh[index // each] + price, DIGITS) for index, price in enumerate(added))
    return msgspec.structs.replace(document, minutes=minutes, per_kwh=tuple(sums))


def _added(tariff: Tariff, charges: TariffFile, series: PriceSeries) -> tuple[int, list[float]]:
    """What is added to the market's prices from its start on, and for how many minutes each of it holds."""
    windows = [period.window for period in tariff.energy_periods]
    grid = local_grid(series.start, charges.zone, series.minutes, len(series.per_kwh), windows)
    try:
        prices = [period.price_per_kwh for period in periods_of(tariff, grid)]
    except InvalidData as error:
        raise InvalidData(problem.inside("tariff") for problem in error.problems) from None
    assert series.start + len(prices) * timedelta(minutes=grid.grain_minutes) == series.end
    return grid.grain_minutes, prices


def _renamed(sources: dict[str, str]) -> dict[str, str]:
    return {f"charges: {key}": text for key, text in sources.items()}
