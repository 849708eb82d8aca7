"""The parts of a study's report on energy under each tariff: what moved from period to period, and the mean day."""

from __future__ import annotations

from collections.abc import Sequence

from optimizer.files.plain_text import counted
from optimizer.graphics.html_page import (
    UNKNOWN,
    Cell,
    Head,
    figure,
    legend,
    listed,
    number_cell,
    paragraph,
    section,
    table,
)
from optimizer.graphics.markup import Markup, tag
from optimizer.reports.station_tables import sheet
from optimizer.reports.study_charts import DayScales, day_chart, periods_chart
from optimizer.reports.study_totals import EnergyShift, PeriodSum, bill_sums, energy_shifts, mean_day, period_sums
from optimizer.studies.folder import StudyResults
from optimizer.studies.tables import RankedTariff

MOST_TARIFFS = 12  # drawn one by one: the cheapest
MOST_MOVES = 5
MOVED = (
    "kWh drawn by price period, the dearest first; a price is the mean of the nights' prices. What left the dearest "
    "periods is told as gone to the cheapest. Not drawn at all is what lost swaps and emptier packs at the end spare. "
    "All bars have one scale."
)


def left_out(tariffs: int) -> str:
    """What is said of tariffs that are not drawn."""
    left = tariffs - MOST_TARIFFS
    return f" Drawn are the {MOST_TARIFFS} cheapest, {left:,} are left out." if left > 0 else ""


def shifted_energy(results: StudyResults, ranking: Sequence[RankedTariff]) -> Markup:
    """kWh by price period, before and after, with what went from where to where."""
    drawn = ranking[:MOST_TARIFFS]
    currency = results.summary.currency
    periods = {one.tariff: period_sums(results.tables.periods_of[one.variant, one.tariff]) for one in ranking}
    most_kwh = max(max(p.kwh, p.baseline_kwh) for one in drawn for p in periods[one.tariff])
    keys = legend([("against", "charging on arrival"), ("c1", "as planned")])
    figures = [
        figure(
            one.tariff,
            periods_chart(periods[one.tariff], most_kwh, currency, one.tariff),
            _shift_list(periods[one.tariff], currency),
            css="small",
            alone=f"{one.tariff}: energy by price period, kWh",
        )
        for one in drawn
    ]
    return section(
        "What moved, and why",
        paragraph(MOVED + left_out(len(ranking)), "lead"),
        sheet(_moved_table(results, ranking, periods)),
        keys,
        tag("div", *figures, class_="side"),
    )


def _shift_list(periods: Sequence[PeriodSum], currency: str) -> Markup:
    if len(periods) == 1:
        return paragraph("It has one price period: its mean day shows when it draws.", "note")
    found = energy_shifts(periods)
    if not found:
        return paragraph("Hardly anything moved.", "note")
    shown = sorted(found, key=lambda shift: -shift.kwh)
    return listed([_described(shift, currency) for shift in shown], MOST_MOVES)


def _described(shift: EnergyShift, currency: str) -> str:
    kwh = f"{shift.kwh:,.0f} kWh"
    match shift:
        case EnergyShift(source=PeriodSum() as source, target=PeriodSum() as target):
            apart = source.price_per_kwh - target.price_per_kwh
            difference = f"{abs(apart):,.4g} {currency}/kWh {'cheaper' if apart > 0 else 'dearer'}"
            return f"{kwh} from {source.name} to {target.name}, {difference}"
        case EnergyShift(source=PeriodSum() as source):
            return f"{kwh} from {source.name} are not drawn at all"
    return f"{kwh} are drawn in addition, in {shift.target.name if shift.target else UNKNOWN}"


def _moved_table(results: StudyResults, ranking: Sequence[RankedTariff], periods: dict[str, list[PeriodSum]]) -> Markup:
    names = ("kWh", "on arrival", "moved, kWh", "mean price", "on arrival", "peak, kW", "on arrival")
    heads = [Head("tariff"), *(Head(name, True) for name in names)]
    rows = []
    for one in ranking:
        of_tariff = periods[one.tariff]
        kwh, on_arrival_kwh = sum(p.kwh for p in of_tariff), sum(p.baseline_kwh for p in of_tariff)
        moved_kwh = sum(shift.kwh for shift in energy_shifts(of_tariff) if shift.source and shift.target)
        lines = [
            line
            for line in bill_sums(results.tables.bills_of.get((one.variant, one.tariff), ()))
            if line.kind.startswith("energy")
        ]
        paid, on_arrival = sum(line.amount for line in lines), sum(line.baseline_amount for line in lines)
        cells = [number_cell(kwh), number_cell(on_arrival_kwh), number_cell(moved_kwh), _price(paid, kwh)]
        cells += [_price(on_arrival, on_arrival_kwh), number_cell(one.peak_kw, 1), number_cell(one.baseline_peak_kw, 1)]
        rows.append([Cell(one.tariff), *cells])
    name = f"Energy, its mean price in {results.summary.currency}/kWh, and the peak of one station in one slot"
    return table(name, heads, rows, sortable=True)


def _price(paid: float, kwh: float) -> Cell:
    return Cell(f"{paid / kwh:,.4f}".replace("-", "−"), paid / kwh) if kwh else Cell(UNKNOWN)


def mean_days(results: StudyResults, variant: str, tariffs: Sequence[str]) -> Markup:
    """The mean day under each tariff."""
    drawn = tariffs[:MOST_TARIFFS]
    by_tariff = {name: mean_day(results.tables.profiles_of[variant, name], results.begin) for name in drawn}
    prices = [price for day in by_tariff.values() for price in day.price_per_kwh]
    most_kw = max(max(*day.kw, *day.baseline_kw) for day in by_tariff.values())
    scales, currency = DayScales(most_kw, (min(prices), max(prices))), results.summary.currency
    keys = legend([("c1", "as planned"), ("line against", "charging on arrival"), ("line price", "mean price")])
    alone = f"mean day, load in kW and price in {currency}/kWh"
    figures = [
        figure(name, day_chart(day, scales, currency, name), css="small", alone=f"{name}: {alone}")
        for name, day in by_tariff.items()
    ]
    lead = f"Load of all stations by the local clock, the mean of {counted(results.summary.nights, 'night')}."
    return section(
        "The mean day",
        paragraph(f"{lead} All drawings have one scale.{left_out(len(tariffs))}", "lead"),
        keys,
        tag("div", *figures, class_="side"),
    )
