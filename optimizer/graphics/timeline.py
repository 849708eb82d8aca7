"""A timeline: one row for each place, blocks for what stands there, shades for how hard it works, marks for events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from optimizer.graphics import svg
from optimizer.graphics.charts import LEFT, RIGHT, WIDTH
from optimizer.graphics.markup import Markup
from optimizer.graphics.svg import Plot, Point, Scale, Tick

ROWS_PX, LOWEST_ROW_PX, HIGHEST_ROW_PX = 480.0, 10.0, 26.0
LETTER_PX, NAME_PX = 6.4, 8.0


@dataclass(frozen=True)
class Shade:
    """A stretch of a block, more or less opaque (0 to 1)."""

    begin: float
    end: float
    opacity: float
    hint: str


@dataclass(frozen=True)
class Block:
    """What stands in row `row` from `begin` to `end`. `level`: how full it is, as shares of the row.

    `key`: the page lights up whatever has the same one.
    """

    row: int
    begin: float
    end: float
    name: str
    hint: str
    css: str = "c1"
    shades: Sequence[Shade] = ()
    level: Sequence[Point] = ()
    key: int | None = None


@dataclass(frozen=True)
class Event:
    """A mark in a row: a disc, or a cross where something did not happen."""

    row: int
    at: float
    hint: str
    is_cross: bool = False


@dataclass(frozen=True)
class Timeline:
    """Rows from top to bottom by name, and what happens in them, over `across` units of time."""

    rows: Sequence[str]
    across: float
    ticks: Sequence[Tick]
    blocks: Sequence[Block]
    events: Sequence[Event] = field(default=())

    def drawn(self, name: str) -> Markup:
        """The drawing; `name` says what it shows."""
        pitch = min(HIGHEST_ROW_PX, max(LOWEST_ROW_PX, ROWS_PX / max(1, len(self.rows))))
        bottom = 8 + pitch * len(self.rows)
        x = Scale(0, self.across, LEFT, WIDTH - RIGHT)
        plot = Plot(x, Scale(0, 1, bottom, 8))
        tops = [8 + pitch * row for row in range(len(self.rows))]
        names = [
            svg.label(LEFT - 8, top + pitch / 2 + 4, row, "tick", "end")
            for top, row in zip(tops, self.rows, strict=True)
        ]
        blocks = [_block(x, block, tops[block.row], pitch) for block in self.blocks]
        events = [_event(x, event, tops[event.row], pitch) for event in self.events]
        marks = plot.columns(self.ticks), *names, *blocks, *events
        return svg.drawing(WIDTH, bottom + 40, name, *marks, css="timeline")


def _block(x: Scale, block: Block, top: float, pitch: float) -> Markup:
    low, high = top + pitch - 1.5, top + 1.5
    left, right = x.at(block.begin) + 0.75, x.at(block.end) - 0.75
    marks = [svg.block(left, high, right, low, "stay", block.hint)]
    if block.level:
        heights = [(min(right, max(left, x.at(at))), low - (low - high) * share) for at, share in block.level]
        marks.append(svg.line([(heights[0][0], low), *heights, (heights[-1][0], low)], "level", block.hint))
    for shade in block.shades:
        begin, end = max(left, x.at(shade.begin)), min(right, x.at(shade.end))
        marks.append(svg.block(begin, high, end, low, "", shade.hint, opacity=shade.opacity))
    if block.name and right - left > len(block.name) * LETTER_PX + 2 * NAME_PX and pitch >= 16:
        marks.append(svg.label(left + NAME_PX, (low + high) / 2 + 3.5, block.name, "inside"))
    return svg.group(marks, block.css, data_row=block.key)


def _event(x: Scale, event: Event, top: float, pitch: float) -> Markup:
    at, middle = x.at(event.at), top + pitch / 2
    if event.is_cross:
        return svg.cross(at, middle, min(5.0, pitch / 3), "lost", event.hint)
    return svg.dot(at, middle, min(4.5, pitch / 3), "handed", event.hint)
