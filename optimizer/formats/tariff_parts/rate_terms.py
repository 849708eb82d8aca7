"""For whom and until when a tariff is: limits of the load, first and last day. Warnings go by them, no bill does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from msgspec import structs

from models.errors import Problem, refuse
from models.rules import number_in
from optimizer.files import timestamps as clock
from optimizer.files.errors import Collector
from optimizer.formats.tariff_document import EligibilityDocument, TariffDocument, ValidityDocument

MOST_MONTHS = 36
PAIRS = (("least_kw", "most_kw"), ("least_kwh", "most_kwh"), ("least_volts", "most_volts"))
LOAD_LIMITS = ("least_kw", "most_kw", "least_kwh", "most_kwh")
ANYBODY = EligibilityDocument()


@dataclass(frozen=True)
class Validity:
    """First and last local day, both included; None where there is no such day. `superseded_by`: the rate after it."""

    first_day: date | None = None
    last_day: date | None = None
    superseded_by: str | None = None


ALWAYS = Validity()


@dataclass(frozen=True)
class RateTerms:
    """What a tariff says beside prices; `not_billed`: money and conditions that no line of a bill has."""

    eligibility: EligibilityDocument = ANYBODY
    valid: Validity = ALWAYS
    not_billed: tuple[str, ...] = ()


NO_TERMS = RateTerms()


def terms_of(document: TariffDocument) -> RateTerms:
    """The terms of a tariff. Raises InvalidData, places inside the tariff."""
    found = Collector()
    eligibility = document.eligibility or ANYBODY
    found.problems += (one.inside("eligibility") for one in eligibility_problems(eligibility))
    valid = found.attempt("valid", lambda: _validity(document.valid), ALWAYS)
    refuse(found.problems)
    return RateTerms(eligibility, valid, document.not_billed)


def eligibility_problems(eligibility: EligibilityDocument) -> Iterator[Problem]:
    """Limits are numbers from 0 on, none above its counterpart."""
    for low, high in PAIRS:
        least, most = getattr(eligibility, low), getattr(eligibility, high)
        for name, limit in ((low, least), (high, most)):
            if limit is not None:
                yield from number_in(name, limit, 0)
        if least is not None and most is not None and least > most:
            yield Problem(low, least, f"must not be above {high}, {most:,.10g}", "correct one of the two")
    for name in ("kw_months", "kwh_months"):
        yield from number_in(name, getattr(eligibility, name), 1, MOST_MONTHS)


def has_load_limits(eligibility: EligibilityDocument) -> bool:
    """Is there a limit that a load can be compared with?"""
    return any(getattr(eligibility, name) is not None for name in LOAD_LIMITS)


def without_load_limits(eligibility: EligibilityDocument) -> EligibilityDocument:
    """What of it no load says."""
    return structs.replace(eligibility, **dict.fromkeys(LOAD_LIMITS))


def _validity(document: ValidityDocument | None) -> Validity:
    if document is None:
        return ALWAYS
    found = Collector()
    first = found.attempt("first_day", lambda: _day(document.first_day), None)
    last = found.attempt("last_day", lambda: _day(document.last_day), None)
    if first is not None and last is not None and last < first:
        rule = f"must not be before first_day, {first}"
        found.problems.append(Problem("last_day", document.last_day, rule, "correct one of the two"))
    refuse(found.problems)
    return Validity(first, last, document.superseded_by or None)


def _day(text: str | None) -> date | None:
    return None if text is None else clock.day(text)


def day_problems(valid: Validity, first: date, last: date) -> Iterator[Problem]:
    """Where days from `first` to `last` are not those on which a tariff is in force."""
    begin, end = valid.first_day, valid.last_day
    if begin is not None and first < begin:
        rule = f"{_days(first, min(last, begin - timedelta(days=1)))} before it is in force"
        yield Problem("valid.first_day", begin.isoformat(), rule, "take the rate that was in force then")
    if end is not None and last > end:
        rule = f"{_days(max(first, end + timedelta(days=1)), last)} after its last day"
        yield Problem("valid.last_day", end.isoformat(), rule, "take the rate that followed it")
    if valid.superseded_by is not None and (end is None or last > end):
        rule = "another rate took its place" + (", from a day that is not said" if end is None else "")
        yield Problem("valid.superseded_by", valid.superseded_by, rule, "take that rate for later days")


def _days(first: date, last: date) -> str:
    return f"{first} is" if first == last else f"{first} to {last} are"
