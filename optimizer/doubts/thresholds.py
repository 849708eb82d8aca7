"""Beyond what a number is doubted, with the source of each limit.

Limits of money are in euros and hold for other currencies by a rounded rate of exchange: they part thousands from ones,
so that a rate which is off by half does no harm.
"""

from __future__ import annotations

from types import MappingProxyType

MIDDLE_EUR_PER_KWH = 2.0
"""No half of a tariff's prices is dearer. Households of the dearest EU country paid 0.475 EUR/kWh in the first half of
2023 (Netherlands; Eurostat, nrg_pc_204)."""

PERIOD_EUR_PER_KWH = 3.0
"""No period of a tariff is dearer: six times that price. Critical hours of US tariffs cost 1 to 2 USD/kWh (assumed)."""

MARKET_EUR_PER_KWH = 10.0
"""No hour of a market is dearer, nor below minus as much: Europe's intraday market clears from -9,999 to 9,999 EUR/MWh
(ACER, decision of 14 November 2017); its day-ahead market has reached 4,000 (17 August 2022, Baltic states)."""

LEAST_EUR_PER_KWH = 0.0005
"""The dearest price of a whole horizon is above half a euro for a MWh (assumed)."""

USUAL_EUR_PER_KWH = (0.01, 0.6)
"""Where middle prices lie: a price that lies here once it is divided by 1,000 or by 100 had that unit (assumed)."""

MOST_EUR_PER_KW = 100.0
"""No demand charge has a dearer rate for a kW and month. Zhejiang: 30 to 45 yuan; the dearest rate of instances/tariffs
and instances/urdb is far below; a year's price for a kW is at most about twelve times a month's (assumed)."""

MOST_EUR_A_MONTH = 100_000.0
"""No fixed or minimum charge is dearer. Of 471 commercial rates sampled from the U.S. Utility Rate Database the dearest
has 24,000 USD a month."""

LEAST_EFFICIENCY = 0.6
"""Chargers reach 0.9 to 0.98 (NIO: 0.98); below this it is a slip of the pen (assumed)."""

DEAR_END_VALUE = 2.5
"""Times the dearest price: worth more than this, packs are charged at any price, whatever the efficiency (assumed)."""

PER_EUR = MappingProxyType(
    {
        "EUR": 1, "USD": 1, "GBP": 1, "CHF": 1, "CAD": 1.5, "AUD": 1.7, "NZD": 1.9, "SGD": 1.4, "CNY": 7.6, "HKD": 8,
        "TWD": 34, "JPY": 160, "KRW": 1500, "INR": 89, "IDR": 17000, "THB": 36, "MYR": 4.6, "PHP": 60, "SEK": 11,
        "NOK": 12, "DKK": 7.5, "ISK": 140, "PLN": 4.3, "CZK": 25, "HUF": 410, "RON": 5, "BGN": 2, "TRY": 37, "ILS": 3.8,
        "ZAR": 20, "BRL": 6.4, "MXN": 22,
    }
)  # fmt: skip
"""Units of a currency for a euro: orders of magnitude (assumed); no amount is converted by them."""

OTHER_NAMES = MappingProxyType({"€": "EUR", "EURO": "EUR", "$": "USD", "£": "GBP", "RMB": "CNY", "YUAN": "CNY"})


def per_eur(currency: str) -> float | None:
    """Units of the currency for a euro; None where it is not known: its amounts are not doubted."""
    name = currency.strip().upper()
    return PER_EUR.get(OTHER_NAMES.get(name, name))
