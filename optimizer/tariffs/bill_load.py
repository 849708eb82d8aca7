"""What `tariff bill` does: a tariff file, a load file, perhaps earlier peaks, to the lines of a bill."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from models.errors import InvalidData, Problem, refuse
from models.rules import number_in
from models.tariff.bill import BillLine, History, Load, bill_and_years, is_whole, peaks_of
from models.tariff.billing_year import Month
from models.tariff.limits import beyond_prices
from models.tariff.tariff import Tariff
from models.tariff.yearly_bill import highest_of
from optimizer.files.errors import ABSENT, InputErrors, did_you_mean
from optimizer.files.json_text import decode
from optimizer.formats.tariff_file import TariffFile
from optimizer.formats.tariff_parts.rate_terms import RateTerms, without_load_limits
from optimizer.formats.tariff_parts.two_part_tariff import as_written
from optimizer.tariffs.bill_table import month_text
from optimizer.tariffs.load_file import before_month, in_months
from optimizer.tariffs.outside import outside_problems
from optimizer.tariffs.terms_in_words import eligibility_words
from optimizer.tariffs.years_in_words import year_words

MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
NO_MONTH = "must be a month YYYY-MM"
MONTH_REMEDY = "write it like 2026-01"

Months = tuple[Month, Month]
"""The first and the last month."""


@dataclass(frozen=True)
class Billed:
    """A bill, and what a reader must know of it. `outside`: where the load is not one that the tariff is for."""

    lines: Sequence[BillLine]
    notes: Sequence[str]
    outside: Sequence[Problem] = ()


def bill_load(file: TariffFile, load: Load, names: tuple[str, str], months: Months | None, earlier: History) -> Billed:
    """The bill to the cent, of `months` only if they are given: what the load has before them is looked back at.

    `names`: of the tariff file and of the load file. Raises InputErrors, on the load where it is not of those months.
    """
    tariff, zone = file.tariff, file.zone
    part = load if months is None else in_months(load, zone, *months)
    if months is not None and not part.kw:
        asked = f"{month_text(months[0])} to {month_text(months[1])}"
        rule, remedy = f"has no interval that begins in {asked}, {zone.key}", "choose months that it has"
        raise InputErrors(names[1], [Problem("", ABSENT, rule, remedy)])
    try:
        before = History() if months is None else _peaks_before(tariff, load, zone, months[0])
        lines, years = bill_and_years(tariff, part, zone, _joined(earlier, before), to_cents=True)
        refuse(beyond_prices(tariff, lines))
    except InvalidData as error:
        written = [as_written(problem, file.document.tariff) for problem in error.problems]
        raise InputErrors(names[0], [problem.inside("tariff") for problem in written]) from None
    notes = [*_coverage_notes(part, zone, lines), *_year_notes(tariff, lines), *year_words(years)]
    notes += _term_notes(file.terms)
    outside = outside_problems(file.terms, tariff, load, part, zone)
    return Billed(lines, notes, [problem.inside("tariff") for problem in outside])


def _term_notes(terms: RateTerms) -> Iterator[str]:
    """What no line of the bill has, and for whom the tariff is as far as no load says it."""
    yield from (f"not billed: {text}" for text in terms.not_billed)
    if words := eligibility_words(without_load_limits(terms.eligibility)):
        yield f"the tariff is for {', '.join(words)}: a load does not say whether it is so"


def _peaks_before(tariff: Tariff, load: Load, zone: ZoneInfo, month: Month) -> History:
    """The load's own peaks before the months billed, as far as a ratchet or a billing year may ask for them."""
    before = before_month(load, zone, month)
    looks_back = any(charge.ratchet or charge.period == "year" for charge in tariff.demand_charges)
    return peaks_of(tariff, before, zone) if looks_back and before.kw else History()


def _joined(earlier: History, later: History) -> History:
    names = {*earlier.peaks_kw, *later.peaks_kw}
    peaks_kw = {name: highest_of(earlier.peaks_kw.get(name, {}), later.peaks_kw.get(name, {})) for name in names}
    return History(peaks_kw, {**earlier.uses, **later.uses})


def _coverage_notes(load: Load, zone: ZoneInfo, lines: Sequence[BillLine]) -> Iterator[str]:
    for month in dict.fromkeys(line.month for line in lines if line.month[1]):
        if not is_whole(load, zone, month):
            yield (
                f"{month_text(month)}: the load covers the month in part; energy is that of the part, charges a month "
                "are billed whole"
            )


def _year_notes(tariff: Tariff, lines: Sequence[BillLine]) -> Iterator[str]:
    """Yearly minimum charges that are not looked at, for the year is not whole."""
    months = {line.month for line in lines}
    for charge in tariff.minimum_charges:
        if charge.per == "year":
            for year in sorted({year for year, _ in months}):
                billed = sum((year, month) in months for month in range(1, 13))
                if billed < 12:
                    yield f"{charge.name}: not billed for {year}, of which {billed} of 12 months are billed"


def parse_months(text: str) -> Months:
    """The first and last month of YYYY-MM..YYYY-MM or of a single YYYY-MM. Raises InvalidData."""
    first, dots, last = text.partition("..")
    months = (parse_month(first), parse_month(last if dots else first))
    if months[1] < months[0]:
        raise InvalidData([Problem("", text, "must not end before it starts", "swap the two months")])
    return months


def parse_month(text: str) -> Month:
    """A month YYYY-MM. Raises InvalidData."""
    match = MONTH.fullmatch(text)
    if not match or not 1 <= int(match[2]) <= 12 or not 1900 <= int(match[1]) <= 2200:
        raise InvalidData([Problem("", text, NO_MONTH, MONTH_REMEDY)])
    return int(match[1]), int(match[2])


def parse_peaks(data: bytes, file: str, tariff: Tariff) -> History:
    """Earlier peaks from JSON text {demand charge: {"YYYY-MM": kW}}. Raises InputErrors."""
    try:
        named = decode(data, dict[str, dict[str, float]])
        refuse(_peak_problems(named, [charge.name for charge in tariff.demand_charges]))
    except InvalidData as error:
        raise InputErrors(file, error.problems) from None
    return History({name: {parse_month(month): kw for month, kw in of.items()} for name, of in named.items()})


def _peak_problems(named: Mapping[str, Mapping[str, float]], charges: Sequence[str]) -> Iterator[Problem]:
    for name, of_charge in named.items():
        if name not in charges:
            remedy = did_you_mean(name, charges, f"its demand charges: {', '.join(charges) or 'none'}")
            yield Problem(name, dict(of_charge), "is not a demand charge of the tariff", remedy)
        for month, kw in of_charge.items():
            try:
                parse_month(month)
            except InvalidData:
                yield Problem(f"{name}.{month}", kw, NO_MONTH, MONTH_REMEDY)
            yield from number_in(f"{name}.{month}", kw, 0)
