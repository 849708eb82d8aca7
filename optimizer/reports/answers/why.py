"""The table of a study's page that tells why each tariff costs more than the next cheaper one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from optimizer.graphics.html_page import Cell, Head, money_cell, table
from optimizer.graphics.markup import NOTHING, Markup
from optimizer.reports.station_tables import sheet
from optimizer.studies.answers.differences import PARTS, difference
from optimizer.studies.tables import RankedTariff
from optimizer.summaries.saving_text import ROUNDS_TO_NOTHING


def why_dearer(ranking: Sequence[RankedTariff], currency: str) -> Markup:
    """A row for each tariff but the cheapest; its parts add up to what it costs more. Nothing for one tariff alone."""
    found = [difference(more, less) for less, more in pairwise(ranking)]
    if not found:
        return NOTHING
    parts = [part for part in PARTS if any(abs(getattr(one, part[0])) >= ROUNDS_TO_NOTHING for one in found)]
    heads = [Head("tariff"), Head("than"), Head("more", True), *(Head(words, True) for _, words in parts)]
    rows = [
        [
            Cell(one.tariff),
            Cell(one.than),
            money_cell(one.total_cost),
            *(money_cell(getattr(one, name)) for name, _ in parts),
        ]
        for one in found
    ]
    return sheet(table(f"Why each tariff costs more than the one before it, {currency}", heads, rows))
