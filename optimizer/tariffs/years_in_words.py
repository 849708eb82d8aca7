"""What a bill says of the billing years of yearly demand charges: how much of each it has, and in which class."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from models.tariff.billing_year import MONTHS_A_YEAR
from models.tariff.yearly_bill import YearOfUse
from optimizer.tariffs.bill_table import month_text


def year_words(years: Iterable[YearOfUse]) -> Iterator[str]:
    """A line for each year of which there are fewer than twelve months, or that is billed by hours of use."""
    for year in years:
        parts = [*_share(year), *_class(year)]
        if parts:
            span = f"{month_text(year.span.first)} to {month_text(year.span.last)}"
            yield f"{year.charge.name}, {span}: {'; '.join(parts)}"


def _share(year: YearOfUse) -> Iterator[str]:
    if year.months < MONTHS_A_YEAR:
        known = f"known of {year.months} of its 12 months, each of which pays a twelfth of the year's rates"
        yield f"{known}, on their highest average of {year.peak_kw:,.2f} kW"


def _class(year: YearOfUse) -> Iterator[str]:
    if year.charge.use_classes:
        found, whole = year.use_class, year.use.days >= year.span.days
        held = f"the class below {year.charge.use_classes[0].least_hours:,.10g} hours"
        if found is not None:
            held = f"the class from {found.least_hours:,.10g} hours on"
        known = "" if whole else f", by its {year.use.days:,.4g} known of {year.span.days} days"
        yield f"{year.hours:,.10g} hours of use a year{known}: {held}"
