"""Units in the names of columns, and words that tell what a column holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

LOAD, PRICE = "load", "price"
KW_OF = {"kW": 1.0, "MW": 1000.0, "W": 0.001, "GW": 1_000_000.0}
KWH_OF = {"kWh": 1.0, "MWh": 1000.0, "Wh": 0.001, "GWh": 1_000_000.0}
SPELLED = re.compile(
    r"(kilo|mega|giga|)[ -]?watt(?:s?[ -]?(hours?|stunden?|heures?|timmar|timer))?s?(?![a-z])", re.IGNORECASE
)
PREFIXES = {"": "", "kilo": "k", "mega": "M", "giga": "G"}
LOAD_UNIT = re.compile(r"(?<![A-Za-z/])([kKMG]?)[wW]([hH]?)(?![A-Za-z/²])")
ENERGY = r"(?P<energy>[kKmM])[wW][hH](?:e|r)?(?![A-Za-z])"
MONEY = r"(?P<money>[A-Z][A-Za-z]{2}|€|£|\$|ct|cents?|eurocent|p|pence|öre|øre|gr|c|¢)"
PRICE_UNIT = re.compile(rf"{MONEY}[ \])]*(?:/|_per_|_| per | pro |/ )[ \[(]*{ENERGY}")
RATE_UNIT = re.compile(rf"{MONEY}[ \])]*(?:/|_per_|_| per | pro |/ )[ \[(]*(?P<power>[kKM])W(?![A-Za-z])")
A_YEAR = re.compile(
    r"kW[ )\]]*[/·*][ (\[]*(?:a|an|yr)(?![a-z])|(?:per|pro|/|·|and|und) ?(?:year|annum|jahr|år|año|anno)(?![a-z])"
    r"|yearly|annual|jährlich|jahres|年",
    re.IGNORECASE,
)
SIGNS = {"€": "EUR", "£": "GBP"}
HUNDREDTHS = {
    "ct": None, "cent": None, "cents": None, "eurocent": "EUR", "p": "GBP", "pence": "GBP", "c": None, "¢": None,
    "öre": "SEK", "øre": None, "gr": "PLN",
}  # fmt: skip
NO_CURRENCIES = frozenset({"Day", "Per", "Avg", "Sum"})

WORDS = {
    LOAD: re.compile(
        r"usage|consum|verbrauch|energie|energy|load\b|demand|leistung|power|wert\b|value|quantity|valeur|consumo|mængde"
        r"|forbrug|förbruk|kulutus|bezug|wirk|import|puissance|soutirage|lastgang|active|delivered|kwh|\bkw\b",
        re.IGNORECASE,
    ),
    PRICE: re.compile(
        r"price|preis|\brrp\b|lmp\b|lbmp|spot|precio|prix|pris|prezzo|cena|hoep|day.?ahead|auction|tarif|marginal|cost",
        re.IGNORECASE,
    ),
}
NOT_WORDS = {
    LOAD: re.compile(
        r"cost|price|preis|stand\b|register|meter|generat|export|einspeis|received|feed|solar|temperat|\bid\b|number"
        r"|charge|tax|ersatz|status|\bkvar|reactive|blind|\bnet\b|co2|emission",
        re.IGNORECASE,
    ),
    PRICE: re.compile(
        r"load|demand|volume|generation|forecast|renewable|congestion|loss|\bid\b|number|prev|change", re.IGNORECASE
    ),
}


class Unit(NamedTuple):
    """A unit that a column's name states.

    `name`: of a power or an energy as in KW_OF and KWH_OF; of prices per_kWh, per_MWh, or ct_per_kWh for hundredths.
    `currency`: of a price, None where it is not said. `words`: as the file has it.
    """

    name: str
    currency: str | None
    words: str


def load_unit(name: str) -> Unit | None:
    """The unit of power or energy in a column's name; the last one of several."""
    found = [(m.start(), m[1], bool(m[2]), m[0]) for m in LOAD_UNIT.finditer(name.replace("_", " "))]
    found += [(m.start(), PREFIXES[m[1].lower()], bool(m[2]), m[0]) for m in SPELLED.finditer(name)]
    for _, prefix, is_energy, words in sorted(found, reverse=True):
        if prefix or is_energy or words in ("W", "Watt", "watt", "watts"):
            prefix = "k" if prefix == "K" else prefix
            return Unit(f"{prefix}W{'h' if is_energy else ''}", None, words)
    return None


def price_unit(name: str) -> Unit | None:
    """The unit of a price in a column's name or cell, such as EUR/MWh or p/kWh."""
    for match in PRICE_UNIT.finditer(name):
        money = match["money"]
        per = "MWh" if match["energy"] in "mM" else "kWh"
        if money.lower() in HUNDREDTHS:
            if per == "kWh":
                return Unit("ct_per_kWh", HUNDREDTHS[money.lower()], match[0])
        elif money in SIGNS or money == "$":
            return Unit(f"per_{per}", SIGNS.get(money), match[0])
        elif len(money) == 3 and money not in NO_CURRENCIES:
            return Unit(f"per_{per}", money.upper(), match[0])
    return None


def rate_unit(name: str) -> Unit | None:
    """The unit of a rate for power in a column's name, such as EUR/kW or ct/kW: per_kW, per_MW or ct_per_kW."""
    for match in RATE_UNIT.finditer(name):
        money, per = match["money"], "MW" if match["power"] == "M" else "kW"
        if money.lower() in HUNDREDTHS:
            if per == "kW":
                return Unit("ct_per_kW", HUNDREDTHS[money.lower()], match[0])
        elif money in SIGNS or money == "$":
            return Unit(f"per_{per}", SIGNS.get(money), match[0])
        elif re.fullmatch("[A-Z]{3}", money):
            return Unit(f"per_{per}", money, match[0])
    return None


def is_yearly(name: str) -> bool:
    """Does the name of a column of rates say that they are of a year, as in EUR/kW/a or Jahresleistungspreis?"""
    return A_YEAR.search(name) is not None


def unit_in(name: str, what: str) -> Unit | None:
    """The unit of what is looked for, LOAD or PRICE, in a name or a cell."""
    return price_unit(name) if what == PRICE else load_unit(name) if price_unit(name) is None else None


def likeness(name: str, what: str) -> int:
    """How much a column's name speaks for what is looked for."""
    return (
        3 * (unit_in(name, what) is not None)
        + 2 * bool(WORDS[what].search(name))
        - 4 * bool(NOT_WORDS[what].search(name))
    )


def likeliest(names: Sequence[str], what: str) -> list[int]:
    """The places of the names that speak most for what is looked for: one where it is clear."""
    scores = [likeness(name, what) for name in names]
    return [index for index, score in enumerate(scores) if score == max(scores)]
