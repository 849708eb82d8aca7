"""Doubts about a tariff's money: prices and rates that no tariff has, by the currency that the file declares."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.errors import Problem
from models.tariff.tariff import DemandCharge, Tariff
from optimizer.doubts.thresholds import (
    LEAST_EUR_PER_KWH,
    MARKET_EUR_PER_KWH,
    MIDDLE_EUR_PER_KWH,
    MOST_EUR_A_MONTH,
    MOST_EUR_PER_KW,
    PERIOD_EUR_PER_KWH,
    USUAL_EUR_PER_KWH,
    per_eur,
)
from optimizer.formats.build_tariff import PRICES
from optimizer.formats.document_types import CsvSeries
from optimizer.formats.tariff_document import TariffDocument

PER_MONTH = {"day": 30.0, "month": 1.0, "year": 1 / 12}
"""How often a month has what is charged by it."""


@dataclass(frozen=True)
class CurrencyScale:
    """A currency and how many of its units are a euro."""

    currency: str
    per_eur: float

    def shown(self, eur: float) -> str:
        """A limit in euros, in the currency."""
        return f"{self.per_eur * eur:.3g} {self.currency}"


def price_doubts(document: TariffDocument, tariff: Tariff, currency: str) -> Iterator[Problem]:
    """Prices, steps of energy tiers, demand rates and standing charges beyond any tariff; places inside the tariff.

    None for a currency whose worth is not known.
    """
    rate = per_eur(currency)
    if rate is None:
        return
    scale = CurrencyScale(currency, rate)
    for place, prices, highest in _price_lists(document, tariff):
        yield from _price_doubt(place, prices, highest, scale, _unit_of(document, place))
    yield from _demand_doubts(document, tariff, scale)
    yield from _standing_doubts(document, scale)


def _price_lists(document: TariffDocument, tariff: Tariff) -> Iterator[tuple[str, Sequence[float], float]]:
    """Where prices per kWh stand, what they are, and how high one of them may be, in euros."""
    if tariff.energy_price_per_kwh:
        given = document.energy_price_per_kwh
        place = f"{PRICES}[{given.csv}]" if isinstance(given, CsvSeries) else PRICES
        yield place, tariff.energy_price_per_kwh, MARKET_EUR_PER_KWH
    if tariff.price_series is not None:
        yield "price_series.per_kwh", tariff.price_series.per_kwh, MARKET_EUR_PER_KWH
    if tariff.energy_periods:
        yield "energy_periods", [period.price_per_kwh for period in tariff.energy_periods], PERIOD_EUR_PER_KWH
    for index, group in enumerate(tariff.energy_tiers):
        yield f"energy_tiers[{index}].tiers", [rate for _, rate in group.tiers], PERIOD_EUR_PER_KWH


def _unit_of(document: TariffDocument, place: str) -> str | None:
    """The unit that the file declares; None where there is nothing to declare."""
    prices = document.energy_price_per_kwh
    return prices.unit if place.startswith(PRICES) and isinstance(prices, CsvSeries) else None


def _price_doubt(
    place: str, prices: Sequence[float], highest_eur: float, scale: CurrencyScale, unit: str | None
) -> Iterator[Problem]:
    least, most = min(prices), max(prices)
    extreme, middle = max(-least, most), abs(statistics.median(prices))
    if extreme > scale.per_eur * highest_eur or middle > scale.per_eur * MIDDLE_EUR_PER_KWH:
        limits = f"the middle one at most {scale.shown(MIDDLE_EUR_PER_KWH)}, each at most {scale.shown(highest_eur)}"
        rule = f"from {least:g} to {most:g} {scale.currency} for a kWh, prices beyond any tariff ({limits})"
        size = middle if middle > scale.per_eur * USUAL_EUR_PER_KWH[1] else extreme
        yield Problem(place, [least, most], rule, _remedy(size / scale.per_eur, scale.currency, unit))
    elif 0 < extreme < scale.per_eur * LEAST_EUR_PER_KWH and "tiers" not in place:
        rule = f"up to {most:g} {scale.currency} for a kWh, prices below any tariff"
        wrong_unit = 'they were per kWh already: write "unit": "per_kWh"' if unit == "per_MWh" else "a wrong unit"
        yield Problem(place, [least, most], rule, f"probably {wrong_unit}; multiply them by 1,000 if so")


def _remedy(eur: float, currency: str, unit: str | None) -> str:
    """What the prices probably are, by the unit in which they would be usual, and what to do about it."""
    low, high = USUAL_EUR_PER_KWH
    by_mwh = 'write "unit": "per_MWh"' if unit == "per_kWh" else "divide them by 1,000"
    meant = []
    if low <= eur / 1000 <= MIDDLE_EUR_PER_KWH and unit != "per_MWh":
        meant.append(f"{currency} for a MWh: {by_mwh}")
    if low <= eur / 100 <= high:
        meant.append(f"hundredths of {currency} (cents): divide them by 100")
    return f"probably {', or '.join(meant)}" if meant else "look for a wrong unit, currency or decimal point"


def _demand_doubts(document: TariffDocument, tariff: Tariff, scale: CurrencyScale) -> Iterator[Problem]:
    written = len(document.demand_charges)
    for index, charge in enumerate(tariff.demand_charges):
        place = f"demand_charges[{index}]" if index < written else "two_part"
        yield from _demand_doubt(place, "rate_per_kw", charge, scale)
    two_part = document.two_part
    if two_part is not None and two_part.rate_per_kva is not None:
        yield from _demand_doubt("two_part", "rate_per_kva", DemandCharge("", two_part.rate_per_kva), scale)


def _demand_doubt(place: str, first: str, charge: DemandCharge, scale: CurrencyScale) -> Iterator[Problem]:
    """The lowest and the highest rate, each at its place: `first`, or a tier."""
    rates = {f"{place}.{first}": charge.rate_per_kw}
    rates |= {f"{place}.tiers[{index}]": rate for index, (_, rate) in enumerate(charge.tiers)}
    rates |= {
        f"{place}.use_classes[{index}].rate_per_kw": one.rate_per_kw for index, one in enumerate(charge.use_classes)
    }
    least, most = min(rates, key=lambda one: rates[one]), max(rates, key=lambda one: rates[one])
    if rates[least] < 0:
        rule = "a rate below 0: a higher peak costs less"
        remedy = "correct the sign, unless the tariff has such a credit"
        yield Problem(least, rates[least], rule, remedy)
    span = "year" if charge.period == "year" else charge.per
    times = PER_MONTH[span] * max((abs(factor) for factor in charge.month_factors), default=1.0)
    limit_eur = MOST_EUR_PER_KW / times if times else math.inf
    if rates[most] > scale.per_eur * limit_eur:
        limit = f"at most {scale.shown(limit_eur)}"
        rule = f"{scale.currency} for a kW and {span}, a rate beyond any tariff ({limit})"
        yield Problem(most, rates[most], rule, _demand_remedy(place, span, scale.currency))


def _demand_remedy(place: str, span: str, currency: str) -> str:
    """What a rate that is too high probably is."""
    if span == "year":
        return f"probably hundredths of {currency}, or a rate for a MW: divide it by 100 or 1,000"
    if span == "day":
        divided = 'divide it by 100 or 1,000, or write "per": "month"'
        return f"probably hundredths of {currency}, a rate for a MW, or for a month: {divided}"
    divided = 'divide it by 100 or 1,000, or write "period": "year" in the tariff'
    if place == "two_part":  # which has no period
        divided = "divide it by 100, 1,000 or 12"
    return f"probably hundredths of {currency}, a rate for a MW, or for a year: {divided}"


def _standing_doubts(document: TariffDocument, scale: CurrencyScale) -> Iterator[Problem]:
    """Fixed and minimum charges."""
    given = [(f"fixed_charges[{n}].amount", one.amount, one.per) for n, one in enumerate(document.fixed_charges)]
    given += [(f"minimum_charges[{n}].amount", one.amount, one.per) for n, one in enumerate(document.minimum_charges)]
    given.append(("fixed_charge_per_day", document.fixed_charge_per_day, "day"))
    for place, amount, per in given:
        limit_eur = MOST_EUR_A_MONTH / PER_MONTH[per]
        if abs(amount) > scale.per_eur * limit_eur:
            rule = f"{scale.currency} a {per}, a charge beyond any tariff (at most {scale.shown(limit_eur)})"
            yield Problem(place, amount, rule, "look for a wrong unit, currency or decimal point")
