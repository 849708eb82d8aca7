"""The drawings of a replay: bars with their intervals, ready packs of all days as bands, one day by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.horizon import Horizon
from optimizer.graphics import svg
from optimizer.graphics.charts import LEFT, WIDTH, clipped
from optimizer.graphics.markup import NOTHING, Markup
from optimizer.graphics.svg import Plot, Scale
from optimizer.replay.card import DayFigures
from optimizer.replay.statistics import Estimate

HALF, NAMES = 480.0, 4.0
PITCH = 46.0
HOURS_TICKED = 3
RIGHT = 12.0
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class EstimateBar:
    """A policy's bar, and its figure in words."""

    name: str
    estimate: Estimate
    words: str


def estimate_bars(bars: Sequence[EstimateBar], said: str, mark: tuple[float, str] | None = None) -> Markup:
    """Bars lying down, each with a line from end to end of its interval; `mark`: a value across all of them."""
    values = [v for bar in bars for v in (bar.estimate.low, bar.estimate.mean, bar.estimate.high) if v is not None]
    x = svg.scale_for([*values, *([mark[0]] if mark else [])], NAMES, HALF - 120)
    marks = [_bar(x, bar, number * PITCH) for number, bar in enumerate(bars)]
    height = PITCH * len(bars) + (22 if mark else 4)
    if mark:
        at = x.at(mark[0])
        marks.append(svg.line([(at, 0), (at, height - 18)], "line bound", mark[1]))
        marks.append(svg.label(at, height - 4, mark[1], "tick", "start" if at < HALF / 2 else "end"))
    told = "; ".join(f"{bar.name} {bar.words}" for bar in bars)
    return svg.drawing(HALF, height, f"{said}: {told}", *marks)


def _bar(x: Scale, bar: EstimateBar, top: float) -> Markup:
    low, high = bar.estimate.low, bar.estimate.high
    marks = [svg.label(NAMES, top + 14, clipped(bar.name, 44), "name")]
    marks.append(svg.block(x.at(0), top + 20, x.at(bar.estimate.mean), top + 36, "c1", f"{bar.name}: {bar.words}"))
    end = bar.estimate.mean
    if low is not None and high is not None:
        end = max(end, high)
        marks.append(svg.line([(x.at(low), top + 28), (x.at(high), top + 28)], "line total"))
        marks += [svg.line([(x.at(v), top + 23), (x.at(v), top + 33)], "line total") for v in (low, high)]
    marks.append(svg.label(x.at(end) + 6, top + 32, bar.words, "tick"))
    return svg.group(marks)


def ready_bands(figures: DayFigures, targets: Sequence[int], horizon: Horizon, name: str) -> Markup:
    """Ready packs after each slot's swaps: where 90 % and half of all days lie, the median, the targets."""
    low, quarter, middle, upper, high = (np.quantile(figures.ready, share, axis=0) for share in QUANTILES)
    plot = _plot(horizon.slots, [*high, *targets], 220.0)
    marks = [_frame(plot, horizon, "packs")]
    marks += [_band(plot, low, high), _band(plot, quarter, upper), plot.steps(middle.tolist(), "ready")]
    marks.append(plot.steps([float(target) for target in targets], "reserve") if any(targets) else NOTHING)
    least = f"on 5 % of the days down to {low.min():.0f}, in the median {middle.min():.0f} at the least"
    return svg.drawing(WIDTH, plot.y.start + 30, f"Ready packs under {name}: {least}", *marks)


def one_day(figures: DayFigures, day: int, horizon: Horizon, name: str) -> Markup:
    """Load and ready packs of a day (its number, from 0), with a cross for each driver who goes without."""
    load = _plot(horizon.slots, figures.load_kw[day], 130.0)
    top = load.y.start + 40
    ready = Plot(load.x, svg.scale_for(figures.ready[day].tolist(), top + 100, top))
    marks = [load.rows(load.y.ticks(3), "kW"), _columns(load, horizon, named=False)]
    marks += [load.steps(figures.load_kw[day].tolist(), "c1"), _frame(ready, horizon, "ready")]
    marks.append(ready.steps([float(count) for count in figures.ready[day]], "ready"))
    for slot in np.flatnonzero(figures.lost_at[day]).tolist():
        hint = f"{_clock(horizon, slot)}: {figures.lost_at[day][slot]} without a pack"
        marks.append(svg.cross(ready.x.at(slot + 0.5), ready.y.at(0) - 8, 4, "lost", hint))
    lost = int(figures.lost_at[day].sum())
    said = f"Day {day + 1} under {name}: at most {figures.load_kw[day].max():,.0f} kW, {lost} drivers without a pack"
    return svg.drawing(WIDTH, ready.y.start + 30, said, *marks)


def _plot(slots: int, values: Sequence[float] | NDArray[np.float64], height: float) -> Plot:
    return Plot(Scale(0, slots, LEFT, WIDTH - RIGHT), svg.scale_for(map(float, values), 30 + height, 30))


def _frame(plot: Plot, horizon: Horizon, unit: str) -> Markup:
    return svg.group([plot.rows(plot.y.ticks(4, whole=True), unit), _columns(plot, horizon)])


def _columns(plot: Plot, horizon: Horizon, *, named: bool = True) -> Markup:
    ticks = [(float(t), _clock(horizon, t)) for t in range(horizon.slots) if _is_ticked(horizon, t)]
    return plot.columns(ticks, named=named)


def _is_ticked(horizon: Horizon, slot: int) -> bool:
    at = horizon.local_slot_start(slot)
    return at.minute == 0 and at.hour % HOURS_TICKED == 0


def _clock(horizon: Horizon, slot: int) -> str:
    return f"{horizon.local_slot_start(slot):%H:%M}"


def _band(plot: Plot, low: NDArray[np.float64], high: NDArray[np.float64]) -> Markup:
    """Between two stepped lines."""
    over = [(plot.x.at(t + e), plot.y.at(float(high[t]))) for t in range(len(high)) for e in (0, 1)]
    under = [(plot.x.at(t + e), plot.y.at(float(low[t]))) for t in reversed(range(len(low))) for e in (1, 0)]
    return svg.line([*over, *under, over[0]], "area c2")
