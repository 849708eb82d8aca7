"""For whom and until when a tariff is, in words."""

from __future__ import annotations

from collections.abc import Iterator

from optimizer.formats.tariff_document import EligibilityDocument, ValidityDocument
from optimizer.formats.tariff_parts.rate_terms import RateTerms, Validity


def term_lines(terms: RateTerms) -> Iterator[str]:
    """Lines of a tariff's description."""
    if who := eligibility_words(terms.eligibility):
        yield f"  for      {', '.join(who)}"
    if when := validity_words(terms.valid):
        yield f"  valid    {when}"
    for text in terms.not_billed:
        yield f"  unbilled {text}"


def eligibility_words(eligibility: EligibilityDocument) -> list[str]:
    """Each limit in words; none where anybody may have the tariff."""
    one = eligibility
    kw, kwh = _range(one.least_kw, one.most_kw, "kW"), _range(one.least_kwh, one.most_kwh, "kWh a month")
    volts = _range(one.least_volts, one.most_volts, "V")
    return [
        *([f"loads of {kw}{_months(one.kw_months)}"] if kw else []),
        *([f"loads of {kwh}{_months(one.kwh_months)}"] if kwh else []),
        *([volts] if volts else []),
        *([f"voltage {one.voltage}"] if one.voltage else []),
        *([f"wiring {one.phases}"] if one.phases else []),
        *([f"customers {one.customers}"] if one.customers else []),
    ]


def _range(least: float | None, most: float | None, unit: str) -> str:
    if least is not None and most is not None:
        return f"{least:,.10g} to {most:,.10g} {unit}"
    if least is not None:
        return f"at least {least:,.10g} {unit}"
    return "" if most is None else f"up to {most:,.10g} {unit}"


def _months(months: int) -> str:
    return "" if months == 1 else f" in the highest of {months} months"


def validity_words(valid: ValidityDocument | Validity) -> str:
    """From when to when, and what came after it; empty where nothing is known."""
    first, last = valid.first_day, valid.last_day
    if first and last:
        words = f"in force {first} to {last}"
    else:
        words = f"in force from {first}" if first else f"in force until {last}" if last else ""
    after = f"superseded by {valid.superseded_by}" if valid.superseded_by else ""
    return ", ".join(part for part in (words, after) if part)
