"""The part of a study's page with curves: total costs over packs, chargers, kW or drivers, their knees marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from optimizer.files.plain_text import counted
from optimizer.graphics.charts import clipped
from optimizer.graphics.html_page import Cell, Head, figure, listed, money_cell, section, table
from optimizer.graphics.markup import Markup, tag
from optimizer.graphics.svg import number_text
from optimizer.reports.answers.curve_charts import CurveMark, CurveStep, curve_chart
from optimizer.reports.station_tables import sheet
from optimizer.reports.study_energy import MOST_TARIFFS
from optimizer.studies.answers.curve_words import CurveScope, curve_words
from optimizer.studies.answers.curves import GROWTH, OF_KEY, Parameter, curve_groups, curve_rows
from optimizer.studies.folder import StudyResults
from optimizer.studies.summary import CheapestChange, CostCurve
from optimizer.studies.tables import CurveRow

MOST_COLUMNS = 4  # tariffs in a table
MOST_LETTERS = 28
KNEE = "Knee: the point farthest below the straight line from a curve's first point to its last."


def cost_curves_part(results: StudyResults) -> Iterator[Markup]:
    """A section for each group of variants that differ in one parameter only; growth of demand first."""
    groups = curve_groups(results.summary.curves)
    for group in sorted(groups, key=lambda curves: curves[0].parameter != GROWTH):
        yield _part(results, group)


def _part(results: StudyResults, curves: Sequence[CostCurve]) -> Markup:
    summary, parameter = results.summary, OF_KEY[curves[0].parameter]
    drawn = _worth_drawing(curves)
    flips = _flips(results, curves)
    marks = [*(_flip_mark(flip) for flip in flips), *_knee_marks(drawn, parameter)]
    steps = [
        CurveStep(variant, value, _tick(parameter, value), {one.tariff: one.total_costs[n] for one in drawn})
        for n, (variant, value) in enumerate(zip(curves[0].variants, curves[0].values, strict=True))
    ]
    title, note = f"Total cost by tariff, {summary.currency}", _note(curves, drawn, flips)
    chart = curve_chart(steps, marks, [one.tariff for one in drawn], summary.currency, _said(steps, parameter))
    return section(
        f"{parameter.name[0].upper()}{parameter.name[1:]}, {steps[0].words} to {steps[-1].words}",
        figure(title, chart, note=note, alone=f"{title}, over {parameter.over}"),
        *_told(results, drawn, parameter),
    )


def _worth_drawing(curves: Sequence[CostCurve]) -> list[CostCurve]:
    """All tariffs, or of many those that come nearest to being the cheapest somewhere."""
    by_cost = [sorted(costs) for costs in zip(*(curve.total_costs for curve in curves), strict=True)]
    best = {
        curve.tariff: min(order.index(cost) for order, cost in zip(by_cost, curve.total_costs, strict=True))
        for curve in curves
    }
    near = sorted(best, key=lambda tariff: best[tariff])[:MOST_TARIFFS]
    return [curve for curve in curves if curve.tariff in near]


def _flips(results: StudyResults, curves: Sequence[CostCurve]) -> list[CheapestChange]:
    """Where growth changes the cheapest tariff, between these variants."""
    names = curves[0].variants if curves[0].parameter == GROWTH else ()
    return [flip for flip in results.summary.flips if flip.first in names and flip.second in names]


def _flip_mark(flip: CheapestChange) -> CurveMark:
    growth, before, after = f"{100 * flip.growth:+.0f} %", flip.before, flip.after
    words = f"{growth}: {clipped(before, MOST_LETTERS)} → {clipped(after, MOST_LETTERS)}".replace("-", "−", 1)
    return CurveMark(flip.growth, words, f"At about {growth} drivers the answer flips from {before} to {after}")


def _knee_marks(curves: Sequence[CostCurve], parameter: Parameter) -> Iterator[CurveMark]:
    """A mark for each value at which some tariff's curve has its knee."""
    for knee in sorted({curve.knee for curve in curves if curve.knee is not None}):
        names = [curve.tariff for curve in curves if curve.knee == knee]
        told = clipped(names[0], MOST_LETTERS) if len(names) == 1 else counted(len(names), "tariff")
        words = f"{_tick(parameter, knee)}: knee of {'all tariffs' if 1 < len(names) == len(curves) else told}"
        yield CurveMark(knee, words, f"{parameter.words(knee)}: knee under {', '.join(names)}")


def _tick(parameter: Parameter, value: float) -> str:
    return formatted_growth(value) if parameter.key == GROWTH else number_text(value)


def formatted_growth(growth: float) -> str:
    """A share of drivers more, in words."""
    return "as it is" if growth == 0 else f"{100 * growth:+.3g} %".replace("-", "−")


def _said(steps: Sequence[CurveStep], parameter: Parameter) -> str:
    said = "; ".join(f"{step.words}: {min(step.costs, key=step.costs.__getitem__)} is the cheapest" for step in steps)
    return f"Total costs over {parameter.over}. {said}"


def _note(curves: Sequence[CostCurve], drawn: Sequence[CostCurve], flips: Sequence[CheapestChange]) -> str:
    left, is_growth = len(curves) - len(drawn), curves[0].parameter == GROWTH
    note = "Points are planned, lines between them are straight. "
    note += f"{counted(left, 'tariff')} left out that never come near. " if left else ""
    if is_growth:
        note += "Dashed: where the cheapest changes. " if flips else "The cheapest tariff is the same throughout. "
    note += f"{KNEE} " if any(curve.knee is not None for curve in drawn) else ""
    return (note + OF_KEY[curves[0].parameter].note).rstrip()


def _told(results: StudyResults, curves: Sequence[CostCurve], parameter: Parameter) -> Iterator[Markup]:
    """What the curves say in sentences, and their numbers; of growth its knees only."""
    summary = results.summary
    scope = CurveScope(summary.currency, summary.nights, len(summary.stations))
    shown = [curve for curve in curves if parameter.key != GROWTH or curve.knee is not None]
    if shown:
        sentences = listed(f"{curve.tariff}: {curve_words(curve, scope)}." for curve in shown)
        yield tag("div", sentences, class_="sheet sentences")
    if parameter.key != GROWTH:
        yield sheet(_table(curves, parameter, summary.currency))


def _table(curves: Sequence[CostCurve], parameter: Parameter, currency: str) -> Markup:
    """A row for each value: what each tariff costs, and what each unit saves since the row before."""
    shown = sorted(curves, key=lambda curve: min(curve.total_costs))[:MOST_COLUMNS]
    heads = [Head(parameter.name, True), Head("variant")]
    for curve in shown:
        heads += [Head(curve.tariff, True), Head("each saves", True)]
    rows_of = [list(curve_rows([curve])) for curve in shown]
    rows = [
        [Cell(_tick(parameter, row[0].value), row[0].value), Cell(row[0].variant), *_cells(row)]
        for row in zip(*rows_of, strict=True)
    ]
    left = len(curves) - len(shown)
    note = f", the {MOST_COLUMNS} cheapest tariffs" if left else ""
    return table(f"Total costs over {parameter.over}, {currency}{note}", heads, rows)


def _cells(row: Sequence[CurveRow]) -> Iterator[Cell]:
    for one in row:
        yield money_cell(one.total_cost)
        yield Cell("") if one.saves_each is None else money_cell(one.saves_each)
