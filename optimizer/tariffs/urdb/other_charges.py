"""What a URDB rate bills besides energy and demand: fixed and minimum charges; and its ratchet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from optimizer.files.errors import ABSENT
from optimizer.tariffs.urdb.find_rates import Raw
from optimizer.tariffs.urdb.values import items, number, twelve, wrong

Span = Literal["day", "month", "year"]
Spans = Mapping[str, Span]

SPANS: Spans = {"$/day": "day", "$/month": "month", "$/year": "year"}
FIXED_BEFORE: Spans = {"fixedmonthlycharge": "month"}
MINIMUM_BEFORE: Spans = {"minmonthlycharge": "month", "annualmincharge": "year"}
MONTHS_BACK = 11  # where the rate does not say: with the month itself, a year
KEEP = "keep the one that is right"


@dataclass(frozen=True)
class Charge:
    """A fixed or minimum charge."""

    amount: float
    per: Span


@dataclass(frozen=True)
class Lookback:
    """A ratchet, written in `key`: `share` of the highest of so many months back, counted and billed in some."""

    key: str
    share: float
    months_back: int
    counted_months: tuple[int, ...]
    billed_months: tuple[int, ...]


def fixed_charges(raw: Raw) -> tuple[Charge, ...]:
    """What is billed whatever is drawn. Raises InvalidData."""
    return _charges(raw, "fixedchargefirstmeter", "fixedchargeunits", SPANS, FIXED_BEFORE)


def minimum_charges(raw: Raw) -> tuple[Charge, ...]:
    """The least that a month or a year is billed. Raises InvalidData."""
    spans = {text: per for text, per in SPANS.items() if per != "day"}
    return _charges(raw, "mincharge", "minchargeunits", spans, MINIMUM_BEFORE)


def _charges(raw: Raw, key: str, unit_key: str, spans: Spans, before: Spans) -> tuple[Charge, ...]:
    """The charge with a unit, or those of older versions, of which the unit is in the name."""
    older = tuple(Charge(number(old, raw[old]), per) for old, per in before.items() if raw.get(old))
    if not raw.get(key):
        return older
    charge = Charge(number(key, raw[key]), _span(raw, unit_key, spans))
    if older and older != (charge,):
        names = ", ".join(old for old in before if raw.get(old))
        raise wrong(key, raw[key], f"is given beside an older key that says another thing ({names})", KEEP)
    return (charge,)


def _span(raw: Raw, key: str, spans: Spans) -> Span:
    if key not in raw:
        raise wrong(key, ABSENT, "must be given beside the charge", f"one of {', '.join(spans)}")
    text = str(raw[key]).strip().lower()
    if text not in spans:
        raise wrong(key, raw[key], f"must be one of {', '.join(spans)} here", "bill the charge by hand")
    return spans[text]


def read_lookback(raw: Raw) -> Lookback | None:
    """The ratchet, if there is one. Raises InvalidData, also where a Ratchet cannot say it."""
    by_month = _percentages(raw)
    percent = number("lookbackpercent", raw.get("lookbackpercent", 0))
    if by_month and percent:
        rule = "must not be given beside demandratchetpercentage: two ratchets on one demand"
        raise wrong("lookbackpercent", raw["lookbackpercent"], rule, KEEP)
    if by_month:
        return by_month
    return _by_percent(raw, percent) if percent else None


def _percentages(raw: Raw) -> Lookback | None:
    """A percentage for each month, each of the highest of the 11 months before."""
    key = "demandratchetpercentage"
    shares = [_share(key, value) for value in twelve(raw, key)]
    billed = tuple(month for month, share in enumerate(shares, 1) if share)
    if not billed:
        return None
    if len({share for share in shares if share}) > 1:
        rule = "cannot be billed: percentages that differ between months, other than 0 in some"
        raise wrong(key, raw[key], rule, "take it out and bill the ratchet by hand")
    return Lookback(key, max(shares), MONTHS_BACK, (), () if len(billed) == 12 else billed)


def _by_percent(raw: Raw, percent: float) -> Lookback:
    flags = _twelve_flags(raw)
    back = number("lookbackrange", raw.get("lookbackrange", 0))
    if flags and back:
        rule = "must not be given beside lookbackmonths: months looked back at are told either way"
        raise wrong("lookbackrange", raw["lookbackrange"], rule, KEEP)
    if not flags and not back:
        rule = "says not which months are looked back at"
        raise wrong("lookbackpercent", raw["lookbackpercent"], rule, "add lookbackmonths or lookbackrange")
    if back and (not back.is_integer() or not 1 <= back <= 36):
        raise wrong("lookbackrange", raw["lookbackrange"], "must be a whole number of months, from 1 to 36")
    counted = () if len(flags) == 12 else flags
    return Lookback("lookbackpercent", _share("lookbackpercent", percent), int(back) or MONTHS_BACK, counted, ())


def _twelve_flags(raw: Raw) -> tuple[int, ...]:
    """The months whose flag is set."""
    key = "lookbackmonths"
    flags = items(key, raw.get(key, []))
    if (flags and len(flags) != 12) or any(flag not in (0, 1) for flag in flags):
        raise wrong(key, raw[key], "must be 12 booleans")
    return tuple(month for month, flag in enumerate(flags, 1) if flag)


def _share(place: str, value: float) -> float:
    """Files write 80 % as 0.8 or as 80."""
    if not 0 <= value <= 100:
        raise wrong(place, value, "must be a share from 0 to 1 or a percentage up to 100")
    return value if value <= 1 else value / 100
