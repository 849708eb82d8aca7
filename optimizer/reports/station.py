"""The part of a report that shows one station's plan."""

from __future__ import annotations

from collections.abc import Iterator

from models.station.cost import Cost
from models.station.instance import Night
from models.station.overload import stated_kw
from models.station.starts import WEAK_KW, ChargingFigures, charging_figures
from optimizer.files.plain_text import counted
from optimizer.graphics.charts import hue
from optimizer.graphics.html_page import (
    UNKNOWN,
    Cell,
    Head,
    banner,
    figure,
    legend,
    money,
    money_cell,
    paragraph,
    percent,
    section,
    table,
    tiles,
)
from optimizer.graphics.markup import NOTHING, Markup, joined, tag
from optimizer.reports.load_chart import Peak, load_chart, peaks_of, shows_limit
from optimizer.reports.reported_plan import ReportedStation
from optimizer.reports.savings import saving_tile, savings_part
from optimizer.reports.station_charts import bays_chart, cost_chart, demand_word, lost_swaps, ready_chart
from optimizer.reports.station_tables import hand_over_table, lost_table, sheet, slack_tile
from optimizer.reports.station_view import StationView, view_of
from optimizer.summaries.saving_text import COST_LINES, ROUNDS_TO_NOTHING

MOST_VIOLATIONS = 200
ALONE = (
    "Drawn from the plan alone. Price, grid limit, base load, ready packs and the check are in the instance: name it "
    "with --instance to see them. Costs, bound and baseline are as the plan's file tells them."
)
UNBILLED = "This plan is too broken to be billed: its series do not fit the horizon."


def station_section(reported: ReportedStation, currency: str, place: str | None = None) -> Markup:
    """Everything about one station: key figures, drawings, costs, hand-overs. Links lead to its `place`."""
    view = view_of(reported.planned, reported.night)
    peaks = peaks_of(view)
    return section(
        f"Station {reported.planned.station}",
        paragraph(_horizon(view), "lead"),
        _violations(reported),
        tiles(_tiles(reported, view, currency)),
        _load(view, currency, peaks),
        _peak_table(peaks),
        _bays(view),
        NOTHING if view.night is None else _ready(view, view.night),
        _costs(reported, currency),
        lost_table(view),
        hand_over_table(view),
        place=place,
    )


def _horizon(view: StationView) -> str:
    if view.night is None:
        return f"{view.slots:,} slots"
    horizon = view.night.horizon
    first, last = horizon.local_slot_start(0), horizon.end.astimezone(horizon.zone)
    length = f"{horizon.slots:,} slots of {horizon.slot_minutes} minutes"
    return f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} {horizon.time_zone}, {length}"


def _violations(reported: ReportedStation) -> Markup:
    if not reported.violations:
        return NOTHING
    rows = [[Cell(v.rule), Cell(v.where), Cell(str(v.found)), Cell(str(v.limit))] for v in reported.violations]
    heads = [Head("rule"), Head("where"), Head("found"), Head("limit")]
    rules = len({violation.rule for violation in reported.violations})
    title = f"This plan breaks rules: {counted(len(rows), 'violation')} of {counted(rules, 'rule')}"
    return banner(title, table("What the check found", heads, rows, most=MOST_VIOLATIONS))


def _tiles(reported: ReportedStation, view: StationView, currency: str) -> Iterator[tuple[str, str, str]]:
    result, (served, lost) = reported.result, reported.swaps
    if result is None:
        yield f"Objective, {currency}", UNKNOWN, UNBILLED
    else:
        yield f"Objective, {currency}", money(result.objective), f"charging costs {money(result.gross_cost)}"
        yield saving_tile(result.savings, result.saving, currency)
    yield "Proven gap", percent(reported.gap), reported.proof()
    yield "Swaps", f"{served:,} served", f"{lost:,} lost"
    yield from slack_tile(view)
    figures = charging_figures(reported.planned.schedule)
    yield "Starts", f"{figures.starts:,}", starts_below(figures)
    yield "Peak", f"{max(view.drawn_kw):,.1f} kW", _limit(view.night) if view.night else "into packs, losses left out"


def starts_below(figures: ChargingFigures) -> str:
    """What stands below the number of starts."""
    weak = f", {counted(figures.weak_set_points, 'slot')} below {WEAK_KW:g} kW" if figures.weak_set_points else ""
    return f"of {counted(figures.stays_charged, 'pack')} that charge{weak}"


def _limit(night: Night) -> str:
    limit = stated_kw(night.station)
    return f"from the grid, limit {max(limit):,.0f}" + ("" if min(limit) == max(limit) else " at most")


def _load(view: StationView, currency: str, peaks: list[Peak]) -> Markup:
    keys = [(f"{hue(index)}", f"packs of type {kind}") for index, kind in enumerate(view.kinds)] or [("c1", "packs")]
    if view.night is not None:
        keys += [("base", "base load")] if any(view.night.station.base_load_kw) else []
        keys += [("sun", "solar power used"), ("line total", "drawn from the grid")] if any(view.solar_kw) else []
        keys += [("line limit", "grid limit")] if shows_limit(view, peaks) else []
        keys += [("line price", f"price, {currency}/kWh")]
    keys += [("line peak", "billed peak")] if peaks else []
    keys += [("line peak already", "billed already")] if any(peak.is_raised for peak in peaks) else []
    keys += [("line average", "metered average")] if any(peak.each > 1 for peak in peaks) else []
    return figure("Load by pack", load_chart(view, currency, peaks), legend(keys), _load_note(view, peaks))


def _load_note(view: StationView, peaks: list[Peak]) -> str:
    said = ["Each layer is one pack, those of the lowest bay at the bottom; point at it for its name and power."]
    if any(view.solar_kw):
        said.append("What lies below zero is fed by the station's own solar power.")
    if view.night is not None and not shows_limit(view, peaks):
        said.append("The grid limit lies far above.")
    if view.night is not None and view.night.tariff_series.tiers:
        said.append("What tiers add for the month's kWh is not in the price.")
    if any(peak.each > 1 for peak in peaks):
        said.append("What is billed is an average over several slots: single ones may lie above it.")
    if view.columns.each > 1:
        said.append(f"Each column is the mean of {view.columns.each} slots.")
    return " ".join(said)


def _peak_table(peaks: list[Peak]) -> Markup:
    if not peaks:
        return NOTHING
    names = ("billed already, kW", "tonight, kW", "billed after it, kW")
    heads = [Head("demand charge"), *(Head(name, True) for name in names)]
    rows = [
        [Cell(peak.name), *(Cell(f"{kw:,.1f}", kw) for kw in (peak.floor_kw, peak.highest_kw, peak.billed_kw))]
        for peak in peaks
    ]
    return sheet(table("Demand charges: highest metered averages", heads, rows))


def _bays(view: StationView) -> Markup:
    keys = [
        (hue(index), f"charging a {kind}" if kind else "charging") for index, kind in enumerate(view.kinds or ("",))
    ]
    keys += [("stay", "in its bay"), ("handed", "handed over to a driver")]
    keys += [("level", "state of charge, as high as it is full")] if view.night else []
    keys += [("lost", "swap lost")] if lost_swaps(view) else []
    note = "The stronger the colour, the more power. Point at a block or a mark for pack, energy and time."
    return figure("Bays", bays_chart(view), legend(keys), note)


def _ready(view: StationView, night: Night) -> Markup:
    demand = f"{demand_word(night)} in the hour"
    keys = [("line ready", "packs ready to hand over, the slot's swaps done")]
    keys += [("readied", "packs that become ready in the hour"), ("demand", demand)]
    keys += [("demand missed", "of these lost")] if lost_swaps(view) else []
    keys += [("line reserve", "reserve asked for")] if any(night.station.ready_reserve) else []
    return figure("Ready packs and demand", ready_chart(view, night), legend(keys))


def _costs(reported: ReportedStation, currency: str) -> Markup:
    result = reported.result
    if result is None:
        return NOTHING
    baseline = result.baseline_objective if reported.baseline is None else reported.baseline
    costs = cost_part(result.cost, baseline, result.bound, currency)
    return joined([costs, savings_part(result.savings, currency)])


def cost_part(cost: Cost, baseline: Cost | float, bound: float | None, currency: str) -> Markup:
    """What the plan costs beside charging on arrival (of which perhaps only the objective is known) and the bound."""
    bars = [("This plan", cost), ("Charging on arrival", baseline)]
    known = [one for one in (cost, baseline) if isinstance(one, Cost)]
    keys = [(f"cost-{field.replace('_', '-')}", words) for field, words in COST_LINES if _matters(known, field)]
    keys += [("credit paid-back", "worth of energy left inside")] if _matters(known, "end_value") else []
    keys += [("line bound", "bound")] if bound is not None else []
    note = "Each bar ends at its objective. Left of zero: what is paid back."
    if _matters(known, "end_value"):
        note += " Energy left in the packs is worth something."
    drawn = figure("Costs", cost_chart(bars, bound, currency), legend(keys), note, css="small")
    return tag("div", drawn, sheet(_bill(cost, baseline, bound, currency)), class_="side")


def _matters(costs: list[Cost], field: str) -> bool:
    return field == "energy" or any(abs(getattr(cost, field)) >= ROUNDS_TO_NOTHING for cost in costs)


def _bill(cost: Cost, baseline: Cost | float, bound: float | None, currency: str) -> Markup:
    known = [one for one in (cost, baseline) if isinstance(one, Cost)]
    lines = [(words, field, 1) for field, words in COST_LINES if _matters(known, field)]
    lines.append(("worth of energy left inside", "end_value", -1))
    lines.append(("objective", "objective", 1))
    after = [("base load alone, in the above", "base_bill", 1), ("what charging costs", "gross_cost", 1)]
    rows = [_bill_row(words, field, sign, cost, baseline) for words, field, sign in lines + after]
    if bound is not None:
        rows.insert(len(lines), [Cell("bound on every plan"), money_cell(bound), Cell("")])
    heads = [Head(f"in {currency}"), Head("this plan", True), Head("on arrival", True)]
    return table("The bill", heads, rows, strong=("objective",))


def _bill_row(words: str, field: str, sign: int, cost: Cost, baseline: Cost | float) -> list[Cell]:
    if isinstance(baseline, Cost):
        other: float | None = sign * getattr(baseline, field)
    else:
        other = baseline if field == "objective" else None
    return [Cell(words), money_cell(sign * getattr(cost, field)), Cell("") if other is None else money_cell(other)]
