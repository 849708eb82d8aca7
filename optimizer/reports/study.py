"""The report of a study: the answer first, then curves of costs, then each variant by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from optimizer.files.plain_text import counted, some_of
from optimizer.formats.study_document import VariantDocument
from optimizer.graphics.html_page import (
    Cell,
    Head,
    banner,
    heading,
    listed,
    money,
    page,
    paragraph,
    table,
)
from optimizer.graphics.markup import NOTHING, Markup, joined, tag, text
from optimizer.reports.answers.curves import cost_curves_part
from optimizer.reports.plan import made_by
from optimizer.reports.study_variant import variant_part
from optimizer.studies.folder import StudyResults, read_study_folder
from optimizer.studies.some_stations import only_stations
from optimizer.studies.summary import (
    NotForTariff,
    StudySummary,
    UnplannedNights,
    days_in_words,
    not_for_cases,
)
from optimizer.studies.tables import RankedTariff
from optimizer.summaries.saving_text import BASELINES_IN_WORDS

MOST_VARIANTS = 12  # drawn one by one
MOST_CASES = 200  # nights that went wrong
MOST_ANSWERS = 60
MOST_OUTSIDE = 30  # stations outside of a tariff
STATES = {"running": "still runs, or was killed", "interrupted": "was interrupted"}


def study_report(folder: Path, stations: Sequence[str] = ()) -> bytes:
    """The page of the study in `folder`, of all its stations or these. Raises InputErrors where it is not one, or its
    files contradict each other, and for names that are no station of it."""
    results = read_study_folder(folder)
    if stations:
        results = only_stations(results, stations, f"{folder}")
    summary = results.summary
    return page(
        f"Study {summary.name}",
        heading("Study of tariffs", summary.name, _scope(results), f"{folder}, costs in {summary.currency}"),
        study_content(results),
        made_by(summary.versions),
    )


def study_content(results: StudyResults) -> Markup:
    """All of the page but its heading and its end."""
    return joined([_warnings(results.summary), _answer(results), *cost_curves_part(results), *_variants(results)])


def _scope(results: StudyResults) -> str:
    summary = results.summary
    sizes = (
        (len(summary.stations), "station"),
        (summary.nights, "night"),
        (len(summary.tariffs), "tariff"),
        (len(summary.variants), "variant"),
    )
    when = f"{results.begin:%Y-%m-%d %H:%M} to {results.end:%Y-%m-%d %H:%M} {summary.time_zone}"
    counts = ", ".join(counted(*size) for size in sizes)
    return "; ".join(filter(None, (counts, part_in_words(results), when, days_in_words(summary))))


def part_in_words(results: StudyResults) -> str:
    """Which stations these are, where they are not all; empty where they are."""
    if not results.left_out:
        return ""
    names = results.summary.stations
    return f"only {some_of(names)} of the study's {len(names) + results.left_out:,} stations"


def _warnings(summary: StudySummary) -> Markup:
    parts = []
    if summary.status != "done":
        nights = summary.station_nights
        so_far = f"{nights.done:,} of {nights.all:,} nights of a station were planned; the same command goes on."
        parts.append(banner(f"This study {STATES[summary.status]}", paragraph(so_far)))
    if summary.failed:
        title = f"Not every night could be planned: {counted(len(summary.failed), 'chain')} of nights ended early"
        parts.append(banner(title, _went_wrong(summary.failed)))
    if summary.fallbacks:
        title = f"{counted(len(summary.fallbacks), 'night')} with charging on arrival only, in all sums below"
        parts.append(banner(title, _went_wrong(summary.fallbacks)))
    if summary.not_for:
        names = list(dict.fromkeys(one.tariff for one in summary.not_for))
        title = f"Not for all of these loads or days: {some_of(names)}"
        parts.append(banner(title, _not_for(summary.not_for)))
    return joined(parts)


def _not_for(found: Sequence[NotForTariff]) -> Markup:
    """The first month of each station that is outside of a tariff."""
    heads = [Head("tariff"), Head("variant"), Head("station"), Head("what is outside"), Head("more months", True)]
    rows = [
        [Cell(one.tariff), Cell(one.variant), Cell(one.station), Cell(one.rule), Cell(f"{more}" if more else "", more)]
        for one, more in not_for_cases(found)
    ]
    return table("Loads and days", heads, rows, most=MOST_OUTSIDE)


def _went_wrong(cases: Sequence[UnplannedNights]) -> Markup:
    rows = [
        [Cell(one.variant), Cell(one.station), Cell(one.night), Cell(one.tariff), Cell(one.reason)] for one in cases
    ]
    heads = [Head("variant"), Head("station"), Head("night"), Head("tariff"), Head("reason")]
    kept = [index for index in range(len(heads)) if any(row[index].words for row in rows)]
    shown = [[row[index] for index in kept] for row in rows]
    return table("What happened", [heads[index] for index in kept], shown, most=MOST_CASES)


def _answer(results: StudyResults) -> Markup:
    summary = results.summary
    cards = [_card(results, variant.id) for variant in summary.variants]
    sentences = listed(summary.answers, MOST_ANSWERS)
    return tag("section", tag("div", *cards, class_="answers"), tag("div", sentences, class_="sheet sentences"))


def _card(results: StudyResults, variant: str) -> Markup:
    """The winner of one variant, and by how much."""
    ranking, currency = results.ranking(variant), results.summary.currency
    name = [paragraph(variant, "kicker")] if len(results.summary.variants) > 1 else [paragraph("cheapest", "kicker")]
    if not ranking:
        return tag("div", *name, paragraph("no answer", "winner"), paragraph("Not every night could be planned."))
    best = ranking[0]
    lines = [paragraph(line, "more") for line in _margins(best, ranking, currency)]
    return tag(
        "div",
        *name,
        paragraph(best.tariff, "winner"),
        paragraph(f"{money(best.total_cost)} {currency}", "cost"),
        *lines,
    )


def _margins(best: RankedTariff, ranking: Sequence[RankedTariff], currency: str) -> Iterator[str]:
    if len(ranking) > 1:
        more = ranking[1].total_cost - best.total_cost
        share = f" ({100 * more / abs(best.total_cost):.1f} %)" if best.total_cost else ""
        yield f"next: {ranking[1].tariff}, {money(more)} more{share}"
    yield f"saves {_saving(best, currency)}"
    lost = f"{best.swaps_lost:,.0f} of {best.swaps_served + best.swaps_lost:,.0f} swaps lost"
    yield f"{lost}; {best.baseline_swaps_lost:,.0f} on arrival"


def _saving(best: RankedTariff, currency: str) -> str:
    """The smaller saving; of a study that does not know it, that of the total against charging on arrival."""
    amount, share = best.savings_amount, best.savings_share
    if amount is None:
        amount, share = best.saving, best.saving / abs(best.baseline_total_cost) if best.baseline_total_cost else None
    of = "" if share is None else f" ({100 * share:.1f} %)".replace("-", "−")
    return f"{money(amount)} {currency}{of} against {BASELINES_IN_WORDS[best.savings_against or 'on_arrival']}"


def _variants(results: StudyResults) -> Iterator[Markup]:
    """One after the other; the page's script shows one at a time."""
    variants = results.summary.variants
    if len(variants) == 1:
        yield variant_part(results, variants[0].id)
        return
    drawn = variants[:MOST_VARIANTS]
    buttons = [tag("button", text(one.id), type="button", data_shows=f"variant-{n}") for n, one in enumerate(drawn)]
    left = len(variants) - len(drawn)
    note = paragraph(f"{left:,} more variants are in the answer above, and not drawn.", "note") if left else NOTHING
    yield tag("div", *buttons, class_="choices", role="group", aria_label="Variant shown below")
    yield note
    for number, variant in enumerate(drawn):
        title = tag("h2", text(f"Variant: {variant.id}"), class_="chapter")
        content = [title, paragraph(_changes(variant), "lead"), variant_part(results, variant.id)]
        yield tag("div", *content, class_="variant", id=f"variant-{number}")


def _changes(variant: VariantDocument) -> str:
    """What is different in it."""
    given = (
        (variant.packs, "{:,} packs"),
        (variant.chargers, "{:,} chargers"),
        (variant.charger_kw, "chargers of {:,g} kW"),
        (variant.grid_limit_kw, "grid limit {:,g} kW"),
    )
    growth = variant.demand_growth
    more = "more" if growth > 0 else "fewer"
    changes = [f"{100 * abs(growth):.3g} % {more} drivers" if growth else "as many drivers"]
    changes += [words.format(value) for value, words in given if value is not None]
    return ", ".join(changes)
