"""What changed since another night: sums side by side, where the money went, the stations that changed most and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from optimizer.files.plain_text import some_of
from optimizer.graphics.html_page import Cell, Head, count_cell, listed, money_cell, paragraph, section, table
from optimizer.graphics.markup import NOTHING, Markup, tag
from optimizer.history.runs import RecordedRun, RunComparison
from optimizer.history.why.explained import Explanation
from optimizer.history.why.text import TERM_WORDS, difference_words, station_line, together_line
from optimizer.reports.overview.words import MINUS, signed_words
from optimizer.reports.station_tables import sheet
from optimizer.summaries.saving_text import ROUNDS_TO_NOTHING

MOST_TOLD = 5
PARTS_NOTE = (
    "Found by planning the nights again with inputs of one exchanged for those of the other; the parts add up to the"
    " difference of the objectives."
)


@dataclass(frozen=True)
class Changes:
    """Two runs side by side, and why the newer one costs something else; `explanation` None: nothing changed."""

    comparison: RunComparison
    explanation: Explanation | None


def changes_part(changes: Changes) -> Markup:
    """The whole section."""
    old, new = changes.comparison.old, changes.comparison.new
    title = f"Since the night of {_night(old)}"
    sums = sheet(_sums(old, new))
    side = tag("div", sums, _terms(changes.explanation), class_="side")
    return tag("div", section(title, side, *_notes(changes.comparison), _why(changes)), class_="changes")


def _night(run: RecordedRun) -> str:
    return run.horizon_start[:16].replace("T", " ")


def _sums(old: RecordedRun, new: RecordedRun) -> Markup:
    heads = [Head(""), *(Head(name, True) for name in (_night(old), _night(new), "more"))]
    of_money = (("what charging costs", "gross_cost"), ("objective", "objective"))
    counted = (("drivers served", "swaps_served"), ("drivers lost", "swaps_lost"), ("stations", "stations"))
    rows = [[Cell(f"{words}, {new.currency}"), *_moneys(getattr(old, name), getattr(new, name))]
            for words, name in of_money]  # fmt: skip
    for words, name in counted:
        was, now = getattr(old, name), getattr(new, name)
        rows.append([Cell(words), count_cell(was), count_cell(now), Cell(_count_words(now - was), now - was)])
    return table("Both nights", heads, rows)


def _count_words(more: int) -> str:
    return f"{more:+,}".replace("-", MINUS) if more else "0"


def _moneys(was: float | None, now: float | None) -> list[Cell]:
    difference = None if was is None or now is None else now - was
    return [money_cell(was), money_cell(now), Cell(signed_words(difference), difference)]


def _terms(explanation: Explanation | None) -> Markup:
    """Where the money went, by cost term, all stations that both nights plan together."""
    if explanation is None or not explanation.together.stations:
        return NOTHING
    terms = explanation.together
    told = [(TERM_WORDS[name], amount) for name, amount in terms.terms.items() if abs(amount) >= ROUNDS_TO_NOTHING]
    rows = [[Cell(words), Cell(signed_words(amount), amount)] for words, amount in told]
    rows.append([Cell("objective"), Cell(signed_words(terms.difference), terms.difference)])
    name = f"Where it went: {terms.stations:,} stations planned in both"
    return sheet(table(name, [Head("cost term"), Head("more", True)], rows, strong=("objective",)))


def _notes(comparison: RunComparison) -> Iterator[Markup]:
    for words, names in (
        ("New", comparison.only_in_new),
        ("Gone", comparison.only_in_old),
        ("No plan before", comparison.no_plan_in_old),
        ("No plan now", comparison.no_plan_in_new),
    ):
        if names:
            yield paragraph(f"{words} ({len(names):,}): {some_of(names)}", "note")


def _why(changes: Changes) -> Markup:
    """The stations that changed most, each in a line."""
    explanation, currency = changes.explanation, changes.comparison.new.currency
    if explanation is None:
        return paragraph("No station's objective has changed.", "note")
    if explanation.missing:
        return paragraph(f"Why is not known: {'; '.join(explanation.missing)}.", "note")
    lines = [station_line(one, currency).replace(" -", f" {MINUS}") for one in explanation.stations[:MOST_TOLD]]
    lines += [
        f"{one.station}: {difference_words(one.difference, currency)}, not told apart: {one.reason}"
        for one in explanation.unexplained[: MOST_TOLD - len(lines)]
    ]
    if explanation.not_in_time:
        lines.append(f"not in time: {some_of(explanation.not_in_time)}")
    if not lines:
        return NOTHING
    if len(explanation.stations) > 1:
        together = together_line(explanation, currency).replace(" -", f" {MINUS}")
        lines.insert(0, together[0].upper() + together[1:])
    content = tag("h3", Markup("Stations that changed most, and why")), listed(lines), paragraph(PARTS_NOTE, "note")
    return tag("div", *content, class_="sheet")
