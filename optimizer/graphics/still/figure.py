"""A drawing of a page as a picture of its own: title, what its colours mean, the drawing, notes, on white.

Nothing in it needs a style sheet, a font of ours or a script, so that slides and text documents show it, too.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from optimizer.graphics import svg
from optimizer.graphics.markup import NOTHING, Markup, joined, tag, text
from optimizer.graphics.still.style_sheet import Mark, styled
from optimizer.graphics.still.words import BOLD, lines_of, width_em

FONTS = "'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif"
MARGIN = 24.0
TITLE_PX, LINE_PX, NOTE_PX = 18.0, 13.0, 12.0
LEADING = 1.4  # from one line to the next, in heights of letters
KEY_PX, KEY_AIR, KEYS_PX = 26.0, 18.0, 21.0  # before a key's words, after them, a row of keys
DRAWN = "{http://www.w3.org/2000/svg}"
LINES = frozenset({"line", "limit", "price"})
KEPT = frozenset({
    "x", "y", "width", "height", "d", "cx", "cy", "r", "text-anchor", "fill-opacity", "transform", "rx",
})  # fmt: skip


@dataclass(frozen=True)
class StillFigure:
    """What a picture shows. `keys`: (classes of the drawing, words); `drawing`: an svg element of a page."""

    title: str
    below: str
    keys: Sequence[tuple[str, str]]
    drawing: ET.Element
    notes: Sequence[str] = ()


DRAWING = Mark("svg", frozenset())


def still_svg(figure: StillFigure) -> bytes:
    """The bytes of the SVG file."""
    width, height = map(float, figure.drawing.attrib["viewBox"].split()[2:])
    head, top = _head(figure, width)
    foot, bottom = _foot(figure.notes, width, top + height)
    drawn = joined(_styled(mark, (DRAWING,)) for mark in figure.drawing)
    size = {"width": width + 2 * MARGIN, "height": bottom + MARGIN}
    whole = tag(
        "svg",
        tag("title", text(figure.title)),
        tag("rect", fill=_colour("paper"), **size),
        head,
        tag("g", drawn, transform=f"translate({MARGIN:g} {top:g})"),
        foot,
        xmlns=DRAWN.strip("{}"),
        **size,
        viewBox=f"0 0 {size['width']:g} {size['height']:g}",
        role="img",
        aria_label=figure.drawing.attrib["aria-label"],
        font_family=FONTS,
    )
    return f"{whole}\n".encode()


def _colour(name: str) -> str:
    return styled((DRAWING,)).variables[f"--{name}"]


def _head(figure: StillFigure, width: float) -> tuple[Markup, float]:
    """Title, line below and keys; where the drawing begins."""
    title, y = _lines([figure.title], width, MARGIN, TITLE_PX, weight="600", colour="ink")
    below, y = _lines([figure.below], width, y, LINE_PX)
    keys, y = _keys(figure.keys, width, y + 4)
    return joined([title, below, keys]), y + 8


def _foot(notes: Sequence[str], width: float, y: float) -> tuple[Markup, float]:
    return _lines(notes, width, y + 4, NOTE_PX)


def _lines(
    paragraphs: Sequence[str], width: float, y: float, size: float, *, weight: str | None = None, colour: str = "soft"
) -> tuple[Markup, float]:
    """Words broken into lines from `y` on; where they end."""
    most_em = width / size / (BOLD if weight else 1.0)
    lines = [line for words in paragraphs for line in lines_of(words, most_em)]
    leading = size * LEADING
    marks = [
        tag("text", text(line), x=MARGIN, y=y + row * leading + size, font_size=size, font_weight=weight,
            fill=_colour(colour))
        for row, line in enumerate(lines)
    ]  # fmt: skip
    return joined(marks), y + leading * len(lines)


def _keys(keys: Sequence[tuple[str, str]], width: float, y: float) -> tuple[Markup, float]:
    """Keys in as many rows as they need; where those end."""
    marks, x, row = [], 0.0, 0
    for css, words in keys:
        across = KEY_PX + LINE_PX * width_em(words)
        if x and x + across > width:
            x, row = 0.0, row + 1
        left, middle = MARGIN + x, y + KEYS_PX * (row + 0.5)
        marks += [_key(css, left, middle), svg.label(left + KEY_PX, middle + 4.5, words, "tick")]
        x += across + KEY_AIR
    if not marks:
        return NOTHING, y
    drawn = ET.fromstring(svg.drawing(width, y, "", *marks))
    return joined(_styled(mark, (DRAWING,)) for mark in drawn), y + KEYS_PX * (row + 1)


def _key(css: str, x: float, middle: float) -> Markup:
    """What a key of the page looks like, as a mark of a drawing."""
    classes = set(css.split())
    if "marked" in classes:
        return svg.line([(x + 10, middle - 7), (x + 10, middle + 7)], css)
    if "handed" in classes:
        return svg.dot(x + 10, middle, 4.5, css)
    if css == "lost":
        return svg.cross(x + 10, middle, 4.5, css)
    if classes & LINES:
        return svg.line([(x, middle), (x + 20, middle)], f"line {css}")
    return svg.block(x + 3, middle - 6, x + 18, middle + 6, css)


def _styled(element: ET.Element, around: tuple[Mark, ...]) -> Markup:
    """The element with attributes in place of classes."""
    name = element.tag.removeprefix(DRAWN)
    if name == "title":
        return tag("title", text(element.text or ""))
    path = (*around, Mark(name, frozenset(element.attrib.get("class", "").split())))
    own = {key: value for key, value in element.attrib.items() if key in KEPT}
    attributes = {**own, **styled(path).attributes}
    content = [_styled(mark, path) for mark in element]
    if name != "text":
        return tag(name, *content, **attributes)
    return joined(_text(element.text or "", own, attributes))


def _text(words: str, own: dict[str, str], attributes: dict[str, str]) -> Iterator[Markup]:
    """Words over their halo: few programs know that a stroke can lie under the letters."""
    letters = {key: value for key, value in attributes.items() if not key.startswith("stroke")}
    if "stroke" in attributes:
        yield tag("text", text(words), **{**attributes, "fill": "none", "aria-hidden": "true"})
    yield tag("text", text(words), **letters)
