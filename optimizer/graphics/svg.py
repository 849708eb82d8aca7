"""Marks of SVG drawings: scales, axes, bars, steps, blocks. Nothing here knows what is drawn.

Lengths are pixels of the drawing, which scales with the page. Colours are classes of report.css, so that they
follow the theme. `hint` is shown where a pointer rests on a mark.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from models.tolerances import EQUAL
from optimizer.graphics.markup import NOTHING, Markup, joined, short, tag, text

TICKS = 5
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)  # what is nice between two ticks, times a power of ten
LARGEST = 1e15  # what a broken plan says beyond this is drawn as this
LETTER_PX, ABOVE_PX, BELOW_PX = 7.4, 11.0, 4.0  # a letter's width at most, its heights over and under the base line

Point = tuple[float, float]
Tick = tuple[float, str]


@dataclass(frozen=True)
class Box:
    """Room that words take: lines of the axes leave it out."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def of_label(cls, x: float, y: float, words: str, anchor: str = "start") -> Box:
        """That of a `label`, rather too wide than too narrow."""
        width = LETTER_PX * len(words)
        left = x - width * {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor]
        return cls(left, y - ABOVE_PX, left + width, y + BELOW_PX)


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high` on pixels from `start` to `end`; what lies outside is drawn at the edge."""

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """The pixel of `value`."""
        share = (bounded(value) - self.low) / (self.high - self.low) if self.high > self.low else 0.0
        return self.start + (self.end - self.start) * min(1.0, max(0.0, share))

    def ticks(self, most: int = TICKS, *, whole: bool = False) -> list[float]:
        """Round values inside; `whole`: whole numbers only."""
        span = self.high - self.low
        if span <= 0:
            return [self.low]
        step = nice_step(span / most)
        step = max(1.0, math.ceil(step)) if whole else step
        first, last = math.ceil(self.low / step - EQUAL), math.floor(self.high / step + EQUAL)
        return [count * step for count in range(first, last + 1)]


def nice_step(least: float) -> float:
    """The smallest round number that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * step for step in STEPS if power * step >= least * (1 - EQUAL))


def bounded(value: float) -> float:
    """`value` as a number that can be drawn."""
    if -LARGEST <= value <= LARGEST:  # as nearly all are
        return value
    return 0.0 if math.isnan(value) else min(LARGEST, max(-LARGEST, value))


def scale_for(values: Iterable[float], start: float, end: float, *, zero: bool = True) -> Scale:
    """A scale that holds all values, and 0 unless `zero` is false, with some air above them."""
    known = [bounded(value) for value in values] + ([0.0] if zero else [])
    low, high = min(known, default=0.0), max(known, default=0.0)
    air = 0.06 * (high - low)
    if high == low:
        return Scale(min(0.0, low), max(1.0, high), start, end)
    return Scale(low - (air if low < 0 or not zero else 0.0), high + air, start, end)


@dataclass(frozen=True)
class Plot:
    """A plotting area: values across and up on pixels. `y.start` is its bottom, `y.end` its top."""

    x: Scale
    y: Scale

    def rows(self, ticks: Sequence[float], unit: str, *, clear: Sequence[Box] = ()) -> Markup:
        """Lines across at values of the vertical scale, named by them at the left; the unit above them.

        Boxes in `clear` are left out of the lines.
        """
        return self.named_rows([(value, number_text(value)) for value in ticks], unit, axis=0, clear=clear)

    def named_rows(
        self, ticks: Sequence[Tick], unit: str, axis: float | None = None, *, clear: Sequence[Box] = ()
    ) -> Markup:
        """The same with names of their own; the line at `axis` is a stronger one."""
        left, right = self.x.start, self.x.end
        lines = [line_across(self.y.at(v), left, right, "axis" if v == axis else "rule", clear) for v, _ in ticks]
        names = [label(left - 8, self.y.at(v) + 4, name, "tick", "end") for v, name in ticks]
        return joined([*lines, *names, label(left - 8, self.y.end - 12, unit, "unit", "end")])

    def columns(self, ticks: Sequence[Tick], *, named: bool = True, clear: Sequence[Box] = ()) -> Markup:
        """Lines up at values of the horizontal scale; their names below, a second line after a line break.

        Boxes in `clear` are left out of the lines.
        """
        marks = []
        for value, name in ticks:
            x = self.x.at(value)
            marks.append(line_up(x, self.y.end, self.y.start, "rule", clear))
            if named:
                marks += [
                    label(x, self.y.start + 17 + 15 * row, part, "tick", "middle")
                    for row, part in enumerate(name.split("\n"))
                ]
        return joined(marks)

    def bar(self, left: float, right: float, low: float, high: float, css: str, hint: str = "") -> Markup:
        """A bar between values of both scales."""
        return block(self.x.at(left), self.y.at(high), self.x.at(right), self.y.at(low), css, hint)

    def steps(self, values: Sequence[float | None], css: str, first: float = 0.0, width: float = 1.0) -> Markup:
        """A line that holds each value for `width`, from `first` on; it is broken where a value is None."""
        path, before = "", None
        for index, value in enumerate(values):
            if value is None:
                before = None
                continue
            x, y = self.x.at(first + index * width), self.y.at(value)
            if before is None:
                path += f"M{short(x)} {short(y)}"
            elif value != before:
                path += f"V{short(y)}"
            last = index + 1 == len(values) or values[index + 1] != value
            path += f"H{short(self.x.at(first + (index + 1) * width))}" if last else ""
            before = value
        return tag("path", d=path, class_=f"line {css}") if path else NOTHING

    def polyline(self, points: Iterable[Point], css: str) -> Markup:
        """Straight lines between points of both scales."""
        return line([(self.x.at(x), self.y.at(y)) for x, y in points], css)

    def note(self, x: float, y: float, name: str, anchor: str = "end") -> Markup:
        """Words just above a point."""
        return label(*self._note_at(x, y, anchor), name, "note", anchor)

    def note_box(self, x: float, y: float, name: str, anchor: str = "end") -> Box:
        """The room that they take."""
        return Box.of_label(*self._note_at(x, y, anchor), name, anchor)

    def _note_at(self, x: float, y: float, anchor: str) -> Point:
        return self.x.at(x) - (4 if anchor == "end" else -4), self.y.at(y) - 5


def drawing(width: float, height: float, name: str, *marks: Markup, css: str = "") -> Markup:
    """A whole drawing; `name` says what it shows to those who do not see it."""
    size = f"0 0 {short(width)} {short(height)}"
    ours = "http://www.w3.org/2000/svg"
    return tag("svg", *marks, xmlns=ours, viewBox=size, role="img", aria_label=name, class_=css or None)


def block(
    left: float, top: float, right: float, bottom: float, css: str, hint: str = "", *, opacity: float | None = None
) -> Markup:
    """A rectangle between two corners, in any order."""
    x, y = min(left, right), min(top, bottom)
    width, height = abs(right - left), abs(bottom - top)
    return tag("rect", *_hint(hint), x=x, y=y, width=width, height=height, class_=css or None, fill_opacity=opacity)


def line(points: Sequence[Point], css: str, hint: str = "") -> Markup:
    """Straight lines from point to point."""
    path = "".join(f"{'L' if index else 'M'}{short(x)} {short(y)}" for index, (x, y) in enumerate(points))
    return tag("path", *_hint(hint), d=path, class_=css) if points else NOTHING


def area(points: Sequence[Point], css: str) -> Markup:
    """What lies inside straight lines from point to point and back."""
    path = "".join(f"{'L' if index else 'M'}{short(x)} {short(y)}" for index, (x, y) in enumerate(points))
    return tag("path", d=f"{path}Z", class_=css) if points else NOTHING


def line_up(x: float, top: float, bottom: float, css: str, clear: Sequence[Box] = ()) -> Markup:
    """An upright line, broken where it would strike through a box in `clear`."""
    gaps = [(box.top, box.bottom) for box in clear if box.left <= x <= box.right]
    path = "".join(f"M{short(x)} {short(a)}L{short(x)} {short(b)}" for a, b in _pieces(top, bottom, gaps))
    return tag("path", d=path, class_=css) if path else NOTHING


def line_across(y: float, left: float, right: float, css: str, clear: Sequence[Box] = ()) -> Markup:
    """A level line, broken likewise."""
    gaps = [(box.left, box.right) for box in clear if box.top <= y <= box.bottom]
    path = "".join(f"M{short(a)} {short(y)}L{short(b)} {short(y)}" for a, b in _pieces(left, right, gaps))
    return tag("path", d=path, class_=css) if path else NOTHING


def _pieces(begin: float, end: float, gaps: Iterable[Point]) -> Iterator[Point]:
    """What the gaps leave of a stretch."""
    for low, high in sorted(gaps):
        if min(low, end) > begin:
            yield begin, min(low, end)
        begin = max(begin, high)
    if end > begin:
        yield begin, end


def dot(x: float, y: float, radius: float, css: str, hint: str = "") -> Markup:
    """A disc."""
    return tag("circle", *_hint(hint), cx=x, cy=y, r=radius, class_=css)


def cross(x: float, y: float, size: float, css: str, hint: str = "") -> Markup:
    """A cross of two strokes."""
    a, b, c, d = (short(value) for value in (x - size, x + size, y - size, y + size))
    return tag("path", *_hint(hint), d=f"M{a} {c}L{b} {d}M{a} {d}L{b} {c}", class_=css)


def label(x: float, y: float, words: str, css: str = "", anchor: str = "start") -> Markup:
    """Words at a point of their base line."""
    return tag("text", text(words), x=x, y=y, class_=css or None, text_anchor=None if anchor == "start" else anchor)


def group(marks: Iterable[Markup], css: str = "", **attributes: object) -> Markup:
    """Marks that belong together."""
    return tag("g", *marks, class_=css or None, **attributes)


def _hint(words: str) -> tuple[Markup, ...]:
    return (tag("title", text(words)),) if words else ()


def number_text(value: float) -> str:
    """A number as axes show it."""
    shown = f"{value:,.10g}" if abs(value) < LARGEST else f"{value:.3g}"
    return "0" if shown == "-0" else shown.replace("-", "−")
