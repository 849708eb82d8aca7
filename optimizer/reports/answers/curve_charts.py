"""Total costs over what variants differ in: a line for each tariff, marks where something changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from optimizer.graphics import svg
from optimizer.graphics.charts import LEFT, WIDTH
from optimizer.graphics.html_page import money
from optimizer.graphics.line_chart import NAME_PX, ChartLine, named_lines, names_px
from optimizer.graphics.markup import Markup, joined
from optimizer.graphics.svg import Plot, Scale

TICK_PX = 9.0  # a letter of a tick, at most


@dataclass(frozen=True)
class CurveStep:
    """A variant on the way: its name, its value, the value in few words, the total cost of each tariff."""

    variant: str
    value: float
    words: str
    costs: Mapping[str, float]


@dataclass(frozen=True)
class CurveMark:
    """A line across all curves at a value, with its words above, and its hint."""

    value: float
    words: str
    hint: str


def curve_chart(
    steps: Sequence[CurveStep], marks: Sequence[CurveMark], tariffs: Sequence[str], currency: str, name: str
) -> Markup:
    """A line for each tariff over the values of the steps, which ascend. `name`: what the drawing shows."""
    costs = [step.costs[tariff] for step in steps for tariff in tariffs]
    top = 34 + NAME_PX * len(marks)
    y = svg.scale_for(costs, top + 300, top, zero=False)
    plot = Plot(Scale(steps[0].value, steps[-1].value, LEFT + 16, WIDTH - names_px(tariffs)), y)
    drawn = [plot.columns(list(_ticks(plot, steps))), plot.rows(y.ticks(), currency)]
    middle = (steps[0].value + steps[-1].value) / 2  # words go towards it, above all marks that are nearer to it
    ordered = sorted(marks, key=lambda mark: abs(mark.value - middle))
    drawn += [_mark(plot, mark, row) for row, mark in enumerate(ordered)]
    drawn += named_lines(plot, [_line(steps, tariff, currency) for tariff in tariffs])
    return svg.drawing(WIDTH, y.start + 46, name, *drawn)


def _ticks(plot: Plot, steps: Sequence[CurveStep]) -> Iterator[tuple[float, str]]:
    """The steps, without the names of those that have no room."""
    free = plot.x.start - WIDTH
    for step in steps:
        at, half = plot.x.at(step.value), TICK_PX * len(step.words) / 2
        has_room = at - half >= free
        yield step.value, step.words if has_room else ""
        free = at + half if has_room else free


def _line(steps: Sequence[CurveStep], tariff: str, currency: str) -> ChartLine:
    hints = [f"{tariff}, {step.variant}: {money(step.costs[tariff])} {currency}" for step in steps]
    return ChartLine(tariff, [(step.value, step.costs[tariff]) for step in steps], hints)


def _mark(plot: Plot, mark: CurveMark, row: int) -> Markup:
    x, top = plot.x.at(mark.value), plot.y.end - NAME_PX * row
    middle = (plot.x.start + plot.x.end) / 2
    anchor, at = ("start", x + 6) if x < middle else ("end", x - 6)
    across = svg.line([(x, top - 14), (x, plot.y.start)], "line bound", mark.hint)
    return joined([across, svg.label(at, top - 5, mark.words, "note", anchor)])
