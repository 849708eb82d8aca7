"""The drawing of one way to grow: processor seconds over size, both on logarithmic scales."""

from __future__ import annotations

import math

from models.tolerances import SHORTEST_SECONDS
from optimizer.bench.growth.measure import Growth
from optimizer.bench.report.charts import log_ticks
from optimizer.bench.report.contents import seconds
from optimizer.graphics import svg
from optimizer.graphics.charts import LEFT, WIDTH
from optimizer.graphics.line_chart import ChartLine, named_lines, names_px
from optimizer.graphics.markup import Markup
from optimizer.graphics.svg import Plot, Scale

TOP, HEIGHT = 34.0, 260.0
AIR = 0.06  # in decades, beyond the outermost dots


def growth_chart(growth: Growth) -> Markup:
    """A dot for each night, and the fitted line."""
    what, fit = growth.ladder.what, growth.fit
    dots = [(math.log10(run.value), _log(run.seconds)) for run in growth.runs]
    name = "" if fit is None else f"exponent {fit.exponent:.2f}"
    values = [math.log10(value) for value in growth.means]
    line = [] if fit is None else [(x, _log(fit.at(10.0**x))) for x in (values[0], values[-1])]
    heights = [y for _, y in [*dots, *line]]
    x = Scale(values[0] - AIR, values[-1] + AIR, LEFT + 16, WIDTH - names_px([name]))
    plot = Plot(x, Scale(min(heights) - AIR, max(heights) + AIR, TOP + HEIGHT, TOP))
    marks = [plot.named_rows(log_ticks(plot.y, lambda value: f"{value:g} s"), "processor")]
    marks.append(plot.columns([(math.log10(value), f"{value:,}") for value in growth.means]))
    marks += named_lines(plot, [ChartLine(name, line)] if line else [])
    marks += [
        svg.dot(plot.x.at(across), plot.y.at(up), 4, "c2 spot", f"{run.value:,} {what}: {seconds(run.seconds)} s")
        for run, (across, up) in zip(growth.runs, dots, strict=True)
    ]
    return svg.drawing(WIDTH, plot.y.start + 40, f"Processor seconds by {what}: {name}", *marks)


def _log(value: float) -> float:
    return math.log10(max(value, SHORTEST_SECONDS))
