"""For whom and until when a URDB rate is, and what it says that no bill has: limits, dates, attributes, remarks."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from msgspec import structs

from models.rules import LARGEST
from optimizer.files.errors import value_text
from optimizer.files.limits import MOST_CHARACTERS
from optimizer.formats.tariff_document import EligibilityDocument, ValidityDocument
from optimizer.formats.tariff_parts.rate_terms import ANYBODY, MOST_MONTHS, PAIRS, has_load_limits
from optimizer.tariffs.terms_in_words import eligibility_words, validity_words
from optimizer.tariffs.urdb.dates import urdb_day
from optimizer.tariffs.urdb.find_rates import ENERGY, Raw

ATTRIBUTES = ("demandattrs", "fixedattrs", "energyattrs")
REMARKS = ("description", "basicinformationcomments", "energycomments", "demandcomments", "fixedchargecomments")
LIMITS = {
    "least_kw": ("peakkwcapacitymin", "mindemand"),
    "most_kw": ("peakkwcapacitymax", "maxdemand"),
    "least_kwh": ("peakkwhusagemin",),
    "most_kwh": ("peakkwhusagemax",),
    "least_volts": ("voltageminimum",),
    "most_volts": ("voltagemaximum",),
}
"""Keys of the tariff, and those of the rate, of which the first that is given counts."""

MONTHS = {"kw_months": "peakkwcapacityhistory", "kwh_months": "peakkwhusagehistory"}
TEXTS = {"voltage": "voltagecategory", "phases": "phasewiring"}
USUAL_SECTORS = ("commercial", "industrial")
NAMELESS = "a rate without label and name"
MOST_NOT_BILLED = 100
WHOLE_SERVICE = "bundled"  # delivery and energy in one price


@dataclass(frozen=True)
class UrdbTerms:
    """What goes into the tariff file, and `notes` for the user on all of it."""

    eligibility: EligibilityDocument | None
    valid: ValidityDocument | None
    not_billed: tuple[str, ...]
    notes: tuple[str, ...]


def read_terms(raw: Raw, rates: Sequence[Raw]) -> UrdbTerms:
    """The terms of a rate; `rates`: all of its file, of which another may supersede it.

    A limit or date that cannot be understood refuses no rate, for no bill depends on it: it is told.
    """
    notes: list[str] = []
    eligibility, valid = _eligibility(raw, notes), _validity(raw, rates, notes)
    not_billed = _first_of([_short(text) for text in _not_billed(raw)])
    told = [f"not billed: {text}" for text in not_billed]
    return UrdbTerms(
        None if eligibility == ANYBODY else eligibility,
        None if valid == ValidityDocument() else valid,
        not_billed,
        (*told, *_terms_in_words(eligibility, valid), *notes, *_remarks(raw)),
    )


def _terms_in_words(eligibility: EligibilityDocument, valid: ValidityDocument) -> Iterator[str]:
    """A first day alone is not told: nearly all rates have one."""
    if who := eligibility_words(eligibility):
        warned = "; tariff bill and study warn of other loads" if has_load_limits(eligibility) else ""
        yield f"for {', '.join(who)}{warned}"
    if valid.last_day or valid.superseded_by:
        yield f"{validity_words(valid)}; tariff bill and study warn of other days"


# For whom


def _eligibility(raw: Raw, notes: list[str]) -> EligibilityDocument:
    given: dict[str, Any] = {name: _limit(raw, name, keys, notes) for name, keys in LIMITS.items()}
    given |= {name: months for name, key in MONTHS.items() if (months := _months(raw, key, notes))}
    given |= {name: text[:MOST_CHARACTERS] for name, key in TEXTS.items() if (text := _said(raw, key))}
    sector = _said(raw, "sector")
    if sector and sector.lower() not in USUAL_SECTORS:
        given["customers"] = sector[:MOST_CHARACTERS]
    _tell_unit(raw, given, notes)
    found = EligibilityDocument(**given)
    for low, high in PAIRS:
        least, most = getattr(found, low), getattr(found, high)
        if least is not None and most is not None and least > most:
            keys = [key for key in (*LIMITS[low], *LIMITS[high]) if raw.get(key)]
            given_as = " and ".join(f"{key} {value_text(raw[key])}" for key in keys)
            notes.append(f"not kept, for they contradict each other: {given_as}")
            found = structs.replace(found, **{low: None, high: None})
    return _without_idle_months(found)


def _limit(raw: Raw, name: str, keys: Sequence[str], notes: list[str]) -> float | None:
    """A limit; none where nothing is given, or 0, which a form leaves where nothing was entered, or no limit."""
    key = next((key for key in keys if raw.get(key)), None)
    value = None if key is None else _number(raw[key])
    if key is not None and (value is None or value < 0):
        notes.append(f"not understood, so no limit: {key} {value_text(raw[key])}")
    return value if value is not None and 0 < value <= LARGEST else None


def _months(raw: Raw, key: str, notes: list[str]) -> int | None:
    value = _number(raw.get(key) or 1)
    if value is None or not value.is_integer() or not 1 <= value <= MOST_MONTHS:
        notes.append(f"not understood, so the month billed is looked at: {key} {value_text(raw[key])}")
        return None
    return int(value)


def _number(value: object) -> float | None:
    """A finite number, which some files write as a text."""
    try:
        read = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        return None
    return read if math.isfinite(read) else None


def _tell_unit(raw: Raw, given: dict[str, Any], notes: list[str]) -> None:
    unit = str(raw.get("demandunits") or "kW").strip()
    if unit.lower() != "kw" and (given["least_kw"] or given["most_kw"]):
        notes.append(f"limits of demand in {unit} are compared with kW (demandunits)")


def _without_idle_months(found: EligibilityDocument) -> EligibilityDocument:
    """Months looked at mean nothing where there is no limit."""
    if found.least_kw is None and found.most_kw is None:
        found = structs.replace(found, kw_months=1)
    return structs.replace(found, kwh_months=1) if found.least_kwh is None and found.most_kwh is None else found


# Until when


def _validity(raw: Raw, rates: Sequence[Raw], notes: list[str]) -> ValidityDocument:
    first, last = (_day(raw, key, notes) for key in ("startdate", "enddate"))
    if first is not None and last is not None and last < first:
        notes.append(f"not kept, for the end is before the start: startdate {first}, enddate {last}")
        first = last = None
    label = raw.get("label")
    others = (rate for rate in rates if rate is not raw)
    after = next((rate for rate in others if label and rate.get("supersedes") == label), None)
    return ValidityDocument(
        first_day=None if first is None else first.isoformat(),
        last_day=None if last is None else last.isoformat(),
        superseded_by=None if after is None else _short(_said(after, "label") or _said(after, "name") or NAMELESS),
    )


def _day(raw: Raw, key: str, notes: list[str]) -> date | None:
    """The UTC date of seconds since 1970, or of a text that begins with a date."""
    if not raw.get(key):
        return None
    read = urdb_day(raw[key])
    if read is None:
        notes.append(f"not understood, so no date: {key} {value_text(raw[key])}")
    return read


# What no bill has


def _not_billed(raw: Raw) -> Iterator[str]:
    if raw.get("demandreactivepowercharge"):
        yield f"reactive power (demandreactivepowercharge {value_text(raw['demandreactivepowercharge'])})"
    if raw.get("fixedchargeeaaddl"):
        yield f"further meters (fixedchargeeaaddl {value_text(raw['fixedchargeeaaddl'])})"
    if any(tier.get("sell") for tier in _tiers_of(raw.get(ENERGY))):
        yield f"what is sold to the grid (sell in {ENERGY})"
    service = _said(raw, "servicetype")
    if service and service.lower() != WHOLE_SERVICE:
        yield f"what the service leaves out (servicetype {service})"
    for key in ATTRIBUTES:
        for place, name, value in _attributes(raw.get(key)):
            if name or value:
                yield f"{name}{': ' if name and value else ''}{value} ({key}{place})"


def _attributes(value: object) -> Iterator[tuple[str, str, str]]:
    """Place inside the key, name and value of each; real files have a list of objects of one name each."""
    for index, one in enumerate(value if isinstance(value, list) else [value] if value else []):
        place = f"[{index}]" if isinstance(value, list) else ""
        if isinstance(one, dict):
            yield from ((place, str(name).strip().rstrip(":"), _text(held)) for name, held in one.items())
        elif one:
            yield place, "", _text(one)


def _said(raw: Raw, key: str) -> str:
    """What a key says as a text; empty where it is absent, blank or 0."""
    return _text(raw[key]) if raw.get(key) else ""


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else value_text(value)


def _tiers_of(structure: object) -> Sequence[Raw]:
    periods = structure if isinstance(structure, list) else []
    return [t for period in periods if isinstance(period, list) for t in period if isinstance(t, dict)]


def _remarks(raw: Raw) -> Iterator[str]:
    """Remarks with a number in them: limits and charges that stand nowhere else."""
    for key in REMARKS:
        text = " ".join(str(raw.get(key) or "").split())
        if any(character.isdigit() for character in text):
            yield f"said in words, which nothing here goes by: {key}: {_short(text)}"
    if raw.get("approved") is False:
        yield "the database has not approved this rate (approved false)"


def _first_of(texts: Sequence[str]) -> tuple[str, ...]:
    """Not all of very many: nobody reads thousands, and each is told and kept in the tariff file."""
    if len(texts) <= MOST_NOT_BILLED:
        return tuple(texts)
    return (*texts[:MOST_NOT_BILLED], f"and {len(texts) - MOST_NOT_BILLED:,} more")


def _short(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[: MOST_CHARACTERS - 3]}..."
