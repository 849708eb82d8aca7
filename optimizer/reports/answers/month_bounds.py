"""The table of a study's page that tells how far its plans may be from the best for all nights at once."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.graphics.html_page import Cell, Head, money_cell, paragraph, percent_cell, table
from optimizer.graphics.markup import NOTHING, Markup, joined
from optimizer.reports.station_tables import sheet
from optimizer.studies.summary import MonthBound
from optimizer.studies.tables import RankedTariff

WORDS = (
    "Planned all at once, with every driver known beforehand, the nights cost no less than the bound: that holds "
    "whatever earlier nights leave to later ones. Proven: even this tariff's own plans cost no more than the next one "
    "could; undecided: the bound lies lower, so better plans might change the two places."
)


def month_bounds(ranking: Sequence[RankedTariff], bounds: Sequence[MonthBound], currency: str) -> Markup:
    """A row for each tariff, and what the bounds do not have; nothing where they were not asked for."""
    if not bounds:
        return NOTHING
    heads = [Head("tariff"), *(Head(name, True) for name in ("total", "month bound", "month gap")), Head("cheaper")]
    rows = [
        [
            Cell(one.tariff),
            *map(money_cell, (one.total_cost, one.month_bound)),
            percent_cell(one.month_gap),
            Cell(one.cheaper_than_next and f"than the next: {one.cheaper_than_next}"),
        ]
        for one in ranking
    ]
    found = sheet(table(f"All nights planned at once, {currency}", heads, rows))
    return joined([found, paragraph(" ".join([WORDS, *_without(bounds)]), "note")])


def _without(bounds: Sequence[MonthBound]) -> list[str]:
    """What makes bounds lower than need be, and where there is none, in sentences."""
    left_out = dict.fromkeys(words for one in bounds for words in one.left_out)
    missing = dict.fromkeys(f"{one.station} under {one.tariff}: {one.reason}" for one in bounds if one.bound is None)
    sentences = [f"Not in the bounds: {'; '.join(left_out)}."] if left_out else []
    return sentences + ([f"No bound: {'; '.join(missing)}."] if missing else [])
