"""Ready-made drawings from numbers: bars, heat maps, stacked bars lying down.

Every chart takes plain data and gives one drawing, 960 pixels wide by default.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optimizer.graphics import svg
from optimizer.graphics.markup import Markup, joined
from optimizer.graphics.svg import Box, Plot, Scale, number_text

WIDTH, LEFT, RIGHT = 960.0, 64.0, 26.0
HUES = 6  # classes c1 … c6 of report.css
NARROW_PX = 6.0  # cells below have no edge
LONGEST_NAME = 36  # letters beside a drawing
NAMES_PX = 23.0  # above a bar lying down, for its name and sum
LEVELS = 10  # shades of a heat map

Shade = tuple[float, str]
"""How dark a cell of a heat map is, 0 to 1, and its hint."""


@dataclass(frozen=True)
class Bar:
    """One bar: its name below, a length, a class, a hint."""

    name: str
    value: float
    css: str = "c1"
    hint: str = ""


@dataclass(frozen=True)
class Part:
    """A part of a stacked bar; a negative one is a credit."""

    name: str
    value: float
    css: str


@dataclass(frozen=True)
class Stack:
    """A stacked bar lying down. `total`: its sum in words; `mark`: a value marked on this bar alone, and its hint."""

    name: str
    parts: Sequence[Part]
    total: str
    mark: tuple[float, str] | None = None


def hue(index: int) -> str:
    """The class of the colour number `index`; they come round again."""
    return f"c{index % HUES + 1}"


def bar_chart(
    bars: Sequence[Bar], unit: str, name: str, *, height: float = 240.0, width: float = WIDTH, whole: bool = False
) -> Markup:
    """Standing bars in their order; names below as far as they have room."""
    y = svg.scale_for([bar.value for bar in bars], height - 30, 30)
    plot = Plot(Scale(0, max(1, len(bars)), LEFT, width - RIGHT), y)
    pitch = (plot.x.end - plot.x.start) / max(1, len(bars))
    air = 0.12 if pitch > 8 else 0.0
    marks = [plot.bar(i + air, i + 1 - air, 0, bar.value, bar.css, bar.hint) for i, bar in enumerate(bars)]
    room = max((len(bar.name) for bar in bars), default=0) * 7.0
    names = [
        svg.label(plot.x.at(i + 0.5), height - 12, bar.name, "tick", "middle")
        for i, bar in enumerate(bars)
        if bar.name and pitch >= room
    ]
    axis = plot.rows(y.ticks(whole=whole), unit)
    return svg.drawing(width, height, name, axis, *marks, *names)


def heat_map(
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    name: str,
    row_px: float = 24.0,
    *,
    shown: Sequence[str] | None = None,
    css: str = "c1",
    unit: str = "",
) -> Markup:
    """A shade for each value of each row, darkest for the highest; None leaves a hole.

    `shown`: what stands above the columns, their names by default. `unit` ends every hint.
    """
    known = [value for row in values for value in row if value is not None]
    low, high = min(known, default=0.0), max(known, default=0.0)
    left, top = 24 + 7.0 * max((len(clipped(row)) for row in rows), default=0), 24.0
    x = Scale(0, max(1, len(columns)), left, WIDTH - RIGHT)
    css += " cell" if len(columns) * NARROW_PX <= x.end - x.start else " cell narrow"

    def shade(row: str, column: str, value: float | None) -> Shade | None:
        share = (value - low) / (high - low) if value is not None and high > low else 1.0
        return None if value is None else (share, f"{row}, {column}: {number_text(value)}{unit}")

    cells = [
        [shade(row, column, value) for column, value in zip(columns, of_row, strict=True)]
        for row, of_row in zip(rows, values, strict=True)
    ]
    marks = shaded_rows(rows, columns if shown is None else shown, cells, x, top, row_px, css)
    return svg.drawing(WIDTH, top + len(rows) * row_px + 8, name, *marks)


def shaded_rows(
    rows: Sequence[str],
    heads: Sequence[str],
    cells: Sequence[Sequence[Shade | None]],
    x: Scale,
    top: float,
    row_px: float,
    css: str,
) -> Iterator[Markup]:
    """The cells of a heat map, a column for each unit of `x`, below their heads and beside the names of the rows."""
    yield from (svg.label(x.at(i + 0.5), top - 8, head, "tick", "middle") for i, head in enumerate(heads) if head)
    for index, (row, of_row) in enumerate(zip(rows, cells, strict=True)):
        y = top + index * row_px
        yield svg.label(x.start - 8, y + row_px / 2 + 4, clipped(row), "tick", "end")
        for column, cell in enumerate(of_row):
            if cell is not None:
                share, hint = cell
                yield svg.block(x.at(column), y, x.at(column + 1), y + row_px, css, hint, opacity=opacity(share))


def clipped(name: str, most: int = LONGEST_NAME) -> str:
    """A name as far as a drawing has room for it; whole ones stand in hints and tables."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def opacity(share: float) -> float:
    """How opaque a shade is: one of a few levels, so that equal neighbours can be drawn as one."""
    return round(0.12 + 0.88 * round(min(1.0, max(0.0, share)) * LEVELS) / LEVELS, 3)


def stacked_bars(stacks: Sequence[Stack], mark: tuple[float, str] | None, name: str, width: float = 480.0) -> Markup:
    """Bars lying down, each ending at the sum of its parts: it begins as far left of zero as its credits reach.

    `mark`: a value and its name, drawn as a line through all bars.
    """
    pitch, top = 64.0, 8.0
    bottom = top + pitch * len(stacks)
    ends = [sum(part.value for part in stack.parts) for stack in stacks] + ([mark[0]] if mark else [])
    ends += [stack.mark[0] for stack in stacks if stack.mark]
    x = svg.scale_for([*ends, *(-_credit(stack) for stack in stacks)], 12, width - 16)
    plot = Plot(x, Scale(0, 1, bottom, top))
    ticks = [(value, number_text(value)) for value in x.ticks()]
    bars = [_lying(plot, stack, top + pitch * index) for index, stack in enumerate(stacks)]
    words = [Box(0.0, top + pitch * index, width, top + pitch * index + NAMES_PX) for index in range(len(stacks))]
    zero = svg.line_up(x.at(0), top, bottom, "axis", words)
    marks = [plot.columns(ticks, clear=words), *bars, zero, *_mark(x, mark, Box(0, top, width, bottom), words)]
    return svg.drawing(width, bottom + 48, name, *marks)


def _credit(stack: Stack) -> float:
    return -sum(part.value for part in stack.parts if part.value < 0)


def _lying(plot: Plot, stack: Stack, top: float) -> Markup:
    left, right = plot.x.start, plot.x.end
    marks = [
        svg.label(left, top + 18, clipped(stack.name), "name"),
        svg.label(right, top + 18, stack.total, "sum", "end"),
    ]
    at = -_credit(stack)
    for part in stack.parts:
        if part.value > 0:
            hint = f"{stack.name}: {part.name} {part.value:,.2f}"
            marks.append(svg.block(plot.x.at(at), top + 26, plot.x.at(at + part.value), top + 52, part.css, hint))
            at += part.value
    at = 0.0
    for part in stack.parts:
        if part.value < 0:
            hint = f"{stack.name}: {part.name} −{-part.value:,.2f}"
            css = f"{part.css} paid-back"
            marks.append(svg.block(plot.x.at(at + part.value), top + 26, plot.x.at(at), top + 52, css, hint))
            at += part.value
    if stack.mark:
        value, hint = stack.mark
        marks.append(svg.line([(plot.x.at(value), top + 22), (plot.x.at(value), top + 56)], "line marked", hint))
    return joined(marks)


def _mark(x: Scale, mark: tuple[float, str] | None, bars: Box, words: Sequence[Box]) -> list[Markup]:
    """A line through the bars, and what it is called, below the names of ticks."""
    if mark is None:
        return []
    at = x.at(mark[0])
    anchor = "start" if at < (x.start + x.end) / 2 else "end"
    name = svg.label(at, bars.bottom + 38, mark[1], "note", anchor)
    return [svg.line_up(at, bars.top, bars.bottom, "line bound", words), name]
