"""The part of a study's report that shows one variant: costs, bills, what moved, mean days, nights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.files.plain_text import counted, some_of
from optimizer.graphics.html_page import (
    UNKNOWN,
    Cell,
    Head,
    count_cell,
    figure,
    legend,
    money,
    money_cell,
    number_cell,
    paragraph,
    percent,
    percent_cell,
    section,
    table,
)
from optimizer.graphics.markup import NOTHING, Markup, joined, tag, text
from optimizer.reports.answers.by_station import best_at_stations
from optimizer.reports.answers.month_bounds import month_bounds
from optimizer.reports.answers.why import why_dearer
from optimizer.reports.station_tables import sheet
from optimizer.reports.study_charts import COST_PARTS, OTHER_DAYS, nights_chart, ranking_chart
from optimizer.reports.study_energy import MOST_TARIFFS, left_out, mean_days, shifted_energy
from optimizer.reports.study_totals import BillSum, MonthCoverage, bill_sums, coverage, night_sums
from optimizer.studies.folder import StudyResults
from optimizer.studies.summary import YEARS_IN_PART, MonthBound
from optimizer.studies.tables import NightRow, RankedTariff
from optimizer.summaries.saving_text import ROUNDS_TO_NOTHING

MOST_NIGHTS = 200
MOST_COLUMNS = 6  # tariffs beside each other
IN_ALL = " in all"
BOUNDS = (
    "Each night is planned by itself, from the packs and the month's peaks and kWh that the night before left, with "
    "the hours that it looks ahead at. Its bound says: given that, no plan for this night and those hours is below it, "
    "with demand charges weighted as the study asks. So hours looked ahead at are counted twice here, and the sum of "
    "the nights' bounds is therefore no bound on the whole month: other plans for earlier nights could make later ones "
    "cheaper."
)
NIGHT_COSTS = (
    "All stations together: energy, demand charges as each night's plan weighs them, lost swaps; no fixed charges. "
)
SUMS = "All stations together; bills.csv has those of each station."


def variant_part(results: StudyResults, variant: str) -> Markup:
    """Everything about one variant; only its nights where no answer could be given."""
    ranking = results.ranking(variant)
    if not ranking:
        words = "Not every night of this variant could be planned: it has no ranking and no bills. Its nights so far:"
        return joined([paragraph(words, "hint"), _nights(results, variant, results.summary.tariffs)])
    tariffs = [one.tariff for one in ranking]
    return joined(
        [
            _costs(results, ranking),
            best_at_stations(results, variant, tariffs),
            _bills(results, variant, ranking),
            shifted_energy(results, ranking),
            mean_days(results, variant, tariffs),
            _nights(results, variant, tariffs),
        ]
    )


def _costs(results: StudyResults, ranking: Sequence[RankedTariff]) -> Markup:
    currency = results.summary.currency
    drawn = ranking[:MOST_TARIFFS]
    parts = [part for part in COST_PARTS if _matters(ranking, part[0])]
    keys = [(css, words) for _, words, css in parts]
    keys += [("credit paid-back", "worth of energy left in the packs")] if _matters(ranking, "stock_value") else []
    keys += [("credit paid-back", OTHER_DAYS)] if _matters(ranking, "other_days") else []
    keys += [("line marked", "charging on arrival, in all")]
    note = f"In {currency}. Each bar ends at its total. Left of zero: what is paid back.{left_out(len(ranking))}"
    alone = f"Total cost by tariff, {currency}"
    chart = figure("Total cost by tariff", ranking_chart(drawn, currency), legend(keys), note, css="small", alone=alone)
    return section(
        "Costs by tariff",
        tag("div", chart, sheet(_short_table(ranking, currency)), class_="side"),
        sheet(_cost_table(ranking, parts, currency)),
        why_dearer(ranking, currency),
        sheet(_proof_table(ranking, currency)),
        paragraph(BOUNDS, "note"),
        month_bounds(ranking, _bounds_of(results, ranking), currency),
    )


def _bounds_of(results: StudyResults, ranking: Sequence[RankedTariff]) -> list[MonthBound]:
    return [one for one in results.summary.month_bounds if one.variant == ranking[0].variant]


def _matters(ranking: Sequence[RankedTariff], field: str) -> bool:
    return field == "energy" or any(abs(getattr(one, field)) >= ROUNDS_TO_NOTHING for one in ranking)


def _short_table(ranking: Sequence[RankedTariff], currency: str) -> Markup:
    cheapest = ranking[0].total_cost
    heads = [Head("tariff"), *(Head(name, True) for name in ("total", "more", "saving"))]
    rows = [
        [
            Cell(one.tariff),
            money_cell(one.total_cost),
            _share(one.total_cost - cheapest, cheapest),
            _share(one.saving, one.baseline_total_cost),
        ]
        for one in ranking
    ]
    name = f"Totals in {currency}, how much more than the cheapest, and saving against charging on arrival"
    return table(name, heads, rows, sortable=True)


def _share(part: float, whole: float) -> Cell:
    share = part / abs(whole) if whole else None
    return Cell(UNKNOWN if share is None else f"{100 * share:.1f} %".replace("-", "−"), share)


def _cost_table(ranking: Sequence[RankedTariff], parts: Sequence[tuple[str, str, str]], currency: str) -> Markup:
    names = [words for _, words, _ in parts]
    has_other_days = _matters(ranking, "other_days")
    less = ["less other days"] if has_other_days else []
    heads = [Head("tariff"), *(Head(name, True) for name in (*names, *less, "less stock", "total", "on arrival"))]
    rows = [
        [
            Cell(one.tariff),
            *(money_cell(getattr(one, field)) for field, _, _ in parts),
            *([money_cell(-one.other_days)] if has_other_days else []),
            *(money_cell(value) for value in (-one.stock_value, one.total_cost, one.baseline_total_cost)),
        ]
        for one in ranking
    ]
    return table(f"What the totals are made of, {currency}", heads, rows, sortable=True)


def _proof_table(ranking: Sequence[RankedTariff], currency: str) -> Markup:
    names = ("swaps served", "lost", "lost on arrival", "nights' objectives", "sum of the nights' bounds", "gap")
    heads = [Head("tariff"), *(Head(name, True) for name in names)]
    rows = [
        [
            Cell(one.tariff),
            *(number_cell(value) for value in (one.swaps_served, one.swaps_lost, one.baseline_swaps_lost)),
            *map(money_cell, (one.objective, one.bound)),
            percent_cell(_gap(one)),
        ]
        for one in ranking
    ]
    return table(f"Service, and proof night by night, {currency}", heads, rows, sortable=True)


def _gap(one: RankedTariff) -> float | None:
    """None to speak of where it is less than money has coins for."""
    is_nothing = one.bound is not None and one.objective - one.bound < ROUNDS_TO_NOTHING
    return 0.0 if is_nothing else one.gap


def _bills(results: StudyResults, variant: str, ranking: Sequence[RankedTariff]) -> Markup:
    months = list(coverage(results.begin, results.end))
    bills = {one.tariff: bill_sums(results.tables.bills_of.get((variant, one.tariff), ())) for one in ranking}
    folded = [_bill(results, one, bills[one.tariff]) for one in ranking[:MOST_TARIFFS]]
    return section(
        "Monthly bills",
        paragraph(f"What the utility would write, to the cent. {SUMS}{left_out(len(ranking))}", "lead"),
        _in_part(months),
        _years_in_part(results.summary.years_in_part),
        _by_month(ranking, bills, results.summary.currency) if len(months) > 1 else NOTHING,
        *folded,
    )


def _in_part(months: Sequence[MonthCoverage]) -> Markup:
    parts = [f"{one.month} ({one.covered_days:.3g} of {one.days} days)" for one in months if not one.is_whole]
    if not parts:
        return NOTHING
    words = (
        f"Covered in part only: {', '.join(parts)}. Charges a day are billed for those days, demand charges on their "
        "highest peak, and all other fixed and minimum charges whole. "
        "Totals have these charges of a month for the covered days only."
    )
    return paragraph(words, "hint")


def _years_in_part(years: Sequence[str]) -> Markup:
    return paragraph(f"{YEARS_IN_PART}. {some_of(years)}.", "hint") if years else NOTHING


def _by_month(ranking: Sequence[RankedTariff], bills: dict[str, list[BillSum]], currency: str) -> Markup:
    """A row a month, a column for each of the cheapest tariffs, and what both come to."""
    shown = [bills[one.tariff] for one in ranking[:MOST_COLUMNS]]
    heads = [Head("month"), *(Head(one.tariff, True) for one in ranking[:MOST_COLUMNS])]
    rows = [
        [Cell(month), *(money_cell(sum(line.amount for line in lines if line.month == month)) for lines in shown)]
        for month in sorted({line.month for lines in shown for line in lines})
    ]
    rows.append([Cell("in all"), *(money_cell(sum(line.amount for line in lines)) for lines in shown)])
    rows.append([Cell("on arrival"), *(money_cell(sum(line.baseline_amount for line in lines)) for lines in shown)])
    left = len(ranking) - len(shown)
    note = f", the {MOST_COLUMNS} cheapest tariffs" if left > 0 else ""
    return sheet(table(f"Bills by month, {currency}{note}", heads, rows, strong=("in all",)))


def _bill(results: StudyResults, one: RankedTariff, lines: Sequence[BillSum]) -> Markup:
    """One tariff's bill, folded."""
    on_arrival = sum(line.baseline_amount for line in lines)
    currency = results.summary.currency
    words = tag("span", text(f"{money(one.bill)} {currency}; on arrival {money(on_arrival)}"), class_="aside")
    names = ("quantity", "unit", "rate", f"amount, {currency}", "quantity on arrival", f"amount on arrival, {currency}")
    heads = [Head("month"), Head("kind"), Head("name"), *(Head(name, name != "unit") for name in names)]
    rows = list(_bill_rows(lines))
    strong = sorted({row[0].words for row in rows if row[0].words.endswith(IN_ALL)})
    return _folded(one.tariff, words, table(f"Bill under {one.tariff}", heads, rows, strong=strong), "sheet printed")


def _bill_rows(lines: Sequence[BillSum]) -> Iterator[list[Cell]]:
    for month in dict.fromkeys(line.month for line in lines):
        of_month = [line for line in lines if line.month == month]
        for line in of_month:
            yield [
                Cell(line.month),
                Cell(line.kind.replace("_", " ")),
                Cell(line.name),
                number_cell(line.quantity, 1),
                Cell(line.unit),
                Cell(UNKNOWN if line.rate is None else f"{line.rate:,.6g}", line.rate),
                money_cell(line.amount),
                number_cell(line.baseline_quantity, 1),
                money_cell(line.baseline_amount),
            ]
        sums = [sum(line.amount for line in of_month), sum(line.baseline_amount for line in of_month)]
        blank = Cell("")
        yield [Cell(f"{month}{IN_ALL}"), *[blank] * 5, money_cell(sums[0]), blank, money_cell(sums[1])]


def _folded(name: str, beside: Markup, content: Markup, css: str = "sheet") -> Markup:
    """Content under a line that opens it."""
    return tag("details", tag("summary", tag("strong", text(name)), beside), content, class_=css)


def _nights(results: StudyResults, variant: str, tariffs: Sequence[str]) -> Markup:
    drawn, summary = tariffs[:MOST_TARIFFS], results.summary
    sums = {name: night_sums(results.tables.nights_of.get((variant, name), ())) for name in drawn}
    if not any(sums.values()):
        return section("Nights", paragraph("No night is planned.", "lead"))
    costs = [one.gross_cost for nights in sums.values() for one in nights.values()]
    lost = [one.swaps_lost for nights in sums.values() for one in nights.values()]
    first, count, currency = summary.first_night, summary.nights, summary.currency
    cost_map = nights_chart(sums, "gross_cost", first, count, f" {currency}", "What charging cost in each night")
    lost_map = nights_chart(sums, "swaps_lost", first, count, " swaps lost", "Swaps lost in each night")
    note = f"{NIGHT_COSTS}From {money(min(costs))} (pale) to {money(max(costs))} {currency} (strong)."
    alone = f"What charging cost in each night, {currency}"
    figures = [figure("What charging cost", cost_map, note=note + left_out(len(tariffs)), alone=alone)]
    if any(lost):
        most = f"At most {counted(max(lost), 'swap')} in a night; nothing is drawn where none was lost."
        figures.append(figure("Swaps lost", lost_map, note=most, alone="Swaps lost in each night"))
    return section("Nights", *figures, _night_table(results, variant))


def _night_table(results: StudyResults, variant: str) -> Markup:
    rows = [row for row in results.tables.nights if row.variant == variant]
    ranked = sorted(rows, key=lambda row: -(float("inf") if row.gap_money is None else row.gap_money))
    names = ("gap in money", "gap", "charging", "on arrival", "peak, kW", "served", "lost")
    heads = [Head("night"), Head("station"), Head("tariff"), Head("status"), *(Head(name, True) for name in names)]
    words = f"{len(rows):,} nights of a station under a tariff; the largest gap in money first"
    if len(rows) > MOST_NIGHTS:
        words += f"; the table has the first {MOST_NIGHTS}, nights.csv has all"
    beside = tag("span", text(words), class_="aside")
    nights = table("Nights", heads, [_night(row) for row in ranked[:MOST_NIGHTS]], sortable=True)
    return _folded("Night by night", beside, nights)


def _night(row: NightRow) -> list[Cell]:
    return [
        Cell(row.night.isoformat()),
        Cell(row.station),
        Cell(row.tariff),
        Cell(row.status.replace("_", " ")),
        money_cell(row.gap_money),
        Cell(percent(row.gap), row.gap),
        money_cell(row.gross_cost),
        money_cell(row.baseline_gross_cost),
        number_cell(row.peak_kw, 1),
        *map(count_cell, (row.swaps_served, row.swaps_lost)),
    ]
