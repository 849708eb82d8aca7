"""The line chart: lines over any two scales, each named at its right end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from optimizer.graphics import svg
from optimizer.graphics.charts import HUES, LONGEST_NAME, clipped, hue
from optimizer.graphics.markup import Markup
from optimizer.graphics.svg import Plot, Point

NAME_PX = 15.0  # from one name to the next
LETTER_PX = 7.6  # at most
DASHES = 3  # kinds of lines
LEADER_PX = 10.0  # between a line's end and its name


@dataclass(frozen=True)
class ChartLine:
    """Points in values of both scales. `hints` stand at a dot for each point; without any, the name is the line's."""

    name: str
    points: Sequence[Point]
    hints: Sequence[str] = ()


def named_lines(plot: Plot, lines: Sequence[ChartLine], longest: int = LONGEST_NAME) -> Iterator[Markup]:
    """The lines, each in a colour and a dash of its own, and their names of at most `longest` letters beside them."""
    ends = [(plot.x.at(line.points[-1][0]), plot.y.at(line.points[-1][1])) for line in lines]
    heights = spread([y for _, y in ends], NAME_PX, plot.y.start)
    for index, (line, (x, y), height) in enumerate(zip(lines, ends, heights, strict=True)):
        css = f"{hue(index)} round-{index // HUES % DASHES}"
        path = [(plot.x.at(across), plot.y.at(up)) for across, up in line.points]
        yield svg.line(path, f"line {css}", "" if line.hints else line.name)
        for (dot_x, dot_y), hint in zip(path, line.hints, strict=False):
            yield svg.dot(dot_x, dot_y, 4, f"{css} spot", hint)
        yield svg.line([(x + 2, y), (x + LEADER_PX, height)], f"line {css}")
        yield svg.label(x + LEADER_PX + 4, height + 4, clipped(line.name, longest), "note")


def names_px(names: Sequence[str], longest: int = LONGEST_NAME) -> float:
    """How much room the names take at the right of a plot."""
    return 24 + LETTER_PX * max((len(clipped(name, longest)) for name in names), default=0)


def spread(heights: Sequence[float], least: float, lowest: float) -> list[float]:
    """The heights in their order, moved apart until neighbours stand `least` from each other, none below `lowest`."""
    if not heights:
        return []
    ranked = sorted(range(len(heights)), key=lambda index: heights[index])
    moved = [min(height, lowest) for height in heights]
    for above, below in pairwise(ranked):
        moved[below] = max(moved[below], moved[above] + least)
    moved[ranked[-1]] = min(moved[ranked[-1]], lowest)
    for below, above in pairwise(reversed(ranked)):
        moved[above] = min(moved[above], moved[below] - least)
    return moved
