"""Drawings of the benchmark's report: gap over time, performance profiles, times of two contenders."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from models.tolerances import EQUAL
from optimizer.bench.records.metrics import LEAST_SECONDS
from optimizer.bench.report.contents import seconds
from optimizer.graphics import svg
from optimizer.graphics.charts import LEFT, WIDTH, clipped, hue
from optimizer.graphics.line_chart import ChartLine, named_lines, names_px
from optimizer.graphics.markup import Markup, joined
from optimizer.graphics.svg import Plot, Point, Scale, Tick

MOST_LINES = 12  # contenders in one drawing
LONGEST = 28  # letters of a name beside its line
TOP, HEIGHT = 34.0, 300.0
SQUARE = 480.0
LEAST_GAP, MOST_GAP = 1e-6, 1.0

Band = Sequence[tuple[float, float, float]]
"""Ratio, and from there on the lower and the upper end of a share."""


@dataclass(frozen=True)
class RunPair:
    """One run of two contenders: counted seconds of both, whether each solved it, and its name."""

    name: str
    first_seconds: float
    second_seconds: float
    is_first_solved: bool
    is_second_solved: bool


def gap_chart(lines: Mapping[str, Sequence[Point]], floor: float) -> Markup:
    """Gaps (shares) over wall seconds, both on logarithmic scales; gaps below `floor` are drawn on it."""
    floor = min(0.1, max(LEAST_GAP, floor))
    shown = {name: [(x, max(floor, y)) for x, y in points] for name, points in lines.items()}
    every = [x for points in shown.values() for x, _ in points]
    x = _log_scale(every, LEFT + 16, WIDTH - names_px(list(shown), LONGEST))
    plot = Plot(x, Scale(math.log10(floor), math.log10(MOST_GAP), TOP + HEIGHT, TOP))
    heights = [(y, f"≤ {_percent(floor)}" if y == math.log10(floor) else _percent(10.0**y)) for y in _decades(plot.y)]
    marks = [plot.named_rows(heights, "gap"), plot.columns(log_ticks(x, lambda value: f"{value:g} s"))]
    logarithms = {name: [(math.log10(x), math.log10(y)) for x, y in points] for name, points in shown.items()}
    steps = [ChartLine(name, _steps(points)) for name, points in logarithms.items()]
    said = "; ".join(f"{name} ends at {_percent(points[-1][1])}" for name, points in shown.items())
    marks += named_lines(plot, steps, LONGEST)
    return svg.drawing(WIDTH, plot.y.start + 46, f"Median gap over time. {said}", *marks)


def profile_chart(
    profiles: Mapping[str, Sequence[Point]], bands: Mapping[str, Band] | None = None, measure: str = "wall"
) -> Markup:
    """Steps of [ratio, share of runs], the ratio on a logarithmic scale from 1 on, with bands behind some of them.

    `measure`: of which time, wall or processor.
    """
    last = max((ratio for steps in profiles.values() for ratio, _ in steps), default=1.0)
    x = Scale(0.0, math.log10(max(2.0, last * 1.1)), LEFT + 16, WIDTH - names_px(list(profiles), LONGEST))
    plot = Plot(x, Scale(0.0, 1.0, TOP + HEIGHT, TOP))
    heights = [(share / 5, f"{20 * share} %") for share in range(6)]
    marks = [plot.named_rows(heights, "runs"), plot.columns(log_ticks(x, lambda value: f"{value:g} ×"))]
    steps = [ChartLine(name, _to_the_end(points, x.high)) for name, points in profiles.items()]
    for index, name in enumerate(profiles):
        if bands and name in bands:
            marks.append(_band(plot, bands[name], f"band {hue(index)}"))
    said = "; ".join(f"{name} solves {_percent(points[-1][1])}" for name, points in profiles.items())
    marks += named_lines(plot, steps, LONGEST)
    title = "Performance profiles" if measure == "wall" else f"Profiles of {measure} time"
    return svg.drawing(WIDTH, plot.y.start + 46, f"{title}. {said}", *marks)


def _to_the_end(points: Sequence[Point], end: float) -> list[Point]:
    """Steps over the logarithm of the ratio, up to the end of the scale."""
    return _steps([*((math.log10(ratio), share) for ratio, share in points), (end, points[-1][1])])


def _band(plot: Plot, band: Band, css: str) -> Markup:
    """Between the lower and the upper ends."""
    lower = _to_the_end([(ratio, low) for ratio, low, _ in band], plot.x.high)
    upper = _to_the_end([(ratio, high) for ratio, _, high in band], plot.x.high)
    return svg.area([(plot.x.at(x), plot.y.at(y)) for x, y in (*lower, *reversed(upper))], css)


def scatter_chart(first: str, second: str, pairs: Sequence[RunPair], border_seconds: float) -> Markup:
    """A dot a run: wall seconds of the first contender across, of the second up; what was not solved at the border."""
    least = min(min(one.first_seconds, one.second_seconds) for one in pairs)
    low, high = math.log10(max(LEAST_SECONDS, min(least, border_seconds / 10))), math.log10(border_seconds)
    plot = Plot(Scale(low, high, LEFT + 8, SQUARE - 24), Scale(low, high, SQUARE - 64, 36.0))
    ticks = log_ticks(plot.x, lambda value: f"{value:g}")
    marks = [plot.named_rows(ticks, ""), plot.columns(ticks), svg.label(8, 18, f"↑ {clipped(second)}, s", "unit")]
    across = svg.label(plot.x.end, SQUARE - 22, f"{clipped(first)}, s →", "unit", "end")
    equal = plot.polyline([(low, low), (high, high)], "line bound")
    border = plot.polyline([(low, high), (high, high), (high, low)], "line limit")
    dots = joined(_dot(plot, first, second, one) for one in pairs)
    faster = sum(one.first_seconds < one.second_seconds for one in pairs)
    name = f"Seconds of {first} and {second}: {first} is faster in {faster} of {len(pairs)} runs"
    return svg.drawing(SQUARE, SQUARE - 8, name, *marks, across, equal, border, dots)


def _dot(plot: Plot, first: str, second: str, one: RunPair) -> Markup:
    parts = [
        f"{name} {seconds(value) + ' s' if is_solved else 'not solved'}"
        for name, value, is_solved in (
            (first, one.first_seconds, one.is_first_solved),
            (second, one.second_seconds, one.is_second_solved),
        )
    ]
    x, y = (math.log10(max(LEAST_SECONDS, value)) for value in (one.first_seconds, one.second_seconds))
    css = "c1 spot" if one.is_first_solved and one.is_second_solved else "c4 spot"
    return svg.dot(plot.x.at(x), plot.y.at(y), 5, css, f"{one.name}: {', '.join(parts)}")


def _log_scale(values: Sequence[float], start: float, end: float) -> Scale:
    low, high = min(values, default=0.1), max(values, default=1.0)
    return Scale(math.log10(low), math.log10(high if high > low else 10 * low), start, end)


def _decades(scale: Scale) -> list[float]:
    """Powers of ten inside, as logarithms, and the lower end."""
    inside = range(math.ceil(scale.low + EQUAL), math.floor(scale.high + EQUAL) + 1)
    return [scale.low, *(float(power) for power in inside)]


def log_ticks(scale: Scale, label: Callable[[float], str]) -> list[Tick]:
    """1, 2, 5 of each power of ten inside a scale of logarithms, or powers of ten alone where there are many."""
    factors = (1, 2, 5) if scale.high - scale.low <= 3 else (1,)
    every = [
        factor * 10.0**power for power in range(math.floor(scale.low), math.ceil(scale.high) + 1) for factor in factors
    ]
    inside = [value for value in every if scale.low - EQUAL <= math.log10(value) <= scale.high + EQUAL]
    return [(math.log10(value), label(value)) for value in inside]


def _percent(share: float) -> str:
    return f"{100 * share:.4g} %"


def _steps(points: Sequence[Point]) -> list[Point]:
    """The corners of a line that holds each value until the next; corners on a straight way are left out."""
    corners = list(points[:1])
    for (_, before), (x, y) in pairwise(points):
        if y != before:
            corners += [(x, before), (x, y)]
    return [*corners, points[-1]]
